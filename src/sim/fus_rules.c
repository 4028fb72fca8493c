/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FUS versions of the virtual chip and where each may go. From ST's wiki page on the FUS (tables
 * 3.2, 3.3) and the release notes; never downwards.
 */
#include "sim/cpu2.h"

#include <string.h>

#define SAFEBOOT_LOCKS 0x01000000u /* what these version words are is not published: ours */
#define SAFEBOOT_RESETS 0x01010000u
#define SAFEBOOT_2 0x02000100u

/* Version words as reported when running: branch and type 0. */
static const struct fus_version fus_versions[] = {
	{ "0.5.3", 0x00050300, SAFEBOOT_LOCKS, FUS_053_OFFSET, false, false, false },
	{ "1.0.1", 0x01000100, SAFEBOOT_LOCKS, 0, false, false, false },
	{ "1.0.2", 0x01000200, SAFEBOOT_LOCKS, 0, false, false, false },
	{ "1.1.0", 0x01010000, SAFEBOOT_RESETS, 0, false, false, true },
	{ "1.1.1", 0x01010100, SAFEBOOT_RESETS, 0, false, false, true },
	{ "1.1.2", 0x01010200, SAFEBOOT_RESETS, 0, false, true, true },
	{ "1.2.0", 0x01020000, SAFEBOOT_RESETS, 0, false, true, true },
	{ "2.0.0", 0x02000000, SAFEBOOT_2, 0, true, true, true },
	{ "2.1.0", 0x02010000, SAFEBOOT_2, 0, true, true, true },
	{ "2.2.0", 0x02020000, SAFEBOOT_2, 0, true, true, true },
};

/* What may follow a 1.x or older; a 2.x takes any newer 2.x. */
static const struct {
	const char *from, *to;
	bool for_053; /* only the image made for 0.5.3 */
	uint16_t kib; /* only on parts of this flash size; 0: all */
} hops[] = {
	{ "0.5.3", "1.2.0", true, 0 },
	{ "0.5.3", "1.0.2", false, 0 },
	{ "0.5.3", "1.0.1", false, 1024 },
	{ "1.0.1", "1.1.0", false, 0 },
	{ "1.0.1", "1.1.2", false, 0 },
	{ "1.0.1", "1.2.0", false, 0 },
	{ "1.0.2", "1.1.0", false, 0 },
	{ "1.0.2", "1.1.2", false, 0 },
	{ "1.0.2", "1.2.0", false, 0 },
	{ "1.1.0", "1.1.1", false, 0 },
	{ "1.1.0", "1.2.0", false, 0 },
	{ "1.1.1", "1.1.2", false, 0 },
	{ "1.1.1", "1.2.0", false, 0 },
	{ "1.1.2", "1.2.0", false, 0 },
	{ "1.2.0", "2.0.0", false, 0 },
	{ "1.2.0", "2.1.0", false, 0 },
	{ "1.2.0", "2.2.0", false, 0 },
};

#define FUS_VERSIONS (sizeof(fus_versions) / sizeof(fus_versions[0]))

const struct fus_version *fus_version_by_name(const char *name)
{
	for (size_t i = 0; i < FUS_VERSIONS; i++) {
		if (strcmp(fus_versions[i].name, name) == 0)
			return &fus_versions[i];
	}
	return NULL;
}

const struct fus_version *fus_version_by_word(uint32_t word)
{
	if (word == UINT32_MAX) /* what the footer of 1.2.0 says */
		return fus_version_by_name("1.2.0");
	for (size_t i = 0; i < FUS_VERSIONS; i++) {
		if (fus_versions[i].version >> 8 == word >> 8)
			return &fus_versions[i];
	}
	return NULL;
}

bool fus_may_go(const struct wbsim *sim, const struct fus_version *from,
	const struct fus_version *to, bool for_053)
{
	if (from == to)
		return sim->quirks.same_version;
	if (from->fus2)
		return to->version > from->version;
	for (size_t i = 0; i < sizeof(hops) / sizeof(hops[0]); i++) {
		if (strcmp(hops[i].from, from->name) != 0 || strcmp(hops[i].to, to->name) != 0)
			continue;
		if (hops[i].for_053 == for_053 &&
			(!hops[i].kib || hops[i].kib == sim->part->flash_kib))
			return true;
	}
	return false;
}

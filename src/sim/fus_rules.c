/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FUS versions of the virtual chip, where each may go, and what kills a chip on the way. From ST's
 * wiki page on the FUS (tables 3.2, 3.3, the FAQ) and the release notes; never downwards.
 */
#include "sim/cpu2.h"

#include <string.h>

#define SAFEBOOT_LOCKS 0x01000000u /* what these version words are is not published: ours */
#define SAFEBOOT_RESETS 0x01010000u
#define SAFEBOOT_2 0x02000100u
#define KIB_1M 1024u

/* Version words as reported when running: branch and type 0. */
static const struct fus_version fus_versions[] = {
	/* never on WB1x, nor is anything before 1.2.0 [rn] */
	{ "0.5.3", 0x00050300, SAFEBOOT_LOCKS, FUS_053_OFFSET, 0 },
	/* locks parts of less than 1 MiB: there is no such chip to begin with [wiki] */
	{ "1.0.1", 0x01000100, SAFEBOOT_LOCKS, 0, FUS_1M_ONLY },
	{ "1.0.2", 0x01000200, SAFEBOOT_LOCKS, 0, 0 },
	/* Safeboot does a factory reset, anti-rollback comes; its old Safeboot wants the new one */
	{ "1.1.0", 0x01010000, SAFEBOOT_RESETS, 0, FUS_RESETS | FUS_ROLLBACK | FUS_OLD_SAFEBOOT },
	{ "1.1.1", 0x01010100, SAFEBOOT_RESETS, 0, FUS_RESETS | FUS_ROLLBACK | FUS_OLD_SAFEBOOT },
	/* one page between the staged image and the stack is enough */
	{ "1.1.2", 0x01010200, SAFEBOOT_RESETS, 0, FUS_RESETS | FUS_ROLLBACK | FUS_ONE_PAGE },
	/* a larger second stack is harmless from here on */
	{ "1.2.0", 0x01020000, SAFEBOOT_RESETS, 0, FUS_SINCE_1_2_0 },
	{ "2.0.0", 0x02000000, SAFEBOOT_2, 0, FUS_SINCE_1_2_0 | FUS_2 },
	{ "2.1.0", 0x02010000, SAFEBOOT_2, 0, FUS_SINCE_1_2_0 | FUS_2 },
	{ "2.2.0", 0x02020000, SAFEBOOT_2, 0, FUS_SINCE_1_2_0 | FUS_2 },
};

/* What may follow a 1.x or older; a 2.x takes any newer 2.x. */
static const struct {
	const char *from, *to;
	bool for_053; /* only the image made for 0.5.3 */
	bool small;   /* the row is for parts of less than 1 MiB */
	enum fus_fate fate;
} hops[] = {
	{ "0.5.3", "1.2.0", true, false, FATE_FINE },
	{ "0.5.3", "1.0.2", false, false, FATE_FINE },
	{ "0.5.3", "1.0.1", false, true, FATE_LOCKED }, /* [wiki] 3.2 */
	{ "0.5.3", "1.0.1", false, false, FATE_FINE },
	{ "1.0.1", "1.1.0", false, false, FATE_FINE },
	{ "1.0.1", "1.1.2", false, false, FATE_FINE },
	{ "1.0.1", "1.2.0", false, false, FATE_FINE },
	{ "1.0.2", "1.1.0", false, false, FATE_FINE },
	{ "1.0.2", "1.1.2", false, false, FATE_FINE },
	{ "1.0.2", "1.2.0", false, false, FATE_FINE },
	{ "1.1.0", "1.1.1", false, false, FATE_KEYS_LOST }, /* [wiki] 3.3, one star */
	{ "1.1.0", "1.1.2", false, false, FATE_NEEDS_ROLLBACK }, /* [wiki] 3.3, two stars */
	{ "1.1.0", "1.2.0", false, false, FATE_FINE },
	{ "1.1.1", "1.1.2", false, false, FATE_FINE }, /* the wiki's table lost its ticks: ours */
	{ "1.1.1", "1.2.0", false, false, FATE_FINE },
	{ "1.1.2", "1.2.0", false, false, FATE_FINE },
	{ "1.2.0", "2.0.0", false, false, FATE_FINE },
	{ "1.2.0", "2.1.0", false, false, FATE_FINE },
	{ "1.2.0", "2.2.0", false, false, FATE_FINE },
};

#define FUS_VERSIONS (sizeof(fus_versions) / sizeof(fus_versions[0]))

const char *sim_fus_version(size_t i)
{
	return i < FUS_VERSIONS ? fus_versions[i].name : NULL;
}

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

bool fus_version_has(const struct wbsim *sim, enum fus_trait trait)
{
	const struct fus_version *fus = fus_version_by_word(sim->cpu2->ufb.fus_version);

	return fus && fus->traits & trait;
}

bool fus_version_exists(const struct sim_part *part, const struct fus_version *fus)
{
	if (part->family == SIM_WB1X)
		return (fus->traits & FUS_SINCE_1_2_0) == FUS_SINCE_1_2_0;
	return !(fus->traits & FUS_1M_ONLY) || part->flash_kib >= KIB_1M;
}

enum fus_fate fus_hop_fate(const struct wbsim *sim, const struct fus_version *from,
	const struct fus_version *to, bool for_053)
{
	bool small = sim->part->flash_kib < KIB_1M;

	if (from == to)
		return sim->quirks.same_version && !for_053 ? FATE_FINE : FATE_REFUSED;
	if (from->traits & FUS_2)
		return to->version > from->version ? FATE_FINE : FATE_REFUSED;
	for (size_t i = 0; i < sizeof(hops) / sizeof(hops[0]); i++) {
		if (strcmp(hops[i].from, from->name) != 0 || strcmp(hops[i].to, to->name) != 0 ||
			hops[i].for_053 != for_053 || (hops[i].small && !small))
			continue;
		if (hops[i].fate != FATE_NEEDS_ROLLBACK)
			return hops[i].fate;
		/* on, and since a stack was there [wiki] */
		return sim->cpu2->rollback && sim->cpu2->rollback != ROLLBACK_NOTHING
			       ? FATE_FINE
			       : FATE_REFUSED;
	}
	return FATE_REFUSED;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who counts as signed by ST on the virtual chip: files given at start (SHA-256 of their bytes),
 * and test images (testsig.h). What the footers cannot say comes from the trusted file's name.
 */
#include "config.h" /* asprintf, strcasestr */

#include "sim/cpu2.h"

#include <dirent.h>
#include <errno.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include "sim/testsig.h"

#define TRUST_MAX 4096u     /* files; ST has published 980 */
#define TRUST_DEPTH 6u      /* of folders */
#define IMAGE_MAX 0x100000u /* no image is larger than the flash */

struct trust_entry {
	uint8_t sha256[SHA256_DIGEST_SIZE];
	uint8_t front[TESTSIG_FRONT];
	struct trust_facts facts;
};

struct trust {
	struct trust_entry *entries;
	size_t count, room;
};

/*
 * Stack types by a part of ST's file name; longer names stand before the names they contain.
 * Values: STM32_WPAN middleware, INFO_STACK_TYPE_*; test images are in the range 0x60 to 0x65.
 */
static const struct {
	const char *part;
	uint8_t type;
} type_names[] = {
	{ "BLE_Stack_full_extended", 0x06 },
	{ "BLE_Stack_full", 0x01 },
	{ "BLE_Stack_light", 0x03 },
	{ "BLE_Stack_basic", 0x05 },
	{ "BLE_HCILayer_extended", 0x07 },
	{ "BLE_HCILayer", 0x02 },
	{ "BLE_HCI_AdvScan", 0x04 },
	{ "BLE_LLD", 0x63 },
	{ "BLE_Mac_802_15_4", 0x90 },
	{ "BLE_Thread_static", 0x50 },
	{ "BLE_Thread_dynamic", 0x51 },
	{ "BLE_Thread", 0x50 },
	{ "BLE_Zigbee_FFD_static", 0x70 },
	{ "BLE_Zigbee_RFD_static", 0x71 },
	{ "BLE_Zigbee_FFD_dynamic", 0x78 },
	{ "BLE_Zigbee_RFD_dynamic", 0x79 },
	{ "BLE_Stack", 0x01 },
	{ "Mac_802_15_4", 0x40 },
	{ "Phy_802_15_4", 0x61 },
	{ "Thread_FTD", 0x10 },
	{ "Thread_MTD", 0x11 },
	{ "Zigbee_FFD", 0x30 },
	{ "Zigbee_RFD", 0x31 },
};

void trust_facts_of_name(const char *name, struct trust_facts *facts)
{
	*facts = (struct trust_facts){ 0 };
	for (size_t i = 0; i < sizeof(type_names) / sizeof(type_names[0]); i++) {
		if (!strcasestr(name, type_names[i].part))
			continue;
		facts->type = type_names[i].type;
		break;
	}
	facts->wb1x = strcasestr(name, "wb1x") != NULL;
	facts->for_fus_053 = strcasestr(name, "for_fus_0_5_3") != NULL;
}

uint8_t *trust_read_file(const char *path, size_t *size, char *why, size_t why_size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = NULL;

	if (!f) {
		snprintf(why, why_size, "%s: %s", path, strerror(errno));
		return NULL;
	}
	data = malloc(IMAGE_MAX + 1);
	*size = data ? fread(data, 1, IMAGE_MAX + 1, f) : 0;
	if (!data || ferror(f) || *size > IMAGE_MAX) {
		snprintf(why, why_size, "%s: %s", path,
			!data       ? "no memory"
			: ferror(f) ? strerror(errno)
				    : "larger than 1 MiB");
		free(data);
		data = NULL;
	}
	fclose(f);
	return data;
}

static bool trust_add(struct trust *trust, const char *path, const char *name)
{
	struct sim_image image;
	struct sha256_ctx ctx;
	struct trust_entry *e;
	char ignored[8];
	size_t size;
	uint8_t *data = trust_read_file(path, &size, ignored, sizeof(ignored));

	/* Whatever is no image with footers cannot be found by the FUS: it needs no entry. */
	if (!data || size < TESTSIG_FRONT || !sim_image_at(data, size, &image)) {
		free(data);
		return true;
	}
	if (trust->count == trust->room) {
		size_t room = trust->room ? trust->room * 2 : 64;
		void *grown = room <= TRUST_MAX ? realloc(trust->entries, room * sizeof(*e)) : NULL;

		if (!grown) {
			free(data);
			return false;
		}
		trust->entries = grown;
		trust->room = room;
	}
	e = &trust->entries[trust->count++];
	sha256_init(&ctx);
	sha256_update(&ctx, size, data);
	sha256_digest(&ctx, sizeof(e->sha256), e->sha256);
	memcpy(e->front, data, sizeof(e->front));
	trust_facts_of_name(name, &e->facts);
	free(data);
	return true;
}

/* A file, or all files named *.bin in a folder and its folders. */
static bool trust_walk(
	struct trust *trust, const char *path, unsigned int depth, char *why, size_t why_size)
{
	struct stat st;
	struct dirent *entry;
	bool fine = true;
	DIR *dir;

	if (stat(path, &st)) {
		snprintf(why, why_size, "trusted images %s: %s", path, strerror(errno));
		return false;
	}
	if (!S_ISDIR(st.st_mode)) {
		const char *slash = strrchr(path, '/');

		if (S_ISREG(st.st_mode) && !trust_add(trust, path, slash ? slash + 1 : path)) {
			snprintf(why, why_size, "trusted images %s: more than %u files", path,
				TRUST_MAX);
			return false;
		}
		return true;
	}
	dir = depth < TRUST_DEPTH ? opendir(path) : NULL;
	if (!dir)
		return depth >= TRUST_DEPTH;
	while (fine && (entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);
		bool bin = len > 4 && !strcasecmp(entry->d_name + len - 4, ".bin");
		char *below;

		if (entry->d_name[0] == '.' || asprintf(&below, "%s/%s", path, entry->d_name) < 0)
			continue;
		/* A link that leads nowhere is no reason to stop; a file is only wanted as .bin. */
		if (!stat(below, &st) && (S_ISDIR(st.st_mode) || (bin && S_ISREG(st.st_mode))))
			fine = trust_walk(trust, below, depth + 1, why, why_size);
		free(below);
	}
	closedir(dir);
	return fine;
}

struct trust *trust_new(const char *const *paths, char *why, size_t why_size)
{
	struct trust *trust = calloc(1, sizeof(*trust));

	if (!trust) {
		snprintf(why, why_size, "no memory");
		return NULL;
	}
	for (; paths && *paths; paths++) {
		if (!trust_walk(trust, *paths, 0, why, why_size)) {
			trust_free(trust);
			return NULL;
		}
	}
	return trust;
}

void trust_free(struct trust *trust)
{
	if (!trust)
		return;
	free(trust->entries);
	free(trust);
}

bool trust_check(const struct trust *trust, const uint8_t *file, size_t size,
	const struct sim_image *image, struct trust_facts *facts, uint8_t sha256[32])
{
	struct sha256_ctx ctx;
	uint8_t want[TESTSIG_SIZE];

	*facts = (struct trust_facts){ 0 };
	sha256_init(&ctx);
	sha256_update(&ctx, size, file);
	sha256_digest(&ctx, SHA256_DIGEST_SIZE, sha256);
	for (size_t i = 0; i < trust->count; i++) {
		if (memcmp(trust->entries[i].sha256, sha256, SHA256_DIGEST_SIZE) != 0)
			continue;
		*facts = trust->entries[i].facts;
		return true;
	}
	if (image->signature_size != TESTSIG_SIZE || image->signature_at > size ||
		size < TESTSIG_FRONT)
		return false;
	testsig_sign(file, size, size - image->signature_at, want);
	if (memcmp(want, file + size - image->signature_at, TESTSIG_SIZE) != 0 ||
		!testsig_is_front(file, &facts->type))
		return false;
	if (image->kind == SIM_IMAGE_FUS) {
		facts->for_fus_053 = facts->type == TESTSIG_FOR_053;
		facts->type = 0;
	}
	return true;
}

bool trust_front(const struct trust *trust, const uint8_t front[16])
{
	uint8_t type;

	for (size_t i = 0; i < trust->count; i++) {
		if (!memcmp(trust->entries[i].front, front, TESTSIG_FRONT))
			return true;
	}
	return testsig_is_front(front, &type);
}

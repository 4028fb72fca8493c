/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list of ST's published coprocessor binaries: src/core/known-images.csv, turned into rows by
 * known-images.awk when the project is built. A new release of ST's is new rows in that file.
 */
#include <string.h>
#include "core/image.h"
#include "core/known_images.h"

static const struct wb_known_image known[] = {
#include "core/known-images.inc"
};

#define KNOWN (sizeof(known) / sizeof(*known))

const struct wb_known_image *wb_known_by_hash(const uint8_t sha256[32], const char *name)
{
	const struct wb_known_image *first = NULL;

	for (const struct wb_known_image *k = known; k < known + KNOWN; k++) {
		if (k->sha256[0] != sha256[0] || memcmp(k->sha256, sha256, sizeof(k->sha256)) != 0)
			continue;
		if (strcmp(k->file, name) == 0)
			return k;
		/* of a file with two names, the 5x one stands for the family of images */
		if (!first || (strstr(k->file, "wb5x") && !strstr(first->file, "wb5x")))
			first = k;
	}
	return first;
}

const struct wb_known_image *wb_known_by_name(const char *name,
	const struct wb_known_image *after)
{
	for (const struct wb_known_image *k = after ? after + 1 : known; k < known + KNOWN; k++)
		if (strcmp(k->file, name) == 0)
			return k;
	return NULL;
}

const struct wb_known_image *wb_known_alike(size_t size, uint32_t version)
{
	if (version == WB_FUS_1_2_0)
		version = WB_FUS_1_2_0_FOOTER;
	for (const struct wb_known_image *k = known; k < known + KNOWN; k++)
		if (k->size == size && k->version == version)
			return k;
	return NULL;
}

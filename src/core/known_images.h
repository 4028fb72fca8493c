/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The coprocessor binaries that ST has published, by hash and by name. */
#ifndef OPENFUS_KNOWN_IMAGES_H
#define OPENFUS_KNOWN_IMAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/status.h"

struct wb_known_image {
	uint8_t sha256[32];
	uint32_t size; /* bytes */
	const char *file;
	uint32_t version; /* as in the footer: 0xFFFFFFFF for FUS 1.2.0 */
	bool broken;	  /* published without footers: no FUS can take it */
	const char *releases;
};

/**
 * The row with this hash; of several (the files for 3x and 5x are the same) the one of this name,
 * else the first. NULL: not published by ST up to the release the list ends with.
 */
WB_API const struct wb_known_image *wb_known_by_hash(const uint8_t sha256[32], const char *name);
/** The next row of this name behind `after` (NULL: the first one); NULL past the last. */
WB_API const struct wb_known_image *wb_known_by_name(const char *name,
	const struct wb_known_image *after);
/** A row of this size and version (as in struct wb_image), whatever its name; NULL: none. */
WB_API const struct wb_known_image *wb_known_alike(size_t size, uint32_t version);

#endif

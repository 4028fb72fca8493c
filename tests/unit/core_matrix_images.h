/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The images of the matrix: one of every kind and version that a FUS may be given. */
#ifndef CORE_MATRIX_IMAGES_H
#define CORE_MATRIX_IMAGES_H

#include "tests/unit/core_make.h"

enum matrix_kind { MATRIX_FUS, MATRIX_STACK, MATRIX_SAFEBOOT, MATRIX_OTHER };

struct matrix_image {
	const char *label;
	enum matrix_kind kind;
	uint32_t magic, version; /* footer */
	uint32_t size;
	uint32_t info1;	  /* 0: as its kind has it */
	const char *name; /* file name behind "stm32wb5x_" */
	bool stranger;	  /* for the other family */
	bool customer;	  /* with a customer's footer */
	bool forged;	  /* signed by nobody, and in no list */
	bool not_1x;	  /* ST has none for WB1x */
};

extern const struct matrix_image matrix_images[];
extern const size_t matrix_image_count;

/** What is in place before: fewer, and more pages than the stacks of the matrix. */
extern const struct matrix_image matrix_small, matrix_large;

/**
 * Make the file and parse it; genuine unless forged. The virtual FUS takes its signature for ST's.
 * @param[in] wb1x the chip is a WB1x (a stranger is then for the others)
 */
void matrix_make(const struct matrix_image *m, bool wb1x, struct wb_image *image);
void matrix_free(struct wb_image *image);

#endif

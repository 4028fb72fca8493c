/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside core: saying what a file is that is no usable image. */
#ifndef OPENFUS_IMAGE_CHECK_H
#define OPENFUS_IMAGE_CHECK_H

#include "core/known_images.h"
#include "core/openfus.h"

/**
 * Find the FUS footer of a file, or say what the file is instead.
 *
 * @param[in,out] image  data, size and name are read; customer_signed is set.
 * @param[in]     known  the file's row in the list, or NULL.
 * @param[out]    footer WB_FOOTER_SIZE bytes inside image->data.
 * @retval WB_ERR_IMAGE
 */
enum wb_status wb_image_check(struct wb_image *image, const struct wb_known_image *known,
	const uint8_t **footer, struct wb_error *err);

/**
 * Refuse a file with sound footers that has the name, size and version of a listed one, but not its
 * hash: payloads are ciphertext, so nothing else shows the damage.
 */
enum wb_status wb_image_undamaged(const struct wb_image *image, const struct wb_known_image *known,
	struct wb_error *err);

#endif

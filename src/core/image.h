/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside core: the footers of a coprocessor image, as a file has them and as flash has them.
 *
 *   ... payload | FUS footer (20) | signature (64) | signature footer (20)
 *                                        [ | signature (64) | customer's footer (20) ]
 *
 * FUS footer: info1, info2, { pages, -, open KiB of SRAM2a, of SRAM2b }, version, magic.
 * Signature footer: -, -, { signature's size, source, - }, version, magic. Little-endian words.
 */
#ifndef OPENFUS_IMAGE_H
#define OPENFUS_IMAGE_H

#include "core/openfus.h"

#define WB_FOOTER_SIZE 20u
#define WB_SIGNATURE_SIZE 64u
#define WB_FOOTER_MAGIC 16u /* offset of the magic in a footer */
/* From the first byte of the FUS footer to the end of a file that only ST has signed. */
#define WB_TRAILER_SIZE (2 * WB_FOOTER_SIZE + WB_SIGNATURE_SIZE)

#define WB_MAGIC_ST 0xd3a12c5eu
#define WB_MAGIC_CUSTOMER 0xe2b51d4au
#define WB_MAGIC_STACK 0x23372991u
#define WB_MAGIC_STACK_FUS2 0xb10c8b99u
#define WB_MAGIC_FUS 0x32279221u
#define WB_MAGIC_SAFEBOOT_FUS2 0x927a6741u
#define WB_MAGIC_OTHER 0x42769811u
#define WB_INFO_SAFEBOOT 0x5afeb007u /* info1 of a Safeboot image that has a stack's magic */

#define WB_FUS_1_2_0 0x01020000u
#define WB_FUS_1_2_0_FOOTER 0xffffffffu /* how FUS 1.2.0 calls itself in its footer */

/** Pages of `page` bytes that `size` bytes need. */
static inline uint32_t wb_pages(size_t size, uint32_t page)
{
	return (uint32_t)((size + page - 1) / page);
}

/**
 * Say whether what ends at `end` in flash is a complete image, and where it starts.
 *
 * @param[in]  trailer  the WB_TRAILER_SIZE bytes before `end`.
 * @param[in]  end      address behind the signature footer's magic.
 * @param[out] found    address, size, magic, version; image is left NULL.
 * @return false: not both footers at the right distance, or the start would lie below flash.
 */
WB_API bool wb_image_found(const uint8_t trailer[WB_TRAILER_SIZE], uint32_t end,
	const struct wb_family *family, struct wb_found *found);

#endif

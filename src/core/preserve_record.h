/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside core: the record of user flash, as bytes. Little endian.
 *
 *   +00  magic        +04  page size    +08  first address that the work changes
 *   +0c  CRC-32 of the first 64 KiB of flash, or of what there is below that address: is this still
 *        the same flash?
 *   +10  pages        +14  { address, CRC-32 } a page, by address
 *   ...  the pages    ...  CRC-32 of all that stands before it
 */
#ifndef OPENFUS_PRESERVE_RECORD_H
#define OPENFUS_PRESERVE_RECORD_H

#include "core/preserve.h"

#define RECORD_PAGE_MAX 4096u
#define RECORD_MAX 0x101000u /* bytes: 256 pages, their entries, and some more */

/**
 * A record of `count` pages, with nothing in it yet.
 * @param[in] page  bytes
 * @param[in] below its word at +0c
 * @retval WB_ERR_HOST no memory
 */
enum wb_status record_make(struct preserve *p, uint32_t count, uint32_t page, uint32_t first,
	uint32_t below, struct wb_error *err);
/** Is it whole, and of pages that this chip has? */
bool record_sound(const struct preserve *p, const struct wb_chip *chip);
/** The last word, before it is stored. */
void record_seal(struct preserve *p);

/** Pages; 0 without a record. */
uint32_t record_count(const struct preserve *p);
uint32_t record_first(const struct preserve *p);
uint32_t record_below(const struct preserve *p);
uint32_t record_address(const struct preserve *p, uint32_t i);
uint32_t record_crc(const struct preserve *p, uint32_t i);
/** Of a page with nothing in it. */
uint32_t record_blank_crc(const struct preserve *p);
/** Its pages as ranges of addresses, for people. */
void record_where(const struct preserve *p, char *text, size_t room);
uint8_t *record_data(const struct preserve *p, uint32_t i);
/** The page at this address, or record_count(). */
uint32_t record_find(const struct preserve *p, uint32_t address);

void record_name_page(struct preserve *p, uint32_t i, uint32_t address);
void record_put_crc(struct preserve *p, uint32_t i, uint32_t crc);

#endif

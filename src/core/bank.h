/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * User flash and OTP as a flash bank of a debugger: erase, write, compare, on a chip whose CPU1 the
 * debugger has halted, without a reset. What the work takes is put back on every path: CPU1's
 * registers, SRAM1, the settings of the stub, the semaphores of the flash. One call, one visit.
 *
 * Double words of 8 bytes are programmed once per erase (RM0434 3.3.8): pages that were erased by
 * the same piece of work are rewritten as a whole where they differ (`due`); of all others only
 * blank double words are, and what is already there is left. Nothing is written if any of it cannot
 * be.
 */
#ifndef OPENFUS_BANK_H
#define OPENFUS_BANK_H

#include "core/openfus.h"

#define WB_OTP_BASE 0x1fff7000u
#define WB_OTP_SIZE 1024u
#define WB_DOUBLE_WORD 8u

/* What a piece of work did. */
struct wb_bank_done {
	uint32_t pages;	  /* looked at */
	uint32_t changed; /* of those: erased or programmed */
};

/** Is a page write protected (WRP), or partly closed to reading and writing (PCROP)? */
WB_API bool wb_bank_page_wrp(const struct wb_chip *chip, uint32_t page);
WB_API bool wb_bank_page_pcrop(const struct wb_chip *chip, uint32_t page);
/**
 * May [address, address + size) be changed by the debugger? Pure.
 * @retval WB_ERR_REFUSED rule "rdp": read protection; "sfsa": it reaches into the secure part;
 *                        "write-protected", "pcrop": such a page. The text names page and area.
 * @retval WB_ERR_USAGE   it is neither user flash nor OTP.
 */
WB_API enum wb_status wb_bank_check(const struct wb_chip *chip, uint32_t address, uint32_t size,
	struct wb_error *err);
/**
 * Erase those pages of [address, address + size), on page boundaries, that are not blank.
 * @retval WB_ERR_REFUSED as wb_bank_check(), and "held": the CM0+ keeps the flash for itself
 * @retval WB_ERR_FLASH   with address and FLASH_SR, or with what the CM0+ keeps in the middle of it
 */
WB_API enum wb_status wb_bank_erase(struct wb_link *link, uint32_t address, uint32_t size,
	struct wb_bank_done *done, struct wb_error *err);
/**
 * Write data; address and size are multiples of 8.
 *
 * @param[in] seen a look at the chip right before this, or NULL: then there is one
 * @param[in] due pages of user flash to be erased before it, a bit each; NULL: none. What data does
 * not reach of such a page is blank afterwards.
 * @retval WB_ERR_REFUSED as wb_bank_erase(), and "blank": a double word holds something else
 */
WB_API enum wb_status wb_bank_write(struct wb_link *link, const struct wb_chip *seen,
	uint32_t address, uint32_t size, const uint8_t *data, const uint32_t due[WB_PAGE_WORDS],
	struct wb_bank_done *done, struct wb_error *err);
/** Which pages of user flash below secure_start are blank: *blank gets a bit each. */
WB_API enum wb_status wb_bank_blank(struct wb_link *link, uint32_t blank[WB_PAGE_WORDS],
	struct wb_error *err);
/** Compare. @retval WB_ERR_FLASH they differ; the text has the first address and both bytes. */
WB_API enum wb_status wb_bank_verify(struct wb_link *link, uint32_t address, uint32_t size,
	const uint8_t *data, struct wb_error *err);
/** The sum of user flash that OpenOCD compares with: flash_crc_top_first(). */
WB_API enum wb_status wb_bank_sum(struct wb_link *link, uint32_t address, uint32_t size,
	uint32_t *sum, struct wb_error *err);
/** What FLASH_ECCR says, for people: "" if nothing. The address in it counts double words. */
WB_API void wb_bank_ecc_text(uint32_t eccr, char text[160]);
/**
 * Protect pages first to last or free them, by WRP's two areas. The option bytes are loaded: the
 * chip resets, CPU1 stands at its reset vector afterwards if it was halted.
 * @retval WB_ERR_REFUSED "write-protected": it would take more than two areas
 */
WB_API enum wb_status wb_bank_protect(struct wb_session *session, const struct wb_chip *chip,
	bool set, uint32_t first, uint32_t last, struct wb_error *err);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * User flash through the stub: with the CM0+ off, or in turns with it (hsem.c).
 */
#ifndef OPENFUS_FLASH_H
#define OPENFUS_FLASH_H

#include "core/session.h"

/* A piece of user flash and what is to be there. */
struct flash_span {
	uint32_t address, size;	 /* on a page boundary; bytes */
	const uint8_t *data;
	const bool *used;	/* its pages, each: not blank; only for the pace. NULL: none */
	uint32_t before, total; /* of the whole work: for progress */
	const char *phase;	/* its name; NULL: "write" */
	bool unstoppable;	/* Ctrl-C does not end it; else it does, behind a whole page */
	bool blank;		/* it need not lie on pages: no page is erased for it */
};

/** CPU1 in the stub, the CM0+ off: resets the chip if need be. */
enum wb_status flash_prepare(struct wb_session *s, struct wb_error *err);
/**
 * Put an image at an address; pages that are there already are left. Stopped by the user or by an error,
 * the pages are blank afterwards; but WB_ERR_LINK, where nothing can be done, and WB_ERR_RESET, after
 * which the same call goes on, leave what is written.
 *
 * @retval WB_ERR_CHIP    the place is not on a page boundary in user flash
 * @retval WB_ERR_FLASH   with address and FLASH_SR
 * @retval WB_ERR_STUB    the stub does not do as agreed, or the host did not feed it
 * @retval WB_ERR_STOPPED
 */
enum wb_status flash_stage(struct wb_session *s, const struct wb_image *image, uint32_t address,
	struct wb_error *err);
/**
 * Write a span, its pages erased where they are not blank, and compare sums. The stub must run.
 *
 * @retval WB_ERR_FLASH   with address and FLASH_SR
 * @retval WB_ERR_STUB    the stub does not do as agreed
 * @retval WB_ERR_STOPPED some of it is written
 */
enum wb_status flash_write(struct wb_session *s, const struct flash_span *span,
	struct wb_error *err);
/** Erase those pages of [address, address + size) that are not blank. */
enum wb_status flash_erase(struct wb_session *s, uint32_t address, uint32_t size,
	struct wb_error *err);
/** As flash_erase(), on the way out: Ctrl-C does not end it. */
enum wb_status flash_clear(struct wb_session *s, uint32_t address, uint32_t size,
	struct wb_error *err);
/** CRC-32 (zlib's) of flash, by the stub; at most 1 MiB. */
enum wb_status flash_crc(struct wb_session *s, uint32_t address, uint32_t size, uint32_t *crc,
	struct wb_error *err);
/** The same polynomial, each byte's top bit first, the sum not inverted: MPEG-2's, and OpenOCD's. */
enum wb_status flash_crc_top_first(struct wb_session *s, uint32_t address, uint32_t size,
	uint32_t *crc, struct wb_error *err);
/** A sum of every page of [address, address + size); the last one of what there is of it. */
enum wb_status flash_sums(struct wb_session *s, uint32_t address, uint32_t size,
	uint32_t sums[STUB_SCAN_PAGES], struct wb_error *err);
/** As flash_crc() over the host's bytes, with `pad` times 0xFF behind them. */
uint32_t flash_crc_host(const uint8_t *data, size_t size, size_t pad);

/** What lies in user flash, as plan.c wants it; images of the goal are recognised (scan.c). */
enum wb_status flash_scan(struct wb_session *s, const struct wb_goal *goal,
	struct wb_flash_scan *scan, struct wb_error *err);

#endif

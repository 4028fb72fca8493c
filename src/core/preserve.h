/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside core: user flash that is put back after the work (-preserve), and its record in the journal.
 */
#ifndef OPENFUS_PRESERVE_H
#define OPENFUS_PRESERVE_H

#include "core/plan.h"
#include "core/session.h"

struct preserve {
	uint8_t *record; /* as the journal has it; NULL: it has none */
	size_t len;	 /* bytes */
};

/** Is there a record for this chip, of a run that was cut off? */
bool preserve_pending(struct wb_session *s, uint64_t uid64);

/**
 * Can the journal take a record? Asked before the chip is taken.
 * @retval WB_ERR_HOST and what to do
 */
enum wb_status preserve_ready(struct wb_session *s, const struct wb_chip *chip,
	struct wb_error *err);

/**
 * Read the record of a run that was cut off, if there is one, and make sure that it is still what
 * belongs on this chip: the start of flash must be as it was. Resets the chip if there is one.
 *
 * @param[out] p always to be released by preserve_free(); empty after a failure
 * @retval WB_ERR_HOST    the record cannot be read or makes no sense
 * @retval WB_ERR_REFUSED old-pages: flash was written by somebody else since
 */
enum wb_status preserve_open(struct wb_session *s, const struct wb_goal *goal, struct preserve *p,
	struct wb_error *err);
/** Tell the scan which pages the record holds, and what they hold there. */
void preserve_note(const struct wb_session *s, const struct preserve *p, struct wb_flash_scan *scan);
/**
 * The plan's pages into the record, those that it has already left as they are, and the record to
 * the host's disk. The stub must run. Nothing is written to flash.
 *
 * @retval WB_ERR_HOST    the journal cannot be written
 * @retval WB_ERR_FLASH   what was read is not what the chip has
 * @retval WB_ERR_STOPPED
 */
enum wb_status preserve_save(struct wb_session *s, struct preserve *p, const struct wb_plan *plan,
	const struct wb_flash_scan *scan, struct wb_error *err);
/**
 * The record's pages back into flash, as far as they lie below the secure boundary that is in force,
 * and compared; then the record is removed. Not while the FUS is at work. Ctrl-C does not end it.
 *
 * @retval WB_ERR_CHIP some lie above the boundary: they stay in the record
 */
enum wb_status preserve_put_back(struct wb_session *s, struct preserve *p, struct wb_error *err);
void preserve_free(struct preserve *p);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside core: option bytes of a chip that is held.
 */
#ifndef OPENFUS_OPTIONS_WRITE_H
#define OPENFUS_OPTIONS_WRITE_H

#include "core/options.h"
#include "core/session.h"

/**
 * The page of a chip of that family, as wb_option_page_read(), tried again where the link fails:
 * one that was not read must not pass for a sound one.
 */
enum wb_status options_page(struct wb_session *s, const struct wb_family *family,
	struct wb_option_page *page, struct wb_error *err);
/** The user's option registers, read twice. @retval WB_ERR_CHIP the two readings differ */
enum wb_status options_read(struct wb_session *s, struct wb_options *options, struct wb_error *err);
/**
 * Make the user's option bytes as wanted: one write of the page, none if they are so. Not loaded.
 * A page that is damaged is written in any case.
 * The CM0+ must be off: it writes the page too.
 *
 * @param[in] wanted     the user's registers; bits that are no field's, and SFR and SRRVR, do not
 * count.
 * @param[in] change_rdp read protection may be among what differs.
 * @retval WB_ERR_CHIP   readings that cannot be believed: nothing was written
 * @retval WB_ERR_FLASH  the controller refused
 */
enum wb_status options_write(struct wb_session *s, const struct wb_options *wanted, bool change_rdp,
	struct wb_error *err);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside core: a visit to a chip whose CPU1 a debugger has halted, without a reset.
 */
#ifndef OPENFUS_BANK_VISIT_H
#define OPENFUS_BANK_VISIT_H

#include "core/session.h"

#define VISIT_REGS 19u

struct visit {
	struct wb_session *s;
	uint32_t regs[VISIT_REGS]; /* CPU1's, as found */
	bool noted;
	bool has_2; /* semaphore 2 is ours */
};

/**
 * Look at the chip, note what the work takes, start the stub.
 * @param[in] seen what a look has just shown, with nothing in between; NULL: none
 * @param[in] size of what is to be changed at address; 0: it is only looked at, by one command of the stub's.
 * @retval WB_ERR_CHIP    CPU1 runs
 * @retval WB_ERR_REFUSED as wb_bank_check(); "held": the CM0+ keeps the flash for itself
 */
enum wb_status visit_begin(struct visit *v, struct wb_link *link, const struct wb_chip *seen,
	uint32_t address, uint32_t size, struct wb_error *err);
/**
 * The flash for CPU1 (hsem.c): waited for, for 2 s at most.
 * @retval WB_ERR_REFUSED "held", with who has it
 */
enum wb_status visit_take_flash(struct visit *v, struct wb_error *err);
/** What visit_take_flash() has taken; in_order: the stub has given back what it took. */
enum wb_status visit_give_flash(struct visit *v, bool in_order, struct wb_error *err);
/** All as it was; returns `status`, or the failure to put back if there was none before. */
enum wb_status visit_end(struct visit *v, enum wb_status status, struct wb_error *err);

#endif

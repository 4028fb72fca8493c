/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's side of the RAM stub: put it into SRAM1, run it, give it commands (stub/abi.h).
 */
#ifndef OPENFUS_STUB_HOST_H
#define OPENFUS_STUB_HOST_H

#include "core/session.h"

/**
 * Save what lies in the stub's SRAM1 and is not saved yet, write the stub there and read it back.
 * @retval WB_ERR_STUB SRAM1 does not hold what was written
 */
enum wb_status stub_load(struct wb_session *s, struct wb_error *err);
/**
 * The stub was started to read (reads_only), and is to change something now: the rest of it, which it
 * checks itself. Nothing to do if all of it is there.
 */
enum wb_status stub_whole(struct wb_session *s, struct wb_error *err);
/** The writing of stub_load(), ahead of it; SRAM1 is saved already. A failure is no harm. */
void stub_load_early(struct wb_session *s);
/**
 * From its first command on it runs, unless it does already: stub_begin() loads it then. CPU1 must be held;
 * flash work with the CM0+ on: hsem.c.
 */
enum wb_status stub_start(struct wb_session *s, struct wb_error *err);
/**
 * If it runs: registers as they were, FLASH_CR s->leave_cr, and CPU1 goes on in its loop; the chip is
 * reset if it is in the middle of a command.
 */
enum wb_status stub_end(struct wb_session *s, struct wb_error *err);
/** The same, and CPU1 halted. */
enum wb_status stub_stop(struct wb_session *s, struct wb_error *err);

/**
 * Give it a command and return at once; a[] as abi.h says. The last one if s->stub_last: then registers
 * are as they were when it is done.
 */
enum wb_status stub_begin(struct wb_session *s, enum stub_command command, const uint32_t a[4],
	struct wb_error *err);
/** Read the stub's half of the block; *done if the command has ended. */
enum wb_status stub_poll(struct wb_session *s, struct stub_block *block, bool *done,
	struct wb_error *err);
/** Until it is done. @retval WB_ERR_FLASH, WB_ERR_STUB as stub_verdict() */
enum wb_status stub_wait(struct wb_session *s, unsigned int timeout_ms, struct stub_block *block,
	struct wb_error *err);
/** Command and wait. */
enum wb_status stub_call(struct wb_session *s, enum stub_command command, const uint32_t a[4],
	unsigned int timeout_ms, struct stub_block *block, struct wb_error *err);
/** What a finished command's status word means. */
enum wb_status stub_verdict(struct wb_session *s, const struct stub_block *block,
	struct wb_error *err);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a chip was like when it was taken, kept in the host's journal until it is left. A run that is cut
 * off (the probe pulled, OpenOCD killed) leaves CPU1 halted and debug settings that are ours; the next
 * run must not take those for the user's, nor reset a FUS that is still at work.
 *
 * The record is believed while the chip carries our mark: freeze bits of DBGMCU that no debugger's
 * set-up uses, which outlive every reset but not a loss of power. SRAM1's old contents are not kept:
 * CPU1 leaves us by a reset, and its application sets up its own RAM.
 */
#include "core/session.h"
#include "core/bytes.h"
#include "core/cortex_m.h"
#include "core/fus.h"
#include "core/regs.h"

/* TIM2, I2C1 and LPTIM1 stand still while CPU1 is halted (RM0434 41.8.3); all families have them. */
#define MARK (1u << 0 | 1u << 21 | 1u << 31)

#define RECORD_MAGIC 0x3148464fu /* "OFH1" */
#define RECORD_SIZE 20u
#define QUIET_MS 10000u /* a command's answer takes at most that long */
#define QUIET_POLL_MS 50u

static bool load(struct wb_session *s, uint64_t uid64, uint8_t record[RECORD_SIZE])
{
	size_t len = RECORD_SIZE;

	return s->link->journal_load(s->link, uid64, WB_RECORD_HELD, record, &len) == WB_OK &&
	       len == RECORD_SIZE && wb_get32(record) == RECORD_MAGIC;
}

bool held_pending(struct wb_session *s, uint64_t uid64)
{
	uint8_t record[RECORD_SIZE];
	uint32_t freeze;

	return load(s, uid64, record) &&
	       s->link->read(s->link, DBGMCU_APB1FZR1, 4, 1, &freeze) == WB_OK &&
	       (freeze & MARK) == MARK;
}

void held_recall(struct wb_session *s)
{
	uint8_t record[RECORD_SIZE];

	s->recalled = (s->freeze & MARK) == MARK && load(s, s->chip.uid64, record);
	if (!s->recalled)
		return;
	s->was_running = wb_get32(record + 4);
	s->demcr = wb_get32(record + 8);
	s->dhcsr = wb_get32(record + 12);
	s->freeze = wb_get32(record + 16);
	session_report(s, false, "an earlier run was cut off: CPU1 %s before it, and will %s again",
		s->was_running ? "ran" : "was halted", s->was_running ? "run" : "be");
}

enum wb_status held_keep(struct wb_session *s, struct wb_error *err)
{
	uint8_t record[RECORD_SIZE];

	wb_put32(record, RECORD_MAGIC);
	wb_put32(record + 4, s->was_running);
	wb_put32(record + 8, s->demcr);
	wb_put32(record + 12, s->dhcsr);
	wb_put32(record + 16, s->freeze);
	/* not worth a refusal: nothing of the user's is lost, a reset lets the application run */
	if (s->link->journal_store(s->link, s->chip.uid64, WB_RECORD_HELD, record, sizeof(record)) !=
		WB_OK) {
		session_report(s, true,
			"%s: if this run is cut off, the next will not know that CPU1 %s",
			s->link->reason, s->was_running ? "ran" : "was halted");
		return WB_OK;
	}
	s->mark = MARK;
	return chip_modify(s, DBGMCU_APB1FZR1, 0, MARK, err);
}

void held_drop(struct wb_session *s)
{
	s->link->journal_store(s->link, s->chip.uid64, WB_RECORD_HELD, NULL, 0);
}

enum wb_status held_let_fus_end(struct wb_session *s, struct wb_fus_state *state,
	struct wb_error *err)
{
	uint64_t end = session_ms(s) + QUIET_MS;
	enum wb_status status;
	uint32_t flags = 0;

	/* C2BOOT and SBRV are of the same reset, so they tell whom our tables were written for */
	if (!s->recalled || !s->chip.c2boot || s->chip.selected != WB_RUNS_FUS ||
		!s->chip.cpu1_halted || s->chip.options.ipccbr & FLASH_IPCCBR_IPCCDBA)
		return WB_OK;
	status = hold_arm(s, err);
	do { /* a command whose answer the run before did not stay for */
		if (status == WB_OK)
			status = chip_read(s, IPCC_C1TOC2SR, 1, &flags, err);
		if (status == WB_OK && flags)
			status = hold_check(s, err);
		if (status == WB_OK && flags)
			s->link->sleep_ms(s->link, QUIET_POLL_MS);
	} while (status == WB_OK && flags && session_ms(s) < end);
	if (status == WB_ERR_RESET)
		return hold_follow(s, err);
	if (status != WB_OK || flags)
		return status;
	s->tables = s->chip.sram2a;
	s->c2boot = s->cm0_up = true;
	s->runs = WB_RUNS_FUS;
	status = fus_settle(s, state, err);
	if (status == WB_ERR_RESET)
		return hold_follow(s, err);
	/* it does not answer, though it had time: the reset that follows is what is left to try */
	return status == WB_ERR_TIMEOUT && !s->fus_busy ? WB_OK : status;
}

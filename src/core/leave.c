/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a chip is left: as it was found, as commands.md promises; or held, while the FUS is at work.
 */
#include "core/session.h"
#include "core/cortex_m.h"
#include "core/regs.h"
#include "core/stub_host.h"

#define RELEASE_MS 500u
#define LOST_MS 50u /* SYSRESETREQ resets at once */
#define ORDERS 3u
#define POLL_MS 2u

/* CPU1 goes on by itself from a reset. */
static enum wb_status release(struct wb_session *s, struct wb_error *err)
{
	uint32_t reset = CM_AIRCR_SYSRESETREQ, dhcsr;
	enum wb_status status;
	uint64_t end;

	s->reset_seen = false;
	status = hold_check(s, err); /* clears what was seen before */
	if (status != WB_OK && status != WB_ERR_RESET)
		return status;
	s->reset_seen = false;
	status = WB_OK;
	for (unsigned int i = 0; i < ORDERS && status == WB_OK; i++) {
		/* the answer may be lost in the reset, or the order on its way to the chip */
		bool sent = s->link->write(s->link, CM_AIRCR, 4, 1, &reset) == WB_OK;

		end = session_ms(s) + (sent ? RELEASE_MS : LOST_MS);
		do {
			s->link->sleep_ms(s->link, POLL_MS);
			status = hold_check(s, err);
		} while (status == WB_OK && session_ms(s) < end);
	}
	s->reset_seen = false;
	if (status == WB_OK)
		return wb_fail(err, WB_ERR_CHIP, "the last reset did not happen within %u ms",
			RELEASE_MS);
	if (status != WB_ERR_RESET)
		return status;
	status = chip_read(s, CM_DHCSR, 1, &dhcsr, err);
	if (status == WB_OK && (dhcsr & CM_DHCSR_S_HALT))
		status = chip_poke(s, CM_DHCSR, CM_DHCSR_KEY | (s->dhcsr & CM_DHCSR_C_DEBUGEN),
			err);
	return status;
}

/* CPU1 at its reset vector, the CM0+ up. */
static enum wb_status leave_held(struct wb_session *s, struct wb_result *result,
	struct wb_error *err)
{
	enum wb_status status = WB_OK;

	if (s->used_cpu1)
		status = hold_reset(s, false, err);
	if (status == WB_OK)
		status = cm0_start(s, err);
	if (status == WB_OK)
		status = chip_poke(s, CM_DEMCR, s->demcr, err);
	if (status == WB_OK)
		status = hold_pc(s, &s->reset_pc, err);
	if (status == WB_OK)
		status = chip_poke(s, DBGMCU_APB1FZR1, s->freeze, err);
	if (status == WB_OK)
		status = hold_check(s, err); /* else one that is not caught any more goes unseen */
	if (status != WB_OK)
		return status;
	s->held = true;
	result->after = s->chip;
	if (s->free_run)
		wb_format(result->left, sizeof(result->left),
			"CPU1 is halted, but not at its reset vector: its last reset could not be caught "
			"and it ran as far as 0x%08X; the CM0+ runs the %s",
			(unsigned int)s->reset_pc, wb_runs_name(s->runs));
	else
		wb_format(result->left, sizeof(result->left),
			"CPU1 is halted at its reset vector, the CM0+ runs the %s",
			wb_runs_name(s->runs));
	return WB_OK;
}

/*
 * The freeze bits come last: until CPU1 runs they are the mark that the journal's record is true. An
 * application that closes the debug port may have done so by then; it does not mind them.
 */
static enum wb_status leave_running(struct wb_session *s, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	enum wb_status status = chip_poke(s, CM_DEMCR, s->demcr, err);

	if (status == WB_OK) {
		status = release(s, err);
		if (status == WB_OK)
			status = chip_poke(s, DBGMCU_APB1FZR1, s->freeze, err);
		if (status == WB_ERR_LINK && op->under_reset)
			status = WB_OK;
	}
	if (status != WB_OK)
		return status;
	result->cpu1_running = true;
	wb_format(result->left, sizeof(result->left),
		"CPU1 was reset and runs; SBRV selects the %s",
		wb_runs_name(s->chip.selected));
	return WB_OK;
}

void session_let_go(struct wb_session *s)
{
	struct wb_error quiet;
	enum wb_status status = chip_poke(s, CM_DEMCR, s->demcr, &quiet);

	if (status == WB_OK && s->was_running)
		status = release(s, &quiet);
	if (status == WB_OK)
		chip_poke(s, DBGMCU_APB1FZR1, s->freeze, &quiet);
}

/*
 * The FUS is, or may be, in the middle of something. A reset by us or an application that meddles with
 * the shared RAM, the watchdog or C2BOOT can cost the chip; a CPU1 that stands costs nothing but time.
 * So it stays halted, the catch stays armed for the FUS's own resets, and the journal knows the rest.
 */
static enum wb_status leave_busy(struct wb_session *s, struct wb_result *result)
{
	wb_format(result->left, sizeof(result->left),
		"The FUS may still be at work: keep the chip powered and run the same command again. Until "
		"then CPU1 is kept halted%s",
		s->sram_boot ? " and boots from SRAM1" : "");
	return WB_OK;
}

enum wb_status session_leave(struct wb_session *s, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	enum wb_status status = stub_stop(s, err);

	if (status == WB_ERR_RESET || s->reset_seen)
		status = hold_follow(s, err);
	if (status == WB_OK && !s->fus_busy)
		status = sram_boot_off(s, err);
	/* with no reset to come from us CPU1 stays in the stub, or boots into it: so it stays too */
	if (status == WB_OK && !(s->fus_busy && (s->used_cpu1 || s->sram_boot)))
		status = sram_restore(s, err);
	if (status != WB_OK)
		return status;
	if (s->fus_busy)
		return leave_busy(s, result);
	status = op->hold || !s->was_running ? leave_held(s, result, err) :
		leave_running(s, op, result, err);
	if (status == WB_OK)
		held_drop(s);
	return status;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stub on a CPU1 that belongs to a debugger: everything of CPU1's is noted, and put back on
 * every path. The CM0+ may run: it is not reset, and not disturbed while it keeps the flash for itself.
 */
#include <string.h>
#include "core/bank.h"
#include "core/bank_visit.h"
#include "core/cortex_m.h"
#include "core/regs.h"
#include "core/stub_host.h"

#define HELD_MS 2000u /* a radio event keeps the flash for some ms, a page of the CM0+'s for 22 */
#define HELD_POLL_MS 2u
#define FLASH_SR_PESD (1u << 19)
#define HSEM_R6 0x58001418u /* reading Rn is harmless, reading RLRn takes it (RM0434 38.4) */
#define HSEM_LOCK (1u << 31)
#define HSEM_CORE_LOW 8

/* DCRSR.REGSEL (ARMv7-M ARM C1.6.3): r0 to r12, MSP, PSP, lr, pc, xPSR, CONTROL to PRIMASK. */
static const uint8_t selectors[VISIT_REGS] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 17, 18,
	CM_LR, CM_PC, CM_XPSR, CM_CFBP };

static enum wb_status note_regs(struct visit *v, struct wb_error *err)
{
	struct wb_link *link = v->s->link;

	for (unsigned int i = 0; i < VISIT_REGS; i++) {
		enum wb_status status =
			link->reg_read(link, (enum cm_reg)selectors[i], &v->regs[i]);

		if (status != WB_OK)
			return wb_fail(err, status, "CPU1's register %u cannot be read: %s",
				selectors[i], link->reason);
	}
	v->noted = true;
	return WB_OK;
}

static enum wb_status put_back_regs(struct visit *v, struct wb_error *err)
{
	struct wb_link *link = v->s->link;
	enum wb_status status = WB_OK;

	for (unsigned int i = 0; status == WB_OK && i < VISIT_REGS; i++)
		status = link->reg_write(link, (enum cm_reg)selectors[i], v->regs[i]);
	if (status != WB_OK)
		return wb_fail(err, status,
			"CPU1's registers are not as they were: %s. Reset the chip before it runs",
			link->reason);
	if (v->s->chip.dhcsr & CM_DHCSR_C_MASKINTS)
		return chip_poke(v->s, CM_DHCSR,
			CM_DHCSR_KEY | CM_DHCSR_C_DEBUGEN | CM_DHCSR_C_HALT |
				CM_DHCSR_C_MASKINTS,
			err);
	return WB_OK;
}

/* PES suspends whatever is begun; semaphore 6 means something only to firmware that runs. */
static enum wb_status await_cm0(struct wb_session *s, struct wb_error *err)
{
	uint64_t end = session_ms(s) + HELD_MS;
	uint32_t sr = 0, r6 = 0;
	enum wb_status status;

	for (;;) {
		status = chip_read(s, FLASH_SR, 1, &sr, err);
		if (status == WB_OK && s->chip.c2boot)
			status = chip_read(s, HSEM_R6, 1, &r6, err);
		if (status != WB_OK || !(sr & FLASH_SR_PESD || r6 & HSEM_LOCK))
			return status;
		if (session_ms(s) >= end)
			return wb_refuse(err, "held",
				"the CM0+ keeps the flash for itself for %u ms now (FLASH_SR 0x%08x: PESD "
				"%u; semaphore 6 %s, core %u). `reset halt` stops it, then try again",
				HELD_MS, (unsigned int)sr, (sr & FLASH_SR_PESD) != 0,
				r6 & HSEM_LOCK ? "taken" : "free",
				(unsigned int)(r6 >> HSEM_CORE_LOW & 0xfu));
		s->link->sleep_ms(s->link, HELD_POLL_MS);
	}
}

static enum wb_status begin(struct visit *v, uint32_t address, uint32_t size, struct wb_error *err)
{
	struct wb_session *s = v->s;
	enum wb_status status = session_look(s, &s->chip, err);

	if (status == WB_OK && !s->chip.cpu1_halted)
		status = wb_fail(err, WB_ERR_CHIP,
			"CPU1 runs (DHCSR 0x%08x): `halt` or `reset halt` first",
			(unsigned int)s->chip.dhcsr);
	if (status == WB_OK && size)
		status = wb_bank_check(&s->chip, address, size, err);
	if (status == WB_OK && size)
		status = await_cm0(s, err);
	if (status == WB_OK)
		status = note_regs(v, err);
	/* no reset by us: whoever debugs here would lose more than this work */
	s->fus_busy = true;
	/* CPU1 is anywhere: CONTROL and the masks are not as after a reset */
	s->free_run = true;
	return status != WB_OK ? status : stub_start(s, err);
}

enum wb_status visit_begin(struct visit *v, struct wb_link *link, uint32_t address, uint32_t size,
	struct wb_error *err)
{
	memset(v, 0, sizeof(*v));
	v->s = wb_session_new(link);
	if (!v->s)
		return wb_fail(err, WB_ERR_HOST, "out of memory");
	v->s->polling = link->polling(link, false);
	v->s->started_ms = session_ms(v->s);
	return begin(v, address, size, err);
}

/* A stub that was started but never heard of runs too. */
static enum wb_status leave(struct visit *v, struct wb_error *err)
{
	struct wb_session *s = v->s;
	enum wb_status status = s->stub_running ? stub_stop(s, err) :
		s->used_cpu1 ? hold_halt(s, err) : WB_OK;
	enum wb_status back = sram_restore(s, err);

	if (status == WB_OK)
		status = back;
	if (status == WB_OK && s->resets)
		return wb_fail(err, WB_ERR_RESET,
			"the chip had to be reset: CPU1 stands at its reset vector");
	return status == WB_OK && s->used_cpu1 ? put_back_regs(v, err) : status;
}

enum wb_status visit_end(struct visit *v, enum wb_status status, struct wb_error *err)
{
	struct wb_error restore;
	enum wb_status left = WB_OK;
	char cause[sizeof(err->text)];

	if (!v->s)
		return status;
	if (v->noted)
		left = leave(v, &restore);
	session_clock_back(v->s);
	if (v->s->polling)
		v->s->link->polling(v->s->link, true);
	wb_session_free(v->s);
	v->s = NULL;
	if (left == WB_OK)
		return status;
	if (status == WB_OK) {
		*err = restore;
		return left;
	}
	memcpy(cause, err->text, sizeof(cause));
	wb_format(err->text, sizeof(err->text), "%s. %s", cause, restore.text);
	return status;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stub on a CPU1 that belongs to a debugger: everything of CPU1's is noted, and put back on
 * every path. The CM0+ may run: it is not reset, and the flash is shared with it (hsem.c).
 */
#include <string.h>
#include "core/bank.h"
#include "core/bank_visit.h"
#include "core/cortex_m.h"
#include "core/regs.h"
#include "core/stub_host.h"

/*
 * Slots for data: SRAM1 under them is to be saved and put back, which small work feels. Large ones
 * take fewer transfers.
 */
#define SMALL 0x10000u /* bytes of work: less than this */
#define SLOT_SMALL 0x400u
#define SLOT_LARGE 0x800u

/* FLASH_CR as found, without what would start something: STRT, OPTSTRT, OBL_LAUNCH (RM0434 3.10.5) */
#define CR_KEPT (~(1u << 16 | 1u << 17 | 1u << 27))

/* DCRSR.REGSEL (ARMv7-M ARM C1.6.3): r0 to r12, MSP, PSP, lr, pc, xPSR, CONTROL to PRIMASK. */
static const uint8_t selectors[VISIT_REGS] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 17, 18,
	CM_LR, CM_PC, CM_XPSR, CM_CFBP };

static enum wb_status note_regs(struct visit *v, struct wb_error *err)
{
	struct wb_link *link = v->s->link;
	enum wb_status status;
	unsigned int failed = 0;

	do
		status = cortex_m_regs_read(link, selectors, VISIT_REGS, v->regs);
	while (hold_again(v->s, "reading a register of CPU1's", CM_DCRSR, &failed, &status, err));
	v->noted = status == WB_OK;
	return status;
}

/* CPU1 halted out of the stub, with them. */
static enum wb_status put_back_regs(struct visit *v, struct wb_error *err)
{
	struct wb_link *link = v->s->link;
	bool mask = v->s->chip.dhcsr & CM_DHCSR_C_MASKINTS;
	enum wb_status status;
	unsigned int failed = 0;

	do
		status = cortex_m_halt_with(link, selectors, VISIT_REGS, v->regs, mask);
	while (hold_again(v->s, "writing a register of CPU1's", CM_DCRSR, &failed, &status, err));
	if (status == WB_OK)
		return WB_OK;
	return wb_fail(err, status,
		"CPU1's registers are not as they were: %s. Reset the chip before it runs",
		link->reason);
}

static enum wb_status begin(struct visit *v, const struct wb_chip *seen, uint32_t address,
	uint32_t size, struct wb_error *err)
{
	struct wb_session *s = v->s;
	enum wb_status status = WB_OK;

	if (seen)
		s->chip = *seen;
	else
		status = session_look_flash(s, err);
	if (status == WB_OK && !s->chip.cpu1_halted)
		status = wb_fail(err, WB_ERR_CHIP,
			"CPU1 runs (DHCSR 0x%08X): `halt` or `reset halt` first",
			(unsigned int)s->chip.dhcsr);
	if (status == WB_OK && size)
		status = wb_bank_check(&s->chip, address, size, err);
	if (status == WB_OK && size)
		status = visit_take_flash(v, err);
	if (status == WB_OK)
		status = note_regs(v, err);
	s->visits = true;
	s->leave_cr = size ? s->chip.flash_cr & CR_KEPT : 0;
	/* no reset by us: whoever debugs here would lose more than this work */
	s->fus_busy = true;
	/* CPU1 is anywhere: CONTROL and the masks are not as after a reset */
	s->free_run = true;
	s->reads_only = true; /* until something is to be changed: stub_whole() */
	s->stub_last = !size;
	s->slot = size < SMALL ? SLOT_SMALL : SLOT_LARGE;
	return status != WB_OK ? status : stub_start(s, err);
}

enum wb_status visit_begin(struct visit *v, struct wb_link *link, const struct wb_chip *seen,
	uint32_t address, uint32_t size, struct wb_error *err)
{
	memset(v, 0, sizeof(*v));
	v->s = wb_session_new(link);
	if (!v->s)
		return wb_fail(err, WB_ERR_HOST, "out of memory");
	v->s->polling = link->polling(link, false);
	v->s->started_ms = session_ms(v->s);
	session_raise_clock(v->s);
	return begin(v, seen, address, size, err);
}

/* A stub that was started and never heard of: what it has changed, if so, it alone can put back. */
static enum wb_status find_stub(struct wb_session *s, struct wb_error *err)
{
	uint32_t noted = 0;
	enum wb_status status = hold_halt(s, err);

	if (status == WB_OK)
		status = chip_read(s, STUB_BEFORE, 1, &noted, err);
	s->stub_running = status == WB_OK && noted;
	if (s->stub_running) /* if that fails, it does not quit, which costs a reset */
		s->link->run(s->link, UINT32_MAX, true);
	return status;
}

/* Everything of CPU1's. *in_order: the stub was not in the middle of something. */
static enum wb_status leave(struct visit *v, bool *in_order, struct wb_error *err)
{
	struct wb_session *s = v->s;
	struct wb_error sram;
	enum wb_status status = WB_OK, back;

	if (s->used_cpu1 && !s->stub_running && !s->resets)
		status = find_stub(s, err);
	if (status == WB_OK)
		status = stub_end(s, err);
	*in_order = status == WB_OK;
	if (status == WB_OK && s->used_cpu1 && !s->resets)
		status = put_back_regs(v, err);
	back = sram_restore(s, status == WB_OK ? err : &sram);
	if (status == WB_OK)
		status = back;
	if (status == WB_OK && s->resets)
		return wb_fail(err, WB_ERR_RESET,
			"the chip had to be reset: CPU1 stands at its reset vector");
	return status;
}

enum wb_status visit_end(struct visit *v, enum wb_status status, struct wb_error *err)
{
	struct wb_error restore, quiet;
	enum wb_status left = WB_OK, given;
	bool in_order = true;
	char cause[sizeof(err->text)];

	if (!v->s)
		return status;
	if (v->noted)
		left = leave(v, &in_order, &restore);
	given = visit_give_flash(v, in_order, left == WB_OK ? &restore : &quiet);
	if (left == WB_OK)
		left = given;
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

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Halt, registers, run, reset and hold of CPU1 by raw memory accesses (ARMv7-M ARM, C1.6).
 */
#include "core/cortex_m.h"

#define READY_TRIES 100u   /* DCRSR transfers and halts take some cycles; a probe access takes more */
#define RESET_WAIT_MS 500u /* SYSRESETREQ to a core that answers again */
#define RESET_POLL_MS 2u

static enum wb_status rd(struct wb_link *link, uint32_t address, uint32_t *value)
{
	return link->read(link, address, 4, 1, value);
}

static enum wb_status wr(struct wb_link *link, uint32_t address, uint32_t value)
{
	return link->write(link, address, 4, 1, &value);
}

/*
 * Every look at DHCSR takes S_RESET_ST away: whoever finds it set hands it on, or a reset between
 * two steps of somebody's work would never be known.
 */
static enum wb_status wait_dhcsr(struct wb_link *link, uint32_t bit, const char *what)
{
	enum wb_status status;
	uint32_t dhcsr = 0, seen = 0;

	for (unsigned int i = 0; i < READY_TRIES; i++) {
		status = rd(link, CM_DHCSR, &dhcsr);
		if (status != WB_OK)
			return status;
		seen |= dhcsr;
		if (dhcsr & bit)
			return seen & CM_DHCSR_S_RESET_ST ? WB_ERR_RESET : WB_OK;
	}
	wb_format(link->reason, sizeof(link->reason), "CPU1 does not %s: DHCSR 0x%08X", what,
		(unsigned int)dhcsr);
	return WB_ERR_LINK;
}

/* C_MASKINTS of a running core stays as it is: it may only change while the core stands (C1.6.2). */
static enum wb_status ask_halt(struct wb_link *link, uint32_t *before)
{
	enum wb_status status = rd(link, CM_DHCSR, before);

	return status != WB_OK ? status :
		wr(link, CM_DHCSR, CM_DHCSR_KEY | CM_DHCSR_C_DEBUGEN | CM_DHCSR_C_HALT |
			(*before & CM_DHCSR_C_MASKINTS));
}

/* A halt takes the core some cycles, which a probe takes too: it stands when it is looked at. */
static enum wb_status cm_halt(struct wb_link *link)
{
	struct wb_word steps[] = { { CM_DHCSR, 0, true }, { CM_DHCSR, 0, false } };
	uint32_t before;
	enum wb_status status = link->words ? rd(link, CM_DHCSR, &before) : ask_halt(link, &before);
	bool reset;

	if (status == WB_OK && link->words) {
		steps[0].value = CM_DHCSR_KEY | CM_DHCSR_C_DEBUGEN | CM_DHCSR_C_HALT |
			(before & CM_DHCSR_C_MASKINTS);
		status = link->words(link, steps, sizeof(steps) / sizeof(*steps));
		before |= steps[1].value & CM_DHCSR_S_RESET_ST;
	}
	if (status != WB_OK)
		return status;
	if (!(steps[1].value & CM_DHCSR_S_HALT))
		status = wait_dhcsr(link, CM_DHCSR_S_HALT, "halt");
	reset = status == WB_ERR_RESET || before & CM_DHCSR_S_RESET_ST;
	if (status != WB_OK && status != WB_ERR_RESET)
		return status;
	status = before & CM_DHCSR_C_MASKINTS ?
		wr(link, CM_DHCSR, CM_DHCSR_KEY | CM_DHCSR_C_DEBUGEN | CM_DHCSR_C_HALT) : WB_OK;
	return status == WB_OK && reset ? WB_ERR_RESET : status;
}

static enum wb_status cm_reg_read(struct wb_link *link, enum cm_reg reg, uint32_t *value)
{
	enum wb_status status = wr(link, CM_DCRSR, reg);

	if (status == WB_OK)
		status = wait_dhcsr(link, CM_DHCSR_S_REGRDY, "give a register");
	return status != WB_OK ? status : rd(link, CM_DCRDR, value);
}

static enum wb_status cm_reg_write(struct wb_link *link, enum cm_reg reg, uint32_t value)
{
	enum wb_status status = wr(link, CM_DCRDR, value);

	if (status == WB_OK)
		status = wr(link, CM_DCRSR, reg | CM_DCRSR_WRITE);
	return status != WB_OK ? status : wait_dhcsr(link, CM_DHCSR_S_REGRDY, "take a register");
}

static enum wb_status cm_run(struct wb_link *link, uint32_t pc, bool mask)
{
	static const uint8_t regs[] = { CM_PC, CM_XPSR };
	const uint32_t values[] = { pc & ~1u, CM_XPSR_THUMB };
	uint32_t dhcsr = CM_DHCSR_KEY | CM_DHCSR_C_DEBUGEN | (mask ? CM_DHCSR_C_MASKINTS : 0);
	/* C_MASKINTS first, see ask_halt() */
	struct wb_word steps[] = { { CM_DHCSR, dhcsr | CM_DHCSR_C_HALT, true },
		{ CM_DHCSR, dhcsr, true } };
	enum wb_status status = WB_OK;

	if (pc != UINT32_MAX)
		status = cortex_m_regs_write(link, regs, sizeof(regs), values);
	if (status == WB_OK && link->words)
		return link->words(link, steps, sizeof(steps) / sizeof(*steps));
	for (size_t i = 0; status == WB_OK && i < sizeof(steps) / sizeof(*steps); i++)
		status = wr(link, steps[i].address, steps[i].value);
	return status;
}

/* Until the core has seen the reset. The port may stutter meanwhile: failures count as "not yet". */
static enum wb_status wait_reset(struct wb_link *link, uint32_t *dhcsr)
{
	uint64_t end = link->time_ms(link) + RESET_WAIT_MS;
	enum wb_status status;

	for (;;) {
		status = rd(link, CM_DHCSR, dhcsr);
		if (status == WB_OK && (*dhcsr & CM_DHCSR_S_RESET_ST))
			return WB_OK;
		if (link->time_ms(link) >= end)
			break;
		if (status != WB_OK)
			link->reattach(link);
		link->sleep_ms(link, RESET_POLL_MS);
	}
	if (status == WB_OK)
		wb_format(link->reason, sizeof(link->reason),
			"no reset within %u ms of SYSRESETREQ: DHCSR 0x%08X", RESET_WAIT_MS,
			(unsigned int)*dhcsr);
	return WB_ERR_LINK;
}

/*
 * NRST is low: AP0 is reachable, so the halt and the vector catch are there before it goes high and
 * the first instruction is due.
 */
static enum wb_status hold_by_nrst(struct wb_link *link)
{
	enum wb_status status = link->reattach(link), high; /* an application may have closed the port */
	uint32_t value = 0;

	if (status == WB_OK)
		status = wr(link, CM_DHCSR, CM_DHCSR_KEY | CM_DHCSR_C_DEBUGEN | CM_DHCSR_C_HALT);
	if (status == WB_OK)
		status = rd(link, CM_DEMCR, &value);
	if (status == WB_OK)
		status = wr(link, CM_DEMCR, value | CM_DEMCR_VC_CORERESET);
	high = link->nrst(link, false);
	if (high != WB_OK)
		return high;
	if (status == WB_OK)
		status = rd(link, CM_DHCSR, &value);
	if (status != WB_OK || value & CM_DHCSR_S_HALT)
		return status;
	status = link->halt(link);
	return status == WB_OK ? WB_ERR_RESET : status;
}

static enum wb_status cm_reset_hold(struct wb_link *link, bool under_nrst)
{
	enum wb_status status = WB_ERR_HOST;
	uint32_t value;

	if (under_nrst && link->nrst)
		status = link->nrst(link, true);
	if (under_nrst && status == WB_OK)
		return hold_by_nrst(link);
	if (status != WB_ERR_HOST)
		return status;
	if (under_nrst)
		link->report(link, true,
			"the probe knows no NRST (see reset_config): a software reset");
	status = ask_halt(link, &value);
	if (status == WB_OK)
		status = rd(link, CM_DEMCR, &value);
	if (status == WB_OK)
		status = wr(link, CM_DEMCR, value | CM_DEMCR_VC_CORERESET);
	if (status == WB_OK)
		status = rd(link, CM_DHCSR, &value); /* clears S_RESET_ST: a reset is wanted now */
	if (status != WB_OK)
		return status;
	/* the answer to this write may already be lost in the reset */
	wr(link, CM_AIRCR, CM_AIRCR_SYSRESETREQ);
	status = wait_reset(link, &value);
	if (status == WB_OK && !(value & CM_DHCSR_S_HALT))
		status = rd(link, CM_DHCSR, &value); /* the catch comes a moment after the reset */
	if (status == WB_OK && !(value & CM_DHCSR_S_HALT)) {
		status = link->halt(link);
		return status == WB_OK ? WB_ERR_RESET : status;
	}
	/* a system reset leaves what the debugger has set (C1.6.2) */
	if (status == WB_OK && (value & CM_DHCSR_C_MASKINTS))
		status = wr(link, CM_DHCSR, CM_DHCSR_KEY | CM_DHCSR_C_DEBUGEN | CM_DHCSR_C_HALT);
	return status;
}

void cortex_m_link_defaults(struct wb_link *link)
{
	if (!link->halt)
		link->halt = cm_halt;
	if (!link->reg_read)
		link->reg_read = cm_reg_read;
	if (!link->reg_write)
		link->reg_write = cm_reg_write;
	if (!link->run)
		link->run = cm_run;
	if (!link->reset_hold)
		link->reset_hold = cm_reset_hold;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SysTick (ARMv7-M ARM B3.3): counts down in virtual time, from HCLK or HCLK/8; stands still while
 * CPU1 is in debug state.
 */
#include "sim/cpu1.h"

#define SYST_CSR 0xE000E010u
#define SYST_RVR 0xE000E014u
#define SYST_CVR 0xE000E018u
#define SYST_CALIB 0xE000E01Cu

#define CSR_ENABLE 1u
#define CSR_TICKINT 2u
#define CSR_CLKSOURCE 4u
#define CSR_COUNTFLAG (1u << 16)
#define SYST_MAX 0x00FFFFFFu
#define SYST_EXTERNAL_DIVIDER 8u /* RM0434: the external clock of SysTick is HCLK/8 */

static uint32_t divider(const struct systick *t)
{
	return t->csr & CSR_CLKSOURCE ? 1 : SYST_EXTERNAL_DIVIDER;
}

/* Ticks until the counter goes from 1 to 0. From 0 the next tick reloads. */
static uint64_t ticks_to_zero(const struct systick *t)
{
	return t->cvr != 0 ? t->cvr : (uint64_t)t->rvr + 1;
}

uint64_t systick_due(const struct cpu1 *cpu)
{
	const struct systick *t = &cpu->systick;

	if (!(t->csr & CSR_ENABLE) || !(t->csr & CSR_TICKINT) || (t->cvr == 0 && t->rvr == 0))
		return UINT64_MAX;
	return ticks_to_zero(t) * divider(t) - t->prescale;
}

void systick_elapse(struct cpu1 *cpu, uint64_t cycles)
{
	struct systick *t = &cpu->systick;
	uint64_t period = (uint64_t)t->rvr + 1;
	uint64_t ticks, zero;

	if (!(t->csr & CSR_ENABLE))
		return;
	ticks = (t->prescale + cycles) / divider(t);
	t->prescale = (uint32_t)((t->prescale + cycles) % divider(t));
	zero = ticks_to_zero(t);
	if (t->cvr == 0 && t->rvr == 0)
		return;
	if (ticks < zero) {
		if (ticks != 0)
			t->cvr = (uint32_t)(zero - ticks);
		return;
	}
	t->csr |= CSR_COUNTFLAG;
	if (t->csr & CSR_TICKINT)
		exc_put(&cpu->pend, EXC_SYSTICK, true);
	ticks = t->rvr != 0 ? (ticks - zero) % period : 0;
	t->cvr = ticks != 0 ? (uint32_t)(period - ticks) : 0;
}

/* The counter as it stands in the middle of a run, without moving it. */
static uint32_t current(const struct cpu1 *cpu)
{
	const struct systick *t = &cpu->systick;
	uint64_t ticks, zero = ticks_to_zero(t);

	if (!(t->csr & CSR_ENABLE) || !cpu->running)
		return t->cvr;
	ticks = (t->prescale + cpu->count) / divider(t);
	if (ticks == 0)
		return t->cvr;
	return ticks < zero ? (uint32_t)(zero - ticks) : 0;
}

uint32_t systick_read(struct cpu1 *cpu, enum sim_master m, uint32_t addr)
{
	uint32_t val;

	switch (addr) {
	case SYST_CSR:
		val = cpu->systick.csr;
		if (m != SIM_TESTER)
			cpu->systick.csr &= ~CSR_COUNTFLAG;
		return val;
	case SYST_RVR:
		return cpu->systick.rvr;
	case SYST_CVR:
		return current(cpu);
	default:
		return 0; /* CALIB: no calibration value modelled */
	}
}

void systick_write(struct cpu1 *cpu, uint32_t addr, uint32_t val)
{
	struct systick *t = &cpu->systick;

	t->cvr = current(cpu);
	switch (addr) {
	case SYST_CSR:
		t->csr = (t->csr & CSR_COUNTFLAG) | (val & (CSR_ENABLE | CSR_TICKINT | CSR_CLKSOURCE));
		t->prescale = 0;
		break;
	case SYST_RVR:
		t->rvr = val & SYST_MAX;
		break;
	case SYST_CVR:
		t->cvr = 0;
		t->csr &= ~CSR_COUNTFLAG;
		break;
	default:
		break;
	}
	cpu->attention = true;
}

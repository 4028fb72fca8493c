/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HSEM: 32 semaphores; a *read* of RLRn takes semaphore n. RM0434 chapter 38; SVD. What those that
 * guard the flash mean: cpu2_flash.c.
 */
#include "sim/devices.h"

#include <string.h>

#define REG_RLR 0x80u
#define REG_IER 0x100u /* C1IER, C1ICR, C1ISR, C1MISR, then CPU2's four */
#define REG_CR 0x140u
#define REG_KEYR 0x144u

#define R_LOCK (1u << 31)
#define CORE_SHIFT 8u
#define CORE_MASK (0xFu << CORE_SHIFT)
#define CORE_CPU1 4u /* chip.md */
#define CORE_CPU2 8u

#define SEM_FLASH 2u
#define SEM_CPU2_AT_WORK 6u
#define SEM_CPU1_AT_WORK 7u
#define PAUSE_NS 1000u /* between two operations of CPU1's, for the CM0+ to come in [mw] */

static const struct {
	uint32_t offset, val;
} constants[] = {
	{ 0x3EC, 0x00000084 },
	{ 0x3F0, 0x00000220 },
	{ 0x3F4, 0x00000020 },
	{ 0x3F8, 0x00100072 },
	{ 0x3FC, 0xA3C5DD01 },
};

static bool is_cpu1s(const struct wbsim *sim, unsigned int n)
{
	uint32_t r = sim->periph->hsem.r[n];

	return (r & R_LOCK) && (r & CORE_MASK) == CORE_CPU1 << CORE_SHIFT;
}

bool hsem_flash_is_cpu1s(const struct wbsim *sim)
{
	return is_cpu1s(sim, SEM_FLASH) && is_cpu1s(sim, SEM_CPU1_AT_WORK) &&
	       !(sim->periph->hsem.r[SEM_CPU2_AT_WORK] & R_LOCK);
}

void hsem_breach(struct wbsim *sim, const char *what)
{
	const uint32_t *r = sim->periph->hsem.r;

	sim->stats.flash_breaches++;
	sim_log(sim, "%s while the CM0+ runs: semaphore 2 0x%08X, 6 0x%08X, 7 0x%08X", what,
		(unsigned int)r[SEM_FLASH], (unsigned int)r[SEM_CPU2_AT_WORK],
		(unsigned int)r[SEM_CPU1_AT_WORK]);
}

static void hsem_freed(struct wbsim *sim, unsigned int n)
{
	struct hsem_state *h = &sim->periph->hsem;

	if (n == SEM_CPU1_AT_WORK && is_cpu1s(sim, n))
		h->cpu1_gave_7 = cpu1_now(sim);
	h->r[n] = 0;
	for (unsigned int cpu = 0; cpu < 2; cpu++)
		h->isr[cpu] |= h->ier[cpu] & (1u << n);
}

static uint32_t take_by_read(struct wbsim *sim, enum sim_master m, unsigned int n)
{
	struct hsem_state *h = &sim->periph->hsem;
	uint32_t core = m == SIM_CPU2 ? CORE_CPU2 : CORE_CPU1;

	if (m == SIM_TESTER || h->r[n] & R_LOCK)
		return h->r[n];
	if (n == SEM_CPU1_AT_WORK && core == CORE_CPU1 && h->cpu1_gave_7 && pwr_c2boot(sim) &&
		cpu1_now(sim) - h->cpu1_gave_7 < PAUSE_NS)
		hsem_breach(sim, "semaphore 7 is taken again at once");
	h->r[n] = R_LOCK | core << CORE_SHIFT;
	return h->r[n];
}

static uint32_t interrupt_read(const struct hsem_state *h, uint32_t offset)
{
	unsigned int cpu = (offset - REG_IER) / 0x10u;

	switch (offset & 0xFu) {
	case 0x0:
		return h->ier[cpu];
	case 0x8:
		return h->isr[cpu];
	case 0xC:
		return h->isr[cpu] & h->ier[cpu];
	default:
		return 0;
	}
}

static uint32_t hsem_read(struct wbsim *sim, enum sim_master m, uint32_t offset)
{
	struct hsem_state *h = &sim->periph->hsem;

	if (offset < REG_RLR)
		return h->r[offset / 4u];
	if (offset < REG_IER)
		return take_by_read(sim, m, (offset - REG_RLR) / 4u);
	if (offset < REG_IER + 0x20u)
		return interrupt_read(h, offset);
	if (offset == REG_KEYR)
		return h->key;
	for (size_t i = 0; i < sizeof(constants) / sizeof(constants[0]); i++) {
		if (constants[i].offset == offset)
			return constants[i].val;
	}
	return 0;
}

/* Core and process may lock, and its owner alone release; COREID is that of the bus master. */
static void semaphore_write(struct wbsim *sim, enum sim_master m, unsigned int n, uint32_t val)
{
	const uint32_t core = m == SIM_CPU2 ? CORE_CPU2 : CORE_CPU1;
	uint32_t *r = &sim->periph->hsem.r[n];

	if ((val & CORE_MASK) != core << CORE_SHIFT)
		return;
	if (val & R_LOCK) {
		if (!(*r & R_LOCK))
			*r = val & (R_LOCK | CORE_MASK | 0xFFu);
	} else if ((val & (CORE_MASK | 0xFFu)) == (*r & (CORE_MASK | 0xFFu))) {
		hsem_freed(sim, n);
	}
}

static void hsem_write(struct wbsim *sim, enum sim_master m, uint32_t offset, uint32_t val)
{
	struct hsem_state *h = &sim->periph->hsem;
	unsigned int cpu = offset >= REG_IER + 0x10u ? 1 : 0;

	if (offset < REG_RLR) {
		semaphore_write(sim, m, offset / 4u, val);
	} else if (offset >= REG_IER && offset < REG_IER + 0x20u) {
		if ((offset & 0xFu) == 0)
			h->ier[cpu] = val;
		else if ((offset & 0xFu) == 4)
			h->isr[cpu] &= ~val;
	} else if (offset == REG_KEYR) {
		h->key = val & 0xFFFF0000u;
	} else if (offset == REG_CR && (val & 0xFFFF0000u) == h->key) {
		for (unsigned int n = 0; n < 32; n++) {
			if ((h->r[n] & R_LOCK) && (h->r[n] & CORE_MASK) == (val & CORE_MASK))
				hsem_freed(sim, n);
		}
	}
}

static void hsem_reset(struct wbsim *sim, unsigned int cause)
{
	(void)cause;
	memset(&sim->periph->hsem, 0, sizeof(sim->periph->hsem));
}

const struct sim_device dev_hsem = {
	.name = "HSEM",
	.base = 0x58001400u,
	.size = 0x400u,
	.read = hsem_read,
	.write = hsem_write,
	.reset = hsem_reset,
	.ahb3_clock = 1u << 19,
};

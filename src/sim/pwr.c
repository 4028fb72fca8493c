/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PWR: remembers what is written; CR4.C2BOOT starts the CM0+ once per reset. RM0434 6.6; SVD. */
#include "sim/devices.h"

#include <stdlib.h>
#include <string.h>

enum pwr_reg {
	REG_CR1 = 0x00,
	REG_CR4 = 0x0C,
	REG_SR1 = 0x10,
	REG_SR2 = 0x14,
	REG_SCR = 0x18,
	REG_EXTSCR = 0x88,
};

#define PWR_BYTES 0x400u
#define CR1_LPMS_MASK 7u
#define LPMS_STANDBY 3u /* 0..2: stop modes; 4 and above: shutdown */
#define CR4_C2BOOT (1u << 15)

struct pwr {
	uint32_t reg[PWR_BYTES / 4u];
	bool booted; /* C2BOOT has had its effect since the last reset */
};

static const struct {
	uint32_t offset, val;
} resets[] = {
	{ 0x00, 0x00000200 },
	{ 0x08, 0x00008000 },
	{ 0x14, 0x00000002 },
	{ 0x1C, 0x00004270 },
	{ 0x84, 0x00008000 },
};

struct pwr *pwr_new(void)
{
	return calloc(1, sizeof(struct pwr));
}

bool pwr_c2boot(const struct wbsim *sim)
{
	return (sim->pwr->reg[REG_CR4 / 4u] & CR4_C2BOOT) != 0;
}

bool pwr_standby(const struct wbsim *sim)
{
	return (sim->pwr->reg[REG_CR1 / 4u] & CR1_LPMS_MASK) >= LPMS_STANDBY;
}

/* One-shot: clearing and setting it again does nothing until a reset [mw] (chip.md). */
static bool boot_once(struct wbsim *sim)
{
	if (sim->pwr->booted || !pwr_c2boot(sim))
		return false;
	sim->pwr->booted = true;
	cpu2_boot(sim);
	cpu1_break(sim);
	return true;
}

bool pwr_set_c2boot(struct wbsim *sim)
{
	sim->pwr->reg[REG_CR4 / 4u] |= CR4_C2BOOT;
	return boot_once(sim);
}

static uint32_t pwr_read(struct wbsim *sim, enum sim_master m, uint32_t offset)
{
	(void)m;
	return sim->pwr->reg[offset / 4u];
}

static void pwr_write(struct wbsim *sim, enum sim_master m, uint32_t offset, uint32_t val)
{
	(void)m;
	switch (offset) {
	case REG_SR1:
	case REG_SR2:
		return;
	case REG_SCR: /* clears wake-up flags, holds nothing */
		sim->pwr->reg[REG_SR1 / 4u] &= ~val;
		return;
	case REG_EXTSCR: /* clear bits only; the stop and standby flags never rise here */
		return;
	default:
		break;
	}
	sim->pwr->reg[offset / 4u] = val;
	if (offset == REG_CR4)
		boot_once(sim);
}

static void pwr_reset(struct wbsim *sim, unsigned int cause)
{
	(void)cause;
	memset(sim->pwr, 0, sizeof(*sim->pwr));
	for (size_t i = 0; i < sizeof(resets) / sizeof(resets[0]); i++)
		sim->pwr->reg[resets[i].offset / 4u] = resets[i].val;
}

const struct sim_device dev_pwr = {
	.name = "PWR",
	.base = 0x58000400u,
	.size = PWR_BYTES,
	.read = pwr_read,
	.write = pwr_write,
	.reset = pwr_reset,
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DBGMCU: who the chip is, what stands still while CPU1 is halted, and what has a clock while it rests.
 * RM0434 41.8; SVD.
 */
#include "sim/devices.h"

#include <string.h>

#define REG_IDCODE 0x00u
#define CR_DBG_SLEEP (1u << 0)
#define CR_DBG_STOP (1u << 1)
#define CR_DBG_STANDBY (1u << 2)
#define APB1FZR1_IWDG (1u << 12)

enum dbgmcu_index {
	DBG_CR,
	DBG_APB1FZR1,
	DBG_C2APB1FZR1,
	DBG_APB1FZR2,
	DBG_C2APB1FZR2,
	DBG_APB2FZR,
	DBG_C2APB2FZR,
	DBG_COUNT
};

/* RM0434; the SVD repeats 0x48 for C2APB2FZR. */
static const uint32_t offsets[DBG_COUNT] = { 0x04, 0x3C, 0x40, 0x44, 0x48, 0x4C, 0x50 };

bool dbgmcu_freezes_iwdg(const struct wbsim *sim)
{
	return cpu1_halted(sim) && (sim->periph->dbgmcu[DBG_APB1FZR1] & APB1FZR1_IWDG);
}

/*
 * chip.md: debug in low power needs CR. In Sleep the core's own clock goes on, so that what is beside
 * the core answers and the bus behind it does not [inf]; in stop and standby there is no clock at all.
 * Whether a CM0+ that runs keeps one for CPU1's side, or the debugger's power-up request does, is
 * not known: quirks.
 */
enum dbgmcu_clock dbgmcu_clock(const struct wbsim *sim)
{
	const uint32_t cr = sim->periph->dbgmcu[DBG_CR];
	const enum cpu1_rest rest = cpu1_rest(sim);

	if (rest == CPU1_AWAKE)
		return DBGMCU_CLOCK_ALL;
	if (rest == CPU1_SLEEPS)
		return cr & CR_DBG_SLEEP || sim->quirks.sleep_open ? DBGMCU_CLOCK_ALL :
			DBGMCU_CLOCK_CORE;
	if (sim->quirks.stop_debug == SIM_STOP_OPEN)
		return DBGMCU_CLOCK_ALL;
	return cr & (pwr_standby(sim) ? CR_DBG_STANDBY : CR_DBG_STOP) ? DBGMCU_CLOCK_ALL :
		DBGMCU_CLOCK_NONE;
}

static uint32_t dbgmcu_read(struct wbsim *sim, enum sim_master m, uint32_t offset)
{
	(void)m;
	if (offset == REG_IDCODE)
		return (uint32_t)sim->part->rev_id << 16 | sim->part->dev_id;
	for (unsigned int i = 0; i < DBG_COUNT; i++) {
		if (offsets[i] == offset)
			return sim->periph->dbgmcu[i];
	}
	return 0;
}

static void dbgmcu_write(struct wbsim *sim, enum sim_master m, uint32_t offset, uint32_t val)
{
	(void)m;
	for (unsigned int i = 0; i < DBG_COUNT; i++) {
		if (offsets[i] == offset)
			sim->periph->dbgmcu[i] = val;
	}
}

/* Set by the debugger for the debugger: a system reset leaves it. */
static void dbgmcu_reset(struct wbsim *sim, unsigned int cause)
{
	if (cause == SIM_RESET_POWER)
		memset(sim->periph->dbgmcu, 0, sizeof(sim->periph->dbgmcu));
}

const struct sim_device dev_dbgmcu = {
	.name = "DBGMCU",
	.base = 0xE0042000u,
	.size = 0x400u,
	.read = dbgmcu_read,
	.write = dbgmcu_write,
	.reset = dbgmcu_reset,
};

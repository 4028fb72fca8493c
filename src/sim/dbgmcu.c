/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DBGMCU: who the chip is, and what stands still while CPU1 is halted. RM0434 41.8; SVD. */
#include "sim/devices.h"

#include <string.h>

#define REG_IDCODE 0x00u
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

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A virtual board for unit tests, and the debugger's hand on its bus. */
#ifndef SIM_BOARD_H
#define SIM_BOARD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/sim.h"

#define FLASH_REG(offset) (0x58004000u + (offset))
#define MS_NS 1000000ull
#define KEY1 0x45670123u
#define KEY2 0xCDEF89ABu
#define OPTKEY1 0x08192A3Bu
#define OPTKEY2 0x4C5D6E7Fu

/* the words of the configuration end with NULL */
static inline struct wbsim *board(const char *chip, const char *const *quirks,
	const char *const *options, const char *const *faults)
{
	struct wbsim_config cfg = {
		.chip = chip, .quirks = quirks, .options = options, .faults = faults
	};
	char why[512];
	struct wbsim *sim = wbsim_new(&cfg, why, sizeof(why));

	if (!sim)
		fail_msg("wbsim_new: %s", why);
	return sim;
}

static inline uint32_t rd(struct wbsim *sim, uint32_t addr)
{
	uint32_t val = 0;

	assert_true(bus_read(sim, SIM_DEBUG, addr, 4, &val));
	return val;
}

static inline void wr(struct wbsim *sim, uint32_t addr, uint32_t val)
{
	assert_true(bus_write(sim, SIM_DEBUG, addr, 4, val));
}

static inline void unlock(struct wbsim *sim)
{
	wr(sim, FLASH_REG(0x08), KEY1);
	wr(sim, FLASH_REG(0x08), KEY2);
}

static inline void unlock_options(struct wbsim *sim)
{
	unlock(sim);
	wr(sim, FLASH_REG(0x0C), OPTKEY1);
	wr(sim, FLASH_REG(0x0C), OPTKEY2);
}

#endif

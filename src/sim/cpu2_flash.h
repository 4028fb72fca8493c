/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CM0+'s firmware at the flash that it shares with CPU1. */
#ifndef SIM_CPU2_FLASH_H
#define SIM_CPU2_FLASH_H

#include "sim/sim.h"

struct cpu2_flash {
	uint64_t radio_at, write_at; /* when a radio event, a write of its own begins or ends */
	bool radio, writing;         /* ... is under way */
};

/** The firmware is up: from now on it uses the flash as the quirks say. */
void cpu2_flash_begin(struct wbsim *sim);
void cpu2_flash_stop(struct cpu2 *c);
uint64_t cpu2_flash_next(const struct cpu2 *c);
void cpu2_flash_tick(struct wbsim *sim);

#endif

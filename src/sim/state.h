/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * State files, beyond wbsim_save() and wbsim_load(): for stm32wb-sim, which must know the part
 * before it can make the chip.
 */
#ifndef SIM_STATE_H
#define SIM_STATE_H

#include "sim/sim.h"

/** The part name in a state file. False: why says what is wrong with the file. */
WBSIM_API bool state_part(const char *path, char *part, size_t part_size, char *why,
	size_t why_size);

#endif

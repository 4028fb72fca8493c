/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * State files, beyond wbsim_save() and wbsim_load(): for stm32wb-sim, which must know the part
 * before it can make the chip, and at the start that it can keep it.
 */
#ifndef SIM_STATE_H
#define SIM_STATE_H

#include "sim/sim.h"

/** The part name in a state file. False: why says what is wrong with the file. */
WBSIM_API bool state_part(const char *path, char *part, size_t part_size, char *why,
	size_t why_size);

/** Could wbsim_save() write this file? One that exists is not touched. False: why says why not. */
WBSIM_API bool state_writable(const char *path, char *why, size_t why_size);

#endif

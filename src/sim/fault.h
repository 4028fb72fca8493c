/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two tables of fault.c, for --help.
 */
#ifndef SIM_FAULT_H
#define SIM_FAULT_H

#include "sim/sim.h"

struct fault_what {
	const char *name;
	const char *arg; /* what "=..." means; NULL: takes none */
	uint64_t default_arg;
	const char *help;
	void (*strike)(struct wbsim *sim, uint64_t arg);
};

struct fault_when {
	const char *name;
	enum sim_fault_place place;
	bool by_name; /* also takes a step's name */
	const char *usage, *help;
};

const struct fault_what *fault_whats(size_t *count);
const struct fault_when *fault_whens(size_t *count);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Option registers and fields as tables (option_fields.c), used by options.c. */
#ifndef SIM_OPTIONS_H
#define SIM_OPTIONS_H

#include "sim/devices.h"

enum option_reg_name {
	OPT_OPTR,
	OPT_PCROP1ASR,
	OPT_PCROP1AER,
	OPT_WRP1AR,
	OPT_WRP1BR,
	OPT_PCROP1BSR,
	OPT_PCROP1BER,
	OPT_IPCCBR,
	OPT_SFR,
	OPT_SRRVR,
	OPT_COUNT
};

struct option_reg {
	unsigned int index; /* double word of the option page */
	uint32_t offset;    /* FLASH register */
	uint32_t open;      /* bits CPU1 and the debugger may change */
	uint32_t used;      /* bits that exist */
	uint32_t rest;      /* what the others read as */
};
extern const struct option_reg option_regs[OPT_COUNT];

#define ON_WB35 1u
#define ON_WB1X 2u

struct option_field {
	const char *name;
	enum option_reg_name reg;
	unsigned int shift, width;
	unsigned int where; /* 0: all families */
};

/** A field of this family by name, case ignored; NULL: none. */
const struct option_field *option_field_find(enum sim_family family, const char *name);
/** What the register of a healthy part with its FUS selected holds. */
uint32_t option_healthy(enum sim_family family, enum option_reg_name reg);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The option registers and their fields, by name. RM0434 3.10; SVD; chip.md for WB1x. */
#include "sim/options.h"

#include <string.h>
#include <strings.h>

/* Index in the option page, FLASH register, bits CPU1 may change, bits that exist, the rest. */
const struct option_reg option_regs[] = {
	[OPT_OPTR] = { 0, 0x20, 0xEFFFFEFFu, 0xEFFFFFFFu, 0x10000000u }, /* all but ESE */
	[OPT_PCROP1ASR] = { 1, 0x24, 0x000001FFu, 0x000001FFu, 0xFFFFFE00u },
	[OPT_PCROP1AER] = { 2, 0x28, 0x800001FFu, 0x800001FFu, 0x7FFFFE00u },
	[OPT_WRP1AR] = { 3, 0x2C, 0x00FF00FFu, 0x00FF00FFu, 0xFF00FF00u },
	[OPT_WRP1BR] = { 4, 0x30, 0x00FF00FFu, 0x00FF00FFu, 0xFF00FF00u },
	[OPT_PCROP1BSR] = { 5, 0x34, 0x000001FFu, 0x000001FFu, 0xFFFFFE00u },
	[OPT_PCROP1BER] = { 6, 0x38, 0x000001FFu, 0x000001FFu, 0xFFFFFE00u },
	[OPT_IPCCBR] = { 13, 0x3C, 0x00003FFFu, 0x00003FFFu, 0xFFFFC000u },
	[OPT_SFR] = { 14, 0x80, 0, 0x000011FFu, 0xFFFFEE00u },
	[OPT_SRRVR] = { 15, 0x84, 0, 0xFEFFFFFFu, 0x01000000u },
};

static const struct option_field fields[] = {
	{ "RDP", OPT_OPTR, 0, 8, 0 },
	{ "ESE", OPT_OPTR, 8, 1, 0 },
	{ "BOR_LEV", OPT_OPTR, 9, 3, 0 },
	{ "nRST_STOP", OPT_OPTR, 12, 1, 0 },
	{ "nRST_STDBY", OPT_OPTR, 13, 1, 0 },
	{ "nRST_SHDW", OPT_OPTR, 14, 1, 0 },
	{ "IRHEN", OPT_OPTR, 15, 1, ON_WB1X },
	{ "IWDG_SW", OPT_OPTR, 16, 1, 0 },
	{ "IWDG_STOP", OPT_OPTR, 17, 1, 0 },
	{ "IWDG_STDBY", OPT_OPTR, 18, 1, 0 },
	{ "WWDG_SW", OPT_OPTR, 19, 1, 0 },
	{ "nBOOT1", OPT_OPTR, 23, 1, 0 },
	{ "SRAM2_PE", OPT_OPTR, 24, 1, 0 },
	{ "SRAM2_RST", OPT_OPTR, 25, 1, 0 },
	{ "nSWBOOT0", OPT_OPTR, 26, 1, 0 },
	{ "nBOOT0", OPT_OPTR, 27, 1, 0 },
	{ "AGC_TRIM", OPT_OPTR, 29, 3, 0 },
	{ "PCROP1A_STRT", OPT_PCROP1ASR, 0, 9, 0 },
	{ "PCROP1A_END", OPT_PCROP1AER, 0, 9, 0 },
	{ "PCROP_RDP", OPT_PCROP1AER, 31, 1, 0 },
	{ "WRP1A_STRT", OPT_WRP1AR, 0, 8, 0 },
	{ "WRP1A_END", OPT_WRP1AR, 16, 8, 0 },
	/* RM0434: start in the low half, as in WRP1AR; the SVD has the two swapped */
	{ "WRP1B_STRT", OPT_WRP1BR, 0, 8, 0 },
	{ "WRP1B_END", OPT_WRP1BR, 16, 8, 0 },
	{ "PCROP1B_STRT", OPT_PCROP1BSR, 0, 9, 0 },
	{ "PCROP1B_END", OPT_PCROP1BER, 0, 9, 0 },
	{ "IPCCDBA", OPT_IPCCBR, 0, 14, 0 },
	{ "SFSA", OPT_SFR, 0, 8, 0 },
	{ "FSD", OPT_SFR, 8, 1, 0 },
	{ "DDS", OPT_SFR, 12, 1, 0 },
	{ "SBRV", OPT_SRRVR, 0, 18, ON_WB35 },
	{ "SBRV", OPT_SRRVR, 0, 17, ON_WB1X },
	{ "SBRSA", OPT_SRRVR, 18, 5, 0 },
	{ "BRSD", OPT_SRRVR, 23, 1, 0 },
	{ "SNBRSA", OPT_SRRVR, 25, 5, ON_WB35 },
	{ "SNBRSA", OPT_SRRVR, 25, 2, ON_WB1X },
	{ "NBRSD", OPT_SRRVR, 30, 1, 0 },
	{ "C2OPT", OPT_SRRVR, 31, 1, 0 },
	/* whole registers */
	{ "OPTR", OPT_OPTR, 0, 32, 0 },
	{ "SFR", OPT_SFR, 0, 32, 0 },
	{ "SRRVR", OPT_SRRVR, 0, 32, 0 },
};

const struct option_field *option_field_find(enum sim_family family, const char *name)
{
	unsigned int here = family == SIM_WB1X ? ON_WB1X : ON_WB35;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (fields[i].where && fields[i].where != here)
			continue;
		if (strcasecmp(fields[i].name, name) == 0)
			return &fields[i];
	}
	return NULL;
}

/* A part as it leaves ST: FUS selected, nothing protected. Values from real boards [user]. */
struct healthy {
	uint32_t optr, sfr, srrvr;
};

static const struct healthy healthy_wb35 = {
	.optr = 0x3FFFF1AAu,  /* RDP 0, ESE, all nBOOT and IWDG_SW set */
	.sfr = 0xFFFFFEF4u,   /* SFSA 0xF4, DDS: CM0+ debug off */
	.srrvr = 0xA183D000u, /* SBRV 0x3D000, BRSD, SNBRSA 16, C2OPT flash */
};

static const struct healthy healthy_wb1x = {
	.optr = 0x3FFFF1AAu,
	.sfr = 0xFFFFFE8Cu,   /* SFSA 0x8C */
	.srrvr = 0x81691800u, /* SBRV 0x11800, SBRSA 26, SNBRSA 0, C2OPT flash */
};

uint32_t option_healthy(enum sim_family family, enum option_reg_name reg)
{
	const struct healthy *h = family == SIM_WB1X ? &healthy_wb1x : &healthy_wb35;

	switch (reg) {
	case OPT_OPTR:
		return h->optr;
	case OPT_SFR:
		return h->sfr;
	case OPT_SRRVR:
		return h->srrvr;
	case OPT_IPCCBR:
		return option_regs[OPT_IPCCBR].rest;
	case OPT_PCROP1AER: /* start above end: no zone */
	case OPT_PCROP1BER:
	case OPT_WRP1AR:
	case OPT_WRP1BR:
		return option_regs[reg].rest |
		       (reg == OPT_WRP1AR || reg == OPT_WRP1BR ? 0xFFu : 0u);
	default:
		return UINT32_MAX;
	}
}

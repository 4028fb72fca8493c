/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part numbers the virtual chip can be. */
#include "sim/sim.h"

#include <string.h>

/* packages, 0x1FFF7500 [4:0]; ST's LL utils header */
#define PKG_CSP100 0x11u
#define PKG_QFN68 0x12u
#define PKG_QFN48 0x0Au

#define FUS_5X 0x080F4000u
#define FUS_1X 0x08046000u

/* KiB of SRAM2a, SRAM2b open to CPU1 while the FUS runs: footers of ST's FUS images */
#define OPEN_5X 32, 16
#define OPEN_1X 26, 0

/* Sizes: chip.md, families. IDCODE revisions seen on boards: 0x2001 (Y), 0x2003 (X). */
static const struct sim_part parts[] = {
	/* name, family, flash KiB, page, dev, rev, SRAM1, 2a, 2b KiB, FUS code, package, FUS open */
	{ "wb55rg", SIM_WB5X, 1024, 4096, 0x495, 0x2001, 192, 32, 32, FUS_5X, PKG_QFN68, OPEN_5X },
	{ "wb55vy", SIM_WB5X, 640, 4096, 0x495, 0x2001, 192, 32, 32, FUS_5X, PKG_CSP100, OPEN_5X },
	{ "wb55re", SIM_WB5X, 512, 4096, 0x495, 0x2001, 192, 32, 32, FUS_5X, PKG_QFN68, OPEN_5X },
	{ "wb55rc", SIM_WB5X, 256, 4096, 0x495, 0x2001, 192, 32, 32, FUS_5X, PKG_QFN68, OPEN_5X },
	{ "wb5mmg", SIM_WB5X, 1024, 4096, 0x495, 0x2003, 192, 32, 32, FUS_5X, PKG_QFN68, OPEN_5X },
	{ "wb50cg", SIM_WB5X, 1024, 4096, 0x495, 0x2003, 64, 32, 32, FUS_5X, PKG_QFN48, OPEN_5X },
	{ "wb35ce", SIM_WB3X, 512, 4096, 0x496, 0x1000, 32, 32, 32, FUS_5X, PKG_QFN48, OPEN_5X },
	{ "wb35cc", SIM_WB3X, 256, 4096, 0x496, 0x1000, 32, 32, 32, FUS_5X, PKG_QFN48, OPEN_5X },
	{ "wb30ce", SIM_WB3X, 512, 4096, 0x496, 0x1000, 32, 32, 32, FUS_5X, PKG_QFN48, OPEN_5X },
	{ "wb15cc", SIM_WB1X, 320, 2048, 0x494, 0x2000, 12, 32, 4, FUS_1X, PKG_QFN48, OPEN_1X },
	{ "wb10cc", SIM_WB1X, 320, 2048, 0x494, 0x2000, 12, 32, 4, FUS_1X, PKG_QFN48, OPEN_1X },
	{ "wb1mmc", SIM_WB1X, 320, 2048, 0x494, 0x2000, 12, 32, 4, FUS_1X, PKG_QFN48, OPEN_1X },
};

const struct sim_part *sim_part_at(size_t i)
{
	return i < sizeof(parts) / sizeof(parts[0]) ? &parts[i] : NULL;
}

const struct sim_part *sim_part_find(const char *name)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (strcmp(parts[i].name, name) == 0)
			return &parts[i];
	}
	return NULL;
}

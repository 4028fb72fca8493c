/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The families of the STM32WB, one row each.
 *
 * Sources: ST's CMSIS device headers (SRAM, pages, ids), ST's page on the FUS (FUS start, SBRV and
 * SFSA as delivered), RM0434 and RM0473. WB1x: SBRV has 17 bits, so its Safeboot cannot be at
 * 0x3FC00; the value here is inferred (last page of its flash).
 */
#include <stddef.h>
#include "core/openfus.h"

static const struct wb_family families[] = {
	{
		.id = WB_FAMILY_5X,
		.name = "STM32WB5x",
		.dev_id = 0x495,
		.page = 4096,
		.flash_kib = { 1024, 640, 512, 256 },
		.sram1_kib = 64, /* WB50; the others have 192 */
		.sram2a = 0x20030000,
		.fus_start = 0x080f4000,
		.fus_sbrv = 0x3d000,
		.fus_sbrv_053 = 0x3d800,
		.safeboot_sbrv = 0x3fc00,
		.sbrv_mask = 0x3ffff,
		.fus_sfsa = 0xf4,
		.fus_sfsa_053 = 0xf6,
		.key_store = true,
	},
	{
		.id = WB_FAMILY_3X,
		.name = "STM32WB3x",
		.dev_id = 0x496,
		.page = 4096,
		.flash_kib = { 512, 256 },
		.sram1_kib = 32,
		.sram2a = 0x20030000,
		.fus_start = 0x080f4000,
		.fus_sbrv = 0x3d000,
		.fus_sbrv_053 = 0x3d800,
		.safeboot_sbrv = 0x3fc00,
		.sbrv_mask = 0x3ffff,
		.fus_sfsa = 0xf4,
		.fus_sfsa_053 = 0xf6,
		.key_store = true,
	},
	{
		.id = WB_FAMILY_1X,
		.name = "STM32WB1x",
		.dev_id = 0x494,
		.page = 2048,
		.flash_kib = { 320 },
		.sram1_kib = 12,
		.sram2a = 0x20030000,
		.sram2a_alias = 0x20003000, /* where ST's page on the FUS has it */
		.fus_start = 0x08046000,
		.fus_sbrv = 0x11800,
		.fus_sbrv_053 = 0x11800, /* there never was a FUS 0.5.3 */
		.safeboot_sbrv = 0x13e00,
		.sbrv_mask = 0x1ffff,
		.fus_sfsa = 0x8c,
		.fus_sfsa_053 = 0x8c,
	},
};

#define FAMILIES (sizeof(families) / sizeof(*families))

const struct wb_family *wb_family_by_id(enum wb_family_id id)
{
	for (size_t i = 0; i < FAMILIES; i++)
		if (families[i].id == id)
			return &families[i];
	return NULL;
}

const struct wb_family *wb_family_by_dev_id(uint16_t dev_id)
{
	for (size_t i = 0; i < FAMILIES; i++)
		if (families[i].dev_id == dev_id)
			return &families[i];
	return NULL;
}

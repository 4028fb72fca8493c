/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Peripherals without behaviour: they read as after reset and remember what is written, and say so
 * once in the log, because an application that waits for one of them waits for ever. Bases, sizes
 * and reset values from the SVD.
 */
#include "sim/devices.h"

#include <stdlib.h>
#include <string.h>

static const struct plain_block {
	const char *name;
	uint32_t base, size;
} blocks[] = {
	{ "TIM2", 0x40000000u, 0x400u },
	{ "LCD", 0x40002400u, 0x400u },
	{ "RTC", 0x40002800u, 0x400u },
	{ "WWDG", 0x40002C00u, 0x400u },
	{ "SPI2", 0x40003800u, 0x400u },
	{ "I2C1", 0x40005400u, 0x400u },
	{ "I2C3", 0x40005C00u, 0x400u },
	{ "CRS", 0x40006000u, 0x400u },
	{ "USB", 0x40006800u, 0x800u },
	{ "LPTIM1", 0x40007C00u, 0x400u },
	{ "LPUART1", 0x40008000u, 0x400u },
	{ "LPTIM2", 0x40009400u, 0x400u },
	{ "SYSCFG", 0x40010000u, 0x200u },
	{ "COMP", 0x40010200u, 0x100u },
	{ "TIM1", 0x40012C00u, 0x400u },
	{ "SPI1", 0x40013000u, 0x400u },
	{ "USART1", 0x40013800u, 0x400u },
	{ "TIM16", 0x40014400u, 0x400u },
	{ "TIM17", 0x40014800u, 0x400u },
	{ "SAI1", 0x40015400u, 0x400u },
	{ "DMA1", 0x40020000u, 0x400u },
	{ "DMA2", 0x40020400u, 0x400u },
	{ "DMAMUX1", 0x40020800u, 0x400u },
	{ "TSC", 0x40024000u, 0x400u },
	{ "GPIOA", 0x48000000u, 0x400u },
	{ "GPIOB", 0x48000400u, 0x400u },
	{ "GPIOC", 0x48000800u, 0x400u },
	{ "GPIOD", 0x48000C00u, 0x400u },
	{ "GPIOE", 0x48001000u, 0x400u },
	{ "GPIOH", 0x48001C00u, 0x400u },
	{ "ADC", 0x50040000u, 0x400u },
	{ "EXTI", 0x58000800u, 0x400u },
	{ "RNG", 0x58001000u, 0x400u },
	{ "AES2", 0x58001800u, 0x400u },
	{ "PKA", 0x58002000u, 0x2000u },
	{ "QUADSPI", 0xA0001000u, 0x400u },
};

#define BLOCKS (sizeof(blocks) / sizeof(blocks[0]))
_Static_assert(BLOCKS <= PLAIN_BLOCKS_MAX, "struct periph has room for every block");

/* Registers that are not 0 after reset. */
static const struct {
	uint32_t addr, val;
} resets[] = {
	{ 0x40002408, 0x00000020 },
	{ 0x40002804, 0x00002101 },
	{ 0x4000280C, 0x00000007 },
	{ 0x40002810, 0x007F00FF },
	{ 0x40002814, 0x0000FFFF },
	{ 0x40002C00, 0x0000007F },
	{ 0x40002C04, 0x0000007F },
	{ 0x40003804, 0x00000700 },
	{ 0x40003808, 0x00000002 },
	{ 0x40003810, 0x00000007 },
	{ 0x40005418, 0x00000001 },
	{ 0x40005C18, 0x00000001 },
	{ 0x40006000, 0x00002000 },
	{ 0x40006004, 0x2022BB7F },
	{ 0x40006840, 0x00000003 },
	{ 0x40007C18, 0x00000001 },
	{ 0x4000801C, 0x000000C0 },
	{ 0x40009418, 0x00000001 },
	{ 0x40010004, 0x7C000001 },
	{ 0x40010030, 0x00000002 },
	{ 0x40012C2C, 0x0000FFFF },
	{ 0x40012C60, 0x00000001 },
	{ 0x40012C64, 0x00000001 },
	{ 0x40013004, 0x00000700 },
	{ 0x40013008, 0x00000002 },
	{ 0x40013010, 0x00000007 },
	{ 0x4001381C, 0x000000C0 },
	{ 0x4001442C, 0x0000FFFF },
	{ 0x40014460, 0x00000001 },
	{ 0x4001482C, 0x0000FFFF },
	{ 0x40014860, 0x00000001 },
	{ 0x40015404, 0x00000040 },
	{ 0x4001540C, 0x00000007 },
	{ 0x40015418, 0x00000008 },
	{ 0x40015424, 0x00000040 },
	{ 0x4001542C, 0x00000007 },
	{ 0x40015438, 0x00000008 },
	{ 0x40024010, 0xFFFFFFFF },
	{ 0x48000000, 0xABFFFFFF },
	{ 0x48000008, 0x0C000000 },
	{ 0x4800000C, 0x64000000 },
	{ 0x48000400, 0xFFFFFEBF },
	{ 0x48000408, 0x000000C0 },
	{ 0x4800040C, 0x00000100 },
	{ 0x48000800, 0xFFFFFFFF },
	{ 0x48000808, 0x000000C0 },
	{ 0x4800080C, 0x00000100 },
	{ 0x48000C00, 0xFFFFFFFF },
	{ 0x48000C08, 0x000000C0 },
	{ 0x48000C0C, 0x00000100 },
	{ 0x48001000, 0x000003FF },
	{ 0x48001008, 0x000000C0 },
	{ 0x48001C00, 0x000000CF },
	{ 0x5004000C, 0x80000000 },
	{ 0x50040020, 0x0FFF0000 },
	{ 0x50040024, 0x0FFF0000 },
	{ 0x50040028, 0x0FFF0000 },
	{ 0x58000880, 0x7FC00000 },
	{ 0x58000890, 0x0001FCFD },
	{ 0x580008C0, 0x7FC00000 },
	{ 0x580008D0, 0x0001FCFD },
	{ 0x58000BDC, 0x00000300 },
	{ 0x58000BE0, 0x003EFFFF },
	{ 0x58000BE8, 0x00000302 },
	{ 0x58000BEC, 0x803FFFFF },
	{ 0x58000BF0, 0x00003130 },
	{ 0x58000BF4, 0x00000020 },
	{ 0x58000BF8, 0x000E0001 },
	{ 0x58000BFC, 0xA3C5DD01 },
	{ 0x58001860, 0x00000002 },
	{ 0x58001864, 0x00000010 },
	{ 0x58001868, 0x00170023 },
	{ 0x5800186C, 0x00170023 },
	{ 0x58003FF4, 0x00000010 },
	{ 0x58003FF8, 0x00170061 },
	{ 0x58003FFC, 0xA3C5DD08 },
};

void plain_reset(struct wbsim *sim)
{
	for (size_t b = 0; b < BLOCKS; b++) {
		if (sim->periph->plain[b])
			memset(sim->periph->plain[b], 0, blocks[b].size);
	}
	for (size_t i = 0; i < sizeof(resets) / sizeof(resets[0]); i++) {
		for (size_t b = 0; b < BLOCKS; b++) {
			uint32_t off = resets[i].addr - blocks[b].base;

			if (off < blocks[b].size && sim->periph->plain[b])
				sim->periph->plain[b][off / 4u] = resets[i].val;
		}
	}
}

struct periph *periph_new(void)
{
	struct periph *p = calloc(1, sizeof(*p));

	for (size_t b = 0; p && b < BLOCKS; b++) {
		p->plain[b] = calloc(1, blocks[b].size);
		if (!p->plain[b]) {
			periph_free(p);
			p = NULL;
		}
	}
	if (p)
		p->aes = aes_new();
	if (p && !p->aes) {
		periph_free(p);
		p = NULL;
	}
	return p;
}

void periph_free(struct periph *periph)
{
	for (size_t b = 0; periph && b < BLOCKS; b++)
		free(periph->plain[b]);
	if (periph)
		free(periph->aes);
	free(periph);
}

bool plain_access(struct wbsim *sim, enum sim_master m, uint32_t addr, uint32_t **reg)
{
	for (size_t b = 0; b < BLOCKS; b++) {
		uint32_t off = addr - blocks[b].base;

		if (off >= blocks[b].size)
			continue;
		if (!sim->periph->plain_told[b] && m != SIM_TESTER) {
			sim->periph->plain_told[b] = true;
			sim_log(sim,
				"%s is not modelled: it remembers what is written and does nothing",
				blocks[b].name);
		}
		*reg = &sim->periph->plain[b][off / 4u];
		return true;
	}
	return false;
}

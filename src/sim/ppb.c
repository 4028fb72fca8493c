/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The private peripheral bus: who answers at which address, sub-word accesses, and the ROM table with the
 * CoreSight identities a probe finds on a WB55 (ARMv7-M ARM B3.1, D1.2).
 */
#include "sim/cpu1.h"

#define PPB_BASE 0xE0000000u
#define PPB_SIZE 0x00100000u
#define DWT_PAGE 0xE0001000u
#define FPB_PAGE 0xE0002000u
#define SCS_PAGE 0xE000E000u
#define ROM_PAGE 0xE00FF000u
#define PAGE 0x1000u
#define ID_FIRST 0xFD0u /* PIDR4..7, PIDR0..3, CIDR0..3 end a page */

#define SYST_FIRST 0xE000E010u
#define SYST_END 0xE000E020u
#define SCB_CFSR 0xE000ED28u
#define SCB_DFSR 0xE000ED30u
#define DCB_FIRST 0xE000EDF0u
#define DCB_END 0xE000EE00u

#define CIDR_ROM 0xB105100Du
#define CIDR_GENERIC 0xB105E00Du
#define ROM_MEMTYPE 0xFCCu
#define MEMTYPE_SYSTEM 1u

/* Component identities as a real WB55 shows them (the chip's own dump). */
static const struct {
	uint64_t pidr;
	uint32_t page, cidr;
} components[] = {
	{0x00000A0495, ROM_PAGE, CIDR_ROM},
	{0x04000BB00C, SCS_PAGE, CIDR_GENERIC},
	{0x04003BB002, DWT_PAGE, CIDR_GENERIC},
	{0x04002BB003, FPB_PAGE, CIDR_GENERIC},
	{0x04003BB001, 0xE0000000u, CIDR_GENERIC}, /* ITM */
};

/* ROM table: offset of the component's page from the table, bit 0: present, bit 1: 32-bit format. */
static const uint32_t rom_entries[] = {
	0xFFF0F003, /* SCS */
	0xFFF02003, /* DWT */
	0xFFF03003, /* FPB */
	0xFFF01003, /* ITM */
	0xFFF41002, /* TPIU: absent */
	0xFFF42002, /* ETM: absent */
};

static bool read_identity(uint32_t addr, uint32_t *val)
{
	uint32_t page = addr & ~(PAGE - 1), offset = addr & (PAGE - 1);

	for (size_t i = 0; i < sizeof components / sizeof components[0]; i++) {
		if (components[i].page != page)
			continue;
		if (offset >= 0xFF0u)
			*val = components[i].cidr >> ((offset - 0xFF0u) / 4 * 8) & 0xFF;
		else if (offset >= 0xFE0u)
			*val = components[i].pidr >> ((offset - 0xFE0u) / 4 * 8) & 0xFF;
		else
			*val = components[i].pidr >> (32 + (offset - ID_FIRST) / 4 * 8) & 0xFF;
		return true;
	}
	return false;
}

static uint32_t read_rom(uint32_t offset)
{
	if (offset == ROM_MEMTYPE)
		return MEMTYPE_SYSTEM;
	return offset / 4 < sizeof rom_entries / sizeof rom_entries[0] ? rom_entries[offset / 4] : 0;
}

static uint32_t read_word(struct cpu1 *cpu, enum sim_master m, uint32_t addr)
{
	uint32_t val;

	if ((addr & (PAGE - 1)) >= ID_FIRST && read_identity(addr, &val))
		return val;
	switch (addr & ~(PAGE - 1)) {
	case DWT_PAGE:
	case FPB_PAGE:
		return fpb_dwt_read(cpu, m, addr);
	case ROM_PAGE:
		return read_rom(addr - ROM_PAGE);
	case SCS_PAGE:
		break;
	default:
		return 0;
	}
	if (addr >= SYST_FIRST && addr < SYST_END)
		return systick_read(cpu, m, addr);
	if (addr == SCB_DFSR || (addr >= DCB_FIRST && addr < DCB_END))
		return debug_read(cpu, m, addr);
	return nvic_read(cpu, addr);
}

static void write_word(struct cpu1 *cpu, enum sim_master m, uint32_t addr, uint32_t val)
{
	switch (addr & ~(PAGE - 1)) {
	case DWT_PAGE:
	case FPB_PAGE:
		fpb_dwt_write(cpu, addr, val);
		return;
	case SCS_PAGE:
		break;
	default:
		return;
	}
	if (addr >= SYST_FIRST && addr < SYST_END)
		systick_write(cpu, addr, val);
	else if (addr == SCB_DFSR || (addr >= DCB_FIRST && addr < DCB_END))
		debug_write(cpu, m, addr, val);
	else
		nvic_write(cpu, m, addr, val);
}

bool ppb_read(struct wbsim *sim, enum sim_master m, uint32_t addr, unsigned int size, uint32_t *val)
{
	uint32_t word;

	if (addr - PPB_BASE >= PPB_SIZE)
		return false;
	cpu1_settle(sim->cpu1);
	word = read_word(sim->cpu1, m, addr & ~3u);
	*val = size == 4 ? word : word >> (8 * (addr & 3)) & ((1u << (8 * size)) - 1);
	return true;
}

bool ppb_write(struct wbsim *sim, enum sim_master m, uint32_t addr, unsigned int size, uint32_t val)
{
	uint32_t word = addr & ~3u, shift = 8 * (addr & 3);

	if (addr - PPB_BASE >= PPB_SIZE)
		return false;
	cpu1_settle(sim->cpu1);
	if (size != 4) {
		uint32_t mask = ((1u << (8 * size)) - 1) << shift;

		val = val << shift & mask;
		if (word != SCB_CFSR) /* write 1 to clear: the other lanes must be 0 */
			val |= read_word(sim->cpu1, SIM_TESTER, word) & ~mask;
	}
	write_word(sim->cpu1, m, word, val);
	return true;
}

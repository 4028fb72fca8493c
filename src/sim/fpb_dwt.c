/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Breakpoint unit (FPB version 1: 6 code and 2 literal comparators) and watchpoints (DWT: 4
 * comparators, cycle counter), ARMv7-M ARM C1.8 and C1.11, as the Cortex-M4 r0p1 has them.
 */
#include "sim/cpu1.h"

#define FP_CTRL 0xE0002000u
#define FP_REMAP 0xE0002004u
#define FP_COMP0 0xE0002008u
#define FP_CTRL_KEY 2u
#define FP_CTRL_ENABLE 1u
#define FP_CTRL_IS 0x260u /* NUM_CODE 6, NUM_LIT 2, version 1 */
#define FP_REMAP_IS 0x20000000u /* remapping supported, to SRAM */
#define FP_COMP_ENABLE 1u
#define FP_COMP_ADDR 0x1FFFFFFCu
#define FP_COMP_BITS 0xDFFFFFFDu
#define CODE_REGION_END 0x20000000u

#define DWT_CTRL 0xE0001000u
#define DWT_CYCCNT 0xE0001004u
#define DWT_PCSR 0xE000101Cu
#define DWT_COMP0 0xE0001020u
#define DWT_STRIDE 0x10u
#define DWT_CTRL_IS 0x40000000u /* 4 comparators */
#define DWT_CTRL_BITS 0x007F1FFFu
#define DWT_CYCCNTENA 1u
#define DWT_MASK_BITS 0x1Fu
#define DWT_MATCHED (1u << 24)
#define DWT_FUNCTION_BITS 0x000FFFAFu

bool fpb_match(const struct cpu1 *cpu, uint32_t addr)
{
	uint32_t half = addr & 2 ? 2 : 1;

	if (addr >= CODE_REGION_END)
		return false;
	for (unsigned int i = 0; i < FPB_CODE_COMPARATORS; i++) {
		uint32_t comp = cpu->fp_comp[i];

		if ((comp & FP_COMP_ENABLE) && (comp & FP_COMP_ADDR) == (addr & FP_COMP_ADDR) &&
			(comp >> 30 & half))
			return true;
	}
	return false;
}

void fpb_arm(struct cpu1 *cpu)
{
	cpu->fpb_armed = false;
	if (!(cpu->fp_ctrl & FP_CTRL_ENABLE) || !(cpu->dhcsr & DHCSR_C_DEBUGEN))
		return;
	for (unsigned int i = 0; i < FPB_CODE_COMPARATORS; i++)
		cpu->fpb_armed |= (cpu->fp_comp[i] & FP_COMP_ENABLE) && cpu->fp_comp[i] >> 30;
}

static bool cyccnt_runs(const struct cpu1 *cpu)
{
	return (cpu->demcr & DEMCR_TRCENA) && (cpu->dwt_ctrl & DWT_CYCCNTENA);
}

void dwt_elapse(struct cpu1 *cpu, uint64_t cycles)
{
	if (cyccnt_runs(cpu))
		cpu->cyccnt += (uint32_t)cycles;
}

uint32_t fpb_dwt_read(struct cpu1 *cpu, enum sim_master m, uint32_t addr)
{
	uint32_t val;
	uint32_t n = (addr - DWT_COMP0) / DWT_STRIDE;

	if (addr == FP_CTRL)
		return FP_CTRL_IS | (cpu->fp_ctrl & FP_CTRL_ENABLE);
	if (addr == FP_REMAP)
		return FP_REMAP_IS | cpu->fp_remap;
	if (addr >= FP_COMP0 && addr < FP_COMP0 + 4 * FPB_COMPARATORS)
		return cpu->fp_comp[(addr - FP_COMP0) / 4];
	if (addr == DWT_CTRL)
		return DWT_CTRL_IS | cpu->dwt_ctrl;
	if (addr == DWT_CYCCNT)
		return cpu->cyccnt + (cpu->running && cyccnt_runs(cpu) ? (uint32_t)cpu->count : 0);
	if (addr == DWT_PCSR)
		return cpu->halted ? UINT32_MAX : cpu1_pc(cpu);
	if (addr < DWT_COMP0 || n >= DWT_COMPARATORS)
		return 0;
	switch (addr % DWT_STRIDE) {
	case 0:
		return cpu->dwt[n].comp;
	case 4:
		return cpu->dwt[n].mask;
	case 8:
		val = cpu->dwt[n].function | (cpu->dwt[n].matched ? DWT_MATCHED : 0);
		if (m != SIM_TESTER)
			cpu->dwt[n].matched = false;
		return val;
	default:
		return 0;
	}
}

static void dwt_write(struct cpu1 *cpu, uint32_t addr, uint32_t val)
{
	uint32_t n = (addr - DWT_COMP0) / DWT_STRIDE;
	struct dwt_comparator *d = &cpu->dwt[n];

	switch (addr % DWT_STRIDE) {
	case 0:
		d->comp = val;
		break;
	case 4:
		d->mask = val & DWT_MASK_BITS;
		break;
	case 8:
		d->function = val & DWT_FUNCTION_BITS;
		break;
	default:
		return;
	}
	cpu->watch_dirty = true;
	cpu->attention = true;
}

void fpb_dwt_write(struct cpu1 *cpu, uint32_t addr, uint32_t val)
{
	if (addr == FP_CTRL && (val & FP_CTRL_KEY))
		cpu->fp_ctrl = val & FP_CTRL_ENABLE;
	else if (addr == FP_REMAP)
		cpu->fp_remap = val & FP_COMP_ADDR;
	else if (addr >= FP_COMP0 && addr < FP_COMP0 + 4 * FPB_COMPARATORS)
		cpu->fp_comp[(addr - FP_COMP0) / 4] = val & FP_COMP_BITS;
	else if (addr == DWT_CTRL)
		cpu->dwt_ctrl = val & DWT_CTRL_BITS;
	else if (addr == DWT_CYCCNT)
		cpu->cyccnt = val;
	else if (addr >= DWT_COMP0 && addr < DWT_COMP0 + DWT_STRIDE * DWT_COMPARATORS)
		dwt_write(cpu, addr, val);
	fpb_arm(cpu);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Halting debug of CPU1: DHCSR, DCRSR, DCRDR, DEMCR, DFSR (ARMv7-M ARM C1.6).
 */
#include "sim/cpu1.h"

#define DFSR 0xE000ED30u
#define DHCSR 0xE000EDF0u
#define DCRSR 0xE000EDF4u
#define DCRDR 0xE000EDF8u
#define DEMCR 0xE000EDFCu

#define DHCSR_KEY 0xA05Fu
#define DHCSR_CONTROLS 0xFu
#define DHCSR_S_REGRDY (1u << 16)
#define DHCSR_S_HALT (1u << 17)
#define DHCSR_S_SLEEP (1u << 18)
#define DHCSR_S_LOCKUP (1u << 19)
#define DHCSR_S_RETIRE_ST (1u << 24)
#define DHCSR_S_RESET_ST (1u << 25)
#define DCRSR_REGWNR (1u << 16)
#define DCRSR_REGSEL 0x7Fu
#define DEMCR_BITS 0x010F07F1u
#define DFSR_BITS 0x1Fu

/* DCRSR.REGSEL (C1.6.3) */
enum {
	SEL_LAST_GPR = 12,
	SEL_SP = 13,
	SEL_LR = 14,
	SEL_PC = 15,
	SEL_XPSR = 16,
	SEL_MSP = 17,
	SEL_PSP = 18,
	SEL_SPECIAL = 20, /* CONTROL 31..24, FAULTMASK 23..16, BASEPRI 15..8, PRIMASK 7..0 */
	SEL_FPSCR = 33,
	SEL_S0 = 64,
	SEL_S31 = 95,
};

void debug_power_on(struct cpu1 *cpu)
{
	cpu->dhcsr = cpu->demcr = cpu->dfsr = cpu->dcrdr = 0;
	cpu->fp_ctrl = cpu->fp_remap = cpu->dwt_ctrl = cpu->cyccnt = 0;
	for (unsigned int i = 0; i < FPB_COMPARATORS; i++)
		cpu->fp_comp[i] = 0;
	for (unsigned int i = 0; i < DWT_COMPARATORS; i++)
		cpu->dwt[i].comp = cpu->dwt[i].mask = cpu->dwt[i].function = 0;
	cpu->watch_dirty = true;
	cpu->retired = false;
	fpb_arm(cpu);
}

void debug_enter(struct cpu1 *cpu, uint32_t dfsr)
{
	cpu->dfsr |= dfsr;
	cpu->dhcsr |= DHCSR_C_HALT;
	if (cpu->halted)
		return;
	cpu->halted = true;
	if (cpu->sim->now < cpu->sim->swd_off_at)
		cpu->sim->swd_off_at = 0; /* the application does not get so far */
	cpu->lockup = cpu->sleeping = false; /* a debugger may lead the core out of lockup (B1.5.15) */
	cpu->attention = true;
	cpu->sim->stats.halts++;
}

void debug_vector_catch(struct cpu1 *cpu, unsigned int n)
{
	static const struct {
		uint8_t exc;
		uint32_t catch;
	} catches[] = {
		{EXC_HARDFAULT, DEMCR_VC_HARDERR},
		{EXC_MEMMANAGE, DEMCR_VC_MMERR},
		{EXC_BUSFAULT, DEMCR_VC_BUSERR},
		{EXC_USAGEFAULT, DEMCR_VC_NOCPERR | DEMCR_VC_CHKERR | DEMCR_VC_STATERR},
	};

	if (!(cpu->dhcsr & DHCSR_C_DEBUGEN))
		return;
	for (size_t i = 0; i < sizeof catches / sizeof catches[0]; i++)
		if (catches[i].exc == n && (cpu->demcr & catches[i].catch))
			debug_enter(cpu, DFSR_VCATCH);
}

static uint32_t read_special(struct cpu1 *cpu)
{
	return (cpu1_reg(cpu, UC_ARM_REG_CONTROL) & 7) << 24 |
		(cpu1_reg(cpu, UC_ARM_REG_FAULTMASK) & 1) << 16 |
		(cpu1_reg(cpu, UC_ARM_REG_BASEPRI) & 0xFF) << 8 |
		(cpu1_reg(cpu, UC_ARM_REG_PRIMASK) & 1);
}

static void write_special(struct cpu1 *cpu, uint32_t val)
{
	/* privileged while the masks are written: the engine refuses them otherwise */
	cpu1_set_reg(cpu, UC_ARM_REG_CONTROL, 0);
	cpu1_set_reg(cpu, UC_ARM_REG_FAULTMASK, val >> 16 & 1);
	cpu1_set_reg(cpu, UC_ARM_REG_BASEPRI, val >> 8 & 0xFF);
	cpu1_set_reg(cpu, UC_ARM_REG_PRIMASK, val & 1);
	cpu1_set_reg(cpu, UC_ARM_REG_CONTROL, val >> 24 & 7);
}

static uint32_t read_core(struct cpu1 *cpu, uint32_t sel)
{
	if (sel <= SEL_LAST_GPR)
		return cpu1_reg(cpu, UC_ARM_REG_R0 + (int)sel);
	if (sel >= SEL_S0 && sel <= SEL_S31)
		return cpu1_reg(cpu, UC_ARM_REG_S0 + (int)(sel - SEL_S0));
	switch (sel) {
	case SEL_SP:
		return cpu1_reg(cpu, UC_ARM_REG_SP);
	case SEL_LR:
		return cpu1_reg(cpu, UC_ARM_REG_LR);
	case SEL_PC:
		return cpu1_pc(cpu);
	case SEL_XPSR:
		return cpu1_reg(cpu, UC_ARM_REG_XPSR);
	case SEL_MSP:
		return cpu1_sp(cpu, UC_ARM_REG_MSP);
	case SEL_PSP:
		return cpu1_sp(cpu, UC_ARM_REG_PSP);
	case SEL_SPECIAL:
		return read_special(cpu);
	case SEL_FPSCR:
		return cpu1_reg(cpu, UC_ARM_REG_FPSCR);
	default:
		return 0;
	}
}

static void write_core(struct cpu1 *cpu, uint32_t sel, uint32_t val)
{
	bool thumb = (cpu1_reg(cpu, UC_ARM_REG_XPSR) & XPSR_T) != 0;

	if (sel <= SEL_LAST_GPR)
		cpu1_set_reg(cpu, UC_ARM_REG_R0 + (int)sel, val);
	else if (sel >= SEL_S0 && sel <= SEL_S31)
		cpu1_set_reg(cpu, UC_ARM_REG_S0 + (int)(sel - SEL_S0), val);
	else if (sel == SEL_SP)
		cpu1_set_reg(cpu, UC_ARM_REG_SP, val & ~3u);
	else if (sel == SEL_LR)
		cpu1_set_reg(cpu, UC_ARM_REG_LR, val);
	else if (sel == SEL_PC)
		cpu1_set_pc(cpu, val & ~1u, thumb);
	else if (sel == SEL_XPSR)
		cpu1_set_reg(cpu, UC_ARM_REG_XPSR, val);
	else if (sel == SEL_MSP)
		cpu1_set_reg(cpu, UC_ARM_REG_MSP, val & ~3u);
	else if (sel == SEL_PSP)
		cpu1_set_reg(cpu, UC_ARM_REG_PSP, val & ~3u);
	else if (sel == SEL_SPECIAL)
		write_special(cpu, val);
	else if (sel == SEL_FPSCR)
		cpu1_set_reg(cpu, UC_ARM_REG_FPSCR, val);
}

/* RDP 1 closes flash when a debugger comes: other memory, under a live core. RM0434 3.6. */
static void refit(struct cpu1 *cpu)
{
	/* xPSR first: it decides on the mode; the stack pointers before who uses which */
	static const uint8_t order[] = { SEL_XPSR, SEL_MSP, SEL_PSP, SEL_LR, SEL_FPSCR, SEL_SPECIAL,
		SEL_PC };
	uint32_t gpr[SEL_LAST_GPR + 1], fpr[SEL_S31 - SEL_S0 + 1], rest[sizeof order];

	if (!cpu->uc || engine_layout(cpu).flash_open == cpu->map.flash_open)
		return;
	for (uint32_t i = 0; i < sizeof gpr / sizeof gpr[0]; i++)
		gpr[i] = read_core(cpu, i);
	for (uint32_t i = 0; i < sizeof fpr / sizeof fpr[0]; i++)
		fpr[i] = read_core(cpu, SEL_S0 + i);
	for (size_t i = 0; i < sizeof order; i++)
		rest[i] = read_core(cpu, order[i]);
	if (!cpu1_fit(cpu)) {
		cpu->boot_pending = true; /* as at a reset that could not be left */
		return;
	}
	for (uint32_t i = 0; i < sizeof gpr / sizeof gpr[0]; i++)
		write_core(cpu, i, gpr[i]);
	for (uint32_t i = 0; i < sizeof fpr / sizeof fpr[0]; i++)
		write_core(cpu, SEL_S0 + i, fpr[i]);
	for (size_t i = 0; i < sizeof order; i++)
		write_core(cpu, order[i], rest[i]);
}

static uint32_t read_dhcsr(struct cpu1 *cpu, enum sim_master m)
{
	uint32_t val = cpu->dhcsr | DHCSR_S_REGRDY;

	val |= cpu->halted ? DHCSR_S_HALT : 0;
	val |= cpu->sleeping ? DHCSR_S_SLEEP : 0;
	val |= cpu->lockup ? DHCSR_S_LOCKUP : 0;
	val |= cpu->retired ? DHCSR_S_RETIRE_ST : 0;
	val |= cpu->was_reset ? DHCSR_S_RESET_ST : 0;
	if (m != SIM_TESTER) {
		cpu->retired = false;
		cpu->was_reset = cpu->boot_pending; /* while held in reset it is set anew */
	}
	return val;
}

static void write_dhcsr(struct cpu1 *cpu, enum sim_master m, uint32_t val)
{
	const bool here = (cpu->dhcsr & DHCSR_C_DEBUGEN) != 0;

	if (val >> 16 != DHCSR_KEY || m == SIM_CPU1)
		return;
	cpu->dhcsr = val & DHCSR_CONTROLS;
	if (!(val & DHCSR_C_DEBUGEN))
		cpu->dhcsr &= ~(DHCSR_C_HALT | DHCSR_C_STEP | DHCSR_C_MASKINTS);
	fpb_arm(cpu);
	if (!cpu->boot_pending && !here && (cpu->dhcsr & DHCSR_C_DEBUGEN))
		refit(cpu);
	if (cpu->boot_pending)
		return;
	if (!(cpu->dhcsr & DHCSR_C_HALT)) {
		if (cpu->halted)
			cpu->accounted = cpu->sim->now; /* SysTick stood still */
		cpu->halted = false;
	} else if (!cpu->halted) {
		debug_enter(cpu, DFSR_HALTED);
	}
}

uint32_t debug_read(struct cpu1 *cpu, enum sim_master m, uint32_t addr)
{
	switch (addr) {
	case DFSR:
		return cpu->dfsr;
	case DHCSR:
		return read_dhcsr(cpu, m);
	case DCRDR:
		return cpu->dcrdr;
	case DEMCR:
		return cpu->demcr;
	default:
		return 0;
	}
}

void debug_write(struct cpu1 *cpu, enum sim_master m, uint32_t addr, uint32_t val)
{
	switch (addr) {
	case DFSR:
		cpu->dfsr &= ~(val & DFSR_BITS);
		break;
	case DHCSR:
		write_dhcsr(cpu, m, val);
		break;
	case DCRSR:
		if (!cpu->halted)
			break;
		if (val & DCRSR_REGWNR)
			write_core(cpu, val & DCRSR_REGSEL, cpu->dcrdr);
		else
			cpu->dcrdr = read_core(cpu, val & DCRSR_REGSEL);
		break;
	case DCRDR:
		cpu->dcrdr = val;
		break;
	case DEMCR:
		cpu->watch_dirty |= ((cpu->demcr ^ val) & DEMCR_TRCENA) != 0;
		cpu->demcr = val & DEMCR_BITS;
		break;
	default:
		break;
	}
}

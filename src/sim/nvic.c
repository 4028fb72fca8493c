/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NVIC and System Control Block registers (ARMv7-M ARM B3.2, B3.4; values of the Cortex-M4 r0p1).
 */
#include "sim/cpu1.h"

#define ICTR 0xE000E004u
#define NVIC_ISER 0xE000E100u
#define NVIC_ICER 0xE000E180u
#define NVIC_ISPR 0xE000E200u
#define NVIC_ICPR 0xE000E280u
#define NVIC_IABR 0xE000E300u
#define NVIC_IPR 0xE000E400u
#define NVIC_IPR_END 0xE000E440u
#define NVIC_BANK 0x80u
#define SCB_ICSR 0xE000ED04u
#define SCB_VTOR 0xE000ED08u
#define SCB_AIRCR 0xE000ED0Cu
#define SCB_SCR 0xE000ED10u
#define SCB_CCR 0xE000ED14u
#define SCB_SHPR1 0xE000ED18u
#define SCB_SHPR_END 0xE000ED24u
#define SCB_SHCSR 0xE000ED24u
#define SCB_CFSR 0xE000ED28u
#define SCB_HFSR 0xE000ED2Cu
#define SCB_MMFAR 0xE000ED34u
#define SCB_BFAR 0xE000ED38u
#define SCB_AFSR 0xE000ED3Cu
#define SCB_CPACR 0xE000ED88u
#define SCB_STIR 0xE000EF00u
#define FPU_FPCCR 0xE000EF34u
#define FPU_FPCAR 0xE000EF38u
#define FPU_FPDSCR 0xE000EF3Cu

#define ICTR_LINES 1u /* 33 to 64 interrupt lines */
#define PRIO_BITS 0xF0u /* RM0434: 4 bits of priority */
#define ICSR_NMIPENDSET (1u << 31)
#define ICSR_PENDSVSET (1u << 28)
#define ICSR_PENDSVCLR (1u << 27)
#define ICSR_PENDSTSET (1u << 26)
#define ICSR_PENDSTCLR (1u << 25)
#define ICSR_ISRPENDING (1u << 22)
#define ICSR_RETTOBASE (1u << 11)
#define AIRCR_KEY 0x05FAu
#define AIRCR_KEY_READ 0xFA050000u
#define AIRCR_PRIGROUP 0x700u
#define AIRCR_SYSRESETREQ 4u
#define AIRCR_VECTCLRACTIVE 2u
#define AIRCR_VECTRESET 1u
#define VTOR_BITS 0xFFFFFF80u
#define SCR_BITS 0x16u
#define CCR_BITS 0x31Bu
#define SHCSR_ENABLES 0x00070000u
#define CPACR_BITS 0x00F00000u
#define FPCCR_RESET 0xC0000000u /* ASPEN, LSPEN */
#define FPDSCR_BITS 0x07C00000u

/* Registers that only identify the core (Cortex-M4 TRM, table 4-1; MVFR: with FPU). */
static const struct {
	uint32_t addr, val;
} fixed[] = {
	{ICTR, ICTR_LINES},
	{0xE000ED00, 0x410FC241}, /* CPUID */
	{0xE000ED40, 0x00000030}, {0xE000ED44, 0x00000200}, {0xE000ED48, 0x00100000},
	{0xE000ED50, 0x00100030}, {0xE000ED58, 0x01000000},
	{0xE000ED60, 0x01101110}, {0xE000ED64, 0x02112000}, {0xE000ED68, 0x21232231},
	{0xE000ED6C, 0x01111131}, {0xE000ED70, 0x01310132},
	{0xE000ED90, 0x00000800}, /* MPU_TYPE: 8 regions */
	{0xE000EF40, 0x10110021}, {0xE000EF44, 0x11000011}, /* MVFR0, MVFR1 */
};

/* System exceptions whose "active" SHCSR shows, by bit. */
static const struct {
	uint8_t bit, exc;
} shcsr_active[] = {
	{0, EXC_MEMMANAGE}, {1, EXC_BUSFAULT}, {3, EXC_USAGEFAULT}, {7, EXC_SVC},
	{8, EXC_DEBUGMON}, {10, EXC_PENDSV}, {11, EXC_SYSTICK},
};

void nvic_reset(struct cpu1 *cpu)
{
	static const uint8_t always[] = {EXC_NMI, EXC_HARDFAULT, EXC_SVC, EXC_PENDSV, EXC_SYSTICK};

	cpu->pend = cpu->active = cpu->enabled = (struct exc_set){{0, 0}};
	for (size_t i = 0; i < sizeof always; i++)
		exc_put(&cpu->enabled, always[i], true);
	for (unsigned int n = 0; n < EXC_COUNT; n++)
		cpu->prio[n] = 0;
	cpu->vtor = cpu->aircr = cpu->scr = cpu->shcsr = cpu->cfsr = cpu->hfsr = 0;
	cpu->mmfar = cpu->bfar = cpu->afsr = cpu->cpacr = cpu->fpcar = cpu->fpdscr = 0;
	cpu->ccr = CCR_STKALIGN;
	cpu->fpccr = FPCCR_RESET;
	cpu->systick = (struct systick){.csr = 0};
}

static uint32_t set_word(const struct exc_set *s, uint32_t addr)
{
	unsigned int first = EXC_IRQ0 + addr % NVIC_BANK / 4 * 32;
	uint32_t val = 0;

	for (unsigned int i = 0; i < 32 && first + i < EXC_IRQ0 + CPU1_IRQS; i++)
		val |= (uint32_t)exc_get(s, first + i) << i;
	return val;
}

static void change_set(struct exc_set *s, uint32_t addr, uint32_t val, bool on)
{
	unsigned int first = EXC_IRQ0 + addr % NVIC_BANK / 4 * 32;

	for (unsigned int i = 0; i < 32 && first + i < EXC_IRQ0 + CPU1_IRQS; i++)
		if (val >> i & 1)
			exc_put(s, first + i, on);
}

/* The four priorities in a register, NULL: it holds none. */
static uint8_t *priorities(struct cpu1 *cpu, uint32_t addr)
{
	if (addr >= NVIC_IPR && addr < NVIC_IPR_END)
		return &cpu->prio[EXC_IRQ0 + (addr - NVIC_IPR) / 4 * 4];
	if (addr >= SCB_SHPR1 && addr < SCB_SHPR_END)
		return &cpu->prio[EXC_MEMMANAGE + (addr - SCB_SHPR1) / 4 * 4];
	return NULL;
}

static uint32_t read_icsr(struct cpu1 *cpu)
{
	uint32_t ipsr = cpu1_reg(cpu, UC_ARM_REG_XPSR) & XPSR_IPSR;
	unsigned int pending = exc_pending(cpu);
	struct exc_set others = cpu->active;
	uint32_t val = ipsr | pending << 12;

	if (ipsr < EXC_COUNT)
		exc_put(&others, ipsr, false);
	if (ipsr != 0 && !(others.w[0] | others.w[1]))
		val |= ICSR_RETTOBASE;
	for (unsigned int n = EXC_IRQ0; n < EXC_COUNT; n++)
		if (exc_get(&cpu->pend, n))
			val |= ICSR_ISRPENDING;
	val |= exc_get(&cpu->pend, EXC_NMI) ? ICSR_NMIPENDSET : 0;
	val |= exc_get(&cpu->pend, EXC_PENDSV) ? ICSR_PENDSVSET : 0;
	val |= exc_get(&cpu->pend, EXC_SYSTICK) ? ICSR_PENDSTSET : 0;
	return val;
}

static uint32_t read_shcsr(const struct cpu1 *cpu)
{
	uint32_t val = cpu->shcsr;

	for (size_t i = 0; i < sizeof shcsr_active / sizeof shcsr_active[0]; i++)
		val |= (uint32_t)exc_get(&cpu->active, shcsr_active[i].exc) << shcsr_active[i].bit;
	return val;
}

/* The plain registers of the SCB. NULL: not one of them. */
static uint32_t *plain(struct cpu1 *cpu, uint32_t addr, uint32_t *mask)
{
	const struct {
		uint32_t addr, mask, *reg;
	} regs[] = {
		{SCB_VTOR, VTOR_BITS, &cpu->vtor}, {SCB_SCR, SCR_BITS, &cpu->scr},
		{SCB_CCR, CCR_BITS, &cpu->ccr}, {SCB_MMFAR, UINT32_MAX, &cpu->mmfar},
		{SCB_BFAR, UINT32_MAX, &cpu->bfar}, {SCB_AFSR, 0, &cpu->afsr},
		{SCB_CPACR, CPACR_BITS, &cpu->cpacr}, {FPU_FPCCR, FPCCR_RESET, &cpu->fpccr},
		{FPU_FPCAR, ~7u, &cpu->fpcar}, {FPU_FPDSCR, FPDSCR_BITS, &cpu->fpdscr},
	};

	for (size_t i = 0; i < sizeof regs / sizeof regs[0]; i++) {
		if (regs[i].addr == addr) {
			*mask = regs[i].mask;
			return regs[i].reg;
		}
	}
	return NULL;
}

uint32_t nvic_read(struct cpu1 *cpu, uint32_t addr)
{
	const uint8_t *prio = priorities(cpu, addr);
	uint32_t mask, *reg = plain(cpu, addr, &mask);

	for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
		if (fixed[i].addr == addr)
			return fixed[i].val;
	if (prio)
		return prio[0] | (uint32_t)prio[1] << 8 | (uint32_t)prio[2] << 16 |
			(uint32_t)prio[3] << 24;
	if (reg)
		return *reg;
	switch (addr & ~(NVIC_BANK - 1)) {
	case NVIC_ISER:
	case NVIC_ICER:
		return set_word(&cpu->enabled, addr);
	case NVIC_ISPR:
	case NVIC_ICPR:
		return set_word(&cpu->pend, addr);
	case NVIC_IABR:
		return set_word(&cpu->active, addr);
	default:
		break;
	}
	switch (addr) {
	case SCB_ICSR:
		return read_icsr(cpu);
	case SCB_AIRCR:
		return AIRCR_KEY_READ | cpu->aircr;
	case SCB_SHCSR:
		return read_shcsr(cpu);
	case SCB_CFSR:
		return cpu->cfsr;
	case SCB_HFSR:
		return cpu->hfsr;
	default:
		return 0;
	}
}

static void write_icsr(struct cpu1 *cpu, uint32_t val)
{
	if (val & ICSR_NMIPENDSET)
		exc_put(&cpu->pend, EXC_NMI, true);
	if (val & (ICSR_PENDSVSET | ICSR_PENDSVCLR))
		exc_put(&cpu->pend, EXC_PENDSV, (val & ICSR_PENDSVSET) != 0);
	if (val & (ICSR_PENDSTSET | ICSR_PENDSTCLR))
		exc_put(&cpu->pend, EXC_SYSTICK, (val & ICSR_PENDSTSET) != 0);
}

static void write_aircr(struct cpu1 *cpu, enum sim_master m, uint32_t val)
{
	if (val >> 16 != AIRCR_KEY)
		return;
	cpu->aircr = val & AIRCR_PRIGROUP;
	if ((val & AIRCR_VECTCLRACTIVE) && cpu->halted) {
		cpu->active = (struct exc_set){{0, 0}};
		cpu1_set_reg(cpu, UC_ARM_REG_XPSR, cpu1_reg(cpu, UC_ARM_REG_XPSR) & ~XPSR_IPSR);
	}
	if (val & AIRCR_SYSRESETREQ)
		sim_reset_request(cpu->sim, SIM_RESET_SYSRESETREQ);
	else if ((val & AIRCR_VECTRESET) && m != SIM_CPU1)
		cpu1_reset(cpu->sim, true);
}

void nvic_write(struct cpu1 *cpu, enum sim_master m, uint32_t addr, uint32_t val)
{
	uint8_t *prio = priorities(cpu, addr);
	uint32_t mask, *reg = plain(cpu, addr, &mask);

	cpu->attention = true;
	if (reg)
		*reg = (*reg & ~mask) | (val & mask);
	for (unsigned int i = 0; prio && i < 4; i++)
		prio[i] = (uint8_t)(val >> (8 * i) & PRIO_BITS);
	switch (addr & ~(NVIC_BANK - 1)) {
	case NVIC_ISER:
	case NVIC_ICER:
		change_set(&cpu->enabled, addr, val, addr < NVIC_ICER);
		return;
	case NVIC_ISPR:
	case NVIC_ICPR:
		change_set(&cpu->pend, addr, val, addr < NVIC_ICPR);
		for (size_t i = 0; i < 2; i++) /* a line that is still high pends again */
			cpu->pend.w[i] |= cpu->level.w[i] & ~cpu->active.w[i];
		return;
	default:
		break;
	}
	switch (addr) {
	case SCB_ICSR:
		write_icsr(cpu, val);
		break;
	case SCB_AIRCR:
		write_aircr(cpu, m, val);
		break;
	case SCB_SHCSR:
		cpu->shcsr = val & SHCSR_ENABLES;
		break;
	case SCB_CFSR:
		cpu->cfsr &= ~val;
		break;
	case SCB_HFSR:
		cpu->hfsr &= ~val;
		break;
	case SCB_STIR:
		if ((val & XPSR_IPSR) < CPU1_IRQS)
			exc_put(&cpu->pend, EXC_IRQ0 + (val & XPSR_IPSR), true);
		break;
	default:
		break;
	}
}

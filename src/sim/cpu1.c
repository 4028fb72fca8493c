/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPU1, a Cortex-M4F in virtual time: reset, sleep, stalls and the slices that time.c asks for.
 *
 * One instruction, one exception entry and one exception return are one HCLK cycle each. A call of cpu1_run()
 * turns its nanoseconds into whole cycles; what is left over (credit, below one cycle) goes to the
 * next call, so no time is lost. Sleep, `b .` and stalls cost no host time.
 */
#include "sim/cpu1.h"
#include "sim/flash.h"

#include <stdlib.h>
#include <string.h>

#define LONGEST_SLICE (100 * NS_PER_S) /* keeps ns x Hz inside 64 bits */
#define RESET_LR 0xFFFFFFFFu

uint32_t cpu1_reg(struct cpu1 *cpu, int id)
{
	uint32_t val = 0;

	uc_reg_read(cpu->uc, id, &val);
	return val;
}

void cpu1_set_reg(struct cpu1 *cpu, int id, uint32_t val)
{
	uc_reg_write(cpu->uc, id, &val);
}

uint32_t cpu1_pc(struct cpu1 *cpu)
{
	return cpu1_reg(cpu, UC_ARM_REG_PC) & ~1u;
}

void cpu1_set_pc(struct cpu1 *cpu, uint32_t pc, bool thumb)
{
	cpu1_set_reg(cpu, UC_ARM_REG_PC, pc | (thumb ? 1 : 0));
}

uint32_t cpu1_sp(struct cpu1 *cpu, int id)
{
	uint32_t control = cpu1_reg(cpu, UC_ARM_REG_CONTROL);
	uint32_t sp;

	if (!(control & CONTROL_NPRIV))
		return cpu1_reg(cpu, id);
	cpu1_set_reg(cpu, UC_ARM_REG_CONTROL, control & ~CONTROL_NPRIV);
	sp = cpu1_reg(cpu, id);
	cpu1_set_reg(cpu, UC_ARM_REG_CONTROL, control);
	return sp;
}

/* Address 0 shows the memory the last reset booted from. */
static uint32_t unalias(const struct cpu1 *cpu, uint32_t addr)
{
	return addr < FLASH_BASE ? addr + cpu->map.alias : addr;
}

bool cpu1_load(struct cpu1 *cpu, uint32_t addr, unsigned int size, uint32_t *val)
{
	return bus_read(cpu->sim, SIM_CPU1, unalias(cpu, addr), size, val);
}

bool cpu1_store(struct cpu1 *cpu, uint32_t addr, unsigned int size, uint32_t val)
{
	return bus_write(cpu->sim, SIM_CPU1, unalias(cpu, addr), size, val);
}

struct cpu1 *cpu1_new(struct wbsim *sim)
{
	struct cpu1 *cpu = calloc(1, sizeof *cpu);

	if (!cpu)
		return NULL;
	cpu->sim = sim;
	debug_power_on(cpu);
	nvic_reset(cpu);
	cpu->boot_pending = true;
	return cpu;
}

void cpu1_free(struct cpu1 *cpu)
{
	if (!cpu)
		return;
	engine_close(cpu);
	free(cpu);
}

bool cpu1_fit(struct cpu1 *cpu)
{
	struct cpu1_map want = engine_layout(cpu);

	if (cpu->uc && memcmp(&want, &cpu->map, sizeof want) == 0) {
		engine_forget_all(cpu);
		return true;
	}
	engine_close(cpu);
	cpu->map = want;
	return engine_open(cpu);
}

static void reset_registers(struct cpu1 *cpu)
{
	static const int zeroed[] = {
		UC_ARM_REG_CONTROL, UC_ARM_REG_PRIMASK, UC_ARM_REG_FAULTMASK, UC_ARM_REG_BASEPRI,
		UC_ARM_REG_FPSCR, UC_ARM_REG_PSP,
	};
	uint32_t sp = 0, pc = 0;

	for (size_t i = 0; i < sizeof zeroed / sizeof zeroed[0]; i++)
		cpu1_set_reg(cpu, zeroed[i], 0);
	cpu1_set_reg(cpu, UC_ARM_REG_XPSR, XPSR_T);
	cpu1_set_reg(cpu, UC_ARM_REG_LR, RESET_LR);
	if (!cpu1_load(cpu, 0, 4, &sp) || !cpu1_load(cpu, 4, 4, &pc))
		sp = pc = 0;
	cpu1_set_reg(cpu, UC_ARM_REG_MSP, sp & ~3u);
	cpu1_set_pc(cpu, pc & ~1u, (pc & 1) != 0);
}

void cpu1_settle(struct cpu1 *cpu)
{
	struct wbsim *sim = cpu->sim;

	if (!cpu->boot_pending || sim->nrst_low || !sim->powered || cpu->running)
		return;
	if (!cpu1_fit(cpu)) {
		sim_log(sim, "cpu1: the Unicorn engine cannot map this chip's memory: CPU1 stays in reset");
		return;
	}
	cpu->boot_pending = false;
	cpu->accounted = sim->now;
	cpu->credit = 0;
	reset_registers(cpu);
	if ((cpu->dhcsr & DHCSR_C_DEBUGEN) && (cpu->demcr & DEMCR_VC_CORERESET))
		debug_enter(cpu, DFSR_VCATCH);
	else if (sim->quirks.swd_off_ms && bus_boot_base(sim) == FLASH_BASE)
		sim->swd_off_at = sim->now + sim->quirks.swd_off_ms * NS_PER_MS;
}

void cpu1_reset(struct wbsim *sim, bool keep_debug)
{
	struct cpu1 *cpu = sim->cpu1;

	nvic_reset(cpu);
	cpu->halted = cpu->sleeping = cpu->event = cpu->lockup = false;
	cpu->stall_until = 0;
	cpu->dhcsr &= ~DHCSR_C_HALT; /* clears on core reset (Cortex-M3/M4 TRM) */
	if (!keep_debug) {
		cpu->dhcsr = 0;
		cpu->demcr = 0;
		cpu->watch_dirty = true;
	}
	fpb_arm(cpu);
	cpu->was_reset = true;
	cpu->boot_pending = true;
	sim->swd_off_at = 0; /* the pins are the debug port's again */
	cpu1_settle(cpu);
}

void cpu1_power_off(struct wbsim *sim)
{
	struct cpu1 *cpu = sim->cpu1;

	debug_power_on(cpu);
	nvic_reset(cpu);
	cpu->level = (struct exc_set){{0, 0}};
	cpu->halted = cpu->sleeping = cpu->event = cpu->lockup = false;
	cpu->boot_pending = true;
}

/* ns from the start of this call to the end of a number of cycles. */
static uint64_t cycles_to_ns(const struct cpu1 *cpu, uint64_t cycles)
{
	uint64_t units = cycles * NS_PER_S;

	return units <= cpu->credit ? 0 : (units - cpu->credit + cpu->hz - 1) / cpu->hz;
}

uint64_t cpu1_now(struct wbsim *sim)
{
	const struct cpu1 *cpu = sim->cpu1;

	if (!cpu || !cpu->running)
		return sim->now;
	return cpu->entered + cycles_to_ns(cpu, cpu->cycles + cpu->count);
}

void cpu1_break(struct wbsim *sim)
{
	if (sim->cpu1)
		sim->cpu1->attention = true;
}

void cpu1_stall_until(struct wbsim *sim, uint64_t ns)
{
	struct cpu1 *cpu = sim->cpu1;

	if (ns > cpu->stall_until)
		cpu->stall_until = ns;
	cpu->attention = true;
}

void cpu1_invalidate(struct wbsim *sim, uint32_t addr, size_t len)
{
	uint32_t room = UINT32_MAX - addr;

	if (!sim->cpu1 || !sim->cpu1->uc || len == 0)
		return;
	engine_stale(sim->cpu1, addr, addr + (len < room ? (uint32_t)len : room));
	if (sim->cpu1->running)
		sim->cpu1->attention = true;
}

void cpu1_irq(struct wbsim *sim, unsigned int irq, bool level)
{
	struct cpu1 *cpu = sim->cpu1;
	unsigned int n = EXC_IRQ0 + irq;

	if (!cpu || irq >= CPU1_IRQS)
		return;
	if (level && !exc_get(&cpu->level, n)) {
		exc_put(&cpu->pend, n, true);
		if (cpu->scr & SCR_SEVONPEND)
			cpu->event = true;
	}
	exc_put(&cpu->level, n, level);
	cpu->attention = true;
}

void cpu1_nmi(struct wbsim *sim)
{
	exc_put(&sim->cpu1->pend, EXC_NMI, true);
	cpu1_break(sim);
}

bool cpu1_debugged(const struct wbsim *sim)
{
	return (sim->cpu1->dhcsr & DHCSR_C_DEBUGEN) != 0;
}

bool cpu1_halted(const struct wbsim *sim)
{
	cpu1_settle(sim->cpu1);
	return sim->cpu1->halted;
}

enum cpu1_rest cpu1_rest(const struct wbsim *sim)
{
	const struct cpu1 *cpu = sim->cpu1;

	if (!cpu->sleeping)
		return CPU1_AWAKE;
	return cpu->scr & SCR_SLEEPDEEP ? CPU1_SLEEPS_DEEP : CPU1_SLEEPS;
}

/* SysTick and the cycle counter see cycles pass. */
static void spend(struct cpu1 *cpu, uint64_t cycles, bool awake)
{
	cpu->cycles += cycles;
	cpu->count = 0;
	systick_elapse(cpu, cycles);
	if (awake) {
		cpu->awake += cycles;
		dwt_elapse(cpu, cycles);
	}
}

/* Stand still while busy flash holds the bus; true: it did. */
static bool stalled(struct cpu1 *cpu, uint64_t left)
{
	uint64_t now = cpu1_now(cpu->sim), ns, cycles;

	if (cpu->stall_until <= now)
		return false;
	ns = cpu->stall_until - now;
	if (ns > LONGEST_SLICE)
		ns = LONGEST_SLICE;
	cycles = (ns * cpu->hz + NS_PER_S - 1) / NS_PER_S;
	spend(cpu, cycles < left ? cycles : left, true);
	return true;
}

/* Busy flash cannot be fetched from (RM0434 3.3.8); code in RAM runs on. */
static void fetch(struct cpu1 *cpu)
{
	if (unalias(cpu, cpu1_pc(cpu)) - FLASH_BASE < SIM_FLASH_BYTES)
		flash_wait(cpu->sim, SIM_CPU1);
}

/* Asleep: wake up, or pass the time until SysTick does it. False: nothing happens in this slice. */
static bool doze(struct cpu1 *cpu, uint64_t left)
{
	uint64_t due;

	if (exc_held_back(cpu) || (cpu->sleep_for_event && cpu->event)) {
		cpu->event = cpu->event && !cpu->sleep_for_event;
		cpu->sleeping = false;
		return true;
	}
	due = systick_due(cpu);
	if (due > left || dbgmcu_clock(cpu->sim) == DBGMCU_CLOCK_NONE)
		return false;
	spend(cpu, due, false);
	return true;
}

/* How far may the engine go before somebody must look? */
static uint64_t stretch(struct cpu1 *cpu, uint64_t left)
{
	uint64_t due = systick_due(cpu);

	if (cpu->dhcsr & DHCSR_C_STEP)
		return 1;
	return due < left ? due : left;
}

/* Run until the budget is used, the core stops, or somebody asks for attention. */
static void run_cycles(struct cpu1 *cpu, uint64_t budget)
{
	while (cpu->cycles < budget && !cpu->attention && !cpu->halted && !cpu->lockup) {
		uint64_t left = budget - cpu->cycles;

		if (!cpu->sleeping)
			fetch(cpu);
		if (stalled(cpu, left))
			continue;
		if (cpu->sleeping) {
			if (!doze(cpu, left))
				return;
			continue;
		}
		if (exc_deliver(cpu))
			spend(cpu, 1, true);
		else
			spend(cpu, engine_execute(cpu, stretch(cpu, left)), true);
		if ((cpu->dhcsr & DHCSR_C_STEP) && (cpu->dhcsr & DHCSR_C_DEBUGEN) && !cpu->halted)
			debug_enter(cpu, DFSR_HALTED);
	}
}

/* SysTick counts on, where it has a clock, while CPU1 slept through time in which nobody called. */
static void catch_up(struct cpu1 *cpu, uint64_t now)
{
	uint64_t gap = now > cpu->accounted ? now - cpu->accounted : 0;
	uint64_t units;

	if (gap > LONGEST_SLICE)
		gap = LONGEST_SLICE;
	units = cpu->credit + gap * cpu->hz;
	if (dbgmcu_clock(cpu->sim) != DBGMCU_CLOCK_NONE)
		systick_elapse(cpu, units / NS_PER_S);
	cpu->credit = units % NS_PER_S;
}

uint64_t cpu1_run(struct wbsim *sim, uint64_t ns)
{
	struct cpu1 *cpu = sim->cpu1;
	uint64_t budget, used;

	cpu1_settle(cpu);
	if (cpu->boot_pending || cpu->halted || cpu->lockup || !sim->powered || sim->nrst_low) {
		cpu->accounted = sim->now + ns;
		return 0;
	}
	if (ns > LONGEST_SLICE)
		ns = LONGEST_SLICE;
	cpu->hz = rcc_hclk_hz(sim);
	catch_up(cpu, sim->now);
	cpu->entered = sim->now;
	cpu->cycles = cpu->awake = cpu->count = 0;
	cpu->attention = false;
	cpu->running = true;
	budget = (cpu->credit + ns * cpu->hz) / NS_PER_S;
	run_cycles(cpu, budget);
	cpu->running = false;
	used = cpu->cycles < budget ? cycles_to_ns(cpu, cpu->cycles) : ns;
	cpu->credit += used * cpu->hz;
	cpu->credit -= cpu->cycles * NS_PER_S < cpu->credit ? cpu->cycles * NS_PER_S : cpu->credit;
	cpu->accounted = sim->now + used;
	sim->stats.ns_cpu1 += cycles_to_ns(cpu, cpu->awake);
	return used;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPU1's instructions: the Unicorn engine, and what its ways of stopping mean.
 *
 * A code hook is called before every instruction. It counts (one instruction is one HCLK cycle), so
 * that a device sees the exact time, and it is the only place where a run is stopped: stopping inside
 * an access would make the engine repeat it. Open flash and RAM are the engine's own memory; all
 * else goes over the bus. The engine knows no exceptions: it reports interrupt numbers (BKPT, SVC,
 * EXC_RETURN, ...) or an error, and engine_execute() turns these into what an M4 does.
 *
 * Quirks of Unicorn 2.0.1 that are handled here: a stop asked for inside an IT block takes effect
 * after the block; WFI returns without an error; WFE and YIELD end as "invalid instruction" with the PC
 * behind them; a branch to an EXC_RETURN is interrupt 8 in every mode.
 */
#include "sim/cpu1.h"
#include "sim/devices.h"

#include <string.h>

#define FIRST_EXC_RETURN 0xFFFFFFE0u
#define NEVER_HERE 1u /* an "until" address no Thumb PC can have */

#define DWT_FUNCTION 0xFu
#define DWT_WATCH_READ 5u
#define DWT_WATCH_BOTH 7u

/* Thumb encodings (A7.7) */
#define INSN_B_SELF 0xE7FEu
#define INSN_CPSIE 0xB660u
#define INSN_CPSIE_MASK 0xFFF8u
#define INSN_MSR 0xF380u
#define INSN_MSR_MASK 0xFFF0u
#define INSN_WFE 0xBF20u
#define INSN_YIELD 0xBF10u
#define INSN_SEV 0xBF40u
#define INSN_HINT32 0xF3AFu /* first half of the wide hints; second half: */
#define INSN_YIELD32 0x8001u
#define INSN_WFE32 0x8002u

/* What the engine calls its M-profile exceptions (QEMU's numbers). */
enum {
	ENGINE_SVC = 2,
	ENGINE_PREFETCH_ABORT = 3,
	ENGINE_DATA_ABORT = 4,
	ENGINE_BKPT = 7,
	ENGINE_EXC_RETURN = 8,
	ENGINE_NOCP = 17,
	ENGINE_INVSTATE = 18,
};

static void stop_here(struct cpu1 *cpu, uint32_t pc)
{
	if (!cpu->stopping) {
		cpu->stopping = true;
		cpu->stop_pc = pc;
		uc_emu_stop(cpu->uc);
	}
	cpu->after_stop++;
}

uint16_t engine_insn(struct cpu1 *cpu, uint32_t addr)
{
	const struct wbsim *sim = cpu->sim;
	uint32_t at = addr < FLASH_BASE ? addr + cpu->map.alias : addr;
	uint16_t insn = 0;

	if (at - SRAM1_BASE < sizeof sim->sram1 - 1)
		memcpy(&insn, sim->sram1 + (at - SRAM1_BASE), sizeof insn);
	else if (at - FLASH_BASE < SIM_FLASH_BYTES - 1)
		memcpy(&insn, sim->flash + (at - FLASH_BASE), sizeof insn);
	else if (uc_mem_read(cpu->uc, addr, &insn, sizeof insn) != UC_ERR_OK)
		insn = 0;
	return insn;
}

/* CPSIE, or MSR to any special register. */
static bool may_unmask(uint16_t insn)
{
	return (insn & INSN_CPSIE_MASK) == INSN_CPSIE || (insn & INSN_MSR_MASK) == INSN_MSR;
}

static void on_code(uc_engine *uc, uint64_t addr, uint32_t size, void *user)
{
	struct cpu1 *cpu = user;
	uint32_t pc = (uint32_t)addr;

	(void)uc;
	(void)size;
	if (cpu->undos != 0)
		engine_undo_stores(cpu);
	if (cpu->count >= cpu->limit || cpu->attention || cpu->fault) {
		stop_here(cpu, pc);
		return;
	}
	if (cpu->fpb_armed && fpb_match(cpu, pc)) {
		cpu->breakpoint = true;
		stop_here(cpu, pc);
		return;
	}
	if (pc == cpu->last_pc && cpu->count != 0 && engine_insn(cpu, pc) == INSN_B_SELF) {
		cpu->spinning = true;
		stop_here(cpu, pc);
		return;
	}
	if (pc < cpu->last_pc && cpu->count != 0)
		engine_loop(cpu, pc);
	if (cpu->held_back && may_unmask(engine_insn(cpu, pc)))
		cpu->limit = cpu->count + 1; /* an interrupt may be due right after it */
	cpu->last_pc = pc;
	cpu->count++;
}

static void on_interrupt(uc_engine *uc, uint32_t number, void *user)
{
	struct cpu1 *cpu = user;

	cpu->interrupt = (int)number;
	uc_emu_stop(uc);
}

/* The bus said no. The instruction goes on to its end; its effects are undone afterwards. */
void engine_bus_fault(struct cpu1 *cpu, uint32_t addr)
{
	if (cpu->fault)
		return;
	cpu->fault = true;
	cpu->fault_addr = addr;
	cpu->fault_pc = cpu1_pc(cpu);
	for (unsigned int i = 0; i < CPU1_SAVED_REGS; i++)
		cpu->saved[i] = cpu1_reg(cpu, engine_saved_ids[i]);
}

static bool on_unmapped(uc_engine *uc, uc_mem_type type, uint64_t addr, int size, int64_t val, void *user)
{
	struct cpu1 *cpu = user;

	(void)uc;
	(void)type;
	(void)size;
	(void)val;
	cpu->fault_unmapped = true;
	cpu->fault_addr = (uint32_t)addr;
	return false;
}

static uint32_t watch_mask(const struct dwt_comparator *d)
{
	return d->mask != 0 ? (1u << d->mask) - 1 : 0;
}

static void on_watched(uc_engine *uc, uc_mem_type type, uint64_t addr, int size, int64_t val, void *user)
{
	struct cpu1 *cpu = user;
	uint32_t first = (uint32_t)addr, last = first + (uint32_t)size - 1;

	(void)uc;
	(void)type;
	(void)val;
	if (!(cpu->dhcsr & DHCSR_C_DEBUGEN))
		return;
	for (unsigned int i = 0; i < DWT_COMPARATORS; i++) {
		struct dwt_comparator *d = &cpu->dwt[i];
		uint32_t comp = d->comp & ~watch_mask(d);

		if (d->hooked && first <= (comp | watch_mask(d)) && last >= comp)
			d->matched = cpu->watchpoint = cpu->attention = true;
	}
}

/* DWT functions 5, 6, 7 watch reads, writes, both; masks are powers of two (ARMv7-M ARM C1.8.14). */
void engine_watch(struct cpu1 *cpu)
{
	for (unsigned int i = 0; i < DWT_COMPARATORS; i++) {
		struct dwt_comparator *d = &cpu->dwt[i];
		uint32_t first = d->comp & ~watch_mask(d);
		uint32_t kind = d->function & DWT_FUNCTION;
		int type = (kind & 1 ? UC_HOOK_MEM_READ : 0) | (kind & 2 ? UC_HOOK_MEM_WRITE : 0);

		if (d->hooked)
			uc_hook_del(cpu->uc, d->hook);
		d->hooked = false;
		if (kind < DWT_WATCH_READ || kind > DWT_WATCH_BOTH || !(cpu->demcr & DEMCR_TRCENA))
			continue;
		/* a wider access may begin up to 3 bytes before */
		d->hooked = uc_hook_add(cpu->uc, &d->hook, type, (void *)on_watched, cpu,
				    (uint64_t)(first < 3 ? 0 : first - 3),
				    (uint64_t)first + watch_mask(d)) == UC_ERR_OK;
	}
	engine_forget_all(cpu);
	cpu->watch_dirty = false;
}

static bool add_hooks(struct cpu1 *cpu)
{
	static const struct {
		int type;
		void *call;
	} hooks[] = {
		{UC_HOOK_CODE, (void *)on_code},
		{UC_HOOK_INTR, (void *)on_interrupt},
		{UC_HOOK_MEM_WRITE_PROT, (void *)engine_flash_store},
		{UC_HOOK_MEM_UNMAPPED | UC_HOOK_MEM_FETCH_PROT, (void *)on_unmapped},
	};
	uc_hook handle;

	for (size_t i = 0; i < sizeof hooks / sizeof hooks[0]; i++)
		if (uc_hook_add(cpu->uc, &handle, hooks[i].type, hooks[i].call, cpu, (uint64_t)1,
			    (uint64_t)0) != UC_ERR_OK)
			return false;
	return !cpu->map.flash_watched ||
		uc_hook_add(cpu->uc, &handle, UC_HOOK_MEM_READ, (void *)engine_flash_load, cpu,
			(uint64_t)0, (uint64_t)FLASH_BASE + SIM_FLASH_BYTES - 1) == UC_ERR_OK;
}

bool engine_open(struct cpu1 *cpu)
{
	cpu->windows = 0;
	cpu->stales = 0;
	if (uc_open(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS, &cpu->uc) != UC_ERR_OK) {
		cpu->uc = NULL;
		return false;
	}
	if (uc_ctl_set_cpu_model(cpu->uc, UC_CPU_ARM_CORTEX_M4) == UC_ERR_OK && engine_map(cpu) &&
		add_hooks(cpu)) {
		for (unsigned int i = 0; i < DWT_COMPARATORS; i++)
			cpu->dwt[i].hooked = false;
		engine_watch(cpu);
		return true;
	}
	engine_close(cpu);
	return false;
}

void engine_close(struct cpu1 *cpu)
{
	if (cpu->uc)
		uc_close(cpu->uc);
	cpu->uc = NULL;
}

/* Was the last instruction a YIELD or WFE (the engine calls both invalid)? Deal with it. */
static bool was_hint(struct cpu1 *cpu, uint32_t pc)
{
	uint32_t size = pc - cpu->last_pc;
	uint16_t insn = engine_insn(cpu, cpu->last_pc);
	uint16_t second = engine_insn(cpu, cpu->last_pc + 2);
	bool wfe = insn == INSN_WFE || (insn == INSN_HINT32 && second == INSN_WFE32);

	if (cpu->count == 0 || (size != 2 && size != 4))
		return false;
	if (!wfe)
		return insn == INSN_YIELD || (insn == INSN_HINT32 && second == INSN_YIELD32);
	/* SEV leaves no trace in the engine: "SEV; WFE", the usual way to clear the event, is seen here */
	if (!cpu->event && engine_insn(cpu, cpu->last_pc - 2) != INSN_SEV)
		cpu->sleeping = cpu->sleep_for_event = true;
	cpu->event = false;
	return true;
}

static void undefined(struct cpu1 *cpu, uint32_t pc)
{
	bool thumb = (cpu1_reg(cpu, UC_ARM_REG_XPSR) & XPSR_T) != 0;

	if (thumb && was_hint(cpu, pc))
		return;
	exc_fault(cpu, EXC_USAGEFAULT, thumb ? CFSR_UNDEFINSTR : CFSR_INVSTATE, pc);
}

static void access_fault(struct cpu1 *cpu, uint32_t pc)
{
	cpu->bfar = cpu->fault_addr;
	exc_fault(cpu, EXC_BUSFAULT, CFSR_PRECISERR | CFSR_BFARVALID, pc);
}

static void breakpoint(struct cpu1 *cpu, uint32_t pc)
{
	if (cpu->dhcsr & DHCSR_C_DEBUGEN)
		debug_enter(cpu, DFSR_BKPT);
	else
		exc_hardfault(cpu, HFSR_DEBUGEVT, pc);
}

static void interrupt(struct cpu1 *cpu, uint32_t pc)
{
	switch (cpu->interrupt) {
	case ENGINE_SVC:
		exc_svc(cpu, pc);
		break;
	case ENGINE_BKPT:
		breakpoint(cpu, pc);
		break;
	case ENGINE_EXC_RETURN:
		exc_return(cpu, pc | 1);
		break;
	case ENGINE_PREFETCH_ABORT:
		exc_fault(cpu, EXC_MEMMANAGE, CFSR_IACCVIOL, pc);
		break;
	case ENGINE_DATA_ABORT: /* no MPU: alignment is all that is left */
		exc_fault(cpu, EXC_USAGEFAULT, CFSR_UNALIGNED, pc);
		break;
	case ENGINE_NOCP:
		exc_fault(cpu, EXC_USAGEFAULT, CFSR_NOCP, pc);
		break;
	case ENGINE_INVSTATE:
		exc_fault(cpu, EXC_USAGEFAULT, CFSR_INVSTATE, pc);
		break;
	default:
		exc_fault(cpu, EXC_USAGEFAULT, CFSR_UNDEFINSTR, pc);
		break;
	}
}

static void fetch_failed(struct cpu1 *cpu, uc_err err, uint32_t pc)
{
	if (pc >= FIRST_EXC_RETURN)
		exc_return(cpu, pc | 1);
	else if (err == UC_ERR_FETCH_PROT)
		exc_fault(cpu, EXC_MEMMANAGE, CFSR_IACCVIOL, pc);
	else
		exc_fault(cpu, EXC_BUSFAULT, CFSR_IBUSERR, pc);
}

/* What ended the run? */
static void settle_run(struct cpu1 *cpu, uc_err err)
{
	uint32_t pc = cpu1_pc(cpu);

	if (cpu->fault) {
		for (unsigned int i = 0; i < CPU1_SAVED_REGS; i++)
			cpu1_set_reg(cpu, engine_saved_ids[i], cpu->saved[i]);
		access_fault(cpu, cpu->fault_pc);
	} else if (cpu->interrupt >= 0) {
		interrupt(cpu, pc);
	} else if (err == UC_ERR_FETCH_UNMAPPED || err == UC_ERR_FETCH_PROT) {
		fetch_failed(cpu, err, pc);
	} else if (err != UC_ERR_OK && cpu->fault_unmapped) {
		access_fault(cpu, pc);
	} else if (err != UC_ERR_OK) {
		undefined(cpu, pc);
	} else if (cpu->breakpoint) {
		debug_enter(cpu, DFSR_BKPT);
	} else if (!cpu->stopping) {
		cpu->sleeping = true; /* WFI */
		cpu->sleep_for_event = false;
	}
	if (cpu->watchpoint && !cpu->halted)
		debug_enter(cpu, DFSR_DWTTRAP);
}

uint64_t engine_execute(struct cpu1 *cpu, uint64_t limit)
{
	uint32_t pc = cpu1_pc(cpu);
	uc_err err;

	cpu->count = 0;
	cpu->limit = limit;
	cpu->held_back = exc_held_back(cpu);
	cpu->stopping = cpu->spinning = cpu->breakpoint = cpu->watchpoint = false;
	cpu->fault = cpu->fault_unmapped = false;
	cpu->after_stop = 0;
	cpu->interrupt = -1;
	cpu->last_pc = pc;
	cpu->loop.head = 0; /* memory may have changed meanwhile */
	if (!(cpu1_reg(cpu, UC_ARM_REG_XPSR) & XPSR_T)) {
		exc_fault(cpu, EXC_USAGEFAULT, CFSR_INVSTATE, pc);
		return 1;
	}
	engine_forget(cpu);
	if (cpu->watch_dirty)
		engine_watch(cpu);
	err = uc_emu_start(cpu->uc, pc | 1, NEVER_HERE, 0, 0);
	engine_undo_stores(cpu);
	/* a stop inside an IT block came late: what ran after it ran too */
	if (cpu->stopping && !cpu->breakpoint && cpu1_pc(cpu) != cpu->stop_pc)
		cpu->count += cpu->after_stop;
	settle_run(cpu, err);
	if (cpu->count != 0)
		cpu->retired = true;
	if (cpu->spinning && !cpu->halted)
		cpu->count = limit;
	return cpu->count != 0 ? cpu->count : 1;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPU1's exceptions: priorities, entry with stacking, return, fault escalation, lockup (ARMv7-M ARM B1.5).
 *
 *   frame, from the new SP up:  R0 R1 R2 R3 R12 LR return-address xPSR
 *                  with FPU:    ... S0-S15 FPSCR reserved
 *
 * The FP part is stored at entry: lazy stacking differs from that only in when the memory is written.
 */
#include "sim/cpu1.h"

#define GROUP_THREAD 256
#define PRIO_NMI (-2)
#define PRIO_HARDFAULT (-1)

#define FRAME_BASIC 0x20u
#define FRAME_FP 0x68u
#define FRAME_FP_REGS 16u
#define FRAME_PC 6u
#define FRAME_XPSR 7u
#define XPSR_ALIGN (1u << 9) /* in a stacked xPSR: a word of padding lies above the frame */
#define XPSR_APSR 0xF80F0000u
#define XPSR_RESTORED 0xFF0FFDFFu

#define EXC_RETURN_BASE 0xFFFFFFE1u
#define EXC_RETURN_NO_FP 0x10u
#define EXC_RETURN_THREAD 0x8u
#define EXC_RETURN_PSP 0x4u
#define LOCKUP_PC 0xFFFFFFFEu

#define SHCSR_MEMFAULTENA (1u << 16)
#define SHCSR_BUSFAULTENA (1u << 17)
#define SHCSR_USGFAULTENA (1u << 18)

static const int frame_ids[FRAME_PC] = {
	UC_ARM_REG_R0, UC_ARM_REG_R1, UC_ARM_REG_R2, UC_ARM_REG_R3, UC_ARM_REG_R12, UC_ARM_REG_LR,
};

void exc_put(struct exc_set *s, unsigned int n, bool on)
{
	uint64_t bit = UINT64_C(1) << (n % 64);

	if (on)
		s->w[n / 64] |= bit;
	else
		s->w[n / 64] &= ~bit;
}

int exc_priority(const struct cpu1 *cpu, unsigned int n)
{
	if (n == EXC_NMI)
		return PRIO_NMI;
	if (n == EXC_HARDFAULT)
		return PRIO_HARDFAULT;
	return cpu->prio[n];
}

/* The part of a priority that preempts: AIRCR.PRIGROUP says where it ends (B1.5.4). */
static int group(const struct cpu1 *cpu, int prio)
{
	int sub = (2 << (cpu->aircr >> 8 & 7)) - 1;

	return prio < 0 ? prio : prio & ~sub;
}

int exc_execution_priority(struct cpu1 *cpu, bool masks)
{
	int best = GROUP_THREAD;
	int basepri;

	if (cpu->active.w[0] | cpu->active.w[1]) {
		for (unsigned int n = EXC_NMI; n < EXC_COUNT; n++) {
			if (!exc_get(&cpu->active, n))
				continue;
			int prio = group(cpu, exc_priority(cpu, n));

			best = prio < best ? prio : best;
		}
	}
	if (!masks)
		return best;
	basepri = (int)(cpu1_reg(cpu, UC_ARM_REG_BASEPRI) & 0xFF);
	if (basepri != 0 && group(cpu, basepri) < best)
		best = group(cpu, basepri);
	if ((cpu1_reg(cpu, UC_ARM_REG_PRIMASK) & 1) && best > 0)
		best = 0;
	if ((cpu1_reg(cpu, UC_ARM_REG_FAULTMASK) & 1) && best > PRIO_HARDFAULT)
		best = PRIO_HARDFAULT;
	return best;
}

unsigned int exc_pending(const struct cpu1 *cpu)
{
	const struct exc_set ready = {{
		cpu->pend.w[0] & cpu->enabled.w[0],
		cpu->pend.w[1] & cpu->enabled.w[1],
	}};
	bool mask_ints = (cpu->dhcsr & (DHCSR_C_DEBUGEN | DHCSR_C_MASKINTS)) ==
		(DHCSR_C_DEBUGEN | DHCSR_C_MASKINTS);
	unsigned int best = 0;

	if (!(ready.w[0] | ready.w[1]))
		return 0;
	for (unsigned int n = EXC_NMI; n < EXC_COUNT; n++) {
		if (!exc_get(&ready, n) || (mask_ints && n >= EXC_PENDSV))
			continue;
		if (best == 0 || exc_priority(cpu, n) < exc_priority(cpu, best))
			best = n;
	}
	return best;
}

bool exc_held_back(struct cpu1 *cpu)
{
	unsigned int n = exc_pending(cpu);

	return n != 0 && group(cpu, exc_priority(cpu, n)) < exc_execution_priority(cpu, false);
}

/* Store a frame; false: the stack is not there. */
static bool push_frame(struct cpu1 *cpu, uint32_t frame, bool fp, uint32_t pc, uint32_t xpsr)
{
	bool ok = true;

	for (unsigned int i = 0; i < FRAME_PC; i++)
		ok &= cpu1_store(cpu, frame + 4 * i, 4, cpu1_reg(cpu, frame_ids[i]));
	ok &= cpu1_store(cpu, frame + 4 * FRAME_PC, 4, pc);
	ok &= cpu1_store(cpu, frame + 4 * FRAME_XPSR, 4, xpsr);
	if (!fp)
		return ok;
	for (unsigned int i = 0; i < FRAME_FP_REGS; i++)
		ok &= cpu1_store(cpu, frame + FRAME_BASIC + 4 * i, 4,
			cpu1_reg(cpu, UC_ARM_REG_S0 + (int)i));
	return ok & cpu1_store(cpu, frame + FRAME_BASIC + 4 * FRAME_FP_REGS, 4,
			    cpu1_reg(cpu, UC_ARM_REG_FPSCR));
}

static void lock_up(struct cpu1 *cpu)
{
	cpu->lockup = true;
	cpu1_set_pc(cpu, LOCKUP_PC, true);
	if ((cpu->dhcsr & DHCSR_C_DEBUGEN) && (cpu->demcr & DEMCR_VC_HARDERR))
		debug_enter(cpu, DFSR_VCATCH);
}

/* Stack what the interrupted code needs; returns its EXC_RETURN. *ok: the stack could be written. */
static uint32_t stack_context(struct cpu1 *cpu, uint32_t pc, bool *ok)
{
	uint32_t control = cpu1_reg(cpu, UC_ARM_REG_CONTROL);
	uint32_t xpsr = cpu1_reg(cpu, UC_ARM_REG_XPSR);
	bool thread = (xpsr & XPSR_IPSR) == 0;
	bool fp = (control & CONTROL_FPCA) != 0;
	bool psp = thread && (control & CONTROL_SPSEL);
	int sp_id = psp ? UC_ARM_REG_PSP : UC_ARM_REG_MSP;
	uint32_t sp = cpu1_sp(cpu, sp_id);
	bool align = (cpu->ccr & CCR_STKALIGN) && (sp & 4);
	uint32_t frame = (sp - (fp ? FRAME_FP : FRAME_BASIC)) - (align ? 4 : 0);

	*ok = push_frame(cpu, frame, fp, pc, (xpsr & ~XPSR_ALIGN) | (align ? XPSR_ALIGN : 0));
	/* privileged first: the engine hides the stack pointers from unprivileged code */
	cpu1_set_reg(cpu, UC_ARM_REG_CONTROL, control & CONTROL_SPSEL);
	cpu1_set_reg(cpu, sp_id, frame);
	cpu1_set_reg(cpu, UC_ARM_REG_CONTROL, control & CONTROL_NPRIV);
	return EXC_RETURN_BASE | (fp ? 0 : EXC_RETURN_NO_FP) | (thread ? EXC_RETURN_THREAD : 0) |
		(psp ? EXC_RETURN_PSP : 0);
}

static void enter(struct cpu1 *cpu, unsigned int n, uint32_t back)
{
	uint32_t xpsr = cpu1_reg(cpu, UC_ARM_REG_XPSR) & XPSR_APSR;
	uint32_t vector;

	exc_put(&cpu->pend, n, false);
	exc_put(&cpu->active, n, true);
	cpu->sleeping = false;
	cpu1_set_reg(cpu, UC_ARM_REG_XPSR, xpsr | XPSR_T | n);
	cpu1_set_reg(cpu, UC_ARM_REG_LR, back);
	if (!cpu1_load(cpu, cpu->vtor + 4 * n, 4, &vector)) {
		cpu->hfsr |= HFSR_VECTTBL;
		if (n <= EXC_HARDFAULT) {
			lock_up(cpu);
			return;
		}
		exc_put(&cpu->active, n, false);
		enter(cpu, EXC_HARDFAULT, back);
		return;
	}
	cpu1_set_pc(cpu, vector & ~1u, (vector & 1) != 0);
	debug_vector_catch(cpu, n);
}

void exc_take(struct cpu1 *cpu, unsigned int n, uint32_t pc)
{
	bool ok;
	uint32_t back = stack_context(cpu, pc, &ok);

	if (!ok) {
		cpu->cfsr |= CFSR_STKERR;
		if (n <= EXC_HARDFAULT) {
			lock_up(cpu);
			return;
		}
		exc_put(&cpu->pend, n, n >= EXC_PENDSV);
		cpu->hfsr |= HFSR_FORCED;
		n = EXC_HARDFAULT;
	}
	enter(cpu, n, back);
}

bool exc_deliver(struct cpu1 *cpu)
{
	unsigned int n = exc_pending(cpu);

	if (n == 0 || group(cpu, exc_priority(cpu, n)) >= exc_execution_priority(cpu, true))
		return false;
	exc_take(cpu, n, cpu1_pc(cpu));
	return true;
}

void exc_hardfault(struct cpu1 *cpu, uint32_t hfsr, uint32_t pc)
{
	cpu->hfsr |= hfsr;
	if (exc_execution_priority(cpu, true) <= PRIO_HARDFAULT)
		lock_up(cpu);
	else
		exc_take(cpu, EXC_HARDFAULT, pc);
}

static bool fault_enabled(const struct cpu1 *cpu, unsigned int n)
{
	switch (n) {
	case EXC_MEMMANAGE:
		return (cpu->shcsr & SHCSR_MEMFAULTENA) != 0;
	case EXC_BUSFAULT:
		return (cpu->shcsr & SHCSR_BUSFAULTENA) != 0;
	default:
		return (cpu->shcsr & SHCSR_USGFAULTENA) != 0;
	}
}

void exc_fault(struct cpu1 *cpu, unsigned int n, uint32_t cfsr, uint32_t pc)
{
	cpu->cfsr |= cfsr;
	if (fault_enabled(cpu, n) &&
		group(cpu, exc_priority(cpu, n)) < exc_execution_priority(cpu, true))
		exc_take(cpu, n, pc);
	else
		exc_hardfault(cpu, HFSR_FORCED, pc);
}

void exc_svc(struct cpu1 *cpu, uint32_t pc)
{
	if (group(cpu, exc_priority(cpu, EXC_SVC)) < exc_execution_priority(cpu, true))
		exc_take(cpu, EXC_SVC, pc);
	else
		exc_hardfault(cpu, HFSR_FORCED, pc);
}

/* Load a frame; false: the stack is not there. */
static bool pop_frame(struct cpu1 *cpu, uint32_t frame, bool fp, uint32_t *pc, uint32_t *xpsr)
{
	uint32_t val = 0;
	bool ok = true;

	for (unsigned int i = 0; i < FRAME_PC; i++) {
		ok &= cpu1_load(cpu, frame + 4 * i, 4, &val);
		cpu1_set_reg(cpu, frame_ids[i], val);
	}
	ok &= cpu1_load(cpu, frame + 4 * FRAME_PC, 4, pc);
	ok &= cpu1_load(cpu, frame + 4 * FRAME_XPSR, 4, xpsr);
	for (unsigned int i = 0; fp && i < FRAME_FP_REGS; i++) {
		ok &= cpu1_load(cpu, frame + FRAME_BASIC + 4 * i, 4, &val);
		cpu1_set_reg(cpu, UC_ARM_REG_S0 + (int)i, val);
	}
	if (fp) {
		ok &= cpu1_load(cpu, frame + FRAME_BASIC + 4 * FRAME_FP_REGS, 4, &val);
		cpu1_set_reg(cpu, UC_ARM_REG_FPSCR, val);
	}
	return ok;
}

/* Does the EXC_RETURN fit what is active (B1.5.8)? */
static bool return_is_valid(const struct cpu1 *cpu, unsigned int n, uint32_t value)
{
	uint32_t kind = value & 0xF;

	if ((value | EXC_RETURN_NO_FP | 0xF) != UINT32_MAX || n < EXC_NMI || n >= EXC_COUNT)
		return false;
	return exc_get(&cpu->active, n) && (kind == 0x1 || kind == 0x9 || kind == 0xD);
}

void exc_return(struct cpu1 *cpu, uint32_t value)
{
	unsigned int n = cpu1_reg(cpu, UC_ARM_REG_XPSR) & XPSR_IPSR;
	bool fp = !(value & EXC_RETURN_NO_FP);
	bool thread = (value & EXC_RETURN_THREAD) != 0;
	bool psp = (value & EXC_RETURN_PSP) != 0;
	int sp_id = psp ? UC_ARM_REG_PSP : UC_ARM_REG_MSP;
	uint32_t control = cpu1_reg(cpu, UC_ARM_REG_CONTROL) & CONTROL_NPRIV;
	uint32_t frame, pc = 0, xpsr = 0;

	if (!return_is_valid(cpu, n, value)) {
		exc_fault(cpu, EXC_USAGEFAULT, CFSR_INVPC, value & ~1u);
		return;
	}
	exc_put(&cpu->active, n, false);
	if (n != EXC_NMI)
		cpu1_set_reg(cpu, UC_ARM_REG_FAULTMASK, 0);
	if (exc_get(&cpu->level, n))
		exc_put(&cpu->pend, n, true);
	cpu->event = true;
	frame = cpu1_sp(cpu, sp_id);
	if (!pop_frame(cpu, frame, fp, &pc, &xpsr)) {
		exc_fault(cpu, EXC_BUSFAULT, CFSR_UNSTKERR, value & ~1u);
		return;
	}
	cpu1_set_reg(cpu, sp_id, frame + (fp ? FRAME_FP : FRAME_BASIC) + ((xpsr & XPSR_ALIGN) ? 4 : 0));
	cpu1_set_reg(cpu, UC_ARM_REG_CONTROL,
		control | (thread && psp ? CONTROL_SPSEL : 0) | (fp ? CONTROL_FPCA : 0));
	cpu1_set_reg(cpu, UC_ARM_REG_XPSR, xpsr & XPSR_RESTORED);
	cpu1_set_pc(cpu, pc & ~1u, (xpsr & XPSR_T) != 0);
	if (thread != ((xpsr & XPSR_IPSR) == 0)) {
		exc_fault(cpu, EXC_USAGEFAULT, CFSR_INVPC, pc & ~1u);
	} else if (thread && (cpu->scr & SCR_SLEEPONEXIT)) {
		cpu->sleeping = true;
		cpu->sleep_for_event = false;
	}
}

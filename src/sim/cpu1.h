/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPU1 from the inside: what cpu1.c, engine.c, exceptions.c, nvic.c, systick.c, cm_debug.c, fpb_dwt.c and
 * ppb.c share. Other parts of libwbsim use the CPU1 section of sim.h only.
 *
 * Architecture facts: ARMv7-M Architecture Reference Manual (DDI 0403E), chapter numbers in the
 * comments; core facts: Cortex-M4 TRM (100166).
 */
#ifndef SIM_CPU1_H
#define SIM_CPU1_H

#include <unicorn/unicorn.h>

#include "sim/sim.h"

/* Exception numbers (B1.5.2). The WB55 has 63 interrupt lines: exceptions 16 to 78. */
enum {
	EXC_NMI = 2,
	EXC_HARDFAULT = 3,
	EXC_MEMMANAGE = 4,
	EXC_BUSFAULT = 5,
	EXC_USAGEFAULT = 6,
	EXC_SVC = 11,
	EXC_DEBUGMON = 12,
	EXC_PENDSV = 14,
	EXC_SYSTICK = 15,
	EXC_IRQ0 = 16,
	EXC_COUNT = 80,
};
#define CPU1_IRQS 63u

#define XPSR_IPSR 0x1FFu
#define XPSR_T (1u << 24)
#define CONTROL_NPRIV 1u
#define CONTROL_SPSEL 2u
#define CONTROL_FPCA 4u

/* DHCSR (C1.6.2), DEMCR (C1.6.5), DFSR (C1.6.1) */
#define DHCSR_C_DEBUGEN (1u << 0)
#define DHCSR_C_HALT (1u << 1)
#define DHCSR_C_STEP (1u << 2)
#define DHCSR_C_MASKINTS (1u << 3)
#define DEMCR_VC_CORERESET (1u << 0)
#define DEMCR_VC_MMERR (1u << 4)
#define DEMCR_VC_NOCPERR (1u << 5)
#define DEMCR_VC_CHKERR (1u << 6)
#define DEMCR_VC_STATERR (1u << 7)
#define DEMCR_VC_BUSERR (1u << 8)
#define DEMCR_VC_INTERR (1u << 9)
#define DEMCR_VC_HARDERR (1u << 10)
#define DEMCR_TRCENA (1u << 24)
#define DFSR_HALTED (1u << 0)
#define DFSR_BKPT (1u << 1)
#define DFSR_DWTTRAP (1u << 2)
#define DFSR_VCATCH (1u << 3)

/* CFSR, HFSR (B3.2.15, B3.2.16) */
#define CFSR_IACCVIOL (1u << 0)
#define CFSR_IBUSERR (1u << 8)
#define CFSR_PRECISERR (1u << 9)
#define CFSR_UNSTKERR (1u << 11)
#define CFSR_STKERR (1u << 12)
#define CFSR_BFARVALID (1u << 15)
#define CFSR_UNDEFINSTR (1u << 16)
#define CFSR_INVSTATE (1u << 17)
#define CFSR_INVPC (1u << 18)
#define CFSR_NOCP (1u << 19)
#define CFSR_UNALIGNED (1u << 24)
#define HFSR_VECTTBL (1u << 1)
#define HFSR_FORCED (1u << 30)
#define HFSR_DEBUGEVT (1u << 31)

#define SCR_SLEEPONEXIT (1u << 1)
#define SCR_SLEEPDEEP (1u << 2)
#define SCR_SEVONPEND (1u << 4)
#define CCR_STKALIGN (1u << 9)

#define FPB_CODE_COMPARATORS 6u
#define FPB_COMPARATORS 8u
#define DWT_COMPARATORS 4u

/* A set of exception numbers. */
struct exc_set {
	uint64_t w[2];
};

struct systick {
	uint32_t csr, rvr, cvr;
	uint32_t prescale; /* HCLK cycles into the present HCLK/8 tick */
};

struct dwt_comparator {
	uint32_t comp, mask, function;
	uc_hook hook;
	bool hooked;
	bool matched; /* since FUNCTION was last read */
};

/* Where the engine's memory comes from; a reset with another layout needs a new engine. */
struct cpu1_map {
	uint32_t alias;	       /* what shows at address 0 */
	uint32_t flash_open;   /* bytes of flash CPU1 can read */
	uint32_t sram2a_open, sram2b_open;
	uint32_t flash_watched; /* 1: loads from flash must be told to its controller */
};

/* A piece of the address map whose accesses go over the bus. */
struct cpu1_window {
	struct cpu1 *cpu;
	uint32_t base, bus_base;
};

#define CPU1_WINDOWS 12u
#define CPU1_STALE 8u
#define CPU1_UNDO 32u /* stores of the longest VSTM */

/* Flash as it was, under a store that the engine will do all the same. */
struct cpu1_undo {
	uint8_t *host;
	uint8_t was[8];
	uint8_t size;
};

#define CPU1_SAVED_REGS 15u /* R0-R12, SP, LR */

/* A loop that may be one without an effect (engine_loop.c). */
struct cpu1_loop {
	uint32_t head; /* where it was last entered by a backward jump */
	uint32_t idle; /* head of the last one that was found to be idle */
	unsigned int patience; /* turns before it is looked at */
	bool armed;	       /* the rest is how things were at the head: */
	uint32_t regs[CPU1_SAVED_REGS], xpsr;
	uint64_t count;
	unsigned int loud, feeds;
};

struct cpu1 {
	struct wbsim *sim;
	uc_engine *uc;
	struct cpu1_map map;
	struct cpu1_window window[CPU1_WINDOWS];
	unsigned int windows;
	uint8_t rom[1024];

	/* the present call of cpu1_run(): time is entered + cycles / hz */
	bool running;
	uint64_t hz;
	uint64_t entered; /* ns */
	uint64_t credit;  /* cycles x 1e9 left over by the last call, below one cycle */
	uint64_t cycles;  /* spent in this call, before the present execute() */
	uint64_t awake;	  /* those of them that CPU1 did not sleep */
	uint64_t accounted; /* virtual ns up to which SysTick has counted */
	uint64_t stall_until;
	bool attention; /* leave the engine before the next instruction */

	/* the present execute() */
	uint64_t count, limit;
	bool held_back; /* a mask alone keeps an interrupt away */
	struct {
		uint32_t first, end;
	} stale[CPU1_STALE]; /* memory that changed under the engine */
	unsigned int stales; /* CPU1_STALE + 1: too many to list */
	uint32_t last_pc;
	uint32_t stop_pc;
	bool stopping, spinning;
	struct cpu1_loop loop;
	unsigned int loud, feeds; /* accesses over the bus with an effect; that feed the watchdog */
	uint32_t after_stop; /* instructions run after the stop was asked for (rest of an IT block) */
	struct cpu1_undo undo[CPU1_UNDO];
	unsigned int undos;
	int interrupt;	     /* the engine's exception number, -1: none */
	bool fault;	     /* an access failed on the bus; registers as they were before it */
	bool fault_unmapped;
	uint32_t fault_addr, fault_pc;
	uint32_t saved[CPU1_SAVED_REGS];
	bool breakpoint; /* FPB match at stop_pc */
	bool watchpoint; /* DWT match */

	bool boot_pending; /* in reset until NRST is high and somebody looks */
	bool sleeping, event, lockup, halted;
	bool sleep_for_event; /* WFE: the event register ends it */

	/* NVIC, SCB */
	struct exc_set pend, active, enabled, level;
	uint8_t prio[EXC_COUNT];
	uint32_t vtor, aircr, scr, ccr, shcsr, cfsr, hfsr, mmfar, bfar, afsr, cpacr;
	uint32_t fpccr, fpcar, fpdscr;
	struct systick systick;

	/* debug */
	uint32_t dhcsr, demcr, dfsr, dcrdr;
	bool retired, was_reset;
	uint32_t fp_ctrl, fp_remap, fp_comp[FPB_COMPARATORS];
	bool fpb_armed;
	uint32_t dwt_ctrl, cyccnt;
	struct dwt_comparator dwt[DWT_COMPARATORS];
	bool watch_dirty;
};

/* ---- cpu1.c */
uint32_t cpu1_reg(struct cpu1 *cpu, int id);
void cpu1_set_reg(struct cpu1 *cpu, int id, uint32_t val);
uint32_t cpu1_pc(struct cpu1 *cpu);
/** Set PC and the T bit. */
void cpu1_set_pc(struct cpu1 *cpu, uint32_t pc, bool thumb);
/** MSP or PSP, also while unprivileged. */
uint32_t cpu1_sp(struct cpu1 *cpu, int id);
bool cpu1_load(struct cpu1 *cpu, uint32_t addr, unsigned int size, uint32_t *val);
bool cpu1_store(struct cpu1 *cpu, uint32_t addr, unsigned int size, uint32_t val);
/** Leave reset if the reset line allows it. */
void cpu1_settle(struct cpu1 *cpu);
/** Give the engine the memory layout that the options in force ask for; its registers may be lost. */
bool cpu1_fit(struct cpu1 *cpu);

/* ---- engine_map.c */
/** The layout the options in force ask for. */
struct cpu1_map engine_layout(const struct cpu1 *cpu);
bool engine_map(struct cpu1 *cpu);
/** A load from flash: PCROP, ECC. */
void engine_flash_load(uc_engine *uc, uc_mem_type type, uint64_t addr, int size, int64_t val, void *user);
/** Translations of memory in [first, end) are stale. */
void engine_stale(struct cpu1 *cpu, uint32_t first, uint32_t end);
/** Forget what is stale, or everything; not while the engine runs. */
void engine_forget(struct cpu1 *cpu);
void engine_forget_all(struct cpu1 *cpu);
/** Take back what the engine stored to flash. */
void engine_undo_stores(struct cpu1 *cpu);
/** The engine's write-protection hook: flash. */
bool engine_flash_store(uc_engine *uc, uc_mem_type type, uint64_t addr, int size, int64_t val, void *user);

/* ---- engine.c */
/** An instruction's first halfword, 0 where no code can be. Fast: it is asked for often. */
uint16_t engine_insn(struct cpu1 *cpu, uint32_t addr);
bool engine_open(struct cpu1 *cpu);
void engine_close(struct cpu1 *cpu);
/** The bus refused an access of the present instruction. */
void engine_bus_fault(struct cpu1 *cpu, uint32_t addr);
/** Run at most limit instructions and deal with what ended the run; returns cycles. */
uint64_t engine_execute(struct cpu1 *cpu, uint64_t limit);
/** Put the DWT's watchpoints where the engine sees them. */
void engine_watch(struct cpu1 *cpu);

/* ---- engine_loop.c */
/** Registers that come back in pairs with CPU1_SAVED_REGS. */
extern const int engine_saved_ids[CPU1_SAVED_REGS];
/** CPU1 has jumped back to pc. Turns of a loop without an effect are counted, not executed. */
void engine_loop(struct cpu1 *cpu, uint32_t pc);
/** Count an access over the bus. */
void engine_loop_access(struct cpu1 *cpu, uint32_t addr, bool write, uint32_t val);

/* ---- exceptions.c */
static inline bool exc_get(const struct exc_set *s, unsigned int n)
{
	return (s->w[n / 64] >> (n % 64) & 1) != 0;
}
void exc_put(struct exc_set *s, unsigned int n, bool on);
/** Execution priority (B1.5.4), 256: thread; masks: PRIMASK, FAULTMASK and BASEPRI count too. */
int exc_execution_priority(struct cpu1 *cpu, bool masks);
/** The pending exception to take next, 0: none. */
unsigned int exc_pending(const struct cpu1 *cpu);
int exc_priority(const struct cpu1 *cpu, unsigned int n);
/** Take the pending exception that may interrupt now, if there is one. */
bool exc_deliver(struct cpu1 *cpu);
/** Something pends that would interrupt if PRIMASK, BASEPRI and FAULTMASK let it. */
bool exc_held_back(struct cpu1 *cpu);
/** Enter exception n, returning to pc afterwards. */
void exc_take(struct cpu1 *cpu, unsigned int n, uint32_t pc);
/** A fault at pc: enter its handler, or HardFault, or lock up. */
void exc_fault(struct cpu1 *cpu, unsigned int n, uint32_t cfsr, uint32_t pc);
/** HardFault itself (bits for HFSR), or lockup. */
void exc_hardfault(struct cpu1 *cpu, uint32_t hfsr, uint32_t pc);
void exc_svc(struct cpu1 *cpu, uint32_t pc);
/** A branch to an EXC_RETURN value in handler mode. */
void exc_return(struct cpu1 *cpu, uint32_t value);

/* ---- nvic.c, systick.c, fpb_dwt.c, cm_debug.c: registers by address, 32 bits */
void nvic_reset(struct cpu1 *cpu);
uint32_t nvic_read(struct cpu1 *cpu, uint32_t addr);
void nvic_write(struct cpu1 *cpu, enum sim_master m, uint32_t addr, uint32_t val);
void systick_elapse(struct cpu1 *cpu, uint64_t cycles);
/** Cycles until SysTick asks for its interrupt; UINT64_MAX: never. */
uint64_t systick_due(const struct cpu1 *cpu);
uint32_t systick_read(struct cpu1 *cpu, enum sim_master m, uint32_t addr);
void systick_write(struct cpu1 *cpu, uint32_t addr, uint32_t val);
void debug_power_on(struct cpu1 *cpu);
void debug_enter(struct cpu1 *cpu, uint32_t dfsr);
/** Halt before the handler of exception n if DEMCR says so. */
void debug_vector_catch(struct cpu1 *cpu, unsigned int n);
uint32_t debug_read(struct cpu1 *cpu, enum sim_master m, uint32_t addr);
void debug_write(struct cpu1 *cpu, enum sim_master m, uint32_t addr, uint32_t val);
/** The set of breakpoints or C_DEBUGEN changed. */
void fpb_arm(struct cpu1 *cpu);
void dwt_elapse(struct cpu1 *cpu, uint64_t cycles);
bool fpb_match(const struct cpu1 *cpu, uint32_t addr);
uint32_t fpb_dwt_read(struct cpu1 *cpu, enum sim_master m, uint32_t addr);
void fpb_dwt_write(struct cpu1 *cpu, uint32_t addr, uint32_t val);

#endif

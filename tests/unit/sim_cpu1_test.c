/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPU1 alone, on a bus of this file: SRAM1, blank flash, a device that notes when it was accessed, and
 * nothing at 0x60000000.
 */
#include "sim/devices.h"
#include "sim/flash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HZ 4000000u
#define NS_PER_CYCLE 250u
#define SRAM1 SRAM1_BASE
#define FLASH FLASH_BASE
#define CODE (SRAM1 + 0x100u)
#define HANDLER (SRAM1 + 0x200u)
#define DATA (SRAM1 + 0x400u)
#define STACK (SRAM1 + 0x1000u)
#define DEVICE 0x40000000u
#define BREAKER 0x40000010u /* a write here asks for the end of the slice */
#define NOWHERE 0x60000000u

#define DHCSR 0xE000EDF0u
#define DCRSR 0xE000EDF4u
#define DCRDR 0xE000EDF8u
#define DEMCR 0xE000EDFCu
#define DFSR 0xE000ED30u
#define DEBUGEN 0xA05F0001u
#define HALT 0xA05F0003u
#define STEP 0xA05F0005u
#define S_HALT (1u << 17)
#define S_SLEEP (1u << 18)
#define S_LOCKUP (1u << 19)
#define S_RETIRE (1u << 24)
#define S_RESET (1u << 25)

enum { SEL_R0 = 0, SEL_R1 = 1, SEL_R2 = 2, SEL_R4 = 4, SEL_SP = 13, SEL_LR = 14, SEL_PC = 15, SEL_XPSR = 16, SEL_SPECIAL = 20, SEL_S0 = 64 };

static const struct sim_part part = {
	.name = "test", .flash_kib = 1024, .page = 4096, .sram1_kib = 192, .sram2a_kib = 32,
	.sram2b_kib = 32,
};
static uint64_t seen_ns[8];
static unsigned int seen;
static uint64_t flash_busy_until;
static uint32_t boot_base, secure_start, flash_stores;

/* ---- the world around CPU1 */

uint32_t bus_boot_base(const struct wbsim *sim)
{
	(void)sim;
	return boot_base;
}

uint32_t flash_secure_start(const struct wbsim *sim)
{
	(void)sim;
	return secure_start;
}

uint32_t options_sram2a_open(const struct wbsim *sim)
{
	return sim->part->sram2a_kib * 1024u;
}

uint32_t options_sram2b_open(const struct wbsim *sim)
{
	return sim->part->sram2b_kib * 1024u;
}

bool flash_wait(struct wbsim *sim, enum sim_master m)
{
	assert_int_equal(m, SIM_CPU1);
	if (cpu1_now(sim) < flash_busy_until)
		cpu1_stall_until(sim, flash_busy_until);
	return true;
}

uint32_t rcc_hclk_hz(const struct wbsim *sim)
{
	(void)sim;
	return HZ;
}

void sim_log(struct wbsim *sim, const char *fmt, ...)
{
	(void)sim;
	(void)fmt;
}

void sim_reset_request(struct wbsim *sim, enum sim_reset cause)
{
	sim->reset_pending = true;
	sim->reset_cause = cause;
	cpu1_break(sim);
}

bool bus_read(struct wbsim *sim, enum sim_master m, uint32_t addr, unsigned int size, uint32_t *val)
{
	*val = 0;
	if (addr >= 0xE0000000u)
		return ppb_read(sim, m, addr, size, val);
	if (addr - SRAM1 < sizeof sim->sram1)
		memcpy(val, sim->sram1 + (addr - SRAM1), size);
	else if (addr - FLASH < sizeof sim->flash && addr < secure_start)
		memcpy(val, sim->flash + (addr - FLASH), size);
	else if (addr - DEVICE < 0x100 && seen < 8)
		seen_ns[seen++] = cpu1_now(sim);
	return addr - NOWHERE >= 0x10000;
}

bool bus_write(struct wbsim *sim, enum sim_master m, uint32_t addr, unsigned int size, uint32_t val)
{
	if (addr >= 0xE0000000u)
		return ppb_write(sim, m, addr, size, val);
	if (addr - SRAM1 < sizeof sim->sram1)
		memcpy(sim->sram1 + (addr - SRAM1), &val, size);
	else if (addr - FLASH < sizeof sim->flash)
		flash_stores++;
	else if (addr - DEVICE < 0x10 && seen < 8)
		seen_ns[seen++] = cpu1_now(sim);
	else if (addr == BREAKER)
		cpu1_break(sim);
	return addr - NOWHERE >= 0x10000;
}

/* ---- helpers */

static void put16(struct wbsim *sim, uint32_t addr, const uint16_t *code, size_t n)
{
	memcpy(sim->sram1 + (addr - SRAM1), code, n * sizeof *code);
	cpu1_invalidate(sim, addr, n * sizeof *code);
}
#define PUT(sim, addr, ...) put16(sim, addr, (const uint16_t[]){__VA_ARGS__}, \
	sizeof((const uint16_t[]){__VA_ARGS__}) / sizeof(uint16_t))

static void put32(struct wbsim *sim, uint32_t addr, uint32_t val)
{
	memcpy(sim->sram1 + (addr - SRAM1), &val, sizeof val);
	cpu1_invalidate(sim, addr, sizeof val);
}

static uint32_t get32(struct wbsim *sim, uint32_t addr)
{
	uint32_t val;

	memcpy(&val, sim->sram1 + (addr - SRAM1), sizeof val);
	return val;
}

static uint32_t rd(struct wbsim *sim, uint32_t addr)
{
	uint32_t val = 0;

	assert_true(ppb_read(sim, SIM_DEBUG, addr, 4, &val));
	return val;
}

static void wr(struct wbsim *sim, uint32_t addr, uint32_t val)
{
	assert_true(ppb_write(sim, SIM_DEBUG, addr, 4, val));
}

static uint32_t reg(struct wbsim *sim, uint32_t sel)
{
	wr(sim, DCRSR, sel);
	return rd(sim, DCRDR);
}

static void set_reg(struct wbsim *sim, uint32_t sel, uint32_t val)
{
	wr(sim, DCRDR, val);
	wr(sim, DCRSR, sel | 1u << 16);
}

/* Let time pass as time.c does; returns the time CPU1 used. */
static uint64_t pass(struct wbsim *sim, uint64_t cycles)
{
	uint64_t end = sim->now + cycles * NS_PER_CYCLE, ran = 0;

	while (sim->now < end) {
		uint64_t used = cpu1_run(sim, end - sim->now);

		ran += used;
		sim->now = used ? sim->now + used : end;
	}
	return ran / NS_PER_CYCLE;
}

/* A powered board that boots from SRAM1, every vector at HANDLER, the program at CODE. */
static int setup(void **state)
{
	struct wbsim *sim = calloc(1, sizeof *sim);

	assert_non_null(sim);
	sim->part = &part;
	sim->powered = true;
	memset(sim->flash, 0xFF, sizeof sim->flash);
	boot_base = SRAM1;
	secure_start = FLASH + 0xF4000;
	seen = flash_stores = 0;
	flash_busy_until = 0;
	for (uint32_t i = 1; i < 64; i++)
		put32(sim, SRAM1 + 4 * i, HANDLER + 1);
	put32(sim, SRAM1, STACK);
	put32(sim, SRAM1 + 4, CODE + 1);
	PUT(sim, CODE, 0xE7FE);
	PUT(sim, HANDLER, 0xE7FE);
	sim->cpu1 = cpu1_new(sim);
	assert_non_null(sim->cpu1);
	*state = sim;
	return 0;
}

static int teardown(void **state)
{
	struct wbsim *sim = *state;

	cpu1_free(sim->cpu1);
	free(sim);
	return 0;
}

/* Out of reset, halted at CODE. */
static void start_halted(struct wbsim *sim)
{
	cpu1_reset(sim, true);
	wr(sim, DHCSR, HALT);
	assert_true(cpu1_halted(sim));
	assert_int_equal(reg(sim, SEL_PC), CODE);
}

static void resume(struct wbsim *sim)
{
	wr(sim, DHCSR, DEBUGEN);
}

/* ---- execution */

static void runs_code_from_sram_and_stops_at_bkpt(void **state)
{
	struct wbsim *sim = *state;

	PUT(sim, CODE, 0x2007, 0x3001, 0xBE00); /* movs r0,#7; adds r0,#1; bkpt */
	start_halted(sim);
	resume(sim);
	assert_int_equal(pass(sim, 1000), 3);
	assert_true(cpu1_halted(sim));
	assert_int_equal(reg(sim, SEL_R0), 8);
	assert_int_equal(reg(sim, SEL_PC), CODE + 4);
	assert_int_equal(rd(sim, DFSR) & 2, 2);
	wr(sim, DFSR, 2);
	assert_int_equal(rd(sim, DFSR) & 2, 0);
	assert_int_equal(sim->stats.halts, 2);
}

static void bkpt_without_debugger_is_a_hardfault(void **state)
{
	struct wbsim *sim = *state;

	PUT(sim, CODE, 0xBE00);
	cpu1_reset(sim, true);
	pass(sim, 100);
	assert_false(cpu1_halted(sim));
	wr(sim, DHCSR, HALT);
	assert_int_equal(reg(sim, SEL_PC), HANDLER);
	assert_int_equal(reg(sim, SEL_XPSR) & 0x1FF, 3);
	assert_int_equal(rd(sim, 0xE000ED2C), 0x80000000);
}

static void new_code_runs_after_invalidate(void **state)
{
	struct wbsim *sim = *state;

	PUT(sim, CODE, 0x2001, 0xBE00);
	start_halted(sim);
	resume(sim);
	pass(sim, 10);
	assert_int_equal(reg(sim, SEL_R0), 1);
	PUT(sim, CODE, 0x2002, 0xBE00);
	set_reg(sim, SEL_PC, CODE);
	resume(sim);
	pass(sim, 10);
	assert_int_equal(reg(sim, SEL_R0), 2);
}

static void code_that_changes_itself_runs_changed(void **state)
{
	struct wbsim *sim = *state;

	/* strh r0,[r1]; b over the nop; nop; movs r0,#17 (becomes #85); bkpt */
	PUT(sim, CODE, 0x8008, 0xE000, 0xBF00, 0x2011, 0xBE00);
	start_halted(sim);
	set_reg(sim, SEL_R0, 0x2055);
	set_reg(sim, SEL_R1, CODE + 6);
	resume(sim);
	pass(sim, 10);
	assert_int_equal(reg(sim, SEL_R0), 0x55);
}

static void device_sees_exact_time(void **state)
{
	struct wbsim *sim = *state;

	/* ldr r0,[r1]; nop; nop; str r0,[r1]; b . */
	PUT(sim, CODE, 0x6808, 0xBF00, 0xBF00, 0x6008, 0xE7FE);
	start_halted(sim);
	set_reg(sim, SEL_R1, DEVICE);
	sim->now = 1000000;
	resume(sim);
	assert_int_equal(pass(sim, 100), 100);
	assert_int_equal(seen, 2);
	assert_int_equal(seen_ns[0], 1000000 + 1 * NS_PER_CYCLE);
	assert_int_equal(seen_ns[1], 1000000 + 4 * NS_PER_CYCLE);
}

static void slices_shorter_than_a_cycle_lose_no_time(void **state)
{
	struct wbsim *sim = *state;

	PUT(sim, CODE, 0x3001, 0xE7FD); /* adds r0,#1; b back */
	start_halted(sim);
	set_reg(sim, SEL_R0, 0);
	resume(sim);
	for (int i = 0; i < 1000; i++) {
		uint64_t used = cpu1_run(sim, 70);

		assert_int_equal(used, 70);
		sim->now += used;
	}
	wr(sim, DHCSR, HALT);
	assert_int_equal(reg(sim, SEL_R0), 140); /* 70 us are 280 cycles */
}

static void break_ends_the_slice_after_the_instruction(void **state)
{
	struct wbsim *sim = *state;

	PUT(sim, CODE, 0xBF00, 0x6008, 0x3001, 0xE7FE); /* nop; str r0,[r1]; adds r0,#1; b . */
	start_halted(sim);
	set_reg(sim, SEL_R0, 0);
	set_reg(sim, SEL_R1, BREAKER);
	resume(sim);
	assert_int_equal(cpu1_run(sim, 1000 * NS_PER_CYCLE), 2 * NS_PER_CYCLE);
	sim->now += 2 * NS_PER_CYCLE;
	wr(sim, DHCSR, HALT);
	assert_int_equal(reg(sim, SEL_PC), CODE + 4);
	assert_int_equal(reg(sim, SEL_R0), 0);
}

static void stall_makes_time_pass_without_instructions(void **state)
{
	struct wbsim *sim = *state;

	PUT(sim, CODE, 0x3001, 0xBE00);
	start_halted(sim);
	cpu1_stall_until(sim, sim->now + 500 * NS_PER_CYCLE);
	resume(sim);
	assert_int_equal(pass(sim, 1000), 502);
}

static void stores_to_flash_go_to_the_controller(void **state)
{
	struct wbsim *sim = *state;

	PUT(sim, CODE, 0x6008, 0x680A, 0xBE00); /* str r0,[r1]; ldr r2,[r1]; bkpt */
	start_halted(sim);
	set_reg(sim, SEL_R0, 0x12345678);
	set_reg(sim, SEL_R1, FLASH + 0x100);
	resume(sim);
	pass(sim, 10);
	assert_int_equal(flash_stores, 1);
	assert_int_equal(reg(sim, SEL_R2), 0xFFFFFFFF);
}

static void secure_flash_reads_over_the_bus(void **state)
{
	struct wbsim *sim = *state;

	PUT(sim, CODE, 0x6808, 0xBE00);
	start_halted(sim);
	set_reg(sim, SEL_R1, secure_start);
	resume(sim);
	pass(sim, 10);
	assert_int_equal(reg(sim, SEL_R0), 0);
}

/* ---- exceptions */

static void systick_interrupts_and_returns(void **state)
{
	struct wbsim *sim = *state;

	PUT(sim, CODE, 0x3001, 0xE7FD);	    /* adds r0,#1; b back */
	PUT(sim, HANDLER, 0x3401, 0x4770); /* adds r4,#1; bx lr */
	start_halted(sim);
	set_reg(sim, SEL_R0, 0);
	set_reg(sim, SEL_R4, 0);
	wr(sim, 0xE000E014, 99);
	wr(sim, 0xE000E018, 0);
	wr(sim, 0xE000E010, 7);
	resume(sim);
	pass(sim, 1010);
	wr(sim, DHCSR, HALT);
	/* R4 is not stacked: it counts handlers, 10 periods of 100 cycles */
	assert_int_equal(reg(sim, SEL_R4), 10);
	assert_int_equal(reg(sim, SEL_SP), STACK);
	assert_int_equal(reg(sim, SEL_XPSR) & 0x1FF, 0);
}

static void entry_stacks_the_frame(void **state)
{
	struct wbsim *sim = *state;

	PUT(sim, CODE, 0xDF00, 0xE7FE); /* svc 0 */
	start_halted(sim);
	set_reg(sim, SEL_R0, 0xAAAA);
	set_reg(sim, SEL_SP, STACK - 4); /* not 8-aligned: padding */
	resume(sim);
	pass(sim, 10);
	wr(sim, DHCSR, HALT);
	assert_int_equal(reg(sim, SEL_PC), HANDLER);
	assert_int_equal(reg(sim, SEL_XPSR) & 0x1FF, 11);
	assert_int_equal(reg(sim, SEL_LR), 0xFFFFFFF9);
	assert_int_equal(reg(sim, SEL_SP), STACK - 8 - 0x20);
	assert_int_equal(get32(sim, STACK - 8 - 0x20), 0xAAAA);
	assert_int_equal(get32(sim, STACK - 8 - 0x20 + 0x18), CODE + 2);
	assert_int_equal(get32(sim, STACK - 8 - 0x20 + 0x1C) & 0x200, 0x200);
}

static void process_stack_is_used_and_restored(void **state)
{
	struct wbsim *sim = *state;

	PUT(sim, CODE, 0xDF00, 0xBE00);	    /* svc 0; bkpt */
	PUT(sim, HANDLER, 0x4674, 0x4770); /* mov r4,lr; bx lr */
	start_halted(sim);
	set_reg(sim, 18, STACK - 0x400);
	set_reg(sim, SEL_SPECIAL, 2u << 24);
	assert_int_equal(reg(sim, SEL_SP), STACK - 0x400);
	resume(sim);
	pass(sim, 20);
	assert_true(cpu1_halted(sim));
	assert_int_equal(reg(sim, SEL_PC), CODE + 2);
	assert_int_equal(reg(sim, SEL_R4), 0xFFFFFFFD);
	assert_int_equal(reg(sim, SEL_SP), STACK - 0x400);
	assert_int_equal(reg(sim, SEL_SPECIAL) >> 24, 2);
	assert_int_equal(get32(sim, STACK - 0x420 + 0x18), CODE + 2);
}

static void bus_fault_escalates_to_hardfault_and_keeps_registers(void **state)
{
	struct wbsim *sim = *state;

	PUT(sim, CODE, 0xC90C, 0xE7FE); /* ldmia r1!,{r2,r3} */
	start_halted(sim);
	set_reg(sim, SEL_R1, NOWHERE);
	set_reg(sim, SEL_R2, 0x77);
	resume(sim);
	pass(sim, 20);
	wr(sim, DHCSR, HALT);
	assert_int_equal(reg(sim, SEL_XPSR) & 0x1FF, 3);
	assert_int_equal(reg(sim, SEL_R1), NOWHERE);
	assert_int_equal(reg(sim, SEL_R2), 0x77);
	assert_int_equal(rd(sim, 0xE000ED28), 0x8200);
	assert_int_equal(rd(sim, 0xE000ED2C), 0x40000000);
	assert_int_equal(rd(sim, 0xE000ED38), NOWHERE);
	assert_int_equal(get32(sim, STACK - 0x20 + 0x18), CODE);
}

static void device_refusal_is_a_precise_bus_fault(void **state)
{
	struct wbsim *sim = *state;

	PUT(sim, CODE, 0xC90C, 0xE7FE);
	start_halted(sim);
	set_reg(sim, SEL_R1, 0x5FFFFFFC); /* second word: unmapped */
	wr(sim, 0xE000ED24, 1u << 17);	  /* BUSFAULTENA */
	resume(sim);
	pass(sim, 20);
	wr(sim, DHCSR, HALT);
	assert_int_equal(reg(sim, SEL_XPSR) & 0x1FF, 5);
	assert_int_equal(reg(sim, SEL_R1), 0x5FFFFFFC);
	assert_int_equal(rd(sim, 0xE000ED38), NOWHERE);
	assert_int_equal(get32(sim, STACK - 0x20 + 0x18), CODE);
}

static void undefined_instruction_is_a_usage_fault(void **state)
{
	struct wbsim *sim = *state;

	PUT(sim, CODE, 0xBF40, 0xBF20, 0xDE00); /* sev; wfe: does not sleep; udf */
	start_halted(sim);
	wr(sim, 0xE000ED24, 1u << 18); /* USGFAULTENA */
	resume(sim);
	pass(sim, 20);
	wr(sim, DHCSR, HALT);
	assert_int_equal(reg(sim, SEL_XPSR) & 0x1FF, 6);
	assert_int_equal(rd(sim, 0xE000ED28), 0x00010000);
	assert_int_equal(get32(sim, STACK - 0x20 + 0x18), CODE + 4);
}

static void fault_in_hardfault_locks_up(void **state)
{
	struct wbsim *sim = *state;

	PUT(sim, CODE, 0xDE00);
	PUT(sim, HANDLER, 0xDE00);
	cpu1_reset(sim, true);
	pass(sim, 100);
	assert_int_equal(rd(sim, DHCSR) & S_LOCKUP, S_LOCKUP);
	wr(sim, DHCSR, HALT);
	assert_int_equal(rd(sim, DHCSR) & (S_LOCKUP | S_HALT), S_HALT);
	assert_int_equal(reg(sim, SEL_PC), 0xFFFFFFFE);
}

static void vectors_of_zero_lock_up(void **state)
{
	struct wbsim *sim = *state;

	boot_base = FLASH;
	secure_start = FLASH; /* SFSA = 0 */
	cpu1_reset(sim, true);
	pass(sim, 100);
	assert_int_equal(rd(sim, DHCSR) & S_LOCKUP, S_LOCKUP);
}

static void primask_holds_an_interrupt_until_cleared(void **state)
{
	struct wbsim *sim = *state;

	/* cpsid i; adds r0,#1 x3; cpsie i; adds r0,#1; b . */
	PUT(sim, CODE, 0xB672, 0x3001, 0x3001, 0x3001, 0xB662, 0x3001, 0xE7FE);
	start_halted(sim);
	set_reg(sim, SEL_R0, 0);
	wr(sim, 0xE000E104, 1u << 12); /* enable IRQ 44 */
	resume(sim);
	pass(sim, 1);
	cpu1_irq(sim, 44, true);
	pass(sim, 20);
	wr(sim, DHCSR, HALT);
	assert_int_equal(reg(sim, SEL_XPSR) & 0x1FF, 16 + 44);
	assert_int_equal(reg(sim, SEL_R0), 3);
	assert_int_equal(get32(sim, STACK - 0x20 + 0x18), CODE + 10);
	assert_int_equal(rd(sim, 0xE000E304), 1u << 12);
}

static void higher_priority_preempts_and_equal_waits(void **state)
{
	struct wbsim *sim = *state;
	uint32_t nested = HANDLER + 0x20;

	PUT(sim, HANDLER, 0xE7FE);
	PUT(sim, nested, 0xE7FE);
	put32(sim, SRAM1 + 4 * 17, nested + 1);
	start_halted(sim);
	wr(sim, 0xE000E100, 7);		/* IRQ 0, 1, 2 */
	wr(sim, 0xE000E400, 0x00402040 | 0x400000); /* 0x40, 0x20, 0x40 */
	cpu1_irq(sim, 0, true);
	resume(sim);
	pass(sim, 10);
	cpu1_irq(sim, 2, true);
	pass(sim, 10);
	wr(sim, DHCSR, HALT);
	assert_int_equal(reg(sim, SEL_XPSR) & 0x1FF, 16);
	cpu1_irq(sim, 1, true);
	resume(sim);
	pass(sim, 10);
	wr(sim, DHCSR, HALT);
	assert_int_equal(reg(sim, SEL_XPSR) & 0x1FF, 17);
	assert_int_equal(reg(sim, SEL_PC), nested);
	assert_int_equal(reg(sim, SEL_LR), 0xFFFFFFF1);
}

static void wfi_sleeps_until_systick_and_costs_nothing(void **state)
{
	struct wbsim *sim = *state;

	PUT(sim, CODE, 0xBF30, 0x3001, 0xE7FC); /* wfi; adds r0,#1; b back */
	PUT(sim, HANDLER, 0x4770);
	start_halted(sim);
	set_reg(sim, SEL_R0, 0); /* stacked and restored */
	wr(sim, 0xE000E014, 3999);
	wr(sim, 0xE000E018, 0);
	wr(sim, 0xE000E010, 7);
	resume(sim);
	pass(sim, 3600ull * HZ / 1000); /* 3.6 s: 3600 ticks of 1 ms */
	assert_int_equal(rd(sim, DHCSR) & S_SLEEP, S_SLEEP);
	wr(sim, DHCSR, HALT);
	assert_in_range(reg(sim, SEL_R0), 3599, 3600);
}

static void wfi_without_wakeup_lets_time_jump(void **state)
{
	struct wbsim *sim = *state;

	PUT(sim, CODE, 0xBF30, 0xBE00);
	start_halted(sim);
	resume(sim);
	assert_int_equal(pass(sim, 1000ull * HZ), 1);
	assert_int_equal(rd(sim, DHCSR) & S_SLEEP, S_SLEEP);
	wr(sim, 0xE000E100, 1);
	cpu1_irq(sim, 0, true);
	pass(sim, 10);
	wr(sim, DHCSR, HALT);
	assert_int_equal(reg(sim, SEL_XPSR) & 0x1FF, 16);
	assert_int_equal(get32(sim, STACK - 0x20 + 0x18), CODE + 2);
}

/* ---- debug */

static void vector_catch_stops_at_the_reset_vector(void **state)
{
	struct wbsim *sim = *state;

	cpu1_reset(sim, true);
	wr(sim, DHCSR, DEBUGEN);
	wr(sim, DEMCR, 1);
	pass(sim, 10);
	rd(sim, DHCSR);
	wr(sim, 0xE000ED0C, 0x05FA0004);
	assert_true(sim->reset_pending);
	assert_int_equal(sim->reset_cause, SIM_RESET_SYSRESETREQ);
	cpu1_reset(sim, true);
	assert_true(cpu1_halted(sim));
	assert_int_equal(rd(sim, DHCSR) & (S_HALT | S_RESET), S_HALT | S_RESET);
	assert_int_equal(rd(sim, DHCSR) & S_RESET, 0);
	assert_int_equal(reg(sim, SEL_PC), CODE);
	assert_int_equal(reg(sim, SEL_SP), STACK);
	assert_int_equal(reg(sim, SEL_XPSR), 1u << 24);
	assert_int_equal(rd(sim, DFSR) & 8, 8);
}

static void held_in_reset_it_stops_only_on_release(void **state)
{
	struct wbsim *sim = *state;

	sim->nrst_low = true;
	cpu1_reset(sim, true);
	wr(sim, DHCSR, DEBUGEN);
	wr(sim, DEMCR, 1);
	assert_int_equal(pass(sim, 100), 0);
	assert_false(cpu1_halted(sim));
	assert_int_equal(rd(sim, DHCSR) & S_RESET, S_RESET);
	assert_int_equal(rd(sim, DHCSR) & S_RESET, S_RESET);
	sim->nrst_low = false;
	assert_true(cpu1_halted(sim));
	assert_int_equal(reg(sim, SEL_PC), CODE);
}

static void lost_debug_settings_let_it_run(void **state)
{
	struct wbsim *sim = *state;

	cpu1_reset(sim, true);
	wr(sim, DHCSR, DEBUGEN);
	wr(sim, DEMCR, 1);
	cpu1_reset(sim, false);
	assert_false(cpu1_halted(sim));
	assert_int_equal(rd(sim, DEMCR), 0);
	assert_int_equal(rd(sim, DHCSR) & 0xF, 0);
}

static void tester_reads_leave_sticky_bits(void **state)
{
	struct wbsim *sim = *state;
	uint32_t val;

	cpu1_reset(sim, true);
	pass(sim, 5);
	for (int i = 0; i < 2; i++) {
		assert_true(ppb_read(sim, SIM_TESTER, DHCSR, 4, &val));
		assert_int_equal(val & (S_RETIRE | S_RESET), S_RETIRE | S_RESET);
	}
	rd(sim, DHCSR);
	assert_int_equal(rd(sim, DHCSR) & (S_RETIRE | S_RESET), 0);
}

static void step_runs_one_instruction(void **state)
{
	struct wbsim *sim = *state;

	PUT(sim, CODE, 0x3001, 0x3001, 0x3001, 0xE7FE);
	start_halted(sim);
	set_reg(sim, SEL_R0, 0);
	wr(sim, DHCSR, STEP);
	assert_int_equal(pass(sim, 100), 1);
	assert_true(cpu1_halted(sim));
	assert_int_equal(reg(sim, SEL_PC), CODE + 2);
	assert_int_equal(reg(sim, SEL_R0), 1);
}

static void step_with_maskints_skips_the_handler(void **state)
{
	struct wbsim *sim = *state;

	PUT(sim, CODE, 0x3001, 0x3001, 0xE7FE);
	start_halted(sim);
	wr(sim, 0xE000E100, 1);
	cpu1_irq(sim, 0, true);
	wr(sim, DHCSR, HALT | 8);
	wr(sim, DHCSR, STEP | 8);
	pass(sim, 10);
	assert_int_equal(reg(sim, SEL_PC), CODE + 2);
	wr(sim, DHCSR, HALT);
	wr(sim, DHCSR, STEP);
	pass(sim, 10);
	assert_int_equal(reg(sim, SEL_PC), HANDLER);
}

/* A program in flash, halted at its first instruction, FLASH + 0x100. */
static void start_in_flash(struct wbsim *sim, const uint16_t *code, size_t size)
{
	const uint32_t vectors[] = {STACK, FLASH + 0x101};

	boot_base = FLASH;
	memcpy(sim->flash, vectors, sizeof vectors);
	memcpy(sim->flash + 0x100, code, size);
	cpu1_reset(sim, true);
	wr(sim, DHCSR, HALT);
	assert_int_equal(reg(sim, SEL_PC), FLASH + 0x100);
	set_reg(sim, SEL_R0, 0);
}

static void code_in_flash_waits_while_flash_is_busy(void **state)
{
	struct wbsim *sim = *state;
	const uint16_t code[] = {0x3001, 0xE7FD};

	start_in_flash(sim, code, sizeof code);
	flash_busy_until = sim->now + 60 * NS_PER_CYCLE;
	resume(sim);
	assert_int_equal(pass(sim, 100), 100);
	wr(sim, DHCSR, HALT);
	assert_int_equal(reg(sim, SEL_R0), 20);
}

static void hardware_breakpoint_stops_before_the_instruction(void **state)
{
	struct wbsim *sim = *state;
	const uint16_t code[] = {0x3001, 0x3001, 0x3001, 0xE7FE};

	start_in_flash(sim, code, sizeof code);
	assert_int_equal(rd(sim, 0xE0002000), 0x260);
	wr(sim, 0xE0002000, 3);
	wr(sim, 0xE0002008, 0x40000001 | (FLASH + 0x104));
	resume(sim);
	pass(sim, 100);
	assert_true(cpu1_halted(sim));
	assert_int_equal(reg(sim, SEL_PC), FLASH + 0x104);
	assert_int_equal(reg(sim, SEL_R0), 2);
	wr(sim, 0xE0002008, 0x80000001 | (FLASH + 0x104)); /* upper halfword */
	resume(sim);
	pass(sim, 100);
	assert_int_equal(reg(sim, SEL_PC), FLASH + 0x106);
	wr(sim, 0xE0002008, 0);
	resume(sim);
	pass(sim, 100);
	assert_false(cpu1_halted(sim));
}

static void watchpoint_stops_after_the_write(void **state)
{
	struct wbsim *sim = *state;

	PUT(sim, CODE, 0x680A, 0x6008, 0x3001, 0xE7FE); /* ldr r2,[r1]; str r0,[r1]; adds r0,#1; b . */
	start_halted(sim);
	set_reg(sim, SEL_R1, DATA);
	wr(sim, DEMCR, 1u << 24);
	wr(sim, 0xE0001020, DATA);
	wr(sim, 0xE0001024, 2);
	wr(sim, 0xE0001028, 6);
	resume(sim);
	pass(sim, 100);
	assert_true(cpu1_halted(sim));
	assert_int_equal(reg(sim, SEL_PC), CODE + 4);
	assert_int_equal(rd(sim, DFSR) & 4, 4);
	wr(sim, 0xE0001028, 0);
	resume(sim);
	pass(sim, 100);
	assert_false(cpu1_halted(sim));
}

static void registers_read_back_what_was_written(void **state)
{
	struct wbsim *sim = *state;

	start_halted(sim);
	for (uint32_t sel = 0; sel <= 12; sel++)
		set_reg(sim, sel, 0x1000 + sel);
	for (uint32_t sel = SEL_S0; sel < SEL_S0 + 32; sel++)
		set_reg(sim, sel, 0x2000 + sel);
	set_reg(sim, SEL_SPECIAL, 0x04014001);
	for (uint32_t sel = 0; sel <= 12; sel++)
		assert_int_equal(reg(sim, sel), 0x1000 + sel);
	for (uint32_t sel = SEL_S0; sel < SEL_S0 + 32; sel++)
		assert_int_equal(reg(sim, sel), 0x2000 + sel);
	assert_int_equal(reg(sim, SEL_SPECIAL), 0x04014001);
}

static void identity_is_that_of_a_wb55(void **state)
{
	struct wbsim *sim = *state;
	static const struct {
		uint32_t addr, val;
	} facts[] = {
		{0xE000ED00, 0x410FC241}, {0xE000EF40, 0x10110021}, {0xE000EF44, 0x11000011},
		{0xE0001000, 0x40000000}, {0xE0002000, 0x260}, {0xE00FF000, 0xFFF0F003},
		{0xE00FFFE0, 0x95}, {0xE00FFFE4, 0x04}, {0xE00FFFE8, 0x0A}, {0xE00FFFF4, 0x10},
		{0xE000EFE0, 0x0C}, {0xE000EFD0, 0x04}, {0xE0001FE8, 0x3B},
	};

	cpu1_reset(sim, true);
	for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
		assert_int_equal(rd(sim, facts[i].addr), facts[i].val);
}

static void cycle_counter_counts_instructions(void **state)
{
	struct wbsim *sim = *state;

	PUT(sim, CODE, 0xBF00, 0xBF00, 0xBF00, 0xBE00);
	start_halted(sim);
	wr(sim, DEMCR, 1u << 24);
	wr(sim, 0xE0001000, 1);
	wr(sim, 0xE0001004, 100);
	resume(sim);
	pass(sim, 100);
	assert_int_equal(rd(sim, 0xE0001004), 104);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(runs_code_from_sram_and_stops_at_bkpt),
		T(bkpt_without_debugger_is_a_hardfault),
		T(new_code_runs_after_invalidate),
		T(code_that_changes_itself_runs_changed),
		T(device_sees_exact_time),
		T(slices_shorter_than_a_cycle_lose_no_time),
		T(break_ends_the_slice_after_the_instruction),
		T(stall_makes_time_pass_without_instructions),
		T(stores_to_flash_go_to_the_controller),
		T(secure_flash_reads_over_the_bus),
		T(systick_interrupts_and_returns),
		T(entry_stacks_the_frame),
		T(process_stack_is_used_and_restored),
		T(bus_fault_escalates_to_hardfault_and_keeps_registers),
		T(device_refusal_is_a_precise_bus_fault),
		T(undefined_instruction_is_a_usage_fault),
		T(fault_in_hardfault_locks_up),
		T(vectors_of_zero_lock_up),
		T(primask_holds_an_interrupt_until_cleared),
		T(higher_priority_preempts_and_equal_waits),
		T(wfi_sleeps_until_systick_and_costs_nothing),
		T(wfi_without_wakeup_lets_time_jump),
		T(vector_catch_stops_at_the_reset_vector),
		T(held_in_reset_it_stops_only_on_release),
		T(lost_debug_settings_let_it_run),
		T(tester_reads_leave_sticky_bits),
		T(step_runs_one_instruction),
		T(step_with_maskints_skips_the_handler),
		T(code_in_flash_waits_while_flash_is_busy),
		T(hardware_breakpoint_stops_before_the_instruction),
		T(watchpoint_stops_after_the_write),
		T(registers_read_back_what_was_written),
		T(identity_is_that_of_a_wb55),
		T(cycle_counter_counts_instructions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

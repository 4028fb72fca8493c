/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPU1's exceptions, sleep and interrupts. */
#include "sim_cpu1_board.h"

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

/* In stop mode SysTick has no clock: it goes on behind what wakes the core. */
static void systick_stands_without_a_clock(void **state)
{
	struct wbsim *sim = *state;

	PUT(sim, CODE, 0xBF30, 0x3001, 0xE7FC); /* wfi; adds r0,#1; b back */
	PUT(sim, HANDLER, 0x4770);
	start_halted(sim);
	set_reg(sim, SEL_R0, 0);
	wr(sim, 0xE000E014, 3999);
	wr(sim, 0xE000E018, 0);
	wr(sim, 0xE000E010, 7);
	resume(sim);
	pass(sim, 100); /* asleep */
	debug_clock = DBGMCU_CLOCK_NONE;
	pass(sim, 10ull * HZ / 1000);
	wr(sim, 0xE000E100, 1);
	cpu1_irq(sim, 0, true);
	pass(sim, 1);
	cpu1_irq(sim, 0, false);
	debug_clock = DBGMCU_CLOCK_ALL;
	pass(sim, 3000);
	wr(sim, DHCSR, HALT);
	assert_int_equal(reg(sim, SEL_R0), 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
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
		T(systick_stands_without_a_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

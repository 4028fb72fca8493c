/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPU1 runs code in exact virtual time. */
#include "sim_cpu1_board.h"

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

/* Turns that CPU1 waits are not executed one by one, and nobody can tell. */
static void waiting_takes_its_exact_time(void **state)
{
	static const unsigned int spans[] = { 1, 2, 3, 50, 51, 52, 53, 1000003, 60, 777777, 1 };
	struct wbsim *sim = *state;
	uint64_t cycles = 0;

	PUT(sim, CODE, 0x680A, 0x4282, 0xD0FC, 0x2355, 0xE7FE); /* while ([r1] == r0); r3 = 0x55 */
	start_halted(sim);
	set_reg(sim, SEL_R0, 0);
	set_reg(sim, SEL_R1, DATA);
	for (size_t i = 0; i < sizeof(spans) / sizeof(*spans); i++) {
		resume(sim);
		assert_int_equal(pass(sim, spans[i]), spans[i]);
		wr(sim, DHCSR, HALT);
		cycles += spans[i];
		assert_int_equal(reg(sim, SEL_PC), CODE + 2 * (cycles % 3));
	}
	put32(sim, DATA, 1);
	resume(sim);
	pass(sim, 10);
	wr(sim, DHCSR, HALT);
	assert_int_equal(reg(sim, 3), 0x55);
}

static void a_loop_that_counts_in_memory_is_no_waiting(void **state)
{
	struct wbsim *sim = *state;

	/* ldr r2,[r1]; adds r2,#1; str r2,[r1]; movs r2,#0; b CODE */
	PUT(sim, CODE, 0x680A, 0x3201, 0x600A, 0x2200, 0xE7FA);
	put32(sim, DATA, 0);
	start_halted(sim);
	set_reg(sim, SEL_R1, DATA);
	set_reg(sim, SEL_R2, 0);
	resume(sim);
	pass(sim, 500000);
	assert_int_equal(get32(sim, DATA), 100000);
}

static void a_loop_that_asks_a_device_is_no_waiting(void **state)
{
	struct wbsim *sim = *state;

	PUT(sim, CODE, 0x680A, 0x2200, 0xE7FC); /* ldr r2,[r1]; movs r2,#0; b CODE */
	start_halted(sim);
	set_reg(sim, SEL_R1, DEVICE);
	set_reg(sim, SEL_R2, 0);
	resume(sim);
	pass(sim, 3000);
	assert_int_equal(seen, 8);
	for (unsigned int i = 1; i < 8; i++)
		assert_int_equal(seen_ns[i] - seen_ns[i - 1], 3 * NS_PER_CYCLE);
	seen = 0; /* and so long after it began, too */
	pass(sim, 300);
	assert_int_equal(seen, 8);
	for (unsigned int i = 1; i < 8; i++)
		assert_int_equal(seen_ns[i] - seen_ns[i - 1], 3 * NS_PER_CYCLE);
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
		T(code_in_flash_waits_while_flash_is_busy),
		T(waiting_takes_its_exact_time),
		T(a_loop_that_counts_in_memory_is_no_waiting),
		T(a_loop_that_asks_a_device_is_no_waiting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPU1 as a debugger sees it. */
#include "sim_cpu1_board.h"

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
	assert_int_equal(rd(sim, 0xE0001028), 1u << 24 | 6);
	assert_int_equal(rd(sim, 0xE0001028), 6);
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
		T(vector_catch_stops_at_the_reset_vector),
		T(held_in_reset_it_stops_only_on_release),
		T(lost_debug_settings_let_it_run),
		T(tester_reads_leave_sticky_bits),
		T(step_runs_one_instruction),
		T(step_with_maskints_skips_the_handler),
		T(hardware_breakpoint_stops_before_the_instruction),
		T(watchpoint_stops_after_the_write),
		T(registers_read_back_what_was_written),
		T(identity_is_that_of_a_wb55),
		T(cycle_counter_counts_instructions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

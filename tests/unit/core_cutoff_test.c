/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs that are cut off: the probe pulled, OpenOCD killed, power lost. The next one, of a new process,
 * leaves the chip as the first one found it, and does not disturb a FUS at work.
 */
#include <setjmp.h>
#include "tests/unit/core_hold.h"

#define USER_FREEZE (1u << 11)

/* The probe is back, and with it a new OpenOCD. */
static void start_anew(void)
{
	bench_mend(&board.bench);
	wbsim_attach(board.sim);
	board.bench.polling = true;
	wb_session_free(board.session);
	board.session = wb_session_new(&board.bench.link);
	assert_non_null(board.session);
}

/* Unplugged at every operation of a command; the next one, of a new process, leaves all as found. */
static void cut_off(bool running)
{
	unsigned int at = 1;

	for (;; at++) {
		start_anew();
		board.bench.accident = ACCIDENT_UNPLUG;
		board.bench.accident_at = at;
		if (state() == WB_OK)
			break;
		start_anew();
		check(WB_OK, state());
		if (halted() == running)
			fail_msg("operation %u: CPU1 %s", at, running ? "stands" : "runs");
		assert_int_equal(reg(DBGMCU_APB1FZR1), USER_FREEZE);
		assert_int_equal(reg(CM_DEMCR), CM_DEMCR_VC_FAULTS);
		board_check_kept(&board);
	}
	assert_in_range(at, 20, 400);
}

static void a_run_that_was_cut_off_lets_cpu1_run_again(void **unused)
{
	(void)unused;
	with(NULL);
	poke(DBGMCU_APB1FZR1, USER_FREEZE);
	poke(CM_DEMCR, CM_DEMCR_VC_FAULTS);
	cut_off(true);
}

static void a_run_that_was_cut_off_leaves_a_halted_cpu1_halted(void **unused)
{
	(void)unused;
	with(NULL);
	poke(DBGMCU_APB1FZR1, USER_FREEZE);
	poke(CM_DEMCR, CM_DEMCR_VC_FAULTS);
	poke(CM_DHCSR, CM_DHCSR_KEY | CM_DHCSR_C_DEBUGEN | CM_DHCSR_C_HALT);
	cut_off(false);
}

/* Behind a power cut the record is of the past: who is halted now was halted by the user. */
static void a_power_cut_ends_what_the_journal_says(void **unused)
{
	(void)unused;
	with(NULL);
	board.bench.accident = ACCIDENT_POWER_CUT;
	board.bench.accident_at = 20;
	assert_int_not_equal(state(), WB_OK);
	assert_int_not_equal(board.bench.record[WB_RECORD_HELD].len, 0);
	start_anew();
	poke(CM_DHCSR, CM_DHCSR_KEY | CM_DHCSR_C_DEBUGEN | CM_DHCSR_C_HALT);
	check(WB_OK, state());
	assert_true(halted());
	board_check_kept(&board);
}

static void nothing_to_do_lets_cpu1_run_again_too(void **unused)
{
	(void)unused;
	with(NULL);
	check(WB_OK, upgrade());
	board.bench.accident = ACCIDENT_UNPLUG;
	board.bench.accident_at = board.bench.ops + 20;
	assert_int_not_equal(state(), WB_OK);
	start_anew();
	assert_true(halted());
	check(WB_OK, upgrade()); /* installed already */
	assert_false(halted());
	board_check_kept(&board);
}

static jmp_buf killed;
static bool was_at_work, reset_at_work;

static bool fus_at_work(void)
{
	struct wbsim_cpu2_view view;

	wbsim_cpu2_view(board.sim, &view);
	return view.busy && !strcmp(view.runs, "fus");
}

static void kill_when_at_work(struct bench *bench)
{
	if (fus_at_work()) {
		bench->before_operation = NULL;
		longjmp(killed, 1);
	}
}

static enum wb_status watch_resets(struct wb_link *link, uint32_t address, unsigned int width,
	size_t count, const void *data)
{
	was_at_work = was_at_work || fus_at_work();
	if (address == CM_AIRCR && fus_at_work())
		reset_at_work = true;
	return real.write(link, address, width, count, data);
}

/* OpenOCD is killed in the middle of an upgrade, and the next one comes at once. */
static void a_fus_at_work_is_not_reset_by_the_next_run(void **unused)
{
	static struct wb_image image; /* outlives the jump */

	(void)unused;
	with(NULL);
	board_image(&image, BOARD_STACK, STACK, 6004);
	was_at_work = reset_at_work = false;
	board.bench.before_operation = kill_when_at_work;
	if (!setjmp(killed)) {
		board_upgrade(&board, &image);
		fail_msg("the FUS was never at work");
	}
	start_anew();
	board.bench.link.write = watch_resets;
	check(WB_OK, board_upgrade(&board, &image));
	board_image_free(&image);
	assert_true(was_at_work);
	assert_false(reset_at_work);
	assert_false(halted());
	board_check_stack(&board, STACK);
	board_check_kept(&board);
}

static void a_journal_that_takes_nothing_is_no_reason_to_refuse(void **unused)
{
	(void)unused;
	with(NULL);
	board.bench.read_only = true;
	check(WB_OK, state());
	assert_int_equal(board.bench.warnings, 1);
	assert_false(halted());
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_run_that_was_cut_off_lets_cpu1_run_again),
		TEST(a_run_that_was_cut_off_leaves_a_halted_cpu1_halted),
		TEST(a_power_cut_ends_what_the_journal_says),
		TEST(nothing_to_do_lets_cpu1_run_again_too),
		TEST(a_fus_at_work_is_not_reset_by_the_next_run),
		TEST(a_journal_that_takes_nothing_is_no_reason_to_refuse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Power cut and probe unplugged at every link operation of a stack upgrade, Ctrl-C at many: the same
 * command again reaches the goal, nothing of the user's is lost, and nothing hangs. Then a sample of
 * the same with ST's BLE_Stack_light, where STM32WB_IMAGES names its folder.
 */
#include <stdio.h>
#include "tests/unit/core_make.h"
#include "tests/unit/core_board.h"

#define OLD VERSION(1, 20, 0)
#define NEW VERSION(1, 24, 0)
#define STACK_SIZE 2504u
/* all positions of the small stack; samples of the others */
#define EVERY (SANITIZED ? 29u : 1u)
#define MANY (SANITIZED ? 97u : 11u)
#define FEW (SANITIZED ? 211u : 89u)
#define HANG_MS 120000u /* of virtual time, for the accident's run and the next */

static struct board board;
static struct wb_image old_stack, new_stack;
static uint32_t goal = NEW;
static void *start;
static size_t start_len;

static int set_up_with(const char *const *quirks)
{
	board_image(&old_stack, BOARD_STACK, OLD, STACK_SIZE);
	board_image(&new_stack, BOARD_STACK, NEW, STACK_SIZE + 2000);
	board_open(&board, "2.2.0", quirks);
	if (board_upgrade(&board, &old_stack) != WB_OK)
		fail_msg("%s", board.err.text);
	board_check_stack(&board, OLD);
	board_check_kept(&board);
	start = board_save(&board, &start_len);
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	return set_up_with(NULL);
}

/* Vector catch is lost, so the boot options are changed on the way: the journal at work. */
static int set_up_quirks(void **state)
{
	static const char *const quirks[] = { "dap-lost-on-reset=100", "demcr-lost-on-reset",
		"sram2-erased-on-reset", "optverr", "iwdg-on", "alt-order", NULL };

	(void)state;
	return set_up_with(quirks);
}

static int tear_down(void **state)
{
	(void)state;
	free(start);
	board_close(&board);
	board_image_free(&old_stack);
	board_image_free(&new_stack);
	return 0;
}

static unsigned int in_option_write;

/* The chip found its option bytes corrupt and has selected Safeboot. */
static bool corrupted(void)
{
	struct wbsim_cpu2_view view;

	wbsim_cpu2_view(board.sim, &view);
	return !view.sfsa;
}

/* One position; false when the upgrade was over before it. */
static bool strike(enum bench_accident accident, unsigned int position)
{
	uint64_t began;
	enum wb_status status;

	board_restore(&board, start, start_len);
	board.bench.accident = accident;
	board.bench.accident_at = position;
	began = wbsim_now(board.sim);
	status = board_upgrade(&board, &new_stack);
	if (!board.bench.struck) {
		if (status != WB_OK)
			fail_msg("without an accident: %s", board.err.text);
		return false;
	}
	bench_mend(&board.bench);
	if (accident == ACCIDENT_POWER_CUT) {
		/* the board's user starts the tool anew */
		wb_session_free(board.session);
		board.session = wb_session_new(&board.bench.link);
		wbsim_attach(board.sim);
	}
	status = board_upgrade(&board, &new_stack);
	if (accident == ACCIDENT_POWER_CUT && corrupted()) {
		/* in the middle of the FUS's own option write: nobody's software can help that */
		assert_int_equal(status, WB_ERR_REFUSED);
		assert_string_equal(board.err.rule, "safeboot-selected");
		assert_int_equal(wb_fus_state(board.session, &(struct wb_operation){ 0 },
			&board.result, &board.err), WB_ERR_REFUSED);
		board_check_app(&board); /* and nobody erases user flash for it unasked */
		in_option_write++;
		return true;
	}
	if (status != WB_OK)
		fail_msg("position %u: %s", position, board.err.text);
	if (wbsim_now(board.sim) - began > HANG_MS * 1000000ull)
		fail_msg("position %u hangs", position);
	board_check_stack(&board, goal);
	board_check_kept(&board);
	return true;
}

static void at_every(unsigned int step, enum bench_accident accident, const char *name)
{
	unsigned int position = 1, count = 0;

	in_option_write = 0;
	for (; strike(accident, position); position += step)
		count++;
	print_message("%s: %u positions of %u, %u of them in an option write of the FUS\n", name,
		count, position - step, in_option_write);
	assert_true(count > 2);
}

static void power_cut_at_every_link_operation(void **state)
{
	(void)state;
	at_every(EVERY, ACCIDENT_POWER_CUT, "power cut");
}

static void unplugged_at_every_link_operation(void **state)
{
	(void)state;
	at_every(EVERY, ACCIDENT_UNPLUG, "unplugged");
}

static void stopped_at_many_link_operations(void **state)
{
	(void)state;
	at_every(5 * EVERY, ACCIDENT_STOP, "stopped");
}

static int set_up_real(void **state)
{
	const char *folder = getenv("STM32WB_IMAGES");
	char path[512];

	(void)state;
	if (!folder)
		return 0;
	snprintf(path, sizeof(path), "%s/STM32WB5x/stm32wb5x_BLE_Stack_light_fw.bin", folder);
	board_image_load(&new_stack, path);
	goal = new_stack.version;
	board_open_trusting(&board, "2.2.0", folder);
	start = board_save(&board, &start_len);
	return 0;
}

static int tear_down_real(void **state)
{
	(void)state;
	if (!getenv("STM32WB_IMAGES"))
		return 0;
	free(start);
	board_close(&board);
	board_image_free(&new_stack);
	return 0;
}

static void accidents_with_a_stack_of_st(void **state)
{
	(void)state;
	if (!getenv("STM32WB_IMAGES"))
		skip();
	at_every(FEW, ACCIDENT_POWER_CUT, "power cut, BLE_Stack_light");
	at_every(FEW, ACCIDENT_UNPLUG, "unplugged, BLE_Stack_light");
}

static void accidents_with_many_quirks_at_once(void **state)
{
	(void)state;
	at_every(MANY, ACCIDENT_POWER_CUT, "power cut, quirks");
	at_every(MANY, ACCIDENT_UNPLUG, "unplugged, quirks");
	at_every(MANY, ACCIDENT_STOP, "stopped, quirks");
}

/* Built twice, so that two processors share the work: with UNPLUGGED, and without. */
#ifndef UNPLUGGED
#define UNPLUGGED 0
#endif

int main(void)
{
	const struct CMUnitTest cut[] = {
		cmocka_unit_test(stopped_at_many_link_operations),
		cmocka_unit_test(power_cut_at_every_link_operation),
	};
	const struct CMUnitTest unplugged[] = {
		cmocka_unit_test(unplugged_at_every_link_operation),
	};
	const struct CMUnitTest quirks[] = {
		cmocka_unit_test(accidents_with_many_quirks_at_once),
	};
	const struct CMUnitTest real[] = {
		cmocka_unit_test(accidents_with_a_stack_of_st),
	};

	int failed;

	if (UNPLUGGED) {
		failed = cmocka_run_group_tests(unplugged, set_up, tear_down);
		return failed + cmocka_run_group_tests(quirks, set_up_quirks, tear_down);
	}
	failed = cmocka_run_group_tests(cut, set_up, tear_down);
	return failed + cmocka_run_group_tests(real, set_up_real, tear_down_real);
}

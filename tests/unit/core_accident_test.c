/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Power cut, probe unplugged and Ctrl-C at every link operation of a stack upgrade: the same
 * command again reaches the goal, nothing of the user's is lost, and nothing hangs.
 */
#include <stdio.h>
#include "tests/unit/core_make.h"
#include "tests/unit/core_board.h"

#define OLD VERSION(1, 20, 0)
#define NEW VERSION(1, 24, 0)
#define STACK_SIZE 6004u
#define HANG_MS 120000u /* of virtual time, for the accident's run and the next */

static struct board board;
static struct wb_image old_stack, new_stack;
static void *start;
static size_t start_len;

static int set_up(void **state)
{
	(void)state;
	board_image(&old_stack, BOARD_STACK, OLD, STACK_SIZE);
	board_image(&new_stack, BOARD_STACK, NEW, STACK_SIZE + 3000);
	board_open(&board, "2.2.0", NULL);
	if (board_upgrade(&board, &old_stack) != WB_OK)
		fail_msg("%s", board.err.text);
	board_check_stack(&board, OLD);
	board_check_kept(&board);
	start = board_save(&board, &start_len);
	return 0;
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
		in_option_write++;
		return true;
	}
	if (status != WB_OK)
		fail_msg("position %u: %s", position, board.err.text);
	if (wbsim_now(board.sim) - began > HANG_MS * 1000000ull)
		fail_msg("position %u hangs", position);
	board_check_stack(&board, NEW);
	board_check_kept(&board);
	return true;
}

static void everywhere(enum bench_accident accident, const char *name)
{
	unsigned int position = 1;

	while (strike(accident, position))
		position++;
	print_message("%s: %u positions, %u of them in an option write of the FUS\n", name,
		position - 1, in_option_write);
	assert_true(position > 300);
}

static void power_cut_at_every_link_operation(void **state)
{
	(void)state;
	everywhere(ACCIDENT_POWER_CUT, "power cut");
}

static void unplugged_at_every_link_operation(void **state)
{
	(void)state;
	everywhere(ACCIDENT_UNPLUG, "unplugged");
}

static void stopped_at_every_link_operation(void **state)
{
	(void)state;
	everywhere(ACCIDENT_STOP, "stopped");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stopped_at_every_link_operation),
		cmocka_unit_test(unplugged_at_every_link_operation),
		cmocka_unit_test(power_cut_at_every_link_operation),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

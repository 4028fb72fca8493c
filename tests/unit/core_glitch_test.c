/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A chip that is reset by nobody's order, a host that is suspended, a CM0+ that has never run. */
#include "tests/unit/core_make.h"
#include "tests/unit/core_board.h"

#define STACK VERSION(1, 24, 0)

static struct board board;

static int tear_down(void **state)
{
	(void)state;
	board_close(&board);
	return 0;
}

/* ---- resets that nobody ordered ---------------------------------------------------------------- */

#define LARGE 60004u
#define HALF (LARGE / 2)
#define RESET_COSTS_MS 1500u /* far less than a stream may stand still */

static unsigned int glitches;

static void glitch_on_the_way(struct wb_link *link, const char *phase, uint64_t done, uint64_t total)
{
	(void)link;
	(void)phase;
	if (done < HALF || done == total || !glitches)
		return;
	glitches--;
	assert_true(wbsim_strike(board.sim, "nrst"));
}

static enum wb_status large_upgrade(unsigned int resets, uint64_t *ms)
{
	struct wb_image image;
	enum wb_status status;
	void *start;
	size_t len;

	glitches = resets;
	start = board_save(&board, &len);
	board_image(&image, BOARD_STACK, STACK, LARGE);
	status = board_upgrade(&board, &image);
	board_image_free(&image);
	*ms = board.result.ms;
	if (status == WB_OK)
		board_check_stack(&board, STACK);
	board_check_kept(&board);
	board_restore(&board, start, len);
	free(start);
	return status;
}

static void a_reset_while_staging_is_seen_at_once_and_staging_goes_on(void **unused)
{
	uint64_t plain, glitched;

	(void)unused;
	board_open(&board, "2.2.0", NULL);
	board.bench.link.progress = glitch_on_the_way;
	assert_int_equal(large_upgrade(0, &plain), WB_OK);
	assert_int_equal(large_upgrade(1, &glitched), WB_OK);
	assert_int_equal(glitches, 0);
	assert_true(glitched < plain + RESET_COSTS_MS);
	assert_int_equal(large_upgrade(100, &glitched), WB_ERR_RESET); /* but not for ever */
	assert_non_null(strstr(board.err.text, "same command again"));
}

/* ---- a host that was suspended ------------------------------------------------------------------ */

#define SUSPENDED_MS 60000u /* the stub waits a few seconds for data */

static void suspend_on_the_way(struct wb_link *link, const char *phase, uint64_t done, uint64_t total)
{
	(void)phase;
	if (done < HALF || done == total || !glitches)
		return;
	glitches--;
	link->sleep_ms(link, SUSPENDED_MS);
}

static void what_was_staged_before_the_host_was_suspended_is_gone(void **unused)
{
	const uint32_t place = 0x080f4000u - (LARGE + 4095u) / 4096u * 4096u;
	static uint8_t blank[LARGE], flash[LARGE];
	struct wb_image image;

	(void)unused;
	board_open(&board, "2.2.0", NULL);
	board_image(&image, BOARD_STACK, STACK, LARGE);
	board.bench.link.progress = suspend_on_the_way;
	glitches = 1;
	assert_int_equal(board_upgrade(&board, &image), WB_ERR_STUB);
	assert_int_equal(glitches, 0);
	assert_non_null(strstr(board.err.text, "stopped feeding"));
	memset(blank, 0xff, sizeof(blank));
	assert_true(wbsim_peek(board.sim, place, flash, sizeof(flash)));
	assert_memory_equal(flash, blank, sizeof(flash));
	board_check_kept(&board);
	assert_int_equal(board_upgrade(&board, &image), WB_OK);
	board_check_stack(&board, STACK);
	board_image_free(&image);
}

/* ---- a CM0+ that never ran --------------------------------------------------------------------- */

static void a_plan_for_a_chip_whose_fus_never_ran_says_how_to_get_one(void **unused)
{
	const struct wb_operation op = { .hold = false };
	struct wb_image image;
	struct wb_goal goal = { .image = &image, .confirm = { "unknown-image" } };

	(void)unused;
	board_open(&board, "2.2.0", NULL);
	board_image(&image, BOARD_STACK, STACK, 6004);
	wbsim_stats_clear(board.sim);
	assert_int_equal(wb_fus_upgrade(board.session, &goal, true, &board.plan, &board.result,
		&board.err), WB_ERR_REFUSED);
	assert_string_equal(board.err.rule, "fus-unknown");
	assert_non_null(strstr(board.err.text, "`stm32wb fus state`"));
	assert_int_equal(wbsim_stats(board.sim)->resets, 0);
	assert_int_equal(wb_fus_state(board.session, &op, &board.result, &board.err), WB_OK);
	assert_int_equal(wb_fus_upgrade(board.session, &goal, true, &board.plan, &board.result,
		&board.err), WB_OK);
	assert_true(board.plan.count > 0);
	board_image_free(&image);
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_reset_while_staging_is_seen_at_once_and_staging_goes_on),
		TEST(what_was_staged_before_the_host_was_suspended_is_gone),
		TEST(a_plan_for_a_chip_whose_fus_never_ran_says_how_to_get_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Upgrades on the virtual chip: with each of its quirks, and when there is a reason not to. */
#include "tests/unit/core_make.h"
#include "tests/unit/core_board.h"

#define OLD VERSION(1, 20, 0)
#define NEW VERSION(1, 24, 0)
#define STRAY 0x08050000u

static struct board board;
static struct wb_image fus, old_stack, new_stack;

static int make_images(void **state)
{
	(void)state;
	board_image(&fus, BOARD_FUS, VERSION(2, 2, 0), 24004);
	board_image(&old_stack, BOARD_STACK, OLD, 6004);
	board_image(&new_stack, BOARD_STACK, NEW, 9004);
	return 0;
}

static int free_images(void **state)
{
	(void)state;
	board_image_free(&fus);
	board_image_free(&old_stack);
	board_image_free(&new_stack);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	board_close(&board);
	return 0;
}

static void must(enum wb_status status)
{
	if (status != WB_OK)
		fail_msg("%s", board.err.text);
}

static void check_fus(uint32_t version)
{
	struct wbsim_cpu2_view view;

	wbsim_cpu2_view(board.sim, &view);
	assert_int_equal(view.fus_version, version);
}

/* FUS, a stack, another one in its place, and away with it. */
static void whole_life(const char *const *quirks)
{
	static const struct wb_operation op;

	board_open(&board, "1.2.0", quirks);
	must(board_upgrade(&board, &fus));
	check_fus(VERSION(2, 2, 0));
	board_check_stack(&board, 0);
	must(board_upgrade(&board, &old_stack));
	board_check_stack(&board, OLD);
	assert_int_equal(board.result.after.versions.stack, OLD);
	must(board_upgrade(&board, &new_stack));
	board_check_stack(&board, NEW);
	board_check_kept(&board);
	must(wb_fus_delete(board.session, &op, &board.result, &board.err));
	board_check_stack(&board, 0);
	board_check_kept(&board);
}

static void upgrades_work_without_quirks(void **state)
{
	(void)state;
	whole_life(NULL);
}

static void upgrades_work_with_each_quirk(void **state)
{
	static const char *const each[] = { "dap-lost-on-reset", "dap-lost-on-reset=500",
		"demcr-lost-on-reset", "sram2-erased-on-reset", "optverr", "iwdg-on", "ipccdba=64",
		"need-crcen", "rom-started-fus", "secure-access=wrperr", "secure-access=fault",
		"nvm-pages=below", "alt-order" };

	(void)state;
	for (size_t i = 0; i < sizeof(each) / sizeof(*each); i++) {
		const char *const quirks[] = { each[i], NULL };

		print_message("%s\n", each[i]);
		whole_life(quirks);
		board_close(&board);
	}
	board_open(&board, "1.2.0", NULL);
}

static void upgrades_work_with_all_quirks_at_once(void **state)
{
	static const char *const quirks[] = { "dap-lost-on-reset=100", "demcr-lost-on-reset",
		"sram2-erased-on-reset", "optverr", "iwdg-on", "ipccdba=64", "need-crcen",
		"rom-started-fus", "alt-order", NULL };

	(void)state;
	whole_life(quirks);
}

static void stack_comes_back_after_a_fus_upgrade(void **state)
{
	struct wb_image newer;

	(void)state;
	board_open(&board, "2.1.0", NULL);
	must(board_upgrade(&board, &old_stack));
	board_image(&newer, BOARD_FUS, VERSION(2, 2, 0), 24004);
	must(board_upgrade(&board, &newer));
	check_fus(VERSION(2, 2, 0));
	board_check_stack(&board, OLD);
	board_check_kept(&board);
	board_image_free(&newer);
}

static void already_installed_does_nothing(void **state)
{
	uint64_t erases;

	(void)state;
	board_open(&board, "2.2.0", NULL);
	must(board_upgrade(&board, &old_stack));
	erases = wbsim_stats(board.sim)->flash_erases;
	must(board_upgrade(&board, &old_stack));
	assert_int_equal(board.plan.count, 0);
	assert_int_equal(wbsim_stats(board.sim)->flash_erases, erases);
	board_check_stack(&board, OLD);
	board_check_kept(&board);
}

static void a_refusal_touches_nothing(void **state)
{
	struct wb_goal goal = { .image = &new_stack };
	uint64_t writes;

	(void)state;
	board_open(&board, "2.2.0", NULL);
	writes = wbsim_stats(board.sim)->target_writes;
	/* not among ST's published images, and nobody said -confirm unknown-image */
	assert_int_equal(wb_fus_upgrade(board.session, &goal, true, &board.plan, &board.result,
		&board.err), WB_ERR_REFUSED);
	assert_int_equal(wbsim_stats(board.sim)->target_writes, writes);
	assert_int_equal(wb_fus_upgrade(board.session, &goal, false, &board.plan, &board.result,
		&board.err), WB_ERR_REFUSED);
	assert_int_equal(wbsim_stats(board.sim)->flash_erases, 0);
	assert_int_equal(wbsim_stats(board.sim)->flash_dwords, 0);
	board_check_stack(&board, 0);
	board_check_kept(&board);
}

static void a_stray_image_is_refused_until_confirmed(void **state)
{
	struct wb_goal goal = { .image = &new_stack, .confirm = { "unknown-image", "overwrite" } };
	uint32_t word;

	(void)state;
	board_open(&board, "2.2.0", NULL);
	wbsim_poke(board.sim, STRAY, old_stack.data, old_stack.size);
	assert_int_equal(wb_fus_upgrade(board.session, &goal, false, &board.plan, &board.result,
		&board.err), WB_ERR_REFUSED);
	assert_string_equal(board.err.rule, "erase-stray");
	board_check_stack(&board, 0);
	goal.confirm[2] = "erase-stray";
	must(wb_fus_upgrade(board.session, &goal, false, &board.plan, &board.result, &board.err));
	board_check_stack(&board, NEW);
	wbsim_peek(board.sim, STRAY, &word, 4);
	assert_int_equal(word, UINT32_MAX);
}

static void user_data_under_the_image_is_kept_until_confirmed(void **state)
{
	struct wb_goal goal = { .image = &new_stack, .confirm = { "unknown-image" } };
	uint32_t word = 0x12345678;

	(void)state;
	board_open(&board, "2.2.0", NULL);
	wbsim_poke(board.sim, 0x080f2000, &word, 4);
	assert_int_equal(wb_fus_upgrade(board.session, &goal, false, &board.plan, &board.result,
		&board.err), WB_ERR_REFUSED);
	assert_string_equal(board.err.rule, "overwrite");
	wbsim_peek(board.sim, 0x080f2000, &word, 4);
	assert_int_equal(word, 0x12345678);
	board_check_kept(&board);
}

/* A signature of nobody: the FUS refuses, and the stack that was there stays and is started. */
static void an_image_that_the_fus_refuses_leaves_no_trace(void **state)
{
	struct wb_goal goal = { .image = &new_stack, .first_install = true,
		.confirm = { "unknown-image", "overwrite" } };
	uint8_t *forged = (uint8_t *)(uintptr_t)new_stack.data;
	uint32_t word;

	(void)state;
	board_open(&board, "2.2.0", NULL);
	must(board_upgrade(&board, &old_stack));
	forged[new_stack.size - 84] ^= 1;
	assert_int_equal(wb_fus_upgrade(board.session, &goal, false, &board.plan, &board.result,
		&board.err), WB_ERR_FUS);
	forged[new_stack.size - 84] ^= 1;
	assert_non_null(strstr(board.err.text, "authentic"));
	board_check_stack(&board, OLD);
	board_check_kept(&board);
	for (unsigned int i = 0; i < board.plan.count; i++) {
		if (board.plan.steps[i].kind != WB_STEP_STAGE)
			continue;
		wbsim_peek(board.sim, board.plan.steps[i].address, &word, 4);
		assert_int_equal(word, UINT32_MAX);
	}
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(upgrades_work_without_quirks),
		TEST(upgrades_work_with_each_quirk),
		TEST(upgrades_work_with_all_quirks_at_once),
		TEST(stack_comes_back_after_a_fus_upgrade),
		TEST(already_installed_does_nothing),
		TEST(a_refusal_touches_nothing),
		TEST(a_stray_image_is_refused_until_confirmed),
		TEST(user_data_under_the_image_is_kept_until_confirmed),
		TEST(an_image_that_the_fus_refuses_leaves_no_trace),
	};

	return cmocka_run_group_tests(tests, make_images, free_images);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * User flash in the way of an upgrade is saved and put back: whatever the upgrade comes to, and by
 * the next run where an accident came in between.
 */
#include <stdio.h>
#include "tests/unit/core_preserve.h"

#define OLD VERSION(1, 20, 0)
#define NEW VERSION(1, 24, 0)
#define STACK_PAGES 3u
#define TOP 0x080f4000u
#define EVERY (SANITIZED ? 83u : 29u)
#define HANG_MS 120000u

static struct wb_image old_stack, new_stack, larger;

static int make_images(void **state)
{
	board_image(&old_stack, BOARD_STACK, OLD, 9004);
	board_image(&new_stack, BOARD_STACK, NEW, 10004);
	board_image(&larger, BOARD_STACK, VERSION(1, 24, 1), 14004);
	return make_fus(state);
}

static int free_images(void **state)
{
	board_image_free(&old_stack);
	board_image_free(&new_stack);
	board_image_free(&larger);
	return free_fus(state);
}

static void pages_under_a_fus_image_come_back(void **state)
{
	(void)state;
	open_with_data(NULL);
	assert_int_equal(upgrade(&fus, (struct wb_goal){ .hold = false }), WB_ERR_REFUSED);
	assert_string_equal(board.err.rule, "overwrite");
	assert_non_null(strstr(board.err.text, "-preserve"));
	must(preserve(&fus));
	check_fus(VERSION(2, 2, 0));
	check_data();
	assert_int_equal(board.plan.steps[0].kind, WB_STEP_SAVE);
	assert_non_null(strstr(board.plan.steps[0].reason, "3 of the 4 pages"));
	assert_int_equal(board.plan.steps[board.plan.count - 1].kind, WB_STEP_PUT_BACK);
	assert_int_equal(board.result.steps_done, board.plan.count);
}

static void pages_come_back_with_each_quirk(void **state)
{
	static const char *const each[] = { "dap-lost-on-reset=100", "demcr-lost-on-reset",
		"sram2-erased-on-reset", "iwdg-on", "secure-access=fault", "nvm-pages=below",
		"alt-order" };

	(void)state;
	for (size_t i = 0; i < sizeof(each) / sizeof(*each); i++) {
		const char *const quirks[] = { each[i], NULL };

		print_message("%s\n", each[i]);
		open_with_data(quirks);
		must(preserve(&fus));
		check_data();
		board_close(&board);
	}
	board_open(&board, "2.1.0", NULL);
}

/* The old stack stays while the new one is installed: all below the old boundary may come back. */
static void pages_below_a_stack_that_is_replaced_come_back(void **state)
{
	uint32_t sfsa = TOP - STACK_PAGES * PAGE;

	(void)state;
	board_open(&board, "2.2.0", NULL);
	must(board_upgrade(&board, &old_stack));
	/* staged below with a page between: all of it the user's before */
	for (uint32_t at = sfsa - 5 * PAGE; at < sfsa; at += PAGE)
		put(at);
	must(upgrade(&new_stack, (struct wb_goal){ .preserve = true, .first_install = true }));
	board_check_stack(&board, NEW);
	for (uint32_t at = sfsa - 5 * PAGE; at < sfsa; at += PAGE)
		holds(at, mark);
	board_check_kept(&board);
}

static void pages_that_become_secure_are_named_and_refused(void **state)
{
	uint32_t sfsa = TOP - STACK_PAGES * PAGE;
	uint64_t erases;

	(void)state;
	board_open(&board, "2.2.0", NULL);
	put(TOP - PAGE);
	put(TOP - STACK_PAGES * PAGE);
	erases = wbsim_stats(board.sim)->flash_erases;
	assert_int_equal(preserve(&new_stack), WB_ERR_REFUSED);
	assert_string_equal(board.err.rule, "overwrite");
	assert_non_null(strstr(board.err.text, "0x080F1000-0x080F1FFF, 0x080F3000-0x080F3FFF"));
	assert_non_null(strstr(board.err.text, "secure from 0x080F1000"));
	assert_int_equal(wbsim_stats(board.sim)->flash_erases, erases);
	holds(TOP - PAGE, mark);
	board_check_kept(&board);

	must(upgrade(&new_stack, (struct wb_goal){ .preserve = true, .confirm = { "overwrite" } }));
	board_check_stack(&board, NEW);
	/* a larger one takes the page below: the pages under its staged copy that stay come back */
	put(sfsa - PAGE);
	put(sfsa - 2 * PAGE);
	assert_int_equal(upgrade(&larger, (struct wb_goal){ .preserve = true, .first_install = true }),
		WB_ERR_REFUSED);
	assert_non_null(strstr(board.err.text, "0x080F0000-0x080F0FFF cannot"));
	must(upgrade(&larger, (struct wb_goal){ .preserve = true, .first_install = true,
		.confirm = { "overwrite" } }));
	holds(sfsa - 2 * PAGE, mark);
	board_check_kept(&board);
}

static void pages_come_back_when_the_fus_refuses(void **state)
{
	uint8_t *forged = (uint8_t *)(uintptr_t)fus.data;

	(void)state;
	open_with_data(NULL);
	forged[fus.size - 84] ^= 1;
	assert_int_equal(preserve(&fus), WB_ERR_FUS);
	forged[fus.size - 84] ^= 1;
	assert_non_null(strstr(board.err.text, "authentic"));
	check_fus(VERSION(2, 1, 0));
	check_data();
}

/* A factory reset erases all of user flash, and the application is back all the same. */
static void all_of_flash_comes_back_after_a_safeboot_update(void **state)
{
	struct wb_image safeboot;

	(void)state;
	board_image(&safeboot, (enum board_magic)MAKE_SAFEBOOT_FUS2, VERSION(2, 0, 1), 8004);
	board_open_chip(&board, &(struct wbsim_config){ .chip = "wb55rc", .fus = "2.2.0" });
	put(0x08010000);
	put(FUS_PLACE + 3 * PAGE);
	must(upgrade(&safeboot, (struct wb_goal){ .preserve = true,
		.confirm = { "factory-reset" } }));
	holds(0x08010000, mark);
	holds(FUS_PLACE + 3 * PAGE, mark);
	board_check_kept(&board);
	board_image_free(&safeboot);
}

static void nothing_is_touched_without_a_journal(void **state)
{
	uint64_t writes;

	(void)state;
	open_with_data(NULL);
	board.bench.read_only = true;
	writes = wbsim_stats(board.sim)->target_writes;
	assert_int_equal(preserve(&fus), WB_ERR_HOST);
	assert_non_null(strstr(board.err.text, "none of it is touched"));
	assert_int_equal(wbsim_stats(board.sim)->target_writes, writes);
	check_data();
}

/* ---- accidents --------------------------------------------------------------------------------- */

static bool corrupted(void)
{
	struct wbsim_cpu2_view view;

	wbsim_cpu2_view(board.sim, &view);
	return !view.sfsa;
}

/* One position; false when the upgrade was over before it. */
static bool strike(const void *start, size_t len, enum bench_accident accident, unsigned int position,
	bool said_again)
{
	uint64_t began;
	enum wb_status status;

	board_restore(&board, start, len);
	board.bench.accident = accident;
	board.bench.accident_at = position;
	began = wbsim_now(board.sim);
	status = preserve(&fus);
	if (!board.bench.struck) {
		must(status);
		return false;
	}
	if (accident == ACCIDENT_STOP) /* back at once, not by the next run */
		assert_int_equal(board.bench.record[WB_RECORD_PAGES].len, 0);
	mend();
	status = upgrade(&fus, (struct wb_goal){ .preserve = said_again });
	if (accident == ACCIDENT_POWER_CUT && corrupted()) {
		assert_string_equal(board.err.rule, "safeboot-selected");
		return true; /* in the FUS's own option write; the record waits */
	}
	if (status == WB_ERR_REFUSED && !said_again && !strcmp(board.err.rule, "overwrite"))
		status = preserve(&fus); /* cut off before anything was saved */
	if (status != WB_OK)
		fail_msg("position %u: %s", position, board.err.text);
	if (wbsim_now(board.sim) - began > HANG_MS * 1000000ull)
		fail_msg("position %u hangs", position);
	check_fus(VERSION(2, 2, 0));
	check_data();
	return true;
}

static void at_many(enum bench_accident accident, unsigned int step, bool said_again,
	const char *name)
{
	unsigned int position = 1, count = 0;
	size_t len;
	void *start;

	open_with_data(NULL);
	start = board_save(&board, &len);
	for (; strike(start, len, accident, position, said_again); position += step)
		count++;
	print_message("%s: %u positions of %u\n", name, count, position - step);
	assert_true(count >= 2);
	free(start);
}

static void pages_come_back_after_a_power_cut(void **state)
{
	(void)state;
	at_many(ACCIDENT_POWER_CUT, EVERY, true, "power cut");
}

static void pages_come_back_without_the_word_said_again(void **state)
{
	(void)state;
	at_many(ACCIDENT_POWER_CUT, 3 * EVERY, false, "power cut, then without -preserve");
}

static void pages_come_back_after_the_probe_was_unplugged(void **state)
{
	(void)state;
	at_many(ACCIDENT_UNPLUG, 3 * EVERY, true, "unplugged");
}

static void pages_come_back_when_stopped(void **state)
{
	(void)state;
	at_many(ACCIDENT_STOP, 3 * EVERY, true, "stopped");
}

/* What the flash does at its n-th operation: staging has some 1600, putting back 1500. */
static void with_fault(const char *what, unsigned int n)
{
	char spec[48], why[160];
	enum wb_status status;

	open_with_data(NULL);
	snprintf(spec, sizeof(spec), "flash=%u:%s", n, what);
	assert_true(wbsim_add_fault(board.sim, spec, why, sizeof(why)));
	status = preserve(&fus);
	print_message("%s: %s\n", spec, status == WB_OK ? "ok" : board.err.text);
	if (status == WB_OK)
		check_data();
	wbsim_clear_faults(board.sim);
	wbsim_power(board.sim, false);
	wbsim_power(board.sim, true);
	mend();
	must(upgrade(&fus, (struct wb_goal){ .preserve = true }));
	check_fus(VERSION(2, 2, 0));
	check_data();
	board_close(&board);
}

static void pages_come_back_after_a_reset_or_a_hung_flash(void **state)
{
	(void)state;
	/* an erase, in the staging, in the putting back */
	with_fault("nrst", 1);
	with_fault("nrst", 783);
	with_fault("nrst", 2406);
	with_fault("bsy-hung", 783);
	with_fault("bsy-hung", 2406);
	board_open(&board, "2.1.0", NULL);
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pages_under_a_fus_image_come_back),
		TEST(pages_come_back_with_each_quirk),
		TEST(pages_below_a_stack_that_is_replaced_come_back),
		TEST(pages_that_become_secure_are_named_and_refused),
		TEST(pages_come_back_when_the_fus_refuses),
		TEST(all_of_flash_comes_back_after_a_safeboot_update),
		TEST(nothing_is_touched_without_a_journal),
		TEST(pages_come_back_after_a_power_cut),
		TEST(pages_come_back_without_the_word_said_again),
		TEST(pages_come_back_after_the_probe_was_unplugged),
		TEST(pages_come_back_when_stopped),
		TEST(pages_come_back_after_a_reset_or_a_hung_flash),
	};

	return cmocka_run_group_tests(tests, make_images, free_images);
}

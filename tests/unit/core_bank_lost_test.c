/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A flash bank's work with a link that fails, a user who stops it, a stub that hangs: CPU1 and all its
 * settings are as they were found, or, where nothing can be reached any more, as a reset leaves them.
 */
#include <stdio.h>
#include "tests/unit/core_bank_board.h"
#include "core/cortex_m.h"
#include "stub/abi.h"

#define SIZE (PAGE + 8)
#define OPS_MAX 2000u
#define TRIES 8u /* of one transfer, hold.c */
#define MARGIN 20u /* the pace differs by some looks at the stub */
#define STEP (SANITIZED ? 7u : 1u)
#define LONGEST_NS 20000000000u /* the end of a piece of work whose chip is gone */

/* What a user does who was told: `reset halt`. */
static void bank_again(void)
{
	assert_int_equal(bank.bench.link.reset_hold(&bank.bench.link, false), WB_OK);
	for (unsigned int n = 2; n <= 7; n++)
		assert_int_equal(bank_peek(HSEM_R(n)), 0);
	bank_remember();
}

static int set_up(void **state)
{
	(void)state;
	bank_open(&(struct wbsim_config){ .fus = "1.2.0" });
	return 0;
}

static int set_up_beside(void **state)
{
	(void)state;
	bank_open_beside(NULL);
	return 0;
}

/* Each of the things that a bank can do, with other data each time. */
static enum wb_status write_some(uint8_t *data, uint32_t seed)
{
	bank_fill(data, SIZE, seed);
	return bank_write(PLACE + 0x100, SIZE, data, bank_due(PLACE + 0x100, SIZE));
}

static void is_written(const uint8_t *data, const char *when)
{
	uint8_t there[SIZE];

	assert_true(wbsim_peek(bank.sim, PLACE + 0x100, there, SIZE));
	if (memcmp(there, data, SIZE))
		fail_msg("%s: not as it was to be written", when);
}

/* One transfer is lost, every one in turn: another try, and nobody has seen anything. */
static void every_transfer_lost(enum lost how)
{
	uint8_t data[SIZE];
	char when[48];

	for (unsigned int at = 1; at < OPS_MAX; at += STEP) {
		enum wb_status status;

		snprintf(when, sizeof(when), "transfer %u", at);
		bank_lose(at, 1, how);
		status = write_some(data, at);
		if (bank_ops() < at) {
			assert_in_range(at, 100, OPS_MAX);
			return;
		}
		if (status != WB_OK)
			fail_msg("%s: %d, %s", when, status, bank.err.text);
		bank_check_found(when);
		is_written(data, when);
	}
	fail_msg("no end after %u transfers", OPS_MAX);
}

static void a_lost_transfer_is_made_again(void **state)
{
	(void)state;
	every_transfer_lost(LOST_REQUEST);
}

static void a_lost_answer_does_no_harm(void **state)
{
	(void)state;
	every_transfer_lost(LOST_ANSWER);
}

static void beside_a_cm0_nothing_is_lost_either(void **state)
{
	(void)state;
	every_transfer_lost(LOST_REQUEST);
	assert_int_equal(wbsim_stats(bank.sim)->flash_breaches, 0);
}

static void a_lost_answer_takes_no_semaphore(void **state)
{
	(void)state;
	every_transfer_lost(LOST_ANSWER);
	assert_int_equal(wbsim_stats(bank.sim)->flash_breaches, 0);
}

/*
 * So many in a row that the work is given up, with the link there again when it comes to leaving: all
 * as found. Where leaving is hit itself, it is said.
 */
static void a_link_that_fails_for_a_while_leaves_all_as_found(void **state)
{
	unsigned int failed = 0, leaving, at;
	uint8_t data[SIZE];

	(void)state;
	bank_lose(0, 0, LOST_REQUEST);
	bank_expect(WB_OK, write_some(data, 0));
	leaving = bank_left_at() - MARGIN;
	for (at = 1; at < OPS_MAX; at += SANITIZED ? 11 : 1) {
		enum wb_status status;
		const char *differs;

		bank_lose(at, TRIES + 1, LOST_REQUEST);
		status = write_some(data, at);
		if (bank_ops() < at)
			break;
		failed += status != WB_OK;
		if (status == WB_OK)
			is_written(data, "given up");
		differs = bank_differs();
		if (!differs)
			continue;
		if (at < leaving)
			fail_msg("transfers from %u on: %s", at, differs);
		assert_int_not_equal(status, WB_OK);
		if (!strstr(bank.err.text, "has failed") && !strstr(bank.err.text, "cannot be read") &&
			!strstr(bank.err.text, "not as they were"))
			fail_msg("transfers from %u on: %s", at, bank.err.text);
		bank_again();
	}
	print_message("%u failures told, leaving from %u of %u on\n", failed, leaving, at);
	assert_in_range(failed, 10, OPS_MAX);
}

/* The probe is pulled: it ends, it is told, and behind a reset the same again works. */
static void unplugged_anywhere_it_ends_and_can_be_done_again(void **state)
{
	uint8_t data[SIZE];

	(void)state;
	for (unsigned int at = 1; at < OPS_MAX; at += SANITIZED ? 83 : 11) {
		uint64_t began = wbsim_now(bank.sim);
		enum wb_status status;

		bank.bench.ops = 0;
		bank.bench.accident = ACCIDENT_UNPLUG;
		bank.bench.accident_at = at;
		status = write_some(data, at);
		if (!bank.bench.struck) {
			assert_in_range(at, 100, OPS_MAX);
			bank_expect(WB_OK, status);
			return;
		}
		bank_expect(WB_ERR_LINK, status);
		assert_true(wbsim_now(bank.sim) - began < LONGEST_NS);
		assert_true(bank.bench.polling);
		bench_mend(&bank.bench);
		wbsim_attach(bank.sim);
		bank_again();
		bank_expect(WB_OK, write_some(data, at + 1));
		is_written(data, "again");
		bank_check_found("again");
	}
	fail_msg("no end");
}

static void stop_soon(struct bench *bench)
{
	if (wbsim_stats(bank.sim)->flash_dwords > 100)
		bench->stop = true;
}

static bool holds(uint32_t address, const uint8_t *data, uint32_t size)
{
	uint8_t there[PAGE];

	assert_true(wbsim_peek(bank.sim, address, there, size));
	return !memcmp(there, data, size);
}

static void ctrl_c_ends_it_behind_a_whole_page_with_all_as_found(void **state)
{
	static uint8_t before[17 * PAGE], data[sizeof(before)];
	unsigned int whole = 0;

	(void)state;
	bank_fill(before, sizeof(before), 2);
	bank_put(PLACE, before, sizeof(before));
	bank_fill(data, sizeof(data), 1);
	bank.bench.before_operation = stop_soon;
	bank_expect(WB_ERR_STOPPED,
		bank_write(PLACE, sizeof(data), data, bank_due(PLACE, sizeof(data))));
	bank.bench.before_operation = NULL;
	bank.bench.stop = false;
	while (whole < 17 && holds(PLACE + whole * PAGE, data + whole * PAGE, PAGE))
		whole++;
	assert_in_range(whole, 1, 3);
	bank_check_flash(PLACE + whole * PAGE, before + whole * PAGE, sizeof(before) - whole * PAGE);
	bank_check_found("Ctrl-C");
	bank_expect(WB_OK, bank_write(PLACE, sizeof(data), data, bank_due(PLACE, sizeof(data))));
	bank_check_flash(PLACE, data, sizeof(data));
}

static void erase_the_stub(struct bench *bench)
{
	static uint8_t loops[STUB_SLOTS - STUB_LATER];

	if (wbsim_stats(bank.sim)->flash_dwords < 100)
		return;
	for (size_t i = 0; i < sizeof(loops); i += 2)
		memcpy(loops + i, "\xfe\xe7", 2); /* b . */
	assert_true(wbsim_poke(bank.sim, STUB_LATER, loops, sizeof(loops)));
	bench->before_operation = NULL;
}

static void a_stub_that_hangs_costs_a_reset_and_it_is_said(void **state)
{
	uint8_t data[SIZE], before[STUB_END - STUB_BASE], after[sizeof(before)];
	uint64_t resets = wbsim_stats(bank.sim)->resets;

	(void)state;
	assert_true(wbsim_peek(bank.sim, STUB_BASE, before, sizeof(before)));
	bank.bench.before_operation = erase_the_stub;
	assert_int_not_equal(write_some(data, 1), WB_OK);
	assert_null(bank.bench.before_operation);
	assert_non_null(strstr(bank.err.text, "nothing was programmed"));
	assert_non_null(strstr(bank.err.text, "had to be reset"));
	assert_int_equal(wbsim_stats(bank.sim)->resets, resets + 1);
	assert_true(wbsim_peek(bank.sim, STUB_BASE, after, sizeof(after)));
	assert_memory_equal(after, before, sizeof(before));
	assert_int_equal(bank_peek(HSEM_R(2)), 0);
	assert_int_equal(bank_peek(HSEM_R(7)), 0);
	assert_true(bank_peek(CM_DHCSR) & CM_DHCSR_S_HALT);
	assert_true(bank.bench.polling);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, bank_close)
#define BESIDE(name) cmocka_unit_test_setup_teardown(name, set_up_beside, bank_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_lost_transfer_is_made_again),
		TEST(a_lost_answer_does_no_harm),
		BESIDE(beside_a_cm0_nothing_is_lost_either),
		BESIDE(a_lost_answer_takes_no_semaphore),
		BESIDE(a_link_that_fails_for_a_while_leaves_all_as_found),
		BESIDE(unplugged_anywhere_it_ends_and_can_be_done_again),
		TEST(ctrl_c_ends_it_behind_a_whole_page_with_all_as_found),
		TEST(a_stub_that_hangs_costs_a_reset_and_it_is_said),
		BESIDE(a_stub_that_hangs_costs_a_reset_and_it_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record of a run that was cut off: whether it can be read, makes sense, and still belongs on this
 * chip. Until that is known nothing of it goes to flash, and nothing removes it.
 */
#include <stdio.h>
#include "tests/unit/core_preserve.h"

/* Power is cut while the image is being staged: the record is left, the pages are not what they were. */
static void cut_while_staging(void)
{
	uint8_t page[PAGE];
	size_t len;
	void *start;

	open_with_data(NULL);
	start = board_save(&board, &len);
	for (unsigned int at = 100;; at += 20) {
		board_restore(&board, start, len);
		board.bench.accident = ACCIDENT_POWER_CUT;
		board.bench.accident_at = at;
		assert_int_not_equal(preserve(&fus), WB_OK);
		wbsim_peek(board.sim, FUS_PLACE, page, PAGE);
		if (memcmp(page, mark, PAGE))
			break;
	}
	free(start);
	mend();
	assert_int_not_equal(board.bench.record[WB_RECORD_PAGES].len, 0);
}

static void old_pages_are_not_put_over_new_flash_unasked(void **state)
{
	const uint32_t word = 0;
	uint64_t erases;

	(void)state;
	cut_while_staging();
	wbsim_poke(board.sim, 0x08002000, &word, 4); /* somebody has programmed the chip meanwhile */
	board_remember(&board);
	erases = wbsim_stats(board.sim)->flash_erases;
	assert_int_equal(preserve(&fus), WB_ERR_REFUSED);
	assert_string_equal(board.err.rule, "old-pages");
	assert_int_equal(wbsim_stats(board.sim)->flash_erases, erases);
	assert_int_not_equal(board.bench.record[WB_RECORD_PAGES].len, 0);
	board_check_app(&board);
	must(upgrade(&fus, (struct wb_goal){ .confirm = { "old-pages" } }));
	check_data();
}

/* A factory reset changes flash from its start: nothing below it can tell that it is another one. */
static void an_application_programmed_after_a_safeboot_update_that_was_cut_off_stays(void **state)
{
	struct wb_image safeboot;
	uint8_t page[PAGE];
	size_t len;
	void *start;

	(void)state;
	board_image(&safeboot, (enum board_magic)MAKE_SAFEBOOT_FUS2, VERSION(2, 0, 1), 8004);
	board_open_chip(&board, &(struct wbsim_config){ .chip = "wb55rc", .fus = "2.2.0" });
	put(FUS_PLACE + 3 * PAGE);
	start = board_save(&board, &len);
	for (unsigned int at = 100;; at += 20) {
		board_restore(&board, start, len);
		board.bench.accident = ACCIDENT_POWER_CUT;
		board.bench.accident_at = at;
		assert_int_not_equal(upgrade(&safeboot, (struct wb_goal){ .preserve = true,
			.confirm = { "factory-reset" } }), WB_OK);
		wbsim_peek(board.sim, FUS_PLACE + 3 * PAGE, page, PAGE);
		if (memcmp(page, mark, PAGE))
			break;
	}
	free(start);
	mend();
	assert_int_not_equal(board.bench.record[WB_RECORD_PAGES].len, 0);
	put(0x08000000); /* somebody programs another application */
	assert_int_equal(upgrade(&safeboot, (struct wb_goal){ .confirm = { "factory-reset" } }),
		WB_ERR_REFUSED);
	assert_string_equal(board.err.rule, "old-pages");
	holds(0x08000000, mark);
	assert_int_not_equal(board.bench.record[WB_RECORD_PAGES].len, 0);
	must(upgrade(&safeboot, (struct wb_goal){ .confirm = { "factory-reset", "old-pages" } }));
	holds(FUS_PLACE + 3 * PAGE, mark);
	board_image_free(&safeboot);
}

static void a_record_that_makes_no_sense_touches_nothing(void **state)
{
	uint64_t erases;

	(void)state;
	cut_while_staging();
	board.bench.record[WB_RECORD_PAGES].data[100] ^= 1;
	erases = wbsim_stats(board.sim)->flash_erases;
	assert_int_equal(preserve(&fus), WB_ERR_HOST);
	assert_non_null(strstr(board.err.text, "makes no sense"));
	assert_int_equal(wbsim_stats(board.sim)->flash_erases, erases);
	board.bench.record[WB_RECORD_PAGES].data[100] ^= 1;
	must(preserve(&fus));
	check_data();
}

static void a_run_that_was_cut_off_is_told(void **state)
{
	static const struct wb_operation op;
	struct wb_goal goal = { .image = &fus, .confirm = { "unknown-image" } };

	(void)state;
	cut_while_staging();
	must(wb_fus_state(board.session, &op, &board.result, &board.err));
	assert_int_equal(board.bench.warnings, 1);
	/* the CM0+ as the command before has left it: a plan can be made hot */
	must(wb_fus_state(board.session, &(struct wb_operation){ .hold = true }, &board.result,
		&board.err));
	must(wb_fus_upgrade(board.session, &goal, true, &board.plan, &board.result, &board.err));
	assert_int_equal(board.plan.warnings, 2); /* and the user keys */
	must(preserve(&fus));
	check_data();
	must(wb_fus_state(board.session, &op, &board.result, &board.err));
}

/* ---- a record that cannot be read, or not be judged --------------------------------------------- */

static enum wb_status (*journal_load)(struct wb_link *link, uint64_t uid, enum wb_record record,
	void *data, size_t *len);
static unsigned int percent; /* of the record that comes before its reading fails */
static unsigned int glitch_in, glitch_at; /* operations from there on: given, and counted */

/* The host's disk: the file is there, and reading it fails. */
static enum wb_status load_badly(struct wb_link *link, uint64_t uid, enum wb_record record,
	void *data, size_t *len)
{
	enum wb_status status = journal_load(link, uid, record, data, len);

	if (status != WB_OK || !data || record != WB_RECORD_PAGES)
		return status;
	*len = *len * percent / 100;
	memset((uint8_t *)data + *len, 0, board.bench.record[record].len - *len);
	snprintf(link->reason, sizeof(link->reason), "the disk is worn out");
	return WB_ERR_HOST;
}

static void a_record_that_cannot_be_read_touches_nothing_and_stays(void **state)
{
	static const unsigned int parts[] = { 0, 50, 99 };
	uint64_t erases;
	size_t len;

	(void)state;
	cut_while_staging();
	len = board.bench.record[WB_RECORD_PAGES].len;
	journal_load = board.bench.link.journal_load;
	board.bench.link.journal_load = load_badly;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		percent = parts[i];
		erases = wbsim_stats(board.sim)->flash_erases;
		assert_int_equal(preserve(&fus), WB_ERR_HOST);
		assert_non_null(strstr(board.err.text, "the disk is worn out"));
		assert_int_equal(wbsim_stats(board.sim)->flash_erases, erases);
		assert_int_equal(board.bench.record[WB_RECORD_PAGES].len, len);
	}
	board.bench.link.journal_load = journal_load;
	must(preserve(&fus));
	check_data();
}

/* From the record's reading on, each operation is of the judgement, or of what follows from it. */
static enum wb_status load_and_count(struct wb_link *link, uint64_t uid, enum wb_record record,
	void *data, size_t *len)
{
	if (data && record == WB_RECORD_PAGES)
		glitch_at = board.bench.ops + glitch_in;
	return journal_load(link, uid, record, data, len);
}

static void glitch(struct bench *bench)
{
	if (!glitch_at || bench->ops < glitch_at)
		return;
	glitch_at = 0;
	bench->struck = true;
	assert_true(wbsim_strike(bench->sim, "nrst"));
}

static void a_record_that_could_not_be_judged_is_not_put_back(void **state)
{
	const uint32_t word = 0;
	unsigned int failed = 0;
	size_t len, size;
	uint64_t erases;
	uint8_t *record;
	void *start;

	(void)state;
	cut_while_staging();
	wbsim_poke(board.sim, 0x08002000, &word, 4); /* somebody has programmed the chip meanwhile */
	board_remember(&board);
	start = board_save(&board, &len);
	size = board.bench.record[WB_RECORD_PAGES].len;
	record = malloc(size);
	assert_non_null(record);
	memcpy(record, board.bench.record[WB_RECORD_PAGES].data, size);
	journal_load = board.bench.link.journal_load;
	board.bench.link.journal_load = load_and_count;
	board.bench.before_operation = glitch;
	for (glitch_in = 1;; glitch_in++) {
		board_restore(&board, start, len);
		must(board.bench.link.journal_store(&board.bench.link, 0, WB_RECORD_PAGES, record, size));
		erases = wbsim_stats(board.sim)->flash_erases;
		if (preserve(&fus) != WB_ERR_REFUSED)
			failed++;
		else
			assert_string_equal(board.err.rule, "old-pages");
		assert_int_equal(wbsim_stats(board.sim)->flash_erases, erases);
		assert_int_equal(board.bench.record[WB_RECORD_PAGES].len, size);
		board_check_app(&board);
		if (!board.bench.struck)
			break;
	}
	print_message("%u operations, %u failed\n", glitch_in, failed);
	assert_true(failed);
	board.bench.before_operation = NULL;
	board_restore(&board, start, len);
	must(board.bench.link.journal_store(&board.bench.link, 0, WB_RECORD_PAGES, record, size));
	must(upgrade(&fus, (struct wb_goal){ .confirm = { "old-pages" } }));
	check_data();
	free(record);
	free(start);
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(old_pages_are_not_put_over_new_flash_unasked),
		TEST(an_application_programmed_after_a_safeboot_update_that_was_cut_off_stays),
		TEST(a_record_that_makes_no_sense_touches_nothing),
		TEST(a_run_that_was_cut_off_is_told),
		TEST(a_record_that_cannot_be_read_touches_nothing_and_stays),
		TEST(a_record_that_could_not_be_judged_is_not_put_back),
	};

	return cmocka_run_group_tests(tests, make_fus, free_fus);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * User option bytes put right by recover, with something in the way: what the campaign
 * (tests/campaign.c) has found, one by one.
 */
#include "tests/unit/core_recover.h"
#include "core/bytes.h"
#include "core/options.h"

#define OPTION_PAGE 0x1fff8000u
#define PAGE_WORDS 32u
#define WHATS 3u

/* Something happens before the nth operation of the link from here. */
static struct {
	unsigned int left;
	const char *what;
} blow;

static void strike(struct bench *bench)
{
	if (blow.left && !--blow.left)
		assert_true(wbsim_strike(bench->sim, blow.what));
}

/* Each register's word and its complement; where they lie is RM0434's, not core's. */
static bool page_is_sound(void)
{
	static const uint8_t used[] = { 0, 1, 2, 3, 4, 5, 6, 13, 14, 15 };
	uint32_t words[PAGE_WORDS];

	assert_true(wbsim_peek(board.sim, OPTION_PAGE, words, sizeof(words)));
	for (size_t i = 0; i < sizeof(used); i++)
		if (words[2u * used[i]] != ~words[2u * used[i] + 1])
			return false;
	return true;
}

/* A page that was not read, or whose write a reset has dropped, is not called mended. */
static void a_page_said_to_be_mended_is_so(void **unused)
{
	static const char *const whats[WHATS] = { "parity=3", "nrst", "parity=20" };
	unsigned int last, step = SANITIZED ? 17 : 1;
	size_t len;
	void *saved;

	(void)unused;
	assert_true(wbsim_corrupt_option(board.sim, "WRP1A_STRT"));
	saved = board_save(&board, &len);
	board.bench.ops = 0;
	recovered_with("options");
	last = board.bench.ops;
	board.bench.before_operation = strike;
	for (unsigned int at = 1; at <= WHATS * last; at += step) {
		board_restore(&board, saved, len);
		assert_false(page_is_sound());
		blow.left = (at - 1) / WHATS + 1;
		blow.what = whats[at % WHATS];
		if (recover_with("options") == WB_OK && !page_is_sound())
			fail_msg("%s at operation %u of %u: ok, and the page is damaged", blow.what,
				(at - 1) / WHATS + 1, last);
		recover_with("options");
		assert_true(page_is_sound());
	}
	free(saved);
}

static struct {
	enum wb_status (*read)(struct wb_link *link, uint32_t address, unsigned int width, size_t count,
		void *data);
	unsigned int fail;
} page;

static enum wb_status fails_at_the_page(struct wb_link *link, uint32_t address, unsigned int width,
	size_t count, void *data)
{
	if (address == OPTION_PAGE && page.fail && page.fail--)
		return WB_ERR_LINK;
	return page.read(link, address, width, count, data);
}

static void a_page_that_is_lost_on_its_way_is_read_again(void **unused)
{
	(void)unused;
	assert_true(wbsim_corrupt_option(board.sim, "WRP1A_STRT"));
	page.read = board.bench.link.read;
	page.fail = 3;
	board.bench.link.read = fails_at_the_page;
	recovered_with("options");
	assert_int_equal(page.fail, 0);
	assert_true(page_is_sound());
}

/* It must not pass for a sound one. */
static void a_page_that_cannot_be_read_is_an_error(void **unused)
{
	(void)unused;
	page.read = board.bench.link.read;
	page.fail = UINT32_MAX;
	board.bench.link.read = fails_at_the_page;
	assert_int_equal(recover_with("options"), WB_ERR_LINK);
	assert_non_null(strstr(board.err.text, "option page at 0x1FFF8000"));
}

/* ---- writes that were cut off ------------------------------------------------------------------ */

static enum wb_status set(const struct wb_option_value *values, unsigned int count)
{
	struct wb_option_changes changes;

	return wb_option_set(board.session, &op, values, count, NULL, &changes, &board.result,
		&board.err);
}

static void pull(void *ctx, const char *place, uint64_t n, const char *step)
{
	(void)ctx;
	(void)n;
	(void)step;
	if (!strcmp(place, "flash"))
		wbsim_unplug(board.sim);
}

/* The chip obeys, and nobody is there to load what it has written. */
static void pull_the_probe_in_the_write(bool on)
{
	wbsim_observe(board.sim, on ? pull : NULL, NULL);
	if (!on)
		wbsim_replug(board.sim);
}

static uint32_t optr(void)
{
	uint32_t value = 0;

	assert_true(wbsim_peek(board.sim, FLASH_OPTR, &value, sizeof(value)));
	return value;
}

static void option_bytes_lost_in_a_write_stay_known_while_their_remedy_fails(void **unused)
{
	static const struct wb_option_value old[] = { { "nRST_STOP", 0 }, { "BOR_LEV", 2 } };
	static const struct wb_option_value wanted[] = { { "BOR_LEV", 3 } };
	uint32_t before;

	(void)unused;
	assert_int_equal(set(old, 2), WB_OK);
	before = optr();
	pull_the_probe_in_the_write(true);
	assert_int_not_equal(set(wanted, 1), WB_OK);
	pull_the_probe_in_the_write(false);
	assert_true(wbsim_strike(board.sim, "brown-out-user=10"));
	power_cycle();
	assert_int_not_equal(optr(), before);
	refused_with(NULL, "options");
	assert_true(wbsim_strike(board.sim, "bsy-hung"));
	assert_int_not_equal(recover_with("options"), WB_OK);
	power_cycle();
	recovered_with("options");
	assert_int_equal(optr(), before);
	assert_int_equal(board.bench.record[WB_RECORD_OPTIONS].len, 0);
}

static const char *const elsewhere[] = { "nSWBOOT0=0", "nBOOT0=0", NULL };

static void option_bytes_written_and_not_loaded_are_loaded(void **unused)
{
	(void)unused;
	anew_as("wb55rg", "2.2.0", elsewhere, NULL);
	pull_the_probe_in_the_write(true);
	recover_with("options");
	pull_the_probe_in_the_write(false);
	assert_int_not_equal(board.bench.record[WB_RECORD_OPTIONS].len, 0);
	recovered_with(NULL); /* what was written had been consented to */
	assert_true(did("were loaded"));
	assert_int_equal(board.bench.record[WB_RECORD_OPTIONS].len, 0);
	refused_with(NULL, "nothing-to-recover");
}

static void pull_when_the_register_has_changed(struct bench *bench)
{
	if (optr() & OPTR_NBOOT0)
		wbsim_unplug(bench->sim);
}

static void registers_whose_page_was_not_written_are_not_believed(void **unused)
{
	(void)unused;
	anew_as("wb55rg", "2.2.0", elsewhere, NULL);
	board.bench.before_operation = pull_when_the_register_has_changed;
	recover_with("options");
	board.bench.before_operation = NULL;
	wbsim_replug(board.sim);
	assert_true(optr() & OPTR_NBOOT0);
	refused_with(NULL, "options");
	assert_non_null(strstr(board.err.text, "system memory"));
	recovered_with("options");
	power_cycle();
	assert_true(optr() & OPTR_NBOOT0);
	refused_with(NULL, "nothing-to-recover");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_page_said_to_be_mended_is_so),
		TEST(a_page_that_is_lost_on_its_way_is_read_again),
		TEST(a_page_that_cannot_be_read_is_an_error),
		TEST(option_bytes_lost_in_a_write_stay_known_while_their_remedy_fails),
		TEST(option_bytes_written_and_not_loaded_are_loaded),
		TEST(registers_whose_page_was_not_written_are_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a person sees of long work. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "command/progress.h"

static struct text seen;

static void keep(void *ctx, const char *text)
{
	text_add(ctx, "%s", text);
}

static struct progress start(bool terminal)
{
	text_free(&seen);
	return (struct progress){ .emit = keep, .ctx = &seen, .terminal = terminal };
}

static void terminal_gets_one_line_that_grows(void **state)
{
	struct progress progress = start(true);

	(void)state;
	for (unsigned int i = 0; i <= 100; i += 5)
		progress_step(&progress, "write", i, 100);
	assert_string_equal(text_str(&seen),
		"  write       ....10....20....30....40....50....60....70....80....90....100 %\n");
	/* within the narrowest terminal there is */
	assert_true(seen.len <= 80);
}

static void others_get_a_line_per_ten_percent(void **state)
{
	struct progress progress = start(false);

	(void)state;
	for (uint64_t i = 0; i <= 300; i++)
		progress_step(&progress, "erase", i, 300);
	assert_string_equal(text_str(&seen),
		"  erase 10 %\n  erase 20 %\n  erase 30 %\n  erase 40 %\n  erase 50 %\n"
		"  erase 60 %\n  erase 70 %\n  erase 80 %\n  erase 90 %\n  erase 100 %\n");
}

static void a_leap_is_one_line(void **state)
{
	struct progress progress = start(false);

	(void)state;
	progress_step(&progress, "write", 1, 3);
	progress_step(&progress, "write", 3, 3);
	assert_string_equal(text_str(&seen), "  write 30 %\n  write 100 %\n");
}

static void a_phase_that_starts_over_is_a_new_line(void **state)
{
	struct progress progress = start(true);

	(void)state;
	progress_step(&progress, "write", 4, 100);
	progress_step(&progress, "write", 0, 100);
	assert_string_equal(text_str(&seen), "  write       ..\n  write       ");
}

static void a_report_ends_the_open_line(void **state)
{
	struct progress progress = start(true);

	(void)state;
	progress_step(&progress, "write", 4, 100);
	progress_report(&progress, false, "the chip reset");
	assert_string_equal(text_str(&seen), "  write       ..\nthe chip reset\n");
}

static void quiet_says_nothing_and_keeps_warnings(void **state)
{
	struct progress progress = start(true);
	struct text warnings = { 0 };

	(void)state;
	progress_begin(&progress, true, &warnings);
	progress_step(&progress, "write", 50, 100);
	progress_report(&progress, false, "a step");
	progress_report(&progress, true, "low supply");
	progress_end(&progress);
	assert_string_equal(text_str(&seen), "");
	assert_string_equal(text_str(&warnings), "low supply\n");
	text_free(&warnings);
}

static void bounds_are_kept(void **state)
{
	struct progress progress = start(false);

	(void)state;
	progress_step(&progress, "nothing", 0, 0);
	progress_step(&progress, "more than all", 200, 100);
	progress_step(&progress,
		"a phase whose name is much longer than anything that was ever meant to stand here",
		1, 1);
	assert_string_equal(text_str(&seen),
		"  more than all 100 %\n"
		"  a phase whose name is much longer than anything 100 %\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(terminal_gets_one_line_that_grows),
		cmocka_unit_test(others_get_a_line_per_ten_percent),
		cmocka_unit_test(a_leap_is_one_line),
		cmocka_unit_test(a_phase_that_starts_over_is_a_new_line),
		cmocka_unit_test(a_report_ends_the_open_line),
		cmocka_unit_test(quiet_says_nothing_and_keeps_warnings),
		cmocka_unit_test(bounds_are_kept),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	text_free(&seen);
	return failed;
}

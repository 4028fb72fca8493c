/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The journal on the host: what outlives a power cut and a process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "command/journal.h"

#define UID 0x0080e12600112233u

static char home[] = "/tmp/openfus-journal-XXXXXX";
static struct wb_link chip_link;

static int make_home(void **state)
{
	(void)state;
	return mkdtemp(home) && setenv("XDG_STATE_HOME", home, 1) == 0 ? 0 : -1;
}

static int remove_home(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", home);
	return system(command);
}

static void no_journal_is_no_error(void **state)
{
	char data[16];
	size_t len = sizeof(data);

	(void)state;
	assert_int_equal(journal_load(&chip_link, 1, WB_RECORD_BOOT, data, &len), WB_OK);
	assert_int_equal(len, 0);
	assert_int_equal(journal_store(&chip_link, 1, WB_RECORD_BOOT, NULL, 0), WB_OK);
}

static void what_was_stored_is_loaded(void **state)
{
	char data[16];
	size_t len = sizeof(data);

	(void)state;
	assert_int_equal(journal_store(&chip_link, UID, WB_RECORD_BOOT, "first", 5), WB_OK);
	assert_int_equal(journal_store(&chip_link, UID, WB_RECORD_BOOT, "second", 6), WB_OK);
	assert_int_equal(journal_load(&chip_link, UID, WB_RECORD_BOOT, data, &len), WB_OK);
	assert_int_equal(len, 6);
	assert_memory_equal(data, "second", 6);

	assert_int_equal(journal_store(&chip_link, UID, WB_RECORD_BOOT, NULL, 0), WB_OK);
	len = sizeof(data);
	assert_int_equal(journal_load(&chip_link, UID, WB_RECORD_BOOT, data, &len), WB_OK);
	assert_int_equal(len, 0);
}

static void file_is_named_by_uid_and_private(void **state)
{
	char path[160];
	struct stat st;

	(void)state;
	assert_int_equal(journal_store(&chip_link, UID, WB_RECORD_BOOT, "x", 1), WB_OK);
	(void)snprintf(path, sizeof(path), "%s/openfus/0080e12600112233.journal", home);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	(void)snprintf(path, sizeof(path), "%s/openfus/0080e12600112233.journal.new", home);
	assert_int_not_equal(stat(path, &st), 0);
}

static void longer_than_the_room_is_refused(void **state)
{
	char data[4];
	size_t len = sizeof(data);

	(void)state;
	assert_int_equal(journal_store(&chip_link, 2, WB_RECORD_BOOT, "12345", 5), WB_OK);
	assert_int_equal(journal_load(&chip_link, 2, WB_RECORD_BOOT, data, &len), WB_ERR_HOST);
	assert_non_null(strstr(chip_link.reason, "longer than the 4 bytes"));
	len = sizeof(data);
	assert_int_equal(journal_store(&chip_link, 2, WB_RECORD_BOOT, "1234", 4), WB_OK);
	assert_int_equal(journal_load(&chip_link, 2, WB_RECORD_BOOT, data, &len), WB_OK);
	assert_int_equal(len, 4);
}

static void records_are_kept_apart(void **state)
{
	static const char *const endings[WB_RECORDS] = { "journal", "pages", "options", "held",
		"safeboot", "away", "antirollback" };
	char data[8], path[160], name[160];
	size_t len;

	(void)state;
	for (enum wb_record record = WB_RECORD_BOOT; record < WB_RECORDS; record++)
		assert_int_equal(journal_store(&chip_link, 5, record, endings[record], 3), WB_OK);
	for (enum wb_record record = WB_RECORD_BOOT; record < WB_RECORDS; record++) {
		len = 0;
		assert_int_equal(journal_load(&chip_link, 5, record, NULL, &len), WB_OK);
		assert_int_equal(len, 3);
		len = sizeof(data);
		assert_int_equal(journal_load(&chip_link, 5, record, data, &len), WB_OK);
		assert_memory_equal(data, endings[record], 3);
		(void)snprintf(path, sizeof(path), "%s/openfus/0000000000000005.%s", home,
			endings[record]);
		journal_name(&chip_link, 5, record, name, sizeof(name));
		assert_string_equal(name, path);
	}
	assert_int_equal(journal_store(&chip_link, 5, WB_RECORD_PAGES, NULL, 0), WB_OK);
	assert_int_equal(journal_load(&chip_link, 5, WB_RECORD_PAGES, NULL, &len), WB_OK);
	assert_int_equal(len, 0);
	assert_int_equal(journal_load(&chip_link, 5, WB_RECORD_BOOT, NULL, &len), WB_OK);
	assert_int_equal(len, 3);
}

static void a_place_that_cannot_be_written_is_told(void **state)
{
	(void)state;
	assert_int_equal(setenv("XDG_STATE_HOME", "/dev/null", 1), 0);
	assert_int_equal(journal_store(&chip_link, 3, WB_RECORD_BOOT, "x", 1), WB_ERR_HOST);
	assert_non_null(strstr(chip_link.reason, "XDG_STATE_HOME"));
	assert_int_equal(setenv("XDG_STATE_HOME", home, 1), 0);
}

static void relative_state_home_counts_as_unset(void **state)
{
	char path[160];
	struct stat st;

	(void)state;
	assert_int_equal(setenv("XDG_STATE_HOME", "somewhere", 1), 0);
	assert_int_equal(setenv("HOME", home, 1), 0);
	assert_int_equal(journal_store(&chip_link, 4, WB_RECORD_BOOT, "x", 1), WB_OK);
	(void)snprintf(
		path, sizeof(path), "%s/.local/state/openfus/0000000000000004.journal", home);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(unsetenv("HOME"), 0);
	assert_int_equal(journal_store(&chip_link, 4, WB_RECORD_BOOT, "x", 1), WB_ERR_HOST);
	assert_int_equal(setenv("XDG_STATE_HOME", home, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_journal_is_no_error),
		cmocka_unit_test(what_was_stored_is_loaded),
		cmocka_unit_test(file_is_named_by_uid_and_private),
		cmocka_unit_test(longer_than_the_room_is_refused),
		cmocka_unit_test(records_are_kept_apart),
		cmocka_unit_test(a_place_that_cannot_be_written_is_told),
		cmocka_unit_test(relative_state_home_counts_as_unset),
	};

	return cmocka_run_group_tests(tests, make_home, remove_home);
}

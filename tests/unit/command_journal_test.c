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
	assert_int_equal(journal_load(&chip_link, 1, data, &len), WB_OK);
	assert_int_equal(len, 0);
	assert_int_equal(journal_store(&chip_link, 1, NULL, 0), WB_OK);
}

static void what_was_stored_is_loaded(void **state)
{
	char data[16];
	size_t len = sizeof(data);

	(void)state;
	assert_int_equal(journal_store(&chip_link, UID, "first", 5), WB_OK);
	assert_int_equal(journal_store(&chip_link, UID, "second", 6), WB_OK);
	assert_int_equal(journal_load(&chip_link, UID, data, &len), WB_OK);
	assert_int_equal(len, 6);
	assert_memory_equal(data, "second", 6);

	assert_int_equal(journal_store(&chip_link, UID, NULL, 0), WB_OK);
	len = sizeof(data);
	assert_int_equal(journal_load(&chip_link, UID, data, &len), WB_OK);
	assert_int_equal(len, 0);
}

static void file_is_named_by_uid_and_private(void **state)
{
	char path[160];
	struct stat st;

	(void)state;
	assert_int_equal(journal_store(&chip_link, UID, "x", 1), WB_OK);
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
	assert_int_equal(journal_store(&chip_link, 2, "12345", 5), WB_OK);
	assert_int_equal(journal_load(&chip_link, 2, data, &len), WB_ERR_HOST);
	assert_non_null(strstr(chip_link.reason, "longer than the 4 bytes"));
	len = sizeof(data);
	assert_int_equal(journal_store(&chip_link, 2, "1234", 4), WB_OK);
	assert_int_equal(journal_load(&chip_link, 2, data, &len), WB_OK);
	assert_int_equal(len, 4);
}

static void a_place_that_cannot_be_written_is_told(void **state)
{
	(void)state;
	assert_int_equal(setenv("XDG_STATE_HOME", "/dev/null", 1), 0);
	assert_int_equal(journal_store(&chip_link, 3, "x", 1), WB_ERR_HOST);
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
	assert_int_equal(journal_store(&chip_link, 4, "x", 1), WB_OK);
	(void)snprintf(
		path, sizeof(path), "%s/.local/state/openfus/0000000000000004.journal", home);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(unsetenv("HOME"), 0);
	assert_int_equal(journal_store(&chip_link, 4, "x", 1), WB_ERR_HOST);
	assert_int_equal(setenv("XDG_STATE_HOME", home, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_journal_is_no_error),
		cmocka_unit_test(what_was_stored_is_loaded),
		cmocka_unit_test(file_is_named_by_uid_and_private),
		cmocka_unit_test(longer_than_the_room_is_refused),
		cmocka_unit_test(a_place_that_cannot_be_written_is_told),
		cmocka_unit_test(relative_state_home_counts_as_unset),
	};

	return cmocka_run_group_tests(tests, make_home, remove_home);
}

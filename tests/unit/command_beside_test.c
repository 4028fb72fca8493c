/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stack that needs FUS 2, named as a file: is the FUS that it needs named if it lies beside it? */
#include <stdio.h>
#include <unistd.h>
#include "tests/unit/command_board.h"

#define SIZE 6004u
#define PAGE_1X 2048u
#define STACK_FILE "stm32wb5x_BLE_Stack_full_fw.bin"

static struct board board;
static char folder[] = "/tmp/openfus-beside.XXXXXX";

static void write_image(const char *name, uint32_t magic, uint32_t version)
{
	uint8_t *data = make_image(SIZE, magic, version);
	char path[sizeof(folder) + 64];
	FILE *file;

	if (strstr(name, "wb1x"))
		data[SIZE - MAKE_TRAILER + 8] = (SIZE + PAGE_1X - 1) / PAGE_1X;
	wb_format(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, SIZE, file), SIZE);
	assert_int_equal(fclose(file), 0);
	free(data);
}

static void remove_image(const char *name)
{
	char path[sizeof(folder) + 64];

	wb_format(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(unlink(path), 0);
}

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(unsetenv("STM32WB_IMAGES"), 0); /* ST's own would do as well */
	memcpy(folder + sizeof(folder) - 7, "XXXXXX", 6);
	assert_non_null(mkdtemp(folder));
	write_image(STACK_FILE, MAKE_STACK_FUS2, VERSION(1, 22, 0));
	board_open(&board, "1.2.0", NULL);
	assert_int_equal(board_say(&board, "fus state"), WB_OK); /* a plan wants to know the FUS */
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	board_hush();
	board_close(&board);
	remove_image(STACK_FILE);
	return rmdir(folder);
}

/* Is it named, where that FUS lies there? */
static bool named(const char *command, const char *fus, uint32_t version)
{
	static const char beside[] = "It lies beside the file: `stm32wb images ";
	char words[160];

	write_image(fus, MAKE_FUS, version);
	wb_format(words, sizeof(words), "%s %s/%s -confirm unknown-image", command, folder, STACK_FILE);
	assert_int_equal(board_say(&board, words), WB_ERR_REFUSED);
	assert_true(board_said_has("(fus2-only)"));
	remove_image(fus);
	return strstr(board_said(), beside) && strstr(strstr(board_said(), beside), folder);
}

static void plan_and_upgrade_name_the_folder_of_the_fus(void **unused)
{
	(void)unused;
	assert_true(named("fus plan", "stm32wb5x_FUS_fw.bin", VERSION(2, 2, 0)));
	assert_true(named("fus upgrade", "stm32wb5x_FUS_fw.bin", VERSION(2, 2, 0)));
}

static void a_fus_that_is_not_the_one_is_not_named(void **unused)
{
	(void)unused;
	assert_false(named("fus plan", "stm32wb5x_FUS_fw.bin", VERSION(1, 1, 2)));
	assert_false(named("fus plan", "stm32wb1x_FUS_fw.bin", VERSION(2, 2, 0)));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(plan_and_upgrade_name_the_folder_of_the_fus),
		TEST(a_fus_that_is_not_the_one_is_not_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

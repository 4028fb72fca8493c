/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A chip that lies: a bad contact, a clone, a damaged part. Whatever it says, an upgrade ends in time with
 * an error that names what was odd, and no flash is written.
 */
#include "tests/unit/core_make.h"
#include "tests/unit/core_board.h"

#define NEW VERSION(1, 24, 0)
#define LONGEST_NS 400000000000ull /* no wait of core's is longer than the FUS's 300 s */

static const struct lie {
	const char *quirk, *option;
	enum wb_status dry, wet; /* looking only, doing */
	const char *says;
} lies[] = {
	{ "flash-size=4096", NULL, WB_ERR_CHIP, WB_ERR_CHIP, "flash size 4096 KiB" },
	{ "flash-size=320", NULL, WB_ERR_CHIP, WB_ERR_CHIP, "flash size 320 KiB" },
	{ "flash-size=65534", NULL, WB_ERR_CHIP, WB_ERR_CHIP, "flash size 65534 KiB" },
	{ NULL, "SFSA=0xFF", WB_ERR_REFUSED, WB_ERR_REFUSED, "SFSA" },
	{ NULL, "SFSA=0x00", WB_ERR_REFUSED, WB_ERR_REFUSED, "Safeboot" },
	{ NULL, "SBRV=0x3FFFF", WB_ERR_REFUSED, WB_ERR_REFUSED, "SBRV" },
	{ NULL, "C2OPT=0", WB_ERR_REFUSED, WB_ERR_REFUSED, "SBRV" },
	{ NULL, "IPCCDBA=0x3FFF", WB_ERR_REFUSED, WB_ERR_CHIP, "IPCCDBA" },
	{ "wild-tables", NULL, WB_ERR_REFUSED, WB_ERR_REFUSED, "FUS" },
	{ "wild-event", NULL, WB_ERR_REFUSED, WB_ERR_CHIP, "event" },
	{ "endless-event", NULL, WB_ERR_REFUSED, WB_ERR_CHIP, "event" },
	{ "endless-bsy", NULL, WB_ERR_REFUSED, WB_ERR_FLASH, "BSY" },
	{ "answer-length=0", NULL, WB_ERR_REFUSED, WB_ERR_CHIP, "0 bytes" },
	{ "answer-length=255", NULL, WB_ERR_REFUSED, WB_ERR_CHIP, "251 bytes" },
	{ "mute-cpu2", NULL, WB_ERR_REFUSED, WB_ERR_TIMEOUT, "said nothing" },
};

static struct board board;
static struct wb_image image;

static int make_images(void **state)
{
	(void)state;
	board_image(&image, BOARD_STACK, NEW, 9004);
	return 0;
}

static int free_images(void **state)
{
	(void)state;
	board_image_free(&image);
	return 0;
}

static void open_board(const struct lie *lie)
{
	const char *const quirks[] = { lie->quirk, NULL }, *const options[] = { lie->option, NULL };

	board_open_chip(&board, &(struct wbsim_config){ .fus = "2.2.0", .quirks = quirks,
		.options = options });
}

static void check(const struct lie *lie, enum wb_status expected, enum wb_status status)
{
	const struct wbsim_stats *stats = wbsim_stats(board.sim);

	print_message("%s: %s\n", lie->quirk ? lie->quirk : lie->option, board.err.text);
	assert_int_equal(status, expected);
	assert_int_equal(stats->flash_erases + stats->flash_dwords + stats->option_writes, 0);
	assert_true(wbsim_now(board.sim) < LONGEST_NS);
}

static void looking_at_a_liar_writes_nothing(void **state)
{
	struct wb_goal goal = { .image = &image, .confirm = { "unknown-image" } };

	(void)state;
	for (const struct lie *lie = lies; lie < lies + sizeof(lies) / sizeof(*lies); lie++) {
		open_board(lie);
		check(lie, lie->dry, wb_fus_upgrade(board.session, &goal, true, &board.plan,
			&board.result, &board.err));
		assert_int_equal(wbsim_stats(board.sim)->target_writes, 0);
		board_close(&board);
	}
}

static void no_liar_gets_an_upgrade(void **state)
{
	(void)state;
	for (const struct lie *lie = lies; lie < lies + sizeof(lies) / sizeof(*lies); lie++) {
		open_board(lie);
		check(lie, lie->wet, board_upgrade(&board, &image));
		if (!strstr(board.err.text, lie->says))
			fail_msg("nothing about %s", lie->says);
		board_check_kept(&board);
		board_close(&board);
	}
}

/* What a power cut in an erase leaves: reading it raises an NMI, where the application loops for ever. */
static void broken_cells_do_not_stop_an_upgrade(void **state)
{
	static const uint32_t broken[] = { 0x08050000, 0x080f1000, 0x080f3000 };

	(void)state;
	board_open_chip(&board, &(struct wbsim_config){ .fus = "2.2.0" });
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++)
		assert_true(wbsim_corrupt(board.sim, broken[i], 0x1000, 2));
	wbsim_power(board.sim, false);
	wbsim_power(board.sim, true);
	wbsim_attach(board.sim);
	if (board_upgrade(&board, &image) != WB_OK)
		fail_msg("%s", board.err.text);
	board_check_stack(&board, NEW);
	board_check_kept(&board);
	board_close(&board);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(looking_at_a_liar_writes_nothing),
		cmocka_unit_test(no_liar_gets_an_upgrade),
		cmocka_unit_test(broken_cells_do_not_stop_an_upgrade),
	};

	return cmocka_run_group_tests(tests, make_images, free_images);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hands at a sick board: its registers and its memory, time, power, and words that must succeed. */
#include "tests/unit/command_sick.h"

#define MS 1000000ull

struct board board;

void poke(uint32_t address, uint32_t value)
{
	assert_int_equal(wbsim_mem_write(board.sim, address, 4, 1, &value), WBSIM_OK);
}

uint32_t look(uint32_t address)
{
	uint32_t value = 0;

	assert_int_equal(wbsim_mem_read(board.sim, address, 4, 1, &value), WBSIM_OK);
	return value;
}

void set(uint32_t address, const void *data, size_t len)
{
	assert_true(wbsim_poke(board.sim, address, data, len));
}

void wait_ms(unsigned int ms)
{
	wbsim_sleep(board.sim, ms * MS);
}

void power_cycle(void)
{
	wbsim_power(board.sim, false);
	wait_ms(100);
	wbsim_power(board.sim, true);
	wbsim_attach(board.sim);
}

void done(const char *words)
{
	if (board_say(&board, words) != WB_OK)
		fail_msg("%s: %s", words, board_said());
}

void install_stack(void)
{
	struct wb_image image;

	board_image(&image, BOARD_STACK, STACK, 6004);
	if (board_upgrade(&board, &image) != WB_OK)
		fail_msg("%s", board.err.text);
	board_image_free(&image);
}

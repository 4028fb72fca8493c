/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of option list, get and set share: a board, and words said to it. */
#ifndef COMMAND_OPTION_TEST_H
#define COMMAND_OPTION_TEST_H

#include "tests/unit/command_board.h"
#include "core/cortex_m.h"
#include "core/options.h"
#include "core/regs.h"

#define FACTORY 0x3ffff1aau /* OPTR as ST delivers it */

static struct board board;

static inline int set_up(void **state)
{
	(void)state;
	board_open(&board, "2.2.0", NULL);
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	board_hush();
	board_close(&board);
	return 0;
}

static inline void other_board(const struct wbsim_config *config)
{
	tear_down(NULL);
	board_open_chip(&board, config);
}

static inline uint32_t peek(uint32_t address)
{
	uint32_t value = 0;

	assert_true(wbsim_peek(board.sim, address, &value, sizeof(value)));
	return value;
}

/* FLASH_OPTR as it is in force after a power cycle. */
static inline uint32_t optr_kept(void)
{
	wbsim_power(board.sim, false);
	wbsim_power(board.sim, true);
	return peek(FLASH_OPTR);
}

static inline void done(const char *words)
{
	if (board_say(&board, words) != WB_OK)
		fail_msg("%s: %s", words, board_said());
}

static inline void expect(const char *words, enum wb_status status, const char *text)
{
	enum wb_status got = board_say(&board, words);

	if (got != status || !board_said_has(text))
		fail_msg("%s: %s: %s", words, wb_status_name(got), board_said());
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif

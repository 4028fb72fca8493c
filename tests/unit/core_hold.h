/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A WB55 with FUS 2.2.0 in our hands: what the tests of holding it share. */
#ifndef CORE_HOLD_H
#define CORE_HOLD_H

#include "tests/unit/core_make.h"
#include "tests/unit/core_board.h"
#include "core/cortex_m.h"
#include "core/regs.h"

#define STACK VERSION(1, 24, 0)

static struct board board;
static struct wb_link real; /* the bench's own functions */
static const struct wb_operation op;

static void with(const char *quirk)
{
	const char *const quirks[] = { quirk, NULL };

	board_open(&board, "2.2.0", quirks);
	real = board.bench.link;
}

static int tear_down(void **state)
{
	(void)state;
	board_close(&board);
	return 0;
}

static uint32_t reg(uint32_t address)
{
	uint32_t value = 0;

	assert_true(wbsim_peek(board.sim, address, &value, sizeof(value)));
	return value;
}

static bool halted(void)
{
	return reg(CM_DHCSR) & CM_DHCSR_S_HALT;
}

static void poke(uint32_t address, uint32_t value)
{
	assert_int_equal(wbsim_mem_write(board.sim, address, 4, 1, &value), WBSIM_OK);
}

static enum wb_status state(void)
{
	return wb_fus_state(board.session, &op, &board.result, &board.err);
}

static enum wb_status upgrade(void)
{
	struct wb_image image;
	enum wb_status status;

	board_image(&image, BOARD_STACK, STACK, 6004);
	status = board_upgrade(&board, &image);
	board_image_free(&image);
	return status;
}

static void check(enum wb_status expected, enum wb_status status)
{
	if (status != expected)
		fail_msg("%d: %s", status, board.err.text);
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of recover share: a board, the command, and what it must leave behind. */
#ifndef CORE_RECOVER_TEST_H
#define CORE_RECOVER_TEST_H

#include <stdio.h>
#include "tests/unit/core_make.h"
#include "tests/unit/core_board.h"
#include "core/cortex_m.h"
#include "core/recover.h"
#include "core/regs.h"

#define STACK VERSION(1, 24, 0)
#define STACK_SIZE 6004u

static struct board board;
static struct wb_recovery recovery;
static const struct wb_operation plain;

static inline void open_chip(const char *chip, const char *fus, const char *const *options,
	const char *const *quirks)
{
	board_open_chip(&board, &(struct wbsim_config){
		.chip = chip, .fus = fus, .options = options, .quirks = quirks });
}

static inline enum wb_status recover_with(const char *risk)
{
	const char *const confirm[] = { risk, NULL };
	const struct wb_operation op = { .confirm = confirm };

	return wb_fus_recover(board.session, &op, &recovery, &board.result, &board.err);
}

static inline void recovered_with(const char *risk)
{
	if (recover_with(risk) != WB_OK)
		fail_msg("%s", board.err.text);
}

static inline void refused_with(const char *risk, const char *rule)
{
	wbsim_stats_clear(board.sim);
	assert_int_equal(recover_with(risk), WB_ERR_REFUSED);
	assert_string_equal(board.err.rule, rule);
}

static inline void nothing_written(void)
{
	assert_int_equal(wbsim_stats(board.sim)->target_writes, 0);
	assert_int_equal(wbsim_stats(board.sim)->resets, 0);
	assert_int_equal(wbsim_stats(board.sim)->halts, 0);
}

static inline bool did(const char *words)
{
	for (unsigned int i = 0; i < recovery.deeds; i++)
		if (strstr(recovery.deed[i], words))
			return true;
	return false;
}

static inline struct wbsim_cpu2_view view(void)
{
	struct wbsim_cpu2_view v;

	wbsim_cpu2_view(board.sim, &v);
	return v;
}

static inline void install(void)
{
	struct wb_image image;

	board_image(&image, BOARD_STACK, STACK, STACK_SIZE);
	if (board_upgrade(&board, &image) != WB_OK)
		fail_msg("%s", board.err.text);
	board_image_free(&image);
}

static inline bool blank(uint32_t address, size_t len)
{
	static uint8_t flash[0x10000];

	assert_true(wbsim_peek(board.sim, address, flash, len));
	for (size_t i = 0; i < len; i++)
		if (flash[i] != 0xff)
			return false;
	return true;
}

#endif

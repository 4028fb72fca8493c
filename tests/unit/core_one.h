/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One board at a time, a WB55RG with FUS 2.2.0 unless said otherwise, and the commands on it. */
#ifndef CORE_ONE_H
#define CORE_ONE_H

#include <stdio.h>
#include "tests/unit/core_make.h"
#include "tests/unit/core_board.h"

#define STACK VERSION(1, 24, 0)
#define STACK_SIZE 6004u

static struct board board;
static const struct wb_operation op;

static inline int set_up(void **state)
{
	(void)state;
	board_open(&board, "2.2.0", NULL);
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	board_close(&board);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* Another board in its place. */
static inline void anew_as(const char *chip, const char *fus, const char *const *options,
	const char *const *quirks)
{
	board_close(&board);
	board_open_chip(&board, &(struct wbsim_config){
		.chip = chip, .fus = fus, .options = options, .quirks = quirks });
}

static inline void anew(const char *chip, const char *fus)
{
	anew_as(chip, fus, NULL, NULL);
}

static inline void anew_with(const char *quirk)
{
	anew_as("wb55rg", "2.2.0", NULL, (const char *const[]){ quirk, NULL });
}

static inline void power_cycle(void)
{
	wbsim_clear_faults(board.sim);
	wbsim_power(board.sim, false);
	wbsim_power(board.sim, true);
	wbsim_attach(board.sim);
}

static inline struct wbsim_cpu2_view view(void)
{
	struct wbsim_cpu2_view v;

	wbsim_cpu2_view(board.sim, &v);
	return v;
}

static inline enum wb_status install(uint32_t version)
{
	struct wb_image image;
	enum wb_status status;

	board_image(&image, BOARD_STACK, version, STACK_SIZE);
	status = board_upgrade(&board, &image);
	board_image_free(&image);
	return status;
}

static inline void install_stack(void)
{
	if (install(STACK) != WB_OK)
		fail_msg("%s", board.err.text);
}

#endif

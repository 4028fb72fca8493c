/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of -preserve share: a small chip with user data where a FUS image is staged. */
#ifndef CORE_PRESERVE_TEST_H
#define CORE_PRESERVE_TEST_H

#include "tests/unit/core_make.h"
#include "tests/unit/core_board.h"

#define PAGE 4096u
#define FUS_PAGES 4u
#define SMALL_TOP 0x08040000u /* a part of 256 KiB: less to look through */
#define FUS_PLACE (SMALL_TOP - FUS_PAGES * PAGE) /* with no stack installed */

static struct board board;
static struct wb_image fus;
static uint8_t mark[PAGE], blank[PAGE];

static inline int make_fus(void **state)
{
	(void)state;
	board_image(&fus, BOARD_FUS, VERSION(2, 2, 0), 12804);
	memset(blank, 0xff, sizeof(blank));
	for (unsigned int i = 0; i < PAGE; i++)
		mark[i] = (uint8_t)(i * 13 + 5 + (i >> 7));
	return 0;
}

static inline int free_fus(void **state)
{
	(void)state;
	board_image_free(&fus);
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	board_close(&board);
	return 0;
}

static inline void must(enum wb_status status)
{
	if (status != WB_OK)
		fail_msg("%s", board.err.text);
}

static inline void put(uint32_t address)
{
	assert_true(wbsim_poke(board.sim, address, mark, PAGE));
}

static inline void holds(uint32_t address, const uint8_t *what)
{
	uint8_t page[PAGE];

	assert_true(wbsim_peek(board.sim, address, page, PAGE));
	if (memcmp(page, what, PAGE))
		fail_msg("the page at 0x%08X is not as it was", (unsigned int)address);
}

static inline enum wb_status upgrade(const struct wb_image *image, struct wb_goal goal)
{
	unsigned int n = 0;

	goal.image = image;
	while (goal.confirm[n])
		n++;
	goal.confirm[n] = "unknown-image";
	board.err.text[0] = board.err.rule[0] = '\0';
	return wb_fus_upgrade(board.session, &goal, false, &board.plan, &board.result, &board.err);
}

static inline enum wb_status preserve(const struct wb_image *image)
{
	return upgrade(image, (struct wb_goal){ .preserve = true });
}

/* A small chip with FUS 2.1.0, and user data at the first, the third and the last staged page. */
static inline void open_with_data(const char *const *quirks)
{
	board_open_chip(&board, &(struct wbsim_config){ .chip = "wb55rc", .fus = "2.1.0",
		.quirks = quirks });
	put(FUS_PLACE);
	put(FUS_PLACE + 2 * PAGE);
	put(FUS_PLACE + 3 * PAGE);
}

static inline void check_data(void)
{
	for (unsigned int i = 0; i < FUS_PAGES; i++)
		holds(FUS_PLACE + i * PAGE, i == 0 || i == 2 || i == 3 ? mark : blank);
	board_check_kept(&board);
}

static inline void check_fus(uint32_t version)
{
	struct wbsim_cpu2_view view;

	wbsim_cpu2_view(board.sim, &view);
	assert_int_equal(view.fus_version, version);
}

/* As a person goes on: board and probe mended, a fresh process. */
static inline void mend(void)
{
	bench_mend(&board.bench);
	wb_session_free(board.session);
	board.session = wb_session_new(&board.bench.link);
	wbsim_attach(board.sim);
}

#endif

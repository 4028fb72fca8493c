/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Images, and the errands that several tests of the CM0+ run. */
#include "sim_cpu2_errands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

const struct make_image small = SMALL_IMAGE;
const struct make_image large = LARGE_IMAGE;
const struct make_image with_nvm = WITH_NVM_IMAGE;
const struct make_image fus22 = FUS22_IMAGE;

static uint32_t size_pages(uint32_t size)
{
	return (size + PAGE - 1) / PAGE * PAGE;
}

struct board *board_of(const char *fus, bool alt, bool below)
{
	struct wbsim_config cfg = { .fus = fus };
	struct board *b = board_new(&cfg);

	b->sim->quirks.alt_order = alt;
	b->sim->quirks.nvm_below = below;
	return b;
}

struct wbsim_cpu2_view view_of(struct board *b)
{
	struct wbsim_cpu2_view v;

	wbsim_cpu2_view(b->sim, &v);
	return v;
}

void fill_user(struct board *b, uint32_t end)
{
	for (uint32_t i = 0; i < end - FLASH_BASE; i++)
		b->sim->flash[i] = (uint8_t)(i * 7 + (i >> 12));
}

void assert_user_kept(struct board *b, uint32_t end)
{
	for (uint32_t i = 0; i < end - FLASH_BASE; i++)
		assert_int_equal(b->sim->flash[i], (uint8_t)(i * 7 + (i >> 12)));
}

void assert_blank(struct board *b, uint32_t from, uint32_t to)
{
	for (uint32_t i = from - FLASH_BASE; i < to - FLASH_BASE; i++)
		assert_int_equal(b->sim->flash[i], 0xff);
}

uint32_t stage(struct board *b, const struct make_image *m, uint32_t below)
{
	uint8_t *image = board_image(m);
	uint32_t at = below - size_pages(m->size);

	flash_cpu2_erase(b->sim, at, size_pages(m->size));
	board_stage(b, at, image, m->size);
	free(image);
	return at;
}

void assert_stack(struct board *b, const struct make_image *m, uint32_t start)
{
	struct wbsim_cpu2_view v = view_of(b);
	uint8_t *image = board_image(m);

	assert_string_equal(v.runs, "stack");
	assert_int_equal(v.stack_version, m->version);
	assert_int_equal(v.stack_type, m->type);
	assert_int_equal(v.sbrv, (start - FLASH_BASE) / 4);
	assert_false(v.busy);
	assert_memory_equal(b->sim->flash + (start - FLASH_BASE), image, m->size);
	free(image);
}

int upgrade(struct board *b)
{
	assert_int_equal(board_start(b), READY_FUS);
	assert_int_equal(board_command(b, FW_UPGRADE), 0);
	return board_follow(b);
}

void install(struct board *b, const struct make_image *m)
{
	stage(b, m, FUS_START - m->nvm * PAGE);
	assert_int_equal(upgrade(b), READY_STACK);
}

void enter_fus(struct board *b)
{
	assert_int_equal(board_command(b, GET_STATE), 0xFF);
	assert_int_equal(b->error, 0xFE);
	assert_int_equal(board_command(b, GET_STATE), CMD_RESET);
	assert_int_equal(board_start(b), READY_FUS);
}

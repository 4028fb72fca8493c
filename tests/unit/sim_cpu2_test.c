/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The FUS of the virtual chip: ready event, GET_STATE, upgrades, refusals. */
#include "sim_cpu2_errands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COMMAND_AT 0x100u /* in SRAM2a: sim_cpu2_host.c */

/* ---- the FUS alone ---- */

static void fus_says_ready_and_its_versions(void **state)
{
	struct board *b = board_of("1.2.0", false, false);
	const uint32_t *info = (const uint32_t *)(const void *)(b->sim->sram2a + 0x40);

	(void)state;
	assert_int_equal(board_start(b), READY_FUS);
	assert_int_equal(info[0], 0xA94656B9);
	assert_int_equal(info[3], 0x01020000);
	assert_int_equal(info[5], 0);
	assert_int_equal(info[12], 0x495);
	assert_int_equal(board_command(b, GET_STATE), 0);
	assert_int_equal(board_command(b, 0x1234), 0xFE);
	assert_int_equal(b->opcode, 0x00FE);
	board_free(b);
}

/* As read on a WB55CG: other words than ours, all with the same meaning. */
static void device_info_can_be_a_boards(void **state)
{
	static const uint32_t seen[] = { 0xA94656B9, 1, 0x01010000, 0x01010100, 6, 0, 0, 0, 0, 0 };
	struct board *b = board_of("1.1.1", false, false);
	const uint32_t *info = (const uint32_t *)(const void *)(b->sim->sram2a + 0x40);

	(void)state;
	b->sim->quirks.info = SIM_INFO_BOARD;
	assert_int_equal(board_start(b), READY_FUS);
	assert_memory_equal(info, seen, sizeof(seen));
	assert_int_equal(info[12], 0x496);
	board_free(b);
}

static void first_state_is_ff_where_asked_for(void **state)
{
	struct board *b = board_of(NULL, false, false);

	(void)state;
	b->sim->quirks.first_state_ff = true;
	assert_int_equal(board_start(b), READY_FUS);
	assert_int_equal(board_command(b, GET_STATE), 0xFF);
	assert_int_equal(board_command(b, GET_STATE), 0);
	board_free(b);
}

static void fus_is_silent_without_tables_clock_or_voice(void **state)
{
	struct board *b = board_of(NULL, false, false);

	(void)state;
	b->sim->quirks.need_crcen = true;
	b->c2crc = false;
	assert_int_equal(board_start(b), READY_NONE);
	b->c2crc = true;
	board_power_off(b);
	board_power_on(b);
	cpu2_boot(b->sim); /* no tables at all */
	board_run(b, 1000 * MS);
	assert_false(b->sim->cpu2->up);
	board_power_off(b);
	board_power_on(b);
	assert_int_equal(board_start(b), READY_FUS);
	b->sim->quirks.mute_cpu2 = true;
	board_power_off(b);
	board_power_on(b);
	assert_int_equal(board_start(b), READY_NONE);
	board_free(b);
}

/* It is read when the flag is seen, not when it is answered. */
static void a_command_counts_as_it_was_with_its_flag(void **state)
{
	struct board *b = board_of(NULL, false, false);
	uint8_t *p = b->sim->sram2a + COMMAND_AT;
	const uint8_t get_state[] = { 0x10, 0x52, 0xFC, 0 }, start_ws[] = { 0x10, 0x5A, 0xFC, 0 };

	(void)state;
	assert_int_equal(board_start(b), READY_FUS);
	memcpy(p + 8, get_state, sizeof(get_state));
	b->c1_to_c2 |= 4;
	cpu2_ipcc(b->sim);
	memcpy(p + 8, start_ws, sizeof(start_ws));
	cpu2_ipcc(b->sim); /* CPU1 is at another channel */
	board_run(b, 10 * MS);
	assert_int_equal(b->c1_to_c2, 0);
	assert_int_equal(p[4] | p[5] << 8, GET_STATE);
	board_free(b);
}

static void tables_are_where_ipccdba_says(void **state)
{
	struct board *b = board_of(NULL, false, false);

	(void)state;
	board_set_option(b, "IPCCDBA", 0x200);
	assert_int_equal(board_start(b), READY_FUS);
	board_power_off(b);
	b->sim->quirks.ipccdba_x8 = true;
	board_power_on(b);
	assert_int_equal(board_start(b), READY_FUS);
	board_free(b);
}

static void rom_starts_the_fus_of_a_blank_chip(void **state)
{
	struct board *b = board_of(NULL, false, false);

	(void)state;
	board_power_off(b);
	b->sim->quirks.rom_started_fus = true;
	board_power_on(b);
	board_run(b, 100 * MS);
	assert_true(b->sim->cpu2->up);
	board_power_off(b);
	b->sim->flash[0] = 0;
	board_power_on(b);
	board_run(b, 100 * MS);
	assert_false(b->sim->cpu2->up);
	board_free(b);
}

/* ---- upgrades ---- */

static void stack_is_installed_and_started(void **state)
{
	for (int way = 0; way < 4; way++) {
		struct board *b = board_of("2.2.0", way & 1, way & 2);
		uint32_t place = FUS_START - (way & 2 ? 5u : 9u) * PAGE, at;

		(void)state;
		fill_user(b, place - 20 * PAGE);
		at = stage(b, &with_nvm, place - PAGE); /* lower than needed: it has to be moved */
		assert_int_equal(upgrade(b), READY_STACK);
		assert_true(b->resets >= 2);
		assert_stack(b, &with_nvm, place);
		assert_int_equal(view_of(b).sfsa, 0xF4 - 9);
		assert_int_equal(options_get(b->sim, "SBRSA"), 10);
		assert_blank(b, at, place - (way & 2 ? 4 * PAGE : 0));
		assert_user_kept(b, place - 20 * PAGE);
		board_free(b);
	}
}

static void stack_is_replaced_by_larger_and_smaller(void **state)
{
	for (int alt = 0; alt < 2; alt++) {
		struct board *b = board_of("1.2.0", alt, false);

		(void)state;
		fill_user(b, FUS_START - 30 * PAGE);
		install(b, &small);
		assert_stack(b, &small, FUS_START - 3 * PAGE);
		enter_fus(b);
		stage(b, &large, FUS_START - 4 * PAGE); /* a page between */
		assert_int_equal(board_command(b, FW_UPGRADE), 0);
		assert_int_equal(board_follow(b), READY_STACK);
		assert_stack(b, &large, FUS_START - 6 * PAGE);
		enter_fus(b);
		stage(b, &small, FUS_START - 7 * PAGE);
		assert_int_equal(board_command(b, FW_UPGRADE), 0);
		assert_int_equal(board_follow(b), READY_STACK);
		assert_stack(b, &small, FUS_START - 3 * PAGE);
		assert_blank(b, FUS_START - 30 * PAGE, FUS_START - 3 * PAGE);
		assert_user_kept(b, FUS_START - 30 * PAGE);
		board_free(b);
	}
}

static void fus_is_upgraded_and_keeps_the_stack(void **state)
{
	for (int alt = 0; alt < 2; alt++) {
		struct board *b = board_of("1.2.0", alt, false);
		uint8_t *image = board_image(&fus22);

		(void)state;
		install(b, &small);
		enter_fus(b);
		stage(b, &fus22, FUS_START - 3 * PAGE);
		assert_int_equal(board_command(b, FW_UPGRADE), 0);
		assert_int_equal(board_follow(b), READY_FUS);
		assert_int_equal(b->last_state, 0);
		assert_int_equal(view_of(b).fus_version, 0x02020000);
		assert_int_equal(view_of(b).sbrv, SBRV_FUS);
		assert_int_equal(view_of(b).sfsa, 0xF1);
		assert_memory_equal(b->sim->flash + 0xF4000, image, fus22.size);
		assert_blank(b, FLASH_BASE, FUS_START - 3 * PAGE);
		assert_int_equal(board_command(b, START_WS), 0);
		assert_int_equal(board_follow(b), READY_STACK);
		assert_stack(b, &small, FUS_START - 3 * PAGE);
		free(image);
		board_free(b);
	}
}

static void stack_is_deleted(void **state)
{
	for (int alt = 0; alt < 2; alt++) {
		struct board *b = board_of("2.2.0", alt, false);

		(void)state;
		fill_user(b, FUS_START - 9 * PAGE);
		install(b, &with_nvm);
		enter_fus(b);
		assert_int_equal(board_command(b, FW_DELETE), 0);
		assert_int_equal(board_follow(b), READY_FUS);
		assert_int_equal(b->last_state, 0);
		assert_int_equal(view_of(b).stack_version, 0);
		assert_int_equal(view_of(b).sfsa, 0xF4);
		assert_blank(b, FUS_START - 9 * PAGE, FUS_START);
		assert_user_kept(b, FUS_START - 9 * PAGE);
		board_free(b);
	}
}

static void without_a_stack_start_and_delete_find_no_image(void **state)
{
	static const uint16_t commands[] = { FW_DELETE, START_WS };

	for (int i = 0; i < 2; i++) {
		struct board *b = board_of(NULL, false, false);

		(void)state;
		assert_int_equal(board_start(b), READY_FUS);
		assert_int_equal(board_command(b, commands[i]), 0);
		assert_int_equal(board_command(b, GET_STATE), 0xFF);
		assert_int_equal(b->error, 0x01);
		assert_int_equal(board_command(b, GET_STATE), 0);
		board_free(b);
	}
}

/* What tools' logs say is no document: other answers are as good. */
static void without_a_stack_other_answers_can_be_had(void **state)
{
	static const struct {
		uint8_t quirk;
		int answer, then, error;
		bool resets;
	} rows[] = {
		{ SIM_NONE_REFUSED, 0xFF, 0, 0, false },
		{ SIM_NONE_UNKNOWN, 0, 0xFF, 0xFF, false },
		{ SIM_NONE_IDLE, 0, 0, 0, false },
		{ SIM_NONE_RESETS, 0, 0, 0, true },
	};
	static const uint16_t commands[] = { FW_DELETE, FW_PURGE, START_WS };

	(void)state;
	for (size_t i = 0; i < 3 * sizeof(rows) / sizeof(*rows); i++) {
		struct board *b = board_of("2.2.0", false, false);
		unsigned int resets;

		b->sim->quirks.no_stack = rows[i / 3].quirk;
		assert_int_equal(board_start(b), READY_FUS);
		resets = b->resets;
		assert_int_equal(board_command(b, commands[i % 3]), rows[i / 3].answer);
		if (rows[i / 3].answer)
			assert_int_equal(b->error, 0x01);
		assert_int_equal(board_follow(b), READY_FUS);
		assert_int_equal(b->resets != resets, rows[i / 3].resets);
		assert_int_equal(b->last_state, rows[i / 3].then);
		if (rows[i / 3].then)
			assert_int_equal(b->error, rows[i / 3].error);
		assert_int_equal(view_of(b).sfsa, 0xF4);
		board_free(b);
	}
}

static void first_answer_of_a_full_stack_takes_seconds(void **state)
{
	struct make_image full = { MAKE_STACK, 0xABCDABCD, V_STACK, 129460, 0, 1, 0, 0, 0, 9 };
	struct board *b = board_of(NULL, false, false);
	uint64_t asked;

	(void)state;
	stage(b, &full, FUS_START);
	assert_int_equal(board_start(b), READY_FUS);
	assert_int_equal(board_command(b, FW_UPGRADE), 0);
	asked = b->sim->now;
	assert_int_equal(board_command(b, GET_STATE) & 0xF0, 0x10);
	assert_in_range(b->sim->now - asked, 1000 * MS, 3700 * MS);
	board_free(b);
}

/* ---- refusals ---- */

struct refusal {
	const char *fus;
	struct make_image image;
	uint32_t end;    /* staged below */
	uint32_t second; /* a second copy below this, or 0 */
	uint32_t flip;   /* this byte is damaged, or 0 */
	uint32_t cut;    /* so many bytes at the end are missing */
	uint8_t front;   /* also one page of it, as left by an older attempt */
	uint8_t error;
};

static const struct refusal refusals[] = {
	{ "1.2.0", SMALL_IMAGE, FUS_START, 0, 0, 4, 0, 0x01 },
	{ "1.2.0", WITH_NVM_IMAGE, FUS_START - 4 * PAGE, 0, 0, 0, 0, 0x01 },
	{ "1.2.0", SMALL_IMAGE, FUS_START, FUS_START - 9 * PAGE, 0, 0, 0, 0x03 },
	{ "1.2.0", SMALL_IMAGE, FUS_START, 0, 5000, 0, 0, 0x03 },
	{ "1.2.0", SMALL_IMAGE, FUS_START, 0, 0, 0, 1, 0x03 },
	{ "2.2.0", WITH_NVM_IMAGE, FUS_START, 0, 0, 0, 0, 0x04 },
	{ "2.2.0", FUS22_IMAGE, FUS_START, 0, 0, 0, 0, 0x03 },
	{ "1.0.2", FUS22_IMAGE, FUS_START, 0, 0, 0, 0, 0x03 },
	{ "2.2.0", { MAKE_FUS, 0, 0x01020000, 24468, 0, 0, 0, 0, 0, 5 }, FUS_START, 0, 0, 0, 0,
		0x03 },
	{ "1.2.0", { MAKE_STACK, 0x5AFEB007, 0x02000003, 7316, 0, 0, 0, 0, 0, 6 }, FUS_START, 0, 0,
		0, 0, 0x03 },
	{ "1.2.0", { MAKE_STACK, 0, V_STACK, 20000, 0, 1, 0, 0, 2048, 7 }, FUS_START, 0, 0, 0, 0,
		0x03 },
};

static void wrong_images_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal *r = &refusals[i];
		struct board *b = board_of(r->fus, false, false);
		uint8_t *before = malloc(SIM_FLASH_BYTES);
		uint32_t at = stage(b, &r->image, r->end), base = at - FLASH_BASE;

		assert_non_null(before);
		if (r->second)
			stage(b, &r->image, r->second);
		if (r->front)
			memcpy(b->sim->flash + 64 * PAGE, b->sim->flash + base, PAGE);
		if (r->flip)
			b->sim->flash[base + r->flip] ^= 1;
		memset(b->sim->flash + base + r->image.size - r->cut, 0xff, r->cut);
		memcpy(before, b->sim->flash, SIM_FLASH_BYTES);
		assert_int_equal(upgrade(b), READY_FUS);
		if (b->last_state != 0xFF || b->error != r->error)
			fail_msg("row %zu: state %02X error %02X", i, b->last_state, b->error);
		assert_int_equal(board_command(b, GET_STATE), 0);
		assert_memory_equal(before, b->sim->flash, SIM_FLASH_BYTES);
		assert_int_equal(view_of(b).sfsa, 0xF4);
		free(before);
		board_free(b);
	}
}

static void stack_right_below_the_old_one_finds_no_space(void **state)
{
	struct board *b = board_of("1.2.0", false, false);

	(void)state;
	install(b, &small);
	enter_fus(b);
	stage(b, &large, FUS_START - 3 * PAGE);
	assert_int_equal(board_command(b, FW_UPGRADE), 0);
	assert_int_equal(board_follow(b), READY_FUS);
	assert_int_equal(b->error, 0x04);
	board_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fus_says_ready_and_its_versions),
		cmocka_unit_test(device_info_can_be_a_boards),
		cmocka_unit_test(first_state_is_ff_where_asked_for),
		cmocka_unit_test(fus_is_silent_without_tables_clock_or_voice),
		cmocka_unit_test(a_command_counts_as_it_was_with_its_flag),
		cmocka_unit_test(tables_are_where_ipccdba_says),
		cmocka_unit_test(rom_starts_the_fus_of_a_blank_chip),
		cmocka_unit_test(stack_is_installed_and_started),
		cmocka_unit_test(stack_is_replaced_by_larger_and_smaller),
		cmocka_unit_test(fus_is_upgraded_and_keeps_the_stack),
		cmocka_unit_test(stack_is_deleted),
		cmocka_unit_test(without_a_stack_start_and_delete_find_no_image),
		cmocka_unit_test(without_a_stack_other_answers_can_be_had),
		cmocka_unit_test(first_answer_of_a_full_stack_takes_seconds),
		cmocka_unit_test(wrong_images_are_refused),
		cmocka_unit_test(stack_right_below_the_old_one_finds_no_space),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

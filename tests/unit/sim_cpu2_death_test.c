/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What kills a chip, or takes something from it for good: the wrong FUS, a larger second stack,
 * anti-rollback, Safeboot images, a customer's key. Each as ST's wiki page has it, in both orders.
 */
#include "sim_cpu2_errands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include "sim/testsig.h"

#define UPDATE_AUTH_KEY 0xFC56
#define LOCK_AUTH_KEY 0xFC57
#define ANTIROLLBACK 0xFC5F
#define NOT_AUTHENTIC 0x03
#define NO_SPACE 0x04
#define NO_CUSTOMER 0x09
#define KEY_LOCKED 0x0A
#define ROLLBACK 0x11
#define ORDERS 2

static const struct make_image safeboot1 = { MAKE_STACK, 0x5AFEB007, 0x02000003, 7316, 0, 0, 0, 0, 0,
	6 };
static const struct make_image safeboot2 = { 0x927A6741, 0, 0x02000100, 4244, 0, 0, 0, 0, 0, 7 };
static const struct make_image older = { MAKE_STACK, 0xABCDABCD, V_OTHER, 3 * PAGE - 92, 0, 2, 0, 0,
	0, 8 };

/* The board has a part of 1 MiB; others differ, for the CM0+, by this. */
static struct board *part_of(uint16_t kib, const char *fus, bool alt)
{
	static struct sim_part part;
	struct board *b = board_of(fus, alt, false);

	part = *b->sim->part;
	part.flash_kib = kib;
	b->sim->part = &part;
	return b;
}

static struct make_image fus_image(uint32_t version, uint8_t type)
{
	return (struct make_image){ MAKE_FUS, 0xABCDABCD, version, 24492, 0, type, 32, 16, 0, 9 };
}

/* A FUS image on a chip: staged at the end of its user flash, and the command sent. */
static int give_fus(struct board *b, uint32_t version, uint8_t type)
{
	struct make_image m = fus_image(version, type);
	uint32_t user = FLASH_BASE + b->sim->part->flash_kib * 1024u;
	uint32_t end = cpu2_boundary(b->sim) - (view_of(b).stack_version ? PAGE : 0);

	stage(b, &m, (end < user ? end : user) & ~(PAGE - 1));
	assert_int_equal(board_command(b, FW_UPGRADE), 0);
	return board_follow(b);
}

static void fus_0_5_3_starts_elsewhere_and_takes_its_own_file(void **state)
{
	(void)state;
	for (int alt = 0; alt < ORDERS; alt++) {
		struct board *b = board_of("0.5.3", alt, false);

		assert_int_equal(view_of(b).sfsa, 0xF6);
		assert_int_equal(view_of(b).sbrv, 0x3D800);
		assert_blank(b, FUS_START, FUS_START + 2 * PAGE);
		assert_int_equal(board_start(b), READY_FUS);
		assert_int_equal(board_command(b, ANTIROLLBACK), 0xFE);
		assert_int_equal(b->opcode, 0x00FE);
		assert_int_equal(give_fus(b, UINT32_MAX, 0), READY_FUS);
		assert_int_equal(b->error, NOT_AUTHENTIC);
		flash_cpu2_erase(b->sim, FLASH_BASE, FUS_START - FLASH_BASE);
		assert_int_equal(give_fus(b, UINT32_MAX, TESTSIG_FOR_053), READY_FUS);
		assert_int_equal(view_of(b).fus_version, 0x01020000);
		assert_int_equal(view_of(b).sfsa, 0xF4);
		assert_int_equal(view_of(b).sbrv, SBRV_FUS);
		assert_true(view_of(b).user_keys_lost);
		board_free(b);
	}
}

static void fus_1_0_1_locks_a_small_part_for_ever(void **state)
{
	static const uint16_t kib[] = { 1024, 640, 256 };

	(void)state;
	for (int i = 0; i < 3 * ORDERS; i++) {
		struct board *b = part_of(kib[i / ORDERS], "0.5.3", i % ORDERS);
		int runs;

		assert_int_equal(board_start(b), READY_FUS);
		runs = give_fus(b, 0x01000100, 0);
		assert_int_equal(runs, i < ORDERS ? READY_FUS : READY_NONE);
		assert_int_equal(view_of(b).dead, i >= ORDERS);
		board_power_off(b);
		board_power_on(b);
		assert_int_equal(board_start(b), i < ORDERS ? READY_FUS : READY_NONE);
		board_free(b);
	}
}

static void from_1_1_0_to_1_1_1_the_keys_are_lost(void **state)
{
	struct board *b = board_of("1.1.0", false, false);

	(void)state;
	assert_int_equal(board_start(b), READY_FUS);
	assert_int_equal(give_fus(b, 0x01010100, 0), READY_FUS);
	assert_int_equal(view_of(b).fus_version, 0x01010100);
	assert_true(view_of(b).keys_lost);
	stage(b, &small, FUS_START);
	assert_int_equal(board_command(b, FW_UPGRADE), 0);
	assert_int_equal(board_follow(b), READY_FUS);
	assert_int_equal(b->error, NOT_AUTHENTIC);
	board_free(b);
}

static void larger_second_stack_kills_before_1_2_0(void **state)
{
	static const char *const versions[] = { "1.0.2", "1.1.2", "1.2.0" };

	(void)state;
	for (int i = 0; i < 3 * ORDERS; i++) {
		struct board *b = board_of(versions[i / ORDERS], i % ORDERS, false);
		bool dies = i < 2 * ORDERS;

		install(b, &small);
		enter_fus(b);
		stage(b, &large, FUS_START - (3 + 6) * PAGE); /* the image's size again between */
		assert_int_equal(board_command(b, FW_UPGRADE), 0);
		assert_int_equal(board_follow(b), dies ? READY_NONE : READY_STACK);
		assert_int_equal(view_of(b).dead, dies);
		if (dies) /* SBRV at the first stack, SFSA at the second [wiki] */
			assert_int_equal(view_of(b).sbrv, 0xF1 * PAGE / 4);
		assert_int_equal(view_of(b).sfsa, 0xF4 - 6);
		board_free(b);
	}
}

/* One page below the stack since 1.1.2, the image's size again before [wiki]. */
static void room_below_a_stack_depends_on_the_version(void **state)
{
	static const char *const versions[] = { "1.1.1", "1.1.2" };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct board *b = board_of(versions[i], false, false);

		install(b, &large);
		enter_fus(b);
		stage(b, &small, FUS_START - (6 + 1) * PAGE);
		assert_int_equal(board_command(b, FW_UPGRADE), 0);
		assert_int_equal(board_follow(b), i ? READY_STACK : READY_FUS);
		assert_int_equal(b->error, i ? b->error : NO_SPACE);
		board_free(b);
	}
}

static void antirollback_needs_a_stack(void **state)
{
	struct board *b = board_of("1.2.0", false, false);

	(void)state;
	assert_int_equal(board_start(b), READY_FUS);
	assert_int_equal(board_command(b, ANTIROLLBACK), 0);
	assert_true(view_of(b).rollback);
	stage(b, &small, FUS_START);
	assert_int_equal(board_command(b, FW_UPGRADE), 0);
	assert_int_equal(board_follow(b), READY_FUS);
	assert_int_equal(b->error, ROLLBACK);
	board_free(b);
	b = board_of("1.2.0", false, false);
	install(b, &small);
	enter_fus(b);
	assert_int_equal(board_command(b, ANTIROLLBACK), 0);
	stage(b, &older, FUS_START - 4 * PAGE);
	assert_int_equal(board_command(b, FW_UPGRADE), 0);
	assert_int_equal(board_follow(b), READY_FUS);
	assert_int_equal(b->error, ROLLBACK);
	board_free(b);
}

static void from_1_1_0_to_1_1_2_wants_antirollback(void **state)
{
	struct board *b = board_of("1.1.0", false, false);

	(void)state;
	install(b, &small);
	enter_fus(b);
	assert_int_equal(give_fus(b, 0x01010200, 0), READY_FUS);
	assert_int_equal(b->error, NOT_AUTHENTIC);
	assert_int_equal(board_command(b, ANTIROLLBACK), 0);
	assert_int_equal(give_fus(b, 0x01010200, 0), READY_FUS);
	assert_int_equal(view_of(b).fus_version, 0x01010200);
	assert_false(view_of(b).keys_lost);
	board_free(b);
}

/* Safeboot with a stack in place; cut at this step, 0: never. False: there were fewer steps. */
static bool update_safeboot(const char *fus, const struct make_image *m, bool alt, unsigned int cut)
{
	struct board *b = board_of(fus, alt, false);
	bool struck;

	install(b, &small);
	enter_fus(b);
	stage(b, m, FUS_START - 4 * PAGE);
	memset(b->sim->flash, 0x11, PAGE);
	b->steps = 0;
	b->cut_step = cut;
	assert_int_equal(board_command(b, FW_UPGRADE), 0);
	board_follow(b);
	struck = b->cut;
	if (struck) {
		board_power_on(b);
		if (!strcmp(b->cut_name, "check") || !strcmp(b->cut_name, "remember")) {
			/* nothing had begun */
			board_free(b);
			return true;
		}
		board_follow(b);
	} else { /* told once, and then never again [rn] */
		assert_int_equal(b->last_state, 0xFF);
	}
	assert_int_equal(board_command(b, GET_STATE), 0);
	assert_blank(b, FLASH_BASE, FUS_START);
	assert_int_equal(view_of(b).stack_version, 0);
	assert_int_equal(view_of(b).sfsa, 0xF4);
	assert_int_equal(view_of(b).sbrv, SBRV_FUS);
	assert_false(view_of(b).dead);
	board_free(b);
	return struck;
}

static void safeboot_update_is_a_factory_reset_wherever_it_is_cut(void **state)
{
	unsigned int cuts = 0;

	(void)state;
	for (int alt = 0; alt < ORDERS; alt++) {
		update_safeboot("1.1.0", &safeboot1, alt, 0);
		update_safeboot("1.1.1", &safeboot1, alt, 0);
		for (unsigned int cut = 1; update_safeboot("2.2.0", &safeboot2, alt, cut); cut++)
			cuts++;
	}
	assert_true(cuts > 20);
}

static void customer_key_wants_the_customers_signature(void **state)
{
	struct board *b = board_of("1.2.0", false, false);
	uint8_t key[65] = { 64, 1, 2, 3 };

	(void)state;
	assert_int_equal(board_start(b), READY_FUS);
	assert_int_equal(board_command_with(b, UPDATE_AUTH_KEY, key, 64), 0xFF);
	assert_int_equal(board_command_with(b, UPDATE_AUTH_KEY, key, 65), 0);
	stage(b, &small, FUS_START);
	assert_int_equal(board_command(b, FW_UPGRADE), 0);
	assert_int_equal(board_follow(b), READY_FUS);
	assert_int_equal(b->error, NO_CUSTOMER);
	assert_int_equal(board_command(b, LOCK_AUTH_KEY), 0);
	assert_int_equal(board_command_with(b, UPDATE_AUTH_KEY, key, 65), 0xFF);
	assert_int_equal(b->error, KEY_LOCKED);
	board_free(b);
}

static void same_version_is_a_switch(void **state)
{
	(void)state;
	for (int accept = 0; accept < 2; accept++) {
		struct board *b = board_of("2.2.0", false, false);

		b->sim->quirks.same_version = accept;
		assert_int_equal(board_start(b), READY_FUS);
		assert_int_equal(give_fus(b, 0x02020000, 0), READY_FUS);
		assert_int_equal(b->last_state, accept ? 0 : 0xFF);
		assert_int_equal(view_of(b).fus_version, 0x02020000);
		board_free(b);
	}
}

static void commands_are_known_since_their_version(void **state)
{
	static const struct {
		const char *fus;
		uint16_t opcode;
		bool known;
	} rows[] = { { "1.0.2", ANTIROLLBACK, false }, { "1.1.0", ANTIROLLBACK, true },
		{ "1.2.0", FW_PURGE, false }, { "2.0.0", FW_PURGE, true } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct board *b = board_of(rows[i].fus, false, false);

		assert_int_equal(board_start(b), READY_FUS);
		assert_int_equal(board_command(b, rows[i].opcode), rows[i].known ? 0 : 0xFE);
		board_free(b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fus_0_5_3_starts_elsewhere_and_takes_its_own_file),
		cmocka_unit_test(fus_1_0_1_locks_a_small_part_for_ever),
		cmocka_unit_test(from_1_1_0_to_1_1_1_the_keys_are_lost),
		cmocka_unit_test(larger_second_stack_kills_before_1_2_0),
		cmocka_unit_test(room_below_a_stack_depends_on_the_version),
		cmocka_unit_test(antirollback_needs_a_stack),
		cmocka_unit_test(from_1_1_0_to_1_1_2_wants_antirollback),
		cmocka_unit_test(safeboot_update_is_a_factory_reset_wherever_it_is_cut),
		cmocka_unit_test(customer_key_wants_the_customers_signature),
		cmocka_unit_test(same_version_is_a_switch),
		cmocka_unit_test(commands_are_known_since_their_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

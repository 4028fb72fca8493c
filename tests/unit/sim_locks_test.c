/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What binds a chip for good, on the virtual chip: a customer's authentication key and its lock,
 * anti-rollback on every FUS version; and FW_PURGE beside FW_DELETE. In both orders, and cut.
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
#define IMAGE_NOT_FOUND 0x01
#define NOT_AUTHENTIC 0x03
#define NO_CUSTOMER 0x09
#define KEY_LOCKED 0x0A
#define ROLLBACK 0x11
#define CUSTOMER_TAIL 84u
#define ORDERS 2

static const struct make_image older = { MAKE_STACK, 0xABCDABCD, V_OTHER, 3 * PAGE - 92, 0, 2, 0, 0,
	0, 8 };
static const struct make_image newer = { MAKE_STACK, 0xABCDABCD, V_STACK + 0x10000, 3 * PAGE - 92,
	0, 2, 0, 0, 0, 9 };
static const struct make_image safeboot2 = { 0x927A6741, 0, 0x02000100, 4244, 0, 0, 0, 0, 0, 7 };

static void idle(struct board *b)
{
	while (board_command(b, GET_STATE) == 0x30)
		board_run(b, 50 * MS);
	assert_int_equal(b->last_state, 0);
}

static void cycle(struct board *b)
{
	board_power_off(b);
	board_power_on(b);
	assert_int_equal(board_start(b), READY_FUS);
}

/* Ask a FUS that runs to install what is staged there: its error, 0 when it did. */
static int give(struct board *b, const struct make_image *m)
{
	uint32_t below = cpu2_boundary(b->sim) - (view_of(b).stack_version ? PAGE : 0);

	flash_cpu2_erase(b->sim, FLASH_BASE, below - FLASH_BASE);
	stage(b, m, below);
	assert_int_equal(board_command(b, FW_UPGRADE), 0);
	board_follow(b);
	return b->last_state == 0xFF && strcmp(view_of(b).runs, "stack") != 0 ? b->error : 0;
}

/* ---- a customer's key ----------------------------------------------------------------------- */

static int update_key(struct board *b, uint8_t first)
{
	uint8_t key[65] = { 64, first };

	return board_command_with(b, UPDATE_AUTH_KEY, key, 65);
}

/* An image that a customer with the key { first, 0... } has signed. */
static uint8_t *customer_image(const struct make_image *m, uint8_t first, size_t *size)
{
	const uint8_t footer[20] = { [8] = TESTSIG_SIZE, [16] = 0x4a, 0x1d, 0xb5, 0xe2 };
	const uint8_t key[TESTSIG_SIZE] = { first };
	const size_t st = m->size - CUSTOMER_TAIL;
	uint8_t *image = board_image(m), *data;

	*size = m->size + CUSTOMER_TAIL;
	data = realloc(image, *size);
	assert_non_null(data);
	memcpy(data + *size - sizeof(footer), footer, sizeof(footer));
	testsig_customer(data, st, key, data + m->size);
	testsig_sign(data, *size, st, data + st);
	return data;
}

static int give_signed(struct board *b, uint8_t first)
{
	size_t size;
	uint8_t *image = customer_image(&small, first, &size);

	flash_cpu2_erase(b->sim, FUS_START - 3 * PAGE, 3 * PAGE);
	board_stage(b, FUS_START - 3 * PAGE, image, size);
	free(image);
	assert_int_equal(board_command(b, FW_UPGRADE), 0);
	return board_follow(b);
}

static void only_the_installed_key_opens_the_chip(void **state)
{
	(void)state;
	for (int alt = 0; alt < ORDERS; alt++) {
		struct board *b = board_of(NULL, alt, false);

		assert_int_equal(board_start(b), READY_FUS);
		assert_int_equal(update_key(b, 5), 0);
		idle(b);
		assert_true(view_of(b).auth_key);
		cycle(b);
		assert_int_equal(give(b, &small), NO_CUSTOMER);
		assert_int_equal(give(b, &fus22), NO_CUSTOMER);
		flash_cpu2_erase(b->sim, FLASH_BASE, FUS_START - FLASH_BASE);
		assert_int_equal(give_signed(b, 4), READY_FUS);
		assert_int_equal(b->error, NOT_AUTHENTIC);
		assert_int_equal(update_key(b, 6), 0); /* not locked: it may be changed [wiki] */
		idle(b);
		assert_int_equal(give_signed(b, 5), READY_FUS);
		assert_int_equal(give_signed(b, 6), READY_STACK);
		board_free(b);
	}
}

static void without_a_key_a_customers_image_is_sts(void **state)
{
	struct board *b = board_of(NULL, false, false);

	(void)state;
	assert_int_equal(board_start(b), READY_FUS);
	assert_int_equal(give_signed(b, 77), READY_STACK);
	board_free(b);
}

static void a_locked_key_stays(void **state)
{
	(void)state;
	for (int alt = 0; alt < ORDERS; alt++) {
		struct board *b = board_of(NULL, alt, false);

		assert_int_equal(board_start(b), READY_FUS);
		update_key(b, 5);
		idle(b);
		assert_int_equal(board_command(b, LOCK_AUTH_KEY), 0);
		idle(b);
		cycle(b);
		assert_true(view_of(b).auth_locked);
		assert_int_equal(update_key(b, 6), 0xFF);
		assert_int_equal(b->error, KEY_LOCKED);
		assert_int_equal(board_command(b, LOCK_AUTH_KEY), 0);
		assert_int_equal(give_signed(b, 5), READY_STACK);
		board_free(b);
	}
}

/* Cut in the middle of each: as if it had not been asked for, and it can be asked for again. */
static void cut_records_count_for_nothing(void **state)
{
	static const struct {
		uint16_t opcode;
		const char *step;
	} rows[] = { { UPDATE_AUTH_KEY, "auth-key" }, { LOCK_AUTH_KEY, "auth-lock" },
		{ ANTIROLLBACK, "antirollback" } };
	const uint8_t key[65] = { 64, 1 };

	(void)state;
	for (size_t i = 0; i < ORDERS * sizeof(rows) / sizeof(rows[0]); i++) {
		const int alt = i % ORDERS;
		const uint16_t opcode = rows[i / ORDERS].opcode;
		const uint8_t len = opcode == UPDATE_AUTH_KEY ? sizeof(key) : 0;
		struct board *b = board_of(NULL, alt, false);
		struct wbsim_cpu2_view v;

		assert_int_equal(board_start(b), READY_FUS);
		b->cut_step = b->steps + (alt ? 2 : 1);
		board_command_with(b, opcode, key, len);
		board_run(b, 500 * MS);
		assert_string_equal(b->cut_name, rows[i / ORDERS].step);
		cycle(b);
		v = view_of(b);
		assert_false(v.auth_key || v.auth_locked || v.rollback);
		assert_int_equal(board_command_with(b, opcode, key, len), 0);
		idle(b);
		v = view_of(b);
		assert_int_equal(v.auth_key + v.auth_locked + v.rollback, 1);
		board_free(b);
	}
}

/* ---- anti-rollback -------------------------------------------------------------------------- */

static const char *const since_1_1_0[] = { "1.1.0", "1.1.1", "1.1.2", "1.2.0", "2.0.0", "2.1.0",
	"2.2.0" };
#define VERSIONS (sizeof(since_1_1_0) / sizeof(since_1_1_0[0]))

static void before_1_1_0_there_is_no_antirollback(void **state)
{
	static const char *const before[] = { "0.5.3", "1.0.1", "1.0.2" };

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct board *b = board_of(before[i], false, false);

		assert_int_equal(board_start(b), READY_FUS);
		assert_int_equal(board_command(b, ANTIROLLBACK), 0xFE);
		assert_false(view_of(b).rollback);
		board_free(b);
	}
}

/* Nothing, ever: not after a power cycle, and not after what brings other chips back [wiki]. */
static void without_a_stack_it_closes_the_chip_on_every_version(void **state)
{
	(void)state;
	for (size_t i = 0; i < VERSIONS; i++) {
		struct board *b = board_of(since_1_1_0[i], i & 1, false);

		assert_int_equal(board_start(b), READY_FUS);
		if (i & 2) { /* one was there, and is no more */
			assert_int_equal(give(b, &newer), 0);
			enter_fus(b);
			assert_int_equal(board_command(b, FW_DELETE), 0);
			assert_int_equal(board_follow(b), READY_FUS);
		}
		assert_int_equal(board_command(b, ANTIROLLBACK), 0);
		idle(b);
		cycle(b);
		assert_true(view_of(b).rollback);
		assert_int_equal(give(b, &newer), ROLLBACK);
		assert_int_equal(give(b, &fus22), ROLLBACK);
		if (fus_version_has(b->sim, FUS_2))
			assert_int_equal(give(b, &safeboot2), ROLLBACK);
		options_corrupt(b->sim);
		board_power_off(b);
		board_power_on(b);
		assert_int_equal(board_follow(b), READY_FUS);
		assert_int_equal(give(b, &newer), ROLLBACK);
		board_free(b);
	}
}

static void with_a_stack_only_older_ones_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < VERSIONS; i++) {
		struct board *b = board_of(since_1_1_0[i], i & 1, false);
		bool room = fus_version_has(b->sim, FUS_ONE_PAGE);

		install(b, &small);
		enter_fus(b);
		assert_int_equal(board_command(b, ANTIROLLBACK), 0);
		idle(b);
		assert_int_equal(board_command(b, ANTIROLLBACK), 0); /* again: nothing new */
		assert_int_equal(give(b, &older), ROLLBACK);
		if (room) {
			assert_int_equal(give(b, &newer), 0);
			assert_int_equal(view_of(b).stack_version, newer.version);
			enter_fus(b);
			assert_int_equal(give(b, &small), ROLLBACK); /* not the newest any more */
		}
		board_free(b);
	}
}

static void deleting_the_stack_then_is_a_switch(void **state)
{
	(void)state;
	for (uint8_t lost = 0; lost < 2; lost++) {
		struct board *b = board_of(NULL, false, false);

		b->sim->quirks.rollback_lost = lost;
		install(b, &small);
		enter_fus(b);
		assert_int_equal(board_command(b, ANTIROLLBACK), 0);
		assert_int_equal(board_command(b, FW_DELETE), 0);
		assert_int_equal(board_follow(b), READY_FUS);
		assert_int_equal(give(b, &older), ROLLBACK);
		assert_int_equal(give(b, &small), lost ? ROLLBACK : 0);
		board_free(b);
	}
}

/* ---- purge ---------------------------------------------------------------------------------- */

static void purge_takes_the_data_that_delete_may_leave(void **state)
{
	const uint32_t nvm = FUS_START - 4 * PAGE;

	(void)state;
	for (int i = 0; i < 8; i++) {
		const bool purged = i & 1, kept = i & 2, alt = i & 4;
		struct board *b = board_of("2.2.0", alt, false);

		b->sim->quirks.delete_keeps_nvm = kept;
		install(b, &with_nvm);
		enter_fus(b);
		b->sim->flash[nvm - FLASH_BASE] = 0x42; /* pairing data */
		assert_int_equal(board_command(b, purged ? FW_PURGE : FW_DELETE), 0);
		assert_int_equal(board_follow(b), READY_FUS);
		assert_int_equal(view_of(b).stack_version, 0);
		assert_int_equal(view_of(b).sfsa, kept && !purged ? 0xF0 : 0xF4);
		assert_int_equal(b->sim->flash[nvm - FLASH_BASE], kept && !purged ? 0x42 : 0xff);
		assert_int_equal(board_command(b, FW_PURGE), 0);
		assert_int_equal(board_follow(b), READY_FUS);
		assert_int_equal(b->last_state, kept && !purged ? 0 : 0xFF);
		assert_int_equal(b->error, kept && !purged ? 0 : IMAGE_NOT_FOUND);
		assert_blank(b, FLASH_BASE, FUS_START);
		assert_int_equal(view_of(b).sfsa, 0xF4);
		board_free(b);
	}
}

/* The next stack finds the data of the one before, as when it is replaced. */
static void kept_data_are_there_for_the_next_stack(void **state)
{
	const uint32_t nvm = FUS_START - 4 * PAGE;
	struct board *b = board_of("2.2.0", false, false);

	(void)state;
	b->sim->quirks.delete_keeps_nvm = true;
	install(b, &with_nvm);
	enter_fus(b);
	b->sim->flash[nvm - FLASH_BASE] = 0x42;
	assert_int_equal(board_command(b, FW_DELETE), 0);
	assert_int_equal(board_follow(b), READY_FUS);
	cycle(b);
	assert_int_equal(give(b, &with_nvm), 0);
	assert_stack(b, &with_nvm, FUS_START - 9 * PAGE);
	assert_int_equal(b->sim->flash[nvm - FLASH_BASE], 0x42);
	board_free(b);
}

/* One run, cut at this step; false: there were fewer. */
static bool take_away(bool purged, bool alt, unsigned int cut)
{
	struct board *b = board_of("2.2.0", alt, false);
	bool struck;

	b->sim->quirks.delete_keeps_nvm = true;
	install(b, &with_nvm);
	enter_fus(b);
	b->cut_step = b->steps + cut;
	assert_int_equal(board_command(b, purged ? FW_PURGE : FW_DELETE), 0);
	board_follow(b);
	struck = b->cut;
	if (struck) {
		board_power_on(b);
		board_follow(b);
	}
	if (options_get(b->sim, "SFSA") == 0xEB) /* not begun */
		assert_string_equal(b->cut_name, "remember");
	else
		assert_int_equal(view_of(b).stack_version, 0);
	assert_false(view_of(b).busy);
	board_free(b);
	return struck;
}

static void deletion_and_purge_cut_anywhere_go_on(void **state)
{
	unsigned int cuts = 0;

	(void)state;
	for (int i = 0; i < 4; i++) {
		for (unsigned int cut = 1; take_away(i & 1, i & 2, cut); cut++)
			cuts++;
	}
	assert_true(cuts > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_installed_key_opens_the_chip),
		cmocka_unit_test(without_a_key_a_customers_image_is_sts),
		cmocka_unit_test(a_locked_key_stays),
		cmocka_unit_test(cut_records_count_for_nothing),
		cmocka_unit_test(before_1_1_0_there_is_no_antirollback),
		cmocka_unit_test(without_a_stack_it_closes_the_chip_on_every_version),
		cmocka_unit_test(with_a_stack_only_older_ones_are_refused),
		cmocka_unit_test(deleting_the_stack_then_is_a_switch),
		cmocka_unit_test(purge_takes_the_data_that_delete_may_leave),
		cmocka_unit_test(kept_data_are_there_for_the_next_stack),
		cmocka_unit_test(deletion_and_purge_cut_anywhere_go_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

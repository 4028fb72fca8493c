/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The virtual chip's key store: what is stored, refused, loaded, locked, torn and erased. */
#include "sim_cpu2_errands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nettle/gcm.h>

#define STORE 0xFC58
#define LOAD 0xFC59
#define LOCK 0xFC5D
#define UNLOAD 0xFC5E
#define SIMPLE 1
#define MASTER 2
#define ENCRYPTED 3
#define REFUSED 0xFF
#define UNKNOWN_COMMAND 0x01
#define IV_SIZE 12u
#define BUFFER 0x100u /* of commands, in SRAM2a: sim_cpu2_host.c */

static const uint8_t key_a[16] = { 0xa1, 0xa2, 0xa3, 0xa4, [15] = 0xaf };
static const uint8_t key_b[32] = { 0xb1, 0xb2, 0xb3, 0xb4, [31] = 0xbf };
static const uint8_t master[16] = { 0xc0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xcf };
static const uint8_t no_key[32];

static int store_as(
	struct board *b, uint8_t type, uint8_t size, const uint8_t *key, uint8_t bytes)
{
	uint8_t payload[255] = { type, size };

	memcpy(payload + 2, key, bytes);
	return board_command_with(b, STORE, payload, (uint8_t)(2 + bytes));
}

/* The index, or -1 when it is refused. */
static int store(struct board *b, uint8_t type, const uint8_t *key, uint8_t size)
{
	return store_as(b, type, size, key, size) == 0 ? b->error : -1;
}

static int on_key(struct board *b, uint16_t opcode, uint8_t index)
{
	return board_command_with(b, opcode, &index, 1);
}

static struct board *fus_board(void)
{
	struct board *b = board_of(NULL, false, false);

	assert_int_equal(board_start(b), READY_FUS);
	return b;
}

static void cycle(struct board *b, int ready)
{
	board_power_off(b);
	board_power_on(b);
	assert_int_equal(board_start(b), ready);
}

static void keys_are_stored_and_loaded_by_the_index_answered(void **state)
{
	struct board *b = fus_board();

	(void)state;
	assert_int_equal(store(b, SIMPLE, key_a, 16), 1);
	assert_int_equal(store(b, SIMPLE, key_b, 32), 2);
	assert_int_equal(view_of(b).user_keys, 2);
	cycle(b, READY_FUS);
	assert_int_equal(on_key(b, LOAD, 2), 0);
	assert_memory_equal(b->aes1, key_b, 32);
	assert_int_equal(on_key(b, LOAD, 1), 0);
	assert_memory_equal(b->aes1, key_a, 16);
	assert_true(view_of(b).aes1_loaded);
	assert_int_equal(view_of(b).aes1_index, 1);
	assert_int_equal(on_key(b, UNLOAD, 2), REFUSED);
	assert_int_equal(on_key(b, UNLOAD, 1), 0);
	assert_memory_equal(b->aes1, no_key, 32);
	assert_int_equal(on_key(b, UNLOAD, 1), REFUSED);
	assert_int_equal(on_key(b, LOAD, 0), REFUSED);
	assert_int_equal(on_key(b, LOAD, 3), REFUSED);
	assert_int_equal(on_key(b, LOAD, 255), REFUSED);
	assert_int_equal(board_command(b, LOAD), REFUSED);
	board_free(b);
}

static void first_index_is_a_switch(void **state)
{
	struct board *b = fus_board();

	(void)state;
	b->sim->quirks.key_index_0 = 1;
	assert_int_equal(store(b, SIMPLE, key_a, 16), 0);
	assert_int_equal(store(b, SIMPLE, key_b, 32), 1);
	assert_int_equal(on_key(b, LOAD, 0), 0);
	assert_memory_equal(b->aes1, key_a, 16);
	board_free(b);
}

static void a_locked_key_is_usable_again_after_a_reset(void **state)
{
	struct board *b = fus_board();

	(void)state;
	store(b, SIMPLE, key_a, 16);
	store(b, SIMPLE, key_b, 32);
	assert_int_equal(on_key(b, LOCK, 3), REFUSED);
	assert_int_equal(on_key(b, LOCK, 1), 0);
	assert_int_equal(on_key(b, LOAD, 1), REFUSED);
	assert_int_equal(on_key(b, LOAD, 2), 0);
	cycle(b, READY_FUS);
	assert_false(view_of(b).aes1_loaded);
	assert_int_equal(on_key(b, LOAD, 1), 0);
	board_free(b);
}

static void encrypted_keys_are_read_with_the_master_key(void **state)
{
	const uint8_t iv[IV_SIZE] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
	uint8_t text[32], packet[32 + IV_SIZE];
	struct gcm_aes128_ctx ctx;

	(void)state;
	gcm_aes128_set_key(&ctx, master);
	gcm_aes128_set_iv(&ctx, IV_SIZE, iv);
	gcm_aes128_encrypt(&ctx, 32, text, key_b);
	for (int iv_first = 0; iv_first < 2; iv_first++) {
		struct board *b = fus_board();

		b->sim->quirks.iv_first = iv_first;
		memcpy(packet + (iv_first ? IV_SIZE : 0), text, 32);
		memcpy(packet + (iv_first ? 0 : 32), iv, IV_SIZE);
		/* nothing can be read without it */
		assert_int_equal(store_as(b, ENCRYPTED, 32, packet, sizeof(packet)), REFUSED);
		assert_int_equal(store(b, MASTER, master, 16), 0);
		assert_true(view_of(b).master_key);
		assert_int_equal(store_as(b, ENCRYPTED, 32, packet, 32), REFUSED);
		assert_int_equal(store_as(b, ENCRYPTED, 32, packet, sizeof(packet)), 0);
		assert_int_equal(b->error, 1);
		assert_int_equal(on_key(b, LOAD, 1), 0);
		assert_memory_equal(b->aes1, key_b, 32);
		assert_int_equal(on_key(b, LOAD, 0), REFUSED); /* the master key is for nobody */
		board_free(b);
	}
}

static void wrong_keys_are_refused_and_leave_nothing(void **state)
{
	static const struct {
		uint8_t type, size, bytes;
	} rows[] = { { 0, 16, 16 }, { 4, 16, 16 }, { SIMPLE, 16, 15 }, { SIMPLE, 16, 17 },
		{ SIMPLE, 24, 24 }, { SIMPLE, 0, 0 }, { SIMPLE, 32, 16 }, { SIMPLE, 16, 28 },
		{ MASTER, 16, 28 }, { SIMPLE, 253, 253 } };
	uint8_t bytes[253] = { 0 };
	struct board *b = fus_board();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(
			store_as(b, rows[i].type, rows[i].size, bytes, rows[i].bytes), REFUSED);
	assert_int_equal(board_command(b, STORE), REFUSED);
	assert_int_equal(view_of(b).user_keys, 0);
	assert_blank(b, 0x080FD000, 0x080FF000);
	board_free(b);
}

static void hundred_keys_and_a_master_fit(void **state)
{
	struct board *b = fus_board();
	uint8_t key[16] = { 0 };

	(void)state;
	for (uint8_t i = 1; i <= 100; i++) {
		key[0] = i;
		assert_int_equal(store(b, SIMPLE, key, 16), i);
	}
	assert_int_equal(store(b, SIMPLE, key, 16), -1);
	assert_int_equal(store(b, MASTER, master, 16), 0);
	assert_int_equal(on_key(b, LOAD, 57), 0);
	assert_int_equal(b->aes1[0], 57);
	assert_int_equal(on_key(b, LOCK, 100), 0);
	assert_int_equal(on_key(b, LOAD, 100), REFUSED);
	board_free(b);
}

static void a_stack_answers_key_commands_too(void **state)
{
	struct board *b = board_of(NULL, false, false);

	(void)state;
	install(b, &small);
	assert_int_equal(store(b, SIMPLE, key_a, 16), 1);
	assert_int_equal(on_key(b, LOAD, 1), 0);
	assert_memory_equal(b->aes1, key_a, 16);
	assert_int_equal(on_key(b, LOAD, 2), REFUSED);
	assert_int_equal(on_key(b, UNLOAD, 1), 0);
	assert_string_equal(view_of(b).runs, "stack");
	b->sim->quirks.no_unload = true; /* of 2020 [user] */
	assert_int_equal(on_key(b, LOAD, 1), 0);
	assert_int_equal(on_key(b, UNLOAD, 1), UNKNOWN_COMMAND);
	assert_memory_equal(b->aes1, key_a, 16);
	board_free(b);
}

static void wb1x_has_no_key_store(void **state)
{
	struct sim_part part;
	struct board *b = fus_board();

	(void)state;
	part = *b->sim->part;
	part.family = SIM_WB1X;
	b->sim->part = &part;
	assert_int_equal(store(b, SIMPLE, key_a, 16), -1);
	assert_int_equal(on_key(b, LOAD, 1), REFUSED);
	assert_int_equal(b->opcode, LOAD);
	b->sim->quirks.no_cks = 1;
	assert_int_equal(on_key(b, LOAD, 1), 0xFE);
	assert_int_equal(b->opcode, 0x00FE);
	board_free(b);
}

/* The mailbox is no safe place: what was written there stays until somebody writes over it. */
static void the_command_buffer_keeps_the_key(void **state)
{
	struct board *b = fus_board();

	(void)state;
	store(b, SIMPLE, key_a, 16);
	assert_memory_equal(b->sim->sram2a + BUFFER + 14, key_a, 16);
	board_free(b);
}

static void a_torn_key_counts_for_nothing(void **state)
{
	struct board *b = fus_board();

	(void)state;
	store(b, SIMPLE, key_a, 16);
	b->cut_step = b->steps + 1;
	assert_int_equal(store_as(b, SIMPLE, 32, key_b, 32), CMD_RESET);
	assert_string_equal(b->cut_name, "store-key");
	board_power_on(b);
	assert_int_equal(board_start(b), READY_FUS);
	assert_int_equal(view_of(b).user_keys, 1);
	assert_int_equal(on_key(b, LOAD, 2), REFUSED);
	assert_int_equal(store(b, SIMPLE, key_b, 32), 2);
	assert_int_equal(on_key(b, LOAD, 2), 0);
	assert_memory_equal(b->aes1, key_b, 32);
	board_free(b);
}

static void any_fus_upgrade_erases_the_keys(void **state)
{
	(void)state;
	for (int alt = 0; alt < 2; alt++) {
		struct board *b = board_of(NULL, alt, false);

		assert_int_equal(board_start(b), READY_FUS);
		store(b, SIMPLE, key_a, 16);
		store(b, MASTER, master, 16);
		stage(b, &fus22, FUS_START);
		assert_int_equal(board_command(b, FW_UPGRADE), 0);
		assert_int_equal(board_follow(b), READY_FUS);
		assert_int_equal(view_of(b).fus_version, fus22.version);
		assert_int_equal(view_of(b).user_keys, 0);
		assert_false(view_of(b).master_key);
		assert_true(view_of(b).user_keys_lost);
		assert_int_equal(on_key(b, LOAD, 1), REFUSED);
		assert_int_equal(store(b, SIMPLE, key_b, 32), 1);
		board_free(b);
	}
}

/* Flash comes from a file and from testers too: a sound CRC does not make a sound record. */
static void records_that_no_command_stores_are_none(void **state)
{
	static const struct vault_record rows[] = {
		{ .type = VAULT_KEY_SIMPLE, .size = 64, .index = 1 },
		{ .type = VAULT_KEY_SIMPLE, .size = 24, .index = 1 },
		{ .type = VAULT_KEY_SIMPLE, .size = 16, .index = 104 },
		{ .type = VAULT_KEY_SIMPLE, .size = 16, .index = 0xFFFF },
		{ .type = VAULT_KEY_ENCRYPTED, .size = 11, .index = 1 },
		{ .type = VAULT_KEY_ENCRYPTED, .size = 64, .index = 1 },
		{ .type = VAULT_KEY_ENCRYPTED, .size = 28, .index = 255 },
		{ .type = VAULT_KEY_MASTER, .size = 64 },
		{ .type = 0x55, .size = 16, .index = 1 },
	};
	struct board *b = fus_board();

	(void)state;
	assert_int_equal(store(b, MASTER, master, 16), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const uint8_t index = (uint8_t)rows[i].index;

		vault_append(b->sim, VAULT_KEYS, &rows[i], sizeof(rows[i]));
		assert_int_equal(on_key(b, LOCK, index), REFUSED);
		assert_int_equal(on_key(b, LOAD, index), REFUSED);
		assert_int_equal(view_of(b).user_keys, 0);
	}
	assert_int_equal(store(b, SIMPLE, key_a, 16), 1);
	assert_int_equal(on_key(b, LOAD, 1), 0);
	board_free(b);
}

/* Back to the virgin state [rn]; cut in the erase, too. */
static void a_factory_reset_erases_the_keys(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		const bool alt = i & 1, cut = i & 2;
		struct board *b = board_of(NULL, alt, false);

		assert_int_equal(board_start(b), READY_FUS);
		store(b, SIMPLE, key_a, 16);
		options_corrupt(b->sim);
		board_power_off(b);
		board_power_on(b);
		b->steps = 0;
		b->cut_step = cut ? 2 : 0; /* user flash is blank: its pages are no steps */
		board_follow(b);
		if (cut) {
			assert_string_equal(b->cut_name, alt ? "forget" : "erase-keys");
			board_power_on(b);
			board_follow(b);
		}
		assert_int_equal(view_of(b).sfsa, 0xF4);
		assert_int_equal(view_of(b).user_keys, 0);
		assert_int_equal(on_key(b, LOAD, 1), REFUSED);
		board_free(b);
	}
}

static void stack_upgrades_and_deletes_keep_the_keys(void **state)
{
	struct board *b = fus_board();

	(void)state;
	store(b, SIMPLE, key_a, 16);
	board_power_off(b);
	board_power_on(b);
	install(b, &small);
	enter_fus(b);
	assert_int_equal(board_command(b, FW_DELETE), 0);
	assert_int_equal(board_follow(b), READY_FUS);
	assert_int_equal(on_key(b, LOAD, 1), 0);
	assert_memory_equal(b->aes1, key_a, 16);
	board_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_stored_and_loaded_by_the_index_answered),
		cmocka_unit_test(first_index_is_a_switch),
		cmocka_unit_test(a_locked_key_is_usable_again_after_a_reset),
		cmocka_unit_test(encrypted_keys_are_read_with_the_master_key),
		cmocka_unit_test(wrong_keys_are_refused_and_leave_nothing),
		cmocka_unit_test(hundred_keys_and_a_master_fit),
		cmocka_unit_test(a_stack_answers_key_commands_too),
		cmocka_unit_test(wb1x_has_no_key_store),
		cmocka_unit_test(the_command_buffer_keeps_the_key),
		cmocka_unit_test(a_torn_key_counts_for_nothing),
		cmocka_unit_test(records_that_no_command_stores_are_none),
		cmocka_unit_test(any_fus_upgrade_erases_the_keys),
		cmocka_unit_test(a_factory_reset_erases_the_keys),
		cmocka_unit_test(stack_upgrades_and_deletes_keep_the_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

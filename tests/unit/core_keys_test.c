/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * User keys on the virtual chip: files, what the FUS or a stack then has, what is refused with the
 * chip unchanged.
 */
#include "tests/unit/core_keys.h"

#define SLOTS 100u

/* ---- files ------------------------------------------------------------------------------------- */

static void a_key_has_the_length_of_its_type(void **unused)
{
	static const struct {
		enum wb_key_type type;
		size_t len;
		bool good;
	} rows[] = { { WB_KEY_SIMPLE, 0, false }, { WB_KEY_SIMPLE, 15, false },
		{ WB_KEY_SIMPLE, 16, true }, { WB_KEY_SIMPLE, 24, false }, { WB_KEY_SIMPLE, 28, false },
		{ WB_KEY_SIMPLE, 32, true }, { WB_KEY_SIMPLE, 33, false }, { WB_KEY_MASTER, 16, true },
		{ WB_KEY_MASTER, 44, false }, { WB_KEY_ENCRYPTED, 11, false },
		{ WB_KEY_ENCRYPTED, 16, false }, { WB_KEY_ENCRYPTED, 28, true },
		{ WB_KEY_ENCRYPTED, 32, false }, { WB_KEY_ENCRYPTED, 44, true },
		{ WB_KEY_ENCRYPTED, 65, false }, { WB_KEY_AUTHENTICATION, 32, false },
		{ WB_KEY_AUTHENTICATION, 64, true }, { WB_KEY_AUTHENTICATION, 65, true },
		{ WB_KEY_AUTHENTICATION, 66, false } };
	uint8_t bytes[66] = { 64 };
	struct wb_key key;

	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		enum wb_status status = wb_key_take(&key, rows[i].type, bytes, rows[i].len, false,
			&board.err);

		if ((status == WB_OK) != rows[i].good)
			fail_msg("%s, %zu bytes", wb_key_type_name(rows[i].type), rows[i].len);
	}
	bytes[0] = 4;
	assert_int_equal(wb_key_take(&key, WB_KEY_AUTHENTICATION, bytes, 65, false, &board.err),
		WB_ERR_USAGE);
}

static void an_iv_in_front_is_put_behind(void **unused)
{
	uint8_t file[28];
	struct wb_key key;

	(void)unused;
	memcpy(file, encrypted + 16, 12);
	memcpy(file + 12, encrypted, 16);
	assert_int_equal(wb_key_take(&key, WB_KEY_ENCRYPTED, file, 28, true, &board.err), WB_OK);
	assert_int_equal(key.len, 28);
	assert_memory_equal(key.bytes, encrypted, 28);
}

/* ---- user keys --------------------------------------------------------------------------------- */

static void store_says_the_index_and_load_brings_that_key_to_aes1(void **unused)
{
	uint8_t long_key[32];

	(void)unused;
	memset(long_key, 0x77, sizeof(long_key));
	stored(WB_KEY_SIMPLE, simple, 16, 1);
	stored(WB_KEY_MASTER, master, 16, 0);
	stored(WB_KEY_SIMPLE, long_key, 32, 2);
	stored(WB_KEY_ENCRYPTED, encrypted, 28, 3);
	assert_int_equal(view().user_keys, 3);
	assert_true(view().master_key);
	assert_true(board.result.cpu1_running);
	must(wb_usrkey_load, 2);
	assert_int_equal(view().aes1_key_size, 32);
	assert_memory_equal(view().aes1_key, long_key, 32);
	must(wb_usrkey_load, 3);
	assert_memory_equal(view().aes1_key, simple, 16);
	board_check_kept(&board);
}

static void a_loaded_key_stays_for_the_next_command(void **unused)
{
	uint64_t resets;

	(void)unused;
	stored(WB_KEY_SIMPLE, simple, 16, 1);
	must(wb_usrkey_load, 1);
	assert_true(view().aes1_loaded);
	assert_false(board.result.cpu1_running);
	resets = wbsim_stats(board.sim)->resets;
	must(wb_usrkey_lock, 1);
	assert_true(view().aes1_loaded);
	assert_int_equal(with(wb_usrkey_load, 1), WB_ERR_FUS);
	assert_non_null(strstr(board.err.text, "locked"));
	must(wb_usrkey_unload, 1);
	assert_false(view().aes1_loaded);
	assert_int_equal(with(wb_usrkey_unload, 1), WB_ERR_FUS);
	assert_non_null(strstr(board.err.text, "there is nothing to unload"));
	assert_int_equal(wbsim_stats(board.sim)->resets, resets);
	board_check_kept(&board);
}

/* Something happens before one operation of the link, each in turn. */
static struct {
	unsigned int left;
	const char *what;
	bool late; /* the key was in AES1 */
} blow;

static void strike(struct bench *bench)
{
	if (!blow.left || --blow.left)
		return;
	blow.late = view().aes1_loaded;
	assert_true(wbsim_strike(bench->sim, blow.what));
}

static void a_key_said_to_be_loaded_is_in_aes1(void **unused)
{
	static const char *const whats[] = { "power-cut=300", "nrst" };
	unsigned int last, step = SANITIZED ? 13 : 1;
	enum wb_status status;
	size_t len;
	void *saved;

	(void)unused;
	stored(WB_KEY_SIMPLE, simple, 16, 1);
	saved = board_save(&board, &len);
	board_restore(&board, saved, len);
	board.bench.ops = 0;
	must(wb_usrkey_load, 1);
	last = board.bench.ops;
	board.bench.before_operation = strike;
	for (unsigned int at = 1; at <= 2 * last; at += step) {
		board_restore(&board, saved, len);
		blow.left = (at + 1) / 2;
		blow.what = whats[at % 2];
		blow.late = false;
		status = with(wb_usrkey_load, 1);
		if (status == WB_OK && !view().aes1_loaded)
			fail_msg("%s at operation %u of %u: ok, and no key is in AES1", blow.what,
				(at + 1) / 2, last);
		/* a reset of ours that a blow makes due comes before the order, not behind it */
		if (status != WB_OK && !blow.late && strstr(board.err.text, "undid it"))
			fail_msg("%s at operation %u of %u: %s", blow.what, (at + 1) / 2, last,
				board.err.text);
	}
	free(saved);
}

static void a_stack_serves_keys_and_stays(void **unused)
{
	(void)unused;
	assert_int_equal(install(STACK), WB_OK);
	stored(WB_KEY_SIMPLE, simple, 16, 1);
	assert_int_equal(board.result.state.runs, WB_RUNS_STACK);
	must(wb_usrkey_load, 1);
	assert_memory_equal(view().aes1_key, simple, 16);
	board_check_stack(&board, STACK);
	board_check_kept(&board);
}

static void a_wrong_index_is_an_error_and_changes_nothing(void **unused)
{
	(void)unused;
	stored(WB_KEY_MASTER, master, 16, 0);
	stored(WB_KEY_SIMPLE, simple, 16, 1);
	for (unsigned int index = 0; index < 256; index += 51) {
		assert_int_equal(with(wb_usrkey_load, (uint8_t)index), WB_ERR_FUS);
		assert_int_equal(with(wb_usrkey_lock, (uint8_t)index), WB_ERR_FUS);
		assert_int_equal(with(wb_usrkey_unload, (uint8_t)index), WB_ERR_FUS);
	}
	assert_non_null(strstr(board.err.text, "key 255 was not unloaded"));
	assert_int_equal(view().user_keys, 1);
	assert_false(view().aes1_loaded);
	board_check_kept(&board);
}

static void an_encrypted_key_wants_a_master(void **unused)
{
	(void)unused;
	assert_int_equal(store(WB_KEY_ENCRYPTED, encrypted, 28), WB_ERR_FUS);
	assert_non_null(strstr(board.err.text, "master key"));
	assert_int_equal(view().user_keys, 0);
	no_trace(encrypted, 16);
	board_check_kept(&board);
}

static void a_full_store_says_so_and_keeps_what_it_has(void **unused)
{
	uint8_t key[16] = { 0 };

	(void)unused;
	for (unsigned int i = 0; i < SLOTS; i++) {
		key[0] = (uint8_t)i;
		stored(WB_KEY_SIMPLE, key, 16, i + 1);
	}
	assert_int_equal(store(WB_KEY_SIMPLE, simple, 16), WB_ERR_FUS);
	assert_non_null(strstr(board.err.text, "100 keys"));
	assert_int_equal(view().user_keys, SLOTS);
	must(wb_usrkey_load, SLOTS);
	assert_int_equal(view().aes1_key[0], SLOTS - 1);
	no_trace(simple, 16);
	board_check_kept(&board);
}

static void stuck_secret(struct wb_link *link, const uint8_t *bytes, size_t len)
{
	(void)link;
	if (bytes && len)
		assert_true(wbsim_strike(board.sim, "mailbox-stuck"));
}

static void a_lost_answer_says_that_the_key_may_be_stored(void **unused)
{
	(void)unused;
	stored(WB_KEY_SIMPLE, simple, sizeof(simple), 1);
	board.bench.link.secret = stuck_secret;
	assert_int_not_equal(store(WB_KEY_SIMPLE, simple, sizeof(simple)), WB_OK);
	assert_non_null(strstr(board.err.text, "may be stored all the same"));
}

static void a_chip_without_a_key_store_is_not_touched(void **unused)
{
	static by_index *const all[] = { wb_usrkey_load, wb_usrkey_unload, wb_usrkey_lock };

	(void)unused;
	anew("wb15cc", "2.2.0");
	wbsim_stats_clear(board.sim);
	refused(store(WB_KEY_SIMPLE, simple, 16), "no-key-store");
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		refused(with(all[i], 1), "no-key-store");
	assert_int_equal(wbsim_stats(board.sim)->target_writes, 0);
	assert_int_equal(wbsim_stats(board.sim)->resets, 0);
	assert_int_equal(wbsim_stats(board.sim)->halts, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_key_has_the_length_of_its_type),
		TEST(an_iv_in_front_is_put_behind),
		TEST(store_says_the_index_and_load_brings_that_key_to_aes1),
		TEST(a_loaded_key_stays_for_the_next_command),
		TEST(a_key_said_to_be_loaded_is_in_aes1),
		TEST(a_stack_serves_keys_and_stays),
		TEST(a_wrong_index_is_an_error_and_changes_nothing),
		TEST(an_encrypted_key_wants_a_master),
		TEST(a_full_store_says_so_and_keeps_what_it_has),
		TEST(a_lost_answer_says_that_the_key_may_be_stored),
		TEST(a_chip_without_a_key_store_is_not_touched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

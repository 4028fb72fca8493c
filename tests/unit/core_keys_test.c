/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys, anti-rollback and purge on the virtual chip: what the FUS then has, what is refused with
 * the chip unchanged, and that no key byte stays where it passed.
 */
#include <stdio.h>
#include "tests/unit/core_make.h"
#include "tests/unit/core_board.h"
#include "core/keys.h"
#include "core/packets.h"
#include "core/session.h"

#define STACK VERSION(1, 24, 0)
#define OLDER VERSION(1, 20, 0)
#define STACK_SIZE 6004u
#define SLOTS 100u
#define PIECE 4u /* bytes of a key that count as found */

static struct board board;
static const struct wb_operation op;

/* ST's CRYP_CKS example publishes these: the encrypted key is the simple one under the master. */
static const uint8_t master[16] = { 0x0f, 0x0e, 0x0d, 0x0c, 0x0b, 0x0a, 9, 8, 7, 6, 5, 4, 3, 2, 1,
	0 };
static const uint8_t simple[16] = { 0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6, 0xab, 0xf7,
	0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c };
static const uint8_t encrypted[28] = { 0x5f, 0x95, 0x4f, 0xc4, 0xf6, 0x8b, 0x74, 0xba, 0x4c, 0x1f,
	0x90, 0x57, 0xb0, 0xc4, 0x09, 0x8a, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 };

static void open_chip(const char *chip, const char *fus)
{
	board_open_chip(&board, &(struct wbsim_config){ .chip = chip, .fus = fus });
}

static int set_up(void **state)
{
	(void)state;
	open_chip("wb55rg", "2.2.0");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	board_close(&board);
	return 0;
}

static void anew(const char *chip, const char *fus)
{
	board_close(&board);
	open_chip(chip, fus);
}

static enum wb_status install(uint32_t version)
{
	struct wb_image image;
	enum wb_status status;

	board_image(&image, BOARD_STACK, version, STACK_SIZE);
	status = board_upgrade(&board, &image);
	board_image_free(&image);
	return status;
}

static struct wbsim_cpu2_view view(void)
{
	struct wbsim_cpu2_view v;

	wbsim_cpu2_view(board.sim, &v);
	return v;
}

static struct wb_key key_of(enum wb_key_type type, const uint8_t *bytes, size_t len)
{
	struct wb_key key;

	if (wb_key_take(&key, type, bytes, len, false, &board.err) != WB_OK)
		fail_msg("%s", board.err.text);
	return key;
}

static enum wb_status store(enum wb_key_type type, const uint8_t *bytes, size_t len)
{
	struct wb_key key = key_of(type, bytes, len);
	const struct wb_operation what = { .key = &key };

	return wb_usrkey_store(board.session, &what, &board.result, &board.err);
}

static void stored(enum wb_key_type type, const uint8_t *bytes, size_t len, unsigned int index)
{
	if (store(type, bytes, len) != WB_OK)
		fail_msg("%s", board.err.text);
	assert_int_equal(board.result.key_index, index);
}

typedef enum wb_status by_index(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err);

static enum wb_status with(by_index *what, uint8_t index)
{
	return what(board.session, &(struct wb_operation){ .key_index = index }, &board.result,
		&board.err);
}

static void must(by_index *what, uint8_t index)
{
	if (with(what, index) != WB_OK)
		fail_msg("%s", board.err.text);
}

static void refused(enum wb_status status, const char *rule)
{
	assert_int_equal(status, WB_ERR_REFUSED);
	assert_string_equal(board.err.rule, rule);
	board_check_kept(&board);
}

/* ---- traces ------------------------------------------------------------------------------------ */

static bool holds(const uint8_t *bytes, size_t len, const uint8_t *key, size_t key_len)
{
	for (size_t i = 0; i + PIECE <= len; i++)
		for (size_t k = 0; k + PIECE <= key_len; k++)
			if (!memcmp(bytes + i, key + k, PIECE))
				return true;
	return false;
}

/* SRAM1, SRAM2a, SRAM2b of a WB55RG. */
static bool in_ram(const uint8_t *key, size_t len)
{
	static uint8_t ram[0x40000];

	assert_true(wbsim_peek(board.sim, 0x20000000, ram, sizeof(ram)));
	return holds(ram, sizeof(ram), key, len);
}

static bool in_session(const uint8_t *key, size_t len)
{
	return holds((const uint8_t *)board.session, sizeof(*board.session), key, len) ||
		holds((const uint8_t *)&board.result, sizeof(board.result), key, len) ||
		holds((const uint8_t *)&board.err, sizeof(board.err), key, len);
}

static void no_trace(const uint8_t *key, size_t len)
{
	assert_false(in_ram(key, len));
	assert_false(in_session(key, len));
}

/* The link under a glass: every transfer that carries bytes of the key must be a secret one. */
static struct glass {
	struct wb_link real;
	bool secret;
	unsigned int carried, in_the_open;
	const char *strike; /* what happens right after the key's first transfer */
} glass;

static void glass_secret(struct wb_link *link, const uint8_t *bytes, size_t len)
{
	(void)link;
	assert_true(!bytes || holds(bytes, len, simple, sizeof(simple)));
	glass.secret = bytes;
}

static void weigh(const void *data, size_t len)
{
	if (!holds(data, len, simple, sizeof(simple)))
		return;
	glass.carried++;
	glass.in_the_open += !glass.secret;
}

static enum wb_status glass_write(struct wb_link *link, uint32_t address, unsigned int width,
	size_t count, const void *data)
{
	enum wb_status status;
	unsigned int before = glass.carried;

	weigh(data, width * count);
	status = glass.real.write(link, address, width, count, data);
	if (glass.strike && glass.carried > before) {
		assert_true(wbsim_strike(board.sim, glass.strike));
		glass.strike = NULL;
	}
	return status;
}

static enum wb_status glass_read(struct wb_link *link, uint32_t address, unsigned int width,
	size_t count, void *data)
{
	enum wb_status status = glass.real.read(link, address, width, count, data);

	if (status == WB_OK)
		weigh(data, width * count);
	return status;
}

static void under_glass(void)
{
	glass = (struct glass){ .real = board.bench.link };
	board.bench.link.read = glass_read;
	board.bench.link.write = glass_write;
	board.bench.link.secret = glass_secret;
}

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
	assert_int_equal(wbsim_stats(board.sim)->resets, resets);
	board_check_kept(&board);
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

/* ---- no trace ---------------------------------------------------------------------------------- */

static void a_key_travels_in_secret_and_leaves_no_trace(void **unused)
{
	(void)unused;
	under_glass();
	stored(WB_KEY_SIMPLE, simple, 16, 1);
	assert_true(glass.carried > 0);
	assert_int_equal(glass.in_the_open, 0);
	assert_false(glass.secret);
	no_trace(simple, 16);
}

static void an_answer_that_echoes_the_buffer_brings_nothing_home(void **unused)
{
	const char *const quirks[] = { "answer-length=255", NULL };

	(void)unused;
	board_close(&board);
	board_open(&board, "2.2.0", quirks);
	under_glass();
	store(WB_KEY_SIMPLE, simple, 16); /* whatever comes of such an answer */
	assert_int_equal(glass.in_the_open, 0);
	assert_false(glass.secret);
	no_trace(simple, 16);
}

/* A command in between would write the tables anew: the wiping is judged by what is left before. */
static void an_accident_behind_the_key_leaves_no_key(void **unused)
{
	static const char *const strikes[] = { "mailbox-stuck", "nrst", "parity=1", "parity=20",
		"wait=1", "wait=20", "power-cut=200", "bsy-hung" };

	(void)unused;
	for (size_t i = 0; i < sizeof(strikes) / sizeof(*strikes); i++) {
		anew("wb55rg", "2.2.0");
		under_glass();
		glass.strike = strikes[i];
		store(WB_KEY_SIMPLE, simple, 16);
		assert_null(glass.strike);
		assert_false(glass.secret);
		if (in_ram(simple, 16) || in_session(simple, 16))
			fail_msg("after %s: the key is still there", strikes[i]);
	}
}

/* The key is in the buffer, and then: whatever happens, and at whichever operation. */
static void cut_at_every_operation(enum bench_accident accident, bool mended_first)
{
	size_t len;
	void *saved = board_save(&board, &len);
	unsigned int last;

	board.bench.ops = 0;
	stored(WB_KEY_SIMPLE, simple, 16, 1);
	last = board.bench.ops;
	assert_true(last > 20);
	for (unsigned int at = 1; at <= last; at++) {
		enum wb_status status;

		board_restore(&board, saved, len);
		board.bench.accident = accident;
		board.bench.accident_at = at;
		status = store(WB_KEY_SIMPLE, simple, 16);
		assert_false(in_session(simple, 16));
		if (mended_first) {
			if (status == WB_OK && !board.bench.struck)
				continue;
			bench_mend(&board.bench);
			wbsim_attach(board.sim);
			assert_int_equal(wb_fus_state(board.session, &op, &board.result, &board.err),
				WB_OK);
		}
		if (in_ram(simple, 16))
			fail_msg("operation %u of %u: the key is still in the chip's RAM", at, last);
		if (!mended_first)
			board_check_kept(&board);
	}
	free(saved);
}

static void a_stop_anywhere_leaves_no_key_in_ram(void **unused)
{
	(void)unused;
	cut_at_every_operation(ACCIDENT_STOP, false);
}

static void a_probe_pulled_anywhere_leaves_no_key_after_the_next_command(void **unused)
{
	(void)unused;
	cut_at_every_operation(ACCIDENT_UNPLUG, true);
}

/* ---- the authentication key -------------------------------------------------------------------- */

static enum wb_status update_auth(void)
{
	uint8_t bytes[64];
	struct wb_key key;

	memset(bytes, 0x5c, sizeof(bytes));
	memcpy(bytes + 20, simple, sizeof(simple));
	key = key_of(WB_KEY_AUTHENTICATION, bytes, sizeof(bytes));
	return wb_authkey_update(board.session, &(struct wb_operation){ .key = &key },
		&board.result, &board.err);
}

static void an_authentication_key_is_installed_and_locked_with_consent(void **unused)
{
	static const char *const word[] = { "lock-authkey", NULL };

	(void)unused;
	assert_int_equal(install(STACK), WB_OK);
	assert_int_equal(update_auth(), WB_OK);
	assert_true(view().auth_key);
	no_trace(simple, 16);
	board_check_stack(&board, STACK); /* by way of the FUS, and back */
	refused(with(wb_authkey_lock, 0), "lock-authkey");
	assert_false(view().auth_locked);
	assert_int_equal(wb_authkey_lock(board.session, &(struct wb_operation){ .confirm = word },
		&board.result, &board.err), WB_OK);
	assert_true(view().auth_locked);
	assert_int_equal(update_auth(), WB_ERR_FUS);
	assert_non_null(strstr(board.err.text, "authentication key locked"));
	board_check_stack(&board, STACK);
	board_check_kept(&board);
}

/* ---- anti-rollback ----------------------------------------------------------------------------- */

static enum wb_status antirollback(void)
{
	static const char *const word[] = { "antirollback", NULL };

	return wb_fus_antirollback(board.session, &(struct wb_operation){ .confirm = word },
		&board.result, &board.err);
}

static const char *const fus[] = { "0.5.3", "1.0.1", "1.0.2", "1.1.0", "1.1.1", "1.1.2", "1.2.0",
	"2.0.0", "2.1.0", "2.2.0" };
#define FUS_COUNT (sizeof(fus) / sizeof(*fus))
#define FIRST_SAFE 6u

static void antirollback_is_refused_where_it_would_lose_the_chip(void **unused)
{
	(void)unused;
	for (unsigned int i = 0; i < FUS_COUNT; i++) {
		const char *rule = i < FIRST_SAFE ? "antirollback-fus" : "antirollback-no-stack";

		anew("wb55rg", fus[i]);
		refused(antirollback(), rule);
		assert_int_equal(install(STACK), WB_OK);
		if (i < FIRST_SAFE)
			refused(antirollback(), rule);
		assert_int_equal(wb_fus_delete(board.session, &op, &board.result, &board.err), WB_OK);
		refused(antirollback(), rule); /* deleted since */
		assert_false(view().rollback);
	}
}

static void antirollback_without_a_stack_would_have_lost_the_chip(void **unused)
{
	uint8_t answer[8];
	size_t len = sizeof(answer);
	uint16_t opcode;

	(void)unused;
	anew("wb55rg", "1.2.0");
	assert_int_equal(wb_fus_shci(board.session, &op, WB_ACTIVATE_ANTIROLLBACK, NULL, 0, answer,
		&len, &opcode, &board.result, &board.err), WB_OK);
	assert_true(view().rollback);
	assert_int_not_equal(install(STACK), WB_OK);
	assert_int_equal(view().stack_version, 0);
	assert_int_not_equal(install(VERSION(31, 0, 0)), WB_OK); /* not even the newest */
}

static void antirollback_keeps_the_stack_and_refuses_older_ones(void **unused)
{
	(void)unused;
	assert_int_equal(install(STACK), WB_OK);
	refused(with(wb_fus_antirollback, 0), "antirollback");
	assert_false(view().rollback);
	assert_int_equal(antirollback(), WB_OK);
	assert_true(view().rollback);
	board_check_stack(&board, STACK);
	board_check_kept(&board);
	assert_int_equal(install(OLDER), WB_ERR_FUS);
	assert_non_null(strstr(board.err.text, "rollback"));
	assert_int_equal(view().stack_version, 0); /* the plan deletes first */
	assert_int_equal(install(STACK), WB_OK);
	board_check_stack(&board, STACK);
}

/* ---- purge ------------------------------------------------------------------------------------- */

static void purge_removes_the_stack_of_a_fus_2(void **unused)
{
	(void)unused;
	assert_int_equal(install(STACK), WB_OK);
	must(wb_fus_purge, 0);
	board_check_stack(&board, 0);
	board_check_kept(&board);
	assert_int_equal(with(wb_fus_purge, 0), WB_ERR_FUS);
	assert_non_null(strstr(board.err.text, "no wireless stack is installed"));
}

static void purge_is_refused_by_an_older_fus_and_the_stack_stays(void **unused)
{
	(void)unused;
	anew("wb55rg", "1.2.0");
	assert_int_equal(install(STACK), WB_OK);
	refused(with(wb_fus_purge, 0), "purge-fus");
	board_check_stack(&board, STACK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_key_has_the_length_of_its_type),
		TEST(an_iv_in_front_is_put_behind),
		TEST(store_says_the_index_and_load_brings_that_key_to_aes1),
		TEST(a_loaded_key_stays_for_the_next_command),
		TEST(a_stack_serves_keys_and_stays),
		TEST(a_wrong_index_is_an_error_and_changes_nothing),
		TEST(an_encrypted_key_wants_a_master),
		TEST(a_full_store_says_so_and_keeps_what_it_has),
		TEST(a_chip_without_a_key_store_is_not_touched),
		TEST(a_key_travels_in_secret_and_leaves_no_trace),
		TEST(an_answer_that_echoes_the_buffer_brings_nothing_home),
		TEST(an_accident_behind_the_key_leaves_no_key),
		TEST(a_stop_anywhere_leaves_no_key_in_ram),
		TEST(a_probe_pulled_anywhere_leaves_no_key_after_the_next_command),
		TEST(an_authentication_key_is_installed_and_locked_with_consent),
		TEST(antirollback_is_refused_where_it_would_lose_the_chip),
		TEST(antirollback_without_a_stack_would_have_lost_the_chip),
		TEST(antirollback_keeps_the_stack_and_refuses_older_ones),
		TEST(purge_removes_the_stack_of_a_fus_2),
		TEST(purge_is_refused_by_an_older_fus_and_the_stack_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

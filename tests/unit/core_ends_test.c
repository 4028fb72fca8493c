/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How commands end that do not come through, or that another part of the FUS's firmware answers: what
 * the user set is as before, and the chip is left so that its application finds what it knows.
 */
#include "tests/unit/core_keys.h"
#include "core/bytes.h"
#include "core/diagnose.h"
#include "core/options.h"
#include "core/recover.h"
#include "core/regs.h"
#include "core/tables.h"

static struct wb_link real;

/* ---- a look that changed the clock ------------------------------------------------------------- */

static unsigned int failures;

static enum wb_status fails_at_first(struct wb_link *link, uint32_t address, unsigned int width,
	size_t count, void *data)
{
	if (failures && address == WB_PACKAGE && failures--)
		return WB_ERR_LINK;
	return real.read(link, address, width, count, data);
}

static enum wb_status antirollback(void)
{
	return with(wb_fus_antirollback, 0);
}

static enum wb_status store_a_key(void)
{
	return store(WB_KEY_SIMPLE, simple, sizeof(simple));
}

static enum wb_status set(const char *name, uint32_t number)
{
	struct wb_option_value value = { name, number };
	struct wb_option_changes changes;

	return wb_option_set(board.session, &op, &value, 1, NULL, &changes, &board.result,
		&board.err);
}

static enum wb_status set_what_is_refused(void)
{
	return set("SFSA", 0x10);
}

static enum wb_status set_what_is_set(void)
{
	return set("nBOOT1", 1);
}

static enum wb_status recover(void)
{
	struct wb_recovery recovery;

	return wb_fus_recover(board.session, &op, &recovery, &board.result, &board.err);
}

static enum wb_status diagnose(void)
{
	struct wb_diagnosis diagnosis;

	return wb_diagnose(board.session, &op, false, &diagnosis, &board.result, &board.err);
}

/* They look, and go no further. */
static const struct {
	enum wb_status (*run)(void);
	const char *chip, *options[3];
} looks[] = {
	{ antirollback, "wb55rg", { NULL } },
	{ store_a_key, "wb15cc", { NULL } },
	{ set_what_is_refused, "wb55rg", { NULL } },
	{ set_what_is_set, "wb55rg", { NULL } },
	{ recover, "wb55rg", { "nSWBOOT0=0", "nBOOT0=0" } },
	{ diagnose, "wb55rg", { NULL } },
};

static void anew_for_look(size_t i)
{
	anew_as(looks[i].chip, "2.2.0", looks[i].options, NULL);
}

/* Transfers fail, so the look lowers the clock. */
static void the_clock_is_put_back_behind_a_look(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(looks) / sizeof(*looks); i++) {
		anew_for_look(i);
		real = board.bench.link;
		board.bench.link.read = fails_at_first;
		failures = 4;
		looks[i].run();
		assert_int_equal(failures, 0);
		board.bench.link = real;
		assert_int_equal(wbsim_get_speed(board.sim), 3300);
	}
}

/* Then the user lets CPU1 run: the next command sees that. */
static void a_look_is_no_memory_for_the_next_command(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(looks) / sizeof(*looks); i++) {
		struct wb_link *link = &board.bench.link;

		anew_for_look(i);
		link->halt(link); /* the first one tells of the reset at power-on */
		assert_int_equal(link->halt(link), WB_OK);
		looks[i].run();
		assert_int_equal(link->run(link, UINT32_MAX, false), WB_OK);
		if (wb_fus_state(board.session, &op, &board.result, &board.err) != WB_OK ||
			!board.result.cpu1_running)
			fail_msg("look %zu: CPU1 does not run: %s", i, board.err.text);
	}
}

/* ---- the CM0+ does not do what it is told ------------------------------------------------------ */

/* The flag of channel 2 never reaches a CM0+ that runs a stack. */
static enum wb_status loses_the_flag(struct wb_link *link, uint32_t address, unsigned int width,
	size_t count, const void *data)
{
	if (address == IPCC_C1SCR && *(const uint32_t *)data == IPCC_SEND(IPCC_CHANNEL_SYSTEM))
		return WB_OK;
	return real.write(link, address, width, count, data);
}

/* Nothing was ordered before a stack's second GET_STATE: the application runs again. */
static void a_stack_that_does_not_answer_is_left_alone(void **unused)
{
	(void)unused;
	assert_int_equal(install(STACK), WB_OK);
	real = board.bench.link;
	board.bench.link.write = loses_the_flag;
	assert_int_equal(wb_fus_start(board.session, &op, &board.result, &board.err),
		WB_ERR_TIMEOUT);
	board.bench.link = real;
	assert_true(board.result.cpu1_running);
	board_check_stack(&board, STACK);
	board_check_kept(&board);
}

/* FW_DELETE on its way becomes a command that no FUS knows. */
static enum wb_status another_opcode(struct wb_link *link, uint32_t address, unsigned int width,
	size_t count, const void *data)
{
	uint32_t words[64];

	if (count < 3 || count > 64 || width != 4)
		return real.write(link, address, width, count, data);
	memcpy(words, data, count * 4);
	if ((uint16_t)(words[2] >> 8) == WB_FW_DELETE && (uint8_t)words[2] == 0x10)
		words[2] ^= 0x4000;
	return real.write(link, address, width, count, words);
}

static void a_stack_that_was_not_deleted_runs_again(void **unused)
{
	(void)unused;
	assert_int_equal(install(STACK), WB_OK);
	real = board.bench.link;
	board.bench.link.write = another_opcode;
	assert_int_equal(with(wb_fus_delete, 0), WB_ERR_FUS);
	board.bench.link = real;
	board_check_stack(&board, STACK);
	assert_int_equal(board.result.after.selected, WB_RUNS_STACK);
	board_check_kept(&board);
}

/* In the middle of an upgrade it is the NVM backup that says ready: that is not its end. */
static void nvm_backup_is_waited_for(void **unused)
{
	(void)unused;
	anew_with("nvm-ready");
	assert_int_equal(install(STACK), WB_OK);
	board_check_stack(&board, STACK);
	board_check_kept(&board);
	assert_int_equal(install(VERSION(1, 25, 0)), WB_OK);
	board_check_stack(&board, VERSION(1, 25, 0));
}

/* The FUS's ready event is read as that of its NVM backup, so often. */
static unsigned int backups, resets_before;

static enum wb_status reads_a_backup(struct wb_link *link, uint32_t address, unsigned int width,
	size_t count, void *data)
{
	static const uint8_t ready[] = { 0x12, 0xff, 3, 0x00, 0x92, WB_READY_FUS };
	enum wb_status status = real.read(link, address, width, count, data);
	uint8_t *bytes = data;

	for (size_t i = 0; backups && i + sizeof(ready) <= width * count; i++) {
		if (memcmp(bytes + i, ready, sizeof(ready)))
			continue;
		bytes[i + sizeof(ready) - 1] = WB_READY_NVM_BACKUP;
		backups--;
	}
	return status;
}

static bool backup_ends;

static void hears_of_a_backup(struct wb_link *link, bool warning, const char *text)
{
	real.report(link, warning, text);
	if (!strstr(text, "waiting for its end"))
		return;
	resets_before = (unsigned int)wbsim_stats(board.sim)->resets;
	if (backup_ends)
		assert_true(wbsim_strike(board.sim, "nrst"));
}

static enum wb_status beside_a_backup(bool ends)
{
	enum wb_status status;

	real = board.bench.link;
	board.bench.link.read = reads_a_backup;
	board.bench.link.report = hears_of_a_backup;
	backups = 1;
	backup_ends = ends;
	status = store_a_key();
	board.bench.link = real;
	assert_int_equal(backups, 0);
	return status;
}

/* It has the FUS's work in its hands: a reset of ours would break that off. */
static void nvm_backup_without_an_end_is_not_reset(void **unused)
{
	(void)unused;
	assert_int_equal(beside_a_backup(false), WB_ERR_TIMEOUT);
	assert_int_equal(wbsim_stats(board.sim)->resets, resets_before);
}

/* Then the FUS is as free as it was before, and CPU1 is let go. */
static void behind_an_nvm_backup_cpu1_runs_again(void **unused)
{
	(void)unused;
	assert_int_equal(beside_a_backup(true), WB_OK);
	assert_true(board.result.cpu1_running);
	board_check_kept(&board);
}

/* ---- a chip that a command before left held ----------------------------------------------------- */

static bool said_uncaught;

static void listens(struct wb_link *link, bool warning, const char *text)
{
	said_uncaught = said_uncaught || strstr(text, "vector catch does not hold");
	real.report(link, warning, text);
}

/* Its resets are caught as those of any other: option bytes are not written for it. */
static void a_held_chip_is_caught_as_any_other(void **unused)
{
	const struct wb_operation hold = { .hold = true };
	struct wb_image image;

	(void)unused;
	real = board.bench.link;
	board.bench.link.report = listens;
	said_uncaught = false;
	assert_int_equal(wb_fus_start(board.session, &hold, &board.result, &board.err), WB_OK);
	board_image(&image, BOARD_STACK, STACK, STACK_SIZE);
	assert_int_equal(board_upgrade(&board, &image), WB_OK);
	board_image_free(&image);
	assert_false(said_uncaught);
	assert_int_equal(wbsim_stats(board.sim)->option_writes, 0);
	board_check_stack(&board, STACK);
	board_check_kept(&board);
}

/* ---- a key in a raw command -------------------------------------------------------------------- */

static void send_raw(uint16_t opcode, const uint8_t *payload, size_t size)
{
	uint8_t answer[16];
	size_t len = sizeof(answer);
	uint16_t answered;

	assert_int_equal(wb_fus_shci(board.session, &op, opcode, payload, size, answer, &len,
		&answered, &board.result, &board.err), WB_OK);
	assert_int_equal(answer[0], 0);
	assert_false(in_ram(simple, sizeof(simple)));
}

static void a_key_sent_raw_leaves_no_trace(void **unused)
{
	uint8_t user[2 + sizeof(simple)] = { WB_KEY_SIMPLE, sizeof(simple) }, auth[65] = { 64 };

	(void)unused;
	memcpy(user + 2, simple, sizeof(simple));
	send_raw(WB_STORE_USR_KEY, user, sizeof(user));
	assert_int_equal(view().user_keys, 1);
	memcpy(auth + 1, simple, sizeof(simple));
	send_raw(WB_UPDATE_AUTH_KEY, auth, sizeof(auth));
	assert_true(view().auth_key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_clock_is_put_back_behind_a_look),
		TEST(a_look_is_no_memory_for_the_next_command),
		TEST(a_stack_that_does_not_answer_is_left_alone),
		TEST(a_stack_that_was_not_deleted_runs_again),
		TEST(nvm_backup_is_waited_for),
		TEST(nvm_backup_without_an_end_is_not_reset),
		TEST(behind_an_nvm_backup_cpu1_runs_again),
		TEST(a_held_chip_is_caught_as_any_other),
		TEST(a_key_sent_raw_leaves_no_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

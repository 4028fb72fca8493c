/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a customer decides for the life of a chip: authentication key and anti-rollback; and purge.
 */
#include "tests/unit/core_keys.h"
#include "core/mailbox.h"

#define OLDER VERSION(1, 20, 0)

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

/* It answers before the key is in its place: START_WS has to wait. */
static void a_fus_still_at_work_on_a_key_is_waited_for(void **unused)
{
	(void)unused;
	anew_with("alt-order");
	assert_int_equal(install(STACK), WB_OK);
	assert_int_equal(update_auth(), WB_OK);
	assert_true(view().auth_key);
	board_check_stack(&board, STACK);
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

static enum wb_status (*real_write)(struct wb_link *link, uint32_t address, unsigned int width,
	size_t count, const void *data);

/* ACTIVATE_ANTIROLLBACK becomes a command that no FUS knows. */
static enum wb_status another_opcode(struct wb_link *link, uint32_t address, unsigned int width,
	size_t count, const void *data)
{
	uint32_t words[64];

	if (count < 3 || count > 64 || width != 4)
		return real_write(link, address, width, count, data);
	memcpy(words, data, count * 4);
	if ((uint16_t)(words[2] >> 8) == WB_ACTIVATE_ANTIROLLBACK && (uint8_t)words[2] == 0x10)
		words[2] ^= 0x4000;
	return real_write(link, address, width, count, words);
}

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

static enum wb_status raw(uint16_t opcode)
{
	uint8_t answer[8];
	size_t len = sizeof(answer);
	uint16_t answered;

	return wb_fus_shci(board.session, &op, opcode, NULL, 0, answer, &len, &answered,
		&board.result, &board.err);
}

/* A raw command is asked for the same consent as the one that has a name. */
static void what_cannot_be_undone_is_no_raw_command(void **unused)
{
	(void)unused;
	refused(raw(WB_ACTIVATE_ANTIROLLBACK), "antirollback-no-stack");
	refused(raw(WB_LOCK_AUTH_KEY), "lock-authkey");
	assert_false(view().rollback || view().auth_locked);
	anew("wb55rg", "1.2.0");
	refused(raw(WB_FW_PURGE), "purge-fus");
	anew("wb15cc", "2.2.0");
	refused(raw(WB_STORE_USR_KEY), "no-key-store");
}

static void antirollback_without_a_stack_would_have_lost_the_chip(void **unused)
{
	struct mail mail;

	(void)unused;
	anew("wb55rg", "1.2.0");
	/* past all rules: to the mailbox itself */
	assert_int_equal(session_open(board.session, &op, &board.result, &board.err), WB_OK);
	assert_int_equal(cm0_start(board.session, &board.err), WB_OK);
	assert_int_equal(mailbox_transact(board.session, WB_ACTIVATE_ANTIROLLBACK, NULL, 0, 1000,
		&mail, &board.err), WB_OK);
	assert_int_equal(session_close(board.session, &op, &board.result, WB_OK, &board.err), WB_OK);
	assert_true(view().rollback);
	assert_int_not_equal(install(STACK), WB_OK);
	assert_non_null(strstr(board.err.text, "no wireless stack is installed: that alone may be"));
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
	board_check_stack(&board, STACK); /* the plan does not delete first what is newer */
	board_check_kept(&board);
}

/* The other reading of the wiki's FAQ: the chip must not be without a stack. */
static void with_antirollback_on_a_newer_stack_may_be_installed_beside_the_old_one(void **unused)
{
	struct wb_image image;
	struct wb_goal goal = { .image = &image, .first_install = true,
		.confirm = { "unknown-image", "overwrite" } };

	(void)unused;
	anew_with("antirollback=lost");
	assert_int_equal(install(OLDER), WB_OK);
	assert_int_equal(antirollback(), WB_OK);
	board_image(&image, BOARD_STACK, STACK, STACK_SIZE);
	if (wb_fus_upgrade(board.session, &goal, false, &board.plan, &board.result, &board.err) !=
		WB_OK)
		fail_msg("%s", board.err.text);
	board_image_free(&image);
	board_check_stack(&board, STACK);
}

/* The journal knows: the plan does not remove the stack first, and nobody else does without a word. */
static void with_antirollback_on_the_stack_is_not_removed(void **unused)
{
	static const char *const word[] = { "antirollback", NULL };
	struct wb_image image;
	struct wb_goal goal = { .image = &image, .force_delete = true,
		.confirm = { "unknown-image", "overwrite" } };

	(void)unused;
	anew_with("antirollback=lost");
	assert_int_equal(install(OLDER), WB_OK);
	assert_int_equal(antirollback(), WB_OK);
	refused(with(wb_fus_delete, 0), "antirollback");
	refused(with(wb_fus_purge, 0), "antirollback");
	refused(raw(WB_FW_DELETE), "antirollback");
	refused(raw(WB_FW_PURGE), "antirollback");
	board_image(&image, BOARD_STACK, STACK, STACK_SIZE);
	refused(wb_fus_upgrade(board.session, &goal, false, &board.plan, &board.result, &board.err),
		"antirollback");
	board_image_free(&image);
	board_check_stack(&board, OLDER);
	assert_int_equal(install(STACK), WB_OK);
	board_check_stack(&board, STACK);
	assert_int_equal(wb_fus_delete(board.session, &(struct wb_operation){ .confirm = word },
		&board.result, &board.err), WB_OK);
	assert_int_not_equal(install(STACK), WB_OK); /* what it is all about */
}

/* A plan that is only shown, or made behind the reset where no look comes before it. */
static void with_antirollback_on_every_plan_keeps_the_stack(void **unused)
{
	struct wb_image image;
	struct wb_goal goal = { .image = &image, .confirm = { "unknown-image", "overwrite" } };

	(void)unused;
	assert_int_equal(install(OLDER), WB_OK);
	assert_int_equal(antirollback(), WB_OK);
	board_image(&image, BOARD_STACK, STACK, STACK_SIZE);
	for (int dry_run = 1; dry_run >= 0; dry_run--) {
		goal.under_reset = !dry_run;
		assert_int_equal(wb_fus_upgrade(board.session, &goal, dry_run, &board.plan,
			&board.result, &board.err), WB_OK);
		assert_int_not_equal(board.plan.count, 0);
		for (unsigned int i = 0; i < board.plan.count; i++)
			assert_int_not_equal(board.plan.steps[i].kind, WB_STEP_DELETE);
	}
	board_image_free(&image);
	board_check_stack(&board, STACK);
}

static enum wb_status antirollback_refused_by_the_fus(void)
{
	enum wb_status status;

	real_write = board.bench.link.write;
	board.bench.link.write = another_opcode;
	status = antirollback();
	board.bench.link.write = real_write;
	return status;
}

/* A chip that refuses it, as a FUS that does not know it: no note stays. */
static void antirollback_refused_by_the_fus_is_not_noted(void **unused)
{
	(void)unused;
	assert_int_equal(install(STACK), WB_OK);
	assert_int_equal(board.bench.record[WB_RECORD_ROLLBACK].len, 0);
	assert_int_equal(antirollback_refused_by_the_fus(), WB_ERR_FUS);
	assert_int_equal(board.bench.record[WB_RECORD_ROLLBACK].len, 0);
	must(wb_fus_delete, 0);
}

static void what_was_noted_of_antirollback_stays_where_it_is_refused_later(void **unused)
{
	(void)unused;
	assert_int_equal(install(STACK), WB_OK);
	assert_int_equal(antirollback(), WB_OK);
	assert_int_equal(antirollback_refused_by_the_fus(), WB_ERR_FUS);
	refused(with(wb_fus_delete, 0), "antirollback");
}

static enum wb_status (*real_load)(struct wb_link *link, uint64_t uid64, enum wb_record record,
	void *data, size_t *len);

static enum wb_status no_note_is_read(struct wb_link *link, uint64_t uid64, enum wb_record record,
	void *data, size_t *len)
{
	return record == WB_RECORD_ROLLBACK ? WB_ERR_HOST :
		real_load(link, uid64, record, data, len);
}

/* Nobody knows then whether it is on: the stack stays. */
static void with_a_journal_that_cannot_be_read_the_stack_is_not_removed(void **unused)
{
	(void)unused;
	assert_int_equal(install(STACK), WB_OK);
	real_load = board.bench.link.journal_load;
	board.bench.link.journal_load = no_note_is_read;
	refused(with(wb_fus_delete, 0), "antirollback");
	board.bench.link.journal_load = real_load;
	must(wb_fus_delete, 0);
}

static void an_older_stack_goes_in_where_anti_rollback_is_off(void **unused)
{
	(void)unused;
	for (unsigned int i = 3; i < FUS_COUNT; i++) {
		anew("wb55rg", fus[i]);
		assert_int_equal(install(STACK), WB_OK);
		assert_int_equal(install(OLDER), WB_OK);
		for (unsigned int k = 0; k < board.plan.count; k++)
			assert_int_not_equal(board.plan.steps[k].kind, WB_STEP_DELETE);
		board_check_stack(&board, OLDER);
	}
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_authentication_key_is_installed_and_locked_with_consent),
		TEST(a_fus_still_at_work_on_a_key_is_waited_for),
		TEST(antirollback_is_refused_where_it_would_lose_the_chip),
		TEST(antirollback_without_a_stack_would_have_lost_the_chip),
		TEST(antirollback_keeps_the_stack_and_refuses_older_ones),
		TEST(what_cannot_be_undone_is_no_raw_command),
		TEST(with_antirollback_on_the_stack_is_not_removed),
		TEST(with_antirollback_on_every_plan_keeps_the_stack),
		TEST(antirollback_refused_by_the_fus_is_not_noted),
		TEST(what_was_noted_of_antirollback_stays_where_it_is_refused_later),
		TEST(with_a_journal_that_cannot_be_read_the_stack_is_not_removed),
		TEST(with_antirollback_on_a_newer_stack_may_be_installed_beside_the_old_one),
		TEST(an_older_stack_goes_in_where_anti_rollback_is_off),
		TEST(purge_removes_the_stack_of_a_fus_2),
		TEST(purge_is_refused_by_an_older_fus_and_the_stack_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

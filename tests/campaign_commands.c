/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The jobs that are one command of one signature, and how a board gets to where it is needed. */
#include "core/diagnose.h"
#include "core/keys.h"
#include "core/options.h"
#include "core/recover.h"
#include "core/mailbox.h"
#include "tests/campaign.h"

#define FIRST_KEY 1u /* index of the first user key */
#define ANSWER_MAX 16u
#define FUS_ERROR 0xffu

/* ---- commands of another signature ----------------------------------------------------------- */

static enum wb_status recover(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	struct wb_recovery recovery;

	return wb_fus_recover(session, op, &recovery, result, err);
}

/* A script's: what the FUS did with it tells the state behind it. */
static enum wb_status raw_delete(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	uint8_t answer[ANSWER_MAX] = { 0 };
	uint16_t opcode = 0;
	size_t len = sizeof(answer);
	enum wb_status status = wb_fus_shci(session, op, WB_FW_DELETE, NULL, 0, answer, &len,
		&opcode, result, err);

	if (status != WB_OK || (answer[0] != FUS_ERROR && result->state.state != FUS_ERROR &&
		!result->state.stack_version))
		return status;
	return wb_fail(err, WB_ERR_FUS, "raw: status 0x%02x, then state 0x%02x, error 0x%02x, "
		"stack 0x%08x", answer[0], result->state.state, result->state.error,
		result->state.stack_version);
}

/* Its status is that of the worst finding, as the command's is. */
static enum wb_status diagnosed(const struct wb_diagnosis *d, enum wb_status status,
	struct wb_error *err)
{
	for (unsigned int i = 0; status == WB_OK && i < d->count; i++)
		if (d->finding[i].verdict == WB_VERDICT_BAD)
			status = wb_fail(err, WB_ERR_CHIP, "%s: %s", d->finding[i].id,
				d->finding[i].seen);
	return status;
}

static enum wb_status diagnose(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	struct wb_diagnosis d;
	enum wb_status status = wb_diagnose(session, op, false, &d, result, err);

	return diagnosed(&d, status, err);
}

static enum wb_status diagnose_mailbox(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	struct wb_diagnosis d;
	enum wb_status status = wb_diagnose(session, op, true, &d, result, err);

	return diagnosed(&d, status, err);
}

/* ---- boards in trouble ----------------------------------------------------------------------- */

static void must(struct board *board, enum wb_status status)
{
	if (status != WB_OK)
		fail_msg("to get there: %s", board->err.text);
}

static void key_in_aes1(struct board *board, const struct wb_image *image)
{
	(void)image;
	must(board, wb_usrkey_load(board->session, &(struct wb_operation){ .key_index = FIRST_KEY },
		&board->result, &board->err));
}

static void safeboot_selected(struct board *board, const struct wb_image *image)
{
	(void)image;
	assert_true(wbsim_corrupt_option(board->sim, "SFSA"));
	job_cycle(board);
}

static void upgrade_cut_off(struct board *board, const struct wb_image *image)
{
	char why[256];

	assert_true(wbsim_add_fault(board->sim, "step=installed:power-cut=3600000", why,
		sizeof(why)));
	assert_int_not_equal(board_upgrade(board, image), WB_OK);
	wbsim_clear_faults(board->sim);
	job_cycle(board);
}

/* Not loaded yet: a page that the next reset finds damaged. */
static void page_damaged(struct board *board, const struct wb_image *image)
{
	(void)image;
	assert_true(wbsim_corrupt_option(board->sim, "WRP1A_STRT"));
}

static enum wb_status set(struct board *board, const struct wb_option_value *values,
	unsigned int count)
{
	struct wb_option_changes changes;

	return wb_option_set(board->session, &(struct wb_operation){ .hold = false }, values, count,
		NULL, &changes, &board->result, &board->err);
}

static void boots_elsewhere(struct board *board, const struct wb_image *image)
{
	static const struct wb_option_value rom[] = { { "nSWBOOT0", 0 }, { "nBOOT0", 0 } };

	(void)image;
	must(board, set(board, rom, sizeof(rom) / sizeof(*rom)));
	job_cycle(board);
}

static void unplug(void *ctx, const char *place, uint64_t n, const char *step)
{
	struct board *board = ctx;

	(void)n;
	(void)step;
	if (!strcmp(place, "flash"))
		wbsim_unplug(board->sim);
}

/* The probe is pulled in a write, and the supply sags: neither the old ones nor the new. */
static void options_lost(struct board *board, const struct wb_image *image)
{
	static const struct wb_option_value old[] = { { "nRST_STOP", 0 }, { "BOR_LEV", 2 } };
	static const struct wb_option_value wanted[] = { { "nRST_STOP", 1 }, { "BOR_LEV", 3 } };

	(void)image;
	must(board, set(board, old, sizeof(old) / sizeof(*old)));
	wbsim_observe(board->sim, unplug, board);
	assert_int_not_equal(set(board, wanted, sizeof(wanted) / sizeof(*wanted)), WB_OK);
	wbsim_observe(board->sim, NULL, NULL);
	assert_true(board->bench.record[WB_RECORD_OPTIONS].len != 0);
	wbsim_replug(board->sim);
	assert_true(wbsim_strike(board->sim, "brown-out-user=300"));
	job_cycle(board);
}

/* ---- the commands ---------------------------------------------------------------------------- */

#define NOTHING_TO_RECOVER "nothing to recover"

static const struct wb_key user_key = { WB_KEY_SIMPLE, 16, 16, "a key of 16 byt" };
static const struct wb_key auth_key = { WB_KEY_AUTHENTICATION, 64, 64, "a customer's" };

const struct campaign_command
	campaign_purge = { .run = wb_fus_purge, .twice = "no wireless stack is installed" },
	campaign_store = { .run = wb_usrkey_store, .key = &user_key },
	campaign_load = { .run = wb_usrkey_load, .before = wb_usrkey_store, .key = &user_key,
		.holds = true },
	/* any reset does the same, and leaves no key there to be unloaded */
	campaign_unload = { .run = wb_usrkey_unload, .before = wb_usrkey_store, .key = &user_key,
		.prepare = key_in_aes1, .holds = true, .twice = "key 1 was not unloaded" },
	campaign_lock = { .run = wb_usrkey_lock, .before = wb_usrkey_store, .key = &user_key,
		.holds = true },
	campaign_authkey = { .run = wb_authkey_update, .key = &auth_key },
	campaign_lock_authkey = { .run = wb_authkey_lock, .before = wb_authkey_update,
		.key = &auth_key, .confirm = { "lock-authkey" } },
	campaign_antirollback = { .run = wb_fus_antirollback, .confirm = { "antirollback" } },
	campaign_recover_fus = { .run = recover, .before = wb_fus_start,
		.twice = NOTHING_TO_RECOVER },
	campaign_recover_safeboot = { .run = recover, .prepare = safeboot_selected,
		.confirm = { "factory-reset" }, .erases = true, .twice = NOTHING_TO_RECOVER },
	campaign_recover_upgrade = { .run = recover, .prepare = upgrade_cut_off,
		.twice = NOTHING_TO_RECOVER },
	campaign_recover_page = { .run = recover, .prepare = page_damaged,
		.confirm = { "options" }, .twice = NOTHING_TO_RECOVER },
	campaign_recover_boot = { .run = recover, .prepare = boots_elsewhere,
		.confirm = { "options" }, .twice = NOTHING_TO_RECOVER },
	campaign_recover_options = { .run = recover, .prepare = options_lost,
		.confirm = { "options" }, .twice = NOTHING_TO_RECOVER },
	campaign_start = { .run = wb_fus_start },
	campaign_start_ws = { .run = wb_fus_start_ws, .before = wb_fus_start },
	campaign_state = { .run = wb_fus_state, .before = wb_fus_start, .asks = true },
	campaign_shci = { .run = raw_delete, .before = wb_fus_start, .twice = "then state 0xff" },
	campaign_diagnose = { .run = diagnose, .asks = true, .reads = true },
	campaign_mailbox = { .run = diagnose_mailbox, .asks = true };

enum wb_status campaign_call(struct board *board, const struct campaign_command *c,
	campaign_operation *run)
{
	return run(board->session, &(struct wb_operation){ .key = c->key, .confirm = c->confirm,
		.key_index = FIRST_KEY }, &board->result, &board->err);
}

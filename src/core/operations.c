/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The short operations of openfus.h: open, do one thing, close.
 */
#include <string.h>
#include "core/fus.h"
#include "core/guards.h"
#include "core/keys.h"
#include "core/mailbox.h"
#include "core/preserve.h"
#include "core/cortex_m.h"

#define HELD_ANSWER_MS 1000u

typedef enum wb_status fus_action(struct wb_session *s, struct wb_fus_state *state,
	struct wb_error *err);

static enum wb_status run(struct wb_session *s, const struct wb_operation *op, fus_action *action,
	struct wb_result *result, struct wb_error *err)
{
	struct wb_error local;
	enum wb_status status;

	if (!err)
		err = &local;
	status = session_open(s, op, result, err);
	if (status == WB_OK && preserve_pending(s, s->chip.uid64))
		session_report(s, true, "an upgrade was cut off, and user flash that it saved is not "
			"back yet: the same upgrade again puts it back");
	if (status == WB_OK)
		status = action(s, &result->state, err);
	return session_close(s, op, result, status, err);
}

static enum wb_status ask(struct wb_session *s, struct wb_fus_state *state, struct wb_error *err)
{
	enum wb_status status = cm0_start(s, err);

	state->runs = s->runs;
	state->fus_version = s->chip.versions.fus;
	state->stack_version = s->chip.versions.stack;
	if (status != WB_OK || s->runs != WB_RUNS_FUS)
		return status;
	status = fus_get_state(s, state, err);
	/* at work: no reset of ours may come in between */
	s->fus_busy = status == WB_OK && state->state != WB_STATE_IDLE &&
		state->state != WB_STATE_ERROR;
	return status == WB_ERR_RESET ? hold_follow(s, err) : status;
}

/*
 * The short way: a chip that a command before this one left held, with the FUS up, is asked right
 * away. If it does not answer, something happened to it, and the long way finds out what. CPU1 stays
 * as it is, so the host may go on polling. Where an application may have run since, the shared RAM is
 * its own, and nothing is written there before the long way has looked.
 */
static bool ask_held(struct wb_session *s, struct wb_result *result)
{
	struct wb_error err;
	struct mail mail;

	if (!s->held || s->runs != WB_RUNS_FUS)
		return false;
	if (s->link->parked && !s->link->parked(s->link, s->reset_pc))
		return false;
	memset(result, 0, sizeof(*result));
	s->started_ms = session_ms(s);
	if (mailbox_transact(s, WB_GET_STATE, NULL, 0, HELD_ANSWER_MS, &mail, &err) != WB_OK)
		return false;
	result->before = result->after = s->chip;
	result->state = (struct wb_fus_state){ .runs = WB_RUNS_FUS,
		.state = mail.status,
		.has_error = mail.len > 0,
		.error = mail.len ? mail.payload[0] : 0,
		.fus_version = s->chip.versions.fus,
		.stack_version = s->chip.versions.stack };
	result->ms = session_ms(s) - s->started_ms;
	wb_format(result->left, sizeof(result->left), "CPU1 is held as before");
	return true;
}

enum wb_status wb_fus_state(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	if (!op->under_reset && ask_held(session, result))
		return WB_OK;
	return run(session, op, ask, result, err);
}

enum wb_status wb_fus_start(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	enum wb_status status = run(session, op, fus_enter, result, err);

	/* whoever asks for the FUS wants it to stay, whatever an errand before was to bring back */
	if (status == WB_OK)
		session->link->journal_store(session->link, session->chip.uid64, WB_RECORD_AWAY, NULL,
			0);
	return status;
}

enum wb_status wb_fus_start_ws(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	return run(session, op, fus_to_stack, result, err);
}

/* ---- the stack removed ------------------------------------------------------------------------- */

/* If it does not go, it is to run again: the application would wait for it in vain. */
static enum wb_status remove_with(fus_action *action, struct wb_session *s,
	struct wb_result *result, struct wb_error *err)
{
	enum wb_status status = action(s, &result->state, err);
	struct wb_fus_state after; /* the result keeps what failed */
	struct wb_error quiet;

	if (status != WB_OK && status != WB_ERR_LINK && !s->fus_busy &&
		result->before.selected == WB_RUNS_STACK &&
		cm0_start(s, &quiet) == WB_OK && s->runs == WB_RUNS_FUS && s->chip.versions.stack)
		fus_to_stack(s, &after, &quiet);
	return status;
}

static enum wb_status delete(struct wb_session *s, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	(void)op;
	return remove_with(fus_delete, s, result, err);
}

static enum wb_status purge(struct wb_session *s, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	(void)op;
	return remove_with(fus_purge, s, result, err);
}

enum wb_status wb_fus_delete(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	return wb_errand_run(session, WB_GUARD_REMOVE, op, delete, result, err);
}

enum wb_status wb_fus_purge(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	return wb_errand_run(session, WB_GUARD_PURGE | WB_GUARD_REMOVE, op, purge, result, err);
}

/* ---- raw commands ------------------------------------------------------------------------------ */

/* What is known of some commands; the others are sent as they are. */
static const struct known {
	uint16_t opcode;
	unsigned int guards; /* the rules of the command that has a name of its own */
	bool resets;	     /* the FUS resets the chip: what follows is followed */
	bool secret;	     /* the payload is a key */
} known[] = {
	{ WB_FW_UPGRADE, 0, true, false },
	{ WB_FW_DELETE, WB_GUARD_REMOVE, true, false },
	{ WB_START_WS, 0, true, false },
	{ WB_FW_PURGE, WB_GUARD_PURGE | WB_GUARD_REMOVE, true, false },
	{ WB_LOCK_AUTH_KEY, WB_GUARD_AUTHKEY_LOCK, false, false },
	{ WB_ACTIVATE_ANTIROLLBACK, WB_GUARD_ANTIROLLBACK, false, false },
	{ WB_UPDATE_AUTH_KEY, WB_GUARD_AUTHKEY_UPDATE, false, true },
	{ WB_STORE_USR_KEY, WB_GUARD_USRKEY, false, true },
};

static const struct known *known_of(uint16_t opcode)
{
	static const struct known none = { 0 };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (known[i].opcode == opcode)
			return &known[i];
	return &none;
}

static enum wb_status transact(struct wb_session *s, const struct known *k, uint16_t opcode,
	const uint8_t *payload, size_t len, struct mail *mail, struct wb_error *err)
{
	uint8_t key[WB_PAYLOAD_MAX];

	if (!k->secret || !len)
		return mailbox_transact(s, opcode, payload, len, MAILBOX_ANSWER_MS, mail, err);
	memcpy(key, payload, len);
	return mailbox_secret(s, opcode, key, len, mail, err);
}

static enum wb_status raw(struct wb_session *s, const struct wb_operation *op, uint16_t opcode,
	const uint8_t *payload, size_t len, struct mail *mail, struct wb_fus_state *state,
	struct wb_error *err)
{
	const struct known *k = known_of(opcode);
	enum wb_status status = cm0_start(s, err);

	/* an order finds a FUS that has ended what an earlier one began; questions are as asked */
	if (status == WB_OK && s->runs == WB_RUNS_FUS && k->resets)
		status = fus_settle(s, state, err);
	if (status == WB_OK)
		status = wb_guard_check(&s->chip, wb_rollback_noted(s, s->chip.uid64), k->guards, op,
			err);
	if (status != WB_OK)
		return status;
	s->operation = "the command";
	s->fus_busy = k->resets; /* from here on a reset of ours may not come in between */
	status = transact(s, k, opcode, payload, len, mail, err);
	if (status == WB_ERR_RESET) {
		status = hold_follow(s, err);
		if (status == WB_OK)
			status = s->fus_busy ? fus_follow(s, state, err) : cm0_start(s, err);
		return status != WB_OK ? status :
			wb_fail(err, WB_ERR_RESET,
				"command 0x%04X made the chip reset instead of answering; the %s "
				"runs now",
				opcode, wb_runs_name(s->runs));
	}
	if (status == WB_OK && mail->status == WB_STATE_ERROR)
		s->fus_busy = false;
	if (status != WB_OK || !s->fus_busy)
		return status;
	status = fus_follow(s, state, err);
	/* the FUS's own failure is for the one who sent the command to see, by asking the state */
	return status == WB_OK || status == WB_ERR_FUS ? WB_OK :
		wb_context(err, "the command was answered, status 0x%02X, but then", mail->status);
}

enum wb_status wb_fus_shci(struct wb_session *session, const struct wb_operation *op,
	uint16_t opcode, const uint8_t *payload, size_t len, uint8_t *answer, size_t *answer_len,
	uint16_t *answer_opcode, struct wb_result *result, struct wb_error *err)
{
	struct mail mail = { 0 };
	struct wb_error local;
	enum wb_status status;
	size_t room = *answer_len;

	if (!err)
		err = &local;
	*answer_len = 0;
	if (len > WB_PAYLOAD_MAX)
		return wb_fail(err, WB_ERR_USAGE,
			"a command carries at most %u bytes, these are %zu", WB_PAYLOAD_MAX, len);
	status = session_open(session, op, result, err);
	if (status == WB_OK)
		status = raw(session, op, opcode, payload, len, &mail, &result->state, err);
	if (status == WB_OK && room) {
		size_t n = mail.len < room - 1 ? mail.len : room - 1;

		answer[0] = mail.status;
		memcpy(answer + 1, mail.payload, n);
		*answer_len = n + 1;
		*answer_opcode = mail.opcode;
	}
	return session_close(session, op, result, status, err);
}

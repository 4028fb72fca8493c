/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The short operations of openfus.h: open, do one thing, close.
 */
#include <string.h>
#include "core/fus.h"
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

enum wb_status wb_fus_delete(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	return run(session, op, fus_delete, result, err);
}

/* Commands that make the FUS reset the chip: what follows is followed. */
static bool resets_chip(uint16_t opcode)
{
	return opcode == WB_FW_UPGRADE || opcode == WB_FW_DELETE || opcode == WB_START_WS ||
		opcode == WB_FW_PURGE;
}

static enum wb_status raw(struct wb_session *s, uint16_t opcode, const uint8_t *payload,
	size_t len, struct mail *mail, struct wb_fus_state *state, struct wb_error *err)
{
	enum wb_status status = cm0_start(s, err);
	struct wb_error quiet;

	if (status != WB_OK)
		return status;
	s->operation = "the command";
	s->fus_busy = resets_chip(opcode); /* from here on a reset of ours may come in between */
	status = mailbox_transact(s, opcode, payload, len, MAILBOX_ANSWER_MS, mail, err);
	if (status == WB_ERR_RESET) {
		status = hold_follow(s, err);
		if (status == WB_OK)
			status = s->fus_busy ? fus_follow(s, state, err) : cm0_start(s, err);
		return status != WB_OK ? status :
			wb_fail(err, WB_ERR_RESET,
				"command 0x%04x made the chip reset instead of answering; the %s "
				"runs now",
				opcode, wb_runs_name(s->runs));
	}
	if (status == WB_OK && mail->status == WB_STATE_ERROR)
		s->fus_busy = false;
	/* its failure is for the one who sent the command to see, by asking the state */
	if (status == WB_OK && s->fus_busy)
		fus_follow(s, state, &quiet);
	return status;
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
		status = raw(session, opcode, payload, len, &mail, &result->state, err);
	if (status == WB_OK && room) {
		size_t n = mail.len < room - 1 ? mail.len : room - 1;

		answer[0] = mail.status;
		memcpy(answer + 1, mail.payload, n);
		*answer_len = n + 1;
		*answer_opcode = mail.opcode;
	}
	return session_close(session, op, result, status, err);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The FUS's commands and how their consequences are followed.
 *
 * The rule that everything here keeps: after a reset the ready event says who is there, and only a
 * FUS is asked for its state. A stack answers the first GET_STATE with "not running" and takes the
 * second one as the order to boot the FUS from now on.
 */
#include <string.h>
#include "core/fus.h"
#include "core/mailbox.h"
#include "core/regs.h"

#define FOLLOW_MS 300000u	/* the longest operation seen takes less than a minute */
#define ASK_MS 50u /* our limit: no FUS is asked for its state more often [fus.md] */
#define ASK_MAX_MS 500u
#define LOOK_MAX_MS 10u /* a reset is waited for by looking: what it is late is lost */
#define LEAVE_MS 5000u /* from a stack's second GET_STATE to the reset */
/* the error code is one byte; a few more could be a newer FUS's, a bufferful is no answer */
#define STATE_PAYLOAD_MAX 16u
#define IMAGE_NOT_FOUND 0x01u /* error of GET_STATE [mw] */
#define UPGRADE "FW_UPGRADE"
#define IDLE_LOOKS 3u /* FW_UPGRADE is accepted before the state says so */

static void fill(struct wb_session *s, struct wb_fus_state *state)
{
	state->runs = s->runs;
	state->fus_version = s->chip.versions.fus;
	state->stack_version = s->chip.versions.stack;
}

static enum wb_status say_error(const struct wb_fus_state *state, const char *what,
	struct wb_error *err)
{
	const char *advice = strcmp(what, UPGRADE) ? "" :
		wb_upgrade_error_advice(state->error, state->stack_version != 0);

	return wb_fail(err, WB_ERR_FUS,
		"%s failed: the FUS says state 0x%02X (%s), error 0x%02X (%s)%s%s", what,
		state->state, wb_fus_state_name(state->state), state->error,
		wb_fus_error_name(state->error), *advice ? ". " : "", advice);
}

enum wb_status fus_get_state(struct wb_session *s, struct wb_fus_state *state,
	struct wb_error *err)
{
	struct mail mail;
	enum wb_status status = mailbox_transact(s, WB_GET_STATE, NULL, 0, MAILBOX_ANSWER_MS,
		&mail, err);

	fill(s, state);
	if (status != WB_OK)
		return status;
	if (mail.len > STATE_PAYLOAD_MAX)
		return wb_fail(err, WB_ERR_CHIP,
			"the answer to GET_STATE has %u bytes behind the state where one is known: not "
			"believed. `stm32wb fus start` resets the chip and asks again", mail.len);
	state->state = mail.status;
	state->has_error = mail.len > 0;
	state->error = mail.len ? mail.payload[0] : 0;
	return WB_OK;
}

/* Look for a reset, for so long; `began`: since when the chip is at it. */
static enum wb_status watch(struct wb_session *s, uint64_t began, unsigned int ms,
	struct wb_error *err)
{
	uint64_t now = session_ms(s), end = now + ms;
	enum wb_status status;

	do {
		unsigned int pause = session_pause(now - began, LOOK_MAX_MS);

		session_wait(s, end - now < pause ? (unsigned int)(end - now) : pause);
		status = hold_check(s, err);
		now = session_ms(s);
	} while (status == WB_OK && now < end);
	return status;
}

/* The chip is going to reset by itself: wait for it and hold it. */
static enum wb_status await_reset(struct wb_session *s, const char *why, struct wb_error *err)
{
	enum wb_status status = watch(s, session_ms(s), LEAVE_MS, err);

	if (status == WB_OK)
		return wb_fail(err, WB_ERR_TIMEOUT, "no reset within %u ms of %s", LEAVE_MS, why);
	return status == WB_ERR_RESET ? hold_follow(s, err) : status;
}

/* Two GET_STATEs make a stack reset the chip into the FUS. */
static enum wb_status leave_stack(struct wb_session *s, struct wb_fus_state *state,
	struct wb_error *err)
{
	enum wb_status status = WB_OK;

	session_report(s, false, "the wireless stack runs: asking it to start the FUS");
	s->settled = false;
	for (unsigned int i = 0; i < 2 && status == WB_OK; i++) {
		s->fus_busy = i; /* the first orders nothing yet */
		status = fus_get_state(s, state, err);
	}
	if (status == WB_OK)
		return await_reset(s, "the second GET_STATE", err);
	/* no answer is no harm: the reset may have overtaken it */
	if (status == WB_ERR_RESET)
		return hold_follow(s, err);
	return status;
}

/* An operation that is followed. */
struct follow {
	struct wb_versions before; /* as the chip said when it began */
	uint64_t began_ms;	   /* it, or its last reset */
	unsigned int idle;	   /* looks in a row that found the FUS idle */
	bool end;		   /* nothing more to follow */
};

/* The longer it takes, the less often it is asked. */
static unsigned int ask_pause(struct wb_session *s, const struct follow *f)
{
	uint64_t pause = (session_ms(s) - f->began_ms) / 4;

	return pause < ASK_MS ? ASK_MS : pause < ASK_MAX_MS ? (unsigned int)pause : ASK_MAX_MS;
}

static void say_state(struct wb_session *s, const struct wb_fus_state *state)
{
	if (state->state == s->told_state)
		return;
	s->told_state = state->state;
	session_report(s, false, "FUS: %s (0x%02X)", wb_fus_state_name(state->state),
		state->state);
}

/*
 * An idle FUS: has it done its work, or not begun? If the versions it tells have changed, that is
 * the end; else it takes some more looks. The snapshot is the result's.
 */
static enum wb_status judge_idle(struct wb_session *s, struct wb_fus_state *state, struct follow *f,
	struct wb_error *err)
{
	enum wb_status status = cm0_snapshot(s, err);
	const struct wb_versions *v = &s->chip.versions;

	if (status != WB_OK)
		return status;
	f->end = ++f->idle >= IDLE_LOOKS || (f->before.valid && v->valid &&
		(v->fus != f->before.fus || v->stack != f->before.stack));
	fill(s, state);
	return WB_OK;
}

/* Who is there, and if it is the FUS, how it is. */
static enum wb_status follow_once(struct wb_session *s, struct wb_fus_state *state,
	struct follow *f, struct wb_error *err)
{
	enum wb_status status = WB_OK;

	if (!s->cm0_up || s->reset_seen) {
		status = cm0_start(s, err);
		f->began_ms = session_ms(s);
	}
	if (status == WB_OK && s->runs != WB_RUNS_FUS) {
		*state = (struct wb_fus_state){ 0 };
		fill(s, state);
		f->end = true;
		return WB_OK;
	}
	/* from one reset to the next may be a few ms: it is not asked what it does before */
	if (status == WB_OK)
		status = watch(s, f->began_ms, ask_pause(s, f), err);
	if (status == WB_OK)
		status = fus_get_state(s, state, err);
	if (status != WB_OK)
		return status;
	if (state->state == WB_STATE_ERROR)
		return say_error(state, s->operation, err);
	if (state->state == WB_STATE_IDLE)
		return judge_idle(s, state, f, err);
	f->idle = 0;
	say_state(s, state);
	return WB_OK;
}

static enum wb_status follow(struct wb_session *s, struct wb_fus_state *state, struct wb_error *err)
{
	uint64_t until = session_ms(s) + FOLLOW_MS;
	struct follow f = { .before = s->chip.versions, .began_ms = session_ms(s) };
	bool told = false;
	enum wb_status status;

	while (session_ms(s) < until) {
		status = follow_once(s, state, &f, err);
		if (status == WB_ERR_RESET) {
			status = hold_follow(s, err);
			f.idle = 0;
			f.end = false;
		}
		if (status != WB_OK || f.end)
			return status;
		if (!told && s->link->stop_requested(s->link)) {
			session_report(s, true,
				"the FUS is at work and cannot be stopped: waiting for its end");
			told = true;
		}
	}
	return wb_fail(err, WB_ERR_TIMEOUT,
		"the FUS is still in state 0x%02X (%s) after %u s. Keep the chip powered and run the "
		"same command again",
		state->state, wb_fus_state_name(state->state), FOLLOW_MS / 1000u);
}

enum wb_status fus_follow(struct wb_session *s, struct wb_fus_state *state, struct wb_error *err)
{
	struct wb_error quiet;
	enum wb_status status;

	s->fus_busy = s->following = true;
	s->told_state = WB_STATE_IDLE;
	status = follow(s, state, err);
	s->following = false;
	if (status == WB_OK || status == WB_ERR_FUS)
		s->fus_busy = false;
	if (status == WB_ERR_FUS) /* what has come of it is for the one who cleans up */
		cm0_snapshot(s, &quiet);
	return status;
}

/* A state of 0xFF is normal on a chip whose FUS was never used: reset once and ask again. */
static enum wb_status ask_again(struct wb_session *s, struct wb_fus_state *state,
	struct wb_error *err)
{
	enum wb_status status = hold_reset(s, false, err);

	if (status == WB_OK)
		status = cm0_start(s, err);
	if (status == WB_OK)
		status = fus_get_state(s, state, err);
	if (status == WB_OK && state->state == WB_STATE_ERROR)
		session_report(s, true, "the FUS remembers an error of the past: 0x%02X (%s)",
			state->error, wb_fus_error_name(state->error));
	return status;
}

enum wb_status fus_settle(struct wb_session *s, struct wb_fus_state *state, struct wb_error *err)
{
	enum wb_status status = fus_get_state(s, state, err);

	if (status == WB_ERR_RESET ||
		(status == WB_OK && state->state != WB_STATE_IDLE &&
			state->state != WB_STATE_ERROR)) {
		session_report(s, false, "the FUS is at work already: following it");
		s->operation = "what the FUS had begun";
		if (status == WB_ERR_RESET)
			status = hold_follow(s, err);
		if (status == WB_OK)
			status = fus_follow(s, state, err);
		/* how that ended is the past too: a Safeboot update, for one, ends in an error */
		if (status == WB_ERR_FUS && state->state == WB_STATE_ERROR)
			status = WB_OK;
	}
	if (status == WB_OK && s->runs == WB_RUNS_FUS && state->state == WB_STATE_ERROR)
		status = ask_again(s, state, err);
	s->settled = status == WB_OK && s->runs == WB_RUNS_FUS;
	return status;
}

enum wb_status fus_enter(struct wb_session *s, struct wb_fus_state *state, struct wb_error *err)
{
	enum wb_status status = cm0_start(s, err);

	/* an operation that goes on may end in a stack, which is then asked in its turn */
	if (status == WB_OK && s->runs == WB_RUNS_FUS)
		status = fus_settle(s, state, err);
	if (status != WB_OK || s->runs == WB_RUNS_FUS)
		return status;
	if (s->runs == WB_RUNS_STACK) {
		status = leave_stack(s, state, err);
		if (status == WB_OK)
			status = cm0_start(s, err);
	}
	if (status != WB_OK)
		return status;
	s->fus_busy = false;
	if (s->runs != WB_RUNS_FUS)
		return wb_fail(err, WB_ERR_CHIP,
			"the CM0+ runs the %s instead of the FUS (SBRV 0x%05X)",
			wb_runs_name(s->runs), (unsigned int)wb_chip_sbrv(&s->chip));
	return fus_settle(s, state, err);
}

/* A command that starts a long operation, and its end. */
static enum wb_status operate(struct wb_session *s, uint16_t opcode, const char *name,
	struct wb_fus_state *state, struct wb_error *err)
{
	struct mail mail;
	enum wb_status status;

	s->fus_busy = true;
	s->settled = false;
	s->operation = name;
	status = mailbox_transact(s, opcode, NULL, 0, MAILBOX_ANSWER_MS, &mail, err);
	if (status == WB_ERR_RESET)
		status = hold_follow(s, err);
	else if (status == WB_OK && mail.status == WB_STATE_ERROR) {
		s->fus_busy = false;
		fill(s, state);
		state->state = mail.status;
		state->has_error = mail.len > 0;
		state->error = mail.len ? mail.payload[0] : 0;
		return say_error(state, name, err);
	}
	return status != WB_OK ? status : fus_follow(s, state, err);
}

/*
 * With no stack installed the FUS finds no image, as logs have it [user]; that it says so, and how,
 * no document promises. A purge may find NVM pages that a stack has left.
 */
static enum wb_status operate_on_stack(struct wb_session *s, uint16_t opcode, const char *name,
	struct wb_fus_state *state, struct wb_error *err)
{
	const struct wb_versions before = s->chip.versions;
	enum wb_status status = operate(s, opcode, name, state, err);
	bool none = !before.stack && (before.valid || (status == WB_ERR_FUS && state->has_error &&
		state->error == IMAGE_NOT_FOUND));

	if (status == WB_OK && none && s->runs == WB_RUNS_FUS && opcode != WB_FW_PURGE)
		status = wb_fail(err, WB_ERR_FUS, "the FUS takes %s, and nothing comes of it", name);
	if (status == WB_ERR_FUS && none)
		return wb_context(err, "no wireless stack is installed (`stm32wb fus upgrade FILE` "
				       "installs one)");
	return status;
}

enum wb_status fus_upgrade(struct wb_session *s, struct wb_fus_state *state, struct wb_error *err)
{
	enum wb_status status = hold_prove(s, err);

	if (status == WB_OK)
		status = fus_enter(s, state, err);
	return status != WB_OK ? status : operate(s, WB_FW_UPGRADE, UPGRADE, state, err);
}

static enum wb_status remove_stack(struct wb_session *s, uint16_t opcode, const char *name,
	struct wb_fus_state *state, struct wb_error *err)
{
	enum wb_status status = hold_prove(s, err);

	if (status == WB_OK)
		status = fus_enter(s, state, err);
	if (status == WB_OK)
		status = operate_on_stack(s, opcode, name, state, err);
	if (status == WB_OK && s->runs == WB_RUNS_FUS && s->chip.versions.stack)
		return wb_fail(err, WB_ERR_FUS,
			"the FUS is idle after %s but still lists stack version 0x%08X", name,
			(unsigned int)s->chip.versions.stack);
	return status;
}

enum wb_status fus_delete(struct wb_session *s, struct wb_fus_state *state, struct wb_error *err)
{
	return remove_stack(s, WB_FW_DELETE, "FW_DELETE", state, err);
}

enum wb_status fus_purge(struct wb_session *s, struct wb_fus_state *state, struct wb_error *err)
{
	return remove_stack(s, WB_FW_PURGE, "FW_PURGE", state, err);
}

enum wb_status fus_to_stack(struct wb_session *s, struct wb_fus_state *state,
	struct wb_error *err)
{
	enum wb_status status = cm0_start(s, err);

	if (status == WB_OK && s->runs == WB_RUNS_FUS)
		status = operate_on_stack(s, WB_START_WS, "START_WS", state, err);
	if (status != WB_OK)
		return status;
	fill(s, state);
	if (s->runs != WB_RUNS_STACK)
		return wb_fail(err, WB_ERR_FUS,
			"the %s runs after START_WS instead of a stack: is one installed? `stm32wb fus "
			"info` shows it",
			wb_runs_name(s->runs));
	return WB_OK;
}

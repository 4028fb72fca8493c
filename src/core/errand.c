/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way from a command's words to the one thing that it does: rules before the chip is touched
 * and again when the CM0+ has told its versions, the chip taken and left as found.
 */
#include <string.h>
#include "core/fus.h"
#include "core/guards.h"
#include "core/packets.h"

#define HOLDS 3u

struct job {
	unsigned int commands; /* bits of enum wb_guarded */
	const struct wb_operation *op;
	wb_errand *errand;
	struct wb_result *result;
	bool lasting; /* until the next reset only */
	unsigned int resets; /* that there had been when the errand was done */
};

static enum wb_status up(struct wb_session *s, struct job *job, struct wb_error *err)
{
	enum wb_status status = cm0_start(s, err);

	return status == WB_OK && s->runs == WB_RUNS_FUS ?
		fus_settle(s, &job->result->state, err) : status;
}

/* The CM0+ is up: its versions are live now, and every rule can be judged. */
static enum wb_status checked(struct wb_session *s, struct job *job, struct wb_error *err)
{
	if (!s->chip.versions.live)
		return wb_fail(err, WB_ERR_CHIP,
			"the CM0+ runs the %s, which tells no versions: nothing was asked of it",
			wb_runs_name(s->runs));
	return wb_guard_check(&s->chip, wb_rollback_noted(s, s->chip.uid64), job->commands, job->op,
		err);
}

/*
 * The FUS may answer before it has put away what it was given. It takes no other order meanwhile, and
 * a reset of ours must not come in between.
 */
static enum wb_status ended(struct wb_session *s, struct wb_error *err)
{
	struct wb_fus_state state;
	enum wb_status status = s->runs == WB_RUNS_FUS ? fus_get_state(s, &state, err) : WB_OK;

	if (status != WB_ERR_RESET && (status != WB_OK || s->runs != WB_RUNS_FUS ||
		state.state == WB_STATE_IDLE || state.state == WB_STATE_ERROR))
		return status;
	return fus_settle(s, &state, err);
}

static enum wb_status do_it(struct wb_session *s, struct job *job, struct wb_error *err)
{
	enum wb_status status = checked(s, job, err);
	char index[24] = "";

	if (status == WB_OK)
		status = session_stop(s, err);
	if (status == WB_OK)
		status = job->errand(s, job->op, job->result, err);
	job->resets = s->resets;
	if (status != WB_OK)
		return status;
	status = ended(s, err);
	if (status == WB_OK)
		return WB_OK;
	if (job->commands & WB_GUARD_USRKEY)
		wb_format(index, sizeof(index), " (key index %u)", job->result->key_index);
	return wb_context(err, "the command was obeyed%s, but then", index);
}

/*
 * CPU1 was used, or boots from SRAM, because a reset was not caught: leaving it held takes a reset,
 * which comes before what it would undo.
 */
static enum wb_status reset_before(struct wb_session *s, struct job *job, struct wb_error *err)
{
	enum wb_status status = WB_OK;

	for (unsigned int i = 0; i < HOLDS && (s->sram_boot || s->used_cpu1); i++) {
		status = sram_boot_off(s, err);
		if (status == WB_OK && s->used_cpu1)
			status = hold_reset(s, false, err);
		if (status == WB_OK)
			status = up(s, job, err);
		if (status != WB_OK)
			break;
	}
	return status;
}

static enum wb_status here(struct wb_session *s, struct job *job, struct wb_error *err)
{
	enum wb_status status = up(s, job, err);

	if (status == WB_OK && job->lasting)
		status = reset_before(s, job, err);
	return status != WB_OK ? status : do_it(s, job, err);
}

/* From before the stack is left until it runs again; a run that is cut off between leaves the note. */
static void note_away(struct wb_session *s, bool away)
{
	static const uint8_t note = 1;

	if (s->link->journal_store(s->link, s->chip.uid64, WB_RECORD_AWAY, &note,
		    away ? sizeof(note) : 0) != WB_OK && away)
		session_report(s, true, "%s", s->link->reason);
}

static bool noted_away(struct wb_session *s)
{
	size_t len = 0;

	return s->link->journal_load(s->link, s->chip.uid64, WB_RECORD_AWAY, NULL, &len) == WB_OK &&
		len && s->chip.versions.stack;
}

static enum wb_status in_fus(struct wb_session *s, struct job *job, struct wb_error *err)
{
	struct wb_fus_state state;
	struct wb_error back;
	enum wb_status status = up(s, job, err);

	if (status != WB_OK || (s->runs == WB_RUNS_FUS && !noted_away(s)))
		return status != WB_OK ? status : do_it(s, job, err);
	status = checked(s, job, err); /* by what the stack tells, before it is left */
	if (status != WB_OK)
		return status;
	note_away(s, true);
	status = fus_enter(s, &job->result->state, err);
	if (status == WB_OK)
		status = do_it(s, job, err);
	/* a link that is gone has been waited for already */
	if (s->fus_busy || status == WB_ERR_LINK)
		return status;
	if (fus_to_stack(s, &state, &back) == WB_OK) {
		note_away(s, false);
	} else if (status == WB_OK) {
		*err = back;
		return wb_context(err, "done, but the wireless stack does not come back");
	}
	return status;
}

static enum wb_status run(struct wb_session *s, struct job *job,
	enum wb_status (*way)(struct wb_session *s, struct job *job, struct wb_error *err),
	struct wb_error *err)
{
	struct wb_result *result = job->result;
	struct wb_error local;
	enum wb_status status = WB_OK;

	if (!err)
		err = &local;
	memset(result, 0, sizeof(*result));
	if (!job->op->under_reset) {
		status = session_look(s, &result->before, err);
		if (status == WB_OK)
			status = wb_guard_check(&result->before,
				wb_rollback_noted(s, result->before.uid64), job->commands,
				job->op, err);
	}
	if (status != WB_OK) {
		session_untouched(s, result);
		return status;
	}
	status = session_open(s, job->op, result, err);
	if (status == WB_OK)
		status = way(s, job, err);
	status = session_close(s, job->op, result, status, err);
	if (status == WB_OK && job->lasting && s->resets != job->resets)
		return wb_fail(err, WB_ERR_RESET,
			"the chip has reset behind the command, which undid it: is its supply steady, "
			"does something pull NRST? Run the same command again");
	return status;
}

enum wb_status wb_errand_run(struct wb_session *s, unsigned int commands,
	const struct wb_operation *op, wb_errand *errand, struct wb_result *result,
	struct wb_error *err)
{
	return run(s, &(struct job){ commands, op, errand, result, false, 0 }, here, err);
}

enum wb_status wb_errand_lasting(struct wb_session *s, unsigned int commands,
	const struct wb_operation *op, wb_errand *errand, struct wb_result *result,
	struct wb_error *err)
{
	struct wb_operation held = *op;

	held.hold = true;
	return run(s, &(struct job){ commands, &held, errand, result, true, 0 }, here, err);
}

enum wb_status wb_errand_in_fus(struct wb_session *s, unsigned int commands,
	const struct wb_operation *op, wb_errand *errand, struct wb_result *result,
	struct wb_error *err)
{
	return run(s, &(struct job){ commands, op, errand, result, false, 0 }, in_fus, err);
}

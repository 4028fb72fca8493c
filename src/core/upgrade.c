/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The main job: look, plan, run the plan, compare with what it promised, leave the chip well.
 *
 * The same command again after any accident: what the FUS has begun is followed to its end first,
 * then the plan is made from what the chip is now.
 */
#include <string.h>
#include "core/flash.h"
#include "core/fus.h"
#include "core/guards.h"
#include "core/image.h"
#include "core/packets.h"
#include "core/preserve.h"
#include "core/rules.h"
#include "core/stub_host.h"

#define STAGE_AGAIN 2u

struct job {
	struct wb_session *s;
	struct wb_goal goal;
	struct wb_plan *plan;
	struct wb_result *result;
	struct wb_flash_scan scan;
	struct preserve preserve;
	const struct wb_image *staged; /* in user flash, written by us, not yet taken by the FUS */
	uint32_t address;
};

/* Rules that a chip whose CM0+ runs may see differently: they judge by a version. */
static bool may_be_lifted(const struct wb_chip *chip, const struct wb_error *err)
{
	return !chip->versions.live && err->status == WB_ERR_REFUSED && wb_rule_by_version(err->rule);
}

static enum wb_status promised(struct wb_session *s, const struct wb_image *image,
	struct wb_error *err)
{
	const struct wb_versions *v = &s->chip.versions;
	bool fus = image->kind == WB_IMAGE_FUS;
	uint32_t now = fus ? v->fus : v->stack;
	char is[20], wanted[20];

	if (image->kind != WB_IMAGE_FUS && image->kind != WB_IMAGE_STACK)
		return WB_OK;
	/* a FUS's footer may hold a branch and type (WB1x) that the running FUS need not say */
	if (v->valid && (fus ? WB_RELEASE(now) == WB_RELEASE(image->version) : now == image->version))
		return WB_OK;
	return wb_fail(err, WB_ERR_FUS,
		"the FUS is done but the chip has %s %s where %s was to be. Run the same command "
		"again; if it stays so, look at `stm32wb fus info`",
		fus ? "FUS" : "stack", wb_version_text(now, is),
		wb_version_text(image->version, wanted));
}

/*
 * A Safeboot update is a factory reset, behind which the FUS says once that its UFB is corrupt
 * (release notes). The staged copy is gone with all of user flash: that tells it from a refusal.
 */
static enum wb_status follow_safeboot(struct job *job, enum wb_status status, struct wb_error *err)
{
	struct wb_session *s = job->s;
	struct wb_error quiet;
	uint32_t word;

	if (status != WB_ERR_FUS || chip_read(s, job->address, 1, &word, &quiet) != WB_OK ||
		word != UINT32_MAX)
		return status;
	status = fus_settle(s, &job->result->state, err);
	return status != WB_OK ? status : cm0_snapshot(s, err);
}

static enum wb_status install(struct job *job, const struct wb_image *image, struct wb_error *err)
{
	struct wb_session *s = job->s;
	enum wb_status status = fus_upgrade(s, &job->result->state, err);

	if (image->kind == WB_IMAGE_SAFEBOOT)
		status = follow_safeboot(job, status, err);
	if (status == WB_OK)
		status = promised(s, image, err);
	if (status != WB_OK)
		return status;
	job->staged = NULL;
	/* a stack is started by the FUS itself; one that is not gets its order */
	if (image->kind == WB_IMAGE_STACK && s->runs == WB_RUNS_FUS && !job->goal.no_start)
		status = fus_to_stack(s, &job->result->state, err);
	return status;
}

/* A reset that nobody ordered costs the pages under way: what is written already is found so. */
static enum wb_status stage(struct job *job, const struct wb_step *step, struct wb_error *err)
{
	enum wb_status status = flash_stage(job->s, step->image, step->address, err);

	for (unsigned int i = 0; status == WB_ERR_RESET && i < STAGE_AGAIN; i++) {
		session_report(job->s, true, "the chip has reset by itself: staging goes on");
		status = hold_follow(job->s, err);
		if (status == WB_OK)
			status = flash_stage(job->s, step->image, step->address, err);
	}
	if (status != WB_OK)
		return status;
	job->staged = step->image;
	job->address = step->address;
	return WB_OK;
}

static bool is_last(const struct job *job, const struct wb_step *step)
{
	return step == &job->plan->steps[job->plan->count - 1];
}

/* Is there flash to be read or written, in this step or behind it? */
static bool flash_due(const struct job *job, const struct wb_step *step)
{
	for (;; step++) {
		if (step->kind != WB_STEP_ENTER_FUS && step->kind != WB_STEP_DELETE &&
			step->kind != WB_STEP_UPGRADE && step->kind != WB_STEP_START_WS)
			return true;
		if (is_last(job, step))
			return false;
	}
}

/* After a failure the stub may hang, and the chip may have reset: then both are started anew. */
static enum wb_status put_back(struct job *job, enum wb_status status, struct wb_error *err)
{
	struct wb_session *s = job->s;
	struct wb_error quiet;
	enum wb_status back = WB_ERR_RESET;

	if (status == WB_OK)
		back = preserve_put_back(s, &job->preserve, err);
	if (back == WB_OK || back == WB_ERR_CHIP || s->fus_busy)
		return back;
	if (s->reset_seen)
		hold_follow(s, &quiet);
	stub_stop(s, &quiet);
	back = hold_reset(s, false, err);
	return back != WB_OK ? back : preserve_put_back(s, &job->preserve, err);
}

static enum wb_status run_step(struct job *job, const struct wb_step *step, struct wb_error *err)
{
	struct wb_session *s = job->s;
	struct wb_fus_state *state = &job->result->state;
	enum wb_status status = session_stop(s, err);

	if (status != WB_OK)
		return status;
	s->stub_due = flash_due(job, step);
	switch (step->kind) {
	case WB_STEP_ENTER_FUS:
		/* one that is idle is started when there is something to tell it */
		return s->settled && !is_last(job, step) ? WB_OK : fus_enter(s, state, err);
	case WB_STEP_DELETE:
		return fus_delete(s, state, err);
	case WB_STEP_ERASE_LEFTOVER:
		status = flash_prepare(s, err);
		return status != WB_OK ? status : flash_erase(s, step->address, step->size, err);
	case WB_STEP_STAGE:
		return stage(job, step, err);
	case WB_STEP_UPGRADE:
		return install(job, step->image, err);
	case WB_STEP_START_WS:
		return fus_to_stack(s, state, err);
	case WB_STEP_SAVE:
		return preserve_save(s, &job->preserve, job->plan, &job->scan, err);
	case WB_STEP_PUT_BACK:
		return put_back(job, WB_OK, err);
	}
	return wb_fail(err, WB_ERR_USAGE, "no such step: %d", step->kind);
}

static void report_step(struct wb_session *s, const struct wb_step *step)
{
	static const char *const names[] = {
		[WB_STEP_ENTER_FUS] = "enter the FUS",
		[WB_STEP_DELETE] = "delete the stack",
		[WB_STEP_ERASE_LEFTOVER] = "erase a leftover",
		[WB_STEP_STAGE] = "stage",
		[WB_STEP_UPGRADE] = "upgrade",
		[WB_STEP_START_WS] = "start the stack",
		[WB_STEP_SAVE] = "save user flash",
		[WB_STEP_PUT_BACK] = "put user flash back",
	};

	if (step->size)
		session_report(s, false, "%s at 0x%08X: %s", names[step->kind],
			(unsigned int)step->address, step->reason);
	else
		session_report(s, false, "%s: %s", names[step->kind], step->reason);
}

/* The CM0+ up, whatever the FUS had begun brought to its end, and a live snapshot. */
static enum wb_status wake(struct job *job, struct wb_error *err)
{
	struct wb_session *s = job->s;
	enum wb_status status;

	s->installs = s->stub_due = true;
	status = cm0_start(s, err);
	if (status == WB_OK && s->runs == WB_RUNS_FUS)
		status = fus_settle(s, &job->result->state, err);
	return status;
}

static enum wb_status run_steps(struct job *job, struct wb_error *err)
{
	enum wb_status status = WB_OK;

	for (unsigned int i = 0; i < job->plan->warnings; i++)
		session_report(job->s, true, "%s", job->plan->warning[i]);
	job->result->steps_done = 0; /* of this plan */
	for (unsigned int i = 0; status == WB_OK && i < job->plan->count; i++) {
		report_step(job->s, &job->plan->steps[i]);
		status = run_step(job, &job->plan->steps[i], err);
		job->result->steps_done += status == WB_OK;
	}
	return status;
}

/* The plan is made anew, with what user flash holds, and run. */
static enum wb_status search_and_run(struct job *job, struct wb_error *err)
{
	enum wb_status status = flash_scan(job->s, &job->goal, &job->scan, err);

	if (status != WB_OK)
		return status;
	preserve_note(job->s, &job->preserve, &job->scan);
	status = wb_plan_make(&job->s->chip, &job->goal, &job->scan, job->plan, err);
	return status != WB_OK ? status : run_steps(job, err);
}

static enum wb_status run_plan(struct job *job, struct wb_error *err)
{
	struct wb_session *s = job->s;
	enum wb_status status = wake(job, err);

	if (status == WB_OK)
		status = preserve_open(s, &job->goal, &job->preserve, err);
	/* what a run before this one has saved, this one puts back */
	job->goal.preserve = job->goal.preserve || job->preserve.record;
	if (status == WB_OK)
		status = wb_plan_make(&s->chip, &job->goal, NULL, job->plan, err);
	if (status != WB_OK || !job->plan->count)
		return status;
	/* each round erases a page at least, but the chip may say anything */
	for (unsigned int round = 0; round < WB_PAGES; round++) {
		status = search_and_run(job, err);
		if (status != WB_OK || !job->scan.more)
			return status;
	}
	return wb_fail(err, WB_ERR_FLASH,
		"images in user flash were erased %u times, and there are still some. Power the board off "
		"and on, then run the same command again", WB_PAGES);
}

/*
 * A failed or stopped run leaves no image of ours behind, and the stack that was there selected.
 * Only while the FUS is not at work, and only if the probe still reaches the chip.
 */
static void clean_up(struct job *job)
{
	struct wb_session *s = job->s;
	struct wb_fus_state after; /* the result keeps what failed */
	struct wb_error quiet;
	enum wb_status status = WB_OK;

	if (s->fus_busy)
		return;
	if (job->staged) {
		status = flash_prepare(s, &quiet);
		if (status == WB_OK)
			status = flash_clear(s, job->address, (uint32_t)job->staged->size, &quiet);
	}
	if (status != WB_OK || job->goal.no_start ||
		job->result->before.selected != WB_RUNS_STACK)
		return;
	status = cm0_start(s, &quiet);
	if (status == WB_OK && s->runs == WB_RUNS_FUS && s->chip.versions.stack)
		fus_to_stack(s, &after, &quiet);
}

/*
 * On every way out: user flash that was saved goes back, unless the FUS is at work or the probe has
 * lost the chip. Then it waits in the journal for the next run.
 */
static enum wb_status give_back(struct job *job, enum wb_status status, struct wb_error *err)
{
	struct wb_session *s = job->s;
	struct wb_error back = { .status = WB_OK };
	char name[256];

	if (!job->preserve.record)
		return status;
	if (status != WB_ERR_LINK && !s->fus_busy &&
		put_back(job, status, &back) == WB_OK)
		return status;
	s->link->journal_name(s->link, s->chip.uid64, WB_RECORD_PAGES, name, sizeof(name));
	if (status == WB_OK)
		*err = back;
	else if (back.text[0])
		session_report(s, true, "%s", back.text);
	return wb_context(err, "user flash is not all back yet: it is kept in %s, and the same command "
		"again goes on with it", name);
}

/* A run that ends between the old stack and the new one says so: the board has none meanwhile. */
static bool between_stacks(const struct job *job)
{
	bool between = false;

	for (unsigned int i = 0; i < job->result->steps_done; i++) {
		const struct wb_step *step = &job->plan->steps[i];

		if (step->kind == WB_STEP_DELETE)
			between = true;
		else if (step->kind == WB_STEP_UPGRADE && step->image->kind == WB_IMAGE_STACK)
			between = false;
	}
	return between;
}

static enum wb_status dry(struct wb_session *s, struct wb_goal *goal, struct wb_plan *plan,
	struct wb_result *result, struct wb_error *err)
{
	enum wb_status status = session_look(s, &result->before, err);

	result->after = result->before;
	if (status == WB_OK)
		goal->keep_stack = wb_rollback_noted(s, result->before.uid64);
	if (status == WB_OK)
		status = wb_plan_make(&result->before, goal, NULL, plan, err);
	if (status == WB_OK && preserve_pending(s, result->before.uid64))
		wb_plan_warn(plan, "a run that was cut off has saved user flash, which is put back at the "
				   "end of this work");
	return status;
}

/* Refused, or nothing to do, and nothing of an earlier run to put back: then nothing is touched. */
static bool untouched(struct wb_session *s, const struct wb_goal *goal, const struct wb_plan *plan,
	const struct wb_result *result, enum wb_status status, const struct wb_error *err)
{
	if (status != WB_OK && status != WB_ERR_REFUSED)
		return true;
	if (goal->under_reset || sram_boot_pending(s, result->before.uid64) ||
		preserve_pending(s, result->before.uid64) ||
		held_pending(s, result->before.uid64))
		return false;
	if (status == WB_ERR_REFUSED)
		return !may_be_lifted(&result->before, err);
	return !plan->count && result->before.versions.live && !goal->hold;
}

/* -preserve without a place for what is to be preserved: said before the chip is taken. */
static bool cannot_preserve(struct wb_session *s, const struct wb_goal *goal,
	const struct wb_result *result, enum wb_status *status, struct wb_error *err)
{
	if (!goal->preserve || goal->under_reset)
		return false;
	*status = preserve_ready(s, &result->before, err);
	return *status != WB_OK;
}

enum wb_status wb_fus_upgrade(struct wb_session *session, const struct wb_goal *goal, bool dry_run,
	struct wb_plan *plan, struct wb_result *result, struct wb_error *err)
{
	struct wb_operation op = { .hold = goal->hold, .under_reset = goal->under_reset };
	struct job job = { .s = session, .goal = *goal, .plan = plan, .result = result };
	struct wb_error local;
	enum wb_status status = WB_OK;

	if (!err)
		err = &local;
	memset(result, 0, sizeof(*result));
	if (dry_run || !goal->under_reset)
		status = dry(session, &job.goal, plan, result, err);
	if (dry_run || untouched(session, goal, plan, result, status, err) ||
		cannot_preserve(session, goal, result, &status, err)) {
		session_untouched(session, result);
		return status;
	}
	status = session_open(session, &op, result, err);
	if (status == WB_OK)
		job.goal.keep_stack = wb_rollback_noted(session, session->chip.uid64);
	if (status == WB_OK)
		status = run_plan(&job, err);
	if (status != WB_OK && status != WB_ERR_LINK)
		clean_up(&job);
	if (status != WB_OK && between_stacks(&job))
		wb_context(err, "the old wireless stack is deleted, the new one not yet installed");
	if (session->taken)
		status = give_back(&job, status, err);
	preserve_free(&job.preserve);
	return session_close(session, &op, result, status, err);
}

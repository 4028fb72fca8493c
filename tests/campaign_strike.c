/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A job without a fault, and at each place a child for each fault, which goes on from there: the
 * fault strikes, the command ends as it can, the owner mends, the same command runs again, and what
 * is then there is compared.
 *
 * After a power cycle a chip is nothing but its flash and option bytes: where these (and the host's
 * files) are as in an earlier child, the second run would be that child's, and is taken from it.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "tests/campaign.h"

#define NS_PER_MS 1000000u
#define BOUND_MS 600000u /* of virtual time, both runs */
#define WALL_S 120u
#define CHILDREN_MAX 64u
#define STATES 65536u /* remembered; a power of two */
#define FLASH_EVERY 8u
#define COMMAND_EVERY 16u /* of commands that share their way, when time is short */

const char *const campaign_place_names[CAMPAIGN_PLACES] = { "link", "step", "flash" };

/* Written by children while the parent looks elsewhere: one slot each. */
struct slot {
	pid_t pid; /* 0: free */
	struct campaign_record record;
};

static struct board board;
static struct {
	const struct campaign_choice *choice;
	const struct campaign_job *job;
	size_t job_index, quirks_index;
	void (*told)(const struct campaign_record *record, void *ctx);
	void *ctx;
	unsigned int places[CAMPAIGN_PLACES];
	struct slot *slots;
	struct campaign_record *states; /* by .state; the parent writes */
	unsigned int running;
	bool watching;
	struct campaign_look before, goal;
	/* in a child */
	bool child;
	struct campaign_trial trial;
	struct campaign_record *record; /* the trial's */
	uint64_t struck_at;
	struct wbsim_stats at_strike;
} c;

static void *shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(p != MAP_FAILED);
	return p;
}

/* ---- the parent's side ----------------------------------------------------------------------- */

static struct campaign_record *state_find(uint64_t state)
{
	for (size_t i = state % STATES, n = 0; n < STATES; i = (i + 1) % STATES, n++)
		if (c.states[i].state == state || !c.states[i].state)
			return &c.states[i];
	return NULL;
}

static void reap(void)
{
	struct campaign_record *place;
	int status = 0;
	struct rusage used;
	pid_t pid = wait4(-1, &status, 0, &used);
	struct slot *slot = NULL;

	for (unsigned int i = 0; i < c.choice->children; i++)
		if (c.slots[i].pid == pid)
			slot = &c.slots[i];
	assert_non_null(slot);
	slot->record.cpu_us = (uint32_t)((used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 +
		used.ru_utime.tv_usec + used.ru_stime.tv_usec);
	if (slot->record.outcome == OUT_NOTHING)
		snprintf(slot->record.text, sizeof(slot->record.text),
			"the child died of %s %d", WIFSIGNALED(status) ? "signal" : "status",
			WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	place = slot->record.state ? state_find(slot->record.state) : NULL;
	if (place && !place->state) {
		uint64_t state = slot->record.state;

		*place = slot->record;
		place->state = 0;
		__atomic_store_n(&place->state, state, __ATOMIC_RELEASE);
	}
	c.told(&slot->record, c.ctx);
	slot->pid = 0;
	c.running--;
}

/* ---- the child's side ------------------------------------------------------------------------ */

static void end(enum campaign_outcome outcome)
{
	c.record->outcome = outcome;
	_exit(0);
}

static uint32_t since(uint64_t ns)
{
	return (uint32_t)((wbsim_now(board.sim) - ns) / NS_PER_MS);
}

/* A hang in virtual time, found at the next operation of the link. */
static void child_operation(struct bench *bench)
{
	(void)bench;
	if (since(c.struck_at) < BOUND_MS)
		return;
	snprintf(c.record->text, sizeof(c.record->text), "no end within %u virtual s",
		BOUND_MS / 1000u);
	end(OUT_BAD);
}

static uint64_t sum_of_chip(void)
{
	size_t len = 0;
	void *all = wbsim_snapshot(board.sim, &len);
	uint64_t sum = campaign_sum(1, all, len);

	free(all);
	for (unsigned int i = 0; i < WB_RECORDS; i++)
		sum = campaign_sum(sum + i, board.bench.record[i].data, board.bench.record[i].len);
	return sum ? sum : 1;
}

static enum wb_status run_job(void)
{
	const struct wbsim_stats before = *wbsim_stats(board.sim);
	enum wb_status status = job_run(&board, c.job);

	judge_run(&board, &c.trial, &before, status);
	return status;
}

/* The command that met the fault is over. */
static void second_half(enum wb_status first)
{
	const struct campaign_fault *fault = c.trial.fault;
	const struct campaign_record *known = NULL;
	uint64_t began;

	c.record->first = first;
	c.record->first_ms = since(c.struck_at);
	if (c.choice->verbose)
		fprintf(stderr, "  first: %s: %s\n", wb_status_name(first), board.err.text);
	judge_run(&board, &c.trial, &c.at_strike, first);
	fault_mend(&board, fault);
	if ((fault->mend == MEND_POWER || fault->mend == MEND_CYCLE) && !c.choice->no_memory &&
		first != WB_OK && !c.record->text[0]) {
		c.record->state = sum_of_chip();
		known = state_find(c.record->state);
	}
	if (known && __atomic_load_n(&known->state, __ATOMIC_ACQUIRE) == c.record->state) {
		c.record->known = true;
		c.record->second = known->second;
		c.record->second_ms = known->second_ms;
		memcpy(c.record->text, known->text, sizeof(known->text));
		end(known->outcome);
	}
	began = wbsim_now(board.sim);
	c.record->second = run_job();
	c.record->second_ms = since(began);
	if (c.choice->verbose)
		fprintf(stderr, "  again: %s: %s\n", wb_status_name(c.record->second),
			board.err.text);
	end(judge_end(&board, &c.trial));
}

/* ---- places ---------------------------------------------------------------------------------- */

/* Steps are few, and each is met by all; flash operations look alike. */
unsigned int campaign_every(const struct campaign_choice *choice, const struct campaign_job *job,
	enum campaign_place place, const struct campaign_fault *fault)
{
	unsigned int more = (choice->every ? choice->every : 1) * job->every;
	unsigned int share = choice->all ? 1 : fault->every * (job->command ? COMMAND_EVERY : 1);

	if (place == AT_STEP)
		return choice->all ? 1 : more;
	/* of a large image, few flash operations even where all is wanted */
	return place == AT_LINK ? share * more :
		share * more * (choice->all ? job->every : FLASH_EVERY);
}

static bool wanted(enum campaign_place place, unsigned int number, size_t fault)
{
	const struct campaign_choice *choice = c.choice;
	const struct campaign_fault *f = &campaign_faults[fault];
	unsigned int every = campaign_every(choice, c.job, place, f);

	/* each part of the long way is a job of its own, struck everywhere */
	if (!choice->all && place == AT_LINK && c.job->folder && c.quirks_index)
		every *= CAMPAIGN_WAY_EVERY;
	if (choice->fault && strcmp(choice->fault, f->name))
		return false;
	if (choice->number)
		return place == choice->place && number == choice->number;
	return (number + fault) % every == 0; /* faults take turns, so that the places add up */
}

static void become_child(struct campaign_record *record, const struct campaign_fault *fault)
{
	struct wbsim_cpu2_view view;

	alarm(WALL_S);
	c.child = true;
	c.record = record;
	c.trial = (struct campaign_trial){ c.job, fault, &c.before, &c.goal, record };
	c.struck_at = wbsim_now(board.sim);
	if (!record->step[0]) { /* at an operation of the link */
		wbsim_cpu2_view(board.sim, &view);
		snprintf(record->step, sizeof(record->step), "%s", view.busy_step);
	}
	c.at_strike = *wbsim_stats(board.sim);
	board.bench.before_operation = child_operation;
	wbsim_observe(board.sim, NULL, NULL);
	board.bench.verbose = c.choice->verbose;
	fault_strike(&board, fault);
}

static struct slot *free_slot(void)
{
	while (c.running == c.choice->children)
		reap();
	for (unsigned int i = 0; i < c.choice->children; i++)
		if (!c.slots[i].pid)
			return &c.slots[i];
	return NULL;
}

static void at_place(enum campaign_place place, const char *step)
{
	unsigned int number = ++c.places[place];

	for (size_t i = 0; c.watching && !c.child && i < campaign_fault_count; i++) {
		struct slot *slot;
		pid_t pid;

		if (!wanted(place, number, i))
			continue;
		slot = free_slot();
		slot->record = (struct campaign_record){ .job = c.job_index,
			.quirks = c.quirks_index, .fault = i, .place = place, .number = number };
		snprintf(slot->record.step, sizeof(slot->record.step), "%s", step ? step : "");
		pid = fork();
		assert_true(pid >= 0);
		if (!pid) {
			become_child(&slot->record, &campaign_faults[i]);
			return;
		}
		slot->pid = pid;
		c.running++;
	}
}

static void parent_operation(struct bench *bench)
{
	(void)bench;
	at_place(AT_LINK, NULL);
}

static void seen(void *ctx, const char *place, uint64_t n, const char *step)
{
	(void)ctx;
	(void)n;
	if (!strcmp(place, "step"))
		at_place(AT_STEP, step);
	else if (!strcmp(place, "flash"))
		at_place(AT_FLASH, NULL);
}

/* A core that forgets what it must not, to see that the campaign finds out. */
static enum wb_status store_nothing(struct wb_link *link, uint64_t uid, enum wb_record record,
	const void *data, size_t len)
{
	(void)link;
	(void)uid;
	(void)record;
	(void)data;
	(void)len;
	return WB_OK;
}

/* Without a fault the command does what it is for, or nothing would be proved by what follows. */
static void check_goal(void)
{
	char text[240];

	assert_int_equal(c.goal.app, job_runs_app(c.job));
	assert_int_equal(c.goal.journal, 0);
	c.before.app = c.goal.app; /* it had no reset of ours to mark */
	if (job_differ(&c.goal, &c.before, text, sizeof(text)) != job_changes(c.job))
		fail_msg("%s, without a fault: %s", c.job->name,
			text[0] ? text : "nothing has changed");
}

void campaign_run(const struct campaign_choice *choice, size_t job, size_t quirks,
	void (*told)(const struct campaign_record *record, void *ctx), void *ctx,
	unsigned int places[CAMPAIGN_PLACES])
{
	enum wb_status status;

	memset(&c, 0, sizeof(c));
	c.choice = choice;
	c.job = &campaign_jobs[job];
	c.job_index = job;
	c.quirks_index = quirks;
	c.told = told;
	c.ctx = ctx;
	assert_in_range(choice->children, 1, CHILDREN_MAX);
	c.slots = shared(CHILDREN_MAX * sizeof(*c.slots));
	c.states = shared(STATES * sizeof(*c.states));
	/* once to see the goal, in a board of its own, because looking ends it */
	job_open(&board, c.job, campaign_quirks[quirks].words);
	job_look(&board, c.job, &c.before);
	job_close(&board);
	job_open(&board, c.job, campaign_quirks[quirks].words);
	status = job_run(&board, c.job);
	if (status != WB_OK)
		fail_msg("%s, without a fault: %s", c.job->name, board.err.text);
	job_look(&board, c.job, &c.goal);
	job_close(&board);
	check_goal();
	job_open(&board, c.job, campaign_quirks[quirks].words);
	if (choice->broken)
		board.bench.link.journal_store = store_nothing;
	board.bench.before_operation = parent_operation;
	wbsim_observe(board.sim, seen, NULL);
	c.watching = true;
	status = job_run(&board, c.job);
	if (c.child)
		second_half(status);
	c.watching = false;
	while (c.running)
		reap();
	job_close(&board);
	memcpy(places, c.places, sizeof(c.places));
	munmap(c.slots, CHILDREN_MAX * sizeof(*c.slots));
	munmap(c.states, STATES * sizeof(*c.states));
}

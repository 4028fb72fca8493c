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
#define PROBE_KHZ 3300u
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
	struct campaign_record *record;
	const struct campaign_fault *fault;
	uint64_t struck_at;
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

static void complain(const char *what)
{
	char *text = c.record->text;
	size_t at = strlen(text);

	snprintf(text + at, sizeof(c.record->text) - at, "%s; ", what);
}

/* What OpenOCD itself must find as it was, whatever became of the chip. */
static void check_host(void)
{
	if (!board.bench.polling)
		complain("the host's polling is left off");
	if (wbsim_get_speed(board.sim) != PROBE_KHZ)
		complain("the probe's clock is left changed");
	if (c.record->first != WB_OK && strlen(board.err.text) < 20)
		complain("an error without words");
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

static bool is_safeboot(void)
{
	struct wbsim_cpu2_view view;

	wbsim_cpu2_view(board.sim, &view);
	return !view.sfsa;
}

static bool away(void)
{
	return c.fault->strike && !strncmp(c.fault->strike, "power", 5);
}

/* Only a cut inside an option-byte write may end so, and then with a name and a remedy. */
static void judge_safeboot(void)
{
	uint8_t app[APP_SIZE];

	if (!away())
		complain("Safeboot selected, and no power cut");
	/* recover names it by the consent that it wants */
	if (c.record->second != WB_ERR_REFUSED || (strcmp(board.err.rule, "safeboot-selected") &&
		strcmp(board.err.rule, "factory-reset")) ||
		!strstr(board.err.text, "Safeboot"))
		complain("Safeboot selected, and not said so");
	wbsim_peek(board.sim, 0x08000000, app, sizeof(app));
	if (memcmp(app, board.app, sizeof(app)))
		complain("the application is damaged");
	end(c.record->text[0] ? OUT_BAD : OUT_SAFEBOOT);
}

static void judge(void)
{
	bool done = job_was_done(&board, c.job, c.record->second);
	bool again = c.record->first != WB_OK;
	struct campaign_look look;
	char text[240];

	if (is_safeboot())
		judge_safeboot();
	job_look(&board, &look);
	if (c.record->second != WB_OK && !done) {
		complain(job_differ(&look, &c.before, text, sizeof(text)) ? "a third state" :
			"the state before");
		complain(board.err.text);
	}
	if (!again && !done)
		complain("reached the goal, and then had work to do");
	if (job_differ(&look, &c.goal, text, sizeof(text)))
		complain(text);
	end(c.record->text[0] ? OUT_BAD : again ? OUT_AGAIN : OUT_AT_ONCE);
}

/* The command that met the fault is over. */
static void second_half(enum wb_status first)
{
	const struct campaign_record *known = NULL;
	uint64_t began;

	c.record->first = first;
	c.record->first_ms = since(c.struck_at);
	if (c.choice->verbose)
		fprintf(stderr, "  first: %s: %s\n", wb_status_name(first), board.err.text);
	check_host();
	fault_mend(&board, c.fault);
	if ((c.fault->mend == MEND_POWER || c.fault->mend == MEND_CYCLE) && !c.choice->no_memory &&
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
	c.record->second = job_run(&board, c.job);
	c.record->second_ms = since(began);
	if (c.choice->verbose)
		fprintf(stderr, "  again: %s: %s\n", wb_status_name(c.record->second),
			board.err.text);
	judge();
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
	alarm(WALL_S);
	c.child = true;
	c.record = record;
	c.fault = fault;
	c.struck_at = wbsim_now(board.sim);
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
	job_look(&board, &c.before);
	job_close(&board);
	job_open(&board, c.job, campaign_quirks[quirks].words);
	status = job_run(&board, c.job);
	if (status != WB_OK)
		fail_msg("%s, without a fault: %s", c.job->name, board.err.text);
	job_look(&board, &c.goal);
	job_close(&board);
	c.before.app = true; /* it had no reset of ours to mark */
	assert_int_equal(c.goal.app, !job_holds(c.job));
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

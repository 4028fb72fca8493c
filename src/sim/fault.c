/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Injected faults: "WHEN:WHAT" on the command line, over the control socket or in-process. Counts
 * the events they wait for and strikes when one is due.
 */
#include "sim/fault.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAULTS_MAX 32
#define STEP_NAME_MAX 48
#define NS_PER_MS 1000000ull
#define POWER_BACK_MS 1000ull
#define TRANSFERS_DEFAULT 1ull
#define ARG_MAX_MS 3600000ull

struct fault {
	enum sim_fault_place place;
	uint64_t at;		  /* the Nth event of its kind; 0: by name */
	char step[STEP_NAME_MAX]; /* by name: "" unless */
	const struct fault_what *what;
	uint64_t arg;
	bool done;
};

struct faults {
	struct fault list[FAULTS_MAX];
	size_t count;
	uint64_t events[3]; /* by enum sim_fault_place */
	uint64_t parity_left, wait_left;
	bool bsy_hung, mailbox_stuck;
	void (*seen)(void *ctx, const char *place, uint64_t n, const char *step);
	void *seen_ctx;
};

static void strike_power_cut(struct wbsim *sim, uint64_t ms)
{
	sim_power_cut(sim, ms * NS_PER_MS);
}

static void strike_unplug(struct wbsim *sim, uint64_t arg)
{
	(void)arg;
	wbsim_unplug(sim);
}

static void strike_nrst(struct wbsim *sim, uint64_t arg)
{
	(void)arg;
	sim_reset_request(sim, SIM_RESET_NRST);
}

static void strike_parity(struct wbsim *sim, uint64_t count)
{
	sim->fault->parity_left = count;
}

static void strike_wait(struct wbsim *sim, uint64_t count)
{
	sim->fault->wait_left = count;
}

static void strike_brown_out(struct wbsim *sim, uint64_t ms)
{
	options_corrupt(sim);
	sim_power_cut(sim, ms * NS_PER_MS);
}

static void strike_brown_out_user(struct wbsim *sim, uint64_t ms)
{
	options_corrupt_user(sim);
	sim_power_cut(sim, ms * NS_PER_MS);
}

static void strike_mailbox(struct wbsim *sim, uint64_t arg)
{
	(void)arg;
	sim->fault->mailbox_stuck = true;
}

static void strike_bsy(struct wbsim *sim, uint64_t arg)
{
	(void)arg;
	sim->fault->bsy_hung = true;
}

static const struct fault_what whats[] = {
	{ "power-cut", "MS", POWER_BACK_MS, "power fails and returns MS virtual ms later (1000)",
		strike_power_cut },
	{ "unplug", NULL, 0, "the probe is pulled; the next connection finds it",
		strike_unplug },
	{ "nrst", NULL, 0, "a glitch on NRST resets the chip", strike_nrst },
	{ "parity", "COUNT", TRANSFERS_DEFAULT, "the next COUNT SWD transfers have bad parity (1)",
		strike_parity },
	{ "wait", "COUNT", TRANSFERS_DEFAULT, "the next COUNT SWD transfers answer WAIT (1)",
		strike_wait },
	{ "brown-out", "MS", POWER_BACK_MS, "a power cut that corrupts the option bytes (1000)",
		strike_brown_out },
	{ "brown-out-user", "MS", POWER_BACK_MS, "the same, of the user option bytes only (1000)",
		strike_brown_out_user },
	{ "mailbox-stuck", NULL, 0, "the CM0+ answers nothing until a power cycle",
		strike_mailbox },
	{ "bsy-hung", NULL, 0, "flash BSY stays set until a power cycle", strike_bsy },
};

static const struct fault_when whens[] = {
	[SIM_AT_COMMAND] = { "command", SIM_AT_COMMAND, false, "command=N",
		"before the Nth probe command; over --bitbang, transfer" },
	[SIM_AT_FLASH_OP] = { "flash", SIM_AT_FLASH_OP, false, "flash=N",
		"in CPU1's or the debugger's Nth flash operation" },
	[SIM_AT_FUS_STEP] = { "step", SIM_AT_FUS_STEP, true, "step=NAME",
		"in the FUS step of that name; step=N: in the Nth step" },
};

const struct fault_what *fault_whats(size_t *count)
{
	*count = sizeof(whats) / sizeof(whats[0]);
	return whats;
}

const struct fault_when *fault_whens(size_t *count)
{
	*count = sizeof(whens) / sizeof(whens[0]);
	return whens;
}

/* A decimal number of 1 and more that is the whole of text. */
static bool parse_count(const char *text, uint64_t max, uint64_t *val)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*val = strtoull(text, &end, 10);
	return !errno && !*end && *val && *val <= max;
}

/* Splits "name=arg" in place; arg NULL if there is none. */
static char *split_arg(char *word)
{
	char *eq = strchr(word, '=');

	if (eq)
		*eq++ = '\0';
	return eq;
}

static bool parse_when(char *word, struct fault *f)
{
	char *arg = split_arg(word);

	for (size_t i = 0; arg && *arg && i < sizeof(whens) / sizeof(whens[0]); i++) {
		if (strcmp(whens[i].name, word) != 0)
			continue;
		f->place = whens[i].place;
		if (parse_count(arg, UINT64_MAX, &f->at))
			return true;
		f->at = 0;
		if (!whens[i].by_name || strlen(arg) >= sizeof(f->step))
			return false;
		memcpy(f->step, arg, strlen(arg) + 1);
		return true;
	}
	return false;
}

static bool parse_what(char *word, struct fault *f)
{
	char *arg = split_arg(word);

	for (size_t i = 0; i < sizeof(whats) / sizeof(whats[0]); i++) {
		if (strcmp(whats[i].name, word) != 0)
			continue;
		f->what = &whats[i];
		f->arg = whats[i].default_arg;
		return !arg || (whats[i].arg && parse_count(arg, ARG_MAX_MS, &f->arg));
	}
	return false;
}

bool wbsim_add_fault(struct wbsim *sim, const char *spec, char *why, size_t why_size)
{
	struct fault f = { 0 };
	char text[128];
	char *what;

	if (sim->fault->count == FAULTS_MAX) {
		snprintf(why, why_size, "there are %d faults already: clear them first",
			FAULTS_MAX);
		return false;
	}
	if (strlen(spec) < sizeof(text)) {
		memcpy(text, spec, strlen(spec) + 1);
		what = strchr(text, ':');
		if (what) {
			*what++ = '\0';
			if (parse_when(text, &f) && parse_what(what, &f)) {
				sim->fault->list[sim->fault->count++] = f;
				return true;
			}
		}
	}
	snprintf(why, why_size,
		"fault \"%.60s\" is not WHEN:WHAT, as in command=100:power-cut=500 or "
		"step=NAME:unplug; --help lists both",
		spec);
	return false;
}

/* Counting starts anew, too: the next command=1 is the next command. */
void wbsim_clear_faults(struct wbsim *sim)
{
	*sim->fault = (struct faults){ .seen = sim->fault->seen, .seen_ctx = sim->fault->seen_ctx };
}

bool wbsim_strike(struct wbsim *sim, const char *what)
{
	struct fault f = { 0 };
	char text[64];

	if (strlen(what) >= sizeof(text))
		return false;
	memcpy(text, what, strlen(what) + 1);
	if (!parse_what(text, &f))
		return false;
	sim->stats.faults++;
	sim_log(sim, "fault: %s now", what);
	f.what->strike(sim, f.arg);
	return true;
}

void wbsim_observe(struct wbsim *sim,
	void (*seen)(void *ctx, const char *place, uint64_t n, const char *step), void *ctx)
{
	sim->fault->seen = seen;
	sim->fault->seen_ctx = ctx;
}

struct faults *fault_new(struct wbsim *sim, const struct wbsim_config *cfg, char *why,
	size_t why_size)
{
	sim->fault = calloc(1, sizeof(*sim->fault));
	if (!sim->fault) {
		snprintf(why, why_size, "out of memory");
		return NULL;
	}
	for (size_t i = 0; cfg->faults && cfg->faults[i]; i++) {
		if (!wbsim_add_fault(sim, cfg->faults[i], why, why_size)) {
			free(sim->fault);
			sim->fault = NULL;
			return NULL;
		}
	}
	return sim->fault;
}

void fault_free(struct faults *fault)
{
	free(fault);
}

void fault_power_on(struct wbsim *sim)
{
	if (!sim->fault)
		return;
	sim->fault->bsy_hung = false;
	sim->fault->mailbox_stuck = false;
}

bool fault_point(struct wbsim *sim, enum sim_fault_place place, const char *step)
{
	bool struck = false;
	uint64_t n;

	if (!sim->fault)
		return false;
	n = ++sim->fault->events[place];
	if (sim->fault->seen)
		sim->fault->seen(sim->fault->seen_ctx, whens[place].name, n, step);
	for (size_t i = 0; i < sim->fault->count; i++) {
		struct fault *f = &sim->fault->list[i];

		if (f->done || f->place != place)
			continue;
		if (f->at ? f->at != n : !step || strcmp(f->step, step) != 0)
			continue;
		f->done = true;
		struck = true;
		sim->stats.faults++;
		sim_log(sim, "fault: %s at %s %llu%s%s", f->what->name, whens[place].name,
			(unsigned long long)n, step ? ", step " : "", step ? step : "");
		f->what->strike(sim, f->arg);
	}
	return struck;
}

enum wbsim_result fault_transfer(struct wbsim *sim)
{
	if (!sim->fault)
		return WBSIM_OK;
	if (sim->fault->parity_left) {
		sim->fault->parity_left--;
		return WBSIM_PARITY;
	}
	if (sim->fault->wait_left) {
		sim->fault->wait_left--;
		return WBSIM_WAIT;
	}
	return WBSIM_OK;
}

bool fault_bsy_hung(const struct wbsim *sim)
{
	return sim->quirks.endless_bsy || (sim->fault && sim->fault->bsy_hung);
}

bool fault_mailbox_stuck(const struct wbsim *sim)
{
	return sim->fault && sim->fault->mailbox_stuck;
}

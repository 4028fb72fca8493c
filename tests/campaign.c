/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The campaign's front: which part of it to run, and the table of what came of it.
 *
 *   core_campaign_test         as much as `make check` has time for
 *   core_campaign_test --all   all of it
 *   core_campaign_test -j replace -q all -f unplug -a link=120 -v
 *                              one strike, with what core reports
 */
#define _GNU_SOURCE
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>
#include "tests/campaign.h"

const char *argp_program_version = "campaign (OpenFUS tests)";

#define TOLD_MAX 40u /* bad ones written out, of one job */

static const struct argp_option options[] = {
	{ "all", 'A', NULL, 0, "every fault at every place", 0 },
	{ "every", 'e', "N", 0, "fewer: each fault at one place of N more than its share", 0 },
	{ "job", 'j', "NAME", 0, "one job", 0 },
	{ "quirks", 'q', "NAME", 0, "default or all", 0 },
	{ "fault", 'f', "NAME", 0, "one fault", 0 },
	{ "at", 'a', "PLACE=N", 0, "one place: link, step or flash, and which", 0 },
	{ "children", 'c', "N", 0, "at once (default: processors)", 0 },
	{ "no-memory", 'n', NULL, 0, "run also what an equal chip has shown before", 0 },
	{ "broken", 'b', "journal", 0, "core's journal forgets: failures must be found", 0 },
	{ "verbose", 'v', NULL, 0, "what core reports, behind the fault", 0 },
	{ 0 },
};

#define FAULTS_MAX 32u

/* Outcomes of one job. */
struct tally {
	unsigned int outcomes[CAMPAIGN_OUTCOMES];
	unsigned int by_fault[FAULTS_MAX][CAMPAIGN_OUTCOMES];
	uint64_t cpu_us[FAULTS_MAX];
	unsigned int known, bad;
	struct campaign_record slowest; /* by the second run */
	struct campaign_record longest; /* by the first */
};

static bool parse_place(const char *text, struct campaign_choice *choice)
{
	for (unsigned int i = 0; i < CAMPAIGN_PLACES; i++) {
		size_t len = strlen(campaign_place_names[i]);

		if (strncmp(text, campaign_place_names[i], len) || text[len] != '=')
			continue;
		choice->place = (enum campaign_place)i;
		choice->number = (unsigned int)strtoul(text + len + 1, NULL, 10);
		return choice->number != 0;
	}
	return false;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct campaign_choice *choice = state->input;

	switch (key) {
	case 'A':
		choice->all = true;
		break;
	case 'e':
		choice->every = (unsigned int)strtoul(arg, NULL, 10);
		break;
	case 'j':
		choice->job = arg;
		break;
	case 'q':
		choice->quirks = arg;
		break;
	case 'f':
		choice->fault = arg;
		break;
	case 'a':
		if (!parse_place(arg, choice))
			argp_error(state, "\"%s\" is not link=N, step=N or flash=N", arg);
		break;
	case 'c':
		choice->children = (unsigned int)strtoul(arg, NULL, 10);
		break;
	case 'n':
		choice->no_memory = true;
		break;
	case 'b':
		if (strcmp(arg, "journal"))
			argp_error(state, "only the journal can be broken");
		choice->broken = arg;
		break;
	case 'v':
		choice->verbose = true;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static void print_place(const struct campaign_record *r)
{
	printf("-j %s -q %s -f \"%s\" -a %s=%u%s%s", campaign_jobs[r->job].name,
		campaign_quirks[r->quirks].name, campaign_faults[r->fault].name,
		campaign_place_names[r->place], r->number, r->step[0] ? " in step " : "", r->step);
}

static void tell(const struct campaign_record *record, void *ctx)
{
	struct tally *tally = ctx;

	tally->outcomes[record->outcome]++;
	tally->by_fault[record->fault][record->outcome]++;
	tally->cpu_us[record->fault] += record->cpu_us;
	tally->known += record->known;
	if (record->second_ms >= tally->slowest.second_ms)
		tally->slowest = *record;
	if (record->first_ms >= tally->longest.first_ms)
		tally->longest = *record;
	if (record->outcome != OUT_BAD && record->outcome != OUT_NOTHING)
		return;
	if (tally->bad++ >= TOLD_MAX)
		return;
	printf("BAD: %s ", program_invocation_short_name);
	print_place(record);
	printf("\n     %s, then %s: %s\n", wb_status_name(record->first),
		wb_status_name(record->second), record->text);
	fflush(stdout);
}

static unsigned int one_job(const struct campaign_choice *choice, size_t job, size_t quirks,
	struct tally *all)
{
	unsigned int places[CAMPAIGN_PLACES], runs = 0;
	struct tally tally = { .bad = 0 };

	fflush(stdout);
	campaign_run(choice, job, quirks, tell, &tally, places);
	for (unsigned int i = 0; i < CAMPAIGN_OUTCOMES; i++) {
		runs += tally.outcomes[i];
		all->outcomes[i] += tally.outcomes[i];
	}
	printf("%-8s %-8s %5u %5u %5u %8u %8u %8u %8u %6u %8u %7.1f %7.1f  %s\n",
		campaign_jobs[job].name, campaign_quirks[quirks].name, places[AT_LINK],
		places[AT_STEP], places[AT_FLASH], runs, tally.outcomes[OUT_AT_ONCE],
		tally.outcomes[OUT_AGAIN], tally.outcomes[OUT_SAFEBOOT], tally.bad, tally.known,
		tally.longest.first_ms / 1e3, tally.slowest.second_ms / 1e3,
		campaign_jobs[job].title);
	fflush(stdout);
	for (size_t i = 0; i < campaign_fault_count; i++) {
		all->cpu_us[i] += tally.cpu_us[i];
		for (unsigned int o = 0; o < CAMPAIGN_OUTCOMES; o++)
			all->by_fault[i][o] += tally.by_fault[i][o];
	}
	if (tally.slowest.second_ms >= all->slowest.second_ms)
		all->slowest = tally.slowest;
	if (tally.longest.first_ms >= all->longest.first_ms)
		all->longest = tally.longest;
	all->bad += tally.bad;
	all->known += tally.known;
	return runs;
}

/* Which places were struck is said, too: link 1/4 is one operation of four. */
static void print_faults(const struct campaign_choice *choice, const struct tally *all)
{
	printf("\n%-22s %6s %6s %6s %8s %8s %8s %8s %6s %8s\n", "fault", "link", "step", "flash",
		"runs", "at once", "again", "safeboot", "BAD", "CPU s");
	for (size_t i = 0; i < campaign_fault_count; i++) {
		const struct campaign_fault *f = &campaign_faults[i];
		const unsigned int *o = all->by_fault[i];

		printf("%-22s  1/%-3u  1/%-3u  1/%-3u %8u %8u %8u %8u %6u %8.1f\n",
			f->name, campaign_every(choice, campaign_jobs, AT_LINK, f),
			campaign_every(choice, campaign_jobs, AT_STEP, f),
			campaign_every(choice, campaign_jobs, AT_FLASH, f),
			o[OUT_NOTHING] + o[OUT_AT_ONCE] + o[OUT_AGAIN] + o[OUT_SAFEBOOT] +
				o[OUT_BAD],
			o[OUT_AT_ONCE], o[OUT_AGAIN], o[OUT_SAFEBOOT],
			o[OUT_NOTHING] + o[OUT_BAD], (double)all->cpu_us[i] / 1e6);
	}
	if (!choice->all)
		printf("(\"way\" with all quirks: of the link's operations %u times fewer)\n",
			CAMPAIGN_WAY_EVERY);
	printf("\n");
}

static bool chosen(const char *choice, const char *name)
{
	return !choice || !strcmp(choice, name);
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options, parse, NULL,
		"Every fault at every place of an upgrade.", NULL, NULL, NULL };
	struct campaign_choice choice = {
		.children = (unsigned int)sysconf(_SC_NPROCESSORS_ONLN),
		.every = SANITIZED ? 61 : 1 };
	struct tally all = { .bad = 0 };
	unsigned int runs = 0;

	argp_parse(&argp, argc, argv, 0, NULL, &choice);
	printf("%-8s %-8s %5s %5s %5s %8s %8s %8s %8s %6s %8s %7s %7s\n", "job", "quirks", "link",
		"steps", "flash", "runs", "at once", "again", "safeboot", "BAD", "known",
		"first s", "again s");
	for (size_t q = 0; q < campaign_quirk_count; q++)
		for (size_t j = 0; j < campaign_job_count; j++)
			if (chosen(choice.job, campaign_jobs[j].name) &&
				chosen(choice.quirks, campaign_quirks[q].name) &&
				job_possible(&campaign_jobs[j]))
				runs += one_job(&choice, j, q, &all);
	print_faults(&choice, &all);
	printf("%u runs: the goal at once %u, by the same command again %u, Safeboot %u, BAD %u\n",
		runs, all.outcomes[OUT_AT_ONCE], all.outcomes[OUT_AGAIN],
		all.outcomes[OUT_SAFEBOOT], all.bad);
	printf("slowest recovery: %.1f virtual s, ", all.slowest.second_ms / 1e3);
	print_place(&all.slowest);
	printf("\nlongest first run behind its fault: %.1f virtual s, ",
		all.longest.first_ms / 1e3);
	print_place(&all.longest);
	printf("\n");
	return all.bad || !runs;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One trial, a fault and what came of it: what must hold after each run, and in the end. */
#include <stdio.h>
#include "tests/campaign.h"

#define FLASH 0x08000000u

static void complain(const struct campaign_trial *t, const char *what)
{
	char *text = t->record->text;
	size_t at = strlen(text);

	snprintf(text + at, sizeof(t->record->text) - at, "%s; ", what);
}

/* What OpenOCD itself must find as it was, whatever became of the chip. */
static void judge_host(const struct board *board, const struct campaign_trial *t,
	enum wb_status status)
{
	if (!board->bench.polling)
		complain(t, "the host's polling is left off");
	if (wbsim_get_speed(board->sim) != PROBE_KHZ)
		complain(t, "the probe's clock is left changed");
	if (status != WB_OK && strlen(board->err.text) < 20)
		complain(t, "an error without words");
}

void judge_run(const struct board *board, const struct campaign_trial *t,
	const struct wbsim_stats *before, enum wb_status status)
{
	const struct wbsim_stats *now = wbsim_stats(board->sim);
	struct wbsim_cpu2_view view;

	judge_host(board, t, status);
	/* what lasts until the next reset only is seen at once, or the next run hides it */
	wbsim_cpu2_view(board->sim, &view);
	if (status == WB_OK && view.aes1_loaded != t->goal->aes1)
		complain(t, view.aes1_loaded ? "said done, and a key is in AES1" :
			"said done, and no key is in AES1");
	if (status == WB_OK && view.keys_locked != t->goal->locked)
		complain(t, "said done, and the key is not locked");
	if (job_reads(t->job) && (now->target_writes != before->target_writes ||
		now->halts != before->halts))
		complain(t, "a command that only reads has written or halted");
}

static bool power_was_cut(const struct campaign_trial *t)
{
	return t->fault->strike && !strncmp(t->fault->strike, "power", 5);
}

/* Only a cut inside an option-byte write may end so, and then with a name and a remedy. */
static enum campaign_outcome judge_safeboot(struct board *board, const struct campaign_trial *t)
{
	uint8_t app[APP_SIZE];

	if (!power_was_cut(t))
		complain(t, "Safeboot selected, and no power cut");
	/* recover names it by the consent that it wants */
	if (t->record->second != WB_ERR_REFUSED ||
		(strcmp(board->err.rule, "safeboot-selected") != 0 &&
			strcmp(board->err.rule, "factory-reset") != 0) ||
		!strstr(board->err.text, "Safeboot"))
		complain(t, "Safeboot selected, and not said so");
	wbsim_peek(board->sim, FLASH, app, sizeof(app));
	if (memcmp(app, board->app, sizeof(app)) != 0)
		complain(t, "the application is damaged");
	return t->record->text[0] ? OUT_BAD : OUT_SAFEBOOT;
}

/*
 * The same, inside the write with which Safeboot ends: it is selected again, and its second factory
 * reset finds nothing left of the user's option bytes. All else must be as wanted.
 */
static bool options_cut(const struct campaign_trial *t, const struct campaign_look *look,
	struct campaign_look *wanted)
{
	if (!power_was_cut(t) || strcmp(t->record->step, "restore-options") != 0 ||
		look->page == wanted->page)
		return false;
	wanted->page = look->page;
	memcpy(wanted->options, look->options, sizeof(wanted->options));
	return true;
}

enum campaign_outcome judge_end(struct board *board, const struct campaign_trial *t)
{
	bool done = job_was_done(board, t->job, t->record->second);
	bool again = t->record->first != WB_OK;
	struct campaign_look look, goal = *t->goal;
	struct wbsim_cpu2_view view;
	char text[240];
	bool cut;

	wbsim_cpu2_view(board->sim, &view);
	if (!view.sfsa)
		return judge_safeboot(board, t);
	job_look(board, t->job, &look);
	cut = options_cut(t, &look, &goal);
	if (t->record->second != WB_OK && !done) {
		complain(t, job_differ(&look, t->before, text, sizeof(text)) ? "a third state" :
			"the state before");
		complain(t, board->err.text);
	}
	if (!again && !done)
		complain(t, "reached the goal, and then had work to do");
	if (job_differ(&look, &goal, text, sizeof(text)))
		complain(t, text);
	if (t->record->text[0])
		return OUT_BAD;
	return cut ? OUT_SAFEBOOT : again ? OUT_AGAIN : OUT_AT_ONCE;
}

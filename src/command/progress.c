/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Progress of long work as text that only ever grows: nothing is overwritten, so that the same
 * bytes read well on a terminal, through telnet and in gdb.
 *
 *   terminal   "  write       ....10....20....30....40....50....60....70....80....90....100 %"
 *   elsewhere  "  write 10 %"  "  write 20 %" ...
 */
#include <stdio.h>
#include <string.h>

#include "command/progress.h"

#define DOT_PERCENT 2u     /* a dot each */
#define NUMBER_PERCENT 10u /* a number in the place of the dot */
#define PHASE_WIDTH 11

static void say(struct progress *progress, const char *text)
{
	if (!progress->quiet && progress->emit)
		progress->emit(progress->ctx, text);
}

void progress_end(struct progress *progress)
{
	if (progress->phase[0] && progress->terminal)
		say(progress, "\n");
	progress->phase[0] = '\0';
	progress->mark = 0;
}

void progress_begin(struct progress *progress, bool quiet, struct text *warnings)
{
	progress->phase[0] = '\0';
	progress->mark = 0;
	progress->quiet = quiet;
	progress->warnings = warnings;
}

static void open_line(struct progress *progress, const char *phase)
{
	progress_end(progress);
	(void)snprintf(progress->phase, sizeof(progress->phase), "%s", phase);
	if (progress->terminal) {
		char line[80];

		(void)snprintf(line, sizeof(line), "  %-*s ", PHASE_WIDTH, progress->phase);
		say(progress, line);
	}
}

void progress_step(struct progress *progress, const char *phase, uint64_t done, uint64_t total)
{
	char piece[96];
	char name[sizeof(progress->phase)];

	if (!total)
		return;
	if (done > total)
		done = total;
	const unsigned int percent = (unsigned int)(done * 100u / total);

	(void)snprintf(name, sizeof(name), "%s", phase);
	/* The same phase that starts over is a new line too. */
	if (strcmp(progress->phase, name) != 0 || percent < progress->mark)
		open_line(progress, phase);

	const unsigned int step = progress->terminal ? DOT_PERCENT : NUMBER_PERCENT;
	while (progress->mark + step <= percent) {
		progress->mark += step;
		if (!progress->terminal) {
			/* One line for all that was passed at once. */
			if (progress->mark + step <= percent)
				continue;
			(void)snprintf(piece, sizeof(piece), "  %s %u %%\n", name, progress->mark);
		} else if (progress->mark % NUMBER_PERCENT) {
			(void)snprintf(piece, sizeof(piece), ".");
		} else {
			(void)snprintf(piece, sizeof(piece), "%u%s", progress->mark,
				progress->mark == 100u ? " %" : "");
		}
		say(progress, piece);
	}
	if (done == total)
		progress_end(progress);
}

void progress_report(struct progress *progress, bool warning, const char *text)
{
	struct text line = { 0 };

	progress_end(progress);
	if (warning && progress->warnings)
		text_add(progress->warnings, "%s\n", text);
	text_add(&line, "%s%s\n", warning ? "warning: " : "", text);
	say(progress, text_str(&line));
	text_free(&line);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a person sees while long work goes on: one line that grows on a terminal, a line per 10 %
 * elsewhere, nothing when quiet (-json). Time that is not counted in bytes (the FUS at work) uses
 * the same lines.
 */
#ifndef COMMAND_PROGRESS_H
#define COMMAND_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "command/text.h"

struct progress {
	void (*emit)(void *ctx, const char *text); /* text with its own newlines */
	void *ctx;
	bool terminal;
	bool quiet;
	struct text *warnings; /* where warnings are kept as well, a line each; may be NULL */

	char phase[48];    /* of the line that is open; "" when none is */
	unsigned int mark; /* last percent shown */
};

/** A new command begins: forget an open line. */
void progress_begin(struct progress *progress, bool quiet, struct text *warnings);
/** done of total of a phase; a new phase, or done == total, ends the line. */
void progress_step(struct progress *progress, const char *phase, uint64_t done, uint64_t total);
/** One line for the person; ends an open progress line first. */
void progress_report(struct progress *progress, bool warning, const char *text);
/** End an open line, if there is one (errors, end of the command). */
void progress_end(struct progress *progress);

#endif

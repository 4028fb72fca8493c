/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command set: words in, text or JSON out. It knows core and nothing of its host; a front
 * (the plugin, the driver) gives it words, a chip behind a link, and prints what comes back.
 */
#ifndef COMMAND_COMMAND_H
#define COMMAND_COMMAND_H

#include <stdbool.h>

#include "command/progress.h"
#include "command/text.h"
#include "core/openfus.h"

/* What the command set remembers between commands: one for each interpreter. Zeroed at start. */
struct cmd_front {
	char *images; /* folder said by `stm32wb images`; owned */
};

/* A chip that commands can reach: one for each target of the host. */
struct cmd_chip {
	struct wb_link *link;
	struct wb_session *session; /* made when a command first needs it; kept between commands */
	struct progress *progress;  /* link->report and link->progress end here */
};

struct cmd_call;

struct cmd_command {
	const char *name; /* words behind `stm32wb` */
	const char *usage;
	const char *help;
	bool needs_chip;
	unsigned int options; /* those it takes: bits of parse.h */
	unsigned int words_min, words_max;
	enum wb_status (*handler)(struct cmd_call *call);
};

/** The i-th command, NULL past the last: for the host's help. */
const struct cmd_command *cmd_table(unsigned int i);
/** True if these words name a command that needs a chip. */
bool cmd_needs_chip(int argc, const char *const *argv);
/**
 * Run one command.
 *
 * @param[in]  chip NULL while there is none: commands that need one are refused.
 * @param[in]  argv the words behind `stm32wb`.
 * @param[out] out  what there is to print: the result, and on failure the reason at its end.
 * @return WB_OK only if the command did what it says.
 */
enum wb_status cmd_run(struct cmd_front *front, struct cmd_chip *chip, int argc,
	const char *const *argv, struct text *out);
void cmd_front_free(struct cmd_front *front);
/** Forget the session of a chip; touches the chip no more. */
void cmd_chip_free(struct cmd_chip *chip);

#endif

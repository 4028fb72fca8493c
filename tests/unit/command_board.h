/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command set on a virtual board, in-process and in virtual time: say words, see what they did. */
#ifndef COMMAND_BOARD_H
#define COMMAND_BOARD_H

#include "tests/unit/core_make.h"
#include "tests/unit/core_board.h"
#include <jansson.h>
#include "command/command.h"

/** Run words separated by blanks on this board; *out is what was printed. */
enum wb_status board_say(struct board *board, const char *words);
/** What the last one printed. */
const char *board_said(void);
/** What it reported beside that: progress and warnings, as a person sees them. */
const char *board_reported(void);
/** True if it printed that; else it is told what was. */
bool board_said_has(const char *what);
/** The JSON object that it printed; the caller lets go of it. */
json_t *board_json(void);
/** Forget the session and the text of the last board; before board_close(). */
void board_hush(void);

#endif

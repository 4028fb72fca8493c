/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For the tests of the command set: say words, see what was printed. What core would do to a chip
 * is played by the __wrap_ functions (linked with --wrap), which note how they were called.
 */
#ifndef COMMAND_PLAY_H
#define COMMAND_PLAY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <jansson.h>

#include "command/command.h"

struct played {
	unsigned int sessions, upgrades;
	struct wb_operation op;
	struct wb_goal goal;
	bool dry_run;
	uint16_t opcode;
	uint8_t payload[255];
	size_t payload_len;
	enum wb_status answer; /* what core is to answer */
	unsigned int steps;    /* of the plan it is to make */
	bool stop;	       /* the user asks for it */
};
extern struct played core;
extern struct cmd_chip chip;
extern struct text out;
extern char folder[]; /* of our own, empty at start */

/** Run words separated by blanks. */
enum wb_status say(bool with_chip, const char *words);
enum wb_status say_path(bool with_chip, const char *before, const char *path, const char *after);
/** True if that was printed; else it is told what was. */
bool out_has(const char *what);
json_t *out_json(void);
/** A stack of 8 KiB with footers as they should be, known to nobody; its path, good until the next.
 */
const char *make_image(const char *name);
const char *make_file(const char *name, const char *content);

int play_reset(void **state);
int play_begin(void **state);
int play_end(void **state);
#define TEST(name) cmocka_unit_test_setup(name, play_reset)

#endif

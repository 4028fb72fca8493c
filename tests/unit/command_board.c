/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See command_board.h. */
#include "tests/unit/command_board.h"

#define WORDS_MAX 64

static struct cmd_front front;
static struct cmd_chip chip;
static struct text out, reported;

static void keep(void *ctx, const char *line)
{
	text_add(ctx, "%s", line);
}

static struct progress progress = { .emit = keep, .ctx = &reported };

enum wb_status board_say(struct board *board, const char *words)
{
	const char *argv[WORDS_MAX];
	char buf[1024];
	int argc = 0;

	text_free(&out);
	text_free(&reported);
	chip.link = &board->bench.link;
	chip.progress = &progress;
	assert_true(strlen(words) < sizeof(buf));
	strcpy(buf, words);
	for (char *word = strtok(buf, " "); word && argc < WORDS_MAX; word = strtok(NULL, " "))
		argv[argc++] = word;
	return cmd_run(&front, &chip, argc, argv, &out);
}

const char *board_said(void)
{
	return text_str(&out);
}

const char *board_reported(void)
{
	return text_str(&reported);
}

bool board_said_has(const char *what)
{
	if (strstr(board_said(), what))
		return true;
	print_error("no \"%s\" in: %s\n", what, board_said());
	return false;
}

json_t *board_json(void)
{
	json_error_t error;
	json_t *object = json_loads(board_said(), 0, &error);

	if (!object)
		fail_msg("%s in: %s", error.text, board_said());
	return object;
}

void board_hush(void)
{
	text_free(&out);
	text_free(&reported);
	cmd_chip_free(&chip);
}

// SPDX-License-Identifier: GPL-2.0-or-later

/*
 * The `stm32wb` command group: the words and the code of the plugin, compiled in. Every row of
 * core's command table is registered under its own name, and the groups that the names form too,
 * so that `help` and `usage` know them and unknown words are answered by the command set itself.
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdlib.h>
#include <string.h>

#include <helper/log.h>
#include <target/target.h>

#include "commands.h"

#define COMMAND "stm32wb"
#define WORDS_MAX 320
#define NAME_MAX_LEN 64

static struct cmd_front front;
static struct stm32wb_seat *seats;
static bool busy;

struct stm32wb_seat *stm32wb_seat(struct target *target)
{
	struct stm32wb_seat *seat;

	for (seat = seats; seat; seat = seat->next)
		if (seat->tl.target == target)
			return seat;
	seat = calloc(1, sizeof(*seat));
	if (!seat)
		return NULL;
	link_target_init(&seat->tl, target);
	seat->chip.link = &seat->tl.link;
	seat->chip.progress = &seat->tl.progress;
	seat->next = seats;
	seats = seat;
	return seat;
}

static enum wb_status run_words(struct command_context *cmd_ctx, int argc,
	const char *const *argv, struct text *out)
{
	struct stm32wb_seat *seat;
	struct target *target;
	enum wb_status status;

	/* Targets can be reached once `init` has run. */
	if (!cmd_needs_chip(argc, argv) || cmd_ctx->mode != COMMAND_EXEC)
		return cmd_run(&front, NULL, argc, argv, out);
	target = get_current_target_or_null(cmd_ctx);
	if (!target) {
		text_add(out, "OpenOCD has no current target: source a target file such as "
			"target/stm32wb.cfg before `init`");
		return WB_ERR_USAGE;
	}
	seat = stm32wb_seat(target);
	if (!seat) {
		text_add(out, "out of memory");
		return WB_ERR_HOST;
	}
	seat->busy = true;
	link_target_enter(&seat->tl);
	status = cmd_run(&front, &seat->chip, argc, argv, out);
	link_target_leave(&seat->tl);
	seat->busy = false;
	return status;
}

/* CMD_DATA is the command's full name behind `stm32wb`: NULL for the group itself. */
COMMAND_HANDLER(stm32wb_handle_words)
{
	char name[NAME_MAX_LEN];
	const char *argv[WORDS_MAX];
	struct text out = { 0 };
	char *rest = NULL;
	int argc = 0;

	/* While we sleep OpenOCD runs its timers, and they may run scripts. */
	if (busy) {
		command_print(CMD, COMMAND ": another stm32wb command is running");
		return ERROR_FAIL;
	}
	wb_format(name, sizeof(name), "%s", CMD_DATA ? (const char *)CMD_DATA : "");
	for (char *word = strtok_r(name, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		argv[argc++] = word;
	if ((unsigned int)argc + CMD_ARGC > WORDS_MAX) {
		command_print(CMD, COMMAND ": too many words");
		return ERROR_FAIL; /* a syntax error would print OpenOCD's usage in its place */
	}
	for (unsigned int i = 0; i < CMD_ARGC; i++)
		argv[argc++] = CMD_ARGV[i];

	busy = true;
	enum wb_status status = run_words(CMD_CTX, argc, argv, &out);
	busy = false;
	/* without a newline: scripts take it as a value */
	if (out.len)
		command_print_sameline(CMD, "%s", text_str(&out));
	text_free(&out);
	return status == WB_OK ? ERROR_OK : ERROR_FAIL;
}

/* One node of the tree: words behind `stm32wb`, its parent's words and its own last one. */
static int register_node(struct command_context *cmd_ctx, const char *words, const char *usage,
	const char *help)
{
	const char *last = strrchr(words, ' ');
	char prefix[NAME_MAX_LEN];
	char *data = strdup(words); /* for as long as the command exists */

	if (!data)
		return ERROR_FAIL;
	wb_format(prefix, sizeof(prefix), "%s%s%.*s", COMMAND, last ? " " : "",
		last ? (int)(last - words) : 0, words);
	const struct command_registration node[] = {
		{
			.name = last ? last + 1 : words,
			.handler = stm32wb_handle_words,
			.mode = COMMAND_ANY,
			.usage = usage,
			.help = help,
		},
		COMMAND_REGISTRATION_DONE
	};
	return register_commands_with_data(cmd_ctx, prefix, node, data);
}

/* The groups on the way to a command: "fus usrkey store" is in "fus" and "fus usrkey". */
static int register_groups(struct command_context *cmd_ctx, const char *name)
{
	char words[NAME_MAX_LEN];

	for (const char *end = strchr(name, ' '); end; end = strchr(end + 1, ' ')) {
		wb_format(words, sizeof(words), "%.*s", (int)(end - name), name);
		/* a second registration of the same name is the first one */
		int retval = register_node(cmd_ctx, words, "", "STM32WB coprocessor commands");
		if (retval != ERROR_OK)
			return retval;
	}
	return ERROR_OK;
}

int stm32wb_register_commands(struct command_context *cmd_ctx)
{
	static const struct command_registration group[] = {
		{
			.name = COMMAND,
			.handler = stm32wb_handle_words,
			.mode = COMMAND_ANY,
			.usage = "",
			.help = "STM32WB wireless coprocessor: firmware upgrade service (FUS)",
		},
		COMMAND_REGISTRATION_DONE
	};
	const struct cmd_command *row;
	int retval = register_commands(cmd_ctx, NULL, group);

	for (unsigned int i = 0; retval == ERROR_OK && (row = cmd_table(i)); i++) {
		retval = register_groups(cmd_ctx, row->name);
		if (retval == ERROR_OK)
			retval = register_node(cmd_ctx, row->name, row->usage, row->help);
	}
	return retval;
}

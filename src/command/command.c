/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of commands, and the way from words to a handler.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/parse.h"
#include "core/options.h"

static const struct cmd_command commands[] = {
	{ "info", "[-json]",
		"Show the chip, its flash, the secure boundary, protections and what the CM0+ "
		"runs. Reads only: halts, resets and writes nothing.",
		true, OPTION_JSON, 0, 0, cmd_info },
	{ "option list", "[-json]",
		"Show the option bytes, field by field, with what they mean. Reads only: halts, "
		"resets and writes nothing.",
		true, OPTION_JSON, 0, 0, cmd_option_list },
	{ "option get", "NAME [-json]", "Show the value of one field of the option bytes.", true,
		OPTION_JSON, 1, 1, cmd_option_get },
	{ "option set", "NAME=VALUE ... [-hold] [-under-reset] [-confirm RISK] [-json]",
		"Change user option bytes: all are judged before anything is touched, written in "
		"one go and loaded, which resets the chip.",
		true, OPTIONS_CHIP | OPTION_CONFIRM, 1, WB_OPTION_FIELDS, cmd_option_set },
	{ "image", "FILE ... [-json]",
		"Show what coprocessor binaries are and where they go on each flash size. Needs no "
		"chip.",
		false, OPTION_JSON, 1, CMD_WORDS_MAX, cmd_image },
	{ "images", "[DIR] [-json]",
		"Remember a folder of images for plan and upgrade, and list it. The environment "
		"variable STM32WB_IMAGES does the same.",
		false, OPTION_JSON, 0, 1, cmd_images },
	{ "fus info", "[-json]",
		"Show the versions of FUS, wireless stack and Safeboot, and who runs. Reads only: "
		"halts, resets and writes nothing.",
		true, OPTION_JSON, 0, 0, cmd_fus_info },
	{ "fus diagnose", "[-mailbox] [-hold] [-under-reset] [-json]",
		"Look for everything that is known to go wrong, and say what to do about it. "
		"Reads only: halts, resets and writes nothing; with -mailbox it also searches user "
		"flash and asks the CM0+, which resets the chip.",
		true, OPTIONS_CHIP | OPTION_MAILBOX, 0, 0, cmd_fus_diagnose },
	{ "fus state", "[-hold] [-under-reset] [-json]",
		"Ask the CM0+ for its state through the mailbox.", true, OPTIONS_CHIP, 0, 0,
		cmd_fus_state },
	{ "fus start", "[-hold] [-under-reset] [-json]",
		"Bring up the FUS, by way of the wireless stack if one runs. It stays selected "
		"until `stm32wb fus start_ws`.",
		true, OPTIONS_CHIP, 0, 0, cmd_fus_start },
	{ "fus start_ws", "[-hold] [-under-reset] [-json]",
		"Go back from the FUS to the wireless stack.", true, OPTIONS_CHIP, 0, 0,
		cmd_fus_start_ws },
	{ "fus plan",
		"[FILE|DIR] [-address A] [-first-install] [-delete] [-reinstall] [-no-start] "
		"[-preserve] [-confirm RISK] [-force RULE] [-json]",
		"Show the steps an upgrade would take, each with its reason, or the rule that "
		"forbids it. Reads only; the search of user flash for stray images is left to the "
		"upgrade.",
		true, OPTIONS_PLAN, 0, 1, cmd_fus_plan },
	{ "fus upgrade",
		"[FILE|DIR] [-address A] [-dry-run] [-first-install] [-delete] [-reinstall] "
		"[-no-start] [-no-verify] [-preserve] [-hold] [-under-reset] [-confirm RISK] "
		"[-force RULE] [-log FILE] [-json]",
		"Install an image, and what must come before it if the folder of images has it. "
		"With a folder, or with nothing behind it: the latest FUS, and the stack in place "
		"renewed. With -preserve user data in the way is saved and put back.",
		true, OPTIONS_UPGRADE, 0, 1, cmd_fus_upgrade },
	{ "fus usrkey store",
		"simple|master|encrypted FILE [-iv-first] [-hold] [-under-reset] [-confirm RISK] "
		"[-json]",
		"Store a user key (raw, 16 or 32 bytes; an encrypted one with 12 bytes of IV behind "
		"it) and print the index it got. FUS or stack, whichever runs, answers.",
		true, OPTIONS_CHIP | OPTION_CONFIRM | OPTION_IV_FIRST, 2, 2, cmd_fus_usrkey_store },
	{ "fus usrkey load", "N [-under-reset] [-json]",
		"Put user key N into AES1, where CPU1 can use it and not read it. It stays there "
		"until the next reset: CPU1 is left halted, as by -hold.",
		true, OPTIONS_CHIP, 1, 1, cmd_fus_usrkey_load },
	{ "fus usrkey unload", "N [-under-reset] [-json]",
		"Take user key N out of AES1. CPU1 is left halted, as by -hold.", true,
		OPTIONS_CHIP, 1, 1, cmd_fus_usrkey_unload },
	{ "fus usrkey lock", "N [-under-reset] [-json]",
		"Lock user key N: nothing can load it until the next reset. CPU1 is left halted, as "
		"by -hold.",
		true, OPTIONS_CHIP, 1, 1, cmd_fus_usrkey_lock },
	{ "fus authkey update", "FILE [-hold] [-under-reset] [-confirm RISK] [-json]",
		"Install the customer's authentication key (64 bytes): from then on images need a "
		"signature by it.",
		true, OPTIONS_CHIP | OPTION_CONFIRM, 1, 1, cmd_fus_authkey_update },
	{ "fus authkey lock", "-confirm lock-authkey [-hold] [-under-reset] [-json]",
		"Lock the customer's authentication key, for ever.", true,
		OPTIONS_CHIP | OPTION_CONFIRM, 0, 0, cmd_fus_authkey_lock },
	{ "fus antirollback", "-confirm antirollback [-hold] [-under-reset] [-json]",
		"Make the wireless stack installed the oldest that will ever be taken. Cannot be "
		"undone; refused where it would lose the chip.",
		true, OPTIONS_CHIP | OPTION_CONFIRM, 0, 0, cmd_fus_antirollback },
	{ "fus purge", "[-hold] [-under-reset] [-confirm RISK] [-json]",
		"Remove the wireless stack and its NVM pages (FUS 2).", true,
		OPTIONS_CHIP | OPTION_CONFIRM, 0, 0, cmd_fus_purge },
	{ "fus recover", "[-confirm RISK] [-hold] [-under-reset] [-json]",
		"Find out what keeps the chip from its work and put it right: Safeboot (a factory "
		"reset, with -confirm factory-reset), user option bytes (with -confirm options), an "
		"interrupted upgrade, a FUS that was left selected.",
		true, OPTIONS_CHIP | OPTION_CONFIRM, 0, 0, cmd_fus_recover },
	{ "fus delete", "[-hold] [-under-reset] [-confirm RISK] [-json]",
		"Remove the wireless stack.", true, OPTIONS_CHIP | OPTION_CONFIRM, 0, 0,
		cmd_fus_delete },
	{ "fus shci", "OPCODE [BYTE ...] [-hold] [-under-reset] [-confirm RISK] [-json]",
		"Send a raw command through the mailbox and show the answer as hex. What cannot be "
		"undone wants the same consent as the command that has a name.",
		true, OPTIONS_CHIP | OPTION_CONFIRM, 1, CMD_WORDS_MAX, cmd_fus_shci },
};
#define NAME_MAX 16 /* of one word of a command's name, with the end */
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

const struct cmd_command *cmd_table(unsigned int i)
{
	return i < COMMANDS ? &commands[i] : NULL;
}

/* How many of the words the command's name takes; 0 if it is another command. */
static int name_words(const struct cmd_command *command, int argc, const char *const *argv)
{
	const char *name = command->name;

	for (int i = 0; i < argc; i++) {
		const size_t len = strcspn(name, " ");
		if (strlen(argv[i]) != len || strncmp(argv[i], name, len) != 0)
			return 0;
		if (!name[len])
			return i + 1;
		name += len + 1;
	}
	return 0;
}

static const struct cmd_command *find(int argc, const char *const *argv, int *words)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		*words = name_words(&commands[i], argc, argv);
		if (*words)
			return &commands[i];
	}
	return NULL;
}

bool cmd_needs_chip(int argc, const char *const *argv)
{
	int words;
	const struct cmd_command *command = find(argc, argv, &words);

	return command && command->needs_chip;
}

/* How many of the words the command's name begins with. */
static int words_shared(const struct cmd_command *command, int argc, const char *const *argv)
{
	const char *name = command->name;
	int shared = 0;

	while (shared < argc) {
		const size_t len = strlen(argv[shared]);
		if (strncmp(name, argv[shared], len) != 0 || name[len] != ' ')
			break;
		name += len + 1;
		shared++;
	}
	return shared;
}

/* The command's word behind the first `shared`, if the one that was said is a slip for it. */
static bool meant(const struct cmd_command *command, int shared, int argc, const char *const *argv,
	char word[NAME_MAX])
{
	const char *name = command->name;

	if (shared >= argc || words_shared(command, argc, argv) < shared)
		return false;
	for (int i = 0; i < shared; i++)
		name += strlen(argv[i]) + 1;
	(void)snprintf(word, NAME_MAX, "%.*s", (int)strcspn(name, " "), name);
	return wb_slips(argv[shared], word) <= WB_SLIPS_NEAR;
}

/* The words that may have been meant, each once; false: none is near. */
static bool do_you_mean(int group, int argc, const char *const *argv, struct text *out)
{
	char word[NAME_MAX], last[NAME_MAX] = "";

	for (size_t i = 0; i < COMMANDS; i++) {
		if (!meant(&commands[i], group, argc, argv, word) || strcmp(word, last) == 0)
			continue;
		text_add(out, last[0] ? ", %s" : "; do you mean %s", word);
		(void)snprintf(last, sizeof(last), "%s", word);
	}
	text_add(out, last[0] ? "?" : "");
	return last[0];
}

/* Nothing, or no command we know: list what was meant, or what there is of its group. */
static enum wb_status unknown(int argc, const char *const *argv, struct text *out)
{
	char word[NAME_MAX];
	bool near = false;
	int group = 0;

	for (size_t i = 0; i < COMMANDS; i++) {
		const int shared = words_shared(&commands[i], argc, argv);
		group = shared > group ? shared : group;
	}
	if (argc > 0) {
		text_add(out, "stm32wb");
		for (int i = 0; i <= group && i < argc; i++)
			text_add(out, " %s", argv[i]);
		text_add(out, ": %s", group == argc ? "which of these?" : "no such command");
		near = do_you_mean(group, argc, argv, out);
		text_add(out, "\n");
	}
	const char *label = "usage:";
	for (size_t i = 0; i < COMMANDS; i++) {
		if (words_shared(&commands[i], argc, argv) < group ||
			(near && !meant(&commands[i], group, argc, argv, word)))
			continue;
		text_add(out, "%-6s stm32wb %s %s\n", label, commands[i].name, commands[i].usage);
		label = "";
	}
	text_chomp(out);
	return WB_ERR_USAGE;
}

enum wb_status cmd_run(struct cmd_front *front, struct cmd_chip *chip, int argc,
	const char *const *argv, struct text *out)
{
	int words;
	const struct cmd_command *command = find(argc, argv, &words);

	if (!command)
		return unknown(argc, argv, out);

	struct cmd_call *call = calloc(1, sizeof(*call));
	if (!call) {
		text_add(out, "out of memory");
		return WB_ERR_HOST;
	}
	call->front = front;
	call->chip = chip;
	call->command = command;
	call->out = out;

	enum wb_status status = WB_OK;
	if (command->needs_chip && !chip)
		status = wb_fail(&call->err, WB_ERR_USAGE,
			"`stm32wb %s` needs the chip: run `init` first, so that OpenOCD connects "
			"to it",
			command->name);
	if (status == WB_OK)
		status = parse_words(call, argc - words, argv + words);
	if (status == WB_OK) {
		if (chip)
			progress_begin(chip->progress, call->options.json, &call->warnings);
		status = command->handler(call);
		/* what stands behind it on the command line is not to run */
		if (status == WB_OK && chip && chip->link->stop_requested(chip->link))
			status = wb_fail(&call->err, WB_ERR_STOPPED,
				"stopped as asked, after `stm32wb %s` has come to its end", command->name);
		if (chip) {
			progress_end(chip->progress);
			progress_begin(chip->progress, false, NULL);
		}
	}
	/* JSON that was printed stands alone, and says what is wrong */
	if (status != WB_OK && !(call->options.json && out->len)) {
		if (out->len)
			text_add(out, "\n");
		if (call->err.status == WB_ERR_REFUSED)
			text_add(out, "refused (%s): ", call->err.rule);
		text_add(out, "%s", call->err.text[0] ? call->err.text : wb_status_name(status));
	}
	text_chomp(out);
	if (out->failed && status == WB_OK)
		status = WB_ERR_HOST;
	text_free(&call->warnings);
	free(call);
	return status;
}

void cmd_front_free(struct cmd_front *front)
{
	free(front->images);
	front->images = NULL;
}

void cmd_chip_free(struct cmd_chip *chip)
{
	if (chip->session)
		wb_session_free(chip->session);
	chip->session = NULL;
}

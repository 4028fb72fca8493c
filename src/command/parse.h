/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of one command, taken apart; and what every handler gets.
 */
#ifndef COMMAND_PARSE_H
#define COMMAND_PARSE_H

#include <stdint.h>

#include "command/command.h"

enum cmd_option {
	OPTION_JSON = 1u << 0,
	OPTION_HOLD = 1u << 1,
	OPTION_UNDER_RESET = 1u << 2,
	OPTION_ADDRESS = 1u << 3,
	OPTION_DRY_RUN = 1u << 4,
	OPTION_FIRST_INSTALL = 1u << 5,
	OPTION_DELETE = 1u << 6,
	OPTION_REINSTALL = 1u << 7,
	OPTION_NO_START = 1u << 8,
	OPTION_NO_VERIFY = 1u << 9,
	OPTION_CONFIRM = 1u << 10,
	OPTION_FORCE = 1u << 11,
	OPTION_LOG = 1u << 12,
	OPTION_PRESERVE = 1u << 13,
	OPTION_IV_FIRST = 1u << 14,
	OPTION_MAILBOX = 1u << 15,
};
#define OPTIONS_CHIP (OPTION_JSON | OPTION_HOLD | OPTION_UNDER_RESET)
#define OPTIONS_PLAN                                                                               \
	(OPTION_JSON | OPTION_ADDRESS | OPTION_FIRST_INSTALL | OPTION_DELETE | OPTION_REINSTALL |  \
		OPTION_NO_START | OPTION_CONFIRM | OPTION_FORCE | OPTION_PRESERVE)
#define OPTIONS_UPGRADE                                                                            \
	(OPTIONS_PLAN | OPTIONS_CHIP | OPTION_DRY_RUN | OPTION_NO_VERIFY | OPTION_LOG)

#define CMD_WORDS_MAX 300u /* a raw mailbox command has an opcode and up to 255 bytes */

struct cmd_options {
	bool json;
	bool dry_run;
	bool mailbox;
	bool iv_first;	     /* an encrypted key's file has its IV in front */
	const char *log;     /* file of -log, or NULL */
	struct wb_goal goal; /* the rest, as core takes it */
};

struct cmd_call {
	struct cmd_front *front;
	struct cmd_chip *chip; /* NULL: none, and the command needs none */
	const struct cmd_command *command;
	struct cmd_options options;
	const char *words[CMD_WORDS_MAX]; /* what is no option */
	unsigned int word_count;
	struct text *out;
	struct text warnings; /* what was reported as a warning, a line each */
	struct wb_error err;
};

/**
 * Take options and words apart.
 * @retval WB_ERR_USAGE the sentence and the command's usage line are in call->err.
 */
enum wb_status parse_words(struct cmd_call *call, int argc, const char *const *argv);
/** A number as C writes it (0x...), no larger than max; nothing may follow it. */
bool parse_number(const char *word, uint32_t max, uint32_t *value);
/** Fail with a sentence and the command's usage line. */
enum wb_status usage_fail(struct cmd_call *call, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/** The chip's session, made now if there is none. NULL: out of memory, call->err is filled. */
struct wb_session *call_session(struct cmd_call *call);

/** The folder said by `stm32wb images`, else STM32WB_IMAGES, else NULL. */
const char *images_folder(const struct cmd_front *front);

enum wb_status cmd_image(struct cmd_call *call);
enum wb_status cmd_images(struct cmd_call *call);
enum wb_status cmd_info(struct cmd_call *call);
enum wb_status cmd_option_list(struct cmd_call *call);
enum wb_status cmd_option_get(struct cmd_call *call);
enum wb_status cmd_option_set(struct cmd_call *call);
enum wb_status cmd_fus_info(struct cmd_call *call);
enum wb_status cmd_fus_diagnose(struct cmd_call *call);
enum wb_status cmd_fus_state(struct cmd_call *call);
enum wb_status cmd_fus_start(struct cmd_call *call);
enum wb_status cmd_fus_start_ws(struct cmd_call *call);
enum wb_status cmd_fus_delete(struct cmd_call *call);
enum wb_status cmd_fus_shci(struct cmd_call *call);
enum wb_status cmd_fus_usrkey_store(struct cmd_call *call);
enum wb_status cmd_fus_usrkey_load(struct cmd_call *call);
enum wb_status cmd_fus_usrkey_unload(struct cmd_call *call);
enum wb_status cmd_fus_usrkey_lock(struct cmd_call *call);
enum wb_status cmd_fus_authkey_update(struct cmd_call *call);
enum wb_status cmd_fus_authkey_lock(struct cmd_call *call);
enum wb_status cmd_fus_antirollback(struct cmd_call *call);
enum wb_status cmd_fus_purge(struct cmd_call *call);
enum wb_status cmd_fus_recover(struct cmd_call *call);
enum wb_status cmd_fus_plan(struct cmd_call *call);
enum wb_status cmd_fus_upgrade(struct cmd_call *call);

#endif

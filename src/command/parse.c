/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Options and words of one command. An option starts with `-`; `--` ends them, so that a file
 * whose name starts with `-` can be named.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/parse.h"

enum takes { TAKES_NOTHING, TAKES_NUMBER, TAKES_WORD, TAKES_RISK, TAKES_RULE };

struct option_row {
	const char *name;
	unsigned int bit;
	enum takes takes;
	size_t offset; /* in struct cmd_options */
};

#define AT(member) offsetof(struct cmd_options, member)
static const struct option_row option_rows[] = {
	{ "-json", OPTION_JSON, TAKES_NOTHING, AT(json) },
	{ "-hold", OPTION_HOLD, TAKES_NOTHING, AT(goal.hold) },
	{ "-under-reset", OPTION_UNDER_RESET, TAKES_NOTHING, AT(goal.under_reset) },
	{ "-address", OPTION_ADDRESS, TAKES_NUMBER, AT(goal.address) },
	{ "-dry-run", OPTION_DRY_RUN, TAKES_NOTHING, AT(dry_run) },
	{ "-first-install", OPTION_FIRST_INSTALL, TAKES_NOTHING, AT(goal.first_install) },
	{ "-delete", OPTION_DELETE, TAKES_NOTHING, AT(goal.force_delete) },
	{ "-reinstall", OPTION_REINSTALL, TAKES_NOTHING, AT(goal.reinstall) },
	{ "-no-start", OPTION_NO_START, TAKES_NOTHING, AT(goal.no_start) },
	{ "-no-verify", OPTION_NO_VERIFY, TAKES_NOTHING, AT(goal.no_verify) },
	{ "-confirm", OPTION_CONFIRM, TAKES_RISK, AT(goal.confirm) },
	{ "-force", OPTION_FORCE, TAKES_RULE, AT(goal.force) },
	{ "-mailbox", OPTION_MAILBOX, TAKES_NOTHING, AT(mailbox) },
	{ "-log", OPTION_LOG, TAKES_WORD, AT(log) },
	{ "-preserve", OPTION_PRESERVE, TAKES_NOTHING, AT(goal.preserve) },
	{ "-iv-first", OPTION_IV_FIRST, TAKES_NOTHING, AT(iv_first) },
};

enum wb_status usage_fail(struct cmd_call *call, const char *fmt, ...)
{
	char sentence[320];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(sentence, sizeof(sentence), fmt, ap);
	va_end(ap);
	return wb_fail(&call->err, WB_ERR_USAGE, "%s\nusage: stm32wb %s %s", sentence,
		call->command->name, call->command->usage);
}

bool parse_number(const char *word, uint32_t max, uint32_t *value)
{
	char *end;

	/* strtoul would take a sign and blanks. */
	if (word[0] < '0' || word[0] > '9')
		return false;
	errno = 0;
	unsigned long long number = strtoull(word, &end, 0);
	if (errno || *end || number > max)
		return false;
	*value = (uint32_t)number;
	return true;
}

/* Every risk that a refusal of any command can name: a word with a slip must not pass for one. */
static const char *const risks[] = {
	"overwrite",
	"erase-stray",
	"factory-reset",
	"unknown-image",
	"old-pages",
	"rdp",
	"antirollback",
	"lock-authkey",
	"key-file",
	"options",
};

static bool is_risk(const char *word)
{
	for (size_t i = 0; i < sizeof(risks) / sizeof(risks[0]); i++) {
		if (strcmp(word, risks[i]) == 0)
			return true;
	}
	return false;
}

static enum wb_status take_risk(struct cmd_call *call, const char *word)
{
	if (!is_risk(word)) {
		char known[160] = "";
		for (size_t i = 0; i < sizeof(risks) / sizeof(risks[0]); i++)
			(void)snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s",
				i ? ", " : "", risks[i]);
		return usage_fail(call,
			"-confirm %s: no such risk; there are %s: say the one that a refusal names",
			word, known);
	}
	for (unsigned int i = 0; i < WB_CONFIRM_MAX; i++) {
		if (!call->options.goal.confirm[i]) {
			call->options.goal.confirm[i] = word;
			return WB_OK;
		}
	}
	return usage_fail(call, "more than %d -confirm", WB_CONFIRM_MAX);
}

static enum wb_status take_rule(struct cmd_call *call, const char *word)
{
	char known[160] = "";
	const char *rule;

	for (unsigned int i = 0; (rule = wb_forced_rule(i)) != NULL; i++) {
		if (strcmp(word, rule) == 0) {
			call->options.goal.force = word;
			return WB_OK;
		}
		(void)snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s",
			i ? ", " : "", rule);
	}
	return usage_fail(call, "-force %s: no rule that can be forced; there are: %s", word,
		known);
}

static enum wb_status take_option(
	struct cmd_call *call, const struct option_row *row, const char *argument)
{
	void *member = (char *)&call->options + row->offset;

	if (row->takes == TAKES_NOTHING) {
		*(bool *)member = true;
		return WB_OK;
	}
	if (!argument || !argument[0])
		return usage_fail(call, "%s needs a value behind it", row->name);
	switch (row->takes) {
	case TAKES_NUMBER:
		if (!parse_number(argument, UINT32_MAX, member) || *(uint32_t *)member == 0)
			return usage_fail(call,
				"%s %s: not an address of 32 bits, such as 0x080D0000", row->name,
				argument);
		break;
	case TAKES_WORD:
		*(const char **)member = argument;
		break;
	case TAKES_RULE:
		return take_rule(call, argument);
	default:
		return take_risk(call, argument);
	}
	return WB_OK;
}

static const struct option_row *find_option(const char *word)
{
	for (size_t i = 0; i < sizeof(option_rows) / sizeof(option_rows[0]); i++) {
		if (strcmp(word, option_rows[i].name) == 0)
			return &option_rows[i];
	}
	return NULL;
}

enum wb_status parse_words(struct cmd_call *call, int argc, const char *const *argv)
{
	bool options_end = false;

	for (int i = 0; i < argc; i++) {
		const char *word = argv[i];

		if (!options_end && strcmp(word, "--") == 0) {
			options_end = true;
		} else if (!options_end && word[0] == '-' && word[1]) {
			const struct option_row *row = find_option(word);
			if (!row)
				return usage_fail(call, "%s: no such option", word);
			if (!(call->command->options & row->bit))
				return usage_fail(call, "%s: not an option of `stm32wb %s`", word,
					call->command->name);
			const bool takes = row->takes != TAKES_NOTHING;
			enum wb_status status =
				take_option(call, row, takes && i + 1 < argc ? argv[i + 1] : NULL);
			if (status != WB_OK)
				return status;
			i += takes;
		} else if (call->word_count == CMD_WORDS_MAX) {
			return usage_fail(call, "more than %u words", CMD_WORDS_MAX);
		} else {
			call->words[call->word_count++] = word;
		}
	}
	if (call->word_count < call->command->words_min) {
		const char *missing = call->command->usage;
		for (unsigned int i = 0; i < call->word_count; i++)
			missing += strcspn(missing, " ") + 1;
		return usage_fail(call, "%.*s is missing", (int)strcspn(missing, " "), missing);
	}
	if (call->word_count > call->command->words_max)
		return usage_fail(
			call, "%s: one word too many", call->words[call->command->words_max]);
	return WB_OK;
}

struct wb_session *call_session(struct cmd_call *call)
{
	if (!call->chip->session) {
		call->chip->session = wb_session_new(call->chip->link);
		if (!call->chip->session)
			(void)wb_fail(&call->err, WB_ERR_HOST, "out of memory for a session");
	}
	return call->chip->session;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stm32wb option list             every field of the option bytes, with its meaning
 * stm32wb option get NAME         one value, alone: for scripts
 * stm32wb option set NAME=V ...   change the user's fields, all in one write
 *
 * list and get read only: no halt, no reset, no write.
 * JSON: list  { options { NAME: { value, width, secure, meaning } } }
 *       get   { name, value, width, secure, meaning }
 *       set   { written, changes { NAME: { from, to } }, left, ms, warnings [], result (report.h) }
 */
#include <stdio.h>
#include <string.h>

#include "command/parse.h"
#include "command/report.h"
#include "core/options.h"

#define FIELD_NAME_MAX 32u
#define VALUE_WIDTH 10 /* columns for "0x3FFFF" and a gap */

static json_t *json_field(const struct wb_field *field)
{
	return json_pack("{s:I, s:i, s:b, s:s}", "value", (json_int_t)field->value, "width",
		(int)field->width, "secure", field->secure, "meaning", field->meaning);
}

static enum wb_status read_chip(struct cmd_call *call, struct wb_chip *chip)
{
	return wb_chip_read(call->chip->link, chip, &call->err);
}

enum wb_status cmd_option_list(struct cmd_call *call)
{
	struct wb_field field;
	struct wb_chip chip;
	char buf[96], value[16];
	enum wb_status status = read_chip(call, &chip);

	if (status != WB_OK)
		return status;
	json_t *options = call->options.json ? json_object() : NULL;
	for (unsigned int i = 0; wb_option_field(&chip, i, &field, buf); i++) {
		if (options) {
			json_object_set_new(options, field.name, json_field(&field));
			continue;
		}
		(void)snprintf(value, sizeof(value), "0x%X", (unsigned int)field.value);
		text_row(call->out, field.name, "%-*s%s%s", field.meaning[0] ? VALUE_WIDTH : 0, value,
			field.meaning, field.secure ? "; set by the CM0+ only" : "");
	}
	return options ? json_out(json_pack("{s:o}", "options", options), call->out, &call->err)
		       : WB_OK;
}

enum wb_status cmd_option_get(struct cmd_call *call)
{
	struct wb_field field;
	struct wb_chip chip;
	unsigned int index = 0;
	char buf[96];
	enum wb_status status = read_chip(call, &chip);

	if (status == WB_OK)
		status = wb_option_find(&chip, call->words[0], &index, &call->err);
	if (status != WB_OK || !wb_option_field(&chip, index, &field, buf))
		return status;
	if (!call->options.json) {
		char line[160];

		/* The value alone is the result: this is what scripts read. */
		(void)snprintf(line, sizeof(line), "%s: %s", field.name, field.meaning);
		if (field.meaning[0])
			progress_report(call->chip->progress, false, line);
		text_add(call->out, "0x%X", (unsigned int)field.value);
		return WB_OK;
	}
	json_t *object = json_field(&field);
	json_object_set_new(object, "name", json_string(field.name));
	return json_out(object, call->out, &call->err);
}

/* NAME=V, taken apart: names[i] holds what values[i].name points to. */
static enum wb_status set_words(
	struct cmd_call *call, char (*names)[FIELD_NAME_MAX], struct wb_option_value *values)
{
	for (unsigned int i = 0; i < call->word_count; i++) {
		const char *word = call->words[i];
		const size_t len = strcspn(word, "=");

		if (!len || len >= FIELD_NAME_MAX || !word[len] ||
			!parse_number(word + len + 1, UINT32_MAX, &values[i].value))
			return usage_fail(
				call, "%.60s: write it as NAME=VALUE, such as nBOOT0=1", word);
		memcpy(names[i], word, len);
		names[i][len] = '\0';
		values[i].name = names[i];
	}
	return WB_OK;
}

static enum wb_status set_out(struct cmd_call *call, const struct wb_option_changes *changes,
	const struct wb_result *result)
{
	if (call->options.json) {
		json_t *object = json_object();
		for (unsigned int i = 0; i < changes->count; i++)
			json_object_set_new(object, changes->change[i].name,
				json_pack("{s:I, s:I}", "from", (json_int_t)changes->change[i].from,
					"to", (json_int_t)changes->change[i].to));
		return json_out(
			json_pack("{s:b, s:o, s:s, s:I, s:o, s:o}", "written",
				changes->count > 0 || changes->rewrite, "changes", object, "left",
				result->left, "ms", (json_int_t)result->ms, "warnings",
				json_lines(&call->warnings), "result", json_result(result)),
			call->out, &call->err);
	}
	if (changes->rewrite)
		text_add(call->out, "The option page was damaged and has been written anew.\n");
	else if (!changes->count)
		text_add(call->out, "The option bytes are so already.\n");
	for (unsigned int i = 0; i < changes->count; i++)
		text_row(call->out, changes->change[i].name, "0x%X -> 0x%X",
			(unsigned int)changes->change[i].from, (unsigned int)changes->change[i].to);
	if (result->left[0])
		text_row(call->out, "left as", "%s", result->left);
	return WB_OK;
}

enum wb_status cmd_option_set(struct cmd_call *call)
{
	const struct wb_operation op = {
		.hold = call->options.goal.hold,
		.under_reset = call->options.goal.under_reset,
	};
	char names[WB_OPTION_FIELDS][FIELD_NAME_MAX];
	struct wb_option_value values[WB_OPTION_FIELDS];
	struct wb_option_changes changes;
	struct wb_result result;
	enum wb_status status = set_words(call, names, values);

	if (status != WB_OK)
		return status;
	struct wb_session *session = call_session(call);
	if (!session)
		return call->err.status;
	status = wb_option_set(session, &op, values, call->word_count, call->options.goal.confirm,
		&changes, &result, &call->err);
	if (status != WB_OK)
		return status;
	for (unsigned int i = 0; i < changes.warnings; i++)
		progress_report(call->chip->progress, true, changes.warning[i]);
	return set_out(call, &changes, &result);
}

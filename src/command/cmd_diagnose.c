/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stm32wb fus diagnose [-mailbox]   what is wrong with this board, and what to do
 *
 * Without -mailbox it reads only: no halt, no reset, no write. The worst comes first. A finding
 * that is bad makes the command fail, so that scripts see it; odd ones do not.
 *
 * JSON: { worst, bad, odd, ok, skipped, checks [ { id, verdict, seen, advice, source } ],
 *         chip (report.h), state (report.h; null without -mailbox), left, ms, warnings [] }
 * It is printed whatever the findings are.
 */
#include <stdlib.h>
#include <string.h>

#include "command/parse.h"
#include "command/report.h"
#include "core/diagnose.h"

#define LINE_WIDTH 80u
#define INDENT 16u /* "odd  protection " */

/* A word, or a command in `...` as a whole: it is to be copied. */
static size_t word_length(const char *sentence)
{
	size_t len = 0;

	for (bool command = false; sentence[len] && (command || sentence[len] != ' '); len++)
		command ^= sentence[len] == '`';
	return len;
}

/* A sentence from column INDENT on, broken between words. */
static void wrapped(struct text *out, const char *sentence)
{
	size_t column = INDENT;

	while (*sentence) {
		const size_t word = word_length(sentence);

		if (column > INDENT && column + 1 + word >= LINE_WIDTH) {
			text_add(out, "\n%*s", (int)INDENT, "");
			column = INDENT;
		} else if (column > INDENT) {
			text_add(out, " ");
			column++;
		}
		text_add(out, "%.*s", (int)word, sentence);
		column += word;
		sentence += word + strspn(sentence + word, " ");
	}
	text_add(out, "\n");
}

static void finding_rows(struct text *out, const struct wb_finding *finding)
{
	text_add(out, "%-4s %-10s ", wb_verdict_name(finding->verdict), finding->id);
	wrapped(out, finding->seen);
	if (!finding->advice[0])
		return;
	text_add(out, "%*s", (int)INDENT, "-> ");
	wrapped(out, finding->advice);
}

static void diagnosis_out(struct text *out, const struct wb_diagnosis *d)
{
	static const enum wb_verdict order[] = { WB_VERDICT_BAD, WB_VERDICT_ODD, WB_VERDICT_OK,
		WB_VERDICT_NONE };

	for (size_t v = 0; v < sizeof(order) / sizeof(order[0]); v++) {
		for (unsigned int i = 0; i < d->count; i++) {
			if (d->finding[i].verdict == order[v])
				finding_rows(out, &d->finding[i]);
		}
	}
	text_add(out, "In all: %u bad, %u odd, %u ok, %u not looked at.\n",
		d->number[WB_VERDICT_BAD], d->number[WB_VERDICT_ODD], d->number[WB_VERDICT_OK],
		d->number[WB_VERDICT_NONE]);
}

static json_t *json_diagnosis(
	struct cmd_call *call, const struct wb_diagnosis *d, const struct wb_result *result)
{
	json_t *checks = json_array();

	for (unsigned int i = 0; i < d->count; i++) {
		const struct wb_finding *f = &d->finding[i];

		json_array_append_new(
			checks, json_pack("{s:s, s:s, s:o, s:o, s:s}", "id", f->id, "verdict",
					wb_verdict_name(f->verdict), "seen", json_name(f->seen),
					"advice", json_name(f->advice), "source", f->source));
	}
	return json_pack("{s:s, s:i, s:i, s:i, s:i, s:o, s:o, s:o, s:s, s:I, s:o}", "worst",
		wb_verdict_name(d->worst), "bad", (int)d->number[WB_VERDICT_BAD], "odd",
		(int)d->number[WB_VERDICT_ODD], "ok", (int)d->number[WB_VERDICT_OK], "skipped",
		(int)d->number[WB_VERDICT_NONE], "checks", checks, "chip", json_chip(&d->chip),
		"state", call->options.mailbox ? json_state(&result->state) : json_null(), "left",
		result->left, "ms", (json_int_t)result->ms, "warnings",
		json_lines(&call->warnings));
}

static const char *first_bad(const struct wb_diagnosis *d)
{
	unsigned int i = 0;

	while (i + 1 < d->count && d->finding[i].verdict != WB_VERDICT_BAD)
		i++;
	return d->finding[i].id;
}

enum wb_status cmd_fus_diagnose(struct cmd_call *call)
{
	const struct wb_operation op = {
		.hold = call->options.goal.hold,
		.under_reset = call->options.goal.under_reset,
	};
	struct wb_result result;
	struct wb_session *session = call_session(call);
	enum wb_status status = WB_OK;

	if ((op.hold || op.under_reset) && !call->options.mailbox)
		return usage_fail(call,
			"-hold and -under-reset are for -mailbox: without it CPU1 is not touched");
	if (!session)
		return call->err.status;
	struct wb_diagnosis *d = calloc(1, sizeof(*d));
	if (!d)
		return wb_fail(&call->err, WB_ERR_HOST, "out of memory");
	status = wb_diagnose(session, &op, call->options.mailbox, d, &result, &call->err);
	if (status == WB_OK && call->options.json) {
		status = json_out(json_diagnosis(call, d, &result), call->out, &call->err);
	} else if (status == WB_OK) {
		diagnosis_out(call->out, d);
		if (result.left[0])
			text_row(call->out, "left as", "%s", result.left);
	}
	if (status == WB_OK && d->worst == WB_VERDICT_BAD) {
		text_chomp(call->out);
		status =
			wb_fail(&call->err, WB_ERR_CHIP, "%u of %u checks say bad; begin with `%s`",
				d->number[WB_VERDICT_BAD], d->count, first_bad(d));
	}
	free(d);
	return status;
}

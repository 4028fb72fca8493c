/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stm32wb fus recover   what keeps the chip from its work, put right
 *
 * What is seen of Safeboot is reported while it is watched; JSON, which is silent meanwhile, has it all.
 *
 * JSON: { deeds [], seen [ { ms, answers, c2boot, sfsa, sbrv, eccr } ], state, left, ms, warnings [],
 *         result (report.h) }
 */
#include "command/parse.h"
#include "command/report.h"
#include "core/recover.h"

static json_t *json_deeds(const struct wb_recovery *recovery)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < recovery->deeds; i++)
		json_array_append_new(list, json_string(recovery->deed[i]));
	return list;
}

static json_t *json_seen(const struct wb_recovery *recovery)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < recovery->sightings; i++) {
		const struct wb_sighting *s = &recovery->seen[i];

		json_array_append_new(list,
			json_pack("{s:I, s:b, s:b, s:I, s:I, s:I}", "ms", (json_int_t)s->ms,
				"answers", s->answers, "c2boot", s->c2boot, "sfsa",
				(json_int_t)s->sfsa, "sbrv", (json_int_t)s->sbrv, "eccr",
				(json_int_t)s->eccr));
	}
	return list;
}

static enum wb_status recover_out(struct cmd_call *call, const struct wb_recovery *recovery,
	const struct wb_result *result)
{
	struct text *out = call->out;
	char version[20];

	if (call->options.json)
		return json_out(json_pack("{s:o, s:o, s:o, s:s, s:I, s:o, s:o}", "deeds",
					json_deeds(recovery), "seen", json_seen(recovery), "state",
					json_state(&result->state), "left", result->left, "ms",
					(json_int_t)result->ms, "warnings",
					json_lines(&call->warnings), "result", json_result(result)),
			out, &call->err);
	for (unsigned int i = 0; i < recovery->deeds; i++)
		text_row(out, i ? "" : "done", "%s", recovery->deed[i]);
	text_row(out, "now runs", "%s", wb_runs_name(result->state.runs));
	text_row(out, "FUS", "%s", wb_version_text(result->after.versions.fus, version));
	text_row(out, "wireless stack", "%s",
		result->after.versions.stack ?
			wb_version_text(result->after.versions.stack, version) : "none");
	text_row(out, "left as", "%s", result->left);
	text_row(out, "took", "%.1f s", (double)result->ms / 1000.0);
	return WB_OK;
}

enum wb_status cmd_fus_recover(struct cmd_call *call)
{
	const struct wb_operation op = {
		.hold = call->options.goal.hold,
		.under_reset = call->options.goal.under_reset,
		.confirm = call->options.goal.confirm,
	};
	struct wb_recovery recovery;
	struct wb_result result;
	struct wb_session *session = call_session(call);

	if (!session)
		return call->err.status;
	enum wb_status status = wb_fus_recover(session, &op, &recovery, &result, &call->err);
	return status == WB_OK ? recover_out(call, &recovery, &result) : status;
}

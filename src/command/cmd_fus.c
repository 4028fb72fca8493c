/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stm32wb fus state | start | start_ws | delete   the short commands to the CM0+
 * stm32wb fus shci OPCODE [BYTE ...]              a raw one
 *
 * JSON: state, start, start_ws, delete  { state, left, ms, warnings [], result (report.h) }
 *       shci  { opcode, answer_opcode, status, answer "hex", left, ms, warnings [] }
 */
#include <stdio.h>
#include <string.h>

#include "command/parse.h"
#include "command/report.h"

#define SHCI_PAYLOAD_MAX 255u
#define SHCI_ANSWER_MAX 256u

typedef enum wb_status operation(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err);

static void state_rows(struct text *out, const struct wb_fus_state *state)
{
	text_row(out, "answered by", "%s", wb_runs_name(state->runs));
	if (state->runs == WB_RUNS_STACK) {
		text_row(out, "state", "the wireless stack runs, not the FUS");
	} else {
		text_row(out, "state", "0x%02X %s", (unsigned int)state->state,
			wb_fus_state_name(state->state));
		if (state->has_error)
			text_row(out, "error", "0x%02X %s", (unsigned int)state->error,
				wb_fus_error_name(state->error));
	}
}

static void versions_rows(struct text *out, const struct wb_fus_state *state)
{
	char version[20];

	if (state->fus_version)
		text_row(out, "FUS", "%s", wb_version_text(state->fus_version, version));
	text_row(out, "wireless stack", "%s",
		state->stack_version ? wb_version_text(state->stack_version, version) : "none");
}

static void left_row(struct text *out, const struct wb_result *result)
{
	if (result->left[0])
		text_row(out, "left as", "%s", result->left);
}

static enum wb_status run_operation(struct cmd_call *call, operation *run, const char *done)
{
	const struct wb_operation op = {
		.hold = call->options.goal.hold,
		.under_reset = call->options.goal.under_reset,
		.confirm = call->options.goal.confirm,
	};
	struct wb_result result = { 0 };
	struct wb_session *session = call_session(call);

	if (!session)
		return call->err.status;
	enum wb_status status = run(session, &op, &result, &call->err);
	if (status != WB_OK)
		return status;
	if (call->options.json)
		return json_out(
			json_pack("{s:o, s:s, s:I, s:o, s:o}", "state", json_state(&result.state),
				"left", result.left, "ms", (json_int_t)result.ms, "warnings",
				json_lines(&call->warnings), "result", json_result(&result)),
			call->out, &call->err);
	if (done[0])
		text_add(call->out, "%s\n", done);
	state_rows(call->out, &result.state);
	versions_rows(call->out, &result.state);
	left_row(call->out, &result);
	return WB_OK;
}

enum wb_status cmd_fus_state(struct cmd_call *call)
{
	return run_operation(call, wb_fus_state, "");
}

enum wb_status cmd_fus_start(struct cmd_call *call)
{
	return run_operation(call, wb_fus_start, "The FUS answers and stays selected.");
}

enum wb_status cmd_fus_start_ws(struct cmd_call *call)
{
	return run_operation(
		call, wb_fus_start_ws, "The wireless stack is selected and has started.");
}

enum wb_status cmd_fus_delete(struct cmd_call *call)
{
	return run_operation(call, wb_fus_delete, "The wireless stack has been removed.");
}

static enum wb_status shci_words(
	struct cmd_call *call, uint16_t *opcode, uint8_t payload[SHCI_PAYLOAD_MAX])
{
	uint32_t number;

	if (!parse_number(call->words[0], UINT16_MAX, &number))
		return usage_fail(
			call, "%s: not an opcode of 16 bits, such as 0xFC52", call->words[0]);
	*opcode = (uint16_t)number;
	if (call->word_count - 1 > SHCI_PAYLOAD_MAX)
		return usage_fail(call, "%u bytes: the mailbox takes %u at most",
			call->word_count - 1, SHCI_PAYLOAD_MAX);
	for (unsigned int i = 1; i < call->word_count; i++) {
		if (!parse_number(call->words[i], UINT8_MAX, &number))
			return usage_fail(call, "%s: not a byte", call->words[i]);
		payload[i - 1] = (uint8_t)number;
	}
	return WB_OK;
}

enum wb_status cmd_fus_shci(struct cmd_call *call)
{
	const struct wb_operation op = {
		.hold = call->options.goal.hold,
		.under_reset = call->options.goal.under_reset,
		.confirm = call->options.goal.confirm,
	};
	uint8_t payload[SHCI_PAYLOAD_MAX], answer[SHCI_ANSWER_MAX];
	size_t len = sizeof(answer);
	uint16_t opcode = 0, answer_opcode = 0;
	struct wb_result result = { 0 };
	enum wb_status status = shci_words(call, &opcode, payload);

	if (status != WB_OK)
		return status;
	struct wb_session *session = call_session(call);
	if (!session)
		return call->err.status;
	status = wb_fus_shci(session, &op, opcode, payload, call->word_count - 1, answer, &len,
		&answer_opcode, &result, &call->err);
	if (status != WB_OK)
		return status;

	char hex[2 * SHCI_ANSWER_MAX + 1] = "", bytes[3 * SHCI_ANSWER_MAX + 1] = "";
	for (size_t i = 0; i < len && i < SHCI_ANSWER_MAX; i++) {
		(void)snprintf(hex + 2 * i, 3, "%02x", answer[i]);
		(void)snprintf(bytes + 3 * i, 4, i + 1 < len ? "%02x " : "%02x", answer[i]);
	}
	if (call->options.json)
		return json_out(
			json_pack("{s:i, s:i, s:i, s:s, s:s, s:I, s:o}", "opcode", (int)opcode,
				"answer_opcode", (int)answer_opcode, "status",
				len ? (int)answer[0] : -1, "answer", hex, "left", result.left, "ms",
				(json_int_t)result.ms, "warnings", json_lines(&call->warnings)),
			call->out, &call->err);
	/* The bytes alone: this is what scripts read. */
	text_add(call->out, "%s", bytes);
	return WB_OK;
}

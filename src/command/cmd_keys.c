/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stm32wb fus usrkey store TYPE FILE | load N | unload N | lock N   the user's keys
 * stm32wb fus authkey update FILE | lock                            the customer's authentication key
 * stm32wb fus antirollback | purge
 *
 * A key's file is raw bytes: 16 or 32; an encrypted key's are the key, then 12 of its IV (-iv-first:
 * the other way round); an authentication key's 64, or 65 with the size 0x40 in front. It may be read
 * by its owner only. Its bytes are in memory while the command runs, and nowhere afterwards.
 *
 * JSON: usrkey        { index, type, size (both null but for store), answered_by, left, ms,
 *                       warnings [], result (report.h) }
 *       the others    { answered_by, left, ms, warnings [], result }
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command/parse.h"
#include "command/report.h"
#include "core/keys.h"

#define FILE_MAX (WB_KEY_BYTES + 1u) /* no key has more, with the size in front */
#define RISK_FILE "key-file"
#define FOR_OTHERS (S_IRWXG | S_IRWXO)

typedef enum wb_status operation(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err);

/* ---- files ------------------------------------------------------------------------------------- */

static bool confirmed(const struct cmd_call *call, const char *risk)
{
	const char *const *word = call->options.goal.confirm;

	for (unsigned int i = 0; i < WB_CONFIRM_MAX && word[i]; i++)
		if (strcmp(word[i], risk) == 0)
			return true;
	return false;
}

static enum wb_status check_file(struct cmd_call *call, const char *path, int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return wb_fail(&call->err, WB_ERR_HOST, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return wb_fail(&call->err, WB_ERR_HOST, "%s: no regular file", path);
	if (st.st_mode & FOR_OTHERS && !confirmed(call, RISK_FILE))
		return wb_refuse(&call->err, RISK_FILE,
			"%s: others than its owner may use this key (mode %03o): `chmod 600` it; to go "
			"ahead: -confirm " RISK_FILE,
			path, (unsigned int)(st.st_mode & 07777));
	return WB_OK;
}

/* Read without stdio, which would keep a copy. One byte more than any key has tells a longer file. */
static enum wb_status read_bytes(struct cmd_call *call, const char *path, int fd,
	uint8_t bytes[FILE_MAX + 1], size_t *len)
{
	ssize_t got = 1;

	*len = 0;
	while (*len < FILE_MAX + 1 && got) {
		got = read(fd, bytes + *len, FILE_MAX + 1 - *len);
		if (got < 0 && errno != EINTR)
			return wb_fail(&call->err, WB_ERR_HOST, "%s: %s", path, strerror(errno));
		*len += got > 0 ? (size_t)got : 0;
	}
	if (*len > FILE_MAX)
		return wb_fail(&call->err, WB_ERR_USAGE, "%s: longer than any key (%u bytes)", path,
			FILE_MAX);
	return WB_OK;
}

static enum wb_status load_key(struct cmd_call *call, const char *path, enum wb_key_type type,
	struct wb_key *key)
{
	uint8_t bytes[FILE_MAX + 1];
	size_t len = 0;
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return wb_fail(&call->err, WB_ERR_HOST, "%s: %s", path, strerror(errno));
	enum wb_status status = check_file(call, path, fd);
	if (status == WB_OK)
		status = read_bytes(call, path, fd, bytes, &len);
	(void)close(fd);
	if (status == WB_OK) {
		status = wb_key_take(key, type, bytes, len, call->options.iv_first, &call->err);
		if (status != WB_OK)
			wb_context(&call->err, "%s", path);
	}
	explicit_bzero(bytes, sizeof(bytes));
	return status;
}

/* ---- one run ----------------------------------------------------------------------------------- */

static enum wb_status run(struct cmd_call *call, operation *what, struct wb_operation *op,
	struct wb_result *result)
{
	struct wb_session *session = call_session(call);

	op->hold = call->options.goal.hold;
	op->under_reset = call->options.goal.under_reset;
	op->confirm = call->options.goal.confirm;
	return session ? what(session, op, result, &call->err) : call->err.status;
}

static enum wb_status out_json(struct cmd_call *call, json_t *object,
	const struct wb_result *result)
{
	json_t *rest = json_pack("{s:s, s:s, s:I, s:o, s:o}", "answered_by",
		wb_runs_name(result->state.runs), "left", result->left, "ms", (json_int_t)result->ms,
		"warnings", json_lines(&call->warnings), "result", json_result(result));

	if (object && rest)
		json_object_update(object, rest);
	json_decref(rest);
	return json_out(object, call->out, &call->err);
}

static enum wb_status run_plain(struct cmd_call *call, operation *what, struct wb_operation *op,
	const char *done)
{
	struct wb_result result = { 0 };
	const enum wb_status status = run(call, what, op, &result);

	if (status != WB_OK)
		return status;
	if (call->options.json)
		return out_json(call, json_object(), &result);
	text_add(call->out, "%s\n", done);
	text_row(call->out, "left as", "%s", result.left);
	return WB_OK;
}

/* ---- user keys --------------------------------------------------------------------------------- */

enum wb_status cmd_fus_usrkey_store(struct cmd_call *call)
{
	struct wb_result result = { 0 };
	struct wb_key key = { 0 };
	struct wb_operation op = { .key = &key };
	char line[96];

	for (key.type = WB_KEY_SIMPLE; key.type <= WB_KEY_ENCRYPTED; key.type++)
		if (strcmp(call->words[0], wb_key_type_name(key.type)) == 0)
			break;
	if (key.type > WB_KEY_ENCRYPTED)
		return usage_fail(call, "%s: a user key is simple, master or encrypted",
			call->words[0]);
	if (call->options.iv_first && key.type != WB_KEY_ENCRYPTED)
		return usage_fail(call, "-iv-first: only an encrypted key has an IV");

	enum wb_status status = load_key(call, call->words[1], key.type, &key);
	const unsigned int size = key.size;
	const char *type = wb_key_type_name(key.type);
	if (status == WB_OK)
		status = run(call, wb_usrkey_store, &op, &result);
	explicit_bzero(&key, sizeof(key));
	if (status != WB_OK)
		return status;
	if (call->options.json)
		return out_json(call, json_pack("{s:i, s:s, s:i}", "index", (int)result.key_index,
						"type", type, "size", (int)size), &result);
	/* The index alone is the result: this is what scripts read. */
	(void)snprintf(line, sizeof(line), "stored by the %s: %s key of %u bytes, index %u",
		wb_runs_name(result.state.runs), type, size, (unsigned int)result.key_index);
	progress_report(call->chip->progress, false, line);
	text_add(call->out, "%u", (unsigned int)result.key_index);
	return WB_OK;
}

static enum wb_status by_index(struct cmd_call *call, operation *what, const char *done)
{
	struct wb_result result = { 0 };
	struct wb_operation op = { 0 };
	uint32_t index;

	if (!parse_number(call->words[0], UINT8_MAX, &index))
		return usage_fail(call, "%s: not the index of a key, which `usrkey store` printed",
			call->words[0]);
	op.key_index = (uint8_t)index;
	const enum wb_status status = run(call, what, &op, &result);
	if (status != WB_OK)
		return status;
	if (call->options.json)
		return out_json(call, json_pack("{s:i, s:n, s:n}", "index", (int)index, "type", "size"),
			&result);
	text_add(call->out, "Key %u %s.\n", (unsigned int)index, done);
	text_row(call->out, "left as", "%s", result.left);
	return WB_OK;
}

enum wb_status cmd_fus_usrkey_load(struct cmd_call *call)
{
	return by_index(call, wb_usrkey_load, "is in AES1 until the next reset");
}

enum wb_status cmd_fus_usrkey_unload(struct cmd_call *call)
{
	return by_index(call, wb_usrkey_unload, "is no longer in AES1");
}

enum wb_status cmd_fus_usrkey_lock(struct cmd_call *call)
{
	return by_index(call, wb_usrkey_lock, "is locked: nothing loads it until the next reset");
}

/* ---- what firmware is taken -------------------------------------------------------------------- */

enum wb_status cmd_fus_authkey_update(struct cmd_call *call)
{
	struct wb_key key = { 0 };
	struct wb_operation op = { .key = &key };
	enum wb_status status = load_key(call, call->words[0], WB_KEY_AUTHENTICATION, &key);

	if (status == WB_OK)
		status = run_plain(call, wb_authkey_update, &op,
			"The authentication key is installed: images need a signature by it.");
	explicit_bzero(&key, sizeof(key));
	return status;
}

enum wb_status cmd_fus_authkey_lock(struct cmd_call *call)
{
	return run_plain(call, wb_authkey_lock, &(struct wb_operation){ 0 },
		"The authentication key is locked for ever.");
}

enum wb_status cmd_fus_antirollback(struct cmd_call *call)
{
	return run_plain(call, wb_fus_antirollback, &(struct wb_operation){ 0 },
		"Anti-rollback is on: no stack older than the one installed will be taken.");
}

enum wb_status cmd_fus_purge(struct cmd_call *call)
{
	return run_plain(call, wb_fus_purge, &(struct wb_operation){ 0 },
		"The wireless stack and its NVM pages have been removed.");
}

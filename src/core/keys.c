/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys: the user's, which the FUS (or the stack in its place) keeps for AES1, and the customer's
 * authentication key, which images must be signed by from then on.
 *
 *   UPDATE_AUTH_KEY   | size 64 | key 64 |
 *   STORE_USR_KEY     | type | size 16 or 32 | key | IV 12, of an encrypted key |
 *   LOAD, UNLOAD, LOCK_USR_KEY   | index |
 *
 * The key lies before its IV: so does ST's CRYP_CKS example lay it out. STORE answers with the
 * index, the master key's is 0. What LOAD put into AES1 and what LOCK has locked lasts until the
 * next reset: so these leave CPU1 held (as -hold does), or our own last reset would undo them.
 *
 * How a key passes through the mailbox: mailbox_secret.c.
 */
#include <string.h>
#include "core/fus.h"
#include "core/guards.h"
#include "core/keys.h"
#include "core/mailbox.h"

#define IV_SIZE 12u
#define AUTH_KEY_SIZE 64u
#define STATUS_OK 0x00u

/* ---- files ------------------------------------------------------------------------------------- */

const char *wb_key_type_name(enum wb_key_type type)
{
	static const char *const names[] = { [WB_KEY_SIMPLE] = "simple", [WB_KEY_MASTER] = "master",
		[WB_KEY_ENCRYPTED] = "encrypted", [WB_KEY_AUTHENTICATION] = "authentication" };

	return names[type];
}

static enum wb_status take_authentication(struct wb_key *key, const uint8_t *bytes, size_t len,
	struct wb_error *err)
{
	if (len == AUTH_KEY_SIZE + 1 && bytes[0] != AUTH_KEY_SIZE)
		return wb_fail(err, WB_ERR_USAGE,
			"a file of 65 bytes starts with the key's size, 0x40, and this one with 0x%02X%s",
			bytes[0], bytes[0] == 4 ? " (an elliptic curve's point, uncompressed? Leave that "
						  "byte out)" : "");
	if (len != AUTH_KEY_SIZE && len != AUTH_KEY_SIZE + 1)
		return wb_fail(err, WB_ERR_USAGE,
			"an authentication key is a file of 64 bytes (or 65, the size 0x40 in front), and "
			"this one has %zu", len);
	key->size = AUTH_KEY_SIZE;
	key->len = (uint8_t)AUTH_KEY_SIZE;
	memcpy(key->bytes, bytes + len - AUTH_KEY_SIZE, AUTH_KEY_SIZE);
	return WB_OK;
}

enum wb_status wb_key_take(struct wb_key *key, enum wb_key_type type, const uint8_t *bytes,
	size_t len, bool iv_first, struct wb_error *err)
{
	size_t iv = type == WB_KEY_ENCRYPTED ? IV_SIZE : 0, size = len - iv;

	memset(key, 0, sizeof(*key));
	key->type = type;
	if (type == WB_KEY_AUTHENTICATION)
		return take_authentication(key, bytes, len, err);
	if (len < iv || (size != 16 && size != 32))
		return wb_fail(err, WB_ERR_USAGE,
			"%s key is a file of %zu or %zu bytes (%s), and this one has %zu",
			type == WB_KEY_ENCRYPTED ? "an encrypted" :
			type == WB_KEY_MASTER	 ? "a master" : "a simple",
			16 + iv, 32 + iv, iv ? "the key of 16 or 32, then its IV of 12" : "raw", len);
	key->size = (uint8_t)size;
	key->len = (uint8_t)len;
	memcpy(key->bytes, bytes + (iv_first ? iv : 0), size);
	if (iv)
		memcpy(key->bytes + size, bytes + (iv_first ? 0 : size), iv);
	return WB_OK;
}

/* ---- answers ----------------------------------------------------------------------------------- */

/* What a status other than 0 says; SHCI_CmdStatus_t of shci.h, and the FUS's own errors. */
static const struct {
	uint8_t status;
	const char *text;
} statuses[] = {
	{ 0x01, "unknown command" },
	{ 0x07, "no room: all slots are taken" },
	{ 0x11, "not supported" },
	{ 0x12, "invalid parameter" },
	{ 0x42, "invalid parameter" },
	{ 0x92, "invalid parameter" },
	{ 0xfe, "not running" },
	{ 0xff, "refused" },
};

static const char *status_name(uint8_t status)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++)
		if (statuses[i].status == status)
			return statuses[i].text;
	return "code not published";
}

static enum wb_status verdict(struct wb_session *s, uint16_t opcode, const char *what,
	const struct mail *mail, const char *hint, struct wb_error *err)
{
	char error[64] = "";

	if (mail->opcode == opcode && mail->status == STATUS_OK)
		return WB_OK;
	if (mail->len && mail->payload[0])
		wb_format(error, sizeof(error), ", error 0x%02X (%s)", mail->payload[0],
			wb_fus_error_name(mail->payload[0]));
	return wb_fail(err, WB_ERR_FUS, "%s: the %s answers 0x%04X, status 0x%02X (%s)%s. %s", what,
		wb_runs_name(s->runs), mail->opcode, mail->status, status_name(mail->status), error,
		hint);
}

/* ---- user keys --------------------------------------------------------------------------------- */

static enum wb_status store(struct wb_session *s, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	uint8_t payload[2 + WB_KEY_BYTES] = { (uint8_t)op->key->type, op->key->size };
	struct mail mail = { 0 };
	enum wb_status status;

	memcpy(payload + 2, op->key->bytes, op->key->len);
	status = mailbox_secret(s, WB_STORE_USR_KEY, payload, 2u + op->key->len, &mail, err);
	explicit_bzero(payload, sizeof(payload));
	result->state.runs = s->runs;
	if (status != WB_OK)
		return wb_context(err, "the key may be stored all the same, at an index that nobody has "
			"told: stored again, it takes one more slot, and the index printed then is the "
			"next one");
	status = verdict(s, WB_STORE_USR_KEY, "the key was not stored", &mail,
		"There is room for 100 keys and one master key; an encrypted key wants the master key "
		"stored before. If a stack does not know the command, `stm32wb fus start` brings up the "
		"FUS, which does", err);
	if (status == WB_OK && !mail.len)
		status = wb_fail(err, WB_ERR_CHIP,
			"the %s says that the key is stored and does not say at which index",
			wb_runs_name(s->runs));
	if (status == WB_OK)
		result->key_index = mail.payload[0];
	explicit_bzero(&mail, sizeof(mail));
	return status;
}

static enum wb_status by_index(struct wb_session *s, const struct wb_operation *op, uint16_t opcode,
	const char *what, struct wb_result *result, struct wb_error *err)
{
	struct mail mail;
	char failed[48];
	enum wb_status status = mailbox_transact(s, opcode, &op->key_index, 1, MAILBOX_ANSWER_MS,
		&mail, err);

	result->state.runs = s->runs;
	result->key_index = op->key_index;
	if (status != WB_OK)
		return status;
	wb_format(failed, sizeof(failed), "key %u was not %s", op->key_index, what);
	return verdict(s, opcode, failed, &mail, opcode == WB_UNLOAD_USR_KEY ?
		"Is it the key that was loaded last? Any reset takes it out of AES1 too, and then "
		"there is nothing to unload" :
		"Is there a key of that index (`usrkey store` printed it; any FUS upgrade erases them "
		"all; the master key's cannot be loaded), and is it not locked? A lock lasts until the "
		"next reset", err);
}

static enum wb_status load(struct wb_session *s, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	return by_index(s, op, WB_LOAD_USR_KEY, "loaded", result, err);
}

static enum wb_status unload(struct wb_session *s, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	return by_index(s, op, WB_UNLOAD_USR_KEY, "unloaded", result, err);
}

static enum wb_status lock(struct wb_session *s, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	return by_index(s, op, WB_LOCK_USR_KEY, "locked", result, err);
}

enum wb_status wb_usrkey_store(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	return wb_errand_run(session, WB_GUARD_USRKEY, op, store, result, err);
}

enum wb_status wb_usrkey_load(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	return wb_errand_lasting(session, WB_GUARD_USRKEY, op, load, result, err);
}

enum wb_status wb_usrkey_unload(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	return wb_errand_lasting(session, WB_GUARD_USRKEY, op, unload, result, err);
}

enum wb_status wb_usrkey_lock(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	return wb_errand_lasting(session, WB_GUARD_USRKEY, op, lock, result, err);
}

/* ---- the authentication key -------------------------------------------------------------------- */

#define AUTH_HINT                                                                                  \
	"A locked key (error 0x0a) stays as it is for ever; `stm32wb fus state` shows whether the "  \
	"FUS is idle"

static enum wb_status update_auth(struct wb_session *s, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	uint8_t payload[1 + AUTH_KEY_SIZE] = { AUTH_KEY_SIZE };
	struct mail mail;
	enum wb_status status;

	memcpy(payload + 1, op->key->bytes, AUTH_KEY_SIZE);
	status = mailbox_secret(s, WB_UPDATE_AUTH_KEY, payload, sizeof(payload), &mail, err);
	explicit_bzero(payload, sizeof(payload));
	result->state.runs = s->runs;
	if (status == WB_OK)
		status = verdict(s, WB_UPDATE_AUTH_KEY, "the authentication key was not installed",
			&mail, AUTH_HINT, err);
	explicit_bzero(&mail, sizeof(mail));
	if (status == WB_OK)
		session_report(s, true,
			"from now on this chip takes only images that are signed by this key too");
	return status;
}

static enum wb_status lock_auth(struct wb_session *s, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	struct mail mail;
	enum wb_status status = mailbox_transact(s, WB_LOCK_AUTH_KEY, NULL, 0, MAILBOX_ANSWER_MS,
		&mail, err);

	(void)op;
	result->state.runs = s->runs;
	return status != WB_OK ? status : verdict(s, WB_LOCK_AUTH_KEY,
		"the authentication key was not locked", &mail, AUTH_HINT, err);
}

enum wb_status wb_authkey_update(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	return wb_errand_in_fus(session, WB_GUARD_AUTHKEY_UPDATE, op, update_auth, result, err);
}

enum wb_status wb_authkey_lock(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	return wb_errand_in_fus(session, WB_GUARD_AUTHKEY_LOCK, op, lock_auth, result, err);
}

/* ---- what firmware is taken ----------------------------------------------------------------------------- */

bool wb_rollback_noted(struct wb_session *s, uint64_t uid64)
{
	size_t len = 0;

	return s->link->journal_load(s->link, uid64, WB_RECORD_ROLLBACK, NULL, &len) != WB_OK || len;
}

/* The chip does not tell that it is on. Noted before it may be, and struck out only if it is refused. */
static void note_rollback(struct wb_session *s, bool on)
{
	static const uint8_t note = 1;

	if (s->link->journal_store(s->link, s->chip.uid64, WB_RECORD_ROLLBACK, &note,
		    on ? sizeof(note) : 0) != WB_OK && on)
		session_report(s, true,
			"%s: from now on upgrade this chip with -first-install, which does not remove the "
			"stack first: without one it may never take another",
			s->link->reason);
}

static enum wb_status antirollback(struct wb_session *s, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	bool noted = wb_rollback_noted(s, s->chip.uid64);
	struct mail mail;
	enum wb_status status;

	(void)op;
	note_rollback(s, true);
	status = mailbox_transact(s, WB_ACTIVATE_ANTIROLLBACK, NULL, 0, MAILBOX_ANSWER_MS, &mail,
		err);
	result->state.runs = s->runs;
	if (status == WB_OK) {
		status = verdict(s, WB_ACTIVATE_ANTIROLLBACK, "anti-rollback was not activated", &mail,
			"`stm32wb fus state` shows the FUS's state", err);
		if (status != WB_OK && !noted)
			note_rollback(s, false);
	}
	/* [wiki] FAQ can be read so that a chip without a stack then takes none any more */
	if (status == WB_OK)
		session_report(s, true,
			"keep the stack: without one this chip may never take another. Upgrades from this "
			"computer replace it without removing it first; elsewhere say -first-install");
	return status;
}

enum wb_status wb_fus_antirollback(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	return wb_errand_in_fus(session, WB_GUARD_ANTIROLLBACK, op, antirollback, result, err);
}

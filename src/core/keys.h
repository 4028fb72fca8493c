/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libopenfus: keys, and what changes for good which firmware a chip takes.
 *
 * Every function has the signature of openfus.h's short operations; what it needs besides is in
 * struct wb_operation. Refused (no-key-store, antirollback-fus, antirollback-no-stack, purge-fus,
 * antirollback, lock-authkey: guards.c): the chip is as before.
 */
#ifndef OPENFUS_KEYS_H
#define OPENFUS_KEYS_H

#include "core/openfus.h"

#define WB_KEY_BYTES 64u

/* Types 1 to 3 are STORE_USR_KEY's (shci.h). */
enum wb_key_type {
	WB_KEY_SIMPLE = 1,
	WB_KEY_MASTER = 2,
	WB_KEY_ENCRYPTED = 3, /* by the master key: AES-GCM's cipher without its tag */
	WB_KEY_AUTHENTICATION,
};

struct wb_key {
	enum wb_key_type type;
	uint8_t size; /* bytes of the key: 16, 32; authentication: 64 */
	uint8_t len;  /* with the IV of an encrypted one */
	uint8_t bytes[WB_KEY_BYTES]; /* key, IV: as it is sent */
};

/**
 * A key from a file's contents. The caller wipes both.
 *
 * @param[in] iv_first an encrypted key's file has its IV in front; else behind the key.
 * @retval WB_ERR_USAGE a length that no such key has.
 */
WB_API enum wb_status wb_key_take(struct wb_key *key, enum wb_key_type type, const uint8_t *bytes,
	size_t len, bool iv_first, struct wb_error *err);
/** "simple", "master", "encrypted", "authentication". */
WB_API const char *wb_key_type_name(enum wb_key_type type);

/**
 * Store op->key; result->key_index is the index it got. FUS or stack, whichever runs, answers.
 * @retval WB_ERR_FUS  refused: no room, no master key for an encrypted one
 * @retval WB_ERR_LINK the answer was lost: the key may be stored or not
 */
WB_API enum wb_status wb_usrkey_store(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err);
/**
 * Put key op->key_index into AES1, take it out, or lock it. All three last until the next reset, so
 * CPU1 is left held as by op->hold, whether that is set or not.
 * @retval WB_ERR_FUS no such key, or a locked one
 */
WB_API enum wb_status wb_usrkey_load(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err);
WB_API enum wb_status wb_usrkey_unload(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err);
WB_API enum wb_status wb_usrkey_lock(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err);

/**
 * Install op->key as the customer's authentication key: images then need a signature by it. In the
 * FUS; a stack that was selected is selected again.
 * @retval WB_ERR_FUS refused: locked
 */
WB_API enum wb_status wb_authkey_update(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err);
/** Lock it for ever. @retval WB_ERR_REFUSED lock-authkey: without consent */
WB_API enum wb_status wb_authkey_lock(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err);
/**
 * The stack installed becomes the oldest that will ever be taken; cannot be undone.
 * @retval WB_ERR_REFUSED antirollback-fus, antirollback-no-stack: it would lose the chip;
 *                        antirollback: without consent
 */
WB_API enum wb_status wb_fus_antirollback(struct wb_session *session,
	const struct wb_operation *op, struct wb_result *result, struct wb_error *err);
/** FUS 2: remove the stack and its NVM pages; the FUS is selected then. */
WB_API enum wb_status wb_fus_purge(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err);

#endif

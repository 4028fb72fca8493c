/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of keys share: ST's published vectors, commands, and a search for traces. */
#ifndef CORE_KEYS_TEST_H
#define CORE_KEYS_TEST_H

#include "tests/unit/core_one.h"
#include "core/keys.h"
#include "core/packets.h"
#include "core/session.h"

#define PIECE 4u /* bytes of a key that count as found */

/* ST's CRYP_CKS example publishes these: the encrypted key is the simple one under the master. */
static const uint8_t master[16] = { 0x0f, 0x0e, 0x0d, 0x0c, 0x0b, 0x0a, 9, 8, 7, 6, 5, 4, 3, 2, 1,
	0 };
static const uint8_t simple[16] = { 0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6, 0xab, 0xf7,
	0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c };
static const uint8_t encrypted[28] = { 0x5f, 0x95, 0x4f, 0xc4, 0xf6, 0x8b, 0x74, 0xba, 0x4c, 0x1f,
	0x90, 0x57, 0xb0, 0xc4, 0x09, 0x8a, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 };

static inline struct wb_key key_of(enum wb_key_type type, const uint8_t *bytes, size_t len)
{
	struct wb_key key;

	if (wb_key_take(&key, type, bytes, len, false, &board.err) != WB_OK)
		fail_msg("%s", board.err.text);
	return key;
}

static inline enum wb_status store(enum wb_key_type type, const uint8_t *bytes, size_t len)
{
	struct wb_key key = key_of(type, bytes, len);
	const struct wb_operation what = { .key = &key };

	return wb_usrkey_store(board.session, &what, &board.result, &board.err);
}

static inline void stored(enum wb_key_type type, const uint8_t *bytes, size_t len, unsigned int index)
{
	if (store(type, bytes, len) != WB_OK)
		fail_msg("%s", board.err.text);
	assert_int_equal(board.result.key_index, index);
}

typedef enum wb_status by_index(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err);

static inline enum wb_status with(by_index *what, uint8_t index)
{
	return what(board.session, &(struct wb_operation){ .key_index = index }, &board.result,
		&board.err);
}

static inline void must(by_index *what, uint8_t index)
{
	if (with(what, index) != WB_OK)
		fail_msg("%s", board.err.text);
}

static inline void refused(enum wb_status status, const char *rule)
{
	assert_int_equal(status, WB_ERR_REFUSED);
	assert_string_equal(board.err.rule, rule);
	board_check_kept(&board);
}

/* ---- traces ------------------------------------------------------------------------------------ */

static inline bool holds(const uint8_t *bytes, size_t len, const uint8_t *key, size_t key_len)
{
	for (size_t i = 0; i + PIECE <= len; i++)
		for (size_t k = 0; k + PIECE <= key_len; k++)
			if (!memcmp(bytes + i, key + k, PIECE))
				return true;
	return false;
}

/* SRAM1, SRAM2a, SRAM2b of a WB55RG. */
static inline bool in_ram(const uint8_t *key, size_t len)
{
	static uint8_t ram[0x40000];

	assert_true(wbsim_peek(board.sim, 0x20000000, ram, sizeof(ram)));
	return holds(ram, sizeof(ram), key, len);
}

static inline bool in_session(const uint8_t *key, size_t len)
{
	return holds((const uint8_t *)board.session, sizeof(*board.session), key, len) ||
		holds((const uint8_t *)&board.result, sizeof(board.result), key, len) ||
		holds((const uint8_t *)&board.err, sizeof(board.err), key, len);
}

static inline void no_trace(const uint8_t *key, size_t len)
{
	assert_false(in_ram(key, len));
	assert_false(in_session(key, len));
}


#endif

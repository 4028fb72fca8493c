/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A command whose payload is a key. It passes through the command buffer in SRAM2a, which anybody may
 * read: that is overwritten and read back on every path, and the link is told to keep no trace (link.h,
 * secret()).
 */
#include <string.h>
#include "core/mailbox.h"
#include "core/regs.h"
#include "core/tables.h"

#define COMMAND_WORDS (WB_COMMAND_SIZE / 4u)
#define ANSWER_POLL_MS 20u

static void secret(struct wb_session *s, const uint8_t *bytes, size_t len)
{
	if (s->link->secret)
		s->link->secret(s->link, bytes, len);
}

/*
 * Nothing is left in the command buffer. The same words the same way as the key went: so buffers on
 * the way that still hold it are overwritten too; and they are read back.
 */
static enum wb_status wipe(struct wb_session *s, struct wb_error *err)
{
	static const uint32_t zeros[COMMAND_WORDS];
	uint32_t address = s->tables + WB_TABLES_COMMAND, back[COMMAND_WORDS];
	enum wb_status status = chip_write(s, address, COMMAND_WORDS, zeros, err);

	if (status == WB_OK)
		status = chip_read(s, address, COMMAND_WORDS, back, err);
	if (status == WB_OK && memcmp(back, zeros, sizeof(back)))
		status = wb_fail(err, WB_ERR_CHIP, "the command buffer at 0x%08X cannot be wiped",
			(unsigned int)address);
	explicit_bzero(back, sizeof(back));
	return status;
}

/* The link was lost behind the order: until the CM0+ has answered, or had the time to. */
static enum wb_status await_answer(struct wb_session *s, bool *answered, struct wb_error *err)
{
	uint64_t end = session_ms(s) + MAILBOX_ANSWER_MS;
	enum wb_status status;
	uint32_t flags;

	for (;;) {
		status = chip_read(s, IPCC_C1TOC2SR, 1, &flags, err);
		*answered = status == WB_OK && !(flags & IPCC_FLAG(IPCC_CHANNEL_SYSTEM));
		if (status != WB_OK || *answered || session_ms(s) >= end)
			return status;
		session_wait(s, ANSWER_POLL_MS);
	}
}

/*
 * After an answer the buffer is ours; after a reset too, once CPU1 is held again. A CM0+ that has
 * not answered may still be reading, and zeros must not become the key: it is stopped by a reset first.
 */
static enum wb_status clean(struct wb_session *s, enum wb_status sent, struct wb_error *err)
{
	bool answered = sent == WB_OK;
	enum wb_status status = WB_OK;

	if (sent != WB_OK && sent != WB_ERR_TIMEOUT && !s->reset_seen)
		status = await_answer(s, &answered, err);
	if (status == WB_ERR_RESET || s->reset_seen)
		status = hold_follow(s, err);
	else if (status == WB_OK && !answered)
		status = hold_reset(s, false, err);
	if (status == WB_OK)
		status = wipe(s, err);
	if (status == WB_ERR_RESET) {
		status = hold_follow(s, err);
		if (status == WB_OK)
			status = wipe(s, err);
	}
	return status != WB_OK ? wb_context(err,
		"the key may still lie in the chip's SRAM2a: power the board off and on") : WB_OK;
}

enum wb_status mailbox_secret(struct wb_session *s, uint16_t opcode, uint8_t *payload, size_t len,
	struct mail *mail, struct wb_error *err)
{
	struct wb_error dirty;
	enum wb_status status, cleaned;

	secret(s, payload, len);
	status = mailbox_transact(s, opcode, payload, len, MAILBOX_ANSWER_MS, mail, err);
	explicit_bzero(payload, len);
	cleaned = clean(s, status, &dirty);
	secret(s, NULL, 0);
	if (cleaned != WB_OK)
		session_report(s, true, "%s", dirty.text);
	return status;
}

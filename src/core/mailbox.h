/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One command to whatever runs on the CM0+, and its ready event.
 */
#ifndef OPENFUS_MAILBOX_H
#define OPENFUS_MAILBOX_H

#include "core/session.h"
#include "core/packets.h"

#define MAILBOX_ANSWER_MS 10000u /* the first answer after FW_UPGRADE took 3.6 s for a full stack */

struct mail {
	uint16_t opcode;
	uint8_t status;
	uint8_t len; /* bytes of payload */
	uint8_t payload[WB_PAYLOAD_MAX];
};

/**
 * Send a command on the system channel and wait for its answer, over the link with CPU1 halted:
 * three memory operations if the answer is there in time.
 *
 * @param[in] len        bytes of payload, at most WB_PAYLOAD_MAX
 * @param[in] timeout_ms longest wait; a full stack's first answer took 3600 ms
 * @retval WB_ERR_TIMEOUT no answer; the chip did not reset
 * @retval WB_ERR_RESET   the chip reset instead of answering
 */
enum wb_status mailbox_transact(struct wb_session *s, uint16_t opcode, const uint8_t *payload,
	size_t len, unsigned int timeout_ms, struct mail *answer, struct wb_error *err);

/**
 * Wait for the ready event; s->runs becomes who sent it.
 * @retval WB_ERR_TIMEOUT, WB_ERR_RESET as above
 * @retval WB_ERR_CHIP the CM0+ says that our tables lie outside its open RAM
 */
enum wb_status mailbox_ready(struct wb_session *s, unsigned int timeout_ms, struct wb_error *err);

/**
 * The same for a payload that is a key: wiped here, in the command buffer and on the link, on every
 * path (mailbox_secret.c).
 */
enum wb_status mailbox_secret(struct wb_session *s, uint16_t opcode, uint8_t *payload, size_t len,
	struct mail *answer, struct wb_error *err);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The packets of the system channel (IPCC channel 2) and the list their events come in:
 * packing and unpacking over memory that has been read, never over the link.
 *
 *   command at the command buffer        answer, same buffer             event, list node
 *   +0 next  (free)                      +0 type    0x11                 +0 next
 *   +4 prev  (free)                      +1 code    0x0E                 +4 prev
 *   +8 type    0x10                      +2 length  4 + payload          +8 type  0x12
 *   +9 opcode  16 bits                   +3 commands 0xFF                +9 code  0xFF
 *   +11 length                           +4 opcode  16 bits              +10 length 2 + payload
 *   +12 payload                          +6 status                       +11 sub-event 16 bits
 *                                        +7 payload                      +13 payload
 *
 * Source: tl.h and shci.h of ST's STM32_WPAN middleware; the answer without a list header was
 * seen on real chips.
 */
#ifndef OPENFUS_PACKETS_H
#define OPENFUS_PACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/status.h"

#define WB_PAYLOAD_MAX 255u
#define WB_COMMAND_HEADER 12u
#define WB_COMMAND_SIZE 268u /* 8 + 4 + 255, rounded up to words: the command buffer */
#define WB_EVENT_HEADER 13u

/* Opcodes of the system channel (shci.h). */
enum wb_opcode {
	WB_GET_STATE = 0xfc52,
	WB_FW_UPGRADE = 0xfc54,
	WB_FW_DELETE = 0xfc55,
	WB_UPDATE_AUTH_KEY = 0xfc56,
	WB_LOCK_AUTH_KEY = 0xfc57,
	WB_STORE_USR_KEY = 0xfc58,
	WB_LOAD_USR_KEY = 0xfc59,
	WB_START_WS = 0xfc5a,
	WB_FW_PURGE = 0xfc5b,
	WB_LOCK_USR_KEY = 0xfc5d,
	WB_UNLOAD_USR_KEY = 0xfc5e,
	WB_ACTIVATE_ANTIROLLBACK = 0xfc5f,
};

/* GET_STATE's status byte, by its high half; errors in its payload (shci.h). */
#define WB_STATE_IDLE 0x00
#define WB_STATE_FW_ONGOING 0x10
#define WB_STATE_FUS_ONGOING 0x20
#define WB_STATE_SERVICE_ONGOING 0x30
#define WB_STATE_ERROR 0xff
#define WB_FUS_ERR_NOT_RUNNING 0xfe
#define WB_FUS_ERR_UNKNOWN 0xff

/* The event with which firmware on the CM0+ says that it is up, and its payload byte. */
#define WB_EVENT_READY 0x9200
#define WB_READY_STACK 0x00
#define WB_READY_FUS 0x01
#define WB_READY_NVM_BACKUP 0x10
#define WB_READY_NVM_RESTORE 0x11

/*
 * What wb_command_pack leaves in the 8 bytes that an answer overwrites: no answer's header looks
 * like it, so a poll of the buffer alone can tell command from answer.
 */
#define WB_NO_ANSWER 0x5a5a5a5au

struct wb_answer {
	uint16_t opcode;
	uint8_t status;
	uint8_t length;		/* bytes of payload */
	const uint8_t *payload; /* inside the buffer that was unpacked */
};

/**
 * Pack a command as it goes to the command buffer.
 *
 * @param[out] buf     zeroed behind the packet.
 * @param[in]  len     at most WB_PAYLOAD_MAX (more is cut; callers check user input before).
 * @return bytes to write, a multiple of 4.
 */
WB_API size_t wb_command_pack(uint8_t buf[WB_COMMAND_SIZE], uint16_t opcode, const uint8_t *payload,
	size_t len);

/** True while buf (>= 8 bytes) still starts with WB_NO_ANSWER. */
WB_API bool wb_answer_pending(const uint8_t *buf, size_t size);

/**
 * Unpack what the CM0+ put into the command buffer.
 *
 * @param[in] size bytes read from the command buffer; 8 are enough for GET_STATE's answer, and a
 *                 longer one needs 3 + its length byte (wb_answer_size).
 * @retval WB_ERR_CHIP no answer: wrong type or code, or a length that cannot be.
 */
WB_API enum wb_status wb_answer_unpack(const uint8_t *buf, size_t size, struct wb_answer *answer,
	struct wb_error *err);
/** Bytes that the answer whose first 3 bytes are in buf takes in all. */
WB_API size_t wb_answer_size(const uint8_t buf[3]);

/* ---- lists in shared memory ------------------------------------------------------------------ */

/* A piece of the chip's memory that has been read, and where it lies. */
struct wb_window {
	uint32_t address;
	size_t size; /* bytes */
	const uint8_t *data;
};

/** The bytes of [address, address + len) if the window holds all of them, else NULL. */
WB_API const uint8_t *wb_window_at(const struct wb_window *window, uint32_t address, size_t len);

struct wb_event {
	uint32_t address; /* of the node */
	uint32_t next;	  /* address of the node behind it; the queue's own address: it was the last */
	uint16_t sub;	  /* sub-event, 0x9200: ready */
	uint8_t type, code;
	uint8_t length;		/* bytes of payload behind the sub-event */
	const uint8_t *payload; /* inside the window */
};

/**
 * The first event of a queue, without taking it out. The FUS leaves the queue's prev wrong: it is
 * not looked at.
 *
 * @retval WB_OK           *event is filled.
 * @retval WB_ERR_TIMEOUT  the queue is empty.
 * @retval WB_ERR_CHIP     a pointer is misaligned or leaves the window, or the packet does.
 */
WB_API enum wb_status wb_event_first(const struct wb_window *window, uint32_t queue,
	struct wb_event *event, struct wb_error *err);

/* A word to be written. */
struct wb_poke {
	uint32_t address, value;
};

/** The two words that take `event`, the first of `queue`, out of it. */
WB_API void wb_event_pop(uint32_t queue, const struct wb_event *event, struct wb_poke poke[2]);

/**
 * Words that append `node` to `queue` (a stack's event given back through the free-buffer queue).
 * @return number of pokes (4), 0 if the queue's pointers leave the window.
 */
WB_API unsigned int wb_queue_append(const struct wb_window *window, uint32_t queue, uint32_t node,
	struct wb_poke poke[4]);

#endif

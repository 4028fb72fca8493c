/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets of the system channel, and the lists of shared memory; see packets.h for the drawings. */
#include <string.h>
#include "core/bytes.h"
#include "core/packets.h"

#define TYPE_COMMAND 0x10
#define TYPE_ANSWER 0x11
#define TYPE_EVENT 0x12
#define CODE_ANSWER 0x0e
#define CODE_EVENT 0xff
#define NODE_SIZE 8u	     /* next, prev */
#define ANSWER_HEADER 3u     /* type, code, length */
#define ANSWER_LENGTH_MIN 4u /* number of commands, opcode, status */
#define ANSWER_PAYLOAD 7u
#define EVENT_LENGTH_MIN 2u /* the sub-event */

size_t wb_command_pack(uint8_t buf[WB_COMMAND_SIZE], uint16_t opcode, const uint8_t *payload,
	size_t len)
{
	if (len > WB_PAYLOAD_MAX)
		len = WB_PAYLOAD_MAX;
	memset(buf, 0, WB_COMMAND_SIZE);
	wb_put32(buf, WB_NO_ANSWER);
	wb_put32(buf + 4, WB_NO_ANSWER);
	buf[8] = TYPE_COMMAND;
	wb_put16(buf + 9, opcode);
	buf[11] = (uint8_t)len;
	if (len)
		memcpy(buf + WB_COMMAND_HEADER, payload, len);
	return (WB_COMMAND_HEADER + len + 3u) & ~(size_t)3u;
}

bool wb_answer_pending(const uint8_t *buf, size_t size)
{
	return size >= 8 && wb_get32(buf) == WB_NO_ANSWER && wb_get32(buf + 4) == WB_NO_ANSWER;
}

size_t wb_answer_size(const uint8_t buf[3])
{
	return ANSWER_HEADER + buf[2];
}

enum wb_status wb_answer_unpack(const uint8_t *buf, size_t size, struct wb_answer *answer,
	struct wb_error *err)
{
	memset(answer, 0, sizeof(*answer));
	if (size < ANSWER_PAYLOAD)
		return wb_fail(err, WB_ERR_CHIP,
			"answer of %zu bytes: the shortest has %u; read the command buffer again",
			size, ANSWER_PAYLOAD);
	if (buf[0] != TYPE_ANSWER || buf[1] != CODE_ANSWER)
		return wb_fail(err, WB_ERR_CHIP,
			"the command buffer starts with 0x%02X 0x%02X where an answer has 0x11 0x0E: "
			"the CM0+ did not answer, or something else wrote there; run `stm32wb fus start`",
			buf[0], buf[1]);
	if (buf[2] < ANSWER_LENGTH_MIN || wb_answer_size(buf) > size)
		return wb_fail(err, WB_ERR_CHIP,
			"the answer says that it has %u bytes; between %u and %zu make sense", buf[2],
			ANSWER_LENGTH_MIN, size - ANSWER_HEADER);
	answer->opcode = wb_get16(buf + 4);
	answer->status = buf[6];
	answer->length = (uint8_t)(buf[2] - ANSWER_LENGTH_MIN);
	answer->payload = buf + ANSWER_PAYLOAD;
	return WB_OK;
}

const uint8_t *wb_window_at(const struct wb_window *window, uint32_t address, size_t len)
{
	uint32_t offset = address - window->address;

	if (address < window->address || offset > window->size || len > window->size - offset)
		return NULL;
	return window->data + offset;
}

/* A node of a list: word aligned and, as long as `len`, inside the window. */
static const uint8_t *node_at(const struct wb_window *window, uint32_t address, size_t len)
{
	return address & 3u ? NULL : wb_window_at(window, address, len);
}

enum wb_status wb_event_first(const struct wb_window *window, uint32_t queue,
	struct wb_event *event, struct wb_error *err)
{
	const uint8_t *head = node_at(window, queue, NODE_SIZE);
	const uint8_t *node;
	uint32_t first;

	memset(event, 0, sizeof(*event));
	if (!head)
		return wb_fail(err, WB_ERR_CHIP, "event queue at 0x%08X lies outside what was read",
			(unsigned int)queue);
	first = wb_get32(head);
	if (first == queue)
		return wb_fail(err, WB_ERR_TIMEOUT, "the event queue is empty");
	node = node_at(window, first, WB_EVENT_HEADER);
	if (!node || !node_at(window, wb_get32(node), NODE_SIZE) || wb_get32(node) == first)
		return wb_fail(err, WB_ERR_CHIP,
			"the event queue at 0x%08X leads to 0x%08X, which is no event of ours",
			(unsigned int)queue, (unsigned int)first);
	event->address = first;
	event->next = wb_get32(node);
	event->type = node[8];
	event->code = node[9];
	if (event->type != TYPE_EVENT || event->code != CODE_EVENT || node[10] < EVENT_LENGTH_MIN ||
		!wb_window_at(window, first, WB_EVENT_HEADER - EVENT_LENGTH_MIN + node[10]))
		return wb_fail(err, WB_ERR_CHIP,
			"event at 0x%08X: type 0x%02X code 0x%02X length %u where a system event has "
			"0x12 0xFF and 2 to 255 bytes",
			(unsigned int)first, event->type, event->code, node[10]);
	event->length = (uint8_t)(node[10] - EVENT_LENGTH_MIN);
	event->sub = wb_get16(node + 11);
	event->payload = node + WB_EVENT_HEADER;
	return WB_OK;
}

void wb_event_pop(uint32_t queue, const struct wb_event *event, struct wb_poke poke[2])
{
	poke[0] = (struct wb_poke){ queue, event->next };
	/* for an emptied queue this also puts right the prev that the FUS left wrong */
	poke[1] = (struct wb_poke){ event->next + 4u, queue };
}

unsigned int wb_queue_append(const struct wb_window *window, uint32_t queue, uint32_t node,
	struct wb_poke poke[4])
{
	const uint8_t *head = node_at(window, queue, NODE_SIZE);
	uint32_t last = head ? wb_get32(head + 4) : 0;

	if (!head || !node_at(window, node, NODE_SIZE) || !node_at(window, last, NODE_SIZE))
		return 0;
	poke[0] = (struct wb_poke){ node, queue };
	poke[1] = (struct wb_poke){ node + 4u, last };
	poke[2] = (struct wb_poke){ last, node };
	poke[3] = (struct wb_poke){ queue + 4u, node };
	return 4;
}

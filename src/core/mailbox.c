/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system channel of the IPCC (channel 2), and the packets that go through it.
 *
 * A command's first 8 bytes are free, and the answer begins there: filled with a pattern that no
 * answer has, they tell by themselves when the answer is there. So a transaction is: write the
 * packet, set the flag, read the buffer.
 */
#include <string.h>
#include "core/mailbox.h"
#include "core/bytes.h"
#include "core/regs.h"
#include "core/tables.h"

#define FIRST_LOOK_MS 8u /* a FUS answers GET_STATE within a few ms */
#define LOOK_MAX_MS 25u
#define RESET_LOOKS 4u /* of these looks one is for a reset */
#define RINGS 8u /* of one command, each lost on its way */
#define LOOK_BYTES 16u	  /* holds every answer but those with a long payload */
#define EVENTS_MAX 16u /* more than the buffers hold: a list that does not end */
#define EVENTS_NEAR (WB_TABLES_SPARE_SYSTEM + 0x20u) /* all queues, and the FUS's one event */

static enum wb_status read_bytes(struct wb_session *s, uint32_t address, size_t size, uint8_t *data,
	struct wb_error *err)
{
	uint32_t words[WB_TABLES_SIZE / 4];
	enum wb_status status = chip_read(s, address, (size + 3) / 4, words, err);

	if (status != WB_OK)
		return status;
	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)(words[i / 4] >> (8 * (i % 4)));
	explicit_bzero(words, sizeof(words)); /* what was sent, where no answer overwrote it */
	return WB_OK;
}

/*
 * Set the channel's flag once: a transfer that failed may have arrived all the same, and the same
 * command twice is another command (a stack's second GET_STATE, a FW_UPGRADE over a running one).
 */
static enum wb_status ring(struct wb_session *s, struct wb_error *err)
{
	uint32_t flags = 0, start[2] = { 0 };
	enum wb_status status = WB_OK;
	bool doubt = true;

	for (unsigned int i = 0; i < RINGS && status == WB_OK && doubt; i++) {
		status = chip_write_once(
			s, IPCC_C1SCR, IPCC_SEND(IPCC_CHANNEL_SYSTEM), &doubt, err);
		if (status == WB_OK && doubt)
			status = chip_read(s, IPCC_C1TOC2SR, 1, &flags, err);
		if (status == WB_OK && doubt)
			status = chip_read(s, s->tables + WB_TABLES_COMMAND, 2, start, err);
		doubt = doubt && !(flags & IPCC_FLAG(IPCC_CHANNEL_SYSTEM)) &&
			start[0] == WB_NO_ANSWER && start[1] == WB_NO_ANSWER;
	}
	return status != WB_OK || !doubt ? status :
		wb_fail(err, WB_ERR_LINK,
			"a command's flag does not reach the chip (%s). Check the cable, or lower the "
			"clock of the probe, then run the same command again",
			s->link->reason);
}

static enum wb_status send(struct wb_session *s, uint16_t opcode, const uint8_t *payload,
	size_t len, struct wb_error *err)
{
	uint8_t packet[WB_COMMAND_SIZE];
	uint32_t words[WB_COMMAND_SIZE / 4];
	size_t size = wb_command_pack(packet, opcode, payload, len);
	enum wb_status status;

	for (size_t i = 0; i < size / 4; i++)
		words[i] = wb_get32(packet + 4 * i);
	status = chip_write(s, s->tables + WB_TABLES_COMMAND, size / 4, words, err);
	explicit_bzero(packet, sizeof(packet)); /* it may be a key */
	explicit_bzero(words, sizeof(words));
	if (status != WB_OK)
		return status;
	return ring(s, err);
}

/*
 * Is the answer all there? The first 8 bytes and a short payload may be caught half written: then
 * the channel's flag, which the CM0+ clears last, decides.
 */
static enum wb_status look(struct wb_session *s, uint8_t *buf, bool *there, struct wb_error *err)
{
	enum wb_status status =
		read_bytes(s, s->tables + WB_TABLES_COMMAND, LOOK_BYTES, buf, err);
	struct wb_answer answer;
	uint32_t flags = 0;

	*there = false;
	if (status != WB_OK || wb_answer_pending(buf, LOOK_BYTES))
		return status;
	if (wb_answer_unpack(buf, LOOK_BYTES, &answer, NULL) == WB_OK && answer.length <= 1 &&
		wb_get32(buf + 4) != WB_NO_ANSWER && buf[6] != (uint8_t)WB_NO_ANSWER &&
		buf[7] != (uint8_t)WB_NO_ANSWER) {
		*there = true;
		return WB_OK;
	}
	status = chip_read(s, IPCC_C1TOC2SR, 1, &flags, err);
	if (status == WB_OK && (flags & IPCC_FLAG(IPCC_CHANNEL_SYSTEM)))
		return status;
	/* a reset may have cleared flag and buffer alike */
	if (status == WB_OK)
		status = hold_check(s, err);
	if (status != WB_OK)
		return status;
	*there = true;
	return read_bytes(s, s->tables + WB_TABLES_COMMAND, LOOK_BYTES, buf, err);
}

static enum wb_status unpack(struct wb_session *s, uint8_t *buf, struct mail *mail,
	struct wb_error *err)
{
	struct wb_answer answer;
	size_t size = wb_answer_size(buf);
	enum wb_status status = WB_OK;

	if (size > WB_COMMAND_SIZE)
		size = WB_COMMAND_SIZE;
	if (size > LOOK_BYTES)
		status = read_bytes(s, s->tables + WB_TABLES_COMMAND, size, buf, err);
	if (status == WB_OK)
		status = wb_answer_unpack(buf, size < LOOK_BYTES ? LOOK_BYTES : size, &answer, err);
	if (status != WB_OK)
		return status;
	mail->opcode = answer.opcode;
	mail->status = answer.status;
	mail->len = answer.length;
	memcpy(mail->payload, answer.payload, answer.length);
	return WB_OK;
}

static enum wb_status await(struct wb_session *s, uint16_t opcode, unsigned int timeout_ms,
	uint8_t buf[WB_COMMAND_SIZE], struct mail *mail, struct wb_error *err)
{
	uint64_t began = session_ms(s), passed;
	enum wb_status status = WB_OK;
	uint32_t flags = 0;
	bool there;

	session_wait(s, FIRST_LOOK_MS);
	for (;;) {
		/* an answer clears the channel's flag, and so does a reset: one word tells of both */
		there = false;
		if (!(flags & IPCC_FLAG(IPCC_CHANNEL_SYSTEM)))
			status = look(s, buf, &there, err);
		if (status == WB_OK && there)
			return unpack(s, buf, mail, err);
		if (status == WB_OK && !(flags & IPCC_FLAG(IPCC_CHANNEL_SYSTEM)))
			status = hold_check(s, err);
		if (status != WB_OK)
			return status;
		passed = session_ms(s) - began;
		if (passed >= timeout_ms)
			return wb_fail(err, WB_ERR_TIMEOUT,
				"no answer to command 0x%04X within %u ms. Run the same command again: "
				"it resets the chip first. If there is no answer then, power the board "
				"off and on",
				opcode, timeout_ms);
		session_wait(s, session_pause(passed, LOOK_MAX_MS));
		status = chip_read(s, IPCC_C1TOC2SR, 1, &flags, err);
		if (status != WB_OK)
			return status;
	}
}

enum wb_status mailbox_transact(struct wb_session *s, uint16_t opcode, const uint8_t *payload,
	size_t len, unsigned int timeout_ms, struct mail *answer, struct wb_error *err)
{
	enum wb_status status = send(s, opcode, payload, len, err);
	uint8_t buf[WB_COMMAND_SIZE];

	if (status != WB_OK)
		return status;
	status = await(s, opcode, timeout_ms, buf, answer, err);
	explicit_bzero(buf, sizeof(buf)); /* an answer shares its place with what may have been a key */
	return status;
}

/* In their order; neighbours in one transfer. */
static enum wb_status write_pokes(struct wb_session *s, const struct wb_poke *poke, unsigned int n,
	struct wb_error *err)
{
	enum wb_status status = WB_OK;

	for (unsigned int i = 0; i < n && status == WB_OK; i++) {
		uint32_t words[2] = { poke[i].value };
		size_t count = 1;

		if (i + 1 < n && poke[i + 1].address == poke[i].address + 4u)
			words[count++] = poke[i + 1].value;
		status = chip_write(s, poke[i].address, count, words, err);
		i += count == 2;
	}
	return status;
}

/* Take one event out of the queue in the chip's memory. */
static enum wb_status pop(struct wb_session *s, uint32_t queue, const struct wb_event *event,
	struct wb_error *err)
{
	struct wb_poke poke[2];

	wb_event_pop(queue, event, poke);
	return write_pokes(s, poke, 2, err);
}

/*
 * A stack lends its event buffers and wants them back in the free queue. The FUS does not: it never
 * looks at that channel (fus.md section 3).
 */
static enum wb_status give_back(struct wb_session *s, const struct wb_window *window,
	const struct wb_event *event, bool *lent, struct wb_error *err)
{
	struct wb_poke poke[4];
	enum wb_status status;
	unsigned int n = 0;

	if (s->runs == WB_RUNS_STACK)
		n = wb_queue_append(window, s->tables + WB_TABLES_FREE_QUEUE, event->address, poke);
	status = write_pokes(s, poke, n, err);
	*lent = *lent || n;
	return status;
}

/* The first event, in as little of the tables as holds it. */
static enum wb_status first_event(struct wb_session *s, struct wb_window *window, uint8_t *block,
	struct wb_event *event, struct wb_error *err)
{
	uint32_t queue = s->tables + WB_TABLES_SYSTEM_QUEUE;
	enum wb_status status;

	for (window->size = s->selects_stack ? WB_TABLES_SIZE : EVENTS_NEAR;;
		window->size = WB_TABLES_SIZE) {
		status = read_bytes(s, s->tables, window->size, block, err);
		if (status != WB_OK)
			return status;
		if (wb_tables_rejected(window))
			return wb_fail(err, WB_ERR_CHIP,
				"the CM0+ refuses our tables at 0x%08X: its firmware leaves that RAM "
				"closed. Report the image's name and version",
				(unsigned int)s->tables);
		status = wb_event_first(window, queue, event, err);
		if (status != WB_ERR_CHIP || window->size == WB_TABLES_SIZE)
			return status;
	}
}

static enum wb_runs who_is_ready(uint8_t payload)
{
	switch (payload) {
	case WB_READY_FUS:
		return WB_RUNS_FUS;
	case WB_READY_STACK:
		return WB_RUNS_STACK;
	case WB_READY_NVM_BACKUP:
	case WB_READY_NVM_RESTORE:
		return WB_RUNS_NVM;
	default:
		return WB_RUNS_UNKNOWN;
	}
}

/* Walk the queue; every event is taken out, the ready event is heard. */
static enum wb_status drain(struct wb_session *s, bool *ready, struct wb_error *err)
{
	uint8_t block[WB_TABLES_SIZE];
	struct wb_window window = { s->tables, sizeof(block), block };
	uint32_t queue = s->tables + WB_TABLES_SYSTEM_QUEUE;
	struct wb_event event = { .next = 0 };
	enum wb_status status;
	bool lent = false;

	*ready = false;
	for (unsigned int i = 0; i < EVENTS_MAX && event.next != queue; i++) {
		status = first_event(s, &window, block, &event, err);
		if (status == WB_ERR_TIMEOUT)
			break;
		if (status == WB_OK)
			status = pop(s, queue, &event, err);
		if (status != WB_OK)
			return status;
		if (event.sub == WB_EVENT_READY && event.length >= 1) {
			s->runs = who_is_ready(event.payload[0]);
			*ready = true;
		}
		if (s->runs == WB_RUNS_STACK && window.size != WB_TABLES_SIZE) {
			window.size = WB_TABLES_SIZE; /* the free queue may lead anywhere */
			status = read_bytes(s, s->tables, window.size, block, err);
			if (status != WB_OK)
				return status;
		}
		status = give_back(s, &window, &event, &lent, err);
		if (status != WB_OK)
			return status;
	}
	return chip_poke(s, IPCC_C1SCR,
		IPCC_FLAG(IPCC_CHANNEL_SYSTEM) | (lent ? IPCC_SEND(IPCC_CHANNEL_RELEASE) : 0), err);
}

static enum wb_status not_ready(struct wb_session *s, unsigned int timeout_ms, struct wb_error *err)
{
	uint32_t first = 0;
	struct wb_window window;
	uint8_t word[4];
	enum wb_status status = chip_read(s, s->chip.sram2a, 1, &first, err);

	if (status != WB_OK)
		return status;
	wb_put32(word, first);
	window = (struct wb_window){ s->chip.sram2a, sizeof(word), word };
	if (wb_tables_rejected(&window))
		return wb_fail(err, WB_ERR_CHIP, "the CM0+ refuses our tables at 0x%08X",
			(unsigned int)s->tables);
	return wb_fail(err, WB_ERR_TIMEOUT,
		"the CM0+ was started and said nothing within %u ms (SFSA 0x%02X, SBRV 0x%05X). "
		"Power the board off and on, then try again; `stm32wb fus diagnose` looks for the cause",
		timeout_ms, (unsigned int)(s->chip.options.sfr & 0xffu),
		(unsigned int)wb_chip_sbrv(&s->chip));
}

enum wb_status mailbox_ready(struct wb_session *s, unsigned int timeout_ms, struct wb_error *err)
{
	uint64_t began = session_ms(s), passed = 0;
	enum wb_status status;
	uint32_t flags;
	bool ready = false;

	for (unsigned int i = 1; passed < timeout_ms; i++) {
		session_wait(s, session_pause(passed / 2, LOOK_MAX_MS));
		passed = session_ms(s) - began;
		status = chip_read(s, IPCC_C2TOC1SR, 1, &flags, err);
		if (status == WB_OK && (flags & IPCC_FLAG(IPCC_CHANNEL_SYSTEM)))
			status = drain(s, &ready, err);
		if (status == WB_OK && ready)
			return WB_OK;
		if (status == WB_OK && i % RESET_LOOKS == 0)
			status = hold_check(s, err);
		if (status != WB_OK)
			return status;
	}
	return not_ready(s, timeout_ms, err);
}

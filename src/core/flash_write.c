/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Data into flash: a piece travels while the one before is programmed, so the time is the flash's
 * wherever the wire is faster than it.
 *
 * The flash takes 81.7 us for a double word, 41.8 ms for a page's worth, plus 22 ms for an erase; the
 * wire needs 15 ms for it at 3.3 MHz. A piece is one write, and the stub is asked only when, by these
 * times, it has room for the next: two transfers for 4 KiB.
 */
#include <string.h>
#include "core/flash.h"
#include "core/bytes.h"
#include "core/image.h"
#include "core/stub_host.h"

#define DOUBLE_WORD 8u
#define BLANK 0xffu
#define DOUBLE_WORD_NS 81700u /* DS11929, typical */
#define ERASE_NS 22000000u    /* a page, ditto */
#define NS_PER_MS 1000000u
#define BLANK_RUN 512u	/* of 0xFF: that many are rather told than sent */
#define FIRST_PART 2u	/* of a piece is the first one: sooner there, programming begins sooner */
#define POLL_MAX_MS 100u
#define STALL_MS 5000u /* without a double word programmed: two pieces and three erases take 150 ms */

/* One stream: how far the host and the stub are. */
struct stream {
	const struct flash_span *span;
	uint32_t size;		       /* of the span, with the bytes that fill the last double word */
	uint32_t head, taken;	       /* bytes sent; bytes the stub has put into flash */
	uint32_t ends[STUB_SLOT_COUNT]; /* `taken` from which a slot is free */
	uint32_t number;	       /* of the next piece */
	bool stop;		       /* go on to the page's end, no further */
	bool ended;		       /* there, and the stub was told */
	uint64_t asked_ms, moved_ms; /* asked: when `taken` was read */
};

uint32_t flash_crc_host(const uint8_t *data, size_t size, size_t pad)
{
	/* the polynomial's multiples, by nibbles (reflected 0x04c11db7) */
	static const uint32_t table[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158,
		0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4,
		0xa00ae278, 0xbdbdf21c,
	};
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < size + pad; i++) {
		crc ^= i < size ? data[i] : 0xffu;
		crc = table[crc & 15u] ^ crc >> 4;
		crc = table[crc & 15u] ^ crc >> 4;
	}
	return ~crc;
}

static bool blank(const struct flash_span *span, uint32_t at)
{
	for (uint32_t i = at; i < at + DOUBLE_WORD && i < span->size; i++)
		if (span->data[i] != BLANK)
			return false;
	return true;
}

/* Bytes of 0xFF from there on, at most so many. */
static uint32_t blanks(const struct stream *st, uint32_t at, uint32_t most)
{
	uint32_t count = 0;

	while (count < most && at + count < st->size && blank(st->span, at + count))
		count += DOUBLE_WORD;
	return count;
}

/* What is still to be sent. */
static uint32_t room(const struct wb_session *s, const struct stream *st)
{
	uint32_t left = st->size - st->head, page = s->chip.family->page;
	uint32_t to_page = (page - (st->span->address + st->head) % page) % page;

	return st->stop && to_page < left ? to_page : left;
}

/*
 * The next piece: how many bytes travel, up to where it is blank for a while. What is a little more
 * than a piece is halved: while a short one is programmed there is no time to send.
 */
static uint32_t next_data(const struct stream *st, uint32_t slot, uint32_t left)
{
	uint32_t most = STUB_PIECE(slot), n = 0;

	if (!st->head)
		most /= FIRST_PART;
	most &= ~(DOUBLE_WORD - 1u);
	left = left < 2 * most ? left : 2 * most;
	while (n < left && blanks(st, st->head + n, BLANK_RUN) < BLANK_RUN)
		n += DOUBLE_WORD;
	if (n <= most)
		return n;
	return n < most + most / 2 ? n / 2 & ~(DOUBLE_WORD - 1u) : most;
}

/* The next piece and its mark into its slot, which is free; where nothing is left, the end. */
static enum wb_status send(struct wb_session *s, struct stream *st, struct wb_error *err)
{
	const struct flash_span *span = st->span;
	uint32_t left = room(s, st), len = next_data(st, s->slot, left);
	uint32_t words[STUB_PIECE(STUB_SLOT_MAX) / 4 + 1], mark = STUB_MARK(st->number, s->slot);
	uint32_t most = STUB_MARK_BLANKS_MAX * DOUBLE_WORD;
	uint32_t skip = blanks(st, st->head + len, left - len < most ? left - len : most);
	size_t have = span->size - st->head < len ? span->size - st->head : len;
	uint8_t bytes[STUB_PIECE(STUB_SLOT_MAX)];
	enum wb_status status;

	memset(bytes, BLANK, sizeof(bytes));
	memcpy(bytes, span->data + st->head, have);
	for (unsigned int i = 0; i < len / 4; i++)
		words[i] = wb_get32(bytes + 4 * i);
	words[len / 4] = st->number << STUB_MARK_NUMBER |
			 skip / DOUBLE_WORD << STUB_MARK_BLANKS | len / DOUBLE_WORD;
	status = sram_save(s, mark - len, mark + 4u, err);
	if (status == WB_OK)
		status = chip_write(s, mark - len, len / 4 + 1, words, err);
	st->ended = !left;
	st->head += len + skip;
	st->ends[st->number % STUB_SLOT_COUNT] = st->head;
	st->number++;
	return status;
}

/* Double words of [from, to) that are programmed: those of 0xFF are left out. */
static uint32_t programmed(const struct flash_span *span, uint32_t from, uint32_t to)
{
	uint32_t count = 0;

	for (uint32_t at = from; at < to; at += DOUBLE_WORD)
		count += !blank(span, at);
	return count;
}

/* What the stub needs for [from, to), by the datasheet's times; a page is erased at its start. */
static uint64_t needed_ns(const struct wb_session *s, const struct stream *st, uint32_t from,
	uint32_t to)
{
	uint32_t page = s->chip.family->page;
	uint64_t ns = (uint64_t)programmed(st->span, from, to) * DOUBLE_WORD_NS;

	for (uint32_t i = wb_pages(from, page); st->span->used && i < wb_pages(to, page); i++)
		ns += st->span->used[i] ? ERASE_NS : 0;
	return ns;
}

/* Sleep until the stub should have taken so much. */
static void wait_until(struct wb_session *s, const struct stream *st, uint32_t until)
{
	uint64_t ms = needed_ns(s, st, st->taken, until) / NS_PER_MS;
	uint64_t next = needed_ns(s, st, until, st->head) / NS_PER_MS;
	uint64_t passed = session_ms(s) - st->asked_ms, late = ms / 16 + 1;

	/* while there is another piece in the other slot: rather a little late than asked twice */
	ms += late < next / 2 ? late : next / 2;
	if (passed <= ms)
		session_wait(s,
			ms - passed < POLL_MAX_MS ? (unsigned int)(ms - passed) + 1 : POLL_MAX_MS);
}

/* The last piece is programmed: nobody looks at the other slot any more. */
static void clear_slot(struct wb_session *s, const struct stream *st)
{
	uint32_t end = STUB_MARK(st->number, s->slot) + 4u;

	sram_restore_early(s, end - s->slot, end);
}

/* One turn: send a piece if its slot is free; wait until the next one should be, or all be done. */
static enum wb_status turn(struct wb_session *s, struct stream *st, struct wb_error *err)
{
	bool more = !st->ended && st->head != st->size;
	enum wb_status status = WB_OK;
	uint32_t free_from;

	if (more && st->taken >= st->ends[st->number % STUB_SLOT_COUNT])
		status = send(s, st, err);
	if (status != WB_OK)
		return status;
	more = !st->ended && st->head != st->size;
	free_from = st->ends[st->number % STUB_SLOT_COUNT];
	if (!more && s->stub_last && st->taken >= free_from)
		clear_slot(s, st);
	wait_until(s, st, more || (s->stub_last && st->taken < free_from) ? free_from : st->head);
	return WB_OK;
}

static enum wb_status stream(struct wb_session *s, struct stream *st, struct stub_block *block,
	struct wb_error *err)
{
	const struct flash_span *span = st->span;
	enum wb_status status;
	bool done = false;

	st->asked_ms = st->moved_ms = session_ms(s);
	for (;;) {
		status = turn(s, st, err);
		if (status == WB_OK)
			status = stub_poll(s, block, &done, err);
		if (status != WB_OK)
			return status;
		if (block->taken > st->head || block->taken < st->taken)
			return wb_fail(err, WB_ERR_STUB, "the stub has taken %u of %u bytes",
				(unsigned int)block->taken, (unsigned int)st->head);
		st->asked_ms = session_ms(s);
		if (block->taken != st->taken) {
			st->moved_ms = st->asked_ms;
			st->taken = block->taken;
			s->link->progress(s->link, span->phase ? span->phase : "write",
				span->before + st->taken, span->total);
		}
		if (done)
			return stub_verdict(s, block, err);
		st->stop = st->stop || (!span->unstoppable && s->link->stop_requested(s->link));
		/* no progress: CPU1 may have been reset out of the stub */
		status = st->moved_ms != st->asked_ms ? hold_check(s, err) : WB_OK;
		if (status != WB_OK)
			return status;
		if (st->asked_ms - st->moved_ms > STALL_MS)
			return wb_fail(err, WB_ERR_FLASH,
				"nothing was programmed for %u ms (%u of %u bytes)", STALL_MS,
				(unsigned int)st->taken, (unsigned int)st->size);
	}
}

/* The first piece brings its own mark; what the other slot holds must not be taken for the second's. */
static enum wb_status choose_number(struct wb_session *s, struct wb_error *err)
{
	enum wb_status status = WB_OK;
	uint32_t mark;

	if (s->marks_known)
		return WB_OK;
	status = chip_read(s, STUB_MARK(s->piece + 1u, s->slot), 1, &mark, err);
	if (status == WB_OK && mark >> STUB_MARK_NUMBER == ((s->piece + 1u) & 0xffu))
		s->piece += STUB_SLOT_COUNT;
	s->marks_known = status == WB_OK;
	return status;
}

enum wb_status flash_write(struct wb_session *s, const struct flash_span *span,
	struct wb_error *err)
{
	uint32_t size = (span->size + DOUBLE_WORD - 1) & ~(DOUBLE_WORD - 1);
	struct stream st = { .span = span, .size = size };
	uint32_t written;
	struct stub_block block;
	enum wb_status status = stub_whole(s, err);

	if (status == WB_OK)
		status = choose_number(s, err);
	st.number = s->piece;
	if (status == WB_OK)
		status = send(s, &st, err);
	if (status == WB_OK)
		status = stub_begin(s, STUB_PROGRAM,
			(const uint32_t[4]){ span->address, size,
				span->blank ? STUB_NO_PAGE : s->chip.family->page, s->give_7 },
			err);
	if (status == WB_OK)
		status = stream(s, &st, &block, err);
	s->piece = st.number;
	if (status != WB_OK)
		return status;
	written = st.head < span->size ? st.head : span->size;
	if (block.result[0] != flash_crc_host(span->data, written, st.head - written))
		return wb_fail(err, WB_ERR_FLASH,
			"%u bytes at 0x%08X have CRC 0x%08X on the chip and another on the host. Run the "
			"same command again",
			(unsigned int)st.head, (unsigned int)span->address,
			(unsigned int)block.result[0]);
	return st.head != size ? session_stop(s, err) : WB_OK;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Staging: pages erased and an image streamed into flash, the wire at work while the flash is.
 *
 * The flash takes 81.7 us for a double word, the wire a third of that at 3.3 MHz; so the ring of
 * 8 KiB is kept full in halves, and the time is the flash's.
 */
#include <string.h>
#include "core/flash.h"
#include "core/bytes.h"
#include "core/image.h"
#include "core/regs.h"
#include "core/stub_host.h"

#define DOUBLE_WORD 8u
#define PIECE (STUB_RING_SIZE / 2u)
#define ERASE_PAGES 8u /* at once: a fifth of a second between two looks for Ctrl-C */
#define ERASE_MS 5000u
#define CRC_MS 20000u  /* 1 MiB at 4 MHz takes 5 s */
#define STALL_MS 5000u /* without a double word programmed: 8 KiB take 84 ms */
#define POLL_MS 10u

uint32_t flash_crc_host(const uint8_t *data, size_t size, size_t pad)
{
	static const uint32_t polynomial = 0xedb88320u;
	uint32_t crc = 0xffffffffu;

	for (size_t i = 0; i < size + pad; i++) {
		crc ^= i < size ? data[i] : 0xffu;
		for (unsigned int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ (polynomial & (0u - (crc & 1u)));
	}
	return ~crc;
}

enum wb_status flash_prepare(struct wb_session *s, struct wb_error *err)
{
	enum wb_status status = WB_OK;

	if (s->c2boot || s->reset_seen)
		status = hold_reset(s, false, err);
	return status != WB_OK ? status : stub_start(s, err);
}

static enum wb_status check_place(struct wb_session *s, uint32_t address, uint32_t size,
	struct wb_error *err)
{
	uint32_t page = s->chip.family->page;
	uint32_t room = s->chip.secure_start - address;

	if (address < WB_FLASH_BASE || address % page || address >= s->chip.secure_start ||
		size > room)
		return wb_fail(err, WB_ERR_CHIP,
			"%u bytes at 0x%08x are not on pages of user flash, which ends at 0x%08x",
			(unsigned int)size, (unsigned int)address,
			(unsigned int)s->chip.secure_start);
	return WB_OK;
}

enum wb_status flash_crc(struct wb_session *s, uint32_t address, uint32_t size, uint32_t *crc,
	struct wb_error *err)
{
	struct stub_block block;
	enum wb_status status =
		stub_call(s, STUB_CRC, (const uint32_t[4]){ address, size }, CRC_MS, &block, err);

	*crc = block.result[0];
	return status;
}

/* stoppable: false when cleaning up after a stop. */
static enum wb_status erase(struct wb_session *s, uint32_t address, uint32_t size, bool stoppable,
	struct wb_error *err)
{
	uint32_t page = s->chip.family->page, count = wb_pages(size, page), done = 0;
	uint32_t first = (address - WB_FLASH_BASE) / page;
	enum wb_status status = check_place(s, address, size, err);
	struct stub_block block;

	while (status == WB_OK && done < count) {
		uint32_t n = count - done < ERASE_PAGES ? count - done : ERASE_PAGES;

		status = stub_call(s, STUB_ERASE,
			(const uint32_t[4]){ first + done, n, 1, page }, ERASE_MS, &block, err);
		done += n;
		s->link->progress(s->link, "erase", done, count);
		if (status == WB_OK && stoppable)
			status = session_stop(s, err);
	}
	return status;
}

enum wb_status flash_erase(struct wb_session *s, uint32_t address, uint32_t size,
	struct wb_error *err)
{
	return erase(s, address, size, true, err);
}

enum wb_status flash_clear(struct wb_session *s, uint32_t address, uint32_t size,
	struct wb_error *err)
{
	return erase(s, address, size, false, err);
}

/* Complete from an earlier run? Its last double word is asked first, which costs next to nothing. */
static enum wb_status already_there(struct wb_session *s, const struct wb_image *image,
	uint32_t address, bool *there, struct wb_error *err)
{
	uint32_t size = (uint32_t)image->size & ~(DOUBLE_WORD - 1u), last, crc;
	enum wb_status status = chip_read(s, address + size - 4, 1, &last, err);

	*there = false;
	if (status != WB_OK || last != wb_get32(image->data + size - 4))
		return status;
	status = flash_crc(s, address, (uint32_t)image->size, &crc, err);
	*there = status == WB_OK && crc == flash_crc_host(image->data, image->size, 0);
	return status;
}

/* Bytes of the image, 0xFF behind it, into the ring at `head`. */
static enum wb_status feed(struct wb_session *s, const struct wb_image *image, uint32_t head,
	uint32_t len, struct wb_error *err)
{
	uint8_t bytes[PIECE];
	uint32_t words[PIECE / 4];
	size_t have = image->size - head < len ? image->size - head : len;

	memset(bytes, 0xff, sizeof(bytes));
	memcpy(bytes, image->data + head, have);
	for (unsigned int i = 0; i < len / 4; i++)
		words[i] = wb_get32(bytes + 4 * i);
	return chip_write(s, STUB_RING + head % STUB_RING_SIZE, len / 4, words, err);
}

/* State of one stream: how far the host and the stub are. */
struct stream {
	const struct wb_image *image;
	uint32_t size, head, tail;
	bool stop; /* feed no more */
	uint64_t moved_ms;
};

/* One turn: feed a piece if there is room, or wait. */
static enum wb_status turn(struct wb_session *s, struct stream *st, struct wb_error *err)
{
	uint32_t left = st->size - st->head, len = left < PIECE ? left : PIECE;
	enum wb_status status;

	if (st->stop || !len || st->head - st->tail > STUB_RING_SIZE - len) {
		s->link->sleep_ms(s->link, POLL_MS);
		return WB_OK;
	}
	status = feed(s, st->image, st->head, len, err);
	st->head += len;
	return status != WB_OK ? status :
		chip_poke(s, STUB_BLOCK + offsetof(struct stub_block, ring_head), st->head, err);
}

static enum wb_status stream(struct wb_session *s, struct stream *st, struct stub_block *block,
	struct wb_error *err)
{
	enum wb_status status;
	bool done = false;

	st->moved_ms = session_ms(s);
	for (;;) {
		status = stub_poll(s, block, &done, err);
		if (status != WB_OK)
			return status;
		if (block->ring_tail > st->head || block->ring_tail < st->tail)
			return wb_fail(err, WB_ERR_STUB, "the stub's ring is at %u of %u bytes",
				(unsigned int)block->ring_tail, (unsigned int)st->head);
		if (block->ring_tail != st->tail)
			st->moved_ms = session_ms(s);
		st->tail = block->ring_tail;
		s->link->progress(s->link, "write", st->tail, st->size);
		if (done)
			return stub_verdict(block, err);
		st->stop = st->stop || s->link->stop_requested(s->link);
		if (st->stop && st->tail == st->head)
			return session_stop(s, err);
		if (session_ms(s) - st->moved_ms > STALL_MS)
			return wb_fail(err, WB_ERR_FLASH,
				"nothing was programmed for %u ms (%u of %u bytes)", STALL_MS,
				(unsigned int)st->tail, (unsigned int)st->size);
		status = turn(s, st, err);
		if (status != WB_OK)
			return status;
	}
}

static enum wb_status program(struct wb_session *s, const struct wb_image *image, uint32_t address,
	struct wb_error *err)
{
	uint32_t size = ((uint32_t)image->size + DOUBLE_WORD - 1) & ~(DOUBLE_WORD - 1);
	struct stream st = { .image = image, .size = size };
	struct stub_block block;
	enum wb_status status = WB_OK;

	while (status == WB_OK && st.head < size && st.head < STUB_RING_SIZE) {
		uint32_t len = size - st.head < PIECE ? size - st.head : PIECE;

		status = feed(s, image, st.head, len, err);
		st.head += len;
	}
	if (status == WB_OK)
		status = stub_begin(s, STUB_PROGRAM, (const uint32_t[4]){ address, size }, st.head,
			err);
	if (status == WB_OK)
		status = stream(s, &st, &block, err);
	if (status != WB_OK)
		return status;
	if (block.result[0] != flash_crc_host(image->data, image->size, size - image->size))
		return wb_fail(err, WB_ERR_FLASH,
			"the image at 0x%08x has CRC 0x%08x on the chip and another on the host. Run the "
			"same command again",
			(unsigned int)address, (unsigned int)block.result[0]);
	return WB_OK;
}

/* What we have begun to write must not stay for the FUS to find. */
static void unstage(struct wb_session *s, uint32_t address, uint32_t size)
{
	struct wb_error quiet;

	if (stub_stop(s, &quiet) == WB_OK && hold_reset(s, false, &quiet) == WB_OK &&
		stub_start(s, &quiet) == WB_OK)
		flash_clear(s, address, size, &quiet);
}

enum wb_status flash_stage(struct wb_session *s, const struct wb_image *image, uint32_t address,
	struct wb_error *err)
{
	uint32_t size = (uint32_t)image->size;
	enum wb_status status = check_place(s, address, size, err);
	bool there = false;

	if (status == WB_OK)
		status = flash_prepare(s, err);
	if (status == WB_OK)
		status = already_there(s, image, address, &there, err);
	if (status != WB_OK)
		return status;
	if (there) {
		session_report(s, false, "%s is at 0x%08X already", image->name,
			(unsigned int)address);
		return WB_OK;
	}
	status = erase(s, address, size, true, err);
	if (status == WB_OK)
		status = program(s, image, address, err);
	if (status == WB_ERR_STOPPED || status == WB_ERR_FLASH)
		unstage(s, address, size);
	return status;
}

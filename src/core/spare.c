/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SRAM1 under the stub, saved before and put back after, for the most part in time that is waited
 * anyway: 12 KiB take 45 ms of a wire at 3.3 MHz, a FUS takes some 20 ms to boot.
 *
 * In pieces of 256 bytes, neighbours in one transfer: no more than what is used.
 */
#include <string.h>
#include "core/session.h"
#include "core/stub_host.h"

#define PIECE 256u
#define PIECES (SESSION_SRAM_SIZE / PIECE)
#define AT_ONCE 4096u	 /* bytes of a transfer */
#define AHEAD_PIECES 4u /* in a wait */
#define FIRST_PIECES ((STUB_SLOTS - STUB_BASE) / PIECE)
_Static_assert(PIECES <= 64, "a bit each in sram_saved");
_Static_assert(STUB_FINDINGS + STUB_SCAN_HITS + 4u * STUB_SCAN_HITS_MAX <= STUB_SLOTS,
	"findings end before the slots begin");

static bool is_saved(const struct wb_session *s, unsigned int piece)
{
	return s->sram_saved >> piece & 1u;
}

/* The first of [from, to) that is saved or not, as asked; `to` if there is none. */
static unsigned int piece_of(const struct wb_session *s, bool saved, unsigned int from,
	unsigned int to)
{
	while (from < to && is_saved(s, from) != saved)
		from++;
	return from;
}

/* How many from there are alike, at most until `to`, and in one transfer. */
static unsigned int alike(const struct wb_session *s, unsigned int from, unsigned int to)
{
	unsigned int end = from + AT_ONCE / PIECE < to ? from + AT_ONCE / PIECE : to;

	return piece_of(s, !is_saved(s, from), from, end) - from;
}

static uint64_t bits(unsigned int piece, unsigned int count)
{
	return ((1ull << count) - 1u) << piece;
}

static enum wb_status save(struct wb_session *s, unsigned int piece, unsigned int count,
	struct wb_error *err)
{
	uint32_t words[AT_ONCE / 4];
	enum wb_status status = chip_read(s, STUB_BASE + piece * PIECE, count * PIECE / 4, words, err);

	if (status != WB_OK)
		return status;
	memcpy(s->sram + piece * PIECE, words, count * PIECE);
	s->sram_saved |= bits(piece, count);
	return WB_OK;
}

static enum wb_status put_back(struct wb_session *s, unsigned int piece, unsigned int count,
	struct wb_error *err)
{
	uint32_t words[AT_ONCE / 4];
	enum wb_status status;

	s->stub_written = false;
	memcpy(words, s->sram + piece * PIECE, count * PIECE);
	status = chip_write(s, STUB_BASE + piece * PIECE, count * PIECE / 4, words, err);
	if (status == WB_OK)
		s->sram_saved &= ~bits(piece, count);
	return status;
}

enum wb_status sram_save(struct wb_session *s, uint32_t from, uint32_t to, struct wb_error *err)
{
	unsigned int end = (to - STUB_BASE + PIECE - 1u) / PIECE, piece, n;
	enum wb_status status = WB_OK;

	for (piece = (from - STUB_BASE) / PIECE; status == WB_OK; piece += n) {
		piece = piece_of(s, false, piece, end);
		if (piece == end)
			break;
		n = alike(s, piece, end);
		status = save(s, piece, n, err);
	}
	return status;
}

static enum wb_status restore(struct wb_session *s, unsigned int from, unsigned int to,
	struct wb_error *err)
{
	enum wb_status status = WB_OK;
	unsigned int piece;

	while (status == WB_OK && (piece = piece_of(s, true, from, to)) != to)
		status = put_back(s, piece, alike(s, piece, to), err);
	return status;
}

enum wb_status sram_restore(struct wb_session *s, struct wb_error *err)
{
	return restore(s, 0, PIECES, err);
}

void sram_restore_early(struct wb_session *s, uint32_t from, uint32_t to)
{
	struct wb_error quiet;

	restore(s, (from - STUB_BASE) / PIECE, (to - STUB_BASE) / PIECE, &quiet);
}

/* The end of what is done in one wait. */
static unsigned int ahead(unsigned int piece)
{
	return piece + AHEAD_PIECES < PIECES ? piece + AHEAD_PIECES : PIECES;
}

/* Something of that which is to be done sooner or later. Nothing here must succeed now. */
static void work_ahead(struct wb_session *s)
{
	struct wb_error quiet;
	unsigned int piece = piece_of(s, false, 0, PIECES);

	if (piece >= FIRST_PIECES && !s->stub_written)
		stub_load_early(s);
	else if (piece < PIECES)
		save(s, piece, alike(s, piece, ahead(piece)), &quiet);
}

void session_wait(struct wb_session *s, unsigned int ms)
{
	uint64_t began = session_ms(s), passed;
	struct wb_error quiet;
	unsigned int piece = piece_of(s, true, 0, PIECES);

	if (s->installs && s->stub_due)
		work_ahead(s);
	/* CPU1 at its reset vector, and nobody to come who needs the stub */
	else if (s->installs && !s->used_cpu1 && !s->sram_boot && piece < PIECES)
		put_back(s, piece, alike(s, piece, ahead(piece)), &quiet);
	passed = session_ms(s) - began;
	if (passed < ms)
		s->link->sleep_ms(s->link, ms - (unsigned int)passed);
}

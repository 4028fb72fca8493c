/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SRAM1 under the stub, saved before and put back after, for the most part in time that is waited
 * anyway: 12 KiB take 45 ms of a wire at 3.3 MHz, a FUS takes some 20 ms to boot.
 *
 * In pieces of 1 KiB, from its start: the stub needs the last eight only to write flash.
 */
#include <string.h>
#include "core/session.h"
#include "core/stub_host.h"

#define PIECE 1024u
#define PIECES (SESSION_SRAM_SIZE / PIECE)
#define FIRST_PIECES ((STUB_SLOTS - STUB_BASE) / PIECE)
_Static_assert(STUB_FINDINGS + STUB_SCAN_HITS + 4u * STUB_SCAN_HITS_MAX <= STUB_SLOTS,
	"findings end before the slots begin");

/* The first that is saved or not, as asked; PIECES if there is none. */
static unsigned int piece_of(const struct wb_session *s, bool saved)
{
	for (unsigned int i = 0; i < PIECES; i++)
		if (!!(s->sram_saved & 1u << i) == saved)
			return i;
	return PIECES;
}

static enum wb_status save(struct wb_session *s, unsigned int piece, struct wb_error *err)
{
	uint32_t words[PIECE / 4];
	enum wb_status status = chip_read(s, STUB_BASE + piece * PIECE, PIECE / 4, words, err);

	if (status != WB_OK)
		return status;
	memcpy(s->sram + piece * PIECE, words, PIECE);
	s->sram_saved |= 1u << piece;
	return WB_OK;
}

static enum wb_status put_back(struct wb_session *s, unsigned int piece, struct wb_error *err)
{
	uint32_t words[PIECE / 4];
	enum wb_status status;

	s->stub_written = false;
	memcpy(words, s->sram + piece * PIECE, PIECE);
	status = chip_write(s, STUB_BASE + piece * PIECE, PIECE / 4, words, err);
	if (status == WB_OK)
		s->sram_saved &= ~(1u << piece);
	return status;
}

enum wb_status sram_save(struct wb_session *s, uint32_t from, uint32_t to, struct wb_error *err)
{
	enum wb_status status = WB_OK;

	for (unsigned int i = (from - STUB_BASE) / PIECE; status == WB_OK && i < PIECES &&
		STUB_BASE + i * PIECE < to; i++)
		if (!(s->sram_saved & 1u << i))
			status = save(s, i, err);
	return status;
}

enum wb_status sram_restore(struct wb_session *s, struct wb_error *err)
{
	enum wb_status status = WB_OK;
	unsigned int piece;

	while (status == WB_OK && (piece = piece_of(s, true)) != PIECES)
		status = put_back(s, piece, err);
	return status;
}

/* Something of that which is to be done sooner or later. Nothing here must succeed now. */
static void work_ahead(struct wb_session *s)
{
	struct wb_error quiet;
	unsigned int piece = piece_of(s, false);

	if (piece >= FIRST_PIECES && !s->stub_written)
		stub_load_early(s);
	else if (piece < PIECES)
		save(s, piece, &quiet);
}

void session_wait(struct wb_session *s, unsigned int ms)
{
	uint64_t began = session_ms(s), passed;
	struct wb_error quiet;
	unsigned int piece = piece_of(s, true);

	if (s->installs && s->stub_due)
		work_ahead(s);
	/* CPU1 at its reset vector, and nobody to come who needs the stub */
	else if (s->installs && !s->used_cpu1 && !s->sram_boot && piece < PIECES)
		put_back(s, piece, &quiet);
	passed = session_ms(s) - began;
	if (passed < ms)
		s->link->sleep_ms(s->link, ms - (unsigned int)passed);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SRAM1 under the stub, saved before and put back after, for the most part in time that is waited
 * anyway: 12 KiB take 45 ms of a wire at 3.3 MHz, a FUS takes some 20 ms to boot.
 *
 * In pieces of 1 KiB, those first which the stub needs for everything but writing flash: its code,
 * block, stack and findings, and the marks at the ends of its slots.
 */
#include <string.h>
#include "core/session.h"
#include "core/bytes.h"

#define PIECE 1024u
#define PIECES (SESSION_SRAM_SIZE / PIECE)
#define NOWHERE PIECES

static const uint8_t order[PIECES] = { 7, 11, 0, 1, 2, 3, 4, 5, 6, 8, 9, 10 };
#define FIRST_PIECES 8u /* of these the stub needs from its start */
_Static_assert(STUB_SLOTS + STUB_SCAN_HITS + 4u * STUB_SCAN_HITS_MAX <= STUB_BASE + 6u * PIECE,
	"findings end in the sixth piece");
_Static_assert(STUB_MARK(2u) / PIECE == (STUB_BASE + 7u * PIECE) / PIECE &&
	STUB_MARK(1u) / PIECE == (STUB_BASE + 11u * PIECE) / PIECE, "marks are in pieces 7 and 11");

/* Of the first `count` in order, one that is saved or not as asked. */
static unsigned int piece_of(const struct wb_session *s, unsigned int count, bool saved)
{
	for (unsigned int i = 0; i < count; i++)
		if (!!(s->sram_saved & 1u << order[i]) == saved)
			return order[i];
	return NOWHERE;
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

	memcpy(words, s->sram + piece * PIECE, PIECE);
	status = chip_write(s, STUB_BASE + piece * PIECE, PIECE / 4, words, err);
	if (status == WB_OK)
		s->sram_saved &= ~(1u << piece);
	return status;
}

enum wb_status sram_save(struct wb_session *s, bool slots, struct wb_error *err)
{
	enum wb_status status = WB_OK;
	unsigned int piece;

	while (status == WB_OK &&
		(piece = piece_of(s, slots ? PIECES : FIRST_PIECES, false)) != NOWHERE)
		status = save(s, piece, err);
	return status;
}

enum wb_status sram_restore(struct wb_session *s, struct wb_error *err)
{
	enum wb_status status = WB_OK;
	unsigned int piece;

	while (status == WB_OK && (piece = piece_of(s, PIECES, true)) != NOWHERE)
		status = put_back(s, piece, err);
	return status;
}

/* A transfer that fails is no harm: the next look at the chip finds out why. */
void session_wait(struct wb_session *s, unsigned int ms)
{
	uint64_t began = session_ms(s), passed;
	struct wb_error quiet;
	unsigned int piece = NOWHERE;

	if (s->installs && s->stub_due)
		piece = piece_of(s, PIECES, false);
	if (piece != NOWHERE)
		save(s, piece, &quiet);
	/* CPU1 at its reset vector, and nobody to come who needs the stub */
	if (s->installs && !s->stub_due && !s->used_cpu1 && !s->sram_boot)
		piece = piece_of(s, PIECES, true);
	if (piece != NOWHERE && !s->stub_due)
		put_back(s, piece, &quiet);
	passed = session_ms(s) - began;
	if (passed < ms)
		s->link->sleep_ms(s->link, ms - (unsigned int)passed);
}

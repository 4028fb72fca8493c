/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Part of stub.c: pages erased, and double words into flash, beside a CM0+ or not. The whole stub is one
 * translation unit, or it would not fit.
 */
#ifndef STUB_PROGRAM_H
#define STUB_PROGRAM_H

/* An erase takes 22 ms (DS11929, typical): 62 ms at 64 MHz, 8 or more cycles a turn. */
#define FLASH_TURNS 500000u
#define SUSPENDED_TIMES 4u /* as long, if radio events suspend it again and again */
/* A double word takes 81.7 us: three times that at 64 MHz, 4 or more cycles a turn. */
#define WORD_TURNS 4000u
/* The CM0+'s radio events take ms, a page of its own 22: 0.2 s at 64 MHz, 25 cycles a turn. */
#define HELD_TURNS 500000u
/* Between two operations, so that the CM0+ can come in: 1 us at 64 MHz. */
#define PAUSE_TURNS 24u
/* Host and wire may pause: 3 s at 32 MHz. */
#define PIECE_TURNS 16000000u

/* Until the controller is idle: 0, its error bits, STUB_TIMEOUT, or STUB_HELD: still suspended. */
LATER_ALONE uint32_t flash_wait(void)
{
	feed();
	for (uint32_t times = SUSPENDED_TIMES; times; times--) {
		for (uint32_t turns = FLASH_TURNS; turns; turns--) {
			uint32_t sr = FLASH_SR;

			if (!(sr & SR_BUSY))
				return sr & SR_ERRORS;
			feed_at(turns);
		}
		if (!(FLASH_SR & SR_PESD))
			return STUB_TIMEOUT;
	}
	REG(STUB_FINDINGS) = FLASH_SR;
	return STUB_HELD;
}

/* Idle, unlocked, and no error left from before, which would fail the next operation. */
LATER_ALONE uint32_t make_ready(void)
{
	uint32_t status = flash_wait();

	if (status & STUB_NO_SR)
		return status;
	FLASH_SR = SR_ALL_ERRORS;
	if (FLASH_CR & CR_LOCK) {
		FLASH_KEYR = FLASH_KEY1;
		FLASH_KEYR = FLASH_KEY2;
	}
	return FLASH_CR & CR_LOCK ? STUB_LOCKED : 0;
}

/* One operation's turn at the flash, beside a CM0+ that runs: 0 or STUB_HELD. */
LATER_ALONE uint32_t wait_turn(void)
{
	volatile uint32_t *seen = (volatile uint32_t *)STUB_FINDINGS;

	for (uint32_t turns = PAUSE_TURNS; turns; turns--)
		__asm__ volatile("nop");
	for (uint32_t turns = HELD_TURNS; turns; turns--) {
		seen[0] = FLASH_SR;
		seen[1] = HSEM_R6;
		seen[2] = HSEM_R7;
		if (!(seen[0] & SR_PESD) && !(seen[1] & HSEM_LOCK) &&
			HSEM_RLR7 >> HSEM_CORE == HSEM_CPU1S)
			return 0;
		feed_at(turns);
	}
	return STUB_HELD;
}

/* give: a3 of the command; 0: no CM0+ runs. */
static inline uint32_t take_turn(uint32_t give)
{
	return give ? wait_turn() : 0;
}

static inline void give_turn(uint32_t give)
{
	if (give)
		HSEM_R7 = give;
}

/* A write to FLASH_CR stands still for as long as the controller is busy: for ever, if that hangs. */
LATER static void cr_clear(void)
{
	if (!(FLASH_SR & SR_BUSY))
		FLASH_CR = 0;
}

/* Blank already, or erased; result[0] counts. */
LATER static uint32_t make_blank(volatile struct stub_block *b, uint32_t address)
{
	uint32_t size = b->a[2], cr = CR_PER | (address - 0x08000000u) / size << CR_PNB, status;

	if (first_used(address, address + size) == address + size)
		return 0;
	status = take_turn(b->a[3]);
	if (status)
		return status;
	FLASH_CR = cr;
	FLASH_CR = cr | CR_STRT;
	status = flash_wait();
	give_turn(b->a[3]);
	cr_clear();
	b->result[0]++;
	return status;
}

LATER_ALONE uint32_t erase(volatile struct stub_block *b)
{
	uint32_t address = b->a[0], size = b->a[2], status = make_ready();

	for (uint32_t pages = b->a[1]; pages && !status; pages--, address += size) {
		b->result[1] = address;
		status = make_blank(b, address);
	}
	return status;
}

/* The next double word of a piece, whose data end at the mark; behind it all is blank. */
static inline const volatile uint32_t *fetch(const volatile uint32_t *from,
	const volatile uint32_t *mark, uint32_t word[2])
{
	word[0] = word[1] = BLANK;
	if (from == mark)
		return from;
	word[0] = from[0];
	word[1] = from[1];
	return from + 2;
}

/* The flash for what goes to `to`, whose page is blank then: 0 or why not. */
static inline uint32_t prepare(volatile struct stub_block *b, const volatile uint32_t *to,
	uint32_t page, uint32_t give, bool used)
{
	uint32_t status = 0;

	if (!((uint32_t)to & page)) {
		status = make_blank(b, (uint32_t)to);
		FLASH_CR = CR_PG;
	}
	return status || !used ? status : take_turn(give);
}

/*
 * One piece into flash: `bytes`, of which the data end at the mark and what follows is blank. *at is
 * where it goes, and then where the next one goes or why not.
 *
 * Between two double words the flash stands still: what can be done while it is busy is. `plain`: the
 * next one can be stored as it is. What was refused does not read back; the error bits, which stay,
 * say why.
 */
LATER_ALONE uint32_t put_piece(volatile struct stub_block *b, const volatile uint32_t *from,
	const volatile uint32_t *mark, uint32_t bytes, uint32_t *at)
{
	volatile uint32_t *to = (volatile uint32_t *)*at, *const end = to + bytes / 4;
	uint32_t page = b->a[2] - 1u, give = b->a[3], status = 0, word[2], next[2], sr = 0, turns;
	bool plain = false, used;

	from = fetch(from, mark, next);
	for (;; to += 2) {
		word[0] = next[0];
		word[1] = next[1];
		used = true;
		if (!plain) {
			status = sr & SR_ERRORS;
			if (status || to == end)
				break;
			used = (word[0] & word[1]) != BLANK;
			status = prepare(b, to, page, give, used);
			if (status)
				break;
		}
		if (used) {
			to[0] = word[0];
			to[1] = word[1];
		}
		crc_word(word[0]);
		crc_word(word[1]);
		b->taken += 8;
		feed();
		from = fetch(from, mark, next);
		plain = !give && (next[0] & next[1]) != BLANK && (uint32_t)(to + 2) & page &&
			to + 2 != end;
		turns = WORD_TURNS;
		do
			sr = FLASH_SR;
		while (sr & SR_BUSY && --turns);
		if (give || !turns) {
			status = flash_wait();
			give_turn(give);
		}
		if (!status && (to[0] ^ word[0]) | (to[1] ^ word[1]))
			status = sr & SR_ERRORS ? sr & SR_ERRORS : STUB_DIFFERS;
		if (status)
			break;
	}
	*at = (uint32_t)to;
	return status;
}

LATER_ALONE uint32_t program(volatile struct stub_block *b)
{
	uint32_t at = b->a[0], end = at + b->a[1], status = make_ready();

	if (!status)
		FLASH_CR = CR_PG;
	crc_begin(CRC_CR_ZLIB);
	for (uint32_t number = b->a[4] & 0xffu; at != end && !status; number++) {
		const volatile uint32_t *mark = (const volatile uint32_t *)STUB_MARK(number, b->a[4] >> 16);
		uint32_t turns = PIECE_TURNS, data, bytes, word;

		while ((word = *mark) >> STUB_MARK_NUMBER != (number & 0xffu) && --turns)
			feed_at(turns);
		data = (word & STUB_MARK_DATA_MAX) * 8; /* what a slot holds, at most */
		bytes = data + (word >> STUB_MARK_BLANKS & STUB_MARK_BLANKS_MAX) * 8;
		if (!turns)
			status = STUB_STARVED;
		else if (bytes > end - at)
			status = STUB_BAD_COMMAND;
		else if (!bytes)
			break;
		else
			status = put_piece(b, mark - data / 4, mark, bytes, &at);
	}
	cr_clear();
	b->result[0] = ~CRC_DR;
	b->result[1] = at;
	return status;
}

#endif

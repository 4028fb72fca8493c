/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The RAM stub: one command loop on CPU1 that does next to the flash what would be slow over the
 * wire. Freestanding Cortex-M4 code without FPU, position fixed by stub.ld, protocol in abi.h.
 *
 * Times are loop counts, because nobody knows which clock the chip runs: every wait is bounded so
 * that it is long enough at 64 MHz and ends within seconds at 4 MHz.
 */
#include <stdbool.h>
#include "abi.h"
#include "regs.h"

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
/* The watchdog is fed so often in a wait, and after so many bytes: every few ms at 4 MHz. */
#define FEED_TURNS 1024u
#define FEED_BYTES 0x1000u

/* By itself: what several others take, or what must lie in the second part. */
#define ALONE __attribute__((noinline)) static
#define BLOCK ((volatile struct stub_block *)STUB_BLOCK)
#define BLANK 0xffffffffu

#include "settings.h"

extern void stub_entry(void);
extern void stub_main(void);
extern void stub_hold(void);
extern void stub_nmi(void);
extern const char stub_first_end[], stub_end[];

/* In the second part: who only reads flash leaves it away. */
#define LATER __attribute__((section(".later")))
#define LATER_ALONE LATER ALONE

/* What SRAM boot reads, and what the host looks for. */
__attribute__((section(".vectors"), used)) static const struct {
	uint32_t stack;
	void (*reset)(void);
	void (*nmi)(void);
	void (*hard_fault)(void);
	uint32_t ident;
	void (*entry)(void);
	const char *first_end;
} vectors = { STUB_STACK_TOP, stub_hold, stub_nmi, stub_hold, STUB_IDENT, stub_entry,
	stub_first_end };

static inline void feed(void)
{
	IWDG_KR = IWDG_FEED;
}

/* Called with a counter that goes down or up by single steps. */
static inline void feed_at(uint32_t turn)
{
	if (!(turn % FEED_TURNS))
		feed();
}

/* SRAM boot comes here: do nothing, whatever the watchdog thinks, until the debugger halts us. */
void stub_hold(void)
{
	for (uint32_t turn = 0;; turn++)
		feed_at(turn);
}

/*
 * Reading a double word that lost power while it was written: ECCD, an NMI. The data read are wrong
 * or not, which the sums tell; the flag is cleared by writing what was read.
 */
void stub_nmi(void)
{
	FLASH_ECCR = FLASH_ECCR;
}

/* The chip's CRC unit, as zlib's crc32() or not; all bits of that are still to be inverted at its end. */
static void crc_begin(uint32_t cr)
{
	CRC_POL = CRC_POLYNOMIAL;
	CRC_INIT = BLANK;
	CRC_CR = cr;
}

/* The unit takes a word's top byte first. */
static inline void crc_word(uint32_t word)
{
	CRC_DR = __builtin_bswap32(word);
}

ALONE uint32_t crc_range(uint32_t address, uint32_t len, uint32_t cr)
{
	crc_begin(cr);
	for (; len >= 16 && !(address & 3u); address += 16, len -= 16) {
		const volatile uint32_t *p = (const volatile uint32_t *)address;

		crc_word(p[0]);
		crc_word(p[1]);
		crc_word(p[2]);
		crc_word(p[3]);
		if (address % FEED_BYTES < 16)
			feed();
	}
	for (; len; address++, len--)
		CRC_DR_BYTE = *(volatile uint8_t *)address;
	return ~CRC_DR;
}

static void sums(volatile struct stub_block *b)
{
	volatile uint32_t *sum = (volatile uint32_t *)STUB_FINDINGS;
	uint32_t address = b->a[0], left = b->a[1], each = b->a[2] ? b->a[2] : left, len;

	for (unsigned int i = 0; left && i < STUB_SCAN_PAGES; i++, address += len, left -= len) {
		len = left < each ? left : each;
		sum[i] = b->result[0] =
			crc_range(address, len, b->a[3] ? CRC_CR_RESET : CRC_CR_ZLIB);
	}
}

/* Address of the first word that is not blank, or end. */
LATER_ALONE uint32_t first_used(uint32_t address, uint32_t end)
{
	for (; !(address & 31u) && end - address >= 32; address += 32) {
		const volatile uint32_t *p = (const volatile uint32_t *)address;

		if ((p[0] & p[1] & p[2] & p[3] & p[4] & p[5] & p[6] & p[7]) != BLANK)
			break;
		if (!(address % FEED_BYTES))
			feed();
	}
	for (; address < end; address += 4)
		if (REG(address) != BLANK)
			return address;
	return end;
}

LATER_ALONE void blank(volatile struct stub_block *b)
{
	b->result[0] = first_used(b->a[0], b->a[0] + b->a[1]);
}

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
static inline uint32_t prepare(volatile struct stub_block *b, const volatile uint32_t *to, bool used)
{
	uint32_t status = 0;

	if (!((uint32_t)to & (b->a[2] - 1u))) {
		status = make_blank(b, (uint32_t)to);
		FLASH_CR = CR_PG;
	}
	return status || !used ? status : take_turn(b->a[3]);
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
			status = prepare(b, to, used);
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

LATER_ALONE uint32_t mailbox(volatile struct stub_block *b)
{
	uint32_t flag = b->a[0], turns = b->a[1], status = STUB_TIMEOUT;

	IPCC_C1SCR = flag << 16;
	for (; turns && status; turns--) {
		if (!(IPCC_C1TOC2SR & flag))
			status = 0;
		feed_at(turns);
	}
	b->result[0] = IPCC_C1TOC2SR;
	return status;
}

LATER_ALONE void scan(volatile struct stub_block *b)
{
	volatile uint32_t *first = (volatile uint32_t *)STUB_FINDINGS;
	volatile uint32_t *hit = (volatile uint32_t *)(STUB_FINDINGS + STUB_SCAN_HITS);
	uint32_t address = b->a[0], end = address + b->a[1], size = b->a[2], hits = 0;

	for (; address < end; address += size) {
		uint32_t used = first_used(address, address + size);

		*first++ = used == address ? REG(address) :
			used == address + size ? STUB_PAGE_BLANK : STUB_PAGE_NO_FRONT;
		for (; used < address + size; used += 4) {
			uint32_t word = REG(used);

			if ((word == STUB_MAGIC_ST || word == STUB_MAGIC_CUSTOMER) &&
				hits < STUB_SCAN_HITS_MAX)
				hit[hits++] = used;
		}
		feed();
	}
	b->result[0] = hits;
}

/* Dispatches the second part's commands, and is in it. */
LATER_ALONE uint32_t run_later(volatile struct stub_block *b, uint32_t command)
{
	switch (command) {
	case STUB_MAILBOX:
		return mailbox(b);
	case STUB_ERASE:
		return erase(b);
	case STUB_PROGRAM:
		return program(b);
	case STUB_BLANK:
		blank(b);
		return 0;
	case STUB_SCAN:
		scan(b);
		return 0;
	default:
		return STUB_BAD_COMMAND;
	}
}

static bool later_is_there(volatile struct stub_block *b)
{
	return crc_range(STUB_LATER, (uint32_t)stub_end - STUB_LATER, CRC_CR_ZLIB) == b->later;
}

static uint32_t run(volatile struct stub_block *b, uint32_t command)
{
	b->result[0] = 0;
	b->result[1] = 0;
	switch (command) {
	case STUB_NOP:
	case STUB_QUIT:
		return 0;
	case STUB_CRC:
		sums(b);
		return 0;
	default:
		return later_is_there(b) ? run_later(b, command) : STUB_SPOILED;
	}
}

/* Whatever CPU1 did before. */
__attribute__((naked)) void stub_entry(void)
{
	__asm__ volatile("cpsid i; movs r0, #0; msr control, r0; isb; ldr r0, =%0; mov sp, r0; "
			 "b stub_main" : : "i"(STUB_STACK_TOP));
}

void stub_main(void)
{
	volatile struct stub_block *b = BLOCK;

	settle_in(BEFORE);
	b->ident = STUB_IDENT;
	for (;;) {
		uint32_t request = b->request, command = b->command & ~STUB_LAST;

		feed();
		if (request == b->done)
			continue;
		b->taken = 0;
		b->status = run(b, command);
		if (command == STUB_QUIT || b->command & STUB_LAST)
			settle_out(BEFORE, b->leave);
		b->done = request;
	}
}

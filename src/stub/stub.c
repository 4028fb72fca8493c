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

/* The watchdog is fed so often in a wait, and after so many bytes: every few ms at 4 MHz. */
#define FEED_TURNS 1024u
#define FEED_BYTES 0x1000u

/* By itself: what several others take, or what must lie in the second part. */
#define ALONE __attribute__((noinline)) static
#define BLOCK ((volatile struct stub_block *)STUB_BLOCK)
#define BLANK 0xffffffffu

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

#include "program.h"

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

#include "settings.h"

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

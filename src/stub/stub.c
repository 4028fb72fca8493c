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

#define REG(address) (*(volatile uint32_t *)(address))

#define IWDG_KR REG(0x40003000u)
#define IWDG_FEED 0xaaaau
#define IPCC_C1SCR REG(0x58000c08u)
#define IPCC_C1TOC2SR REG(0x58000c0cu)
#define FLASH_SR REG(0x58004010u)
#define FLASH_CR REG(0x58004014u)
#define FLASH_ECCR REG(0x58004018u)
#define ECCR_ECCD 0x80000000u
#define SR_ERRORS 0x000043fau  /* OPTVERR is not one: set after a reset with nothing wrong */
#define SR_BUSY 0x00050000u    /* BSY, CFGBSY */
#define CR_PG 0x00000001u
#define CR_PER 0x00000002u
#define CR_PNB 3
#define CR_STRT 0x00010000u

/* An erase takes at most 40 ms: 2,560,000 cycles at 64 MHz, 8 or more a turn. */
#define FLASH_TURNS 1000000u
#define RING_TURNS 8000000u
/* The watchdog is fed so often in a wait, and after so many bytes: every few ms at 4 MHz. */
#define FEED_TURNS 1024u
#define FEED_BYTES 0x1000u

#define BLOCK ((volatile struct stub_block *)STUB_BLOCK)
#define BLANK 0xffffffffu

extern void stub_main(void);
extern void stub_hold(void);

/* Two wrong bits in a double word that was read: what is there is no data, and is erased anyway. */
static void stub_nmi(void)
{
	FLASH_ECCR = ECCR_ECCD;
}

/* What SRAM boot and VTOR read, and what the host looks for. */
__attribute__((section(".vectors"), used)) static const struct {
	uint32_t stack;
	void (*reset)(void), (*nmi)(void), (*hard_fault)(void);
	uint32_t ident;
	void (*entry)(void);
} vectors = { STUB_STACK_TOP, stub_hold, stub_nmi, stub_hold, STUB_IDENT, stub_main };

/* CRC-32's table by nibbles: short enough for 2 KiB, and faster than the flash programs. */
static const uint32_t crc_table[16] = {
	0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158,
	0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4,
	0xa00ae278, 0xbdbdf21c,
};

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

static uint32_t crc_word(uint32_t crc, uint32_t word)
{
	crc ^= word;
	for (unsigned int i = 0; i < 8; i++)
		crc = crc_table[crc & 15u] ^ (crc >> 4);
	return crc;
}

static uint32_t crc_range(uint32_t address, uint32_t len)
{
	uint32_t crc = BLANK;

	for (; len >= 4 && !(address & 3u); address += 4, len -= 4) {
		crc = crc_word(crc, REG(address));
		if (!(address % FEED_BYTES))
			feed();
	}
	for (; len; address++, len--) {
		crc ^= *(volatile uint8_t *)address;
		crc = crc_table[crc & 15u] ^ (crc >> 4);
		crc = crc_table[crc & 15u] ^ (crc >> 4);
	}
	return ~crc;
}

/* Address of the first word that is not blank, or end. */
static uint32_t first_used(uint32_t address, uint32_t end)
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

/* Until the controller is idle: 0, its error bits, or STUB_TIMEOUT. */
static uint32_t flash_wait(void)
{
	for (uint32_t turns = FLASH_TURNS; turns; turns--) {
		uint32_t sr = FLASH_SR;

		if (!(sr & SR_BUSY))
			return sr & SR_ERRORS;
		feed_at(turns);
	}
	return STUB_TIMEOUT;
}

static uint32_t erase(volatile struct stub_block *b)
{
	uint32_t page = b->a[0], pages = b->a[1], size = b->a[3], status = 0, erased = 0;

	FLASH_SR = SR_ERRORS;
	for (; pages && !status; page++, pages--) {
		uint32_t address = 0x08000000u + page * size;

		if ((b->a[2] & 1u) && first_used(address, address + size) == address + size)
			continue;
		FLASH_CR = CR_PER | page << CR_PNB;
		FLASH_CR = CR_PER | page << CR_PNB | CR_STRT;
		status = flash_wait();
		erased++;
		b->result[0] = erased;
	}
	FLASH_CR = 0;
	b->result[0] = erased;
	return status;
}

/* Until the host has put more into the ring than was taken out; false if it has stopped. */
static bool filled(volatile struct stub_block *b, uint32_t tail)
{
	for (uint32_t turns = RING_TURNS; turns; turns--) {
		if (b->ring_head != tail)
			return true;
		feed_at(turns);
	}
	return false;
}

static uint32_t program(volatile struct stub_block *b)
{
	uint32_t address = b->a[0], end = address + b->a[1], tail = 0, crc = BLANK, status = 0;
	bool more = filled(b, 0);

	FLASH_SR = SR_ERRORS; /* one left from before would fail the next operation */
	FLASH_CR = CR_PG;
	while (address != end) {
		const volatile uint32_t *from =
			(const volatile uint32_t *)(STUB_RING + (tail & (STUB_RING_SIZE - 1u)));
		volatile uint32_t *to = (volatile uint32_t *)address;
		uint32_t low = from[0], high = from[1];

		status = more ? 0 : STUB_STARVED;
		if (status)
			break;
		to[0] = low;
		to[1] = high;
		/* 81.7 us until BSY falls: all that can be done is done now */
		tail += 8;
		b->ring_tail = tail;
		if (!(tail % (FEED_BYTES / 8)))
			feed();
		crc = crc_word(crc_word(crc, low), high);
		more = address + 8 == end || filled(b, tail);
		status = flash_wait();
		if (!status && (to[0] != low || to[1] != high))
			status = STUB_DIFFERS;
		if (status)
			break;
		address += 8;
	}
	FLASH_CR = 0;
	b->result[0] = ~crc;
	b->result[1] = address;
	return status;
}

static uint32_t mailbox(volatile struct stub_block *b)
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

static void scan(volatile struct stub_block *b)
{
	volatile uint32_t *first = (volatile uint32_t *)STUB_RING;
	volatile uint32_t *hit = (volatile uint32_t *)(STUB_RING + STUB_SCAN_HITS);
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

static uint32_t run(volatile struct stub_block *b)
{
	b->result[0] = 0;
	b->result[1] = 0;
	switch (b->command) {
	case STUB_NOP:
		b->result[0] = STUB_IDENT;
		return 0;
	case STUB_MAILBOX:
		return mailbox(b);
	case STUB_ERASE:
		return erase(b);
	case STUB_PROGRAM:
		return program(b);
	case STUB_CRC:
		b->result[0] = crc_range(b->a[0], b->a[1]);
		return 0;
	case STUB_BLANK:
		b->result[0] = first_used(b->a[0], b->a[0] + b->a[1]);
		return 0;
	case STUB_SCAN:
		scan(b);
		return 0;
	default:
		return STUB_BAD_COMMAND;
	}
}

void stub_main(void)
{
	volatile struct stub_block *b = BLOCK;

	__asm__ volatile("cpsid i");
	b->request = 0;
	b->done = 0;
	b->ident = STUB_IDENT;
	for (uint32_t turn = 0;; turn++) {
		uint32_t request = b->request;

		feed_at(turn);
		if (request == b->done)
			continue;
		b->ring_tail = 0;
		b->status = run(b);
		b->done = request;
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the RAM stub on CPU1 and its host agree on. Version 7.
 *
 *   0x20000000  +0000  vectors: initial SP and reset handler for SRAM boot (a loop that feeds the
 *                      watchdog), NMI and hard fault for VTOR
 *               +0010  ident, entry point, where the first part of the code ends: all that STUB_CRC
 *                      and STUB_QUIT take
 *               +0300  struct stub_block (the host writes the first half, the stub the second)
 *               +0340  what the stub has changed, as it was; its first word is 0 before the first start
 *                      stack, grows down from +0480
 *               +0480  what STUB_SCAN and STUB_CRC find
 *               +0a00  the code of the other commands (both parts together <= 2 KiB)
 *               +1000  two slots for data on their way into flash, of 4 KiB at most
 *               +3000  end: 12 KiB, the smallest SRAM1 (WB1x)
 *
 * A command: the host writes arguments, then `request` = a number other than `done` (one transfer;
 * request is the last word of its half). The stub works, fills the answer, then done = request. The
 * first one may be there before the stub is started. The first part of the code, which is small, is
 * read back before it runs; before each command of the second part it compares that with `later`.
 * The stub sets up for itself what it wants of the chip (vectors, CRC unit, cache, clock), and
 * STUB_QUIT, or STUB_LAST beside the last command, puts that back; so does any reset. STUB_ERASE and
 * STUB_PROGRAM unlock the flash if the host has not. With a CM0+ that runs, the host has semaphore 2
 * until the stub has quit, and says by their a3 that there is one: then every page and double word
 * waits until PESD and semaphore 6 are clear, and has semaphore 7 (ST's flash_driver.c). While the
 * stub runs it feeds the independent watchdog, which the debugger's freeze holds only while CPU1 is
 * halted. Nothing of the stub lies in SRAM2, whose secured part moves.
 *
 * Data come in pieces, numbered by ones, to the slots in turn; a piece and its mark are one transfer,
 * the mark its last word, so a piece is there when its mark is:
 *
 *   slot + 0                      slot + size - 4 - bytes      slot + size - 4
 *   | not used                    | data, a multiple of 8      | mark |
 *
 *   mark: number in bits 31 to 24, double words of data in 8 to 0, and in 23 to 10 how many double
 *   words of 0xFF follow them in flash, which need not travel; a piece of neither ends the program
 *   before all is there
 *
 * A slot is free again when `taken` has passed its piece. The first piece's number is the command's:
 * the next one that was not used yet, and one whose successor is not what the other slot's mark
 * happens to hold.
 */
#ifndef STUB_ABI_H
#define STUB_ABI_H

#include <stdint.h>

#define STUB_BASE 0x20000000u
#define STUB_CODE_MAX 0x800u
#define STUB_IDENT_OFFSET 0x10u
#define STUB_ENTRY_OFFSET 0x14u
#define STUB_FIRST_END_OFFSET 0x18u
#define STUB_BLOCK (STUB_BASE + 0x300u)
#define STUB_BEFORE (STUB_BASE + 0x340u)
#define STUB_STACK_TOP (STUB_BASE + 0x480u)
#define STUB_LATER (STUB_BASE + 0xa00u) /* the second part; stub.inc has it right behind the first */
#define STUB_SLOTS (STUB_BASE + 0x1000u)
#define STUB_SLOT_COUNT 2u
#define STUB_SLOT_MAX 0x1000u /* of probes' transfers: TAR counts up within 4 KiB */
#define STUB_PIECE(slot) ((slot) - 8u) /* the most that goes there, with its mark */
#define STUB_MARK(number, slot) \
	(STUB_SLOTS + ((number) % STUB_SLOT_COUNT + 1u) * (slot) - 4u) /* its address */
#define STUB_MARK_NUMBER 24
#define STUB_MARK_BLANKS 10
#define STUB_MARK_BLANKS_MAX 0x3fffu
#define STUB_MARK_DATA_MAX 0x1ffu
#define STUB_END (STUB_SLOTS + STUB_SLOT_COUNT * STUB_SLOT_MAX)
#define STUB_IDENT 0x37465553u /* "SUF7": ABI version 7 */

/* Findings: STUB_SCAN's are a word a page, then addresses of signature magics; STUB_CRC's the sums. */
#define STUB_FINDINGS STUB_STACK_TOP
#define STUB_SCAN_PAGES 256u
#define STUB_SCAN_HITS (STUB_SCAN_PAGES * 4u) /* offset */
#define STUB_SCAN_HITS_MAX 64u
#define STUB_PAGE_BLANK 0xffffffffu
#define STUB_PAGE_NO_FRONT 0xfffffffeu /* not blank, but its first word is */

#define STUB_NO_PAGE 0x80000000u /* a page size of which nothing that can be written is the start */

/* The last word of a signature footer: ST's, a customer's. */
#define STUB_MAGIC_ST 0xd3a12c5eu
#define STUB_MAGIC_CUSTOMER 0xe2b51d4au

enum stub_command {
	STUB_NOP = 0,
	/* a0 IPCC channel flag (1 << (n - 1)), a1 bound in loops; result[0]: C1TOC2SR */
	STUB_MAILBOX = 1,
	/*
	 * a0 first page's address, a1 pages, a2 page size, a3 as below; result[0]: pages that were not
	 * blank
	 */
	STUB_ERASE = 2,
	/*
	 * a0 address, a1 bytes, both multiples of 8, a2 page size, a3 what is written to semaphore 7
	 * after each double word or page, 0: no CM0+ runs; data in pieces. A page that is
	 * reached at its start and is not blank is erased; double words of 0xFF are left out;
	 * result[0]: CRC-32 of what flash then holds, result[1]: its end; a4 number of the
	 * first piece in 7..0, size of a slot in 31..16
	 */
	STUB_PROGRAM = 3, /* STUB_NO_PAGE: no page is erased */
	/*
	 * a0 address, a1 bytes, a2 bytes a sum (0: all in one): at most STUB_SCAN_PAGES sums,
	 * CRC-32 as zlib's, with a3 STUB_CRC_TOP_FIRST and inverted; result[0]: the last one,
	 * findings: all
	 */
	STUB_CRC = 4,
#define STUB_CRC_TOP_FIRST 1u /* a byte's top bit first, as in MPEG-2's sums and OpenOCD's */
	/* a0 address, a1 bytes, multiples of 4; result[0]: first address not blank, or a0 + a1 */
	STUB_BLANK = 5,
	/*
	 * a0 address, a1 bytes, a2 page size: at most STUB_SCAN_PAGES pages. Findings: each page's
	 * first word, and the addresses of all signature magics; result[0]: how many
	 */
	STUB_SCAN = 6,
	/* registers as they were, `leave` to FLASH_CR unless it is 0; nothing but a halt may follow */
	STUB_QUIT = 7,
};
#define STUB_LAST 0x100u /* beside a command: that, then STUB_QUIT */

/* status after a command: 0 = done, else FLASH_SR's error bits, or one of these */
#define STUB_BAD_COMMAND 0xFFFF0001u
#define STUB_TIMEOUT 0xFFFF0002u
#define STUB_DIFFERS 0xFFFF0003u /* read back is not what was programmed: result[1] = address */
#define STUB_STARVED 0xFFFF0004u /* no piece came */
#define STUB_HELD 0xFFFF0005u	 /* by the CM0+, for too long; findings: FLASH_SR, semaphores 6 and 7 */
#define STUB_LOCKED 0xFFFF0006u
#define STUB_SPOILED 0xFFFF0007u /* the command's code is not what the host has written */
#define STUB_NO_SR 0xFFFF0000u /* one of these */

/* a3 of STUB_ERASE and STUB_PROGRAM */
#define STUB_GIVE 0x00000400u /* core 4 is CPU1: semaphore 7 is free again */
#define STUB_KEEP 0x80000400u /* CPU1 had it before: taken, as it is */

struct stub_block {
	/* the host writes these, in one transfer, request last */
	uint32_t command;
	uint32_t a[5];
	uint32_t later; /* CRC-32 of the code's second part */
	uint32_t leave; /* FLASH_CR when the stub quits; 0: not touched */
	uint32_t request;
	/* the stub writes these */
	uint32_t ident;
	uint32_t done;
	uint32_t status;
	uint32_t taken; /* bytes taken out of the pieces */
	uint32_t result[2];
};

#endif

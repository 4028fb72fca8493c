/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the RAM stub on CPU1 and its host agree on. Version 2.
 *
 *   0x20000000  +0000  vectors: initial SP and reset handler for SRAM boot (a loop that feeds the
 *                      watchdog), NMI and HardFault for VTOR
 *               +0010  ident, entry point, then code and constants (all <= 2 KiB)
 *               +0800  struct stub_block (the host writes the first half, the stub the second)
 *               +0900  stack, grows down from +0C00
 *               +0C00  ring buffer of 8 KiB; STUB_SCAN leaves its findings there
 *               +2C00  end: 11 KiB, fits the smallest SRAM1 (12 KiB, WB1x)
 *
 * A command: the host writes arguments, then `request` = a number other than `done` (one transfer;
 * request is the last word of its half). The stub works, fills the answer, then done = request.
 * Before it starts the stub, the host points VTOR at STUB_BASE: cells that a power cut left half
 * erased raise an NMI when they are read (RM0434 3.3.3), which the application's handler must not get.
 * The host unlocks the flash before it asks for STUB_ERASE or STUB_PROGRAM. While the stub runs it
 * feeds the independent watchdog, which the debugger's freeze holds only while CPU1 is halted.
 * Nothing of the stub lies in SRAM2, whose secured part moves.
 */
#ifndef STUB_ABI_H
#define STUB_ABI_H

#include <stdint.h>

#define STUB_BASE 0x20000000u
#define STUB_CODE_MAX 0x800u
#define STUB_IDENT_OFFSET 0x10u
#define STUB_ENTRY_OFFSET 0x14u
#define STUB_BLOCK (STUB_BASE + 0x800u)
#define STUB_STACK_TOP (STUB_BASE + 0xC00u)
#define STUB_RING (STUB_BASE + 0xC00u)
#define STUB_RING_SIZE 0x2000u
#define STUB_END (STUB_RING + STUB_RING_SIZE)
#define STUB_IDENT 0x32465553u /* "SUF2": ABI version 2 */

/* STUB_SCAN's findings in the ring: a word a page, then addresses of signature magics. */
#define STUB_SCAN_PAGES 256u
#define STUB_SCAN_HITS (STUB_SCAN_PAGES * 4u) /* offset */
#define STUB_SCAN_HITS_MAX 64u
#define STUB_PAGE_BLANK 0xffffffffu
#define STUB_PAGE_NO_FRONT 0xfffffffeu /* not blank, but its first word is */

/* The last word of a signature footer: ST's, a customer's. */
#define STUB_MAGIC_ST 0xd3a12c5eu
#define STUB_MAGIC_CUSTOMER 0xe2b51d4au

enum stub_command {
	STUB_NOP = 0, /* result[0]: ident */
	/* a0 IPCC channel flag (1 << (n - 1)), a1 bound in loops; result[0]: C1TOC2SR */
	STUB_MAILBOX = 1,
	/*
	 * a0 first page number, a1 pages, a2 bit 0: only those not blank, a3 page size;
	 * result[0]: pages erased
	 */
	STUB_ERASE = 2,
	/* a0 address, a1 bytes, both multiples of 8, data through the ring; result[0]: CRC-32 */
	STUB_PROGRAM = 3,
	/* a0 address, a1 bytes; result[0]: CRC-32 (zlib's) */
	STUB_CRC = 4,
	/* a0 address, a1 bytes, multiples of 4; result[0]: first address not blank, or a0 + a1 */
	STUB_BLANK = 5,
	/*
	 * a0 address, a1 bytes, a2 page size: at most STUB_SCAN_PAGES pages. In the ring: each
	 * page's first word, and the addresses of all signature magics; result[0]: how many
	 */
	STUB_SCAN = 6,
};

/* status after a command: 0 = done, else FLASH_SR's error bits, or one of these */
#define STUB_BAD_COMMAND 0xFFFF0001u
#define STUB_TIMEOUT 0xFFFF0002u
#define STUB_DIFFERS 0xFFFF0003u /* read back is not what was programmed: result[1] = address */
#define STUB_STARVED 0xFFFF0004u /* the host stopped feeding the ring */

struct stub_block {
	/* the host writes these, in one transfer, request last */
	uint32_t command;
	uint32_t a[4];
	uint32_t ring_head; /* bytes the host has put into the ring since the command began; also alone */
	uint32_t request;
	/* the stub writes these */
	uint32_t ident;
	uint32_t done;
	uint32_t status;
	uint32_t ring_tail; /* bytes taken out of the ring */
	uint32_t result[2];
};

#endif

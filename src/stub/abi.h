/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the RAM stub on CPU1 and its host agree on. Version 1.
 *
 *   0x20000000  +0000  vector table for SRAM boot: initial SP, reset handler = `b .` (hold)
 *               +0008  ident, entry point, then code and constants (all <= 2 KiB)
 *               +0800  struct stub_block (the host writes the first half, the stub the second)
 *               +0900  stack, grows down from +0C00
 *               +0C00  ring buffer of 8 KiB
 *               +2C00  end: 11 KiB, fits the smallest SRAM1 (12 KiB, WB1x)
 *
 * A command: the host writes arguments, then `request` = a number other than `done` (one transfer;
 * request is the last word of its half). The stub works, fills the answer, then done = request.
 * Nothing of the stub lies in SRAM2, whose secured part moves.
 */
#ifndef STUB_ABI_H
#define STUB_ABI_H

#include <stdint.h>

#define STUB_BASE 0x20000000u
#define STUB_CODE_MAX 0x800u
#define STUB_BLOCK (STUB_BASE + 0x800u)
#define STUB_STACK_TOP (STUB_BASE + 0xC00u)
#define STUB_RING (STUB_BASE + 0xC00u)
#define STUB_RING_SIZE 0x2000u
#define STUB_END (STUB_RING + STUB_RING_SIZE)
#define STUB_IDENT 0x31465553u /* "SUF1": ABI version 1 */

enum stub_command {
	STUB_NOP = 0,	  /* result: ident */
	STUB_MAILBOX = 1, /* a0 IPCC channel flag bit (1 << 1), a1 poll bound, in loops; answer: C1TOC2SR */
	STUB_ERASE = 2,	  /* a0 first page number, a1 pages, a2 bit 0: only pages that are not blank; result: pages erased */
	STUB_PROGRAM = 3, /* a0 address (8-aligned), a1 bytes (multiple of 8), from the ring; result: CRC-32 of what reads back */
	STUB_CRC = 4,	  /* a0 address, a1 bytes; result: CRC-32 (zlib's) */
	STUB_BLANK = 5,	  /* a0 address, a1 bytes (multiple of 4); result: first address that is not 0xFFFFFFFF, or a0 + a1 */
	STUB_SCAN = 6,	  /* a0 address, a1 bytes, a2 first index to report: finds footer magics; results: address of the word, in r[0..3], count in r[4]... */
};

/* status after a command: 0 = done, else FLASH_SR's error bits, or one of these */
#define STUB_BAD_COMMAND 0xFFFF0001u
#define STUB_TIMEOUT 0xFFFF0002u
#define STUB_DIFFERS 0xFFFF0003u /* read back is not what was programmed: result = address */
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
	uint32_t result[8];
};

#endif

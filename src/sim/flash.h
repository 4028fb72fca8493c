/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flash controller: what its registers (flash.c) and its memory (flash_mem.c) share. */
#ifndef SIM_FLASH_H
#define SIM_FLASH_H

#include "sim/devices.h"

/* FLASH_SR; SVD */
#define SR_EOP (1u << 0)
#define SR_OPERR (1u << 1)
#define SR_PROGERR (1u << 3)
#define SR_WRPERR (1u << 4)
#define SR_PGAERR (1u << 5)
#define SR_SIZERR (1u << 6)
#define SR_PGSERR (1u << 7)
#define SR_MISSERR (1u << 8)
#define SR_FASTERR (1u << 9)
#define SR_OPTNV (1u << 13)
#define SR_RDERR (1u << 14)
#define SR_OPTVERR (1u << 15)
#define SR_BSY (1u << 16)
#define SR_CFGBSY (1u << 18)
#define SR_PESD (1u << 19)
#define SR_PROG_ERRORS                                                                             \
	(SR_PROGERR | SR_WRPERR | SR_PGAERR | SR_SIZERR | SR_PGSERR | SR_MISSERR | SR_FASTERR)
#define SR_W1C (SR_EOP | SR_OPERR | SR_PROG_ERRORS | SR_RDERR | SR_OPTVERR)

/* FLASH_CR; SVD */
#define CR_PG (1u << 0)
#define CR_PER (1u << 1)
#define CR_MER (1u << 2)
#define CR_PNB_SHIFT 3u
#define CR_PNB_WIDTH 8u
#define CR_STRT (1u << 16)
#define CR_OPTSTRT (1u << 17)
#define CR_FSTPG (1u << 18)
#define CR_EOPIE (1u << 24)
#define CR_ERRIE (1u << 25)
#define CR_OBL_LAUNCH (1u << 27)
#define CR_OPTLOCK (1u << 30)
#define CR_LOCK (1u << 31)

/* Datasheet DS11929, typical (chip.md, times). */
#define FLASH_DWORD_NS 81700ull
#define FLASH_ERASE_NS 22000000ull

enum flash_op { OP_NONE, OP_PROGRAM, OP_ERASE, OP_OPTIONS, OP_CPU2 /* of the CM0+'s own pages */ };

struct flashc {
	uint32_t acr, sr, cr, eccr;
	uint32_t c2acr, c2sr, c2cr;
	unsigned int key_step, optkey_step; /* keys taken; KEY_DEAD after a wrong one */
	bool optverr_due;                   /* the option load of this reset found an error */
	bool bus_fault;
	/* the first word of a double word waits here for the second */
	bool latched;
	uint32_t latch_addr, latch_word;
	/* the operation in progress: its effect is in memory already, the time is not over */
	enum flash_op op;
	uint32_t op_addr, op_len;
	uint64_t polled;       /* when CPU1 last looked at SR while busy */
	uint64_t busy_until;   /* NEVER: suspended (PES) or hung */
	uint64_t pes_since;    /* NEVER: not suspended */
	uint64_t suspended_ns; /* what is left of it while suspended */
	bool irq;
};

#define KEY_DEAD 3u

/** BSY as a bus master sees it at this instant. */
bool flash_busy(struct wbsim *sim);
/** Start an operation's time; strikes faults, counts. False: power failed under it. */
bool flash_begin(struct wbsim *sim, enum flash_op op, uint32_t addr, uint32_t len, uint64_t ns);
/**
 * Wait for the controller as a bus master does that meets it busy. False: it will never be free.
 */
bool flash_wait(struct wbsim *sim, enum sim_master m);
/** Would the debugger's access there be one that waits? *until: virtual time at which it ends. */
bool flash_holds(struct wbsim *sim, uint32_t addr, bool write, uint64_t *until);
/** Set error bits (and OPERR, interrupt). */
void flash_error(struct wbsim *sim, uint32_t bits);

/** Start of what CPU1 may not reach: secure start or end of the part's flash, whichever is lower.
 */
uint32_t flash_user_end(const struct wbsim *sim);
/** Wrong bits of a double word: 0, 1 or 2 (2 and more). */
unsigned int flash_ecc_bits(const struct wbsim *sim, uint32_t offset);
void flash_ecc_mark(struct wbsim *sim, uint32_t offset, size_t len, unsigned int bits);
/** Page erase by CPU1 or the debugger: rules, then the operation. */
void flash_erase_page(struct wbsim *sim, uint32_t page);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the chip's body (bus, time, flash, options, peripherals) know of each other and
 * nobody else needs. Construction: each xxx_new() gives zeroed state; device reset fills it.
 */
#ifndef SIM_DEVICES_H
#define SIM_DEVICES_H

#include "sim/sim.h"

#define NS_PER_S 1000000000ull
#define NS_PER_MS 1000000ull
#define NEVER UINT64_MAX

/* The address map; RM0434 2.2 (memory organisation), with chip.md for what is not there. */
#define FLASH_BASE 0x08000000u
#define ROM_BASE 0x1FFF0000u /* system memory: the ROM bootloader, 28 KiB */
#define ROM_BYTES 0x7000u
#define OTP_BASE 0x1FFF7000u
#define INFO_BASE 0x1FFF7400u /* engineering bytes: package, UID64, UID96, flash size */
#define SRAM1_BASE 0x20000000u
#define SRAM2A_BASE 0x20030000u
#define SRAM2B_BASE 0x20038000u
#define SRAM2_ALIAS 0x10000000u /* SRAM2a and b, as far apart as at their own addresses */
#define SRAM2_ALIAS_BYTES 0x10000u
#define SRAM2A_BASE_WIKI 0x20003000u /* WB1x, by ST's wiki */
#define SRAM2B_BASE_WIKI 0x2000B000u
#define PPB_BASE 0xE0000000u
#define PPB_END 0xE0100000u

/* interrupt lines of CPU1; RM0434, vector table */
#define IRQ_FLASH 4u
#define IRQ_IPCC_RX 44u
#define IRQ_IPCC_TX 45u

/* ---- flash.c, flash_mem.c ---- */

struct flashc *flash_new(void);
/**
 * Power is gone, or a reset came: what was being erased, programmed or (a reset: by quirk) written
 * to the option page is half done.
 */
void flash_break_off(struct wbsim *sim, bool reset);
/** The device write just made ends in a bus error (a mass erase from CPU1). Asking clears it. */
bool flash_take_fault(struct wbsim *sim);
/** ACR.EMPTY. */
bool flash_empty(const struct wbsim *sim);
/** The option loader found complements that do not match, or the quirk says so. */
void flash_set_optverr(struct wbsim *sim);

/* ---- options.c, option_fields.c ---- */

#define OPTION_REGS 16u /* one a double word of the page; unused ones keep 0xFFFFFFFF */

struct optbytes *options_new(void);
/** The factory's option page, healthy, FUS selected. */
void options_factory(struct wbsim *sim);
/** "NAME=VALUE" into the page. False: why says what is wrong. */
bool options_parse(struct wbsim *sim, const char *word, char *why, size_t why_size);
/** Option registers at their FLASH offsets 0x20-0x3C, 0x80, 0x84; false: no such register. */
bool options_reg_read(const struct wbsim *sim, uint32_t offset, uint32_t *val);
/** What CPU1 or the debugger may change of a register; secure fields stay. */
bool options_reg_write(struct wbsim *sim, uint32_t offset, uint32_t val);
/** OPTSTRT: the registers go to the page. False: not allowed (RDP 2). */
bool options_commit(struct wbsim *sim);
/** Where the option bytes are mapped: 0x1FFF8000, WB1x 0x1FFF7800. */
uint32_t options_base(const struct wbsim *sim);
/** Read-out protection level in force: 0, 1 or 2. */
unsigned int options_rdp_level(const struct wbsim *sim);
/** Is this address write-protected (WRP) or read-protected (PCROP) for CPU1? */
bool options_wrp(const struct wbsim *sim, uint32_t addr);
bool options_pcrop(const struct wbsim *sim, uint32_t addr);
bool options_pcrop_any(const struct wbsim *sim);
/** First secure byte of SRAM2a/b as an offset; the block's size when nothing is secure. */
uint32_t options_sram2a_open(const struct wbsim *sim);
uint32_t options_sram2b_open(const struct wbsim *sim);

/* ---- the rest ---- */

struct rcc *rcc_new(void);
struct pwr *pwr_new(void);
struct ipcc *ipcc_new(void);
uint32_t rcc_ahb3enr(const struct wbsim *sim);
/** Has CPU1 taken semaphores 2 and 7, and is 6 free? */
bool hsem_flash_is_cpu1s(const struct wbsim *sim);
/** CPU1 does not do as the CM0+ relies on: counted. */
void hsem_breach(struct wbsim *sim, const char *what);
/** HSEM, IWDG, CRC, DBGMCU and the plain register blocks. */
struct periph *periph_new(void);
void periph_free(struct periph *periph);

/* aes.c */
struct aes *aes_new(void);
/** The device write just made ends in a bus error: a key register that is the CM0+'s. Asking clears it. */
bool aes_take_fault(struct wbsim *sim);

/* plain.c: blocks without behaviour; they remember what is written */
bool plain_access(struct wbsim *sim, enum sim_master m, uint32_t addr, uint32_t **reg);
void plain_reset(struct wbsim *sim);

extern const struct sim_device dev_flash, dev_rcc, dev_pwr, dev_ipcc, dev_hsem, dev_iwdg, dev_crc,
	dev_dbgmcu, dev_aes1;

struct hsem_state {
	uint32_t r[32], ier[2], isr[2], key;
	uint64_t cpu1_gave_7; /* when; 0: not since the reset */
};

struct iwdg_state {
	bool running, unlocked, frozen;
	uint32_t pr, rlr, winr;
	uint64_t left_ns, seen; /* time to the bite; virtual time of the last account */
};

struct crc_state {
	uint32_t dr, idr, cr, init, pol;
};

#define PLAIN_BLOCKS_MAX 48u

struct periph {
	struct hsem_state hsem;
	struct iwdg_state iwdg;
	struct crc_state crc;
	struct aes *aes;
	uint32_t dbgmcu[8];                /* CR and the freeze registers, by a table in dbgmcu.c */
	uint32_t *plain[PLAIN_BLOCKS_MAX]; /* registers of the block, in plain.c's order */
	bool plain_told[PLAIN_BLOCKS_MAX]; /* its one log line is out */
	uint32_t boot_base;                /* what address 0 shows since the last reset */
	unsigned int access_size; /* of the bus write in progress: CRC_DR takes bytes too */
	uint32_t access_raw;
};

/** Is the IWDG to stand still now (halted core and APB1FZR1 says so)? dbgmcu.c */
bool dbgmcu_freezes_iwdg(const struct wbsim *sim);

/** The address that is meant where the boot memory shows at address 0. */
uint32_t bus_unalias(const struct wbsim *sim, uint32_t addr);
/** Choose what address 0 shows from now on; at every reset, after the option load. bus.c */
void bus_boot_choose(struct wbsim *sim);

/* chip.c, quirks.c */
bool quirks_parse(struct wbsim *sim, const char *const *words, char *why, size_t why_size);

/** Field helpers. */
static inline uint32_t bits_get(uint32_t val, unsigned int shift, unsigned int width)
{
	return (val >> shift) & (uint32_t)((1ull << width) - 1u);
}

static inline uint32_t bits_set(
	uint32_t val, unsigned int shift, unsigned int width, uint32_t field)
{
	uint32_t mask = (uint32_t)((1ull << width) - 1u) << shift;

	return (val & ~mask) | ((field << shift) & mask);
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flash memory itself: reading with its fences and ECC, programming by double words, erasing pages.
 * RM0434 3.3; chip.md, behaviour.
 */
#include "sim/flash.h"

#include <string.h>

#define ECCR_ADDR_MASK 0x1FFFFu /* double word index; SVD: 17 bits */
#define ECCR_CPUID_SHIFT 26u
#define ECCR_CPUID_WIDTH 3u
#define ECCR_ECCC (1u << 30)
#define ECCR_ECCD (1u << 31)

uint32_t flash_user_end(const struct wbsim *sim)
{
	uint32_t end = FLASH_BASE + sim->part->flash_kib * 1024u;
	uint32_t secure = flash_secure_start(sim);

	return secure < end ? secure : end;
}

/* The end of the cells: every WB5x and WB3x is 1 MiB inside. */
static uint32_t die_end(const struct wbsim *sim)
{
	return FLASH_BASE + (sim->part->family == SIM_WB1X ? sim->part->flash_kib * 1024u
							     : SIM_FLASH_BYTES);
}

/* Between the end of a small part's user flash and what is secure: nobody knows what is read. */
static bool in_gap(const struct wbsim *sim, uint32_t addr)
{
	return sim->quirks.flash_gap != SIM_GAP_SECURE && addr < flash_secure_start(sim) &&
	       addr >= FLASH_BASE + sim->part->flash_kib * 1024u;
}

unsigned int flash_ecc_bits(const struct wbsim *sim, uint32_t offset)
{
	uint32_t byte = offset / 64u, bit = 1u << (offset / 8u % 8u);

	return sim->flash_ecc[byte] & bit ? 2 : sim->flash_ecc1[byte] & bit ? 1 : 0;
}

static void mark(uint8_t *marks, size_t offset, bool set)
{
	uint8_t bit = (uint8_t)(1u << (offset / 8u % 8u)), *byte = &marks[offset / 64u];

	*byte = (uint8_t)(set ? *byte | bit : *byte & ~bit);
}

void flash_ecc_mark(struct wbsim *sim, uint32_t offset, size_t len, unsigned int bits)
{
	for (size_t at = offset & ~7u; at < offset + len && at < SIM_FLASH_BYTES; at += 8u) {
		mark(sim->flash_ecc1, at, bits == 1);
		mark(sim->flash_ecc, at, bits > 1);
	}
}

/* Cells whose operation was broken off: neither old nor new, and repeatable. */
static uint64_t half_cells(uint32_t offset)
{
	uint64_t x = (offset + 1ull) * 0x9E3779B97F4A7C15ull;

	return x ^ (x >> 29);
}

static void half_erase(struct wbsim *sim, uint32_t offset, uint32_t len)
{
	for (uint32_t at = offset; at < offset + len; at += 8u) {
		uint64_t cells = half_cells(at);

		if ((cells & 3u) == 0)
			continue; /* this one made it */
		memcpy(sim->flash + at, &cells, sizeof(cells));
		flash_ecc_mark(sim, at, 8u, 2);
	}
	cpu1_invalidate(sim, FLASH_BASE + offset, len);
}

static bool is_otp(uint32_t addr)
{
	return addr >= OTP_BASE && addr < OTP_BASE + sizeof(((struct wbsim *)0)->otp);
}

static uint8_t *cell(struct wbsim *sim, uint32_t addr)
{
	return is_otp(addr) ? sim->otp + (addr - OTP_BASE) : sim->flash + (addr - FLASH_BASE);
}

/* ECC of OTP is not modelled. */
static void half_program(struct wbsim *sim, uint32_t addr)
{
	uint64_t cells;

	memcpy(&cells, cell(sim, addr), sizeof(cells));
	cells |= half_cells(addr); /* bits not yet pulled to 0 */
	memcpy(cell(sim, addr), &cells, sizeof(cells));
	if (is_otp(addr))
		return;
	flash_ecc_mark(sim, addr - FLASH_BASE, 8u, 2);
	cpu1_invalidate(sim, addr, 8u);
}

void flash_break_off(struct wbsim *sim, bool reset)
{
	struct flashc *f = sim->flashc;

	if (!flash_busy(sim) || (reset && sim->quirks.reset_in_flash == SIM_RESET_HARMLESS))
		return;
	switch (f->op) {
	case OP_PROGRAM:
		half_program(sim, f->op_addr);
		break;
	case OP_ERASE:
		half_erase(sim, f->op_addr - FLASH_BASE, f->op_len);
		break;
	case OP_OPTIONS:
		if (!reset || sim->quirks.reset_in_flash == SIM_RESET_SPOILS_OPTIONS)
			options_corrupt(sim);
		break;
	default:
		break;
	}
	f->op = OP_NONE;
}

/* A fence was met. True: the access ends quietly (with a flag, perhaps); false: bus error. */
static bool fenced(struct wbsim *sim, bool write)
{
	if (sim->quirks.secure_access == SIM_SECURE_FAULT)
		return false;
	if (write || sim->quirks.secure_access == SIM_SECURE_WRPERR)
		flash_error(sim, SR_WRPERR);
	return true;
}

/*
 * Flags, address and CPU of the first error stay until the flags are cleared; one that cannot be
 * corrected takes the place of one that was, and raises an NMI. RM0434 3.3.3, 3.10.6; CPUID of CPU1
 * and its debug port: 0, of CPU2: 1.
 */
static void note_ecc(struct wbsim *sim, uint32_t offset, enum sim_master m)
{
	struct flashc *f = sim->flashc;
	unsigned int bits = flash_ecc_bits(sim, offset);
	uint32_t flag = bits == 2 ? ECCR_ECCD : ECCR_ECCC;

	if (!bits || (f->eccr & ECCR_ECCD) || (f->eccr & flag))
		return;
	f->eccr = bits_set(f->eccr, ECCR_CPUID_SHIFT, ECCR_CPUID_WIDTH, m == SIM_CPU2);
	f->eccr = (f->eccr & ~ECCR_ADDR_MASK) | flag | ((offset / 8u) & ECCR_ADDR_MASK);
	if (flag == ECCR_ECCD && m != SIM_CPU2)
		cpu1_nmi(sim);
}

bool flash_closed(const struct wbsim *sim)
{
	return options_rdp_level(sim) == 1 &&
	       (cpu1_debugged(sim) || bus_boot_base(sim) != FLASH_BASE);
}

bool flash_watched(const struct wbsim *sim)
{
	static const uint8_t none[sizeof(sim->flash_ecc)];

	return options_pcrop_any(sim) || memcmp(sim->flash_ecc, none, sizeof(none)) != 0 ||
	       memcmp(sim->flash_ecc1, none, sizeof(none)) != 0;
}

bool flash_watch(struct wbsim *sim, uint32_t addr, unsigned int size)
{
	if (options_pcrop(sim, addr)) {
		flash_error(sim, SR_RDERR);
		return true;
	}
	note_ecc(sim, addr - FLASH_BASE, SIM_CPU1);
	if (((addr ^ (addr + size - 1u)) & ~7u) && addr + size <= die_end(sim))
		note_ecc(sim, addr - FLASH_BASE + size - 1u, SIM_CPU1);
	return false;
}

static bool closed_to(const struct wbsim *sim, enum sim_master m)
{
	return (m == SIM_DEBUG && options_rdp_level(sim) != 0) ||
	       (m == SIM_CPU1 && flash_closed(sim));
}

bool flash_mem_read(
	struct wbsim *sim, enum sim_master m, uint32_t addr, unsigned int size, uint32_t *val)
{
	bool outsider = m == SIM_CPU1 || m == SIM_DEBUG;
	uint32_t offset = addr - FLASH_BASE;

	*val = 0;
	if (is_otp(addr)) {
		if (addr - OTP_BASE + size > sizeof(sim->otp))
			return false;
		memcpy(val, sim->otp + (addr - OTP_BASE), size);
		return true;
	}
	if (offset + size > die_end(sim) - FLASH_BASE)
		return false;
	if (outsider && in_gap(sim, addr)) {
		if (sim->quirks.flash_gap == SIM_GAP_BLANK)
			*val = UINT32_MAX >> (32u - 8u * size);
		else
			memcpy(val, sim->flash + offset, size);
		return sim->quirks.flash_gap != SIM_GAP_FAULT;
	}
	if (outsider) {
		if (closed_to(sim, m))
			return false;
		if (sim->flashc->op != OP_NONE && !flash_wait(sim, m))
			return false;
		if (addr + size > flash_user_end(sim))
			return fenced(sim, false);
		if (flash_watch(sim, addr, size))
			return true;
	}
	memcpy(val, sim->flash + offset, size);
	return true;
}

/* The rules of one double word, all or nothing; on success the operation runs. */
static void program_dword(struct wbsim *sim, uint32_t addr, const uint32_t word[2])
{
	static const uint32_t blank[2] = { UINT32_MAX, UINT32_MAX };
	static const uint32_t zeros[2];
	uint8_t *at = cell(sim, addr);
	bool may = memcmp(at, blank, sizeof(blank)) == 0 || memcmp(word, zeros, sizeof(zeros)) == 0;

	if (!may) {
		flash_error(sim, SR_PROGERR);
		return;
	}
	memcpy(at, word, sizeof(blank));
	if (!is_otp(addr)) {
		flash_ecc_mark(sim, addr - FLASH_BASE, 8u, 0);
		cpu1_invalidate(sim, addr, 8u);
	}
	sim->stats.flash_dwords++;
	flash_begin(sim, OP_PROGRAM, addr, 8u, FLASH_DWORD_NS);
}

/* What is wrong with this word write, as SR bits. */
static uint32_t program_errors(struct wbsim *sim, uint32_t addr, unsigned int size)
{
	const struct flashc *f = sim->flashc;

	if (f->cr & CR_FSTPG)
		return SR_FASTERR | SR_PGSERR | SR_PGAERR; /* as a real board answers [user] */
	if (!(f->cr & CR_PG) || (f->cr & (CR_PER | CR_MER)) || (f->sr & SR_PROG_ERRORS))
		return SR_PGSERR;
	if (size != 4)
		return SR_SIZERR;
	if (f->latched ? addr != f->latch_addr + 4u : (addr & 7u) != 0)
		return SR_PGAERR;
	if (!is_otp(addr) && (options_wrp(sim, addr) || options_pcrop(sim, addr)))
		return SR_WRPERR;
	return 0;
}

bool flash_mem_write(
	struct wbsim *sim, enum sim_master m, uint32_t addr, unsigned int size, uint32_t val)
{
	struct flashc *f = sim->flashc;
	uint32_t errors, word[2];

	if (!is_otp(addr) && (addr < FLASH_BASE || addr >= die_end(sim)))
		return false;
	if (m == SIM_TESTER || m == SIM_CPU2) {
		if (!is_otp(addr))
			flash_cpu2_program(sim, addr, &val, size);
		return true;
	}
	if (closed_to(sim, m))
		return false;
	if (!flash_wait(sim, m))
		return false;
	if (!is_otp(addr) && in_gap(sim, addr) && sim->quirks.flash_gap == SIM_GAP_FAULT)
		return false;
	if (!is_otp(addr) && addr >= flash_user_end(sim))
		return fenced(sim, true);
	errors = program_errors(sim, addr, size);
	if (errors) {
		flash_error(sim, errors);
		return true;
	}
	if (!f->latched) {
		f->latched = true;
		f->latch_addr = addr;
		f->latch_word = val;
		return true;
	}
	f->latched = false;
	word[0] = f->latch_word;
	word[1] = val;
	program_dword(sim, f->latch_addr, word);
	return true;
}

void flash_erase_page(struct wbsim *sim, uint32_t page)
{
	uint32_t addr = FLASH_BASE + page * sim->part->page;

	if (addr + sim->part->page > flash_user_end(sim)) {
		if (!fenced(sim, true))
			sim->flashc->bus_fault = true;
		return;
	}
	if (options_wrp(sim, addr) || options_pcrop(sim, addr)) {
		flash_error(sim, SR_WRPERR);
		return;
	}
	flash_cpu2_erase(sim, addr, sim->part->page);
	sim->stats.flash_erases++;
	flash_begin(sim, OP_ERASE, addr, sim->part->page, FLASH_ERASE_NS);
}

/* Clip a range to the flash array; length 0 when it lies outside. */
static size_t clip(uint32_t addr, size_t len)
{
	uint32_t offset = addr - FLASH_BASE;

	if (offset >= SIM_FLASH_BYTES)
		return 0;
	return len < SIM_FLASH_BYTES - offset ? len : SIM_FLASH_BYTES - offset;
}

bool flash_cpu2_fetch(struct wbsim *sim, uint32_t addr, size_t len)
{
	bool sound = true;

	len = clip(addr, len);
	for (uint32_t at = addr - FLASH_BASE; len && at < addr - FLASH_BASE + len; at += 8u) {
		note_ecc(sim, at, SIM_CPU2);
		sound = sound && flash_ecc_bits(sim, at) < 2;
	}
	return sound;
}

void flash_cpu2_erase(struct wbsim *sim, uint32_t addr, size_t len)
{
	len = clip(addr, len);
	if (!len)
		return;
	memset(sim->flash + (addr - FLASH_BASE), 0xFF, len);
	flash_ecc_mark(sim, addr - FLASH_BASE, len, 0);
	cpu1_invalidate(sim, addr, len);
}

void flash_cpu2_program(struct wbsim *sim, uint32_t addr, const void *data, size_t len)
{
	len = clip(addr, len);
	if (!len)
		return;
	memcpy(sim->flash + (addr - FLASH_BASE), data, len);
	flash_ecc_mark(sim, addr - FLASH_BASE, len, 0);
	cpu1_invalidate(sim, addr, len);
}

/* The bus holds a write to it until the controller is free (flash.c, cr_write). */
#define FLASH_CR 0x58004014u

bool flash_holds(struct wbsim *sim, uint32_t addr, bool write, uint64_t *until)
{
	bool cells = is_otp(addr) || (addr >= FLASH_BASE && addr < die_end(sim));

	if (!cells && !(write && addr == FLASH_CR))
		return false;
	*until = sim->flashc->busy_until;
	return flash_busy(sim) && *until != NEVER && !fault_bsy_hung(sim);
}

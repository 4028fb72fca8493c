/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The address map: which memory or device answers at an address, for whom.
 *
 * Memory that CPU1 and the debugger may not see (flash above SFSA, SRAM2 above SBRSA/SNBRSA)
 * answers as the quirk secure-access says; the CM0+ and the tester see everything.
 */
#include "sim/devices.h"

#include <string.h>

/* The busiest first: the search is linear. */
const struct sim_device *const sim_devices[] = { &dev_flash, &dev_ipcc, &dev_rcc, &dev_pwr,
	&dev_hsem, &dev_iwdg, &dev_crc, &dev_dbgmcu, &dev_aes1, NULL };

/*
 * SRAM and its aliases. RM0434 2.2. For the WB1x ST's headers and ST's wiki disagree on where SRAM2
 * is (chip.md): a switch. The debugger, CPU1 and the CM0+ see the same.
 */
enum ram_block { RAM_1, RAM_2A, RAM_2B };
enum ram_view { VIEW_ALL, VIEW_HEADER, VIEW_WIKI };

static const struct ram_window {
	uint32_t base;
	enum ram_block block;
	enum ram_view view;
} ram_windows[] = {
	{ SRAM1_BASE, RAM_1, VIEW_ALL },
	{ SRAM2A_BASE, RAM_2A, VIEW_HEADER },
	{ SRAM2B_BASE, RAM_2B, VIEW_HEADER },
	{ SRAM2_ALIAS, RAM_2A, VIEW_HEADER },
	{ SRAM2_ALIAS + SRAM2B_BASE - SRAM2A_BASE, RAM_2B, VIEW_HEADER },
	{ SRAM2A_BASE_WIKI, RAM_2A, VIEW_WIKI },
	{ SRAM2B_BASE_WIKI, RAM_2B, VIEW_WIKI },
};

static bool visible(const struct wbsim *sim, enum ram_view view)
{
	if (view == VIEW_WIKI)
		return sim->part->family == SIM_WB1X &&
		       sim->quirks.sram2_view != SIM_SRAM2_HEADER;
	return view == VIEW_ALL || bus_sram2_header(sim);
}

bool bus_sram2_header(const struct wbsim *sim)
{
	return sim->part->family != SIM_WB1X || sim->quirks.sram2_view != SIM_SRAM2_WIKI;
}

/* Where the windows lie: spares the search for every peripheral access. */
#define RAM_FIRST SRAM2_ALIAS
#define RAM_END 0x20040000u

static uint8_t *ram_find(struct wbsim *sim, uint32_t addr, size_t *room, size_t *open)
{
	if (addr < RAM_FIRST || addr >= RAM_END)
		return NULL;
	for (size_t i = 0; i < sizeof(ram_windows) / sizeof(ram_windows[0]); i++) {
		const struct ram_window *w = &ram_windows[i];
		uint32_t off = addr - w->base;
		uint32_t size, fence;
		uint8_t *mem;

		if (!visible(sim, w->view))
			continue;
		switch (w->block) {
		case RAM_1:
			mem = sim->sram1;
			fence = size = sim->part->sram1_kib * 1024u;
			break;
		case RAM_2A:
			mem = sim->sram2a;
			size = sim->part->sram2a_kib * 1024u;
			fence = options_sram2a_open(sim);
			break;
		default:
			mem = sim->sram2b;
			size = sim->part->sram2b_kib * 1024u;
			fence = options_sram2b_open(sim);
			break;
		}
		if (addr < w->base || off >= size)
			continue;
		*room = size - off;
		*open = off < fence ? fence - off : 0;
		return mem + off;
	}
	return NULL;
}

uint8_t *bus_open_ram(struct wbsim *sim, uint32_t addr, size_t *open)
{
	size_t size = 0;

	*open = 0;
	return ram_find(sim, addr, &size, open);
}

uint8_t *bus_ram(struct wbsim *sim, uint32_t addr, size_t *room)
{
	size_t size = 0, open = 0;
	uint8_t *mem = ram_find(sim, addr, &size, &open);

	if (room)
		*room = size;
	return mem;
}

/*
 * RM0434 2.3: nBOOT0 stands for the pin if nSWBOOT0 = 0; with nSWBOOT0 = 1 the pin is low here.
 * Whether flash is blank ACR.EMPTY says (quirk boot-blank): as it was when the option bytes were
 * loaded, or as software wrote it. What was programmed meanwhile starts when power returns.
 */
void bus_boot_choose(struct wbsim *sim)
{
	bool boot0 = !options_get(sim, "nSWBOOT0") && !options_get(sim, "nBOOT0");
	uint32_t first;
	bool blank;

	memcpy(&first, sim->flash, sizeof(first));
	blank = sim->quirks.boot_blank_acr ? flash_empty(sim) : first == UINT32_MAX;
	if (boot0)
		sim->periph->boot_base = options_get(sim, "nBOOT1") ? ROM_BASE : SRAM1_BASE;
	else
		sim->periph->boot_base = blank ? ROM_BASE : FLASH_BASE;
}

uint32_t bus_boot_base(const struct wbsim *sim)
{
	return sim->periph->boot_base;
}

static uint32_t get_le(const uint8_t *p, unsigned int size)
{
	uint32_t val = 0;

	memcpy(&val, p, size);
	return val;
}

/* The ROM bootloader is no code of ours: a vector table and a loop that waits for ever. */
static uint32_t rom_byte(uint32_t off)
{
	static const uint8_t rom[] = {
		0x00, 0x10, 0x00, 0x20, /* stack: SRAM1 + 4 KiB */
		0x41, 0x00, 0xFF, 0x1F, /* reset: 0x1FFF0040 */
	};
	static const uint8_t loop[] = { 0xFE, 0xE7 }; /* b . */

	if (off < sizeof(rom))
		return rom[off];
	return loop[off & 1u];
}

#define UID_DEVICE 0x00658473u

/* Device signature area; chip.md, unique ids. All else reads erased. */
static uint32_t info_word(const struct wbsim *sim, uint32_t addr)
{
	/* the low word tells devices apart */
	const uint32_t uid64[] = { sim->quirks.uid ? sim->quirks.uid : UID_DEVICE, 0x0080E126u };
	static const uint32_t uid96[] = { 0x00350041u, 0x3336500Bu, 0x20343847u };

	switch (addr) {
	case 0x1FFF7500u:
		return 0xFFFFFFE0u | sim->part->package;
	case 0x1FFF7580u:
	case 0x1FFF7584u:
		return uid64[(addr - 0x1FFF7580u) / 4];
	case 0x1FFF7590u:
	case 0x1FFF7594u:
	case 0x1FFF7598u:
		return uid96[(addr - 0x1FFF7590u) / 4];
	case 0x1FFF75E0u:
		return 0xFFFF0000u | (sim->quirks.lie_flash_kib ? sim->quirks.lie_flash_kib
							: sim->part->flash_kib);
	default:
		return UINT32_MAX;
	}
}

/* System memory, OTP, signature and option bytes, all read-only on the bus but OTP. */
static bool system_read(
	struct wbsim *sim, enum sim_master m, uint32_t addr, unsigned int size, uint32_t *val)
{
	uint32_t opt = addr - options_base(sim);
	uint32_t lane = (addr & 3u) * 8u;

	if (addr >= OTP_BASE && addr < INFO_BASE)
		return flash_mem_read(sim, m, addr, size, val);
	if (opt < sizeof(sim->option_page)) {
		*val = get_le(sim->option_page + opt, size);
		return true;
	}
	if (addr - ROM_BASE < ROM_BYTES) {
		*val = 0;
		for (unsigned int i = 0; i < size; i++)
			*val |= rom_byte(addr - ROM_BASE + i) << (8u * i);
		return true;
	}
	if (addr - INFO_BASE < 0x1FFF8000u - INFO_BASE) {
		*val = info_word(sim, addr & ~3u) >> lane;
		*val &= (uint32_t)((1ull << (8u * size)) - 1u);
		return true;
	}
	return false;
}

static const struct sim_device *device_find(uint32_t addr)
{
	for (const struct sim_device *const *d = sim_devices; *d; d++) {
		if (addr - (*d)->base < (*d)->size)
			return *d;
	}
	return NULL;
}

static bool device_clocked(const struct wbsim *sim, const struct sim_device *d, enum sim_master m)
{
	return m == SIM_TESTER || !d->ahb3_clock || (rcc_ahb3enr(sim) & d->ahb3_clock) != 0;
}

static bool device_read(
	struct wbsim *sim, enum sim_master m, uint32_t addr, unsigned int size, uint32_t *val)
{
	const struct sim_device *d = device_find(addr);
	uint32_t lane = (addr & 3u) * 8u;
	uint32_t word, *reg;

	if (d)
		word = device_clocked(sim, d, m) ? d->read(sim, m, (addr - d->base) & ~3u) : 0;
	else if (plain_access(sim, m, addr & ~3u, &reg))
		word = *reg;
	else
		return false;
	*val = (word >> lane) & (uint32_t)((1ull << (8u * size)) - 1u);
	return true;
}

static bool device_write(
	struct wbsim *sim, enum sim_master m, uint32_t addr, unsigned int size, uint32_t val)
{
	const struct sim_device *d = device_find(addr);
	uint32_t lane = (addr & 3u) * 8u;
	uint32_t word = val, *reg;

	if (!d) {
		if (!plain_access(sim, m, addr & ~3u, &reg))
			return false;
		*reg = bits_set(*reg, lane, 8u * size, val);
		return true;
	}
	if (!device_clocked(sim, d, m))
		return true;
	if (size != 4)
		word = bits_set(
			d->read(sim, SIM_TESTER, (addr - d->base) & ~3u), lane, 8u * size, val);
	sim->periph->access_size = size;
	sim->periph->access_raw = val;
	d->write(sim, m, (addr - d->base) & ~3u, word);
	return !(d == &dev_flash && flash_take_fault(sim)) && !(d == &dev_aes1 && aes_take_fault(sim));
}

/* A secure SRAM address met by a master that may not see it. */
static bool secure_ram(const struct wbsim *sim, uint32_t *val)
{
	if (val)
		*val = 0;
	return sim->quirks.secure_access != SIM_SECURE_FAULT;
}

static bool sees_all(enum sim_master m)
{
	return m == SIM_CPU2 || m == SIM_TESTER;
}

static bool is_flash(uint32_t addr)
{
	return addr - FLASH_BASE < SIM_FLASH_BYTES;
}

static bool is_ppb(uint32_t addr)
{
	return addr >= PPB_BASE && addr < PPB_END && addr - dev_dbgmcu.base >= dev_dbgmcu.size;
}

/* For as much as there is of it; behind that is nothing. */
uint32_t bus_unalias(const struct wbsim *sim, uint32_t addr)
{
	const uint32_t base = bus_boot_base(sim);
	const uint32_t bytes = base == FLASH_BASE   ? SIM_FLASH_BYTES
			       : base == SRAM1_BASE ? sim->part->sram1_kib * 1024u
						    : ROM_BYTES;

	return addr < bytes ? base + addr : addr;
}

/* Where CPU1's engine has this memory, whatever address it was reached by. */
static uint32_t home(const struct wbsim *sim, const uint8_t *mem)
{
	if (mem >= sim->sram2b && mem < sim->sram2b + sizeof(sim->sram2b))
		return SRAM2B_BASE + (uint32_t)(mem - sim->sram2b);
	if (mem >= sim->sram2a && mem < sim->sram2a + sizeof(sim->sram2a))
		return SRAM2A_BASE + (uint32_t)(mem - sim->sram2a);
	return SRAM1_BASE + (uint32_t)(mem - sim->sram1);
}

/* NRST holds all but the debug port and what belongs to it: nothing is written, 0 is read. */
static bool in_reset(const struct wbsim *sim, enum sim_master m, uint32_t addr)
{
	return sim->nrst_low && m != SIM_TESTER && (addr < PPB_BASE || addr >= PPB_END);
}

static bool size_ok(unsigned int size)
{
	return size == 1 || size == 2 || size == 4;
}

bool bus_read(struct wbsim *sim, enum sim_master m, uint32_t addr, unsigned int size, uint32_t *val)
{
	size_t room, open;
	uint8_t *mem;

	if (m == SIM_DEBUG)
		sim_reset_settle(sim);
	*val = 0;
	if (!size_ok(size) || (!sim->powered && m != SIM_TESTER))
		return false;
	if (in_reset(sim, m, addr))
		return true;
	addr = bus_unalias(sim, addr);
	mem = ram_find(sim, addr, &room, &open);
	if (mem) {
		if (room < size)
			return false;
		if (open < size && !sees_all(m))
			return secure_ram(sim, val);
		*val = get_le(mem, size);
		return true;
	}
	if (is_flash(addr))
		return flash_mem_read(sim, m, addr, size, val);
	if (addr - ROM_BASE < 0x10000u)
		return system_read(sim, m, addr, size, val);
	if (is_ppb(addr))
		return ppb_read(sim, m, addr, size, val);
	return device_read(sim, m, addr, size, val);
}

bool bus_write(struct wbsim *sim, enum sim_master m, uint32_t addr, unsigned int size, uint32_t val)
{
	size_t room, open;
	uint8_t *mem;

	if (m == SIM_DEBUG)
		sim_reset_settle(sim);
	if (!size_ok(size) || (!sim->powered && m != SIM_TESTER))
		return false;
	if (in_reset(sim, m, addr))
		return true;
	addr = bus_unalias(sim, addr);
	mem = ram_find(sim, addr, &room, &open);
	if (mem) {
		if (room < size)
			return false;
		if (open < size && !sees_all(m))
			return secure_ram(sim, NULL);
		memcpy(mem, &val, size);
		if (m != SIM_CPU1)
			cpu1_invalidate(sim, home(sim, mem), size);
		return true;
	}
	if (is_flash(addr) || (addr >= OTP_BASE && addr < INFO_BASE))
		return flash_mem_write(sim, m, addr, size, val);
	if (addr - ROM_BASE < 0x10000u)
		return false;
	if (is_ppb(addr))
		return ppb_write(sim, m, addr, size, val);
	return device_write(sim, m, addr, size, val);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What CPU1's engine sees as memory. Open flash and RAM are the engine's own (wbsim's arrays); stores to
 * flash, secure parts, peripherals and the PPB go over the bus, where a refusal is a bus fault.
 */
#include "sim/cpu1.h"
#include "sim/devices.h"

#include <string.h>

#define ROM_REGION_END 0x20000000u
#define SRAM_END 0x20040000u
#define PERIPHERALS 0x40000000u
#define PERIPHERALS_SIZE 0x20000000u
#define RCC_BASE 0x58000000u
#define RCC_SIZE 0x400u
#define KIB 1024u

static uint64_t window_read(uc_engine *uc, uint64_t offset, unsigned int size, void *user)
{
	const struct cpu1_window *w = user;
	struct cpu1 *cpu = w->cpu;
	uint32_t val = 0;

	(void)uc;
	if (cpu->fault)
		return 0;
	engine_loop_access(cpu, w->bus_base + (uint32_t)offset, false, 0);
	if (!bus_read(cpu->sim, SIM_CPU1, w->bus_base + (uint32_t)offset, size, &val)) {
		engine_bus_fault(cpu, w->base + (uint32_t)offset);
		return 0;
	}
	return val;
}

static void window_write(uc_engine *uc, uint64_t offset, unsigned int size, uint64_t val, void *user)
{
	const struct cpu1_window *w = user;
	struct cpu1 *cpu = w->cpu;
	uint32_t addr = w->bus_base + (uint32_t)offset;

	(void)uc;
	if (cpu->fault)
		return;
	engine_loop_access(cpu, addr, true, (uint32_t)val);
	if (!bus_write(cpu->sim, SIM_CPU1, addr, size, (uint32_t)val))
		engine_bus_fault(cpu, w->base + (uint32_t)offset);
	if (addr - RCC_BASE < RCC_SIZE) /* the clock may have changed: the rest of the slice is other time */
		cpu->attention = true;
}

void engine_undo_stores(struct cpu1 *cpu)
{
	while (cpu->undos != 0) {
		const struct cpu1_undo *u = &cpu->undo[--cpu->undos];

		memcpy(u->host, u->was, u->size);
	}
}

/* Remember flash as the controller left it, or (no room left) stop at once. */
static bool remember(struct cpu1 *cpu, uint32_t offset, int size)
{
	struct cpu1_undo *u = &cpu->undo[cpu->undos];

	if (cpu->undos == CPU1_UNDO || (size_t)size > sizeof u->was ||
		offset > SIM_FLASH_BYTES - (uint32_t)size)
		return false;
	u->host = cpu->sim->flash + offset;
	u->size = (uint8_t)size;
	memcpy(u->was, u->host, u->size);
	cpu->undos++;
	return true;
}

/*
 * A store to flash: the controller decides. Unicorn 2.0.1 then stores to the read-only block as well
 * (returning false would end the run before the instruction), which is taken back before the next one.
 */
bool engine_flash_store(uc_engine *uc, uc_mem_type type, uint64_t addr, int size, int64_t val, void *user)
{
	struct cpu1 *cpu = user;
	uint32_t target = (uint32_t)addr;

	(void)uc;
	(void)type;
	if (target < FLASH_BASE)
		target += cpu->map.alias;
	if (target < FLASH_BASE || target - FLASH_BASE >= SIM_FLASH_BYTES) {
		cpu->fault_unmapped = true; /* the ROM */
		cpu->fault_addr = (uint32_t)addr;
		return false;
	}
	cpu->loud++;
	if (!cpu->fault && !bus_write(cpu->sim, SIM_CPU1, target, (unsigned int)size, (uint32_t)val))
		engine_bus_fault(cpu, (uint32_t)addr);
	return remember(cpu, target - FLASH_BASE, size);
}

/* Called before the load: what must read 0 is 0 until the instruction is over. */
void engine_flash_load(uc_engine *uc, uc_mem_type type, uint64_t addr, int size, int64_t val, void *user)
{
	struct cpu1 *cpu = user;
	uint32_t target = (uint32_t)addr;

	(void)uc;
	(void)type;
	(void)val;
	if (target < FLASH_BASE)
		target += cpu->map.alias;
	if (cpu->fault || target < FLASH_BASE || target - FLASH_BASE >= cpu->map.flash_open)
		return;
	cpu->loud++;
	if (flash_watch(cpu->sim, target, (unsigned int)size) &&
		remember(cpu, target - FLASH_BASE, size))
		memset(cpu->sim->flash + (target - FLASH_BASE), 0, (size_t)size);
}

void engine_stale(struct cpu1 *cpu, uint32_t first, uint32_t end)
{
	unsigned int i;

	for (i = 0; i < cpu->stales && i < CPU1_STALE; i++)
		if (first <= cpu->stale[i].end && end >= cpu->stale[i].first)
			break;
	if (i == CPU1_STALE) {
		cpu->stales = CPU1_STALE + 1;
		return;
	}
	if (i == cpu->stales) {
		cpu->stale[i].first = first;
		cpu->stale[i].end = end;
		cpu->stales++;
		return;
	}
	if (first < cpu->stale[i].first)
		cpu->stale[i].first = first;
	if (end > cpu->stale[i].end)
		cpu->stale[i].end = end;
}

/* Forget translations of the part of [first, end) that lies in one mapped block. */
static void forget(struct cpu1 *cpu, uint32_t first, uint32_t end, uint32_t base, uint32_t size)
{
	if (first < base)
		first = base;
	if (end > base + size)
		end = base + size;
	if (first < end)
		uc_ctl_remove_cache(cpu->uc, (uint64_t)first, (uint64_t)end);
}

/* How much of the boot memory shows at address 0. */
static uint32_t alias_bytes(const struct cpu1 *cpu)
{
	switch (cpu->map.alias) {
	case FLASH_BASE:
		return cpu->map.flash_open;
	case SRAM1_BASE:
		return cpu->sim->part->sram1_kib * KIB;
	default:
		return sizeof cpu->rom;
	}
}

static void forget_range(struct cpu1 *cpu, uint32_t first, uint32_t end)
{
	const struct cpu1_map *m = &cpu->map;
	uint32_t sram1 = cpu->sim->part->sram1_kib * KIB;

	forget(cpu, first, end, FLASH_BASE, m->flash_open);
	forget(cpu, first, end, SRAM1_BASE, sram1);
	forget(cpu, first, end, SRAM2A_BASE, m->sram2a_open);
	forget(cpu, first, end, SRAM2B_BASE, m->sram2b_open);
	/* the same memory at its aliases */
	if (end > SRAM2A_BASE) {
		const uint32_t shift = SRAM2A_BASE - SRAM2_ALIAS;
		uint32_t from = first > SRAM2A_BASE ? first - shift : SRAM2_ALIAS;

		forget(cpu, from, end - shift, SRAM2_ALIAS, m->sram2a_open);
		forget(cpu, from, end - shift, SRAM2B_BASE - shift, m->sram2b_open);
	}
	if (first >= m->alias)
		forget(cpu, first - m->alias, end - m->alias, 0, alias_bytes(cpu));
}

/*
 * Range by range even when all of it is stale: uc_ctl_flush_tlb() of Unicorn 2.0.1 also clears its whole code
 * buffer, 1 GiB: 0.3 to 3 s.
 */
void engine_forget_all(struct cpu1 *cpu)
{
	forget_range(cpu, 0, UINT32_MAX);
	forget(cpu, 0, UINT32_MAX, 0, alias_bytes(cpu));
	cpu->stales = 0;
}

void engine_forget(struct cpu1 *cpu)
{
	if (cpu->stales > CPU1_STALE)
		engine_forget_all(cpu);
	for (unsigned int i = 0; i < cpu->stales; i++)
		forget_range(cpu, cpu->stale[i].first, cpu->stale[i].end);
	cpu->stales = 0;
}

static bool add_window(struct cpu1 *cpu, uint32_t base, uint32_t bus_base, uint32_t size)
{
	struct cpu1_window *w = &cpu->window[cpu->windows];

	if (size == 0)
		return true;
	if (cpu->windows == CPU1_WINDOWS)
		return false;
	*w = (struct cpu1_window){.cpu = cpu, .base = base, .bus_base = bus_base};
	cpu->windows++;
	return uc_mmio_map(cpu->uc, base, size, window_read, w, window_write, w) == UC_ERR_OK;
}

static bool add_memory(struct cpu1 *cpu, uint32_t base, uint32_t size, uint32_t prot, uint8_t *host)
{
	return size == 0 || uc_mem_map_ptr(cpu->uc, base, size, prot, host) == UC_ERR_OK;
}

struct cpu1_map engine_layout(const struct cpu1 *cpu)
{
	const struct wbsim *sim = cpu->sim;
	uint32_t user = sim->part->flash_kib * KIB;
	uint32_t open = flash_secure_start(sim) - FLASH_BASE;

	bool sram2 = bus_sram2_header(sim);

	return (struct cpu1_map){
		.alias = bus_boot_base(sim),
		.flash_open = flash_closed(sim) ? 0 : (open < user ? open : user) / KIB * KIB,
		.flash_watched = flash_watched(sim),
		.sram2a_open = sram2 ? options_sram2a_open(sim) : 0,
		.sram2b_open = sram2 ? options_sram2b_open(sim) : 0,
	};
}

/* SRAM2 and its alias. */
static bool map_sram2(struct cpu1 *cpu, uint32_t base, uint32_t end)
{
	const struct cpu1_map *m = &cpu->map;
	uint32_t sram2b = base + SRAM2B_BASE - SRAM2A_BASE;
	uint32_t a_end = base + m->sram2a_open, b_end = sram2b + m->sram2b_open;

	return add_memory(cpu, base, m->sram2a_open, UC_PROT_ALL, cpu->sim->sram2a) &&
		add_window(cpu, a_end, a_end, sram2b - a_end) &&
		add_memory(cpu, sram2b, m->sram2b_open, UC_PROT_ALL, cpu->sim->sram2b) &&
		add_window(cpu, b_end, b_end, end - b_end);
}

static bool map_alias(struct cpu1 *cpu)
{
	uint32_t size = alias_bytes(cpu);

	switch (cpu->map.alias) {
	case FLASH_BASE:
		return add_memory(cpu, 0, size, UC_PROT_READ | UC_PROT_EXEC, cpu->sim->flash) &&
			add_window(cpu, size, FLASH_BASE + size, SIM_FLASH_BYTES - size);
	case SRAM1_BASE:
		return add_memory(cpu, 0, size, UC_PROT_ALL, cpu->sim->sram1);
	default:
		return add_memory(cpu, 0, size, UC_PROT_READ | UC_PROT_EXEC, cpu->rom);
	}
}

/* The ROM as the bus has it: small, and code runs from it. */
static void copy_rom(struct cpu1 *cpu)
{
	for (uint32_t i = 0; i < sizeof cpu->rom; i++) {
		uint32_t val = 0;

		bus_read(cpu->sim, SIM_TESTER, ROM_BASE + i, 1, &val);
		cpu->rom[i] = (uint8_t)val;
	}
}

bool engine_map(struct cpu1 *cpu)
{
	struct wbsim *sim = cpu->sim;
	const struct cpu1_map *m = &cpu->map;
	uint32_t sram1_end = SRAM1_BASE + sim->part->sram1_kib * KIB;
	uint32_t rom_end = ROM_BASE + (uint32_t)sizeof cpu->rom;

	copy_rom(cpu);
	return map_alias(cpu) &&
		add_memory(cpu, FLASH_BASE, m->flash_open, UC_PROT_READ | UC_PROT_EXEC, sim->flash) &&
		add_window(cpu, FLASH_BASE + m->flash_open, FLASH_BASE + m->flash_open,
			SIM_FLASH_BYTES - m->flash_open) &&
		add_memory(cpu, ROM_BASE, sizeof cpu->rom, UC_PROT_READ | UC_PROT_EXEC, cpu->rom) &&
		add_window(cpu, rom_end, rom_end, ROM_REGION_END - rom_end) &&
		add_memory(cpu, SRAM1_BASE, sim->part->sram1_kib * KIB, UC_PROT_ALL, sim->sram1) &&
		add_window(cpu, sram1_end, sram1_end, SRAM2A_BASE - sram1_end) &&
		map_sram2(cpu, SRAM2A_BASE, SRAM_END) &&
		map_sram2(cpu, SRAM2_ALIAS, SRAM2_ALIAS + SRAM2_ALIAS_BYTES) &&
		add_window(cpu, PERIPHERALS, PERIPHERALS, PERIPHERALS_SIZE) &&
		add_window(cpu, PPB_BASE, PPB_BASE, PPB_END - PPB_BASE);
}

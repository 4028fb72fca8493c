/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A board for tests of CPU1 alone: SRAM1, blank flash, a device that notes when it was accessed, and nothing
 * at 0x60000000. Included once by each test program; defines the functions of libwbsim that CPU1 needs.
 */
#ifndef SIM_CPU1_BOARD_H
#define SIM_CPU1_BOARD_H

#include "sim/devices.h"
#include "sim/flash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HZ 4000000u
#define NS_PER_CYCLE 250u
#define SRAM1 SRAM1_BASE
#define FLASH FLASH_BASE
#define CODE (SRAM1 + 0x100u)
#define HANDLER (SRAM1 + 0x200u)
#define DATA (SRAM1 + 0x400u)
#define STACK (SRAM1 + 0x1000u)
#define DEVICE 0x40000000u
#define BREAKER 0x40000010u /* a write here asks for the end of the slice */
#define NOWHERE 0x60000000u

#define DHCSR 0xE000EDF0u
#define DCRSR 0xE000EDF4u
#define DCRDR 0xE000EDF8u
#define DEMCR 0xE000EDFCu
#define DFSR 0xE000ED30u
#define DEBUGEN 0xA05F0001u
#define HALT 0xA05F0003u
#define STEP 0xA05F0005u
#define S_HALT (1u << 17)
#define S_SLEEP (1u << 18)
#define S_LOCKUP (1u << 19)
#define S_RETIRE (1u << 24)
#define S_RESET (1u << 25)

enum { SEL_R0 = 0, SEL_R1 = 1, SEL_R2 = 2, SEL_R4 = 4, SEL_SP = 13, SEL_LR = 14, SEL_PC = 15, SEL_XPSR = 16, SEL_SPECIAL = 20, SEL_S0 = 64 };

static const struct sim_part part = {
	.name = "test", .flash_kib = 1024, .page = 4096, .sram1_kib = 192, .sram2a_kib = 32,
	.sram2b_kib = 32,
};
static uint64_t seen_ns[8];
static unsigned int seen;
static uint64_t flash_busy_until;
static enum dbgmcu_clock debug_clock;
static uint32_t boot_base, secure_start, flash_stores;

/* ---- the world around CPU1 */

bool bus_sram2_header(const struct wbsim *sim)
{
	(void)sim;
	return true;
}

uint32_t bus_boot_base(const struct wbsim *sim)
{
	(void)sim;
	return boot_base;
}

bool flash_closed(const struct wbsim *sim)
{
	(void)sim;
	return false;
}

bool flash_watched(const struct wbsim *sim)
{
	(void)sim;
	return false;
}

bool flash_watch(struct wbsim *sim, uint32_t addr, unsigned int size)
{
	(void)sim;
	(void)addr;
	(void)size;
	return false;
}

uint32_t flash_secure_start(const struct wbsim *sim)
{
	(void)sim;
	return secure_start;
}

uint32_t options_sram2a_open(const struct wbsim *sim)
{
	return sim->part->sram2a_kib * 1024u;
}

uint32_t options_sram2b_open(const struct wbsim *sim)
{
	return sim->part->sram2b_kib * 1024u;
}

bool flash_wait(struct wbsim *sim, enum sim_master m)
{
	assert_int_equal(m, SIM_CPU1);
	if (cpu1_now(sim) < flash_busy_until)
		cpu1_stall_until(sim, flash_busy_until);
	return true;
}

enum dbgmcu_clock dbgmcu_clock(const struct wbsim *sim)
{
	(void)sim;
	return debug_clock;
}

uint32_t rcc_hclk_hz(const struct wbsim *sim)
{
	(void)sim;
	return HZ;
}

void sim_log(struct wbsim *sim, const char *fmt, ...)
{
	(void)sim;
	(void)fmt;
}

void sim_reset_request(struct wbsim *sim, enum sim_reset cause)
{
	sim->reset_pending = true;
	sim->reset_cause = cause;
	cpu1_break(sim);
}

bool bus_read(struct wbsim *sim, enum sim_master m, uint32_t addr, unsigned int size, uint32_t *val)
{
	*val = 0;
	if (addr >= 0xE0000000u)
		return ppb_read(sim, m, addr, size, val);
	if (addr - SRAM1 < sizeof sim->sram1)
		memcpy(val, sim->sram1 + (addr - SRAM1), size);
	else if (addr - FLASH < sizeof sim->flash && addr < secure_start)
		memcpy(val, sim->flash + (addr - FLASH), size);
	else if (addr - DEVICE < 0x100 && seen < 8)
		seen_ns[seen++] = cpu1_now(sim);
	return addr - NOWHERE >= 0x10000;
}

bool bus_write(struct wbsim *sim, enum sim_master m, uint32_t addr, unsigned int size, uint32_t val)
{
	if (addr >= 0xE0000000u)
		return ppb_write(sim, m, addr, size, val);
	if (addr - SRAM1 < sizeof sim->sram1)
		memcpy(sim->sram1 + (addr - SRAM1), &val, size);
	else if (addr - FLASH < sizeof sim->flash)
		flash_stores++;
	else if (addr - DEVICE < 0x10 && seen < 8)
		seen_ns[seen++] = cpu1_now(sim);
	else if (addr == BREAKER)
		cpu1_break(sim);
	return addr - NOWHERE >= 0x10000;
}

/* ---- helpers */

static inline void put16(struct wbsim *sim, uint32_t addr, const uint16_t *code, size_t n)
{
	memcpy(sim->sram1 + (addr - SRAM1), code, n * sizeof *code);
	cpu1_invalidate(sim, addr, n * sizeof *code);
}
#define PUT(sim, addr, ...) put16(sim, addr, (const uint16_t[]){__VA_ARGS__}, \
	sizeof((const uint16_t[]){__VA_ARGS__}) / sizeof(uint16_t))

static inline void put32(struct wbsim *sim, uint32_t addr, uint32_t val)
{
	memcpy(sim->sram1 + (addr - SRAM1), &val, sizeof val);
	cpu1_invalidate(sim, addr, sizeof val);
}

static inline uint32_t get32(struct wbsim *sim, uint32_t addr)
{
	uint32_t val;

	memcpy(&val, sim->sram1 + (addr - SRAM1), sizeof val);
	return val;
}

static inline uint32_t rd(struct wbsim *sim, uint32_t addr)
{
	uint32_t val = 0;

	assert_true(ppb_read(sim, SIM_DEBUG, addr, 4, &val));
	return val;
}

static inline void wr(struct wbsim *sim, uint32_t addr, uint32_t val)
{
	assert_true(ppb_write(sim, SIM_DEBUG, addr, 4, val));
}

static inline uint32_t reg(struct wbsim *sim, uint32_t sel)
{
	wr(sim, DCRSR, sel);
	return rd(sim, DCRDR);
}

static inline void set_reg(struct wbsim *sim, uint32_t sel, uint32_t val)
{
	wr(sim, DCRDR, val);
	wr(sim, DCRSR, sel | 1u << 16);
}

/* Let time pass as time.c does; returns the time CPU1 used. */
static inline uint64_t pass(struct wbsim *sim, uint64_t cycles)
{
	uint64_t end = sim->now + cycles * NS_PER_CYCLE, ran = 0;

	while (sim->now < end) {
		uint64_t used = cpu1_run(sim, end - sim->now);

		ran += used;
		sim->now = used ? sim->now + used : end;
	}
	return ran / NS_PER_CYCLE;
}

/* A powered board that boots from SRAM1, every vector at HANDLER, the program at CODE. */
static int setup(void **state)
{
	struct wbsim *sim = calloc(1, sizeof *sim);

	assert_non_null(sim);
	sim->part = &part;
	sim->powered = true;
	memset(sim->flash, 0xFF, sizeof sim->flash);
	boot_base = SRAM1;
	secure_start = FLASH + 0xF4000;
	seen = flash_stores = 0;
	flash_busy_until = 0;
	for (uint32_t i = 1; i < 64; i++)
		put32(sim, SRAM1 + 4 * i, HANDLER + 1);
	put32(sim, SRAM1, STACK);
	put32(sim, SRAM1 + 4, CODE + 1);
	PUT(sim, CODE, 0xE7FE);
	PUT(sim, HANDLER, 0xE7FE);
	sim->cpu1 = cpu1_new(sim);
	assert_non_null(sim->cpu1);
	*state = sim;
	return 0;
}

static int teardown(void **state)
{
	struct wbsim *sim = *state;

	cpu1_free(sim->cpu1);
	free(sim);
	return 0;
}

/* Out of reset, halted at CODE. */
static inline void start_halted(struct wbsim *sim)
{
	cpu1_reset(sim, true);
	wr(sim, DHCSR, HALT);
	assert_true(cpu1_halted(sim));
	assert_int_equal(reg(sim, SEL_PC), CODE);
}

static inline void resume(struct wbsim *sim)
{
	wr(sim, DHCSR, DEBUGEN);
}

/* A program in flash, halted at its first instruction, FLASH + 0x100. */
static inline void start_in_flash(struct wbsim *sim, const uint16_t *code, size_t size)
{
	const uint32_t vectors[] = {STACK, FLASH + 0x101};

	boot_base = FLASH;
	memcpy(sim->flash, vectors, sizeof vectors);
	memcpy(sim->flash + 0x100, code, size);
	cpu1_reset(sim, true);
	wr(sim, DHCSR, HALT);
	assert_int_equal(reg(sim, SEL_PC), FLASH + 0x100);
	set_reg(sim, SEL_R0, 0);
}

#endif

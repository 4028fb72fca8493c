/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CM0+: what boots on C2BOOT, when things happen, and what a reset does to them. It runs no
 * code: fus.c and wstack.c behave as the firmware there would.
 */
#include "sim/cpu2.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How long things take; where nothing is measured, ours. */
#define BOOT_FUS_NS (20 * NS_PER_MS)
#define BOOT_STACK_NS (30 * NS_PER_MS)
#define ANSWER_NS (5 * NS_PER_MS)
#define FREE_NS (200 * NS_PER_US)
#define ROM_NS (4 * NS_PER_MS) /* the ROM bootloader writes its tables and sets C2BOOT */

uint32_t cpu2_page(const struct wbsim *sim)
{
	return sim->part->page;
}

uint32_t cpu2_boundary(const struct wbsim *sim)
{
	return FLASH_BASE + options_get(sim, "SFSA") * cpu2_page(sim);
}

uint32_t cpu2_option_address(const struct wbsim *sim)
{
	return FLASH_BASE + options_get(sim, "SBRV") * 4;
}

uint32_t cpu2_fus_start(const struct wbsim *sim)
{
	const struct fus_version *fus = fus_version_by_word(sim->cpu2->ufb.fus_version);

	return sim->part->fus_start + (fus ? fus->own_page_offset : 0);
}

uint32_t cpu2_fus_bytes(const struct wbsim *sim)
{
	/* one that starts later has its end where the others have it */
	return FUS_CODE_BYTES - (cpu2_fus_start(sim) - sim->part->fus_start);
}

uint32_t cpu2_safeboot(const struct wbsim *sim)
{
	return sim->part->family == SIM_WB1X ? 0x0804F800
					     : 0x080FF000; /* SBRV 0x13E00 [inf], 0x3FC00 [wiki] */
}

uint32_t cpu2_stack_end(const struct wbsim *sim)
{
	/* Below the FUS; on parts with less user flash, at its end, as ST's addresses have it
	 * [inf]. */
	uint32_t user = FLASH_BASE + sim->part->flash_kib * 1024u;

	return user < sim->part->fus_start ? user : sim->part->fus_start;
}

uint32_t cpu2_boundary_of(const struct wbsim *sim, const struct firmware *stack)
{
	const uint32_t kept = sim->cpu2->ufb.nvm_kept;

	if (!stack->start) /* its data may have stayed behind */
		return kept ? cpu2_stack_end(sim) - kept * cpu2_page(sim) : cpu2_fus_start(sim);
	return stack->start - (sim->quirks.nvm_below ? stack->nvm_pages * cpu2_page(sim) : 0);
}

uint32_t cpu2_place_of(const struct wbsim *sim, unsigned int pages, unsigned int nvm_pages)
{
	uint32_t room = (cpu2_stack_end(sim) - FLASH_BASE) / cpu2_page(sim);

	if (pages + nvm_pages > room)
		return 0;
	return cpu2_stack_end(sim) -
	       (pages + (sim->quirks.nvm_below ? 0 : nvm_pages)) * cpu2_page(sim);
}

const uint8_t *cpu2_flash(const struct wbsim *sim, uint32_t addr)
{
	return sim->flash + (addr - FLASH_BASE) % SIM_FLASH_BYTES;
}

void cpu2_ask_reset(struct wbsim *sim, enum sim_reset cause)
{
	sim->cpu2->resetting = true;
	sim_reset_request(sim, cause);
}

/* ---- life ---- */

void cpu2_stop(struct cpu2 *c)
{
	c->runs = CPU2_OFF;
	c->up = c->lost = c->resetting = false;
	c->op = FUS_IDLE;
	c->state = c->error = 0;
	c->boot_at = c->answer_at = c->free_at = c->rom_at = NEVER;
	c->step_mid = c->step_to = NEVER;
	c->pool_used = 0;
	c->free_count = 0;
	cpu2_flash_stop(c);
	memset(c->keys_locked, 0, sizeof(c->keys_locked));
	memset(c->aes_key, 0, sizeof(c->aes_key));
	c->aes_key_size = 0;
	c->aes_loaded = false;
}

/* FUS code is not ours to have: something that is neither blank nor zero stands for it. */
static void fill_fus(struct wbsim *sim)
{
	uint32_t x = sim->cpu2->ufb.fus_version | 1;
	uint8_t page[PAGE_MAX];

	/* one that starts later has its end where the others have it */
	for (uint32_t at = cpu2_fus_start(sim) - sim->part->fus_start; at < FUS_CODE_BYTES;
		at += cpu2_page(sim)) {
		for (uint32_t i = 0; i < cpu2_page(sim); i++) {
			x = x * 1664525 + 1013904223;
			page[i] = (uint8_t)(x >> 24);
		}
		flash_cpu2_erase(sim, sim->part->fus_start + at, cpu2_page(sim));
		flash_cpu2_program(sim, sim->part->fus_start + at, page, cpu2_page(sim));
	}
}

static void set_options(struct wbsim *sim)
{
	const struct firmware *s = &sim->cpu2->ufb.stack;
	uint32_t boot = s->start ? s->start : cpu2_fus_start(sim);
	bool all;

	options_cpu2_write(sim, "SFSA", (cpu2_boundary_of(sim, s) - FLASH_BASE) / cpu2_page(sim));
	options_cpu2_write(sim, "SBRV", (boot - FLASH_BASE) / 4);
	if (!s->start)
		return;
	all = s->open_2a >= sim->part->sram2a_kib;
	options_cpu2_write(sim, "BRSD", all);
	options_cpu2_write(sim, "SBRSA", all ? sim->part->sram2a_kib - 1u : s->open_2a);
	all = s->open_2b >= sim->part->sram2b_kib;
	options_cpu2_write(sim, "NBRSD", all);
	options_cpu2_write(sim, "SNBRSA", all ? sim->part->sram2b_kib - 1u : s->open_2b);
}

struct cpu2 *cpu2_new(struct wbsim *sim, const struct wbsim_config *cfg, char *why, size_t why_size)
{
	const char *name = cfg->fus ? cfg->fus : "1.2.0";
	const struct fus_version *fus = fus_version_by_name(name);
	struct cpu2 *c = calloc(1, sizeof(*c));

	if (!c || !fus) {
		snprintf(why, why_size, !c ? "no memory" : "FUS %s: no such version", name);
		free(c);
		return NULL;
	}
	if (!fus_version_exists(sim->part, fus)) {
		snprintf(why, why_size, "FUS %s: no %s has it", name, sim->part->name);
		free(c);
		return NULL;
	}
	sim->cpu2 = c;
	cpu2_stop(c);
	c->trust = trust_new(cfg->trust, why, why_size);
	c->fus_version = fus->version;
	c->ufb.fus_version = fus->version;
	if (!c->trust ||
		(cfg->stack_file && !wstack_install(sim, cfg->stack_file, why, why_size))) {
		sim->cpu2 = NULL;
		cpu2_free(c);
		return NULL;
	}
	fill_fus(sim);
	ufb_store(sim, 0);
	set_options(sim);
	return c;
}

void cpu2_free(struct cpu2 *cpu2)
{
	if (!cpu2)
		return;
	trust_free(cpu2->trust);
	free(cpu2);
}

void cpu2_reset(struct wbsim *sim, enum sim_reset cause)
{
	struct cpu2 *c = sim->cpu2;

	c->boots++;
	fus_interrupted(sim, cause);
	cpu2_stop(c);
	ufb_load(sim);
	vault_load(sim);
	if (cause == SIM_RESET_POWER && sim->powered && sim->quirks.rom_started_fus &&
		sim->flash[0] == 0xff && !memcmp(sim->flash, sim->flash + 1, 7))
		c->rom_at = sim->now + ROM_NS;
}

/* Which firmware stands where the boot vector points. */
/* What stands where Safeboot is selected, or has found a stack it cannot run [wiki, FUS 1.1.0]. */
static enum cpu2_runs safeboot(struct wbsim *sim)
{
	struct cpu2 *c = sim->cpu2;

	if (fus_version_has(sim, FUS_RESETS) && sim->quirks.safeboot != SIM_SAFEBOOT_NOTHING)
		return CPU2_SAFEBOOT;
	c->dead = true; /* before FUS 1.1.0 Safeboot locks the chip for good [wiki] */
	return CPU2_DEAD;
}

/* A stack that is broken in flash: a factory reset since 1.1.0 [wiki 3.2], else silence. */
static enum cpu2_runs stack_boots(struct wbsim *sim)
{
	const struct firmware *s = &sim->cpu2->ufb.stack;

	if (flash_cpu2_fetch(sim, s->start, s->size) && wstack_intact(sim))
		return CPU2_STACK;
	if (!fus_version_has(sim, FUS_RESETS) || sim->quirks.flash_error)
		return CPU2_DEAD;
	return safeboot(sim);
}

static enum cpu2_runs what_boots(struct wbsim *sim)
{
	struct cpu2 *c = sim->cpu2;
	uint32_t boot = cpu2_option_address(sim);

	if (c->dead ||
		!options_get(sim, "C2OPT")) /* the vector points into SRAM: nothing is there */
		return CPU2_DEAD;
	if (boot == cpu2_safeboot(sim))
		return safeboot(sim);
	/* 0.5.3 starts two pages later; its successor is started from there once. */
	if (boot == sim->part->fus_start || boot == cpu2_fus_start(sim) ||
		(c->ufb.operation == FUS_OP_FUS && boot == sim->part->fus_start + FUS_053_OFFSET))
		/* nobody is left to mend the FUS itself; ours */
		return flash_cpu2_fetch(sim, cpu2_fus_start(sim), cpu2_fus_bytes(sim)) ? CPU2_FUS
										 : CPU2_DEAD;
	if (c->ufb.stack.start && boot == c->ufb.stack.start &&
		cpu2_boundary(sim) == cpu2_boundary_of(sim, &c->ufb.stack))
		return stack_boots(sim);
	/* a factory reset that was cut before its last step: SBRV is what it was */
	return c->ufb.virgin ? safeboot(sim) : CPU2_DEAD;
}

void cpu2_boot(struct wbsim *sim)
{
	struct cpu2 *c = sim->cpu2;

	if (c->runs != CPU2_OFF || c->resetting)
		return;
	c->runs = what_boots(sim);
	if (c->ufb.operation && c->row >= fus_ops[c->ufb.operation].count[c->ufb.order]) {
		c->ufb.operation = FUS_IDLE; /* its last step was the reset we come from */
		ufb_store(sim, 0);
	}
	if (c->runs == CPU2_SAFEBOOT) {
		c->up = true;
		fus_begin(sim, FUS_OP_FACTORY);
	} else if (c->runs != CPU2_DEAD) {
		c->boot_at = cpu1_now(sim) + (c->runs == CPU2_FUS ? BOOT_FUS_NS : BOOT_STACK_NS);
	}
	sim_log(sim, "CM0+ boots from 0x%08X", (unsigned int)cpu2_option_address(sim));
}

static void booted(struct wbsim *sim)
{
	struct cpu2 *c = sim->cpu2;

	c->boot_at = NEVER;
	/* Nothing says anything without its clock, when mute, or when it does not find its tables.
	 */
	c->lost = sim->quirks.mute_cpu2 ||
		  (c->runs == CPU2_FUS && sim->quirks.need_crcen && !rcc_clock_on(sim, "C2CRC"));
	if (!c->lost && !tables_find(sim, c->runs == CPU2_STACK, &c->tables)) {
		c->lost = true;
		if (c->runs == CPU2_STACK)
			tables_scream(sim);
	}
	if (!c->lost && c->runs == CPU2_FUS)
		fus_ready(sim);
	else if (!c->lost)
		wstack_ready(sim);
	if (c->lost)
		sim_log(sim, "CM0+: stays silent");
	else
		cpu2_flash_begin(sim);
	cpu2_ipcc(sim);
}

void cpu2_ipcc(struct wbsim *sim)
{
	struct cpu2 *c = sim->cpu2;

	if (!c || !c->up || c->lost || c->resetting ||
		(c->runs != CPU2_FUS && c->runs != CPU2_STACK))
		return;
	if (ipcc_c1_to_c2(sim, 2) && c->answer_at == NEVER) {
		tables_take_command(sim); /* what CPU1 writes there later comes too late */
		c->answer_at = cpu1_now(sim) + ANSWER_NS;
	}
	if (c->runs == CPU2_STACK && ipcc_c1_to_c2(sim, 4) && c->free_at == NEVER)
		c->free_at = cpu1_now(sim) + FREE_NS;
}

static uint64_t answer_time(const struct wbsim *sim)
{
	const struct cpu2 *c = sim->cpu2;

	/* A deaf step answers when it has ended. */
	if (c->answer_at == NEVER || fault_mailbox_stuck(sim) ||
		(c->step_to != NEVER && fus_deaf(sim)))
		return NEVER;
	return c->answer_at;
}

uint64_t cpu2_next(struct wbsim *sim)
{
	const struct cpu2 *c = sim->cpu2;
	uint64_t times[7], next = NEVER;

	if (!c || !sim->powered || sim->nrst_low || c->resetting)
		return NEVER;
	times[0] = c->boot_at;
	times[1] = c->free_at;
	times[2] = c->rom_at;
	times[3] = c->step_mid;
	times[4] = c->step_to;
	times[5] = answer_time(sim);
	times[6] = cpu2_flash_next(c);
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		next = times[i] < next ? times[i] : next;
	return next;
}

void cpu2_tick(struct wbsim *sim)
{
	struct cpu2 *c = sim->cpu2;

	if (cpu2_next(sim) > sim->now)
		return;
	if (sim->now >= c->rom_at) {
		c->rom_at = NEVER;
		tables_rom(sim);
		pwr_set_c2boot(sim);
	} else if (sim->now >= c->boot_at) {
		booted(sim);
	} else if (sim->now >= c->free_at) {
		c->free_at = NEVER;
		wstack_free(sim);
		cpu2_ipcc(sim);
	} else if (sim->now >= c->step_mid || sim->now >= c->step_to) {
		fus_step_tick(sim);
	} else if (sim->now >= answer_time(sim)) {
		c->answer_at = NEVER;
		if (!ipcc_c1_to_c2(sim, 2))
			return;
		if (c->runs == CPU2_FUS)
			fus_command(sim);
		else
			wstack_command(sim);
	} else {
		cpu2_flash_tick(sim);
	}
}

bool cpu2_busy(const struct wbsim *sim)
{
	return sim->cpu2 && sim->cpu2->op != FUS_IDLE;
}

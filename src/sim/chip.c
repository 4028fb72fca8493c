/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The board as a whole: making and freeing it, power, and the tester's view. */
#include "sim/flash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_CHIP "wb55rg"

static bool alloc_parts(struct wbsim *sim)
{
	sim->flashc = flash_new();
	sim->opt = options_new();
	sim->rcc = rcc_new();
	sim->pwr = pwr_new();
	sim->ipcc = ipcc_new();
	sim->periph = periph_new();
	sim->dap = dap_new(sim);
	return sim->flashc && sim->opt && sim->rcc && sim->pwr && sim->ipcc && sim->periph &&
	       sim->dap;
}

/* The application: raw bytes from the start of flash. */
static bool load_app(struct wbsim *sim, const char *path, char *why, size_t why_size)
{
	size_t room = sim->part->flash_kib * 1024u;
	FILE *f = fopen(path, "rb");
	size_t len;
	bool more;

	if (!f) {
		snprintf(why, why_size, "cannot open the application %s", path);
		return false;
	}
	len = fread(sim->flash, 1, room, f);
	more = fgetc(f) != EOF;
	fclose(f);
	if (!len || more) {
		snprintf(why, why_size, "the application %s must have 1 to %zu bytes", path, room);
		return false;
	}
	return true;
}

void chip_quirk_options(struct wbsim *sim)
{
	if (sim->quirks.ipccdba)
		options_cpu2_write(sim, "IPCCDBA", sim->quirks.ipccdba);
	if (sim->quirks.iwdg_on)
		options_cpu2_write(sim, "IWDG_SW", 0);
}

static bool apply_options(
	struct wbsim *sim, const struct wbsim_config *cfg, char *why, size_t why_size)
{
	chip_quirk_options(sim);
	for (const char *const *o = cfg->options; o && *o; o++) {
		if (!options_parse(sim, *o, why, why_size))
			return false;
	}
	return true;
}

/* Everything but power. The CM0+'s flash contents come before --option, which has the last word. */
static bool furnish(struct wbsim *sim, const struct wbsim_config *cfg, char *why, size_t why_size)
{
	memset(sim->flash, 0xFF, sizeof(sim->flash));
	memset(sim->otp, 0xFF, sizeof(sim->otp));
	if (!alloc_parts(sim)) {
		snprintf(why, why_size, "out of memory");
		return false;
	}
	options_factory(sim);
	options_load(sim);
	if (cfg->app_file && !load_app(sim, cfg->app_file, why, why_size))
		return false;
	sim->cpu1 = cpu1_new(sim);
	sim->probe = probe_new(sim, cfg);
	if (!sim->cpu1 || !sim->probe) {
		snprintf(why, why_size, "cannot make the CPU engine or the probe: out of memory?");
		return false;
	}
	sim->fault = fault_new(sim, cfg, why, why_size);
	if (!sim->fault)
		return false;
	sim->cpu2 = cpu2_new(sim, cfg, why, why_size);
	if (!sim->cpu2)
		return false;
	return apply_options(sim, cfg, why, why_size);
}

struct wbsim *wbsim_new(const struct wbsim_config *cfg, char *why, size_t why_size)
{
	const char *chip = cfg->chip ? cfg->chip : DEFAULT_CHIP;
	struct wbsim *sim = calloc(1, sizeof(*sim));

	if (why_size)
		why[0] = '\0';
	if (!sim) {
		snprintf(why, why_size, "out of memory");
		return NULL;
	}
	sim->log = cfg->log;
	sim->log_ctx = cfg->log_ctx;
	sim->plugged = true;
	sim->power_back = NEVER;
	sim->part = sim_part_find(chip);
	if (!sim->part) {
		snprintf(why, why_size, "chip \"%s\" is not known; see --help", chip);
		wbsim_free(sim);
		return NULL;
	}
	if (!quirks_parse(sim, cfg->quirks, why, why_size) || !furnish(sim, cfg, why, why_size)) {
		wbsim_free(sim);
		return NULL;
	}
	sim_power_on(sim);
	sim->stats.resets = 0; /* being made is no event */
	return sim;
}

void wbsim_free(struct wbsim *sim)
{
	if (!sim)
		return;
	if (sim->cpu2)
		cpu2_free(sim->cpu2);
	if (sim->fault)
		fault_free(sim->fault);
	if (sim->probe)
		probe_free(sim->probe);
	if (sim->cpu1)
		cpu1_free(sim->cpu1);
	if (sim->dap)
		dap_free(sim->dap);
	periph_free(sim->periph);
	free(sim->ipcc);
	free(sim->pwr);
	free(sim->rcc);
	free(sim->opt);
	free(sim->flashc);
	free(sim);
}

uint64_t wbsim_now(const struct wbsim *sim)
{
	return sim->now;
}

void wbsim_sleep(struct wbsim *sim, uint64_t ns)
{
	sim_advance(sim, ns, SIM_PHASE_IDLE);
}

void wbsim_power(struct wbsim *sim, bool on)
{
	if (on)
		sim_power_on(sim);
	else
		sim_power_cut(sim, NEVER);
	sim_reset_settle(sim);
}

/* Plain memory behind an address, for the tester; NULL: registers or nothing. */
static uint8_t *tester_mem(struct wbsim *sim, uint32_t addr, size_t *room)
{
	uint8_t *mem = bus_ram(sim, addr, room);

	if (mem)
		return mem;
	if (addr - FLASH_BASE < SIM_FLASH_BYTES) {
		*room = SIM_FLASH_BYTES - (addr - FLASH_BASE);
		return sim->flash + (addr - FLASH_BASE);
	}
	if (addr - OTP_BASE < sizeof(sim->otp)) {
		*room = sizeof(sim->otp) - (addr - OTP_BASE);
		return sim->otp + (addr - OTP_BASE);
	}
	if (addr - options_base(sim) < sizeof(sim->option_page)) {
		*room = sizeof(sim->option_page) - (addr - options_base(sim));
		return sim->option_page + (addr - options_base(sim));
	}
	return NULL;
}

bool wbsim_peek(struct wbsim *sim, uint32_t addr, void *data, size_t len)
{
	uint8_t *out = data;
	uint32_t byte;
	size_t room;

	while (len) {
		uint8_t *mem = tester_mem(sim, addr, &room);
		size_t n = 1;

		if (mem) {
			n = len < room ? len : room;
			memcpy(out, mem, n);
		} else if (len >= 4 && !(addr & 3u)) {
			n = 4;
			if (!bus_read(sim, SIM_TESTER, addr, 4, &byte))
				return false;
			memcpy(out, &byte, 4);
		} else {
			if (!bus_read(sim, SIM_TESTER, addr, 1, &byte))
				return false;
			*out = (uint8_t)byte;
		}
		out += n;
		addr += (uint32_t)n;
		len -= n;
	}
	return true;
}

bool wbsim_corrupt(struct wbsim *sim, uint32_t addr, size_t len, unsigned int bits)
{
	const bool flash = addr - FLASH_BASE < SIM_FLASH_BYTES;
	const uint32_t options = addr - options_base(sim);
	const uint32_t step = flash ? 8u : 4u;
	size_t room = 0;
	uint8_t *mem = tester_mem(sim, addr, &room);

	if (!flash && options >= sizeof(sim->option_page))
		return false;
	if (!mem || !len || len > room || addr % step || len % step || bits < 1 || bits > 2)
		return false;
	for (size_t i = 0; i < len; i += step) {
		if (bits == 2 || !flash)
			mem[i] ^= (uint8_t)((1u << bits) - 1u);
	}
	if (flash)
		flash_ecc_mark(sim, addr - FLASH_BASE, len, bits);
	cpu1_invalidate(sim, addr, len);
	return true;
}

bool wbsim_poke(struct wbsim *sim, uint32_t addr, const void *data, size_t len)
{
	const uint8_t *in = data;
	size_t room;

	while (len) {
		uint8_t *mem = tester_mem(sim, addr, &room);
		size_t n = len < room ? len : room;

		if (!mem)
			return false;
		memcpy(mem, in, n);
		if (addr - FLASH_BASE < SIM_FLASH_BYTES)
			flash_cpu2_program(sim, addr, in, n);
		else
			cpu1_invalidate(sim, addr, n);
		in += n;
		addr += (uint32_t)n;
		len -= n;
	}
	return true;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtual time, power and resets.
 *
 * Time moves in slices that end at the next event of a device or of the CM0+, so that inside a
 * slice CPU1 runs alone. Resets and power loss asked for in the middle of something are done at the
 * next seam (sim_reset_settle), never under the feet of the code that asked.
 */
#include "sim/devices.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void sim_log(struct wbsim *sim, const char *fmt, ...)
{
	char line[256];
	va_list ap;

	if (!sim->log)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	sim->log(sim->log_ctx, line);
}

/* SRAM after power-on holds no zeros to rely on: a fixed noise, so that runs repeat. */
static void fill_noise(uint8_t *mem, size_t len, uint64_t seed)
{
	uint64_t x = seed;

	for (size_t i = 0; i + sizeof(x) <= len; i += sizeof(x)) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		memcpy(mem + i, &x, sizeof(x));
	}
}

static void lose_ram(struct wbsim *sim)
{
	fill_noise(sim->sram1, sizeof(sim->sram1), 0x9E3779B97F4A7C15ull);
	fill_noise(sim->sram2a, sizeof(sim->sram2a), 0xC2B2AE3D27D4EB4Full);
	fill_noise(sim->sram2b, sizeof(sim->sram2b), 0x165667B19E3779F9ull);
}

static void erase_sram2(struct wbsim *sim)
{
	memset(sim->sram2a, 0, sizeof(sim->sram2a));
	memset(sim->sram2b, 0, sizeof(sim->sram2b));
}

static void reset_devices(struct wbsim *sim, enum sim_reset cause)
{
	for (const struct sim_device *const *d = sim_devices; *d; d++) {
		if ((*d)->reset)
			(*d)->reset(sim, cause);
	}
	plain_reset(sim);
}

static void invalidate_ram(struct wbsim *sim)
{
	cpu1_invalidate(sim, SRAM1_BASE, sim->part->sram1_kib * 1024u);
	cpu1_invalidate(sim, SRAM2A_BASE, sim->part->sram2a_kib * 1024u);
	cpu1_invalidate(sim, SRAM2B_BASE, sim->part->sram2b_kib * 1024u);
}

/* The reset itself, at a seam. What survives which cause: sim.h, enum sim_reset. */
static void reset_now(struct wbsim *sim, enum sim_reset cause)
{
	bool by_chip = cause == SIM_RESET_CPU2 || cause == SIM_RESET_OBL;
	bool power = cause == SIM_RESET_POWER;
	bool keep_debug = !power && !(by_chip && sim->quirks.demcr_lost_on_reset);

	sim->reset_pending = false;
	sim->stats.resets++;
	flash_break_off(sim, true); /* RM0434 3.3: what was under way is not guaranteed */
	if (power)
		lose_ram(sim);
	else if (sim->quirks.sram2_erased_on_reset || !options_get(sim, "SRAM2_RST"))
		erase_sram2(sim);
	invalidate_ram(sim);
	if (power || cause == SIM_RESET_OBL)
		options_load(sim);
	reset_devices(sim, cause);
	bus_boot_choose(sim);
	cpu2_reset(sim, cause);
	cpu1_reset(sim, keep_debug);
	if (power)
		dap_lose(sim, sim->now);
	else if (by_chip && sim->quirks.dap_lost_on_reset)
		dap_lose(sim, sim->now + sim->quirks.dap_lost_ms * NS_PER_MS);
}

void sim_reset_request(struct wbsim *sim, enum sim_reset cause)
{
	if (!sim->powered)
		return;
	sim->reset_pending = true;
	sim->reset_cause = cause;
	cpu1_break(sim);
}

void sim_reset_settle(struct wbsim *sim)
{
	if (sim->power_fell) {
		sim->power_fell = false;
		sim->reset_pending = false;
		cpu1_power_off(sim);
		cpu2_reset(sim, SIM_RESET_POWER);
		dap_lose(sim, NEVER);
	}
	if (sim->reset_pending && sim->powered)
		reset_now(sim, sim->reset_cause);
}

void sim_nrst(struct wbsim *sim, bool low)
{
	sim_reset_settle(sim);
	if (sim->nrst_low == low)
		return;
	sim->nrst_low = low;
	if (!sim->powered)
		return;
	if (low)
		reset_now(sim, SIM_RESET_NRST);
	else
		cpu1_reset(sim, true); /* the core leaves reset now: vector catch counts here */
}

void sim_power_cut(struct wbsim *sim, uint64_t back_after_ns)
{
	if (sim->powered) {
		flash_break_off(sim, false);
		sim->powered = false;
		sim->power_fell = true;
		cpu1_break(sim);
	}
	sim->power_back = back_after_ns == NEVER ? NEVER : cpu1_now(sim) + back_after_ns;
}

void sim_power_on(struct wbsim *sim)
{
	sim_reset_settle(sim);
	sim->power_back = NEVER;
	if (sim->powered)
		return;
	sim->powered = true;
	fault_power_on(sim);
	reset_now(sim, SIM_RESET_POWER);
}

static void account(struct wbsim *sim, uint64_t ns, enum sim_phase phase)
{
	switch (phase) {
	case SIM_PHASE_WIRE:
		sim->stats.ns_wire += ns;
		break;
	case SIM_PHASE_LATENCY:
		sim->stats.ns_latency += ns;
		break;
	default:
		sim->stats.ns_idle += ns;
		break;
	}
}

static uint64_t next_event(struct wbsim *sim)
{
	uint64_t at = cpu2_next(sim);

	for (const struct sim_device *const *d = sim_devices; *d; d++) {
		uint64_t t = (*d)->next ? (*d)->next(sim) : NEVER;

		if (t < at)
			at = t;
	}
	return at;
}

static void tick_due(struct wbsim *sim)
{
	for (const struct sim_device *const *d = sim_devices; *d; d++) {
		if ((*d)->next && (*d)->next(sim) <= sim->now)
			(*d)->tick(sim);
		if (sim->reset_pending || !sim->powered)
			return;
	}
	if (cpu2_next(sim) <= sim->now)
		cpu2_tick(sim);
}

/* Events at one instant before time is pushed on: nothing real needs as many. */
#define EVENTS_AT_ONCE_MAX 10000u
#define PUSH_NS 1000u

/* A device or the CM0+ that stays due for ever must not stop the clock. */
static void no_standstill(struct wbsim *sim, uint64_t start)
{
	sim->standing = sim->now == start ? sim->standing + 1u : 0;
	if (sim->standing <= EVENTS_AT_ONCE_MAX)
		return;
	sim_log(sim, "an event at %llu ns repeats without end; time goes on",
		(unsigned long long)start);
	sim->now += PUSH_NS;
	sim->standing = 0;
}

/* One slice, at most to target, with power. */
static void run_slice(struct wbsim *sim, uint64_t target)
{
	bool fus = cpu2_busy(sim);
	uint64_t start = sim->now;
	uint64_t at = next_event(sim);

	if (at > target)
		at = target;
	if (at > sim->now) {
		uint64_t used = sim->nrst_low ? 0 : cpu1_run(sim, at - sim->now);

		sim->now = used ? sim->now + used : at;
	}
	if (fus)
		sim->stats.ns_fus += sim->now - start;
	if (!sim->reset_pending && sim->powered)
		tick_due(sim);
	no_standstill(sim, start);
}

void sim_advance(struct wbsim *sim, uint64_t ns, enum sim_phase phase)
{
	uint64_t target = sim->now + ns;

	account(sim, ns, phase);
	sim_reset_settle(sim);
	while (sim->now < target) {
		if (sim->powered) {
			run_slice(sim, target);
		} else if (sim->power_back <= target) {
			if (sim->now < sim->power_back)
				sim->now = sim->power_back;
			sim_power_on(sim);
		} else {
			sim->now = target;
		}
		sim_reset_settle(sim);
	}
}

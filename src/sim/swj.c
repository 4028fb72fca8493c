/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pins of the debug connector: clock edges, their virtual time, and which of JTAG, SWD and
 * dormant the port speaks (ADIv5.2, chapter B5). After power-on it is JTAG.
 */
#include "sim/swj.h"

#include "sim/dap.h"

#include <string.h>

/* Selection sequences, as their bits come: the first is the lowest. ADIv5.2 B5.2, B5.3. */
#define JTAG_TO_SWD 0xE79Eu
#define SWD_TO_JTAG 0xE73Cu
#define SWD_TO_DORMANT 0xE3BCu
#define SELECT_BITS 16u
#define JTAG_TO_DORMANT 0x33BBBBBAu
#define JTAG_TO_DORMANT_BITS 31u
#define JTAG_TO_DORMANT_ONES 5u
#define ALERT_LOW 0x86852D956209F392u
#define ALERT_HIGH 0x19BC0EA2E3DDAFE9u
/* behind an alert: four zeros, then eight bits of code */
#define ACTIVATION_BITS 12u
#define ACTIVATE_SWD 0x1A0u
#define ACTIVATE_JTAG 0x0A0u
#define ACTIVATE_JTAG_SERIAL 0x000u

#define LONG_AGO UINT32_MAX

static void select_mode(struct swj *j, enum swj_mode mode)
{
	j->mode = mode;
	j->alerted = 0;
	swd_wire_off(j);
	jtag_wire_reset(j);
}

static void power_up(struct swj *j)
{
	j->lives = dap_lives(j->sim);
	j->ap.pending = false;
	j->ones = 0;
	j->since_5 = j->since_50 = LONG_AGO;
	memset(j->recent, 0, sizeof(j->recent));
	select_mode(j, SWJ_JTAG);
}

void swj_init(struct swj *j, struct wbsim *sim)
{
	memset(j, 0, sizeof(*j));
	j->sim = sim;
	power_up(j);
	swj_settle(j);
}

void swj_settle(struct swj *j)
{
	uint64_t ns = j->owed_ns;

	j->owed_ns = 0;
	if (ns)
		sim_advance(j->sim, ns, SIM_PHASE_WIRE);
	j->alive = dap_alive(j->sim);
	if (j->lives != dap_lives(j->sim))
		power_up(j);
}

/* ---- transfers ------------------------------------------------------------------------------- */

enum wbsim_result swj_transfer(struct swj *j)
{
	swj_settle(j);
	j->sim->stats.probe_commands++;
	fault_point(j->sim, SIM_AT_COMMAND, NULL);
	swj_settle(j);
	return fault_transfer(j->sim);
}

bool swj_busy(struct swj *j)
{
	if (!j->ap.pending)
		return false;
	if (j->sim->now < j->ap.until)
		return true;
	j->ap.pending = false;
	dap_access(j->sim, j->ap.read, j->ap.reg, j->ap.data);
	return false;
}

void swj_ap(struct swj *j, bool read, uint8_t reg, uint32_t data)
{
	j->ap.read = read;
	j->ap.reg = reg;
	j->ap.data = data;
	j->ap.pending = ap_stalls(j->sim, !read, reg, &j->ap.until);
	if (!j->ap.pending)
		dap_access(j->sim, read, reg, data);
}

void swj_ap_abort(struct swj *j)
{
	j->ap.pending = false;
}

/* ---- selection ------------------------------------------------------------------------------- */

static void count_up(unsigned int *since)
{
	if (*since != LONG_AGO)
		++*since;
}

static void remember(struct swj *j, bool level)
{
	if (!level && j->ones >= SWJ_LINE_RESET)
		j->since_50 = 0;
	if (!level && j->ones >= JTAG_TO_DORMANT_ONES)
		j->since_5 = 0;
	count_up(&j->since_5);
	count_up(&j->since_50);
	j->ones = level ? j->ones + (j->ones < SWJ_LINE_RESET) : 0;
	j->recent[0] = j->recent[0] >> 1 | j->recent[1] << 63;
	j->recent[1] = j->recent[1] >> 1 | (level ? 1ull << 63 : 0);
}

static uint32_t last_bits(const struct swj *j, unsigned int bits)
{
	return (uint32_t)(j->recent[1] >> (64u - bits));
}

/* Dormant: first the alert, which nobody sends by accident, then who is meant. */
static void wake(struct swj *j)
{
	if (j->recent[0] == ALERT_LOW && j->recent[1] == ALERT_HIGH) {
		j->alerted = 1;
		return;
	}
	if (!j->alerted || ++j->alerted <= ACTIVATION_BITS)
		return;
	switch (last_bits(j, ACTIVATION_BITS)) {
	case ACTIVATE_SWD:
		select_mode(j, SWJ_SWD);
		break;
	case ACTIVATE_JTAG:
	case ACTIVATE_JTAG_SERIAL:
		select_mode(j, SWJ_JTAG);
		break;
	default:
		j->alerted = 0;
		break;
	}
}

static void watch(struct swj *j, bool level)
{
	bool just_50 = level && j->ones == SWJ_LINE_RESET - 1;

	remember(j, level);
	if (j->mode == SWJ_DORMANT) {
		wake(j);
	} else if (j->mode == SWJ_JTAG) {
		if (j->since_50 == SELECT_BITS && last_bits(j, SELECT_BITS) == JTAG_TO_SWD)
			select_mode(j, SWJ_SWD);
		else if (j->since_5 == JTAG_TO_DORMANT_BITS &&
			 last_bits(j, JTAG_TO_DORMANT_BITS) == JTAG_TO_DORMANT)
			select_mode(j, SWJ_DORMANT);
	} else if (just_50) {
		swd_wire_line_reset(j);
	} else if (j->since_50 == SELECT_BITS) {
		if (last_bits(j, SELECT_BITS) == SWD_TO_JTAG)
			select_mode(j, SWJ_JTAG);
		else if (last_bits(j, SELECT_BITS) == SWD_TO_DORMANT)
			select_mode(j, SWJ_DORMANT);
	}
}

/* ---- pins ------------------------------------------------------------------------------------ */

static void rise(struct swj *j)
{
	bool level = swj_swdio(j);

	j->sim->stats.swd_bits++;
	watch(j, level);
	if (j->mode == SWJ_SWD)
		swd_wire_rise(j, level);
	else if (j->mode == SWJ_JTAG && !j->trst)
		jtag_wire_rise(j);
}

static void set_clock(struct swj *j, bool clock)
{
	if (j->clock == clock)
		return;
	j->clock = clock;
	j->owed_ns += SWJ_EDGE_NS;
	if (!j->alive)
		return;
	if (clock)
		rise(j);
	else if (j->mode == SWJ_JTAG)
		jtag_wire_fall(j);
}

void swj_set_jtag(struct swj *j, bool tck, bool tms, bool tdi)
{
	j->released = false;
	j->swdio = tms;
	j->tdi = tdi;
	set_clock(j, tck);
}

void swj_set_swd(struct swj *j, bool swclk, bool swdio)
{
	j->swdio = swdio;
	set_clock(j, swclk);
}

void swj_release_swdio(struct swj *j, bool released)
{
	j->released = released;
}

void swj_set_resets(struct swj *j, bool trst, bool srst)
{
	swj_settle(j);
	j->trst = trst;
	if (trst)
		jtag_wire_reset(j);
	if (srst != j->srst)
		sim_nrst(j->sim, srst);
	j->srst = srst;
}

bool swj_tdo(const struct swj *j)
{
	return !j->alive || j->mode != SWJ_JTAG || j->jtag.tdo;
}

bool swj_swdio(const struct swj *j)
{
	if (j->alive && j->mode == SWJ_SWD && j->swd.drives)
		return j->swd.out;
	return j->released || j->swdio;
}

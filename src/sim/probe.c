/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The probe between USB and SWD: transfers with their acknowledges, memory blocks, clock and what
 * all of it costs in virtual time (wire and latency).
 */
#include "sim/probe.h"

#include <stdlib.h>
#include <string.h>

/* One SWD transfer: 8 request, 1 turnaround, 3 acknowledge, 1 turnaround, 32 data, 1 parity. */
#define TRANSFER_BITS 46u
/* JTAG-to-SWD: 50 ones, 16 bits of switch, 50 ones, 8 idle. ADIv5.2, B5.2.2. */
#define ATTACH_BITS 124u
#define NS_PER_BIT_KHZ 1000000u /* ns of a bit at 1 kHz */

#define WAIT_RETRIES 100u
#define SPOILED_EVERY 50u /* transfers */
#define POWER_UP_TRIES 100u

/* DP and AP registers, ADIv5.2. */
#define DP_DPIDR 0x00u
#define DP_ABORT 0x00u
#define DP_CTRL_STAT 0x04u
#define DP_SELECT 0x08u
#define DP_RDBUFF 0x0cu
#define DP_ABORT_CLEAR_ALL 0x1eu
#define DP_POWER_REQUEST 0x50000000u
#define DP_POWER_ACK 0xa0000000u
#define AP_CSW 0x00u
#define AP_TAR 0x04u
#define AP_DRW 0x0cu
#define CSW_DEFAULT 0x23000000u /* privileged data access by the debugger */
#define CSW_INCREMENT 0x10u
#define CSW_FIELDS_MASK 0x37u /* size and increment */
#define TAR_WRAP 0x1000u      /* auto-increment stays inside 4 KiB on a Cortex-M4 */

#define BYTES_PER_KIB 1024u

/* ns a command, ns a KiB: inferred from round trips of the real probes. */
static const struct {
	uint64_t command_ns, kib_ns;
} latency[] = {
	[WBSIM_PROBE_V3] = { 250000, 50000 },
	[WBSIM_PROBE_V2] = { 1000000, 1000000 },
};

#define SPEED_AT_START_V3 3300u
#define SPEED_AT_START_V2 1800u

struct probe *probe_new(struct wbsim *sim, const struct wbsim_config *cfg)
{
	struct probe *p = calloc(1, sizeof(*p));

	(void)sim;
	if (!p)
		return NULL;
	p->kind = cfg->probe == WBSIM_PROBE_V2 ? WBSIM_PROBE_V2 : WBSIM_PROBE_V3;
	p->khz = p->kind == WBSIM_PROBE_V2 ? SPEED_AT_START_V2 : SPEED_AT_START_V3;
	p->mode = PROBE_MODE_MASS;
	p->csw_ap = PROBE_AP_COUNT;
	return p;
}

void probe_free(struct probe *probe)
{
	free(probe);
}

static void spend_bits(struct wbsim *sim, unsigned int bits)
{
	sim->stats.swd_bits += bits;
	sim_advance(sim, (uint64_t)bits * NS_PER_BIT_KHZ / sim->probe->khz, SIM_PHASE_WIRE);
}

enum wbsim_result probe_command(struct wbsim *sim, size_t payload)
{
	const struct probe *p = sim->probe;

	if (!sim->plugged)
		return WBSIM_UNPLUGGED;
	sim->stats.probe_commands++;
	fault_point(sim, SIM_AT_COMMAND, NULL);
	if (!sim->plugged)
		return WBSIM_UNPLUGGED;
	sim_advance(sim,
		latency[p->kind].command_ns + latency[p->kind].kib_ns * payload / BYTES_PER_KIB,
		SIM_PHASE_LATENCY);
	return WBSIM_OK;
}

/* ---- single transfers ------------------------------------------------------------------------ */

static enum wbsim_result ack_result(enum swd_ack ack)
{
	switch (ack) {
	case SWD_OK:
		return WBSIM_OK;
	case SWD_WAIT:
		return WBSIM_WAIT;
	case SWD_FAULT:
		return WBSIM_FAULT;
	default:
		return WBSIM_NO_DAP;
	}
}

enum transfer { DP_READ, DP_WRITE, AP_READ, AP_WRITE };

/* Quirk bad-above: regularly, so that runs repeat; short accesses pass mostly, long ones never. */
static bool spoiled(struct wbsim *sim)
{
	return sim->quirks.bad_above_khz && sim->probe->khz > sim->quirks.bad_above_khz &&
	       ++sim->probe->spoiled % SPOILED_EVERY == 0;
}

static enum wbsim_result transfer(struct wbsim *sim, enum transfer kind, uint8_t reg, uint32_t *val)
{
	enum wbsim_result injected = spoiled(sim) ? WBSIM_PARITY : fault_transfer(sim);
	enum swd_ack ack = SWD_NONE;

	if (injected != WBSIM_OK) {
		spend_bits(sim, TRANSFER_BITS);
		return injected;
	}
	for (unsigned int try = 0; try < WAIT_RETRIES; try++) {
		spend_bits(sim, TRANSFER_BITS);
		switch (kind) {
		case DP_READ:
			ack = dap_dp_read(sim, reg, val);
			break;
		case DP_WRITE:
			ack = dap_dp_write(sim, reg, *val);
			break;
		case AP_READ:
			ack = dap_ap_read(sim, reg, val);
			break;
		case AP_WRITE:
			ack = dap_ap_write(sim, reg, *val);
			break;
		}
		if (ack != SWD_WAIT)
			break;
	}
	return ack_result(ack);
}

/* SELECT is written only when it changes, as the real firmware does. */
static enum wbsim_result select_bank(struct wbsim *sim, uint32_t select)
{
	struct probe *p = sim->probe;
	enum wbsim_result res;

	if (p->select_known && p->select == select)
		return WBSIM_OK;
	res = transfer(sim, DP_WRITE, DP_SELECT, &select);
	p->select_known = res == WBSIM_OK;
	p->select = select;
	return res;
}

/* A sticky error would fail every later transfer: the probe clears it and reports the one. */
static enum wbsim_result clear_sticky(struct wbsim *sim, enum wbsim_result res)
{
	uint32_t clear = DP_ABORT_CLEAR_ALL;

	if (res == WBSIM_FAULT || res == WBSIM_WAIT)
		(void)transfer(sim, DP_WRITE, DP_ABORT, &clear);
	if (res != WBSIM_OK) {
		sim->probe->select_known = false;
		sim->probe->csw_ap = PROBE_AP_COUNT;
	}
	return res;
}

enum wbsim_result probe_dp_read(struct wbsim *sim, uint8_t reg, uint32_t *val)
{
	enum wbsim_result res = WBSIM_OK;

	if (!sim->probe->attached)
		return WBSIM_NO_DAP;
	if ((reg & 0x0fu) == DP_CTRL_STAT)
		res = select_bank(sim, (sim->probe->select & ~0x0fu) | (reg >> 4));
	if (res == WBSIM_OK)
		res = transfer(sim, DP_READ, reg & 0x0cu, val);
	return clear_sticky(sim, res);
}

enum wbsim_result probe_dp_write(struct wbsim *sim, uint8_t reg, uint32_t val)
{
	enum wbsim_result res = WBSIM_OK;

	if (!sim->probe->attached)
		return WBSIM_NO_DAP;
	if ((reg & 0x0fu) == DP_SELECT)
		return clear_sticky(sim, select_bank(sim, val));
	if ((reg & 0x0fu) == DP_CTRL_STAT)
		res = select_bank(sim, (sim->probe->select & ~0x0fu) | (reg >> 4));
	if (res == WBSIM_OK)
		res = transfer(sim, DP_WRITE, reg & 0x0cu, &val);
	return clear_sticky(sim, res);
}

static enum wbsim_result select_ap(struct wbsim *sim, uint8_t ap, uint8_t reg)
{
	return select_bank(sim, (uint32_t)ap << 24 | (reg & 0xf0u));
}

enum wbsim_result probe_ap_read(struct wbsim *sim, uint8_t ap, uint8_t reg, uint32_t *val)
{
	enum wbsim_result res;

	if (!sim->probe->attached)
		return WBSIM_NO_DAP;
	res = select_ap(sim, ap, reg);
	if (res == WBSIM_OK)
		res = transfer(sim, AP_READ, reg & 0x0cu, val);
	if (res == WBSIM_OK)
		res = transfer(sim, DP_READ, DP_RDBUFF, val);
	return clear_sticky(sim, res);
}

enum wbsim_result probe_ap_write(struct wbsim *sim, uint8_t ap, uint8_t reg, uint32_t val)
{
	enum wbsim_result res;

	if (!sim->probe->attached)
		return WBSIM_NO_DAP;
	if (reg == AP_CSW)
		sim->probe->csw_ap = PROBE_AP_COUNT;
	res = select_ap(sim, ap, reg);
	if (res == WBSIM_OK)
		res = transfer(sim, AP_WRITE, reg & 0x0cu, &val);
	return clear_sticky(sim, res);
}

enum wbsim_result probe_attach(struct wbsim *sim)
{
	struct probe *p = sim->probe;
	uint32_t val = DP_ABORT_CLEAR_ALL;
	enum wbsim_result res;

	p->attached = false;
	p->select_known = false;
	p->select = 0;
	p->csw_ap = PROBE_AP_COUNT;
	spend_bits(sim, ATTACH_BITS);
	dap_line_reset(sim);
	res = transfer(sim, DP_READ, DP_DPIDR, &p->dpidr);
	if (res == WBSIM_OK)
		res = transfer(sim, DP_WRITE, DP_ABORT, &val);
	if (res == WBSIM_OK)
		res = select_bank(sim, 0);
	val = DP_POWER_REQUEST;
	if (res == WBSIM_OK)
		res = transfer(sim, DP_WRITE, DP_CTRL_STAT, &val);
	for (unsigned int i = 0; res == WBSIM_OK; i++) {
		res = transfer(sim, DP_READ, DP_CTRL_STAT, &val);
		if (res == WBSIM_OK && (val & DP_POWER_ACK) == DP_POWER_ACK)
			break;
		if (res == WBSIM_OK && i == POWER_UP_TRIES)
			res = WBSIM_NO_DAP;
	}
	p->attached = res == WBSIM_OK;
	return res;
}

void probe_detach(struct wbsim *sim)
{
	sim->probe->attached = false;
	sim->probe->mode = PROBE_MODE_MASS;
	memset(sim->probe->open_ap, 0, sizeof(sim->probe->open_ap));
}

/* ---- memory blocks --------------------------------------------------------------------------- */

static uint32_t block_csw(const struct probe_block *blk)
{
	uint32_t csw = blk->csw ? blk->csw & ~CSW_FIELDS_MASK : CSW_DEFAULT;

	csw |= blk->width == 4 ? 2u : blk->width == 2 ? 1u : 0u;
	return blk->increment ? csw | CSW_INCREMENT : csw;
}

static enum wbsim_result block_setup(struct wbsim *sim, const struct probe_block *blk)
{
	struct probe *p = sim->probe;
	uint32_t csw = block_csw(blk), tar = blk->addr;
	enum wbsim_result res = select_ap(sim, blk->ap, AP_CSW);

	if (res == WBSIM_OK && (p->csw_ap != blk->ap || p->csw != csw)) {
		res = transfer(sim, AP_WRITE, AP_CSW, &csw);
		p->csw_ap = res == WBSIM_OK ? blk->ap : PROBE_AP_COUNT;
		p->csw = csw;
	}
	return res == WBSIM_OK ? transfer(sim, AP_WRITE, AP_TAR, &tar) : res;
}

static uint32_t element_addr(const struct probe_block *blk, size_t i)
{
	return blk->increment ? blk->addr + (uint32_t)(i * blk->width) : blk->addr;
}

static bool wraps_before(const struct probe_block *blk, size_t i)
{
	return i && blk->increment && element_addr(blk, i) % TAR_WRAP == 0;
}

static void take_lanes(const struct probe_block *blk, size_t i, uint32_t val, uint8_t *data)
{
	val >>= 8 * (element_addr(blk, i) & 3u);
	for (unsigned int b = 0; b < blk->width; b++)
		data[i * blk->width + b] = (uint8_t)(val >> (8 * b));
}

/* A read answers with the one before it, so the value of element i comes with transfer i + 1. */
enum wbsim_result probe_mem_read(struct wbsim *sim, const struct probe_block *blk, uint8_t *data)
{
	enum wbsim_result res;
	uint32_t val = 0;
	size_t i = 0;
	bool posted = false;

	if (!sim->probe->attached)
		return WBSIM_NO_DAP;
	res = block_setup(sim, blk);
	for (; res == WBSIM_OK && i < blk->count; i++) {
		if (wraps_before(blk, i)) {
			uint32_t tar = element_addr(blk, i);

			res = transfer(sim, DP_READ, DP_RDBUFF, &val);
			if (res != WBSIM_OK)
				break;
			take_lanes(blk, i - 1, val, data);
			posted = false;
			res = transfer(sim, AP_WRITE, AP_TAR, &tar);
			if (res != WBSIM_OK)
				break;
		}
		res = transfer(sim, AP_READ, AP_DRW, &val);
		if (res == WBSIM_OK && posted)
			take_lanes(blk, i - 1, val, data);
		posted = true;
	}
	if (res == WBSIM_OK && posted) {
		res = transfer(sim, DP_READ, DP_RDBUFF, &val);
		if (res == WBSIM_OK)
			take_lanes(blk, i - 1, val, data);
	}
	if (res != WBSIM_OK)
		sim->probe->fault_addr = element_addr(blk, i ? i - 1 : 0);
	return clear_sticky(sim, res);
}

enum wbsim_result probe_mem_write(struct wbsim *sim, const struct probe_block *blk,
	const uint8_t *data)
{
	enum wbsim_result res;
	uint32_t val;
	size_t i = 0;

	if (!sim->probe->attached)
		return WBSIM_NO_DAP;
	res = block_setup(sim, blk);
	for (; res == WBSIM_OK && i < blk->count; i++) {
		if (wraps_before(blk, i)) {
			val = element_addr(blk, i);
			res = transfer(sim, AP_WRITE, AP_TAR, &val);
			if (res != WBSIM_OK)
				break;
		}
		val = 0;
		for (unsigned int b = 0; b < blk->width; b++)
			val |= (uint32_t)data[i * blk->width + b] << (8 * b);
		val <<= 8 * (element_addr(blk, i) & 3u);
		res = transfer(sim, AP_WRITE, AP_DRW, &val);
	}
	/* A write's bus error shows with the next transfer. */
	if (res == WBSIM_OK)
		res = transfer(sim, DP_READ, DP_RDBUFF, &val);
	if (res != WBSIM_OK)
		sim->probe->fault_addr = element_addr(blk, i ? i - 1 : 0);
	return clear_sticky(sim, res);
}

enum wbsim_result probe_word_read(struct wbsim *sim, uint32_t addr, uint32_t *val)
{
	struct probe_block blk = { .addr = addr, .width = 4, .count = 1, .increment = true };
	uint8_t raw[4] = { 0 };
	enum wbsim_result res = probe_mem_read(sim, &blk, raw);

	*val = stlink_get32(raw);
	return res;
}

enum wbsim_result probe_word_write(struct wbsim *sim, uint32_t addr, uint32_t val)
{
	struct probe_block blk = { .addr = addr, .width = 4, .count = 1, .increment = true };
	const uint8_t raw[4] = { (uint8_t)val, (uint8_t)(val >> 8), (uint8_t)(val >> 16),
		(uint8_t)(val >> 24) };

	return probe_mem_write(sim, &blk, raw);
}

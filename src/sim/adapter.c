/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The probe as an in-process memory adapter: what tests/link_sim.c calls. A transfer costs what
 * OpenOCD's dapdirect transport makes of it: per block the data and its status, then CTRL/STAT.
 */
#include "sim/probe.h"

/* The firmware's buffers: OpenOCD 0.12, STLINK_DATA_SIZE, STLINKV3_MAX_RW8, STLINK_MAX_RW8. */
#define BLOCK_MAX 6144u
#define BLOCK_MAX_8BIT_V3 512u
#define BLOCK_MAX_8BIT_V2 64u

#define DP_CTRL_STAT 0x04u
#define MEM_MAX 0x10000u

size_t probe_block_max(const struct wbsim *sim, unsigned int width)
{
	if (width > 1)
		return BLOCK_MAX;
	return sim->probe->kind == WBSIM_PROBE_V2 ? BLOCK_MAX_8BIT_V2 : BLOCK_MAX_8BIT_V3;
}

static enum wbsim_result check(const struct wbsim *sim, uint32_t addr, unsigned int width,
	size_t count, const void *data)
{
	if (!sim->plugged)
		return WBSIM_UNPLUGGED;
	if ((width != 1 && width != 2 && width != 4) || addr % width || !data)
		return WBSIM_USAGE;
	if (!count || count > MEM_MAX / width || count * width - 1 > UINT32_MAX - addr)
		return WBSIM_USAGE;
	return WBSIM_OK;
}

static enum wbsim_result transfer(struct wbsim *sim, struct probe_block *all, uint8_t *in,
	const uint8_t *out)
{
	size_t done = 0, max = probe_block_max(sim, all->width) / all->width;
	enum wbsim_result res = WBSIM_OK, end;
	uint32_t ctrl_stat;

	while (res == WBSIM_OK && done < all->count) {
		struct probe_block blk = *all;
		size_t offset = done * all->width;

		blk.count = all->count - done < max ? all->count - done : max;
		blk.addr += (uint32_t)offset;
		if (probe_command(sim, blk.count * blk.width) != WBSIM_OK)
			return WBSIM_UNPLUGGED;
		res = in ? probe_mem_read(sim, &blk, in + offset)
			 : probe_mem_write(sim, &blk, out + offset);
		if (probe_command(sim, 0) != WBSIM_OK)
			return WBSIM_UNPLUGGED;
		done += blk.count;
	}
	if (probe_command(sim, 0) != WBSIM_OK)
		return WBSIM_UNPLUGGED;
	end = probe_dp_read(sim, DP_CTRL_STAT, &ctrl_stat);
	return res == WBSIM_OK ? end : res;
}

enum wbsim_result wbsim_mem_read(struct wbsim *sim, uint32_t addr, unsigned int width, size_t count,
	void *data)
{
	struct probe_block blk = {
		.addr = addr, .width = width, .count = count, .increment = true
	};
	enum wbsim_result res = check(sim, addr, width, count, data);

	return res == WBSIM_OK ? transfer(sim, &blk, data, NULL) : res;
}

enum wbsim_result wbsim_mem_write(struct wbsim *sim, uint32_t addr, unsigned int width,
	size_t count, const void *data)
{
	struct probe_block blk = {
		.addr = addr, .width = width, .count = count, .increment = true
	};
	enum wbsim_result res = check(sim, addr, width, count, data);

	return res == WBSIM_OK ? transfer(sim, &blk, NULL, data) : res;
}

enum wbsim_result wbsim_attach(struct wbsim *sim)
{
	enum wbsim_result res = probe_command(sim, 0);

	if (res != WBSIM_OK)
		return res;
	res = probe_attach(sim);
	if (res == WBSIM_OK)
		sim->probe->mode = PROBE_MODE_DEBUG;
	return res;
}

enum wbsim_result wbsim_nrst(struct wbsim *sim, bool low)
{
	enum wbsim_result res = probe_command(sim, 0);

	if (res == WBSIM_OK)
		sim_nrst(sim, low);
	return res;
}

/* V3 answers GET_COM_FREQ with this list; V2-1 takes divisors (OpenOCD 0.12, stlink_usb.c). */
static const struct probe_speed speeds_v3[] = {
	{ 24000, 0 }, { 8000, 0 }, { 3300, 0 }, { 1000, 0 }, { 200, 0 }, { 50, 0 }, { 5, 0 },
};
static const struct probe_speed speeds_v2[] = {
	{ 4000, 0 }, { 1800, 1 }, { 1200, 2 }, { 950, 3 }, { 480, 7 }, { 240, 15 },
	{ 125, 31 }, { 100, 40 }, { 50, 79 }, { 25, 158 }, { 15, 265 }, { 5, 798 },
};
const struct probe_speed *probe_speeds(enum wbsim_probe_kind kind, size_t *count)
{
	if (kind == WBSIM_PROBE_V2) {
		*count = sizeof(speeds_v2) / sizeof(speeds_v2[0]);
		return speeds_v2;
	}
	*count = sizeof(speeds_v3) / sizeof(speeds_v3[0]);
	return speeds_v3;
}

unsigned int wbsim_set_speed(struct wbsim *sim, unsigned int khz)
{
	size_t count;
	const struct probe_speed *list = probe_speeds(sim->probe->kind, &count);
	size_t i = 0;

	while (i < count - 1 && list[i].khz > khz)
		i++;
	if (probe_command(sim, 0) == WBSIM_OK)
		sim->probe->khz = list[i].khz;
	return sim->probe->khz;
}

unsigned int wbsim_get_speed(const struct wbsim *sim)
{
	return sim->probe->khz;
}

void wbsim_unplug(struct wbsim *sim)
{
	if (sim->nrst_low)
		sim_nrst(sim, false); /* nobody drives it any more */
	probe_detach(sim);
	sim->plugged = false;
}

void wbsim_replug(struct wbsim *sim)
{
	sim->plugged = true;
}

bool wbsim_plugged(const struct wbsim *sim)
{
	return sim->plugged;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The access ports, as ADIv5.2 (ARM IHI 0031) has them. AP0 is CPU1's AHB-AP; AP1 (the CM0+)
 * answers only its IDR; others read 0. Identification values as probes read them on a WB55 (chip.md).
 */
#include "sim/dap.h"
#include "sim/devices.h"
#include "sim/flash.h"

#define AP0_IDR 0x24770011u
#define AP1_IDR 0x84770001u
#define AP0_BASE 0xE00FF003u

/* AP registers */
#define AP_CSW 0x00u
#define AP_TAR 0x04u
#define AP_DRW 0x0Cu
#define AP_BD0 0x10u
#define AP_BD3 0x1Cu
#define AP_CFG 0xF4u
#define AP_BASE 0xF8u
#define AP_IDR 0xFCu

#define CSW_SIZE_MASK 0x7u
#define CSW_INC_SHIFT 4u
#define CSW_WRITABLE                                                                               \
	0xFF000037u     /* this AHB-AP claims no packed transfers: AddrInc 2 reads as off */
#define TAR_WRAP 0xFFFu /* auto-increment stays inside 4 KiB on a CM4 (openocd.md) */

/* Size of an access as CSW asks; anything above a word is taken as one. */
static unsigned int csw_size(const struct dap *d)
{
	uint32_t code = d->csw & CSW_SIZE_MASK;

	return code > 2 ? 4u : 1u << code;
}

static void sticky(struct dap *d)
{
	d->ctrl |= DAP_STICKYERR;
}

/* A failed access leaves TAR where it was: ADIv5.2 C2.2. */
static void tar_step(struct dap *d, unsigned int size)
{
	if (((d->csw >> CSW_INC_SHIFT) & 3u) == 1 && !(d->ctrl & DAP_STICKYERR))
		d->tar = (d->tar & ~TAR_WRAP) | ((d->tar + size) & TAR_WRAP);
}

/* In Sleep mode the bus matrix may stand still; the PPB, DBGMCU on it, has the core's clock. */
static bool reaches(const struct wbsim *sim, uint32_t addr)
{
	return dbgmcu_clock(sim) != DBGMCU_CLOCK_CORE || (addr >= PPB_BASE && addr < PPB_END);
}

static void mem_read(struct wbsim *sim, uint32_t addr, unsigned int size, uint32_t *val)
{
	uint32_t lane = 8u * (addr & 3u & ~(size - 1u));

	sim->stats.target_reads++;
	if (!reaches(sim, addr) || !bus_read(sim, SIM_DEBUG, addr & ~(size - 1u), size, val)) {
		sticky(sim->dap);
		return;
	}
	*val <<= lane;
	sim->stats.bytes_read += size;
}

static void mem_write(struct wbsim *sim, uint32_t addr, unsigned int size, uint32_t val)
{
	uint32_t lane = 8u * (addr & 3u & ~(size - 1u));

	sim->stats.target_writes++;
	val = (val >> lane) & (uint32_t)((1ull << (8u * size)) - 1u);
	if (!reaches(sim, addr) || !bus_write(sim, SIM_DEBUG, addr & ~(size - 1u), size, val))
		sticky(sim->dap);
	else
		sim->stats.bytes_written += size;
}

/* The register SELECT and A[3:2] point at. */
static uint32_t ap_reg(const struct dap *d, uint8_t reg)
{
	return (d->select & 0xF0u) | (reg & 0xCu);
}

static uint32_t ap0_read(struct wbsim *sim, uint32_t reg)
{
	struct dap *d = sim->dap;
	uint32_t val = 0;

	if (reg >= AP_BD0 && reg <= AP_BD3) {
		mem_read(sim, (d->tar & ~0xFu) | (reg - AP_BD0), 4, &val);
		return val;
	}
	switch (reg) {
	case AP_CSW:
		return d->csw;
	case AP_TAR:
		return d->tar;
	case AP_DRW:
		mem_read(sim, d->tar, csw_size(d), &val);
		tar_step(d, csw_size(d));
		return val;
	case AP_BASE:
		return AP0_BASE;
	case AP_IDR:
		return AP0_IDR;
	default:
		return 0;
	}
}

static void ap0_write(struct wbsim *sim, uint32_t reg, uint32_t val)
{
	struct dap *d = sim->dap;

	if (reg >= AP_BD0 && reg <= AP_BD3) {
		mem_write(sim, (d->tar & ~0xFu) | (reg - AP_BD0), 4, val);
		return;
	}
	switch (reg) {
	case AP_CSW:
		if ((val & CSW_SIZE_MASK) > 2)
			val = (val & ~CSW_SIZE_MASK) | 2u;
		if (((val >> CSW_INC_SHIFT) & 3u) > 1)
			val &= ~(3u << CSW_INC_SHIFT);
		d->csw = (val & CSW_WRITABLE) | (MEM_AP_CSW & ~CSW_WRITABLE);
		break;
	case AP_TAR:
		d->tar = val;
		break;
	case AP_DRW:
		mem_write(sim, d->tar, csw_size(d), val);
		tar_step(d, csw_size(d));
		break;
	default:
		break;
	}
}

static bool moves_data(uint32_t at)
{
	return at == AP_DRW || (at >= AP_BD0 && at <= AP_BD3);
}

uint32_t ap_read(struct wbsim *sim, uint8_t reg)
{
	struct dap *d = sim->dap;
	uint32_t apsel = d->select >> 24, at = ap_reg(d, reg);

	if (apsel == 0)
		return ap0_read(sim, at);
	if (apsel == 1 && at == AP_IDR)
		return AP1_IDR;
	if (apsel == 1 && moves_data(at))
		sticky(d); /* the CM0+'s bus is closed on production parts */
	return 0;
}

void ap_write(struct wbsim *sim, uint8_t reg, uint32_t val)
{
	struct dap *d = sim->dap;
	uint32_t apsel = d->select >> 24, at = ap_reg(d, reg);

	if (apsel == 0)
		ap0_write(sim, at, val);
	else if (apsel == 1 && moves_data(at))
		sticky(d);
}

bool ap_stalls(struct wbsim *sim, bool write, uint8_t reg, uint64_t *until)
{
	const struct dap *d = sim->dap;
	uint32_t at = ap_reg(d, reg), addr = at == AP_DRW ? d->tar : d->tar & ~0xFu;

	if (d->select >> 24 != 0 || !moves_data(at))
		return false;
	return flash_holds(sim, bus_unalias(sim, addr), write, until);
}

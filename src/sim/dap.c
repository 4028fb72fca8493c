/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The debug port and its access ports, as ADIv5.2 (ARM IHI 0031) has them: one call is one SWD
 * transfer. AP0 is CPU1's AHB-AP; AP1 (the CM0+) answers only its IDR; others read 0.
 * Identification values as probes read them on a WB55 (chip.md).
 */
#include "sim/devices.h"

#include <stdlib.h>
#include <string.h>

#define DPIDR 0x6BA02477u
#define TARGETID_REVISION 0x00000041u /* designer ST (0x20 << 1 | 1); part in 27..16 */
#define DLPIDR 0x00000001u            /* SWD protocol version 2 */
#define AP0_IDR 0x24770011u
#define AP1_IDR 0x84770001u
#define AP0_BASE 0xE00FF003u

/* CTRL/STAT */
#define ORUNDETECT (1u << 0)
#define STICKYORUN (1u << 1)
#define STICKYCMP (1u << 4)
#define STICKYERR (1u << 5)
#define READOK (1u << 6)
#define WDATAERR (1u << 7)
#define STICKY_ALL (STICKYORUN | STICKYCMP | STICKYERR | WDATAERR)
#define CTRL_WRITABLE 0x54FFFF0Du /* requests, TRNCNT, MASKLANE, TRNMODE, ORUNDETECT */
#define CDBGPWRUPREQ (1u << 28)
#define POWER_REQS ((1u << 26) | CDBGPWRUPREQ | (1u << 30))

/* ABORT */
#define ABORT_STKCMPCLR (1u << 1)
#define ABORT_STKERRCLR (1u << 2)
#define ABORT_WDERRCLR (1u << 3)
#define ABORT_ORUNERRCLR (1u << 4)

/* AP registers */
#define AP_CSW 0x00u
#define AP_TAR 0x04u
#define AP_DRW 0x0Cu
#define AP_BD0 0x10u
#define AP_BD3 0x1Cu
#define AP_CFG 0xF4u
#define AP_BASE 0xF8u
#define AP_IDR 0xFCu

#define CSW_READS 0xA3000040u /* as read on boards: DbgSwEnable, HPROT, MasterType, DeviceEn */
#define CSW_SIZE_MASK 0x7u
#define CSW_INC_SHIFT 4u
#define CSW_WRITABLE                                                                               \
	0xFF000037u     /* this AHB-AP claims no packed transfers: AddrInc 2 reads as off */
#define TAR_WRAP 0xFFFu /* auto-increment stays inside 4 KiB on a CM4 (openocd.md) */

struct dap {
	uint32_t ctrl, select, dlcr;
	uint32_t rdbuff, last_read;
	uint32_t csw, tar;
	uint64_t lost_until; /* the port answers nothing before this; NEVER: no power */
	bool line_reset;     /* one was seen since the port woke up */
	bool identified;     /* and DPIDR was read since */
};

static void dap_defaults(struct dap *d)
{
	memset(d, 0, sizeof(*d));
	d->csw = CSW_READS | 2u;
}

struct dap *dap_new(struct wbsim *sim)
{
	struct dap *d = calloc(1, sizeof(*d));

	(void)sim;
	if (d)
		dap_defaults(d);
	return d;
}

void dap_free(struct dap *dap)
{
	free(dap);
}

void dap_lose(struct wbsim *sim, uint64_t until_ns)
{
	dap_defaults(sim->dap);
	sim->dap->lost_until = until_ns;
}

bool dap_alive(struct wbsim *sim)
{
	sim_reset_settle(sim);
	if (sim->swd_off_at && sim->now >= sim->swd_off_at)
		return false; /* the pins are the application's, until a reset */
	return sim->powered && sim->now >= sim->dap->lost_until && options_rdp_level(sim) != 2;
}

void dap_line_reset(struct wbsim *sim)
{
	if (!dap_alive(sim))
		return; /* nobody there to see it */
	sim->dap->line_reset = true;
	sim->dap->identified = false;
	sim->dap->select = 0;
}

/* Can the port answer at all, and may it answer this? */
static enum swd_ack gate(struct wbsim *sim, bool allowed_with_sticky)
{
	if (!dap_alive(sim) || !sim->dap->identified)
		return SWD_NONE;
	if (!allowed_with_sticky && (sim->dap->ctrl & STICKY_ALL))
		return SWD_FAULT;
	return SWD_OK;
}

static uint32_t ctrl_stat(const struct dap *d)
{
	return d->ctrl | (d->ctrl & POWER_REQS)
				 << 1; /* each acknowledge is the bit above its request */
}

enum swd_ack dap_dp_read(struct wbsim *sim, uint8_t reg, uint32_t *val)
{
	struct dap *d = sim->dap;
	uint32_t bank = d->select & 0xFu;
	enum swd_ack ack;

	*val = 0;
	if (reg == 0x0) {
		if (!dap_alive(sim) || !d->line_reset)
			return SWD_NONE;
		d->identified = true;
		*val = DPIDR;
		return SWD_OK;
	}
	ack = gate(sim, reg == 0x4 && bank == 0);
	if (ack != SWD_OK)
		return ack;
	if (reg == 0x8) {
		*val = d->last_read; /* RESEND */
	} else if (reg == 0xC) {
		*val = d->last_read = d->rdbuff;
	} else if (bank == 0) {
		*val = ctrl_stat(d);
	} else if (bank == 1) {
		*val = d->dlcr;
	} else if (bank == 2) {
		*val = (uint32_t)sim->part->dev_id << 16 | TARGETID_REVISION;
	} else if (bank == 3) {
		*val = DLPIDR;
	}
	return SWD_OK;
}

static void abort_write(struct dap *d, uint32_t val)
{
	if (val & ABORT_STKCMPCLR)
		d->ctrl &= ~STICKYCMP;
	if (val & ABORT_STKERRCLR)
		d->ctrl &= ~STICKYERR;
	if (val & ABORT_WDERRCLR)
		d->ctrl &= ~WDATAERR;
	if (val & ABORT_ORUNERRCLR)
		d->ctrl &= ~STICKYORUN;
}

enum swd_ack dap_dp_write(struct wbsim *sim, uint8_t reg, uint32_t val)
{
	struct dap *d = sim->dap;
	enum swd_ack ack = gate(sim, reg == 0x0);

	if (ack != SWD_OK)
		return ack;
	switch (reg) {
	case 0x0:
		abort_write(d, val);
		break;
	case 0x4:
		if ((d->select & 0xFu) == 0)
			d->ctrl = (d->ctrl & ~CTRL_WRITABLE) | (val & CTRL_WRITABLE);
		else if ((d->select & 0xFu) == 1)
			d->dlcr = val;
		break;
	case 0x8:
		d->select = val;
		break;
	default: /* TARGETSEL: one device on this line */
		break;
	}
	return SWD_OK;
}

/* Size of an access as CSW asks; anything above a word is taken as one. */
static unsigned int csw_size(const struct dap *d)
{
	uint32_t code = d->csw & CSW_SIZE_MASK;

	return code > 2 ? 4u : 1u << code;
}

static void sticky(struct dap *d)
{
	d->ctrl |= STICKYERR;
}

static void tar_step(struct dap *d, unsigned int size)
{
	if (((d->csw >> CSW_INC_SHIFT) & 3u) == 1)
		d->tar = (d->tar & ~TAR_WRAP) | ((d->tar + size) & TAR_WRAP);
}

static void mem_read(struct wbsim *sim, uint32_t addr, unsigned int size, uint32_t *val)
{
	uint32_t lane = 8u * (addr & 3u & ~(size - 1u));

	sim->stats.target_reads++;
	if (bus_read(sim, SIM_DEBUG, addr & ~(size - 1u), size, val))
		*val <<= lane;
	else
		sticky(sim->dap);
}

static void mem_write(struct wbsim *sim, uint32_t addr, unsigned int size, uint32_t val)
{
	uint32_t lane = 8u * (addr & 3u & ~(size - 1u));

	sim->stats.target_writes++;
	val = (val >> lane) & (uint32_t)((1ull << (8u * size)) - 1u);
	if (!bus_write(sim, SIM_DEBUG, addr & ~(size - 1u), size, val))
		sticky(sim->dap);
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
		d->csw = (val & CSW_WRITABLE) | (CSW_READS & ~CSW_WRITABLE);
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

/* AP transfers need the debug power domain. */
static enum swd_ack ap_gate(struct wbsim *sim)
{
	enum swd_ack ack = gate(sim, false);

	if (ack == SWD_OK && !(sim->dap->ctrl & CDBGPWRUPREQ)) {
		sticky(sim->dap);
		ack = SWD_FAULT;
	}
	return ack;
}

enum swd_ack dap_ap_read(struct wbsim *sim, uint8_t reg, uint32_t *posted)
{
	struct dap *d = sim->dap;
	uint32_t apsel = d->select >> 24, at = ap_reg(d, reg), val = 0;
	enum swd_ack ack = ap_gate(sim);

	*posted = 0;
	if (ack != SWD_OK)
		return ack;
	*posted = d->last_read = d->rdbuff;
	if (apsel == 0)
		val = ap0_read(sim, at);
	else if (apsel == 1 && at == AP_IDR)
		val = AP1_IDR;
	else if (apsel == 1 && (at == AP_DRW || (at >= AP_BD0 && at <= AP_BD3)))
		sticky(d); /* the CM0+'s bus is closed on production parts */
	if (sim->dap->ctrl & STICKYERR)
		d->ctrl &= ~READOK;
	else
		d->ctrl |= READOK;
	d->rdbuff = val;
	return SWD_OK;
}

enum swd_ack dap_ap_write(struct wbsim *sim, uint8_t reg, uint32_t val)
{
	struct dap *d = sim->dap;
	uint32_t apsel = d->select >> 24, at = ap_reg(d, reg);
	enum swd_ack ack = ap_gate(sim);

	if (ack != SWD_OK)
		return ack;
	if (apsel == 0)
		ap0_write(sim, at, val);
	else if (apsel == 1 && (at == AP_DRW || (at >= AP_BD0 && at <= AP_BD3)))
		sticky(d);
	return SWD_OK;
}

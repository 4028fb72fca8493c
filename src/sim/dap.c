/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The debug port, as ADIv5.2 (ARM IHI 0031) has it: one call is one transfer. Its access ports are
 * in mem_ap.c. Identification values as probes read them on a WB55 (chip.md).
 */
#include "sim/dap.h"
#include "sim/devices.h"

#include <stdlib.h>
#include <string.h>

#define DPIDR 0x6BA02477u
#define TARGETID_REVISION 0x00000041u /* designer ST (0x20 << 1 | 1); part in 27..16 */
#define DLPIDR 0x00000001u            /* SWD protocol version 2 */

/* CTRL/STAT */
#define ORUNDETECT (1u << 0)
#define STICKYORUN (1u << 1)
#define STICKYCMP (1u << 4)
#define READOK (1u << 6)
#define WDATAERR (1u << 7)
#define STICKY_ALL (STICKYORUN | STICKYCMP | DAP_STICKYERR | WDATAERR)
#define CTRL_WRITABLE 0x54FFFF0Du /* requests, TRNCNT, MASKLANE, TRNMODE, ORUNDETECT */
#define CDBGPWRUPREQ (1u << 28)
#define POWER_REQS ((1u << 26) | CDBGPWRUPREQ | (1u << 30))

/* a JTAG-DP: flags that writing 1 clears, and those it does not have; ADIv5.2 B2.2.2 */
#define JTAG_CLEARS (STICKYORUN | STICKYCMP | DAP_STICKYERR)
#define JTAG_LACKS (READOK | WDATAERR)

#define DLCR_TURNROUND_SHIFT 8u

#define APSEL_SHIFT 24u /* of SELECT */
#define CPU1_AP 0u

/* ABORT */
#define ABORT_STKCMPCLR (1u << 1)
#define ABORT_STKERRCLR (1u << 2)
#define ABORT_WDERRCLR (1u << 3)
#define ABORT_ORUNERRCLR (1u << 4)

static void dap_defaults(struct dap *d)
{
	memset(d, 0, sizeof(*d));
	d->csw = MEM_AP_CSW_RESET;
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
	uint32_t lives = sim->dap->lives;

	dap_defaults(sim->dap);
	sim->dap->lost_until = until_ns;
	sim->dap->lives = lives + 1;
}

bool dap_alive(struct wbsim *sim)
{
	sim_reset_settle(sim);
	if (sim->swd_off_at && sim->now >= sim->swd_off_at)
		return false; /* the pins are the application's, until a reset */
	if (sim->quirks.stop_debug == SIM_STOP_SILENT && dbgmcu_clock(sim) == DBGMCU_CLOCK_NONE)
		return false;
	return sim->powered && sim->now >= sim->dap->lost_until && options_rdp_level(sim) != 2;
}

void dap_line_reset(struct wbsim *sim)
{
	if (!dap_alive(sim))
		return; /* nobody there to see it */
	sim->dap->link = DAP_LINK_SWD;
	sim->dap->line_reset = true;
	sim->dap->identified = false;
	sim->dap->select = 0;
	sim->dap->dlcr = bits_set(sim->dap->dlcr, DLCR_TURNROUND_SHIFT, 2, 0);
}

void dap_use_jtag(struct wbsim *sim)
{
	sim->dap->link = DAP_LINK_JTAG;
}

/* Can the port answer at all, and may it answer this? */
static enum swd_ack gate(struct wbsim *sim, bool allowed_with_sticky)
{
	if (!dap_alive(sim) || (sim->dap->link == DAP_LINK_SWD && !sim->dap->identified))
		return SWD_NONE;
	if (!allowed_with_sticky && (sim->dap->ctrl & STICKY_ALL))
		return SWD_FAULT;
	return SWD_OK;
}

static uint32_t ctrl_stat(const struct dap *d)
{
	/* each acknowledge is the bit above its request */
	uint32_t val = d->ctrl | (d->ctrl & POWER_REQS) << 1;

	return d->link == DAP_LINK_JTAG ? val & ~JTAG_LACKS : val;
}

/* Does the answer not depend on sticky flags? A JTAG-DP never refuses a DP access. */
static bool always_allowed(const struct dap *d, bool read, uint8_t reg)
{
	if (d->link == DAP_LINK_JTAG)
		return true;
	return read ? reg == 0x4 && (d->select & 0xFu) == 0 : reg == 0x0;
}

enum swd_ack dap_dp_read(struct wbsim *sim, uint8_t reg, uint32_t *val)
{
	struct dap *d = sim->dap;
	uint32_t bank = d->select & 0xFu;
	enum swd_ack ack;

	*val = 0;
	if (reg == 0x0) {
		if (!dap_alive(sim))
			return SWD_NONE;
		if (d->link == DAP_LINK_JTAG)
			return SWD_OK; /* reserved: its IDCODE is a scan of its own */
		if (!d->line_reset)
			return SWD_NONE;
		d->identified = true;
		*val = DPIDR;
		return SWD_OK;
	}
	ack = gate(sim, always_allowed(d, true, reg));
	if (ack != SWD_OK)
		return ack;
	if (reg == 0x8) {
		*val = d->link == DAP_LINK_JTAG ? d->select : d->last_read; /* SELECT, RESEND */
	} else if (reg == 0xC) {
		d->last_read = d->rdbuff;
		*val = d->link == DAP_LINK_JTAG ? 0 : d->rdbuff;
	} else if (bank == 0) {
		*val = ctrl_stat(d);
	} else if (bank == 1) {
		*val = d->dlcr;
	} else if (bank == 2) {
		*val = dap_targetid(sim);
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
		d->ctrl &= ~DAP_STICKYERR;
	if (val & ABORT_WDERRCLR)
		d->ctrl &= ~WDATAERR;
	if (val & ABORT_ORUNERRCLR)
		d->ctrl &= ~STICKYORUN;
}

static void ctrl_write(struct dap *d, uint32_t val)
{
	d->ctrl = (d->ctrl & ~CTRL_WRITABLE) | (val & CTRL_WRITABLE);
	if (d->link == DAP_LINK_JTAG)
		d->ctrl &= ~(val & JTAG_CLEARS);
}

enum swd_ack dap_dp_write(struct wbsim *sim, uint8_t reg, uint32_t val)
{
	struct dap *d = sim->dap;
	enum swd_ack ack = gate(sim, always_allowed(d, false, reg));

	if (ack != SWD_OK)
		return ack;
	switch (reg) {
	case 0x0:
		if (d->link == DAP_LINK_SWD) /* of a JTAG-DP: reserved */
			abort_write(d, val);
		break;
	case 0x4:
		if ((d->select & 0xFu) == 0)
			ctrl_write(d, val);
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

/* AP transfers need the debug power domain, and CPU1's AP a clock. */
static enum swd_ack ap_gate(struct wbsim *sim)
{
	enum swd_ack ack = gate(sim, false);

	if (ack == SWD_OK && sim->dap->select >> APSEL_SHIFT == CPU1_AP &&
		dbgmcu_clock(sim) == DBGMCU_CLOCK_NONE)
		return SWD_WAIT;
	if (ack == SWD_OK && !(sim->dap->ctrl & CDBGPWRUPREQ)) {
		sim->dap->ctrl |= DAP_STICKYERR;
		ack = SWD_FAULT;
	}
	return ack;
}

void dap_access(struct wbsim *sim, bool read, uint8_t reg, uint32_t data)
{
	struct dap *d = sim->dap;

	if (!read) {
		ap_write(sim, reg, data);
		return;
	}
	d->rdbuff = ap_read(sim, reg);
	if (d->ctrl & DAP_STICKYERR)
		d->ctrl &= ~READOK;
	else
		d->ctrl |= READOK;
}

enum swd_ack dap_ap_read(struct wbsim *sim, uint8_t reg, uint32_t *posted)
{
	struct dap *d = sim->dap;
	enum swd_ack ack = ap_gate(sim);

	*posted = 0;
	if (ack != SWD_OK)
		return ack;
	*posted = d->last_read = d->rdbuff;
	dap_access(sim, true, reg, 0);
	return SWD_OK;
}

enum swd_ack dap_ap_write(struct wbsim *sim, uint8_t reg, uint32_t val)
{
	enum swd_ack ack = ap_gate(sim);

	if (ack == SWD_OK)
		dap_access(sim, false, reg, val);
	return ack;
}

/* ---- for the wires --------------------------------------------------------------------------- */

enum swd_ack dap_ack(struct wbsim *sim, bool ap, bool read, uint8_t reg)
{
	return ap ? ap_gate(sim) : gate(sim, always_allowed(sim->dap, read, reg));
}

uint32_t dap_take_posted(struct wbsim *sim)
{
	return sim->dap->last_read = sim->dap->rdbuff;
}

uint32_t dap_result(const struct wbsim *sim)
{
	return sim->dap->rdbuff;
}

uint32_t dap_targetid(const struct wbsim *sim)
{
	return (uint32_t)sim->part->dev_id << 16 | TARGETID_REVISION;
}

uint32_t dap_lives(const struct wbsim *sim)
{
	return sim->dap->lives;
}

bool dap_detects_overrun(const struct wbsim *sim)
{
	return sim->dap->ctrl & ORUNDETECT;
}

void dap_overrun(struct wbsim *sim)
{
	sim->dap->ctrl |= STICKYORUN;
}

void dap_bad_parity(struct wbsim *sim)
{
	sim->dap->ctrl |= WDATAERR;
}

unsigned int dap_turnround(const struct wbsim *sim)
{
	return 1u + bits_get(sim->dap->dlcr, DLCR_TURNROUND_SHIFT, 2);
}

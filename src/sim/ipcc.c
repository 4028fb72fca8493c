/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPCC: six channels each way between CPU1 and the CM0+. RM0434 chapter 37; SVD. */
#include "sim/devices.h"

#include <stdlib.h>
#include <string.h>

enum ipcc_reg {
	REG_C1CR = 0x00,
	REG_C1MR = 0x04,
	REG_C1SCR = 0x08,
	REG_C1TOC2SR = 0x0C,
	REG_C2CR = 0x10,
	REG_C2MR = 0x14,
	REG_C2SCR = 0x18,
	REG_C2TOC1SR = 0x1C,
	REG_HWCFGR = 0x3F0,
	REG_VERR = 0x3F4,
	REG_IPIDR = 0x3F8,
	REG_SIDR = 0x3FC,
};

#define CHANNELS 6u
#define CHANNEL_MASK ((1u << CHANNELS) - 1u)
#define SET_SHIFT                                                                                  \
	16u /* SCR: bits 16.. set our flags, bits 0.. clear theirs; MR: 16.. free, 0.. occupied */
#define CR_RXOIE (1u << 0)
#define CR_TXFIE (1u << 16)

struct ipcc {
	uint32_t cr[2], mr[2]; /* of CPU1, of CPU2 */
	uint32_t flags[2];     /* C1TOC2SR, C2TOC1SR */
	bool rx, tx;           /* CPU1's interrupt lines */
};

struct ipcc *ipcc_new(void)
{
	return calloc(1, sizeof(struct ipcc));
}

static void lines_update(struct wbsim *sim)
{
	struct ipcc *p = sim->ipcc;
	uint32_t occupied = p->flags[1] & ~p->mr[0] & CHANNEL_MASK;
	uint32_t free = ~p->flags[0] & ~(p->mr[0] >> SET_SHIFT) & CHANNEL_MASK;
	bool rx = (p->cr[0] & CR_RXOIE) && occupied;
	bool tx = (p->cr[0] & CR_TXFIE) && free;

	if (rx != p->rx)
		cpu1_irq(sim, IRQ_IPCC_RX, rx);
	if (tx != p->tx)
		cpu1_irq(sim, IRQ_IPCC_TX, tx);
	p->rx = rx;
	p->tx = tx;
}

static uint32_t bit(unsigned int channel)
{
	return channel >= 1 && channel <= CHANNELS ? 1u << (channel - 1u) : 0;
}

bool ipcc_c1_to_c2(const struct wbsim *sim, unsigned int channel)
{
	return (sim->ipcc->flags[0] & bit(channel)) != 0;
}

void ipcc_c2_clear(struct wbsim *sim, unsigned int channel)
{
	sim->ipcc->flags[0] &= ~bit(channel);
	lines_update(sim);
}

void ipcc_c2_set(struct wbsim *sim, unsigned int channel)
{
	sim->ipcc->flags[1] |= bit(channel);
	lines_update(sim);
}

bool ipcc_c2_to_c1(const struct wbsim *sim, unsigned int channel)
{
	return (sim->ipcc->flags[1] & bit(channel)) != 0;
}

static uint32_t ipcc_read(struct wbsim *sim, enum sim_master m, uint32_t offset)
{
	const struct ipcc *p = sim->ipcc;

	(void)m;
	switch (offset) {
	case REG_C1CR:
	case REG_C2CR:
		return p->cr[offset / REG_C2CR];
	case REG_C1MR:
	case REG_C2MR:
		return p->mr[offset / REG_C2CR];
	case REG_C1TOC2SR:
	case REG_C2TOC1SR:
		return p->flags[offset / REG_C2CR];
	case REG_HWCFGR:
		return CHANNELS;
	case REG_VERR:
		return 0x10;
	case REG_IPIDR:
		return 0x00100071;
	case REG_SIDR:
		return 0xA3C5DD01;
	default:
		return 0;
	}
}

/* side 0: CPU1's SCR; it sets C1TOC2 flags and clears C2TOC1 flags. Side 1 the other way round. */
static void scr_write(struct wbsim *sim, unsigned int side, uint32_t val)
{
	struct ipcc *p = sim->ipcc;

	p->flags[side] |= (val >> SET_SHIFT) & CHANNEL_MASK;
	p->flags[1u - side] &= ~(val & CHANNEL_MASK);
	lines_update(sim);
	cpu2_ipcc(sim);
	cpu1_break(sim);
}

static void ipcc_write(struct wbsim *sim, enum sim_master m, uint32_t offset, uint32_t val)
{
	struct ipcc *p = sim->ipcc;

	(void)m;
	switch (offset) {
	case REG_C1CR:
	case REG_C2CR:
		p->cr[offset / REG_C2CR] = val & (CR_RXOIE | CR_TXFIE);
		break;
	case REG_C1MR:
	case REG_C2MR:
		p->mr[offset / REG_C2CR] = val;
		break;
	case REG_C1SCR:
	case REG_C2SCR:
		scr_write(sim, offset / REG_C2CR, val);
		break;
	default:
		break;
	}
	lines_update(sim);
}

static void ipcc_reset(struct wbsim *sim, unsigned int cause)
{
	(void)cause;
	memset(sim->ipcc, 0, sizeof(*sim->ipcc));
	sim->ipcc->mr[0] = sim->ipcc->mr[1] = UINT32_MAX;
	cpu1_irq(sim, IRQ_IPCC_RX, false);
	cpu1_irq(sim, IRQ_IPCC_TX, false);
}

const struct sim_device dev_ipcc = {
	.name = "IPCC",
	.base = 0x58000C00u,
	.size = 0x400u,
	.read = ipcc_read,
	.write = ipcc_write,
	.reset = ipcc_reset,
	.ahb3_clock = 1u << 20,
};

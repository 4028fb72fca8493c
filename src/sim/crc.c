/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CRC unit: polynomials of 7, 8, 16, 32 bits, bit reversal in and out. RM0434 chapter 16; SVD. */
#include "sim/devices.h"

enum crc_reg {
	REG_DR = 0x00,
	REG_IDR = 0x04,
	REG_CR = 0x08,
	REG_INIT = 0x10,
	REG_POL = 0x14,
};

#define CR_RESET (1u << 0)
#define CR_WRITABLE 0xF8u /* POLYSIZE, REV_IN, REV_OUT */
#define POL_RESET 0x04C11DB7u

static uint32_t reverse(uint32_t val, unsigned int width)
{
	uint32_t out = 0;

	for (unsigned int i = 0; i < width; i++)
		out |= ((val >> i) & 1u) << (width - 1u - i);
	return out;
}

/* REV_IN: 1 by byte, 2 by halfword, 3 by word; a unit wider than the data reverses the data. */
static uint32_t reverse_in(uint32_t val, unsigned int mode, unsigned int width)
{
	unsigned int unit = mode == 1 ? 8u : mode == 2 ? 16u : 32u;
	uint32_t out = 0;

	if (mode == 0)
		return val;
	if (unit > width)
		unit = width;
	for (unsigned int at = 0; at < width; at += unit)
		out |= reverse(bits_get(val, at, unit), unit) << at;
	return out;
}

static unsigned int poly_width(const struct crc_state *c)
{
	static const uint8_t widths[] = { 32, 16, 8, 7 };

	return widths[bits_get(c->cr, 3, 2)];
}

static uint32_t low_bits(uint32_t val, unsigned int width)
{
	return bits_get(val, 0, width);
}

static void feed(struct crc_state *c, uint32_t val, unsigned int width)
{
	unsigned int poly = poly_width(c);

	val = reverse_in(val, bits_get(c->cr, 5, 2), width);
	for (unsigned int i = width; i-- > 0;) {
		uint32_t top = (c->dr >> (poly - 1u)) & 1u;

		c->dr = low_bits(c->dr << 1, poly);
		if (top != ((val >> i) & 1u))
			c->dr ^= low_bits(c->pol, poly);
	}
}

static bool clocked(const struct wbsim *sim, enum sim_master m)
{
	return m == SIM_TESTER || rcc_clock_on(sim, "CRC");
}

static uint32_t crc_read(struct wbsim *sim, enum sim_master m, uint32_t offset)
{
	const struct crc_state *c = &sim->periph->crc;

	if (!clocked(sim, m))
		return 0;
	switch (offset) {
	case REG_DR:
		return c->cr & 0x80u ? reverse(c->dr, poly_width(c)) : c->dr;
	case REG_IDR:
		return c->idr;
	case REG_CR:
		return c->cr;
	case REG_INIT:
		return c->init;
	case REG_POL:
		return c->pol;
	default:
		return 0;
	}
}

static void crc_write(struct wbsim *sim, enum sim_master m, uint32_t offset, uint32_t val)
{
	struct crc_state *c = &sim->periph->crc;

	if (!clocked(sim, m))
		return;
	switch (offset) {
	case REG_DR:
		feed(c, sim->periph->access_raw, 8u * sim->periph->access_size);
		break;
	case REG_IDR:
		c->idr = val;
		break;
	case REG_CR:
		c->cr = val & CR_WRITABLE;
		if (val & CR_RESET)
			c->dr = low_bits(c->init, poly_width(c));
		break;
	case REG_INIT:
		c->init = val;
		c->dr = low_bits(val, poly_width(c));
		break;
	case REG_POL:
		c->pol = val;
		break;
	default:
		break;
	}
}

static void crc_reset(struct wbsim *sim, unsigned int cause)
{
	(void)cause;
	sim->periph->crc =
		(struct crc_state){ .dr = UINT32_MAX, .init = UINT32_MAX, .pol = POL_RESET };
}

const struct sim_device dev_crc = {
	.name = "CRC",
	.base = 0x40023000u,
	.size = 0x400u,
	.read = crc_read,
	.write = crc_write,
	.reset = crc_reset,
};

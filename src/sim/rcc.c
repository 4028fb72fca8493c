/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RCC: the clock that CPU1 runs at, peripheral clock enables, and who reset the chip. RM0434
 * chapter 8; offsets and reset values from the SVD. Oscillators that software starts are ready at
 * once.
 */
#include "sim/devices.h"

#include <stdlib.h>
#include <string.h>

enum rcc_reg {
	REG_CR = 0x00,
	REG_CFGR = 0x08,
	REG_PLLCFGR = 0x0C,
	REG_AHB1ENR = 0x48,
	REG_AHB2ENR = 0x4C,
	REG_AHB3ENR = 0x50,
	REG_BDCR = 0x90,
	REG_CSR = 0x94,
	REG_CRRCR = 0x98,
	REG_C2AHB1ENR = 0x148,
	REG_C2AHB3ENR = 0x150,
};

#define RCC_BYTES 0x400u
#define RCC_WORDS (RCC_BYTES / 4u)
#define CR_READY_BITS 0x0A020402u /* the ready bit is the one above the enable, MSI to PLLSAI1 */
#define CR_MSIRDY                                                                                  \
	(1u << 1) /* clear at reset (SVD), set a moment later: DS11929, MSI start-up time */
#define MSI_READY_NS 2000u
#define CSR_LSI_READY 0x0000000Au /* LSI1RDY, LSI2RDY, each one above its enable */
#define CSR_FLAGS 0xFE000000u
#define CSR_RMVF (1u << 23)
#define CSR_OBLRSTF (1u << 25)
#define CSR_PINRSTF (1u << 26)
#define CSR_BORRSTF (1u << 27)
#define CSR_SFTRSTF (1u << 28)
#define CSR_IWDGRSTF (1u << 29)
#define CFGR_FLAGS 0x00070000u /* prescalers applied: at once */
#define CR_HSEPRE (1u << 20)

#define HSI_HZ 16000000u
#define HSE_HZ 32000000u

struct rcc {
	uint32_t reg[RCC_WORDS];
	uint32_t hclk;
	uint64_t reset_at;
};

static const struct {
	uint32_t offset, val;
} resets[] = {
	{ 0x00, 0x00000061 },
	{ 0x04, 0x40000000 },
	{ 0x08, 0x00070000 },
	{ 0x0C, 0x22040100 },
	{ 0x10, 0x22040100 },
	{ 0x24, 0x00000301 },
	{ 0x48, 0x00000100 },
	{ 0x50, 0x02080000 },
	{ 0x58, 0x00000400 },
	{ 0x68, 0x00011207 },
	{ 0x6C, 0x0001209F },
	{ 0x70, 0x03070100 },
	{ 0x78, 0x85A04E01 },
	{ 0x7C, 0x00000021 },
	{ 0x80, 0x00265800 },
	{ 0x9C, 0x00000030 },
	{ 0x108, 0x00030000 },
	{ 0x150, 0x02080000 },
	{ 0x158, 0x00000400 },
	{ 0x168, 0x00011207 },
	{ 0x16C, 0x0001209F },
	{ 0x170, 0x03070000 },
	{ 0x178, 0x85A04601 },
	{ 0x17C, 0x00000021 },
	{ 0x180, 0x00265800 },
	{ 0x184, 0x00000003 },
};

/* MSIRANGE; RM0434 8.4.1. Above 48 MHz the codes are reserved. */
static const uint32_t msi_hz[] = {
	100000,
	200000,
	400000,
	800000,
	1000000,
	2000000,
	4000000,
	8000000,
	16000000,
	24000000,
	32000000,
	48000000,
};

struct rcc *rcc_new(void)
{
	return calloc(1, sizeof(struct rcc));
}

static uint32_t *reg_at(const struct wbsim *sim, uint32_t offset)
{
	return &sim->rcc->reg[offset / 4u];
}

static uint32_t msi(const struct wbsim *sim)
{
	uint32_t range = bits_get(*reg_at(sim, REG_CR), 4, 4);
	uint32_t top = sizeof(msi_hz) / sizeof(msi_hz[0]) - 1u;

	return msi_hz[range > top ? top : range];
}

static uint32_t hse(const struct wbsim *sim)
{
	return (*reg_at(sim, REG_CR) & CR_HSEPRE) ? HSE_HZ / 2 : HSE_HZ;
}

static uint32_t pll(const struct wbsim *sim)
{
	uint32_t cfg = *reg_at(sim, REG_PLLCFGR);
	uint32_t source = bits_get(cfg, 0, 2);
	uint64_t in = source == 3 ? hse(sim) : source == 2 ? HSI_HZ : source == 1 ? msi(sim) : 0;
	uint64_t m = bits_get(cfg, 4, 3) + 1u, n = bits_get(cfg, 8, 7),
		 r = bits_get(cfg, 29, 3) + 1u;
	uint64_t hz = in / m * n / r;

	return hz > 64000000u ? 64000000u : (uint32_t)hz;
}

/* HPRE; RM0434 8.4.3: the odd dividers fill the codes below 8. */
static uint32_t ahb_divider(uint32_t hpre)
{
	static const uint16_t dividers[] = { 1, 3, 5, 1, 1, 6, 10, 32, 2, 4, 8, 16, 64, 128, 256,
		512 };

	return dividers[hpre & 15u];
}

static void clock_update(struct wbsim *sim)
{
	uint32_t cfgr = *reg_at(sim, REG_CFGR);
	uint32_t hz;

	switch (bits_get(cfgr, 2, 2)) {
	case 0:
		hz = msi(sim);
		break;
	case 1:
		hz = HSI_HZ;
		break;
	case 2:
		hz = hse(sim);
		break;
	default:
		hz = pll(sim);
		break;
	}
	hz /= ahb_divider(bits_get(cfgr, 4, 4));
	if (hz == 0)
		hz = msi_hz[0];
	if (sim->rcc->hclk != hz) {
		sim->rcc->hclk = hz;
		cpu1_break(sim);
	}
}

uint32_t rcc_hclk_hz(const struct wbsim *sim)
{
	return sim->rcc->hclk;
}

uint32_t rcc_ahb3enr(const struct wbsim *sim)
{
	return *reg_at(sim, REG_AHB3ENR);
}

bool rcc_clock_on(const struct wbsim *sim, const char *what)
{
	static const struct {
		const char *what;
		uint32_t offset, bit;
	} clocks[] = {
		{ "FLASH", REG_AHB3ENR, 1u << 25 },
		{ "IPCC", REG_AHB3ENR, 1u << 20 },
		{ "HSEM", REG_AHB3ENR, 1u << 19 },
		{ "CRC", REG_AHB1ENR, 1u << 12 },
		{ "AES1", REG_AHB2ENR, 1u << 16 },
		{ "C2CRC", REG_C2AHB1ENR, 1u << 12 },
		{ "C2IPCC", REG_C2AHB3ENR, 1u << 20 },
	};

	for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		if (strcmp(clocks[i].what, what) == 0)
			return (*reg_at(sim, clocks[i].offset) & clocks[i].bit) != 0;
	}
	return false;
}

static uint32_t rcc_read(struct wbsim *sim, enum sim_master m, uint32_t offset)
{
	bool settled = cpu1_now(sim) - sim->rcc->reset_at >= MSI_READY_NS;

	(void)m;
	return *reg_at(sim, offset) | (offset == REG_CR && settled ? CR_MSIRDY : 0);
}

static void rcc_write(struct wbsim *sim, enum sim_master m, uint32_t offset, uint32_t val)
{
	uint32_t *reg = reg_at(sim, offset);

	(void)m;
	switch (offset) {
	case REG_CR:
		if (bits_get(val, 4, 4) >= sizeof(msi_hz) / sizeof(msi_hz[0]))
			val = bits_set(val, 4, 4, bits_get(*reg, 4, 4)); /* reserved: not taken */
		*reg = (val & ~CR_READY_BITS) | ((val << 1) & CR_READY_BITS);
		break;
	case REG_CFGR:
		*reg = bits_set(val, 2, 2, bits_get(val, 0, 2)) | CFGR_FLAGS;
		break;
	case REG_BDCR:
	case REG_CRRCR:
		*reg = (val & ~2u) | ((val << 1) & 2u);
		break;
	case REG_CSR:
		val = (val & ~(CSR_FLAGS | CSR_LSI_READY)) | (*reg & CSR_FLAGS) |
		      ((val << 1) & CSR_LSI_READY);
		*reg = (val & CSR_RMVF) ? val & ~CSR_FLAGS : val;
		break;
	default:
		*reg = val;
		break;
	}
	clock_update(sim);
}

/* Every reset also pulls NRST, so PINRSTF goes with each. RM0434 8.1. */
static uint32_t reset_flags(unsigned int cause)
{
	switch (cause) {
	case SIM_RESET_POWER:
		return CSR_BORRSTF | CSR_PINRSTF;
	case SIM_RESET_OBL:
		return CSR_OBLRSTF | CSR_PINRSTF;
	case SIM_RESET_IWDG:
		return CSR_IWDGRSTF | CSR_PINRSTF;
	case SIM_RESET_NRST:
		return CSR_PINRSTF;
	default:
		return CSR_SFTRSTF | CSR_PINRSTF;
	}
}

static void rcc_reset(struct wbsim *sim, unsigned int cause)
{
	struct rcc *r = sim->rcc;
	uint32_t flags = cause == SIM_RESET_POWER ? 0 : *reg_at(sim, REG_CSR) & CSR_FLAGS;

	memset(r->reg, 0, sizeof(r->reg));
	for (size_t i = 0; i < sizeof(resets) / sizeof(resets[0]); i++)
		r->reg[resets[i].offset / 4u] = resets[i].val;
	r->reset_at = sim->now;
	*reg_at(sim, REG_CSR) = flags | reset_flags(cause);
	clock_update(sim);
}

const struct sim_device dev_rcc = {
	.name = "RCC",
	.base = 0x58000000u,
	.size = RCC_BYTES,
	.read = rcc_read,
	.write = rcc_write,
	.reset = rcc_reset,
};

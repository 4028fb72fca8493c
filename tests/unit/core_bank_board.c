/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See core_bank_board.h. */
#include <stdio.h>
#include "tests/unit/core_bank_board.h"
#include "core/cortex_m.h"
#include "stub/abi.h"

#define REGS 19u
#define SRAM1_SIZE 0x30000u
#define BLANK 0xffu

/* What a stub may want of the chip: FLASH_ACR, CR, RCC_CR, CFGR, AHB1ENR, VTOR, CRC unit, AHB3ENR, HSEM */
static const uint32_t settings[] = { 0x58004000, 0x58004014, 0x58000000, 0x58000008, 0x58000048,
	0xe000ed08, 0x40023008, 0x40023010, 0x40023014, 0x58000050,
	HSEM_R(2), HSEM_R(6), HSEM_R(7) };
#define SETTINGS (sizeof(settings) / sizeof(*settings))
static const uint8_t regs[REGS] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, CM_LR, CM_PC, CM_XPSR,
	17, 18, CM_CFBP };

struct board bank;
struct wb_bank_done done;

static struct wb_link real; /* the bench's own functions */
static unsigned int ops, lose_at, lose_count, left_at;
static enum lost lose_how;
static bool running;
static struct {
	uint32_t regs[REGS], settings[SETTINGS];
	uint8_t sram[SRAM1_SIZE];
} found;

static bool due(void)
{
	ops++;
	return lose_at && ops >= lose_at && ops < lose_at + lose_count;
}

static enum wb_status lossy_read(struct wb_link *link, uint32_t address, unsigned int width,
	size_t count, void *data)
{
	bool lost = due();
	enum wb_status status = lost && lose_how == LOST_REQUEST ? WB_ERR_LINK :
		real.read(link, address, width, count, data);

	if (lost)
		memset(data, 0x55, width * count);
	return lost ? WB_ERR_LINK : status;
}

static enum wb_status lossy_write(struct wb_link *link, uint32_t address, unsigned int width,
	size_t count, const void *data)
{
	bool lost = due();
	enum wb_status status;

	/* the halt out of the stub is where leaving begins */
	if (address == CM_DHCSR && running && *(const uint32_t *)data & CM_DHCSR_C_HALT)
		left_at = ops;
	if (address == CM_DHCSR)
		running = !(*(const uint32_t *)data & CM_DHCSR_C_HALT);
	status = lost && lose_how == LOST_REQUEST ? WB_ERR_LINK :
		real.write(link, address, width, count, data);

	return lost ? WB_ERR_LINK : status;
}

uint32_t bank_peek(uint32_t address)
{
	uint32_t value = 0;

	assert_int_equal(real.read(&bank.bench.link, address, 4, 1, &value), WB_OK);
	return value;
}

void bank_poke(uint32_t address, uint32_t value)
{
	assert_int_equal(real.write(&bank.bench.link, address, 4, 1, &value), WB_OK);
}

static void set_reg(unsigned int reg, uint32_t value)
{
	assert_int_equal(real.reg_write(&bank.bench.link, (enum cm_reg)reg, value), WB_OK);
}

/* CPU1 halted, with something in every register. */
static void halt(void)
{
	enum wb_status status = real.halt(&bank.bench.link);

	assert_true(status == WB_OK || status == WB_ERR_RESET);
	for (unsigned int i = 0; i <= 12; i++)
		set_reg(i, 0x11111111u * i + 1);
	set_reg(17, 0x20000f00);
	set_reg(18, 0x20000e00);
	set_reg(CM_LR, 0x08000123);
	set_reg(CM_CFBP, 0x02000001); /* CONTROL: PSP; PRIMASK */
}

static void hook(void)
{
	real = bank.bench.link;
	bank.bench.link.read = lossy_read;
	bank.bench.link.write = lossy_write;
	bank_lose(0, 0, LOST_REQUEST);
}

void bank_open(const struct wbsim_config *cfg)
{
	board_open_chip(&bank, cfg);
	hook();
	halt();
	/* an application that uses the CRC unit in its own way, and has moved its vectors */
	bank_poke(0x58000048, bank_peek(0x58000048) | 1u << 12);
	bank_poke(0x40023014, 0x8005);
	bank_poke(0x40023010, 0x1234);
	bank_poke(0x40023008, 0x21);
	bank_poke(0x40023000, 0x31323334);
	bank_poke(0xe000ed08, 0x08000400);
	bank_remember();
}

void bank_open_beside(const char *quirk)
{
	const char *const quirks[] = { quirk, NULL };
	const struct wb_operation hold = { .hold = true };

	board_open(&bank, "1.2.0", quirks);
	hook();
	if (wb_fus_start(bank.session, &hold, &bank.result, &bank.err) != WB_OK)
		fail_msg("%s", bank.err.text);
	assert_true(bank_peek(PWR_CR4) & PWR_CR4_C2BOOT);
	halt();
	wbsim_stats_clear(bank.sim);
	bank_remember();
}

int bank_close(void **state)
{
	(void)state;
	board_close(&bank);
	return 0;
}

static void look(uint32_t r[REGS], uint32_t s[SETTINGS])
{
	for (unsigned int i = 0; i < REGS; i++)
		assert_int_equal(
			real.reg_read(&bank.bench.link, (enum cm_reg)regs[i], &r[i]), WB_OK);
	for (size_t i = 0; i < SETTINGS; i++) {
		s[i] = bank_peek(settings[i]);
		/* what the CM0+ takes meanwhile is its own affair */
		if (settings[i] >= HSEM_R(0) && settings[i] < 0x58004000 && (s[i] & 0xf00) != 0x400)
			s[i] = 0;
	}
}

void bank_remember(void)
{
	unsigned int at = lose_at;

	lose_at = 0;
	look(found.regs, found.settings);
	assert_true(wbsim_peek(bank.sim, 0x20000000, found.sram, SRAM1_SIZE));
	lose_at = at;
}

const char *bank_differs(void)
{
	uint32_t r[REGS], s[SETTINGS];
	static uint8_t sram[SRAM1_SIZE];
	static char text[96];

	lose_at = 0;
	look(r, s);
	for (unsigned int i = 0; i < REGS; i++) {
		snprintf(text, sizeof(text), "register %u is 0x%08x, was 0x%08x", regs[i], r[i],
			found.regs[i]);
		if (r[i] != found.regs[i])
			return text;
	}
	for (size_t i = 0; i < SETTINGS; i++) {
		snprintf(text, sizeof(text), "0x%08x holds 0x%08x, held 0x%08x", settings[i], s[i],
			found.settings[i]);
		if (s[i] != found.settings[i])
			return text;
	}
	assert_true(wbsim_peek(bank.sim, 0x20000000, sram, SRAM1_SIZE));
	for (size_t i = 0; i < SRAM1_SIZE; i++) {
		if (sram[i] == found.sram[i])
			continue;
		snprintf(text, sizeof(text), "SRAM1 differs at offset 0x%zx", i);
		return text;
	}
	return bank.bench.polling ? NULL : "polling is off";
}

void bank_check_found(const char *when)
{
	const char *differs = bank_differs();

	if (differs)
		fail_msg("%s: %s", when, differs);
}

void bank_expect(enum wb_status expected, enum wb_status status)
{
	if (status != expected)
		fail_msg("status %d, not %d: %s", status, expected, bank.err.text);
}

void bank_expect_rule(const char *rule, enum wb_status status)
{
	bank_expect(WB_ERR_REFUSED, status);
	assert_string_equal(bank.err.rule, rule);
}

void bank_lose(unsigned int at, unsigned int count, enum lost how)
{
	ops = 0;
	lose_at = at;
	lose_count = count;
	lose_how = how;
}

unsigned int bank_ops(void)
{
	return ops;
}

unsigned int bank_left_at(void)
{
	return left_at;
}

void bank_fill(uint8_t *data, uint32_t size, uint32_t seed)
{
	for (uint32_t i = 0; i < size; i++)
		data[i] = (uint8_t)(seed * 37 + i * 11 + i / 256 * 3 + 1);
}

void bank_put(uint32_t address, const void *data, uint32_t size)
{
	assert_true(wbsim_poke(bank.sim, address, data, size));
}

void bank_check_flash(uint32_t address, const void *data, uint32_t size)
{
	uint8_t there;

	for (uint32_t i = 0; i < size; i++) {
		assert_true(wbsim_peek(bank.sim, address + i, &there, 1));
		if (there != (data ? ((const uint8_t *)data)[i] : BLANK))
			fail_msg("0x%08x holds 0x%02x", address + i, there);
	}
}

const uint32_t *bank_due(uint32_t address, uint32_t size)
{
	static uint32_t pages[WB_PAGE_WORDS];

	memset(pages, 0, sizeof(pages));
	for (uint32_t i = PAGE_NUMBER(address); i <= PAGE_NUMBER(address + size - 1); i++)
		pages[i / 32] |= 1u << i % 32;
	return pages;
}

enum wb_status bank_write(uint32_t address, uint32_t size, const void *data, const uint32_t *pages)
{
	return wb_bank_write(&bank.bench.link, NULL, address, size, data, pages, &done, &bank.err);
}

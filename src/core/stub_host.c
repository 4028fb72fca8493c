/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's side of the RAM stub. After every reset the stub is written anew: SRAM1 keeps its
 * contents over a reset, but nobody knows what ran in between.
 */
#include <string.h>
#include "core/stub_host.h"
#include "core/bytes.h"
#include "core/cortex_m.h"
#include "core/regs.h"

static const uint8_t stub_code[] = {
#include "stub/stub.inc"
};
_Static_assert(sizeof(stub_code) <= STUB_CODE_MAX, "the stub runs into its block");

#define CODE_WORDS ((sizeof(stub_code) + 3) / 4)
#define HOST_WORDS (offsetof(struct stub_block, ident) / 4)
#define STUB_WORDS (sizeof(struct stub_block) / 4 - HOST_WORDS)
#define STUB_START_MS 200u
#define POLL_FIRST_MS 1u
#define POLL_LAST_MS 20u

/*
 * What the work wants of the chip, in this order: our vectors (an ECC error is an NMI), the CRC unit,
 * the data cache off, which would keep what was read before an erase, a wait state, and CPU1 at
 * 32 MHz: the fastest MSI that needs no prescaler for the CM0+ (HCLK2 takes 32 MHz, DS11929). The
 * stub's share of a double word's 81.7 us is then below 2 us.
 */
static const struct {
	uint32_t address, clear, set;
	bool clock;
} work[] = {
	{ CM_VTOR, UINT32_MAX, STUB_BASE, false },
	{ RCC_AHB1ENR, 0, RCC_AHB1ENR_CRCEN, false },
	{ FLASH_ACR, FLASH_ACR_DCEN | FLASH_ACR_LATENCY, FLASH_ACR_1_WAIT_STATE, false },
	{ RCC_CR, RCC_CR_MSIRANGE, RCC_CR_MSI_32_MHZ, true },
};
_Static_assert(sizeof(work) / sizeof(*work) == SESSION_WORK_REGS, "see session.h");

enum wb_status stub_load(struct wb_session *s, struct wb_error *err)
{
	uint32_t words[(STUB_BLOCK - STUB_BASE + sizeof(struct stub_block)) / 4] = { 0 };
	uint32_t back[CODE_WORDS];
	uint8_t code[CODE_WORDS * 4] = { 0 };
	enum wb_status status = sram_save(s, false, err);

	if (status != WB_OK)
		return status;
	memcpy(code, stub_code, sizeof(stub_code));
	for (unsigned int i = 0; i < CODE_WORDS; i++)
		words[i] = wb_get32(code + 4 * i);
	status = chip_write(s, STUB_BASE, sizeof(words) / 4, words, err);
	if (status == WB_OK)
		status = chip_read(s, STUB_BASE, CODE_WORDS, back, err);
	if (status != WB_OK)
		return status;
	if (memcmp(words, back, sizeof(back)))
		return wb_fail(err, WB_ERR_STUB,
			"SRAM1 at 0x%08x does not hold what was written to it: is the clock of the "
			"probe too high, or the cable too long?",
			STUB_BASE);
	return WB_OK;
}

/* again: a try before may have set CPU1 going already. */
static enum wb_status run_once(struct wb_session *s, bool again)
{
	struct wb_link *link = s->link;
	enum wb_status status = again ? link->halt(link) : WB_OK;

	if (status == WB_OK)
		status = link->reg_write(link, CM_SP, STUB_STACK_TOP);
	if (status == WB_OK)
		status = link->reg_write(link, CM_CFBP, 0);
	return status != WB_OK ? status :
		link->run(link, wb_get32(stub_code + STUB_ENTRY_OFFSET), true);
}

static enum wb_status run(struct wb_session *s, struct wb_error *err)
{
	enum wb_status status;
	unsigned int failed = 0;

	s->used_cpu1 = true;
	do
		status = run_once(s, failed);
	while (hold_again(s, "running the stub on CPU1", CM_DHCSR, &failed, &status, err));
	return status;
}

static enum wb_status wait_ident(struct wb_session *s, struct wb_error *err)
{
	uint64_t end = session_ms(s) + STUB_START_MS;
	struct stub_block block;
	enum wb_status status;
	bool done;

	for (;;) {
		status = stub_poll(s, &block, &done, err);
		if (status != WB_OK)
			return status;
		if (block.ident == STUB_IDENT)
			return WB_OK;
		if (session_ms(s) >= end)
			return wb_fail(err, WB_ERR_STUB,
				"the stub does not start (ident 0x%08x). Reset the chip and try again",
				(unsigned int)block.ident);
		s->link->sleep_ms(s->link, POLL_FIRST_MS);
	}
}

/*
 * May CPU1's clock rise? If the chip's clocks are as a reset leaves them, VCORE is in range 1, the
 * wait state has arrived (RM0434 wants it read back), and no CM0+ relies on them.
 */
static enum wb_status clock_may_rise(struct wb_session *s, bool *may, struct wb_error *err)
{
	uint32_t cr, cfgr = 0, pwr = 0, acr = 0;
	enum wb_status status = chip_read(s, RCC_CR, 1, &cr, err);

	if (status == WB_OK)
		status = chip_read(s, RCC_CFGR, 1, &cfgr, err);
	if (status == WB_OK)
		status = chip_read(s, PWR_CR1, 1, &pwr, err);
	if (status == WB_OK)
		status = chip_read(s, FLASH_ACR, 1, &acr, err);
	*may = status == WB_OK && !s->c2boot && cr == RCC_CR_AFTER_RESET && !(cfgr & RCC_CFGR_SW) &&
	       (pwr & (PWR_CR1_VOS | PWR_CR1_LPR)) == PWR_CR1_VOS_RANGE_1 &&
	       (acr & FLASH_ACR_LATENCY) == FLASH_ACR_1_WAIT_STATE;
	return status;
}

static enum wb_status ready_for_work(struct wb_session *s, struct wb_error *err)
{
	enum wb_status status = WB_OK;
	bool may = true;

	for (s->work_count = 0; status == WB_OK && s->work_count < SESSION_WORK_REGS;) {
		unsigned int i = s->work_count;

		if (work[i].clock)
			status = clock_may_rise(s, &may, err);
		if (status != WB_OK || !may)
			break;
		status = chip_read(s, work[i].address, 1, &s->work[i], err);
		if (status == WB_OK)
			status = chip_poke(s, work[i].address,
				(s->work[i] & ~work[i].clear) | work[i].set, err);
		s->work_count += status == WB_OK;
	}
	return status;
}

/* What it holds is from before the erase, and it may be reset only while it is off (RM0434 3.3.5). */
static enum wb_status reset_data_cache(struct wb_session *s, struct wb_error *err)
{
	enum wb_status status = chip_modify(s, FLASH_ACR, FLASH_ACR_DCEN, FLASH_ACR_DCRST, err);

	return status != WB_OK ? status : chip_modify(s, FLASH_ACR, FLASH_ACR_DCRST, 0, err);
}

static enum wb_status back_from_work(struct wb_session *s, struct wb_error *err)
{
	enum wb_status status = WB_OK;

	while (status == WB_OK && s->work_count) {
		unsigned int i = --s->work_count;

		if (work[i].address == FLASH_ACR)
			status = reset_data_cache(s, err);
		if (status == WB_OK)
			status = chip_poke(s, work[i].address, s->work[i], err);
	}
	return status;
}

enum wb_status stub_start(struct wb_session *s, struct wb_error *err)
{
	enum wb_status status;

	if (s->stub_running)
		return WB_OK;
	status = flash_unlock(s, false, err); /* may reset the chip: before anything is in its SRAM1 */
	if (status == WB_OK)
		status = stub_load(s, err);
	if (status == WB_OK)
		status = ready_for_work(s, err);
	if (status == WB_OK)
		status = run(s, err);
	if (status == WB_OK)
		status = wait_ident(s, err);
	if (status != WB_OK)
		return status;
	s->stub_running = true;
	s->stub_request = 0;
	return WB_OK;
}

enum wb_status stub_stop(struct wb_session *s, struct wb_error *err)
{
	enum wb_status status;

	if (!s->stub_running)
		return WB_OK;
	s->stub_running = false;
	status = hold_halt(s, err);
	if (status == WB_OK)
		status = chip_poke(s, FLASH_CR, FLASH_CR_LOCK, err);
	return status != WB_OK ? status : back_from_work(s, err);
}

enum wb_status stub_begin(struct wb_session *s, enum stub_command command, const uint32_t a[4],
	struct wb_error *err)
{
	uint32_t words[HOST_WORDS] = { command, a[0], a[1], a[2], a[3], ++s->stub_request };

	return chip_write(s, STUB_BLOCK, HOST_WORDS, words, err);
}

enum wb_status stub_poll(struct wb_session *s, struct stub_block *block, bool *done,
	struct wb_error *err)
{
	uint32_t words[STUB_WORDS];
	enum wb_status status = chip_read(s, STUB_BLOCK + HOST_WORDS * 4, STUB_WORDS, words, err);

	if (status != WB_OK)
		return status;
	memset(block, 0, sizeof(*block));
	memcpy(&block->ident, words, sizeof(words));
	*done = block->done == s->stub_request;
	return WB_OK;
}

enum wb_status stub_verdict(const struct stub_block *block, struct wb_error *err)
{
	unsigned int at = (unsigned int)block->result[1];

	switch (block->status) {
	case 0:
		return WB_OK;
	case STUB_TIMEOUT:
		return wb_fail(err, WB_ERR_FLASH,
			"the flash stays busy (BSY or CFGBSY) while the stub works. Power the chip off "
			"and on, then run the same command again");
	case STUB_DIFFERS:
		return wb_fail(err, WB_ERR_FLASH,
			"0x%08x does not read back as it was programmed. Run the same command again; "
			"if it stays so, this page is worn out",
			at);
	case STUB_STARVED:
		return wb_fail(err, WB_ERR_STUB,
			"the host stopped feeding data for 0x%08x. Run the same command again", at);
	case STUB_BAD_COMMAND:
		return wb_fail(err, WB_ERR_STUB, "the stub knows no such command");
	default:
		return wb_fail(err, WB_ERR_FLASH,
			"the flash refused at 0x%08x: FLASH_SR 0x%04x. Is the page protected (WRP, "
			"PCROP, SFSA)? `stm32wb info` shows it",
			at, (unsigned int)block->status);
	}
}

enum wb_status stub_call(struct wb_session *s, enum stub_command command, const uint32_t a[4],
	unsigned int timeout_ms, struct stub_block *block, struct wb_error *err)
{
	uint64_t began = session_ms(s), passed;
	enum wb_status status = stub_begin(s, command, a, err);
	bool done = false;

	while (status == WB_OK) {
		status = stub_poll(s, block, &done, err);
		if (status != WB_OK || done)
			break;
		passed = session_ms(s) - began;
		if (passed >= timeout_ms)
			return wb_fail(err, WB_ERR_STUB,
				"the stub has not finished command %u within %u ms", command,
				timeout_ms);
		session_wait(s, session_pause(passed, POLL_LAST_MS));
	}
	return status != WB_OK ? status : stub_verdict(block, err);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CM0+: started by C2BOOT with our tables in SRAM2a, and heard by its ready event.
 *
 * C2BOOT is one-shot: it works once after a reset. So whoever comes here has CPU1 held after a
 * fresh reset, and a CM0+ that stays silent is given a new one before it is tried again.
 */
#include <string.h>
#include "core/session.h"
#include "core/mailbox.h"
#include "core/bytes.h"
#include "core/cortex_m.h"
#include "core/regs.h"
#include "core/stub_host.h"
#include "core/tables.h"

/* An operation of the FUS that goes on after a power cut may reset the chip this often. */
#define RESETS_MAX 64u
#define START_MS 120000u /* ... and takes less than a minute */
#define READY_MS 15000u
#define NVM_POLL_MS 10u
#define C2AHB3ENR_IPCCEN (1u << 20)

/* Tables at the place that IPCCDBA names; clears what was believed there before. */
static enum wb_status write_tables(struct wb_session *s, struct wb_error *err)
{
	uint8_t block[WB_TABLES_SIZE];
	uint32_t words[WB_TABLES_SIZE / 4];
	enum wb_status status;

	s->tables = s->chip.sram2a + wb_tables_offset(s->chip.options.ipccbr, s->tables_wide);
	if (!s->chip.sram2a || !wb_in_sram2(s->chip.family, s->tables, WB_TABLES_SIZE))
		return wb_fail(err, WB_ERR_CHIP,
			"IPCCDBA 0x%04X puts the shared tables at 0x%08X, where SRAM2 has no room for "
			"them: set option byte IPCCDBA to 0",
			(unsigned int)(s->chip.options.ipccbr & FLASH_IPCCBR_IPCCDBA),
			(unsigned int)s->tables);
	wb_tables_build(block, s->tables);
	for (unsigned int i = 0; i < WB_TABLES_SIZE / 4; i++)
		words[i] = wb_get32(block + 4 * i);
	/*
	 * The buffers only once: RAM that was never written may have wrong parity, but what they hold
	 * from before a reset, no queue leads to.
	 */
	status = chip_write(s, s->tables,
		(s->cleared == s->tables ? WB_TABLES_COMMAND : WB_TABLES_SIZE) / 4, words, err);
	if (status == WB_OK)
		s->cleared = s->tables;
	return status;
}

/*
 * With Safeboot selected C2BOOT is the order for a factory reset, which erases user flash: nobody
 * who has not asked for it may give it.
 */
enum wb_status cm0_refuse_safeboot(struct wb_session *s, struct wb_error *err)
{
	uint32_t secure[2]; /* SFR, SRRVR */
	uint32_t sfsa, sbrv;
	enum wb_status status = chip_read(s, FLASH_SFR, 2, secure, err);

	if (status != WB_OK)
		return status;
	sfsa = wb_bits(secure[0], 7, 0);
	sbrv = secure[1] & s->chip.family->sbrv_mask;
	s->selects_stack = sbrv != s->chip.family->fus_sbrv && sbrv != s->chip.family->fus_sbrv_053;
	if (sfsa && sbrv != s->chip.family->safeboot_sbrv)
		return WB_OK;
	return wb_refuse(err, "safeboot-selected",
		"SFSA 0x%02X, SBRV 0x%05X: option bytes were found corrupt and Safeboot is selected; "
		"starting the CM0+ now would erase the stack and all user flash. Run `stm32wb fus "
		"recover` if that is wanted",
		(unsigned int)sfsa, (unsigned int)sbrv);
}

/*
 * Clocks of both cores, from one read of RCC: C2AHB1ENR, C2AHB2ENR, C2AHB3ENR follow each other. Every
 * reset leaves the same in them, so where no code ran since the last one, one read a session will do.
 */
static enum wb_status clocks_on(struct wb_session *s, struct wb_error *err)
{
	uint32_t rcc[(RCC_C2AHB3ENR - RCC_AHB3ENR) / 4 + 1];
	const uint32_t *c2 = rcc + (RCC_C2AHB1ENR - RCC_AHB3ENR) / 4;
	enum wb_status status = WB_OK;

	if (!s->clocks_known || s->used_cpu1) {
		status = chip_read(s, RCC_AHB3ENR, sizeof(rcc) / 4, rcc, err);
		if (status != WB_OK)
			return status;
		s->clocks[0] = rcc[0] | RCC_AHB3ENR_IPCCEN | RCC_AHB3ENR_HSEMEN |
			RCC_AHB3ENR_FLASHEN;
		s->clocks[1] = c2[0] | RCC_C2AHB1ENR_CRCEN;
		s->clocks[2] = c2[1];
		s->clocks[3] = c2[2] | C2AHB3ENR_IPCCEN;
		s->clocks_known = !s->used_cpu1;
	}
	status = chip_poke(s, RCC_AHB3ENR, s->clocks[0], err);
	return status != WB_OK ? status : chip_write(s, RCC_C2AHB1ENR, 3, s->clocks + 1, err);
}

/* Flags of what was said before, if there are any: a reset clears them, and nobody ran since. */
static enum wb_status clean_ipcc(struct wb_session *s, struct wb_error *err)
{
	uint32_t ipcc[(IPCC_C2TOC1SR - IPCC_C1TOC2SR) / 4 + 1] = { 0 };
	enum wb_status status = WB_OK;

	if (s->used_cpu1)
		status = chip_read(s, IPCC_C1TOC2SR, sizeof(ipcc) / 4, ipcc, err);
	if (status == WB_OK && ipcc[(IPCC_C2TOC1SR - IPCC_C1TOC2SR) / 4])
		status = chip_poke(s, IPCC_C1SCR, IPCC_ALL_CHANNELS, err);
	if (status == WB_OK && ipcc[0])
		status = chip_poke(s, IPCC_C2SCR, IPCC_ALL_CHANNELS, err);
	return status;
}

/* What ST's code sets up before C2BOOT, in its order; reference manual RM0434, IPCC and PWR. */
static enum wb_status boot(struct wb_session *s, struct wb_error *err)
{
	enum wb_status status = cm0_refuse_safeboot(s, err);

	if (status == WB_OK)
		status = write_tables(s, err);
	if (status == WB_OK)
		status = clocks_on(s, err);
	if (status == WB_OK)
		status = clean_ipcc(s, err);
	s->c2boot = true;
	return status != WB_OK ? status : chip_poke(s, PWR_CR4, s->cr4 | PWR_CR4_C2BOOT, err);
}

static const char *ready_name(enum wb_runs runs)
{
	return runs == WB_RUNS_STACK ? "the wireless stack" : "the FUS";
}

/*
 * The NVM backup or restore runs: work of the FUS that no command reaches and that ends in a reset, which
 * must not be ours.
 */
static enum wb_status await_nvm(struct wb_session *s, uint64_t end, struct wb_error *err)
{
	enum wb_status status = WB_OK;

	session_report(s, false, "the %s runs: waiting for its end", wb_runs_name(s->runs));
	s->fus_busy = true;
	while (status == WB_OK && session_ms(s) < end) {
		session_wait(s, NVM_POLL_MS);
		status = hold_check(s, err);
	}
	return status != WB_OK ? status :
		wb_fail(err, WB_ERR_TIMEOUT,
			"the %s does not end within %u s. Keep the chip powered and run the same command "
			"again",
			wb_runs_name(s->runs), START_MS / 1000u);
}

enum wb_status cm0_start(struct wb_session *s, struct wb_error *err)
{
	bool busy = s->fus_busy;
	uint64_t end = session_ms(s) + START_MS;
	unsigned int resets = 0, silent = 0;
	enum wb_status status;

	if (s->cm0_up && !s->reset_seen)
		return WB_OK;
	status = stub_stop(s, err);
	if (status == WB_ERR_RESET || s->reset_seen)
		status = hold_follow(s, err);
	/* started before and not heard: C2BOOT works once, so it takes a reset */
	if (status == WB_OK && s->c2boot)
		status = hold_reset(s, false, err);
	if (status != WB_OK)
		return status;
	while (resets < RESETS_MAX && session_ms(s) < end) {
		status = boot(s, err);
		if (status == WB_OK)
			status = mailbox_ready(s, READY_MS, err);
		if (status == WB_OK && s->runs == WB_RUNS_NVM)
			status = await_nvm(s, end, err);
		if (status == WB_OK) {
			s->cm0_up = true;
			if (!s->following || s->runs != WB_RUNS_FUS)
				status = cm0_snapshot(s, err);
		}
		if (status == WB_OK)
			return WB_OK;
		if (status == WB_ERR_RESET) {
			resets++;
			status = hold_follow(s, err);
			if (status != WB_OK)
				return status;
			s->fus_busy = busy;
			continue;
		}
		/* silent (FUS), or refused (stack): the other unit of IPCCDBA, if there is one */
		if ((status != WB_ERR_TIMEOUT && status != WB_ERR_CHIP) || silent++ || s->runs == WB_RUNS_NVM ||
			!(s->chip.options.ipccbr & FLASH_IPCCBR_IPCCDBA))
			return status;
		s->tables_wide = !s->tables_wide;
		status = hold_reset(s, false, err);
		if (status != WB_OK)
			return status;
	}
	return wb_fail(err, WB_ERR_CHIP,
		"%u resets and still no end: %s does not come up. Power the chip off and on, then "
		"run the same command again",
		resets, ready_name(s->chip.selected));
}

enum wb_status cm0_snapshot(struct wb_session *s, struct wb_error *err)
{
	unsigned int failed = 0;
	struct wb_chip chip = s->chip;
	enum wb_status status;

	do
		status = wb_chip_renew(s->link, &chip, err);
	while (hold_again(s, "looking at the chip", FLASH_SR, &failed, &status, err));
	if (status != WB_OK)
		return status;
	/* the snapshot reads DHCSR and so clears S_RESET_ST; C2BOOT tells of a reset before it */
	if (s->cm0_up && (!chip.c2boot || chip.dhcsr & CM_DHCSR_S_RESET_ST)) {
		s->reset_seen = true;
		return wb_fail(err, WB_ERR_RESET, "the chip has reset");
	}
	s->chip = chip;
	return WB_OK;
}

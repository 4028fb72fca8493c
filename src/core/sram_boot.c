/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fallback hold: CPU1 boots from SRAM1, where the stub's reset handler does nothing but feed
 * the watchdog, because three option bits say so. The bits as they were go to a journal on the
 * host first, so that a run after a power cut can put them back.
 *
 * Option bytes live in one page that is erased and written as a whole, and a power cut in that
 * moment is what corrupts them: written only when they differ, once on and once off.
 */
#include <string.h>
#include "core/session.h"
#include "core/bytes.h"
#include "core/regs.h"
#include "core/stub_host.h"

/* nBOOT1, nSWBOOT0, nBOOT0: all 0 is "boot from SRAM1" (RM0434, table of boot modes). */
#define OPTR_BOOT (1u << 23 | 1u << 26 | 1u << 27)
#define OPTR_RDP 0xffu

#define OPTION_WRITE_MS 1000u /* an erase and a few double words: some 25 ms */
#define LAUNCH_MS 2000u
#define POLL_MS 5u

/* The journal: magic, OPTR as it was, OPTR as we made it. */
#define JOURNAL_MAGIC 0x314a464fu /* "OFJ1" */
#define JOURNAL_SIZE 12u

static enum wb_status options_unlock(struct wb_session *s, struct wb_error *err)
{
	uint32_t cr = 0;
	enum wb_status status = chip_poke(s, FLASH_SR, FLASH_SR_ERRORS, err);

	if (status == WB_OK)
		status = chip_read(s, FLASH_CR, 1, &cr, err);
	if (status == WB_OK && (cr & FLASH_CR_LOCK)) {
		status = chip_poke(s, FLASH_KEYR, FLASH_KEY1, err);
		if (status == WB_OK)
			status = chip_poke(s, FLASH_KEYR, FLASH_KEY2, err);
	}
	if (status == WB_OK && (cr & FLASH_CR_OPTLOCK)) {
		status = chip_poke(s, FLASH_OPTKEYR, FLASH_OPTKEY1, err);
		if (status == WB_OK)
			status = chip_poke(s, FLASH_OPTKEYR, FLASH_OPTKEY2, err);
	}
	if (status == WB_OK)
		status = chip_read(s, FLASH_CR, 1, &cr, err);
	if (status == WB_OK && (cr & (FLASH_CR_LOCK | FLASH_CR_OPTLOCK)))
		return wb_fail(err, WB_ERR_FLASH,
			"the option bytes do not unlock (FLASH_CR 0x%08x). Reset the chip and try again",
			(unsigned int)cr);
	return status;
}

static enum wb_status options_wait(struct wb_session *s, struct wb_error *err)
{
	uint64_t end = session_ms(s) + OPTION_WRITE_MS;
	enum wb_status status;
	uint32_t sr;

	for (;;) {
		status = chip_read(s, FLASH_SR, 1, &sr, err);
		if (status != WB_OK)
			return status;
		if (!(sr & FLASH_SR_BSY))
			break;
		if (session_ms(s) >= end)
			return wb_fail(err, WB_ERR_FLASH,
				"writing option bytes does not end (FLASH_SR 0x%08x). Keep the chip "
				"powered and run the same command again",
				(unsigned int)sr);
		s->link->sleep_ms(s->link, POLL_MS);
	}
	if (sr & FLASH_SR_ERRORS & ~FLASH_SR_OPTVERR)
		return wb_fail(err, WB_ERR_FLASH,
			"the option bytes were not written: FLASH_SR 0x%08x. Is the supply above 2 V?",
			(unsigned int)sr);
	return WB_OK;
}

/*
 * What goes into the option page is what OPTR was read as, read protection included: a level too
 * high closes the debug port for good, one too low erases all. So one bad read (OPTR reads 0 with
 * its clock off) or one bad write must not get as far as the order to program.
 */
static enum wb_status put_optr(struct wb_session *s, uint32_t was, uint32_t wanted,
	struct wb_error *err)
{
	uint32_t back = 0;
	enum wb_status status = chip_read(s, FLASH_OPTR, 1, &back, err);

	if (status == WB_OK && (back != was || (was ^ s->chip.options.optr) & OPTR_RDP))
		return wb_fail(err, WB_ERR_CHIP,
			"FLASH_OPTR reads 0x%08x, then 0x%08x, and 0x%08x before: no option byte is "
			"written on such a reading. Lower the clock of the probe and try again",
			(unsigned int)was, (unsigned int)back,
			(unsigned int)s->chip.options.optr);
	if (status == WB_OK)
		status = chip_poke(s, FLASH_OPTR, wanted, err);
	if (status == WB_OK)
		status = chip_read(s, FLASH_OPTR, 1, &back, err);
	if (status == WB_OK && back != wanted)
		return wb_fail(err, WB_ERR_FLASH,
			"FLASH_OPTR reads 0x%08x where 0x%08x was written: not programmed. Lower the "
			"clock of the probe and try again",
			(unsigned int)back, (unsigned int)wanted);
	return status;
}

/* OPTR's boot bits become those of `optr`; nothing else changes. */
static enum wb_status write_boot_bits(struct wb_session *s, uint32_t optr, struct wb_error *err)
{
	uint32_t now;
	enum wb_status status = chip_read(s, FLASH_OPTR, 1, &now, err);

	if (status != WB_OK || !((now ^ optr) & OPTR_BOOT))
		return status;
	status = options_unlock(s, err);
	if (status == WB_OK)
		status = options_wait(s, err);
	if (status == WB_OK)
		status = put_optr(s, now, (now & ~OPTR_BOOT) | (optr & OPTR_BOOT), err);
	if (status == WB_OK)
		status = chip_poke(s, FLASH_CR, FLASH_CR_OPTSTRT, err);
	return status != WB_OK ? status : options_wait(s, err);
}

enum wb_status options_launch(struct wb_session *s, struct wb_error *err)
{
	uint64_t end = session_ms(s) + LAUNCH_MS;
	enum wb_status status = options_unlock(s, err);
	uint32_t launch = FLASH_CR_OBL_LAUNCH;

	if (status == WB_OK)
		status = hold_check(s, err);
	if (status != WB_OK)
		return status;
	/* the answer to this write may be lost in the reset */
	s->link->write(s->link, FLASH_CR, 4, 1, &launch);
	do {
		s->link->sleep_ms(s->link, POLL_MS);
		status = hold_check(s, err);
	} while (status == WB_OK && session_ms(s) < end);
	if (status == WB_OK)
		return wb_fail(err, WB_ERR_CHIP,
			"OBL_LAUNCH did not reset the chip within %u ms", LAUNCH_MS);
	return status == WB_ERR_RESET ? hold_follow(s, err) : status;
}

static enum wb_status journal_write(struct wb_session *s, uint32_t was, struct wb_error *err)
{
	uint8_t journal[JOURNAL_SIZE];

	wb_put32(journal, JOURNAL_MAGIC);
	wb_put32(journal + 4, was);
	wb_put32(journal + 8, was & ~OPTR_BOOT);
	if (s->link->journal_store(s->link, s->chip.uid64, WB_RECORD_BOOT, journal,
		    sizeof(journal)) != WB_OK)
		return wb_fail(err, WB_ERR_HOST,
			"the option bytes' journal cannot be written (%s), so they are not touched",
			s->link->reason);
	return WB_OK;
}

static void forget_journal(struct wb_session *s)
{
	s->link->journal_store(s->link, s->chip.uid64, WB_RECORD_BOOT, NULL, 0);
}

enum wb_status sram_boot_on(struct wb_session *s, struct wb_error *err)
{
	uint32_t optr = s->chip.options.optr;
	enum wb_status status;

	status = stub_load(s, err);
	if (status == WB_OK)
		status = journal_write(s, optr, err);
	if (status != WB_OK)
		return status;
	s->sram_boot = true; /* from here on there is something to put back */
	s->optr = optr;
	status = write_boot_bits(s, optr & ~OPTR_BOOT, err);
	return status != WB_OK ? status : options_launch(s, err);
}

/*
 * Twice if need be: when a run was cut off between the writing and the loading, the register still
 * shows what the page no longer holds, and the first launch brings that to light.
 */
static enum wb_status put_back(struct wb_session *s, struct wb_error *err)
{
	enum wb_status status = WB_OK;
	uint32_t now = 0;

	if (s->c2boot || s->stub_running)
		status = hold_reset(s, false, err);
	for (unsigned int i = 0; status == WB_OK && i < 2; i++) {
		status = write_boot_bits(s, s->optr, err);
		if (status == WB_OK)
			status = options_launch(s, err);
		if (status == WB_OK)
			status = chip_read(s, FLASH_OPTR, 1, &now, err);
		if (status == WB_OK && !((now ^ s->optr) & OPTR_BOOT))
			return WB_OK;
	}
	return status != WB_OK ? status :
		wb_fail(err, WB_ERR_FLASH, "OPTR is 0x%08x where 0x%08x was written",
			(unsigned int)now, (unsigned int)s->optr);
}

enum wb_status sram_boot_off(struct wb_session *s, struct wb_error *err)
{
	if (!s->sram_boot)
		return WB_OK;
	if (put_back(s, err) != WB_OK)
		return wb_context(err,
			"the boot options are not back as they were (nBOOT0, nBOOT1, nSWBOOT0); the "
			"next `stm32wb fus` command will put them back");
	s->sram_boot = false;
	forget_journal(s);
	return WB_OK;
}

bool sram_boot_pending(struct wb_session *s, uint64_t uid64)
{
	uint8_t journal[JOURNAL_SIZE];
	size_t len = sizeof(journal);

	return s->link->journal_load(s->link, uid64, WB_RECORD_BOOT, journal, &len) != WB_OK || len;
}

enum wb_status sram_boot_recover(struct wb_session *s, struct wb_error *err)
{
	uint8_t journal[JOURNAL_SIZE];
	size_t len = sizeof(journal);
	enum wb_status status;
	uint32_t now;

	if (s->link->journal_load(s->link, s->chip.uid64, WB_RECORD_BOOT, journal, &len) != WB_OK)
		return wb_fail(err, WB_ERR_HOST, "the option bytes' journal cannot be read: %s",
			s->link->reason);
	if (!len)
		return WB_OK;
	if (len != sizeof(journal) || wb_get32(journal) != JOURNAL_MAGIC) {
		session_report(s, true, "the option bytes' journal makes no sense and is dropped");
		forget_journal(s);
		return WB_OK;
	}
	/* what the page holds, not what the register has shown since before it was written */
	status = options_launch(s, err);
	if (status == WB_OK)
		status = chip_read(s, FLASH_OPTR, 1, &now, err);
	if (status != WB_OK)
		return status;
	if ((now ^ wb_get32(journal + 8)) & OPTR_BOOT) {
		forget_journal(s);
		return WB_OK;
	}
	session_report(s, false, "putting back the boot options that an earlier run left");
	s->sram_boot = true;
	s->optr = wb_get32(journal + 4);
	return sram_boot_off(s, err);
}

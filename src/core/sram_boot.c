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
#include "core/options_write.h"
#include "core/regs.h"
#include "core/stub_host.h"

/* All 0 is "boot from SRAM1" (RM0434, table of boot modes). */
#define OPTR_BOOT (OPTR_NBOOT1 | OPTR_NSWBOOT0 | OPTR_NBOOT0)

/* The journal: magic, OPTR as it was, OPTR as we made it. */
#define JOURNAL_MAGIC 0x314a464fu /* "OFJ1" */
#define JOURNAL_SIZE 12u

/* OPTR's boot bits become those of `optr`; nothing else changes. */
static enum wb_status write_boot_bits(struct wb_session *s, uint32_t optr, struct wb_error *err)
{
	struct wb_options options;
	enum wb_status status = options_read(s, &options, err);

	options.optr = (options.optr & ~OPTR_BOOT) | (optr & OPTR_BOOT);
	return status != WB_OK ? status : options_write(s, &options, false, err);
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
	struct wb_options options;
	enum wb_status status = stub_load(s, err);

	/* behind a launch: what the page holds, not what the application had put into the register */
	if (status == WB_OK)
		status = options_read(s, &options, err);
	if (status == WB_OK)
		status = journal_write(s, options.optr, err);
	if (status != WB_OK)
		return status;
	s->sram_boot = true; /* from here on there is something to put back */
	s->optr = options.optr;
	status = write_boot_bits(s, s->optr & ~OPTR_BOOT, err);
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
		wb_fail(err, WB_ERR_FLASH, "OPTR is 0x%08X where 0x%08X was written",
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
		/* not ours any more; and not as before either where a write was cut off, or Safeboot was here */
		if ((now ^ wb_get32(journal + 4)) & ~OPTR_RDP)
			session_report(s, true,
				"FLASH_OPTR was 0x%08X before a run that was cut off, and is 0x%08X now: "
				"left so. `stm32wb option list` shows it, `option set` changes it",
				(unsigned int)wb_get32(journal + 4), (unsigned int)now);
		forget_journal(s);
		return WB_OK;
	}
	session_report(s, false, "putting back the boot options that an earlier run left");
	s->sram_boot = true;
	s->optr = wb_get32(journal + 4);
	return sram_boot_off(s, err);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The locks of the flash controller. Each opens by two keys in a row, and any other word in between
 * shuts it until the next reset (RM0434 3.3.5, 3.4.2): so no key is ever sent twice, and after one that
 * was perhaps lost it takes a reset to begin anew.
 */
#include "core/session.h"
#include "core/regs.h"

#define IDLE_MS 1000u /* some 20 pages' erase times */
#define POLL_MS 1u
#define TRIES 3u

static const struct lock {
	uint32_t bit, key_register, keys[2];
} locks[] = {
	{ FLASH_CR_LOCK, FLASH_KEYR, { FLASH_KEY1, FLASH_KEY2 } },
	{ FLASH_CR_OPTLOCK, FLASH_OPTKEYR, { FLASH_OPTKEY1, FLASH_OPTKEY2 } },
};

/*
 * Nothing is begun on a controller that is not idle; the CM0+ may use it for a page's time. Errors of
 * the past are cleared: one that is left would fail the next operation.
 */
static enum wb_status await_idle(struct wb_session *s, uint32_t *cr, struct wb_error *err)
{
	uint64_t end = session_ms(s) + IDLE_MS;
	uint32_t both[2], sr; /* FLASH_SR, FLASH_CR */
	enum wb_status status;

	for (;;) {
		status = chip_read(s, FLASH_SR, 2, both, err);
		sr = both[0];
		*cr = both[1];
		if (status != WB_OK)
			return status;
		if (!(sr & (FLASH_SR_BSY | FLASH_SR_CFGBSY)))
			return sr & FLASH_SR_ERRORS ? chip_poke(s, FLASH_SR, FLASH_SR_ERRORS, err) :
				WB_OK;
		if (session_ms(s) >= end)
			return wb_fail(err, WB_ERR_FLASH,
				"the flash stays busy (FLASH_SR 0x%08X: BSY or CFGBSY). Power the chip "
				"off and on, then run the same command again",
				(unsigned int)sr);
		s->link->sleep_ms(s->link, POLL_MS);
	}
}

static enum wb_status open_lock(struct wb_session *s, const struct lock *lock, uint32_t *cr,
	struct wb_error *err)
{
	bool doubt;
	enum wb_status status = chip_write_once(s, lock->key_register, lock->keys[0], &doubt, err);

	if (status == WB_OK)
		status = chip_write_once(s, lock->key_register, lock->keys[1], &doubt, err);
	return status != WB_OK ? status : chip_read(s, FLASH_CR, 1, cr, err);
}

enum wb_status flash_unlock(struct wb_session *s, bool options, struct wb_error *err)
{
	uint32_t wanted = options ? FLASH_CR_LOCK | FLASH_CR_OPTLOCK : FLASH_CR_LOCK, cr = 0;
	enum wb_status status = WB_OK;

	for (unsigned int tried = 0; status == WB_OK && tried < TRIES; tried++) {
		if (tried && !s->fus_busy)
			status = hold_reset(s, false, err);
		if (status == WB_OK)
			status = await_idle(s, &cr, err);
		for (unsigned int i = 0; i < sizeof(locks) / sizeof(*locks); i++)
			if (status == WB_OK && cr & wanted & locks[i].bit)
				status = open_lock(s, &locks[i], &cr, err);
		if (status == WB_OK && !(cr & wanted))
			return WB_OK;
	}
	return status != WB_OK ? status :
		wb_fail(err, WB_ERR_FLASH,
			"the flash does not unlock (FLASH_CR 0x%08X). Power the chip off and on, then "
			"run the same command again",
			(unsigned int)cr);
}

// SPDX-License-Identifier: GPL-2.0-or-later

/*
 * Erasing late. OpenOCD erases before it writes, and forgets in between. So erase() makes every
 * check and remembers the pages; a write() that follows in the same command has them compared
 * first, and pages that hold what is wanted are left alone. Whatever else comes next - another call
 * of the driver, another command, a resume - finds them erased: nobody can look in between.
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include <flash/nor/imp.h>
#include <helper/log.h>
#include <target/armv7m.h>
#include <target/target.h>
#include <target/target_type.h>

#include "late_erase.h"

int stm32wb_told(const struct wb_error *err)
{
	LOG_ERROR("stm32wb: %s%s%s%s", err->text, err->rule[0] ? " (" : "", err->rule,
		err->rule[0] ? ")" : "");
	return err->status == WB_ERR_REFUSED ? ERROR_FLASH_OPERATION_FAILED : ERROR_FAIL;
}

/* ---- on the link --------------------------------------------------------------------------- */

/* What the user has set of CPU1's registers and OpenOCD not yet written must not be lost. */
struct stm32wb_seat *stm32wb_sit_down(struct target *target)
{
	struct stm32wb_seat *seat = stm32wb_seat(target);

	if (!seat) {
		LOG_ERROR("stm32wb: out of memory");
		return NULL;
	}
	if (seat->busy) {
		LOG_ERROR("stm32wb: an stm32wb command is running");
		return NULL;
	}
	if (target->state == TARGET_HALTED && target_to_armv7m_safe(target))
		armv7m_restore_context(target);
	seat->busy = true;
	link_target_enter(&seat->tl);
	return seat;
}

int stm32wb_stand_up(struct stm32wb_seat *seat, enum wb_status status, const struct wb_error *err)
{
	link_target_leave(&seat->tl);
	seat->busy = false;
	return status == WB_OK ? ERROR_OK : stm32wb_told(err);
}

int stm32wb_end_visit(struct stm32wb_seat *seat, enum wb_status status, const struct wb_error *err)
{
	/* what OpenOCD knows of CPU1 is true */
	if (status == WB_OK)
		seat->tl.core_written = false;
	return stm32wb_stand_up(seat, status, err);
}

int stm32wb_look(struct stm32wb_bank *priv)
{
	struct stm32wb_seat *seat = stm32wb_sit_down(priv->bank->target);
	struct wb_error err;

	if (!seat)
		return ERROR_FAIL;
	return stm32wb_stand_up(seat, wb_chip_read_flash(&seat->tl.link, &priv->chip, &err), &err);
}

/* ---- erasing late ---------------------------------------------------------------------------- */

static bool is_due(const struct stm32wb_bank *priv, unsigned int page)
{
	return page < WB_PAGES && priv->due[page / 32] & 1u << page % 32;
}

void stm32wb_set_due(struct stm32wb_bank *priv, unsigned int page, bool due)
{
	priv->due[page / 32] &= ~(1u << page % 32);
	priv->due[page / 32] |= (uint32_t)due << page % 32;
}

bool stm32wb_any_due(const struct stm32wb_bank *priv)
{
	for (unsigned int i = 0; i < WB_PAGE_WORDS; i++)
		if (priv->due[i])
			return true;
	return false;
}

/* The pages that are due, each stretch of them at once. */
int stm32wb_erase_due(struct stm32wb_bank *priv)
{
	struct wb_bank_done done = { 0 };
	unsigned int pages = 0, changed = 0;
	struct stm32wb_seat *seat;
	enum wb_status status = WB_OK;
	struct wb_error err;

	if (!stm32wb_any_due(priv))
		return ERROR_OK;
	seat = stm32wb_sit_down(priv->bank->target);
	if (!seat)
		return ERROR_FAIL;
	for (unsigned int first = 0, n; status == WB_OK && first < WB_PAGES; first += n) {
		for (n = 0; is_due(priv, first + n); n++)
			stm32wb_set_due(priv, first + n, false);
		if (n)
			status = wb_bank_erase(&seat->tl.link,
				STM32WB_MAIN_BASE + first * priv->chip.family->page,
				n * priv->chip.family->page, &done, &err);
		pages += n;
		changed += n ? done.changed : 0;
		n += !n;
	}
	memset(priv->due, 0, sizeof(priv->due));
	if (status == WB_OK && pages)
		LOG_DEBUG("stm32wb: %u of %u pages erased, the others were blank", changed, pages);
	return stm32wb_end_visit(seat, status, &err);
}

static int erase_timer(void *arg)
{
	struct stm32wb_bank *priv = arg;
	struct stm32wb_seat *seat = stm32wb_seat(priv->bank->target);

	/* while we wait for the chip, OpenOCD calls its timers */
	if (seat && !seat->busy && stm32wb_erase_due(priv) != ERROR_OK)
		priv->late = true;
	return ERROR_OK;
}

static int erase_event(struct target *target, enum target_event event, void *arg)
{
	struct stm32wb_bank *priv = arg;

	if (target == priv->bank->target &&
		(event == TARGET_EVENT_RESUME_START || event == TARGET_EVENT_STEP_START ||
			event == TARGET_EVENT_RESET_START))
		return erase_timer(arg);
	return ERROR_OK;
}

int stm32wb_erase_soon(struct stm32wb_bank *priv, unsigned int first, unsigned int last)
{
	int retval = ERROR_OK;

	priv->late = false;
	if (!stm32wb_any_due(priv))
		retval = target_register_timer_callback(erase_timer, 0, TARGET_TIMER_TYPE_ONESHOT,
			priv);
	for (unsigned int i = first; i <= last; i++)
		stm32wb_set_due(priv, i, true);
	return retval;
}

/* The bank that has replaced the target's function. */
static struct stm32wb_bank *replacer_of(const struct target *target)
{
	struct stm32wb_bank *priv;

	for (struct flash_bank *bank = flash_bank_list(); bank; bank = bank->next) {
		priv = bank->driver_priv;
		if (bank->target == target && strcmp(bank->driver->name, "stm32wb") == 0 &&
			priv->plain_deinit)
			return priv;
	}
	return NULL;
}

static void deinit(struct target *target)
{
	const struct stm32wb_bank *priv = replacer_of(target);

	for (struct flash_bank *bank = flash_bank_list(); bank; bank = bank->next)
		if (bank->target == target && strcmp(bank->driver->name, "stm32wb") == 0 &&
			target_was_examined(target))
			(void)stm32wb_erase_due(bank->driver_priv);
	if (priv)
		priv->plain_deinit(target);
}

int stm32wb_watch(struct stm32wb_bank *priv)
{
	struct target_type *type = priv->bank->target->type;

	/* every target has its type's functions for itself */
	if (type->deinit_target && !replacer_of(priv->bank->target)) {
		priv->plain_deinit = type->deinit_target;
		type->deinit_target = deinit;
	}
	return target_register_event_callback(erase_event, priv);
}

void stm32wb_unwatch(struct stm32wb_bank *priv)
{
	target_unregister_timer_callback(erase_timer, priv);
	target_unregister_event_callback(erase_event, priv);
}

int stm32wb_settle(struct stm32wb_bank *priv)
{
	int retval = stm32wb_erase_due(priv);

	if (retval == ERROR_OK && priv->late) {
		LOG_ERROR("stm32wb: erasing has failed before: the reason was told then. Erase again");
		retval = ERROR_FLASH_OPERATION_FAILED;
	}
	priv->late = false;
	return retval;
}

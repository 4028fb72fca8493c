// SPDX-License-Identifier: GPL-2.0-or-later

/*
 * Sums of user flash for OpenOCD's own commands: `verify_image`, `program ... verify`, gdb's
 * `compare-sections`. OpenOCD has CPU1 make them with a loop of some 60 cycles a byte, in RAM that
 * is lost by it; ours come from the chip's CRC unit, and RAM stays as it is.
 *
 * OpenOCD asks the target for them, not the flash bank. Every target has its type's functions for
 * itself: one of them is replaced.
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include <flash/nor/imp.h>
#include <helper/log.h>
#include <target/target.h>
#include <target/target_type.h>

#include "late_erase.h"

/* The bank that has replaced the target's function. */
static struct stm32wb_bank *bank_of(const struct target *target)
{
	struct stm32wb_bank *priv;

	for (struct flash_bank *bank = flash_bank_list(); bank; bank = bank->next) {
		priv = bank->driver_priv;
		if (bank->target == target && strcmp(bank->driver->name, "stm32wb") == 0 && priv->plain_sum)
			return priv;
	}
	return NULL;
}

/* User flash as it was when last looked at: where the boundary has moved since, the chip says. */
static bool in_user_flash(const struct stm32wb_bank *priv, target_addr_t address, uint32_t count)
{
	return count && address >= STM32WB_MAIN_BASE && address < priv->chip.secure_start &&
		count <= priv->chip.secure_start - address;
}

static int checksum(struct target *target, target_addr_t address, uint32_t count, uint32_t *sum)
{
	struct stm32wb_bank *priv = bank_of(target);
	struct stm32wb_seat *seat;
	struct wb_error err;
	int retval = ERROR_OK;

	if (!priv)
		return ERROR_FAIL;
	if (target->state == TARGET_HALTED && !priv->chip.family)
		retval = stm32wb_look(priv);
	if (target->state != TARGET_HALTED || retval != ERROR_OK ||
		!in_user_flash(priv, address, count))
		return priv->plain_sum(target, address, count, sum);
	retval = stm32wb_settle(priv);
	if (retval != ERROR_OK)
		return retval;
	seat = stm32wb_sit_down(target);
	if (!seat)
		return ERROR_FAIL;
	return stm32wb_end_visit(seat,
		wb_bank_sum(&seat->tl.link, (uint32_t)address, count, sum, &err), &err);
}

void stm32wb_give_sums(struct stm32wb_bank *priv)
{
	struct target_type *type = priv->bank->target->type;

	if (bank_of(priv->bank->target))
		return;
	priv->plain_sum = type->checksum_memory;
	type->checksum_memory = checksum;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Inside the flash driver stm32wb: a bank, the chip behind it, and pages that are erased late. */

#ifndef OPENOCD_FLASH_NOR_STM32WB_LATE_ERASE_H
#define OPENOCD_FLASH_NOR_STM32WB_LATE_ERASE_H

#include "commands.h"
#include "core/bank.h"

#define STM32WB_MAIN_BASE 0x08000000u

struct stm32wb_bank {
	struct flash_bank *bank;
	bool probed;
	bool otp_confirmed;	/* -confirm otp: writing is not undone by anything */
	bool secure;		/* -secure: what lies beyond SFSA, only to be refused with a reason */
	struct wb_chip chip;	/* as last looked at */
	uint32_t due[WB_PAGE_WORDS]; /* pages to be erased */
	bool late;		/* erasing them failed, and nobody has been told */
	/* the target's own way to a sum, which ours has replaced; NULL: it has not */
	int (*plain_sum)(struct target *target, target_addr_t address, uint32_t count, uint32_t *sum);
	/* and to its end: banks are freed after the targets, when the chip is out of reach */
	void (*plain_deinit)(struct target *target);
};

/** Print why; the matching ERROR_ code. */
int stm32wb_told(const struct wb_error *err);
/** Before work on the chip; NULL: somebody else is at it, which was said. */
struct stm32wb_seat *stm32wb_sit_down(struct target *target);
/** After it; `status` as one of OpenOCD's, its reason printed. */
int stm32wb_stand_up(struct stm32wb_seat *seat, enum wb_status status, const struct wb_error *err);
/** The same after wb_bank_write() and its like, which leave CPU1 as it was. */
int stm32wb_end_visit(struct stm32wb_seat *seat, enum wb_status status, const struct wb_error *err);
/** Read what the chip is into priv->chip, but for what the CM0+ says of itself. */
int stm32wb_look(struct stm32wb_bank *priv);

/** Remember pages first to last; they are erased before anybody can look at them. */
int stm32wb_erase_soon(struct stm32wb_bank *priv, unsigned int first, unsigned int last);
void stm32wb_set_due(struct stm32wb_bank *priv, unsigned int page, bool due);
bool stm32wb_any_due(const struct stm32wb_bank *priv);
/** Erase what is due. */
int stm32wb_erase_due(struct stm32wb_bank *priv);
/** The same before anything that looks at flash; fails too if that has failed since. */
int stm32wb_settle(struct stm32wb_bank *priv);
/** Erase before the target runs, is reset or goes away, until stm32wb_unwatch(). */
int stm32wb_watch(struct stm32wb_bank *priv);
void stm32wb_unwatch(struct stm32wb_bank *priv);

/** The sums of user flash that OpenOCD asks the target for come from us (sums.c). */
void stm32wb_give_sums(struct stm32wb_bank *priv);

#endif /* OPENOCD_FLASH_NOR_STM32WB_LATE_ERASE_H */

/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The `stm32wb` command group, and what it shares with the flash driver. */

#ifndef OPENOCD_FLASH_NOR_STM32WB_COMMANDS_H
#define OPENOCD_FLASH_NOR_STM32WB_COMMANDS_H

#include "command/command.h"
#include "link_target.h"
#include "register.h"

/* A target that we have been asked about; lives as long as OpenOCD does. */
struct stm32wb_seat {
	struct stm32wb_seat *next;
	struct target_link tl;
	struct cmd_chip chip;
	bool busy;	/* somebody is at work through it */
};

/** The seat of a target, made when first asked for; NULL: out of memory. */
struct stm32wb_seat *stm32wb_seat(struct target *target);

#endif /* OPENOCD_FLASH_NOR_STM32WB_COMMANDS_H */

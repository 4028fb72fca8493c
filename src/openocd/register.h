/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What openocd.c knows of the stm32wb commands: that they may be there. */

#ifndef OPENOCD_FLASH_NOR_STM32WB_REGISTER_H
#define OPENOCD_FLASH_NOR_STM32WB_REGISTER_H

#include <helper/command.h>
#include <helper/log.h>

#if HAVE_LIBOPENFUS

/** Register `stm32wb ...`, whether or not a flash bank uses the driver. */
int stm32wb_register_commands(struct command_context *cmd_ctx);

#else

static inline int stm32wb_register_commands(struct command_context *cmd_ctx)
{
	return ERROR_OK;
}

#endif

#endif /* OPENOCD_FLASH_NOR_STM32WB_REGISTER_H */

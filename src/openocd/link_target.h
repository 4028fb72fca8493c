/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * link.h over OpenOCD's target API: how commands and flash driver that are compiled into OpenOCD
 * reach a chip.
 */

#ifndef OPENOCD_FLASH_NOR_STM32WB_LINK_TARGET_H
#define OPENOCD_FLASH_NOR_STM32WB_LINK_TARGET_H

#include "command/progress.h"
#include "command/stop.h"
#include "core/link.h"

struct target;

struct target_link {
	struct wb_link link;
	struct target *target;
	struct progress progress;

	/* one command */
	struct stop stop;
	int level;		/* OpenOCD's debug level before it */
	bool secret;		/* what is transferred now is not to be logged */
	bool hla;		/* the target is reached through a high-level adapter */
	bool halted;		/* OpenOCD's view of CPU1 before it */
	bool reset_hidden;	/* OpenOCD may have read the "was reset" flag away */
	bool core_written;	/* CPU1's debug registers were written: OpenOCD's view is old */
	bool polling_off;	/* background polling is off because of us */
};

/** Fill a link for a target of OpenOCD. Touches nothing. */
void link_target_init(struct target_link *tl, struct target *target);
/** Before a command: signals wait, OpenOCD's log is quiet. */
void link_target_enter(struct target_link *tl);
/** After it: OpenOCD is told what became of CPU1; its log, polling and signals are as before. */
void link_target_leave(struct target_link *tl);

#endif /* OPENOCD_FLASH_NOR_STM32WB_LINK_TARGET_H */

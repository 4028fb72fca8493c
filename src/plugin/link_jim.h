/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link.h over OpenOCD's Tcl commands: how the plugin reaches a chip.
 */
#ifndef PLUGIN_LINK_JIM_H
#define PLUGIN_LINK_JIM_H

#include <jim.h>

#include "command/progress.h"
#include "command/stop.h"
#include "core/link.h"
#include "plugin/forget.h"

struct jim_link {
	struct wb_link link;
	Jim_Interp *interp;
	struct progress progress;
	char target[64]; /* OpenOCD's name of the target */
	bool hla;        /* OpenOCD reaches it through a high-level adapter */

	/* one command */
	struct stop stop;
	long debug_level;  /* before it; below 0: left alone */
	long loud_level;   /* what was left alone then */
	bool secret;       /* what is transferred now leaves no trace here */
	struct forget forget; /* and this is what it is */
	bool halted;       /* OpenOCD's view of CPU1 before it */
	bool reset_hidden; /* OpenOCD may have read the "was reset" flag away */
	bool core_written; /* CPU1's debug registers were written: OpenOCD's view is old */
	bool polling_off;  /* background polling is off because of us */
};

/** Fill a link for a target of OpenOCD. Touches nothing. */
void link_jim_init(struct jim_link *jim, Jim_Interp *interp, const char *target);
/** Before a command: signals wait, OpenOCD's log is quiet. */
void link_jim_enter(struct jim_link *jim);
/** After it: OpenOCD is told what became of CPU1, its log, polling and signals are as before. */
void link_jim_leave(struct jim_link *jim);

#endif

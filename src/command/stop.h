/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The user's wish to stop, for every front: SIGINT, SIGTERM and SIGHUP wait while a command runs, which
 * looks whether one does. A handler of ours would break the host's own system calls.
 */
#ifndef COMMAND_STOP_H
#define COMMAND_STOP_H

#include <signal.h>
#include <stdbool.h>

struct stop {
	sigset_t before; /* the mask, before the command */
	bool asked;	 /* stays true until the command ends */
};

/** A command begins: signals wait from here on. */
void stop_begin(struct stop *stop);
/** Has somebody asked to stop since then? */
bool stop_asked(struct stop *stop);
/** It has ended: a signal that waited reaches the host now. */
void stop_end(struct stop *stop);

#endif

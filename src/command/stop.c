/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See stop.h. */
#include <stddef.h>

#include "command/stop.h"

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

void stop_begin(struct stop *stop)
{
	sigset_t waiting;

	stop->asked = false;
	(void)sigemptyset(&waiting);
	for (size_t i = 0; i < SIGNALS; i++)
		(void)sigaddset(&waiting, signals[i]);
	(void)sigprocmask(SIG_BLOCK, &waiting, &stop->before);
}

bool stop_asked(struct stop *stop)
{
	sigset_t pending;

	if (!stop->asked && sigpending(&pending) == 0)
		for (size_t i = 0; i < SIGNALS; i++)
			stop->asked = stop->asked || sigismember(&pending, signals[i]) == 1;
	return stop->asked;
}

void stop_end(struct stop *stop)
{
	(void)sigprocmask(SIG_SETMASK, &stop->before, NULL);
}

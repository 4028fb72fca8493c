/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * OpenOCD as the plugin sees it: an interpreter with commands.
 */
#ifndef PLUGIN_HOST_H
#define PLUGIN_HOST_H

#include <jim.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Run one OpenOCD command of plain words.
 * @param[in] words NULL-terminated.
 * @return its result, or NULL if it failed: host_result() then says why. Good until the next call.
 */
const char *host_run(Jim_Interp *interp, const char *const *words);
/** The result, or error message, of the last command. Never NULL. */
const char *host_result(Jim_Interp *interp);
/** The first whole number in a text such as "adapter speed: 480 kHz"; -1 if there is none. */
long host_number(const char *text);

/** PC of the current target, if it is halted, as OpenOCD has read it; UINT32_MAX: not known. */
uint32_t host_pc(Jim_Interp *interp);

/* host_run(interp, HOST("poll", "off")) */
#define HOST(...) ((const char *const[]){ __VA_ARGS__, NULL })

#endif

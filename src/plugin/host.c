/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running OpenOCD's own commands.
 */
#include <stdlib.h>
#include <string.h>

#include "plugin/host.h"

#define WORDS_MAX 8

const char *host_result(Jim_Interp *interp)
{
	return Jim_String(Jim_GetResult(interp));
}

const char *host_run(Jim_Interp *interp, const char *const *words)
{
	Jim_Obj *objv[WORDS_MAX];
	int objc = 0;

	while (objc < WORDS_MAX && words[objc]) {
		objv[objc] = Jim_NewStringObj(interp, words[objc], -1);
		objc++;
	}
	if (Jim_EvalObjVector(interp, objc, objv) != JIM_OK)
		return NULL;
	return host_result(interp);
}

long host_number(const char *text)
{
	text += strcspn(text, "0123456789");
	return *text ? strtol(text, NULL, 10) : -1;
}

/* `get_reg pc` gives "pc 0x08000008", from OpenOCD's copy of the registers. */
uint32_t host_pc(Jim_Interp *interp)
{
	const char *answer = host_run(interp, HOST("get_reg", "pc"));

	return answer && strncmp(answer, "pc ", 3) == 0 ? (uint32_t)strtoul(answer + 3, NULL, 0) :
							  UINT32_MAX;
}

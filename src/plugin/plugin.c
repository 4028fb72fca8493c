/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stm32wb.so: a Jim Tcl extension for a stock OpenOCD. `load stm32wb.so` calls
 * Jim_stm32wbInit(), which adds the command `stm32wb`.
 *
 * The module is not linked with libjim: it uses the one that OpenOCD has loaded. jim.h's macros
 * look inside the interpreter, so the library must be of the version the module was built for.
 */
#include <stdlib.h>
#include <string.h>

#include "command/command.h"
#include "plugin/host.h"
#include "plugin/link_jim.h"

#define COMMAND "stm32wb"
#define WORDS_COMMAND "_stm32wb" /* what the Tcl procedure of that name calls */
#define WORDS_MAX 320
#define VERSION_VARIABLE "::openfus_jim_version"

/* A target of OpenOCD we have been asked about. */
struct seat {
	struct seat *next;
	struct jim_link jim;
	struct cmd_chip chip;
};

struct plugin {
	Jim_Interp *interp;
	struct cmd_front front;
	struct seat *seats;
	bool busy;
};

WB_API int Jim_stm32wbInit(Jim_Interp *interp);

/* The seat of OpenOCD's current target, made when first asked for. NULL: there is no target. */
static struct seat *find_seat(struct plugin *plugin)
{
	const char *name = host_run(plugin->interp, HOST("target", "current"));
	struct seat *seat;

	if (!name || !name[0])
		return NULL;
	for (seat = plugin->seats; seat; seat = seat->next) {
		if (strcmp(seat->jim.target, name) == 0)
			return seat;
	}
	if (strlen(name) >= sizeof(seat->jim.target))
		return NULL;
	seat = calloc(1, sizeof(*seat));
	if (!seat)
		return NULL;
	link_jim_init(&seat->jim, plugin->interp, name);
	seat->chip.link = &seat->jim.link;
	seat->chip.progress = &seat->jim.progress;
	seat->next = plugin->seats;
	plugin->seats = seat;
	return seat;
}

/* Targets can be reached once `init` has run: OpenOCD's command mode then is "exec". */
static bool after_init(Jim_Interp *interp)
{
	const char *mode = host_run(interp, HOST("command", "mode"));

	return mode && strcmp(mode, "exec") == 0;
}

static enum wb_status run(
	struct plugin *plugin, int argc, const char *const *argv, struct text *out)
{
	if (!cmd_needs_chip(argc, argv) || !after_init(plugin->interp))
		return cmd_run(&plugin->front, NULL, argc, argv, out);

	struct seat *seat = find_seat(plugin);
	if (!seat) {
		text_add(out, "OpenOCD has no current target: source a target file such as "
			      "target/stm32wbx.cfg before `init`");
		return WB_ERR_USAGE;
	}
	link_jim_enter(&seat->jim);
	enum wb_status status = cmd_run(&plugin->front, &seat->chip, argc, argv, out);
	link_jim_leave(&seat->jim);
	return status;
}

static int command(Jim_Interp *interp, int objc, Jim_Obj *const *objv)
{
	struct plugin *plugin = Jim_CmdPrivData(interp);
	const char *argv[WORDS_MAX];
	struct text out = { 0 };

	if (objc - 1 > WORDS_MAX) {
		Jim_SetResultString(interp, COMMAND ": too many words", -1);
		return JIM_ERR;
	}
	/* While we sleep OpenOCD runs its timers, and they may run scripts. */
	if (plugin->busy) {
		Jim_SetResultString(interp, COMMAND ": another stm32wb command is running", -1);
		return JIM_ERR;
	}
	for (int i = 1; i < objc; i++)
		argv[i - 1] = Jim_String(objv[i]);

	plugin->busy = true;
	enum wb_status status = run(plugin, objc - 1, argv, &out);
	plugin->busy = false;
	Jim_SetResultString(interp, text_str(&out), (int)out.len);
	text_free(&out);
	return status == WB_OK ? JIM_OK : JIM_ERR;
}

static void forget(Jim_Interp *interp, void *data)
{
	struct plugin *plugin = data;

	(void)interp;
	while (plugin->seats) {
		struct seat *seat = plugin->seats;

		plugin->seats = seat->next;
		cmd_chip_free(&seat->chip);
		free(seat);
	}
	cmd_front_free(&plugin->front);
	free(plugin);
}

/*
 * OpenOCD's `help` and `usage`. For each line it asks in which mode the command can be used, and it
 * finds out about Tcl procedures only: so there is one for each name it asks for, spaces and all.
 */
static void add_help(Jim_Interp *interp)
{
	const struct cmd_command *row;
	char name[64], body[128], help[512];

	(void)host_run(
		interp, HOST("proc", COMMAND, "args", "tailcall " WORDS_COMMAND " {*}$args"));
	(void)host_run(
		interp, HOST("add_help_text", COMMAND,
				"STM32WB wireless coprocessor: firmware upgrade service (FUS)"));
	for (unsigned int i = 0; (row = cmd_table(i)); i++) {
		wb_format(name, sizeof(name), COMMAND " %s", row->name);
		wb_format(body, sizeof(body), "tailcall " WORDS_COMMAND " %s {*}$args", row->name);
		(void)host_run(interp, HOST("proc", name, "args", body));
		/* OpenOCD adds that a procedure is "valid any time" */
		wb_format(help, sizeof(help), "%s%s", row->help,
			row->needs_chip ? " Needs the chip: behind `init`." : "");
		(void)host_run(interp, HOST("add_help_text", name, help));
		(void)host_run(interp, HOST("add_usage_text", name, row->usage));
	}
}

/* Through a variable, for Jim_GetResult() is one of the macros that look inside. */
static bool same_jim(Jim_Interp *interp, char *have, unsigned int size)
{
	char want[16];

	have[0] = '\0';
	if (Jim_Eval(interp, "set " VERSION_VARIABLE " [info version]") != JIM_OK)
		return false;
	Jim_Obj *version = Jim_GetGlobalVariableStr(interp, VERSION_VARIABLE, JIM_NONE);
	if (!version)
		return false;
	wb_format(have, size, "%s", Jim_String(version));
	(void)Jim_Eval(interp, "unset " VERSION_VARIABLE);
	wb_format(want, sizeof(want), "%d.%02d", JIM_VERSION / 100, JIM_VERSION % 100);
	return strcmp(have, want) == 0;
}

int Jim_stm32wbInit(Jim_Interp *interp)
{
	char have[32];

	if (!same_jim(interp, have, sizeof(have))) {
		/* No result: setting one would use the macros. */
		char line[256];
		wb_format(line, sizeof(line),
			"echo {Error: this stm32wb.so was built for Jim Tcl %d.%02d, OpenOCD uses "
			"%s: build OpenFUS again with that version's jim.h}",
			JIM_VERSION / 100, JIM_VERSION % 100, have);
		(void)Jim_Eval(interp, line);
		return JIM_ERR;
	}
	struct plugin *plugin = calloc(1, sizeof(*plugin));
	if (!plugin)
		return JIM_ERR;
	plugin->interp = interp;
	if (Jim_CreateCommand(interp, WORDS_COMMAND, command, plugin, forget) != JIM_OK) {
		free(plugin);
		return JIM_ERR;
	}
	add_help(interp);
	Jim_SetEmptyResult(interp);
	return JIM_OK;
}

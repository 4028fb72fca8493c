/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stm32wb info       the chip
 * stm32wb fus info   who runs on the CM0+, and the versions
 *
 * Both read only: no halt, no reset, no write.
 * JSON: info      chip (report.h)
 *       fus info  { selected, running, c2boot, sfsa_address, sbrv_address, uid64, fus, stack,
 *                   safeboot (versions, null where not known), versions (report.h), next }
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "command/parse.h"
#include "command/report.h"

#define FLASH_START 0x08000000u
#define KIB 1024u

static void options_rows(struct text *out, const struct wb_chip *chip)
{
	struct wb_field field;
	char buf[96], value[12];

	text_add(out, "option bytes\n");
	for (unsigned int i = 0; wb_option_field(chip, i, &field, buf); i++) {
		(void)snprintf(value, sizeof(value), "0x%X", (unsigned int)field.value);
		text_add(out, "  %-13s %s", field.name, value);
		if (field.meaning && field.meaning[0])
			text_add(out, "%*s%s", (int)(9 - strlen(value)), "", field.meaning);
		text_add(out, "%s\n", field.secure ? "; set by the CM0+ only" : "");
	}
}

static void cm0_row(struct text *out, const struct wb_chip *chip)
{
	text_row(out, "CM0+ boots", "%s at 0x%08X", wb_runs_name(chip->selected),
		chip->sbrv_address);
	if (chip->c2boot)
		text_row(out, "CM0+ now", "%s runs", wb_runs_name(chip->running));
	else
		text_row(out, "CM0+ now", "not started since the last reset (C2BOOT = 0)");
}

enum wb_status cmd_info(struct cmd_call *call)
{
	struct wb_chip chip;
	struct text *out = call->out;
	enum wb_status status = wb_chip_read(call->chip->link, &chip, &call->err);

	if (status != WB_OK)
		return status;
	if (call->options.json)
		return json_out(json_chip(&chip), out, &call->err);

	text_row(out, "chip", "%s, device 0x%03X, revision 0x%04X, package 0x%02X",
		chip.family->name, (unsigned int)chip.dev_id, (unsigned int)chip.rev_id,
		(unsigned int)chip.package);
	text_row(out, "unique id",
		"UID64 %016" PRIx64 ", UID96 %08" PRIx32 " %08" PRIx32 " %08" PRIx32, chip.uid64,
		chip.uid96[2], chip.uid96[1], chip.uid96[0]);
	text_row(out, "flash", "%u KiB of %u-byte pages", (unsigned int)chip.flash_kib,
		(unsigned int)chip.family->page);
	if (chip.secure_start > FLASH_START)
		text_row(out, "user flash", "0x%08X - 0x%08X, %u KiB", FLASH_START,
			chip.secure_start - 1u, (chip.secure_start - FLASH_START) / KIB);
	else
		text_row(out, "user flash", "none: all of it is secure");
	text_row(out, "secure flash", "from 0x%08X", chip.sfsa_address);
	cm0_row(out, &chip);
	text_row(out, "CPU1 now", "%s", chip.cpu1_halted ? "halted by the debugger" : "runs");
	if (chip.eccr >> 30)
		text_row(out, "flash ECC", "0x%08X: %s error was seen", chip.eccr,
			chip.eccr >> 31 ? "an uncorrectable" : "a corrected");
	options_rows(out, &chip);
	return WB_OK;
}

/* What a person would do next, given who is selected. Nothing, where the stack is: all is well. */
static const char *next_step(const struct wb_chip *chip)
{
	if (chip->selected == WB_RUNS_SAFEBOOT)
		return "`stm32wb fus recover`: option bytes were found corrupt, so Safeboot is selected";
	if (chip->selected == WB_RUNS_STACK)
		return chip->versions.valid
			? ""
			: "`stm32wb fus state` asks the wireless stack (resets the chip)";
	if (chip->selected != WB_RUNS_FUS)
		return "`stm32wb fus diagnose`: neither a FUS nor a stack starts there";
	if (!chip->versions.valid)
		return "`stm32wb fus start` starts the FUS (resets the chip)";
	if (chip->versions.stack)
		return "`stm32wb fus start_ws` goes back to the wireless stack";
	return "`stm32wb fus upgrade FILE` installs a wireless stack";
}

static json_t *json_known(const struct wb_versions *versions, uint32_t version)
{
	char buf[20];

	return versions->valid ? json_string(wb_version_text(version, buf)) : json_null();
}

static json_t *json_fus_info(const struct wb_chip *chip, const char *next)
{
	const struct wb_versions *v = &chip->versions;
	char uid[20];

	(void)snprintf(uid, sizeof(uid), "%016" PRIx64, chip->uid64);
	return json_pack("{s:s, s:s, s:b, s:I, s:I, s:s, s:o, s:o, s:o, s:o, s:s}", "selected",
		wb_runs_name(chip->selected), "running", wb_runs_name(chip->running), "c2boot",
		chip->c2boot, "sfsa_address", (json_int_t)chip->sfsa_address, "sbrv_address",
		(json_int_t)chip->sbrv_address, "uid64", uid, "fus", json_known(v, v->fus), "stack",
		json_known(v, v->stack), "safeboot", json_known(v, v->safeboot), "versions",
		json_versions(v), "next", next);
}

enum wb_status cmd_fus_info(struct cmd_call *call)
{
	struct wb_chip chip;
	struct text *out = call->out;
	enum wb_status status = wb_chip_read(call->chip->link, &chip, &call->err);

	if (status != WB_OK)
		return status;
	const char *next = next_step(&chip);
	if (call->options.json)
		return json_out(json_fus_info(&chip, next), out, &call->err);

	cm0_row(out, &chip);
	text_row(out, "secure flash", "from 0x%08X", chip.sfsa_address);
	if (!chip.versions.valid) {
		text_row(out, "versions", "not known: %s",
			chip.c2boot ? "the CM0+ has not filled its device info table"
				    : "the CM0+ is not running, so there is no table to read");
	} else {
		if (!chip.versions.live)
			text_row(out, "versions", "last known, from before the last reset:");
		text_versions(out, &chip.versions);
		if (chip.versions.from_fus)
			text_row(out, "last state", "FUS 0x%02X, stack 0x%02X",
				(unsigned int)chip.versions.last_fus_state,
				(unsigned int)chip.versions.last_stack_state);
	}
	if (next[0])
		text_row(out, "next", "%s", next);
	return WB_OK;
}

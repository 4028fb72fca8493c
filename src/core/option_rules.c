/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What option bytes may be set to: each value judged by its field, then all of them together by
 * what they would make of the chip. A field with a rule of its own is a row.
 *
 * Sources: RM0434 3.4 (option bytes), 3.6 (protections); reference chip.md, fus.md section 1.
 */
#include <string.h>
#include "core/bytes.h"
#include "core/options.h"
#include "core/regs.h"
#include "core/rules.h"
#include "core/tables.h"

#define RDP_LEVEL_1_AS_ST_WRITES_IT 0xbbu /* any byte but 0xAA and 0xCC is level 1 */
#define BOR_LEVELS 5u
#define NRST_MODES_FIRST 1u /* RM0473: 0 is reserved */
#define SRAM2A_BYTES 0x8000u
#define AER_PCROP_RDP (1u << 31)

/* ---- one value ------------------------------------------------------------------------------ */

static enum wb_status rdp(const struct wb_chip *chip, uint32_t value, struct wb_error *err)
{
	(void)chip;
	if (value == OPTR_RDP_LEVEL_2)
		return wb_refuse(err, "rdp-2",
			"RDP=0xCC is level 2: it closes the debug port for ever, and no command of "
			"ours writes it");
	if (value == OPTR_RDP_LEVEL_0 || value == RDP_LEVEL_1_AS_ST_WRITES_IT)
		return WB_OK;
	return wb_fail(err, WB_ERR_USAGE,
		"RDP=0x%02X: say 0xAA (level 0, no read protection) or 0xBB (level 1). It is the "
		"byte, not the level",
		(unsigned int)value);
}

static enum wb_status bor_lev(const struct wb_chip *chip, uint32_t value, struct wb_error *err)
{
	(void)chip;
	return value < BOR_LEVELS ? WB_OK
				  : wb_fail(err, WB_ERR_USAGE,
					    "BOR_LEV=%u: levels are 0 (1.7 V) to %u (2.8 V)",
					    (unsigned int)value, BOR_LEVELS - 1);
}

static enum wb_status nrst_mode(const struct wb_chip *chip, uint32_t value, struct wb_error *err)
{
	(void)chip;
	return value >= NRST_MODES_FIRST
		       ? WB_OK
		       : wb_fail(err, WB_ERR_USAGE, "nRST_MODE=0 is reserved: modes are 1 to 3");
}

/* The CM0+ looks for its tables where IPCCDBA says; past SRAM2a nobody can ever ask the FUS. */
static enum wb_status ipccdba(const struct wb_chip *chip, uint32_t value, struct wb_error *err)
{
	(void)chip;
	if (wb_tables_offset(value, true) <= SRAM2A_BYTES - WB_TABLES_SIZE)
		return WB_OK;
	return wb_refuse(err, "ipccdba",
		"IPCCDBA=0x%X puts the shared tables at SRAM2a + 0x%X (or + 0x%X: sources disagree "
		"on its unit), where %u bytes do not fit into 32 KiB: nothing could talk to the "
		"FUS any more. 0 is what nearly every application wants",
		(unsigned int)value, (unsigned int)wb_tables_offset(value, false),
		(unsigned int)wb_tables_offset(value, true), WB_TABLES_SIZE);
}

static const struct value_rule {
	const char *field;
	enum wb_status (*judge)(const struct wb_chip *chip, uint32_t value, struct wb_error *err);
} value_rules[] = {
	{ "RDP", rdp },
	{ "BOR_LEV", bor_lev },
	{ "nRST_MODE", nrst_mode },
	{ "IPCCDBA", ipccdba },
};

static enum wb_status judge_value(const struct wb_chip *chip, const struct wb_field *field,
	uint32_t value, struct wb_error *err)
{
	if (field->secure)
		return wb_refuse(err, "secure-option",
			"%s belongs to the CM0+: only its firmware can change it, and the FUS does "
			"so itself when it installs or removes a stack. Nothing was written",
			field->name);
	if (field->width < 32 && value >> field->width)
		return wb_fail(err, WB_ERR_USAGE, "%s=0x%X: the field has %u bit%s, 0 to 0x%X",
			field->name, (unsigned int)value, field->width,
			field->width == 1 ? "" : "s", (1u << field->width) - 1);
	/* what it is already needs no judgement: a board's RDP may be any byte */
	for (size_t i = 0; value != field->value && i < sizeof(value_rules) / sizeof(*value_rules);
		i++)
		if (strcmp(value_rules[i].field, field->name) == 0)
			return value_rules[i].judge(chip, value, err);
	return WB_OK;
}

/* ---- all of them ---------------------------------------------------------------------------- */

static bool confirmed(const char *const *confirm, const char *risk)
{
	for (unsigned int i = 0; confirm && i < WB_CONFIRM_MAX && confirm[i]; i++)
		if (strcmp(confirm[i], risk) == 0)
			return true;
	return false;
}

static void warn(struct wb_option_changes *changes, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void warn(struct wb_option_changes *changes, const char *fmt, ...)
{
	va_list args;

	if (changes->warnings == WB_OPTION_WARNINGS)
		return;
	va_start(args, fmt);
	wb_vformat(changes->warning[changes->warnings++], sizeof(changes->warning[0]), fmt, args);
	va_end(args);
}

static enum wb_status judge_rdp(const struct wb_options *now, struct wb_option_changes *changes,
	const char *const *confirm, struct wb_error *err)
{
	changes->rdp = (now->optr ^ changes->wanted.optr) & OPTR_RDP;
	if (!changes->rdp)
		return WB_OK;
	if (!confirmed(confirm, "rdp"))
		return (changes->wanted.optr & OPTR_RDP) == OPTR_RDP_LEVEL_0
			       ? wb_refuse(err, "rdp",
					 "RDP 0x%02X -> 0xAA lowers read protection from level 1 "
					 "to 0, and the chip then erases all of user flash: the "
					 "application and its data. Add -confirm rdp if that is "
					 "wanted",
					 (unsigned int)(now->optr & OPTR_RDP))
			       : wb_refuse(err, "rdp",
					 "RDP 0x%02X -> 0xBB raises read protection to level 1: "
					 "flash is closed to the debugger, nothing can be "
					 "installed through it, and the way back to level 0 erases "
					 "all of user flash. Add -confirm rdp if that is wanted",
					 (unsigned int)(now->optr & OPTR_RDP));
	if ((changes->wanted.optr & OPTR_RDP) == OPTR_RDP_LEVEL_0)
		warn(changes,
			"read protection is off, and by that the chip has erased all of user flash: "
			"program the application again");
	else
		warn(changes,
			"read protection: an application in flash does not run while a debugger is "
			"attached. Take the probe off and power the board off and on");
	return WB_OK;
}

/* An area grows freely but shrinks only with all of flash (RM0434 3.6.2): a step of no return. */
static enum wb_status judge_pcrop(const struct wb_chip *chip,
	const struct wb_option_changes *changes, const char *const *confirm, struct wb_error *err)
{
	const struct wb_options *now = &chip->options;
	struct wb_area was, is;

	for (unsigned int i = 0; i < WB_AREAS; i++) {
		bool set = wb_protected_area(chip->family, now, i, &was);
		bool will = wb_protected_area(chip->family, &changes->wanted, i, &is);

		if (is.wrp)
			continue;
		if (set && (is.start > was.start || is.end < was.end))
			return wb_refuse(err, "pcrop",
				"%s protects 0x%X to 0x%X: the chip lets such an area grow, but "
				"never shrink. Only lowering RDP from level 1 to 0 with PCROP_RDP "
				"= 1 removes it, and all of user flash with it",
				was.name, (unsigned int)was.start, (unsigned int)was.end);
		if (will && (!set || is.start < was.start || is.end > was.end) &&
			!confirmed(confirm, "rdp"))
			return wb_refuse(err, "rdp",
				"%s 0x%X to 0x%X would be closed to reading for good: only "
				"lowering RDP from level 1 to 0 opens it again, and erases all of "
				"user flash. Add -confirm rdp if that is wanted",
				is.name, (unsigned int)is.start, (unsigned int)is.end);
	}
	if (now->pcrop1aer & ~changes->wanted.pcrop1aer & AER_PCROP_RDP)
		return wb_refuse(err, "pcrop",
			"PCROP_RDP can be set, but only lowering RDP from level 1 to 0 clears it");
	return WB_OK;
}

static void note_wrp(const struct wb_chip *chip, struct wb_option_changes *changes)
{
	struct wb_area was, is;

	for (unsigned int i = 0; i < WB_AREAS; i++) {
		wb_protected_area(chip->family, &chip->options, i, &was);
		if (!wb_protected_area(chip->family, &changes->wanted, i, &is) || !is.wrp ||
			(is.start == was.start && is.end == was.end))
			continue;
		warn(changes,
			"%s closes 0x%08X - 0x%08X to writing: no image can be staged there, and "
			"the FUS may fail to move or erase one. `stm32wb option set %s_STRT=0xFF "
			"%s_END=0` opens it again",
			is.name, (unsigned int)is.first, (unsigned int)is.last, is.name, is.name);
	}
}

/* What a bit brings about, when it changes to this value. */
static const struct bit_note {
	uint32_t bit;
	bool value;
	const char *text;
} bit_notes[] = {
	{ OPTR_IWDG_SW, false,
		"IWDG_SW=0: the watchdog runs from every reset; an application that does not feed "
		"it is reset again and again" },
	{ OPTR_WWDG_SW, false, "WWDG_SW=0: the window watchdog runs from every reset" },
	{ OPTR_SRAM2_RST, false,
		"SRAM2_RST=0: SRAM2 is erased at every reset, the shared tables with it" },
	{ OPTR_SRAM2_PE, false,
		"SRAM2_PE=0: parity is checked; a word of SRAM2 that is read before it was written "
		"is an NMI" },
};

static void note_bits(const struct wb_options *now, struct wb_option_changes *changes)
{
	const struct wb_options *to = &changes->wanted;

	for (size_t i = 0; i < sizeof(bit_notes) / sizeof(*bit_notes); i++)
		if (((now->optr ^ to->optr) & bit_notes[i].bit) &&
			!(to->optr & bit_notes[i].bit) == !bit_notes[i].value)
			warn(changes, "%s", bit_notes[i].text);
	if ((now->optr ^ to->optr) & (OPTR_NBOOT0 | OPTR_NBOOT1 | OPTR_NSWBOOT0))
		warn(changes, "from now on CPU1 boots from %s", wb_boot_name(to));
	if (wb_bits(to->ipccbr, 13, 0) && wb_bits(now->ipccbr, 13, 0) != wb_bits(to->ipccbr, 13, 0))
		warn(changes, "IPCCDBA is not 0: an application must put its shared tables where "
			      "it says, or its wireless stack does not start");
}

static enum wb_status take(const struct wb_chip *chip, const struct wb_option_value *value,
	struct wb_option_changes *changes, uint64_t *said, struct wb_error *err)
{
	struct wb_field field;
	unsigned int index;
	char buf[96];
	enum wb_status status = wb_option_find(chip, value->name, &index, err);

	if (status != WB_OK || !wb_option_field(chip, index, &field, buf))
		return status;
	if (*said >> index & 1)
		return wb_fail(err, WB_ERR_USAGE, "%s is said twice", field.name);
	*said |= 1ull << index;
	status = judge_value(chip, &field, value->value, err);
	if (status != WB_OK || value->value == field.value)
		return status;
	wb_option_put(chip->family, index, &changes->wanted, value->value);
	changes->change[changes->count].name = field.name;
	changes->change[changes->count].from = field.value;
	changes->change[changes->count++].to = value->value;
	return WB_OK;
}

enum wb_status wb_options_decide(const struct wb_chip *chip, const struct wb_option_value *values,
	unsigned int count, const char *const *confirm, struct wb_option_changes *changes,
	struct wb_error *err)
{
	enum wb_status status = WB_OK;
	uint64_t said = 0;

	memset(changes, 0, sizeof(*changes));
	changes->wanted = chip->options;
	for (unsigned int i = 0; status == WB_OK && i < count; i++)
		status = take(chip, &values[i], changes, &said, err);
	if (status == WB_OK)
		status = judge_rdp(&chip->options, changes, confirm, err);
	if (status == WB_OK)
		status = judge_pcrop(chip, changes, confirm, err);
	if (status != WB_OK)
		return status;
	note_wrp(chip, changes);
	note_bits(&chip->options, changes);
	return WB_OK;
}

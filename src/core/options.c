/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Option bytes as fields: one row a field, with what its values mean.
 *
 * Sources: RM0434 and RM0473 (FLASH registers), ST's CMSIS headers (WB1x: shorter SBRV, IRHEN,
 * nRST_MODE). Secure fields can be changed by code on the CM0+ only.
 */
#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include "core/bytes.h"
#include "core/options.h"
#include "core/regs.h"

#define IN(family) (1u << (family))
#define ALL (IN(WB_FAMILY_5X) | IN(WB_FAMILY_3X) | IN(WB_FAMILY_1X))
#define NOT_1X (IN(WB_FAMILY_5X) | IN(WB_FAMILY_3X))
#define ONLY_1X IN(WB_FAMILY_1X)
#define REG(name) offsetof(struct wb_options, name)

#define NAME_MAX_LEN 16u

struct row {
	const char *name;
	uint8_t reg;	       /* offset in struct wb_options */
	uint8_t high, low;     /* bits */
	uint8_t second;	       /* bit above these for a field in two pieces, else 0 */
	uint8_t families;
	bool secure;
	const char *zero, *one; /* meaning of a single bit's values */
	/* a meaning that needs the number or the chip: written into buf (96 bytes) */
	void (*meaning)(const struct wb_chip *chip, uint32_t value, char *buf);
};

static void rdp(const struct wb_chip *chip, uint32_t value, char *buf)
{
	(void)chip;
	wb_format(buf, 96, "%s",
		value == OPTR_RDP_LEVEL_0   ? "level 0: no read protection"
		: value == OPTR_RDP_LEVEL_2 ? "level 2: debug port closed for good"
				       : "level 1: flash closed to the debugger");
}

static void bor(const struct wb_chip *chip, uint32_t value, char *buf)
{
	/* RM0434: thresholds of BOR levels 0 to 4, in 0.1 V */
	static const uint8_t volts[] = { 17, 20, 22, 25, 28 };

	(void)chip;
	if (value < sizeof(volts))
		wb_format(buf, 96, "reset below about %u.%u V", volts[value] / 10u,
			volts[value] % 10u);
}

static void sfsa(const struct wb_chip *chip, uint32_t value, char *buf)
{
	if (!value)
		wb_format(buf, 96, "all flash is secure: option bytes were found corrupt (Safeboot)");
	else
		wb_format(buf, 96, "secure flash starts at 0x%08X",
			(unsigned int)chip->sfsa_address);
}

static void sbrv(const struct wb_chip *chip, uint32_t value, char *buf)
{
	(void)value;
	wb_format(buf, 96, "CM0+ boots at 0x%08X: %s", (unsigned int)chip->sbrv_address,
		wb_runs_name(chip->selected));
}

static void sbrsa(const struct wb_chip *chip, uint32_t value, char *buf)
{
	if (wb_bits(chip->options.srrvr, 23, 23))
		wb_format(buf, 96, "not used: BRSD = 1");
	else
		wb_format(buf, 96, "%u KiB of SRAM2a open to CPU1", (unsigned int)value);
}

static void snbrsa(const struct wb_chip *chip, uint32_t value, char *buf)
{
	if (wb_bits(chip->options.srrvr, 30, 30))
		wb_format(buf, 96, "not used: NBRSD = 1");
	else
		wb_format(buf, 96, "%u KiB of SRAM2b open to CPU1", (unsigned int)value);
}

bool wb_protected_area(const struct wb_family *family, const struct wb_options *o, unsigned int i,
	struct wb_area *area)
{
	const struct {
		const char *name;
		bool wrp;
		uint32_t start, end;
	} areas[WB_AREAS] = {
		{ "WRP1A", true, wb_bits(o->wrp1ar, 7, 0), wb_bits(o->wrp1ar, 23, 16) },
		{ "WRP1B", true, wb_bits(o->wrp1br, 7, 0), wb_bits(o->wrp1br, 23, 16) },
		{ "PCROP1A", false, wb_bits(o->pcrop1asr, 8, 0), wb_bits(o->pcrop1aer, 8, 0) },
		{ "PCROP1B", false, wb_bits(o->pcrop1bsr, 8, 0), wb_bits(o->pcrop1ber, 8, 0) },
	};
	/* RM0434 3.6.1, 3.6.2: PCROP counts 2 KiB, half a page; RM0473: 1 KiB, of pages of 2 KiB */
	const uint32_t unit = areas[i].wrp ? family->page : family->page / 2u;

	*area = (struct wb_area){ .name = areas[i].name, .wrp = areas[i].wrp, .start = areas[i].start,
		.end = areas[i].end, .first = WB_FLASH_BASE + areas[i].start * unit,
		.last = WB_FLASH_BASE + (areas[i].end + 1) * unit - 1 };
	return area->start <= area->end;
}

/* An area of write protection is told where it starts: whole pages, the last one included. */
static void wrp_area(const struct wb_chip *chip, unsigned int i, char *buf)
{
	struct wb_area area;

	if (!wb_protected_area(chip->family, &chip->options, i, &area))
		wb_format(buf, 96, "no area is write-protected");
	else
		wb_format(buf, 96, "write-protected: 0x%08X - 0x%08X", (unsigned int)area.first,
			(unsigned int)area.last);
}

static void wrp1a(const struct wb_chip *chip, uint32_t value, char *buf)
{
	(void)value;
	wrp_area(chip, 0, buf);
}

static void wrp1b(const struct wb_chip *chip, uint32_t value, char *buf)
{
	(void)value;
	wrp_area(chip, 1, buf);
}

static void ipccdba(const struct wb_chip *chip, uint32_t value, char *buf)
{
	(void)chip;
	wb_format(buf, 96, "%s",
		value ? "shared tables moved inside SRAM2a" : "shared tables at SRAM2a's start");
}

static const struct row rows[] = {
	{ "RDP", REG(optr), 7, 0, 0, ALL, false, NULL, NULL, rdp },
	{ "ESE", REG(optr), 8, 8, 0, ALL, true, "security off", "security on", NULL },
	{ "BOR_LEV", REG(optr), 11, 9, 0, ALL, false, NULL, NULL, bor },
	{ "nRST_STOP", REG(optr), 12, 12, 0, ALL, false, "reset on Stop", "no reset on Stop", NULL },
	{ "nRST_STDBY", REG(optr), 13, 13, 0, ALL, false, "reset on Standby",
		"no reset on Standby", NULL },
	{ "nRST_SHDW", REG(optr), 14, 14, 0, ALL, false, "reset on Shutdown",
		"no reset on Shutdown", NULL },
	{ "IRHEN", REG(optr), 15, 15, 0, ONLY_1X, false, "NRST pulse only",
		"NRST held until low is seen", NULL },
	{ "IWDG_SW", REG(optr), 16, 16, 0, ALL, false, "hardware watchdog: runs from reset",
		"software watchdog", NULL },
	{ "IWDG_STOP", REG(optr), 17, 17, 0, ALL, false, "watchdog frozen in Stop",
		"watchdog runs in Stop", NULL },
	{ "IWDG_STDBY", REG(optr), 18, 18, 0, ALL, false, "watchdog frozen in Standby",
		"watchdog runs in Standby", NULL },
	{ "WWDG_SW", REG(optr), 19, 19, 0, ALL, false, "hardware window watchdog",
		"software window watchdog", NULL },
	{ "nRST_MODE", REG(optr), 22, 22, 28, ONLY_1X, false, NULL, NULL, NULL },
	{ "nBOOT1", REG(optr), 23, 23, 0, ALL, false, "if BOOT0 = 1: boot from SRAM1",
		"if BOOT0 = 1: boot from system memory", NULL },
	{ "SRAM2_PE", REG(optr), 24, 24, 0, ALL, false, "SRAM2 parity check on",
		"SRAM2 parity check off", NULL },
	{ "SRAM2_RST", REG(optr), 25, 25, 0, ALL, false, "SRAM2 erased at reset",
		"SRAM2 kept across reset", NULL },
	{ "nSWBOOT0", REG(optr), 26, 26, 0, ALL, false, "BOOT0 from nBOOT0",
		"BOOT0 from the pin PH3", NULL },
	{ "nBOOT0", REG(optr), 27, 27, 0, ALL, false, "if nSWBOOT0 = 0: BOOT0 = 1",
		"if nSWBOOT0 = 0: BOOT0 = 0, boot from flash", NULL },
	{ "AGC_TRIM", REG(optr), 31, 29, 0, ALL, false, NULL, NULL, NULL },
	{ "PCROP1A_STRT", REG(pcrop1asr), 8, 0, 0, ALL, false, NULL, NULL, NULL },
	{ "PCROP1A_END", REG(pcrop1aer), 8, 0, 0, ALL, false, NULL, NULL, NULL },
	{ "PCROP_RDP", REG(pcrop1aer), 31, 31, 0, ALL, false, "PCROP kept when RDP is lowered",
		"PCROP erased when RDP is lowered", NULL },
	{ "WRP1A_STRT", REG(wrp1ar), 7, 0, 0, ALL, false, NULL, NULL, wrp1a },
	{ "WRP1A_END", REG(wrp1ar), 23, 16, 0, ALL, false, NULL, NULL, NULL },
	{ "WRP1B_STRT", REG(wrp1br), 7, 0, 0, ALL, false, NULL, NULL, wrp1b },
	{ "WRP1B_END", REG(wrp1br), 23, 16, 0, ALL, false, NULL, NULL, NULL },
	{ "PCROP1B_STRT", REG(pcrop1bsr), 8, 0, 0, ALL, false, NULL, NULL, NULL },
	{ "PCROP1B_END", REG(pcrop1ber), 8, 0, 0, ALL, false, NULL, NULL, NULL },
	{ "IPCCDBA", REG(ipccbr), 13, 0, 0, ALL, false, NULL, NULL, ipccdba },
	{ "SFSA", REG(sfr), 7, 0, 0, ALL, true, NULL, NULL, sfsa },
	{ "FSD", REG(sfr), 8, 8, 0, ALL, true, "flash above SFSA is secure", "no flash is secure",
		NULL },
	{ "DDS", REG(sfr), 12, 12, 0, ALL, true, "CM0+ debug on", "CM0+ debug off", NULL },
	{ "SBRV", REG(srrvr), 17, 0, 0, NOT_1X, true, NULL, NULL, sbrv },
	{ "SBRV", REG(srrvr), 16, 0, 0, ONLY_1X, true, NULL, NULL, sbrv },
	{ "SBRSA", REG(srrvr), 22, 18, 0, ALL, true, NULL, NULL, sbrsa },
	{ "BRSD", REG(srrvr), 23, 23, 0, ALL, true, "SRAM2a above SBRSA is secure",
		"no SRAM2a is secure", NULL },
	{ "SNBRSA", REG(srrvr), 29, 25, 0, NOT_1X, true, NULL, NULL, snbrsa },
	{ "SNBRSA", REG(srrvr), 26, 25, 0, ONLY_1X, true, NULL, NULL, snbrsa },
	{ "NBRSD", REG(srrvr), 30, 30, 0, ALL, true, "SRAM2b above SNBRSA is secure",
		"no SRAM2b is secure", NULL },
	{ "C2OPT", REG(srrvr), 31, 31, 0, ALL, true, "CM0+ boots from SRAM", "CM0+ boots from flash",
		NULL },
};

static unsigned int width(const struct row *r)
{
	return r->high - r->low + 1u + (r->second ? 1u : 0u);
}

/* The i-th field of a family, NULL past the last. */
static const struct row *row_at(const struct wb_family *family, unsigned int i)
{
	for (const struct row *r = rows; r < rows + sizeof(rows) / sizeof(*rows); r++)
		if (r->families & IN(family->id) && !i--)
			return r;
	return NULL;
}

bool wb_option_field(const struct wb_chip *chip, unsigned int i, struct wb_field *field,
	char buf[96])
{
	const uint8_t *options = (const uint8_t *)&chip->options;
	const struct row *r = row_at(chip->family, i);
	const uint32_t *reg;

	if (!r)
		return false;
	reg = (const uint32_t *)(const void *)(options + r->reg);
	buf[0] = '\0';
	field->name = r->name;
	field->secure = r->secure;
	field->width = width(r);
	field->value = wb_bits(*reg, r->high, r->low);
	if (r->second)
		field->value |= wb_bits(*reg, r->second, r->second) << (r->high - r->low + 1);
	if (r->meaning)
		r->meaning(chip, field->value, buf);
	else if (r->zero)
		wb_format(buf, 96, "%s", field->value ? r->one : r->zero);
	field->meaning = buf;
	return true;
}

static uint32_t bits(const struct row *r)
{
	return wb_bits(UINT32_MAX, r->high, r->low) << r->low | (r->second ? 1u << r->second : 0);
}

void wb_option_put(const struct wb_family *family, unsigned int i, struct wb_options *options,
	uint32_t value)
{
	const struct row *r = row_at(family, i);
	uint32_t *reg;

	if (!r)
		return;
	reg = (uint32_t *)(void *)((uint8_t *)options + r->reg);
	*reg &= ~bits(r);
	*reg |= wb_bits(value, r->high - r->low, 0) << r->low;
	if (r->second)
		*reg |= wb_bits(value, r->high - r->low + 1u, r->high - r->low + 1u) << r->second;
}

void wb_options_mask(const struct wb_family *family, struct wb_options *mask)
{
	const struct row *r;

	memset(mask, 0, sizeof(*mask));
	for (unsigned int i = 0; (r = row_at(family, i)) != NULL; i++)
		if (!r->secure)
			*(uint32_t *)(void *)((uint8_t *)mask + r->reg) |= bits(r);
}

bool wb_options_equal(const struct wb_family *family, const struct wb_options *a,
	const struct wb_options *b)
{
	struct wb_options mask, x = *a, y = *b;

	wb_options_mask(family, &mask);
	for (unsigned int i = 0; i < WB_USER_OPTIONS; i++)
		if ((*wb_option_reg(&x, i) ^ *wb_option_reg(&y, i)) & *wb_option_reg(&mask, i))
			return false;
	return true;
}

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

unsigned int wb_slips(const char *a, const char *b)
{
	unsigned int line[NAME_MAX_LEN + 1], before, keep;
	size_t len = strlen(b);

	if (strlen(a) > NAME_MAX_LEN || len > NAME_MAX_LEN)
		return UINT32_MAX;
	for (unsigned int j = 0; j <= len; j++)
		line[j] = j;
	for (; *a; a++) {
		before = line[0]++;
		for (size_t j = 1; j <= len; j++) {
			keep = before + !same(*a, b[j - 1]);
			before = line[j];
			line[j] = keep < line[j - 1] + 1 ? keep : line[j - 1] + 1;
			if (before + 1 < line[j])
				line[j] = before + 1;
		}
	}
	return line[len];
}

/* One name is the front of the other: WRP1A for WRP1A_STRT. */
static bool begins(const char *a, const char *b)
{
	while (*a && *b && same(*a, *b)) {
		a++;
		b++;
	}
	return !*a || !*b;
}

static enum wb_status unknown(const struct wb_chip *chip, const char *name, struct wb_error *err)
{
	char names[240] = "";
	const struct row *r;
	size_t used = 0;

	for (unsigned int i = 0; *name && (r = row_at(chip->family, i)) != NULL; i++) {
		if ((wb_slips(name, r->name) > WB_SLIPS_NEAR && !begins(name, r->name)) ||
			used + strlen(r->name) + 3 > sizeof(names))
			continue;
		wb_format(names + used, (unsigned int)(sizeof(names) - used), "%s%s",
			used ? ", " : "", r->name);
		used = strlen(names);
	}
	return wb_fail(err, WB_ERR_USAGE, "%.40s: the %s has no such option field%s%s%s", name,
		chip->family->name, used ? "; do you mean " : "", names,
		used ? "?" : "; `stm32wb option list` shows them all");
}

enum wb_status wb_option_find(const struct wb_chip *chip, const char *name, unsigned int *index,
	struct wb_error *err)
{
	const struct row *r;

	for (unsigned int i = 0; (r = row_at(chip->family, i)) != NULL; i++) {
		if (wb_slips(name, r->name))
			continue;
		*index = i;
		return WB_OK;
	}
	return unknown(chip, name, err);
}

bool wb_option_command(const struct wb_chip *chip, const struct wb_options *wanted,
	char command[200])
{
	struct wb_chip other = *chip;
	struct wb_field now, then;
	char buf[96];
	size_t used;

	other.options = *wanted;
	wb_format(command, 200, "stm32wb option set");
	used = strlen(command);
	for (unsigned int i = 0; wb_option_field(chip, i, &now, buf) &&
	     wb_option_field(&other, i, &then, buf); i++) {
		if (now.secure || now.value == then.value || strcmp(now.name, "RDP") == 0)
			continue;
		if (used + strlen(now.name) + sizeof(" =0x12345678") > 200)
			return false;
		wb_format(command + used, (unsigned int)(200 - used), " %s=0x%X", now.name,
			(unsigned int)then.value);
		used = strlen(command);
	}
	return command[used - 1] != 't'; /* something was added */
}

const char *wb_boot_name(const struct wb_options *options)
{
	if (options->optr & OPTR_NSWBOOT0)
		return options->optr & OPTR_NBOOT1 ?
			"flash, or system memory while the pin BOOT0 (PH3) is high" :
			"flash, or SRAM1 while the pin BOOT0 (PH3) is high";
	if (options->optr & OPTR_NBOOT0)
		return "flash";
	return options->optr & OPTR_NBOOT1 ? "system memory (ST's bootloader)" : "SRAM1";
}

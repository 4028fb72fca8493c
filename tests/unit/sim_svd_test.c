/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Register reset values against ST's SVD: every register of every peripheral in the file named by
 * STM32WB_SVD (or lying at ../svd seen from STM32WB_IMAGES), but those that a real chip loads from
 * option bytes, history or its identity. Without the file, the few that tools depend on. Reads the
 * one tag a line that ST's files have.
 */
#include "sim_board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REGISTERS_MAX 200
#define PERIPHERALS_MAX 64
#define REGISTERS_MIN 700 /* fewer found: the reader is broken, not the chip right */

struct reg {
	char name[32];
	uint32_t offset, reset, size;
};

struct peripheral {
	char name[32], from[32];
	uint32_t base;
	size_t count;
	struct reg regs[REGISTERS_MAX];
};

static struct peripheral peripherals[PERIPHERALS_MAX];
static size_t peripheral_count;

/* chip.md and virtual-chip.md name these; 16-bit registers share words in the USB block. */
static const struct {
	const char *peripheral, *reg, *why;
} exceptions[] = {
	{ "Flash", "OPTR", "option byte" },
	{ "Flash", "PCROP1ASR", "option byte" },
	{ "Flash", "PCROP1AER", "option byte" },
	{ "Flash", "PCROP1BSR", "option byte" },
	{ "Flash", "PCROP1BER", "option byte" },
	{ "Flash", "WRP1AR", "option byte" },
	{ "Flash", "WRP1BR", "option byte" },
	{ "Flash", "SFR", "option byte" },
	{ "Flash", "SRRVR", "option byte" },
	{ "Flash", "ACR", "EMPTY: this board's flash is blank" },
	{ "DBGMCU", "IDCODE", "identity" },
};

static bool excepted(const char *peripheral, const char *reg)
{
	for (size_t i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++) {
		if (strcmp(exceptions[i].peripheral, peripheral) == 0 &&
			strcmp(exceptions[i].reg, reg) == 0)
			return true;
	}
	return false;
}

/* Text of <tag>text</tag> on this line. */
static bool tag(const char *line, const char *name, char *text, size_t size)
{
	char open[40], close[40];
	const char *a, *b;

	snprintf(open, sizeof(open), "<%s>", name);
	snprintf(close, sizeof(close), "</%s>", name);
	a = strstr(line, open);
	b = a ? strstr(a, close) : NULL;
	if (!b)
		return false;
	a += strlen(open);
	if ((size_t)(b - a) >= size)
		b = a + size - 1;
	memcpy(text, a, (size_t)(b - a));
	text[b - a] = '\0';
	return true;
}

static uint32_t number(const char *text)
{
	return (uint32_t)strtoul(text, NULL, 0);
}

static void peripheral_line(struct peripheral *p, const char *line)
{
	char text[64];

	if (!p->name[0])
		tag(line, "name", p->name, sizeof(p->name));
	if (tag(line, "baseAddress", text, sizeof(text)))
		p->base = number(text);
}

static void register_line(struct reg *r, bool in_fields, const char *line)
{
	char text[64];

	if (in_fields)
		return;
	if (!r->name[0])
		tag(line, "name", r->name, sizeof(r->name));
	if (tag(line, "addressOffset", text, sizeof(text)))
		r->offset = number(text);
	if (tag(line, "resetValue", text, sizeof(text)))
		r->reset = number(text);
	if (tag(line, "size", text, sizeof(text)))
		r->size = number(text);
}

static void read_svd(FILE *f)
{
	struct peripheral *p = NULL;
	struct reg *r = NULL;
	bool in_fields = false;
	char line[1024];

	while (fgets(line, sizeof(line), f)) {
		if (strstr(line, "<peripheral>") || strstr(line, "<peripheral ")) {
			const char *from = strstr(line, "derivedFrom=\"");

			assert_in_range(peripheral_count, 0, PERIPHERALS_MAX - 1);
			p = &peripherals[peripheral_count++];
			if (from)
				sscanf(from, "derivedFrom=\"%31[^\"]", p->from);
		} else if (strstr(line, "</peripheral>")) {
			p = NULL;
		} else if (p && strstr(line, "<register>")) {
			assert_in_range(p->count, 0, REGISTERS_MAX - 1);
			r = &p->regs[p->count++];
			r->size = 32;
		} else if (strstr(line, "</register>")) {
			r = NULL;
		} else if (strstr(line, "<fields>")) {
			in_fields = true;
		} else if (strstr(line, "</fields>")) {
			in_fields = false;
		} else if (r) {
			register_line(r, in_fields, line);
		} else if (p) {
			peripheral_line(p, line);
		}
	}
}

static const struct peripheral *registers_of(const struct peripheral *p)
{
	for (size_t i = 0; p->from[0] && i < peripheral_count; i++) {
		if (strcmp(peripherals[i].name, p->from) == 0)
			return &peripherals[i];
	}
	return p;
}

static size_t compare(struct wbsim *sim, const struct peripheral *p, unsigned int *wrong)
{
	const struct peripheral *from = registers_of(p);
	size_t compared = 0;

	for (size_t i = 0; i < from->count; i++) {
		const struct reg *r = &from->regs[i];
		uint32_t addr = p->base + r->offset, val = 0;

		if (excepted(p->name, r->name))
			continue;
		compared++;
		if (bus_read(sim, SIM_TESTER, addr, r->size == 16 ? 2 : 4, &val) && val == r->reset)
			continue;
		print_error("%s %s at 0x%08X: reads 0x%08X, the SVD says 0x%08X\n", p->name,
			r->name, (unsigned int)addr, (unsigned int)val, (unsigned int)r->reset);
		(*wrong)++;
	}
	return compared;
}

/* The SVD if this machine has it. */
static FILE *open_svd(void)
{
	const char *path = getenv("STM32WB_SVD"), *images = getenv("STM32WB_IMAGES");
	char beside[4096];
	FILE *f;

	if (path && *path) {
		f = fopen(path, "r");
		if (!f)
			fail_msg("STM32WB_SVD=%s cannot be opened", path);
		return f;
	}
	if (!images || !*images)
		return NULL;
	snprintf(beside, sizeof(beside), "%s/../svd/STM32WB55_CM4.svd", images);
	return fopen(beside, "r");
}

static void reset_values_are_the_svds(void **state)
{
	FILE *f = open_svd();
	struct wbsim *sim;
	unsigned int wrong = 0;
	size_t compared = 0;

	(void)state;
	if (!f) {
		print_message("no SVD on this machine (STM32WB_SVD): nothing to compare with\n");
		return;
	}
	read_svd(f);
	fclose(f);
	sim = board(NULL, NULL, NULL, NULL);
	for (size_t i = 0; i < peripheral_count; i++)
		compared += compare(sim, &peripherals[i], &wrong);
	wbsim_free(sim);
	assert_int_equal(wrong, 0);
	assert_in_range(compared, REGISTERS_MIN, 10 * REGISTERS_MIN);
}

static void reset_values_that_tools_depend_on(void **state)
{
	static const struct {
		uint32_t addr, val;
	} rows[] = {
		{ 0x58000050, 0x02080000 }, /* RCC_AHB3ENR: FLASH and HSEM clocked, IPCC not */
		{ 0x58000148, 0x00000000 }, /* RCC_C2AHB1ENR: no CRC for the CM0+ */
		{ 0x5800040C, 0x00000000 }, /* PWR_CR4: C2BOOT clear */
		{ 0x58000C04, 0xFFFFFFFF }, /* IPCC_C1MR: all masked */
		{ 0x58004010, 0x00000000 }, /* FLASH_SR */
		{ 0x58004014, 0xC0000000 }, /* FLASH_CR: LOCK, OPTLOCK */
		{ 0x40023014, 0x04C11DB7 }, /* CRC_POL */
		{ 0x40003008, 0x00000FFF }, /* IWDG_RLR */
	};
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t val = 0;

		assert_true(wbsim_peek(sim, rows[i].addr, &val, sizeof(val)));
		assert_int_equal(val, rows[i].val);
	}
	wbsim_free(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reset_values_are_the_svds),
		cmocka_unit_test(reset_values_that_tools_depend_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

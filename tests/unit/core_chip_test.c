/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A snapshot of a chip over a link that can only read: what is said of which registers, which reads
 * are made, and what is refused.
 */
#include "unit/core_make.h"
#include "core/bytes.h"
#include "core/cortex_m.h"
#include "core/regs.h"
#include "core/tables.h"

/* ---- a chip of words: what is not listed faults ----------------------------------------------- */

#define WORDS 64
static struct {
	uint32_t address, value;
} memory[WORDS];
static unsigned int words, reads;
static uint32_t faults_at; /* a read that touches it fails */
static struct wb_link link;
static struct wb_chip chip;
static struct wb_error err;

static void set(uint32_t address, uint32_t value)
{
	unsigned int i;

	for (i = 0; i < words && memory[i].address != address; i++)
		;
	if (i == words)
		words++;
	assert_true(words <= WORDS);
	memory[i].address = address;
	memory[i].value = value;
}

static enum wb_status fake_read(struct wb_link *l, uint32_t address, unsigned int width,
	size_t count, void *data)
{
	uint32_t end = address + (uint32_t)(width * count);

	reads++;
	assert_int_equal(width, 4);
	assert_int_equal(address % 4, 0);
	/* reading HSEM's RLRn takes a semaphore; nothing of it may be read */
	assert_true(end <= 0x58001400 || address >= 0x58001800);
	memset(data, 0, width * count);
	if (faults_at >= address && faults_at < end) {
		wb_format(l->reason, sizeof(l->reason), "fault at 0x%08X", (unsigned int)faults_at);
		return WB_ERR_LINK;
	}
	for (unsigned int i = 0; i < words; i++)
		if (memory[i].address >= address && memory[i].address < end)
			wb_put32((uint8_t *)data + (memory[i].address - address), memory[i].value);
	return WB_OK;
}

static uint8_t block[WB_TABLES_SIZE];

static void load_block(uint32_t address)
{
	for (uint32_t i = 0; i < 0x80; i += 4)
		if (wb_get32(block + i))
			set(address + i, wb_get32(block + i));
}

static int wb55(void **state)
{
	(void)state;
	words = reads = 0;
	faults_at = 1;
	/* no write: a call through NULL ends the test */
	link = (struct wb_link){ .read = fake_read };
	set(DBGMCU_IDCODE, 0x20016495);
	set(WB_PACKAGE, 0x00000011);
	set(WB_UID64, 0x11223344);
	set(WB_UID64 + 4, 0x0080e126);
	set(WB_UID96, 1);
	set(WB_UID96 + 4, 2);
	set(WB_UID96 + 8, 3);
	set(WB_FLASHSIZE, 0xffff0400);
	set(FLASH_OPTR, 0x3ffff1aa);
	set(FLASH_IPCCBR, 0xffffc000);
	set(FLASH_SFR, 0x000010f4);
	set(FLASH_SRRVR, 0x9003d000);
	set(FLASH_SR, 0x8000);
	set(RCC_CSR, 0x14000000);
	set(PWR_CR4, 0x8000);
	set(CM_DHCSR, 0x02030003);
	return 0;
}

static enum wb_status look(void)
{
	memset(&err, 0, sizeof(err));
	reads = 0;
	return wb_chip_read(&link, &chip, &err);
}

/* ---- tests ------------------------------------------------------------------------------------ */

static void a_chip_with_its_fus_running(void **state)
{
	(void)state;
	wb_tables_build(block, 0x20030000);
	wb_put32(block + 0x28, WB_FUS_VALID);
	wb_put32(block + 0x34, 0x01020000);
	load_block(0x20030000);
	assert_int_equal(look(), WB_OK);
	assert_true(reads <= 7);
	assert_int_equal(chip.family->id, WB_FAMILY_5X);
	assert_int_equal(chip.rev_id, 0x2001);
	assert_int_equal(chip.flash_kib, 1024);
	assert_int_equal(chip.package, 0x11);
	assert_true(chip.uid64 == 0x0080e12611223344ull);
	assert_int_equal(chip.uid96[2], 3);
	assert_int_equal(chip.sfsa_address, 0x080f4000);
	assert_int_equal(chip.sbrv_address, 0x080f4000);
	assert_int_equal(chip.secure_start, 0x080f4000);
	assert_true(chip.c2boot && chip.cpu1_halted);
	assert_int_equal(chip.dhcsr, 0x02030003);
	assert_int_equal(chip.flash_sr, 0x8000);
	assert_int_equal(chip.reset_flags, 0x14000000);
	assert_int_equal(chip.selected, WB_RUNS_FUS);
	assert_int_equal(chip.running, WB_RUNS_FUS);
	assert_int_equal(chip.sram2a, 0x20030000);
	assert_true(chip.versions.valid && chip.versions.live && chip.versions.from_fus);
	assert_int_equal(chip.versions.fus, 0x01020000);
}

static void without_c2boot_tables_are_last_known(void **state)
{
	(void)state;
	wb_tables_build(block, 0x20030000);
	wb_put32(block + 0x28, WB_FUS_VALID);
	wb_put32(block + 0x34, 0x01020000);
	load_block(0x20030000);
	set(PWR_CR4, 0);
	assert_int_equal(look(), WB_OK);
	assert_int_equal(chip.running, WB_RUNS_NOTHING);
	assert_true(chip.versions.valid);
	assert_false(chip.versions.live);
	/* the FUS's table while a stack is selected and runs is an old one, too */
	set(PWR_CR4, 0x8000);
	set(FLASH_SFR, 0x10d0);
	set(FLASH_SRRVR, 0x80034000);
	assert_int_equal(look(), WB_OK);
	assert_int_equal(chip.running, WB_RUNS_STACK);
	assert_true(chip.versions.valid);
	assert_false(chip.versions.live);
}

static void device_info_may_lie_elsewhere(void **state)
{
	(void)state;
	/* ST's old place, and one far away that takes a read of its own */
	wb_tables_build(block, 0x20030000);
	wb_put32(block, 0x20030890);
	load_block(0x20030000);
	set(0x20030890, 0x01010000);
	set(0x20030894, 0x01010000);
	set(0x200308a0, 0x01050000);
	set(FLASH_SFR, 0x10cb);
	set(FLASH_SRRVR, 0x80032c00);
	assert_int_equal(look(), WB_OK);
	assert_true(chip.versions.valid && chip.versions.live);
	assert_int_equal(chip.versions.table, 0x20030890);
	assert_int_equal(chip.versions.stack, 0x01050000);
	assert_int_equal(chip.selected, WB_RUNS_STACK);
	assert_int_equal(chip.secure_start, 0x080cb000);
}

static void ipccdba_is_tried_in_both_units(void **state)
{
	(void)state;
	for (int shift = 2; shift <= 3; shift++) {
		uint32_t at = 0x20030000 + (0x40u << shift);

		wb55(NULL);
		set(FLASH_IPCCBR, 0xffffc040);
		wb_tables_build(block, at);
		wb_put32(block + 0x28, WB_FUS_VALID);
		wb_put32(block + 0x34, 0x02020000);
		load_block(at);
		assert_int_equal(look(), WB_OK);
		assert_true(chip.versions.valid);
		assert_int_equal(chip.versions.table, at + 0x28);
	}
	/* beyond SRAM2a: no read there, and no crash */
	set(FLASH_IPCCBR, 0xffffffff);
	assert_int_equal(look(), WB_OK);
	assert_false(chip.versions.valid);
	assert_int_equal(chip.sram2a, 0);
}

static void wb1x_has_sram2a_at_one_of_two_addresses(void **state)
{
	(void)state;
	set(DBGMCU_IDCODE, 0x10006494);
	set(WB_FLASHSIZE, 320);
	set(FLASH_SFR, 0x108c);
	set(FLASH_SRRVR, 0x80011800);
	wb_tables_build(block, 0x20003000);
	wb_put32(block + 0x28, WB_FUS_VALID);
	wb_put32(block + 0x34, 0x01020000);
	load_block(0x20003000);
	assert_int_equal(look(), WB_OK);
	assert_int_equal(chip.sram2a, 0x20003000);
	assert_int_equal(chip.secure_start, 0x08046000);
	assert_int_equal(chip.selected, WB_RUNS_FUS);
	assert_true(chip.versions.live);
	faults_at = 0x20030000; /* the other one may not exist at all */
	assert_int_equal(look(), WB_OK);
	assert_true(chip.versions.live);
}

static void where_sbrv_points_is_told(void **state)
{
	static const struct {
		uint32_t sfr, srrvr;
		enum wb_runs selected;
	} cases[] = {
		{ 0x10f4, 0x8003d000, WB_RUNS_FUS }, { 0x10f6, 0x8003d800, WB_RUNS_FUS },
		{ 0x10d0, 0x80034000, WB_RUNS_STACK },
		{ 0x10cc, 0x80034000, WB_RUNS_STACK }, /* NVM below the stack */
		{ 0x10ca, 0x80034000, WB_RUNS_UNKNOWN }, { 0x1000, 0x8003fc00, WB_RUNS_SAFEBOOT },
		{ 0x10d0, 0x80034400, WB_RUNS_UNKNOWN }, { 0x1000, 0x80000000, WB_RUNS_UNKNOWN },
		{ 0x10ff, 0x8003ffff, WB_RUNS_UNKNOWN }, { 0x10d0, 0x00034000, WB_RUNS_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		set(FLASH_SFR, cases[i].sfr);
		set(FLASH_SRRVR, cases[i].srrvr);
		assert_int_equal(look(), WB_OK);
		assert_int_equal(chip.selected, cases[i].selected);
	}
}

static void secure_start_is_where_cpu1_must_stop(void **state)
{
	(void)state;
	set(WB_FLASHSIZE, 512);
	assert_int_equal(look(), WB_OK);
	assert_int_equal(chip.secure_start, 0x08080000);
	set(FLASH_SFR, 0x1060);
	assert_int_equal(look(), WB_OK);
	assert_int_equal(chip.secure_start, 0x08060000);
	set(FLASH_SFR, 0x1160); /* FSD: flash not secure */
	assert_int_equal(look(), WB_OK);
	assert_int_equal(chip.secure_start, 0x08080000);
}

static void what_is_no_stm32wb_is_refused(void **state)
{
	(void)state;
	set(DBGMCU_IDCODE, 0x10076415);
	assert_int_equal(look(), WB_ERR_CHIP);
	assert_non_null(strstr(err.text, "0x10076415"));
	set(DBGMCU_IDCODE, 0);
	assert_int_equal(look(), WB_ERR_CHIP);
	wb55(NULL);
	set(WB_FLASHSIZE, 320);
	assert_int_equal(look(), WB_ERR_CHIP);
	assert_non_null(strstr(err.text, "320 KiB"));
	set(WB_FLASHSIZE, 0);
	assert_int_equal(look(), WB_ERR_CHIP);
	wb55(NULL);
	set(FLASH_OPTR, 0);
	assert_int_equal(look(), WB_ERR_CHIP);
	assert_non_null(strstr(err.text, "under reset"));
}

static void a_read_that_fails_is_told_by_address(void **state)
{
	static const uint32_t at[] = { DBGMCU_IDCODE, WB_UID64, FLASH_OPTR, PWR_CR4, RCC_CSR,
		CM_DHCSR, 0x20030000 };
	char text[16];

	(void)state;
	for (size_t i = 0; i < sizeof(at) / sizeof(*at); i++) {
		faults_at = at[i];
		assert_int_equal(look(), WB_ERR_LINK);
		wb_format(text, sizeof(text), "0x%08X", (unsigned int)at[i]);
		assert_non_null(strstr(err.text, text));
	}
}

/* ---- option fields ---------------------------------------------------------------------------- */

static bool field(const char *name, struct wb_field *f)
{
	static char buf[96];

	for (unsigned int i = 0; wb_option_field(&chip, i, f, buf); i++)
		if (!strcmp(f->name, name))
			return true;
	return false;
}

static void option_fields_are_decoded(void **state)
{
	struct wb_field f;

	(void)state;
	set(FLASH_WRP1AR, 0x00120034);
	set(FLASH_SRRVR, 0x93e3d000 | 31u << 25);
	assert_int_equal(look(), WB_OK);
	assert_true(field("RDP", &f));
	assert_int_equal(f.value, 0xaa);
	assert_false(f.secure);
	assert_non_null(strstr(f.meaning, "level 0"));
	assert_true(field("SFSA", &f));
	assert_int_equal(f.value, 0xf4);
	assert_true(f.secure);
	assert_non_null(strstr(f.meaning, "0x080F4000"));
	assert_true(field("SBRV", &f));
	assert_int_equal(f.value, 0x3d000);
	assert_non_null(strstr(f.meaning, "FUS"));
	assert_true(field("WRP1A_STRT", &f));
	assert_int_equal(f.value, 0x34);
	assert_true(field("WRP1A_END", &f));
	assert_int_equal(f.value, 0x12);
	assert_true(field("AGC_TRIM", &f));
	assert_int_equal(f.value, 1);
	assert_true(field("IPCCDBA", &f));
	assert_int_equal(f.value, 0);
	assert_true(field("SNBRSA", &f));
	assert_int_equal(f.value, 31);
	assert_true(field("nBOOT0", &f));
	assert_int_equal(f.value, 1);
	assert_false(field("IRHEN", &f));
}

static void wb1x_has_fields_of_its_own(void **state)
{
	struct wb_field f;

	(void)state;
	set(DBGMCU_IDCODE, 0x10006494);
	set(WB_FLASHSIZE, 320);
	set(FLASH_OPTR, 0x3bbff1aa | 1u << 22 | 1u << 28);
	set(FLASH_SFR, 0x108c);
	set(FLASH_SRRVR, 0xfffd1800);
	assert_int_equal(look(), WB_OK);
	assert_true(field("nRST_MODE", &f));
	assert_int_equal(f.value, 3);
	assert_true(field("SBRV", &f));
	assert_int_equal(f.value, 0x11800);
	assert_true(field("SNBRSA", &f));
	assert_int_equal(f.value, 3);
	assert_true(field("IRHEN", &f));
	assert_int_equal(f.value, 1);
}

/* The fields of each register cover no bit twice, and every bit that the manual names. */
static void no_bit_belongs_to_two_fields(void **state)
{
	char buf[96];
	struct wb_field f;

	(void)state;
	assert_int_equal(look(), WB_OK);
	for (unsigned int bit = 0; bit < 32; bit++) {
		unsigned int owners = 0;

		memset(&chip.options, 0, sizeof(chip.options));
		chip.options.optr = 1u << bit;
		for (unsigned int i = 0; wb_option_field(&chip, i, &f, buf); i++)
			owners += f.value != 0;
		/* reserved on WB5x: 15, 20 to 22, 28 */
		assert_int_equal(owners, !(0x10708000u >> bit & 1));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_chip_with_its_fus_running, wb55),
		cmocka_unit_test_setup(without_c2boot_tables_are_last_known, wb55),
		cmocka_unit_test_setup(device_info_may_lie_elsewhere, wb55),
		cmocka_unit_test_setup(ipccdba_is_tried_in_both_units, wb55),
		cmocka_unit_test_setup(wb1x_has_sram2a_at_one_of_two_addresses, wb55),
		cmocka_unit_test_setup(where_sbrv_points_is_told, wb55),
		cmocka_unit_test_setup(secure_start_is_where_cpu1_must_stop, wb55),
		cmocka_unit_test_setup(what_is_no_stm32wb_is_refused, wb55),
		cmocka_unit_test_setup(a_read_that_fails_is_told_by_address, wb55),
		cmocka_unit_test_setup(option_fields_are_decoded, wb55),
		cmocka_unit_test_setup(wb1x_has_fields_of_its_own, wb55),
		cmocka_unit_test_setup(no_bit_belongs_to_two_fields, wb55),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

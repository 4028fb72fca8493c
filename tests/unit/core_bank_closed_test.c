/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A debugger's flash bank: what of flash is closed to it, is closed by it, and is wrong. */
#include "tests/unit/core_bank_board.h"

#define SECURE 0x080f4000u

static void with_option(const char *option)
{
	const char *const options[] = { option, NULL };

	bank_open(&(struct wbsim_config){ .options = option ? options : NULL });
}

static int set_up(void **state)
{
	(void)state;
	with_option(NULL);
	return 0;
}

static uint64_t erases(void)
{
	return wbsim_stats(bank.sim)->flash_erases;
}

static uint64_t dwords(void)
{
	return wbsim_stats(bank.sim)->flash_dwords;
}

/* ---- what is closed --------------------------------------------------------------------------- */

static void refused(const char *option, uint32_t address, uint32_t size, const char *rule,
	const char *says)
{
	uint8_t data[3 * PAGE];

	bank_close(NULL);
	with_option(option);
	bank_fill(data, sizeof(data), 1);
	bank_expect_rule(rule, bank_write(address, size, data, NULL));
	if (!strstr(bank.err.text, says))
		fail_msg("%s", bank.err.text);
	bank_expect_rule(rule, wb_bank_erase(&bank.bench.link, address & ~(PAGE - 1),
		(size + PAGE - 1) & ~(PAGE - 1), &done, &bank.err));
	assert_int_equal(dwords() + erases(), 0);
	bank_check_found(rule);
}

static void what_reaches_over_sfsa_is_refused(void **state)
{
	(void)state;
	refused(NULL, SECURE - PAGE, 2 * PAGE, "sfsa", "SFSA 0xF4");
	refused("SFSA=0x80", 0x0807f000, PAGE + 8, "sfsa", "0x08080000");
}

static void the_last_page_below_sfsa_is_written(void **state)
{
	uint8_t data[PAGE];

	(void)state;
	bank_fill(data, sizeof(data), 1);
	bank_expect(WB_OK, bank_write(SECURE - PAGE, PAGE, data, bank_due(SECURE - PAGE, PAGE)));
	bank_check_flash(SECURE - PAGE, data, sizeof(data));
}

static void read_protection_is_refused(void **state)
{
	(void)state;
	refused("RDP=0xBB", PLACE, PAGE, "rdp", "RDP 0xBB");
}

static void outside_user_flash_is_no_place(void **state)
{
	uint8_t data[16] = { 0 };

	(void)state;
	bank_expect(WB_ERR_USAGE, bank_write(0x20000000, 8, data, NULL));
	bank_expect(WB_ERR_USAGE, bank_write(0x08100000, 8, data, NULL));
	bank_expect(WB_ERR_USAGE, bank_write(0x1fff7400, 8, data, NULL));
	bank_check_found("place");
}

/* Two areas each, start and end inclusive; PCROP counts half pages. */
static void protected_pages_are_refused(void **state)
{
	const char *const wrp[] = { "WRP1A_STRT=16", "WRP1A_END=17", NULL };
	const char *const pcrop[] = { "PCROP1B_STRT=39", "PCROP1B_END=39", NULL };
	uint8_t data[PAGE];
	struct wb_chip chip;

	(void)state;
	bank_fill(data, sizeof(data), 1);
	bank_close(NULL);
	bank_open(&(struct wbsim_config){ .options = wrp });
	bank_expect_rule("write-protected", bank_write(PLACE + PAGE, PAGE, data, NULL));
	assert_non_null(strstr(bank.err.text, "page 17"));
	bank_expect(WB_OK, bank_write(PLACE + 2 * PAGE, PAGE, data, NULL));
	bank_check_found("WRP");
	bank_close(NULL);
	bank_open(&(struct wbsim_config){ .options = pcrop });
	assert_int_equal(wb_chip_read(&bank.bench.link, &chip, &bank.err), WB_OK);
	assert_true(wb_bank_page_pcrop(&chip, 19));
	assert_false(wb_bank_page_pcrop(&chip, 18));
	bank_expect_rule("pcrop", bank_write(0x08013000, PAGE, data, NULL));
	assert_int_equal(dwords(), 0);
	bank_check_found("PCROP");
}

static void a_cpu1_that_runs_is_not_touched(void **state)
{
	uint8_t data[8] = { 1 };
	uint32_t pc;

	(void)state;
	assert_int_equal(bank.bench.link.run(&bank.bench.link, 0x08000008, false), WB_OK);
	bank_expect(WB_ERR_CHIP, bank_write(PLACE, 8, data, NULL));
	assert_false(bank_peek(0xe000edf0) & 1u << 17);
	assert_int_equal(bank.bench.link.halt(&bank.bench.link), WB_OK);
	assert_int_equal(bank.bench.link.reg_read(&bank.bench.link, CM_PC, &pc), WB_OK);
	assert_in_range(pc, 0x08000008, 0x0800000a);
	assert_int_equal(dwords(), 0);
}

/* ---- protect, ECC ----------------------------------------------------------------------------- */

static enum wb_status protect(bool set, uint32_t first, uint32_t last)
{
	struct wb_chip chip;

	bank_expect(WB_OK, wb_chip_read(&bank.bench.link, &chip, &bank.err));
	return wb_bank_protect(bank.session, &chip, set, first, last, &bank.err);
}

static void is_protected(uint32_t first, uint32_t last, uint32_t one)
{
	struct wb_chip chip;

	bank_expect(WB_OK, wb_chip_read(&bank.bench.link, &chip, &bank.err));
	for (uint32_t page = 0; page < WB_PAGES; page++)
		if (wb_bank_page_wrp(&chip, page) != ((page >= first && page <= last) || page == one))
			fail_msg("page %u", page);
}

static void two_areas_are_protected_and_no_third(void **state)
{
	uint64_t options;
	uint8_t data[PAGE];

	(void)state;
	bank_fill(data, sizeof(data), 1);
	bank_expect(WB_OK, protect(true, 16, 19));
	is_protected(16, 19, 16);
	bank_expect(WB_OK, protect(true, 30, 30));
	is_protected(16, 19, 30);
	options = wbsim_stats(bank.sim)->option_writes;
	bank_expect_rule("write-protected", protect(true, 40, 41));
	bank_expect_rule("write-protected", protect(false, 17, 17)); /* in the middle of one */
	assert_int_equal(wbsim_stats(bank.sim)->option_writes, options);
	is_protected(16, 19, 30);
	bank_expect_rule("write-protected", bank_write(PLACE + 3 * PAGE, PAGE, data, NULL));
	bank_expect(WB_OK, protect(false, 0, WB_PAGES - 1));
	is_protected(1, 0, WB_PAGES);
	bank_expect(WB_OK, bank_write(PLACE + 3 * PAGE, PAGE, data, NULL));
}

static void ecc_is_put_into_words(void **state)
{
	char text[160];

	(void)state;
	wb_bank_ecc_text(0, text);
	assert_string_equal(text, "");
	wb_bank_ecc_text(0x2000, text); /* an address, and no flag */
	assert_string_equal(text, "");
	wb_bank_ecc_text(0x80002001, text);
	assert_non_null(strstr(text, "two or more wrong bits in flash at 0x08010008, read by the CPU1"));
	wb_bank_ecc_text(0x44002001, text);
	assert_non_null(strstr(text, "a wrong bit, put right in flash at 0x08010008, read by the CM0+"));
	wb_bank_ecc_text(0x40100001, text);
	assert_non_null(strstr(text, "system flash at 0x00000008"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, bank_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_reaches_over_sfsa_is_refused),
		TEST(the_last_page_below_sfsa_is_written),
		TEST(read_protection_is_refused),
		TEST(outside_user_flash_is_no_place),
		TEST(protected_pages_are_refused),
		TEST(a_cpu1_that_runs_is_not_touched),
		TEST(two_areas_are_protected_and_no_third),
		TEST(ecc_is_put_into_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* User flash and OTP as a debugger's flash bank: what is done, what is refused. */
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

/* ---- writing ---------------------------------------------------------------------------------- */

static void pages_are_written_and_all_is_as_found(void **state)
{
	static uint8_t data[5 * PAGE];

	(void)state;
	bank_fill(data, sizeof(data), 1);
	bank_expect(WB_OK, bank_write(PLACE, sizeof(data), data, bank_due(PLACE, sizeof(data))));
	bank_check_flash(PLACE, data, sizeof(data));
	assert_int_equal(done.pages, 5);
	assert_int_equal(done.changed, 5);
	bank_check_found("write");
	board_check_app(&bank);
}

static void the_same_again_writes_nothing(void **state)
{
	uint64_t before_erases, before_dwords;
	static uint8_t data[3 * PAGE];

	(void)state;
	bank_fill(data, sizeof(data), 1);
	bank_expect(WB_OK, bank_write(PLACE, sizeof(data), data, bank_due(PLACE, sizeof(data))));
	before_erases = erases();
	before_dwords = dwords();
	bank_expect(WB_OK, bank_write(PLACE, sizeof(data), data, bank_due(PLACE, sizeof(data))));
	assert_int_equal(done.changed, 0);
	assert_int_equal(erases(), before_erases);
	assert_int_equal(dwords(), before_dwords);
}

static void a_due_page_is_blank_where_the_data_do_not_reach(void **state)
{
	uint8_t used[2 * PAGE], data[PAGE];

	(void)state;
	bank_fill(used, sizeof(used), 9);
	bank_put(PLACE, used, sizeof(used));
	bank_fill(data, sizeof(data), 1);
	/* starts and ends within a page, on double words */
	bank_expect(WB_OK, bank_write(PLACE + 0x808, sizeof(data), data,
		bank_due(PLACE + 0x808, sizeof(data))));
	bank_check_flash(PLACE, NULL, 0x808);
	bank_check_flash(PLACE + 0x808, data, sizeof(data));
	bank_check_flash(PLACE + 0x1808, NULL, PAGE - 0x808);
	assert_int_equal(done.changed, 2);
	assert_int_equal(erases(), 2);
	bank_check_found("partial pages");
}

static void without_due_the_rest_of_a_page_stays(void **state)
{
	uint8_t used[PAGE], data[64];

	(void)state;
	bank_fill(used, sizeof(used), 9);
	memset(used + 0x400, 0xff, sizeof(data));
	bank_put(PLACE, used, sizeof(used));
	bank_fill(data, sizeof(data), 1);
	bank_expect(WB_OK, bank_write(PLACE + 0x400, sizeof(data), data, NULL));
	memcpy(used + 0x400, data, sizeof(data));
	bank_check_flash(PLACE, used, sizeof(used));
	assert_int_equal(erases(), 0);
	assert_int_equal(dwords(), sizeof(data) / 8);
	bank_check_found("fill");
}

static void half_double_words_are_no_address_and_no_size(void **state)
{
	uint8_t data[16] = { 0 };

	(void)state;
	bank_expect(WB_ERR_USAGE, bank_write(PLACE + 4, 8, data, NULL));
	bank_expect(WB_ERR_USAGE, bank_write(PLACE, 12, data, NULL));
	bank_expect(WB_ERR_USAGE, bank_write(PLACE, 0, data, NULL));
	assert_int_equal(dwords(), 0);
	bank_check_found("usage");
}

static void what_is_not_blank_is_refused_before_anything_is_written(void **state)
{
	uint8_t data[2 * PAGE];
	const uint8_t other[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };

	(void)state;
	bank_fill(data, sizeof(data), 1);
	bank_put(PLACE + PAGE + 16, other, sizeof(other));
	bank_expect_rule("blank", bank_write(PLACE, sizeof(data), data, NULL));
	assert_non_null(strstr(bank.err.text, "0x08011010"));
	assert_int_equal(dwords(), 0);
	bank_check_flash(PLACE, NULL, PAGE + 16);
	bank_check_found("not blank");
}

static void the_sector_of_a_page_that_is_not_due_is_not_erased(void **state)
{
	uint8_t used[PAGE], data[2 * PAGE];

	(void)state;
	bank_fill(used, sizeof(used), 9);
	bank_put(PLACE + PAGE, used, sizeof(used));
	bank_fill(data, sizeof(data), 1);
	memcpy(data + PAGE, used, PAGE); /* there already */
	bank_expect(WB_OK, bank_write(PLACE, sizeof(data), data, bank_due(PLACE, PAGE)));
	bank_check_flash(PLACE, data, sizeof(data));
	assert_int_equal(done.changed, 1);
	assert_int_equal(dwords(), PAGE / 8);
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

/* ---- OTP -------------------------------------------------------------------------------------- */

static void otp_is_written_once(void **state)
{
	uint8_t data[24];

	(void)state;
	bank_fill(data, sizeof(data), 1);
	bank_expect(WB_OK, bank_write(WB_OTP_BASE + 8, sizeof(data), data, NULL));
	bank_check_flash(WB_OTP_BASE + 8, data, sizeof(data));
	assert_int_equal(dwords(), 3);
	bank_expect(WB_OK, bank_write(WB_OTP_BASE + 8, sizeof(data), data, NULL));
	assert_int_equal(done.changed, 0);
	data[23] ^= 1;
	bank_expect_rule("blank", bank_write(WB_OTP_BASE + 8, sizeof(data), data, NULL));
	assert_non_null(strstr(bank.err.text, "0x1FFF7018"));
	bank_expect_rule("blank", wb_bank_erase(&bank.bench.link, WB_OTP_BASE, WB_OTP_SIZE, &done,
		&bank.err));
	assert_int_equal(dwords(), 3);
	bank_check_found("OTP");
}

/* ---- erase, blank, verify --------------------------------------------------------------------- */

static void erase_spares_blank_pages(void **state)
{
	uint8_t used[PAGE], blank[PAGE];

	(void)state;
	bank_fill(used, sizeof(used), 9);
	memset(blank, 0xff, sizeof(blank));
	for (unsigned int i = 0; i < 6; i++)
		bank_put(PLACE + i * PAGE, i == 3 ? blank : used, PAGE);
	bank_expect(WB_OK, wb_bank_erase(&bank.bench.link, PLACE + PAGE, 4 * PAGE, &done, &bank.err));
	bank_check_flash(PLACE, used, PAGE);
	bank_check_flash(PLACE + PAGE, NULL, 4 * PAGE);
	bank_check_flash(PLACE + 5 * PAGE, used, PAGE);
	assert_int_equal(done.pages, 4);
	assert_int_equal(done.changed, 3);
	assert_int_equal(erases(), 3);
	bank_check_found("erase");
}

static void blank_pages_are_known(void **state)
{
	uint32_t blank[WB_PAGE_WORDS];
	const uint8_t bit[8] = { 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	(void)state;
	bank_put(PLACE + PAGE - 8, bit, 8);
	bank_put(SECURE - 8, bit, 8);
	bank_expect(WB_OK, wb_bank_blank(&bank.bench.link, blank, &bank.err));
	assert_int_equal(blank[0], 0xfffefff0); /* the application's four, and page 16 */
	for (unsigned int i = 1; i < 7; i++)
		assert_int_equal(blank[i], UINT32_MAX);
	assert_int_equal(blank[7], (1u << (0xf3 - 224)) - 1);
	bank_check_found("blank");
}

static enum wb_status verify(uint32_t address, uint32_t size, const void *data)
{
	return wb_bank_verify(&bank.bench.link, address, size, data, &bank.err);
}

static void one_wrong_bit_is_found_with_its_address(void **state)
{
	static uint8_t data[5 * PAGE];

	(void)state;
	bank_fill(data, sizeof(data), 1);
	bank_put(PLACE, data, sizeof(data));
	bank_expect(WB_OK, verify(PLACE, sizeof(data), data));
	bank_expect(WB_OK, verify(PLACE + 3, 4097, data + 3)); /* on no word */
	data[4099] ^= 0x10;
	bank_expect(WB_OK, verify(PLACE, 4099, data));
	bank_expect(WB_ERR_FLASH, verify(PLACE, sizeof(data), data));
	assert_non_null(strstr(bank.err.text, "0x08011003 holds"));
	bank_expect(WB_ERR_FLASH, verify(PLACE + 4099, 1, data + 4099));
	bank_check_found("verify");
}

static void looking_leaves_the_lock_and_its_errors_alone(void **state)
{
	uint8_t data[8];

	(void)state;
	bank_fill(data, sizeof(data), 1);
	bank_poke(FLASH_KEYR, FLASH_KEY1); /* the application is in the middle of something */
	bank_poke(FLASH_KEYR, FLASH_KEY2);
	bank_poke(FLASH_CR, 1);
	bank_put(PLACE, data, sizeof(data));
	bank_poke(PLACE, 1); /* PROGERR, twice the half of a double word */
	bank_poke(PLACE + 4, 1);
	bank_remember();
	assert_true(bank_peek(FLASH_SR) & 8);
	bank_expect(WB_OK, verify(PLACE, sizeof(data), data));
	bank_check_found("verify");
	assert_true(bank_peek(FLASH_SR) & 8);
}

static void an_unlocked_flash_stays_unlocked(void **state)
{
	uint8_t data[8];

	(void)state;
	bank_fill(data, sizeof(data), 1);
	bank_poke(FLASH_KEYR, FLASH_KEY1);
	bank_poke(FLASH_KEYR, FLASH_KEY2);
	bank_poke(FLASH_CR, 1);
	bank_remember();
	bank_expect(WB_OK, bank_write(PLACE, sizeof(data), data, NULL));
	bank_check_flash(PLACE, data, sizeof(data));
	bank_check_found("unlocked");
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
		TEST(pages_are_written_and_all_is_as_found),
		TEST(the_same_again_writes_nothing),
		TEST(a_due_page_is_blank_where_the_data_do_not_reach),
		TEST(without_due_the_rest_of_a_page_stays),
		TEST(half_double_words_are_no_address_and_no_size),
		TEST(what_is_not_blank_is_refused_before_anything_is_written),
		TEST(the_sector_of_a_page_that_is_not_due_is_not_erased),
		TEST(what_reaches_over_sfsa_is_refused),
		TEST(the_last_page_below_sfsa_is_written),
		TEST(read_protection_is_refused),
		TEST(outside_user_flash_is_no_place),
		TEST(protected_pages_are_refused),
		TEST(a_cpu1_that_runs_is_not_touched),
		TEST(otp_is_written_once),
		TEST(erase_spares_blank_pages),
		TEST(blank_pages_are_known),
		TEST(one_wrong_bit_is_found_with_its_address),
		TEST(looking_leaves_the_lock_and_its_errors_alone),
		TEST(an_unlocked_flash_stays_unlocked),
		TEST(two_areas_are_protected_and_no_third),
		TEST(ecc_is_put_into_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* User flash and OTP as a debugger's flash bank: written, erased, compared. */
#include "tests/unit/core_bank_board.h"

#define SECURE 0x080f4000u

static int set_up(void **state)
{
	(void)state;
	bank_open(&(struct wbsim_config){ .options = NULL });
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
		TEST(otp_is_written_once),
		TEST(erase_spares_blank_pages),
		TEST(blank_pages_are_known),
		TEST(one_wrong_bit_is_found_with_its_address),
		TEST(looking_leaves_the_lock_and_its_errors_alone),
		TEST(an_unlocked_flash_stays_unlocked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors and the names of numbers. */
#include "unit/core_make.h"

static struct wb_error err;

static void a_failure_carries_status_and_numbers(void **state)
{
	(void)state;
	strcpy(err.rule, "old");
	assert_int_equal(wb_fail(&err, WB_ERR_CHIP, "page %u of %u", 3u, 4u), WB_ERR_CHIP);
	assert_int_equal(err.status, WB_ERR_CHIP);
	assert_string_equal(err.rule, "");
	assert_string_equal(err.text, "page 3 of 4");
	assert_int_equal(wb_refuse(&err, "overwrite", "no: %s", "x"), WB_ERR_REFUSED);
	assert_string_equal(err.rule, "overwrite");
	assert_int_equal(wb_context(&err, "step %d", 2), WB_ERR_REFUSED);
	assert_string_equal(err.text, "step 2: no: x");
	assert_string_equal(err.rule, "overwrite");
	assert_int_equal(wb_fail(NULL, WB_ERR_LINK, "nobody listens"), WB_ERR_LINK);
	assert_int_equal(wb_refuse(NULL, "r", "nobody"), WB_ERR_REFUSED);
}

static void long_text_is_cut_and_ends(void **state)
{
	char text[2000];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	wb_refuse(&err, text, "%s", text);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	assert_int_equal(strlen(err.rule), sizeof(err.rule) - 1);
	wb_context(&err, "%s", text);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	wb_format(text, 4, "%s", "abcdef");
	assert_string_equal(text, "abc");
	text[0] = 'x';
	wb_format(text, 0, "%s", "abcdef");
	assert_int_equal(text[0], 'x');
}

static void numbers_of_the_fus_have_names(void **state)
{
	char text[20];

	(void)state;
	assert_string_equal(wb_fus_state_name(0x00), "idle");
	assert_string_equal(wb_fus_state_name(0x10), "firmware upgrade ongoing");
	assert_string_equal(wb_fus_state_name(0x1f), "firmware upgrade ongoing");
	assert_string_equal(wb_fus_state_name(0x2f), "FUS upgrade ongoing");
	assert_string_equal(wb_fus_state_name(0x30), "service ongoing");
	assert_string_equal(wb_fus_state_name(0xff), "error");
	assert_string_equal(wb_fus_state_name(0x40), "unknown state");
	assert_string_equal(wb_fus_error_name(0x03), "image not authentic");
	assert_string_equal(wb_fus_error_name(0xfe), "FUS not running");
	assert_string_equal(wb_fus_error_name(0x42), "code not published");
	assert_non_null(strstr(wb_upgrade_error_advice(0x09, false), "signature"));
	assert_string_equal(wb_upgrade_error_advice(0x42, true), "");
	assert_null(strstr(wb_upgrade_error_advice(0x11, true), "no wireless stack"));
	assert_non_null(strstr(wb_upgrade_error_advice(0x11, false), "no wireless stack"));
	assert_string_equal(wb_stack_type_name(0x01), "BLE full");
	assert_string_equal(wb_stack_type_name(0x11), "Thread MTD");
	assert_string_equal(wb_stack_type_name(0xee), "unknown");
	assert_string_equal(wb_runs_name(WB_RUNS_STACK), "wireless stack");
	assert_string_equal(wb_version_text(0x01180003, text), "1.24.0");
	assert_string_equal(wb_version_text(0xffffffff, text), "255.255.255");
	assert_string_equal(wb_version_text(0, text), "-");
	for (int i = 0; i <= WB_ERR_STOPPED; i++)
		assert_string_not_equal(wb_status_name((enum wb_status)i), "unknown");
	assert_string_equal(wb_status_name((enum wb_status)99), "unknown");
}

static void families_agree_with_themselves(void **state)
{
	(void)state;
	for (int id = WB_FAMILY_5X; id <= WB_FAMILY_1X; id++) {
		const struct wb_family *f = wb_family_by_id((enum wb_family_id)id);

		assert_non_null(f);
		assert_ptr_equal(wb_family_by_dev_id(f->dev_id), f);
		/* SBRV counts words, SFSA pages: both point at the FUS */
		assert_int_equal(0x08000000 + 4 * f->fus_sbrv, f->fus_start);
		assert_int_equal(0x08000000 + f->fus_sfsa * f->page, f->fus_start);
		assert_int_equal(4 * f->fus_sbrv_053, f->fus_sfsa_053 * f->page);
		for (int i = 0; i < 3 && f->flash_kib[i + 1]; i++)
			assert_true(f->flash_kib[i] > f->flash_kib[i + 1]);
	}
	assert_null(wb_family_by_id(WB_FAMILY_UNKNOWN));
	assert_null(wb_family_by_dev_id(0x415));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failure_carries_status_and_numbers),
		cmocka_unit_test(long_text_is_cut_and_ends),
		cmocka_unit_test(numbers_of_the_fus_have_names),
		cmocka_unit_test(families_agree_with_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

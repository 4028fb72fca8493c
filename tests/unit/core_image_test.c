/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Images: made ones, damaged ones. ST's own, with ST's own tables: core_image_st_test.c. */
#include "unit/core_make.h"
#include "core/image.h"

static struct wb_image image;
static struct wb_error err;

static enum wb_status parse(const uint8_t *data, size_t size, const char *name)
{
	memset(&err, 0, sizeof(err));
	return wb_image_parse(data, size, name, &image, &err);
}

static void refused(const void *data, size_t size, const char *name, const char *because)
{
	assert_int_equal(parse(data, size, name), WB_ERR_IMAGE);
	if (!strstr(err.text, because))
		fail_msg("'%s' is not in: %s", because, err.text);
	assert_int_equal(strncmp(err.text, name, strlen(name)), 0);
}

static void footers_say_what_an_image_is(void **state)
{
	uint8_t *data = make_image(129460, MAKE_STACK_FUS2, 0x01190003);
	char text[20];

	(void)state;
	assert_int_equal(parse(data, 129460, "stm32wb5x_BLE_Stack_full_fw.bin"), WB_OK);
	assert_int_equal(image.kind, WB_IMAGE_STACK);
	assert_int_equal(image.family, WB_FAMILY_5X);
	assert_true(image.fus2_only);
	assert_false(image.genuine);
	assert_false(image.customer_signed);
	assert_int_equal(image.nvm_pages, 4);
	assert_int_equal(image.pages, 32);
	assert_int_equal(image.open_2a, 10);
	assert_int_equal(image.open_2b, 15);
	assert_int_equal(image.stack_type, 0x01);
	assert_string_equal(image.type_name, "BLE Stack full");
	assert_string_equal(wb_version_text(image.version, text), "1.25.0");
	assert_string_equal(image.releases, "");
	assert_string_equal(image.warning, "");
	free(data);
}

static void kinds_follow_the_magic(void **state)
{
	uint8_t *data = make_image(24468, MAKE_FUS, 0x02030000);

	(void)state;
	assert_int_equal(parse(data, 24468, "x.bin"), WB_OK);
	assert_int_equal(image.kind, WB_IMAGE_FUS);
	make_word(data + 24468 - 104 + 16, MAKE_SAFEBOOT_FUS2);
	assert_int_equal(parse(data, 24468, "x.bin"), WB_OK);
	assert_int_equal(image.kind, WB_IMAGE_SAFEBOOT);
	make_word(data + 24468 - 104 + 16, MAKE_STACK);
	assert_int_equal(parse(data, 24468, "x.bin"), WB_OK);
	assert_int_equal(image.kind, WB_IMAGE_STACK);
	assert_int_equal(image.stack_type, 0);
	make_word(data + 24468 - 104, 0x5afeb007);
	assert_int_equal(parse(data, 24468, "x.bin"), WB_OK);
	assert_int_equal(image.kind, WB_IMAGE_SAFEBOOT);
	make_word(data + 24468 - 104 + 16, 0x42769811);
	assert_int_equal(parse(data, 24468, "x.bin"), WB_OK);
	assert_int_equal(image.kind, WB_IMAGE_OTHER);
	make_word(data + 24468 - 104 + 16, 0x12345678);
	refused(data, 24468, "x.bin", "unknown magic 0x12345678");
	free(data);
}

static void fus_1_2_0_is_told_by_its_name_or_not_at_all(void **state)
{
	uint8_t *data = make_image(24492, MAKE_FUS, 0xffffffff);

	(void)state;
	assert_int_equal(parse(data, 24492, "my_FUS_for_fus_0_5_3.bin"), WB_OK);
	assert_int_equal(image.version, 0x01020000);
	assert_true(image.for_fus_0_5_3);
	assert_false(image.ambiguous_for_0_5_3);
	assert_int_equal(parse(data, 24492, "FUS_fw_1_2_0.bin"), WB_OK);
	assert_false(image.for_fus_0_5_3);
	assert_false(image.ambiguous_for_0_5_3);
	assert_int_equal(parse(data, 24492, "fus.bin"), WB_OK);
	assert_true(image.ambiguous_for_0_5_3);
	free(data);
}

static void other_files_are_refused_by_what_they_are(void **state)
{
	static const char html[] = "\n  <!DOCTYPE HTML><html>sign in</html>";
	static const char lfs[] = "version https://git-lfs.github.com/spec/v1\noid sha256:00\n";
	uint8_t *filler = malloc(24344);

	(void)state;
	refused("", 0, "e.bin", "empty");
	refused(html, sizeof(html), "h.bin", "HTML page");
	refused("\357\273\277<html lang=en>", 18, "h.bin", "HTML page");
	refused(lfs, sizeof(lfs), "l.bin", "Git LFS pointer");
	refused("PK\003\004....", 8, "z.bin", "ZIP archive");
	refused("\177ELF\001\001", 6, "f.bin", "ELF");
	refused("<", 1, "s.bin", "size 1, every byte is 0x3C");
	refused("abcdefgh", 8, "s.bin", "too short");
	assert_non_null(filler);
	memset(filler, 0x11, 24344);
	memset(filler + 20000, 0xfe, 4344);
	refused(filler, 24344, "f.bin", "last 4344 bytes are all 0xFE");
	free(filler);
}

static void a_listed_name_says_what_is_missing(void **state)
{
	uint8_t *data = make_image(129460, MAKE_STACK_FUS2, 0x01180003);

	(void)state;
	refused(data, 100000, "stm32wb5x_BLE_Stack_full_fw.bin", "cut: 100000 bytes");
	refused(data, 129459, "stm32wb5x_BLE_Stack_full_fw.bin", "129460");
	refused(data, 100000, "mine.bin", "no footers");
	/* sound footers, name, size and version of 1.24.0, but not its bytes */
	refused(data, 129460, "stm32wb5x_BLE_Stack_full_fw.bin", "damaged");
	assert_int_equal(parse(data, 129460, "mine.bin"), WB_OK);
	free(data);
}

static void length_and_page_count_must_agree(void **state)
{
	uint8_t *data = make_image(129460, MAKE_STACK, 0x01190003);
	uint8_t *longer = malloc(129461);

	(void)state;
	data[129460 - 104 + 8] = 31;
	refused(data, 129460, "x.bin", "counts 31 flash pages");
	data[129460 - 104 + 8] = 64; /* pages of 2 KiB: WB1x */
	assert_int_equal(parse(data, 129460, "stm32wb5x_BLE_Stack_full_fw.bin"), WB_OK);
	assert_int_equal(image.family, WB_FAMILY_1X);
	assert_non_null(strstr(image.warning, "STM32WB5x"));
	assert_non_null(longer);
	memcpy(longer + 1, data, 129460);
	longer[0] = 0;
	refused(longer, 129461, "x.bin", "multiple of 4");
	free(longer);
	free(data);
}

static void a_customer_signature_stands_behind_sts(void **state)
{
	uint8_t *data = make_image(129460, MAKE_STACK, 0x01190003);
	uint8_t *both = malloc(129460 + 84);
	uint8_t *footer;

	(void)state;
	assert_non_null(both);
	memcpy(both, data, 129460);
	memset(both + 129460, 0x33, 84);
	footer = both + 129460 + 64;
	footer[8] = 0x40;
	make_word(footer + 16, MAKE_CUSTOMER);
	assert_int_equal(parse(both, 129460 + 84, "x.bin"), WB_OK);
	assert_true(image.customer_signed);
	assert_int_equal(image.version, 0x01190003);
	/* without ST's in front of it */
	both[129460 - 1] ^= 0xff;
	refused(both, 129460 + 84, "x.bin", "no footers");
	free(both);
	free(data);
}

static void addresses_fit_family_and_flash(void **state)
{
	uint8_t *data = make_image(340176, MAKE_STACK, 0x01190003);
	const struct wb_family *five = wb_family_by_id(WB_FAMILY_5X);
	const struct wb_family *three = wb_family_by_id(WB_FAMILY_3X);
	const struct wb_family *one = wb_family_by_id(WB_FAMILY_1X);

	(void)state;
	assert_int_equal(parse(data, 340176, "x.bin"), WB_OK);
	assert_int_equal(wb_image_address(&image, five, 1024), 0x080a0000);
	assert_int_equal(wb_image_address(&image, five, 512), 0x0802c000);
	assert_int_equal(wb_image_address(&image, three, 512), 0x0802c000);
	assert_int_equal(wb_image_address(&image, five, 256), 0);
	assert_int_equal(wb_image_address(&image, one, 320), 0);
	free(data);
}

static void an_image_in_flash_is_found_by_its_footers(void **state)
{
	const struct wb_family *five = wb_family_by_id(WB_FAMILY_5X);
	uint8_t *data = make_image(129460, MAKE_STACK_FUS2, 0x01180003);
	uint8_t *trailer = data + 129460 - MAKE_TRAILER;
	struct wb_found found;

	(void)state;
	assert_true(wb_image_found(trailer, 0x080d0000 + 129460, five, &found));
	assert_int_equal(found.address, 0x080d0000);
	assert_int_equal(found.size, 129460);
	assert_int_equal(found.version, 0x01180003);
	assert_null(found.image);
	/* 32 pages do not fit below this end */
	assert_false(wb_image_found(trailer, 0x08000000 + 31 * 4096, five, &found));
	assert_true(wb_image_found(trailer, 0x08000000 + 129460, five, &found));
	assert_int_equal(found.address, 0x08000000);
	trailer[8] = 0;
	assert_false(wb_image_found(trailer, 0x080d0000 + 129460, five, &found));
	trailer[8] = 32;
	trailer[MAKE_TRAILER - 1] ^= 1;
	assert_false(wb_image_found(trailer, 0x080d0000 + 129460, five, &found));
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(footers_say_what_an_image_is),
		cmocka_unit_test(kinds_follow_the_magic),
		cmocka_unit_test(fus_1_2_0_is_told_by_its_name_or_not_at_all),
		cmocka_unit_test(other_files_are_refused_by_what_they_are),
		cmocka_unit_test(a_listed_name_says_what_is_missing),
		cmocka_unit_test(length_and_page_count_must_agree),
		cmocka_unit_test(a_customer_signature_stands_behind_sts),
		cmocka_unit_test(addresses_fit_family_and_flash),
		cmocka_unit_test(an_image_in_flash_is_found_by_its_footers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

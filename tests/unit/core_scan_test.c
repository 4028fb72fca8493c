/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Images that lie in user flash, and what an upgrade makes of them: where each begins and ends, so
 * that a copy is resumed and nothing beside a leftover is erased.
 */
#include "tests/unit/core_make.h"
#include "tests/unit/core_board.h"
#include "core/flash.h"
#include "sim/testsig.h"

#define STACK VERSION(1, 24, 0)
#define PAGE 4096u
#define PAGES 3u
#define SIZE (2 * PAGE + 804u) /* the trailer in the last page */
#define TOP 0x080f4000u
#define PLACE (TOP - PAGES * PAGE) /* where it is staged, with no stack installed */
#define LOWER 0x08080000u
#define COUNT_FROM_END 96u
#define SIGNATURE_FROM_END 84u /* and the size of a customer's trailer */
#define SIGNATURE_SIZE 64u
#define FOOTER_SIZE 20u

static struct board board;
static struct wb_image image;

static int tear_down(void **state)
{
	(void)state;
	board_image_free(&image);
	board_close(&board);
	return 0;
}

static void must(enum wb_status status)
{
	if (status != WB_OK)
		fail_msg("%s", board.err.text);
}

/* A file of ST's whose footer counts other pages than it has: some of its releases have such. */
static void counts(uint8_t pages)
{
	uint8_t *data;

	board_image(&image, BOARD_STACK, STACK, SIZE);
	data = (uint8_t *)(uintptr_t)image.data;
	data[SIZE - COUNT_FROM_END] = image.pages = pages;
	testsig_sign(data, SIZE, SIZE - SIGNATURE_FROM_END, data + SIZE - SIGNATURE_FROM_END);
}

static void put(uint32_t address, const void *data, size_t size)
{
	assert_true(wbsim_poke(board.sim, address, data, size));
}

static enum wb_status upgrade(const char *risk)
{
	struct wb_goal goal = { .image = &image, .confirm = { "unknown-image", risk } };

	return wb_fus_upgrade(board.session, &goal, false, &board.plan, &board.result, &board.err);
}

static bool plans(enum wb_step_kind kind)
{
	for (unsigned int i = 0; i < board.plan.count; i++)
		if (board.plan.steps[i].kind == kind)
			return true;
	return false;
}

static const uint8_t counted[] = { PAGES, PAGES - 1, PAGES + 1, 1, 2 * PAGES };

/* The virtual FUS takes an image whose count is right, or one short. */
static void upgrade_as_counted(void)
{
	enum wb_status status = upgrade(NULL);

	if (image.pages == PAGES || image.pages == PAGES - 1) {
		must(status);
		board_check_stack(&board, STACK);
	} else {
		assert_int_equal(status, WB_ERR_FUS);
	}
}

static void a_copy_at_its_place_is_resumed_whatever_its_footer_counts(void **state)
{
	for (size_t i = 0; i < sizeof(counted); i++) {
		counts(counted[i]);
		board_open(&board, "2.2.0", NULL);
		put(PLACE, image.data, image.size);
		upgrade_as_counted();
		assert_false(plans(WB_STEP_ERASE_LEFTOVER));
		tear_down(state);
	}
	counts(PAGES);
	board_open(&board, "2.2.0", NULL);
}

static void what_lies_around_a_leftover_stays(void **state)
{
	uint8_t mark[PAGE], page[PAGE];

	memset(mark, 0x5a, sizeof(mark));
	for (size_t i = 0; i < sizeof(counted); i++) {
		counts(counted[i]);
		board_open(&board, "2.2.0", NULL);
		put(LOWER, image.data, image.size);
		put(LOWER - PAGE, mark, PAGE);
		put(LOWER + PAGES * PAGE, mark, PAGE);
		upgrade_as_counted();
		assert_true(plans(WB_STEP_ERASE_LEFTOVER));
		assert_true(wbsim_peek(board.sim, LOWER - PAGE, page, PAGE));
		assert_memory_equal(page, mark, PAGE);
		assert_true(wbsim_peek(board.sim, LOWER + PAGES * PAGE, page, PAGE));
		assert_memory_equal(page, mark, PAGE);
		tear_down(state);
	}
	counts(PAGES);
	board_open(&board, "2.2.0", NULL);
}

/* Somebody's own store of images, with a header of 16 bytes: ours are staged on pages. */
static void a_copy_that_is_not_on_a_page_is_a_stranger(void **state)
{
	uint32_t header[4] = { 1, 2, 3, 4 };

	(void)state;
	counts(PAGES);
	board_open(&board, "2.2.0", NULL);
	put(LOWER, header, sizeof(header));
	put(LOWER + sizeof(header), image.data, image.size);
	assert_int_equal(upgrade(NULL), WB_ERR_REFUSED);
	assert_string_equal(board.err.rule, "erase-stray");
	must(upgrade("erase-stray"));
	board_check_stack(&board, STACK);
}

/* Its trailer at the start of flash, where the image itself has no room before it. */
static void a_trailer_without_room_for_its_image_is_a_stranger(void **state)
{
	(void)state;
	counts(1);
	board_open(&board, "2.2.0", NULL);
	put(0x08000800, image.data + image.size - MAKE_TRAILER, MAKE_TRAILER);
	assert_int_equal(upgrade(NULL), WB_ERR_REFUSED);
	assert_string_equal(board.err.rule, "erase-stray");
	assert_non_null(strstr(board.err.text, "0x08000000"));
}

/* ST's part fills its pages, so the customer's trailer begins the next one. */
static void sign_for_a_customer(void)
{
	const uint32_t size = PAGES * PAGE;
	struct wb_error err;
	uint8_t *data;

	board_image(&image, BOARD_STACK, STACK, size);
	data = realloc((void *)(uintptr_t)image.data, size + SIGNATURE_FROM_END);
	assert_non_null(data);
	memset(data + size, 0x77, SIGNATURE_FROM_END);
	memcpy(data + size + SIGNATURE_SIZE, data + size - FOOTER_SIZE, FOOTER_SIZE);
	make_word(data + size + SIGNATURE_FROM_END - 4, MAKE_CUSTOMER);
	if (wb_image_parse(data, size + SIGNATURE_FROM_END, "stm32wb5x_BLE_Stack_light_fw.bin", &image,
		&err))
		fail_msg("%s", err.text);
	assert_true(image.customer_signed);
}

static uint32_t size_of_leftover(void)
{
	uint32_t size = 0;

	(void)upgrade(NULL); /* no customer's key is installed: what the FUS says is no matter */
	for (unsigned int i = 0; i < board.plan.count; i++)
		if (board.plan.steps[i].kind == WB_STEP_ERASE_LEFTOVER)
			size += board.plan.steps[i].size;
	return size;
}

static void a_customers_trailer_is_of_the_image_only_where_it_is_there(void **state)
{
	uint8_t mark[PAGE], page[PAGE];

	(void)state;
	memset(mark, 0x5a, sizeof(mark));
	sign_for_a_customer();
	board_open(&board, "2.2.0", NULL);
	put(LOWER, image.data, image.size);
	assert_int_equal(size_of_leftover(), image.size);
	board_close(&board);
	board_open(&board, "2.2.0", NULL);
	put(LOWER, image.data, PAGES * PAGE); /* cut off before its last page was erased */
	put(LOWER + PAGES * PAGE, mark, PAGE);
	assert_int_equal(size_of_leftover(), PAGES * PAGE);
	assert_true(wbsim_peek(board.sim, LOWER + PAGES * PAGE, page, PAGE));
	assert_memory_equal(page, mark, PAGE);
}

/* ---- more images than a scan holds ------------------------------------------------------------- */

#define STRAYS 20u
#define FIRST_STRAY 0x08060000u
#define STRAY_SIZE 3004u

static void put_strays(void)
{
	struct wb_image stray;

	board_image(&stray, BOARD_STACK, VERSION(1, 1, 0), STRAY_SIZE);
	for (unsigned int i = 0; i < STRAYS; i++)
		put(FIRST_STRAY + i * PAGE, stray.data, stray.size);
	board_image_free(&stray);
}

static void twenty_strays_are_all_erased_with_consent(void **state)
{
	uint64_t erases;
	uint8_t word[4];

	(void)state;
	counts(PAGES);
	board_open(&board, "2.2.0", NULL);
	put_strays();
	erases = wbsim_stats(board.sim)->flash_erases;
	assert_int_equal(upgrade(NULL), WB_ERR_REFUSED);
	assert_string_equal(board.err.rule, "erase-stray");
	assert_non_null(strstr(board.err.text, "holds 16 images and maybe more"));
	assert_int_equal(wbsim_stats(board.sim)->flash_erases, erases);
	must(upgrade("erase-stray"));
	board_check_stack(&board, STACK);
	for (unsigned int i = 0; i < STRAYS; i++) {
		assert_true(wbsim_peek(board.sim, FIRST_STRAY + i * PAGE, word, 4));
		assert_memory_equal(word, "\xff\xff\xff\xff", 4);
	}
	board_check_kept(&board);
}

/* A page behind the first sixteen is no user data either. */
static void strays_where_the_image_goes_want_no_other_consent(void **state)
{
	struct wb_image stray;

	(void)state;
	counts(PAGES);
	board_open(&board, "2.2.0", NULL);
	board_image(&stray, BOARD_STACK, VERSION(1, 1, 0), STRAY_SIZE);
	for (unsigned int i = 1; i <= STRAYS; i++)
		put(TOP - i * PAGE, stray.data, stray.size);
	board_image_free(&stray);
	must(upgrade("erase-stray"));
	board_check_stack(&board, STACK);
}

static void more_ends_of_images_than_can_be_looked_at_stop_the_work(void **state)
{
	uint32_t ends[80];
	uint64_t erases;

	(void)state;
	counts(PAGES);
	board_open(&board, "2.2.0", NULL);
	for (unsigned int i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		ends[i] = MAKE_ST;
	put(FIRST_STRAY - PAGE, ends, sizeof(ends));
	put_strays(); /* behind them, where the scan does not come */
	erases = wbsim_stats(board.sim)->flash_erases;
	assert_int_equal(upgrade("erase-stray"), WB_ERR_CHIP);
	assert_non_null(strstr(board.err.text, "0xD3A12C5E"));
	assert_int_equal(wbsim_stats(board.sim)->flash_erases, erases);
	board_check_kept(&board);
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_copy_at_its_place_is_resumed_whatever_its_footer_counts),
		TEST(what_lies_around_a_leftover_stays),
		TEST(a_copy_that_is_not_on_a_page_is_a_stranger),
		TEST(a_trailer_without_room_for_its_image_is_a_stranger),
		TEST(a_customers_trailer_is_of_the_image_only_where_it_is_there),
		TEST(twenty_strays_are_all_erased_with_consent),
		TEST(strays_where_the_image_goes_want_no_other_consent),
		TEST(more_ends_of_images_than_can_be_looked_at_stop_the_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

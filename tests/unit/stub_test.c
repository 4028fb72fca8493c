/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The RAM stub on the virtual CPU1, and its host side. */
#include <zlib.h>
#include "tests/unit/core_make.h"
#include "tests/unit/core_board.h"
#include "core/flash.h"
#include "core/mailbox.h"
#include "core/session.h"
#include "core/stub_host.h"

#define FLASH 0x08000000u
#define PLACE 0x08040000u
#define PAGE 4096u

static struct board board;
static const struct wb_operation op;

static void take(const char *const *quirks)
{
	board_open(&board, "1.2.0", quirks);
	assert_int_equal(session_open(board.session, &op, &board.result, &board.err), WB_OK);
	assert_int_equal(flash_prepare(board.session, &board.err), WB_OK);
}

static int set_up(void **state)
{
	(void)state;
	take(NULL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	board_close(&board);
	return 0;
}

static uint32_t call(enum stub_command command, uint32_t a0, uint32_t a1, uint32_t a2, uint32_t a3)
{
	struct stub_block block;

	assert_int_equal(stub_call(board.session, command, (const uint32_t[4]){ a0, a1, a2, a3 },
		60000, &block, &board.err), WB_OK);
	return block.result[0];
}

static uint64_t erases(void)
{
	return wbsim_stats(board.sim)->flash_erases;
}

static void sum_is_zlibs(void **state)
{
	(void)state;
	for (uint32_t len = 1000; len < 1004; len++)
		assert_int_equal(call(STUB_CRC, FLASH, len, 0, 0), crc32(0, board.app, len));
	assert_int_equal(flash_crc_host(board.app, 1000, 0), crc32(0, board.app, 1000));
}

static void blank_check_gives_the_first_used_word(void **state)
{
	uint32_t word = 0;

	(void)state;
	assert_int_equal(call(STUB_BLANK, PLACE, PAGE, 0, 0), PLACE + PAGE);
	wbsim_poke(board.sim, PLACE + 1004, &word, 4);
	assert_int_equal(call(STUB_BLANK, PLACE, PAGE, 0, 0), PLACE + 1004);
}

static void erase_spares_blank_pages(void **state)
{
	uint32_t word = 0x1234, now;
	uint64_t before = erases();

	(void)state;
	wbsim_poke(board.sim, PLACE + 2 * PAGE + 8, &word, 4);
	assert_int_equal(call(STUB_ERASE, PLACE, 5, PAGE, 0), 1);
	assert_int_equal(erases() - before, 1);
	wbsim_peek(board.sim, PLACE + 2 * PAGE + 8, &now, 4);
	assert_int_equal(now, UINT32_MAX);
}

static void staged_image_is_all_there_and_padded(void **state)
{
	struct wb_image image;
	uint8_t flash[20004 + 4];

	(void)state;
	board_image(&image, BOARD_STACK, VERSION(1, 24, 0), 20004);
	assert_int_equal(flash_stage(board.session, &image, PLACE, &board.err), WB_OK);
	wbsim_peek(board.sim, PLACE, flash, sizeof(flash));
	assert_memory_equal(flash, image.data, image.size);
	for (size_t i = image.size; i < sizeof(flash); i++)
		assert_int_equal(flash[i], 0xff);
	board_image_free(&image);
}

static void staging_again_writes_nothing(void **state)
{
	struct wb_image image;
	uint64_t dwords;

	(void)state;
	board_image(&image, BOARD_STACK, VERSION(1, 24, 0), 20004);
	assert_int_equal(flash_stage(board.session, &image, PLACE, &board.err), WB_OK);
	dwords = wbsim_stats(board.sim)->flash_dwords;
	assert_int_equal(flash_stage(board.session, &image, PLACE, &board.err), WB_OK);
	assert_int_equal(wbsim_stats(board.sim)->flash_dwords, dwords);
	board_image_free(&image);
}

/* 81.7 us a double word and nothing to erase: the flash's own time, plus three tenths at most. */
static void staging_is_nearly_as_fast_as_the_flash(void **state)
{
	struct wb_image image;
	uint64_t began = wbsim_now(board.sim), ns, limit;

	(void)state;
	board_image(&image, BOARD_STACK, VERSION(1, 24, 0), 129460);
	limit = (image.size + 7) / 8 * 81700;
	assert_int_equal(flash_stage(board.session, &image, PLACE, &board.err), WB_OK);
	ns = wbsim_now(board.sim) - began;
	print_message("%zu bytes in %.3f s, %.2f times the flash's own time\n", image.size,
		(double)ns / 1e9, (double)ns / (double)limit);
	assert_true(ns < limit * 13 / 10);
	board_image_free(&image);
}

static void a_place_outside_user_flash_is_refused(void **state)
{
	struct wb_image image;

	(void)state;
	board_image(&image, BOARD_STACK, VERSION(1, 24, 0), 20004);
	assert_int_equal(flash_stage(board.session, &image, 0x080f2000, &board.err), WB_ERR_CHIP);
	assert_int_equal(flash_stage(board.session, &image, PLACE + 8, &board.err), WB_ERR_CHIP);
	assert_int_equal(flash_stage(board.session, &image, 0x20000000, &board.err), WB_ERR_CHIP);
	assert_int_equal(wbsim_stats(board.sim)->flash_erases, 0);
	board_image_free(&image);
}

static void programming_used_flash_says_so_with_the_address(void **state)
{
	struct stub_block block;
	const uint32_t piece[] = { 1, 2, 3u << STUB_MARK_NUMBER | 1 };
	uint32_t word = 0x12345678, at = PLACE + 8; /* not a page's start: nothing is erased */

	(void)state;
	wbsim_poke(board.sim, at, &word, 4);
	wbsim_poke(board.sim, STUB_MARK(3, STUB_SLOT_MAX) - 8, piece, sizeof(piece));
	board.session->piece = 3;
	assert_int_equal(stub_begin(board.session, STUB_PROGRAM,
		(const uint32_t[4]){ at, 8, PAGE }, &board.err), WB_OK);
	for (bool done = false; !done;)
		assert_int_equal(stub_poll(board.session, &block, &done, &board.err), WB_OK);
	assert_int_equal(stub_verdict(board.session, &block, &board.err), WB_ERR_FLASH);
	assert_non_null(strstr(board.err.text, "0x08040008"));
}

static void a_second_part_that_is_spoiled_does_not_run(void **state)
{
	struct stub_block block;
	uint32_t word;

	(void)state;
	call(STUB_CRC, FLASH, PAGE, 0, 0);
	wbsim_peek(board.sim, STUB_LATER + 0x400, &word, 4);
	word ^= 0x10;
	wbsim_poke(board.sim, STUB_LATER + 0x400, &word, 4);
	assert_int_equal(stub_call(board.session, STUB_ERASE, (const uint32_t[4]){ FLASH, 1, PAGE },
		1000, &block, &board.err), WB_ERR_STUB);
	assert_int_equal(block.status, STUB_SPOILED);
	assert_non_null(strstr(board.err.text, "does not hold what was written"));
	assert_int_equal(erases(), 0);
}

/* What lies at the other slot's mark looks like the second piece. */
static void what_was_in_sram1_is_not_taken_for_a_piece(void **state)
{
	struct wb_image image;
	uint32_t next = board.session->piece + 1;
	const uint32_t mark = next << STUB_MARK_NUMBER | 1;
	uint8_t flash[20004];

	(void)state;
	board_image(&image, BOARD_STACK, VERSION(1, 24, 0), 20004);
	wbsim_poke(board.sim, STUB_MARK(next, STUB_SLOT_MAX), &mark, 4);
	assert_int_equal(flash_stage(board.session, &image, PLACE, &board.err), WB_OK);
	wbsim_peek(board.sim, PLACE, flash, sizeof(flash));
	assert_memory_equal(flash, image.data, sizeof(flash));
	board_image_free(&image);
}

static void a_host_that_stops_feeding_is_noticed(void **state)
{
	struct stub_block block;

	(void)state;
	assert_int_equal(stub_call(board.session, STUB_PROGRAM, (const uint32_t[4]){ PLACE, 8 },
		120000, &block, &board.err), WB_ERR_STUB);
	assert_int_equal(block.status, STUB_STARVED);
}

static void an_unknown_command_is_refused(void **state)
{
	struct stub_block block;

	(void)state;
	assert_int_equal(stub_call(board.session, (enum stub_command)99,
		(const uint32_t[4]){ 0 }, 1000, &block, &board.err), WB_ERR_STUB);
}

static void the_watchdog_is_fed(void **state)
{
	static const char *const quirks[] = { "iwdg-on", NULL };
	uint64_t resets;

	(void)state;
	board_close(&board);
	take(quirks);
	resets = wbsim_stats(board.sim)->resets;
	call(STUB_CRC, FLASH, 0xf0000, 0, 0);
	board.bench.link.sleep_ms(&board.bench.link, 20000);
	call(STUB_NOP, 0, 0, 0, 0);
	assert_int_equal(wbsim_stats(board.sim)->resets, resets);
}

static void scan_finds_images_fronts_and_used_pages(void **state)
{
	struct wb_image image, other;
	struct wb_flash_scan scan;
	struct wb_goal goal = { .image = &image };
	uint32_t word = 0;

	(void)state;
	board_image(&image, BOARD_STACK, VERSION(1, 24, 0), 20004);
	board_image(&other, BOARD_STACK, VERSION(1, 23, 0), 9004);
	wbsim_poke(board.sim, PLACE, image.data, image.size);
	wbsim_poke(board.sim, 0x08060000, other.data, other.size);
	wbsim_poke(board.sim, 0x08080000, image.data, 8200);
	wbsim_poke(board.sim, 0x080f3000, &word, 4);
	assert_int_equal(flash_scan(board.session, &goal, &scan, &board.err), WB_OK);
	assert_int_equal(scan.count, 3);
	assert_int_equal(scan.found[0].address, PLACE);
	assert_int_equal(scan.found[0].size, image.size);
	assert_ptr_equal(scan.found[0].image, &image);
	assert_int_equal(scan.found[1].address, 0x08060000);
	assert_null(scan.found[1].image);
	assert_int_equal(scan.found[1].version, other.version);
	assert_int_equal(scan.found[2].address, 0x08080000);
	assert_int_equal(scan.found[2].size, 3 * PAGE);
	assert_ptr_equal(scan.found[2].image, &image);
	assert_int_equal(scan.found[2].magic, 0);
	/* the application's four pages, the images', and the last page below the FUS */
	assert_int_equal(scan.used[0], 0xf);
	assert_int_equal(scan.used[2], 0x1f);
	assert_int_equal(scan.used[7], 1u << (0xf3 - 224));
	board_image_free(&image);
	board_image_free(&other);
}

static void the_mailbox_works_through_the_stub_too(void **state)
{
	struct wb_session *s = board.session;
	struct mail mail;

	(void)state;
	assert_int_equal(cm0_start(s, &board.err), WB_OK);
	assert_int_equal(stub_start(s, &board.err), WB_OK);
	call(STUB_NOP, 0, 0, 0, 0);
	assert_int_equal(mailbox_transact(s, WB_GET_STATE, NULL, 0, 5000, &mail, &board.err), WB_OK);
	assert_int_equal(mail.status, WB_STATE_IDLE);
	assert_int_equal(mail.opcode, WB_GET_STATE);
	call(STUB_NOP, 0, 0, 0, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sum_is_zlibs),
		TEST(blank_check_gives_the_first_used_word),
		TEST(erase_spares_blank_pages),
		TEST(staged_image_is_all_there_and_padded),
		TEST(staging_again_writes_nothing),
		TEST(staging_is_nearly_as_fast_as_the_flash),
		TEST(a_place_outside_user_flash_is_refused),
		TEST(programming_used_flash_says_so_with_the_address),
		TEST(a_second_part_that_is_spoiled_does_not_run),
		TEST(what_was_in_sram1_is_not_taken_for_a_piece),
		TEST(a_host_that_stops_feeding_is_noticed),
		TEST(an_unknown_command_is_refused),
		TEST(the_watchdog_is_fed),
		TEST(scan_finds_images_fronts_and_used_pages),
		TEST(the_mailbox_works_through_the_stub_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

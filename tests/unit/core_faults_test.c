/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A link that lies or loses single transfers, at the places where that could cost a chip. */
#include <string.h>
#include "tests/unit/core_make.h"
#include "tests/unit/core_board.h"
#include "core/cortex_m.h"
#include "core/packets.h"
#include "core/regs.h"
#include "core/tables.h"
#include "stub/abi.h"

#define STACK VERSION(1, 24, 0)
#define BOOT_BITS (1u << 23 | 1u << 26 | 1u << 27)
#define COMMAND_BUFFER (0x20030000u + WB_TABLES_COMMAND)

enum fault { NONE, OPTR_READS_0, OPTR_WRITES_RDP_2, SFSA_READS_0, RING_IS_LOST, RING_FAILS_LATE,
	RING_FAILS_TWICE, IDCODE_READS_0 };

static struct board board;
static struct wb_link real; /* the bench's own functions */
static enum fault fault;
static uint16_t opcode; /* of the last command packet */
static unsigned int rung;

static enum wb_status bad_read(struct wb_link *link, uint32_t address, unsigned int width,
	size_t count, void *data)
{
	enum wb_status status = real.read(link, address, width, count, data);

	if (fault == OPTR_READS_0 && address == FLASH_OPTR)
		memset(data, 0, 4);
	if (fault == IDCODE_READS_0 && address == DBGMCU_IDCODE)
		memset(data, 0, 4);
	if (fault == SFSA_READS_0 && address == FLASH_SFR && count == 2)
		*(uint8_t *)data = 0;
	return status;
}

static enum wb_status bad_write(struct wb_link *link, uint32_t address, unsigned int width,
	size_t count, const void *data)
{
	bool ring = address == IPCC_C1SCR &&
		*(const uint32_t *)data == IPCC_SEND(IPCC_CHANNEL_SYSTEM);
	uint32_t value;

	if (fault == OPTR_WRITES_RDP_2 && address == FLASH_OPTR) {
		value = (*(const uint32_t *)data & ~0xffu) | 0xccu;
		return real.write(link, address, width, count, &value);
	}
	if (address == COMMAND_BUFFER && count > 2)
		opcode = (uint16_t)(((const uint32_t *)data)[2] >> 8);
	if (ring && fault == RING_IS_LOST && opcode == WB_FW_UPGRADE)
		return WB_OK;
	if (ring && fault == RING_FAILS_LATE && !rung++) {
		assert_int_equal(real.write(link, address, width, count, data), WB_OK);
		link->sleep_ms(link, 100); /* the CM0+ has answered before anybody looks */
		return WB_ERR_LINK;
	}
	if (ring && fault == RING_FAILS_TWICE && ++rung <= 2) { /* not arrived, then arrived */
		if (rung == 2)
			assert_int_equal(real.write(link, address, width, count, data), WB_OK);
		link->sleep_ms(link, 100);
		return WB_ERR_LINK;
	}
	return real.write(link, address, width, count, data);
}

static void with(const char *quirk)
{
	const char *const quirks[] = { quirk, NULL };

	board_open(&board, "2.2.0", quirks);
	real = board.bench.link;
	board.bench.link.read = bad_read;
	board.bench.link.write = bad_write;
	fault = NONE;
	opcode = 0;
	rung = 0;
}

static int tear_down(void **state)
{
	(void)state;
	board_close(&board);
	return 0;
}

static enum wb_status upgrade(void)
{
	struct wb_image image;
	enum wb_status status;

	board_image(&image, BOARD_STACK, STACK, 6004);
	status = board_upgrade(&board, &image);
	board_image_free(&image);
	return status;
}

/* Nothing was programmed, and once the link is good again the job gets done. */
static void never_programmed(void)
{
	assert_int_equal(wbsim_stats(board.sim)->option_writes, 0);
	fault = NONE;
	if (upgrade() != WB_OK)
		fail_msg("%s", board.err.text);
	board_check_kept(&board);
	board_check_stack(&board, STACK);
}

static void a_bad_reading_of_optr_is_never_programmed(void **unused)
{
	(void)unused;
	with("demcr-lost-on-reset");
	fault = OPTR_READS_0;
	assert_int_equal(upgrade(), WB_ERR_CHIP);
	never_programmed();
}

static void an_optr_that_arrives_wrong_is_never_programmed(void **unused)
{
	(void)unused;
	with("demcr-lost-on-reset");
	fault = OPTR_WRITES_RDP_2;
	assert_int_equal(upgrade(), WB_ERR_FLASH);
	never_programmed();
}

static void a_refused_chip_is_not_reset(void **unused)
{
	uint64_t resets;

	(void)unused;
	with(NULL);
	resets = wbsim_stats(board.sim)->resets;
	fault = SFSA_READS_0;
	assert_int_equal(wb_fus_start(board.session, &(struct wb_operation){ 0 }, &board.result,
		&board.err), WB_ERR_REFUSED);
	assert_string_equal(board.err.rule, "safeboot-selected");
	assert_int_equal(wbsim_stats(board.sim)->resets, resets);
	board_check_kept(&board);
}

static void sram_boot_keeps_its_code_while_the_fus_may_be_at_work(void **unused)
{
	uint32_t first = 0, optr = 0;

	(void)unused;
	with("demcr-lost-on-reset");
	fault = RING_IS_LOST;
	assert_int_equal(upgrade(), WB_ERR_TIMEOUT);
	assert_true(wbsim_peek(board.sim, FLASH_OPTR, &optr, sizeof(optr)));
	assert_int_equal(optr & BOOT_BITS, 0);
	assert_true(wbsim_peek(board.sim, STUB_BASE, &first, sizeof(first)));
	assert_int_equal(first, STUB_STACK_TOP);
	assert_int_not_equal(board.bench.record[WB_RECORD_BOOT].len, 0);
	fault = NONE;
	if (upgrade() != WB_OK)
		fail_msg("%s", board.err.text);
	board_check_kept(&board);
	board_check_stack(&board, STACK);
}

static void get_state_of_a_stack_once(enum fault late, unsigned int rings)
{
	uint8_t answer[16];
	size_t len = sizeof(answer);
	uint16_t answered = 0;

	with(NULL);
	assert_int_equal(upgrade(), WB_OK);
	rung = 0;
	fault = late;
	/* a stack takes a second GET_STATE as the order to boot the FUS */
	assert_int_equal(wb_fus_shci(board.session, &(struct wb_operation){ 0 }, WB_GET_STATE, NULL,
		0, answer, &len, &answered, &board.result, &board.err), WB_OK);
	assert_int_equal(answer[0], WB_STATE_ERROR);
	assert_int_equal(rung, rings);
	board_check_stack(&board, STACK);
}

static void a_command_whose_transfer_fails_late_is_sent_once(void **unused)
{
	(void)unused;
	get_state_of_a_stack_once(RING_FAILS_LATE, 1);
}

static void a_command_whose_transfer_fails_twice_is_sent_once(void **unused)
{
	(void)unused;
	get_state_of_a_stack_once(RING_FAILS_TWICE, 2);
}

/* A chip that cannot be told what it is goes on from the reset that found that out. */
static void a_chip_refused_under_reset_runs_again(void **unused)
{
	uint32_t before[2], after[2];

	(void)unused;
	with(NULL);
	assert_int_equal(real.read(&board.bench.link, CM_DHCSR, 4, 1, &before[0]), WB_OK);
	assert_int_equal(real.read(&board.bench.link, CM_DEMCR, 4, 1, &before[1]), WB_OK);
	fault = IDCODE_READS_0;
	assert_int_equal(wb_fus_state(board.session, &(struct wb_operation){ .under_reset = true },
		&board.result, &board.err), WB_ERR_CHIP);
	assert_int_equal(real.read(&board.bench.link, CM_DHCSR, 4, 1, &after[0]), WB_OK);
	assert_int_equal(real.read(&board.bench.link, CM_DEMCR, 4, 1, &after[1]), WB_OK);
	assert_false((before[0] ^ after[0]) & CM_DHCSR_S_HALT);
	assert_int_equal(after[1], before[1]);
	board_check_kept(&board);
}

static void a_raw_command_without_an_answer_gets_no_reset(void **unused)
{
	uint8_t answer[16];
	size_t len = sizeof(answer);
	uint16_t answered = 0;
	uint32_t dhcsr = 0;
	uint64_t resets;

	(void)unused;
	with(NULL);
	resets = wbsim_stats(board.sim)->resets;
	fault = RING_IS_LOST;
	assert_int_equal(wb_fus_shci(board.session, &(struct wb_operation){ 0 }, WB_FW_UPGRADE,
		NULL, 0, answer, &len, &answered, &board.result, &board.err), WB_ERR_TIMEOUT);
	/* the one that took the chip, and none to leave it: the FUS may be at work */
	assert_int_equal(wbsim_stats(board.sim)->resets, resets + 1);
	assert_non_null(strstr(board.result.left, "CPU1 is kept halted"));
	/* nor does the application run beside it, until the next command has waited for its end */
	assert_true(wbsim_peek(board.sim, CM_DHCSR, &dhcsr, sizeof(dhcsr)));
	assert_true(dhcsr & CM_DHCSR_S_HALT);
	assert_false(board.result.cpu1_running);
	assert_int_equal(wb_fus_state(board.session, &(struct wb_operation){ 0 }, &board.result,
		&board.err), WB_OK);
	assert_true(wbsim_peek(board.sim, CM_DHCSR, &dhcsr, sizeof(dhcsr)));
	assert_false(dhcsr & CM_DHCSR_S_HALT);
	board_check_kept(&board);
}

static enum wb_status raw_delete(uint8_t *answer)
{
	size_t len = 16;
	uint16_t answered = 0;

	return wb_fus_shci(board.session, &(struct wb_operation){ 0 }, WB_FW_DELETE, NULL, 0,
		answer, &len, &answered, &board.result, &board.err);
}

static void pull_in_step(void *ctx, const char *place, uint64_t n, const char *step)
{
	(void)ctx;
	(void)n;
	if (!strcmp(place, "step") && !strcmp(step, "remember"))
		wbsim_unplug(board.sim);
}

/* A second order beside the first could be answered by the reset that belongs to the first. */
static void a_raw_order_waits_for_the_end_of_the_one_before(void **unused)
{
	uint8_t answer[16];

	(void)unused;
	with(NULL);
	assert_int_equal(upgrade(), WB_OK);
	assert_int_equal(wb_fus_start(board.session, &(struct wb_operation){ 0 }, &board.result,
		&board.err), WB_OK);
	wbsim_observe(board.sim, pull_in_step, NULL);
	/* answered, and then lost: that is no success */
	assert_int_equal(raw_delete(answer), WB_ERR_LINK);
	assert_non_null(strstr(board.err.text, "was answered"));
	wbsim_observe(board.sim, NULL, NULL);
	wbsim_replug(board.sim);
	assert_int_equal(raw_delete(answer), WB_OK);
	assert_int_equal(board.result.state.state, WB_STATE_ERROR);
	assert_int_equal(board.result.state.error, 1); /* nothing left to be deleted */
	board_check_stack(&board, 0);
	board_check_kept(&board);
}

static void put(uint32_t address, uint32_t value)
{
	assert_int_equal(wbsim_mem_write(board.sim, address, 4, 1, &value), WBSIM_OK);
}

/* An application that has changed the register and not the page: what the page holds is the user's. */
static void boot_options_are_those_of_the_page(void **unused)
{
	uint32_t optr = 0;

	(void)unused;
	with("demcr-lost-on-reset");
	put(FLASH_KEYR, FLASH_KEY1);
	put(FLASH_KEYR, FLASH_KEY2);
	put(FLASH_OPTKEYR, FLASH_OPTKEY1);
	put(FLASH_OPTKEYR, FLASH_OPTKEY2);
	assert_true(wbsim_peek(board.sim, FLASH_OPTR, &optr, sizeof(optr)));
	put(FLASH_OPTR, optr ^ OPTR_NBOOT1);
	if (upgrade() != WB_OK)
		fail_msg("%s", board.err.text);
	board_check_kept(&board);
}

/* Neither ours nor the user's: then nothing is guessed, but what was there before is told. */
static void option_bytes_lost_behind_a_cut_are_told(void **unused)
{
	uint32_t optr = 0, now = 0, record[3] = { 0x314a464fu };

	(void)unused;
	with(NULL);
	assert_true(wbsim_peek(board.sim, FLASH_OPTR, &optr, sizeof(optr)));
	record[1] = optr ^ 7u << 9; /* another BOR level */
	record[2] = record[1] & ~BOOT_BITS;
	assert_int_equal(board.bench.link.journal_store(&board.bench.link, 0, WB_RECORD_BOOT, record,
		sizeof(record)), WB_OK);
	board.bench.warnings = 0;
	assert_int_equal(wb_fus_state(board.session, &(struct wb_operation){ 0 }, &board.result,
		&board.err), WB_OK);
	assert_int_equal(board.bench.warnings, 1);
	assert_true(wbsim_peek(board.sim, FLASH_OPTR, &now, sizeof(now)));
	assert_int_equal(now, optr);
	board_check_kept(&board);
}

/* What an attempt of before has left is erased; what the user has put next to it is not. */
static void user_data_behind_the_front_of_an_image_is_the_users(void **unused)
{
	const uint32_t page = 0x1000;
	struct wb_goal goal = { .confirm = { "unknown-image" } };
	uint8_t data[0x1000], after[0x1000];
	struct wb_image image;
	uint32_t address;

	(void)unused;
	with(NULL);
	board_image(&image, BOARD_STACK, STACK, 14004);
	goal.image = &image;
	address = wb_image_address(&image, wb_family_by_id(WB_FAMILY_5X), 1024);
	memset(data, 0x42, sizeof(data));
	assert_true(wbsim_poke(board.sim, address, image.data, page));
	assert_true(wbsim_poke(board.sim, address + page, data, page));
	assert_int_equal(wb_fus_upgrade(board.session, &goal, false, &board.plan, &board.result,
		&board.err), WB_ERR_REFUSED);
	assert_string_equal(board.err.rule, "overwrite");
	assert_true(wbsim_peek(board.sim, address + page, after, page));
	assert_memory_equal(data, after, page);
	/* a page that was cut off in its first double word is the attempt's own */
	memset(data, 0xff, sizeof(data));
	memset(data, 0x10, 8);
	assert_true(wbsim_poke(board.sim, address + page, data, page));
	if (wb_fus_upgrade(board.session, &goal, false, &board.plan, &board.result, &board.err))
		fail_msg("%s", board.err.text);
	board_check_stack(&board, STACK);
	board_image_free(&image);
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_bad_reading_of_optr_is_never_programmed),
		TEST(an_optr_that_arrives_wrong_is_never_programmed),
		TEST(a_refused_chip_is_not_reset),
		TEST(sram_boot_keeps_its_code_while_the_fus_may_be_at_work),
		TEST(a_command_whose_transfer_fails_late_is_sent_once),
		TEST(a_command_whose_transfer_fails_twice_is_sent_once),
		TEST(a_chip_refused_under_reset_runs_again),
		TEST(a_raw_command_without_an_answer_gets_no_reset),
		TEST(a_raw_order_waits_for_the_end_of_the_one_before),
		TEST(boot_options_are_those_of_the_page),
		TEST(option_bytes_lost_behind_a_cut_are_told),
		TEST(user_data_behind_the_front_of_an_image_is_the_users),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What never ends: a CM0+ that answers nothing, a flash that stays busy, a FUS that is at work for ever,
 * a chip that resets again and again. Each ends in bounded time with what to do, the chip left well; and
 * behind a power cycle the same command reaches the goal.
 */
#include "tests/unit/core_make.h"
#include "tests/unit/core_board.h"
#include "core/cortex_m.h"
#include "core/packets.h"
#include "core/regs.h"
#include "core/tables.h"

#define STACK VERSION(1, 24, 0)
#define COMMAND_BUFFER (0x20030000u + WB_TABLES_COMMAND)
#define NS_PER_S 1000000000ull

static struct board board;
static struct wb_link real;
static struct wb_image image;

static int set_up(void **state)
{
	(void)state;
	board_image(&image, BOARD_STACK, STACK, 6004);
	board_open(&board, "2.2.0", NULL);
	real = board.bench.link;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	board_close(&board);
	board_image_free(&image);
	return 0;
}

static uint32_t reg(uint32_t address)
{
	uint32_t value = 0;

	assert_true(wbsim_peek(board.sim, address, &value, sizeof(value)));
	return value;
}

static void fault(const char *spec)
{
	char why[200];

	wbsim_clear_faults(board.sim); /* count from here */
	if (!wbsim_add_fault(board.sim, spec, why, sizeof(why)))
		fail_msg("%s", why);
}

/*
 * The upgrade ends within so many virtual seconds, with these words. CPU1 runs again, unless the FUS
 * may be at work: then it is kept halted, and the message says so.
 */
static void ends(enum wb_status expected, unsigned int seconds, const char *words)
{
	uint64_t began = wbsim_now(board.sim);
	enum wb_status status = board_upgrade(&board, &image);
	uint64_t took = (wbsim_now(board.sim) - began) / NS_PER_S;

	print_message("%llu s: %s\n", (unsigned long long)took, board.err.text);
	assert_int_equal(status, expected);
	assert_true(took <= seconds);
	assert_non_null(strstr(board.err.text, words));
	if (!strstr(board.err.text, "again"))
		fail_msg("does not say what to do");
	assert_int_equal(!!(reg(CM_DHCSR) & CM_DHCSR_S_HALT),
		!!strstr(board.err.text, "CPU1 is kept halted"));
	assert_true(board.bench.polling);
	assert_int_equal(wbsim_get_speed(board.sim), 3300);
	board_check_app(&board);
}

static void all_is_well_after_a_power_cycle(void)
{
	board.bench.link = real;
	wbsim_clear_faults(board.sim);
	wbsim_power(board.sim, false);
	wbsim_power(board.sim, true);
	wbsim_attach(board.sim);
	wb_session_free(board.session);
	board.session = wb_session_new(&board.bench.link);
	assert_non_null(board.session);
	if (board_upgrade(&board, &image) != WB_OK)
		fail_msg("%s", board.err.text);
	assert_int_equal(reg(CM_DHCSR) & CM_DHCSR_S_HALT, 0);
	board_check_stack(&board, STACK);
	board_check_kept(&board);
}

static void a_mailbox_stuck_from_the_start(void **unused)
{
	(void)unused;
	fault("command=1:mailbox-stuck");
	ends(WB_ERR_TIMEOUT, 30, "no answer to command 0xFC52");
	all_is_well_after_a_power_cycle();
}

static enum wb_status stuck_at_upgrade(struct wb_link *link, uint32_t address, unsigned int width,
	size_t count, const void *data)
{
	if (address == IPCC_C1SCR && *(const uint32_t *)data == IPCC_SEND(IPCC_CHANNEL_SYSTEM) &&
		(uint16_t)(reg(COMMAND_BUFFER + 8) >> 8) == WB_FW_UPGRADE)
		fault("command=1:mailbox-stuck");
	return real.write(link, address, width, count, data);
}

/* FW_UPGRADE without an answer: nobody knows whether the FUS is at work, so CPU1 stays held. */
static void a_mailbox_stuck_at_the_upgrade(void **unused)
{
	(void)unused;
	board.bench.link.write = stuck_at_upgrade;
	ends(WB_ERR_TIMEOUT, 30, "CPU1 is kept halted");
	all_is_well_after_a_power_cycle();
}

static void a_flash_busy_for_ever(void **unused)
{
	static const char *const when[] = { "command=1:bsy-hung", "flash=1:bsy-hung",
		"flash=300:bsy-hung" };

	(void)unused;
	for (size_t i = 0; i < sizeof(when) / sizeof(*when); i++) {
		if (i) {
			board_close(&board);
			board_open(&board, "2.2.0", NULL);
			real = board.bench.link;
		}
		fault(when[i]);
		ends(WB_ERR_FLASH, 30, "stays busy");
		all_is_well_after_a_power_cycle();
	}
}

static enum wb_status always_at_work(struct wb_link *link, uint32_t address, unsigned int width,
	size_t count, void *data)
{
	enum wb_status status = real.read(link, address, width, count, data);
	uint8_t *answer = data;

	if (status == WB_OK && address == COMMAND_BUFFER && count >= 2 && answer[0] == 0x11 &&
		answer[4] == (uint8_t)WB_GET_STATE)
		answer[6] = 0x10;
	return status;
}

static void a_fus_at_work_for_ever(void **unused)
{
	(void)unused;
	board.bench.link.read = always_at_work;
	ends(WB_ERR_TIMEOUT, 320, "is still in state 0x10");
	all_is_well_after_a_power_cycle();
}

static unsigned int pulses;

/* A bad supply: every start of the CM0+ ends in a reset. */
static void reset_again(struct wb_link *link, unsigned int ms)
{
	real.sleep_ms(link, ms);
	if (reg(PWR_CR4) & PWR_CR4_C2BOOT) {
		assert_int_equal(wbsim_nrst(board.sim, true), WBSIM_OK);
		assert_int_equal(wbsim_nrst(board.sim, false), WBSIM_OK);
		pulses++;
	}
}

static void a_chip_that_resets_again_and_again(void **unused)
{
	(void)unused;
	board.bench.link.sleep_ms = reset_again;
	pulses = 0;
	ends(WB_ERR_CHIP, 30, "does not come up");
	assert_in_range(pulses, 10, 200);
	all_is_well_after_a_power_cycle();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_mailbox_stuck_from_the_start),
		TEST(a_mailbox_stuck_at_the_upgrade),
		TEST(a_flash_busy_for_ever),
		TEST(a_fus_at_work_for_ever),
		TEST(a_chip_that_resets_again_and_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

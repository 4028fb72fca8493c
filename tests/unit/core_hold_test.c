/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A chip stays ours until it is left: where single transfers are lost, where the clock is too high, where
 * somebody else resets the chip, where the application closes the debug port or stops its clock.
 */
#include <stdio.h>
#include "tests/unit/core_hold.h"
#include "core/session.h"

#define DBGMCU_CR 0xe0042004u
#define CM_DHCSR_S_SLEEP (1u << 18)

static const struct wb_operation under_reset = { .under_reset = true };

/* ---- transfers that are lost ------------------------------------------------------------------- */

static struct {
	uint32_t address, value; /* this write ... */
	bool arrives;
	unsigned int seen;
} lost;

static enum wb_status lose_once(struct wb_link *link, uint32_t address, unsigned int width,
	size_t count, const void *data)
{
	uint32_t value = *(const uint32_t *)data;

	if (address != lost.address || (value & lost.value) != lost.value || lost.seen++)
		return real.write(link, address, width, count, data);
	if (lost.arrives)
		real.write(link, address, width, count, data);
	wb_format(link->reason, sizeof(link->reason), "lost");
	return WB_ERR_LINK;
}

static void lose(uint32_t address, uint32_t value, bool arrives)
{
	board.bench.link.write = lose_once;
	lost.address = address;
	lost.value = value;
	lost.arrives = arrives;
	lost.seen = 0;
}

static void a_key_that_is_lost_does_not_lock_the_flash(void **unused)
{
	static const struct { uint32_t address, key; } keys[] = {
		{ FLASH_KEYR, FLASH_KEY1 }, { FLASH_KEYR, FLASH_KEY2 },
		{ FLASH_OPTKEYR, FLASH_OPTKEY1 }, { FLASH_OPTKEYR, FLASH_OPTKEY2 },
	};

	(void)unused;
	for (unsigned int i = 0; i < 8; i++) {
		with(NULL);
		lose(keys[i / 2].address, keys[i / 2].key, i % 2);
		check(WB_OK, upgrade());
		assert_int_not_equal(lost.seen, 0);
		board_check_stack(&board, STACK);
		board_check_kept(&board);
		board_close(&board);
	}
	with(NULL);
}

static void the_option_page_is_not_written_twice(void **unused)
{
	(void)unused;
	for (unsigned int arrives = 0; arrives < 2; arrives++) {
		with("demcr-lost-on-reset");
		lose(FLASH_CR, FLASH_CR_OPTSTRT, arrives);
		check(WB_OK, upgrade());
		assert_int_equal(wbsim_stats(board.sim)->option_writes, 2); /* there and back */
		board_check_kept(&board);
		board_close(&board);
	}
	with(NULL);
}

static void an_order_that_is_lost_is_given_again(void **unused)
{
	(void)unused;
	for (unsigned int arrives = 0; arrives < 2; arrives++) {
		with(NULL);
		lose(FLASH_CR, FLASH_CR_OBL_LAUNCH, arrives);
		check(WB_OK, upgrade());
		board_check_kept(&board);
		board_close(&board);
		with(NULL);
		lose(CM_AIRCR, CM_AIRCR_SYSRESETREQ, arrives);
		check(WB_OK, state());
		assert_false(halted());
		board_check_kept(&board);
		board_close(&board);
	}
	with(NULL);
}

static void a_clock_too_high_for_the_cable_goes_down_for_the_work(void **unused)
{
	static const unsigned int good[] = { 8000, 3300, 1000, 200 };
	char quirk[32];

	(void)unused;
	for (unsigned int i = 0; i < sizeof(good) / sizeof(*good); i++) {
		snprintf(quirk, sizeof(quirk), "bad-above=%u", good[i]);
		with(quirk);
		assert_int_equal(wbsim_set_speed(board.sim, 24000), 24000);
		check(WB_OK, upgrade());
		assert_true(board.bench.warnings > 0); /* and says so */
		assert_int_equal(wbsim_get_speed(board.sim), 24000);
		assert_false(halted());
		board_check_stack(&board, STACK);
		board_close(&board);
	}
	with(NULL);
}

/* ---- debug registers ---------------------------------------------------------------------------- */

static void nrst_pulse(void)
{
	assert_int_equal(wbsim_nrst(board.sim, true), WBSIM_OK);
	assert_int_equal(wbsim_nrst(board.sim, false), WBSIM_OK);
}

/* Halting and reading registers look at DHCSR, which takes S_RESET_ST away: it must not get lost. */
static void a_reset_between_two_looks_is_told(void **unused)
{
	struct wb_link *link;
	uint32_t pc;

	(void)unused;
	with(NULL);
	link = &board.bench.link;
	assert_int_equal(link->halt(link), WB_ERR_RESET); /* that of the power-on */
	assert_int_equal(link->halt(link), WB_OK);
	nrst_pulse();
	assert_int_equal(link->halt(link), WB_ERR_RESET);
	assert_true(halted());
	assert_int_equal(link->halt(link), WB_OK);
	poke(CM_DEMCR, CM_DEMCR_VC_CORERESET);
	nrst_pulse();
	assert_int_equal(link->reg_read(link, CM_PC, &pc), WB_ERR_RESET);
	assert_int_equal(link->reg_read(link, CM_PC, &pc), WB_OK);
}

/* A host that queues, with a reset between what it has asked before and its queue. */
static enum wb_status queue_behind_a_reset(struct wb_link *link, struct wb_word *words, size_t count)
{
	enum wb_status status = WB_OK;

	nrst_pulse();
	for (size_t i = 0; status == WB_OK && i < count; i++)
		status = words[i].write
				 ? link->write(link, words[i].address, 4, 1, &words[i].value)
				 : link->read(link, words[i].address, 4, 1, &words[i].value);
	return status;
}

static void a_reset_before_a_queue_is_told(void **unused)
{
	struct wb_link *link;

	(void)unused;
	with(NULL);
	link = &board.bench.link;
	link->halt(link); /* tells of the power-on */
	link->words = queue_behind_a_reset;
	assert_int_equal(link->halt(link), WB_ERR_RESET);
	assert_true(halted());
}

static unsigned int masked;

/* C_MASKINTS of a core that runs, or that is set going, does not change (ARMv7-M ARM C1.6.2). */
static enum wb_status watch_maskints(struct wb_link *link, uint32_t address, unsigned int width,
	size_t count, const void *data)
{
	uint32_t before = reg(CM_DHCSR), to = *(const uint32_t *)data;

	if (address == CM_DHCSR && (before ^ to) & CM_DHCSR_C_MASKINTS) {
		assert_true(before & CM_DHCSR_S_HALT);
		assert_true(to & CM_DHCSR_C_HALT);
		masked++;
	}
	return real.write(link, address, width, count, data);
}

static void interrupts_are_masked_only_while_cpu1_stands(void **unused)
{
	(void)unused;
	with(NULL);
	masked = 0;
	board.bench.link.write = watch_maskints;
	check(WB_OK, upgrade());
	assert_true(masked > 1);
	assert_int_equal(reg(CM_DHCSR) & CM_DHCSR_C_MASKINTS, 0);
	/* a reset in the middle of the stub's work leaves none masked either */
	check(WB_OK, wb_fus_delete(board.session, &(struct wb_operation){ .hold = true },
		&board.result, &board.err));
	assert_int_equal(reg(CM_DHCSR) & CM_DHCSR_C_MASKINTS, 0);
}

/* A debugger before us has armed the catch: that tells nothing of the watchdogs. */
static void watchdogs_stand_still_where_the_catch_was_armed_before(void **unused)
{
	const uint32_t freeze = 1u << 12 | 1u << 11; /* IWDG, WWDG */

	(void)unused;
	with(NULL);
	poke(CM_DEMCR, CM_DEMCR_VC_CORERESET | CM_DEMCR_VC_FAULTS);
	check(WB_OK, session_open(board.session, &op, &board.result, &board.err));
	assert_int_equal(reg(DBGMCU_APB1FZR1) & freeze, freeze);
	check(WB_OK, session_close(board.session, &op, &board.result, WB_OK, &board.err));
	assert_int_equal(reg(DBGMCU_APB1FZR1) & freeze, 0);
}

/* ---- under reset --------------------------------------------------------------------------------- */

/* Nobody gets in but by NRST; the application goes on afterwards. */
static void met_under_reset(const char *without)
{
	struct wb_goal goal = { .confirm = { "unknown-image" }, .under_reset = true };
	struct wb_image image;

	wbsim_sleep(board.sim, 20000000);
	check(WB_ERR_LINK, state());
	assert_non_null(strstr(board.err.text, without));
	assert_non_null(strstr(board.err.text, "if an application sleeps or turns SWD off"));
	check(WB_OK, wb_fus_state(board.session, &under_reset, &board.result, &board.err));
	assert_true(board.result.cpu1_running);
	assert_false(halted());
	board_image(&image, BOARD_STACK, STACK, 6004);
	goal.image = &image;
	wbsim_sleep(board.sim, 20000000);
	check(WB_OK, wb_fus_upgrade(board.session, &goal, false, &board.plan, &board.result,
		&board.err));
	assert_false(halted());
	assert_int_equal(reg(CM_DEMCR), 0);
	board_check_stack(&board, STACK);
	board_check_kept(&board);
	board_image_free(&image);
}

static struct {
	bool low, let_go; /* the debugger's hold is lost as NRST rises */
	uint32_t demcr;	  /* as it rose */
} pin;

static enum wb_status watched_nrst(struct wb_link *link, bool low)
{
	pin.low = low;
	pin.demcr = reg(CM_DEMCR);
	if (!low && pin.let_go) {
		poke(CM_DEMCR, 0);
		poke(CM_DHCSR, CM_DHCSR_KEY | CM_DHCSR_C_DEBUGEN);
	}
	return real.nrst(link, low);
}

static enum wb_status reset_by_watched_nrst(bool let_go)
{
	struct wb_link *link = &board.bench.link;

	link->nrst = watched_nrst;
	pin.let_go = let_go;
	return link->reset_hold(link, true);
}

static void the_catch_is_set_before_nrst_rises(void **unused)
{
	(void)unused;
	with(NULL);
	assert_int_equal(reset_by_watched_nrst(false), WB_OK);
	assert_true(pin.demcr & CM_DEMCR_VC_CORERESET);
	assert_true(halted());
}

/* The application had some instructions: whoever asked is told. */
static void a_cpu1_that_ran_behind_nrst_is_told(void **unused)
{
	(void)unused;
	with(NULL);
	assert_int_equal(reset_by_watched_nrst(true), WB_ERR_RESET);
	assert_true(halted());
}

static enum wb_status no_port(struct wb_link *link)
{
	(void)link;
	return WB_ERR_LINK;
}

static void nrst_rises_where_no_port_answers(void **unused)
{
	(void)unused;
	with(NULL);
	board.bench.link.reattach = no_port;
	assert_int_equal(reset_by_watched_nrst(false), WB_ERR_LINK);
	assert_false(pin.low);
}

static void an_application_that_closes_swd_is_met_under_reset(void **unused)
{
	(void)unused;
	with("swd-off=10");
	met_under_reset("debug port did not come back");
}

/* Where no one has set DBGMCU_CR, a stop mode takes the debug port's clock. */
static void an_application_in_stop_mode_is_met_under_reset(void **unused)
{
	static const struct {
		const char *quirk, *without;
	} rows[] = { { "stop-debug=silent", "debug port did not come back" },
		{ "stop-debug=waits", "WAIT" } };
	/* ldr r0, =SCB_SCR; movs r1, #SLEEPDEEP; str r1, [r0]; wfi; b .-2 */
	static const uint32_t application[] = { 0x20001000, 0x08000009, 0x21044802, 0xbf306001,
		0xe7fde7fd, 0xe000ed10 };

	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		with(rows[i].quirk);
		assert_true(wbsim_poke(board.sim, 0x08000000, application, sizeof(application)));
		board_remember(&board);
		wbsim_power(board.sim, false);
		wbsim_power(board.sim, true);
		met_under_reset(rows[i].without);
		assert_true(reg(CM_DHCSR) & CM_DHCSR_S_SLEEP);
		assert_int_equal(reg(DBGMCU_CR), 0);
		if (!i)
			board_close(&board);
	}
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_key_that_is_lost_does_not_lock_the_flash),
		TEST(the_option_page_is_not_written_twice),
		TEST(an_order_that_is_lost_is_given_again),
		TEST(a_clock_too_high_for_the_cable_goes_down_for_the_work),
		TEST(a_reset_between_two_looks_is_told),
		TEST(a_reset_before_a_queue_is_told),
		TEST(interrupts_are_masked_only_while_cpu1_stands),
		TEST(watchdogs_stand_still_where_the_catch_was_armed_before),
		TEST(an_application_that_closes_swd_is_met_under_reset),
		TEST(the_catch_is_set_before_nrst_rises),
		TEST(a_cpu1_that_ran_behind_nrst_is_told),
		TEST(nrst_rises_where_no_port_answers),
		TEST(an_application_in_stop_mode_is_met_under_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flash written while firmware runs on the CM0+, which uses it too: ST's procedure is kept to (the chip
 * counts breaches), what CPU1 had is left to it, what is ours is given back.
 */
#include "tests/unit/core_bank_board.h"
#include "sim/sim.h"

#define SIZE (6 * PAGE)
#define MS 1000000u
#define C2ACR 0x5800405cu
#define PES (1u << 15)

static uint8_t data[SIZE];
static enum way { BY_PES, BY_6, BY_7 } way; /* in which the CM0+ takes the flash, for ever */

static enum wb_status write_all(uint32_t seed)
{
	bank_fill(data, SIZE, seed);
	return bank_write(PLACE, SIZE, data, bank_due(PLACE, SIZE));
}

static void runs_on(void)
{
	struct wbsim_cpu2_view view;

	wbsim_cpu2_view(bank.sim, &view);
	assert_string_equal(view.runs, "fus");
	assert_true(bank_peek(PWR_CR4) & PWR_CR4_C2BOOT);
}

static void cm0_takes(unsigned int n)
{
	uint32_t value = 0;

	assert_true(bus_read(bank.sim, SIM_CPU2, HSEM_RLR(n), 4, &value));
	assert_int_equal(value, CM0S);
}

static void cm0_gives(unsigned int n)
{
	assert_true(bus_write(bank.sim, SIM_CPU2, HSEM_R(n), 4, CM0S & ~(1u << 31)));
	assert_int_equal(bank_peek(HSEM_R(n)), 0);
}

/* ---- together --------------------------------------------------------------------------------- */

static void beside(const char *quirk)
{
	bank_open_beside(quirk);
	for (uint32_t seed = 1; seed <= 2; seed++) { /* onto blank pages, onto used ones */
		bank_expect(WB_OK, write_all(seed));
		bank_check_flash(PLACE, data, SIZE);
		bank_check_found(quirk ? quirk : "quiet");
	}
	bank_expect(WB_OK, wb_bank_erase(&bank.bench.link, PLACE, SIZE, &done, &bank.err));
	bank_check_flash(PLACE, NULL, SIZE);
	bank_check_found("erase");
	assert_int_equal(wbsim_stats(bank.sim)->flash_breaches, 0);
	assert_int_equal(wbsim_stats(bank.sim)->resets, 0);
	runs_on();
	bank_close(NULL);
}

static void written_beside_a_quiet_cm0(void **state)
{
	(void)state;
	beside(NULL);
}

static void written_between_radio_events_that_suspend(void **state)
{
	(void)state;
	beside("cm0-radio=pes");
}

static void written_between_radio_events_that_take_semaphore_7(void **state)
{
	(void)state;
	beside("cm0-radio=hsem");
}

static void written_between_the_cm0s_own_writes(void **state)
{
	(void)state;
	beside("cm0-writes");
}

/* The CM0+ comes in between two operations also where CPU1 is fast. */
static void a_fast_cpu1_leaves_a_gap(void **state)
{
	(void)state;
	bank_open_beside("cm0-radio=hsem");
	bank_poke(0x58004000, (bank_peek(0x58004000) & ~7u) | 3); /* three wait states */
	bank_poke(0x5800000c, 1u << 29 | 1u << 28 | 32u << 8 | 1); /* MSI 4 MHz * 32 / 2 */
	bank_poke(0x58000000, bank_peek(0x58000000) | 1u << 24);
	bank_poke(0x58000008, 3); /* the PLL: 64 MHz, the fastest */
	bank_remember();
	bank_expect(WB_OK, write_all(1));
	bank_check_found("64 MHz");
	assert_int_equal(wbsim_stats(bank.sim)->flash_breaches, 0);
	bank_close(NULL);
}

static void with_the_cm0_off_semaphores_mean_nothing(void **state)
{
	(void)state;
	bank_open(&(struct wbsim_config){ .fus = "1.2.0" });
	cm0_takes(2);
	cm0_takes(6);
	cm0_takes(7);
	bank_expect(WB_OK, write_all(1));
	bank_check_flash(PLACE, data, SIZE);
	assert_int_equal(bank_peek(HSEM_R(2)), CM0S);
	assert_int_equal(bank_peek(HSEM_R(7)), CM0S);
	bank_close(NULL);
}

static void looking_takes_nothing(void **state)
{
	uint32_t blank[WB_PAGE_WORDS];

	(void)state;
	bank_open_beside("cm0-keeps=2"); /* and is not kept from looking */
	bank_expect(WB_OK, wb_bank_blank(&bank.bench.link, blank, &bank.err));
	bank_check_flash(PLACE, NULL, PAGE);
	memset(data, 0xff, SIZE);
	bank_expect(WB_OK, wb_bank_verify(&bank.bench.link, PLACE, SIZE, data, &bank.err));
	assert_int_equal(bank_peek(HSEM_R(2)), CM0S);
	bank_check_found("look");
	bank_close(NULL);
}

/* ---- kept by the CM0+ ------------------------------------------------------------------------- */

static void refused(const char *quirk, const char *says)
{
	uint64_t began;

	bank_open_beside(quirk);
	began = wbsim_now(bank.sim);
	bank_expect_rule("held", write_all(1));
	assert_in_range((wbsim_now(bank.sim) - began) / MS, 2000, 2500);
	if (!strstr(bank.err.text, says))
		fail_msg("%s", bank.err.text);
	assert_non_null(strstr(bank.err.text, "reset halt"));
	bank_check_flash(PLACE, NULL, SIZE);
	bank_check_found(quirk);
	assert_int_equal(wbsim_stats(bank.sim)->flash_erases, 0);
	runs_on();
	bank_close(NULL);
}

static void what_the_cm0_never_gives_back_is_refused_with_its_owner(void **state)
{
	(void)state;
	refused("cm0-keeps=pes", "PESD 1");
	refused("cm0-keeps=2", "semaphore 2 0x80000800");
	refused("cm0-keeps=6", "6 0x80000800");
	refused("cm0-keeps=7", "7 0x80000800");
}

static void what_is_given_back_in_time_is_waited_for(void **state)
{
	uint64_t until;

	(void)state;
	bank_open_beside("cm0-keeps=2");
	until = wbsim_now(bank.sim) + 500 * (uint64_t)MS;
	while (wbsim_now(bank.sim) < until)
		wbsim_sleep(bank.sim, MS);
	cm0_gives(2);
	bank_expect(WB_OK, write_all(1));
	bank_check_found("given back");
	assert_int_equal(wbsim_stats(bank.sim)->flash_breaches, 0);
	bank_close(NULL);
}

/* While the stub works, between two transfers. */
static void cm0_takes_it(struct bench *bench)
{
	uint32_t acr = 0, r = 0;

	if (wbsim_stats(bank.sim)->flash_dwords < 600)
		return;
	if (way == BY_PES) {
		assert_true(bus_read(bank.sim, SIM_CPU2, C2ACR, 4, &acr));
		assert_true(bus_write(bank.sim, SIM_CPU2, C2ACR, 4, acr | PES));
	} else {
		assert_true(wbsim_peek(bank.sim, HSEM_R(way == BY_6 ? 6 : 7), &r, 4));
		if (r)
			return; /* one operation of ours is under way */
		cm0_takes(way == BY_6 ? 6 : 7);
	}
	bench->before_operation = NULL;
}

static void taken_in_the_middle(enum way by, const char *says)
{
	uint32_t at;

	bank_open_beside(NULL);
	way = by;
	bank.bench.before_operation = cm0_takes_it;
	bank_expect(WB_ERR_FLASH, write_all(1));
	assert_null(bank.bench.before_operation);
	if (!strstr(bank.err.text, says))
		fail_msg("%s", bank.err.text);
	at = (uint32_t)strtoul(bank.err.text + strlen("at "), NULL, 16);
	assert_in_range(at, PLACE + 600 * 8, PLACE + SIZE);
	bank_check_flash(PLACE, data, at - PLACE);
	bank_check_flash(at + 8, NULL, PLACE + SIZE - at - 8);
	assert_int_equal(bank_peek(HSEM_R(2)), 0);
	assert_int_equal(bank_peek(HSEM_R(7)), by == BY_7 ? CM0S : 0);
	assert_int_equal(wbsim_stats(bank.sim)->flash_breaches, 0);
}

static void taken_for_ever_in_the_middle_it_ends_with_the_reason(void **state)
{
	(void)state;
	taken_in_the_middle(BY_6, "semaphore 6 0x80000800, 7 0x00000000");
	bank_check_found("6");
	runs_on();
	bank_close(NULL);
	taken_in_the_middle(BY_7, "7 0x80000800");
	bank_check_found("7");
	runs_on();
	bank_close(NULL);
	/* an operation that is begun never ends: the chip is reset, perhaps, and that is said */
	taken_in_the_middle(BY_PES, "PESD 1");
	bank_close(NULL);
}

/* ---- had by CPU1 before ----------------------------------------------------------------------- */

static void what_cpu1_has_is_used_and_left(void **state)
{
	static const unsigned int its[] = { 2, 7 };

	(void)state;
	for (size_t i = 0; i < sizeof(its) / sizeof(*its); i++) {
		uint64_t began;

		bank_open_beside(NULL);
		assert_int_equal(bank_peek(HSEM_RLR(its[i])), CPU1S);
		bank_remember();
		began = wbsim_now(bank.sim);
		bank_expect(WB_OK, write_all(1));
		assert_true(wbsim_now(bank.sim) - began < 1000 * (uint64_t)MS);
		bank_check_flash(PLACE, data, SIZE);
		assert_int_equal(bank_peek(HSEM_R(its[i])), CPU1S);
		bank_check_found("CPU1's own");
		assert_int_equal(wbsim_stats(bank.sim)->flash_breaches, 0);
		bank_close(NULL);
	}
}

/* Nobody will give it back while CPU1 stands: there is nothing to wait for. */
static void semaphore_6_of_cpu1s_is_refused_at_once(void **state)
{
	uint64_t began;

	(void)state;
	bank_open_beside(NULL);
	assert_int_equal(bank_peek(HSEM_RLR(6)), CPU1S);
	bank_remember();
	began = wbsim_now(bank.sim);
	bank_expect_rule("held", write_all(1));
	assert_non_null(strstr(bank.err.text, "application has taken semaphore 6"));
	assert_true(wbsim_now(bank.sim) - began < 200 * (uint64_t)MS);
	bank_check_found("6");
	bank_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(written_beside_a_quiet_cm0),
		cmocka_unit_test(written_between_radio_events_that_suspend),
		cmocka_unit_test(written_between_radio_events_that_take_semaphore_7),
		cmocka_unit_test(written_between_the_cm0s_own_writes),
		cmocka_unit_test(a_fast_cpu1_leaves_a_gap),
		cmocka_unit_test(with_the_cm0_off_semaphores_mean_nothing),
		cmocka_unit_test(looking_takes_nothing),
		cmocka_unit_test(what_the_cm0_never_gives_back_is_refused_with_its_owner),
		cmocka_unit_test(what_is_given_back_in_time_is_waited_for),
		cmocka_unit_test(taken_for_ever_in_the_middle_it_ends_with_the_reason),
		cmocka_unit_test(what_cpu1_has_is_used_and_left),
		cmocka_unit_test(semaphore_6_of_cpu1s_is_refused_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

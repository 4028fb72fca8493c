/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two cores at one flash: what the CM0+'s firmware does there, and what of CPU1's is a breach. */
#include "sim_board.h"
#include "sim/cpu2.h"

#define SR FLASH_REG(0x10)
#define CR FLASH_REG(0x14)
#define BSY 0x10000u
#define PESD 0x80000u
#define PG 0x1u
#define AT 0x08010000u
#define PWR_CR4 0x5800040Cu
#define C2BOOT 0x8000u
#define R(n) (0x58001400u + 4u * (n))
#define RLR(n) (R(n) + 0x80u)
#define CPU1S 0x80000400u
#define CPU2S 0x80000800u
#define US 1000u

/* A chip whose CM0+ has firmware, which is up. */
static struct wbsim *chip(const char *quirk)
{
	const char *const quirks[] = { quirk, NULL };
	struct wbsim *sim = board(NULL, quirks, NULL, NULL);

	wbsim_sleep(sim, NS_PER_MS);
	unlock(sim);
	wr(sim, CR, PG);
	wr(sim, PWR_CR4, C2BOOT);
	cpu2_flash_begin(sim);
	return sim;
}

static uint32_t cpu2_takes(struct wbsim *sim, unsigned int n)
{
	uint32_t val = 0;

	assert_true(bus_read(sim, SIM_CPU2, RLR(n), 4, &val));
	return val;
}

static void program(struct wbsim *sim, uint32_t addr)
{
	wr(sim, addr, 1);
	wr(sim, addr + 4, 2);
	while (rd(sim, SR) & BSY)
		wbsim_sleep(sim, 10 * US);
}

static uint64_t breaches(struct wbsim *sim)
{
	return wbsim_stats(sim)->flash_breaches;
}

static void as_agreed_is_no_breach(void **state)
{
	struct wbsim *sim = chip(NULL);

	(void)state;
	assert_int_equal(rd(sim, RLR(2)), CPU1S);
	for (uint32_t addr = AT; addr < AT + 64; addr += 8) {
		assert_int_equal(rd(sim, RLR(7)), CPU1S);
		program(sim, addr);
		wr(sim, R(7), CPU1S & 0xF00);
		wbsim_sleep(sim, 2 * US);
	}
	assert_int_equal(breaches(sim), 0);
	wbsim_free(sim);
}

static void without_2_or_7_or_with_6_taken_it_is_one(void **state)
{
	struct wbsim *sim = chip(NULL);

	(void)state;
	program(sim, AT);
	assert_int_equal(breaches(sim), 1);
	rd(sim, RLR(2));
	program(sim, AT + 8);
	assert_int_equal(breaches(sim), 2);
	rd(sim, RLR(7));
	program(sim, AT + 16);
	assert_int_equal(breaches(sim), 2);
	assert_int_equal(cpu2_takes(sim, 6), CPU2S);
	program(sim, AT + 24);
	assert_int_equal(breaches(sim), 3);
	wbsim_free(sim);
}

static void what_the_cm0_has_is_not_cpu1s(void **state)
{
	struct wbsim *sim = chip(NULL);

	(void)state;
	rd(sim, RLR(2));
	assert_int_equal(cpu2_takes(sim, 7), CPU2S);
	assert_int_equal(rd(sim, RLR(7)), CPU2S);
	wr(sim, R(7), CPU1S & 0xF00); /* which gives nothing back */
	assert_int_equal(rd(sim, R(7)), CPU2S);
	program(sim, AT);
	assert_int_equal(breaches(sim), 1);
	wbsim_free(sim);
}

static void with_the_cm0_off_there_is_nothing_to_breach(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);

	(void)state;
	unlock(sim);
	wr(sim, CR, PG);
	program(sim, AT);
	assert_int_equal(breaches(sim), 0);
	wbsim_free(sim);
}

static void no_gap_between_two_operations_is_a_breach(void **state)
{
	struct wbsim *sim = chip(NULL);

	(void)state;
	rd(sim, RLR(7));
	wr(sim, R(7), CPU1S & 0xF00);
	wbsim_sleep(sim, 900);
	rd(sim, RLR(7));
	assert_int_equal(breaches(sim), 1);
	wr(sim, R(7), CPU1S & 0xF00);
	wbsim_sleep(sim, 1000);
	rd(sim, RLR(7));
	assert_int_equal(breaches(sim), 1);
	wbsim_free(sim);
}

/* Who could have seen PESD is at fault; who looked a moment ago is not. */
static void an_operation_in_a_radio_event_is_a_breach_and_suspended(void **state)
{
	struct wbsim *sim = chip("cm0-keeps=pes");

	(void)state;
	assert_true(rd(sim, SR) & PESD);
	rd(sim, RLR(2));
	rd(sim, RLR(7));
	wr(sim, AT, 1);
	wr(sim, AT + 4, 2);
	assert_int_equal(breaches(sim), 0);
	wbsim_sleep(sim, 10 * MS_NS);
	assert_true(rd(sim, SR) & BSY);
	assert_int_equal(rd(sim, SR) & 0x3FA, 0);
	wbsim_free(sim);
	sim = chip("cm0-keeps=pes");
	rd(sim, RLR(2));
	rd(sim, RLR(7));
	wbsim_sleep(sim, 100 * US);
	wr(sim, AT, 1);
	wr(sim, AT + 4, 2);
	assert_int_equal(breaches(sim), 1);
	wbsim_free(sim);
}

/* Parts in a thousand of the time in which a register has these bits set. */
static unsigned int share(struct wbsim *sim, uint32_t addr, uint32_t bits)
{
	unsigned int set = 0;

	for (unsigned int i = 0; i < 10000; i++) {
		wbsim_sleep(sim, 100 * US);
		set += (rd(sim, addr) & bits) == bits;
	}
	return set / 10;
}

static void radio_events_bar_the_flash_for_some_of_the_time(void **state)
{
	struct wbsim *sim = chip("cm0-radio=pes");

	(void)state;
	assert_in_range(share(sim, SR, PESD), 180, 220);
	assert_int_equal(share(sim, R(7), CPU2S), 0);
	wbsim_free(sim);
	sim = chip("cm0-radio=hsem");
	assert_in_range(share(sim, R(7), CPU2S), 180, 220);
	assert_int_equal(share(sim, SR, PESD), 0);
	wbsim_free(sim);
	sim = chip(NULL);
	assert_int_equal(share(sim, SR, PESD) + share(sim, R(7), CPU2S), 0);
	wbsim_free(sim);
}

static void a_radio_event_waits_for_semaphore_7(void **state)
{
	struct wbsim *sim = chip("cm0-radio=hsem");

	(void)state;
	rd(sim, RLR(7));
	assert_int_equal(share(sim, R(7), CPU2S), 0);
	wr(sim, R(7), CPU1S & 0xF00);
	wbsim_sleep(sim, MS_NS);
	assert_int_equal(rd(sim, R(7)), CPU2S);
	wbsim_free(sim);
}

static void its_own_writes_have_2_and_6_and_keep_the_flash_busy(void **state)
{
	struct wbsim *sim = chip("cm0-writes");

	(void)state;
	for (unsigned int i = 0; !rd(sim, R(2)) && i < 1000; i++)
		wbsim_sleep(sim, MS_NS / 10);
	assert_int_equal(rd(sim, R(2)), CPU2S);
	assert_int_equal(rd(sim, R(6)), CPU2S);
	assert_true(rd(sim, SR) & BSY);
	wbsim_sleep(sim, 23 * MS_NS);
	assert_int_equal(rd(sim, R(2)), 0);
	assert_int_equal(rd(sim, R(6)), 0);
	assert_false(rd(sim, SR) & BSY);
	assert_int_equal(breaches(sim), 0);
	/* it does not begin while CPU1 has the controller, or wants no flash work at all */
	rd(sim, RLR(2));
	assert_int_equal(share(sim, SR, BSY), 0);
	wr(sim, R(2), CPU1S & 0xF00);
	rd(sim, RLR(6));
	assert_int_equal(share(sim, SR, BSY), 0);
	wbsim_free(sim);
}

static void what_it_keeps_it_keeps_until_the_reset(void **state)
{
	static const struct {
		const char *quirk;
		uint32_t addr, bits;
	} kept[] = {
		{ "cm0-keeps=pes", SR, PESD },
		{ "cm0-keeps=2", R(2), CPU2S },
		{ "cm0-keeps=6", R(6), CPU2S },
		{ "cm0-keeps=7", R(7), CPU2S },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		struct wbsim *sim = chip(kept[i].quirk);

		assert_int_equal(share(sim, kept[i].addr, kept[i].bits), 1000);
		sim_reset_request(sim, SIM_RESET_NRST);
		sim_reset_settle(sim);
		assert_int_equal(rd(sim, kept[i].addr) & kept[i].bits, 0);
		wbsim_free(sim);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_agreed_is_no_breach),
		cmocka_unit_test(without_2_or_7_or_with_6_taken_it_is_one),
		cmocka_unit_test(what_the_cm0_has_is_not_cpu1s),
		cmocka_unit_test(with_the_cm0_off_there_is_nothing_to_breach),
		cmocka_unit_test(no_gap_between_two_operations_is_a_breach),
		cmocka_unit_test(an_operation_in_a_radio_event_is_a_breach_and_suspended),
		cmocka_unit_test(radio_events_bar_the_flash_for_some_of_the_time),
		cmocka_unit_test(a_radio_event_waits_for_semaphore_7),
		cmocka_unit_test(its_own_writes_have_2_and_6_and_keep_the_flash_busy),
		cmocka_unit_test(what_it_keeps_it_keeps_until_the_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

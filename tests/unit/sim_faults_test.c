/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What befalls a board when it is told to: the plug, faults at their place, NRST; as the host meets it. */
#include "tests/unit/sim_board.h"

#define SRAM 0x20000000u

static void unplugged_probe_answers_nothing(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);
	uint32_t word;

	(void)state;
	assert_int_equal(wbsim_attach(sim), WBSIM_OK);
	wbsim_unplug(sim);
	assert_int_equal(wbsim_mem_read(sim, SRAM, 4, 1, &word), WBSIM_UNPLUGGED);
	assert_int_equal(wbsim_attach(sim), WBSIM_UNPLUGGED);
	wbsim_replug(sim);
	assert_int_equal(wbsim_mem_read(sim, SRAM, 4, 1, &word), WBSIM_NO_DAP);
	assert_int_equal(wbsim_attach(sim), WBSIM_OK);
	assert_int_equal(wbsim_mem_read(sim, SRAM, 4, 1, &word), WBSIM_OK);
	wbsim_free(sim);
}

static void fault_strikes_at_its_command(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);
	char why[256];
	uint32_t word;

	(void)state;
	assert_true(wbsim_add_fault(sim, "command=2:power-cut=50", why, sizeof(why)));
	assert_true(wbsim_add_fault(sim, "command=9:parity", why, sizeof(why)));
	assert_int_equal(wbsim_attach(sim), WBSIM_OK); /* 1 */
	assert_int_equal(wbsim_mem_read(sim, SRAM, 4, 1, &word), WBSIM_NO_DAP); /* 2, 3, 4 */
	assert_int_equal(wbsim_attach(sim), WBSIM_NO_DAP); /* 5 */
	wbsim_sleep(sim, 50 * MS_NS);
	assert_int_equal(wbsim_attach(sim), WBSIM_OK); /* 6 */
	assert_int_equal(wbsim_mem_read(sim, SRAM, 4, 1, &word), WBSIM_PARITY); /* 7, 8, 9 */
	assert_int_equal(wbsim_stats(sim)->faults, 2);
	wbsim_free(sim);
}

static void put_word(struct wbsim *sim, uint32_t addr, uint32_t val)
{
	assert_int_equal(wbsim_mem_write(sim, addr, 4, 1, &val), WBSIM_OK);
}

static uint32_t get_word(struct wbsim *sim, uint32_t addr)
{
	uint32_t val = 0;

	assert_int_equal(wbsim_mem_read(sim, addr, 4, 1, &val), WBSIM_OK);
	return val;
}

static void add_fault(struct wbsim *sim, const char *spec)
{
	char why[256];

	wbsim_clear_faults(sim);
	if (!wbsim_add_fault(sim, spec, why, sizeof(why)))
		fail_msg("%s", why);
}

static void brown_out_selects_safeboot(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);
	struct wbsim_cpu2_view view;

	(void)state;
	add_fault(sim, "command=1:brown-out=20");
	assert_int_equal(wbsim_attach(sim), WBSIM_NO_DAP);
	wbsim_sleep(sim, 20 * MS_NS);
	assert_int_equal(wbsim_attach(sim), WBSIM_OK);
	wbsim_cpu2_view(sim, &view);
	assert_int_equal(view.sfsa, 0);
	assert_int_equal(view.sbrv, 0x3fc00);
	wbsim_free(sim);
}

static void hung_bsy_ends_with_a_power_cycle(void **state)
{
	const uint32_t keyr = 0x58004008, sr = 0x58004010, cr = 0x58004014, bsy = 1u << 16;
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);

	(void)state;
	assert_int_equal(wbsim_attach(sim), WBSIM_OK);
	add_fault(sim, "flash=1:bsy-hung");
	put_word(sim, keyr, KEY1);
	put_word(sim, keyr, KEY2);
	put_word(sim, cr, 0x10082); /* erase page 16 */
	wbsim_sleep(sim, 1000 * MS_NS);
	assert_true(get_word(sim, sr) & bsy);
	wbsim_power(sim, false);
	wbsim_power(sim, true);
	assert_int_equal(wbsim_attach(sim), WBSIM_OK);
	assert_false(get_word(sim, sr) & bsy);
	wbsim_free(sim);
}

static void core_leaves_nrst_halted_when_asked_to(void **state)
{
	const uint32_t dhcsr = 0xe000edf0, demcr = 0xe000edfc, s_halt = 1u << 17;
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);

	(void)state;
	assert_int_equal(wbsim_nrst(sim, true), WBSIM_OK);
	assert_int_equal(wbsim_attach(sim), WBSIM_OK);
	put_word(sim, dhcsr, 0xa05f0001);
	put_word(sim, demcr, 1);
	assert_int_equal(wbsim_nrst(sim, false), WBSIM_OK);
	wbsim_sleep(sim, MS_NS);
	assert_true(get_word(sim, dhcsr) & s_halt);
	put_word(sim, demcr, 0);
	assert_int_equal(wbsim_nrst(sim, true), WBSIM_OK);
	assert_int_equal(wbsim_nrst(sim, false), WBSIM_OK);
	wbsim_sleep(sim, MS_NS);
	assert_false(get_word(sim, dhcsr) & s_halt);
	wbsim_free(sim);
}

static void faults_that_mean_nothing_are_refused(void **state)
{
	static const char *const bad[] = { "", ":", "command", "command=1", "command=0:unplug",
		"command=x:unplug", "command=1:", "command=1:explode", "command=1:unplug=3",
		"command=1:power-cut=", "command=1:power-cut=-1", "flash=1 :unplug",
		"step=:unplug" };
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char why[256] = "";

		assert_false(wbsim_add_fault(sim, bad[i], why, sizeof(why)));
		assert_true(why[0]);
	}
	wbsim_free(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unplugged_probe_answers_nothing),
		cmocka_unit_test(fault_strikes_at_its_command),
		cmocka_unit_test(brown_out_selects_safeboot),
		cmocka_unit_test(hung_bsy_ends_with_a_power_cycle),
		cmocka_unit_test(core_leaves_nrst_halted_when_asked_to),
		cmocka_unit_test(faults_that_mean_nothing_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

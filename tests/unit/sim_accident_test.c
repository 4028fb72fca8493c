/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accidents to the whole virtual chip, as a debugger meets them: corrupt option bytes, by field;
 * Safeboot on every family; broken cells under the CM0+'s firmware.
 */
#include <stdio.h>
#include <string.h>
#include "tests/unit/sim_board.h"

#define SR FLASH_REG(0x10)
#define CR FLASH_REG(0x14)
#define ECCR FLASH_REG(0x18)
#define OPTR FLASH_REG(0x20)
#define OPTVERR (1u << 15)
#define OPTSTRT (1u << 17)
#define ECCD (1u << 31)
#define ECC_BY_CPU2 (1u << 26)
#define PWR_CR4 0x5800040Cu
#define C2BOOT (1u << 15)
#define USER_END 0x08040000u
#define SECOND (1000 * MS_NS)

static void cycle(struct wbsim *sim)
{
	wbsim_power(sim, false);
	wbsim_power(sim, true);
	wbsim_attach(sim);
}

static struct wbsim_cpu2_view view(const struct wbsim *sim)
{
	struct wbsim_cpu2_view v;

	wbsim_cpu2_view(sim, &v);
	return v;
}

static struct wbsim *chip(const char *part, const char *fus, const char *quirk)
{
	const char *const quirks[] = { quirk, NULL };
	const struct wbsim_config cfg = { .chip = part, .fus = fus, .quirks = quirks };
	char why[512];
	struct wbsim *sim = wbsim_new(&cfg, why, sizeof(why));

	if (!sim)
		fail_msg("%s: %s", part, why);
	return sim;
}

/* ---- option bytes --------------------------------------------------------------------------- */

static void a_corrupt_user_field_gives_defaults_and_optverr(void **state)
{
	static const char *const fields[] = { "RDP", "nBOOT0", "nSWBOOT0", "IWDG_SW", "BOR_LEV",
		"WRP1A_STRT", "WRP1B_END", "PCROP1A_STRT", "PCROP1A_END", "PCROP1B_END",
		"IPCCDBA" };

	(void)state;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct wbsim *sim = chip("wb55rg", "2.2.0", NULL);
		const uint32_t healthy = options_get(sim, fields[i]);

		options_cpu2_write(sim, "nBOOT1", 0); /* somebody's choice, in OPTR */
		assert_true(wbsim_corrupt_option(sim, fields[i]));
		cycle(sim);
		assert_int_equal(rd(sim, SR) & OPTVERR, OPTVERR);
		assert_int_equal(view(sim).sfsa, 0xF4);
		assert_int_equal(view(sim).sbrv, 0x3D000);
		assert_int_equal(options_get(sim, "nBOOT1"), i < 5); /* the whole word is lost */
		assert_int_equal(options_get(sim, "RDP"), 0xAA);
		assert_int_equal(options_get(sim, fields[i]), healthy);
		wr(sim, PWR_CR4, C2BOOT);
		assert_string_equal(view(sim).runs, "fus");
		wbsim_free(sim);
	}
}

static void a_corrupt_secure_field_selects_safeboot(void **state)
{
	static const char *const fields[] = { "ESE", "SFSA", "FSD", "DDS", "SBRV", "SBRSA", "BRSD",
		"NBRSD", "C2OPT" };
	static const char *const parts[] = { "wb55rg", "wb35cc", "wb15cc" };

	(void)state;
	for (size_t i = 0; i < 3 * sizeof(fields) / sizeof(fields[0]); i++) {
		struct wbsim *sim = chip(parts[i % 3], "2.2.0", NULL);

		assert_true(wbsim_corrupt_option(sim, fields[i / 3]));
		cycle(sim);
		assert_int_equal(rd(sim, SR) & OPTVERR, OPTVERR);
		assert_int_equal(view(sim).sfsa, 0);
		assert_int_equal(view(sim).sbrv, i % 3 == 2 ? 0x13E00 : 0x3FC00);
		assert_int_equal(options_get(sim, "ESE"), 1);
		wbsim_free(sim);
	}
}

static void no_such_option_field_is_said(void **state)
{
	struct wbsim *sim = chip("wb55rg", "2.2.0", NULL);

	(void)state;
	assert_false(wbsim_corrupt_option(sim, "IRHEN"));
	assert_false(wbsim_corrupt_option(sim, ""));
	wbsim_free(sim);
}

static void all_user_words_can_be_lost_at_once_and_written_anew(void **state)
{
	struct wbsim *sim = chip("wb55rg", "2.2.0", NULL);

	(void)state;
	options_corrupt_user(sim);
	cycle(sim);
	assert_int_equal(rd(sim, SR) & OPTVERR, OPTVERR);
	assert_int_equal(view(sim).sfsa, 0xF4);
	cycle(sim);
	assert_int_equal(rd(sim, SR) & OPTVERR, OPTVERR); /* it does not heal by itself */
	wr(sim, SR, OPTVERR);
	unlock_options(sim);
	wr(sim, OPTR, rd(sim, OPTR));
	wr(sim, CR, OPTSTRT);
	wbsim_sleep(sim, SECOND);
	cycle(sim);
	assert_int_equal(rd(sim, SR) & OPTVERR, 0);
	assert_int_equal(view(sim).sbrv, 0x3D000);
	wbsim_free(sim);
}

static void rdp_of_a_corrupt_word_is_a_switch(void **state)
{
	struct wbsim *sim = chip("wb55rg", "2.2.0", "rdp-mismatch=1");
	uint32_t val;

	(void)state;
	assert_true(wbsim_corrupt_option(sim, "nBOOT0"));
	cycle(sim);
	assert_false(bus_read(sim, SIM_DEBUG, 0x08000000, 4, &val)); /* level 1 */
	assert_int_equal(view(sim).sfsa, 0xF4);
	wbsim_free(sim);
}

static void a_brown_out_may_hit_the_users_words_only(void **state)
{
	struct wbsim *sim = chip("wb55rg", "2.2.0", NULL);
	char why[128];

	(void)state;
	assert_true(wbsim_add_fault(sim, "command=1:brown-out-user=50", why, sizeof(why)));
	assert_int_not_equal(wbsim_attach(sim), WBSIM_OK);
	wbsim_sleep(sim, 100 * MS_NS);
	assert_int_equal(wbsim_attach(sim), WBSIM_OK);
	assert_int_equal(rd(sim, SR) & OPTVERR, OPTVERR);
	assert_int_equal(view(sim).sfsa, 0xF4);
	wbsim_free(sim);
}

/* ---- Safeboot ------------------------------------------------------------------------------- */

struct place {
	const char *part, *fus;
	uint32_t sfsa, sbrv; /* of its FUS */
};

static const struct place places[] = {
	{ "wb55rg", "1.1.0", 0xF4, 0x3D000 },
	{ "wb55rg", "1.2.0", 0xF4, 0x3D000 },
	{ "wb55re", "2.0.0", 0xF4, 0x3D000 },
	{ "wb55vy", "1.1.1", 0xF4, 0x3D000 },
	{ "wb35cc", "2.2.0", 0xF4, 0x3D000 },
	{ "wb15cc", "1.2.0", 0x8C, 0x11800 },
	{ "wb1mmc", "2.1.0", 0x8C, 0x11800 },
};
#define PLACES (sizeof(places) / sizeof(places[0]))

/* User flash holds an application, Safeboot is selected. */
static struct wbsim *fallen(const struct place *p, const char *quirk)
{
	struct wbsim *sim = chip(p->part, p->fus, quirk);
	uint32_t word = 0x12345678;

	assert_true(wbsim_poke(sim, 0x08000000, &word, 4));
	assert_true(wbsim_poke(sim, USER_END - 8, &word, 4));
	assert_true(wbsim_corrupt_option(sim, "SBRV"));
	cycle(sim);
	assert_int_equal(view(sim).sfsa, 0);
	assert_int_equal(rd(sim, 0x08000000), 0); /* all of flash is secure */
	return sim;
}

static void assert_virgin(struct wbsim *sim, const struct place *p)
{
	assert_int_equal(view(sim).sfsa, p->sfsa);
	assert_int_equal(view(sim).sbrv, p->sbrv);
	assert_int_equal(rd(sim, 0x08000000), UINT32_MAX);
	assert_int_equal(rd(sim, USER_END - 8), UINT32_MAX);
	assert_false(view(sim).dead);
	wr(sim, PWR_CR4, C2BOOT);
	assert_string_equal(view(sim).runs, "fus");
}

static void safeboot_resets_every_family_to_factory_state(void **state)
{
	(void)state;
	for (size_t i = 0; i < PLACES; i++) {
		struct wbsim *sim = fallen(&places[i], NULL);

		wbsim_sleep(sim, 10 * SECOND); /* not by itself: C2BOOT is needed */
		assert_int_equal(view(sim).sfsa, 0);
		wr(sim, PWR_CR4, C2BOOT);
		assert_string_equal(view(sim).runs, "safeboot");
		wbsim_sleep(sim, SECOND);
		assert_string_equal(view(sim).busy_step, "safeboot");
		assert_int_equal(view(sim).sfsa, 0);
		wbsim_sleep(sim, 9 * SECOND);
		wbsim_attach(sim);
		assert_virgin(sim, &places[i]);
		wbsim_free(sim);
	}
}

static void safeboot_may_want_a_power_cycle(void **state)
{
	(void)state;
	for (size_t i = 0; i < PLACES; i++) {
		struct wbsim *sim = fallen(&places[i], "safeboot=power-cycle");

		wr(sim, PWR_CR4, C2BOOT);
		wbsim_sleep(sim, 30 * SECOND);
		assert_int_equal(view(sim).sfsa, 0);
		assert_false(view(sim).busy);
		sim_reset_request(sim, SIM_RESET_NRST); /* a reset does not load option bytes */
		sim_reset_settle(sim);
		assert_int_equal(view(sim).sfsa, 0);
		cycle(sim);
		assert_virgin(sim, &places[i]);
		wbsim_free(sim);
	}
}

static void safeboot_may_do_nothing(void **state)
{
	static const struct place old = { "wb55rg", "1.0.2", 0xF4, 0x3D000 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct wbsim *sim =
			i ? fallen(&old, NULL) : fallen(&places[1], "safeboot=nothing");

		wr(sim, PWR_CR4, C2BOOT);
		wbsim_sleep(sim, 60 * SECOND);
		cycle(sim);
		wr(sim, PWR_CR4, C2BOOT);
		wbsim_sleep(sim, 60 * SECOND);
		assert_int_equal(view(sim).sfsa, 0);
		assert_string_equal(view(sim).runs, "dead");
		assert_true(view(sim).dead);
		wbsim_free(sim);
	}
}

/* Cut in any step, more than once: the next C2BOOT begins again. */
static void safeboot_cut_anywhere_ends_the_same(void **state)
{
	static const char *const steps[] = { "safeboot", "erase-user", "forget",
		"restore-options" };

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(steps) / sizeof(steps[0]); i++) {
		struct wbsim *sim = fallen(&places[1], i & 1 ? "alt-order" : NULL);
		char fault[64], why[128];

		snprintf(fault, sizeof(fault), "step=%s:power-cut=10", steps[i / 2]);
		assert_true(wbsim_add_fault(sim, fault, why, sizeof(why)));
		wr(sim, PWR_CR4, C2BOOT);
		wbsim_sleep(sim, 10 * SECOND);
		assert_int_equal(wbsim_stats(sim)->faults, 1);
		wbsim_attach(sim);
		assert_int_equal(view(sim).sfsa, 0);
		wr(sim, PWR_CR4, C2BOOT);
		wbsim_sleep(sim, 10 * SECOND);
		wbsim_attach(sim);
		assert_virgin(sim, &places[1]);
		wbsim_free(sim);
	}
}

/* ---- broken cells --------------------------------------------------------------------------- */

static void broken_fus_code_is_silent_and_in_eccr(void **state)
{
	struct wbsim *sim = chip("wb55rg", "1.2.0", NULL);

	(void)state;
	assert_true(wbsim_corrupt(sim, 0x080F5008, 8, 2));
	wr(sim, PWR_CR4, C2BOOT);
	wbsim_sleep(sim, SECOND);
	assert_string_equal(view(sim).runs, "dead");
	assert_int_equal(rd(sim, ECCR), ECCD | ECC_BY_CPU2 | (0x080F5008 - 0x08000000) / 8);
	wbsim_free(sim);
}

static void one_wrong_bit_in_fus_code_is_put_right(void **state)
{
	struct wbsim *sim = chip("wb55rg", "1.2.0", NULL);

	(void)state;
	assert_true(wbsim_corrupt(sim, 0x080F5008, 8, 1));
	wr(sim, PWR_CR4, C2BOOT);
	assert_string_equal(view(sim).runs, "fus");
	assert_int_equal(rd(sim, ECCR) >> 30, 1);
	wbsim_free(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_corrupt_user_field_gives_defaults_and_optverr),
		cmocka_unit_test(a_corrupt_secure_field_selects_safeboot),
		cmocka_unit_test(no_such_option_field_is_said),
		cmocka_unit_test(all_user_words_can_be_lost_at_once_and_written_anew),
		cmocka_unit_test(a_brown_out_may_hit_the_users_words_only),
		cmocka_unit_test(rdp_of_a_corrupt_word_is_a_switch),
		cmocka_unit_test(safeboot_resets_every_family_to_factory_state),
		cmocka_unit_test(safeboot_may_want_a_power_cycle),
		cmocka_unit_test(safeboot_may_do_nothing),
		cmocka_unit_test(safeboot_cut_anywhere_ends_the_same),
		cmocka_unit_test(broken_fus_code_is_silent_and_in_eccr),
		cmocka_unit_test(one_wrong_bit_in_fus_code_is_put_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

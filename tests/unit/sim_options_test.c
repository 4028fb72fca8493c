/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Option bytes of the virtual chip: the page, its registers, who may change what, and when. */
#include "sim_board.h"

#include <string.h>

#define SR FLASH_REG(0x10)
#define CR FLASH_REG(0x14)
#define OPTR FLASH_REG(0x20)
#define SFR FLASH_REG(0x80)
#define SRRVR FLASH_REG(0x84)
#define OPTSTRT (1u << 17)
#define OBL_LAUNCH (1u << 27)
#define OPTVERR (1u << 15)
#define NBOOT0 (1u << 27)
#define PAGE 0x1FFF8000u

static void healthy_values_and_complements(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);

	(void)state;
	assert_int_equal(rd(sim, OPTR), 0x3FFFF1AA);
	assert_int_equal(rd(sim, SFR) & 0xFF, 0xF4);
	assert_int_equal(rd(sim, SRRVR) & 0x3FFFF, 0x3D000);
	assert_int_equal(options_get(sim, "C2OPT"), 1);
	assert_int_equal(rd(sim, FLASH_REG(0x3C)), 0xFFFFC000);
	for (uint32_t at = PAGE; at < PAGE + 128; at += 8)
		assert_int_equal(rd(sim, at), ~rd(sim, at + 4));
	assert_int_equal(rd(sim, SR) & OPTVERR, 0);
	wbsim_free(sim);
}

static void registers_need_the_option_keys(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);

	(void)state;
	unlock(sim);
	wr(sim, OPTR, 0x3FFFF1AA & ~NBOOT0);
	assert_int_equal(rd(sim, OPTR), 0x3FFFF1AA);
	wr(sim, CR, OBL_LAUNCH);
	wbsim_sleep(sim, 1);
	assert_int_equal(sim->stats.resets, 0);
	wbsim_free(sim);
}

static void a_written_option_counts_after_obl_launch(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);

	(void)state;
	unlock_options(sim);
	wr(sim, OPTR, 0x3FFFF1AA & ~NBOOT0);
	wr(sim, CR, OPTSTRT);
	assert_int_equal(rd(sim, SR) & 0x10000, 0x10000);
	wbsim_sleep(sim, 30 * MS_NS);
	assert_int_equal(rd(sim, SR) & 0x10000, 0);
	assert_int_equal(sim->stats.option_writes, 1);
	assert_int_equal(options_get(sim, "nBOOT0"), 1);
	wr(sim, CR, OBL_LAUNCH);
	assert_int_equal(rd(sim, OPTR), 0x3FFFF1AA & ~NBOOT0);
	assert_int_equal(options_get(sim, "nBOOT0"), 0);
	assert_int_equal(sim->stats.resets, 1);
	assert_int_equal(rd(sim, 0x58000094) & 0x02000000, 0x02000000); /* OBLRSTF */
	wbsim_free(sim);
}

static void cpu1_cannot_change_secure_options(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);
	uint32_t sfr = rd(sim, SFR), srrvr = rd(sim, SRRVR);

	(void)state;
	unlock_options(sim);
	wr(sim, SFR, 0);
	wr(sim, SRRVR, 0x3FC00);
	wr(sim, OPTR, rd(sim, OPTR) & ~0x100u);
	wr(sim, CR, OPTSTRT);
	wbsim_sleep(sim, 30 * MS_NS);
	wr(sim, CR, OBL_LAUNCH);
	assert_int_equal(rd(sim, SFR), sfr);
	assert_int_equal(rd(sim, SRRVR), srrvr);
	assert_int_equal(options_get(sim, "ESE"), 1);
	wbsim_free(sim);
}

static void cpu2s_write_counts_after_a_load(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);

	(void)state;
	options_cpu2_write(sim, "SFSA", 0xCB);
	assert_int_equal(options_get(sim, "SFSA"), 0xF4);
	sim_reset_request(sim, SIM_RESET_CPU2);
	sim_reset_settle(sim);
	assert_int_equal(options_get(sim, "SFSA"), 0xF4);
	sim_reset_request(sim, SIM_RESET_OBL);
	sim_reset_settle(sim);
	assert_int_equal(options_get(sim, "SFSA"), 0xCB);
	assert_int_equal(flash_secure_start(sim), 0x080CB000);
	wbsim_free(sim);
}

static void power_cut_in_an_option_write_selects_safeboot(void **state)
{
	static const char *const faults[] = { "flash=1:power-cut=5", NULL };
	struct wbsim *sim = board(NULL, NULL, NULL, faults);

	(void)state;
	unlock_options(sim);
	wr(sim, OPTR, rd(sim, OPTR) & ~NBOOT0);
	wr(sim, CR, OPTSTRT);
	wbsim_sleep(sim, 10 * MS_NS);
	assert_int_equal(options_get(sim, "SFSA"), 0);
	assert_int_equal(options_get(sim, "SBRV"), 0x3FC00);
	assert_int_equal(rd(sim, SR) & OPTVERR, OPTVERR);
	/* the firmware can repair it */
	options_cpu2_write(sim, "SFSA", 0xF4);
	options_cpu2_write(sim, "SBRV", 0x3D000);
	sim_reset_request(sim, SIM_RESET_OBL);
	assert_int_equal(rd(sim, SFR) & 0xFF, 0xF4);
	assert_int_equal(rd(sim, SR) & OPTVERR, 0);
	wbsim_free(sim);
}

static void a_reset_in_an_option_write_selects_safeboot_if_asked_to(void **state)
{
	static const char *const quirks[] = { "reset-in-flash=options", NULL };

	(void)state;
	for (int spoils = 0; spoils < 2; spoils++) {
		struct wbsim *sim = board(NULL, spoils ? quirks : NULL, NULL, NULL);

		unlock_options(sim);
		wr(sim, CR, OPTSTRT);
		sim_reset_request(sim, SIM_RESET_NRST);
		sim_reset_settle(sim);
		assert_int_equal(options_get(sim, "SFSA"), 0xF4); /* as it was loaded */
		sim_reset_request(sim, SIM_RESET_OBL);
		sim_reset_settle(sim);
		assert_int_equal(options_get(sim, "SFSA"), spoils ? 0 : 0xF4);
		assert_int_equal(options_get(sim, "SBRV"), spoils ? 0x3FC00 : 0x3D000);
		wbsim_free(sim);
	}
}

static void rdp_1_closes_flash_and_costs_it_to_open(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);
	uint32_t word = 0x1234, val;

	(void)state;
	wbsim_poke(sim, 0x08001000, &word, 4);
	options_cpu2_write(sim, "RDP", 0xBB);
	sim_reset_request(sim, SIM_RESET_OBL);
	assert_false(bus_read(sim, SIM_DEBUG, 0x08001000, 4, &val));
	assert_true(bus_read(sim, SIM_DEBUG, 0x20000000, 4, &val));
	unlock_options(sim);
	wr(sim, OPTR, 0x3FFFF1AA);
	wr(sim, CR, OPTSTRT);
	wbsim_sleep(sim, 30 * MS_NS);
	wr(sim, CR, OBL_LAUNCH);
	assert_int_equal(rd(sim, 0x08001000), 0xFFFFFFFF);
	wbsim_free(sim);
}

static void rdp_2_closes_the_port(void **state)
{
	static const char *const options[] = { "RDP=0xCC", NULL };
	struct wbsim *sim = board(NULL, NULL, options, NULL);

	(void)state;
	assert_false(dap_alive(sim));
	wbsim_free(sim);
}

static void option_words_are_checked(void **state)
{
	static const struct {
		const char *word, *needle;
	} bad[] = {
		{ "SFSA", "NAME=VALUE" },
		{ "FOO=1", "no such field" },
		{ "SFSA=256", "8 bits" },
		{ "SFSA=", "number" },
		{ "SFSA=1x", "number" },
		{ "SBRV=-1", "number" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *const words[] = { bad[i].word, NULL };
		struct wbsim_config cfg = { .options = words };
		char why[256];

		assert_null(wbsim_new(&cfg, why, sizeof(why)));
		assert_non_null(strstr(why, bad[i].needle));
	}
}

static void quirk_words_are_checked_and_listed(void **state)
{
	static const char *const bad[] = { "nonsense", "secure-access=maybe", "optverr=1",
		"ipccdba", "dap-lost-on-reset=soon" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *const words[] = { bad[i], NULL };
		struct wbsim_config cfg = { .quirks = words };
		char why[512];

		assert_null(wbsim_new(&cfg, why, sizeof(why)));
		assert_non_null(strstr(why, bad[i]));
		assert_non_null(strstr(why, "alt-order"));
	}
}

static void quirks_do_what_they_say(void **state)
{
	static const char *const quirks[] = { "optverr", "iwdg-on", "ipccdba=64", "nvm-pages=below",
		"dap-lost-on-reset", NULL };
	struct wbsim *sim = board(NULL, quirks, NULL, NULL);

	(void)state;
	assert_int_equal(rd(sim, SR) & OPTVERR, OPTVERR);
	wr(sim, SR, OPTVERR);
	assert_int_equal(rd(sim, SR) & OPTVERR, 0);
	assert_int_equal(rd(sim, OPTR) & 0x10000, 0); /* IWDG_SW */
	assert_int_equal(options_get(sim, "IPCCDBA"), 64);
	assert_true(sim->quirks.nvm_below);
	assert_int_equal(sim->quirks.dap_lost_ms, 5);
	wbsim_free(sim);
}

static void every_part_is_consistent(void **state)
{
	static const char *const names[] = { "wb55rg", "wb55vy", "wb55re", "wb55rc", "wb5mmg",
		"wb50cg", "wb35ce", "wb35cc", "wb30ce", "wb15cc", "wb10cc", "wb1mmc" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct wbsim *sim = board(names[i], NULL, NULL, NULL);

		assert_int_equal(rd(sim, 0x1FFF75E0) & 0xFFFF, sim->part->flash_kib);
		assert_int_equal(rd(sim, 0xE0042000) & 0xFFF, sim->part->dev_id);
		assert_int_equal(flash_secure_start(sim), sim->part->fus_start);
		assert_int_equal(0x08000000 + 4 * options_get(sim, "SBRV"), sim->part->fus_start);
		wbsim_free(sim);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(healthy_values_and_complements),
		cmocka_unit_test(registers_need_the_option_keys),
		cmocka_unit_test(a_written_option_counts_after_obl_launch),
		cmocka_unit_test(cpu1_cannot_change_secure_options),
		cmocka_unit_test(cpu2s_write_counts_after_a_load),
		cmocka_unit_test(power_cut_in_an_option_write_selects_safeboot),
		cmocka_unit_test(a_reset_in_an_option_write_selects_safeboot_if_asked_to),
		cmocka_unit_test(rdp_1_closes_flash_and_costs_it_to_open),
		cmocka_unit_test(rdp_2_closes_the_port),
		cmocka_unit_test(option_words_are_checked),
		cmocka_unit_test(quirk_words_are_checked_and_listed),
		cmocka_unit_test(quirks_do_what_they_say),
		cmocka_unit_test(every_part_is_consistent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

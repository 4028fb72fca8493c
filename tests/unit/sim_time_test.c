/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Virtual time, resets, power, watchdog, and the small devices between the two cores. */
#include "sim_board.h"

#include <string.h>

#define RCC_AHB1ENR 0x58000048u
#define RCC_AHB3ENR 0x58000050u
#define RCC_CSR 0x58000094u
#define PWR_CR4 0x5800040Cu
#define IPCC(offset) (0x58000C00u + (offset))
#define HSEM(offset) (0x58001400u + (offset))
#define IWDG(offset) (0x40003000u + (offset))
#define CRC(offset) (0x40023000u + (offset))
#define DBGMCU(offset) (0xE0042000u + (offset))
#define DHCSR 0xE000EDF0u
#define DEMCR 0xE000EDFCu
#define HALT 0xA05F0003u
#define C2BOOT 0x8000u
#define IPCCEN (1u << 20)
#define FLAGS 0xFE000000u
#define SFTRSTF (1u << 28)
#define PINRSTF (1u << 26)
#define BORRSTF (1u << 27)
#define IWDGRSTF (1u << 29)
#define SRAM1 0x20000000u
#define SRAM2A 0x20030000u

static void reset_of(struct wbsim *sim, enum sim_reset cause)
{
	sim_reset_request(sim, cause);
	sim_reset_settle(sim);
}

static void sleep_is_idle_time_exactly(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);
	uint64_t start = sim->now;

	(void)state;
	wbsim_sleep(sim, 12345678);
	assert_int_equal(sim->stats.ns_idle, 12345678);
	assert_in_range(sim->now - start, 12345678, 12345678 + 1000);
	assert_int_equal(sim->stats.ns_wire, 0);
	wbsim_free(sim);
}

static void reset_flags_tell_who_it_was(void **state)
{
	static const struct {
		enum sim_reset cause;
		uint32_t flags;
	} rows[] = {
		{ SIM_RESET_NRST, PINRSTF },
		{ SIM_RESET_SYSRESETREQ, SFTRSTF | PINRSTF },
		{ SIM_RESET_CPU2, SFTRSTF | PINRSTF },
		{ SIM_RESET_OBL, 1u << 25 | PINRSTF },
		{ SIM_RESET_IWDG, IWDGRSTF | PINRSTF },
		{ SIM_RESET_POWER, BORRSTF | PINRSTF },
	};
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);

	(void)state;
	assert_int_equal(rd(sim, RCC_CSR), 0x0C000000); /* as the SVD has it */
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		wr(sim, RCC_CSR, 1u << 23); /* RMVF */
		assert_int_equal(rd(sim, RCC_CSR) & FLAGS, 0);
		wr(sim, RCC_CSR, 0);
		reset_of(sim, rows[i].cause);
		assert_int_equal(rd(sim, RCC_CSR) & FLAGS, rows[i].flags);
	}
	assert_int_equal(sim->stats.resets, 6);
	wbsim_free(sim);
}

static void sram_survives_resets_but_not_power(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);

	(void)state;
	wr(sim, SRAM1, 0x600D600D);
	wr(sim, SRAM2A, 0x600D600D);
	reset_of(sim, SIM_RESET_CPU2);
	assert_int_equal(rd(sim, SRAM1), 0x600D600D);
	assert_int_equal(rd(sim, SRAM2A), 0x600D600D);
	wbsim_power(sim, false);
	wbsim_power(sim, true);
	assert_int_not_equal(rd(sim, SRAM1), 0x600D600D);
	assert_int_not_equal(rd(sim, SRAM2A), 0x600D600D);
	wbsim_free(sim);
}

static void sram2_can_be_erased_by_a_reset(void **state)
{
	static const char *const quirks[] = { "sram2-erased-on-reset", NULL };
	struct wbsim *sim = board(NULL, quirks, NULL, NULL);

	(void)state;
	wr(sim, SRAM1, 0x600D600D);
	wr(sim, SRAM2A, 0x600D600D);
	reset_of(sim, SIM_RESET_SYSRESETREQ);
	assert_int_equal(rd(sim, SRAM1), 0x600D600D);
	assert_int_equal(rd(sim, SRAM2A), 0);
	wbsim_free(sim);
}

static void secure_sram2_is_fenced(void **state)
{
	static const char *const options[] = { "BRSD=0", "SBRSA=2", NULL };
	struct wbsim *sim = board(NULL, NULL, options, NULL);
	uint32_t secret = 0x5EC4E7, word;

	(void)state;
	assert_true(wbsim_poke(sim, SRAM2A + 2048, &secret, 4));
	assert_int_equal(rd(sim, SRAM2A + 2048), 0);
	wr(sim, SRAM2A + 2048, 1);
	assert_true(wbsim_peek(sim, SRAM2A + 2048, &word, 4));
	assert_int_equal(word, secret);
	wr(sim, SRAM2A + 2044, 7);
	assert_int_equal(rd(sim, SRAM2A + 2044), 7);
	wbsim_free(sim);
}

static void c2boot_is_one_shot_per_reset(void **state)
{
	static const char *const quirks[] = { "mute-cpu2", NULL };
	struct wbsim *sim = board(NULL, quirks, NULL, NULL);

	(void)state;
	assert_false(pwr_c2boot(sim));
	wr(sim, PWR_CR4, C2BOOT);
	assert_true(pwr_c2boot(sim));
	wr(sim, PWR_CR4, 0);
	assert_false(pwr_set_c2boot(sim));
	reset_of(sim, SIM_RESET_SYSRESETREQ);
	assert_false(pwr_c2boot(sim));
	assert_true(pwr_set_c2boot(sim));
	wbsim_free(sim);
}

static void ipcc_needs_its_clock_and_keeps_both_sides(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);

	(void)state;
	assert_int_equal(rd(sim, IPCC(0x04)), 0);
	wr(sim, IPCC(0x08), 1u << 17);
	assert_false(ipcc_c1_to_c2(sim, 2));
	wr(sim, RCC_AHB3ENR, rd(sim, RCC_AHB3ENR) | IPCCEN);
	assert_int_equal(rd(sim, IPCC(0x04)), 0xFFFFFFFF);
	wr(sim, IPCC(0x08), 1u << 17);
	assert_true(ipcc_c1_to_c2(sim, 2));
	assert_int_equal(rd(sim, IPCC(0x0C)), 2);
	ipcc_c2_clear(sim, 2);
	assert_int_equal(rd(sim, IPCC(0x0C)), 0);
	ipcc_c2_set(sim, 2);
	assert_int_equal(rd(sim, IPCC(0x1C)), 2);
	wr(sim, IPCC(0x08), 1u << 1);
	assert_int_equal(rd(sim, IPCC(0x1C)), 0);
	wr(sim, IPCC(0x18), 1u << 19); /* CPU1's side may write C2SCR */
	assert_int_equal(rd(sim, IPCC(0x1C)), 8);
	wbsim_free(sim);
}

static void reading_rlr_takes_a_semaphore(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);
	uint32_t word;

	(void)state;
	assert_true(wbsim_peek(sim, HSEM(0x80 + 8), &word, 4));
	assert_int_equal(rd(sim, HSEM(8)), 0);
	assert_int_equal(rd(sim, HSEM(0x80 + 8)), 0x80000400);
	assert_int_equal(rd(sim, HSEM(8)), 0x80000400);
	wr(sim, HSEM(8), 0x00000800); /* not its owner */
	assert_int_equal(rd(sim, HSEM(8)), 0x80000400);
	wr(sim, HSEM(8), 0x00000400);
	assert_int_equal(rd(sim, HSEM(8)), 0);
	assert_true(bus_read(sim, SIM_CPU2, HSEM(0x80 + 28), 4, &word));
	assert_int_equal(word, 0x80000800);
	wbsim_free(sim);
}

static void nrst_holds_all_but_the_debug_port(void **state)
{
	static const char *const quirks[] = { "rom-started-fus", NULL };
	struct wbsim *sim = board(NULL, quirks, NULL, NULL);
	struct wbsim_cpu2_view v;
	uint32_t idcode = rd(sim, DBGMCU(0));

	(void)state;
	wr(sim, SRAM1, 0x600D600D);
	sim_nrst(sim, true);
	assert_int_equal(rd(sim, SRAM1), 0);
	assert_int_equal(rd(sim, FLASH_REG(0x20)), 0);
	wr(sim, SRAM1, 0xBAD);
	wr(sim, 0x5800040C, 1u << 15); /* C2BOOT */
	wr(sim, DEMCR, 1);
	assert_int_equal(rd(sim, DEMCR), 1);
	assert_int_equal(rd(sim, DBGMCU(0)), idcode);
	sim_nrst(sim, false);
	assert_int_equal(rd(sim, SRAM1), 0x600D600D);
	assert_int_equal(rd(sim, 0x5800040C) >> 15, 0);
	wbsim_power(sim, false);
	sim_nrst(sim, true);
	wbsim_power(sim, true);
	wbsim_sleep(sim, 1000 * MS_NS);
	wbsim_cpu2_view(sim, &v);
	assert_string_equal(v.runs, "off");
	sim_nrst(sim, false);
	wbsim_sleep(sim, 100 * MS_NS);
	wbsim_cpu2_view(sim, &v);
	assert_string_equal(v.runs, "fus");
	wbsim_free(sim);
}

static void a_semaphore_is_locked_and_freed_by_its_own_core(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);

	(void)state;
	wr(sim, HSEM(12), 0x80000801); /* in CPU2's name */
	assert_int_equal(rd(sim, HSEM(12)), 0);
	wr(sim, HSEM(12), 0x80000401);
	assert_int_equal(rd(sim, HSEM(12)), 0x80000401);
	assert_true(bus_write(sim, SIM_CPU2, HSEM(12), 4, 0x00000401));
	assert_int_equal(rd(sim, HSEM(12)), 0x80000401);
	wr(sim, HSEM(12), 0x00000402); /* another process */
	assert_int_equal(rd(sim, HSEM(12)), 0x80000401);
	wr(sim, HSEM(12), 0x00000401);
	assert_int_equal(rd(sim, HSEM(12)), 0);
	assert_true(bus_write(sim, SIM_CPU2, HSEM(12), 4, 0x80000800));
	wr(sim, HSEM(12), 0x00000800);
	assert_int_equal(rd(sim, HSEM(12)), 0x80000800);
	wbsim_free(sim);
}

static void hardware_watchdog_bites_and_can_be_frozen(void **state)
{
	static const char *const quirks[] = { "iwdg-on", NULL };
	struct wbsim *sim = board(NULL, quirks, NULL, NULL);

	(void)state;
	wbsim_sleep(sim, 511 * MS_NS);
	assert_int_equal(sim->stats.resets, 0);
	wbsim_sleep(sim, 2 * MS_NS);
	assert_int_equal(sim->stats.resets, 1);
	assert_int_equal(rd(sim, RCC_CSR) & IWDGRSTF, IWDGRSTF);
	wr(sim, DHCSR, HALT);
	wr(sim, DBGMCU(0x3C), 1u << 12);
	wbsim_sleep(sim, 5000 * MS_NS);
	assert_int_equal(sim->stats.resets, 1);
	wr(sim, DBGMCU(0x3C), 0);
	wbsim_sleep(sim, 513 * MS_NS);
	assert_int_equal(sim->stats.resets, 2);
	wbsim_free(sim);
}

static void software_watchdog_starts_by_key_and_is_fed(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);

	(void)state;
	wr(sim, IWDG(0), 0x5555);
	wr(sim, IWDG(4), 0);
	wr(sim, IWDG(8), 319); /* 320 x 4 / 32 kHz = 40 ms */
	wr(sim, IWDG(0), 0xCCCC);
	for (unsigned int i = 0; i < 10; i++) {
		wbsim_sleep(sim, 39 * MS_NS);
		wr(sim, IWDG(0), 0xAAAA);
	}
	assert_int_equal(sim->stats.resets, 0);
	wbsim_sleep(sim, 41 * MS_NS);
	assert_int_equal(sim->stats.resets, 1);
	wbsim_sleep(sim, 10000 * MS_NS); /* the reset stopped it */
	assert_int_equal(sim->stats.resets, 1);
	wbsim_free(sim);
}

static void crc_unit_computes_the_ethernet_crc(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);

	(void)state;
	wr(sim, CRC(0), 0x12345678);
	assert_int_equal(rd(sim, CRC(0)), 0); /* no clock */
	wr(sim, RCC_AHB1ENR, rd(sim, RCC_AHB1ENR) | 1u << 12);
	wr(sim, CRC(0), 0x12345678);
	assert_int_equal(rd(sim, CRC(0)), 0xDF8A8A2B); /* CRC-32/MPEG-2 of 12 34 56 78 */
	/* bytes and reversal: the CRC-32 of "123456789" */
	wr(sim, CRC(8), 0xA1);
	for (const char *c = "123456789"; *c; c++)
		assert_true(bus_write(sim, SIM_DEBUG, CRC(0), 1, (uint32_t)*c));
	assert_int_equal(~rd(sim, CRC(0)), 0xCBF43926);
	wbsim_free(sim);
}

static void clock_tree_gives_hclk(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);

	(void)state;
	assert_int_equal(rcc_hclk_hz(sim), 4000000);
	wr(sim, 0x58000000, 0xB1); /* MSI 48 MHz */
	assert_int_equal(rcc_hclk_hz(sim), 48000000);
	wr(sim, 0x58000000, 0xF1); /* reserved range: not taken */
	assert_int_equal(rcc_hclk_hz(sim), 48000000);
	wr(sim, 0x58000000, 0x100 | 0xB1);
	wr(sim, 0x58000008, 1); /* HSI */
	assert_int_equal(rd(sim, 0x58000008) & 0xF, 5);
	assert_int_equal(rcc_hclk_hz(sim), 16000000);
	wr(sim, 0x58000008, 1 | 8u << 4); /* HPRE /2 */
	assert_int_equal(rcc_hclk_hz(sim), 8000000);
	reset_of(sim, SIM_RESET_NRST);
	assert_int_equal(rcc_hclk_hz(sim), 4000000);
	wbsim_free(sim);
}

static void unmodelled_blocks_remember_and_holes_are_errors(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);
	uint32_t val;

	(void)state;
	assert_int_equal(rd(sim, 0x48000000), 0xABFFFFFF);
	wr(sim, 0x48000000, 0x12345678);
	assert_true(bus_write(sim, SIM_DEBUG, 0x48000001, 1, 0xEE));
	assert_int_equal(rd(sim, 0x48000000), 0x1234EE78);
	reset_of(sim, SIM_RESET_NRST);
	assert_int_equal(rd(sim, 0x48000000), 0xABFFFFFF);
	assert_false(bus_read(sim, SIM_DEBUG, 0x40100000, 4, &val));
	assert_false(bus_read(sim, SIM_DEBUG, 0x60000000, 4, &val));
	assert_false(bus_write(sim, SIM_DEBUG, 0x1FFF8000, 4, 0));
	assert_false(bus_read(sim, SIM_DEBUG, 0x20040000, 4, &val));
	wbsim_free(sim);
}

static void address_0_shows_what_the_last_reset_booted(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);
	uint32_t word = 0x20001000;

	(void)state;
	assert_int_equal(bus_boot_base(sim), 0x1FFF0000); /* blank flash: the ROM */
	assert_true(wbsim_poke(sim, 0x08000000, &word, 4));
	assert_int_equal(bus_boot_base(sim), 0x1FFF0000);
	reset_of(sim, SIM_RESET_SYSRESETREQ);
	assert_int_equal(bus_boot_base(sim), 0x08000000);
	assert_int_equal(rd(sim, 0), word);
	options_cpu2_write(sim, "nSWBOOT0", 0);
	options_cpu2_write(sim, "nBOOT0", 0);
	options_cpu2_write(sim, "nBOOT1", 0);
	reset_of(sim, SIM_RESET_OBL);
	assert_int_equal(bus_boot_base(sim), SRAM1);
	wr(sim, SRAM1, 0xABCD);
	assert_int_equal(rd(sim, 0), 0xABCD);
	wbsim_free(sim);
}

static void power_returns_by_itself(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);

	(void)state;
	sim_power_cut(sim, 50 * MS_NS);
	wbsim_sleep(sim, 49 * MS_NS);
	assert_false(sim->powered);
	assert_false(dap_alive(sim));
	wbsim_sleep(sim, 2 * MS_NS);
	assert_true(sim->powered);
	wbsim_free(sim);
}

static void fifty_boards_and_an_hour_cost_little(void **state)
{
	(void)state;
	/* a silent hour with CPU1 in its ROM loop and halted must not be simulated step by step */
	for (unsigned int i = 0; i < 50; i++) {
		struct wbsim *sim = board(NULL, NULL, NULL, NULL);

		wbsim_sleep(sim, 3600 * 1000 * MS_NS);
		wr(sim, DHCSR, HALT);
		wbsim_sleep(sim, 3600 * 1000 * MS_NS);
		assert_in_range(sim->now, 7200000 * MS_NS, 7200001 * MS_NS);
		wbsim_free(sim);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sleep_is_idle_time_exactly),
		cmocka_unit_test(reset_flags_tell_who_it_was),
		cmocka_unit_test(sram_survives_resets_but_not_power),
		cmocka_unit_test(sram2_can_be_erased_by_a_reset),
		cmocka_unit_test(secure_sram2_is_fenced),
		cmocka_unit_test(c2boot_is_one_shot_per_reset),
		cmocka_unit_test(ipcc_needs_its_clock_and_keeps_both_sides),
		cmocka_unit_test(reading_rlr_takes_a_semaphore),
		cmocka_unit_test(nrst_holds_all_but_the_debug_port),
		cmocka_unit_test(a_semaphore_is_locked_and_freed_by_its_own_core),
		cmocka_unit_test(hardware_watchdog_bites_and_can_be_frozen),
		cmocka_unit_test(software_watchdog_starts_by_key_and_is_fed),
		cmocka_unit_test(crc_unit_computes_the_ethernet_crc),
		cmocka_unit_test(clock_tree_gives_hclk),
		cmocka_unit_test(unmodelled_blocks_remember_and_holes_are_errors),
		cmocka_unit_test(address_0_shows_what_the_last_reset_booted),
		cmocka_unit_test(power_returns_by_itself),
		cmocka_unit_test(fifty_boards_and_an_hour_cost_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

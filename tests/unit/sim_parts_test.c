/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What differs between parts, and what flash holds back: SRAM2's two addresses on WB1x, the gap behind
 * user flash, ECC, PCROP and RDP as the debugger and CPU1 meet them, and chips that lie.
 */
#include <string.h>
#include "tests/unit/sim_board.h"

#define FLASH 0x08000000u
#define VICTIM 0x08010000u
#define SEEN 0x20000200u
#define ECCR FLASH_REG(0x18)
#define ECCC (1u << 30)
#define ECCD (1u << 31)
#define SR FLASH_REG(0x10)
#define SR_RDERR (1u << 14)
#define SR_BSY (1u << 16)
#define DHCSR 0xE000EDF0u
#define C_DEBUGEN 0xA05F0001u

static bool reads(struct wbsim *sim, uint32_t addr, uint32_t *val)
{
	return bus_read(sim, SIM_DEBUG, addr, 4, val);
}

/* An application that stores the word at an address at SEEN, over and over. */
static void load_reader_of(struct wbsim *sim, uint32_t victim)
{
	const uint32_t app[] = {
		0x20001000, FLASH + 9, /* stack, reset */
		0x68014802,	       /* ldr r0, [victim]; ldr r1, [r0] */
		0x60114a02,	       /* ldr r2, [SEEN]; str r1, [r2] */
		0xbf00e7fa,	       /* b to the start */
		victim, SEEN,
	};

	assert_true(wbsim_poke(sim, FLASH, app, sizeof(app)));
	wbsim_power(sim, false);
	wbsim_power(sim, true);
}

static void load_reader(struct wbsim *sim)
{
	load_reader_of(sim, VICTIM);
}

static uint32_t seen_by_cpu1(struct wbsim *sim)
{
	uint32_t val = 0;

	wbsim_sleep(sim, MS_NS);
	assert_true(wbsim_peek(sim, SEEN, &val, 4));
	return val;
}

static void cpu1_and_debugger_read_the_same(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);
	uint32_t word = 0x12345678;

	(void)state;
	wbsim_poke(sim, VICTIM, &word, 4);
	load_reader(sim);
	assert_int_equal(seen_by_cpu1(sim), word);
	assert_int_equal(rd(sim, VICTIM), word);
	assert_int_equal(rd(sim, ECCR) & (ECCC | ECCD), 0);
	wbsim_free(sim);
}

static void one_wrong_bit_is_put_right_and_flagged(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);
	uint32_t word = 0x12345678;

	(void)state;
	wbsim_poke(sim, VICTIM, &word, 4);
	assert_true(wbsim_corrupt(sim, VICTIM, 8, 1));
	assert_int_equal(rd(sim, VICTIM + 8), UINT32_MAX);
	assert_int_equal(rd(sim, ECCR), 0);
	assert_int_equal(rd(sim, VICTIM), word);
	assert_int_equal(rd(sim, ECCR), ECCC | (VICTIM - FLASH) / 8);
	wr(sim, ECCR, ECCC);
	assert_int_equal(rd(sim, ECCR) & ECCC, 0);
	/* the flags go, the cells stay as they are, over a power cycle too */
	wbsim_power(sim, false);
	wbsim_power(sim, true);
	rd(sim, VICTIM + 4);
	assert_true(rd(sim, ECCR) & ECCC);
	wbsim_free(sim);
}

static void two_wrong_bits_are_not(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);
	uint32_t word = 0x12345678;

	(void)state;
	wbsim_poke(sim, VICTIM, &word, 4);
	assert_true(wbsim_corrupt(sim, VICTIM - 8, 8, 1));
	assert_true(wbsim_corrupt(sim, VICTIM, 8, 2));
	assert_false(wbsim_corrupt(sim, VICTIM, 8, 3));
	assert_false(wbsim_corrupt(sim, VICTIM + 4, 8, 1));
	rd(sim, VICTIM - 8);
	assert_int_not_equal(rd(sim, VICTIM), word);
	/* the worse one takes the address */
	assert_int_equal(rd(sim, ECCR), ECCC | ECCD | (VICTIM - FLASH) / 8);
	wbsim_free(sim);
}

static void cpu1_finds_broken_cells_too(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);
	uint32_t eccr = 0;

	(void)state;
	assert_true(wbsim_corrupt(sim, VICTIM, 8, 2));
	load_reader(sim);
	seen_by_cpu1(sim);
	assert_true(wbsim_peek(sim, ECCR, &eccr, 4));
	assert_int_equal(eccr, ECCD | (VICTIM - FLASH) / 8);
	wbsim_free(sim);
}

static void pcrop_hides_from_both(void **state)
{
	static const char *const options[] = { "PCROP1A_STRT=0x20", "PCROP1A_END=0x21", NULL };
	struct wbsim *sim = board(NULL, NULL, options, NULL);
	uint32_t word = 0x12345678, sr = 0;

	(void)state;
	wbsim_poke(sim, VICTIM, &word, 4);
	load_reader(sim);
	wbsim_poke(sim, SEEN, &word, 4);
	assert_int_equal(seen_by_cpu1(sim), 0);
	assert_true(wbsim_peek(sim, SR, &sr, 4));
	assert_true(sr & SR_RDERR);
	assert_int_equal(rd(sim, VICTIM), 0);
	assert_true(wbsim_peek(sim, VICTIM, &word, 4));
	assert_int_equal(word, 0x12345678); /* hidden, not gone */
	wbsim_free(sim);
}

static void rdp_1_closes_flash_once_a_debugger_is_there(void **state)
{
	static const char *const options[] = { "RDP=0xBB", NULL };
	struct wbsim *sim = board(NULL, NULL, options, NULL);
	uint32_t word = 0x12345678;

	(void)state;
	wbsim_poke(sim, VICTIM, &word, 4);
	load_reader(sim);
	assert_int_equal(seen_by_cpu1(sim), 0x12345678);
	assert_false(reads(sim, VICTIM, &word));
	assert_true(reads(sim, SEEN, &word));
	wr(sim, DHCSR, C_DEBUGEN);
	word = 0;
	wbsim_poke(sim, SEEN, &word, 4);
	assert_int_equal(seen_by_cpu1(sim), 0); /* its next fetch fails */
	assert_int_equal(rd(sim, DHCSR) >> 19 & 1, 1); /* and so do its vectors: lockup */
	sim_reset_request(sim, SIM_RESET_NRST);
	sim_reset_settle(sim);
	assert_int_equal(seen_by_cpu1(sim), 0);
	wbsim_free(sim);
}

static void code_in_sram_outlives_rdp_1(void **state)
{
	static const char *const options[] = { "RDP=0xBB", NULL };
	/* adds r0, #1; str r0, [r1]; b back */
	static const uint32_t loop[] = { 0x60083001, 0xbf00e7fc };
	/* from address 8: ldr r0 and r1, the last two words; bx r0 */
	const uint32_t app[] = { 0x20001000, FLASH + 9, 0x49024801, 0xbf004700, 0x20000401, SEEN };
	struct wbsim *sim = board(NULL, NULL, options, NULL);
	uint32_t before, after;

	(void)state;
	assert_true(wbsim_poke(sim, FLASH, app, sizeof(app)));
	wbsim_power(sim, false);
	wbsim_power(sim, true);
	assert_true(wbsim_poke(sim, 0x20000400, loop, sizeof(loop)));
	before = seen_by_cpu1(sim);
	wr(sim, DHCSR, C_DEBUGEN);
	after = seen_by_cpu1(sim);
	assert_in_range(after, before + 1, before + 100000); /* r0 and r1 are what they were */
	wbsim_free(sim);
}

/* ---- where memory is -------------------------------------------------------------------------- */

static void wb1x_sram2_has_one_address_or_the_other_or_both(void **state)
{
	static const struct {
		const char *quirk;
		bool header, wiki;
	} rows[] = { { "sram2=both", true, true }, { "sram2=header", true, false },
		{ "sram2=wiki", false, true } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const quirks[] = { rows[i].quirk, NULL };
		struct wbsim *sim = board("wb15cc", quirks, NULL, NULL);
		uint32_t val;

		assert_int_equal(reads(sim, 0x20030000, &val), rows[i].header);
		assert_int_equal(reads(sim, 0x20038000, &val), rows[i].header);
		assert_int_equal(reads(sim, 0x20003000, &val), rows[i].wiki);
		assert_int_equal(reads(sim, 0x2000B000, &val), rows[i].wiki);
		assert_false(reads(sim, 0x2000C000, &val));
		if (rows[i].header && rows[i].wiki) {
			wr(sim, 0x20003010, 0xcafe);
			assert_int_equal(rd(sim, 0x20030010), 0xcafe);
		}
		wbsim_free(sim);
	}
}

static void cpu1_has_sram2_at_its_alias_too(void **state)
{
	static const char *const options[] = { "BRSD=0", "SBRSA=2", NULL };
	static const struct {
		uint32_t alias, home;
		bool open;
	} rows[] = { { 0x10000040, 0x20030040, true }, { 0x10000900, 0x20030900, false },
		{ 0x10008040, 0x20038040, true } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wbsim *sim = board(NULL, NULL, options, NULL);
		uint32_t word = 0x12345678, none = 0xABABABAB;

		load_reader_of(sim, rows[i].alias);
		assert_true(wbsim_poke(sim, rows[i].home, &word, 4));
		assert_true(wbsim_poke(sim, SEEN, &none, 4));
		assert_int_equal(seen_by_cpu1(sim), rows[i].open ? word : 0);
		assert_int_equal(rd(sim, rows[i].alias), rows[i].open ? word : 0);
		wbsim_free(sim);
	}
}

/* Code that CPU1 has run, written anew by the debugger: at one address or the other, it is that code. */
static void code_written_anew_runs_at_both_addresses(void **state)
{
	static const uint32_t at[] = { 0x20030040, 0x10000040, 0x20038040, 0x10008040 };
	const uint32_t gives_1 = 0x47702001, gives_2 = 0x47702002; /* movs r0, #n; bx lr */

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(at) / sizeof(at[0]); i++) {
		const uint32_t runs = at[i / 2], written = at[i / 4 * 2 + i % 2];
		const uint32_t app[] = { 0x20001000, FLASH + 9, /* stack, reset */
			0x47a04c02,	/* ldr r4, [runs]; blx r4 */
			0x60084902,	/* ldr r1, [SEEN]; str r0, [r1] */
			0xbf00e7fa,	/* b to the start */
			runs + 1, SEEN };
		struct wbsim *sim = board(NULL, NULL, NULL, NULL);

		assert_true(wbsim_poke(sim, FLASH, app, sizeof(app)));
		wr(sim, runs, gives_1);
		sim_reset_request(sim, SIM_RESET_NRST);
		sim_reset_settle(sim);
		assert_int_equal(seen_by_cpu1(sim), 1);
		wr(sim, written, gives_2);
		assert_int_equal(seen_by_cpu1(sim), 2);
		wbsim_free(sim);
	}
}

static void the_boot_memory_shows_at_0_as_far_as_it_goes(void **state)
{
	static const char *const sram[] = { "nSWBOOT0=0", "nBOOT0=0", "nBOOT1=0", NULL };
	struct wbsim *sim = board("wb15cc", NULL, sram, NULL);
	uint32_t val;

	(void)state;
	wr(sim, 0x20002FFC, 0x600D600D);
	assert_int_equal(rd(sim, 0x2FFC), 0x600D600D);
	assert_false(reads(sim, 0x3000, &val));
	wbsim_free(sim);
	sim = board("wb55rg", NULL, NULL, NULL); /* blank: the ROM */
	assert_int_equal(rd(sim, 0x6FFC), rd(sim, 0x1FFF6FFC));
	assert_false(reads(sim, 0x7000, &val));
	wbsim_free(sim);
}

static void blank_can_be_what_acr_says_not_what_flash_holds(void **state)
{
	static const char *const quirks[] = { "boot-blank=acr", NULL };
	const uint32_t first = 0x20001000, acr = FLASH_REG(0x00), empty = 1u << 16;
	struct wbsim *sim = board(NULL, quirks, NULL, NULL);

	(void)state;
	assert_int_equal(bus_boot_base(sim), 0x1FFF0000);
	wbsim_poke(sim, FLASH, &first, sizeof(first));
	sim_reset_request(sim, SIM_RESET_NRST);
	sim_reset_settle(sim);
	assert_int_equal(bus_boot_base(sim), 0x1FFF0000); /* as at power-on */
	wr(sim, acr, rd(sim, acr) & ~empty);
	sim_reset_request(sim, SIM_RESET_NRST);
	sim_reset_settle(sim);
	assert_int_equal(bus_boot_base(sim), FLASH);
	wr(sim, acr, rd(sim, acr) | empty);
	sim_reset_request(sim, SIM_RESET_NRST);
	sim_reset_settle(sim);
	assert_int_equal(bus_boot_base(sim), 0x1FFF0000);
	sim_reset_request(sim, SIM_RESET_OBL);
	sim_reset_settle(sim);
	assert_int_equal(bus_boot_base(sim), FLASH);
	wbsim_free(sim);
}

static void other_parts_have_no_second_address(void **state)
{
	static const char *const quirks[] = { "sram2=wiki", NULL };
	struct wbsim *sim = board("wb35ce", quirks, NULL, NULL);
	uint32_t val;

	(void)state;
	assert_true(reads(sim, 0x20030000, &val));
	assert_true(reads(sim, 0x20007FFC, &val));
	assert_false(reads(sim, 0x20008000, &val));
	wbsim_free(sim);
}

static void flash_behind_user_flash_reads_as_the_switch_says(void **state)
{
	static const struct {
		const char *quirk;
		bool answers;
		uint32_t val;
	} rows[] = { { "flash-gap=secure", true, 0 }, { "flash-gap=blank", true, UINT32_MAX },
		{ "flash-gap=cells", true, 0xcafe }, { "flash-gap=fault", false, 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const quirks[] = { rows[i].quirk, NULL };
		struct wbsim *sim = board("wb55re", quirks, NULL, NULL);
		uint32_t val = 0xcafe;

		assert_true(wbsim_poke(sim, 0x08080000, &val, 4));
		assert_int_equal(reads(sim, 0x08080000, &val), rows[i].answers);
		if (rows[i].answers)
			assert_int_equal(val, rows[i].val);
		/* the FUS behind it is secure in any case */
		assert_int_equal(rd(sim, 0x080F4000), 0);
		wbsim_free(sim);
	}
}

static void wb1x_flash_ends_with_its_die(void **state)
{
	struct wbsim *sim = board("wb15cc", NULL, NULL, NULL);
	uint32_t val;

	(void)state;
	assert_true(reads(sim, 0x0804FFFC, &val));
	assert_false(reads(sim, 0x08050000, &val));
	assert_int_equal(rd(sim, 0xE0042000) & 0xFFF, 0x494);
	assert_int_equal(rd(sim, 0x1FFF75E0) & 0xFFFF, 320);
	wbsim_free(sim);
}

/* ---- lies ------------------------------------------------------------------------------------- */

static void a_chip_can_lie(void **state)
{
	static const char *const quirks[] = { "flash-size=4096", "endless-bsy", NULL };
	struct wbsim *sim = board(NULL, quirks, NULL, NULL);

	(void)state;
	assert_int_equal(rd(sim, 0x1FFF75E0) & 0xFFFF, 4096);
	wbsim_sleep(sim, 1000 * MS_NS);
	assert_true(rd(sim, SR) & SR_BSY);
	wbsim_free(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cpu1_and_debugger_read_the_same),
		cmocka_unit_test(one_wrong_bit_is_put_right_and_flagged),
		cmocka_unit_test(two_wrong_bits_are_not),
		cmocka_unit_test(cpu1_finds_broken_cells_too),
		cmocka_unit_test(pcrop_hides_from_both),
		cmocka_unit_test(rdp_1_closes_flash_once_a_debugger_is_there),
		cmocka_unit_test(code_in_sram_outlives_rdp_1),
		cmocka_unit_test(wb1x_sram2_has_one_address_or_the_other_or_both),
		cmocka_unit_test(cpu1_has_sram2_at_its_alias_too),
		cmocka_unit_test(code_written_anew_runs_at_both_addresses),
		cmocka_unit_test(the_boot_memory_shows_at_0_as_far_as_it_goes),
		cmocka_unit_test(blank_can_be_what_acr_says_not_what_flash_holds),
		cmocka_unit_test(other_parts_have_no_second_address),
		cmocka_unit_test(flash_behind_user_flash_reads_as_the_switch_says),
		cmocka_unit_test(wb1x_flash_ends_with_its_die),
		cmocka_unit_test(a_chip_can_lie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory through the virtual ST-LINK: blocks of every width, lists, and the status that each ends with. */
#include "tests/unit/sim_stlink.h"

static void blocks_of_all_widths_cross_4_kib(void **state)
{
	static const uint8_t write_op[] = { 0x0d, 0x48, 0x08 }, read_op[] = { 0x0c, 0x47, 0x07 };
	struct wbsim *sim = board(WBSIM_PROBE_V3);
	uint8_t pattern[512], check[512], *back;

	(void)state;
	enter(sim);
	for (size_t w = 0; w < 3; w++) {
		for (size_t i = 0; i < sizeof(pattern); i++)
			pattern[i] = (uint8_t)(i * 7 + w);
		assert_int_equal(mem_write(sim, write_op[w], SRAM + 0xf00, pattern, 512), OK);
		assert_true(wbsim_peek(sim, SRAM + 0xf00, check, sizeof(check)));
		assert_memory_equal(check, pattern, sizeof(check));
		back = mem_read(sim, read_op[w], SRAM + 0xf00, 512);
		assert_int_equal(rw_status(sim, NULL), OK);
		assert_memory_equal(back, pattern, sizeof(pattern));
		free(back);
	}
	wbsim_free(sim);
}

static void bytes_at_odd_addresses_keep_their_neighbours(void **state)
{
	struct wbsim *sim = board(WBSIM_PROBE_V3);
	uint8_t before[8] = { 1, 2, 3, 4, 5, 6, 7, 8 }, after[8];
	const uint8_t two[] = { 0xaa, 0xbb };

	(void)state;
	enter(sim);
	assert_true(wbsim_poke(sim, SRAM, before, sizeof(before)));
	assert_int_equal(mem_write(sim, 0x0d, SRAM + 3, two, 2), OK);
	assert_true(wbsim_peek(sim, SRAM, after, sizeof(after)));
	before[3] = 0xaa;
	before[4] = 0xbb;
	assert_memory_equal(after, before, sizeof(after));
	wbsim_free(sim);
}

static void bad_blocks_are_refused_with_a_status(void **state)
{
	struct wbsim *sim = board(WBSIM_PROBE_V3);
	static const uint8_t short_cmd[16] = { 0xf2, 0x08, BYTES32(SRAM), 8, 0 };
	uint8_t zeros[516] = { 0 };

	(void)state;
	enter(sim);
	assert_int_equal(mem_write(sim, 0x08, SRAM + 2, zeros, 4), ALIGNMENT);
	assert_int_equal(mem_write(sim, 0x08, SRAM, zeros, 6), ALIGNMENT);
	assert_int_equal(mem_write(sim, 0x0d, SRAM, zeros, 513), TOO_LONG);
	/* the command says 8 bytes, 4 were sent */
	assert_int_equal(wbsim_stlink_command(sim, short_cmd, 0, zeros, 4), WBSIM_OK);
	assert_int_equal(rw_status(sim, NULL), TOO_LONG);
	/* AP1 is not open */
	free(ASK(sim, 4, 0xf2, 0x07, BYTES32(SRAM), 4, 0, 1));
	assert_int_equal(rw_status(sim, NULL), BAD_AP);
	wbsim_free(sim);
}

static void bus_error_names_its_address_and_is_over(void **state)
{
	struct wbsim *sim = board(WBSIM_PROBE_V3);
	uint32_t addr = 0;

	(void)state;
	enter(sim);
	free(mem_read(sim, 0x07, UNMAPPED, 4));
	assert_int_equal(rw_status(sim, &addr), AP_FAULT);
	assert_int_equal(addr, UNMAPPED);
	assert_int_equal(mem_write(sim, 0x08, UNMAPPED, "abcd", 4), AP_FAULT);
	assert_int_equal(mem_write(sim, 0x08, SRAM, "abcd", 4), OK);
	wbsim_free(sim);
}

static void no_increment_stays_on_one_word(void **state)
{
	struct wbsim *sim = board(WBSIM_PROBE_V3);
	uint8_t got[8], *back;

	(void)state;
	enter(sim);
	assert_int_equal(mem_write(sim, 0x08, SRAM, "firstsec", 8), OK);
	assert_int_equal(mem_write(sim, 0x50, SRAM, "onlylast", 8), OK);
	assert_true(wbsim_peek(sim, SRAM, got, sizeof(got)));
	assert_memory_equal(got, "lasttsec", 8);
	back = mem_read(sim, 0x54, SRAM, 8);
	assert_memory_equal(back, "lastlast", 8);
	free(back);
	wbsim_free(sim);
}

static void scatter_gather_gives_a_status_an_item(void **state)
{
	/* address, write, read, read of nothing: codes padded to 4, a word each */
	uint8_t out[] = { 1, 2, 3, 3, BYTES32(SRAM), BYTES32(0x12345678), BYTES32(SRAM),
		BYTES32(UNMAPPED) };
	struct wbsim *sim = board(WBSIM_PROBE_V3);
	uint8_t *in;

	(void)state;
	enter(sim);
	assert_int_equal(wbsim_stlink_command(sim, (const uint8_t[16]){ 0xf2, 0x51, 4 }, 0, out,
				 sizeof(out)),
		WBSIM_OK);
	in = ASK(sim, 32, 0xf2, 0x52);
	assert_int_equal(le32(in + 8), 0x12345678);
	assert_int_equal(le32(in + 16), OK);
	assert_int_equal(le32(in + 20), OK);
	assert_int_equal(le32(in + 24), OK);
	assert_int_equal(le32(in + 28), AP_FAULT);
	free(in);
	/* More items than words: nothing is done, and every item says so. */
	assert_int_equal(wbsim_stlink_command(sim,
				 (const uint8_t[16]){ 0xf2, 0x51, BYTES32(0xffffffffu) }, 0, out,
				 sizeof(out)),
		WBSIM_OK);
	in = ASK(sim, 8, 0xf2, 0x52);
	assert_int_not_equal(le32(in + 4), OK);
	free(in);
	wbsim_free(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_of_all_widths_cross_4_kib),
		cmocka_unit_test(bytes_at_odd_addresses_keep_their_neighbours),
		cmocka_unit_test(bad_blocks_are_refused_with_a_status),
		cmocka_unit_test(bus_error_names_its_address_and_is_over),
		cmocka_unit_test(no_increment_stays_on_one_word),
		cmocka_unit_test(scatter_gather_gives_a_status_an_item),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

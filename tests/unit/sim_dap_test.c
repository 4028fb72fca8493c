/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The virtual debug port and access ports, transfer by transfer. */
#include "sim_board.h"

#include <string.h>

#define POWER_UP 0x50000000u
#define STICKYERR 0x20u
#define CSW_WORD_INC 0x23000012u
#define CSW_BYTE_INC 0x23000010u
#define CSW_HALF_INC 0x23000011u
#define CSW_PACKED 0x23000020u
#define SRAM 0x20000000u
#define NOWHERE 0x30000000u

static struct wbsim *connected(const char *const *quirks)
{
	struct wbsim *sim = board(NULL, quirks, NULL, NULL);
	uint32_t val;

	dap_line_reset(sim);
	assert_int_equal(dap_dp_read(sim, 0x0, &val), SWD_OK);
	assert_int_equal(val, 0x6BA02477);
	assert_int_equal(dap_dp_write(sim, 0x4, POWER_UP), SWD_OK);
	return sim;
}

static uint32_t dp(struct wbsim *sim, uint8_t reg)
{
	uint32_t val;

	assert_int_equal(dap_dp_read(sim, reg, &val), SWD_OK);
	return val;
}

static uint32_t ap(struct wbsim *sim, uint8_t apsel, uint8_t reg)
{
	uint32_t posted;

	assert_int_equal(dap_dp_write(sim, 0x8, (uint32_t)apsel << 24 | (reg & 0xF0u)), SWD_OK);
	assert_int_equal(dap_ap_read(sim, reg & 0xC, &posted), SWD_OK);
	return dp(sim, 0xC);
}

static void apw(struct wbsim *sim, uint8_t reg, uint32_t val)
{
	assert_int_equal(dap_dp_write(sim, 0x8, reg & 0xF0u), SWD_OK);
	assert_int_equal(dap_ap_write(sim, reg & 0xC, val), SWD_OK);
}

static void identification_is_a_wb55s(void **state)
{
	struct wbsim *sim = connected(NULL);

	(void)state;
	assert_int_equal(ap(sim, 0, 0xFC), 0x24770011);
	assert_int_equal(ap(sim, 0, 0xF8), 0xE00FF003);
	assert_int_equal(ap(sim, 0, 0xF4), 0);
	assert_int_equal(ap(sim, 0, 0x00) & ~7u, 0xA3000040);
	assert_int_equal(ap(sim, 1, 0xFC), 0x84770001);
	assert_int_equal(ap(sim, 2, 0xFC), 0);
	assert_int_equal(ap(sim, 255, 0xFC), 0);
	dap_dp_write(sim, 0x8, 2);
	assert_int_equal(dp(sim, 0x4), 0x04950041);
	wbsim_free(sim);
}

static void nothing_answers_before_dpidr_was_read(void **state)
{
	struct wbsim *sim = connected(NULL);
	uint32_t val;

	(void)state;
	dap_line_reset(sim);
	assert_int_equal(dap_dp_read(sim, 0x4, &val), SWD_NONE);
	assert_int_equal(dap_dp_read(sim, 0x0, &val), SWD_OK);
	assert_int_equal(dap_dp_read(sim, 0x4, &val), SWD_OK);
	wbsim_free(sim);
}

static void power_up_is_acknowledged_and_needed(void **state)
{
	struct wbsim *sim = connected(NULL);
	uint32_t posted;

	(void)state;
	assert_int_equal(dp(sim, 0x4) & 0xF0000000u, 0xF0000000u);
	dap_dp_write(sim, 0x4, 0);
	assert_int_equal(dap_ap_read(sim, 0xC, &posted), SWD_FAULT);
	assert_int_equal(dp(sim, 0x4) & 0xF0000000u, 0);
	wbsim_free(sim);
}

static void ap_reads_are_posted(void **state)
{
	struct wbsim *sim = connected(NULL);
	uint32_t words[2] = { 0x11111111, 0x22222222 }, posted;

	(void)state;
	wbsim_poke(sim, SRAM, words, sizeof(words));
	apw(sim, 0x00, CSW_WORD_INC);
	apw(sim, 0x04, SRAM);
	dap_ap_read(sim, 0xC, &posted);
	dap_ap_read(sim, 0xC, &posted);
	assert_int_equal(posted, words[0]);
	assert_int_equal(dp(sim, 0xC), words[1]);
	wbsim_free(sim);
}

static void narrow_accesses_use_their_lanes(void **state)
{
	struct wbsim *sim = connected(NULL);
	uint32_t word = 0;

	(void)state;
	wbsim_poke(sim, SRAM, &word, 4);
	apw(sim, 0x00, CSW_BYTE_INC);
	apw(sim, 0x04, SRAM + 1);
	apw(sim, 0x0C, 0x0000AB00);
	apw(sim, 0x0C, 0x00CD0000);
	wbsim_peek(sim, SRAM, &word, 4);
	assert_int_equal(word, 0x00CDAB00);
	assert_int_equal(ap(sim, 0, 0x04), SRAM + 3);
	apw(sim, 0x00, CSW_HALF_INC);
	apw(sim, 0x04, SRAM + 2);
	assert_int_equal(ap(sim, 0, 0x0C), 0x00CD0000);
	wbsim_free(sim);
}

static void packed_transfers_are_not_claimed(void **state)
{
	struct wbsim *sim = connected(NULL);

	(void)state;
	apw(sim, 0x00, CSW_PACKED);
	assert_int_equal(ap(sim, 0, 0x00) & 0x30u, 0);
	wbsim_free(sim);
}

static void tar_wraps_at_4_kib(void **state)
{
	struct wbsim *sim = connected(NULL);

	(void)state;
	apw(sim, 0x00, CSW_WORD_INC);
	apw(sim, 0x04, SRAM + 0xFFC);
	apw(sim, 0x0C, 0xAA55AA55);
	assert_int_equal(ap(sim, 0, 0x04), SRAM);
	wbsim_free(sim);
}

static void banked_data_leaves_tar_alone(void **state)
{
	struct wbsim *sim = connected(NULL);
	uint32_t word;

	(void)state;
	apw(sim, 0x00, CSW_WORD_INC);
	apw(sim, 0x04, SRAM + 0x104);
	apw(sim, 0x1C, 0x0BADF00D);
	wbsim_peek(sim, SRAM + 0x10C, &word, 4);
	assert_int_equal(word, 0x0BADF00D);
	assert_int_equal(ap(sim, 0, 0x04), SRAM + 0x104);
	wbsim_free(sim);
}

static void bus_error_is_sticky_until_abort(void **state)
{
	struct wbsim *sim = connected(NULL);
	uint32_t val;

	(void)state;
	apw(sim, 0x00, CSW_WORD_INC);
	apw(sim, 0x04, NOWHERE);
	assert_int_equal(dap_ap_read(sim, 0xC, &val), SWD_OK);
	assert_int_equal(dap_dp_read(sim, 0xC, &val), SWD_FAULT);
	assert_int_equal(dap_ap_read(sim, 0xC, &val), SWD_FAULT);
	assert_int_equal(dap_dp_write(sim, 0x8, 0), SWD_FAULT);
	assert_int_equal(dp(sim, 0x4) & STICKYERR, STICKYERR);
	assert_int_equal(dap_dp_write(sim, 0x0, 4), SWD_OK);
	assert_int_equal(dp(sim, 0x4) & STICKYERR, 0);
	assert_int_equal(ap(sim, 0, 0x04), NOWHERE); /* it points at what failed */
	apw(sim, 0x0C, 1);
	assert_int_equal(dap_dp_write(sim, 0x0, 4), SWD_OK);
	assert_int_equal(ap(sim, 0, 0x04), NOWHERE);
	apw(sim, 0x04, SRAM);
	assert_int_equal(dap_ap_read(sim, 0xC, &val), SWD_OK);
	wbsim_free(sim);
}

static void cpu2s_access_port_is_closed(void **state)
{
	struct wbsim *sim = connected(NULL);
	uint32_t val;

	(void)state;
	dap_dp_write(sim, 0x8, 1u << 24);
	assert_int_equal(dap_ap_write(sim, 0xC, 1), SWD_OK);
	assert_int_equal(dap_dp_read(sim, 0xC, &val), SWD_FAULT);
	wbsim_free(sim);
}

static void memory_accesses_are_counted(void **state)
{
	struct wbsim *sim = connected(NULL);

	(void)state;
	apw(sim, 0x00, CSW_WORD_INC);
	apw(sim, 0x04, SRAM);
	ap(sim, 0, 0x0C);
	ap(sim, 0, 0x0C);
	apw(sim, 0x0C, 1);
	assert_int_equal(sim->stats.target_reads, 2);
	assert_int_equal(sim->stats.target_writes, 1);
	assert_int_equal(sim->stats.bytes_read, 8);
	assert_int_equal(sim->stats.bytes_written, 4);
	wbsim_free(sim);
}

static void a_reset_by_the_chip_can_drop_the_port(void **state)
{
	static const char *const quirks[] = { "dap-lost-on-reset=100", NULL };
	struct wbsim *sim = connected(quirks);
	uint32_t val;

	(void)state;
	sim_reset_request(sim, SIM_RESET_CPU2);
	assert_int_equal(dap_dp_read(sim, 0x0, &val), SWD_NONE);
	dap_line_reset(sim); /* too early: the port is not there to see it */
	wbsim_sleep(sim, 99 * MS_NS);
	assert_int_equal(dap_dp_read(sim, 0x0, &val), SWD_NONE);
	wbsim_sleep(sim, MS_NS);
	assert_int_equal(dap_dp_read(sim, 0x0, &val), SWD_NONE);
	dap_line_reset(sim);
	assert_int_equal(dap_dp_read(sim, 0x0, &val), SWD_OK);
	assert_int_equal(dp(sim, 0x4) & 0xF0000000u, 0); /* it woke up anew */
	wbsim_free(sim);
}

static void other_resets_keep_the_port(void **state)
{
	static const char *const quirks[] = { "dap-lost-on-reset", NULL };
	struct wbsim *sim = connected(quirks);

	(void)state;
	sim_reset_request(sim, SIM_RESET_SYSRESETREQ);
	assert_int_equal(dp(sim, 0x4) & 0xF0000000u, 0xF0000000u);
	sim_nrst(sim, true);
	assert_int_equal(dp(sim, 0x4) & 0xF0000000u, 0xF0000000u);
	sim_nrst(sim, false);
	assert_int_equal(dp(sim, 0x4) & 0xF0000000u, 0xF0000000u);
	wbsim_free(sim);
}

static void no_power_no_port(void **state)
{
	struct wbsim *sim = connected(NULL);
	uint32_t val;

	(void)state;
	wbsim_power(sim, false);
	assert_int_equal(dap_dp_read(sim, 0x0, &val), SWD_NONE);
	wbsim_power(sim, true);
	assert_int_equal(dap_dp_read(sim, 0x0, &val), SWD_NONE); /* the line must be reset first */
	dap_line_reset(sim);
	assert_int_equal(dap_dp_read(sim, 0x0, &val), SWD_OK);
	wbsim_free(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(identification_is_a_wb55s),
		cmocka_unit_test(nothing_answers_before_dpidr_was_read),
		cmocka_unit_test(power_up_is_acknowledged_and_needed),
		cmocka_unit_test(ap_reads_are_posted),
		cmocka_unit_test(narrow_accesses_use_their_lanes),
		cmocka_unit_test(packed_transfers_are_not_claimed),
		cmocka_unit_test(tar_wraps_at_4_kib),
		cmocka_unit_test(banked_data_leaves_tar_alone),
		cmocka_unit_test(bus_error_is_sticky_until_abort),
		cmocka_unit_test(cpu2s_access_port_is_closed),
		cmocka_unit_test(memory_accesses_are_counted),
		cmocka_unit_test(a_reset_by_the_chip_can_drop_the_port),
		cmocka_unit_test(other_resets_keep_the_port),
		cmocka_unit_test(no_power_no_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

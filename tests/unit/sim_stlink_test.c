/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtual ST-LINK: commands as OpenOCD sends them, modes, cost, and frames of the TCP protocol.
 * Blocks of memory: sim_stlink_memory_test.c.
 */
#include "tests/unit/sim_stlink.h"
#include "sim/server.h"

/* ---- who it is ------------------------------------------------------------------------------- */

static void v3_says_v3_with_zeros_then_its_numbers(void **state)
{
	struct wbsim *sim = board(WBSIM_PROBE_V3);
	uint8_t *answer = ASK(sim, 6, 0xf1);

	(void)state;
	assert_int_equal(answer[0] << 8 | answer[1], 3 << 12);
	free(answer);
	answer = ASK(sim, 12, 0xfb);
	assert_int_equal(answer[0], 3);
	assert_true(answer[2] >= 6); /* 512-byte blocks of bytes */
	assert_int_equal(le32(answer + 8), 0x374e0483);
	free(answer);
	wbsim_free(sim);
}

static void v3_lists_speeds_and_rounds_down(void **state)
{
	static const uint32_t list[] = { 24000, 8000, 3300, 1000, 200, 50, 5 };
	struct wbsim *sim = board(WBSIM_PROBE_V3);
	uint8_t *answer = ASK(sim, 52, 0xf2, 0x62, 0);

	(void)state;
	assert_int_equal(answer[0], OK);
	assert_int_equal(answer[8], 7);
	for (size_t i = 0; i < 7; i++)
		assert_int_equal(le32(answer + 12 + 4 * i), list[i]);
	free(answer);
	answer = ASK(sim, 8, 0xf2, 0x61, 0, 0, BYTES32(4000));
	assert_int_equal(le32(answer + 4), 3300);
	free(answer);
	assert_int_equal(wbsim_get_speed(sim), 3300);
	assert_int_equal(wbsim_set_speed(sim, 1), 5);
	wbsim_free(sim);
}

static void v2_takes_divisors_of_its_table_only(void **state)
{
	struct wbsim *sim = board(WBSIM_PROBE_V2);

	(void)state;
	assert_int_equal(status_of(ASK(sim, 2, 0xf2, 0x43, 0, 0)), OK);
	assert_int_equal(wbsim_get_speed(sim), 4000);
	assert_int_equal(status_of(ASK(sim, 2, 0xf2, 0x43, 5, 0)), 0x41);
	assert_int_equal(wbsim_get_speed(sim), 4000);
	wbsim_free(sim);
}

/* ---- debug mode ------------------------------------------------------------------------------ */

static void transfers_need_debug_mode(void **state)
{
	struct wbsim *sim = board(WBSIM_PROBE_V3);

	(void)state;
	assert_int_equal(status_of(ASK(sim, 8, 0xf2, 0x36, BYTES32(0xe000ed00))), NO_DEVICE);
	enter(sim);
	assert_int_equal(status_of(ASK(sim, 2, 0xf5)), 2);
	assert_int_equal(status_of(ASK(sim, 8, 0xf2, 0x36, BYTES32(0xe000ed00))), OK);
	free(ASK(sim, 0, 0xf2, 0x21));
	assert_int_equal(status_of(ASK(sim, 2, 0xf5)), 1);
	assert_int_equal(status_of(ASK(sim, 8, 0xf2, 0x36, BYTES32(0xe000ed00))), NO_DEVICE);
	wbsim_free(sim);
}

static void dap_registers_by_port_and_bank(void **state)
{
	struct wbsim *sim = board(WBSIM_PROBE_V3);
	static const struct {
		uint8_t port_lo, port_hi, reg, status;
		uint32_t val;
	} rows[] = {
		{ 0xff, 0xff, 0x00, OK, 0x6ba02477 }, /* DPIDR */
		{ 0xff, 0xff, 0x04, OK, 0xf0000040 }, /* CTRL/STAT: powered, last read fine */
		{ 0xff, 0xff, 0x24, OK, 0x04950041 }, /* TARGETID in bank 2 */
		{ 0, 0, 0xfc, OK, 0x24770011 },
		{ 0, 0, 0xf8, OK, 0xe00ff003 },
		{ 1, 0, 0xfc, OK, 0x84770001 },
		{ 2, 0, 0xfc, OK, 0 },
		{ 1, 0, 0x00, BAD_AP, 0 }, /* not opened */
		{ 0, 1, 0xfc, BAD_AP, 0 }, /* there is no AP 256 */
	};

	(void)state;
	enter(sim);
	free(ASK(sim, 8, 0xf2, 0x45, 0, 0, 0xfc, 0)); /* a read, for READOK */
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t *answer = ASK(sim, 8, 0xf2, 0x45, rows[i].port_lo, rows[i].port_hi,
			rows[i].reg, 0);

		assert_int_equal(answer[0], rows[i].status);
		assert_int_equal(le32(answer + 4), rows[i].val);
		free(answer);
	}
	assert_int_equal(status_of(ASK(sim, 2, 0xf2, 0x4b, 1)), OK);
	assert_int_equal(status_of(ASK(sim, 2, 0xf2, 0x4b, 2)), BAD_AP);
	wbsim_free(sim);
}

static void opening_ap_survives_enter_but_not_exit(void **state)
{
	struct wbsim *sim = board(WBSIM_PROBE_V3);

	(void)state;
	enter(sim);
	assert_int_equal(status_of(ASK(sim, 2, 0xf2, 0x4b, 1)), OK);
	enter(sim);
	assert_int_equal(status_of(ASK(sim, 8, 0xf2, 0x45, 1, 0, 0, 0)), OK);
	free(ASK(sim, 0, 0xf2, 0x21));
	enter(sim);
	assert_int_equal(status_of(ASK(sim, 8, 0xf2, 0x45, 1, 0, 0, 0)), BAD_AP);
	wbsim_free(sim);
}

/* ---- power ----------------------------------------------------------------------------------- */

static void lost_port_needs_entering_again(void **state)
{
	struct wbsim *sim = board(WBSIM_PROBE_V3);

	(void)state;
	enter(sim);
	wbsim_power(sim, false);
	assert_int_equal(mem_write(sim, 0x08, SRAM, "abcd", 4), AP_ERROR);
	assert_int_equal(status_of(ASK(sim, 2, 0xf2, 0x30, 0xa3)), GET_IDCODE);
	wbsim_power(sim, true);
	assert_int_equal(mem_write(sim, 0x08, SRAM, "abcd", 4), AP_ERROR);
	enter(sim);
	assert_int_equal(mem_write(sim, 0x08, SRAM, "abcd", 4), OK);
	wbsim_free(sim);
}

/* ---- cost ------------------------------------------------------------------------------------ */

static void a_transfer_costs_three_commands_and_its_bits(void **state)
{
	struct wbsim *sim = board(WBSIM_PROBE_V3);
	static uint8_t buf[4096];

	(void)state;
	assert_int_equal(wbsim_attach(sim), WBSIM_OK);
	wbsim_stats_clear(sim);
	assert_int_equal(wbsim_mem_read(sim, SRAM, 4, 1024, buf), WBSIM_OK);
	assert_int_equal(wbsim_stats(sim)->probe_commands, 3);
	assert_int_equal(wbsim_stats(sim)->bytes_read, 4096);
	assert_int_equal(wbsim_stats(sim)->target_reads, 1024);
	/* 1024 words, CSW, TAR, RDBUFF, CTRL/STAT, and the first SELECT if it was not 0 */
	assert_in_range(wbsim_stats(sim)->swd_bits, 46 * 1028, 46 * 1030);
	/* 3 x 0.25 ms, 4 KiB x 0.05 ms */
	assert_int_equal(wbsim_stats(sim)->ns_latency, 950000);
	wbsim_stats_clear(sim);
	assert_int_equal(wbsim_mem_write(sim, SRAM, 4, 1, buf), WBSIM_OK);
	assert_int_equal(wbsim_stats(sim)->probe_commands, 3);
	assert_int_equal(wbsim_stats(sim)->target_writes, 1);
	wbsim_free(sim);
}

/* ---- hostile hosts --------------------------------------------------------------------------- */

static void any_bytes_are_survived(void **state)
{
	struct wbsim *sim = board(WBSIM_PROBE_V3);
	uint32_t seed = 1;

	(void)state;
	enter(sim);
	for (unsigned int round = 0; round < 20000; round++) {
		uint8_t cdb[16];
		size_t len;
		uint8_t *data;

		for (size_t i = 0; i < sizeof(cdb); i++) {
			seed = seed * 1664525u + 1013904223u;
			cdb[i] = (uint8_t)(seed >> 24);
		}
		cdb[0] = round % 8 ? 0xf2 : cdb[0];
		/* the rest of the time, at memory that exists */
		if (round % 2) {
			cdb[5] = 0x20;
			cdb[4] = 0;
			cdb[8] = 0;
		}
		cdb[7] &= 0x07;
		len = (seed >> 8) % 700;
		data = calloc(1, len ? len : 1);
		assert_non_null(data);
		assert_int_equal(wbsim_stlink_command(sim, cdb, round & 1, data, len), WBSIM_OK);
		free(data);
	}
	wbsim_free(sim);
}

static void frames_are_measured_before_they_are_trusted(void **state)
{
	uint8_t usb[32] = { 5 };
	size_t len = 0;

	(void)state;
	assert_int_equal(stlink_tcp_frame((const uint8_t[]){ 1 }, 0, &len), STLINK_TCP_MORE);
	assert_int_equal(stlink_tcp_frame((const uint8_t[]){ 1 }, 1, &len), STLINK_TCP_FRAME);
	assert_int_equal(len, 1);
	assert_int_equal(stlink_tcp_frame((const uint8_t[]){ 6, 1, 0 }, 3, &len), STLINK_TCP_MORE);
	assert_int_equal(stlink_tcp_frame((const uint8_t[]){ 8 }, 1, &len), STLINK_TCP_BAD);
	assert_int_equal(stlink_tcp_frame((const uint8_t *)"GET / HTTP/1.0\r\n", 16, &len),
		STLINK_TCP_BAD);
	usb[24] = 0;
	usb[28] = 4;
	assert_int_equal(stlink_tcp_frame(usb, 32, &len), STLINK_TCP_MORE);
	assert_int_equal(stlink_tcp_frame(usb, 36, &len), STLINK_TCP_FRAME);
	assert_int_equal(len, 36);
	usb[24] = 1;
	assert_int_equal(stlink_tcp_frame(usb, 32, &len), STLINK_TCP_FRAME);
	usb[31] = 0xff;
	assert_int_equal(stlink_tcp_frame(usb, 32, &len), STLINK_TCP_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(v3_says_v3_with_zeros_then_its_numbers),
		cmocka_unit_test(v3_lists_speeds_and_rounds_down),
		cmocka_unit_test(v2_takes_divisors_of_its_table_only),
		cmocka_unit_test(transfers_need_debug_mode),
		cmocka_unit_test(dap_registers_by_port_and_bank),
		cmocka_unit_test(opening_ap_survives_enter_but_not_exit),
		cmocka_unit_test(lost_port_needs_entering_again),
		cmocka_unit_test(a_transfer_costs_three_commands_and_its_bits),
		cmocka_unit_test(any_bytes_are_survived),
		cmocka_unit_test(frames_are_measured_before_they_are_trusted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

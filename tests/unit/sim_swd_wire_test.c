/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The virtual chip's SWD, bit by bit: how a link comes about, packets, and how it is lost. */
#include "sim_swd_host.h"

static void a_chip_wakes_in_jtag_and_hears_no_swd(void **state)
{
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	line_reset(&w, ONES_50, 2);
	assert_int_equal(swd_read(&w, false, 0).ack, ACK_NONE);
	to_swd(&w);
	assert_int_equal(good(&w, false, 0), DPIDR);
	wire_end(&w);
}

static void a_wrong_switch_sequence_is_none(void **state)
{
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	line_reset(&w, ONES_50 - 1, 0);
	swd_out(&w, 0xE79E, 16); /* behind 49 ones */
	line_reset(&w, ONES_50, 2);
	assert_int_equal(swd_read(&w, false, 0).ack, ACK_NONE);
	swd_out(&w, 0xE79F, 16); /* one bit wrong */
	line_reset(&w, ONES_50, 2);
	assert_int_equal(swd_read(&w, false, 0).ack, ACK_NONE);
	wire_end(&w);
}

static void a_line_reset_is_50_ones_and_two_zeros(void **state)
{
	struct wire w;

	(void)state;
	connect(&w);
	swd_out(&w, request(false, true, 0) ^ 1u << 5, 8); /* lost now */
	swd_out(&w, 0, 1);
	line_reset(&w, ONES_50 - 1, 2);
	assert_int_equal(swd_read(&w, false, 0).ack, ACK_NONE);
	swd_out(&w, 0, 1);
	line_reset(&w, ONES_50, 1);
	assert_int_equal(swd_read(&w, false, 0).ack, ACK_NONE);
	swd_out(&w, 0, 1);
	line_reset(&w, 3 * ONES_50, 20);
	assert_int_equal(good(&w, false, 0), DPIDR);
	wire_end(&w);
}

static void dpidr_must_be_read_first(void **state)
{
	struct wire w;

	(void)state;
	connect(&w);
	line_reset(&w, ONES_50, 2);
	assert_int_equal(swd_read(&w, false, DP_CTRL).ack, ACK_NONE);
	assert_lost(&w);
	assert_int_equal(good(&w, false, DP_CTRL) & POWERED, POWERED); /* a line reset keeps it */
	wire_end(&w);
}

static void a_packet_takes_46_cycles_and_its_time(void **state)
{
	struct wire w;
	uint64_t bits, now;

	(void)state;
	connect(&w);
	bits = w.sim->stats.swd_bits;
	now = wbsim_now(w.sim);
	good(&w, false, DP_CTRL);
	assert_int_equal(w.sim->stats.swd_bits - bits, 46);
	assert_int_equal(wbsim_now(w.sim) - now, 46u * 2u * SWJ_EDGE_NS);
	put(&w, false, DP_SELECT, 0);
	assert_int_equal(w.sim->stats.swd_bits - bits, 92);
	wire_end(&w);
}

static void broken_requests_are_not_answered(void **state)
{
	static const uint8_t flips[] = { 1u << 5, 1u << 6, 1u << 7, 1u << 1, 1u << 2, 1u << 3 };
	struct wire w;

	(void)state;
	connect(&w);
	for (size_t i = 0; i < sizeof(flips); i++) {
		assert_int_equal(raw_read(&w, request(false, true, DP_CTRL) ^ flips[i]).ack,
			ACK_NONE);
		swd_out(&w, 0, 10); /* nothing that looks like a line reset */
		assert_lost(&w);
	}
	assert_int_equal(good(&w, false, DP_CTRL) & STICKYERR, 0);
	wire_end(&w);
}

static void idle_cycles_may_lie_between_packets_or_none(void **state)
{
	struct wire w;

	(void)state;
	connect(&w);
	for (unsigned int zeros = 0; zeros < 4; zeros++) {
		swd_out(&w, 0, zeros);
		assert_int_equal(good(&w, false, 0), DPIDR);
	}
	wire_end(&w);
}

static void every_bit_gets_through_both_ways(void **state)
{
	static const uint32_t words[] = { 0, 1, 0x80000000u, 0xFFFFFFFFu, 0xA5A55A5Au, 0x01234567u };
	struct wire w;
	uint32_t seen;

	(void)state;
	connect(&w);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		put(&w, true, AP_TAR, SRAM + 0x100);
		put(&w, true, AP_DRW, words[i]);
		wbsim_peek(w.sim, SRAM + 0x100, &seen, sizeof(seen));
		assert_int_equal(seen, words[i]);
		put(&w, true, AP_TAR, SRAM + 0x100);
		good(&w, true, AP_DRW);
		assert_int_equal(good(&w, false, DP_RDBUFF), words[i]);
	}
	wire_end(&w);
}

static void ap_reads_come_one_packet_later(void **state)
{
	uint32_t words[] = { 0x11111111, 0x22222222, 0x33333333 };
	struct wire w;

	(void)state;
	connect(&w);
	wbsim_poke(w.sim, SRAM, words, sizeof(words));
	put(&w, true, AP_TAR, SRAM);
	good(&w, true, AP_DRW);
	assert_int_equal(good(&w, true, AP_DRW), words[0]);
	assert_int_equal(good(&w, false, DP_RESEND), words[0]);
	assert_int_equal(good(&w, true, AP_DRW), words[1]);
	assert_int_equal(good(&w, false, DP_CTRL) & POWERED, POWERED); /* does not disturb it */
	assert_int_equal(good(&w, false, DP_RDBUFF), words[2]);
	assert_int_equal(good(&w, false, DP_RESEND), words[2]);
	assert_int_equal(w.sim->stats.target_reads, 3);
	wire_end(&w);
}

static void turnround_is_as_long_as_dlcr_says(void **state)
{
	struct wire w;

	(void)state;
	connect(&w);
	for (unsigned int turn = 2; turn <= 4; turn++) {
		put(&w, false, DP_SELECT, 1);
		put(&w, false, DP_CTRL, (turn - 1) << 8); /* DLCR */
		w.turn = turn;
		put(&w, false, DP_SELECT, 0);
		assert_int_equal(good(&w, false, DP_CTRL) & POWERED, POWERED);
		put(&w, true, AP_TAR, SRAM + turn);
		good(&w, true, AP_TAR);
		assert_int_equal(good(&w, false, DP_RDBUFF), SRAM + turn);
	}
	w.turn = 1;
	line_reset(&w, ONES_50, 2); /* makes it one again */
	assert_int_equal(good(&w, false, 0), DPIDR);
	wire_end(&w);
}

static void select_target(struct wire *w, uint32_t id)
{
	swd_out(w, request(false, false, 0xC), 8);
	swd_out(w, 0, 5); /* nobody answers; the host does not mind */
	swd_out(w, id | (uint64_t)__builtin_parity(id) << 32, 33);
}

static void targetsel_names_this_chip_or_another(void **state)
{
	struct wire w;

	(void)state;
	connect(&w);
	line_reset(&w, ONES_50, 2);
	select_target(&w, 0x04950041);
	assert_int_equal(good(&w, false, 0), DPIDR);
	line_reset(&w, ONES_50, 2);
	select_target(&w, 0x04960041);
	assert_lost(&w);
	line_reset(&w, ONES_50, 2);
	select_target(&w, 0x14950041); /* another instance */
	assert_lost(&w);
	select_target(&w, 0x04950041); /* too late: only behind a line reset */
	assert_lost(&w);
	wire_end(&w);
}

static void alert(struct wire *w, uint32_t activation)
{
	swd_out(w, 0xFF, 8);
	swd_out(w, 0x86852D956209F392, 64);
	swd_out(w, 0x19BC0EA2E3DDAFE9, 64);
	swd_out(w, activation, 12);
}

static void dormant_wakes_for_its_alert_only(void **state)
{
	struct wire w;

	(void)state;
	connect(&w);
	line_reset(&w, ONES_50, 0);
	swd_out(&w, 0xE3BC, 16); /* SWD to dormant */
	line_reset(&w, ONES_50, 2);
	assert_int_equal(swd_read(&w, false, 0).ack, ACK_NONE);
	to_swd(&w); /* not heard either */
	assert_int_equal(swd_read(&w, false, 0).ack, ACK_NONE);
	alert(&w, 0x1B0); /* no protocol's code */
	swd_out(&w, 0x1A0, 12);
	line_reset(&w, ONES_50, 2);
	assert_int_equal(swd_read(&w, false, 0).ack, ACK_NONE);
	alert(&w, 0x1A0);
	line_reset(&w, ONES_50, 2);
	assert_int_equal(good(&w, false, 0), DPIDR);
	wire_end(&w);
}

static void power_takes_the_port_back_to_jtag(void **state)
{
	struct wire w;

	(void)state;
	connect(&w);
	wbsim_power(w.sim, false);
	assert_int_equal(swd_read(&w, false, 0).ack, ACK_NONE);
	wbsim_power(w.sim, true);
	line_reset(&w, ONES_50, 2);
	assert_int_equal(swd_read(&w, false, 0).ack, ACK_NONE);
	to_swd(&w);
	assert_int_equal(good(&w, false, 0), DPIDR);
	assert_int_equal(good(&w, false, DP_CTRL) & POWERED, 0);
	wire_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_chip_wakes_in_jtag_and_hears_no_swd),
		cmocka_unit_test(a_wrong_switch_sequence_is_none),
		cmocka_unit_test(a_line_reset_is_50_ones_and_two_zeros),
		cmocka_unit_test(dpidr_must_be_read_first),
		cmocka_unit_test(a_packet_takes_46_cycles_and_its_time),
		cmocka_unit_test(broken_requests_are_not_answered),
		cmocka_unit_test(idle_cycles_may_lie_between_packets_or_none),
		cmocka_unit_test(every_bit_gets_through_both_ways),
		cmocka_unit_test(ap_reads_come_one_packet_later),
		cmocka_unit_test(turnround_is_as_long_as_dlcr_says),
		cmocka_unit_test(targetsel_names_this_chip_or_another),
		cmocka_unit_test(dormant_wakes_for_its_alert_only),
		cmocka_unit_test(power_takes_the_port_back_to_jtag),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

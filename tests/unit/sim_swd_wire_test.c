/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The virtual chip's SWD, bit by bit. */
#include "sim_wire.h"

#include <string.h>

#define POWER_UP 0x50000000u
#define POWERED 0xF0000000u
#define ORUNDETECT (1u << 0)
#define STICKYORUN (1u << 1)
#define STICKYERR (1u << 5)
#define WDATAERR (1u << 7)
#define ABORT_ALL 0x1Eu
#define DAPABORT 1u
#define DP_ABORT 0x0
#define DP_CTRL 0x4
#define DP_SELECT 0x8
#define DP_RESEND 0x8
#define DP_RDBUFF 0xC
#define AP_CSW 0x0
#define AP_TAR 0x4
#define AP_DRW 0xC
#define DPIDR 0x6BA02477u
#define CSW_WORD_INC 0x23000012u
#define SRAM 0x20000000u
#define NOWHERE 0x30000000u
#define PAGE_100 0x08064000u
#define CR_START_PAGE_100 (1u << 16 | 100u << 3 | 1u << 1)
#define ERASE_MS 22u

static void to_swd(struct wire *w)
{
	line_reset(w, ONES_50, 0);
	swd_out(w, 0xE79E, 16);
	line_reset(w, ONES_50, 2);
}

static uint32_t good(struct wire *w, bool ap, uint8_t reg)
{
	struct packet p = swd_read(w, ap, reg);

	assert_int_equal(p.ack, SWD_OK);
	assert_true(p.parity_ok);
	return p.data;
}

static void put(struct wire *w, bool ap, uint8_t reg, uint32_t data)
{
	assert_int_equal(swd_write(w, ap, reg, data), SWD_OK);
}

static void connect(struct wire *w)
{
	wire_start(w, NULL);
	to_swd(w);
	assert_int_equal(good(w, false, 0), DPIDR);
	put(w, false, DP_CTRL, POWER_UP);
	assert_int_equal(good(w, false, DP_CTRL) & POWERED, POWERED);
	put(w, true, AP_CSW, CSW_WORD_INC);
}

static void assert_lost(struct wire *w)
{
	assert_int_equal(swd_read(w, false, 0).ack, ACK_NONE);
	line_reset(w, ONES_50, 2);
	assert_int_equal(good(w, false, 0), DPIDR);
}

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

static void bad_parity_of_data_is_sticky(void **state)
{
	struct wire w;
	uint32_t before = 0x600DF00D, after;

	(void)state;
	connect(&w);
	wbsim_poke(w.sim, SRAM, &before, sizeof(before));
	put(&w, true, AP_TAR, SRAM);
	assert_int_equal(raw_write(&w, request(true, false, AP_DRW), 1, false), SWD_OK);
	wbsim_peek(w.sim, SRAM, &after, sizeof(after));
	assert_int_equal(after, before); /* not written */
	assert_int_equal(swd_read(&w, true, AP_DRW).ack, SWD_FAULT);
	assert_int_equal(swd_write(&w, false, DP_SELECT, 0), SWD_FAULT);
	assert_int_equal(good(&w, false, DP_CTRL) & WDATAERR, WDATAERR);
	put(&w, false, DP_ABORT, ABORT_ALL);
	assert_int_equal(good(&w, false, DP_CTRL) & WDATAERR, 0);
	put(&w, true, AP_DRW, 2);
	wbsim_peek(w.sim, SRAM, &after, sizeof(after));
	assert_int_equal(after, 2);
	wire_end(&w);
}

static void a_bus_error_is_a_fault_until_abort(void **state)
{
	struct wire w;

	(void)state;
	connect(&w);
	put(&w, true, AP_TAR, NOWHERE);
	good(&w, true, AP_DRW);
	assert_int_equal(swd_read(&w, false, DP_RDBUFF).ack, SWD_FAULT);
	assert_int_equal(swd_write(&w, true, AP_TAR, SRAM), SWD_FAULT);
	assert_int_equal(good(&w, false, 0), DPIDR); /* always answered */
	assert_int_equal(good(&w, false, DP_CTRL) & STICKYERR, STICKYERR);
	put(&w, false, DP_ABORT, ABORT_ALL);
	put(&w, true, AP_TAR, SRAM);
	good(&w, true, AP_DRW);
	wire_end(&w);
}

/* Leaves an AP read of a page that is being erased behind. */
static void read_busy_flash(struct wire *w)
{
	uint32_t old = 0x12345678;

	wbsim_poke(w->sim, PAGE_100, &old, sizeof(old));
	unlock(w->sim);
	wr(w->sim, FLASH_REG(0x14), CR_START_PAGE_100);
	put(w, true, AP_TAR, PAGE_100);
	good(w, true, AP_DRW);
}

static void busy_flash_makes_the_port_wait(void **state)
{
	struct wire w;
	uint64_t began;

	(void)state;
	connect(&w);
	began = wbsim_now(w.sim);
	read_busy_flash(&w);
	assert_int_equal(swd_read(&w, false, DP_RDBUFF).ack, SWD_WAIT);
	assert_int_equal(swd_read(&w, true, AP_TAR).ack, SWD_WAIT);
	assert_int_equal(swd_write(&w, true, AP_TAR, SRAM), SWD_WAIT);
	assert_int_equal(swd_write(&w, false, DP_SELECT, 0), SWD_WAIT);
	assert_int_equal(good(&w, false, 0), DPIDR); /* these never wait */
	assert_int_equal(good(&w, false, DP_CTRL) & (STICKYERR | STICKYORUN), 0);
	assert_true(wbsim_now(w.sim) - began < MS_NS); /* and no time was lost by it */
	for (unsigned int ms = 0; ms < ERASE_MS; ms++)
		chars(&w, "Z", NULL, 0);
	assert_int_equal(good(&w, false, DP_RDBUFF), 0xFFFFFFFF); /* what the erase left */
	assert_int_equal(good(&w, true, AP_TAR), 0xFFFFFFFF);
	assert_int_equal(good(&w, false, DP_RDBUFF), PAGE_100 + 4);
	wire_end(&w);
}

static void a_write_waits_for_busy_flash_and_is_done_then(void **state)
{
	struct wire w;
	uint32_t val;

	(void)state;
	connect(&w);
	unlock(w.sim);
	wr(w.sim, FLASH_REG(0x14), CR_START_PAGE_100);
	put(&w, true, AP_TAR, FLASH_REG(0x14));
	put(&w, true, AP_DRW, 1u << 31); /* LOCK */
	assert_int_equal(swd_read(&w, false, DP_RDBUFF).ack, SWD_WAIT);
	for (unsigned int ms = 0; ms < ERASE_MS; ms++)
		chars(&w, "Z", NULL, 0);
	good(&w, false, DP_RDBUFF);
	assert_true(bus_read(w.sim, SIM_TESTER, FLASH_REG(0x14), 4, &val));
	assert_int_equal(val >> 31, 1);
	wire_end(&w);
}

static void dapabort_gives_a_waiting_access_up(void **state)
{
	struct wire w;

	(void)state;
	connect(&w);
	read_busy_flash(&w);
	assert_int_equal(swd_write(&w, true, AP_TAR, SRAM), SWD_WAIT);
	put(&w, false, DP_ABORT, DAPABORT);
	put(&w, true, AP_TAR, SRAM);
	good(&w, true, AP_DRW);
	good(&w, false, DP_RDBUFF);
	wire_end(&w);
}

static void overrun_detection_has_data_phases_and_a_flag(void **state)
{
	struct wire w;
	struct packet p;

	(void)state;
	connect(&w);
	put(&w, false, DP_CTRL, POWER_UP | ORUNDETECT);
	w.overrun = true;
	read_busy_flash(&w);
	p = swd_read(&w, true, AP_DRW);
	assert_int_equal(p.ack, SWD_WAIT);
	assert_int_equal(p.data, 0xFFFFFFFF); /* nobody drives */
	/* still in step, and refused from now on */
	assert_int_equal(good(&w, false, DP_CTRL) & STICKYORUN, STICKYORUN);
	assert_int_equal(swd_write(&w, true, AP_TAR, SRAM), SWD_FAULT);
	assert_int_equal(swd_read(&w, true, AP_DRW).ack, SWD_FAULT);
	put(&w, false, DP_ABORT, ABORT_ALL | DAPABORT);
	assert_int_equal(good(&w, false, DP_CTRL) & STICKYORUN, 0);
	put(&w, true, AP_TAR, SRAM + 4);
	good(&w, true, AP_TAR);
	assert_int_equal(good(&w, false, DP_RDBUFF), SRAM + 4);
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
	wire_end(&w);
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
	swd_out(&w, 0xFF, 8);
	swd_out(&w, 0x86852D956209F392, 64);
	swd_out(&w, 0x19BC0EA2E3DDAFE9, 64);
	swd_out(&w, 0x1A0, 12);
	line_reset(&w, ONES_50, 2);
	assert_int_equal(good(&w, false, 0), DPIDR);
	wire_end(&w);
}

static void injected_faults_show_on_the_wire(void **state)
{
	struct wire w;
	struct packet p;
	char why[256];

	(void)state;
	connect(&w);
	put(&w, true, AP_TAR, SRAM);
	assert_true(wbsim_strike(w.sim, "parity=1"));
	p = swd_read(&w, false, 0);
	assert_int_equal(p.ack, SWD_OK);
	assert_false(p.parity_ok);
	assert_true(wbsim_strike(w.sim, "parity=1"));
	assert_int_equal(swd_write(&w, true, AP_TAR, SRAM), SWD_OK);
	assert_int_equal(good(&w, false, DP_CTRL) & WDATAERR, WDATAERR);
	put(&w, false, DP_ABORT, ABORT_ALL);
	assert_true(wbsim_strike(w.sim, "wait=2"));
	assert_int_equal(swd_read(&w, true, AP_DRW).ack, SWD_WAIT);
	assert_int_equal(swd_read(&w, true, AP_DRW).ack, SWD_WAIT);
	assert_int_equal(swd_read(&w, true, AP_DRW).ack, SWD_OK);
	/* each packet counts as a probe command */
	assert_true(wbsim_add_fault(w.sim, "command=1:power-cut=1000", why, sizeof(why)));
	wbsim_clear_faults(w.sim);
	assert_true(wbsim_add_fault(w.sim, "command=2:power-cut=1000", why, sizeof(why)));
	assert_int_equal(swd_read(&w, false, 0).ack, SWD_OK);
	assert_int_equal(swd_read(&w, false, 0).ack, ACK_NONE);
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
		cmocka_unit_test(bad_parity_of_data_is_sticky),
		cmocka_unit_test(a_bus_error_is_a_fault_until_abort),
		cmocka_unit_test(busy_flash_makes_the_port_wait),
		cmocka_unit_test(a_write_waits_for_busy_flash_and_is_done_then),
		cmocka_unit_test(dapabort_gives_a_waiting_access_up),
		cmocka_unit_test(overrun_detection_has_data_phases_and_a_flag),
		cmocka_unit_test(turnround_is_as_long_as_dlcr_says),
		cmocka_unit_test(targetsel_names_this_chip_or_another),
		cmocka_unit_test(dormant_wakes_for_its_alert_only),
		cmocka_unit_test(injected_faults_show_on_the_wire),
		cmocka_unit_test(power_takes_the_port_back_to_jtag),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The virtual chip's connector: remote_bitbang's characters, the two JTAG TAPs. */
#include "sim_wire.h"

#include <string.h>

#define CHAIN_IR 9u
#define CHAIN_BYPASS_DR 1u /* of the boundary scan TAP */
#define BYPASS_5 0x1Fu
#define IR(cpu) ((uint64_t)BYPASS_5 << 4 | (cpu))
enum { ABORT = 0x8, DPACC = 0xA, APACC = 0xB, IDCODE = 0xE, BYPASS = 0xF };
enum { OK_FAULT = 2, WAIT = 1 };

#define POWER_UP 0x50000000u
#define POWERED 0xF0000000u
#define ORUNDETECT (1u << 0)
#define STICKYORUN (1u << 1)
#define STICKYERR (1u << 5)
#define CTRL 0x4
#define SELECT 0x8
#define RDBUFF 0xC
#define AP_CSW 0x0
#define AP_TAR 0x4
#define AP_DRW 0xC
#define CSW_WORD_INC 0x23000012u
#define SRAM 0x20000000u
#define NOWHERE 0x30000000u
#define CPU_IDCODE 0x6BA00477u
#define SCAN_IDCODE 0x06495041u
#define CR_START_PAGE_100 (1u << 16 | 100u << 3 | 1u << 1)
#define PAGE_100 0x08064000u
#define ERASE_MS 22u

struct answer {
	unsigned int ack;
	uint32_t data;
};

/* One 35-bit scan; the answer is to the one before. */
static struct answer exchange(struct wire *w, unsigned int ir, bool read, uint8_t reg,
	uint32_t data)
{
	uint64_t out, in = (uint64_t)data << 3 | (reg >> 1 & 6u) | read;

	assert_int_equal(scan(w, true, IR(ir), CHAIN_IR), 0x11);
	out = scan(w, false, in, 35 + CHAIN_BYPASS_DR);
	return (struct answer){ .ack = out & 7u, .data = (uint32_t)(out >> 3) };
}

static uint32_t result(struct wire *w)
{
	struct answer a = exchange(w, DPACC, true, RDBUFF, 0);

	assert_int_equal(a.ack, OK_FAULT);
	return a.data;
}

static uint32_t get(struct wire *w, unsigned int ir, uint8_t reg)
{
	exchange(w, ir, true, reg, 0);
	return result(w);
}

static void put(struct wire *w, unsigned int ir, uint8_t reg, uint32_t data)
{
	assert_int_equal(exchange(w, ir, false, reg, data).ack, OK_FAULT);
}

static void connect(struct wire *w)
{
	wire_start(w, NULL);
	tap_reset(w);
	put(w, DPACC, CTRL, POWER_UP);
	assert_int_equal(get(w, DPACC, CTRL) & POWERED, POWERED);
	put(w, DPACC, SELECT, 0);
	put(w, APACC, AP_CSW, CSW_WORD_INC);
}

static void reset_selects_both_idcodes(void **state)
{
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	tap_reset(&w);
	/* the CPU's TAP is next to TDO */
	assert_int_equal(scan(&w, false, 0, 64), (uint64_t)SCAN_IDCODE << 32 | CPU_IDCODE);
	scan(&w, true, IR(BYPASS), CHAIN_IR);
	assert_int_equal(scan(&w, false, 0x5A, 10), 0x5A << 2 & 0x3FF); /* two cycles late */
	tap_reset(&w);
	assert_int_equal(scan(&w, false, 0, 32), CPU_IDCODE);
	wire_end(&w);
}

static void trst_resets_the_taps(void **state)
{
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	tap_reset(&w);
	scan(&w, true, IR(BYPASS), CHAIN_IR);
	chars(&w, "t", NULL, 0);
	for (int i = 0; i < 4; i++)
		jtag_clock(&w, i == 1, false); /* to Shift-DR, but it is not heard */
	chars(&w, "r", NULL, 0);
	jtag_clock(&w, false, false);
	assert_int_equal(scan(&w, false, 0, 32), CPU_IDCODE);
	wire_end(&w);
}

static void instructions_capture_what_ieee_1149_wants(void **state)
{
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	tap_reset(&w);
	/* 0001 of the CPU, 00001 of the boundary scan, then what went in at TDI */
	assert_int_equal(scan(&w, true, 0x5, CHAIN_IR + 3), 0x11 | 0x5 << CHAIN_IR);
	wire_end(&w);
}

static void unknown_instructions_are_bypass(void **state)
{
	static const uint8_t unknown[] = { 0x0, 0x1, 0x7, 0x9, 0xC, 0xD };
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	tap_reset(&w);
	for (size_t i = 0; i < sizeof(unknown); i++) {
		scan(&w, true, IR(unknown[i]), CHAIN_IR);
		assert_int_equal(scan(&w, false, 1, 4), 1 << 2);
	}
	wire_end(&w);
}

static void pauses_do_not_disturb_a_scan(void **state)
{
	struct wire w;
	uint64_t out = 0;

	(void)state;
	wire_start(&w, NULL);
	tap_reset(&w);
	jtag_clock(&w, true, false);
	jtag_clock(&w, false, false);
	jtag_clock(&w, false, false);
	for (unsigned int i = 0; i < 32; i++) {
		out |= (uint64_t)jtag_clock(&w, true, false) << i; /* Exit1 */
		jtag_clock(&w, false, false);			   /* Pause */
		jtag_clock(&w, false, true);
		jtag_clock(&w, true, true);  /* Exit2 */
		jtag_clock(&w, false, true); /* Shift */
	}
	assert_int_equal(out, CPU_IDCODE);
	wire_end(&w);
}

static void memory_is_written_and_read(void **state)
{
	uint32_t words[] = { 0x11111111, 0xFFFFFFFF, 0x80000001 }, seen;
	struct wire w;

	(void)state;
	connect(&w);
	put(&w, APACC, AP_TAR, SRAM);
	for (int i = 0; i < 3; i++)
		put(&w, APACC, AP_DRW, words[i]);
	wbsim_peek(w.sim, SRAM + 8, &seen, sizeof(seen));
	assert_int_equal(seen, words[2]);
	put(&w, APACC, AP_TAR, SRAM);
	exchange(&w, APACC, true, AP_DRW, 0);
	for (int i = 1; i < 3; i++)
		assert_int_equal(exchange(&w, APACC, true, AP_DRW, 0).data, words[i - 1]);
	assert_int_equal(result(&w), words[2]);
	assert_int_equal(result(&w), 0); /* RDBUFF itself reads 0 on a JTAG-DP */
	wire_end(&w);
}

static void a_sticky_error_discards_and_is_cleared_by_ctrl_stat(void **state)
{
	struct wire w;
	uint32_t before = 0x600DF00D, after;

	(void)state;
	connect(&w);
	wbsim_poke(w.sim, SRAM, &before, sizeof(before));
	put(&w, APACC, AP_TAR, NOWHERE);
	put(&w, APACC, AP_DRW, 1);
	put(&w, APACC, AP_TAR, SRAM); /* discarded, and ACK does not tell */
	put(&w, APACC, AP_DRW, 1);
	assert_int_equal(get(&w, DPACC, CTRL) & STICKYERR, STICKYERR);
	put(&w, DPACC, CTRL, POWER_UP | STICKYERR);
	assert_int_equal(get(&w, DPACC, CTRL), POWERED);
	assert_int_equal(get(&w, APACC, AP_TAR), NOWHERE); /* of the access that failed */
	wbsim_peek(w.sim, SRAM, &after, sizeof(after));
	assert_int_equal(after, before);
	wire_end(&w);
}

static void busy_flash_answers_wait_and_loses_the_scan(void **state)
{
	struct wire w;

	(void)state;
	connect(&w);
	unlock(w.sim);
	wr(w.sim, FLASH_REG(0x14), CR_START_PAGE_100);
	put(&w, APACC, AP_TAR, PAGE_100);
	put(&w, DPACC, CTRL, POWER_UP | ORUNDETECT);
	exchange(&w, APACC, true, AP_DRW, 0);
	assert_int_equal(exchange(&w, DPACC, false, SELECT, 0xF0).ack, WAIT);
	assert_int_equal(exchange(&w, APACC, false, AP_TAR, SRAM).ack, WAIT);
	for (unsigned int ms = 0; ms < ERASE_MS; ms++)
		chars(&w, "Z", NULL, 0);
	assert_int_equal(result(&w), 0xFFFFFFFF);
	assert_int_equal(get(&w, DPACC, SELECT), 0);
	assert_int_equal(get(&w, DPACC, CTRL), POWERED | ORUNDETECT | STICKYORUN);
	put(&w, DPACC, CTRL, POWER_UP | STICKYORUN);
	assert_int_equal(get(&w, APACC, AP_TAR), PAGE_100 + 4);
	wire_end(&w);
}

static void abort_gives_a_waiting_access_up(void **state)
{
	struct wire w;

	(void)state;
	connect(&w);
	unlock(w.sim);
	wr(w.sim, FLASH_REG(0x14), CR_START_PAGE_100);
	put(&w, APACC, AP_TAR, PAGE_100);
	exchange(&w, APACC, true, AP_DRW, 0);
	assert_int_equal(exchange(&w, DPACC, true, CTRL, 0).ack, WAIT);
	exchange(&w, ABORT, false, 0, 1);
	assert_int_equal(get(&w, DPACC, CTRL), POWERED);
	assert_int_equal(get(&w, APACC, AP_TAR), PAGE_100);
	wire_end(&w);
}

static void swd_and_back(void **state)
{
	struct wire w;

	(void)state;
	connect(&w);
	line_reset(&w, ONES_50, 0);
	swd_out(&w, 0xE79E, 16);
	line_reset(&w, ONES_50, 2);
	assert_int_equal(swd_read(&w, false, 0).data, 0x6BA02477);
	assert_int_equal(swd_read(&w, false, CTRL).data & POWERED, POWERED);
	assert_true(jtag_clock(&w, false, false)); /* nobody drives TDO */
	line_reset(&w, ONES_50, 0);
	swd_out(&w, 0xE73C, 16);
	tap_reset(&w);
	assert_int_equal(scan(&w, false, 0, 32), CPU_IDCODE);
	assert_int_equal(get(&w, DPACC, CTRL) & POWERED, POWERED);
	wire_end(&w);
}

static void jtag_goes_dormant_and_wakes(void **state)
{
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	tap_reset(&w);
	for (int i = 0; i < 5; i++)
		jtag_clock(&w, true, false);
	for (int i = 0; i < 31; i++)
		jtag_clock(&w, 0x33BBBBBA >> i & 1, false);
	tap_reset(&w);
	assert_int_equal(scan(&w, false, 0, 32), 0xFFFFFFFF);
	swd_out(&w, 0xFF, 8);
	swd_out(&w, 0x86852D956209F392, 64);
	swd_out(&w, 0x19BC0EA2E3DDAFE9, 64);
	swd_out(&w, 0x000, 12);
	tap_reset(&w);
	assert_int_equal(scan(&w, false, 0, 32), CPU_IDCODE);
	wire_end(&w);
}

static void srst_holds_the_chip_and_the_port_stays(void **state)
{
	struct wire w;
	uint64_t resets;

	(void)state;
	connect(&w);
	resets = w.sim->stats.resets;
	chars(&w, "s", NULL, 0);
	assert_true(w.sim->nrst_low);
	assert_int_equal(w.sim->stats.resets, resets + 1);
	assert_int_equal(get(&w, DPACC, CTRL) & POWERED, POWERED);
	chars(&w, "r", NULL, 0);
	assert_false(w.sim->nrst_low);
	chars(&w, "s", NULL, 0);
	bitbang_leave(&w.swj);
	assert_false(w.sim->nrst_low); /* a host that is gone holds nothing */
	wire_end(&w);
}

static void without_power_tdo_is_pulled_up(void **state)
{
	struct wire w;
	uint64_t commands;

	(void)state;
	connect(&w);
	wbsim_power(w.sim, false);
	tap_reset(&w);
	commands = w.sim->stats.probe_commands;
	scan(&w, true, IR(DPACC), CHAIN_IR);
	assert_int_equal(scan(&w, false, 0, 32), 0xFFFFFFFF);
	assert_int_equal(w.sim->stats.probe_commands, commands); /* nobody took part */
	wbsim_power(w.sim, true);
	tap_reset(&w);
	assert_int_equal(scan(&w, false, 0, 32), CPU_IDCODE);
	assert_int_equal(get(&w, DPACC, CTRL) & POWERED, 0);
	wire_end(&w);
}

static void characters_do_what_they_say(void **state)
{
	struct wire w;
	uint64_t now;
	char out[8], bad = 0;
	size_t n;

	(void)state;
	wire_start(&w, NULL);
	now = wbsim_now(w.sim);
	chars(&w, "ZzBb", NULL, 0);
	assert_int_equal(wbsim_now(w.sim) - now, MS_NS + 1000);
	chars(&w, "040404", NULL, 0);
	assert_int_equal(wbsim_now(w.sim) - now, MS_NS + 1000 + 5 * SWJ_EDGE_NS);
	chars(&w, "edcOcoc", out, 3);
	assert_memory_equal(out, "001", 3); /* driven low, driven low, released */
	assert_int_equal(bitbang_serve(&w.swj, "RQR", 3, out, &n, &bad), BITBANG_QUIT);
	assert_int_equal(n, 1);
	assert_int_equal(bitbang_serve(&w.swj, "R8R", 3, out, &n, &bad), BITBANG_BAD);
	assert_int_equal(bad, '8');
	wire_end(&w);
}

static void a_pulled_probe_stops_at_once(void **state)
{
	struct wire w;
	char why[256], out[64], bad;
	size_t n;

	(void)state;
	connect(&w);
	assert_true(wbsim_add_fault(w.sim, "command=1:unplug", why, sizeof(why)));
	wbsim_clear_faults(w.sim);
	assert_true(wbsim_add_fault(w.sim, "command=1:unplug", why, sizeof(why)));
	/* into Capture-DR of DPACC and on */
	assert_int_equal(bitbang_serve(&w.swj, "2604040R4R4R4", 13, out, &n, &bad), BITBANG_OK);
	assert_false(wbsim_plugged(w.sim));
	assert_true(n < 3);
	wire_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reset_selects_both_idcodes),
		cmocka_unit_test(trst_resets_the_taps),
		cmocka_unit_test(instructions_capture_what_ieee_1149_wants),
		cmocka_unit_test(unknown_instructions_are_bypass),
		cmocka_unit_test(pauses_do_not_disturb_a_scan),
		cmocka_unit_test(memory_is_written_and_read),
		cmocka_unit_test(a_sticky_error_discards_and_is_cleared_by_ctrl_stat),
		cmocka_unit_test(busy_flash_answers_wait_and_loses_the_scan),
		cmocka_unit_test(abort_gives_a_waiting_access_up),
		cmocka_unit_test(swd_and_back),
		cmocka_unit_test(jtag_goes_dormant_and_wakes),
		cmocka_unit_test(srst_holds_the_chip_and_the_port_stays),
		cmocka_unit_test(without_power_tdo_is_pulled_up),
		cmocka_unit_test(characters_do_what_they_say),
		cmocka_unit_test(a_pulled_probe_stops_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

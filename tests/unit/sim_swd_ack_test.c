/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The virtual chip's SWD, bit by bit: FAULT, WAIT, parity of data, overrun. */
#include "sim_swd_host.h"

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

static void flash_is_as_busy_where_cpu1_sees_it_at_0(void **state)
{
	static const uint32_t vectors[] = { 0x20001000, 0x08000009, 0xE7FEE7FE };
	struct wire w;

	(void)state;
	connect(&w);
	wbsim_poke(w.sim, 0x08000000, vectors, sizeof(vectors));
	wbsim_power(w.sim, false);
	wbsim_power(w.sim, true); /* now it boots from flash */
	to_swd(&w);
	good(&w, false, 0);
	put(&w, false, DP_CTRL, POWER_UP);
	unlock(w.sim);
	wr(w.sim, FLASH_REG(0x14), CR_START_PAGE_100);
	put(&w, true, AP_TAR, 0);
	good(&w, true, AP_DRW);
	assert_int_equal(swd_read(&w, false, DP_RDBUFF).ack, SWD_WAIT);
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
	good(&w, true, AP_TAR); /* what came with the refused write is not there */
	assert_int_equal(good(&w, false, DP_RDBUFF), PAGE_100);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_parity_of_data_is_sticky),
		cmocka_unit_test(a_bus_error_is_a_fault_until_abort),
		cmocka_unit_test(busy_flash_makes_the_port_wait),
		cmocka_unit_test(flash_is_as_busy_where_cpu1_sees_it_at_0),
		cmocka_unit_test(a_write_waits_for_busy_flash_and_is_done_then),
		cmocka_unit_test(dapabort_gives_a_waiting_access_up),
		cmocka_unit_test(overrun_detection_has_data_phases_and_a_flag),
		cmocka_unit_test(injected_faults_show_on_the_wire),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

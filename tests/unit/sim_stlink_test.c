/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtual ST-LINK: commands as OpenOCD sends them, status bytes, cost, faults, and frames of
 * the TCP protocol. Answers go to buffers of their exact size: the sanitizer sees any overrun.
 */
#include "sim/server.h"
#include "sim/wbsim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SRAM 0x20000000u
#define UNMAPPED 0x30000000u
#define MS 1000000ull /* ns */
#define OK 0x80
#define AP_FAULT 0x11
#define AP_ERROR 0x12
#define ALIGNMENT 0x0a
#define TOO_LONG 0x81
#define BAD_AP 0x1d
#define NO_DEVICE 0x05
#define GET_IDCODE 0x09

static struct wbsim *board(enum wbsim_probe_kind probe)
{
	struct wbsim_config cfg = { .probe = probe };
	char why[256] = "";
	struct wbsim *sim = wbsim_new(&cfg, why, sizeof(why));

	if (!sim)
		fail_msg("%s", why);
	return sim;
}

static uint32_t le32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* One command with an answer of len bytes; the caller frees it. */
static uint8_t *ask(struct wbsim *sim, size_t len, const uint8_t *cmd, size_t cmd_len)
{
	uint8_t cdb[16] = { 0 };
	uint8_t *answer = malloc(len ? len : 1);

	memcpy(cdb, cmd, cmd_len);
	assert_non_null(answer);
	assert_int_equal(wbsim_stlink_command(sim, cdb, 1, answer, len), WBSIM_OK);
	return answer;
}

#define ASK(sim, len, ...)                                                                         \
	ask(sim, len, (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

#define BYTES32(val)                                                                               \
	(uint8_t)((val)&0xff), (uint8_t)((val) >> 8 & 0xff), (uint8_t)((val) >> 16 & 0xff),        \
		(uint8_t)((val) >> 24 & 0xff)

static uint8_t status_of(uint8_t *answer)
{
	uint8_t status = answer[0];

	free(answer);
	return status;
}

static void enter(struct wbsim *sim)
{
	assert_int_equal(status_of(ASK(sim, 2, 0xf2, 0x30, 0xa3)), OK);
}

static uint8_t rw_status(struct wbsim *sim, uint32_t *addr)
{
	uint8_t *answer = ASK(sim, 12, 0xf2, 0x3e);

	if (addr)
		*addr = le32(answer + 4);
	return status_of(answer);
}

static uint8_t mem_write(struct wbsim *sim, uint8_t op, uint32_t addr, const void *data, size_t len)
{
	const uint8_t cdb[16] = { 0xf2, op, BYTES32(addr), (uint8_t)len, (uint8_t)(len >> 8) };
	uint8_t *copy = malloc(len ? len : 1);

	assert_non_null(copy);
	memcpy(copy, data, len);
	assert_int_equal(wbsim_stlink_command(sim, cdb, 0, copy, len), WBSIM_OK);
	free(copy);
	return rw_status(sim, NULL);
}

static uint8_t *mem_read(struct wbsim *sim, uint8_t op, uint32_t addr, size_t len)
{
	return ASK(sim, len, 0xf2, op, BYTES32(addr), (uint8_t)len, (uint8_t)(len >> 8));
}

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

/* ---- memory ---------------------------------------------------------------------------------- */

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

/* ---- power, plug, faults --------------------------------------------------------------------- */

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

static void unplugged_probe_answers_nothing(void **state)
{
	struct wbsim *sim = board(WBSIM_PROBE_V3);
	uint32_t word;

	(void)state;
	assert_int_equal(wbsim_attach(sim), WBSIM_OK);
	wbsim_unplug(sim);
	assert_int_equal(wbsim_mem_read(sim, SRAM, 4, 1, &word), WBSIM_UNPLUGGED);
	assert_int_equal(wbsim_attach(sim), WBSIM_UNPLUGGED);
	wbsim_replug(sim);
	assert_int_equal(wbsim_mem_read(sim, SRAM, 4, 1, &word), WBSIM_NO_DAP);
	assert_int_equal(wbsim_attach(sim), WBSIM_OK);
	assert_int_equal(wbsim_mem_read(sim, SRAM, 4, 1, &word), WBSIM_OK);
	wbsim_free(sim);
}

static void fault_strikes_at_its_command(void **state)
{
	struct wbsim *sim = board(WBSIM_PROBE_V3);
	char why[256];
	uint32_t word;

	(void)state;
	assert_true(wbsim_add_fault(sim, "command=2:power-cut=50", why, sizeof(why)));
	assert_true(wbsim_add_fault(sim, "command=9:parity", why, sizeof(why)));
	assert_int_equal(wbsim_attach(sim), WBSIM_OK); /* 1 */
	assert_int_equal(wbsim_mem_read(sim, SRAM, 4, 1, &word), WBSIM_NO_DAP); /* 2, 3, 4 */
	assert_int_equal(wbsim_attach(sim), WBSIM_NO_DAP); /* 5 */
	wbsim_sleep(sim, 50 * MS);
	assert_int_equal(wbsim_attach(sim), WBSIM_OK); /* 6 */
	assert_int_equal(wbsim_mem_read(sim, SRAM, 4, 1, &word), WBSIM_PARITY); /* 7, 8, 9 */
	assert_int_equal(wbsim_stats(sim)->faults, 2);
	wbsim_free(sim);
}

static void put_word(struct wbsim *sim, uint32_t addr, uint32_t val)
{
	assert_int_equal(wbsim_mem_write(sim, addr, 4, 1, &val), WBSIM_OK);
}

static uint32_t get_word(struct wbsim *sim, uint32_t addr)
{
	uint32_t val = 0;

	assert_int_equal(wbsim_mem_read(sim, addr, 4, 1, &val), WBSIM_OK);
	return val;
}

static void add_fault(struct wbsim *sim, const char *spec)
{
	char why[256];

	wbsim_clear_faults(sim);
	if (!wbsim_add_fault(sim, spec, why, sizeof(why)))
		fail_msg("%s", why);
}

static void brown_out_selects_safeboot(void **state)
{
	struct wbsim *sim = board(WBSIM_PROBE_V3);
	struct wbsim_cpu2_view view;

	(void)state;
	add_fault(sim, "command=1:brown-out=20");
	assert_int_equal(wbsim_attach(sim), WBSIM_NO_DAP);
	wbsim_sleep(sim, 20 * MS);
	assert_int_equal(wbsim_attach(sim), WBSIM_OK);
	wbsim_cpu2_view(sim, &view);
	assert_int_equal(view.sfsa, 0);
	assert_int_equal(view.sbrv, 0x3fc00);
	wbsim_free(sim);
}

static void hung_bsy_ends_with_a_power_cycle(void **state)
{
	const uint32_t keyr = 0x58004008, sr = 0x58004010, cr = 0x58004014, bsy = 1u << 16;
	struct wbsim *sim = board(WBSIM_PROBE_V3);

	(void)state;
	assert_int_equal(wbsim_attach(sim), WBSIM_OK);
	add_fault(sim, "flash=1:bsy-hung");
	put_word(sim, keyr, 0x45670123);
	put_word(sim, keyr, 0xcdef89ab);
	put_word(sim, cr, 0x10082); /* erase page 16 */
	wbsim_sleep(sim, 1000 * MS);
	assert_true(get_word(sim, sr) & bsy);
	wbsim_power(sim, false);
	wbsim_power(sim, true);
	assert_int_equal(wbsim_attach(sim), WBSIM_OK);
	assert_false(get_word(sim, sr) & bsy);
	wbsim_free(sim);
}

static void core_leaves_nrst_halted_when_asked_to(void **state)
{
	const uint32_t dhcsr = 0xe000edf0, demcr = 0xe000edfc, s_halt = 1u << 17;
	struct wbsim *sim = board(WBSIM_PROBE_V3);

	(void)state;
	assert_int_equal(wbsim_nrst(sim, true), WBSIM_OK);
	assert_int_equal(wbsim_attach(sim), WBSIM_OK);
	put_word(sim, dhcsr, 0xa05f0001);
	put_word(sim, demcr, 1);
	assert_int_equal(wbsim_nrst(sim, false), WBSIM_OK);
	wbsim_sleep(sim, MS);
	assert_true(get_word(sim, dhcsr) & s_halt);
	put_word(sim, demcr, 0);
	assert_int_equal(wbsim_nrst(sim, true), WBSIM_OK);
	assert_int_equal(wbsim_nrst(sim, false), WBSIM_OK);
	wbsim_sleep(sim, MS);
	assert_false(get_word(sim, dhcsr) & s_halt);
	wbsim_free(sim);
}

static void faults_that_mean_nothing_are_refused(void **state)
{
	static const char *const bad[] = { "", ":", "command", "command=1", "command=0:unplug",
		"command=x:unplug", "command=1:", "command=1:explode", "command=1:unplug=3",
		"command=1:power-cut=", "command=1:power-cut=-1", "flash=1 :unplug",
		"step=:unplug" };
	struct wbsim *sim = board(WBSIM_PROBE_V3);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char why[256] = "";

		assert_false(wbsim_add_fault(sim, bad[i], why, sizeof(why)));
		assert_true(why[0]);
	}
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

/* ---- state ----------------------------------------------------------------------------------- */

static void snapshot_brings_everything_back(void **state)
{
	struct wbsim *sim = board(WBSIM_PROBE_V3);
	uint8_t got[4];
	size_t len = 0;
	void *snap;

	(void)state;
	assert_true(wbsim_poke(sim, 0x08001000, "kept", 4));
	assert_true(wbsim_poke(sim, 0x1fff7000, "otp!", 4));
	snap = wbsim_snapshot(sim, &len);
	assert_non_null(snap);
	assert_true(wbsim_poke(sim, 0x08001000, "lost", 4));
	assert_true(wbsim_poke(sim, 0x1fff7000, "lost", 4));
	assert_true(wbsim_restore(sim, snap, len));
	assert_true(wbsim_peek(sim, 0x08001000, got, 4));
	assert_memory_equal(got, "kept", 4);
	assert_true(wbsim_peek(sim, 0x1fff7000, got, 4));
	assert_memory_equal(got, "otp!", 4);
	for (size_t cut = 0; cut < len; cut += len / 7)
		assert_false(wbsim_restore(sim, snap, cut));
	free(snap);
	wbsim_free(sim);
}

static void damaged_state_file_is_refused(void **state)
{
	char path[] = "/tmp/openfus-state.XXXXXX", why[256] = "";
	struct wbsim *sim = board(WBSIM_PROBE_V3);
	long at;
	FILE *f;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_non_null(f = fdopen(fd, "r+"));
	assert_false(wbsim_load(sim, path, why, sizeof(why))); /* empty */
	assert_true(wbsim_save(sim, path, why, sizeof(why)));
	assert_true(wbsim_load(sim, path, why, sizeof(why)));
	fclose(f);
	assert_non_null(f = fopen(path, "r+"));
	fseek(f, -9, SEEK_END);
	at = ftell(f);
	assert_true(at > 0);
	int byte = fgetc(f);

	fseek(f, at, SEEK_SET);
	fputc(byte ^ 0x55, f);
	fclose(f);
	assert_false(wbsim_load(sim, path, why, sizeof(why)));
	assert_non_null(strstr(why, "damaged"));
	remove(path);
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
		cmocka_unit_test(blocks_of_all_widths_cross_4_kib),
		cmocka_unit_test(bytes_at_odd_addresses_keep_their_neighbours),
		cmocka_unit_test(bad_blocks_are_refused_with_a_status),
		cmocka_unit_test(bus_error_names_its_address_and_is_over),
		cmocka_unit_test(no_increment_stays_on_one_word),
		cmocka_unit_test(scatter_gather_gives_a_status_an_item),
		cmocka_unit_test(lost_port_needs_entering_again),
		cmocka_unit_test(unplugged_probe_answers_nothing),
		cmocka_unit_test(fault_strikes_at_its_command),
		cmocka_unit_test(brown_out_selects_safeboot),
		cmocka_unit_test(hung_bsy_ends_with_a_power_cycle),
		cmocka_unit_test(core_leaves_nrst_halted_when_asked_to),
		cmocka_unit_test(faults_that_mean_nothing_are_refused),
		cmocka_unit_test(a_transfer_costs_three_commands_and_its_bits),
		cmocka_unit_test(snapshot_brings_everything_back),
		cmocka_unit_test(damaged_state_file_is_refused),
		cmocka_unit_test(any_bytes_are_survived),
		cmocka_unit_test(frames_are_measured_before_they_are_trusted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the flash driver's work costs on the virtual chip, in-process: virtual time beyond the flash's
 * own, and ST-LINK commands; and that CPU1's registers are transferred alike in one go and one by one.
 * Counts, the same on every machine. In OpenOCD, tests/bench_driver.tcl.
 */
#include "tests/unit/core_make.h"
#include "tests/unit/core_board.h"
#include "core/bank.h"
#include "core/cortex_m.h"

#define PLACE 0x08040000u
#define PAGE 4096u
#define KIB 1024u
#define SIZE (64u * KIB)
#define SRAM1 0x20000000u
#define SRAM1_USED 0x3000u
/* Datasheet DS11929, typical. */
#define DOUBLE_WORD_NS 81700u
#define ERASE_NS 22000000u

static struct board board;
static uint8_t data[SIZE];
static bool never_ready;
static unsigned int goes;

struct cost {
	uint64_t ns, limit;
	unsigned int commands, erases;
};

/* As a host that queues does it; without what that saves, which is the probe's. */
static enum wb_status in_one_go(struct wb_link *link, struct wb_word *words, size_t count)
{
	enum wb_status status = WB_OK;

	goes++;
	for (size_t i = 0; status == WB_OK && i < count; i++) {
		status = words[i].write
				 ? link->write(link, words[i].address, 4, 1, &words[i].value)
				 : link->read(link, words[i].address, 4, 1, &words[i].value);
		if (never_ready && words[i].address == CM_DHCSR && !words[i].write)
			words[i].value &= ~CM_DHCSR_S_REGRDY;
	}
	return status;
}

/* A probe that stays as slow as it was set, whatever is asked for. */
static enum wb_status same_speed(struct wb_link *link, unsigned int *khz, bool set)
{
	(void)link;
	(void)set;
	*khz = wbsim_get_speed(board.sim);
	return WB_OK;
}

static void take(bool together)
{
	uint8_t noise[SRAM1_USED];

	board_open_chip(&board, &(struct wbsim_config){ .probe = WBSIM_PROBE_V3 });
	assert_int_equal(board.bench.link.reset_hold(&board.bench.link, false), WB_OK);
	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (uint8_t)(i * 7 + i / 256);
	assert_true(wbsim_poke(board.sim, SRAM1, noise, sizeof(noise)));
	board.bench.link.words = together ? in_one_go : NULL;
	goes = 0;
	never_ready = false;
}

/* Noise without 0xFF; the second half of each 2 KiB blank if sparse. */
static void make(unsigned int seed, bool sparse)
{
	uint32_t x = seed;

	for (uint32_t i = 0; i < SIZE; i++) {
		x = x * 1664525u + 1013904223u;
		data[i] = sparse && i & KIB ? 0xff : (uint8_t)((x >> 24) % 255u);
	}
}

static struct cost write_it(void)
{
	const struct wbsim_stats *stats = wbsim_stats(board.sim);
	const struct wbsim_stats before = *stats;
	uint64_t began = wbsim_now(board.sim), erases, words;
	uint32_t due[WB_PAGE_WORDS] = { 0 };
	struct wb_bank_done done;

	for (uint32_t i = 0, page = (PLACE - 0x08000000u) / PAGE; i < SIZE / PAGE; i++, page++)
		due[page / 32] |= 1u << page % 32;
	assert_int_equal(wb_bank_write(&board.bench.link, NULL, PLACE, SIZE, data, due, &done, &board.err),
		WB_OK);
	erases = stats->flash_erases - before.flash_erases;
	words = stats->flash_dwords - before.flash_dwords;
	return (struct cost){ wbsim_now(board.sim) - began,
		erases * ERASE_NS + words * DOUBLE_WORD_NS,
		(unsigned int)(stats->probe_commands - before.probe_commands),
		(unsigned int)erases };
}

static void check_flash(void)
{
	static uint8_t there[SIZE];

	assert_true(wbsim_peek(board.sim, PLACE, there, SIZE));
	assert_memory_equal(there, data, SIZE);
}

static void check_sram(void)
{
	uint8_t there[SRAM1_USED];

	assert_true(wbsim_peek(board.sim, SRAM1, there, sizeof(there)));
	for (size_t i = 0; i < sizeof(there); i++)
		assert_int_equal(there[i], (uint8_t)(i * 7 + i / 256));
}

static void writing_takes_little_more_than_the_flash(void **state)
{
	/* noise into blank flash, over it, the same again, sparse over it; ms beyond the flash's */
	static const struct {
		unsigned int seed;
		bool sparse;
		unsigned int more_ms, commands;
	} rows[] = { { 1, false, 200, 670 }, { 2, false, 200, 670 }, { 2, false, 140, 440 },
		{ 3, true, 215, 680 } };

	(void)state;
	take(false);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		make(rows[i].seed, rows[i].sparse);
		struct cost cost = write_it();

		print_message("%u KiB at 3300 kHz%s: %.1f ms, the flash's own %.1f, %u commands\n",
			SIZE / KIB, rows[i].sparse ? ", sparse" : "", (double)cost.ns / 1e6,
			(double)cost.limit / 1e6, cost.commands);
		assert_true(cost.ns <= cost.limit + rows[i].more_ms * 1000000ull);
		assert_true(cost.commands <= rows[i].commands);
		assert_int_equal(cost.erases, i & 1 ? SIZE / PAGE : 0);
		assert_true(i != 2 || !cost.limit);
		check_flash();
		check_sram();
	}
	board_close(&board);
}

/* Runs of 0xFF do not travel: at 200 kHz, where the wire is what takes the time. */
static void blank_runs_do_not_travel(void **state)
{
	struct cost cost;

	(void)state;
	take(false);
	wbsim_set_speed(board.sim, 200);
	board.bench.link.speed = same_speed;
	make(4, true);
	cost = write_it();
	/* 60 ms a KiB of data; all of it would take 3840, and stub, SRAM1 and polls 1300 more */
	assert_in_range(cost.ns / 1000000u, 32 * 60, 3500);
	check_flash();
	board_close(&board);
}

/* Below 1 MHz, as the commands do; the user's clock is there again afterwards. */
static void a_slow_clock_is_raised_for_the_work(void **state)
{
	(void)state;
	take(false);
	wbsim_set_speed(board.sim, 200);
	make(4, true);
	assert_in_range(write_it().ns / 1000000u, 1, 32 * 60);
	assert_int_equal(wbsim_get_speed(board.sim), 200);
	check_flash();
	board_close(&board);
}

static void together_or_one_by_one_registers_are_the_same(void **state)
{
	static const uint8_t regs[] = { 0, 1, 7, 12, CM_LR };
	static const uint32_t wanted[] = { 0x11111111, 0x22222222, 0x77777777, 0xcccccccc, 0xeeeeeeee };
	uint32_t values[sizeof(regs)];

	(void)state;
	for (unsigned int way = 0; way < 3; way++) {
		take(way > 0);
		never_ready = way == 2; /* so that all is done again */
		assert_int_equal(cortex_m_regs_write(&board.bench.link, regs, sizeof(regs), wanted),
			WB_OK);
		assert_int_equal(cortex_m_regs_read(&board.bench.link, regs, sizeof(regs), values),
			WB_OK);
		assert_memory_equal(values, wanted, sizeof(wanted));
		assert_int_equal(goes, way ? 2 : 0);
		board_close(&board);
	}
}

/* A look, the keys, registers, halt: all of them in one go. */
static void a_write_that_goes_together_is_the_same(void **state)
{
	uint32_t before[2], after[2];
	static const uint8_t regs[] = { CM_SP, CM_PC };

	(void)state;
	take(true);
	make(5, false);
	assert_int_equal(cortex_m_regs_read(&board.bench.link, regs, 2, before), WB_OK);
	for (unsigned int round = 0; round < 2; round++) { /* what is there already, too */
		goes = 0;
		assert_int_equal(write_it().limit > 0, !round);
		assert_int_equal(cortex_m_regs_read(&board.bench.link, regs, 2, after), WB_OK);
		assert_memory_equal(after, before, sizeof(before));
		assert_true(goes > 5);
		check_flash();
		check_sram();
	}
	board_close(&board);
}

/* CRC-32/MPEG-2, which OpenOCD compares with; bit by bit here. */
static uint32_t top_first(const uint8_t *bytes, size_t size)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < size; i++) {
		crc ^= (uint32_t)bytes[i] << 24;
		for (unsigned int bit = 0; bit < 8; bit++)
			crc = crc << 1 ^ (crc & 1u << 31 ? 0x04c11db7u : 0);
	}
	return crc;
}

static void openocds_sum_is_made_on_the_chip(void **state)
{
	static const uint32_t sizes[] = { 1, 4, 33, 4096, SIZE - 3 };
	uint32_t sum;

	(void)state;
	take(false);
	make(6, false);
	write_it();
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		assert_int_equal(wb_bank_sum(&board.bench.link, PLACE, sizes[i], &sum, &board.err),
			WB_OK);
		assert_int_equal(sum, top_first(data, sizes[i]));
	}
	assert_int_equal(wb_bank_sum(&board.bench.link, PLACE + 1, 100, &sum, &board.err), WB_OK);
	assert_int_equal(sum, top_first(data + 1, 100));
	check_sram();
	board_close(&board);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writing_takes_little_more_than_the_flash),
		cmocka_unit_test(blank_runs_do_not_travel),
		cmocka_unit_test(a_slow_clock_is_raised_for_the_work),
		cmocka_unit_test(together_or_one_by_one_registers_are_the_same),
		cmocka_unit_test(a_write_that_goes_together_is_the_same),
		cmocka_unit_test(openocds_sum_is_made_on_the_chip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

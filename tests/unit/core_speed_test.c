/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What staging costs on the virtual chip: virtual time beside the flash's own, and ST-LINK commands.
 * Both are counts, the same on every machine; a table of them is printed.
 */
#include "tests/unit/core_make.h"
#include "tests/unit/core_board.h"
#include "core/flash.h"
#include "core/session.h"
#include "core/stub_host.h"

#define PLACE 0x08040000u
#define PAGE 4096u
/* Datasheet DS11929, typical. */
#define DOUBLE_WORD_NS 81700u
#define ERASE_NS 22000000u
#define BLE_STACK_FULL 129460u
#define THREAD_MTD 340176u

static struct board board;
static const struct wb_operation op;

struct cost {
	uint64_t ns, commands, erases, dwords;
};

static struct cost now(void)
{
	const struct wbsim_stats *stats = wbsim_stats(board.sim);

	return (struct cost){ wbsim_now(board.sim), stats->probe_commands, stats->flash_erases,
		stats->flash_dwords };
}

static struct cost staging(const struct wb_image *image)
{
	struct cost before = now(), after;

	assert_int_equal(flash_stage(board.session, image, PLACE, &board.err), WB_OK);
	after = now();
	return (struct cost){ after.ns - before.ns, after.commands - before.commands,
		after.erases - before.erases, after.dwords - before.dwords };
}

static uint64_t limit_of(uint32_t size, bool used)
{
	return (size + 7u) / 8u * (uint64_t)DOUBLE_WORD_NS +
	       (used ? (size + PAGE - 1) / PAGE * (uint64_t)ERASE_NS : 0);
}

/* A probe that stays as slow as it was set, whatever is asked for. */
static enum wb_status same_speed(struct wb_link *link, unsigned int *khz, bool set)
{
	(void)link;
	(void)set;
	*khz = wbsim_get_speed(board.sim);
	return WB_OK;
}

/* A session as an upgrade has it when it begins to stage: user flash scanned, the stub running. */
static void take(enum wbsim_probe_kind probe, unsigned int khz)
{
	struct wb_goal goal = { 0 };
	struct wb_flash_scan scan;

	board_open_chip(&board, &(struct wbsim_config){ .probe = probe });
	wbsim_set_speed(board.sim, khz);
	board.bench.link.speed = same_speed;
	assert_int_equal(session_open(board.session, &op, &board.result, &board.err), WB_OK);
	board.session->installs = board.session->stub_due = true;
	assert_int_equal(cm0_start(board.session, &board.err), WB_OK);
	assert_int_equal(flash_scan(board.session, &goal, &scan, &board.err), WB_OK);
}

static void fill(uint32_t size)
{
	uint8_t page[PAGE];

	memset(page, 0x5a, sizeof(page));
	for (uint32_t at = 0; at < size; at += PAGE)
		assert_true(wbsim_poke(board.sim, PLACE + at, page, sizeof(page)));
}

struct row {
	enum wbsim_probe_kind probe;
	unsigned int khz;
	uint32_t size;
	/* of the flash's own time, in percent: blank area, used area; ms for an unchanged image */
	unsigned int blank, used, same_ms;
};

static void measure(const struct row *row)
{
	const char *probe = row->probe == WBSIM_PROBE_V2 ? "V2" : "V3";
	uint64_t kib = row->size / 1024u, limit;
	struct wb_image image;
	struct cost cost;

	take(row->probe, row->khz);
	board_image(&image, BOARD_STACK, VERSION(1, 24, 0), row->size);
	for (int used = 0; used < 2; used++) {
		limit = limit_of(row->size, used);
		if (used)
			fill(row->size);
		cost = staging(&image);
		print_message("%s %5u kHz %6u bytes, %s: %7.3f s, %.3f x the limit, %.2f commands "
			      "a KiB\n", probe, row->khz, (unsigned int)row->size,
			used ? "used " : "blank", (double)cost.ns / 1e9,
			(double)cost.ns / (double)limit, (double)cost.commands / (double)kib);
		assert_true(cost.ns * 100 <= limit * (used ? row->used : row->blank));
		assert_true(cost.commands <= 2 * kib);
		assert_int_equal(cost.erases, used ? (row->size + PAGE - 1) / PAGE : 0);
	}
	cost = staging(&image);
	print_message("%s %5u kHz %6u bytes, same : %7.3f s, %u commands\n", probe, row->khz,
		(unsigned int)row->size, (double)cost.ns / 1e9, (unsigned int)cost.commands);
	assert_true(cost.ns <= row->same_ms * 1000000ull);
	assert_true(cost.commands <= 40);
	assert_int_equal(cost.erases + cost.dwords, 0);
	board_image_free(&image);
	board_close(&board);
}

static void staging_takes_the_flashs_own_time(void **state)
{
	static const struct row rows[] = {
		{ WBSIM_PROBE_V3, 24000, BLE_STACK_FULL, 105, 105, 30 },
		{ WBSIM_PROBE_V3, 8000, BLE_STACK_FULL, 105, 105, 30 },
		{ WBSIM_PROBE_V3, 3300, BLE_STACK_FULL, 105, 105, 30 },
		{ WBSIM_PROBE_V3, 1000, BLE_STACK_FULL, 130, 105, 40 },
		{ WBSIM_PROBE_V2, 4000, BLE_STACK_FULL, 110, 105, 60 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		measure(&rows[i]);
}

/* The slow ones too, and the large image. */
static void staging_at_every_speed(void **state)
{
	static const struct row rows[] = {
		{ WBSIM_PROBE_V3, 24000, THREAD_MTD, 105, 105, 60 },
		{ WBSIM_PROBE_V3, 8000, THREAD_MTD, 105, 105, 60 },
		{ WBSIM_PROBE_V3, 3300, THREAD_MTD, 105, 105, 60 },
		{ WBSIM_PROBE_V3, 1000, THREAD_MTD, 130, 105, 70 },
		{ WBSIM_PROBE_V3, 200, BLE_STACK_FULL, 650, 420, 100 },
		{ WBSIM_PROBE_V2, 480, BLE_STACK_FULL, 300, 200, 100 },
		{ WBSIM_PROBE_V2, 4000, THREAD_MTD, 110, 105, 80 },
	};

	(void)state;
	if (SANITIZED)
		skip();
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		measure(&rows[i]);
}

/* For `make bench` alone: CPU1 waits for minutes of its time. */
static void staging_a_large_image_slowly(void **state)
{
	static const struct row rows[] = {
		{ WBSIM_PROBE_V3, 200, THREAD_MTD, 650, 420, 100 },
		{ WBSIM_PROBE_V2, 480, THREAD_MTD, 300, 200, 100 },
	};

	const char *bench = getenv("BENCH");

	(void)state;
	if (!bench || !*bench)
		return;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		measure(&rows[i]);
}

/* One page of an image differs, and half of another is not there: only these are written. */
static void only_pages_that_differ_are_written(void **state)
{
	static const uint8_t blank[PAGE / 2] = { [0 ... PAGE / 2 - 1] = 0xff };
	uint8_t flash[40004];
	uint32_t word = 0;
	struct wb_image image;
	struct cost cost;

	(void)state;
	take(WBSIM_PROBE_V3, 3300);
	board_image(&image, BOARD_STACK, VERSION(1, 24, 0), sizeof(flash));
	staging(&image);
	wbsim_poke(board.sim, PLACE + 2 * PAGE + 16, &word, sizeof(word));
	wbsim_poke(board.sim, PLACE + 6 * PAGE + PAGE / 2, blank, sizeof(blank));
	cost = staging(&image);
	assert_int_equal(cost.erases, 2);
	assert_in_range(cost.dwords, 2 * PAGE / 8 - 8, 2 * PAGE / 8);
	assert_true(wbsim_peek(board.sim, PLACE, flash, sizeof(flash)));
	assert_memory_equal(flash, image.data, sizeof(flash));
	board_image_free(&image);
	board_close(&board);
}

/* CPU1's clock, the caches and the CRC unit's clock are as they were once the stub has stopped. */
static void clocks_are_put_back(void **state)
{
	static const uint32_t registers[] = { 0x58000000, 0x58000048, 0x58004000, 0xe000ed08 };
	uint32_t before[4], during[4], after[4], sum;

	(void)state;
	board_open(&board, "1.2.0", NULL);
	assert_int_equal(session_open(board.session, &op, &board.result, &board.err), WB_OK);
	for (size_t i = 0; i < 4; i++)
		board.bench.link.read(&board.bench.link, registers[i], 4, 1, &before[i]);
	assert_int_equal(flash_prepare(board.session, &board.err), WB_OK);
	assert_int_equal(flash_crc(board.session, 0x08000000, 4, &sum, &board.err), WB_OK);
	for (size_t i = 0; i < 4; i++)
		board.bench.link.read(&board.bench.link, registers[i], 4, 1, &during[i]);
	assert_int_equal(stub_stop(board.session, &board.err), WB_OK);
	for (size_t i = 0; i < 4; i++) {
		board.bench.link.read(&board.bench.link, registers[i], 4, 1, &after[i]);
		assert_int_not_equal(during[i], before[i]);
		assert_int_equal(after[i], before[i]);
	}
	assert_int_equal(during[0] >> 4 & 15, 10);
	board_close(&board);
}

/* ---- what an upgrade costs besides staging and the FUS's own work ------------------------------ */

#define PWR_CR4 0x5800040cu
#define C2BOOT 0x8000u

static struct {
	struct wb_link real;
	unsigned int starts; /* of the CM0+ */
	uint64_t staging_from, staging_ns;
	uint64_t fus_from; /* at staging_from */
} watched;

static enum wb_status watch_write(struct wb_link *link, uint32_t address, unsigned int width,
	size_t count, const void *data)
{
	uint32_t word = 0;

	memcpy(&word, data, width < sizeof(word) ? width : sizeof(word));
	watched.starts += address == PWR_CR4 && word & C2BOOT;
	return watched.real.write(link, address, width, count, data);
}

/* Staging is what is done between the line that says so and the next one. */
static void watch_report(struct wb_link *link, bool warning, const char *text)
{
	const struct wbsim_stats *stats = wbsim_stats(board.sim);

	if (watched.staging_from)
		watched.staging_ns += wbsim_now(board.sim) - watched.staging_from -
			(stats->ns_fus - watched.fus_from);
	watched.staging_from = strncmp(text, "stage at", 8) ? 0 : wbsim_now(board.sim);
	watched.fus_from = stats->ns_fus;
	watched.real.report(link, warning, text);
}

struct upgrade {
	const char *what, *fus;
	enum board_magic magic;
	uint32_t size, version;
	bool replaces; /* a smaller stack that is there already */
	/* bounds: of the FUS's time, in thousandths; link operations */
	unsigned int rest, operations;
};

static void measure_rest(const struct upgrade *u)
{
	struct wb_image image, old;
	uint64_t ns, fus, rest;

	board_open(&board, u->fus, NULL);
	if (u->replaces) {
		board_image(&old, BOARD_STACK, VERSION(1, 20, 0), 99752);
		assert_int_equal(board_upgrade(&board, &old), WB_OK);
		board_image_free(&old);
		wb_session_free(board.session);
		board.session = wb_session_new(&board.bench.link);
		assert_non_null(board.session);
		wbsim_power(board.sim, false);
		wbsim_power(board.sim, true);
		wbsim_attach(board.sim);
	}
	board_image(&image, u->magic, u->version, u->size);
	watched.real = board.bench.link;
	watched.starts = 0;
	watched.staging_from = watched.staging_ns = 0;
	board.bench.link.write = watch_write;
	board.bench.link.report = watch_report;
	board.bench.ops = 0;
	ns = wbsim_now(board.sim);
	fus = wbsim_stats(board.sim)->ns_fus;
	assert_int_equal(board_upgrade(&board, &image), WB_OK);
	ns = wbsim_now(board.sim) - ns;
	fus = wbsim_stats(board.sim)->ns_fus - fus;
	rest = ns - fus - watched.staging_ns;
	print_message("%s: %.3f s = %.3f s staging + %.3f s FUS + %.3f s rest, %.1f %% of the FUS's; "
		      "%u starts of the CM0+; %u link operations\n", u->what, (double)ns / 1e9,
		(double)watched.staging_ns / 1e9, (double)fus / 1e9, (double)rest / 1e9,
		100.0 * (double)rest / (double)fus, watched.starts, board.bench.ops);
	assert_true(rest * 1000 <= fus * u->rest);
	assert_true(board.bench.ops <= u->operations);
	board_image_free(&image);
	board_close(&board);
}

static void the_rest_of_an_upgrade_is_short(void **state)
{
	static const struct upgrade upgrades[] = {
		{ "install 129460 bytes", "2.2.0", BOARD_STACK, BLE_STACK_FULL, VERSION(1, 24, 0),
			false, 108, 660 },
		{ "install 340176 bytes", "2.2.0", BOARD_STACK, THREAD_MTD, VERSION(1, 24, 0), false,
			42, 1230 },
		{ "replace 99752 by 129460 bytes", "2.2.0", BOARD_STACK, BLE_STACK_FULL,
			VERSION(1, 24, 0), true, 160, 1010 },
		{ "FUS 1.2.0 -> 2.2.0, 24004 bytes", "1.2.0", BOARD_FUS, 24004, VERSION(2, 2, 0),
			false, 298, 520 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(upgrades) / sizeof(*upgrades); i++)
		measure_rest(&upgrades[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(staging_takes_the_flashs_own_time),
		cmocka_unit_test(staging_at_every_speed),
		cmocka_unit_test(staging_a_large_image_slowly),
		cmocka_unit_test(only_pages_that_differ_are_written),
		cmocka_unit_test(clocks_are_put_back),
		cmocka_unit_test(the_rest_of_an_upgrade_is_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

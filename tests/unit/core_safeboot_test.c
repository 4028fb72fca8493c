/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Safeboot selected: recover brings a chip back where ST says so, tells it as it sees it, and says
 * lost what is lost.
 */
#include "tests/unit/core_recover.h"

/* ---- Safeboot ---------------------------------------------------------------------------------- */

static const struct {
	const char *chip, *fus, *sbrv;
	bool recoverable; /* [wiki] 3.2: FUS 1.1.0 and newer */
} cases[] = {
	{ "wb55rg", "0.5.3", "SBRV=0x3FC00", false }, { "wb55rg", "1.0.1", "SBRV=0x3FC00", false },
	{ "wb55rg", "1.0.2", "SBRV=0x3FC00", false }, { "wb55rg", "1.1.0", "SBRV=0x3FC00", true },
	{ "wb55rg", "1.1.1", "SBRV=0x3FC00", true }, { "wb55rg", "1.1.2", "SBRV=0x3FC00", true },
	{ "wb55rg", "1.2.0", "SBRV=0x3FC00", true }, { "wb55rg", "2.0.0", "SBRV=0x3FC00", true },
	{ "wb55rg", "2.1.0", "SBRV=0x3FC00", true }, { "wb55rg", "2.2.0", "SBRV=0x3FC00", true },
	{ "wb55vy", "1.2.0", "SBRV=0x3FC00", true }, { "wb55re", "1.0.2", "SBRV=0x3FC00", false },
	{ "wb55re", "1.1.0", "SBRV=0x3FC00", true }, { "wb55rc", "2.2.0", "SBRV=0x3FC00", true },
	{ "wb50cg", "1.2.0", "SBRV=0x3FC00", true }, { "wb5mmg", "2.2.0", "SBRV=0x3FC00", true },
	{ "wb35ce", "1.2.0", "SBRV=0x3FC00", true }, { "wb35cc", "2.2.0", "SBRV=0x3FC00", true },
	{ "wb30ce", "1.2.0", "SBRV=0x3FC00", true }, { "wb15cc", "1.2.0", "SBRV=0x13E00", true },
	{ "wb15cc", "2.2.0", "SBRV=0x13E00", true }, { "wb10cc", "2.2.0", "SBRV=0x13E00", true },
	{ "wb1mmc", "1.2.0", "SBRV=0x13E00", true },
};
#define CASES (sizeof(cases) / sizeof(*cases))

/* As a debugger does it: SRAM2a keeps what it holds, unlike over a power cut. */
static void load_options(void)
{
	static const struct {
		uint32_t address, value;
	} order[] = { { FLASH_KEYR, FLASH_KEY1 }, { FLASH_KEYR, FLASH_KEY2 },
		{ FLASH_OPTKEYR, FLASH_OPTKEY1 }, { FLASH_OPTKEYR, FLASH_OPTKEY2 },
		{ FLASH_CR, FLASH_CR_OBL_LAUNCH } };

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		wbsim_mem_write(board.sim, order[i].address, 4, 1, &order[i].value);
	wbsim_sleep(board.sim, 100000000ull);
	wbsim_attach(board.sim);
}

/* The version is known: the FUS ran before, and its tables still stand in SRAM2a. */
static void into_safeboot(size_t i)
{
	anew_as(cases[i].chip, cases[i].fus, NULL, NULL);
	assert_int_equal(wb_fus_state(board.session, &op, &board.result, &board.err), WB_OK);
	assert_true(wbsim_corrupt_option(board.sim, "SFSA"));
	load_options();
	assert_int_equal(view().sfsa, 0);
}

static void safeboot_comes_back_where_st_says_so_and_is_said_lost_elsewhere(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < CASES; i++) {
		into_safeboot(i);
		if (cases[i].recoverable) {
			refused_with(NULL, "factory-reset");
			nothing_written();
			assert_non_null(strstr(board.err.text, "ALL user flash"));
			recovered_with("factory-reset");
			assert_true(did("factory reset"));
			assert_int_equal(view().sfsa, board.family->fus_sfsa);
			assert_int_equal(view().sbrv, board.family->fus_sbrv);
			assert_int_equal(board.result.state.runs, WB_RUNS_FUS);
			assert_true(blank(0x08000000, APP_SIZE));
			assert_true(recovery.sightings >= 2);
			assert_int_equal(recovery.seen[0].sfsa, 0);
			assert_int_equal(board.result.before.selected, WB_RUNS_SAFEBOOT);
			refused_with(NULL, "nothing-to-recover");
		} else {
			refused_with(NULL, "safeboot-locked");
			refused_with("factory-reset", "safeboot-locked");
			nothing_written();
			assert_non_null(strstr(board.err.text, "Not recoverable"));
			assert_false(view().dead); /* that is what starting it would have done */
		}
	}
}

/* After a power cut no table tells the version: the same chips, with the consent only. */
static void safeboot_of_an_unknown_fus_is_started_with_consent_and_told_as_seen(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < CASES; i++) {
		const char *const options[] = { "SFSA=0", cases[i].sbrv, NULL };
		enum wb_status status;

		anew_as(cases[i].chip, cases[i].fus, options, NULL);
		refused_with(NULL, "factory-reset");
		nothing_written();
		status = recover_with("factory-reset");
		assert_int_equal(status, cases[i].recoverable ? WB_OK : WB_ERR_CHIP);
		if (!cases[i].recoverable) {
			assert_non_null(strstr(board.err.text, "older than 1.1.0"));
			assert_true(board.result.ms >= 60000); /* at least 30 s, twice */
			assert_int_equal(recover_with("factory-reset"), WB_ERR_CHIP);
			assert_non_null(strstr(board.err.text, "An earlier call ended so too"));
		}
	}
}

static void a_board_that_wants_a_power_cycle_is_asked_for_it_and_comes_back(void **unused)
{
	const char *const options[] = { "SFSA=0", "SBRV=0x3FC00", NULL };
	const char *const quirks[] = { "safeboot=power-cycle", NULL };

	(void)unused;
	anew_as("wb55rg", "1.2.0", options, quirks);
	assert_int_equal(recover_with("factory-reset"), WB_ERR_CHIP);
	assert_non_null(strstr(board.err.text, "Power the board off"));
	power_cycle();
	recovered_with(NULL);
	assert_true(did("has come to its end"));
	assert_int_equal(board.result.state.runs, WB_RUNS_FUS);
}

/* What is told while it is watched: seconds, now and then; no bar that grows for nothing. */
static unsigned int told, bars;

static void keep_report(struct wb_link *link, bool warning, const char *text)
{
	(void)link;
	(void)warning;
	told += strstr(text, "watching Safeboot: ") && strstr(text, " of 40 s");
}

static void keep_progress(struct wb_link *link, const char *phase, uint64_t done, uint64_t total)
{
	(void)link;
	(void)phase;
	(void)done;
	(void)total;
	bars++;
}

static void watching_is_told_in_seconds(void **unused)
{
	const char *const options[] = { "SFSA=0", "SBRV=0x3FC00", NULL };
	const char *const quirks[] = { "safeboot=nothing", NULL };

	(void)unused;
	anew_as("wb55rg", "1.2.0", options, quirks);
	told = bars = 0;
	board.bench.link.report = keep_report;
	board.bench.link.progress = keep_progress;
	assert_int_equal(recover_with("factory-reset"), WB_ERR_CHIP);
	assert_in_range(told, 12, 24); /* of twice 40 s */
	assert_int_equal(bars, 0);
}

static void a_board_that_never_comes_back_is_said_so(void **unused)
{
	const char *const options[] = { "SFSA=0", "SBRV=0x3FC00", NULL };
	const char *const quirks[] = { "safeboot=nothing", NULL };

	(void)unused;
	anew_as("wb55rg", "1.2.0", options, quirks);
	assert_int_equal(recover_with("factory-reset"), WB_ERR_CHIP);
	assert_int_equal(recovery.sightings > 0, true);
	power_cycle();
	assert_int_equal(recover_with("factory-reset"), WB_ERR_CHIP);
	assert_non_null(strstr(board.err.text, "nothing more is known"));
	/* nothing on the chip tells whether it was off: who forgot must not take it for lost */
	assert_non_null(strstr(board.err.text, "power it off"));
}

static void the_debug_port_may_go_and_come_while_safeboot_works(void **unused)
{
	const char *const options[] = { "SFSA=0", "SBRV=0x3FC00", NULL };
	const char *const quirks[] = { "dap-lost-on-reset=500", "demcr-lost-on-reset", "alt-order",
		"rom-started-fus", NULL };

	(void)unused;
	anew_as("wb55rg", "2.2.0", options, quirks);
	recovered_with("factory-reset");
	assert_int_equal(view().sbrv, board.family->fus_sbrv);
}

/* It runs from every reset and CPU1 is locked up: unfed it would not let Safeboot end. */
static void a_watchdog_that_nobody_feeds_does_not_stop_safeboot(void **unused)
{
	const char *const options[] = { "SFSA=0", "SBRV=0x3FC00", "IWDG_SW=0", NULL };

	(void)unused;
	anew_as("wb55rg", "2.2.0", options, NULL);
	recovered_with("factory-reset");
	assert_int_equal(view().sbrv, board.family->fus_sbrv);
	assert_true(board.result.ms < 20000);
}

static void glitch_at_20(struct bench *bench)
{
	if (bench->ops == 20)
		assert_true(wbsim_strike(bench->sim, "nrst"));
}

static void safeboot_stopped_by_a_reset_is_started_again_at_once(void **unused)
{
	const char *const options[] = { "SFSA=0", "SBRV=0x3FC00", NULL };

	(void)unused;
	anew_as("wb55rg", "2.2.0", options, NULL);
	board.bench.ops = 0;
	board.bench.before_operation = glitch_at_20;
	recovered_with("factory-reset");
	assert_int_equal(view().sbrv, board.family->fus_sbrv);
	assert_true(board.result.ms < 20000); /* and not after the 40 s that it is watched */
}

/* Cut at every operation: the same command again reaches the end, or has nothing left to do. */
static void a_recovery_that_was_cut_off_goes_on(void **unused)
{
	const char *const options[] = { "SFSA=0", "SBRV=0x3FC00", NULL };
	static const enum bench_accident accidents[] = { ACCIDENT_POWER_CUT, ACCIDENT_UNPLUG,
		ACCIDENT_STOP };
	unsigned int last, step = SANITIZED ? 31 : 5;
	size_t len;
	void *saved;

	(void)unused;
	anew_as("wb55rg", "1.2.0", options, NULL);
	saved = board_save(&board, &len);
	board.bench.ops = 0;
	recovered_with("factory-reset");
	last = board.bench.ops;
	for (unsigned int at = 1; at <= last; at += step) {
		enum wb_status status;

		board_restore(&board, saved, len);
		board.bench.accident = accidents[at / step % 3];
		board.bench.accident_at = at;
		status = recover_with("factory-reset");
		bench_mend(&board.bench);
		wbsim_attach(board.sim);
		wbsim_sleep(board.sim, 60000000000ull);
		if (status != WB_OK)
			status = recover_with("factory-reset");
		if (status != WB_OK && strcmp(board.err.rule, "nothing-to-recover") != 0)
			fail_msg("operation %u of %u: %s", at, last, board.err.text);
		assert_int_equal(view().sbrv, board.family->fus_sbrv);
		assert_false(view().dead);
	}
	free(saved);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(safeboot_comes_back_where_st_says_so_and_is_said_lost_elsewhere),
		TEST(safeboot_of_an_unknown_fus_is_started_with_consent_and_told_as_seen),
		TEST(a_board_that_wants_a_power_cycle_is_asked_for_it_and_comes_back),
		TEST(watching_is_told_in_seconds),
		TEST(a_board_that_never_comes_back_is_said_so),
		TEST(the_debug_port_may_go_and_come_while_safeboot_works),
		TEST(a_watchdog_that_nobody_feeds_does_not_stop_safeboot),
		TEST(safeboot_stopped_by_a_reset_is_started_again_at_once),
		TEST(a_recovery_that_was_cut_off_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Chips brought back: every Safeboot case that ST calls recoverable, on every family; the others said
 * with nothing written; boards that want a power cycle, or never come back; a FUS left behind, an
 * upgrade cut off, option bytes in disorder.
 */
#include <stdio.h>
#include "tests/unit/core_make.h"
#include "tests/unit/core_board.h"
#include "core/cortex_m.h"
#include "core/recover.h"
#include "core/regs.h"

#define STACK VERSION(1, 24, 0)
#define STACK_SIZE 6004u

static struct board board;
static struct wb_recovery recovery;
static const struct wb_operation plain;

static void open_chip(const char *chip, const char *fus, const char *const *options,
	const char *const *quirks)
{
	board_open_chip(&board, &(struct wbsim_config){
		.chip = chip, .fus = fus, .options = options, .quirks = quirks });
}

static enum wb_status recover_with(const char *risk)
{
	const char *const confirm[] = { risk, NULL };
	const struct wb_operation op = { .confirm = confirm };

	return wb_fus_recover(board.session, &op, &recovery, &board.result, &board.err);
}

static void recovered_with(const char *risk)
{
	if (recover_with(risk) != WB_OK)
		fail_msg("%s", board.err.text);
}

static void refused_with(const char *risk, const char *rule)
{
	wbsim_stats_clear(board.sim);
	assert_int_equal(recover_with(risk), WB_ERR_REFUSED);
	assert_string_equal(board.err.rule, rule);
}

static void nothing_written(void)
{
	assert_int_equal(wbsim_stats(board.sim)->target_writes, 0);
	assert_int_equal(wbsim_stats(board.sim)->resets, 0);
	assert_int_equal(wbsim_stats(board.sim)->halts, 0);
}

static bool did(const char *words)
{
	for (unsigned int i = 0; i < recovery.deeds; i++)
		if (strstr(recovery.deed[i], words))
			return true;
	return false;
}

static struct wbsim_cpu2_view view(void)
{
	struct wbsim_cpu2_view v;

	wbsim_cpu2_view(board.sim, &v);
	return v;
}

static void install(void)
{
	struct wb_image image;

	board_image(&image, BOARD_STACK, STACK, STACK_SIZE);
	if (board_upgrade(&board, &image) != WB_OK)
		fail_msg("%s", board.err.text);
	board_image_free(&image);
}

static bool blank(uint32_t address, size_t len)
{
	static uint8_t flash[0x10000];

	assert_true(wbsim_peek(board.sim, address, flash, len));
	for (size_t i = 0; i < len; i++)
		if (flash[i] != 0xff)
			return false;
	return true;
}

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
	open_chip(cases[i].chip, cases[i].fus, NULL, NULL);
	assert_int_equal(wb_fus_state(board.session, &plain, &board.result, &board.err), WB_OK);
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
		board_close(&board);
	}
}

/* After a power cut no table tells the version: the same chips, with the consent only. */
static void safeboot_of_an_unknown_fus_is_started_with_consent_and_told_as_seen(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < CASES; i++) {
		const char *const options[] = { "SFSA=0", cases[i].sbrv, NULL };
		enum wb_status status;

		open_chip(cases[i].chip, cases[i].fus, options, NULL);
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
		board_close(&board);
	}
}

static void a_board_that_wants_a_power_cycle_is_asked_for_it_and_comes_back(void **unused)
{
	const char *const options[] = { "SFSA=0", "SBRV=0x3FC00", NULL };
	const char *const quirks[] = { "safeboot=power-cycle", NULL };

	(void)unused;
	open_chip("wb55rg", "1.2.0", options, quirks);
	assert_int_equal(recover_with("factory-reset"), WB_ERR_CHIP);
	assert_non_null(strstr(board.err.text, "Power the board off"));
	wbsim_power(board.sim, false);
	wbsim_power(board.sim, true);
	wbsim_attach(board.sim);
	recovered_with(NULL);
	assert_true(did("has come to its end"));
	assert_int_equal(board.result.state.runs, WB_RUNS_FUS);
	board_close(&board);
}

static void a_board_that_never_comes_back_is_said_so(void **unused)
{
	const char *const options[] = { "SFSA=0", "SBRV=0x3FC00", NULL };
	const char *const quirks[] = { "safeboot=nothing", NULL };

	(void)unused;
	open_chip("wb55rg", "1.2.0", options, quirks);
	assert_int_equal(recover_with("factory-reset"), WB_ERR_CHIP);
	assert_int_equal(recovery.sightings > 0, true);
	wbsim_power(board.sim, false);
	wbsim_power(board.sim, true);
	wbsim_attach(board.sim);
	assert_int_equal(recover_with("factory-reset"), WB_ERR_CHIP);
	assert_non_null(strstr(board.err.text, "nothing more is known"));
	/* nothing on the chip tells whether it was off: who forgot must not take it for lost */
	assert_non_null(strstr(board.err.text, "power it off"));
	board_close(&board);
}

static void the_debug_port_may_go_and_come_while_safeboot_works(void **unused)
{
	const char *const options[] = { "SFSA=0", "SBRV=0x3FC00", NULL };
	const char *const quirks[] = { "dap-lost-on-reset=500", "demcr-lost-on-reset", "alt-order",
		"rom-started-fus", NULL };

	(void)unused;
	open_chip("wb55rg", "2.2.0", options, quirks);
	recovered_with("factory-reset");
	assert_int_equal(view().sbrv, board.family->fus_sbrv);
	board_close(&board);
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
	open_chip("wb55rg", "1.2.0", options, NULL);
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
	board_close(&board);
}

/* ---- beyond help ------------------------------------------------------------------------------- */

static void what_is_beyond_help_is_said_with_nothing_written(void **unused)
{
	static const struct {
		const char *const options[4];
		const char *rule;
	} rows[] = {
		{ { "SFSA=0xFF", "SBRV=0x3FFFF", NULL }, "boundary-mismatch" }, /* [user] */
		{ { "SFSA=0xC0", "SBRV=0x31400", NULL }, "boundary-mismatch" }, /* [wiki] two upgrades */
		{ { "ESE=0", NULL }, "security-off" },
		{ { "FSD=1", NULL }, "security-off" },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		open_chip("wb55rg", "1.1.0", rows[i].options, NULL);
		refused_with(NULL, rows[i].rule);
		refused_with("factory-reset", rows[i].rule);
		nothing_written();
		board_check_kept(&board);
		board_close(&board);
	}
}

/* ---- less than that ---------------------------------------------------------------------------- */

static void a_healthy_chip_is_left_alone(void **unused)
{
	(void)unused;
	open_chip("wb55rg", "2.2.0", NULL, NULL);
	refused_with("factory-reset", "nothing-to-recover");
	assert_non_null(strstr(board.err.text, "no wireless stack is installed"));
	install();
	refused_with("factory-reset", "nothing-to-recover");
	board_check_stack(&board, STACK);
	board_check_kept(&board);
	board_close(&board);
}

static void a_fus_left_selected_gives_way_to_the_stack(void **unused)
{
	(void)unused;
	open_chip("wb55rg", "2.2.0", NULL, NULL);
	install();
	assert_int_equal(wb_fus_start(board.session, &plain, &board.result, &board.err), WB_OK);
	assert_int_equal(view().sbrv, board.family->fus_sbrv);
	recovered_with(NULL);
	assert_true(did("was started"));
	board_check_stack(&board, STACK);
	board_check_kept(&board);
	board_close(&board);
}

static void an_upgrade_that_was_cut_off_is_followed_to_its_end(void **unused)
{
	struct wb_image image;
	char why[256];

	(void)unused;
	open_chip("wb55rg", "2.2.0", NULL, NULL);
	assert_true(wbsim_add_fault(board.sim, "step=installed:power-cut=3600000", why, sizeof(why)));
	board_image(&image, BOARD_STACK, STACK, STACK_SIZE);
	assert_int_not_equal(board_upgrade(&board, &image), WB_OK);
	board_image_free(&image);
	wbsim_clear_faults(board.sim);
	wbsim_power(board.sim, false);
	wbsim_power(board.sim, true);
	wbsim_attach(board.sim);
	recovered_with(NULL);
	assert_true(did("followed to its end"));
	board_check_stack(&board, STACK);
	board_close(&board);
}

static void a_chip_made_to_boot_elsewhere_boots_its_application_again(void **unused)
{
	const char *const options[] = { "nSWBOOT0=0", "nBOOT0=0", NULL };
	uint32_t optr;

	(void)unused;
	open_chip("wb55rg", "2.2.0", options, NULL);
	refused_with(NULL, "options");
	nothing_written();
	assert_non_null(strstr(board.err.text, "system memory"));
	recovered_with("options");
	assert_true(wbsim_peek(board.sim, FLASH_OPTR, &optr, 4));
	assert_int_equal(optr & (OPTR_NSWBOOT0 | OPTR_NBOOT0 | OPTR_NBOOT1),
		OPTR_NSWBOOT0 | OPTR_NBOOT0 | OPTR_NBOOT1);
	assert_true(did("boots from flash again"));
	board_check_app(&board);
	board_close(&board);
}

static void a_damaged_option_page_is_written_anew(void **unused)
{
	(void)unused;
	open_chip("wb55rg", "2.2.0", NULL, NULL);
	install();
	assert_true(wbsim_corrupt_option(board.sim, "nBOOT1")); /* not yet loaded */
	refused_with(NULL, "options");
	nothing_written();
	recovered_with("options");
	wbsim_power(board.sim, false);
	wbsim_power(board.sim, true);
	wbsim_attach(board.sim);
	board_check_stack(&board, STACK);
	board_check_kept(&board);
	board_close(&board);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(safeboot_comes_back_where_st_says_so_and_is_said_lost_elsewhere),
		cmocka_unit_test(safeboot_of_an_unknown_fus_is_started_with_consent_and_told_as_seen),
		cmocka_unit_test(a_board_that_wants_a_power_cycle_is_asked_for_it_and_comes_back),
		cmocka_unit_test(a_board_that_never_comes_back_is_said_so),
		cmocka_unit_test(the_debug_port_may_go_and_come_while_safeboot_works),
		cmocka_unit_test(a_recovery_that_was_cut_off_goes_on),
		cmocka_unit_test(what_is_beyond_help_is_said_with_nothing_written),
		cmocka_unit_test(a_healthy_chip_is_left_alone),
		cmocka_unit_test(a_fus_left_selected_gives_way_to_the_stack),
		cmocka_unit_test(an_upgrade_that_was_cut_off_is_followed_to_its_end),
		cmocka_unit_test(a_chip_made_to_boot_elsewhere_boots_its_application_again),
		cmocka_unit_test(a_damaged_option_page_is_written_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

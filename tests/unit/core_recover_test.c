/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Chips brought back that are less than lost: a FUS left behind, an upgrade cut off, option bytes in
 * disorder; and what is beyond help, said with nothing written.
 */
#include "tests/unit/core_recover.h"
#include "core/keys.h"

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
		anew_as("wb55rg", "1.1.0", rows[i].options, NULL);
		refused_with(NULL, rows[i].rule);
		refused_with("factory-reset", rows[i].rule);
		nothing_written();
		board_check_kept(&board);
	}
}

/* ---- less than that ---------------------------------------------------------------------------- */

static void a_healthy_chip_is_left_alone(void **unused)
{
	(void)unused;
	refused_with("factory-reset", "nothing-to-recover");
	assert_non_null(strstr(board.err.text, "no wireless stack is installed"));
	install_stack();
	refused_with("factory-reset", "nothing-to-recover");
	board_check_stack(&board, STACK);
	board_check_kept(&board);
}

/* The probe was pulled out: CPU1 stands still until somebody lets it go, and that is a deed. */
static void what_a_run_that_was_cut_off_held_is_let_go(void **unused)
{
	unsigned int half;

	(void)unused;
	install_stack();
	board.bench.ops = 0;
	assert_int_equal(wb_fus_state(board.session, &op, &board.result, &board.err), WB_OK);
	half = board.bench.ops / 2;
	bench_mend(&board.bench);
	board.bench.accident = ACCIDENT_UNPLUG;
	board.bench.accident_at = half;
	assert_int_not_equal(wb_fus_state(board.session, &op, &board.result, &board.err), WB_OK);
	bench_mend(&board.bench);
	wbsim_attach(board.sim);
	wb_session_free(board.session);
	board.session = wb_session_new(&board.bench.link);
	recovered_with(NULL);
	assert_true(did("an earlier run was cut off"));
	assert_true(board.result.cpu1_running);
	board_check_stack(&board, STACK);
	board_check_kept(&board);
	refused_with(NULL, "nothing-to-recover");
}

static void a_chip_that_may_take_no_stack_any_more_is_promised_none(void **unused)
{
	const char *const word[] = { "antirollback", NULL };
	const struct wb_operation sure = { .confirm = word };

	(void)unused;
	install_stack();
	assert_int_equal(wb_fus_antirollback(board.session, &sure, &board.result, &board.err), WB_OK);
	assert_int_equal(wb_fus_delete(board.session, &sure, &board.result, &board.err), WB_OK);
	refused_with(NULL, "nothing-to-recover");
	assert_non_null(strstr(board.err.text, "anti-rollback was switched on here"));
	assert_null(strstr(board.err.text, "installs one"));
}

static void a_fus_left_selected_gives_way_to_the_stack(void **unused)
{
	(void)unused;
	install_stack();
	assert_int_equal(wb_fus_start(board.session, &op, &board.result, &board.err), WB_OK);
	assert_int_equal(view().sbrv, board.family->fus_sbrv);
	recovered_with(NULL);
	assert_true(did("was started"));
	board_check_stack(&board, STACK);
	board_check_kept(&board);
}

static void an_upgrade_that_was_cut_off_is_followed_to_its_end(void **unused)
{
	struct wb_image image;
	char why[256];

	(void)unused;
	assert_true(wbsim_add_fault(board.sim, "step=installed:power-cut=3600000", why, sizeof(why)));
	board_image(&image, BOARD_STACK, STACK, STACK_SIZE);
	assert_int_not_equal(board_upgrade(&board, &image), WB_OK);
	board_image_free(&image);
	power_cycle();
	recovered_with(NULL);
	assert_true(did("followed to its end"));
	board_check_stack(&board, STACK);
}

static void a_chip_made_to_boot_elsewhere_boots_its_application_again(void **unused)
{
	const char *const options[] = { "nSWBOOT0=0", "nBOOT0=0", NULL };
	uint32_t optr;

	(void)unused;
	anew_as("wb55rg", "2.2.0", options, NULL);
	refused_with(NULL, "options");
	nothing_written();
	assert_non_null(strstr(board.err.text, "system memory"));
	recovered_with("options");
	assert_true(wbsim_peek(board.sim, FLASH_OPTR, &optr, 4));
	assert_int_equal(optr & (OPTR_NSWBOOT0 | OPTR_NBOOT0 | OPTR_NBOOT1),
		OPTR_NSWBOOT0 | OPTR_NBOOT0 | OPTR_NBOOT1);
	assert_true(did("boots from flash again"));
	board_check_app(&board);
}

static void a_damaged_option_page_is_written_anew(void **unused)
{
	(void)unused;
	install_stack();
	assert_true(wbsim_corrupt_option(board.sim, "nBOOT1")); /* not yet loaded */
	refused_with(NULL, "options");
	nothing_written();
	recovered_with("options");
	power_cycle();
	board_check_stack(&board, STACK);
	board_check_kept(&board);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_beyond_help_is_said_with_nothing_written),
		TEST(a_healthy_chip_is_left_alone),
		TEST(what_a_run_that_was_cut_off_held_is_let_go),
		TEST(a_chip_that_may_take_no_stack_any_more_is_promised_none),
		TEST(a_fus_left_selected_gives_way_to_the_stack),
		TEST(an_upgrade_that_was_cut_off_is_followed_to_its_end),
		TEST(a_chip_made_to_boot_elsewhere_boots_its_application_again),
		TEST(a_damaged_option_page_is_written_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How commands take a chip and leave it; what they do when it does not do as it should. */
#include "tests/unit/core_make.h"
#include "tests/unit/core_board.h"
#include "core/cortex_m.h"
#include "core/diagnose.h"
#include "core/keys.h"
#include "core/packets.h"
#include "core/regs.h"
#include "core/tables.h"
#include "stub/abi.h"

#define STACK VERSION(1, 24, 0)
#define BOOT_BITS (1u << 23 | 1u << 26 | 1u << 27)

static struct board board;
static const struct wb_operation op, hold = { .hold = true };

static int set_up(void **state)
{
	(void)state;
	board_open(&board, "2.2.0", NULL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	board_close(&board);
	return 0;
}

static void with(const char *quirk)
{
	const char *const quirks[] = { quirk, NULL };

	board_close(&board);
	board_open(&board, "2.2.0", quirks);
}

static void install_stack(void)
{
	struct wb_image image;

	board_image(&image, BOARD_STACK, STACK, 6004);
	if (board_upgrade(&board, &image) != WB_OK)
		fail_msg("%s", board.err.text);
	board_image_free(&image);
}

static uint32_t reg(uint32_t address)
{
	uint32_t value = 0;

	assert_int_equal(board.bench.link.read(&board.bench.link, address, 4, 1, &value), WB_OK);
	return value;
}

static bool halted(void)
{
	return reg(CM_DHCSR) & CM_DHCSR_S_HALT;
}

static enum wb_status state(const struct wb_operation *how)
{
	return wb_fus_state(board.session, how, &board.result, &board.err);
}

static void a_running_chip_runs_on(void **unused)
{
	(void)unused;
	assert_int_equal(state(&op), WB_OK);
	assert_int_equal(board.result.state.runs, WB_RUNS_FUS);
	assert_int_equal(board.result.state.state, WB_STATE_IDLE);
	assert_int_equal(board.result.state.fus_version, VERSION(2, 2, 0));
	assert_true(board.result.cpu1_running);
	assert_false(halted());
	assert_int_equal(reg(CM_DEMCR), 0);
	assert_int_equal(reg(DBGMCU_APB1FZR1), 0);
	board_check_kept(&board);
}

static void a_halted_chip_stays_halted_with_the_cm0_up(void **unused)
{
	uint32_t pc = 0;

	(void)unused;
	assert_false(halted()); /* a look that takes S_RESET_ST of the power-on away */
	assert_int_equal(board.bench.link.halt(&board.bench.link), WB_OK);
	assert_int_equal(state(&op), WB_OK);
	assert_false(board.result.cpu1_running);
	assert_true(halted());
	assert_true(reg(PWR_CR4) & PWR_CR4_C2BOOT);
	assert_int_equal(board.bench.link.reg_read(&board.bench.link, CM_PC, &pc), WB_OK);
	assert_int_equal(pc, 0x08000008); /* the application's reset handler */
	board_check_kept(&board);
}

static void state_in_a_held_session_costs_three_memory_operations(void **unused)
{
	uint64_t resets;

	(void)unused;
	assert_int_equal(state(&hold), WB_OK);
	board.bench.memory_ops = 0;
	resets = wbsim_stats(board.sim)->resets;
	assert_int_equal(state(&hold), WB_OK);
	assert_int_equal(board.result.state.state, WB_STATE_IDLE);
	assert_true(board.bench.memory_ops <= 3);
	assert_int_equal(wbsim_stats(board.sim)->resets, resets);
}

static void a_held_session_that_was_disturbed_is_set_up_anew(void **unused)
{
	(void)unused;
	assert_int_equal(state(&hold), WB_OK);
	assert_int_equal(board.bench.link.reset_hold(&board.bench.link, false), WB_OK);
	assert_int_equal(state(&hold), WB_OK);
	assert_int_equal(board.result.state.state, WB_STATE_IDLE);
	assert_true(halted());
}

static void a_held_stack_is_never_asked_for_its_state(void **unused)
{
	(void)unused;
	install_stack();
	for (unsigned int i = 0; i < 4; i++) {
		assert_int_equal(state(&hold), WB_OK);
		assert_int_equal(board.result.state.runs, WB_RUNS_STACK);
	}
	board_check_stack(&board, STACK);
}

/* A talkative stack's five events: each buffer ends in the free queue, and the stack has taken it. */
static void a_stack_gets_its_event_buffers_back(void **unused)
{
	const uint32_t tables = 0x20030000u, buffer = 32;

	(void)unused;
	with("chatty-stack");
	install_stack();
	assert_int_equal(state(&hold), WB_OK);
	/* the list as we made it: from the queue to the first, from the last to the queue */
	assert_int_equal(reg(tables + WB_TABLES_POOL + 4), tables + WB_TABLES_FREE_QUEUE);
	assert_int_equal(reg(tables + WB_TABLES_POOL + 4 * buffer), tables + WB_TABLES_FREE_QUEUE);
	assert_int_equal(reg(tables + WB_TABLES_FREE_QUEUE), tables + WB_TABLES_FREE_QUEUE);
	assert_int_equal(reg(IPCC_C1TOC2SR) & IPCC_FLAG(IPCC_CHANNEL_RELEASE), 0);
}

static void start_enters_the_fus_and_start_ws_leaves_it(void **unused)
{
	struct wbsim_cpu2_view view;

	(void)unused;
	install_stack();
	assert_int_equal(wb_fus_start(board.session, &op, &board.result, &board.err), WB_OK);
	assert_int_equal(board.result.state.runs, WB_RUNS_FUS);
	assert_int_equal(board.result.after.selected, WB_RUNS_FUS);
	wbsim_cpu2_view(board.sim, &view);
	assert_int_equal(view.sbrv, 0x3d000);
	assert_int_equal(wb_fus_start_ws(board.session, &op, &board.result, &board.err), WB_OK);
	assert_int_equal(board.result.state.runs, WB_RUNS_STACK);
	board_check_stack(&board, STACK);
	board_check_kept(&board);
}

/* Whatever the FUS makes of it: none of its answers is documented. */
static void start_ws_and_delete_without_a_stack_are_an_error(void **unused)
{
	static const char *const quirks[] = { "no-stack=not-found", "no-stack=refused",
		"no-stack=unknown", "no-stack=idle", "no-stack=resets" };
	enum wb_status status;

	(void)unused;
	for (size_t i = 0; i < 2 * sizeof(quirks) / sizeof(*quirks); i++) {
		with(quirks[i / 2]);
		status = i % 2 ? wb_fus_delete(board.session, &op, &board.result, &board.err)
			       : wb_fus_start_ws(board.session, &op, &board.result, &board.err);
		assert_int_equal(status, WB_ERR_FUS);
		assert_non_null(strstr(board.err.text, "no wireless stack is installed"));
		assert_int_equal(board.result.state.runs, WB_RUNS_FUS);
		assert_false(halted());
		board_check_kept(&board);
	}
}

/* There may be NVM pages to purge, so the FUS's word is what there is. */
static void a_purge_without_a_stack_ends_as_the_fus_says(void **unused)
{
	static const struct {
		const char *quirk;
		enum wb_status status;
	} rows[] = { { "no-stack=unknown", WB_ERR_FUS }, { "no-stack=idle", WB_OK },
		{ "no-stack=resets", WB_OK } };

	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		with(rows[i].quirk);
		assert_int_equal(wb_fus_purge(board.session, &op, &board.result, &board.err),
			rows[i].status);
		assert_false(halted());
		board_check_kept(&board);
	}
}

static void a_mute_cm0_is_an_error_with_an_end(void **unused)
{
	uint64_t began;

	(void)unused;
	with("mute-cpu2");
	began = wbsim_now(board.sim);
	assert_int_equal(state(&op), WB_ERR_TIMEOUT);
	assert_true(wbsim_now(board.sim) - began < 60000000000ull);
	assert_false(halted());
	board_check_kept(&board);
}

static void the_work_area_in_sram1_is_put_back(void **unused)
{
	uint8_t before[0x3000], after[0x3000];

	(void)unused;
	for (size_t i = 0; i < sizeof(before); i++)
		before[i] = (uint8_t)(i * 13);
	wbsim_poke(board.sim, STUB_BASE, before, sizeof(before));
	install_stack();
	wbsim_peek(board.sim, STUB_BASE, after, sizeof(after));
	assert_memory_equal(before, after, sizeof(before));
}

static void boot_options_of_a_run_cut_off_are_put_back(void **unused)
{
	struct wb_image image;
	uint32_t optr;

	(void)unused;
	with("demcr-lost-on-reset");
	board_image(&image, BOARD_STACK, STACK, 6004);
	/* the first moment at which the options are ours */
	for (unsigned int at = 100;; at += 10) {
		assert_in_range(at, 100, 2000);
		board.bench.accident = ACCIDENT_UNPLUG;
		board.bench.accident_at = at;
		assert_int_not_equal(board_upgrade(&board, &image), WB_OK);
		bench_mend(&board.bench);
		wbsim_attach(board.sim);
		wbsim_peek(board.sim, FLASH_OPTR, &optr, 4);
		if (!(optr & BOOT_BITS))
			break;
	}
	assert_int_not_equal(board.bench.record[WB_RECORD_BOOT].len, 0);
	wb_session_free(board.session);
	board.session = wb_session_new(&board.bench.link);
	assert_int_equal(state(&op), WB_OK);
	board_check_kept(&board);
	board_image_free(&image);
}

static unsigned int dip_at;

static void dip(struct bench *bench)
{
	if (bench->ops + 1 == dip_at)
		assert_true(wbsim_strike(bench->sim, "power-cut=300"));
}

/* Power is away while the evidence is read: a chip that was not taken is not held. */
static void a_diagnosis_that_met_a_power_dip_leaves_cpu1_running(void **unused)
{
	struct wb_diagnosis diagnosis;

	(void)unused;
	board.bench.before_operation = dip;
	for (dip_at = 1; dip_at <= 30; dip_at++) {
		board.bench.ops = 0;
		wb_diagnose(board.session, &op, true, &diagnosis, &board.result, &board.err);
		wbsim_attach(board.sim);
		assert_false(halted());
		assert_int_equal(reg(CM_DEMCR) & CM_DEMCR_VC_CORERESET, 0);
	}
	board_check_kept(&board);
}

static void raw_commands_are_carried(void **unused)
{
	uint8_t answer[256];
	size_t len = sizeof(answer);
	uint16_t opcode = 0;

	(void)unused;
	assert_int_equal(wb_fus_shci(board.session, &op, WB_GET_STATE, NULL, 0, answer, &len,
		&opcode, &board.result, &board.err), WB_OK);
	assert_int_equal(opcode, WB_GET_STATE);
	assert_true(len >= 1);
	assert_int_equal(answer[0], WB_STATE_IDLE);
	len = sizeof(answer);
	assert_int_equal(wb_fus_shci(board.session, &op, WB_GET_STATE, answer, 256, answer, &len,
		&opcode, &board.result, &board.err), WB_ERR_USAGE);
	board_check_kept(&board);
}

/* Unplugged at each operation of a command: where CPU1 then stays halted, it has not ended well. */
static void a_chip_that_could_not_be_let_go_is_an_error(void **unused)
{
	unsigned int halts = 0;
	enum wb_status status;
	void *start;
	size_t len;

	(void)unused;
	start = board_save(&board, &len);
	for (unsigned int at = 1;; at++) {
		board_restore(&board, start, len);
		board.bench.accident = ACCIDENT_UNPLUG;
		board.bench.accident_at = at;
		status = state(&op);
		if (!board.bench.struck)
			break;
		bench_mend(&board.bench);
		wbsim_attach(board.sim);
		if (!halted())
			continue;
		halts++;
		if (status == WB_OK)
			fail_msg("unplugged at operation %u, CPU1 is left halted, and all is said to be well",
				at);
	}
	assert_true(halts);
	free(start);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_running_chip_runs_on),
		TEST(a_halted_chip_stays_halted_with_the_cm0_up),
		TEST(state_in_a_held_session_costs_three_memory_operations),
		TEST(a_held_session_that_was_disturbed_is_set_up_anew),
		TEST(a_held_stack_is_never_asked_for_its_state),
		TEST(a_stack_gets_its_event_buffers_back),
		TEST(start_enters_the_fus_and_start_ws_leaves_it),
		TEST(start_ws_and_delete_without_a_stack_are_an_error),
		TEST(a_purge_without_a_stack_ends_as_the_fus_says),
		TEST(a_mute_cm0_is_an_error_with_an_end),
		TEST(the_work_area_in_sram1_is_put_back),
		TEST(boot_options_of_a_run_cut_off_are_put_back),
		TEST(raw_commands_are_carried),
		TEST(a_chip_that_could_not_be_let_go_is_an_error),
		TEST(a_diagnosis_that_met_a_power_dip_leaves_cpu1_running),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* option set with power, the probe or the user's patience gone at every operation of the link. */
#include "tests/unit/command_option.h"

#define OPS_MAX 3000u
#define SET "option set nRST_STOP=0 WRP1B_STRT=2 WRP1B_END=3"
#define WANTED (FACTORY & ~(1u << 12))

/* Old or new; or Safeboot, where power failed in the write itself. */
static void check_page(unsigned int op, unsigned int *corrupt)
{
	uint32_t optr = optr_kept();

	if (!(peek(FLASH_SFR) & 0xff)) {
		++*corrupt;
		expect(SET, WB_ERR_REFUSED, "fus recover");
		assert_int_not_equal(board.bench.record[WB_RECORD_OPTIONS].len, 0);
		return;
	}
	if (optr != FACTORY && optr != WANTED)
		fail_msg("operation %u: OPTR 0x%08x", op, (unsigned int)optr);
	wbsim_attach(board.sim);
	done(SET);
	assert_int_equal(optr_kept(), WANTED);
	assert_int_equal(peek(FLASH_WRP1BR) & 0x00ff00ffu, 0x00030002u);
	board_check_app(&board);
	assert_int_equal(board.bench.record[WB_RECORD_OPTIONS].len, 0);
}

static void accident(enum bench_accident what, unsigned int *corrupt)
{
	unsigned int op = 0, step = SANITIZED ? 7 : 1;
	size_t len;
	void *saved = board_save(&board, &len);

	do {
		op += step;
		assert_true(op < OPS_MAX);
		board_restore(&board, saved, len);
		board_hush();
		board.bench.accident = what;
		board.bench.accident_at = op;
		board_say(&board, SET);
		if (!board.bench.struck)
			break;
		bench_mend(&board.bench);
		wbsim_attach(board.sim);
		/* the process that was cut off does not come back */
		board_hush();
		if (what != ACCIDENT_POWER_CUT) {
			done(SET);
			assert_int_equal(peek(CM_DHCSR) & CM_DHCSR_S_HALT, 0);
			assert_int_equal(board.bench.record[WB_RECORD_HELD].len, 0);
		}
		check_page(op, corrupt);
	} while (true);
	assert_true(op > 30);
	free(saved);
}

static void power_may_be_cut_at_every_operation(void **unused)
{
	unsigned int corrupt = 0;

	(void)unused;
	accident(ACCIDENT_POWER_CUT, &corrupt);
	/* the few operations while the page is being written */
	assert_in_range(corrupt, SANITIZED ? 0 : 1, 12);
}

static void the_probe_may_be_pulled_at_every_operation(void **unused)
{
	unsigned int corrupt = 0;

	(void)unused;
	accident(ACCIDENT_UNPLUG, &corrupt);
	assert_int_equal(corrupt, 0);
}

static void ctrl_c_may_come_at_every_operation(void **unused)
{
	unsigned int corrupt = 0;

	(void)unused;
	accident(ACCIDENT_STOP, &corrupt);
	assert_int_equal(corrupt, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(power_may_be_cut_at_every_operation),
		TEST(the_probe_may_be_pulled_at_every_operation),
		TEST(ctrl_c_may_come_at_every_operation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CM0+ of the virtual chip loses power: at every step, at any time, in option bytes. */
#include "sim_cpu2_errands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum job { JOB_INSTALL, JOB_REPLACE, JOB_FUS, JOB_NVM, JOB_DELETE, JOBS };

/* Prepare a chip and send the command of a job. */
static struct board *begin_job(enum job job, bool alt)
{
	/* NVM pages above the stack in the first order, below it in the second */
	struct board *b = board_of(job == JOB_NVM ? "2.2.0" : "1.2.0", alt, alt);

	if (job == JOB_REPLACE || job == JOB_NVM || job == JOB_DELETE) {
		install(b, &small);
		enter_fus(b);
	} else {
		assert_int_equal(board_start(b), READY_FUS);
	}
	memset(b->sim->flash, 0x11, PAGE); /* an application */
	if (job == JOB_INSTALL)
		stage(b, &small, FUS_START - PAGE);
	if (job == JOB_REPLACE)
		stage(b, &large, FUS_START - 4 * PAGE);
	if (job == JOB_FUS)
		stage(b, &fus22, FUS_START);
	if (job == JOB_NVM)
		stage(b, &with_nvm, FUS_START - 4 * PAGE);
	b->steps = 0;
	assert_int_equal(board_command(b, job == JOB_DELETE ? FW_DELETE : FW_UPGRADE), 0);
	return b;
}

static void assert_job_done(struct board *b, enum job job)
{
	if (job == JOB_INSTALL)
		assert_stack(b, &small, FUS_START - 3 * PAGE);
	if (job == JOB_REPLACE)
		assert_stack(b, &large, FUS_START - 6 * PAGE);
	if (job == JOB_NVM)
		assert_stack(b, &with_nvm, FUS_START - (b->sim->quirks.nvm_below ? 5u : 9u) * PAGE);
	if (job == JOB_FUS)
		assert_int_equal(view_of(b).fus_version, 0x02020000);
	if (job == JOB_DELETE)
		assert_int_equal(view_of(b).stack_version, 0);
	if (job == JOB_FUS || job == JOB_DELETE)
		assert_int_equal(view_of(b).sfsa, 0xF4);
	assert_false(view_of(b).busy);
}

static bool goal(struct board *b, enum job job, int runs)
{
	switch (job) {
	case JOB_INSTALL:
		return runs == READY_STACK && view_of(b).stack_version == small.version;
	case JOB_REPLACE:
		return runs == READY_STACK && view_of(b).stack_version == large.version;
	case JOB_NVM:
		return runs == READY_STACK && view_of(b).stack_version == with_nvm.version &&
		       view_of(b).stack_type == with_nvm.type;
	case JOB_FUS:
		return view_of(b).fus_version == fus22.version;
	default:
		return !view_of(b).stack_version;
	}
}

/*
 * Power is back: on to the goal. Only where the FUS had not begun, or Safeboot took all, the
 * image is put there and the command sent again.
 */
static void recover(struct board *b, enum job job)
{
	static const struct make_image *const images[] = { &small, &large, &fus22, &with_nvm };
	bool safeboot, begun;
	uint8_t mark[8];
	int runs;

	board_power_on(b);
	safeboot = options_get(b->sim, "SFSA") == 0;
	begun = b->sim->cpu2->ufb.operation != FUS_IDLE && !safeboot;
	memcpy(mark, b->sim->flash, sizeof(mark));
	runs = board_follow(b);
	if (safeboot)
		memset(mark, 0xff, sizeof(mark));
	assert_memory_equal(b->sim->flash, mark, sizeof(mark));
	if (!goal(b, job, runs)) {
		uint32_t below =
			cpu2_boundary(b->sim) - PAGE * (view_of(b).stack_version ? 1
							       : job == JOB_NVM  ? with_nvm.nvm
										 : 0);

		assert_false(begun);
		assert_int_equal(runs, READY_FUS);
		flash_cpu2_erase(b->sim, below - 16 * PAGE, 16 * PAGE);
		if (job != JOB_DELETE)
			stage(b, images[job], below);
		assert_int_equal(board_command(b, job == JOB_DELETE ? FW_DELETE : FW_UPGRADE), 0);
		runs = board_follow(b);
	}
	assert_true(goal(b, job, runs));
}

static void power_cut_inside_each_step_is_survived(void **state)
{
	unsigned int positions = 0;

	(void)state;
	for (int job = 0; job < JOBS; job++) {
		for (int alt = 0; alt < 2; alt++) {
			for (unsigned int step = 1;; step++) {
				struct board *b = begin_job((enum job)job, alt);

				b->cut_step = step;
				board_follow(b);
				if (b->cut) {
					positions++;
					recover(b, (enum job)job);
				} else {
					step = 0;
				}
				assert_job_done(b, (enum job)job);
				board_free(b);
				if (!step)
					break;
			}
		}
	}
	print_message("%u positions\n", positions);
	assert_true(positions > 60);
}

static void power_cut_at_any_time_is_survived(void **state)
{
	const uint64_t pitch = 11 * MS + 777777; /* several in each page erase */
	unsigned int positions = 0;

	(void)state;
	for (int job = 0; job < JOBS; job++) {
		for (uint64_t t = 1; t; t += pitch) {
			struct board *b = begin_job((enum job)job, false);

			b->cut_time = b->sim->now + t;
			board_follow(b);
			if (b->cut) {
				positions++;
				recover(b, (enum job)job);
				assert_job_done(b, (enum job)job);
			} else {
				t = UINT64_MAX - pitch + 1;
			}
			board_free(b);
		}
	}
	print_message("%u positions\n", positions);
	assert_true(positions > 200);
}

static void option_write_without_power_ends_in_a_factory_reset(void **state)
{
	struct board *b = begin_job(JOB_REPLACE, false);

	(void)state;
	b->cut_step = 3; /* check, remember, secure-staged */
	board_follow(b);
	assert_string_equal(b->cut_name, "secure-staged");
	memset(b->sim->flash, 0x5a, 8 * PAGE);
	board_power_on(b);
	assert_int_equal(view_of(b).sfsa, 0);
	assert_int_equal(view_of(b).sbrv, 0x3FC00);
	assert_int_equal(board_start(b), READY_NONE);
	assert_string_equal(view_of(b).runs, "safeboot");
	assert_int_equal(board_follow(b), READY_FUS);
	assert_blank(b, FLASH_BASE, FUS_START);
	assert_int_equal(view_of(b).sfsa, 0xF4);
	assert_int_equal(view_of(b).sbrv, SBRV_FUS);
	assert_int_equal(view_of(b).stack_version, 0);
	board_free(b);
}

static void safeboot_before_fus_1_1_0_locks_for_good(void **state)
{
	struct board *b = board_of("1.0.2", false, false);
	size_t len;
	void *saved;

	(void)state;
	options_corrupt(b->sim);
	board_power_off(b);
	board_power_on(b);
	assert_int_equal(board_start(b), READY_NONE);
	assert_true(view_of(b).dead);
	saved = cpu2_save(b->sim, &len);
	b->sim->cpu2->dead = false;
	assert_true(cpu2_load(b->sim, saved, len));
	assert_true(view_of(b).dead);
	assert_false(cpu2_load(b->sim, saved, len - 1));
	free(saved);
	board_free(b);
}

static void sbrv_that_disagrees_is_dead(void **state)
{
	struct board *b = board_of(NULL, false, false);

	(void)state;
	board_set_option(b, "SBRV", 0x3FFFF);
	board_set_option(b, "SFSA", 0xFF);
	assert_int_equal(board_start(b), READY_NONE);
	assert_string_equal(view_of(b).runs, "dead");
	board_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(power_cut_inside_each_step_is_survived),
		cmocka_unit_test(power_cut_at_any_time_is_survived),
		cmocka_unit_test(option_write_without_power_ends_in_a_factory_reset),
		cmocka_unit_test(safeboot_before_fus_1_1_0_locks_for_good),
		cmocka_unit_test(sbrv_that_disagrees_is_dead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

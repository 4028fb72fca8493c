/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A wireless stack on the virtual chip: ready, GET_STATE twice, its events and buffers, trust in
 * files. */
#include "sim_cpu2_errands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void second_get_state_selects_the_fus_until_start_ws(void **state)
{
	struct board *b = board_of(NULL, false, false);

	(void)state;
	install(b, &small);
	enter_fus(b);
	board_power_off(b);
	board_power_on(b);
	assert_int_equal(board_start(b), READY_FUS);
	assert_int_equal(view_of(b).sfsa, 0xF1);
	assert_int_equal(board_command(b, START_WS), 0);
	assert_int_equal(board_follow(b), READY_STACK);
	/* one question a boot does no harm */
	assert_int_equal(board_command(b, GET_STATE), 0xFF);
	board_power_off(b);
	board_power_on(b);
	assert_int_equal(board_start(b), READY_STACK);
	assert_int_equal(board_command(b, GET_STATE), 0xFF);
	assert_string_equal(view_of(b).runs, "stack");
	board_free(b);
}

static void stack_with_bad_tables_screams_and_hangs(void **state)
{
	struct board *b = board_of(NULL, false, false);
	uint32_t word;

	(void)state;
	install(b, &small);
	board_power_off(b);
	board_power_on(b);
	b->bad_pool = true; /* beyond the 10 KiB that this stack leaves open */
	assert_int_equal(board_start(b), READY_NONE);
	memcpy(&word, b->sim->sram2a, 4);
	assert_int_equal(word, 0x3DE96F61);
	assert_string_equal(view_of(b).runs, "dead");
	board_power_off(b);
	board_power_on(b);
	b->bad_pool = false;
	assert_int_equal(board_start(b), READY_STACK);
	board_free(b);
}

static void talkative_stack_queues_events_and_takes_buffers_back(void **state)
{
	struct board *b = board_of(NULL, false, false);

	(void)state;
	b->sim->quirks.chatty_stack = true;
	install(b, &small);
	assert_int_equal(b->events, 5);
	assert_int_equal(b->c1_to_c2, 0);
	assert_int_equal(b->sim->cpu2->free_count, 5);
	board_free(b);
}

static void damaged_stack_does_not_boot(void **state)
{
	struct board *b = board_of(NULL, false, false);

	(void)state;
	install(b, &small);
	b->sim->flash[0xF2000] ^= 1;
	board_power_off(b);
	board_power_on(b);
	assert_int_equal(board_start(b), READY_NONE);
	board_free(b);
}

static void stack_file_is_installed_at_start(void **state)
{
	char path[] = "/tmp/wb1_BLE_Stack_light_XXXXXX";
	struct wbsim_config cfg = { .stack_file = path };
	uint8_t *image = board_image(&small);
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "wb");
	struct board *b;

	(void)state;
	assert_int_equal(fwrite(image, 1, small.size, f), small.size);
	fclose(f);
	b = board_new(&cfg);
	assert_int_equal(board_start(b), READY_STACK);
	assert_stack(b, &small, FUS_START - 3 * PAGE);
	assert_int_equal(view_of(b).sfsa, 0xF1);
	unlink(path);
	free(image);
	board_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(second_get_state_selects_the_fus_until_start_ws),
		cmocka_unit_test(stack_with_bad_tables_screams_and_hangs),
		cmocka_unit_test(talkative_stack_queues_events_and_takes_buffers_back),
		cmocka_unit_test(damaged_stack_does_not_boot),
		cmocka_unit_test(stack_file_is_installed_at_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

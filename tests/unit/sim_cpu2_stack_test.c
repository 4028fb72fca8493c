/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A wireless stack on the virtual chip: ready, GET_STATE twice, its events and buffers, trust in
 * files. */
#include "sim_cpu2_errands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

/* Lists that CPU1 has not made lead nowhere: the firmware goes astray in them. */
static void queues_want_their_sentinels(void **state)
{
	struct board *b = board_of(NULL, false, false);

	(void)state;
	b->wild_queues = 0xFFFFFFFF;
	assert_int_equal(board_start(b), READY_NONE);
	assert_int_equal(b->c2_to_c1, 0);
	b->wild_queues = 0;
	board_power_off(b);
	board_power_on(b);
	install(b, &small);
	memset(b->sim->sram2a + 0xC8, 0xFF, 8); /* the free queue: sim_cpu2_host.c */
	b->c1_to_c2 |= 1u << 4;
	cpu2_ipcc(b->sim);
	board_run(b, 10 * MS);
	assert_int_equal(b->c1_to_c2, 1u << 4);
	assert_int_equal(board_command(b, GET_STATE), -1);
	board_power_off(b);
	board_power_on(b);
	b->wild_queues = 0xFFFFFFFF;
	assert_int_equal(board_start(b), READY_NONE);
	assert_int_equal(b->c2_to_c1, 0);
	board_free(b);
}

static void a_packet_of_another_type_is_no_command(void **state)
{
	struct board *b = board_of(NULL, false, false);
	uint8_t *p = b->sim->sram2a + 0x100; /* sim_cpu2_host.c */
	const uint8_t packet[] = { 0x11, 0x52, 0xFC, 0 };

	(void)state;
	install(b, &small);
	for (int i = 0; i < 2; i++) { /* twice GET_STATE would select the FUS */
		memcpy(p + 8, packet, sizeof(packet));
		b->c1_to_c2 |= 4;
		cpu2_ipcc(b->sim);
		board_run(b, 10 * MS);
		assert_int_equal(b->c1_to_c2, 0);
		assert_int_equal(p[6], 1);
	}
	assert_string_equal(view_of(b).runs, "stack");
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

/* Flash corruption and ECC errors: a factory reset since FUS 1.1.0 [wiki], silence before. */
static void damaged_stack_does_not_boot(void **state)
{
	(void)state;
	for (int i = 0; i < 6; i++) {
		const bool old = i < 2, silent = i >= 4, ecc = i & 1;
		struct board *b = board_of(old ? "1.0.2" : "1.2.0", false, false);

		b->sim->quirks.flash_error = silent;
		install(b, &small);
		if (ecc)
			b->broken = 0x080F2000;
		else
			b->sim->flash[0xF2000] ^= 1;
		board_power_off(b);
		board_power_on(b);
		assert_int_equal(board_start(b), READY_NONE);
		assert_string_equal(view_of(b).runs, old || silent ? "dead" : "safeboot");
		assert_false(view_of(b).dead);
		assert_int_equal(board_follow(b), old || silent ? READY_NONE : READY_FUS);
		assert_int_equal(view_of(b).stack_version, old || silent ? small.version : 0);
		board_free(b);
	}
}

static void its_factory_reset_cut_anywhere_goes_on(void **state)
{
	unsigned int cuts = 0;

	(void)state;
	for (int alt = 0; alt < 2; alt++) {
		for (unsigned int cut = 1; cut; cut++) {
			struct board *b = board_of("1.2.0", alt, false);

			install(b, &small);
			b->sim->flash[0xF2000] ^= 1;
			board_power_off(b);
			board_power_on(b);
			b->cut = false;
			b->cut_step = b->steps + cut;
			board_follow(b);
			cuts += b->cut;
			if (!b->cut)
				cut = UINT32_MAX;
			board_power_on(b);
			assert_int_equal(board_follow(b), READY_FUS);
			assert_int_equal(view_of(b).sfsa, 0xF4);
			assert_int_equal(view_of(b).stack_version, 0);
			assert_blank(b, FLASH_BASE, FUS_START);
			board_free(b);
		}
	}
	assert_true(cuts > 10);
}

static void damaged_fus_is_silent(void **state)
{
	struct board *b = board_of(NULL, false, false);

	(void)state;
	b->broken = 0x080F9FF8;
	assert_int_equal(board_start(b), READY_NONE);
	assert_string_equal(view_of(b).runs, "dead");
	board_free(b);
}

static void ufb_that_is_lost_forgets_the_stack_and_says_so(void **state)
{
	struct board *b = board_of(NULL, false, false);

	(void)state;
	install(b, &small);
	enter_fus(b);
	board_power_off(b);
	b->sim->flash[0xFB010] ^= 1; /* one bank: the other one holds, or is the older state */
	board_power_on(b);
	assert_int_equal(board_start(b), READY_FUS);
	assert_int_equal(board_command(b, GET_STATE) & 0x0F, 0);
	board_power_off(b);
	b->sim->flash[0xFB010] ^= 0x80;
	b->sim->flash[0xFC010] ^= 0x80;
	board_power_on(b);
	assert_int_equal(board_start(b), READY_FUS);
	assert_int_equal(board_command(b, GET_STATE), 0xFF);
	assert_int_equal(view_of(b).stack_version, 0);
	assert_int_equal(view_of(b).fus_version, 0x01020000);
	board_free(b);
}

static void ufb_corrupt_has_the_code_it_is_given(void **state)
{
	struct board *b = board_of("2.2.0", false, false);

	(void)state;
	b->sim->quirks.ufb_code = 0x21;
	board_power_off(b);
	flash_cpu2_erase(b->sim, 0x080FB000, 2 * PAGE);
	board_power_on(b);
	assert_int_equal(board_start(b), READY_FUS);
	assert_int_equal(board_command(b, GET_STATE), 0xFF);
	assert_int_equal(b->error, 0x21);
	assert_int_equal(board_command(b, GET_STATE), 0); /* told once [rn] */
	board_free(b);
}

/* What is asked and what is read do not agree: for those who compare. */
static void the_device_info_table_may_lie(void **state)
{
	static const struct {
		uint8_t info;
		uint32_t fus_says, stack_says;
	} rows[] = { { SIM_INFO_RIGHT, 0xA94656B9, 0x01010000 }, { SIM_INFO_NONE, 0, 0 },
		{ SIM_INFO_OTHER, 0x01010000, 0xA94656B9 } };
	uint32_t word;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct board *b = board_of(NULL, false, false);

		b->sim->quirks.info = rows[i].info;
		install(b, &small);
		memcpy(&word, b->sim->sram2a + 0x40, 4);
		assert_int_equal(word, rows[i].stack_says);
		enter_fus(b);
		memcpy(&word, b->sim->sram2a + 0x40, 4);
		assert_int_equal(word, rows[i].fus_says);
		board_free(b);
	}
}

/* A file that nobody signed counts once it lies in a trusted folder; its name says its type. */
static void trusted_folder_makes_a_file_genuine(void **state)
{
	char folder[] = "wb2_XXXXXX", below[64], path[128];
	const char *trust[] = { folder, NULL };
	struct wbsim_config cfg = { .trust = trust };
	struct make_image m = small;
	uint8_t *image = board_image(&m);
	struct board *b;
	FILE *f;

	(void)state;
	image[0] ^= 1; /* the test signature and the front are broken */
	assert_non_null(mkdtemp(folder));
	snprintf(below, sizeof(below), "%s/older", folder);
	assert_int_equal(mkdir(below, 0700), 0);
	snprintf(path, sizeof(path), "%s/stm32wb5x_BLE_Stack_light_fw.bin", below);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(image, 1, m.size, f), m.size);
	fclose(f);
	for (int trusted = 0; trusted < 2; trusted++) {
		cfg.trust = trusted ? trust : NULL;
		b = board_new(&cfg);
		board_stage(b, FUS_START - 3 * PAGE, image, m.size);
		assert_int_equal(upgrade(b), trusted ? READY_STACK : READY_FUS);
		if (trusted)
			assert_int_equal(view_of(b).stack_type, 0x03);
		else
			assert_int_equal(b->error, 0x03);
		board_free(b);
	}
	unlink(path);
	rmdir(below);
	rmdir(folder);
	free(image);
}

static void stack_file_is_installed_at_start(void **state)
{
	char path[] = "wb1_BLE_Stack_light_XXXXXX";
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
		cmocka_unit_test(queues_want_their_sentinels),
		cmocka_unit_test(a_packet_of_another_type_is_no_command),
		cmocka_unit_test(talkative_stack_queues_events_and_takes_buffers_back),
		cmocka_unit_test(damaged_stack_does_not_boot),
		cmocka_unit_test(its_factory_reset_cut_anywhere_goes_on),
		cmocka_unit_test(damaged_fus_is_silent),
		cmocka_unit_test(ufb_that_is_lost_forgets_the_stack_and_says_so),
		cmocka_unit_test(ufb_corrupt_has_the_code_it_is_given),
		cmocka_unit_test(the_device_info_table_may_lie),
		cmocka_unit_test(trusted_folder_makes_a_file_genuine),
		cmocka_unit_test(stack_file_is_installed_at_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

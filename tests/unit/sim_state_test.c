/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A chip put aside, in memory or in a file, and taken up again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/unit/sim_board.h"

static void snapshot_brings_everything_back(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);
	uint8_t got[4];
	size_t len = 0;
	void *snap;

	(void)state;
	assert_true(wbsim_poke(sim, 0x08001000, "kept", 4));
	assert_true(wbsim_poke(sim, 0x1fff7000, "otp!", 4));
	snap = wbsim_snapshot(sim, &len);
	assert_non_null(snap);
	assert_true(wbsim_poke(sim, 0x08001000, "lost", 4));
	assert_true(wbsim_poke(sim, 0x1fff7000, "lost", 4));
	assert_true(wbsim_restore(sim, snap, len));
	assert_true(wbsim_peek(sim, 0x08001000, got, 4));
	assert_memory_equal(got, "kept", 4);
	assert_true(wbsim_peek(sim, 0x1fff7000, got, 4));
	assert_memory_equal(got, "otp!", 4);
	for (size_t cut = 0; cut < len; cut += len / 7)
		assert_false(wbsim_restore(sim, snap, cut));
	free(snap);
	wbsim_free(sim);
}

static void damaged_state_file_is_refused(void **state)
{
	char path[] = "/tmp/openfus-state.XXXXXX", why[256] = "";
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);
	long at;
	FILE *f;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_non_null(f = fdopen(fd, "r+"));
	assert_false(wbsim_load(sim, path, why, sizeof(why))); /* empty */
	assert_true(wbsim_save(sim, path, why, sizeof(why)));
	assert_true(wbsim_load(sim, path, why, sizeof(why)));
	fclose(f);
	assert_non_null(f = fopen(path, "r+"));
	fseek(f, -9, SEEK_END);
	at = ftell(f);
	assert_true(at > 0);
	int byte = fgetc(f);

	fseek(f, at, SEEK_SET);
	fputc(byte ^ 0x55, f);
	fclose(f);
	assert_false(wbsim_load(sim, path, why, sizeof(why)));
	assert_non_null(strstr(why, "damaged"));
	remove(path);
	wbsim_free(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(snapshot_brings_everything_back),
		cmocka_unit_test(damaged_state_file_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

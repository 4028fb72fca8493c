/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every chip there is, on the virtual bench: what it says of itself, a whole life with generated
 * images, and every image of ST's that is meant for it (where STM32WB_IMAGES names a folder).
 */
#define _XOPEN_SOURCE 700
#include <ftw.h>
#include <stdio.h>
#include "tests/unit/core_make.h"
#include "tests/unit/core_board.h"

#define OLD VERSION(1, 20, 0)
#define NEW VERSION(1, 24, 0)
#define FILES_MAX 256

static const struct chip {
	const char *name;
	enum wb_family_id family;
	uint16_t flash_kib;
} chips[] = {
	{ "wb55rg", WB_FAMILY_5X, 1024 },
	{ "wb55vy", WB_FAMILY_5X, 640 },
	{ "wb55re", WB_FAMILY_5X, 512 },
	{ "wb55rc", WB_FAMILY_5X, 256 },
	{ "wb5mmg", WB_FAMILY_5X, 1024 },
	{ "wb50cg", WB_FAMILY_5X, 1024 },
	{ "wb35ce", WB_FAMILY_3X, 512 },
	{ "wb35cc", WB_FAMILY_3X, 256 },
	{ "wb30ce", WB_FAMILY_3X, 512 },
	{ "wb15cc", WB_FAMILY_1X, 320 },
	{ "wb10cc", WB_FAMILY_1X, 320 },
	{ "wb1mmc", WB_FAMILY_1X, 320 },
};

#define CHIPS (sizeof(chips) / sizeof(*chips))

static struct board board;

/* FUS, old stack, new stack; by family */
static struct set {
	struct wb_image fus, old_stack, new_stack;
} sets[2];

static const struct set *set_for(const struct chip *chip)
{
	return &sets[chip->family == WB_FAMILY_1X];
}

static char *paths[FILES_MAX];
static unsigned int path_count;

static int remember(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	size_t len = strlen(path);

	(void)st;
	(void)ftw;
	if (type == FTW_F && len > 4 && !strcmp(path + len - 4, ".bin") && path_count < FILES_MAX)
		paths[path_count++] = strdup(path);
	return 0;
}

static int set_up(void **state)
{
	const char *folder = getenv("STM32WB_IMAGES");

	(void)state;
	if (folder && nftw(folder, remember, 16, FTW_PHYS))
		fail_msg("cannot walk %s", folder);
	board_image(&sets[0].fus, BOARD_FUS, VERSION(2, 2, 0), 24004);
	board_image(&sets[0].old_stack, BOARD_STACK, OLD, 6004);
	board_image(&sets[0].new_stack, BOARD_STACK, NEW, 9004);
	board_image_1x(&sets[1].fus, BOARD_FUS, VERSION(2, 2, 0), 24004);
	board_image_1x(&sets[1].old_stack, BOARD_STACK, OLD, 6004);
	board_image_1x(&sets[1].new_stack, BOARD_STACK, NEW, 9004);
	return 0;
}

static int clean_up(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		board_image_free(&sets[i].fus);
		board_image_free(&sets[i].old_stack);
		board_image_free(&sets[i].new_stack);
	}
	while (path_count)
		free(paths[--path_count]);
	return 0;
}

static void must(const char *chip, const char *what, enum wb_status status)
{
	if (status != WB_OK)
		fail_msg("%s: %s: %s", chip, what, board.err.text);
}

static void every_chip_says_what_it_is(void **state)
{
	struct wb_chip seen;

	(void)state;
	for (const struct chip *c = chips; c < chips + CHIPS; c++) {
		const struct wbsim_config cfg = { .chip = c->name };
		uint64_t writes;

		board_open_chip(&board, &cfg);
		writes = wbsim_stats(board.sim)->target_writes;
		must(c->name, "info", wb_chip_read(&board.bench.link, &seen, &board.err));
		assert_int_equal(wbsim_stats(board.sim)->target_writes, writes);
		assert_int_equal(seen.family->id, c->family);
		assert_int_equal(seen.flash_kib, c->flash_kib);
		assert_int_equal(seen.selected, WB_RUNS_FUS);
		assert_int_equal(seen.sfsa_address, seen.family->fus_start);
		assert_int_equal(seen.secure_start, c->flash_kib < 1024 && c->family != WB_FAMILY_1X ?
			0x08000000u + c->flash_kib * 1024u : seen.family->fus_start);
		board_close(&board);
	}
}

/* FUS, a stack, a larger one in its place, and away with it. */
static void whole_life(const struct chip *c, const char *const *quirks)
{
	const struct wbsim_config cfg = { .chip = c->name, .fus = "1.2.0", .quirks = quirks };
	static const struct wb_operation op;
	const struct set *set = set_for(c);
	struct wbsim_cpu2_view view;

	print_message("%s%s%s\n", c->name, quirks ? ", " : "", quirks ? quirks[0] : "");
	board_open_chip(&board, &cfg);
	must(c->name, "FUS", board_upgrade(&board, &set->fus));
	wbsim_cpu2_view(board.sim, &view);
	assert_int_equal(view.fus_version, VERSION(2, 2, 0));
	must(c->name, "stack", board_upgrade(&board, &set->old_stack));
	board_check_stack(&board, OLD);
	must(c->name, "larger stack", board_upgrade(&board, &set->new_stack));
	board_check_stack(&board, NEW);
	assert_int_equal(board.result.after.versions.stack, NEW);
	board_check_kept(&board);
	must(c->name, "delete", wb_fus_delete(board.session, &op, &board.result, &board.err));
	board_check_stack(&board, 0);
	board_check_kept(&board);
	board_close(&board);
}

static void every_chip_lives_a_whole_life(void **state)
{
	(void)state;
	for (const struct chip *c = chips; c < chips + CHIPS; c++)
		whole_life(c, NULL);
}

static const struct chip *chip_named(const char *name)
{
	for (const struct chip *c = chips; c < chips + CHIPS; c++)
		if (!strcmp(c->name, name))
			return c;
	fail_msg("no chip %s", name);
	return NULL;
}

/* ST's headers and ST's wiki disagree about the address of SRAM2 (and about IPCCDBA's unit). */
static void wb1x_works_with_sram2_wherever_it_is(void **state)
{
	static const char *const quirks[][4] = { { "sram2=header" }, { "sram2=wiki" },
		{ "sram2=both" }, { "sram2=wiki", "ipccdba=64" },
		{ "sram2=wiki", "ipccdba=64", "ipccdba-x8" },
		{ "sram2=header", "sram2-erased-on-reset" },
		{ "sram2=both", "secure-access=fault" } };

	(void)state;
	for (size_t i = 0; i < sizeof(quirks) / sizeof(*quirks); i++)
		whole_life(chip_named("wb15cc"), quirks[i]);
}

static void small_parts_work_whatever_lies_behind_user_flash(void **state)
{
	static const char *const quirks[][2] = { { "flash-gap=secure" }, { "flash-gap=blank" },
		{ "flash-gap=cells" }, { "flash-gap=fault" }, { "secure-access=fault" } };
	static const char *const names[] = { "wb55vy", "wb55rc", "wb35ce" };

	(void)state;
	for (size_t n = 0; n < sizeof(names) / sizeof(*names); n++)
		for (size_t i = 0; i < sizeof(quirks) / sizeof(*quirks); i++)
			whole_life(chip_named(names[n]), quirks[i]);
}

static void tables_are_found_in_either_unit_of_ipccdba(void **state)
{
	static const char *const quirks[][3] = { { "ipccdba=64" }, { "ipccdba=64", "ipccdba-x8" },
		{ "ipccdba=1024" } };

	(void)state;
	for (size_t i = 0; i < sizeof(quirks) / sizeof(*quirks); i++)
		whole_life(chip_named(i ? "wb55rg" : "wb35ce"), quirks[i]);
}

/* Option bytes that no longer match their complements: Safeboot, at each family's own SBRV. */
static void every_chip_with_corrupt_option_bytes_is_refused_by_name(void **state)
{
	(void)state;
	for (const struct chip *c = chips; c < chips + CHIPS; c++) {
		const struct wbsim_config cfg = { .chip = c->name, .fus = "2.2.0" };
		struct wb_chip seen;

		board_open_chip(&board, &cfg);
		assert_true(wbsim_corrupt_option(board.sim, "SBRV"));
		wbsim_power(board.sim, false);
		wbsim_power(board.sim, true);
		wbsim_attach(board.sim);
		must(c->name, "info", wb_chip_read(&board.bench.link, &seen, &board.err));
		assert_int_equal(seen.selected, WB_RUNS_SAFEBOOT);
		assert_int_equal(board_upgrade(&board, &set_for(c)->new_stack), WB_ERR_REFUSED);
		assert_string_equal(board.err.rule, "safeboot-selected");
		assert_int_equal(wbsim_stats(board.sim)->flash_erases, 0);
		board_close(&board);
	}
}

/* Words that no document explains, as they were read from a board. */
static void a_boards_own_device_info_is_understood(void **state)
{
	static const char *const quirks[] = { "info=board", NULL };

	(void)state;
	whole_life(chip_named("wb55rg"), quirks);
}

/* A bit of every quirk on the parts that differ most from a WB55RG. */
static void small_chips_work_with_all_quirks_at_once(void **state)
{
	static const char *const quirks[] = { "dap-lost-on-reset=100", "demcr-lost-on-reset",
		"sram2-erased-on-reset", "optverr", "iwdg-on", "ipccdba=64", "need-crcen",
		"alt-order", NULL };

	(void)state;
	whole_life(chip_named("wb15cc"), quirks);
	whole_life(chip_named("wb35cc"), quirks);
	whole_life(chip_named("wb50cg"), quirks);
}

/* ---- ST's images ------------------------------------------------------------------------------ */

static uint8_t *slurp(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(1u << 20);

	assert_non_null(file);
	assert_non_null(data);
	*size = fread(data, 1, 1u << 20, file);
	fclose(file);
	return data;
}

/* The FUS that takes this image directly, or NULL. */
static const char *fus_before(const struct wb_image *image)
{
	uint32_t release = image->version & 0xffffff00u;

	if (image->kind == WB_IMAGE_STACK)
		return image->fus2_only ? "2.2.0" : "1.2.0";
	if (image->kind != WB_IMAGE_FUS)
		return NULL;
	if (image->for_fus_0_5_3 || release == VERSION(1, 0, 2))
		return "0.5.3";
	if (release == VERSION(1, 1, 0))
		return "1.0.2";
	if (release == VERSION(1, 2, 0))
		return "1.1.0";
	return release == VERSION(2, 2, 0) ? "1.2.0" : NULL;
}

static void install(const struct chip *c, const struct wb_image *image)
{
	const char *const trust[] = { getenv("STM32WB_IMAGES"), NULL };
	const struct wbsim_config cfg = { .chip = c->name, .fus = fus_before(image), .trust = trust };
	struct wbsim_cpu2_view view;

	board_open_chip(&board, &cfg);
	must(c->name, image->name, board_upgrade(&board, image));
	wbsim_cpu2_view(board.sim, &view);
	if (image->kind == WB_IMAGE_FUS) {
		assert_memory_equal(view.fus_sha256, image->sha256, sizeof(image->sha256));
		board_check_stack(&board, 0);
	} else {
		assert_memory_equal(view.stack_sha256, image->sha256, sizeof(image->sha256));
		board_check_stack(&board, image->version);
		assert_true(board.result.after.versions.stack == image->version);
	}
	board_check_kept(&board);
	board_close(&board);
}

static void every_chip_takes_every_st_image_meant_for_it(void **state)
{
	unsigned int installed = 0;

	(void)state;
	if (!getenv("STM32WB_IMAGES")) {
		print_message("STM32WB_IMAGES is not set: skipped\n");
		skip();
	}
	for (unsigned int i = 0; i < path_count; i++) {
		struct wb_image image;
		size_t size;
		uint8_t *data = slurp(paths[i], &size);
		const char *slash = strrchr(paths[i], '/');

		if (wb_image_parse(data, size, slash ? slash + 1 : paths[i], &image, &board.err) ==
				WB_OK && fus_before(&image)) {
			for (const struct chip *c = chips; c < chips + CHIPS; c++) {
				const struct wb_family *f = wb_family_by_id(c->family);

				if (!wb_image_address(&image, f, c->flash_kib))
					continue;
				install(c, &image);
				installed++;
			}
		}
		free(data);
	}
	print_message("%u installations\n", installed);
	assert_true(installed > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_chip_says_what_it_is),
		cmocka_unit_test(every_chip_lives_a_whole_life),
		cmocka_unit_test(wb1x_works_with_sram2_wherever_it_is),
		cmocka_unit_test(small_parts_work_whatever_lies_behind_user_flash),
		cmocka_unit_test(tables_are_found_in_either_unit_of_ipccdba),
		cmocka_unit_test(every_chip_with_corrupt_option_bytes_is_refused_by_name),
		cmocka_unit_test(a_boards_own_device_info_is_understood),
		cmocka_unit_test(small_chips_work_with_all_quirks_at_once),
		cmocka_unit_test(every_chip_takes_every_st_image_meant_for_it),
	};

	if (SANITIZED)
		return AUTOMAKE_SKIP;
	return cmocka_run_group_tests(tests, set_up, clean_up);
}

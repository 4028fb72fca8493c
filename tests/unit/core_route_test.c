/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From every FUS version to a stack for FUS 2, by one upgrade and a folder of images: the shortest
 * safe route is found, and taken. With ST's own images where STM32WB_IMAGES names their folder.
 */
#define _XOPEN_SOURCE 700
#include <ftw.h>
#include <stdio.h>
#include "tests/unit/core_board.h"
#include "tests/unit/core_matrix_images.h"

#define FOLDER_MAX 64u
#define NEWEST VERSION(2, 2, 0)

static struct board board;
static struct wb_image folder[FOLDER_MAX];
static const struct wb_image *list[FOLDER_MAX], *stack;
static unsigned int count;

/* From, stack in place before, the FUS versions on the way, as digits. */
static const struct route {
	const char *chip, *fus;
	const struct matrix_image *before;
	const char *way;
} routes[] = {
	{ "wb55rg", "0.5.3", NULL, "1.2.0 2.2.0" },
	{ "wb55rg", "0.5.3", &matrix_small, "1.2.0 2.2.0" },
	{ "wb55rg", "1.0.1", NULL, "1.2.0 2.2.0" },
	{ "wb55re", "1.0.2", &matrix_small, "1.2.0 2.2.0" },
	{ "wb55rg", "1.1.0", NULL, "1.2.0 2.2.0" },
	{ "wb55rg", "1.1.0", &matrix_small, "1.2.0 2.2.0" },
	{ "wb35ce", "1.1.1", &matrix_large, "1.2.0 2.2.0" },
	{ "wb55vy", "1.1.2", NULL, "1.2.0 2.2.0" },
	{ "wb55rg", "1.2.0", &matrix_large, "2.2.0" },
	{ "wb55rc", "0.5.3", NULL, "1.2.0 2.2.0" },
	{ "wb55rg", "2.0.0", NULL, "" },
	{ "wb55rg", "2.2.0", &matrix_small, "" },
};

static void add(const struct wb_image *image)
{
	assert_true(count < FOLDER_MAX);
	folder[count] = *image;
	list[count] = &folder[count];
	if (image->fus2_only && image->kind == WB_IMAGE_STACK && image->stack_type == 0x01)
		stack = &folder[count];
	count++;
}

static void empty_folder(void)
{
	while (count)
		matrix_free(&folder[--count]);
	stack = NULL;
}

/* All of the matrix's genuine images for this chip, and a full stack. */
static void fill_folder(void)
{
	static const struct matrix_image full = { "full", MATRIX_STACK, MAKE_STACK_FUS2, 0x01180003u,
		21004, 0, "BLE_Stack_full_fw.bin", false, false, false, false };
	struct wb_image image;

	for (size_t i = 0; i < matrix_image_count; i++) {
		const struct matrix_image *m = &matrix_images[i];

		if (m->kind != MATRIX_FUS || m->stranger)
			continue;
		matrix_make(m, false, &image);
		add(&image);
	}
	matrix_make(&full, false, &image);
	add(&image);
}

/* The versions of the FUS images that the plan installs, in order. */
static void way_of_plan(char *way, size_t size)
{
	size_t at = 0;
	char version[20];

	*way = '\0';
	for (unsigned int i = 0; i < board.plan.count; i++) {
		const struct wb_step *s = &board.plan.steps[i];

		if (s->kind == WB_STEP_UPGRADE && s->image->kind == WB_IMAGE_FUS)
			at += (size_t)snprintf(way + at, size - at, "%s%s", at ? " " : "",
				wb_version_text(s->image->version & 0xffffff00u, version));
	}
}

static void travel(const struct route *r, const char *const *trust, const char *const *quirks)
{
	const struct wbsim_config cfg = { .chip = r->chip, .fus = r->fus, .trust = trust,
		.quirks = quirks };
	struct wb_goal goal = { .image = stack, .folder = list, .folder_count = count,
		.confirm = { "overwrite" } };
	struct wbsim_cpu2_view v;
	struct wb_image before;
	char way[64];

	board_open_chip(&board, &cfg);
	if (r->before) {
		matrix_make(r->before, false, &before);
		if (board_upgrade(&board, &before))
			fail_msg("%s, FUS %s: %s", r->chip, r->fus, board.err.text);
		matrix_free(&before);
	}
	if (wb_fus_upgrade(board.session, &goal, false, &board.plan, &board.result, &board.err))
		fail_msg("%s, FUS %s: %s", r->chip, r->fus, board.err.text);
	way_of_plan(way, sizeof(way));
	print_message("%s, FUS %s%s: %s (%u steps)\n", r->chip, r->fus,
		r->before ? ", a stack in place" : "", board.plan.summary, board.plan.count);
	wbsim_cpu2_view(board.sim, &v);
	assert_memory_equal(v.stack_sha256, stack->sha256, sizeof(v.stack_sha256));
	assert_false(v.dead || v.keys_lost || v.busy);
	assert_int_equal(4 * v.sbrv, v.sfsa * 4096);
	board_check_kept(&board);
	board_close(&board);
	assert_string_equal(way, r->way);
}

static void every_fus_gets_the_stack_by_one_upgrade(void **state)
{
	(void)state;
	fill_folder();
	for (size_t i = 0; i < sizeof(routes) / sizeof(*routes); i++)
		travel(&routes[i], NULL, NULL);
	empty_folder();
}

static void the_long_way_works_in_the_other_order_too(void **state)
{
	static const char *const quirks[][2] = { { "alt-order" }, { "first-state-ff" },
		{ "secure-access=fault" }, { "same-version=accept" } };

	(void)state;
	fill_folder();
	for (size_t i = 0; i < sizeof(quirks) / sizeof(*quirks); i++)
		for (size_t r = 0; r < 6; r++)
			travel(&routes[r], NULL, quirks[i]);
	empty_folder();
}

/* ---- in the way ------------------------------------------------------------------------------- */

static const struct matrix_image safeboot = { "Safeboot 2.0.1", MATRIX_SAFEBOOT,
	MAKE_SAFEBOOT_FUS2, 0x02000100u, 4204, 0, "Safeboot_fw.bin", false, false, false, false };

/* One position; false when the update was over before it. */
static bool cut_safeboot(const void *start, size_t len, const struct wb_goal *goal,
	unsigned int position)
{
	struct wbsim_cpu2_view v;
	enum wb_status status;
	bool struck;

	board_restore(&board, start, len);
	board.bench.accident = ACCIDENT_POWER_CUT;
	board.bench.accident_at = position;
	status = wb_fus_upgrade(board.session, goal, false, &board.plan, &board.result, &board.err);
	struck = board.bench.struck;
	if (struck) {
		bench_mend(&board.bench);
		wb_session_free(board.session);
		board.session = wb_session_new(&board.bench.link);
		wbsim_attach(board.sim);
		status = wb_fus_upgrade(board.session, goal, false, &board.plan, &board.result,
			&board.err);
	}
	/* option bytes cut in the middle of a write: named, with its remedy */
	if (status == WB_ERR_REFUSED && !strcmp(board.err.rule, "safeboot-selected"))
		return struck;
	if (status)
		fail_msg("position %u: %s", position, board.err.text);
	wbsim_cpu2_view(board.sim, &v);
	assert_int_equal(v.stack_version, 0);
	assert_int_equal(v.sfsa, 0xf4);
	assert_false(v.dead || v.busy);
	return struck;
}

static void a_safeboot_update_is_finished_by_the_same_command_again(void **state)
{
	const struct wbsim_config cfg = { .fus = "2.2.0" };
	struct wb_image image, before;
	struct wb_goal goal = { .image = &image, .confirm = { "overwrite", "factory-reset" } };
	unsigned int position = 1, count_cut = 0;
	void *start;
	size_t len;

	(void)state;
	board_open_chip(&board, &cfg);
	matrix_make(&matrix_small, false, &before);
	matrix_make(&safeboot, false, &image);
	assert_int_equal(board_upgrade(&board, &before), WB_OK);
	start = board_save(&board, &len);
	for (; cut_safeboot(start, len, &goal, position); position += 11)
		count_cut++;
	print_message("%u positions\n", count_cut);
	assert_true(count_cut > 20);
	free(start);
	matrix_free(&image);
	matrix_free(&before);
	board_close(&board);
}

static void protected_flash_is_refused_and_not_touched(void **state)
{
	static const char *const options[][3] = { { "WRP1A_STRT=0xf2", "WRP1A_END=0xf3" },
		{ "PCROP1B_STRT=0x1e4", "PCROP1B_END=0x1e7" } };
	static const char *const rules[] = { "write-protected", "pcrop" };

	(void)state;
	fill_folder();
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		const struct wbsim_config cfg = { .fus = "2.2.0", .options = options[i] };
		struct wb_goal goal = { .image = stack };

		board_open_chip(&board, &cfg);
		assert_int_equal(wb_fus_upgrade(board.session, &goal, false, &board.plan,
			&board.result, &board.err), WB_ERR_REFUSED);
		assert_string_equal(board.err.rule, rules[i]);
		assert_int_equal(wbsim_stats(board.sim)->flash_erases, 0);
		board_check_stack(&board, 0);
		board_close(&board);
	}
	empty_folder();
}

/* ---- ST's ------------------------------------------------------------------------------------- */

static int load(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	size_t len = strlen(path), size;
	struct wb_image image;
	struct wb_error err;
	uint8_t *data;
	FILE *f;

	(void)st;
	if (type != FTW_F || len < 4 || strcmp(path + len - 4, ".bin") != 0)
		return 0;
	f = fopen(path, "rb");
	data = malloc(1u << 20);
	assert_non_null(f);
	assert_non_null(data);
	size = fread(data, 1, 1u << 20, f);
	fclose(f);
	if (wb_image_parse(data, size, path + ftw->base, &image, &err) == WB_OK)
		add(&image);
	else
		free(data);
	return 0;
}

static void st_images_go_from_0_5_3_to_the_full_stack(void **state)
{
	const char *path = getenv("STM32WB_IMAGES");
	const char *const trust[] = { path, NULL };

	(void)state;
	if (!path) {
		print_message("STM32WB_IMAGES is not set: skipped\n");
		skip();
	}
	assert_int_equal(nftw(path, load, 16, FTW_PHYS), 0);
	assert_non_null(stack);
	for (size_t i = 0; i < sizeof(routes) / sizeof(*routes); i++)
		travel(&routes[i], trust, NULL);
	empty_folder();
}

/* One image by itself: what is planned succeeds, what is not has a rule. */
static bool st_image(const char *chip, const char *fus, const struct wb_image *image,
	const char *const *trust)
{
	const struct wbsim_config cfg = { .chip = chip, .fus = fus, .trust = trust };
	struct wb_goal goal = { .image = image, .confirm = { "overwrite", "factory-reset" } };
	struct wbsim_cpu2_view v;
	enum wb_status status;

	board_open_chip(&board, &cfg);
	status = wb_fus_upgrade(board.session, &goal, false, &board.plan, &board.result, &board.err);
	wbsim_cpu2_view(board.sim, &v);
	if (status && (status != WB_ERR_REFUSED || !board.err.rule[0]))
		fail_msg("%s, FUS %s, %s: %s", chip, fus, image->name, board.err.text);
	if (v.dead || v.keys_lost || v.busy)
		fail_msg("%s, FUS %s, %s: harmed", chip, fus, image->name);
	if (!status && image->kind == WB_IMAGE_STACK)
		assert_memory_equal(v.stack_sha256, image->sha256, sizeof(v.stack_sha256));
	else if (!status && image->kind == WB_IMAGE_FUS)
		assert_int_equal(v.fus_version >> 8, image->version >> 8);
	board_close(&board);
	return !status;
}

static void st_images_are_installed_or_refused_by_a_rule(void **state)
{
	static const char *const chips[] = { "wb55rg", "wb55vy", "wb35ce", "wb35cc", "wb15cc" };
	static const char *const versions[] = { "0.5.3", "1.0.1", "1.0.2", "1.1.0", "1.1.1", "1.1.2",
		"1.2.0", "2.0.0", "2.1.0", "2.2.0" };
	const char *path = getenv("STM32WB_IMAGES");
	const char *const trust[] = { path, NULL };
	unsigned int installed = 0, refused = 0;

	(void)state;
	if (!path) {
		print_message("STM32WB_IMAGES is not set: skipped\n");
		skip();
	}
	assert_int_equal(nftw(path, load, 16, FTW_PHYS), 0);
	for (size_t c = 0; c < sizeof(chips) / sizeof(*chips); c++)
		for (size_t f = 0; f < sizeof(versions) / sizeof(*versions); f++) {
			const struct wbsim_config cfg = { .chip = chips[c], .fus = versions[f] };
			char why[256];
			struct wbsim *sim = wbsim_new(&cfg, why, sizeof(why));

			if (!sim)
				continue; /* no such chip */
			wbsim_free(sim);
			for (unsigned int i = 0; i < count; i++) {
				if (st_image(chips[c], versions[f], list[i], trust))
					installed++;
				else
					refused++;
			}
		}
	print_message("%u installed, %u refused\n", installed, refused);
	empty_folder();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fus_gets_the_stack_by_one_upgrade),
		cmocka_unit_test(the_long_way_works_in_the_other_order_too),
		cmocka_unit_test(a_safeboot_update_is_finished_by_the_same_command_again),
		cmocka_unit_test(protected_flash_is_refused_and_not_touched),
		cmocka_unit_test(st_images_go_from_0_5_3_to_the_full_stack),
		cmocka_unit_test(st_images_are_installed_or_refused_by_a_rule),
	};

	if (SANITIZED)
		return AUTOMAKE_SKIP;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The matrix: every FUS version and every image on every chip, the planner's verdict against what
 * the virtual chip does when the planner is skipped. They share no table, so each proves the other:
 *   - where the planner says yes, the upgrade succeeds, and nothing is lost that was not named;
 *   - where it says no, it names a rule.
 * The table is doc/matrix.md; MATRIX=all with MATRIX_WRITE=FILE writes it.
 */
#include <stdio.h>
#include "tests/unit/core_board.h"
#include "tests/unit/core_matrix_images.h"

#define FLASH 0x08000000u
#define TEXT_MAX 131072u
#define CELL_MAX 80u
#define IMAGES_MAX 32u
#define PAGE_1X 2048u

static const char preface[] =
	"# What may go where\n\n"
	"Written by tests/unit/core_matrix_test.c: every image on every FUS version and every chip.\n"
	"\"**yes**\": planned, and the virtual chip did it. Otherwise the rule that refuses, and in\n"
	"brackets what the virtual chip makes of the image when nobody asks the planner: it works\n"
	"all the same, an error of the FUS (01 not found, 03 not authentic, 04 not enough space),\n"
	"\"keys lost\" or \"chip lost\". \"there\" is already installed. Chips that agree in every\n"
	"cell share their tables; FUS versions that a chip never had are left out.\n";

/* Chips of a row differ in RAM and package only. Unless MATRIX=all, the first of a daily row runs. */
static const struct chip {
	const char *names[4];
	uint16_t kib, page;
	uint32_t fus_start;
	bool daily;
} chips[] = {
	{ { "wb55rg", "wb5mmg", "wb50cg" }, 1024, 4096, 0x080f4000, true },
	{ { "wb55vy" }, 640, 4096, 0x080f4000, false },
	{ { "wb55re" }, 512, 4096, 0x080f4000, false },
	{ { "wb35ce", "wb30ce" }, 512, 4096, 0x080f4000, false },
	{ { "wb55rc" }, 256, 4096, 0x080f4000, false },
	{ { "wb35cc" }, 256, 4096, 0x080f4000, true },
	{ { "wb15cc", "wb10cc", "wb1mmc" }, 320, 2048, 0x08046000, true },
};
#define CHIPS (sizeof(chips) / sizeof(*chips))

static const char *const versions[] = { "0.5.3", "1.0.1", "1.0.2", "1.1.0", "1.1.1", "1.1.2",
	"1.2.0", "2.0.0", "2.1.0", "2.2.0" };
#define VERSIONS (sizeof(versions) / sizeof(*versions))
#define ONE_PAGE_SINCE 5u /* index of 1.1.2: before, a stack in place wants the image's size again */

/* What is on the chip before, and whether a stack may be deleted first. */
static const struct scenario {
	const char *title;
	const struct matrix_image *before;
	bool first_install;
	bool stacks_only;
} scenarios[] = {
	{ "no stack in place", NULL, false, false },
	{ "a smaller stack in place, which stays (`-first-install`)", &matrix_small, true, false },
	{ "a larger stack in place, which stays", &matrix_large, true, true },
	{ "a smaller stack in place, which may be deleted", &matrix_small, false, true },
};
#define SCENARIOS (sizeof(scenarios) / sizeof(*scenarios))

static struct board board;
static const char *name; /* of the chip at hand */
static unsigned int cells, yes, no, deadly;
static char *bodies[CHIPS];

static struct wbsim_cpu2_view view(void)
{
	struct wbsim_cpu2_view v;

	wbsim_cpu2_view(board.sim, &v);
	return v;
}

/* Is what the image promises there now? A FUS 1.2.0 does not know its own version. */
static bool achieved(const struct matrix_image *m, const struct wb_image *image)
{
	struct wbsim_cpu2_view v = view();

	if (m->kind == MATRIX_FUS)
		return v.fus_version >> 8 == image->version >> 8;
	if (m->kind == MATRIX_STACK)
		return !memcmp(v.stack_sha256, image->sha256, sizeof(v.stack_sha256));
	return m->kind == MATRIX_SAFEBOOT && !v.stack_version && !board.result.state.error;
}

/* Where a reckless user would put it: as near below what is secure as this FUS wants it. */
static uint32_t address_for(const struct chip *chip, unsigned int version,
	const struct wb_image *image)
{
	uint32_t end = FLASH + view().sfsa * chip->page, user = FLASH + chip->kib * 1024u;
	uint32_t pages = (uint32_t)((image->size + chip->page - 1) / chip->page);
	uint32_t gap = image->nvm_pages;

	if (end > user)
		end = user;
	if (end > chip->fus_start)
		end = chip->fus_start;
	if (view().stack_version)
		gap = version < ONE_PAGE_SINCE ? pages : 1;
	return end - (pages + gap) * chip->page;
}

/* What the chip makes of it when nobody asks the planner. */
static void skip_the_planner(const struct chip *chip, unsigned int version,
	const struct matrix_image *m, const struct wb_image *image, char *cell)
{
	struct wb_goal goal = { .image = image, .skip_planner = true,
		.address = address_for(chip, version, image) };
	uint32_t fus = view().fus_version;
	enum wb_status status = wb_fus_upgrade(board.session, &goal, false, &board.plan,
		&board.result, &board.err);

	if (view().dead || view().keys_lost) {
		deadly++;
		strcpy(cell, view().dead ? "chip lost" : "keys lost");
	} else if (status == WB_OK && achieved(m, image)) {
		strcpy(cell, m->kind == MATRIX_FUS && view().fus_version == fus ? "nothing" : "works");
	} else if (status == WB_ERR_FUS && board.result.state.has_error) {
		snprintf(cell, CELL_MAX / 2, "error %02X", board.result.state.error);
	} else {
		fail_msg("%s, FUS %s, %s, no planner: %s", name, versions[version], m->label,
			board.err.text);
	}
}

static void one_cell(const struct chip *chip, unsigned int version, const struct scenario *s,
	const struct matrix_image *m, const struct wb_image *image, char cell[CELL_MAX])
{
	struct wb_goal goal = { .image = image,
		.first_install = s->first_install && m->kind == MATRIX_STACK,
		.confirm = { "overwrite", "factory-reset" } };
	struct wbsim_cpu2_view before = view();
	enum wb_status status;
	char chip_says[CELL_MAX / 2], rule[CELL_MAX / 2 - 3];
	size_t len;
	void *saved = board_save(&board, &len);

	cells++;
	status = wb_fus_upgrade(board.session, &goal, false, &board.plan, &board.result,
		&board.err);
	if (status == WB_OK) {
		yes++;
		if (!achieved(m, image) || view().dead || view().keys_lost || view().busy)
			fail_msg("%s, FUS %s, %s: planned, but not achieved", name,
				versions[version], m->label);
		strcpy(cell, board.plan.count ? "**yes**" : "there");
	} else if (status != WB_ERR_REFUSED || !board.err.rule[0]) {
		fail_msg("%s, FUS %s, %s: the planner said yes, but: %s", name,
			versions[version], m->label, board.err.text);
	} else {
		no++;
		snprintf(rule, sizeof(rule), "%s", board.err.rule);
		if (view().stack_version != before.stack_version ||
			view().fus_version != before.fus_version)
			fail_msg("%s, FUS %s, %s: refused, but changed", name,
				versions[version], m->label);
		board_restore(&board, saved, len);
		skip_the_planner(chip, version, m, image, chip_says);
		snprintf(cell, CELL_MAX, "%s (%s)", rule, chip_says);
	}
	board_restore(&board, saved, len);
	free(saved);
}

/* A chip with this FUS and what the scenario has on it; false: there is no such chip. */
static bool prepare(const struct chip *chip, const char *fus, const struct scenario *s)
{
	const struct wbsim_config cfg = { .chip = name, .fus = fus };
	struct wb_image before;
	char why[256];
	struct wbsim *sim = wbsim_new(&cfg, why, sizeof(why));

	if (!sim)
		return false;
	wbsim_free(sim);
	board_open_chip(&board, &cfg);
	if (s->before) {
		matrix_make(s->before, chip->page == PAGE_1X, &before);
		if (board_upgrade(&board, &before))
			fail_msg("%s, FUS %s: %s", name, fus, board.err.text);
		matrix_free(&before);
	}
	return true;
}

static void append(char *text, const char *more)
{
	assert_true(strlen(text) + strlen(more) < TEXT_MAX);
	strcat(text, more);
}

static void append_row(char *text, const char *label, char cell[VERSIONS][CELL_MAX])
{
	append(text, "| ");
	append(text, label);
	for (unsigned int v = 0; v < VERSIONS; v++) {
		if (!cell[v][0])
			continue;
		append(text, " | ");
		append(text, cell[v]);
	}
	append(text, " |\n");
}

static bool in_table(const struct chip *chip, const struct scenario *s,
	const struct matrix_image *m)
{
	return !(s->stacks_only && m->kind != MATRIX_STACK) && !(chip->page == PAGE_1X && m->not_1x);
}

static void one_table(const struct chip *chip, const struct scenario *s, char *text)
{
	static char cell[IMAGES_MAX][VERSIONS][CELL_MAX];
	char head[VERSIONS][CELL_MAX] = { "" }, line[VERSIONS][CELL_MAX] = { "" };

	assert_true(matrix_image_count <= IMAGES_MAX);
	memset(cell, 0, sizeof(cell));
	for (unsigned int v = 0; v < VERSIONS; v++) {
		if (!prepare(chip, versions[v], s))
			continue;
		strcpy(head[v], versions[v]);
		strcpy(line[v], "---");
		for (size_t i = 0; i < matrix_image_count; i++) {
			struct wb_image image;

			if (!in_table(chip, s, &matrix_images[i]))
				continue;
			matrix_make(&matrix_images[i], chip->page == PAGE_1X, &image);
			one_cell(chip, v, s, &matrix_images[i], &image, cell[i][v]);
			matrix_free(&image);
		}
		board_close(&board);
	}
	append(text, "\n### ");
	append(text, s->title);
	append(text, "\n\n");
	append_row(text, "image \\ FUS", head);
	append_row(text, "---", line);
	for (size_t i = 0; i < matrix_image_count; i++)
		if (in_table(chip, s, &matrix_images[i]))
			append_row(text, matrix_images[i].label, cell[i]);
}

static void planner_and_chip_agree(void **state)
{
	const char *all = getenv("MATRIX");
	char *again = calloc(1, TEXT_MAX);

	(void)state;
	assert_non_null(again);
	for (size_t c = 0; c < CHIPS; c++) {
		bodies[c] = calloc(1, TEXT_MAX);
		assert_non_null(bodies[c]);
		for (unsigned int n = 0; (name = chips[c].names[n]) &&
			(all || (!n && chips[c].daily)); n++) {
			char *text = n ? again : bodies[c];

			*text = '\0';
			for (size_t s = 0; s < SCENARIOS; s++)
				one_table(&chips[c], &scenarios[s], text);
			assert_string_equal(text, bodies[c]);
		}
	}
	free(again);
	print_message("%u cells: %u planned, all achieved; %u refused by a rule, %u of them deadly\n",
		cells, yes, no, deadly);
	assert_true(yes > 0 && no > 0 && deadly > 0);
}

static void append_names(char *text, const struct chip *chip, const char *between)
{
	for (unsigned int n = 0; chip->names[n]; n++) {
		append(text, n ? ", " : between);
		append(text, chip->names[n]);
	}
}

/* All tables, chips that agree in every cell under one heading. */
static char *whole_text(void)
{
	char *text = calloc(1, TEXT_MAX);

	assert_non_null(text);
	append(text, preface);
	for (size_t c = 0; c < CHIPS; c++) {
		bool first = true;

		for (size_t other = 0; other < c; other++)
			first = first && strcmp(bodies[other], bodies[c]) != 0;
		if (!first || !*bodies[c])
			continue;
		append_names(text, &chips[c], "\n## ");
		for (size_t other = c + 1; other < CHIPS; other++)
			if (!strcmp(bodies[other], bodies[c]))
				append_names(text, &chips[other], ", ");
		append(text, "\n");
		append(text, bodies[c]);
	}
	return text;
}

static void doc_carries_the_matrix(void **state)
{
	const char *path = getenv("MATRIX_WRITE");
	char *text = whole_text(), *doc = calloc(1, TEXT_MAX);
	FILE *f;

	(void)state;
	fputs(text, stdout);
	if (path && getenv("MATRIX")) {
		f = fopen(path, "w");
		assert_non_null(f);
		assert_true(fputs(text, f) >= 0);
		assert_int_equal(fclose(f), 0);
	}
	f = fopen(SRCDIR "/doc/matrix.md", "r");
	assert_non_null(f);
	assert_non_null(doc);
	assert_true(fread(doc, 1, TEXT_MAX - 1, f) > 0);
	fclose(f);
	for (size_t c = 0; c < CHIPS; c++)
		if (!strstr(doc, bodies[c]))
			fail_msg("doc/matrix.md has other tables for %s: "
				"MATRIX=all MATRIX_WRITE=doc/matrix.md writes them anew",
				chips[c].names[0]);
	free(text);
	free(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(planner_and_chip_agree),
		cmocka_unit_test(doc_carries_the_matrix),
	};

	if (SANITIZED)
		return AUTOMAKE_SKIP;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	for (size_t c = 0; c < CHIPS; c++)
		free(bodies[c]);
	return failed;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ST's own binaries and ST's own tables of install addresses, from the folder that STM32WB_IMAGES
 * names (STM32CubeWB's STM32WB_Copro_Wireless_Binaries, with its Release_Notes.html files).
 */
#include "config.h"

#include <ctype.h>
#include <ftw.h>
#include <stdio.h>
#include "unit/core_make.h"

#define CURRENT "1.24.0"

struct expected {
	const char *file;
	enum wb_image_kind kind;
	enum wb_family_id family;
	const char *version, *type_name, *releases;
	uint8_t stack_type, nvm_pages;
	bool fus2_only, for_fus_0_5_3;
};

/* As ST's release notes and file names have them. */
static const struct expected expected[] = {
	{ "stm32wb1x_BLE_HCI_AdvScan_fw.bin", WB_IMAGE_STACK, WB_FAMILY_1X, "1.24.0",
		"BLE HCI AdvScan", "1.24.0", 0x04, 0, false, false },
	{ "stm32wb1x_BLE_Stack_light_fw.bin", WB_IMAGE_STACK, WB_FAMILY_1X, "1.24.0",
		"BLE Stack light", "1.24.0", 0x03, 8, true, false },
	{ "stm32wb1x_FUS_fw.bin", WB_IMAGE_FUS, WB_FAMILY_1X, "2.2.0", "FUS", "1.24.0", 0, 0,
		false, false },
	{ "stm32wb1x_Safeboot_fw.bin", WB_IMAGE_SAFEBOOT, WB_FAMILY_1X, "2.0.1", "Safeboot",
		"1.23.0 - 1.24.0", 0, 0, true, false },
	{ "stm32wb5x_BLE_HCILayer_fw.bin", WB_IMAGE_STACK, WB_FAMILY_5X, "1.24.0",
		"BLE HCI Layer", "1.24.0", 0x02, 0, false, false },
	{ "stm32wb5x_BLE_LLD_fw.bin", WB_IMAGE_STACK, WB_FAMILY_5X, "1.18.0", "BLE LLD",
		"1.18.0 - 1.24.0", 0x63, 0, false, false },
	{ "stm32wb5x_BLE_Stack_full_fw.bin", WB_IMAGE_STACK, WB_FAMILY_5X, "1.24.0",
		"BLE Stack full", "1.24.0", 0x01, 4, true, false },
	{ "stm32wb5x_BLE_Stack_light_fw.bin", WB_IMAGE_STACK, WB_FAMILY_5X, "1.24.0",
		"BLE Stack light", "1.24.0", 0x03, 4, true, false },
	{ "stm32wb5x_FUS_fw.bin", WB_IMAGE_FUS, WB_FAMILY_5X, "2.2.0", "FUS", "1.24.0", 0, 0,
		false, false },
	{ "stm32wb5x_FUS_fw_1_2_0.bin", WB_IMAGE_FUS, WB_FAMILY_5X, "1.2.0", "FUS",
		"1.22.1 - 1.24.0", 0, 0, false, false },
	{ "stm32wb5x_FUS_fw_for_fus_0_5_3.bin", WB_IMAGE_FUS, WB_FAMILY_5X, "1.2.0", "FUS",
		"1.11.1 - 1.24.0", 0, 0, false, true },
	{ "stm32wb5x_Safeboot_fw.bin", WB_IMAGE_SAFEBOOT, WB_FAMILY_5X, "2.0.1", "Safeboot",
		"1.23.0 - 1.24.0", 0, 0, true, false },
	{ "stm32wb5x_Safeboot_fw_2_0_0.bin", WB_IMAGE_SAFEBOOT, WB_FAMILY_5X, "2.0.0", "Safeboot",
		"1.24.0", 0, 0, false, false },
	{ "stm32wb5x_Thread_MTD_fw.bin", WB_IMAGE_STACK, WB_FAMILY_5X, "1.24.0", "Thread MTD",
		"1.24.0", 0x11, 0, false, false },
	{ "stm32wb5x_FUS_fw_1_0_2.bin", WB_IMAGE_FUS, WB_FAMILY_5X, "1.0.2", "FUS",
		"1.5.0 - 1.11.0", 0, 0, false, false },
	{ "stm32wb5x_FUS_fw_1_1_0.bin", WB_IMAGE_FUS, WB_FAMILY_5X, "1.1.0", "FUS",
		"1.6.0 - 1.10.0", 0, 0, false, false },
};

/* ---- the folder ------------------------------------------------------------------------------- */

#define FILES_MAX 256
static char *paths[FILES_MAX];
static unsigned int path_count;

static int remember(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)ftw;
	if (type == FTW_F && path_count < FILES_MAX)
		paths[path_count++] = strdup(path);
	return 0;
}

static int find_folder(void **state)
{
	const char *folder = getenv("STM32WB_IMAGES");

	(void)state;
	if (folder && nftw(folder, remember, 16, FTW_PHYS))
		fail_msg("cannot walk %s", folder);
	return 0;
}

static int forget_folder(void **state)
{
	(void)state;
	while (path_count)
		free(paths[--path_count]);
	return 0;
}

static void need_folder(void)
{
	if (getenv("STM32WB_IMAGES"))
		return;
	print_message("STM32WB_IMAGES is not set: skipped\n");
	skip();
}

static const char *base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Contents with a 0 behind, malloc'ed. */
static char *slurp(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	char *data;
	long len = -1;

	if (!file || fseek(file, 0, SEEK_END) || (len = ftell(file)) < 0)
		fail_msg("cannot read %s", path);
	rewind(file);
	data = malloc((size_t)len + 1);
	assert_non_null(data);
	*size = fread(data, 1, (size_t)len, file);
	assert_int_equal(*size, len);
	data[len] = '\0';
	fclose(file);
	return data;
}

static char *find(const char *name, size_t *size)
{
	for (unsigned int i = 0; i < path_count; i++)
		if (!strcmp(base(paths[i]), name))
			return slurp(paths[i], size);
	fail_msg("STM32WB_IMAGES holds no %s", name);
	return NULL;
}

/* ---- images ----------------------------------------------------------------------------------- */

static void st_images_are_named_right(void **state)
{
	char text[20];

	(void)state;
	need_folder();
	for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
		const struct expected *e = &expected[i];
		struct wb_image image;
		struct wb_error err;
		size_t size;
		char *data = find(e->file, &size);

		if (wb_image_parse((uint8_t *)data, size, e->file, &image, &err))
			fail_msg("%s", err.text);
		assert_true(image.genuine);
		assert_int_equal(image.kind, e->kind);
		assert_int_equal(image.family, e->family);
		assert_string_equal(wb_version_text(image.version, text), e->version);
		assert_string_equal(image.type_name, e->type_name);
		assert_string_equal(image.releases, e->releases);
		assert_int_equal(image.stack_type, e->stack_type);
		assert_int_equal(image.nvm_pages, e->nvm_pages);
		assert_int_equal(image.fus2_only, e->fus2_only);
		assert_int_equal(image.for_fus_0_5_3, e->for_fus_0_5_3);
		assert_false(image.ambiguous_for_0_5_3);
		assert_false(image.customer_signed);
		assert_string_equal(image.warning, "");
		free(data);
	}
}

static void a_name_that_lies_is_seen(void **state)
{
	struct wb_image image;
	struct wb_error err;
	size_t size;
	char *data;

	(void)state;
	need_folder();
	data = find("stm32wb5x_BLE_Stack_light_fw.bin", &size);
	assert_int_equal(wb_image_parse((uint8_t *)data, size, "stm32wb5x_BLE_Stack_full_fw.bin",
				 &image, &err), WB_OK);
	assert_string_equal(image.type_name, "BLE Stack light");
	assert_non_null(strstr(image.warning, "BLE_Stack_light"));
	assert_int_equal(wb_image_parse((uint8_t *)data, size, "stm32wb3x_BLE_Stack_light_fw.bin",
				 &image, &err), WB_OK);
	assert_string_equal(image.warning, "");
	free(data);
}

static void one_damaged_byte_anywhere_is_refused(void **state)
{
	static const size_t where[] = { 0, 1, 4095, 70000, 129459 - 103, 129459 - 50, 129459 };
	struct wb_image image;
	struct wb_error err;
	size_t size;
	char *data;

	(void)state;
	need_folder();
	data = find("stm32wb5x_BLE_Stack_full_fw.bin", &size);
	assert_int_equal(size, 129460);
	for (size_t i = 0; i < sizeof(where) / sizeof(*where); i++) {
		data[where[i]] ^= 0x10;
		assert_int_equal(wb_image_parse((uint8_t *)data, size,
					 "stm32wb5x_BLE_Stack_full_fw.bin", &image, &err),
			WB_ERR_IMAGE);
		data[where[i]] ^= 0x10;
	}
	for (size_t cut = 0; cut < size; cut += 997)
		assert_int_equal(wb_image_parse((uint8_t *)data, cut,
					 "stm32wb5x_BLE_Stack_full_fw.bin", &image, &err),
			WB_ERR_IMAGE);
	free(data);
}

/* ---- install addresses ------------------------------------------------------------------------ */

#define COLUMNS 10
#define CELL 120

/* The text of a table cell without its markup; returns what follows the cell, NULL: no more. */
static const char *next_cell(const char *p, const char *end, char text[CELL])
{
	size_t n = 0;

	while (p < end && strncmp(p, "<td", 3) && strncmp(p, "<th", 3))
		p++;
	if (p >= end || !strncmp(p, "<thead", 6))
		return p < end ? next_cell(p + 6, end, text) : NULL;
	while (p < end && strncmp(p, "</td", 4) && strncmp(p, "</th", 4)) {
		if (*p == '<')
			while (p < end && *p != '>')
				p++;
		else if (n < CELL - 1)
			text[n++] = *p;
		p++;
	}
	text[n] = '\0';
	return p;
}

/* "STM32WB5xxG(1M)", "stm32wb1x(320K)": KiB, 0: no column of a flash size */
static unsigned int flash_of(const char *head)
{
	const char *p = strchr(head, '(');
	unsigned int n = p ? (unsigned int)strtoul(p + 1, NULL, 10) : 0;

	if (!n)
		return 0;
	p += strspn(p, "(0123456789");
	return toupper((unsigned char)*p) == 'M' ? n * 1024 : toupper((unsigned char)*p) == 'K' ? n
											 : 0;
}

/* The row of the list that the current release has under this name, as an image. */
static bool listed(const char *name, struct wb_image *image)
{
	static char *csv;
	char file[CELL], kind[20], version[20], last[20];
	unsigned int size, pages, nvm;
	size_t len;

	if (!csv)
		csv = slurp(SRCDIR "/src/core/known-images.csv", &len);
	for (const char *line = csv; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "%*[0-9a-f],%u,%119[^,],%19[^,],%19[^,],%u,%u,%*u,%*u,%*[^,],%19s",
			    &size, file, kind, version, &pages, &nvm, last) != 7 ||
			strcmp(file, name) || strcmp(last, CURRENT))
			continue;
		memset(image, 0, sizeof(*image));
		image->size = size;
		image->nvm_pages = (uint8_t)nvm;
		image->pages = (uint8_t)pages;
		image->version = (uint32_t)strtoul(version, NULL, 16);
		image->kind = !strncmp(kind, "stack", 5)	? WB_IMAGE_STACK
			      : !strcmp(kind, "fus")		? WB_IMAGE_FUS
								: WB_IMAGE_SAFEBOOT;
		if (image->version == 0xffffffff)
			image->version = 0x01020000;
		image->family = strstr(name, "wb1x") ? WB_FAMILY_1X : WB_FAMILY_5X;
		return true;
	}
	return false;
}

/* Compare one table's rows; `seen` collects the names, so that older releases are passed over. */
static unsigned int check_table(const char *table, const char *end, char *seen, size_t seen_size)
{
	unsigned int kib[COLUMNS] = { 0 }, cells = 0, before, column;
	char text[CELL], name[CELL];
	struct wb_image image;
	const struct wb_family *family;

	for (const char *row = strstr(table, "<tr"); row && row < end; row = strstr(row + 1, "<tr")) {
		const char *row_end = strstr(row, "</tr"), *p = row;

		assert_non_null(row_end);
		before = cells;
		name[0] = '\0';
		for (column = 0; column < COLUMNS && (p = next_cell(p, row_end, text)); column++) {
			const char *number = strstr(text, "0x");

			if (row == strstr(table, "<tr")) {
				kib[column] = flash_of(text);
				continue;
			}
			if (!column) {
				snprintf(name, sizeof(name), "%s", text);
				if (strstr(seen, name) || !listed(name, &image))
					break;
				continue;
			}
			if (!kib[column])
				continue;
			family = wb_family_by_id(image.family);
			if ((number ? strtoul(number, NULL, 16) : 0) !=
				wb_image_address(&image, family, kib[column]))
				fail_msg("%s on %u KiB: ST says '%s', we say 0x%08X", name,
					kib[column], text,
					(unsigned int)wb_image_address(&image, family, kib[column]));
			cells++;
		}
		if (cells > before) {
			assert_true(strlen(seen) + strlen(name) + 2 < seen_size);
			strcat(strcat(seen, name), "\n");
		}
	}
	return cells;
}

static unsigned int check_notes(const char *family)
{
	static char seen[20000];
	unsigned int cells = 0;

	seen[0] = '\0';
	for (unsigned int i = 0; i < path_count; i++) {
		size_t size;
		char *html;

		if (strcmp(base(paths[i]), "Release_Notes.html") || !strstr(paths[i], family))
			continue;
		html = slurp(paths[i], &size);
		for (char *t = strstr(html, "<table"); t; t = strstr(t + 1, "<table")) {
			const char *end = strstr(t, "</table");

			assert_non_null(end);
			cells += check_table(t, end, seen, sizeof(seen));
		}
		free(html);
	}
	return cells;
}

static void addresses_are_those_of_sts_tables_wb5x(void **state)
{
	unsigned int cells;

	(void)state;
	need_folder();
	cells = check_notes("STM32WB5x");
	print_message("%u table cells agree\n", cells);
	assert_int_equal(cells, 104);
}

static void addresses_are_those_of_sts_tables_wb1x(void **state)
{
	unsigned int cells;

	(void)state;
	need_folder();
	cells = check_notes("STM32WB1x");
	print_message("%u table cells agree\n", cells);
	assert_int_equal(cells, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(st_images_are_named_right),
		cmocka_unit_test(a_name_that_lies_is_seen),
		cmocka_unit_test(one_damaged_byte_anywhere_is_refused),
		cmocka_unit_test(addresses_are_those_of_sts_tables_wb5x),
		cmocka_unit_test(addresses_are_those_of_sts_tables_wb1x),
	};

	return cmocka_run_group_tests(tests, find_folder, forget_folder);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words in, text and JSON out. What core would do to a chip is played by the __wrap_ functions
 * here (linked with --wrap), which note how they were called.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <jansson.h>

#include "command/command.h"

#define WORDS_MAX 310

static struct cmd_front front;
static struct wb_link chip_link;
static struct progress progress;
static struct cmd_chip chip;
static struct text out;
static char folder[] = "/tmp/openfus-command-XXXXXX";

/* ---- core, played ---------------------------------------------------------------------------- */

static struct {
	unsigned int sessions, upgrades;
	struct wb_operation op;
	struct wb_goal goal;
	bool dry_run;
	uint16_t opcode;
	uint8_t payload[255];
	size_t payload_len;
	enum wb_status answer;
	unsigned int steps;
} core;

struct wb_session *__wrap_wb_session_new(struct wb_link *link);
void __wrap_wb_session_free(struct wb_session *session);
enum wb_status __wrap_wb_fus_state(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err);
enum wb_status __wrap_wb_fus_shci(struct wb_session *session, const struct wb_operation *op,
	uint16_t opcode, const uint8_t *payload, size_t len, uint8_t *answer, size_t *answer_len,
	uint16_t *answer_opcode, struct wb_result *result, struct wb_error *err);
enum wb_status __wrap_wb_fus_upgrade(struct wb_session *session, const struct wb_goal *goal,
	bool dry_run, struct wb_plan *plan, struct wb_result *result, struct wb_error *err);

struct wb_session *__wrap_wb_session_new(struct wb_link *link)
{
	core.sessions++;
	return (struct wb_session *)link;
}

void __wrap_wb_session_free(struct wb_session *session)
{
	(void)session;
	core.sessions--;
}

enum wb_status __wrap_wb_fus_state(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	(void)session;
	core.op = *op;
	if (core.answer != WB_OK)
		return wb_fail(err, core.answer, "no answer within 10000 ms");
	progress_report(chip.progress, true, "a warning");
	result->state = (struct wb_fus_state){
		.runs = WB_RUNS_FUS,
		.state = 0xff,
		.error = 0xff,
		.has_error = true,
		.fus_version = 0x02020000,
	};
	wb_format(result->left, sizeof(result->left), "as found");
	return WB_OK;
}

enum wb_status __wrap_wb_fus_shci(struct wb_session *session, const struct wb_operation *op,
	uint16_t opcode, const uint8_t *payload, size_t len, uint8_t *answer, size_t *answer_len,
	uint16_t *answer_opcode, struct wb_result *result, struct wb_error *err)
{
	(void)session;
	(void)op;
	(void)result;
	(void)err;
	core.opcode = opcode;
	core.payload_len = len;
	memcpy(core.payload, payload, len);
	answer[0] = 0x00;
	answer[1] = 0xab;
	*answer_len = 2;
	*answer_opcode = opcode;
	return WB_OK;
}

enum wb_status __wrap_wb_fus_upgrade(struct wb_session *session, const struct wb_goal *goal,
	bool dry_run, struct wb_plan *plan, struct wb_result *result, struct wb_error *err)
{
	(void)session;
	core.upgrades++;
	core.goal = *goal;
	core.dry_run = dry_run;
	if (core.answer == WB_ERR_REFUSED)
		return wb_refuse(err, "overwrite", "pages at 0x080C0000 hold user data; -confirm overwrite");
	wb_format(plan->summary, sizeof(plan->summary), "FUS 1.2.0 -> 2.2.0");
	plan->count = core.steps;
	for (unsigned int i = 0; i < core.steps; i++)
		plan->steps[i] = (struct wb_step){ .kind = WB_STEP_STAGE, .image = goal->image,
			.address = 0x080ee000, .size = 24468, .reason = "because" };
	result->ms = 12345;
	return WB_OK;
}

/* ---- helpers --------------------------------------------------------------------------------- */

static int reset(void **state)
{
	(void)state;
	memset(&core, 0, sizeof(core));
	core.steps = 1;
	cmd_front_free(&front);
	chip = (struct cmd_chip){ .link = &chip_link, .progress = &progress };
	text_free(&out);
	(void)unsetenv("STM32WB_IMAGES");
	return 0;
}

static enum wb_status say(bool with_chip, const char *words)
{
	char buf[4096];
	const char *argv[WORDS_MAX];
	int argc = 0;

	text_free(&out);
	(void)snprintf(buf, sizeof(buf), "%s", words);
	for (char *word = strtok(buf, " "); word && argc < WORDS_MAX; word = strtok(NULL, " "))
		argv[argc++] = word;
	return cmd_run(&front, with_chip ? &chip : NULL, argc, argv, &out);
}

static bool out_has(const char *what)
{
	if (strstr(text_str(&out), what))
		return true;
	print_error("no \"%s\" in: %s\n", what, text_str(&out));
	return false;
}

static json_t *out_json(void)
{
	json_error_t error;
	json_t *object = json_loads(text_str(&out), 0, &error);

	if (!object)
		print_error("%s in: %s\n", error.text, text_str(&out));
	return object;
}

static void word(uint8_t *at, uint32_t value)
{
	for (unsigned int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

/* A stack of 8 KiB with footers as images.md draws them; known to nobody. */
static const char *make_image(const char *name)
{
	static char path[128];
	static uint8_t image[8192 + 20 + 64 + 20];
	uint8_t *footer = image + 8192, *signature = footer + 20 + 64;

	memset(image, 0x5a, sizeof(image));
	word(footer + 0, 0x00000001);
	word(footer + 4, 0);
	word(footer + 8, 0x0a020003);
	word(footer + 12, 0x01020300);
	word(footer + 16, 0x23372991);
	word(signature + 0, 0);
	word(signature + 4, 0);
	word(signature + 8, 0x40);
	word(signature + 12, 0x01000000);
	word(signature + 16, 0xd3a12c5e);
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(image, sizeof(image), 1, file), 1);
	assert_int_equal(fclose(file), 0);
	return path;
}

static const char *make_file(const char *name, const char *content)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	(void)fputs(content, file);
	assert_int_equal(fclose(file), 0);
	return path;
}

static enum wb_status say_path(bool with_chip, const char *before, const char *path, const char *after)
{
	char words[512];

	(void)snprintf(words, sizeof(words), "%s %s %s", before, path, after);
	return say(with_chip, words);
}

/* ---- words ----------------------------------------------------------------------------------- */

static void nothing_lists_all_commands(void **state)
{
	(void)state;
	assert_int_equal(say(true, ""), WB_ERR_USAGE);
	assert_true(out_has("stm32wb image FILE"));
	assert_true(out_has("stm32wb fus shci OPCODE"));
}

static void unknown_fus_word_lists_the_group(void **state)
{
	(void)state;
	assert_int_equal(say(true, "fus stat"), WB_ERR_USAGE);
	assert_true(out_has("stm32wb fus stat: no such command"));
	assert_true(out_has("stm32wb fus state"));
	assert_null(strstr(text_str(&out), "stm32wb image"));
}

static void bad_words_say_usage(void **state)
{
	static const char *const bad[] = {
		"info more", "info -hold", "info -jsn", "image", "fus state -address 0x08000000",
		"fus upgrade -address", "fus upgrade -address 0", "fus upgrade -address -1",
		"fus upgrade -address 0x100000000", "fus upgrade -address 12x", "fus upgrade a b",
		"fus upgrade -confirm", "fus shci", "fus shci 0x10000", "fus shci FC52",
		"fus shci 0xFC52 256", "fus shci 0xFC52 -1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (say(true, bad[i]) != WB_ERR_USAGE || !out_has("usage: stm32wb "))
			fail_msg("%s: %s", bad[i], text_str(&out));
	}
	assert_int_equal(core.sessions, 0);
}

static void chip_commands_are_refused_before_init(void **state)
{
	const struct cmd_command *row;
	unsigned int chipless = 0;

	(void)state;
	for (unsigned int i = 0; (row = cmd_table(i)); i++) {
		chipless += !row->needs_chip;
		if (!row->needs_chip)
			continue;
		assert_int_equal(say(false, strcmp(row->name, "fus shci") ? row->name : "fus shci 0xFC52"),
			WB_ERR_USAGE);
		assert_true(out_has("run `init` first"));
	}
	assert_int_equal(chipless, 2);
}

/* ---- short commands -------------------------------------------------------------------------- */

static void state_is_named(void **state)
{
	(void)state;
	assert_int_equal(say(true, "fus state -hold"), WB_OK);
	assert_true(core.op.hold);
	assert_false(core.op.under_reset);
	assert_true(out_has("state           0xFF"));
	assert_true(out_has("error           0xFF"));
	assert_true(out_has("FUS             2.2.0"));
	assert_true(out_has("left as         as found"));
}

static void state_json_has_stable_keys(void **state)
{
	const char *runs, *name, *left, *warning;
	int value, error;

	(void)state;
	assert_int_equal(say(true, "fus state -json -under-reset"), WB_OK);
	assert_true(core.op.under_reset);
	json_t *object = out_json();
	assert_non_null(object);
	assert_int_equal(json_unpack(object, "{s:{s:s, s:i, s:s, s:i}, s:s, s:[s]}", "state", "runs",
				 &runs, "state", &value, "state_name", &name, "error", &error, "left",
				 &left, "warnings", &warning),
		0);
	assert_int_equal(value, 0xff);
	assert_int_equal(error, 0xff);
	assert_string_equal(warning, "a warning");
	json_decref(object);
}

static void failure_ends_with_its_reason(void **state)
{
	(void)state;
	core.answer = WB_ERR_TIMEOUT;
	assert_int_equal(say(true, "fus state"), WB_ERR_TIMEOUT);
	assert_string_equal(text_str(&out), "no answer within 10000 ms");
}

static void session_is_kept_between_commands(void **state)
{
	(void)state;
	assert_int_equal(say(true, "fus state"), WB_OK);
	assert_int_equal(say(true, "fus state"), WB_OK);
	assert_int_equal(core.sessions, 1);
	cmd_chip_free(&chip);
	assert_int_equal(core.sessions, 0);
}

static void shci_passes_bytes_and_prints_hex(void **state)
{
	(void)state;
	assert_int_equal(say(true, "fus shci 0xFC59 7 0x1f"), WB_OK);
	assert_int_equal(core.opcode, 0xfc59);
	assert_int_equal(core.payload_len, 2);
	assert_int_equal(core.payload[1], 0x1f);
	assert_string_equal(text_str(&out), "00 ab");
	assert_int_equal(say(true, "fus shci -json 0xFC59 7"), WB_OK);
	assert_true(out_has("\"answer\":\"00ab\""));
}

static void shci_takes_255_bytes_and_no_more(void **state)
{
	char words[2048] = "fus shci 0xFC56";

	(void)state;
	for (unsigned int i = 0; i < 255; i++)
		strcat(words, " 1");
	assert_int_equal(say(true, words), WB_OK);
	assert_int_equal(core.payload_len, 255);
	strcat(words, " 1");
	assert_int_equal(say(true, words), WB_ERR_USAGE);
}

/* ---- images ---------------------------------------------------------------------------------- */

static void image_needs_no_chip(void **state)
{
	(void)state;
	assert_int_equal(say_path(false, "image", make_image("stack.bin"), ""), WB_OK);
	assert_true(out_has("1.2.3"));
	assert_true(out_has("0x080F1000 on 1024 KiB parts"));
	assert_true(out_has("not in the list"));
}

static void every_file_is_printed_and_one_bad_one_is_an_error(void **state)
{
	char words[512];
	const char *good = make_image("stack.bin");
	const char *bad = make_file("page.bin", "<!DOCTYPE html><html>");

	(void)state;
	(void)snprintf(words, sizeof(words), "image %s %s /nonexistent.bin -json", bad, good);
	assert_int_equal(say(false, words), WB_ERR_IMAGE);
	assert_true(out_has("2 of 3 files"));
	(void)snprintf(words, sizeof(words), "image %s %s", bad, good);
	assert_int_equal(say(false, words), WB_ERR_IMAGE);
	assert_true(out_has("HTML"));
	assert_true(out_has("0x080F1000 on 1024 KiB parts"));
}

static void no_file_crashes_the_image_command(void **state)
{
	(void)state;
	assert_int_equal(say_path(false, "image", make_file("empty.bin", ""), ""), WB_ERR_IMAGE);
	assert_int_equal(say(false, "image /dev/zero"), WB_ERR_HOST);
	assert_int_equal(say_path(false, "image", folder, ""), WB_ERR_HOST);
	assert_int_equal(say(false, "image /nonexistent"), WB_ERR_HOST);
}

static void images_remembers_a_folder(void **state)
{
	(void)state;
	(void)make_image("stack.bin");
	(void)make_file("page.bin", "<!DOCTYPE html><html>");
	(void)make_file("notes.txt", "not looked at");
	assert_int_equal(say(false, "images"), WB_ERR_USAGE);
	assert_int_equal(say_path(false, "images", folder, ""), WB_OK);
	assert_true(out_has("1 usable images of 3 *.bin files") || out_has("1 usable images of 2"));
	assert_true(out_has("not usable: "));
	assert_int_equal(say(false, "images"), WB_OK);
	assert_int_equal(say(true, "fus upgrade"), WB_OK);
	assert_null(core.goal.image);
	assert_int_equal(core.goal.folder_count, 1);
}

static void folder_may_come_from_the_environment(void **state)
{
	(void)state;
	(void)make_image("stack.bin");
	assert_int_equal(say(true, "fus upgrade"), WB_ERR_USAGE);
	assert_int_equal(setenv("STM32WB_IMAGES", folder, 1), 0);
	assert_int_equal(say(true, "fus upgrade"), WB_OK);
	assert_int_equal(core.goal.folder_count, 1);
}

static void links_to_folders_are_not_followed(void **state)
{
	char link[160], file[160];

	(void)state;
	(void)make_image("stack.bin");
	(void)snprintf(link, sizeof(link), "%s/loop", folder);
	(void)snprintf(file, sizeof(file), "%s/linked.bin", folder);
	assert_int_equal(symlink(folder, link), 0);
	assert_int_equal(symlink("stack.bin", file), 0);
	assert_int_equal(say_path(true, "fus upgrade", folder, ""), WB_OK);
	assert_int_equal(core.goal.folder_count, 2);
	assert_int_equal(unlink(link), 0);
	assert_int_equal(unlink(file), 0);
}

static void a_folder_without_images_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(say(false, "images /proc/self/fdinfo"), WB_ERR_HOST);
	assert_int_equal(say(true, "fus upgrade /proc/self/fdinfo"), WB_ERR_HOST);
	assert_true(out_has("no *.bin file"));
	assert_int_equal(core.upgrades, 0);
}

/* ---- upgrade --------------------------------------------------------------------------------- */

static void options_reach_the_goal(void **state)
{
	(void)state;
	assert_int_equal(say_path(true, "fus upgrade", make_image("stack.bin"),
				 "-address 0x080D0000 -first-install -delete -reinstall -no-start -no-verify "
				 "-hold -under-reset -confirm overwrite -confirm erase-stray -force name"),
		WB_OK);
	const struct wb_goal *goal = &core.goal;
	assert_int_equal(goal->address, 0x080d0000);
	assert_true(goal->first_install && goal->force_delete && goal->reinstall && goal->no_start);
	assert_true(goal->no_verify && goal->hold && goal->under_reset);
	assert_false(core.dry_run);
	assert_string_equal(goal->confirm[0], "overwrite");
	assert_string_equal(goal->confirm[1], "erase-stray");
	assert_null(goal->confirm[2]);
	assert_string_equal(goal->force, "name");
	assert_non_null(goal->image);
}

static void bad_file_never_reaches_the_chip(void **state)
{
	(void)state;
	assert_int_equal(say_path(true, "fus upgrade", make_file("page.bin", "<html>"), ""),
		WB_ERR_IMAGE);
	assert_int_equal(say(true, "fus upgrade /nonexistent.bin"), WB_ERR_HOST);
	assert_int_equal(core.upgrades, 0);
	assert_int_equal(core.sessions, 0);
}

static void refusal_names_its_rule(void **state)
{
	(void)state;
	core.answer = WB_ERR_REFUSED;
	assert_int_equal(say_path(true, "fus upgrade", make_image("stack.bin"), ""), WB_ERR_REFUSED);
	assert_true(out_has("refused (overwrite): pages at 0x080C0000"));
}

static void already_there_says_so(void **state)
{
	(void)state;
	core.steps = 0;
	assert_int_equal(say_path(true, "fus upgrade", make_image("stack.bin"), ""), WB_OK);
	assert_string_equal(text_str(&out), "FUS 1.2.0 -> 2.2.0");
}

static void dry_run_prints_the_plan(void **state)
{
	(void)state;
	assert_int_equal(say_path(true, "fus upgrade", make_image("stack.bin"), "-dry-run"), WB_OK);
	assert_true(core.dry_run);
	assert_true(out_has("1. stage stack.bin at 0x080EE000, 24468 bytes"));
	assert_true(out_has("because"));
	assert_true(out_has("Nothing was changed"));
}

static void log_gets_a_line_for_each_run(void **state)
{
	char log[160], words[512], line[8192];
	const char *image = make_image("stack.bin");

	(void)state;
	(void)snprintf(log, sizeof(log), "%s/upgrade.log", folder);
	(void)snprintf(words, sizeof(words), "fus upgrade %s -log %s", image, log);
	assert_int_equal(say(true, words), WB_OK);
	core.answer = WB_ERR_REFUSED;
	assert_int_equal(say(true, words), WB_ERR_REFUSED);
	FILE *file = fopen(log, "r");
	assert_non_null(file);
	assert_non_null(fgets(line, sizeof(line), file));
	json_t *object = json_loads(line, 0, NULL);
	assert_non_null(object);
	assert_true(json_is_null(json_object_get(object, "error")));
	json_decref(object);
	assert_non_null(fgets(line, sizeof(line), file));
	assert_non_null(strstr(line, "overwrite"));
	assert_null(fgets(line, sizeof(line), file));
	assert_int_equal(fclose(file), 0);
}

static void a_log_that_cannot_be_written_stops_before_the_chip(void **state)
{
	(void)state;
	assert_int_equal(say_path(true, "fus upgrade", make_image("stack.bin"), "-log /nonexistent/x"),
		WB_ERR_HOST);
	assert_int_equal(core.upgrades, 0);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	char command[128];

	(void)reset(state);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

#define TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_lists_all_commands),
		TEST(unknown_fus_word_lists_the_group),
		TEST(bad_words_say_usage),
		TEST(chip_commands_are_refused_before_init),
		TEST(state_is_named),
		TEST(state_json_has_stable_keys),
		TEST(failure_ends_with_its_reason),
		TEST(session_is_kept_between_commands),
		TEST(shci_passes_bytes_and_prints_hex),
		TEST(shci_takes_255_bytes_and_no_more),
		TEST(image_needs_no_chip),
		TEST(every_file_is_printed_and_one_bad_one_is_an_error),
		TEST(no_file_crashes_the_image_command),
		TEST(images_remembers_a_folder),
		TEST(folder_may_come_from_the_environment),
		TEST(links_to_folders_are_not_followed),
		TEST(a_folder_without_images_is_an_error),
		TEST(options_reach_the_goal),
		TEST(bad_file_never_reaches_the_chip),
		TEST(refusal_names_its_rule),
		TEST(already_there_says_so),
		TEST(dry_run_prints_the_plan),
		TEST(log_gets_a_line_for_each_run),
		TEST(a_log_that_cannot_be_written_stops_before_the_chip),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

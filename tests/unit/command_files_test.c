/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files in: images, folders of them, and upgrades from them. */
#include "command_play.h"

static void image_needs_no_chip(void **state)
{
	(void)state;
	assert_int_equal(say_path(false, "image", make_image("stack.bin"), ""), WB_OK);
	assert_true(out_has("1.2.3"));
	assert_true(out_has("0x080F1000 on 1024 KiB parts"));
	assert_true(out_has("not in the list"));
}

/* Version and size of a published file under another name: damage is likely, and is said. */
static void a_damaged_copy_is_told_by_version_and_size(void **state)
{
	const char *path = make_image("damaged.bin");
	FILE *file = fopen(path, "r+");
	/* FUS 1.2.0 calls itself 0xFFFFFFFF in its footer; both of ST's files have 24492 bytes */
	const uint8_t footer[8] = { 0xff, 0xff, 0xff, 0xff, 0x21, 0x92, 0x27, 0x32 };
	uint8_t tail[104];

	(void)state;
	assert_non_null(file);
	assert_int_equal(fseek(file, -104, SEEK_END), 0);
	assert_int_equal(fread(tail, 1, sizeof(tail), file), sizeof(tail));
	memcpy(tail + 12, footer, sizeof(footer));
	tail[8] = 6; /* pages */
	assert_int_equal(fseek(file, 0, SEEK_SET), 0);
	for (unsigned int i = 0; i < 24492 - sizeof(tail); i++)
		assert_int_not_equal(fputc((int)(i * 7 & 0xff), file), EOF);
	assert_int_equal(fwrite(tail, 1, sizeof(tail), file), sizeof(tail));
	assert_int_equal(fclose(file), 0);
	assert_int_equal(say_path(false, "image", path, ""), WB_OK);
	assert_true(out_has("though version and size are those of stm32wb"));
	assert_true(out_has("damaged, or made by somebody else"));
	assert_int_equal(unlink(path), 0);
}

static void every_file_is_printed_and_one_bad_one_is_an_error(void **state)
{
	char words[512];
	const char *good = make_image("stack.bin");
	const char *bad = make_file("page.bin", "<!DOCTYPE html><html>");

	(void)state;
	(void)snprintf(words, sizeof(words), "image %s %s /nonexistent.bin -json", bad, good);
	assert_int_equal(say(false, words), WB_ERR_IMAGE);
	assert_true(out_has("/nonexistent.bin: No such file"));
	(void)snprintf(words, sizeof(words), "image %s %s", bad, good);
	assert_int_equal(say(false, words), WB_ERR_IMAGE);
	assert_true(out_has("1 of 2 files"));
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
	assert_true(out_has("1 of 3 *.bin files in ") || out_has("1 of 2 *.bin files in "));
	assert_true(out_has("not usable: "));
	assert_true(out_has("/page.bin: an HTML page"));
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

static void options_reach_the_goal(void **state)
{
	(void)state;
	assert_int_equal(
		say_path(true, "fus upgrade", make_image("stack.bin"),
			"-address 0x080D0000 -delete -reinstall -no-start -no-verify -preserve "
			"-hold -under-reset -confirm overwrite -confirm erase-stray "
			"-force stack-on-0.5.3"),
		WB_OK);
	const struct wb_goal *goal = &core.goal;
	assert_int_equal(goal->address, 0x080d0000);
	assert_true(goal->force_delete && goal->reinstall && goal->no_start && goal->preserve);
	assert_false(goal->first_install);
	assert_true(goal->no_verify && goal->hold && goal->under_reset);
	assert_false(core.dry_run);
	assert_string_equal(goal->confirm[0], "overwrite");
	assert_string_equal(goal->confirm[1], "erase-stray");
	assert_null(goal->confirm[2]);
	assert_string_equal(goal->force, "stack-on-0.5.3");
	assert_non_null(goal->image);
	assert_int_equal(
		say_path(true, "fus upgrade", make_image("stack.bin"), "-first-install"), WB_OK);
	assert_true(goal->first_install);
}

static void words_that_mean_nothing_together_are_refused(void **state)
{
	const char *image = make_image("stack.bin");

	(void)state;
	assert_int_equal(
		say_path(true, "fus upgrade", image, "-force second-larger"), WB_ERR_USAGE);
	assert_true(out_has("there are: stack-on-0.5.3"));
	assert_int_equal(
		say_path(true, "fus upgrade", image, "-delete -first-install"), WB_ERR_USAGE);
	assert_true(out_has("-delete and -first-install"));
	assert_int_equal(
		say_path(true, "fus upgrade", folder, "-address 0x080D0000"), WB_ERR_USAGE);
	assert_true(out_has("Name its file"));
	assert_int_equal(core.upgrades, 0);
}

static void bad_file_never_reaches_the_chip(void **state)
{
	(void)state;
	assert_int_equal(
		say_path(true, "fus upgrade", make_file("page.bin", "<html>"), ""), WB_ERR_IMAGE);
	assert_true(out_has(folder)); /* a name alone may be that of several */
	assert_int_equal(say(true, "fus upgrade /nonexistent.bin"), WB_ERR_HOST);
	assert_int_equal(core.upgrades, 0);
	assert_int_equal(core.sessions, 0);
}

static void refusal_names_its_rule(void **state)
{
	(void)state;
	core.answer = WB_ERR_REFUSED;
	assert_int_equal(
		say_path(true, "fus upgrade", make_image("stack.bin"), ""), WB_ERR_REFUSED);
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
	(void)snprintf(words, sizeof(words), "fus upgrade %s -log %s",
		make_file("page.bin", "<!DOCTYPE html><html>"), log);
	assert_int_equal(say(true, words), WB_ERR_IMAGE);
	FILE *file = fopen(log, "r");
	assert_non_null(file);
	assert_non_null(fgets(line, sizeof(line), file));
	json_t *object = json_loads(line, 0, NULL);
	assert_non_null(object);
	assert_true(json_is_null(json_object_get(object, "error")));
	assert_true(json_is_real(json_object_get(object, "seconds")));
	assert_int_equal(json_array_size(json_object_get(object, "images")), 1);
	json_decref(object);
	assert_non_null(fgets(line, sizeof(line), file));
	object = json_loads(line, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(object, "rule")), "overwrite");
	assert_int_equal(json_array_size(json_object_get(object, "images")), 1);
	json_decref(object);
	/* what is no image fails before the chip is seen */
	assert_non_null(fgets(line, sizeof(line), file));
	object = json_loads(line, 0, NULL);
	assert_true(json_is_null(json_object_get(object, "uid64")));
	assert_non_null(strstr(json_string_value(json_object_get(object, "error")), "HTML"));
	json_decref(object);
	assert_null(fgets(line, sizeof(line), file));
	assert_int_equal(fclose(file), 0);
}

static void a_log_that_cannot_be_written_stops_before_the_chip(void **state)
{
	(void)state;
	assert_int_equal(
		say_path(true, "fus upgrade", make_image("stack.bin"), "-log /nonexistent/x"),
		WB_ERR_HOST);
	assert_int_equal(core.upgrades, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(image_needs_no_chip),
		TEST(a_damaged_copy_is_told_by_version_and_size),
		TEST(every_file_is_printed_and_one_bad_one_is_an_error),
		TEST(no_file_crashes_the_image_command),
		TEST(images_remembers_a_folder),
		TEST(folder_may_come_from_the_environment),
		TEST(links_to_folders_are_not_followed),
		TEST(a_folder_without_images_is_an_error),
		TEST(options_reach_the_goal),
		TEST(words_that_mean_nothing_together_are_refused),
		TEST(bad_file_never_reaches_the_chip),
		TEST(refusal_names_its_rule),
		TEST(already_there_says_so),
		TEST(dry_run_prints_the_plan),
		TEST(log_gets_a_line_for_each_run),
		TEST(a_log_that_cannot_be_written_stops_before_the_chip),
	};

	return cmocka_run_group_tests(tests, play_begin, play_end);
}

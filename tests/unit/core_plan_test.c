/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The planner: which steps, in which order, at which addresses. */
#include "unit/core_plan.h"

static void fus_1_2_0_to_2_2_0(void **state)
{
	struct wb_chip chip = make_chip(FUS_1_2_0);
	struct wb_image image = fus(FUS_2_2_0);
	struct wb_goal goal = { .image = &image };

	(void)state;
	plans(&chip, &goal);
	steps("ESU");
	assert_int_equal(plan.steps[1].address, 0x080ee000);
	assert_int_equal(plan.steps[1].size, 24468);
	assert_ptr_equal(plan.steps[2].image, &image);
	assert_string_equal(plan.summary, "FUS 1.2.0 -> 2.2.0");
}

static void fus_upgrade_goes_back_to_the_stack(void **state)
{
	struct wb_chip chip = make_chip_with_stack(FUS_1_2_0, 0x080cb000, 0x01130003, FULL);
	struct wb_image image = fus(FUS_2_2_0);
	struct wb_goal goal = { .image = &image };

	(void)state;
	plans(&chip, &goal);
	steps("ESUW");
	/* below the stack, with one page between */
	assert_int_equal(plan.steps[1].address, 0x080cb000 - 7 * 4096);
	goal.no_start = true;
	plans(&chip, &goal);
	steps("ESU");
}

static void stack_on_fus_2(void **state)
{
	struct wb_chip chip = make_chip(FUS_2_2_0);
	struct wb_image image = stack(0x01180003, 129460, FULL, true);
	struct wb_goal goal = { .image = &image };

	(void)state;
	plans(&chip, &goal);
	steps("ESU");
	assert_int_equal(plan.steps[1].address, 0x080d0000);
	assert_string_equal(plan.summary, "BLE Stack full 1.24.0");
	goal.no_start = true;
	plans(&chip, &goal);
	steps("ESUE");
}

static void stack_for_fus_2_brings_the_fus_first_if_a_folder_has_it(void **state)
{
	struct wb_chip chip = make_chip(FUS_1_2_0);
	struct wb_image image = stack(0x01180003, 129460, FULL, true);
	struct wb_image two = fus(FUS_2_2_0), one = fus(FUS_2_1_0);
	const struct wb_image *folder[] = { &one, &image, &two };
	struct wb_goal goal = { .image = &image };

	(void)state;
	refuses(&chip, &goal, "fus2-only");
	assert_non_null(strstr(err.text, "2.0.0"));
	assert_non_null(strstr(err.text, "1.2.0"));
	goal.folder = folder;
	goal.folder_count = 3;
	plans(&chip, &goal);
	steps("ESUSU");
	assert_ptr_equal(plan.steps[1].image, &two);
	assert_int_equal(plan.steps[1].address, 0x080ee000);
	assert_int_equal(plan.steps[3].address, 0x080d0000);
	assert_string_equal(plan.summary, "FUS 1.2.0 -> 2.2.0, then BLE Stack full 1.24.0");
	/* a folder whose newest FUS is too old does not help */
	two = fus(FUS_1_1_2);
	one = fus(FUS_1_2_0);
	refuses(&chip, &goal, "fus2-only");
}

static void what_is_installed_is_not_installed_again(void **state)
{
	struct wb_chip chip = make_chip_with_stack(FUS_2_2_0, 0x080d0000, 0x01180003, FULL);
	struct wb_image image = stack(0x01180003, 129460, FULL, true), f = fus(FUS_2_2_0);
	struct wb_goal goal = { .image = &image };

	(void)state;
	plans(&chip, &goal);
	steps("");
	assert_non_null(strstr(plan.summary, "already installed"));
	goal.reinstall = true;
	plans(&chip, &goal);
	steps("EDSU");
	goal.reinstall = false;
	goal.force_delete = true; /* not: delete it and stop there */
	plans(&chip, &goal);
	steps("EDSU");
	goal.force_delete = false;
	image.stack_type = 0x03; /* another stack of the same version */
	plans(&chip, &goal);
	steps("EDSU");
	image.stack_type = FULL;
	image.version = 0x01180004;
	plans(&chip, &goal);
	steps("EDSU");
	goal.image = &f;
	plans(&chip, &goal);
	steps("");
	goal.reinstall = true;
	refuses(&chip, &goal, "fus-same");
}

static void an_interrupted_run_is_finished_by_starting_the_stack(void **state)
{
	struct wb_chip chip = make_chip_with_stack(FUS_2_2_0, 0x080d0000, 0x01180003, FULL);
	struct wb_image f = fus(FUS_2_2_0);
	struct wb_goal goal = { .image = &f };

	(void)state;
	chip.selected = chip.running = WB_RUNS_FUS;
	chip.sbrv_address = 0x080f4000;
	chip.versions.from_fus = true;
	plans(&chip, &goal);
	steps("EW");
	goal.no_start = true;
	plans(&chip, &goal);
	steps("");
}

static void a_stack_in_place_is_deleted_first(void **state)
{
	struct wb_chip chip = make_chip_with_stack(FUS_2_2_0, 0x080d7000, 0x01170003, 0x03);
	struct wb_image image = stack(0x01180003, 129460, FULL, true);
	struct wb_goal goal = { .image = &image };

	(void)state;
	plans(&chip, &goal);
	steps("EDSU");
	assert_int_equal(plan.steps[2].address, 0x080d0000);
	goal.first_install = true; /* the stack stays: below it, one page between */
	plans(&chip, &goal);
	steps("ESU");
	assert_int_equal(plan.steps[1].address, 0x080d7000 - (32 + 4 + 1) * 4096);
}

static void hops_are_planned_from_a_folder(void **state)
{
	struct wb_chip chip = make_chip(FUS_0_5_3);
	struct wb_image f102 = fus(FUS_1_0_2), f110 = fus(FUS_1_1_0), f112 = fus(FUS_1_1_2);
	struct wb_image f120 = fus(FUS_1_2_0), f053 = fus(FUS_1_2_0), f220 = fus(FUS_2_2_0);
	const struct wb_image *folder[] = { &f220, &f112, &f110, &f102, &f120, &f053 };
	struct wb_goal goal = { .image = &f220, .folder = folder, .folder_count = 6 };

	(void)state;
	f053.for_fus_0_5_3 = true;
	plans(&chip, &goal);
	steps("ESUSU");
	assert_ptr_equal(plan.steps[1].image, &f053);
	goal.folder_count = 5; /* without the special file: by way of 1.0.2 */
	plans(&chip, &goal);
	steps("ESUSUSU");
	assert_ptr_equal(plan.steps[1].image, &f102);
	assert_ptr_equal(plan.steps[3].image, &f120);
	chip.versions.fus = FUS_1_1_0; /* never 1.1.2 on the planner's own idea */
	plans(&chip, &goal);
	steps("ESUSU");
	assert_ptr_equal(plan.steps[1].image, &f120);
	chip.versions.fus = FUS_0_5_3;
	f120.ambiguous_for_0_5_3 = true;
	goal.image = &f120;
	goal.folder_count = 0;
	refuses(&chip, &goal, "fus-ambiguous");
}

static void a_folder_renews_what_is_there(void **state)
{
	struct wb_chip chip = make_chip_with_stack(FUS_1_2_0, 0x080d7000, 0x01130003, 0x03);
	struct wb_image light = stack(0x01180003, 99752, 0x03, true);
	struct wb_image full = stack(0x01180003, 129460, FULL, true), f = fus(FUS_2_2_0);
	const struct wb_image *folder[] = { &full, &light, &f };
	struct wb_goal goal = { .folder = folder, .folder_count = 3 };

	(void)state;
	plans(&chip, &goal);
	steps("EDSUSU");
	assert_ptr_equal(plan.steps[4].image, &light);
	goal.folder_count = 1; /* other stacks are no replacement, and nothing else is there */
	refuses(&chip, &goal, "nothing-to-install");
	chip = make_chip(FUS_1_2_0);
	goal.folder_count = 3;
	plans(&chip, &goal);
	steps("ESU");
	f.genuine = false;
	refuses(&chip, &goal, "nothing-to-install");
	assert_non_null(strstr(err.text, "unknown-image"));
	goal.folder_count = 0;
	assert_int_equal(make(&chip, &goal), WB_ERR_USAGE);
}

static void a_folder_without_an_image_for_the_family_is_refused(void **state)
{
	struct wb_chip chip = make_chip(FUS_1_2_0);
	struct wb_image f = fus(FUS_2_2_0), full = stack(0x01180003, 129460, FULL, true);
	const struct wb_image *folder[] = { &f, &full };
	struct wb_goal goal = { .folder = folder, .folder_count = 2, .folder_name = "WB1x" };

	(void)state;
	f.family = full.family = WB_FAMILY_1X;
	refuses(&chip, &goal, "wrong-family");
	assert_non_null(strstr(err.text, "WB1x holds 2 images for STM32WB1x and none for this STM32WB5x"));
	/* whatever runs there: nothing need be started to say so */
	chip.versions.valid = chip.versions.live = false;
	refuses(&chip, &goal, "wrong-family");
	chip = make_chip(FUS_1_2_0);
	f.family = WB_FAMILY_5X;
	plans(&chip, &goal);
	steps("ESU");
	/* what a named file needs may be anywhere: its own family alone counts */
	f.family = WB_FAMILY_1X;
	full.family = WB_FAMILY_5X;
	goal.image = &full;
	full.fus2_only = false;
	goal.folder_count = 1;
	plans(&chip, &goal);
}

static void a_folder_that_nothing_was_found_in_is_not_called_installed(void **state)
{
	struct wb_chip chip = make_chip(FUS_2_2_0);
	struct wb_image full = stack(0x01180003, 129460, FULL, true), f = fus(FUS_2_2_0);
	struct wb_image plain = stack(0x01130003, 129460, FULL, false);
	const struct wb_image *folder[] = { &full, &f };
	const struct wb_image *both[] = { &full, &plain };
	struct wb_goal goal = { .folder = folder, .folder_count = 1, .folder_name = "DIR" };

	(void)state;
	refuses(&chip, &goal, "nothing-to-install");
	assert_non_null(strstr(err.text, "no FUS image for this chip in DIR: the FUS stays 2.2.0"));
	assert_non_null(strstr(err.text, "no wireless stack is installed, and a folder does not choose "
					 "one: name its file"));
	goal.folder_count = 2;
	plans(&chip, &goal);
	steps("");
	assert_non_null(strstr(plan.summary, "already installed: FUS 2.2.0"));
	assert_int_equal(plan.warnings, 1);
	assert_non_null(strstr(plan.warning[0], "name its file"));
	/* the stack in place was looked at; the FUS was not, which is said */
	chip = make_chip_with_stack(FUS_2_2_0, 0x080d7000, 0x01180003, FULL);
	goal.folder_count = 1;
	plans(&chip, &goal);
	steps("");
	assert_int_equal(plan.warnings, 1);
	assert_non_null(strstr(plan.warning[0], "no FUS image for this chip in DIR"));
	/* one that this FUS does not take is none; another may be */
	chip = make_chip_with_stack(FUS_1_2_0, 0x080d7000, 0x01110003, FULL);
	refuses(&chip, &goal, "nothing-to-install");
	goal.folder = both;
	goal.folder_count = 2;
	plans(&chip, &goal);
	steps("EDSU");
	assert_ptr_equal(plan.steps[2].image, &plain);
	/* a newer FUS that cannot follow this one is not passed over in silence */
	chip = make_chip(FUS_0_5_3);
	chip.sbrv_address = 0x080f6000;
	goal.folder = &folder[1];
	goal.folder_count = 1;
	plans(&chip, &goal);
	assert_non_null(strstr(plan.warning[0], "may follow FUS 0.5.3"));
}

static void a_plan_without_rules_is_for_tests(void **state)
{
	struct wb_chip chip = make_chip(FUS_1_2_0);
	struct wb_image image = stack(0x01180003, 129460, FULL, true);
	struct wb_goal goal = { .image = &image, .skip_planner = true };

	(void)state;
	plans(&chip, &goal);
	steps("ESU");
	assert_int_equal(plan.steps[1].address, 0x080d0000);
}

/* Pages as bits of a scan. */
static void use(uint32_t set[WB_PAGE_WORDS], uint32_t address)
{
	uint32_t page = (address - 0x08000000) / 4096;

	set[page / 32] |= 1u << page % 32;
}

static void preserve_shows_what_it_will_do(void **state)
{
	struct wb_chip chip = make_chip_with_stack(FUS_1_2_0, 0x080cb000, 0x01130003, FULL);
	struct wb_image image = fus(FUS_2_2_0);
	struct wb_goal goal = { .image = &image, .preserve = true };
	struct wb_flash_scan scan = { .count = 0 };

	(void)state;
	plans(&chip, &goal);
	steps("KESUWB");
	/* six pages, and the one between them and the stack */
	assert_int_equal(plan.steps[0].address, 0x080cb000 - 7 * 4096);
	assert_int_equal(plan.steps[0].size, 7 * 4096);
	assert_int_equal(plan.warnings, 1); /* the user keys: nothing is lost */
	use(scan.used, 0x080c5000);
	assert_int_equal(wb_plan_make(&chip, &goal, &scan, &plan, &err), WB_OK);
	steps("KESUWB");
	assert_non_null(strstr(plan.steps[0].reason, "1 of the 7 pages"));
	goal.preserve = false;
	assert_int_equal(wb_plan_make(&chip, &goal, &scan, &plan, &err), WB_ERR_REFUSED);
	assert_string_equal(err.rule, "overwrite");
	use(scan.saved, 0x080c5000); /* the journal has it: no user data is at risk */
	assert_int_equal(wb_plan_make(&chip, &goal, &scan, &plan, &err), WB_OK);
	steps("ESUW");
}

static void preserve_refuses_what_becomes_secure(void **state)
{
	struct wb_chip chip = make_chip(FUS_1_2_0);
	struct wb_image two = fus(FUS_2_2_0), image = stack(0x01180003, 129460, FULL, true);
	const struct wb_image *folder[] = { &two };
	struct wb_goal goal = { .image = &image, .folder = folder, .folder_count = 1,
		.preserve = true };
	struct wb_flash_scan scan = { .count = 0 };

	(void)state;
	/* the FUS is staged where the stack will be: nothing there can come back */
	plans(&chip, &goal);
	steps("ESUSU");
	assert_non_null(strstr(plan.warning[plan.warnings - 1], "0x080D0000-0x080F3FFF"));
	use(scan.used, 0x080cf000); /* below it: not in the way */
	assert_int_equal(wb_plan_make(&chip, &goal, &scan, &plan, &err), WB_OK);
	use(scan.used, 0x080d0000);
	use(scan.used, 0x080d1000);
	use(scan.used, 0x080f3000);
	assert_int_equal(wb_plan_make(&chip, &goal, &scan, &plan, &err), WB_ERR_REFUSED);
	assert_string_equal(err.rule, "overwrite");
	assert_non_null(strstr(err.text, "0x080D0000-0x080D1FFF, 0x080F3000-0x080F3FFF cannot"));
	/* what the journal holds would be lost just as well */
	use(scan.saved, 0x080d0000);
	assert_int_equal(wb_plan_make(&chip, &goal, &scan, &plan, &err), WB_ERR_REFUSED);
	assert_non_null(strstr(err.text, "0x080D0000-0x080D1FFF"));
	goal.confirm[0] = "overwrite";
	assert_int_equal(wb_plan_make(&chip, &goal, &scan, &plan, &err), WB_OK);
	steps("ESUSU");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fus_1_2_0_to_2_2_0),
		cmocka_unit_test(fus_upgrade_goes_back_to_the_stack),
		cmocka_unit_test(stack_on_fus_2),
		cmocka_unit_test(stack_for_fus_2_brings_the_fus_first_if_a_folder_has_it),
		cmocka_unit_test(what_is_installed_is_not_installed_again),
		cmocka_unit_test(an_interrupted_run_is_finished_by_starting_the_stack),
		cmocka_unit_test(a_stack_in_place_is_deleted_first),
		cmocka_unit_test(hops_are_planned_from_a_folder),
		cmocka_unit_test(a_folder_renews_what_is_there),
		cmocka_unit_test(a_folder_without_an_image_for_the_family_is_refused),
		cmocka_unit_test(a_folder_that_nothing_was_found_in_is_not_called_installed),
		cmocka_unit_test(preserve_shows_what_it_will_do),
		cmocka_unit_test(preserve_refuses_what_becomes_secure),
		cmocka_unit_test(a_plan_without_rules_is_for_tests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

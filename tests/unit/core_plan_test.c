/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The planner: which steps, in which order, at which addresses, and what it refuses. */
#include "unit/core_make.h"

#define FUS_0_5_3 0x00050300u
#define FUS_1_0_1 0x01000108u
#define FUS_1_0_2 0x01000200u
#define FUS_1_1_0 0x01010000u
#define FUS_1_1_2 0x01010200u
#define FUS_1_2_0 0x01020000u
#define FUS_2_1_0 0x02010000u
#define FUS_2_2_0 0x02020000u
#define FULL 0x01

static struct wb_plan plan;
static struct wb_error err;

/* Images as the parser would give them. */
static struct wb_image fus(uint32_t version)
{
	return (struct wb_image){ .name = "fus.bin", .kind = WB_IMAGE_FUS, .magic = MAKE_FUS,
		.family = WB_FAMILY_5X, .version = version, .size = version < FUS_2_1_0 ? 24492 : 24468,
		.pages = 6, .genuine = true, .type_name = "FUS", .releases = "1" };
}

static struct wb_image stack(uint32_t version, size_t size, uint8_t type, bool fus2)
{
	return (struct wb_image){ .name = "stack.bin", .kind = WB_IMAGE_STACK,
		.magic = fus2 ? MAKE_STACK_FUS2 : MAKE_STACK, .family = WB_FAMILY_5X,
		.version = version, .size = size, .pages = (uint8_t)((size + 4095) / 4096),
		.nvm_pages = fus2 ? 4 : 0, .stack_type = type, .fus2_only = fus2, .genuine = true,
		.type_name = "BLE Stack full", .releases = "1" };
}

static enum wb_status make(const struct wb_chip *chip, const struct wb_goal *goal)
{
	memset(&err, 0, sizeof(err));
	return wb_plan_make(chip, goal, NULL, &plan, &err);
}

static void plans(const struct wb_chip *chip, const struct wb_goal *goal)
{
	if (make(chip, goal))
		fail_msg("%s: %s", err.rule, err.text);
}

static void refuses(const struct wb_chip *chip, const struct wb_goal *goal, const char *rule)
{
	assert_int_equal(make(chip, goal), WB_ERR_REFUSED);
	assert_string_equal(err.rule, rule);
	assert_int_equal(plan.count, 0);
	assert_true(strlen(err.text) > 40 && strlen(err.text) < sizeof(err.text) - 1);
}

/* Steps as letters: Enter, Delete, Leftover, Stage, Upgrade, Ws */
static void steps(const char *expected)
{
	static const char letter[] = { [WB_STEP_ENTER_FUS] = 'E', [WB_STEP_DELETE] = 'D',
		[WB_STEP_ERASE_LEFTOVER] = 'L', [WB_STEP_STAGE] = 'S', [WB_STEP_UPGRADE] = 'U',
		[WB_STEP_START_WS] = 'W' };
	char text[WB_PLAN_STEPS + 1] = "";

	for (unsigned int i = 0; i < plan.count; i++) {
		text[i] = letter[plan.steps[i].kind];
		assert_true(plan.steps[i].reason[0]);
	}
	assert_string_equal(text, expected);
}

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

static void fus_never_goes_back_and_never_jumps(void **state)
{
	struct wb_chip chip = make_chip(FUS_2_2_0);
	struct wb_image image = fus(FUS_1_2_0);
	struct wb_goal goal = { .image = &image };

	(void)state;
	refuses(&chip, &goal, "fus-downgrade");
	chip.versions.fus = FUS_1_1_0;
	plans(&chip, &goal);
	steps("ESU");
	image = fus(FUS_2_2_0);
	refuses(&chip, &goal, "fus-hop");
	chip.versions.fus = FUS_1_0_1;
	image = fus(FUS_1_0_2);
	refuses(&chip, &goal, "fus-hop");
	chip.versions.fus = FUS_1_1_0;
	image = fus(FUS_1_1_2); /* wants anti-rollback on that way */
	refuses(&chip, &goal, "fus-hop");
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

static void fus_1_0_1_on_a_small_part_is_refused(void **state)
{
	struct wb_chip chip = make_chip(FUS_0_5_3);
	struct wb_image image = fus(FUS_1_0_1);
	struct wb_goal goal = { .image = &image };

	(void)state;
	plans(&chip, &goal);
	chip.flash_kib = 512;
	refuses(&chip, &goal, "fus-1.0.1-small");
	goal.force = "fus-1.0.1-small";
	refuses(&chip, &goal, "fus-1.0.1-small");
}

static void a_larger_second_stack_needs_fus_1_2_0(void **state)
{
	struct wb_chip chip = make_chip_with_stack(FUS_1_1_0, 0x080e1000, 0x01050000, 0x02);
	struct wb_image image = stack(0x01130003, 150000, FULL, false), f = fus(FUS_1_2_0);
	const struct wb_image *folder[] = { &f };
	struct wb_goal goal = { .image = &image };

	(void)state;
	refuses(&chip, &goal, "second-larger");
	goal.force = "second-larger";
	refuses(&chip, &goal, "second-larger");
	goal.first_install = true;
	refuses(&chip, &goal, "second-larger");
	goal.first_install = false;
	goal.force_delete = true;
	plans(&chip, &goal);
	steps("EDSU");
	goal.force_delete = false;
	goal.folder = folder;
	goal.folder_count = 1;
	plans(&chip, &goal);
	steps("EDSUSU");
	image.size = 60000; /* smaller: no danger */
	goal.folder_count = 0;
	plans(&chip, &goal);
	steps("EDSU");
}

static void risks_want_consent_by_name(void **state)
{
	struct wb_chip chip = make_chip(FUS_2_2_0);
	struct wb_image image = stack(0x01180003, 129460, FULL, true);
	struct wb_goal goal = { .image = &image };

	(void)state;
	image.genuine = false;
	refuses(&chip, &goal, "unknown-image");
	assert_non_null(strstr(err.text, "-confirm unknown-image"));
	goal.confirm[0] = "overwrite";
	refuses(&chip, &goal, "unknown-image");
	goal.confirm[1] = "unknown-image";
	plans(&chip, &goal);
	steps("ESU");
	image = (struct wb_image){ .name = "sb.bin", .kind = WB_IMAGE_SAFEBOOT,
		.magic = MAKE_SAFEBOOT_FUS2, .family = WB_FAMILY_5X, .version = 0x02000100,
		.size = 4244, .genuine = true, .type_name = "Safeboot" };
	refuses(&chip, &goal, "factory-reset");
	goal.confirm[0] = "factory-reset";
	plans(&chip, &goal);
	steps("ESU");
	chip.versions.fus = FUS_1_2_0;
	refuses(&chip, &goal, "safeboot-fus");
	image.magic = MAKE_STACK;
	refuses(&chip, &goal, "safeboot-fus");
	chip.versions.fus = FUS_1_1_0;
	plans(&chip, &goal);
}

static void another_family_is_refused(void **state)
{
	struct wb_chip chip = make_chip(FUS_2_2_0);
	struct wb_image image = stack(0x01180003, 99144, 0x03, true);
	struct wb_goal goal = { .image = &image };

	(void)state;
	image.family = WB_FAMILY_1X;
	refuses(&chip, &goal, "wrong-family");
	image.family = WB_FAMILY_5X;
	chip.family = wb_family_by_id(WB_FAMILY_3X);
	chip.flash_kib = 512;
	plans(&chip, &goal); /* 3x and 5x are the same files */
	image.kind = WB_IMAGE_OTHER;
	refuses(&chip, &goal, "other-image");
}

static void a_sick_chip_is_left_alone(void **state)
{
	struct wb_image image = fus(FUS_2_2_0);
	struct wb_goal goal = { .image = &image };
	struct wb_chip chip = make_chip(FUS_1_2_0);

	(void)state;
	chip.options.sfr = 0x1000;
	refuses(&chip, &goal, "safeboot-selected");
	chip = make_chip(FUS_1_2_0);
	chip.selected = WB_RUNS_SAFEBOOT;
	refuses(&chip, &goal, "safeboot-selected");
	chip = make_chip(FUS_1_2_0);
	chip.options.optr &= ~0x100u;
	refuses(&chip, &goal, "security-off");
	chip = make_chip(FUS_1_2_0);
	chip.options.optr ^= 0x01;
	refuses(&chip, &goal, "read-protected");
	chip = make_chip(FUS_1_2_0);
	chip.selected = WB_RUNS_UNKNOWN;
	refuses(&chip, &goal, "boundary-mismatch");
	chip = make_chip(FUS_1_2_0);
	chip.versions.valid = chip.versions.live = false;
	refuses(&chip, &goal, "fus-unknown");
}

static void an_address_by_hand_is_checked(void **state)
{
	struct wb_chip chip = make_chip(FUS_2_2_0);
	struct wb_image image = stack(0x01180003, 129460, FULL, true);
	struct wb_goal goal = { .image = &image };

	(void)state;
	goal.address = 0x080d0000;
	plans(&chip, &goal);
	goal.address = 0x080c0000;
	plans(&chip, &goal);
	assert_int_equal(plan.steps[1].address, 0x080c0000);
	goal.address = 0x080d1000;
	refuses(&chip, &goal, "address");
	assert_non_null(strstr(err.text, "0x080D0000"));
	goal.address = 0x080c0800;
	refuses(&chip, &goal, "address");
	goal.address = 0x08c00000;
	refuses(&chip, &goal, "address");
	goal.address = 0x1000;
	refuses(&chip, &goal, "address");
}

static void no_room_is_seen(void **state)
{
	struct wb_chip chip = make_chip(FUS_2_2_0);
	struct wb_image image = stack(0x01180003, 340176, 0x11, false);
	struct wb_goal goal = { .image = &image };

	(void)state;
	chip.flash_kib = 256;
	refuses(&chip, &goal, "room");
	chip = make_chip_with_stack(FUS_1_1_0, 0x080a0000, 0x01050000, 0x11);
	chip.versions.stack_memory = 84;
	goal.first_install = true; /* a FUS before 1.1.2 wants twice the size: two do not fit */
	image.size = 84 * 4096;
	refuses(&chip, &goal, "room");
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
	plans(&chip, &goal);
	steps("");
	assert_int_equal(plan.warnings, 1);
	chip = make_chip(FUS_1_2_0);
	goal.folder_count = 3;
	plans(&chip, &goal);
	steps("ESU");
	f.genuine = false;
	plans(&chip, &goal);
	steps("");
	assert_non_null(strstr(plan.warning[0], "unknown-image"));
	goal.folder_count = 0;
	assert_int_equal(make(&chip, &goal), WB_ERR_USAGE);
}

static void user_data_in_the_way_wants_consent(void **state)
{
	struct wb_chip chip = make_chip(FUS_2_2_0);
	struct wb_image image = stack(0x01180003, 129460, FULL, true);
	struct wb_goal goal = { .image = &image };
	struct wb_flash_scan scan = { .count = 0 };

	(void)state;
	scan.used[0] = 0xff; /* an application at the start is no matter */
	assert_int_equal(wb_plan_make(&chip, &goal, &scan, &plan, &err), WB_OK);
	scan.used[0xcf / 32] = 1u << 0xcf % 32; /* the page below */
	assert_int_equal(wb_plan_make(&chip, &goal, &scan, &plan, &err), WB_OK);
	scan.used[0xf3 / 32] |= 1u << 0xf3 % 32; /* in the last NVM page */
	assert_int_equal(wb_plan_make(&chip, &goal, &scan, &plan, &err), WB_ERR_REFUSED);
	assert_string_equal(err.rule, "overwrite");
	assert_non_null(strstr(err.text, "0x080F3000"));
	scan.used[0xd0 / 32] |= 1u << 0xd0 % 32;
	assert_int_equal(wb_plan_make(&chip, &goal, &scan, &plan, &err), WB_ERR_REFUSED);
	assert_non_null(strstr(err.text, "0x080D0000"));
	goal.confirm[0] = "overwrite";
	assert_int_equal(wb_plan_make(&chip, &goal, &scan, &plan, &err), WB_OK);
	steps("ESU");
}

static void leftovers_are_used_or_erased_strays_want_consent(void **state)
{
	struct wb_chip chip = make_chip(FUS_2_2_0);
	struct wb_image image = stack(0x01180003, 129460, FULL, true);
	struct wb_goal goal = { .image = &image };
	struct wb_flash_scan scan = { .count = 1 };

	(void)state;
	memset(&scan.used[0xd0 / 32], 0xff, 4); /* pages 0xc0 to 0xdf */
	scan.found[0] = (struct wb_found){ .address = 0x080d0000, .size = 0x10000, .image = &image };
	scan.used[0xd0 / 32] &= 0xffff0000;
	assert_int_equal(wb_plan_make(&chip, &goal, &scan, &plan, &err), WB_OK);
	steps("ESU");
	scan.found[0].address = 0x080c0000;
	scan.used[0xd0 / 32] = 0x0000ffff;
	assert_int_equal(wb_plan_make(&chip, &goal, &scan, &plan, &err), WB_OK);
	steps("ELSU");
	assert_int_equal(plan.steps[1].address, 0x080c0000);
	assert_int_equal(plan.steps[1].size, 0x10000);
	scan.found[0].image = NULL;
	scan.found[0].magic = MAKE_STACK;
	assert_int_equal(wb_plan_make(&chip, &goal, &scan, &plan, &err), WB_ERR_REFUSED);
	assert_string_equal(err.rule, "erase-stray");
	assert_non_null(strstr(err.text, "0x080C0000"));
	goal.confirm[0] = "erase-stray";
	assert_int_equal(wb_plan_make(&chip, &goal, &scan, &plan, &err), WB_OK);
	steps("ELSU");
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
		cmocka_unit_test(fus_never_goes_back_and_never_jumps),
		cmocka_unit_test(hops_are_planned_from_a_folder),
		cmocka_unit_test(fus_1_0_1_on_a_small_part_is_refused),
		cmocka_unit_test(a_larger_second_stack_needs_fus_1_2_0),
		cmocka_unit_test(risks_want_consent_by_name),
		cmocka_unit_test(another_family_is_refused),
		cmocka_unit_test(a_sick_chip_is_left_alone),
		cmocka_unit_test(an_address_by_hand_is_checked),
		cmocka_unit_test(no_room_is_seen),
		cmocka_unit_test(a_folder_renews_what_is_there),
		cmocka_unit_test(user_data_in_the_way_wants_consent),
		cmocka_unit_test(leftovers_are_used_or_erased_strays_want_consent),
		cmocka_unit_test(a_plan_without_rules_is_for_tests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

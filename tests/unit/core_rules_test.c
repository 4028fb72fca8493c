/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The planner: what it refuses, and what consent lifts. */
#include "unit/core_plan.h"

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
	image = fus(FUS_1_1_2);
	refuses(&chip, &goal, "fus-1.1.2-antirollback");
	image = fus(FUS_1_1_1);
	refuses(&chip, &goal, "fus-1.1.1-keys");
	goal.force = "fus-1.1.1-keys";
	refuses(&chip, &goal, "fus-1.1.1-keys");
}

/* FUS 1.2.0 comes in two files: one for 0.5.3 only, one for all others. */
static void fus_0_5_3_and_its_file_belong_together(void **state)
{
	struct wb_chip chip = make_chip(FUS_0_5_3);
	struct wb_image image = fus(FUS_1_2_0);
	struct wb_goal goal = { .image = &image };

	(void)state;
	refuses(&chip, &goal, "fus-from-0.5.3");
	assert_non_null(strstr(err.text, "for_fus_0_5_3"));
	image = fus(FUS_1_1_0);
	refuses(&chip, &goal, "fus-from-0.5.3");
	image = fus(FUS_1_2_0);
	image.for_fus_0_5_3 = true;
	plans(&chip, &goal);
	chip.versions.fus = FUS_1_1_0;
	refuses(&chip, &goal, "fus-only-0.5.3");
}

static void what_is_lost_is_said(void **state)
{
	struct wb_chip chip = make_chip(FUS_1_2_0);
	struct wb_image image = fus(FUS_2_2_0), signed_twice = stack(0x01180003, 129460, FULL, false);
	struct wb_goal goal = { .image = &image };

	(void)state;
	plans(&chip, &goal);
	assert_int_equal(plan.warnings, 1);
	assert_non_null(strstr(plan.warning[0], "user keys"));
	goal.image = &signed_twice;
	plans(&chip, &goal);
	assert_int_equal(plan.warnings, 0);
	signed_twice.customer_signed = true;
	plans(&chip, &goal);
	assert_int_equal(plan.warnings, 1);
	assert_non_null(strstr(plan.warning[0], "customer"));
}

static void protected_pages_in_the_way_are_refused(void **state)
{
	struct wb_chip chip = make_chip(FUS_2_2_0);
	struct wb_image image = stack(0x01180003, 129460, FULL, true);
	struct wb_goal goal = { .image = &image };

	(void)state;
	chip.options.wrp1br = 0x00cf0000; /* up to the page below */
	plans(&chip, &goal);
	chip.options.wrp1br = 0x00d00000;
	refuses(&chip, &goal, "write-protected");
	assert_non_null(strstr(err.text, "`stm32wb option set WRP1B_STRT=0xFF WRP1B_END=0`"));
	chip.options.wrp1br = 0x00f300f3; /* the last NVM page */
	refuses(&chip, &goal, "write-protected");
	chip.options.wrp1br = 0x000000ff; /* start above end: none */
	plans(&chip, &goal);
	chip.options.pcrop1asr = chip.options.pcrop1aer = 2 * 0xd0 - 1;
	plans(&chip, &goal);
	chip.options.pcrop1aer = 2 * 0xd0;
	refuses(&chip, &goal, "pcrop");
	assert_non_null(strstr(err.text, "PCROP1A"));
}

/* RM0473: half a page of 2 KiB. */
static void pcrop_counts_1_kib_on_a_wb1x(void **state)
{
	struct wb_chip chip = make_chip(FUS_2_2_0);
	struct wb_image image = stack(0x01180003, 20004, FULL, false);
	struct wb_goal goal = { .image = &image };

	(void)state;
	chip.family = wb_family_by_id(WB_FAMILY_1X);
	chip.flash_kib = 320;
	chip.sfsa_address = chip.sbrv_address = chip.secure_start = chip.family->fus_start;
	chip.options.sfr = 0x1000 | chip.family->fus_sfsa;
	chip.options.srrvr = 0x80000000 | chip.family->fus_sbrv;
	image.family = WB_FAMILY_1X;
	chip.options.pcrop1bsr = chip.options.pcrop1ber = 0x103; /* the half page below 0x08041000 */
	plans(&chip, &goal);
	chip.options.pcrop1ber = 0x104;
	refuses(&chip, &goal, "pcrop");
	assert_non_null(strstr(err.text, "PCROP1B protects 0x08040C00 to 0x080413FF"));
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
	assert_non_null(strstr(err.text, "`stm32wb option set RDP=0xAA -confirm rdp`"));
	chip = make_chip(FUS_1_2_0);
	chip.selected = WB_RUNS_UNKNOWN;
	refuses(&chip, &goal, "boundary-mismatch");
	chip = make_chip(FUS_1_2_0);
	chip.options.sfr = 0x10ff; /* nothing secure, with a FUS selected */
	refuses(&chip, &goal, "boundary-mismatch");
	chip = make_chip(FUS_1_2_0);
	chip.options.sfr |= 0x100;
	refuses(&chip, &goal, "security-off");
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
	struct wb_image other = stack(0x01180003, 129460, FULL, true);
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
	/* an image of the folder that this plan does not install is no leftover of it */
	scan.found[0].image = &other;
	assert_int_equal(wb_plan_make(&chip, &goal, &scan, &plan, &err), WB_ERR_REFUSED);
	assert_string_equal(err.rule, "erase-stray");
	scan.found[0].image = NULL;
	scan.found[0].magic = MAKE_STACK;
	assert_int_equal(wb_plan_make(&chip, &goal, &scan, &plan, &err), WB_ERR_REFUSED);
	assert_string_equal(err.rule, "erase-stray");
	assert_non_null(strstr(err.text, "0x080C0000"));
	goal.confirm[0] = "erase-stray";
	assert_int_equal(wb_plan_make(&chip, &goal, &scan, &plan, &err), WB_OK);
	steps("ELSU");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fus_never_goes_back_and_never_jumps),
		cmocka_unit_test(fus_0_5_3_and_its_file_belong_together),
		cmocka_unit_test(what_is_lost_is_said),
		cmocka_unit_test(protected_pages_in_the_way_are_refused),
		cmocka_unit_test(pcrop_counts_1_kib_on_a_wb1x),
		cmocka_unit_test(fus_1_0_1_on_a_small_part_is_refused),
		cmocka_unit_test(a_larger_second_stack_needs_fus_1_2_0),
		cmocka_unit_test(risks_want_consent_by_name),
		cmocka_unit_test(another_family_is_refused),
		cmocka_unit_test(a_sick_chip_is_left_alone),
		cmocka_unit_test(an_address_by_hand_is_checked),
		cmocka_unit_test(no_room_is_seen),
		cmocka_unit_test(user_data_in_the_way_wants_consent),
		cmocka_unit_test(leftovers_are_used_or_erased_strays_want_consent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

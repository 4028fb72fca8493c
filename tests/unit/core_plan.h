/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests of the planner share: images as the parser gives them, plans as letters. */
#ifndef CORE_PLAN_H
#define CORE_PLAN_H

#include "unit/core_make.h"

#define FUS_0_5_3 0x00050300u
#define FUS_1_0_1 0x01000108u
#define FUS_1_0_2 0x01000200u
#define FUS_1_1_0 0x01010000u
#define FUS_1_1_1 0x01010100u
#define FUS_1_1_2 0x01010200u
#define FUS_1_2_0 0x01020000u
#define FUS_2_1_0 0x02010000u
#define FUS_2_2_0 0x02020000u
#define FULL 0x01

static struct wb_plan plan;
static struct wb_error err;

/* Images as the parser would give them. */
static inline struct wb_image fus(uint32_t version)
{
	return (struct wb_image){ .name = "fus.bin", .kind = WB_IMAGE_FUS, .magic = MAKE_FUS,
		.family = WB_FAMILY_5X, .version = version, .size = version < FUS_2_1_0 ? 24492 : 24468,
		.pages = 6, .genuine = true, .type_name = "FUS", .releases = "1" };
}

static inline struct wb_image stack(uint32_t version, size_t size, uint8_t type, bool fus2)
{
	return (struct wb_image){ .name = "stack.bin", .kind = WB_IMAGE_STACK,
		.magic = fus2 ? MAKE_STACK_FUS2 : MAKE_STACK, .family = WB_FAMILY_5X,
		.version = version, .size = size, .pages = (uint8_t)((size + 4095) / 4096),
		.nvm_pages = fus2 ? 4 : 0, .stack_type = type, .fus2_only = fus2, .genuine = true,
		.type_name = "BLE Stack full", .releases = "1" };
}

static inline enum wb_status make(const struct wb_chip *chip, const struct wb_goal *goal)
{
	memset(&err, 0, sizeof(err));
	return wb_plan_make(chip, goal, NULL, &plan, &err);
}

static inline void plans(const struct wb_chip *chip, const struct wb_goal *goal)
{
	if (make(chip, goal))
		fail_msg("%s: %s", err.rule, err.text);
}

static inline void refuses(const struct wb_chip *chip, const struct wb_goal *goal, const char *rule)
{
	assert_int_equal(make(chip, goal), WB_ERR_REFUSED);
	assert_string_equal(err.rule, rule);
	assert_int_equal(plan.count, 0);
	assert_true(strlen(err.text) > 40 && strlen(err.text) < sizeof(err.text) - 1);
}

/* Steps as letters: Enter, Delete, Leftover, Stage, Upgrade, Ws, Keep, Back */
static inline void steps(const char *expected)
{
	static const char letter[] = { [WB_STEP_ENTER_FUS] = 'E', [WB_STEP_DELETE] = 'D',
		[WB_STEP_ERASE_LEFTOVER] = 'L', [WB_STEP_STAGE] = 'S', [WB_STEP_UPGRADE] = 'U',
		[WB_STEP_START_WS] = 'W', [WB_STEP_SAVE] = 'K', [WB_STEP_PUT_BACK] = 'B' };
	char text[WB_PLAN_STEPS + 1] = "";

	for (unsigned int i = 0; i < plan.count; i++) {
		text[i] = letter[plan.steps[i].kind];
		assert_true(plan.steps[i].reason[0]);
	}
	assert_string_equal(text, expected);
}

#endif

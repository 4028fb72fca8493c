/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside core: what may not be done to a chip (rules.c), and which FUS may follow which (hops.c): both
 * as tables.
 */
#ifndef OPENFUS_RULES_H
#define OPENFUS_RULES_H

#include "core/openfus.h"

#define WB_VERSION(major, minor, sub) \
	((uint32_t)(major) << 24 | (uint32_t)(minor) << 16 | (uint32_t)(sub) << 8)
/** major.minor.sub of a version word: what versions of the FUS are compared by. */
#define WB_RELEASE(version) ((version) & 0xffffff00u)

/* What a rule looks at: the chip as it will be when the image's turn comes. */
struct wb_case {
	const struct wb_chip *chip;
	const struct wb_goal *goal;
	uint32_t fus;	       /* version, 0: unknown */
	bool had_stack;	       /* one is installed before the first step */
	bool will_delete;      /* and is deleted by the plan */
	uint32_t stack_pages;  /* its size; 0: unknown */
	const struct wb_image *image; /* NULL while only the chip is judged */
};

enum wb_rule_scope { WB_RULE_CHIP, WB_RULE_IMAGE };

/**
 * Check every rule of a scope in order.
 * @retval WB_ERR_REFUSED the first one broken that the goal neither confirms nor forces
 */
enum wb_status wb_rules_check(const struct wb_case *c, enum wb_rule_scope scope,
	struct wb_error *err);

/** Put into the plan what there is to know about installing the case's image. */
void wb_rules_note(const struct wb_case *c, struct wb_plan *plan);

/** Add a warning; one that is there already, or for which there is no room, is left out. */
void wb_plan_warn(struct wb_plan *plan, const char *text);

/** Does this rule judge by a version, which a chip whose CM0+ runs may tell anew? */
bool wb_rule_by_version(const char *id);

/** True if the goal consents to this risk (-confirm). */
bool wb_goal_confirms(const struct wb_goal *goal, const char *risk);

/**
 * May this FUS image be installed over FUS version `from` on this chip?
 * @param[in] by_itself the planner's own idea; false: the user named the image.
 */
bool wb_hop_allowed(const struct wb_chip *chip, uint32_t from, const struct wb_image *image,
	bool by_itself);

/** Image and chip belong together: 5x stands for 3x in images. */
bool wb_image_suits(const struct wb_image *image, const struct wb_family *family);

#endif

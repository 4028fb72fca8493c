/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Choosing images from the folder that a goal may use. An image that is in no list of ST's is used
 * only with consent.
 */
#include "core/image.h"
#include "core/rules.h"

static bool usable(const struct wb_chip *chip, const struct wb_goal *goal,
	const struct wb_image *image)
{
	return wb_image_suits(image, chip->family) &&
		(image->genuine || wb_goal_confirms(goal, "unknown-image"));
}

/*
 * Going up in the largest steps the table allows never ends in a blind alley: every version up to
 * 1.1.2 may go to 1.2.0, and 1.2.0 to every 2.x.
 */
const struct wb_image *wb_choose_hop(const struct wb_chip *chip, const struct wb_goal *goal,
	uint32_t from, uint32_t limit)
{
	const struct wb_image *best = NULL;

	for (unsigned int i = 0; i < goal->folder_count; i++) {
		const struct wb_image *image = goal->folder[i];

		if (image->kind == WB_IMAGE_FUS && usable(chip, goal, image) &&
			WB_RELEASE(image->version) <= WB_RELEASE(limit) &&
			!image->ambiguous_for_0_5_3 && wb_hop_allowed(chip, from, image, true) &&
			(!best || image->version > best->version))
			best = image;
	}
	return best;
}

const struct wb_image *wb_choose_stack(const struct wb_chip *chip, const struct wb_goal *goal,
	uint8_t type)
{
	const struct wb_image *best = NULL;

	for (unsigned int i = 0; i < goal->folder_count; i++) {
		const struct wb_image *image = goal->folder[i];

		if (image->kind == WB_IMAGE_STACK && usable(chip, goal, image) &&
			image->stack_type == type && (!best || image->version > best->version))
			best = image;
	}
	return best;
}

unsigned int wb_choose_passed_over(const struct wb_chip *chip, const struct wb_goal *goal)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < goal->folder_count; i++)
		count += wb_image_suits(goal->folder[i], chip->family) &&
			!usable(chip, goal, goal->folder[i]);
	return count;
}

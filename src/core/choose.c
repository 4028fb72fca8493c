/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which images a plan installs, in which order: the one named, and from the folder what must come
 * before it. An image of the folder that is in no list of ST's is used only with consent.
 */
#include "core/image.h"
#include "core/plan.h"

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
static const struct wb_image *choose_hop(const struct wb_chip *chip, const struct wb_goal *goal,
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

static const struct wb_image *choose_stack(const struct wb_chip *chip, const struct wb_goal *goal,
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

static unsigned int passed_over(const struct wb_chip *chip, const struct wb_goal *goal)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < goal->folder_count; i++)
		count += wb_image_suits(goal->folder[i], chip->family) &&
			!usable(chip, goal, goal->folder[i]);
	return count;
}

/* -reinstall, or -delete: what is there is no reason to do nothing. */
static bool again(const struct planner *p)
{
	return p->goal->reinstall || p->goal->force_delete;
}

/* Is exactly this stack installed? Without a type on both sides, its pages must agree. */
static bool installed(const struct planner *p, const struct wb_image *image)
{
	if (!p->has_stack || p->stack != image->version)
		return false;
	if (image->stack_type && p->stack_type)
		return image->stack_type == p->stack_type;
	return p->stack_pages && p->stack_pages == image->pages;
}

/* ---- what to install, in order ---------------------------------------------------------------- */

static uint32_t queued_fus(const struct planner *p)
{
	return p->queued ? p->queue[p->queued - 1]->version : p->fus;
}

/* FUS images from the folder, from the present FUS on, as far as `limit`. */
static void queue_hops(struct planner *p, uint32_t limit)
{
	const struct wb_image *hop;

	while (p->queued < QUEUE_MAX - 1 &&
		(hop = choose_hop(p->chip, p->goal, queued_fus(p), limit)))
		p->queue[p->queued++] = hop;
}

static void queue_fus(struct planner *p, const struct wb_image *image)
{
	if (wb_image_suits(image, p->chip->family) && !p->goal->reinstall &&
		WB_RELEASE(image->version) == WB_RELEASE(p->fus))
		return;
	while (!wb_hop_allowed(p->chip, queued_fus(p), image, false)) {
		const struct wb_image *hop =
			choose_hop(p->chip, p->goal, queued_fus(p), image->version - 0x100u);

		if (!hop || p->queued == QUEUE_MAX - 1)
			break;
		p->queue[p->queued++] = hop;
	}
	p->queue[p->queued++] = image;
}

static void queue_stack(struct planner *p, const struct wb_image *image)
{
	bool larger = p->has_stack && WB_RELEASE(p->fus) < WB_FUS_1_2_0 &&
		(!p->stack_pages ||
			wb_pages(image->size, p->chip->family->page) > p->stack_pages);

	if (wb_image_suits(image, p->chip->family) && !again(p) && installed(p, image))
		return;
	if ((image->fus2_only && p->fus < WB_VERSION(2, 0, 0)) ||
		(larger && !p->goal->force_delete))
		queue_hops(p, image->fus2_only ? UINT32_MAX : WB_FUS_1_2_0);
	p->queue[p->queued++] = image;
	p->stack_queued = true;
}

static enum wb_status queue_folder(struct planner *p)
{
	const struct wb_image *stack = NULL;
	unsigned int passed = passed_over(p->chip, p->goal);
	char text[200];

	if (!p->goal->folder_count)
		return wb_fail(p->err, WB_ERR_USAGE,
			"no image named, and no folder of images: name a file, or say `stm32wb images "
			"DIR` or set STM32WB_IMAGES");
	queue_hops(p, UINT32_MAX);
	if (p->has_stack && p->stack_type)
		stack = choose_stack(p->chip, p->goal, p->stack_type);
	if (stack && stack->version >= p->stack &&
		(!stack->fus2_only || queued_fus(p) >= WB_VERSION(2, 0, 0)) &&
		(again(p) || !installed(p, stack))) {
		p->queue[p->queued++] = stack;
		p->stack_queued = true;
	}
	if (p->has_stack && !stack) {
		wb_format(text, sizeof(text),
			"the folder has no newer image of the stack in place (%s): it is not renewed",
			wb_stack_type_name(p->stack_type));
		wb_plan_warn(p->plan, text);
	}
	if (passed) {
		wb_format(text, sizeof(text),
			"%u image%s of the folder not used: not among ST's published ones "
			"(-confirm unknown-image)", passed, passed == 1 ? "" : "s");
		wb_plan_warn(p->plan, text);
	}
	return WB_OK;
}

enum wb_status wb_fill_queue(struct planner *p)
{
	const struct wb_image *image = p->goal->image;

	if (!image)
		return queue_folder(p);
	if (image->warning[0])
		wb_plan_warn(p->plan, image->warning);
	if (image->kind == WB_IMAGE_FUS)
		queue_fus(p, image);
	else if (image->kind == WB_IMAGE_STACK)
		queue_stack(p, image);
	else
		p->queue[p->queued++] = image;
	return WB_OK;
}

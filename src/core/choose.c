/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which images a plan installs, in which order: the one named, and from the folder what must come
 * before it. An image of the folder that is in no list of ST's is used only with consent.
 */
#include <string.h>
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

/* Of a type, and such that this FUS takes it. */
static const struct wb_image *choose_stack(const struct wb_chip *chip, const struct wb_goal *goal,
	uint8_t type, uint32_t fus)
{
	const struct wb_image *best = NULL;

	for (unsigned int i = 0; i < goal->folder_count; i++) {
		const struct wb_image *image = goal->folder[i];

		if (image->kind == WB_IMAGE_STACK && usable(chip, goal, image) &&
			image->stack_type == type &&
			(!image->fus2_only || fus >= WB_VERSION(2, 0, 0)) &&
			(!best || image->version > best->version))
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

static const char *folder_name(const struct wb_goal *goal)
{
	return goal->folder_name ? goal->folder_name : "the folder";
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

/* What the folder has for the FUS; NULL: nothing. A FUS that stays behind is said. */
static const struct wb_image *look_for_fus(struct planner *p)
{
	const struct wb_image *newest = NULL;
	unsigned int suits = 0;
	char text[200], fus[20];

	for (unsigned int i = 0; i < p->goal->folder_count; i++) {
		const struct wb_image *image = p->goal->folder[i];

		if (image->kind != WB_IMAGE_FUS || !wb_image_suits(image, p->chip->family))
			continue;
		suits++;
		if (usable(p->chip, p->goal, image) && (!newest || image->version > newest->version))
			newest = image;
	}
	wb_version_text(p->fus, fus);
	queue_hops(p, UINT32_MAX);
	if (!suits)
		wb_format(text, sizeof(text), "no FUS image for this chip in %.120s: the FUS stays %s",
			folder_name(p->goal), fus);
	else if (newest && !p->queued && WB_RELEASE(newest->version) > WB_RELEASE(p->fus))
		wb_format(text, sizeof(text), "no FUS image in %.120s may follow FUS %s: it stays",
			folder_name(p->goal), fus);
	else
		return newest;
	wb_plan_warn(p->plan, text);
	return newest;
}

/* The newest image of the stack in place; NULL: none, and why not is said. */
static const struct wb_image *look_for_stack(struct planner *p)
{
	const struct wb_image *stack = NULL;
	char text[200], fus[20];

	if (!p->has_stack) {
		wb_plan_warn(p->plan, "no wireless stack is installed, and a folder does not choose one: "
				      "name its file");
		return NULL;
	}
	if (p->stack_type)
		stack = choose_stack(p->chip, p->goal, p->stack_type, queued_fus(p));
	if (stack)
		return stack;
	wb_format(text, sizeof(text),
		"no image in %.100s of the stack in place (%s) that FUS %s takes: it is not renewed",
		folder_name(p->goal), wb_stack_type_name(p->stack_type),
		wb_version_text(queued_fus(p), fus));
	wb_plan_warn(p->plan, text);
	return NULL;
}

/* Nothing in the folder was of use: "already installed" would be said of what nobody looked at. */
static enum wb_status nothing_there(const struct planner *p)
{
	char text[sizeof(p->plan->warning)] = "";
	size_t used = 0;

	for (unsigned int i = 0; i < p->plan->warnings; i++) {
		wb_format(text + used, (unsigned int)(sizeof(text) - used), "%s%s", i ? "; " : "",
			p->plan->warning[i]);
		used = strlen(text);
	}
	return wb_refuse(p->err, "nothing-to-install",
		"the folder has nothing for this chip as it is: %s. Name the file of an image, or another "
		"folder", text);
}

static enum wb_status queue_folder(struct planner *p)
{
	unsigned int passed = passed_over(p->chip, p->goal);
	const struct wb_image *fus, *stack;
	char text[200];

	if (!p->goal->folder_count)
		return wb_fail(p->err, WB_ERR_USAGE,
			"no image named, and no folder of images: name a file, or say `stm32wb images "
			"DIR` or set STM32WB_IMAGES");
	fus = look_for_fus(p);
	stack = look_for_stack(p);
	if (passed) {
		wb_format(text, sizeof(text),
			"%u image%s of the folder not used: not among ST's published ones "
			"(-confirm unknown-image)", passed, passed == 1 ? "" : "s");
		wb_plan_warn(p->plan, text);
	}
	if (!fus && !stack)
		return nothing_there(p);
	if (stack && stack->version >= p->stack && (again(p) || !installed(p, stack))) {
		p->queue[p->queued++] = stack;
		p->stack_queued = true;
	}
	return WB_OK;
}

enum wb_status wb_folder_check(const struct wb_chip *chip, const struct wb_goal *goal,
	struct wb_error *err)
{
	const struct wb_family *other = NULL;

	for (unsigned int i = 0; i < goal->folder_count; i++) {
		if (wb_image_suits(goal->folder[i], chip->family))
			return WB_OK;
		if (!other)
			other = wb_family_by_id(goal->folder[i]->family);
	}
	return wb_refuse(err, "wrong-family",
		"%.200s holds %u image%s for %s%s and none for this %s: name the folder with the files "
		"of this chip's family",
		folder_name(goal), goal->folder_count, goal->folder_count == 1 ? "" : "s",
		other ? other->name : "no family that is known",
		other && other->id == WB_FAMILY_5X ? " and STM32WB3x" : "", chip->family->name);
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

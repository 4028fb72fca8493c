/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The planner: a chip, images and wishes in, steps with reasons out, or the rule that forbids them.
 * Pure: it reads what it is given and nothing else. Which images: choose.c. Where: place.c.
 */
#include <string.h>
#include "core/bytes.h"
#include "core/image.h"
#include "core/plan.h"
#include "core/regs.h"

static enum wb_status add_step(struct planner *p, enum wb_step_kind kind,
	const struct wb_image *image, uint32_t address, uint32_t size, const char *reason)
{
	struct wb_step *step;

	if (p->plan->count == WB_PLAN_STEPS)
		return wb_fail(p->err, WB_ERR_USAGE,
			"the plan has more than %u steps: give a folder with newer images",
			WB_PLAN_STEPS);
	step = &p->plan->steps[p->plan->count++];
	step->kind = kind;
	step->image = image;
	step->address = address;
	step->size = size;
	wb_format(step->reason, sizeof(step->reason), "%s", reason);
	return WB_OK;
}

/* What the chip is now; changed step by step as the plan grows. */
static void start(struct planner *p)
{
	const struct wb_chip *chip = p->chip;
	const struct wb_family *family = chip->family;
	const struct wb_versions *v = &chip->versions;

	p->boundary = chip->sfsa_address;
	p->fus = v->valid ? v->fus : 0;
	if (!p->fus && family->fus_sbrv_053 != family->fus_sbrv &&
		chip->sbrv_address == WB_FLASH_BASE + 4u * family->fus_sbrv_053)
		p->fus = WB_VERSION(0, 5, 3);
	/* a FUS that runs knows; else the secure boundary tells: above it only a stack can be */
	p->has_stack = v->live && v->from_fus ? v->stack != 0
					      : wb_bits(chip->options.sfr, 7, 0) < family->fus_sfsa;
	p->had_stack = p->has_stack;
	if (p->has_stack && v->valid) {
		p->stack = v->stack;
		p->stack_type = (uint8_t)v->stack_info;
		p->stack_pages = wb_bits(v->stack_memory, 7, 0);
	}
}

void wb_plan_warn(struct wb_plan *plan, const char *text)
{
	for (unsigned int i = 0; i < plan->warnings; i++)
		if (!strcmp(plan->warning[i], text))
			return;
	if (plan->warnings < sizeof(plan->warning) / sizeof(*plan->warning))
		wb_format(plan->warning[plan->warnings++], sizeof(plan->warning[0]), "%s", text);
}

static struct wb_case make_case(const struct planner *p, const struct wb_image *image)
{
	return (struct wb_case){
		.chip = p->chip,
		.goal = p->goal,
		.fus = p->fus,
		.had_stack = p->had_stack,
		.will_delete = p->will_delete,
		.stack_pages = p->stack_pages,
		.image = image,
	};
}

/* ---- steps ------------------------------------------------------------------------------------ */

static enum wb_status enter_fus(struct planner *p)
{
	const char *reason = "the CM0+ is not running: the FUS has to be started";

	if (p->chip->running == WB_RUNS_STACK || p->chip->selected == WB_RUNS_STACK)
		reason = "the wireless stack is selected: it has to make way for the FUS";
	else if (p->chip->running == WB_RUNS_FUS)
		reason = "the FUS has to be idle, and CPU1 held";
	return add_step(p, WB_STEP_ENTER_FUS, NULL, 0, 0, reason);
}

static enum wb_status delete_stack(struct planner *p)
{
	enum wb_status st;

	if (!p->will_delete)
		return WB_OK;
	st = add_step(p, WB_STEP_DELETE, NULL, 0, 0,
		p->stack_queued ? "a stack is installed: ST advises to delete it before the next one "
				  "is installed"
				: "asked for by -delete");
	p->has_stack = false;
	p->boundary = WB_RELEASE(p->fus) == WB_VERSION(0, 5, 3)
		? WB_FLASH_BASE + (uint32_t)p->chip->family->fus_sfsa_053 * p->chip->family->page
		: p->chip->family->fus_start;
	return st;
}

/* Of this plan; or the FUS that runs now, which the run before a power cut had staged. */
static bool ours(const struct planner *p, const struct wb_image *image)
{
	for (unsigned int i = 0; image && i < p->queued; i++)
		if (p->queue[i] == image)
			return true;
	return image && image->kind == WB_IMAGE_FUS &&
		WB_RELEASE(image->version) == WB_RELEASE(p->fus);
}

static enum wb_status refuse_stray(const struct planner *p, const struct wb_found *f)
{
	const char *name = f->image ? f->image->name : "another image";

	if (!p->scan->more)
		return wb_refuse(p->err, "erase-stray",
			"user flash holds %s at 0x%08X (%u bytes), which is not of this plan: the FUS "
			"would find it and refuse or install the wrong one; to erase it: -confirm "
			"erase-stray",
			name, (unsigned int)f->address, (unsigned int)f->size);
	return wb_refuse(p->err, "erase-stray",
		"user flash holds %u images and maybe more: %s at 0x%08X (%u bytes) is not of this plan, and "
		"the FUS would find it and refuse or install the wrong one; to erase it and all such: "
		"-confirm erase-stray",
		p->scan->count, name, (unsigned int)f->address, (unsigned int)f->size);
}

/*
 * The FUS scans all of user flash: what could be taken for an image must go first. Images that are
 * not of this plan may be there on purpose, such as an application's own store of them.
 */
static enum wb_status erase_leftovers(struct planner *p)
{
	const struct wb_image *first = p->queue[0];
	enum wb_status st = WB_OK;

	for (unsigned int i = 0; p->scan && !st && i < p->scan->count && i < WB_SCAN_FOUND; i++) {
		const struct wb_found *f = &p->scan->found[i];
		bool stray = !ours(p, f->image);

		if ((!f->image && !f->magic) || (f->image == first && f->address == p->first_address))
			continue;
		if (stray && !wb_goal_confirms(p->goal, "erase-stray"))
			return refuse_stray(p, f);
		st = add_step(p, WB_STEP_ERASE_LEFTOVER, f->image, f->address, f->size,
			stray ? "a stray image that the FUS would find"
			      : "left over from an earlier attempt");
	}
	return st;
}

/* More images than one scan holds: these go, and the next scan shows what is left. */
static enum wb_status only_erase(struct planner *p)
{
	enum wb_status st = erase_leftovers(p);

	wb_format(p->plan->summary, sizeof(p->plan->summary), "erase what the FUS would find");
	if (st || p->plan->count)
		return st;
	return wb_fail(p->err, WB_ERR_CHIP,
		"user flash up to 0x%08X is full of words as they end images (0xD3A12C5E), with no image "
		"before them: what the FUS would make of it is not known. Erase that part of flash first",
		(unsigned int)(p->chip->secure_start - 1));
}

/* What an upgrade step does, and for which image of the queue it is only a step on the way. */
static void upgrade_reason(const struct planner *p, const struct wb_image *image, char reason[160])
{
	const struct wb_image *last = p->queue[p->queued - 1];
	char version[20], fus[20], next[20];

	wb_version_text(p->fus, fus);
	wb_version_text(image->version, version);
	if (image->kind != WB_IMAGE_FUS)
		wb_format(reason, 160, "FUS %s installs %s %s", fus, image->type_name, version);
	else if (image == last)
		wb_format(reason, 160, "FUS %s -> %s", fus, version);
	else
		wb_format(reason, 160, "FUS %s -> %s, on the way to %s %s", fus, version,
			last->type_name, wb_version_text(last->version, next));
}

static enum wb_status install(struct planner *p, const struct wb_image *image)
{
	struct wb_case c = make_case(p, image);
	char reason[160], version[20];
	uint32_t address, size = (uint32_t)image->size;
	enum wb_status st = wb_rules_check(&c, WB_RULE_IMAGE, p->err);

	if (!st)
		st = wb_place(p, image, &address);
	if (st)
		return st;
	wb_rules_note(&c, p->plan);
	wb_version_text(image->version, version);
	wb_format(reason, sizeof(reason), "%s %s, %u bytes, below 0x%08X",
		image->type_name, version, (unsigned int)size,
		(unsigned int)wb_plan_end(p));
	st = add_step(p, WB_STEP_STAGE, image, address, size, reason);
	if (!st) {
		upgrade_reason(p, image, reason);
		st = add_step(p, WB_STEP_UPGRADE, image, address, size, reason);
	}
	if (image->kind == WB_IMAGE_FUS) {
		p->fus = image->version;
		if (p->boundary > p->chip->family->fus_start)
			p->boundary = p->chip->family->fus_start;
	} else {
		p->has_stack = image->kind == WB_IMAGE_STACK;
		p->boundary = p->has_stack
			? wb_image_address(image, p->chip->family, p->chip->flash_kib)
			: p->chip->family->fus_start;
	}
	return st;
}

static enum wb_status leave(struct planner *p, bool upgraded_fus_only)
{
	if (upgraded_fus_only && p->has_stack && !p->goal->no_start)
		return add_step(p, WB_STEP_START_WS, NULL, 0, 0,
			"back to the stack that was there before");
	if (!upgraded_fus_only && p->has_stack && p->goal->no_start)
		return add_step(p, WB_STEP_ENTER_FUS, NULL, 0, 0, "asked for by -no-start");
	return WB_OK;
}

static void summarize(struct planner *p, uint32_t fus_before)
{
	struct wb_plan *plan = p->plan;
	const struct wb_image *last = p->queued ? p->queue[p->queued - 1] : NULL;
	char before[20], after[20], version[20], text[80] = "";
	bool fus = WB_RELEASE(fus_before) != WB_RELEASE(p->fus);

	if (fus)
		wb_format(text, sizeof(text), "FUS %s -> %s", wb_version_text(fus_before, before),
			wb_version_text(p->fus, after));
	if (last && last->kind != WB_IMAGE_FUS)
		wb_format(plan->summary, sizeof(plan->summary), "%s%s%s %s", text,
			fus ? ", then " : "", last->type_name,
			wb_version_text(last->version, version));
	else
		wb_format(plan->summary, sizeof(plan->summary), "%s",
			last ? text : "delete the stack");
}

/* Nothing to install: but a stack that an interrupted run has left unselected is started. */
static enum wb_status already_there(struct planner *p)
{
	const struct wb_image *image = p->goal->image;
	char fus[20], version[20];
	enum wb_status st;

	wb_version_text(p->fus, fus);
	if (image && image->kind == WB_IMAGE_STACK)
		wb_format(p->plan->summary, sizeof(p->plan->summary),
			"already installed: %s %s (FUS %s)", image->type_name,
			wb_version_text(image->version, version), fus);
	else if (p->has_stack)
		wb_format(p->plan->summary, sizeof(p->plan->summary),
			"already installed: FUS %s, stack %s", fus,
			wb_version_text(p->stack, version));
	else
		wb_format(p->plan->summary, sizeof(p->plan->summary), "already installed: FUS %s",
			fus);
	if (!p->has_stack || p->goal->no_start || p->chip->selected != WB_RUNS_FUS)
		return WB_OK;
	st = enter_fus(p);
	return st ? st : add_step(p, WB_STEP_START_WS, NULL, 0, 0,
				 "the stack is installed but the FUS is selected");
}

/*
 * An older stack than the one in place is refused where anti-rollback is on, and the chip does not
 * tell whether it is. FUS 1.1.0 brought it [wiki]: from there on the stack stays until the FUS has
 * taken the other, so that a refusal costs nothing.
 */
static bool may_roll_back(const struct planner *p)
{
	return p->stack_queued && p->has_stack && p->fus >= WB_VERSION(1, 1, 0) &&
		p->queue[p->queued - 1]->version < p->stack;
}

static void decide_delete(struct planner *p)
{
	bool older = may_roll_back(p), keep = p->goal->first_install || p->goal->keep_stack;

	p->will_delete = p->has_stack &&
		(p->goal->force_delete || (p->stack_queued && !keep && !older));
	if (older)
		wb_plan_warn(p->plan, p->will_delete
			? "older than the stack in place, which -delete removes first: if anti-rollback is "
			  "on, the FUS then refuses (0x11), and the board has no stack"
			: "older than the stack in place, which therefore is not deleted first: if "
			  "anti-rollback is on, the FUS refuses (0x11) and the stack in place stays");
}

static enum wb_status make_steps(struct planner *p)
{
	uint32_t fus_before = p->fus;
	enum wb_status st = WB_OK;

	if (p->queued && p->scan && p->scan->more)
		return only_erase(p);
	decide_delete(p);
	if (!p->queued && !p->will_delete)
		return already_there(p);
	st = enter_fus(p);
	if (!st && p->queued) {
		/* where the first image will be is needed to know which leftover is of use */
		struct planner ahead = *p;
		struct wb_plan scratch = *p->plan;

		ahead.plan = &scratch;
		st = delete_stack(&ahead);
		if (!st)
			st = install(&ahead, p->queue[0]);
		if (!st) {
			p->first_address = scratch.steps[scratch.count - 1].address;
			st = erase_leftovers(p);
		}
	}
	if (!st)
		st = delete_stack(p);
	for (unsigned int i = 0; !st && i < p->queued; i++)
		st = install(p, p->queue[i]);
	if (!st)
		st = leave(p, p->queued && p->queue[p->queued - 1]->kind == WB_IMAGE_FUS);
	if (!st)
		st = wb_keep_plan(p);
	summarize(p, fus_before);
	return st;
}

/* For tests of what the FUS does with images that no plan would give it. */
static enum wb_status without_rules(struct planner *p)
{
	const struct wb_image *image = p->goal->image;
	uint32_t address = p->goal->address;
	enum wb_status st;

	if (!image)
		return wb_fail(p->err, WB_ERR_USAGE, "no image named");
	if (!address)
		address = wb_image_address(image, p->chip->family, p->chip->flash_kib);
	if (!address)
		return wb_fail(p->err, WB_ERR_USAGE, "%s: name an address", image->name);
	st = enter_fus(p);
	if (!st)
		st = add_step(p, WB_STEP_STAGE, image, address, (uint32_t)image->size, "no rules");
	return st ? st : add_step(p, WB_STEP_UPGRADE, image, address, (uint32_t)image->size,
				 "no rules");
}

enum wb_status wb_plan_make(const struct wb_chip *chip, const struct wb_goal *goal,
	const struct wb_flash_scan *scan, struct wb_plan *plan, struct wb_error *err)
{
	struct planner p = { .chip = chip, .goal = goal, .scan = scan, .plan = plan, .err = err };
	struct wb_case c;
	enum wb_status st;

	memset(plan, 0, sizeof(*plan));
	start(&p);
	if (goal->skip_planner)
		return without_rules(&p);
	/* Another family's image is refused whatever runs here: before anything is started. */
	const bool stranger = goal->image && !wb_image_suits(goal->image, chip->family);

	c = make_case(&p, stranger ? goal->image : NULL);
	st = goal->image || !goal->folder_count ? WB_OK : wb_folder_check(chip, goal, err);
	if (!st)
		st = wb_rules_check(&c, stranger ? WB_RULE_IMAGE : WB_RULE_CHIP, err);
	if (!st)
		st = wb_fill_queue(&p);
	if (!st)
		st = make_steps(&p);
	if (st)
		plan->count = 0;
	return st;
}

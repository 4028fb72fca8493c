/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * User data in the way of an upgrade: which pages its steps overwrite, which of them can be put
 * back afterwards (-preserve), and which are lost, for which consent is asked.
 */
#include <string.h>
#include "core/image.h"
#include "core/plan.h"
#include "core/regs.h"

static uint32_t page_of(const struct planner *p, uint32_t address)
{
	return (address - WB_FLASH_BASE) / p->chip->family->page;
}

static uint32_t address_of(const struct planner *p, uint32_t page)
{
	return WB_FLASH_BASE + page * p->chip->family->page;
}

bool wb_scan_user(const struct wb_flash_scan *scan, uint32_t page, uint32_t size)
{
	uint32_t address = WB_FLASH_BASE + page * size;

	if (page >= WB_PAGES || !wb_page_in(scan->used, page))
		return false;
	/* what is an image there is ours, or is erased with consent: no user data */
	for (unsigned int i = 0; i < scan->count && i < WB_SCAN_FOUND; i++) {
		const struct wb_found *f = &scan->found[i];

		if ((f->image || f->magic) && address >= f->address &&
			address - f->address < f->size)
			return false;
	}
	return true;
}

/* The first page with user data of [from, to) that no journal holds, or 0. */
static uint32_t first_used(const struct planner *p, uint32_t from, uint32_t to)
{
	uint32_t size = p->chip->family->page;

	for (; p->scan && from < to; from += size) {
		uint32_t page = page_of(p, from);

		if (wb_scan_user(p->scan, page, size) && !wb_page_in(p->scan->saved, page))
			return from;
	}
	return 0;
}

static void touch(struct planner *p, uint32_t from, uint32_t to)
{
	for (; from < to; from += p->chip->family->page)
		wb_page_add(p->touched, page_of(p, from));
}

enum wb_status wb_keep_user_data(struct planner *p, const struct wb_image *image, uint32_t address,
	uint32_t gap, uint32_t final)
{
	uint32_t size = p->chip->family->page;
	uint32_t end = address + wb_pages(image->size, size) * size;
	uint32_t used = first_used(p, address, end + gap);

	/* what the FUS moves the image over is its business too */
	touch(p, address, end + gap);
	/* a stack also takes the pages of its final place, NVM included */
	if (image->kind == WB_IMAGE_STACK) {
		touch(p, final, wb_plan_end(p));
		if (!used)
			used = first_used(p, final, wb_plan_end(p));
	}
	/* a factory reset */
	if (image->kind == WB_IMAGE_SAFEBOOT)
		touch(p, WB_FLASH_BASE, wb_plan_end(p));
	if (!used || p->goal->preserve || wb_goal_confirms(p->goal, "overwrite"))
		return WB_OK;
	return wb_refuse(p->err, "overwrite",
		"%s needs flash from 0x%08X, and the page at 0x%08X is not blank: user data there would be "
		"lost; to have it saved and put back: -preserve; to lose it: -confirm overwrite",
		image->name, (unsigned int)(address < final ? address : final),
		(unsigned int)used);
}

void wb_pages_text(const uint32_t pages[WB_PAGE_WORDS], uint32_t size, char *text, size_t room)
{
	size_t used = 0;

	text[0] = '\0';
	for (uint32_t page = 0, end; page < WB_PAGES; page = end + 1) {
		for (; page < WB_PAGES && !wb_page_in(pages, page); page++)
			;
		for (end = page; end < WB_PAGES && wb_page_in(pages, end); end++)
			;
		if (page == WB_PAGES || used + 40 > room) {
			if (page < WB_PAGES)
				wb_format(text + used, (unsigned int)(room - used), " and more");
			return;
		}
		wb_format(text + used, (unsigned int)(room - used), "%s0x%08X-0x%08X",
			used ? ", " : "", (unsigned int)(WB_FLASH_BASE + page * size),
			(unsigned int)(WB_FLASH_BASE + end * size - 1));
		used += strlen(text + used);
	}
}

/* Pages that the secure boundary will have passed: CPU1 can write none of them back. */
static enum wb_status refuse_lost(struct planner *p, uint32_t boundary)
{
	uint32_t lost[WB_PAGE_WORDS] = { 0 }, size = p->chip->family->page;
	char where[200];
	bool any = false;

	for (uint32_t page = 0; page < WB_PAGES; page++) {
		if (!wb_page_in(p->touched, page) || address_of(p, page) < boundary ||
			address_of(p, page) >= p->chip->secure_start)
			continue;
		/* not looked at yet: any of them may hold data */
		if (p->scan && !(wb_page_in(p->scan->saved, page)
				       ? wb_page_in(p->scan->used, page)
				       : wb_scan_user(p->scan, page, size)))
			continue;
		wb_page_add(lost, page);
		any = true;
	}
	if (!any || wb_goal_confirms(p->goal, "overwrite"))
		return WB_OK;
	wb_pages_text(lost, size, where, sizeof(where));
	if (!p->scan) {
		char text[200];

		wb_format(text, sizeof(text),
			"-preserve cannot put back data at %s: secure after this work", where);
		wb_plan_warn(p->plan, text);
		return WB_OK;
	}
	return wb_refuse(p->err, "overwrite",
		"user data at %s cannot be put back: after this work flash is secure from 0x%08X on, and "
		"CPU1 cannot write there. Save it elsewhere, then to lose it there: -confirm "
		"overwrite",
		where, (unsigned int)boundary);
}

/* Pages to be kept, and how many hold data. What is secure now holds none of the user's. */
static uint32_t choose(struct planner *p, uint32_t boundary, uint32_t *holding)
{
	uint32_t count = 0, size = p->chip->family->page;

	*holding = 0;
	for (uint32_t page = 0; page < WB_PAGES; page++) {
		if (!wb_page_in(p->touched, page) || address_of(p, page) >= boundary ||
			address_of(p, page) >= p->chip->secure_start)
			continue;
		wb_page_add(p->plan->keep, page);
		count++;
		*holding += p->scan && wb_scan_user(p->scan, page, size);
	}
	return count;
}

/* The first address that the steps change. */
static uint32_t lowest(const struct planner *p)
{
	uint32_t low = UINT32_MAX;

	for (uint32_t page = WB_PAGES; page-- > 0;)
		if (wb_page_in(p->touched, page))
			low = address_of(p, page);
	for (unsigned int i = 0; i < p->plan->count; i++) {
		const struct wb_step *step = &p->plan->steps[i];

		if (step->kind == WB_STEP_ERASE_LEFTOVER && step->address < low)
			low = step->address;
	}
	return low;
}

enum wb_status wb_keep_plan(struct planner *p)
{
	uint32_t boundary = wb_plan_end(p), count, holding, first = 0;
	struct wb_plan *plan = p->plan;
	struct wb_step save = { .kind = WB_STEP_SAVE }, put_back = { .kind = WB_STEP_PUT_BACK };
	enum wb_status st;

	if (!p->goal->preserve)
		return WB_OK;
	st = refuse_lost(p, boundary);
	if (st)
		return st;
	count = choose(p, boundary, &holding);
	if (!count)
		return WB_OK;
	if (plan->count + 2 > WB_PLAN_STEPS)
		return wb_fail(p->err, WB_ERR_USAGE, "the plan has more than %u steps: leave -preserve "
			"out, or give a folder with newer images", WB_PLAN_STEPS);
	while (!wb_page_in(plan->keep, first))
		first++;
	plan->keep_from = lowest(p);
	save.address = put_back.address = address_of(p, first);
	save.size = put_back.size = count * p->chip->family->page;
	if (p->scan)
		wb_format(save.reason, sizeof(save.reason),
			"%u of the %u pages that this work overwrites below 0x%08X hold user data",
			(unsigned int)holding, (unsigned int)count, (unsigned int)boundary);
	else
		wb_format(save.reason, sizeof(save.reason),
			"this work overwrites %u pages below 0x%08X; what they hold is kept on the host",
			(unsigned int)count, (unsigned int)boundary);
	wb_format(put_back.reason, sizeof(put_back.reason),
		"the pages as they were, where they lie below the secure boundary then");
	memmove(plan->steps + 1, plan->steps, plan->count * sizeof(plan->steps[0]));
	plan->steps[0] = save;
	plan->steps[++plan->count] = put_back;
	plan->count++;
	return WB_OK;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside core: what the parts of the planner share while a plan grows. */
#ifndef OPENFUS_PLAN_H
#define OPENFUS_PLAN_H

#include "core/rules.h"

#define QUEUE_MAX 8 /* the longest way known: 0.5.3, 1.0.2, 1.1.0, 1.2.0, 2.x, stack */

struct planner {
	const struct wb_chip *chip;
	const struct wb_goal *goal;
	const struct wb_flash_scan *scan;
	struct wb_plan *plan;
	struct wb_error *err;

	/* the chip as it will be after the steps so far */
	uint32_t fus, stack;
	uint8_t stack_type;
	uint32_t stack_pages; /* 0: unknown */
	bool had_stack, has_stack; /* before the first step, and now */
	uint32_t boundary; /* first secure byte of flash */

	const struct wb_image *queue[QUEUE_MAX];
	unsigned int queued;
	bool stack_queued, will_delete;
	uint32_t first_address; /* where queue[0] is staged */
	uint32_t touched[WB_PAGE_WORDS]; /* pages that the steps so far overwrite */
};

/**
 * Fill the queue: the goal's image and what must come before it, or what the folder has newer.
 * @retval WB_ERR_USAGE   neither image nor folder
 * @retval WB_ERR_REFUSED nothing-to-install: the folder has no FUS and not the stack in place
 */
enum wb_status wb_fill_queue(struct planner *p);

/**
 * A folder in place of an image: has it anything for this chip? Asked before anything is started.
 * @retval WB_ERR_REFUSED wrong-family
 */
enum wb_status wb_folder_check(const struct wb_chip *chip, const struct wb_goal *goal,
	struct wb_error *err);

/**
 * Where to stage an image, given the chip as it is after the steps so far.
 * @retval WB_ERR_REFUSED room, address, overwrite
 */
enum wb_status wb_place(struct planner *p, const struct wb_image *image, uint32_t *address);

/** End of what CPU1 may stage into: secure boundary, FUS or user flash, whichever comes first. */
uint32_t wb_plan_end(const struct planner *p);

/**
 * An image is to be staged at `address`, with `gap` bytes behind it, and installed from `final` on:
 * is user data in the way?
 * @retval WB_ERR_REFUSED overwrite; not with -preserve, which wb_keep_plan() judges
 */
enum wb_status wb_keep_user_data(struct planner *p, const struct wb_image *image, uint32_t address,
	uint32_t gap, uint32_t final);

/**
 * With -preserve, behind the last step: pages to be saved and put back, and the steps for it.
 * @retval WB_ERR_REFUSED overwrite: user data in pages that cannot be put back
 */
enum wb_status wb_keep_plan(struct planner *p);

/** Does this page (of `size` bytes) hold user data: not blank, and no image that was found? */
bool wb_scan_user(const struct wb_flash_scan *scan, uint32_t page, uint32_t size);

/** Pages as ranges of addresses, for people: "0x08001000-0x08002FFF, ...". */
void wb_pages_text(const uint32_t pages[WB_PAGE_WORDS], uint32_t size, char *text, size_t room);

static inline bool wb_page_in(const uint32_t pages[WB_PAGE_WORDS], uint32_t page)
{
	return pages[page / 32] & 1u << page % 32;
}

static inline void wb_page_add(uint32_t pages[WB_PAGE_WORDS], uint32_t page)
{
	if (page < WB_PAGES)
		pages[page / 32] |= 1u << page % 32;
}

#endif

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
};

/**
 * Fill the queue: the goal's image and what must come before it, or what the folder has newer.
 * @retval WB_ERR_USAGE neither image nor folder
 */
enum wb_status wb_fill_queue(struct planner *p);

/**
 * Where to stage an image, given the chip as it is after the steps so far.
 * @retval WB_ERR_REFUSED room, address, overwrite
 */
enum wb_status wb_place(struct planner *p, const struct wb_image *image, uint32_t *address);

/** End of what CPU1 may stage into: secure boundary, FUS or user flash, whichever comes first. */
uint32_t wb_plan_end(const struct planner *p);

#endif

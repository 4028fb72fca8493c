/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where an image is staged: ST's published rule, moved down by what a stack in place takes, checked
 * against what user flash holds.
 *
 * Source: ST's page on the FUS (one page of distance to a stack since FUS 1.1.2, the image's own size
 * before), and the address tables of ST's release notes.
 */
#include "core/image.h"
#include "core/options.h"
#include "core/plan.h"
#include "core/regs.h"

static uint32_t min32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t user_end(const struct planner *p)
{
	return min32(WB_FLASH_BASE + p->chip->flash_kib * 1024u, p->chip->family->fus_start);
}

uint32_t wb_plan_end(const struct planner *p)
{
	return min32(user_end(p), p->boundary);
}

/* Distance to a stack that stays in place while the image is installed. */
static uint32_t distance(const struct planner *p, const struct wb_image *image)
{
	uint32_t page = p->chip->family->page;

	if (!p->has_stack)
		return 0;
	return WB_RELEASE(p->fus) >= WB_VERSION(1, 1, 2) ? page : wb_pages(image->size, page) * page;
}

/* Neither we nor the FUS can erase what option bytes protect. */
static enum wb_status unprotected(const struct planner *p, const struct wb_image *image,
	uint32_t from, uint32_t to)
{
	struct wb_area area;

	for (unsigned int i = 0; i < WB_AREAS; i++) {
		if (!wb_protected_area(p->chip->family, &p->chip->options, i, &area) ||
			area.first >= to || area.last < from)
			continue;
		if (area.wrp)
			return wb_refuse(p->err, "write-protected",
				"%s needs flash from 0x%08X to 0x%08X, and %s protects 0x%08X to 0x%08X: "
				"lift it with `stm32wb option set %s_STRT=0xFF %s_END=0`",
				image->name, (unsigned int)from, (unsigned int)(to - 1), area.name,
				(unsigned int)area.first, (unsigned int)area.last, area.name, area.name);
		return wb_refuse(p->err, "pcrop",
			"%s needs flash from 0x%08X to 0x%08X, and %s protects 0x%08X to 0x%08X: stage "
			"elsewhere (-address); only RDP from level 1 to 0 lifts it, and erases user flash",
			image->name, (unsigned int)from, (unsigned int)(to - 1), area.name,
			(unsigned int)area.first, (unsigned int)area.last);
	}
	return WB_OK;
}

static enum wb_status given_address(const struct planner *p, const struct wb_image *image,
	uint32_t highest)
{
	uint32_t address = p->goal->address;
	uint32_t page = p->chip->family->page;

	if (address < WB_FLASH_BASE || address % page)
		return wb_refuse(p->err, "address",
			"-address 0x%08X is no page of flash: pages are %u bytes from 0x%08X; leave it out "
			"and 0x%08X is used",
			(unsigned int)address, (unsigned int)page, WB_FLASH_BASE,
			(unsigned int)highest);
	if (address > highest)
		return wb_refuse(p->err, "address",
			"-address 0x%08X is too high for %s (%u bytes): 0x%08X is the highest on this "
			"chip; leave it out and that is used",
			(unsigned int)address, image->name, (unsigned int)image->size,
			(unsigned int)highest);
	return WB_OK;
}

enum wb_status wb_place(struct planner *p, const struct wb_image *image, uint32_t *address)
{
	const struct wb_chip *chip = p->chip;
	uint32_t published = wb_image_address(image, chip->family, chip->flash_kib);
	uint32_t down = user_end(p) - wb_plan_end(p) + distance(p, image);
	enum wb_status st = WB_OK;

	if (!published || down >= published - WB_FLASH_BASE)
		return wb_refuse(p->err, "room",
			"%s needs %u KiB and %u KiB of distance to what is installed, but user flash ends at "
			"0x%08X (%u KiB): %s",
			image->name, (unsigned int)((image->size + 1023) / 1024),
			(unsigned int)(distance(p, image) / 1024), (unsigned int)wb_plan_end(p),
			(unsigned int)((wb_plan_end(p) - WB_FLASH_BASE) / 1024),
			p->has_stack ? "delete the stack first (-delete)" : "use a part with more flash");
	*address = published - down;
	if (p->goal->address && image == p->goal->image) {
		st = given_address(p, image, *address);
		*address = p->goal->address;
	}
	if (!st)
		st = unprotected(p, image, *address,
			image->kind == WB_IMAGE_STACK ? wb_plan_end(p) : *address +
				wb_pages(image->size, chip->family->page) * chip->family->page);
	return st ? st : wb_keep_user_data(p, image, *address, distance(p, image),
				 published - (down - distance(p, image)));
}

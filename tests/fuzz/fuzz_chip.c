/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libFuzzer target: everything that is read off a chip hot (ids, option registers, shared tables),
 * and the planner on top of it. The input is what the chip answers, read by read.
 */
#include <stdlib.h>
#include <string.h>
#include "core/bytes.h"
#include "core/image.h"
#include "core/regs.h"
#include "core/tables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *input;
static size_t left;

static uint8_t take(void)
{
	if (!left)
		return 0;
	left--;
	return *input++;
}

/* Mostly what the input says; now and then what makes the next check pass. */
static enum wb_status answer(struct wb_link *link, uint32_t address, unsigned int width,
	size_t count, void *out)
{
	static const uint16_t devices[] = { 0x495, 0x496, 0x494, 0x415 };
	uint8_t *p = out, how = take();

	if (width != 4 || address % 4 || count * 4 > 16384)
		abort();
	if (how == 0xff) {
		wb_format(link->reason, sizeof(link->reason), "no answer");
		return WB_ERR_LINK;
	}
	memset(out, 0, count * 4);
	for (size_t i = 0; i < count * 4 && left; i++)
		p[i] = take();
	if (address == DBGMCU_IDCODE && how & 1)
		wb_put32(p, devices[how >> 1 & 3]);
	if (address == WB_PACKAGE && how & 1)
		wb_put16(p + (WB_FLASHSIZE - WB_PACKAGE), how & 2 ? 512 : how & 4 ? 320 : 1024);
	if (address >> 16 == 0x2003 && how & 1 && count >= WB_TABLES_COUNT)
		for (unsigned int i = 0; i < WB_TABLES_COUNT; i++)
			wb_put32(p + 4 * i, 0x20030000 + (how & 2 ? 0x28 : wb_get16(p + 4 * i)));
	if (address >> 16 == 0x2003 && how & 4 && count * 4 >= 0x60)
		wb_put32(p + 0x28, WB_FUS_VALID);
	return WB_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t payload[512];
	struct wb_image stack = { .data = payload, .size = 129460, .name = "s",
		.kind = WB_IMAGE_STACK, .family = WB_FAMILY_5X, .version = 0x01180003, .pages = 32,
		.nvm_pages = 4, .fus2_only = true, .genuine = true, .type_name = "s",
		.stack_type = 1, .releases = "" };
	struct wb_image fus = { .data = payload, .size = 24468, .name = "f", .kind = WB_IMAGE_FUS,
		.family = WB_FAMILY_5X, .version = 0x02020000, .genuine = true, .type_name = "FUS",
		.releases = "" };
	const struct wb_image *folder[] = { &fus, &stack };
	struct wb_link link = { .read = answer };
	struct wb_flash_scan scan;
	struct wb_error err;
	struct wb_field field;
	struct wb_chip chip;
	struct wb_plan plan;
	struct wb_goal goal = { .folder = folder, .folder_count = 2 };
	char buf[96];

	input = data;
	left = size;
	if (wb_chip_read(&link, &chip, &err))
		return 0;
	for (unsigned int i = 0; wb_option_field(&chip, i, &field, buf); i++)
		if (!field.name || !memchr(buf, 0, sizeof(buf)))
			abort();
	memset(&scan, 0, sizeof(scan));
	for (size_t i = 0; i < sizeof(scan.used); i++)
		((uint8_t *)scan.used)[i] = take();
	scan.count = take() % (WB_SCAN_FOUND + 1);
	for (unsigned int i = 0; i < scan.count; i++)
		scan.found[i] = (struct wb_found){ .address = 0x08000000u + take() * 4096u,
			.size = take() * 4096u, .magic = take(), .image = take() & 1 ? &stack : NULL };
	goal.image = take() & 1 ? &stack : take() & 1 ? &fus : NULL;
	goal.confirm[0] = take() & 1 ? "overwrite" : "erase-stray";
	goal.first_install = take() & 1;
	goal.address = take() & 1 ? 0x08000000u + take() * 2048u : 0;
	if (wb_plan_make(&chip, &goal, take() & 1 ? &scan : NULL, &plan, &err)) {
		if (plan.count)
			abort();
		return 0;
	}
	/* no step may leave what CPU1 may write */
	for (unsigned int i = 0; i < plan.count; i++)
		if (plan.steps[i].kind == WB_STEP_STAGE &&
			(plan.steps[i].address < 0x08000000 ||
				plan.steps[i].address % chip.family->page ||
				plan.steps[i].address + plan.steps[i].size > chip.family->fus_start))
			abort();
	return 0;
}

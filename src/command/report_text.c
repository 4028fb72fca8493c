/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Core's values as text for people.
 */
#include <stdio.h>

#include "command/report.h"

static const char *const kind_names[] = {
	[WB_IMAGE_STACK] = "stack",
	[WB_IMAGE_FUS] = "FUS",
	[WB_IMAGE_SAFEBOOT] = "Safeboot",
	[WB_IMAGE_OTHER] = "other",
};

static const char *const step_names[] = {
	[WB_STEP_ENTER_FUS] = "enter FUS",
	[WB_STEP_DELETE] = "delete stack",
	[WB_STEP_ERASE_LEFTOVER] = "erase leftover",
	[WB_STEP_STAGE] = "stage",
	[WB_STEP_UPGRADE] = "upgrade",
	[WB_STEP_START_WS] = "start stack",
	[WB_STEP_SAVE] = "save user flash",
	[WB_STEP_PUT_BACK] = "put user flash back",
};

const char *kind_name(enum wb_image_kind kind)
{
	return (size_t)kind < sizeof(kind_names) / sizeof(kind_names[0]) ? kind_names[kind] : "?";
}

const char *step_name(enum wb_step_kind kind)
{
	return (size_t)kind < sizeof(step_names) / sizeof(step_names[0]) ? step_names[kind] : "?";
}

void hash_text(char buf[65], const uint8_t sha256[32])
{
	for (unsigned int i = 0; i < 32; i++)
		(void)snprintf(buf + 2 * i, 3, "%02x", sha256[i]);
}

void memory_text(char *buf, size_t size, uint32_t memory)
{
	(void)snprintf(buf, size, "%u flash pages; SRAM2a %u, SRAM2b %u, SRAM1 %u KiB",
		memory & 0xff, memory >> 16 & 0xff, memory >> 24, memory >> 8 & 0xff);
}

void text_plan(struct text *out, const struct wb_plan *plan)
{
	text_add(out, "%s\n", plan->summary);
	for (unsigned int i = 0; i < plan->count && i < WB_PLAN_STEPS; i++) {
		const struct wb_step *step = &plan->steps[i];

		text_add(out, "%3u. %s", i + 1, step_name(step->kind));
		if (step->image)
			text_add(out, " %s", step->image->name);
		if (step->address)
			text_add(out, " at 0x%08X", step->address);
		if (step->size)
			text_add(out, ", %u bytes", step->size);
		text_add(out, "\n     %s\n", step->reason);
	}
	for (unsigned int i = 0; i < plan->warnings; i++)
		text_add(out, "warning: %s\n", plan->warning[i]);
}

static void version_row(struct text *out, const char *label, uint32_t version, uint32_t memory)
{
	char name[20], room[96];

	(void)wb_version_text(version, name);
	if (!version) {
		text_row(out, label, "none");
	} else if (!memory) {
		text_row(out, label, "%s", name);
	} else {
		memory_text(room, sizeof(room), memory);
		text_row(out, label, "%-10s %s", name, room);
	}
}

void text_versions(struct text *out, const struct wb_versions *versions)
{
	version_row(out, "FUS", versions->fus, versions->fus_memory);
	version_row(out, "wireless stack", versions->stack, versions->stack_memory);
	if (versions->stack && (versions->stack_info & 0xff))
		text_row(out, "", "%s (type 0x%02X)",
			wb_stack_type_name((uint8_t)versions->stack_info),
			versions->stack_info & 0xff);
	version_row(out, "Safeboot", versions->safeboot, 0);
}

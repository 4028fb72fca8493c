/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The target's memory through `read_memory` and `write_memory` of OpenOCD's current target.
 *
 * What is secret leaves no trace: OpenOCD logs the words of every command from debug level 3 on and
 * data at 4, so its log is silent meanwhile, whatever level the user wants; and the lists that held
 * the data are overwritten before Jim gets them back.
 */
#include <string.h>

#include "core/cortex_m.h"
#include "plugin/host.h"
#include "plugin/memory_jim.h"

#define TRANSFER_MAX 16384u   /* bytes, link.h */
#define SCS_START 0xe000ed00u /* system control and debug registers of CPU1 */
#define SCS_END 0xe000ef00u
#define REASON_MAX 160 /* of the host's own words */

/* Jim keeps what objects held when they are freed: numbers in them, texts in the heap. */
static void wipe_text(Jim_Obj *obj)
{
	if (obj->bytes && obj->length > 0)
		explicit_bzero(obj->bytes, (size_t)obj->length);
}

static void wipe(Jim_Interp *interp, Jim_Obj *list)
{
	const int count = Jim_ListLength(interp, list);

	for (int i = 0; i < count; i++) {
		Jim_Obj *number = Jim_ListGetIndex(interp, list, i);
		jim_wide value;

		/* asked for its number it has one: that is what is overwritten */
		if (Jim_GetWide(interp, number, &value) == JIM_OK)
			number->internalRep.wideValue = 0;
		wipe_text(number);
	}
	wipe_text(list);
}

static enum wb_status transfer_fail(
	struct jim_link *jim, const char *what, uint32_t address, size_t bytes)
{
	wb_format(jim->link.reason, sizeof(jim->link.reason),
		"%s %zu bytes at 0x%08X failed (%.*s)", what, bytes, address, REASON_MAX,
		host_result(jim->interp));
	return WB_ERR_LINK;
}

static bool transfer_sane(struct wb_link *link, uint32_t address, unsigned int width, size_t count)
{
	if ((width == 1 || width == 2 || width == 4) && count && count <= TRANSFER_MAX / width &&
		address % width == 0 && address <= UINT32_MAX - count * width)
		return true;
	wb_format(link->reason, sizeof(link->reason),
		"transfer of %zu x %u bytes at 0x%08X is not possible", count, width, address);
	return false;
}

enum wb_status memory_jim_read(
	struct wb_link *link, uint32_t address, unsigned int width, size_t count, void *data)
{
	struct jim_link *jim = link->ctx;
	Jim_Interp *interp = jim->interp;
	uint8_t *bytes = data;

	if (!transfer_sane(link, address, width, count))
		return WB_ERR_LINK;
	Jim_Obj *words[] = {
		Jim_NewStringObj(interp, "read_memory", -1),
		Jim_NewIntObj(interp, address),
		Jim_NewIntObj(interp, width * 8),
		Jim_NewIntObj(interp, (jim_wide)count),
	};
	if (Jim_EvalObjVector(interp, 4, words) != JIM_OK)
		return transfer_fail(jim, "reading", address, count * width);

	Jim_Obj *list = Jim_GetResult(interp);
	Jim_IncrRefCount(list);
	enum wb_status status = WB_OK;
	if (Jim_ListLength(interp, list) != (int)count)
		status = transfer_fail(jim, "reading", address, count * width);
	for (size_t i = 0; status == WB_OK && i < count; i++) {
		jim_wide value;

		if (Jim_GetWide(interp, Jim_ListGetIndex(interp, list, (int)i), &value) != JIM_OK) {
			status = transfer_fail(jim, "reading", address, count * width);
			break;
		}
		for (unsigned int b = 0; b < width; b++)
			*bytes++ = (uint8_t)(value >> 8 * b);
	}
	if (jim->secret)
		wipe(interp, list);
	Jim_DecrRefCount(interp, list);
	if (status == WB_OK && address == CM_DHCSR && jim->reset_hidden) {
		((uint8_t *)data)[3 % (width * count)] |= (uint8_t)(CM_DHCSR_S_RESET_ST >> 24);
		jim->reset_hidden = false;
	}
	return status;
}

enum wb_status memory_jim_write(
	struct wb_link *link, uint32_t address, unsigned int width, size_t count, const void *data)
{
	struct jim_link *jim = link->ctx;
	Jim_Interp *interp = jim->interp;
	const uint8_t *bytes = data;

	if (!transfer_sane(link, address, width, count))
		return WB_ERR_LINK;
	if (address >= SCS_START && address < SCS_END)
		jim->core_written = true;

	Jim_Obj *list = Jim_NewListObj(interp, NULL, 0);
	for (size_t i = 0; i < count; i++) {
		uint32_t value = 0;

		for (unsigned int b = 0; b < width; b++)
			value |= (uint32_t)*bytes++ << 8 * b;
		Jim_ListAppendElement(interp, list, Jim_NewIntObj(interp, value));
	}
	Jim_Obj *words[] = {
		Jim_NewStringObj(interp, "write_memory", -1),
		Jim_NewIntObj(interp, address),
		Jim_NewIntObj(interp, width * 8),
		list,
	};
	Jim_IncrRefCount(list);
	const bool good = Jim_EvalObjVector(interp, 4, words) == JIM_OK;
	if (jim->secret)
		wipe(interp, list);
	Jim_DecrRefCount(interp, list);
	return good ? WB_OK : transfer_fail(jim, "writing", address, count * width);
}

void memory_jim_secret(struct wb_link *link, const uint8_t *bytes, size_t len)
{
	struct jim_link *jim = link->ctx;
	char number[16];

	jim->secret = bytes;
	if (bytes)
		forget_note(&jim->forget, bytes, len);
	else
		forget_now(&jim->forget);
	if (jim->debug_level >= 0)
		return;
	wb_format(number, sizeof(number), "%ld", jim->loud_level);
	(void)host_run(jim->interp, HOST("debug_level", bytes ? LEVEL_SILENT : number));
}

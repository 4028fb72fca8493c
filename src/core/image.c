/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a coprocessor image is, from its bytes, its name, and the list of what ST has published; and
 * where it goes. What a file is that is none: image_check.c.
 *
 * Source: ST's binaries of STM32CubeWB 1.0 to 1.24 and the address tables of their release notes.
 */
#include <string.h>
#include <nettle/sha2.h>
#include "core/bytes.h"
#include "core/image.h"
#include "core/image_check.h"
#include "core/known_images.h"
#include "core/regs.h"

static const struct magic {
	uint32_t magic;
	enum wb_image_kind kind;
	bool fus2_only;
	const char *name;
} magics[] = {
	{ WB_MAGIC_STACK, WB_IMAGE_STACK, false, "wireless stack" },
	{ WB_MAGIC_STACK_FUS2, WB_IMAGE_STACK, true, "wireless stack" },
	{ WB_MAGIC_FUS, WB_IMAGE_FUS, false, "FUS" },
	{ WB_MAGIC_SAFEBOOT_FUS2, WB_IMAGE_SAFEBOOT, true, "Safeboot" },
	{ WB_MAGIC_OTHER, WB_IMAGE_OTHER, false, "other" },
};

/*
 * A stack's type is in no footer, only in the file's name: what stands between "stm32wbNx_" and
 * "_fw". Types: shci.h of ST's middleware; 0 where it has none.
 */
static const struct stem {
	const char *stem;
	uint8_t type;
	const char *name;
} stems[] = {
	{ "BLE_Stack_full", 0x01, "BLE Stack full" },
	{ "BLE_Stack", 0x01, "BLE Stack" },
	{ "BLE_Stack_full_extended", 0x06, "BLE Stack full extended" },
	{ "BLE_Stack_light", 0x03, "BLE Stack light" },
	{ "BLE_Stack_basic", 0x05, "BLE Stack basic" },
	{ "BLE_HCILayer", 0x02, "BLE HCI Layer" },
	{ "BLE_HCILayer_extended", 0x07, "BLE HCI Layer extended" },
	{ "BLE_HCI_AdvScan", 0x04, "BLE HCI AdvScan" },
	{ "BLE_LLD", 0x63, "BLE LLD" },
	{ "Phy_802_15_4", 0x61, "PHY 802.15.4" },
	{ "Mac_802_15_4", 0x40, "MAC 802.15.4" },
	{ "BLE_Mac_802_15_4", 0x90, "BLE + MAC 802.15.4" },
	{ "Thread_FTD", 0x10, "Thread FTD" },
	{ "Thread_MTD", 0x11, "Thread MTD" },
	{ "Thread_RCP", 0, "Thread RCP" },
	{ "BLE_Thread", 0x50, "BLE + Thread" },
	{ "BLE_Thread_static", 0x50, "BLE + Thread static" },
	{ "BLE_Thread_dynamic", 0x51, "BLE + Thread dynamic" },
	{ "Zigbee_FFD", 0x30, "Zigbee FFD" },
	{ "Zigbee_FFD_Full", 0x30, "Zigbee FFD" },
	{ "zigbee_full", 0x30, "Zigbee FFD" },
	{ "Zigbee_RFD", 0x31, "Zigbee RFD" },
	{ "BLE_Zigbee_static", 0x70, "BLE + Zigbee FFD static" },
	{ "BLE_Zigbee_FFD_static", 0x70, "BLE + Zigbee FFD static" },
	{ "BLE_Zigbee_RFD_static", 0x71, "BLE + Zigbee RFD static" },
	{ "BLE_Zigbee_FFD_dynamic", 0x78, "BLE + Zigbee FFD dynamic" },
	{ "BLE_Zigbee_RFD_dynamic", 0x79, "BLE + Zigbee RFD dynamic" },
	{ "rfmonitor_phy802_15_4", 0, "RF monitor 802.15.4" },
};

static const char name_prefix[] = "stm32wb";

/*
 * Images that ST's tables put lower than the rule says. 1 MiB parts only for the FUS.
 */
static const struct exception {
	enum wb_image_kind kind;
	enum wb_family_id family;
	uint16_t flash_kib;
	uint32_t version_from, version_to;
	uint8_t pages_lower;
} exceptions[] = {
	{ WB_IMAGE_FUS, WB_FAMILY_5X, 1024, 0x01000000, 0x01ffffff, 2 },
	{ WB_IMAGE_SAFEBOOT, WB_FAMILY_1X, 320, 0x02000100, 0x020001ff, 1 },
};

static const struct magic *find_magic(uint32_t magic)
{
	for (size_t i = 0; i < sizeof(magics) / sizeof(*magics); i++)
		if (magics[i].magic == magic)
			return &magics[i];
	return NULL;
}

static const struct stem *find_stem(const char *file)
{
	const char *start = file, *end;
	size_t len = sizeof(name_prefix) - 1;

	/* "stm32wb" '5' 'x' '_' */
	if (strncmp(file, name_prefix, len) == 0 && strlen(file) > len + 3 && file[len + 2] == '_')
		start = file + len + 3;
	end = strstr(start, "_fw");
	if (!end)
		return NULL;
	len = (size_t)(end - start);
	for (size_t i = 0; i < sizeof(stems) / sizeof(*stems); i++)
		if (strlen(stems[i].stem) == len && !strncmp(stems[i].stem, start, len))
			return &stems[i];
	return NULL;
}

/* 5x stands for 3x too. */
static enum wb_family_id family_by_name(const char *file)
{
	size_t len = sizeof(name_prefix) - 1;

	if (strncmp(file, name_prefix, len) != 0)
		return WB_FAMILY_UNKNOWN;
	switch (file[len]) {
	case '1':
		return WB_FAMILY_1X;
	case '3':
	case '5':
		return WB_FAMILY_5X;
	default:
		return WB_FAMILY_UNKNOWN;
	}
}

/* The footer counts pages of the family's own size: 2 KiB on WB1x, 4 KiB elsewhere. */
static enum wb_family_id family_by_pages(const struct wb_image *image)
{
	size_t customer = image->customer_signed ? WB_FOOTER_SIZE + WB_SIGNATURE_SIZE : 0;
	bool one = false, five = false;

	for (size_t size = image->size - customer; size <= image->size; size += WB_FOOTER_SIZE +
			WB_SIGNATURE_SIZE) {
		one |= image->pages == wb_pages(size, 2048);
		five |= image->pages == wb_pages(size, 4096);
	}
	if (one && five)
		return family_by_name(image->name);
	return one ? WB_FAMILY_1X : five ? WB_FAMILY_5X : WB_FAMILY_UNKNOWN;
}

static void read_footer(const uint8_t *footer, struct wb_image *image)
{
	image->info1 = wb_get32(footer);
	image->info2 = wb_get32(footer + 4);
	image->pages = footer[8];
	image->open_2a = footer[10];
	image->open_2b = footer[11];
	image->version = wb_get32(footer + 12);
	image->magic = wb_get32(footer + WB_FOOTER_MAGIC);
}

/* What the magic, the list and the name say beyond the footer's own fields. */
static void name_image(struct wb_image *image, const struct magic *magic,
	const struct wb_known_image *known)
{
	const char *file = known ? known->file : image->name;
	const struct stem *stem;

	image->kind = magic->kind;
	image->type_name = magic->name;
	image->fus2_only = magic->fus2_only;
	if (image->magic == WB_MAGIC_STACK && image->info1 == WB_INFO_SAFEBOOT) {
		image->kind = WB_IMAGE_SAFEBOOT;
		image->type_name = "Safeboot";
	}
	if (image->magic == WB_MAGIC_STACK_FUS2)
		image->nvm_pages = (uint8_t)(image->info1 >> 24);
	stem = image->kind == WB_IMAGE_STACK ? find_stem(file) : NULL;
	if (stem) {
		image->stack_type = stem->type;
		image->type_name = stem->name;
	}
	if (image->kind == WB_IMAGE_FUS && image->version == WB_FUS_1_2_0_FOOTER) {
		image->version = WB_FUS_1_2_0;
		image->for_fus_0_5_3 = strstr(file, "0_5_3");
		image->ambiguous_for_0_5_3 = !known && !image->for_fus_0_5_3 &&
			!strstr(file, "1_2_0");
	}
}

static enum wb_status find_family(struct wb_image *image, const struct wb_known_image *known,
	struct wb_error *err)
{
	enum wb_family_id named = family_by_name(image->name);

	image->family = known ? family_by_name(known->file) : family_by_pages(image);
	if (image->family == WB_FAMILY_UNKNOWN)
		return wb_fail(err, WB_ERR_IMAGE,
			"%s: its footer counts %u flash pages, but %zu bytes are %u pages of 4 KiB or "
			"%u of 2 KiB: cut, or put together from pieces; download it again",
			image->name, image->pages, image->size,
			(unsigned int)wb_pages(image->size, 4096),
			(unsigned int)wb_pages(image->size, 2048));
	if (named != WB_FAMILY_UNKNOWN && named != image->family)
		wb_format(image->warning, sizeof(image->warning),
			"its name says STM32WB%cx, its contents are for %s", image->name[7],
			wb_family_by_id(image->family)->name);
	else if (known && strcmp(known->file, image->name) != 0 && find_stem(image->name) &&
		find_stem(image->name) != find_stem(known->file))
		wb_format(image->warning, sizeof(image->warning),
			"its name says something else than what it is: ST calls it %s", known->file);
	return WB_OK;
}

enum wb_status wb_image_parse(const uint8_t *data, size_t size, const char *name,
	struct wb_image *image, struct wb_error *err)
{
	const struct wb_known_image *known;
	const struct magic *magic;
	const uint8_t *footer;
	struct sha256_ctx sha;
	enum wb_status st;

	memset(image, 0, sizeof(*image));
	image->data = data;
	image->size = size;
	image->type_name = "";
	image->releases = "";
	wb_format(image->name, sizeof(image->name), "%s", name ? name : "image");
	if (!size)
		return wb_fail(err, WB_ERR_IMAGE, "%s: empty file; download it again", image->name);

	sha256_init(&sha);
	sha256_update(&sha, size, data);
	sha256_digest(&sha, sizeof(image->sha256), image->sha256);
	known = wb_known_by_hash(image->sha256, image->name);

	st = wb_image_check(image, known, &footer, err);
	if (st)
		return st;
	read_footer(footer, image);
	magic = find_magic(image->magic);
	if (!magic)
		return wb_fail(err, WB_ERR_IMAGE,
			"%s: signed, but with unknown magic 0x%08X in its footer at offset 0x%zX: no "
			"stack, FUS or Safeboot that this version of OpenFUS knows",
			image->name, (unsigned int)image->magic,
			(size_t)(footer - data) + WB_FOOTER_MAGIC);
	st = wb_image_undamaged(image, known, err);
	if (st)
		return st;
	image->genuine = known;
	if (known)
		image->releases = known->releases;
	name_image(image, magic, known);
	return find_family(image, known, err);
}

uint32_t wb_image_address(const struct wb_image *image, const struct wb_family *family,
	unsigned int flash_kib)
{
	uint32_t end = WB_FLASH_BASE + flash_kib * 1024u;
	uint32_t pages = image->nvm_pages + wb_pages(image->size, family->page);
	enum wb_family_id id = family->id == WB_FAMILY_3X ? WB_FAMILY_5X : family->id;

	if (image->family != id || flash_kib > family->flash_kib[0])
		return 0;
	if (end > family->fus_start)
		end = family->fus_start;
	for (size_t i = 0; i < sizeof(exceptions) / sizeof(*exceptions); i++) {
		const struct exception *x = &exceptions[i];

		if (x->kind == image->kind && x->family == id && x->flash_kib == flash_kib &&
			image->version >= x->version_from && image->version <= x->version_to)
			pages += x->pages_lower;
	}
	if (pages >= (end - WB_FLASH_BASE) / family->page)
		return 0;
	return end - pages * family->page;
}

bool wb_image_found(const uint8_t trailer[WB_TRAILER_SIZE], uint32_t end,
	const struct wb_family *family, struct wb_found *found)
{
	const uint8_t *last = trailer + (WB_TRAILER_SIZE - WB_FOOTER_SIZE);
	uint32_t pages = trailer[8], start;

	if (wb_get32(last + WB_FOOTER_MAGIC) != WB_MAGIC_ST || last[8] != WB_SIGNATURE_SIZE ||
		!find_magic(wb_get32(trailer + WB_FOOTER_MAGIC)) || !pages)
		return false;
	/* the image starts on a page; its last byte is in its last page */
	start = (end - 1) / family->page * family->page - (pages - 1) * family->page;
	if (end < WB_FLASH_BASE + pages * family->page - family->page + WB_TRAILER_SIZE)
		return false;
	memset(found, 0, sizeof(*found));
	found->address = start;
	found->size = end - start;
	found->version = wb_get32(trailer + 12);
	found->magic = wb_get32(trailer + WB_FOOTER_MAGIC);
	return true;
}

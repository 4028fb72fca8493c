/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libFuzzer target: the image parser. A first byte may ask for footers that are sound as far as the
 * magics go, so that what lies behind the first checks is reached too.
 */
#include <stdlib.h>
#include <string.h>
#include "core/bytes.h"
#include "core/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {
	"stm32wb5x_BLE_Stack_full_fw.bin", "stm32wb1x_FUS_fw.bin", "stm32wb3x_FUS_fw_for_fus_0_5_3.bin",
	"stm32wb", "x", "", "stm32wb9x__fw", "Thread_MTD_fw_1_2_0",
};

static const uint32_t magics[] = { WB_MAGIC_STACK, WB_MAGIC_STACK_FUS2, WB_MAGIC_FUS,
	WB_MAGIC_SAFEBOOT_FUS2, WB_MAGIC_OTHER, 0 };

static void add_footers(uint8_t *file, size_t size, uint8_t choice)
{
	uint8_t *last = file + size - WB_FOOTER_SIZE;

	last[8] = WB_SIGNATURE_SIZE;
	wb_put32(last + WB_FOOTER_MAGIC, choice & 0x40 ? WB_MAGIC_CUSTOMER : WB_MAGIC_ST);
	if (choice & 0x40) {
		if (size < WB_TRAILER_SIZE + WB_FOOTER_SIZE + WB_SIGNATURE_SIZE)
			return;
		size -= WB_FOOTER_SIZE + WB_SIGNATURE_SIZE;
		add_footers(file, size, choice & 0x3f);
		return;
	}
	file[size - WB_TRAILER_SIZE + 8] = (uint8_t)wb_pages(size, choice & 0x20 ? 2048 : 4096);
	wb_put32(file + size - WB_TRAILER_SIZE + WB_FOOTER_MAGIC,
		magics[choice % (sizeof(magics) / sizeof(*magics))]);
}

static void check(const struct wb_image *image)
{
	static const unsigned int kib[] = { 1024, 640, 512, 320, 256, 0 };

	if (!image->type_name || !image->releases || !memchr(image->name, 0, sizeof(image->name)))
		abort();
	for (int id = WB_FAMILY_5X; id <= WB_FAMILY_1X; id++) {
		const struct wb_family *family = wb_family_by_id((enum wb_family_id)id);

		for (size_t i = 0; i < sizeof(kib) / sizeof(*kib); i++) {
			uint32_t address = wb_image_address(image, family, kib[i]);

			if (address && (address % family->page || address <= 0x08000000 ||
					       address + image->size > family->fus_start ||
					       address + image->size > 0x08000000 + kib[i] * 1024))
				abort();
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wb_image image;
	struct wb_error err = { .status = WB_OK };
	struct wb_found found;
	uint8_t *file;

	if (size < 2)
		return 0;
	size -= 2;
	file = malloc(size ? size : 1); /* exact room: one byte too far is seen */
	if (!file)
		return 0;
	memcpy(file, data + 2, size);
	if (data[1] & 0x80 && size >= WB_TRAILER_SIZE)
		add_footers(file, size, data[1] & 0x7f);
	if (wb_image_parse(file, size, names[data[0] % 8], &image, &err) == WB_OK)
		check(&image);
	else if (err.status != WB_ERR_IMAGE || !err.text[0])
		abort();
	if (size >= WB_TRAILER_SIZE &&
		wb_image_found(file + size - WB_TRAILER_SIZE, 0x08000000 + (uint32_t)size,
			wb_family_by_id(WB_FAMILY_5X), &found) &&
		(found.address < 0x08000000 || found.address % 4096))
		abort();
	free(file);
	return 0;
}

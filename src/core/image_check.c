/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that are no coprocessor image, each refused with what it is: downloads go wrong in a few
 * well-known ways, and ST itself has published broken files.
 */
#include <string.h>
#include "core/bytes.h"
#include "core/image.h"
#include "core/image_check.h"

/* How other things start. Letters match in either case. */
static const struct other {
	const char *start;
	const char *what;
} others[] = {
	{ "<!doctype", "an HTML page, not a binary: the download went to a web page" },
	{ "<html", "an HTML page, not a binary: the download went to a web page" },
	{ "<?xml", "an XML file, not a binary" },
	{ "version https://git-lfs", "a Git LFS pointer, not the file itself (git lfs pull)" },
	{ "PK\003\004", "a ZIP archive: unpack it" },
	{ "\037\213", "a gzip archive: unpack it" },
	{ "\177ELF", "an ELF file: not what ST publishes for the coprocessor" },
	{ ":10", "an Intel HEX file: the .bin is wanted" },
	{ ":02", "an Intel HEX file: the .bin is wanted" },
};

static bool starts_with(const uint8_t *data, size_t size, const char *start)
{
	for (; *start; start++, data++, size--) {
		uint8_t c = size ? *data : 0;

		if (c >= 'A' && c <= 'Z')
			c = (uint8_t)(c + ('a' - 'A'));
		if (c != (uint8_t)*start && (!size || *data != (uint8_t)*start))
			return false;
	}
	return true;
}

static const char *other_file(const uint8_t *data, size_t size)
{
	static const uint8_t bom[] = { 0xef, 0xbb, 0xbf };

	if (size >= sizeof(bom) && !memcmp(data, bom, sizeof(bom))) {
		data += sizeof(bom);
		size -= sizeof(bom);
	}
	while (size && (*data == ' ' || *data == '\t' || *data == '\r' || *data == '\n')) {
		data++;
		size--;
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (starts_with(data, size, others[i].start))
			return others[i].what;
	return NULL;
}

/* Bytes of one value at the end of the file. */
static size_t filler(const struct wb_image *image)
{
	size_t n = 1;

	while (n < image->size &&
		image->data[image->size - 1 - n] == image->data[image->size - 1])
		n++;
	return n;
}

/* The end is not as it should be: say why, as well as the list allows. */
static enum wb_status no_footers(const struct wb_image *image, struct wb_error *err)
{
	const struct wb_known_image *row = NULL, *last = NULL;
	size_t same = filler(image);

	if (same == image->size)
		return wb_fail(err, WB_ERR_IMAGE,
			"%s: no footers: size %zu, every byte is 0x%02X: an incomplete file, or no "
			"coprocessor image; download it again",
			image->name, same, image->data[0]);
	if (same >= WB_TRAILER_SIZE)
		return wb_fail(err, WB_ERR_IMAGE,
			"%s: no footers: its last %zu bytes are all 0x%02X (of %zu): an incomplete "
			"file, or no coprocessor image; download it again",
			image->name, same, image->data[image->size - 1], image->size);
	while ((row = wb_known_by_name(image->name, row)))
		last = row;
	if (last && image->size < last->size)
		return wb_fail(err, WB_ERR_IMAGE,
			"%s: cut: %zu bytes without the footers; ST's file of that name has %u (CubeWB "
			"%s); download it again",
			image->name, image->size, (unsigned int)last->size, last->releases);
	if (last)
		return wb_fail(err, WB_ERR_IMAGE,
			"%s: damaged: no footers at its end; ST's file of that name has %u bytes "
			"(CubeWB %s), this one %zu; download it again",
			image->name, (unsigned int)last->size, last->releases, image->size);
	if (image->size < WB_TRAILER_SIZE)
		return wb_fail(err, WB_ERR_IMAGE,
			"%s: %zu bytes are too short for a coprocessor image: its footers alone take "
			"%u; download it again",
			image->name, image->size, WB_TRAILER_SIZE);
	return wb_fail(err, WB_ERR_IMAGE,
		"%s: no footers: ends in 0x%08X where a signed image has 0x%08X: no coprocessor image, "
		"or cut; use a file of STM32CubeWB's STM32WB_Copro_Wireless_Binaries",
		image->name, (unsigned int)wb_get32(image->data + image->size - 4), WB_MAGIC_ST);
}

/* Does a signature footer of this magic end at `end`, with room for all that stands before it? */
static bool signed_at(const struct wb_image *image, size_t end, uint32_t magic)
{
	const uint8_t *footer;

	if (end < WB_TRAILER_SIZE || end > image->size)
		return false;
	footer = image->data + (end - WB_FOOTER_SIZE);
	return wb_get32(footer + WB_FOOTER_MAGIC) == magic && footer[8] == WB_SIGNATURE_SIZE;
}

enum wb_status wb_image_check(struct wb_image *image, const struct wb_known_image *known,
	const uint8_t **footer, struct wb_error *err)
{
	const char *what = other_file(image->data, image->size);
	size_t end = image->size;

	if (known && known->broken)
		return wb_fail(err, WB_ERR_IMAGE,
			"%s: the file that ST published broken in CubeWB %s (%zu bytes, no footers): no FUS "
			"takes it; use another release's",
			image->name, known->releases, image->size);
	if (what)
		return wb_fail(err, WB_ERR_IMAGE, "%s: %s; download the .bin again", image->name,
			what);
	if (end < WB_TRAILER_SIZE)
		return no_footers(image, err);
	if (signed_at(image, end, WB_MAGIC_CUSTOMER)) {
		image->customer_signed = true;
		end -= WB_FOOTER_SIZE + WB_SIGNATURE_SIZE;
	}
	if (!signed_at(image, end, WB_MAGIC_ST))
		return no_footers(image, err);
	if (image->size % 4)
		return wb_fail(err, WB_ERR_IMAGE,
			"%s: %zu bytes: the FUS wants a multiple of 4; bytes are missing or too many, "
			"download it again",
			image->name, image->size);
	*footer = image->data + (end - WB_TRAILER_SIZE);
	return WB_OK;
}

enum wb_status wb_image_undamaged(const struct wb_image *image, const struct wb_known_image *known,
	struct wb_error *err)
{
	const struct wb_known_image *row = NULL;

	while (!known && (row = wb_known_by_name(image->name, row)))
		if (row->size == image->size && row->version == image->version)
			return wb_fail(err, WB_ERR_IMAGE,
				"%s: damaged: name, size (%u) and version are those of ST's file in CubeWB "
				"%s, but the contents differ (SHA-256 %02x%02x%02x%02x... is not "
				"%02x%02x%02x%02x...); download it again",
				image->name, (unsigned int)row->size, row->releases,
				image->sha256[0], image->sha256[1], image->sha256[2],
				image->sha256[3], row->sha256[0], row->sha256[1], row->sha256[2],
				row->sha256[3]);
	return WB_OK;
}

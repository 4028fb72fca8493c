/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What lies in user flash: which pages are used, which complete images there are, and which of our
 * own images have begun to be staged. The FUS looks at all of it, so the planner must know.
 */
#include <string.h>
#include "core/flash.h"
#include "core/bytes.h"
#include "core/image.h"
#include "core/regs.h"
#include "core/stub_host.h"

#define SCAN_MS 20000u /* 1 MiB at 4 MHz takes under a second */
#define FRONT_SIZE 64u /* bytes of ciphertext that are equal by no accident */
#define CUSTOMER_TRAILER (WB_SIGNATURE_SIZE + WB_FOOTER_SIZE)

/* The i-th image of a goal: the named one, then the folder's. NULL past the last. */
static const struct wb_image *goal_image(const struct wb_goal *goal, unsigned int i)
{
	if (goal->image) {
		if (!i)
			return goal->image;
		i--;
	}
	return i < goal->folder_count ? goal->folder[i] : NULL;
}

static enum wb_status read_flash(struct wb_session *s, uint32_t address, uint32_t size,
	uint8_t *data, struct wb_error *err)
{
	uint32_t words[WB_TRAILER_SIZE / 4];
	enum wb_status status = chip_read(s, address, size / 4, words, err);

	for (uint32_t i = 0; status == WB_OK && i < size / 4; i++)
		wb_put32(data + 4 * i, words[i]);
	return status;
}

static bool covered(const struct wb_flash_scan *scan, uint32_t address)
{
	for (unsigned int i = 0; i < scan->count; i++)
		if (address - scan->found[i].address < scan->found[i].size)
			return true;
	return false;
}

/* The image of the goal whose trailer this is: its signature makes the trailer its own. */
static const struct wb_image *recognise(const struct wb_goal *goal,
	const uint8_t trailer[WB_TRAILER_SIZE], uint32_t *signed_size)
{
	const struct wb_image *image;

	for (unsigned int i = 0; (image = goal_image(goal, i)) != NULL; i++) {
		size_t size = image->size - (image->customer_signed ? CUSTOMER_TRAILER : 0);

		*signed_size = (uint32_t)size;
		if (image->size >= WB_TRAILER_SIZE + CUSTOMER_TRAILER &&
			!memcmp(image->data + size - WB_TRAILER_SIZE, trailer, WB_TRAILER_SIZE))
			return image;
	}
	return NULL;
}

/*
 * Is a page the image's own, as it is written word by word: does it start as the image does there,
 * or was it cut off in its first double word, with nothing behind? User data may follow a front.
 */
static enum wb_status own_page(struct wb_session *s, const struct wb_image *image, uint32_t address,
	uint32_t offset, uint32_t first, bool *own, struct wb_error *err)
{
	uint32_t size = s->chip.family->page;
	struct stub_block block;
	enum wb_status status;

	*own = offset + 4 <= image->size && first == wb_get32(image->data + offset);
	if (*own)
		return WB_OK;
	status = stub_call(s, STUB_BLANK, (const uint32_t[4]){ address + 8, size - 8 }, SCAN_MS,
		&block, err);
	*own = status == WB_OK && block.result[0] == address + size;
	return status;
}

/*
 * Where an image lies that was found by its trailer, ending at `end`. Its footer counts too few pages
 * or too many in some of ST's files (images.md), so the place is by its own size. One that does not
 * start on a page is not of our staging. A customer's trailer, behind ST's, may be in a page of its
 * own, to which a run that was cut off has not come.
 */
static enum wb_status locate(struct wb_session *s, const struct wb_image *image,
	uint32_t signed_size, uint32_t end, const uint32_t *first, struct wb_found *found,
	struct wb_error *err)
{
	uint32_t page = s->chip.family->page, start, behind;
	enum wb_status status = WB_OK;
	bool own = true;

	if (signed_size > end - WB_FLASH_BASE)
		return WB_OK; /* a trailer alone */
	start = end - signed_size;
	found->address = start - start % page;
	found->size = end - found->address;
	if (start % page)
		return WB_OK;
	found->image = image;
	behind = start + wb_pages(signed_size, page) * page;
	if (image->size > behind - start) {
		own = behind < s->chip.secure_start;
		if (own)
			status = own_page(s, image, behind, behind - start,
				first[(behind - WB_FLASH_BASE) / page], &own, err);
	}
	if (own)
		found->size = (uint32_t)image->size;
	return status;
}

/* An address where a signature footer ends: is there an image before it? */
static enum wb_status add_complete(struct wb_session *s, const struct wb_goal *goal, uint32_t end,
	const uint32_t *first, struct wb_flash_scan *scan, struct wb_error *err)
{
	uint8_t trailer[WB_TRAILER_SIZE];
	struct wb_found found = { 0 };
	const struct wb_image *image;
	enum wb_status status;
	uint32_t size;

	if (scan->count == WB_SCAN_FOUND || end < WB_FLASH_BASE + WB_TRAILER_SIZE)
		return WB_OK;
	status = read_flash(s, end - WB_TRAILER_SIZE, WB_TRAILER_SIZE, trailer, err);
	if (status != WB_OK || !wb_image_found(trailer, end, s->chip.family, &found))
		return status;
	image = recognise(goal, trailer, &size);
	if (image)
		status = locate(s, image, size, end, first, &found, err);
	scan->found[scan->count++] = found;
	return status;
}

/* A page whose first word is that of an image of the goal: the front of one, cut off? */
static enum wb_status add_front(struct wb_session *s, const struct wb_goal *goal,
	const uint32_t *first, uint32_t page, uint32_t pages, struct wb_flash_scan *scan,
	struct wb_error *err)
{
	uint32_t size = s->chip.family->page, address = WB_FLASH_BASE + page * size, n = 1;
	const struct wb_image *image;
	uint8_t front[FRONT_SIZE];
	enum wb_status status;
	bool own = true;

	for (unsigned int i = 0; (image = goal_image(goal, i)) != NULL; i++) {
		if (wb_get32(image->data) != first[page])
			continue;
		status = read_flash(s, address, FRONT_SIZE, front, err);
		if (status != WB_OK || memcmp(front, image->data, FRONT_SIZE))
			return status;
		for (; page + n < pages && n < wb_pages(image->size, size); n++) {
			if (first[page + n] == STUB_PAGE_BLANK || covered(scan, address + n * size))
				break;
			status = own_page(s, image, address + n * size, n * size, first[page + n],
				&own, err);
			if (status != WB_OK)
				return status;
			if (!own)
				break;
		}
		scan->found[scan->count++] = (struct wb_found){ .address = address,
			.size = n * size < image->size ? n * size : (uint32_t)image->size,
			.image = image };
		return WB_OK;
	}
	return WB_OK;
}

enum wb_status flash_scan(struct wb_session *s, const struct wb_goal *goal,
	struct wb_flash_scan *scan, struct wb_error *err)
{
	uint32_t words[STUB_SCAN_PAGES + STUB_SCAN_HITS_MAX], *hit = words + STUB_SCAN_PAGES;
	uint32_t page = s->chip.family->page;
	uint32_t pages = (s->chip.secure_start - WB_FLASH_BASE) / page;
	struct stub_block block;
	enum wb_status status;

	memset(scan, 0, sizeof(*scan));
	if (s->chip.secure_start <= WB_FLASH_BASE || pages > STUB_SCAN_PAGES)
		return wb_fail(err, WB_ERR_CHIP, "user flash that ends at 0x%08X cannot be",
			(unsigned int)s->chip.secure_start);
	status = flash_prepare(s, err);
	if (status == WB_OK)
		status = sram_save(s, STUB_BASE, STUB_SLOTS, err);
	if (status == WB_OK)
		status = stub_call(s, STUB_SCAN,
			(const uint32_t[4]){ WB_FLASH_BASE, pages * page, page }, SCAN_MS, &block,
			err);
	if (status == WB_OK)
		status = chip_read(s, STUB_FINDINGS, STUB_SCAN_PAGES + STUB_SCAN_HITS_MAX, words, err);
	if (status != WB_OK)
		return status;
	for (uint32_t i = 0; i < pages; i++)
		if (words[i] != STUB_PAGE_BLANK)
			scan->used[i / 32] |= 1u << (i % 32);
	for (uint32_t i = 0; status == WB_OK && i < block.result[0] && i < STUB_SCAN_HITS_MAX; i++)
		if (hit[i] - WB_FLASH_BASE < pages * page)
			status = add_complete(s, goal, hit[i] + 4, words, scan, err);
	for (uint32_t i = 0; status == WB_OK && i < pages && scan->count < WB_SCAN_FOUND; i++)
		if (words[i] != STUB_PAGE_BLANK && words[i] != STUB_PAGE_NO_FRONT &&
			!covered(scan, WB_FLASH_BASE + i * page))
			status = add_front(s, goal, words, i, pages, scan, err);
	scan->more = scan->count == WB_SCAN_FOUND || block.result[0] >= STUB_SCAN_HITS_MAX;
	return status;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * User flash: what differs from an image is written, page by page; the rest is left alone.
 *
 * One call of the stub gives a sum of every page; where all are the image's, that is all there is to
 * do. flash_write.c writes the others.
 */
#include "core/flash.h"
#include "core/image.h"
#include "core/regs.h"
#include "core/stub_host.h"

#define ERASE_PAGES 8u /* at once: a fifth of a second between two looks for Ctrl-C */
#define ERASE_MS 5000u
#define CRC_MS 20000u  /* 1 MiB at 4 MHz takes 0.5 s */
/* Sums take longer than the stub's writing part: 30 bytes a us at 32 MHz, and 33,000 bits in 3 transfers. */
#define LONG_SUMS 0x20000u
#define LONG_SUMS_KHZ 1000000000u /* bytes by kHz */

enum wb_status flash_prepare(struct wb_session *s, struct wb_error *err)
{
	enum wb_status status = WB_OK;

	if (s->reset_seen)
		status = hold_reset(s, false, err);
	else if (s->c2boot)
		status = hold_reset_try(s, err);
	return status != WB_OK ? status : stub_start(s, err);
}

static enum wb_status check_place(struct wb_session *s, uint32_t address, uint32_t size,
	struct wb_error *err)
{
	uint32_t page = s->chip.family->page;
	uint32_t room = s->chip.secure_start - address;

	if (address < WB_FLASH_BASE || address % page || address >= s->chip.secure_start ||
		size > room)
		return wb_fail(err, WB_ERR_CHIP,
			"%u bytes at 0x%08X are not on pages of user flash, which ends at 0x%08X",
			(unsigned int)size, (unsigned int)address,
			(unsigned int)s->chip.secure_start);
	return WB_OK;
}

static enum wb_status sum(struct wb_session *s, uint32_t address, uint32_t size, uint32_t order,
	uint32_t *crc, struct wb_error *err)
{
	struct stub_block block;
	enum wb_status status = stub_call(s, STUB_CRC,
		(const uint32_t[4]){ address, size, 0, order }, CRC_MS, &block, err);

	*crc = block.result[0];
	return status;
}

enum wb_status flash_crc(struct wb_session *s, uint32_t address, uint32_t size, uint32_t *crc,
	struct wb_error *err)
{
	return sum(s, address, size, 0, crc, err);
}

enum wb_status flash_crc_top_first(struct wb_session *s, uint32_t address, uint32_t size,
	uint32_t *crc, struct wb_error *err)
{
	enum wb_status status = sum(s, address, size, STUB_CRC_TOP_FIRST, crc, err);

	*crc = ~*crc;
	return status;
}

/* stoppable: false when cleaning up after a stop. */
static enum wb_status erase(struct wb_session *s, uint32_t address, uint32_t size, bool stoppable,
	struct wb_error *err)
{
	uint32_t page = s->chip.family->page, count = wb_pages(size, page), done = 0;
	enum wb_status status = check_place(s, address, size, err);
	struct stub_block block;

	if (status == WB_OK)
		status = stub_whole(s, err);
	while (status == WB_OK && done < count) {
		uint32_t n = count - done < ERASE_PAGES ? count - done : ERASE_PAGES;

		status = stub_call(s, STUB_ERASE,
			(const uint32_t[4]){ address + done * page, n, page, s->give_7 }, ERASE_MS,
			&block, err);
		done += n;
		s->link->progress(s->link, "erase", done, count);
		if (status == WB_OK && stoppable)
			status = session_stop(s, err);
	}
	return status;
}

enum wb_status flash_erase(struct wb_session *s, uint32_t address, uint32_t size,
	struct wb_error *err)
{
	return erase(s, address, size, true, err);
}

enum wb_status flash_clear(struct wb_session *s, uint32_t address, uint32_t size,
	struct wb_error *err)
{
	return erase(s, address, size, false, err);
}

/* The image's part of its i-th page. */
static struct flash_span page_of(const struct wb_session *s, const struct wb_image *image,
	uint32_t address, uint32_t i)
{
	uint32_t page = s->chip.family->page, at = i * page, left = (uint32_t)image->size - at;

	return (struct flash_span){ .address = address + at, .data = image->data + at,
		.size = left < page ? left : page, .before = at, .total = (uint32_t)image->size };
}

enum wb_status flash_sums(struct wb_session *s, uint32_t address, uint32_t size,
	uint32_t sums[STUB_SCAN_PAGES], struct wb_error *err)
{
	uint32_t page = s->chip.family->page, pages = wb_pages(size, page);
	struct stub_block block;
	enum wb_status status;

	if (pages > STUB_SCAN_PAGES)
		return wb_fail(err, WB_ERR_CHIP, "%u pages at 0x%08X: the chip has %u",
			(unsigned int)pages, (unsigned int)address, STUB_SCAN_PAGES);
	status = sram_save(s, STUB_BASE, STUB_FINDINGS + 4u * pages, err);
	if (status == WB_OK)
		status = stub_begin(s, STUB_CRC, (const uint32_t[4]){ address, size, page }, err);
	/* in time that is waited anyway, for what is likely to come */
	if (status == WB_OK && s->visits && !s->stub_last && size >= LONG_SUMS &&
		(uint64_t)size * s->khz >= LONG_SUMS_KHZ)
		status = stub_whole(s, err);
	if (status == WB_OK)
		status = stub_wait(s, CRC_MS, &block, err);
	return status != WB_OK ? status : chip_read(s, STUB_FINDINGS, pages, sums, err);
}

/* Write what differs, neighbours in one go; *written counts the pages. */
static enum wb_status update(struct wb_session *s, const struct wb_image *image, uint32_t address,
	uint32_t *written, struct wb_error *err)
{
	uint32_t pages = wb_pages(image->size, s->chip.family->page);
	struct flash_span span = { .size = 0 };
	uint32_t sums[STUB_SCAN_PAGES] = { 0 };
	bool used[STUB_SCAN_PAGES];
	enum wb_status status = flash_sums(s, address, (uint32_t)image->size, sums, err);

	*written = 0;
	for (uint32_t i = 0; status == WB_OK && i < pages; i++) {
		struct flash_span page = page_of(s, image, address, i);
		bool differs = sums[i] != flash_crc_host(page.data, page.size, 0);

		*written += differs;
		used[i] = sums[i] != flash_crc_host(NULL, 0, page.size);
		page.used = used + i;
		if (differs && span.size)
			span.size += page.size;
		else if (differs)
			span = page;
		if (span.size && (!differs || i + 1 == pages)) {
			status = flash_write(s, &span, err);
			span.size = 0;
		}
	}
	return status;
}

/* What we have begun to write must not stay for the FUS to find. */
static void unstage(struct wb_session *s, uint32_t address, uint32_t size)
{
	struct wb_error quiet;

	if (stub_stop(s, &quiet) == WB_OK && hold_reset(s, false, &quiet) == WB_OK &&
		stub_start(s, &quiet) == WB_OK)
		flash_clear(s, address, size, &quiet);
}

enum wb_status flash_stage(struct wb_session *s, const struct wb_image *image, uint32_t address,
	struct wb_error *err)
{
	uint32_t size = (uint32_t)image->size;
	enum wb_status status = check_place(s, address, size, err);
	uint32_t written = 0;

	if (status == WB_OK)
		status = flash_prepare(s, err);
	if (status != WB_OK)
		return status;
	status = update(s, image, address, &written, err);
	if (status == WB_OK && !written)
		session_report(s, false, "%s is at 0x%08X already", image->name,
			(unsigned int)address);
	if (status != WB_OK && status != WB_ERR_LINK && status != WB_ERR_RESET)
		unstage(s, address, size);
	return status;
}

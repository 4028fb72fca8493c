/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record of user flash, as bytes: made, read, and judged.
 */
#include <stdlib.h>
#include "core/preserve_record.h"
#include "core/bytes.h"
#include "core/flash.h"
#include "core/regs.h"

#define MAGIC 0x3150464fu /* "OFP1" */
#define AT_PAGE 0x04u
#define AT_FIRST 0x08u
#define AT_BELOW 0x0cu
#define AT_COUNT 0x10u
#define HEADER 0x14u
#define ENTRY 8u
#define SUM 4u

static size_t record_size(uint32_t count, uint32_t page)
{
	return HEADER + (size_t)count * (ENTRY + page) + SUM;
}

static uint8_t *entry_of(const struct preserve *p, uint32_t i)
{
	return p->record + HEADER + i * ENTRY;
}

uint32_t record_count(const struct preserve *p)
{
	return p->record ? wb_get32(p->record + AT_COUNT) : 0;
}

uint32_t record_first(const struct preserve *p)
{
	return wb_get32(p->record + AT_FIRST);
}

uint32_t record_below(const struct preserve *p)
{
	return wb_get32(p->record + AT_BELOW);
}

uint32_t record_address(const struct preserve *p, uint32_t i)
{
	return wb_get32(entry_of(p, i));
}

uint32_t record_crc(const struct preserve *p, uint32_t i)
{
	return wb_get32(entry_of(p, i) + 4);
}

uint32_t record_blank_crc(const struct preserve *p)
{
	return flash_crc_host(NULL, 0, wb_get32(p->record + AT_PAGE));
}

void record_where(const struct preserve *p, char *text, size_t room)
{
	uint32_t pages[WB_PAGE_WORDS] = { 0 }, size = wb_get32(p->record + AT_PAGE);

	for (uint32_t i = 0; i < record_count(p); i++)
		wb_page_add(pages, (record_address(p, i) - WB_FLASH_BASE) / size);
	wb_pages_text(pages, size, text, room);
}

uint8_t *record_data(const struct preserve *p, uint32_t i)
{
	return entry_of(p, record_count(p)) + (size_t)i * wb_get32(p->record + AT_PAGE);
}

uint32_t record_find(const struct preserve *p, uint32_t address)
{
	uint32_t i = 0;

	while (i < record_count(p) && record_address(p, i) != address)
		i++;
	return i;
}

void record_name_page(struct preserve *p, uint32_t i, uint32_t address)
{
	wb_put32(entry_of(p, i), address);
}

void record_put_crc(struct preserve *p, uint32_t i, uint32_t crc)
{
	wb_put32(entry_of(p, i) + 4, crc);
}

void record_seal(struct preserve *p)
{
	wb_put32(p->record + p->len - SUM, flash_crc_host(p->record, p->len - SUM, 0));
}

enum wb_status record_make(struct preserve *p, uint32_t count, uint32_t page, uint32_t first,
	uint32_t below, struct wb_error *err)
{
	p->len = record_size(count, page);
	p->record = calloc(1, p->len);
	if (!p->record)
		return wb_fail(err, WB_ERR_HOST, "no memory for %zu bytes of user flash", p->len);
	wb_put32(p->record, MAGIC);
	wb_put32(p->record + AT_PAGE, page);
	wb_put32(p->record + AT_FIRST, first);
	wb_put32(p->record + AT_BELOW, below);
	wb_put32(p->record + AT_COUNT, count);
	return WB_OK;
}

bool record_sound(const struct preserve *p, const struct wb_chip *chip)
{
	uint32_t page = chip->family->page, count, address, last = 0;
	uint32_t end = WB_FLASH_BASE + chip->flash_kib * 1024u;

	if (p->len < HEADER + SUM || wb_get32(p->record) != MAGIC)
		return false;
	count = record_count(p);
	if (count > WB_PAGES || wb_get32(p->record + AT_PAGE) != page ||
		p->len != record_size(count, page) ||
		flash_crc_host(p->record, p->len - SUM, 0) != wb_get32(p->record + p->len - SUM))
		return false;
	for (uint32_t i = 0; i < count; i++) {
		address = record_address(p, i);
		if (address < WB_FLASH_BASE || address >= end || address % page ||
			address <= last || address < record_first(p) ||
			flash_crc_host(record_data(p, i), page, 0) != record_crc(p, i))
			return false;
		last = address;
	}
	return true;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A flash bank's work. One sum a page of what is there decides: left alone, erased and written, or
 * filled where it is blank.
 */
#include <stdlib.h>
#include <string.h>
#include "core/bank.h"
#include "core/bank_visit.h"
#include "core/flash.h"
#include "core/regs.h"
#include "core/stub_host.h"

#define BLANK 0xffu
#define READ_WORDS 1024u

/* A piece of writing. */
struct job {
	struct wb_session *s;
	uint32_t address, size;
	const uint8_t *data;
	const uint32_t *due;	/* pages that are erased first; none for OTP */
	uint32_t first, pages;	/* pages it touches: number of the first one, count */
	uint32_t sums[STUB_SCAN_PAGES];
	uint8_t *there;		/* what flash holds at address, size bytes: where `due` and sums do not tell */
};

static bool in_set(const uint32_t *set, uint32_t page)
{
	return set && set[page / 32] & 1u << page % 32;
}

static uint32_t page_address(const struct job *j, uint32_t i)
{
	return WB_FLASH_BASE + (j->first + i) * j->s->chip.family->page;
}

/* The part of the i-th page that the job is about: offset in data, and bytes. */
static uint32_t part(const struct job *j, uint32_t i, uint32_t *bytes)
{
	uint32_t from = page_address(j, i), to = from + j->s->chip.family->page;
	uint32_t end = j->address + j->size;

	from = from > j->address ? from : j->address;
	to = to < end ? to : end;
	*bytes = to - from;
	return from - j->address;
}

/* The sum of the i-th page when it is erased and written. */
static uint32_t wanted_sum(const struct job *j, uint32_t i, uint8_t *page)
{
	uint32_t bytes, at = part(j, i, &bytes), size = j->s->chip.family->page;

	memset(page, BLANK, size);
	memcpy(page + (j->address + at - page_address(j, i)), j->data + at, bytes);
	return flash_crc_host(page, size, 0);
}

/* What flash holds in [at, at + bytes) of the job. */
static enum wb_status read_there(struct job *j, uint32_t at, uint32_t bytes, struct wb_error *err)
{
	uint32_t words[READ_WORDS], n;
	enum wb_status status = WB_OK;

	for (; status == WB_OK && bytes; at += n, bytes -= n) {
		n = bytes < sizeof(words) ? bytes : (uint32_t)sizeof(words);
		status = chip_read(j->s, j->address + at, n / 4, words, err);
		if (status == WB_OK)
			memcpy(j->there + at, words, n);
	}
	return status;
}

static bool blank(const uint8_t *bytes)
{
	static const uint8_t none[WB_DOUBLE_WORD] = { BLANK, BLANK, BLANK, BLANK, BLANK, BLANK,
		BLANK, BLANK };

	return !memcmp(bytes, none, sizeof(none));
}

/* Nothing is written before all of it is known to be possible. */
static enum wb_status check_there(const struct job *j, uint32_t at, uint32_t bytes,
	struct wb_error *err)
{
	for (uint32_t end = at + bytes; at < end; at += WB_DOUBLE_WORD)
		if (!blank(j->there + at) && memcmp(j->there + at, j->data + at, WB_DOUBLE_WORD))
			return wb_refuse(err, "blank",
				"0x%08X is not blank and holds something else than what is to be "
				"written: a double word is programmed once. %s",
				(unsigned int)(j->address + at),
				j->first == WB_PAGES ? "OTP is never erased"
						     : "Erase its page first");
	return WB_OK;
}

/* Write [at, at + bytes) of the job, where flash is blank; double words that are there are left. */
static enum wb_status fill(struct job *j, uint32_t at, uint32_t bytes, bool *changed,
	struct wb_error *err)
{
	enum wb_status status = WB_OK;

	for (uint32_t end = at + bytes, n; status == WB_OK && at < end; at += n) {
		n = WB_DOUBLE_WORD;
		if (!memcmp(j->there + at, j->data + at, WB_DOUBLE_WORD))
			continue;
		while (at + n < end && memcmp(j->there + at + n, j->data + at + n, WB_DOUBLE_WORD))
			n += WB_DOUBLE_WORD;
		*changed = true;
		status = flash_write(j->s,
			&(struct flash_span){ .address = j->address + at, .size = n,
				.data = j->data + at, .before = at, .total = j->size,
				.blank = true },
			err);
	}
	return status;
}

/* Which pages are left alone, rewritten, or filled; the latter are read and checked. */
static enum wb_status sort_pages(struct job *j, bool rewrite[STUB_SCAN_PAGES],
	bool leave[STUB_SCAN_PAGES], struct wb_error *err)
{
	uint32_t size = j->s->chip.family->page;
	uint32_t none = flash_crc_host(NULL, 0, size), bytes, at;
	uint8_t *page = malloc(size);
	enum wb_status status = WB_OK;

	if (!page)
		return wb_fail(err, WB_ERR_HOST, "out of memory");
	for (uint32_t i = 0; status == WB_OK && i < j->pages; i++) {
		at = part(j, i, &bytes);
		leave[i] = j->sums[i] == wanted_sum(j, i, page);
		rewrite[i] = !leave[i] && in_set(j->due, j->first + i);
		memset(j->there + at, BLANK, bytes);
		if (leave[i] || rewrite[i] || j->sums[i] == none)
			continue;
		status = read_there(j, at, bytes, err);
		if (status == WB_OK)
			status = check_there(j, at, bytes, err);
	}
	free(page);
	return status;
}

/* Pages [i, i + n), erased where they are not blank and written. */
static enum wb_status rewrite_pages(struct job *j, uint32_t i, uint32_t n, struct wb_error *err)
{
	uint32_t size = j->s->chip.family->page, none = flash_crc_host(NULL, 0, size), bytes;
	uint32_t from = part(j, i, &bytes), to = part(j, i + n - 1, &bytes) + bytes;
	uint32_t head = j->address + from - page_address(j, i);
	struct flash_span span = { .address = page_address(j, i), .size = head + to - from,
		.before = from, .total = j->size };
	bool used[STUB_SCAN_PAGES];
	uint8_t *pages = malloc(span.size);
	enum wb_status status;

	if (!pages)
		return wb_fail(err, WB_ERR_HOST, "out of memory");
	for (uint32_t k = 0; k < n; k++)
		used[k] = j->sums[i + k] != none;
	span.used = used;
	memset(pages, BLANK, head);
	memcpy(pages + head, j->data + from, to - from);
	span.data = pages;
	status = flash_write(j->s, &span, err);
	free(pages);
	return status;
}

static enum wb_status write_pages(struct job *j, struct wb_bank_done *done, struct wb_error *err)
{
	bool rewrite[STUB_SCAN_PAGES] = { false }, leave[STUB_SCAN_PAGES] = { false }, changed;
	uint32_t bytes, at, n, last = j->pages;
	enum wb_status status = flash_sums(j->s, page_address(j, 0),
		j->pages * j->s->chip.family->page, j->sums, err);

	if (status == WB_OK)
		status = sort_pages(j, rewrite, leave, err);
	while (status == WB_OK && last && leave[last - 1])
		last--;
	for (uint32_t i = 0; status == WB_OK && i < j->pages; i += n) {
		n = 1;
		changed = false;
		if (rewrite[i]) {
			while (i + n < j->pages && rewrite[i + n])
				n++;
			changed = true;
			j->s->stub_last = i + n == last;
			status = rewrite_pages(j, i, n, err);
		} else if (!leave[i]) {
			at = part(j, i, &bytes);
			while (i + n < j->pages && !rewrite[i + n] && !leave[i + n])
				n++;
			part(j, i + n - 1, &bytes);
			status = fill(j, at, part(j, i + n - 1, &bytes) + bytes - at, &changed, err);
		}
		done->changed += changed ? n : 0;
		if (status == WB_OK)
			status = session_stop(j->s, err);
	}
	return status;
}

static enum wb_status write_otp(struct job *j, struct wb_bank_done *done, struct wb_error *err)
{
	enum wb_status status = read_there(j, 0, j->size, err);
	bool changed = false;

	if (status == WB_OK)
		status = check_there(j, 0, j->size, err);
	if (status == WB_OK)
		status = fill(j, 0, j->size, &changed, err);
	done->changed = changed;
	return status;
}

enum wb_status wb_bank_write(struct wb_link *link, const struct wb_chip *seen, uint32_t address,
	uint32_t size, const uint8_t *data, const uint32_t due[WB_PAGE_WORDS], struct wb_bank_done *done,
	struct wb_error *err)
{
	struct job j = { .address = address, .size = size, .data = data, .due = due };
	enum wb_status status;
	struct visit v;

	memset(done, 0, sizeof(*done));
	if (!size || address % WB_DOUBLE_WORD || size % WB_DOUBLE_WORD)
		return wb_fail(err, WB_ERR_USAGE, "%u bytes at 0x%08X are no double words",
			(unsigned int)size, (unsigned int)address);
	j.there = malloc(size);
	if (!j.there)
		return wb_fail(err, WB_ERR_HOST, "out of memory");
	status = visit_begin(&v, link, seen, address, size, err);
	j.s = v.s;
	if (status == WB_OK && address >= WB_OTP_BASE) {
		j.first = WB_PAGES;
		done->pages = 1;
		status = write_otp(&j, done, err);
	} else if (status == WB_OK) {
		uint32_t page = v.s->chip.family->page;

		j.first = (address - WB_FLASH_BASE) / page;
		done->pages = j.pages =
			(address + size - 1 - WB_FLASH_BASE) / page - j.first + 1;
		status = write_pages(&j, done, err);
	}
	free(j.there);
	return visit_end(&v, status, err);
}

enum wb_status wb_bank_erase(struct wb_link *link, uint32_t address, uint32_t size,
	struct wb_bank_done *done, struct wb_error *err)
{
	struct visit v;
	enum wb_status status = visit_begin(&v, link, NULL, address, size, err);
	uint32_t sums[STUB_SCAN_PAGES] = { 0 };

	memset(done, 0, sizeof(*done));
	if (status == WB_OK && address >= WB_OTP_BASE)
		status = wb_refuse(err, "blank", "OTP is never erased");
	if (status == WB_OK)
		status = flash_sums(v.s, address, size, sums, err);
	if (status == WB_OK) {
		uint32_t page = v.s->chip.family->page, none = flash_crc_host(NULL, 0, page);

		done->pages = size / page;
		for (uint32_t i = 0; i < done->pages; i++)
			done->changed += sums[i] != none;
		status = flash_erase(v.s, address, size, err);
	}
	return visit_end(&v, status, err);
}

enum wb_status wb_bank_blank(struct wb_link *link, uint32_t blank_pages[WB_PAGE_WORDS],
	struct wb_error *err)
{
	struct visit v;
	enum wb_status status = visit_begin(&v, link, NULL, 0, 0, err);
	uint32_t sums[STUB_SCAN_PAGES] = { 0 };

	memset(blank_pages, 0, WB_PAGE_WORDS * sizeof(*blank_pages));
	if (status == WB_OK) {
		uint32_t page = v.s->chip.family->page, none = flash_crc_host(NULL, 0, page);
		uint32_t size = v.s->chip.secure_start - WB_FLASH_BASE;

		if (size)
			status = flash_sums(v.s, WB_FLASH_BASE, size, sums, err);
		for (uint32_t i = 0; status == WB_OK && i < size / page; i++)
			if (sums[i] == none)
				blank_pages[i / 32] |= 1u << i % 32;
	}
	return visit_end(&v, status, err);
}

/* The sums differ: the first byte that does. */
static enum wb_status find_difference(struct wb_session *s, uint32_t address, uint32_t size,
	const uint8_t *data, struct wb_error *err)
{
	uint32_t words[READ_WORDS], from = address & ~3u, end = address + size;
	const uint8_t *there = (const uint8_t *)words;

	for (uint32_t n; from < end; from += n) {
		uint32_t left = (end - from + 3u) & ~3u;
		enum wb_status status;

		n = left < sizeof(words) ? left : (uint32_t)sizeof(words);
		status = chip_read(s, from, n / 4, words, err);
		if (status != WB_OK)
			return status;
		for (uint32_t at = from < address ? address : from; at < from + n && at < end; at++)
			if (there[at - from] != data[at - address])
				return wb_fail(err, WB_ERR_FLASH,
					"0x%08X holds 0x%02X, not 0x%02X", (unsigned int)at,
					there[at - from], data[at - address]);
	}
	return wb_fail(err, WB_ERR_FLASH,
		"%u bytes at 0x%08X have another sum on the chip than what the probe reads there: "
		"double words with wrong bits? `flash info` shows the last one",
		(unsigned int)size, (unsigned int)address);
}

enum wb_status wb_bank_verify(struct wb_link *link, uint32_t address, uint32_t size,
	const uint8_t *data, struct wb_error *err)
{
	struct visit v;
	enum wb_status status = visit_begin(&v, link, NULL, 0, 0, err);
	uint32_t crc;

	if (status == WB_OK)
		status = flash_crc(v.s, address, size, &crc, err);
	if (status == WB_OK && crc != flash_crc_host(data, size, 0))
		status = find_difference(v.s, address, size, data, err);
	return visit_end(&v, status, err);
}

enum wb_status wb_bank_sum(struct wb_link *link, uint32_t address, uint32_t size, uint32_t *sum,
	struct wb_error *err)
{
	struct visit v;
	enum wb_status status = visit_begin(&v, link, NULL, 0, 0, err);

	if (status == WB_OK)
		status = flash_crc_top_first(v.s, address, size, sum, err);
	return visit_end(&v, status, err);
}

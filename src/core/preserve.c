/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * User flash that is put back after the work. Before the first page is overwritten, all pages that
 * will be go to a record in the host's journal; the record goes when they are back. So a run after
 * a power cut finds it, and what it holds counts, not what the accident has left in flash.
 */
#include <stdlib.h>
#include <string.h>
#include "core/preserve.h"
#include "core/bytes.h"
#include "core/flash.h"
#include "core/preserve_record.h"
#include "core/regs.h"
#include "core/stub_host.h"

#define RECORD_NAME 256u /* of the record, for people */
#define RANGES_MAX 160u
#define WITNESS 0x10000u /* bytes of flash by which it is told that it is the same */

static void name_of(struct wb_session *s, uint64_t uid64, char name[RECORD_NAME])
{
	s->link->journal_name(s->link, uid64, WB_RECORD_PAGES, name, RECORD_NAME);
}

static enum wb_status store(struct wb_session *s, uint64_t uid64, struct preserve *p,
	struct wb_error *err)
{
	record_seal(p);
	if (s->link->journal_store(s->link, uid64, WB_RECORD_PAGES, p->record, p->len) != WB_OK)
		return wb_fail(err, WB_ERR_HOST,
			"user flash cannot be saved (%s), so none of it is touched",
			s->link->reason);
	return WB_OK;
}

void preserve_free(struct preserve *p)
{
	free(p->record);
	*p = (struct preserve){ .len = 0 };
}

bool preserve_pending(struct wb_session *s, uint64_t uid64)
{
	size_t len = 0;

	return s->link->journal_load(s->link, uid64, WB_RECORD_PAGES, NULL, &len) != WB_OK || len;
}

enum wb_status preserve_ready(struct wb_session *s, const struct wb_chip *chip,
	struct wb_error *err)
{
	struct preserve empty = { .len = 0 };
	enum wb_status status;

	if (preserve_pending(s, chip->uid64))
		return WB_OK;
	status = record_make(&empty, 0, chip->family->page, WB_FLASH_BASE, 0, err);
	if (status == WB_OK)
		status = store(s, chip->uid64, &empty, err);
	if (status == WB_OK)
		s->link->journal_store(s->link, chip->uid64, WB_RECORD_PAGES, NULL, 0);
	preserve_free(&empty);
	return status;
}

/* ---- a record of an earlier run -------------------------------------------------------------- */

/* Its length, or with room for it the record. What comes of a failure may not be taken for one. */
static enum wb_status from_journal(struct wb_session *s, struct preserve *p, struct wb_error *err)
{
	if (s->link->journal_load(s->link, s->chip.uid64, WB_RECORD_PAGES, p->record, &p->len) ==
		WB_OK)
		return WB_OK;
	preserve_free(p);
	return wb_fail(err, WB_ERR_HOST, "saved user flash cannot be read: %s", s->link->reason);
}

static enum wb_status load(struct wb_session *s, struct preserve *p, struct wb_error *err)
{
	char name[RECORD_NAME];
	enum wb_status status = from_journal(s, p, err);

	if (status != WB_OK || !p->len)
		return status;
	name_of(s, s->chip.uid64, name);
	if (p->len <= RECORD_MAX) {
		p->record = malloc(p->len);
		if (!p->record)
			return wb_fail(err, WB_ERR_HOST, "%s: no memory for its %zu bytes", name,
				p->len);
		status = from_journal(s, p, err);
		if (status != WB_OK)
			return status;
	}
	if (p->record && record_sound(p, &s->chip))
		return WB_OK;
	preserve_free(p);
	return wb_fail(err, WB_ERR_HOST,
		"%s is to hold user flash that an earlier run saved, but makes no sense: damaged, or not "
		"ours. Nothing was touched; look at it and move it away",
		name);
}

/* Sums of flash from the record's first page to its last below `limit`, by page. */
static enum wb_status sums_now(struct wb_session *s, const struct preserve *p, uint32_t limit,
	uint32_t sums[STUB_SCAN_PAGES], struct wb_error *err)
{
	uint32_t first = record_address(p, 0), end = first;

	for (uint32_t i = 0; i < record_count(p); i++)
		if (record_address(p, i) < limit)
			end = record_address(p, i) + s->chip.family->page;
	return end > first ? flash_sums(s, first, end - first, sums, err) : WB_OK;
}

static uint32_t sum_at(const struct wb_session *s, const struct preserve *p, uint32_t i,
	const uint32_t sums[STUB_SCAN_PAGES])
{
	return sums[(record_address(p, i) - record_address(p, 0)) / s->chip.family->page];
}

/* The start of flash, where the application's vectors are: what programs a chip changes it. */
static enum wb_status below(struct wb_session *s, uint32_t first, uint32_t *crc,
	struct wb_error *err)
{
	uint32_t size = first - WB_FLASH_BASE;

	*crc = 0;
	return size ? flash_crc(s, WB_FLASH_BASE, size < WITNESS ? size : WITNESS, crc, err) : WB_OK;
}

/*
 * Is it still the flash that the record was made of? By what lies below all that the work changes;
 * or, where that is nothing (a factory reset), by the first pages: as they were, or blank.
 */
static enum wb_status same_flash(struct wb_session *s, const struct preserve *p, bool *same,
	struct wb_error *err)
{
	uint32_t sums[STUB_SCAN_PAGES] = { 0 };
	uint32_t limit = WB_FLASH_BASE + WITNESS, first = record_first(p), crc = 0;
	enum wb_status status = flash_prepare(s, err);

	*same = false;
	if (status != WB_OK || first > s->chip.secure_start)
		return status;
	if (first > WB_FLASH_BASE) {
		status = below(s, first, &crc, err);
		*same = status == WB_OK && crc == record_below(p);
		return status;
	}
	limit = limit < s->chip.secure_start ? limit : s->chip.secure_start;
	status = sums_now(s, p, limit, sums, err);
	*same = status == WB_OK && record_address(p, 0) < limit;
	for (uint32_t i = 0; *same && i < record_count(p) && record_address(p, i) < limit; i++)
		*same = sum_at(s, p, i, sums) == record_crc(p, i) ||
			sum_at(s, p, i, sums) == record_blank_crc(p);
	return status;
}

enum wb_status preserve_open(struct wb_session *s, const struct wb_goal *goal, struct preserve *p,
	struct wb_error *err)
{
	bool same;
	char where[RANGES_MAX], name[RECORD_NAME];
	enum wb_status status;

	*p = (struct preserve){ .len = 0 };
	status = load(s, p, err);
	if (status != WB_OK || !record_count(p))
		return status;
	record_where(p, where, sizeof(where));
	name_of(s, s->chip.uid64, name);
	status = same_flash(s, p, &same, err);
	if (status != WB_OK) {
		preserve_free(p); /* not judged: for the next run */
		wb_context(err, "user flash of an earlier run (%s) stays in %s", where, name);
		return status;
	}
	if (same || wb_goal_confirms(goal, "old-pages")) {
		session_report(s, false, "an earlier run saved user flash (%s)", where);
		return WB_OK;
	}
	preserve_free(p); /* not to be put back */
	return wb_refuse(err, "old-pages",
		"an earlier run was cut off and left user flash (%s) in %s, but the application's flash was "
		"changed by somebody else since. If those pages still belong on this chip: -confirm "
		"old-pages puts them back at the end; if not, remove that file",
		where, name);
}

void preserve_note(const struct wb_session *s, const struct preserve *p, struct wb_flash_scan *scan)
{
	for (uint32_t i = 0; i < record_count(p); i++) {
		uint32_t page = (record_address(p, i) - WB_FLASH_BASE) / s->chip.family->page;

		wb_page_add(scan->saved, page);
		if (record_crc(p, i) == record_blank_crc(p))
			scan->used[page / 32] &= ~(1u << page % 32);
		else
			wb_page_add(scan->used, page);
	}
}

/* ---- saving ------------------------------------------------------------------------------------ */

/* The pages of both, in one record: addresses, and what the old one holds. */
static enum wb_status merge(struct wb_session *s, const struct preserve *old,
	const struct wb_plan *plan, struct preserve *fresh, struct wb_error *err)
{
	uint32_t pages[WB_PAGE_WORDS], page = s->chip.family->page, count = 0, crc, i = 0;
	uint32_t first = plan->keep_from;
	enum wb_status status;

	memcpy(pages, plan->keep, sizeof(pages));
	for (uint32_t k = 0; k < record_count(old); k++)
		wb_page_add(pages, (record_address(old, k) - WB_FLASH_BASE) / page);
	if (old->record && record_first(old) < first)
		first = record_first(old);
	for (uint32_t n = 0; n < WB_PAGES; n++)
		count += wb_page_in(pages, n);
	status = below(s, first, &crc, err);
	if (status == WB_OK)
		status = record_make(fresh, count, page, first, crc, err);
	for (uint32_t n = 0; status == WB_OK && n < WB_PAGES; n++)
		if (wb_page_in(pages, n))
			record_name_page(fresh, i++, WB_FLASH_BASE + n * page);
	return status;
}

static enum wb_status read_page(struct wb_session *s, uint32_t address, uint8_t *data,
	struct wb_error *err)
{
	uint32_t words[RECORD_PAGE_MAX / 4], page = s->chip.family->page;
	enum wb_status status = chip_read(s, address, page / 4, words, err);

	for (uint32_t i = 0; status == WB_OK && i < page / 4; i++)
		wb_put32(data + 4 * i, words[i]);
	return status;
}

/* What the pages hold: by the old record, or nothing, or as flash has it. */
static enum wb_status fill(struct wb_session *s, const struct preserve *old,
	const struct wb_flash_scan *scan, struct preserve *p, struct wb_error *err)
{
	uint32_t page = s->chip.family->page, count = record_count(p);
	uint32_t sums[STUB_SCAN_PAGES] = { 0 };
	enum wb_status status = sums_now(s, p, s->chip.secure_start, sums, err);

	for (uint32_t i = 0; status == WB_OK && i < count; i++) {
		uint32_t address = record_address(p, i), was = record_find(old, address), crc;
		uint8_t *data = record_data(p, i);
		bool read = false;

		if (was < record_count(old))
			memcpy(data, record_data(old, was), page);
		else if (!wb_scan_user(scan, (address - WB_FLASH_BASE) / page, page))
			memset(data, 0xff, page);
		else
			read = true;
		if (read)
			status = read_page(s, address, data, err);
		if (status != WB_OK)
			break;
		crc = flash_crc_host(data, page, 0);
		if (read && crc != sum_at(s, p, i, sums))
			return wb_fail(err, WB_ERR_FLASH,
				"the page at 0x%08X was read with CRC 0x%08X, and the chip says 0x%08X: "
				"nothing was touched. Lower the clock of the probe and try again",
				(unsigned int)address, (unsigned int)crc,
				(unsigned int)sum_at(s, p, i, sums));
		record_put_crc(p, i, crc);
		s->link->progress(s->link, "save", i + 1, count);
		status = session_stop(s, err);
	}
	return status;
}

enum wb_status preserve_save(struct wb_session *s, struct preserve *p, const struct wb_plan *plan,
	const struct wb_flash_scan *scan, struct wb_error *err)
{
	struct preserve fresh = { .len = 0 };
	enum wb_status status = flash_prepare(s, err);

	if (status == WB_OK)
		status = merge(s, p, plan, &fresh, err);
	if (status == WB_OK)
		status = fill(s, p, scan, &fresh, err);
	if (status == WB_OK)
		status = store(s, s->chip.uid64, &fresh, err);
	if (status != WB_OK) {
		preserve_free(&fresh);
		return status;
	}
	preserve_free(p);
	*p = fresh;
	return WB_OK;
}

/* ---- putting back ------------------------------------------------------------------------------ */

/* Neighbours that differ from flash, from the i-th page on: how many. */
static uint32_t run_of(const struct wb_session *s, const struct preserve *p, uint32_t i,
	uint32_t limit, const uint32_t sums[STUB_SCAN_PAGES])
{
	uint32_t page = s->chip.family->page, address = record_address(p, i), n = 0;

	while (i + n < record_count(p) && record_address(p, i + n) == address + n * page &&
		address + n * page < limit &&
		sum_at(s, p, i + n, sums) != record_crc(p, i + n))
		n++;
	return n;
}

static enum wb_status write_back(struct wb_session *s, const struct preserve *p, uint32_t limit,
	struct wb_error *err)
{
	uint32_t page = s->chip.family->page, sums[STUB_SCAN_PAGES] = { 0 }, total = 0, n;
	bool used[STUB_SCAN_PAGES];
	struct flash_span span = { .phase = "put back", .unstoppable = true, .used = used };
	enum wb_status status = sums_now(s, p, limit, sums, err);

	for (uint32_t i = 0; status == WB_OK && i < record_count(p); i++)
		total += run_of(s, p, i, limit, sums) ? page : 0;
	span.total = total;
	for (uint32_t i = 0; status == WB_OK && i < record_count(p); i += n ? n : 1) {
		n = run_of(s, p, i, limit, sums);
		if (!n)
			continue;
		span.address = record_address(p, i);
		span.size = n * page;
		span.data = record_data(p, i);
		for (uint32_t k = 0; k < n; k++)
			used[k] = sum_at(s, p, i + k, sums) != record_blank_crc(p);
		status = flash_write(s, &span, err);
		span.before += span.size;
	}
	return status;
}

/* What lies above the boundary and holds something stays in the record; without it, it goes. */
static enum wb_status keep_rest(struct wb_session *s, struct preserve *p, uint32_t limit,
	struct wb_error *err)
{
	struct preserve rest = { .len = 0 };
	uint32_t count = 0, to = 0, page = s->chip.family->page;
	char where[RANGES_MAX];
	enum wb_status status;

	record_where(p, where, sizeof(where));
	for (uint32_t i = 0; i < record_count(p); i++)
		count += record_address(p, i) >= limit && record_crc(p, i) != record_blank_crc(p);
	if (!count) {
		if (record_count(p))
			session_report(s, false, "user flash is as it was at %s", where);
		preserve_free(p);
		if (s->link->journal_store(s->link, s->chip.uid64, WB_RECORD_PAGES, NULL, 0) != WB_OK)
			session_report(s, true, "all pages are back, but: %s", s->link->reason);
		return WB_OK;
	}
	status = record_make(&rest, count, page, record_first(p), record_below(p), err);
	if (status != WB_OK)
		return status;
	for (uint32_t i = 0; i < record_count(p); i++) {
		if (record_address(p, i) < limit || record_crc(p, i) == record_blank_crc(p))
			continue;
		record_name_page(&rest, to, record_address(p, i));
		record_put_crc(&rest, to, record_crc(p, i));
		memcpy(record_data(&rest, to++), record_data(p, i), page);
	}
	preserve_free(p);
	*p = rest;
	record_where(p, where, sizeof(where));
	if (store(s, s->chip.uid64, p, err) != WB_OK)
		session_report(s, true, "%s: the record stays as it was", err->text);
	return wb_fail(err, WB_ERR_CHIP,
		"flash is secure from 0x%08X on, so %s cannot be put back. The next upgrade after which "
		"CPU1 has that flash does so; remove the file if it is not wanted",
		(unsigned int)limit, where);
}

enum wb_status preserve_put_back(struct wb_session *s, struct preserve *p, struct wb_error *err)
{
	uint32_t sfr = 0, limit = WB_FLASH_BASE;
	enum wb_status status;

	if (!p->record)
		return WB_OK;
	status = flash_prepare(s, err);
	if (status == WB_OK)
		status = chip_read(s, FLASH_SFR, 1, &sfr, err);
	if (status != WB_OK)
		return status;
	limit += wb_bits(sfr, 7, 0) * s->chip.family->page;
	if (record_count(p))
		status = write_back(s, p, limit, err);
	return status != WB_OK ? status : keep_rest(s, p, limit, err);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the FUS keeps in secure flash for the user: records that are only ever appended.
 *
 *   service   authentication key, its lock, anti-rollback: one page, never erased
 *   keys      user keys and the master key: two pages, none on a WB1x, erased by any FUS upgrade
 *   record    +0 type, +1 size, +2 index (16 bits), +4 CRC-32 of the others, +8 data (64)
 *
 * ST publishes that there is such a space [wiki], neither where nor in what form: ours. A record
 * that a power cut tore has a wrong CRC: it counts for nothing, and its place stays taken.
 */
#include "sim/cpu2.h"

#include <assert.h>
#include <string.h>
#include <zlib.h>

#define SERVICE_OFFSET 0x6000u	    /* from the start of FUS code: behind it, before the UFB */
#define SERVICE_OFFSET_WB1X 0x7000u /* behind the UFB */
#define KEYS_OFFSET 0x9000u	    /* 0x080FD000, between UFB and Safeboot */
#define KEYS_PAGES 2u

static_assert(sizeof(struct vault_record) == 72, "a record is double words without holes");

uint32_t vault_start(const struct wbsim *sim, enum vault_area area)
{
	if (area == VAULT_KEYS)
		return sim->part->fus_start + KEYS_OFFSET;
	return sim->part->fus_start +
	       (sim->part->family == SIM_WB1X ? SERVICE_OFFSET_WB1X : SERVICE_OFFSET);
}

uint32_t vault_bytes(const struct wbsim *sim, enum vault_area area)
{
	if (area == VAULT_KEYS) /* no customer key storage on a WB1x [wiki] */
		return sim->part->family == SIM_WB1X ? 0 : KEYS_PAGES * cpu2_page(sim);
	return cpu2_page(sim);
}

static uint32_t record_crc(const struct vault_record *r)
{
	struct vault_record plain = *r;

	plain.crc = 0;
	return (uint32_t)crc32(0, (const uint8_t *)&plain, sizeof(plain));
}

/* Address of the first place that nobody has written to; 0: there is none. */
static uint32_t free_place(const struct wbsim *sim, enum vault_area area)
{
	uint8_t blank[sizeof(struct vault_record)];

	memset(blank, 0xff, sizeof(blank));
	for (uint32_t at = 0; at + sizeof(blank) <= vault_bytes(sim, area); at += sizeof(blank)) {
		uint32_t addr = vault_start(sim, area) + at;

		if (!memcmp(cpu2_flash(sim, addr), blank, sizeof(blank)))
			return addr;
	}
	return 0;
}

bool vault_full(const struct wbsim *sim, enum vault_area area)
{
	return !free_place(sim, area);
}

void vault_append(
	struct wbsim *sim, enum vault_area area, const struct vault_record *record, size_t bytes)
{
	uint32_t at = free_place(sim, area);
	struct vault_record sealed = *record;

	if (!at)
		return;
	sealed.crc = record_crc(record);
	flash_cpu2_program(sim, at, &sealed, bytes & ~(size_t)7);
}

/* A chip from a file or a tester's poke may hold anything: what no command stores is no record. */
static bool record_sound(const struct vault_record *r)
{
	switch (r->type) {
	case VAULT_KEY_SIMPLE:
	case VAULT_KEY_MASTER:
		return (r->size == 16 || r->size == 32) && r->index <= USER_KEYS;
	case VAULT_KEY_ENCRYPTED:
		return (r->size == 16 + USER_KEY_IV || r->size == 32 + USER_KEY_IV) &&
		       r->index <= USER_KEYS;
	case VAULT_AUTH_KEY:
		return r->size == AUTH_KEY_SIZE;
	case VAULT_AUTH_LOCK:
		return r->size == 0;
	case VAULT_ROLLBACK:
		return r->size == sizeof(((struct cpu2 *)0)->rollback);
	default:
		return false;
	}
}

bool vault_next(const struct wbsim *sim, enum vault_area area, uint32_t *at,
	struct vault_record *record)
{
	while (*at + sizeof(*record) <= vault_bytes(sim, area)) {
		memcpy(record, cpu2_flash(sim, vault_start(sim, area) + *at), sizeof(*record));
		*at += (uint32_t)sizeof(*record);
		if (record->crc == record_crc(record) && record_sound(record))
			return true;
	}
	return false;
}

bool vault_last(const struct wbsim *sim, enum vault_area area, uint8_t type,
	struct vault_record *record)
{
	struct vault_record r;
	bool found = false;

	for (uint32_t at = 0; vault_next(sim, area, &at, &r);) {
		if (r.type != type)
			continue;
		*record = r;
		found = true;
	}
	return found;
}

void vault_load(struct wbsim *sim)
{
	struct cpu2 *c = sim->cpu2;
	struct vault_record r;

	c->auth_key = vault_last(sim, VAULT_SERVICE, VAULT_AUTH_KEY, &r);
	c->auth_locked = vault_last(sim, VAULT_SERVICE, VAULT_AUTH_LOCK, &r);
	c->rollback = 0;
	if (vault_last(sim, VAULT_SERVICE, VAULT_ROLLBACK, &r))
		memcpy(&c->rollback, r.data, sizeof(c->rollback));
}

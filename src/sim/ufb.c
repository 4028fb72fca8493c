/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The UFB: two flash pages in which the FUS keeps what is installed and how far it has come.
 *
 *   +0    struct ufb, sealed by a CRC
 *   +256  progress, 8 bytes each, appended: row, page, and their complement
 *
 * A new head goes into the other bank, so one sound bank is there at any moment; the higher
 * sequence number counts. ST publishes the two addresses and the purpose; the layout is ours.
 */
#include "sim/cpu2.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>
#include <zlib.h>

#define UFB_MAGIC 0x31424655u /* "UFB1" */
#define UFB_ENTRIES 256u
#define UFB_ENTRY 8u

static_assert(
	sizeof(struct ufb) % 8 == 0 && sizeof(struct ufb) <= UFB_ENTRIES, "head is double words");

static uint32_t ufb_address(const struct wbsim *sim, unsigned int bank)
{
	/* Wiki: 0x080FB000 and 0x080FC000; WB1x 0x0804C000 and 0x0804C800. */
	uint32_t first = sim->part->family == SIM_WB1X ? 0x6000 : 0x7000;

	return sim->part->fus_start + first + bank * cpu2_page(sim);
}

static uint32_t ufb_crc(const struct ufb *ufb)
{
	return (uint32_t)crc32(0, (const uint8_t *)ufb, offsetof(struct ufb, crc));
}

/* An image lies inside the flash, page counts included, or there is none. */
static bool inside(const struct wbsim *sim, const struct firmware *f)
{
	uint32_t pages = f->pages + f->nvm_pages, from = f->start - FLASH_BASE;

	return !f->start ||
	       (f->start >= FLASH_BASE && f->size <= f->pages * cpu2_page(sim) &&
		       pages * cpu2_page(sim) <= SIM_FLASH_BYTES && from % cpu2_page(sim) == 0 &&
		       from <= SIM_FLASH_BYTES - pages * cpu2_page(sim) &&
		       from >= f->nvm_pages * cpu2_page(sim));
}

/* What a bank says is used as addresses: believed only if it makes sense. */
static bool sound(const struct wbsim *sim, const struct ufb *ufb)
{
	const uint32_t room = SIM_FLASH_BYTES - ufb->next.pages * cpu2_page(sim);

	return ufb->magic == UFB_MAGIC && ufb->crc == ufb_crc(ufb) &&
	       ufb->operation < FUS_OPERATIONS && ufb->order <= 1 && ufb->nvm_kept <= UINT8_MAX &&
	       inside(sim, &ufb->stack) && inside(sim, &ufb->old) && inside(sim, &ufb->next) &&
	       (!ufb->source || (ufb->source >= FLASH_BASE && ufb->source - FLASH_BASE <= room));
}

void ufb_load(struct wbsim *sim)
{
	struct cpu2 *c = sim->cpu2;
	struct ufb ufb;

	c->corrupt = true;
	for (unsigned int bank = 0; bank < 2; bank++) {
		memcpy(&ufb, cpu2_flash(sim, ufb_address(sim, bank)), sizeof(ufb));
		if (!sound(sim, &ufb) || (!c->corrupt && ufb.sequence < c->ufb.sequence))
			continue;
		c->ufb = ufb;
		c->ufb_bank = bank;
		c->corrupt = false;
	}
	if (c->corrupt) {
		/* What the FUS of silicon does then is not published: ours forgets the stack, and
		 * says so. */
		c->ufb = (struct ufb){ .fus_version = c->fus_version };
		return;
	}
	c->row = c->ufb.row;
	c->page = 0;
	c->ufb_entries = 0;
	for (uint32_t at = UFB_ENTRIES; at + UFB_ENTRY <= cpu2_page(sim); at += UFB_ENTRY) {
		uint32_t entry[2];

		memcpy(entry, cpu2_flash(sim, ufb_address(sim, c->ufb_bank) + at), sizeof(entry));
		if (entry[0] == UINT32_MAX && entry[1] == UINT32_MAX)
			break;
		c->ufb_entries++;
		if (entry[0] != ~entry[1]) /* torn by a power cut: the one before it holds */
			continue;
		c->row = entry[0] >> 16;
		c->page = entry[0] & 0xffff;
	}
}

void ufb_store(struct wbsim *sim, unsigned int row)
{
	struct cpu2 *c = sim->cpu2;
	uint32_t to;

	c->ufb_bank ^= 1;
	to = ufb_address(sim, c->ufb_bank);
	c->ufb.magic = UFB_MAGIC;
	c->ufb.sequence++;
	c->ufb.row = row;
	c->ufb.crc = ufb_crc(&c->ufb);
	flash_cpu2_erase(sim, to, cpu2_page(sim));
	flash_cpu2_program(sim, to, &c->ufb, sizeof(c->ufb));
	c->ufb_entries = 0;
	c->corrupt = false;
}

void ufb_store_half(struct wbsim *sim)
{
	const struct cpu2 *c = sim->cpu2;
	uint32_t to = ufb_address(sim, c->ufb_bank ^ 1);

	flash_cpu2_erase(sim, to, cpu2_page(sim));
	flash_cpu2_program(sim, to, &c->ufb, sizeof(c->ufb) / 2 & ~7u);
}

void ufb_progress(struct wbsim *sim, unsigned int row, unsigned int page)
{
	struct cpu2 *c = sim->cpu2;
	uint32_t at = UFB_ENTRIES + c->ufb_entries * UFB_ENTRY;
	uint32_t entry[2] = { row << 16 | page, ~(row << 16 | page) };

	if (at + UFB_ENTRY > cpu2_page(sim)) {
		ufb_store(sim, row);
		at = UFB_ENTRIES;
	}
	flash_cpu2_program(sim, ufb_address(sim, c->ufb_bank) + at, entry, sizeof(entry));
	c->ufb_entries++;
}

void ufb_factory(struct wbsim *sim, uint32_t fus_version)
{
	struct cpu2 *c = sim->cpu2;
	struct ufb keep = c->ufb;

	c->ufb = (struct ufb){ .sequence = keep.sequence, .fus_version = fus_version, .virgin = 1 };
	memcpy(c->ufb.fus_sha256, keep.fus_sha256, sizeof(keep.fus_sha256));
	ufb_store(sim, 0);
}

void ufb_lose(struct wbsim *sim)
{
	flash_cpu2_erase(sim, ufb_address(sim, 0), 2 * cpu2_page(sim));
}

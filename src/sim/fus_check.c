/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the FUS makes of what it finds in user flash: nothing, one image, too much; genuine or
 * not; allowed by its version; enough room. It scans from the start of flash up to SFSA.
 */
#include "sim/cpu2.h"

#include <string.h>
#include "sim/testsig.h"

#define FOOTER 20u     /* of a signature; its size is a byte at +8 */
#define FOOTER_SIZE 8u

enum {
	IMAGE_FINE = 0,
	IMAGE_NOT_FOUND = 1,
	NOT_AUTHENTIC = 3,
	NO_SPACE = 4,
	NO_CUSTOMER_SIGNATURE = 9,
	ROLLBACK = 0x11
};

struct found {
	struct sim_image image;
	struct trust_facts facts;
	uint32_t start, size; /* address, bytes */
	uint8_t sha256[32];
};

static uint32_t pages_of(const struct wbsim *sim, uint32_t size)
{
	return (size + cpu2_page(sim) - 1) / cpu2_page(sim);
}

/*
 * The footers tell the end and the number of pages, so the start is one of two pages: two of
 * ST's images count one page short.
 */
static bool genuine_at(const struct wbsim *sim, uint32_t end, unsigned int pages, struct found *f)
{
	uint32_t page = cpu2_page(sim), last = (end - 1) / page * page;

	if (!pages || last < FLASH_BASE + (pages - 1) * page)
		return false;
	f->start = last - (pages - 1) * page;
	f->size = end - f->start;
	return trust_check(sim->cpu2->trust, cpu2_flash(sim, f->start), f->size, &f->image,
		&f->facts, f->sha256);
}

/* Images whose footers end below limit; what the last one says, and where it ends. */
static unsigned int scan(
	const struct wbsim *sim, uint32_t limit, struct sim_image *image, uint32_t *image_end)
{
	const uint8_t *flash = cpu2_flash(sim, FLASH_BASE);
	unsigned int count = 0;
	struct sim_image here;

	for (size_t end = 0; (end = sim_image_next(flash, end, limit - FLASH_BASE, &here)) != 0;) {
		/* ST's footer before a customer's is not an end of its own. */
		if (!here.customer || !count)
			count++;
		*image = here;
		*image_end = FLASH_BASE + (uint32_t)end;
	}
	return count;
}

/* Fronts of genuine images elsewhere: what is left of an older copy. */
static bool leftovers(const struct wbsim *sim, uint32_t limit, uint32_t start)
{
	for (uint32_t at = FLASH_BASE; at + 16 <= limit; at += cpu2_page(sim)) {
		if (at != start && trust_front(sim->cpu2->trust, cpu2_flash(sim, at)))
			return true;
	}
	return false;
}

static uint8_t stack_rules(struct wbsim *sim, struct found *f, uint32_t limit)
{
	struct cpu2 *c = sim->cpu2;
	uint32_t page = cpu2_page(sim), pages = pages_of(sim, f->size);
	uint32_t place = cpu2_place_of(sim, pages, f->image.nvm_pages);
	uint32_t gap = 0;

	/* Below an installed stack: one page since 1.1.2, as much as the image again before [wiki].
	 */
	if (c->ufb.stack.start)
		gap = fus_version_has(sim, FUS_ONE_PAGE) ? 1 : pages;
	if (place <= FLASH_BASE || f->start > place || f->start + (pages + gap) * page > limit)
		return NO_SPACE;
	c->ufb.next = (struct firmware){
		.start = place,
		.size = f->size,
		.version = f->image.version,
		.type = f->facts.type,
		.pages = (uint8_t)pages,
		.nvm_pages = f->image.nvm_pages,
		.open_2a = f->image.open_2a,
		.open_2b = f->image.open_2b,
	};
	return IMAGE_FINE;
}

static uint8_t fus_rules(struct wbsim *sim, struct found *f)
{
	struct cpu2 *c = sim->cpu2;
	const struct fus_version *from = fus_version_by_word(c->ufb.fus_version);
	const struct fus_version *to = fus_version_by_word(f->image.version);

	/* A version that may not follow is answered "not authentic" [wiki]. */
	if (!from || !to ||
		fus_hop_fate(sim, from, to, f->facts.for_fus_053) == FATE_REFUSED)
		return NOT_AUTHENTIC;
	c->ufb.next = (struct firmware){
		.start = sim->part->fus_start + to->own_page_offset,
		.size = f->size,
		.version = to->version,
		.pages = (uint8_t)pages_of(sim, f->size),
	};
	c->op = FUS_OP_FUS;
	return IMAGE_FINE;
}

/* Safeboot 2.0.0 has a stack's magic and is for FUS 1.1.0 and 1.1.1, the other one for FUS 2 [rn]. */
static uint8_t safeboot_rules(struct wbsim *sim, struct found *f)
{
	struct cpu2 *c = sim->cpu2;

	if (!fus_version_has(sim, f->image.fus2 ? FUS_2 : FUS_OLD_SAFEBOOT))
		return NOT_AUTHENTIC;
	c->ufb.next = (struct firmware){ .start = cpu2_safeboot(sim),
		.size = cpu2_page(sim),
		.version = f->image.version,
		.pages = 1 };
	c->op = FUS_OP_SAFEBOOT;
	return IMAGE_FINE;
}

/* Signed with the key that is installed? A real FUS checks a public-key signature, ours a test's. */
static bool customer_signed(const struct wbsim *sim, const struct found *f)
{
	const uint8_t *file = cpu2_flash(sim, f->start);
	const size_t at = f->size - FOOTER - TESTSIG_SIZE, tail = TESTSIG_SIZE + FOOTER;
	struct vault_record key;
	uint8_t want[TESTSIG_SIZE];

	if (f->size < f->image.signature_at || f->image.signature_at < 2 * tail ||
		file[f->size - FOOTER + FOOTER_SIZE] != TESTSIG_SIZE ||
		!vault_last(sim, VAULT_SERVICE, VAULT_AUTH_KEY, &key))
		return false;
	testsig_customer(file, f->size - f->image.signature_at, key.data, want);
	return !memcmp(want, file + at, sizeof(want));
}

/*
 * Anti-rollback: the stack of the moment it was switched on, or the newer one that is installed
 * now; with no stack nothing can be installed ever after, a FUS neither [wiki]. The wiki can be read
 * so that deleting the stack later does the same: a switch.
 */
static bool rolls_back(const struct wbsim *sim, const struct found *f)
{
	const struct cpu2 *c = sim->cpu2;
	uint32_t least = c->rollback;

	if (!least)
		return false;
	if (least == ROLLBACK_NOTHING || (!c->ufb.stack.start && sim->quirks.rollback_lost))
		return true;
	if (f->image.kind != SIM_IMAGE_STACK && f->image.kind != SIM_IMAGE_STACK_FUS2)
		return false;
	if (c->ufb.stack.start && c->ufb.stack.version > least)
		least = c->ufb.stack.version;
	return f->image.version < least;
}

/* What holds for every image: the customer's key, and anti-rollback. */
static uint8_t lock_rules(const struct wbsim *sim, const struct found *f)
{
	const struct cpu2 *c = sim->cpu2;

	if (c->keys_lost)
		return NOT_AUTHENTIC;
	if (c->auth_key && !f->image.customer)
		return NO_CUSTOMER_SIGNATURE;
	if (c->auth_key && !customer_signed(sim, f))
		return NOT_AUTHENTIC; /* which of the two it is, ours */
	return rolls_back(sim, f) ? ROLLBACK : IMAGE_FINE;
}

uint8_t fus_check(struct wbsim *sim)
{
	struct cpu2 *c = sim->cpu2;
	uint32_t limit = cpu2_boundary(sim), user_end = FLASH_BASE + sim->part->flash_kib * 1024u;
	struct found f = { 0 };
	uint32_t end = 0;
	unsigned int count;
	uint8_t error;
	bool wb1x;

	if (limit > user_end)
		limit = user_end;
	count = scan(sim, limit, &f.image, &end);
	if (!count)
		return IMAGE_NOT_FOUND;
	/* FUS 1.x does not know the magic of FUS-2-only stacks [rn]: no image, for it. */
	if (f.image.kind == SIM_IMAGE_STACK_FUS2 && !fus_version_has(sim, FUS_2))
		return IMAGE_NOT_FOUND;
	if (count > 1)
		return NOT_AUTHENTIC;
	if (!genuine_at(sim, end, f.image.pages, &f) &&
		!genuine_at(sim, end, f.image.pages + 1u, &f))
		return NOT_AUTHENTIC;
	/* Each family has keys of its own; generated images tell theirs by the size of their pages.
	 */
	wb1x = f.facts.wb1x || f.image.pages > (f.size + PAGE_MAX - 1) / PAGE_MAX;
	if (leftovers(sim, limit, f.start) || wb1x != (sim->part->family == SIM_WB1X))
		return NOT_AUTHENTIC;
	error = lock_rules(sim, &f);
	if (error)
		return error;
	if (f.image.kind == SIM_IMAGE_FUS)
		error = fus_rules(sim, &f);
	else if (f.image.kind == SIM_IMAGE_STACK || f.image.kind == SIM_IMAGE_STACK_FUS2)
		error = stack_rules(sim, &f, limit);
	else if (f.image.kind == SIM_IMAGE_SAFEBOOT)
		error = safeboot_rules(sim, &f);
	else
		error = NOT_AUTHENTIC;
	if (error)
		return error;
	memcpy(c->ufb.next.sha256, f.sha256, sizeof(f.sha256));
	c->ufb.source = f.start;
	return IMAGE_FINE;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtual FUS's reader of image footers.
 *
 *   ... payload | FUS footer 20 | ST signature S | ST footer 20 [ | customer signature | customer
 * footer 20 ]
 *
 * FUS footer:       info1, info2, { pages, NVM flag, KiB 2a open, KiB 2b open }, version, magic
 * signature footer: reserved, reserved, { S, source, -, - }, version, magic
 */
#include "sim/cpu2.h"

#define FOOTER 20u
#define FOOTER_VERSION 12u
#define FOOTER_MAGIC 16u
#define FOOTER_BYTES 8u /* the word that is made of bytes */
#define MAGIC_ST 0xD3A12C5Eu
#define MAGIC_CUSTOMER 0xE2B51D4Au
#define MAGIC_STACK 0x23372991u
#define INFO1_SAFEBOOT 0x5AFEB007u /* in a stack's footer: it is a Safeboot image */

static const struct {
	uint32_t magic;
	enum sim_image_kind kind;
} image_kinds[] = {
	{ MAGIC_STACK, SIM_IMAGE_STACK },
	{ 0xB10C8B99u, SIM_IMAGE_STACK_FUS2 },
	{ 0x32279221u, SIM_IMAGE_FUS },
	{ 0x927A6741u, SIM_IMAGE_SAFEBOOT },
	{ 0x42769811u, SIM_IMAGE_OTHER },
};

static uint32_t word(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* A megabyte is looked through for this word at every check of the FUS. */
static bool is_magic(uint32_t value)
{
	return value == MAGIC_ST || value == MAGIC_CUSTOMER;
}

bool sim_image_at(const uint8_t *data, size_t end, struct sim_image *image)
{
	size_t at = end; /* walks down from the end */
	const uint8_t *f;

	if (at < FOOTER)
		return false;
	f = data + at - FOOTER;
	if (!is_magic(word(f + FOOTER_MAGIC)))
		return false;
	*image = (struct sim_image){ 0 };
	if (word(f + FOOTER_MAGIC) == MAGIC_CUSTOMER) {
		size_t skip = FOOTER + f[FOOTER_BYTES];

		if (at < skip + FOOTER)
			return false;
		at -= skip;
		f = data + at - FOOTER;
		image->customer = true;
	}
	if (word(f + FOOTER_MAGIC) != MAGIC_ST)
		return false;
	image->signature_size = f[FOOTER_BYTES];
	if (at < FOOTER + image->signature_size + FOOTER)
		return false;
	at -= FOOTER + image->signature_size;
	image->signature_at = (uint32_t)(end - at);
	f = data + at - FOOTER;
	for (size_t i = 0; i < sizeof(image_kinds) / sizeof(image_kinds[0]); i++) {
		if (word(f + FOOTER_MAGIC) != image_kinds[i].magic)
			continue;
		image->kind = image_kinds[i].kind;
		if (word(f + FOOTER_MAGIC) == MAGIC_STACK && word(f) == INFO1_SAFEBOOT)
			image->kind = SIM_IMAGE_SAFEBOOT;
		image->fus2 = word(f + FOOTER_MAGIC) != MAGIC_STACK;
		if (image->kind == SIM_IMAGE_STACK_FUS2)
			image->nvm_pages = f[3];
		image->version = word(f + FOOTER_VERSION);
		image->pages = f[FOOTER_BYTES];
		image->open_2a = f[FOOTER_BYTES + 2];
		image->open_2b = f[FOOTER_BYTES + 3];
		return true;
	}
	return false;
}

size_t sim_image_next(const uint8_t *data, size_t end, size_t limit, struct sim_image *image)
{
	for (end += 4; end <= limit; end += 4)
		if (is_magic(word(data + end - 4)) && sim_image_at(data, end, image))
			return end;
	return 0;
}

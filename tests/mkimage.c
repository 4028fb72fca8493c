/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mkimage: makes coprocessor images that look like ST's and carry the virtual chip's test
 * signature, whole or damaged. Equal arguments make equal bytes.
 *
 *   mkimage --kind stack --fus2 --nvm 4 --version 1.24.0 --size 129456 -o
 * stm32wb5x_BLE_Stack_full_fw.bin
 *
 * Nothing of src/core is used: an image made here is part of core's second opinion.
 */
#include "config.h"

#include <argp.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sim/cpu2.h"
#include "sim/testsig.h"

#define FOOTER 20u
#define TAIL (FOOTER + TESTSIG_SIZE + FOOTER)
#define SIZE_MAX_BYTES 0x100000ul
#define FILLER 0xABCDABCDu /* what ST's unused footer words hold */
#define MAGIC_ST 0xD3A12C5Eu
#define MAGIC_CUSTOMER 0xE2B51D4Au
#define MAGIC_STACK_FUS2 0xB10C8B99u
#define MAGIC_SAFEBOOT_FUS2 0x927A6741u
#define INFO1_SAFEBOOT 0x5AFEB007u
#define PAGE_WB1X 2048u
#define PAGE 4096u
#define UNSET UINT32_MAX

const char *argp_program_version = "mkimage (OpenFUS tests)";

static const struct kind {
	const char *name;
	uint32_t magic, size, version, info1;
	uint8_t open_2a, open_2b; /* as ST's images of that kind have them */
} kinds[] = {
	{ "stack", 0x23372991u, 129460, 0x01180003, FILLER, 10, 15 },
	{ "fus", 0x32279221u, 24468, 0x02020000, FILLER, 32, 16 },
	{ "safeboot", 0x23372991u, 7316, 0x02000003, INFO1_SAFEBOOT, 12, 11 },
	{ "other", 0x42769811u, 4096, 0x01000000, FILLER, 32, 16 },
};

struct arguments {
	const struct kind *kind;
	const char *output, *customer_key;
	uint32_t version, size, pages, type, nvm, magic, open_2a, open_2b, page, seed, cut, flip;
	bool fus2, customer, no_footers, bad_signature;
};

static const struct argp_option options[] = {
	{ "kind", 'k', "KIND", 0, "stack (default), fus, safeboot or other", 0 },
	{ "version", 'v', "A.B.C[.BRANCH.TYPE]", 0,
		"or a 0x word; a FUS 1.2.0 gets 0xFFFFFFFF, as ST's", 0 },
	{ "size", 's', "BYTES", 0, "length of the file, footers included", 0 },
	{ "pages", 'p', "N", 0, "page count in the footer (default: what the size needs)", 0 },
	{ "type", 't', "N", 0, "stack type byte (default: by the output's name)", 0 },
	{ "nvm", 'n', "N", 0, "NVM pages; with --fus2", 0 },
	{ "fus2", '2', NULL, 0, "the magic for FUS 2 only", 0 },
	{ "magic", 'm', "WORD", 0, "another magic", 0 },
	{ "open-2a", 'a', "KIB", 0, "SRAM2a left open", 0 },
	{ "open-2b", 'b', "KIB", 0, "SRAM2b left open", 0 },
	{ "wb1x", '1', NULL, 0, "for WB1x: pages of 2 KiB", 0 },
	{ "seed", 'S', "N", 0, "another payload", 0 },
	{ "customer", 'c', NULL, 0, "a customer's signature and footer behind ST's, of no key", 0 },
	{ "customer-key", 'K', "FILE", 0,
		"sign it with this authentication key: 64 bytes, or a size byte and those", 0 },
	{ "cut", 'C', "N", 0, "damage: without the last N bytes", 0 },
	{ "flip", 'f', "OFFSET", 0, "damage: one bit at OFFSET, after signing", 0 },
	{ "no-footers", 'F', NULL, 0, "damage: payload only", 0 },
	{ "bad-signature", 'B', NULL, 0, "damage: a signature of nobody", 0 },
	{ "output", 'o', "FILE", 0, "where to write it", 0 },
	{ 0 },
};

static uint32_t number(struct argp_state *state, const char *text)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 0);
	if (errno || end == text || *end || *text == '-' || value > UINT32_MAX)
		argp_error(state, "\"%s\" is no 32-bit number", text);
	return (uint32_t)value;
}

/* A.B.C, and .BRANCH.TYPE where they are not 0. */
static uint32_t version_word(struct argp_state *state, const char *text)
{
	static const struct {
		unsigned long max;
		unsigned int shift;
	} part[] = { { 255, 24 }, { 255, 16 }, { 255, 8 }, { 15, 4 }, { 15, 0 } };
	const char *at = text;
	uint32_t word = 0;
	size_t n;

	if (strncmp(text, "0x", 2) == 0)
		return number(state, text);
	for (n = 0; n < sizeof(part) / sizeof(part[0]); n++) {
		char *end;
		unsigned long value = strtoul(at, &end, 10);

		if (end == at || *at == '-' || value > part[n].max || (*end && *end != '.'))
			break;
		word |= (uint32_t)value << part[n].shift;
		if (!*end && n >= 2)
			return word;
		at = end + (*end != '\0');
	}
	argp_error(state, "\"%s\" is no version like 1.24.0", text);
	return 0;
}

static const struct kind *kind_by_name(struct argp_state *state, const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	}
	argp_error(state, "kind \"%s\": stack, fus, safeboot or other", name);
	return kinds;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;
	uint32_t *word = NULL;

	switch (key) {
	case 'k':
		a->kind = kind_by_name(state, arg);
		break;
	case 'v':
		a->version = version_word(state, arg);
		break;
	case 's':
		word = &a->size;
		break;
	case 'p':
		word = &a->pages;
		break;
	case 't':
		word = &a->type;
		break;
	case 'n':
		word = &a->nvm;
		break;
	case 'm':
		word = &a->magic;
		break;
	case 'a':
		word = &a->open_2a;
		break;
	case 'b':
		word = &a->open_2b;
		break;
	case 'S':
		word = &a->seed;
		break;
	case 'C':
		word = &a->cut;
		break;
	case 'f':
		word = &a->flip;
		break;
	case '2':
		a->fus2 = true;
		break;
	case '1':
		a->page = PAGE_WB1X;
		break;
	case 'c':
		a->customer = true;
		break;
	case 'K':
		a->customer = true;
		a->customer_key = arg;
		break;
	case 'F':
		a->no_footers = true;
		break;
	case 'B':
		a->bad_signature = true;
		break;
	case 'o':
		a->output = arg;
		break;
	case ARGP_KEY_END:
		if (!a->output)
			argp_error(state, "-o FILE is missing");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	if (word)
		*word = number(state, arg);
	return 0;
}

static void put(uint8_t *p, uint32_t value)
{
	for (unsigned int i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> (8 * i));
}

static void signature_footer(uint8_t *p, uint32_t magic)
{
	put(p, 0x12341234);
	put(p + 4, FILLER);
	put(p + 8, 0xFFFF5700u | TESTSIG_SIZE);
	put(p + 12, 0x22110045);
	put(p + 16, magic);
}

/* xorshift32: bytes that look like ciphertext, the same on every machine. */
static void payload(uint8_t *data, size_t size, uint32_t seed)
{
	uint32_t x = seed | 1;

	for (size_t i = 0; i < size; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		data[i] = (uint8_t)(x >> 11);
	}
}

/* As UPDATE_AUTH_KEY takes it, with its size byte or without. */
static bool read_key(const char *path, uint8_t key[TESTSIG_SIZE])
{
	uint8_t file[TESTSIG_SIZE + 2];
	FILE *f = fopen(path, "rb");
	size_t n = f ? fread(file, 1, sizeof(file), f) : 0;

	if (f)
		fclose(f);
	if (n != TESTSIG_SIZE && (n != TESTSIG_SIZE + 1 || file[0] != TESTSIG_SIZE)) {
		fprintf(stderr, "mkimage: %s: no authentication key of %u bytes\n", path,
			TESTSIG_SIZE);
		return false;
	}
	memcpy(key, file + (n - TESTSIG_SIZE), TESTSIG_SIZE);
	return true;
}

static size_t build(const struct arguments *a, const uint8_t *key, uint8_t *data)
{
	size_t tail = TAIL + (a->customer ? TESTSIG_SIZE + FOOTER : 0);
	uint8_t *f = data + a->size - tail, *sig = f + FOOTER;
	size_t length = a->no_footers ? a->size - tail : a->size;
	uint8_t type = (uint8_t)a->type;
	uint32_t seed =
		a->seed * 2654435761u ^ a->version ^ a->size << 7 ^ a->magic ^ a->type << 24;

	payload(data, a->size, seed);
	testsig_front(data, type, data);
	put(f, a->fus2 ? a->nvm << 24 | 0x0401CD : a->kind->info1);
	put(f + 4, FILLER);
	f[8] = (uint8_t)a->pages;
	f[9] = a->fus2 ? 0x02 : 0xFF;
	f[10] = (uint8_t)a->open_2a;
	f[11] = (uint8_t)a->open_2b;
	put(f + 12, a->version);
	put(f + 16, a->magic);
	signature_footer(sig + TESTSIG_SIZE, MAGIC_ST);
	if (a->customer)
		signature_footer(data + a->size - FOOTER, MAGIC_CUSTOMER);
	/* ST's signature covers the whole file, a customer's what stands before ST's. */
	if (a->customer_key)
		testsig_customer(data, (size_t)(sig - data), key,
			data + a->size - FOOTER - TESTSIG_SIZE);
	if (!a->bad_signature)
		testsig_sign(data, a->size, (size_t)(sig - data), sig);
	if (a->flip < a->size)
		data[a->flip] ^= 0x10;
	return length > a->cut ? length - a->cut : 0;
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options, parse, NULL,
		"Make a coprocessor image for tests.", NULL, NULL, NULL };
	struct arguments a = { .kind = kinds,
		.version = UNSET,
		.size = UNSET,
		.pages = UNSET,
		.type = UNSET,
		.magic = UNSET,
		.open_2a = UNSET,
		.open_2b = UNSET,
		.page = PAGE,
		.flip = UNSET };
	uint8_t key[TESTSIG_SIZE] = { 0 };
	struct trust_facts facts;
	const char *slash;
	uint8_t *data;
	size_t length;
	FILE *out;

	argp_parse(&argp, argc, argv, 0, NULL, &a);
	if (a.customer_key && !read_key(a.customer_key, key))
		return 1;
	if (a.version == UNSET)
		a.version = a.kind->version;
	if (a.kind->magic == 0x32279221u && a.version == 0x01020000)
		a.version = UINT32_MAX;
	if (a.size == UNSET)
		a.size = a.kind->size;
	if (a.size < TESTSIG_FRONT + TAIL + TESTSIG_SIZE + FOOTER || a.size > SIZE_MAX_BYTES) {
		fprintf(stderr, "mkimage: --size %u: from %u to %lu bytes\n", a.size,
			TESTSIG_FRONT + TAIL + TESTSIG_SIZE + FOOTER, SIZE_MAX_BYTES);
		return 1;
	}
	if (a.pages == UNSET)
		a.pages = (a.size + a.page - 1) / a.page;
	if (a.magic == UNSET)
		a.magic = !a.fus2                           ? a.kind->magic
			  : a.kind->info1 == INFO1_SAFEBOOT ? MAGIC_SAFEBOOT_FUS2
							    : MAGIC_STACK_FUS2;
	if (a.open_2a == UNSET)
		a.open_2a = a.kind->open_2a;
	if (a.open_2b == UNSET)
		a.open_2b = a.kind->open_2b;
	slash = strrchr(a.output, '/');
	trust_facts_of_name(slash ? slash + 1 : a.output, &facts);
	if (a.type == UNSET)
		a.type = a.kind == kinds     ? (facts.type ? facts.type : 1)
			 : facts.for_fus_053 ? TESTSIG_FOR_053
					     : 0;
	data = malloc(a.size);
	if (!data) {
		fprintf(stderr, "mkimage: no memory\n");
		return 1;
	}
	length = build(&a, key, data);
	out = fopen(a.output, "wb");
	if (!out || fwrite(data, 1, length, out) != length || fclose(out)) {
		fprintf(stderr, "mkimage: %s: %s\n", a.output, strerror(errno));
		free(data);
		return 1;
	}
	free(data);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Things that core's unit tests make: images with sound footers, chips as they leave the factory. */
#ifndef CORE_MAKE_H
#define CORE_MAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "core/openfus.h"

#define MAKE_ST 0xd3a12c5eu
#define MAKE_CUSTOMER 0xe2b51d4au
#define MAKE_STACK 0x23372991u
#define MAKE_STACK_FUS2 0xb10c8b99u
#define MAKE_FUS 0x32279221u
#define MAKE_SAFEBOOT_FUS2 0x927a6741u
#define MAKE_TRAILER 104u

static inline void make_word(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

/* A file of `size` bytes with both footers; page counts as for pages of 4 KiB. malloc'ed. */
static inline uint8_t *make_image(size_t size, uint32_t magic, uint32_t version)
{
	uint8_t *data = malloc(size);
	uint8_t *fus = data + size - MAKE_TRAILER;
	uint8_t *sig = data + size - 20;

	assert_non_null(data);
	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)(i * 7 + (i >> 8));
	make_word(fus, magic == MAKE_STACK_FUS2 ? 0x04010400 : 0xabcdabcd);
	fus[8] = (uint8_t)((size + 4095) / 4096);
	fus[10] = 10;
	fus[11] = 15;
	make_word(fus + 12, version);
	make_word(fus + 16, magic);
	sig[8] = 0x40;
	make_word(sig + 16, MAKE_ST);
	return data;
}

/* A WB55 of 1 MiB that ST has just delivered: FUS selected, CM0+ started, no stack. */
static inline struct wb_chip make_chip(uint32_t fus)
{
	struct wb_chip chip = { .family = wb_family_by_id(WB_FAMILY_5X), .dev_id = 0x495,
		.flash_kib = 1024, .c2boot = true, .selected = WB_RUNS_FUS,
		.running = WB_RUNS_FUS, .sfsa_address = 0x080f4000, .sbrv_address = 0x080f4000,
		.secure_start = 0x080f4000 };

	chip.options.optr = 0x3ffff1aa;
	chip.options.sfr = 0x10f4;
	chip.options.srrvr = 0x9003d000;
	chip.versions = (struct wb_versions){ .valid = true, .live = true, .from_fus = true,
		.fus = fus };
	return chip;
}

/* The same with a stack installed from `start` on, selected and running. */
static inline struct wb_chip make_chip_with_stack(uint32_t fus, uint32_t start, uint32_t version,
	uint8_t type)
{
	struct wb_chip chip = make_chip(fus);
	uint32_t page = (start - 0x08000000) / 4096;

	chip.options.sfr = 0x1000 | page;
	chip.options.srrvr = 0x80000000 | page * 1024;
	chip.sfsa_address = chip.sbrv_address = chip.secure_start = start;
	chip.selected = chip.running = WB_RUNS_STACK;
	chip.versions.from_fus = false;
	chip.versions.stack = version;
	chip.versions.stack_info = type;
	chip.versions.stack_memory = (0x080f4000 - start) / 4096;
	return chip;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A wireless stack as far as a programmer meets it: ready event, GET_STATE twice, event buffers
 * that want to come back through the free queue and channel 4.
 */
#include "sim/cpu2.h"

#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GET_STATE 0xFC52
#define ERROR_NOT_RUNNING 0xFE
#define STATUS_UNKNOWN_COMMAND 0x01 /* HCI's code */
#define SHCI_FIRST 0xFC66           /* C2_BLE_INIT and its kin: a stack says success */
#define SHCI_LAST 0xFC7F
#define EVENT_READY 0x9200
#define READY_STACK 0
#define EVENT_BUFFER 32u /* what a stack takes of its pool for a system event; ours */
#define FREE_BOUND 64u   /* longest free queue we follow */

/* What a talkative stack says behind its ready: flash work begins and ends [mw]. */
static const uint16_t chatter[] = { 0x9206, 0x9207, 0x9204, 0x9205 };

static uint32_t take_buffer(struct wbsim *sim)
{
	struct cpu2 *c = sim->cpu2;

	if (c->free_count)
		return c->free_list[--c->free_count];
	if (c->pool_used + EVENT_BUFFER > c->tables.pool_size)
		return c->tables.spare_event;
	c->pool_used += EVENT_BUFFER;
	return c->tables.pool + c->pool_used - EVENT_BUFFER;
}

void wstack_ready(struct wbsim *sim)
{
	struct cpu2 *c = sim->cpu2;

	c->up = true;
	c->get_states = 0;
	tables_device_info(sim);
	tables_event(sim, take_buffer(sim), EVENT_READY, READY_STACK);
	for (size_t i = 0; sim->quirks.chatty_stack && i < sizeof(chatter) / sizeof(chatter[0]);
		i++)
		tables_event(sim, take_buffer(sim), chatter[i], 0);
}

void wstack_command(struct wbsim *sim)
{
	struct cpu2 *c = sim->cpu2;
	const uint16_t opcode = (uint16_t)(c->packet[9] | c->packet[10] << 8);
	const uint8_t error = ERROR_NOT_RUNNING;

	sim_log(sim, "stack: command 0x%04X", opcode);
	if (c->packet[8] != COMMAND_TYPE) {
		tables_answer(sim, opcode, STATUS_UNKNOWN_COMMAND, NULL, 0);
		return;
	}
	if (opcode == GET_STATE && c->get_states++) {
		fus_begin(sim, FUS_OP_ENTER); /* no answer: the chip resets */
		return;
	}
	if (usrkey_command(sim, opcode))
		return;
	if (opcode == GET_STATE)
		tables_answer(sim, opcode, FUS_STATE_ERROR, &error, 1);
	else
		tables_answer(sim, opcode,
			opcode >= SHCI_FIRST && opcode <= SHCI_LAST ? 0 : STATUS_UNKNOWN_COMMAND,
			NULL, 0);
}

void wstack_free(struct wbsim *sim)
{
	struct cpu2 *c = sim->cpu2;
	uint32_t queue = c->tables.free_queue;

	for (unsigned int i = 0; i < FREE_BOUND; i++) {
		uint32_t buffer = tables_get32(sim, queue), next;

		if (buffer == queue)
			break;
		next = tables_linked(sim, queue, buffer) ? tables_get32(sim, buffer) : 0;
		if (!tables_linked(sim, queue, next))
			return;
		tables_put32(sim, queue, next);
		tables_put32(sim, next + 4, queue);
		if (c->free_count < sizeof(c->free_list) / sizeof(c->free_list[0]))
			c->free_list[c->free_count++] = buffer;
	}
	ipcc_c2_clear(sim, 4);
}

bool wstack_intact(struct wbsim *sim)
{
	const struct firmware *s = &sim->cpu2->ufb.stack;
	struct sha256_ctx ctx;
	uint8_t digest[SHA256_DIGEST_SIZE];

	if (s->start < FLASH_BASE || s->size > SIM_FLASH_BYTES ||
		s->start - FLASH_BASE > SIM_FLASH_BYTES - s->size)
		return false;
	sha256_init(&ctx);
	sha256_update(&ctx, s->size, cpu2_flash(sim, s->start));
	sha256_digest(&ctx, sizeof(digest), digest);
	return !memcmp(digest, s->sha256, sizeof(digest));
}

bool wstack_install(struct wbsim *sim, const char *path, char *why, size_t why_size)
{
	struct firmware *s = &sim->cpu2->ufb.stack;
	uint32_t page = cpu2_page(sim);
	const char *slash = strrchr(path, '/');
	struct trust_facts facts, by_name;
	struct sim_image image;
	size_t size;
	uint8_t *data = trust_read_file(path, &size, why, why_size);

	if (!data)
		return false;
	if (!sim_image_at(data, size, &image) || size % 4 || image.kind > SIM_IMAGE_STACK_FUS2) {
		snprintf(why, why_size,
			"%s: no wireless stack (footers not found, or another kind of image)",
			path);
		free(data);
		return false;
	}
	/* A file that nobody signed may be installed from outside: it is the tester's chip. */
	trust_check(sim->cpu2->trust, data, size, &image, &facts, s->sha256);
	trust_facts_of_name(slash ? slash + 1 : path, &by_name);
	s->size = (uint32_t)size;
	s->version = image.version;
	s->type = facts.type ? facts.type : by_name.type;
	s->pages = (uint8_t)((size + page - 1) / page);
	s->nvm_pages = image.nvm_pages;
	s->open_2a = image.open_2a;
	s->open_2b = image.open_2b;
	s->start = cpu2_place_of(sim, s->pages, s->nvm_pages);
	if (s->start <= FLASH_BASE) {
		snprintf(why, why_size, "%s: larger than the flash of this part", path);
		free(data);
		return false;
	}
	flash_cpu2_erase(sim, s->start, (size_t)s->pages * page);
	flash_cpu2_program(sim, s->start, data, size & ~(size_t)7);
	if (size % 8) {
		uint8_t last[8] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

		memcpy(last, data + (size & ~(size_t)7), size % 8);
		flash_cpu2_program(
			sim, s->start + (uint32_t)(size & ~(size_t)7), last, sizeof(last));
	}
	free(data);
	return true;
}

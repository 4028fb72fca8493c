/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's side of a test board: tables, start, commands, following resets, making images. */
#include "sim_cpu2_board.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include "sim/testsig.h"

#define ANSWER_NS (10000 * MS)
#define POLL_NS (50 * MS)
#define FOLLOW_STEPS 2000u

#define INFO 0x20030040u
#define SYSTEM 0x20030080u
#define MEMORY 0x20030090u
#define QUEUE 0x200300C0u
#define FREE_QUEUE 0x200300C8u
#define COMMAND 0x20030100u
#define SPARE_SYSTEM 0x20030220u
#define SPARE_BLE 0x20030340u
#define POOL 0x20030460u
#define POOL_SIZE 512u

static void put32(struct board *b, uint32_t addr, uint32_t value)
{
	memcpy(b->sim->sram2a + (addr - SRAM2A_BASE), &value, 4);
}

static uint32_t get32(struct board *b, uint32_t addr)
{
	uint32_t value;

	assert_true(addr >= SRAM2A_BASE && addr < SRAM2A_BASE + sizeof(b->sim->sram2a) - 4);
	memcpy(&value, b->sim->sram2a + (addr - SRAM2A_BASE), 4);
	return value;
}

static void put_tables(struct board *b)
{
	const uint32_t table[] = { INFO, 0, 0, SYSTEM, MEMORY, 0, 0, 0, 0, 0 };
	const uint32_t memory[] = { SPARE_BLE, SPARE_SYSTEM, b->bad_pool ? 0x20037000 : POOL,
		POOL_SIZE, FREE_QUEUE, 0, 0 };
	uint32_t base =
		SRAM2A_BASE + options_get(b->sim, "IPCCDBA") * (b->sim->quirks.ipccdba_x8 ? 8 : 4);

	for (unsigned int i = 0; i < 10; i++)
		put32(b, base + i * 4, table[i]);
	for (unsigned int i = 0; i < 7; i++)
		put32(b, MEMORY + i * 4, memory[i]);
	put32(b, SYSTEM, COMMAND);
	put32(b, SYSTEM + 4, QUEUE);
	for (unsigned int i = 0; i < 4; i++)
		put32(b, QUEUE + i * 4,
			b->wild_queues ? b->wild_queues : i < 2 ? QUEUE : FREE_QUEUE);
	memset(b->sim->sram2a + (INFO - SRAM2A_BASE), 0, 0x34);
}

int board_start(struct board *b)
{
	uint32_t event;
	int ready = READY_NONE;

	if (!b->sim->powered)
		return READY_NONE;
	put_tables(b);
	cpu2_boot(b->sim);
	board_run(b, 100 * MS);
	if (!b->sim->powered || !(b->c2_to_c1 & 4))
		return READY_NONE;
	b->events = 0;
	for (event = get32(b, QUEUE); event != QUEUE; event = get32(b, event)) {
		const uint8_t *p = b->sim->sram2a + (event - SRAM2A_BASE);

		b->events++;
		if (p[8] == 0x12 && p[9] == 0xff && p[11] == 0x00 && p[12] == 0x92)
			ready = p[13];
	}
	if (ready == READY_STACK) { /* hand the whole list of buffers back, channel 4 */
		put32(b, FREE_QUEUE, get32(b, QUEUE));
		put32(b, get32(b, QUEUE + 4), FREE_QUEUE);
		b->c1_to_c2 |= 1u << 4;
		cpu2_ipcc(b->sim);
		board_run(b, MS);
	}
	put32(b, QUEUE, QUEUE);
	put32(b, QUEUE + 4, QUEUE);
	b->c2_to_c1 &= ~4u;
	return ready;
}

int board_command(struct board *b, uint16_t opcode)
{
	return board_command_with(b, opcode, NULL, 0);
}

int board_command_with(struct board *b, uint16_t opcode, const void *payload, uint8_t len)
{
	uint8_t *p = b->sim->sram2a + (COMMAND - SRAM2A_BASE);
	unsigned int resets = b->resets;

	memset(p, 0, 16);
	p[11] = len;
	if (len)
		memcpy(p + 12, payload, len);
	p[8] = 0x10;
	p[9] = (uint8_t)opcode;
	p[10] = (uint8_t)(opcode >> 8);
	b->c1_to_c2 |= 4;
	cpu2_ipcc(b->sim);
	for (uint64_t t = 0; t < ANSWER_NS; t += MS) {
		board_run(b, MS);
		if (b->resets != resets || !b->sim->powered)
			return CMD_RESET;
		if (b->c1_to_c2 & 4)
			continue;
		assert_int_equal(p[0], 0x11);
		assert_int_equal(p[1], 0x0e);
		assert_int_equal(p[3], 0xff);
		b->opcode = (uint16_t)(p[4] | p[5] << 8);
		b->error = p[2] >= 5 ? p[7] : 0;
		b->last_state = p[6];
		return p[6];
	}
	return CMD_SILENT;
}

int board_follow(struct board *b)
{
	unsigned int resets;
	int ready, state;

	for (unsigned int i = 0; i < FOLLOW_STEPS; i++) {
		resets = b->resets;
		ready = b->sim->cpu2->up ? READY_FUS : board_start(b);
		if (!b->sim->powered)
			return READY_NONE;
		if (ready == READY_STACK)
			return ready;
		if (b->resets != resets)
			continue;
		if (ready == READY_NONE) { /* Safeboot works in silence */
			if (!board_run(b, 60000 * MS))
				return ready;
			continue;
		}
		state = board_command(b, 0xFC52);
		if (state == 0 || state == 0xFF)
			return READY_FUS;
		if (state != CMD_RESET)
			board_run(b, POLL_NS);
	}
	return READY_NONE;
}

void board_stage(struct board *b, uint32_t addr, const uint8_t *image, size_t size)
{
	memcpy(b->sim->flash + (addr - FLASH_BASE), image, size);
}

/* ---- images ---- */

static void put_word(uint8_t *p, uint32_t value)
{
	memcpy(p, &value, 4);
}

uint8_t *board_image(const struct make_image *m)
{
	uint8_t *data = malloc(m->size), *f = data + m->size - 104;
	uint16_t page = m->page ? m->page : 4096;
	uint32_t x = m->seed * 77773 + m->version + m->size;

	assert_non_null(data);
	for (uint32_t i = 0; i < m->size; i++) {
		x = x * 1664525 + 1013904223;
		data[i] = (uint8_t)(x >> 24);
	}
	testsig_front(data, m->type, data);
	put_word(f, m->magic == MAKE_STACK2 ? (uint32_t)m->nvm << 24 : m->info1);
	put_word(f + 4, 0xABCDABCD);
	f[8] = (uint8_t)((m->size + page - 1) / page);
	f[9] = 0xff;
	f[10] = m->open_2a ? m->open_2a : 10;
	f[11] = m->open_2b ? m->open_2b : 15;
	put_word(f + 12, m->version);
	put_word(f + 16, m->magic);
	put_word(f + 84, 0);
	put_word(f + 88, 0);
	put_word(f + 92, 0x40);
	put_word(f + 96, 0);
	put_word(f + 100, 0xD3A12C5E);
	testsig_sign(data, m->size, m->size - 84, f + 20);
	return data;
}

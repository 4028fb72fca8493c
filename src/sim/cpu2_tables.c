/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shared tables in SRAM2a, seen from the CM0+: where CPU1 put them, what the CM0+ writes.
 * Layouts: ST's STM32_WPAN middleware and the wiki.
 *
 *   SRAM2a + IPCCDBA: { device info, BLE, Thread, system, memory manager, ... }
 *   system:           { command buffer, event queue }
 *   memory manager:   { spare BLE event, spare system event, BLE pool, its size, free queue, ... }
 *   queue, event:     next, previous, ...
 *   command:          +8 type 0x10, +9 opcode, +11 length, +12 payload
 *   answer:           +0 type 0x11, +1 0x0E, +2 length, +3 0xFF, +4 opcode, +6 status, +7 payload
 *   event:            +8 type 0x12, +9 0xFF, +10 length, +11 sub-event, +13 payload
 */
#include "sim/cpu2.h"

#include <string.h>

enum { TABLE_DEVICE_INFO = 0, TABLE_SYSTEM = 3, TABLE_MEMORY = 4, TABLES_NEEDED = 5 };
enum { SYSTEM_COMMAND = 0, SYSTEM_EVENTS = 1, SYSTEM_WORDS = 2 };
enum {
	MEMORY_SPARE_SYSTEM = 1,
	MEMORY_POOL = 2,
	MEMORY_POOL_SIZE = 3,
	MEMORY_FREE = 4,
	MEMORY_WORDS = 7
};

#define SPARE_BYTES 266u
#define INFO_FUS_BYTES 0x34u
#define INFO_STACK_BYTES 32u
#define QUEUE_BYTES 8u
#define FUS_VALID 0xA94656B9u
#define SCREAM 0x3DE96F61u /* buffers outside the open RAM: stacks since 1.21 [rn, user] */
#define STACK_RUNS 0x04u   /* "last FUS active state" [wiki] */
#define UID64 0x1FFF7580u
#define BOARD_FUS_MEMORY 6u    /* no SRAM in it, though this FUS uses some */
#define BOARD_DEV_ID 0x0496u   /* on a WB55, whose DBGMCU says 0x495 */
#define NOWHERE 0x20FFFFF0u /* no memory: where a chip that lies points */

/* Where SRAM2a is for the CM0+: WB1x differ by source (chip.md). */
static uint32_t sram2a(const struct wbsim *sim)
{
	return bus_sram2_header(sim) ? SRAM2A_BASE : SRAM2A_BASE_WIKI;
}

uint32_t tables_base(struct wbsim *sim)
{
	/* Words in ST's middleware, double words by the reference manual: a switch. */
	return sram2a(sim) + options_get(sim, "IPCCDBA") * (sim->quirks.ipccdba_x8 ? 8 : 4);
}

/* Host memory of [addr, addr + len), if all of it lies in SRAM2 that CPU1 may use. */
static uint8_t *open_ram(struct wbsim *sim, uint32_t addr, size_t len)
{
	size_t open;
	uint8_t *ram = bus_open_ram(sim, addr, &open);
	bool sram2 = (ram >= sim->sram2a && ram < sim->sram2a + sizeof(sim->sram2a)) ||
		     (ram >= sim->sram2b && ram < sim->sram2b + sizeof(sim->sram2b));

	return sram2 && open >= len ? ram : NULL;
}

uint8_t *tables_ram(struct wbsim *sim, uint32_t addr, size_t len)
{
	return addr % 4 ? NULL : open_ram(sim, addr, len);
}

uint32_t tables_get32(struct wbsim *sim, uint32_t addr)
{
	uint32_t value = 0;
	const uint8_t *ram = tables_ram(sim, addr, sizeof(value));

	if (ram)
		memcpy(&value, ram, sizeof(value));
	return value;
}

void tables_put(struct wbsim *sim, uint32_t addr, const void *data, size_t len)
{
	uint8_t *ram = open_ram(sim, addr, len);

	if (!ram)
		return;
	memcpy(ram, data, len);
	cpu1_invalidate(sim, addr, len);
}

void tables_put32(struct wbsim *sim, uint32_t addr, uint32_t value)
{
	tables_put(sim, addr, &value, sizeof(value));
}

bool tables_find(struct wbsim *sim, bool stack, struct shared_tables *t)
{
	uint32_t base = tables_base(sim), table[TABLES_NEEDED], system, memory;

	*t = (struct shared_tables){ 0 };
	if (!tables_ram(sim, base, sizeof(table)))
		return false;
	memcpy(table, tables_ram(sim, base, sizeof(table)), sizeof(table));
	system = table[TABLE_SYSTEM];
	memory = table[TABLE_MEMORY];
	t->device_info = table[TABLE_DEVICE_INFO];
	if (!tables_ram(sim, t->device_info, stack ? INFO_STACK_BYTES : INFO_FUS_BYTES) ||
		!tables_ram(sim, system, SYSTEM_WORDS * 4) ||
		!tables_ram(sim, memory, MEMORY_WORDS * 4))
		return false;
	t->command = tables_get32(sim, system + SYSTEM_COMMAND * 4);
	t->events = tables_get32(sim, system + SYSTEM_EVENTS * 4);
	t->spare_event = tables_get32(sim, memory + MEMORY_SPARE_SYSTEM * 4);
	t->pool = tables_get32(sim, memory + MEMORY_POOL * 4);
	t->pool_size = tables_get32(sim, memory + MEMORY_POOL_SIZE * 4);
	t->free_queue = tables_get32(sim, memory + MEMORY_FREE * 4);
	if (!tables_ram(sim, t->command, COMMAND_BYTES) ||
		!tables_ram(sim, t->events, QUEUE_BYTES) ||
		!tables_ram(sim, t->spare_event, SPARE_BYTES))
		return false;
	return !stack || (t->pool_size && tables_ram(sim, t->pool, t->pool_size) &&
				 tables_ram(sim, t->free_queue, QUEUE_BYTES));
}

void tables_take_command(struct wbsim *sim)
{
	struct cpu2 *c = sim->cpu2;
	const uint8_t *ram = tables_ram(sim, c->tables.command, sizeof(c->packet));

	if (ram)
		memcpy(c->packet, ram, sizeof(c->packet));
	else
		memset(c->packet, 0, sizeof(c->packet)); /* of no type */
}

void tables_scream(struct wbsim *sim)
{
	tables_put32(sim, sram2a(sim), SCREAM);
}

/* SRAM2b KiB, SRAM2a KiB, SRAM1 KiB, flash pages: what is taken from CPU1. */
static uint32_t memory_word(
	const struct wbsim *sim, uint32_t open_2a, uint32_t open_2b, uint32_t pages)
{
	uint32_t a = sim->part->sram2a_kib, b = sim->part->sram2b_kib;

	a = open_2a < a ? a - open_2a : 0;
	b = open_2b < b ? b - open_2b : 0;
	return b << 24 | a << 16 | pages;
}

void tables_device_info(struct wbsim *sim)
{
	const struct cpu2 *c = sim->cpu2;
	const struct firmware *s = &c->ufb.stack;
	const struct fus_version *fus = fus_version_by_word(c->ufb.fus_version);
	uint32_t safeboot = c->safeboot ? c->safeboot : fus ? fus->safeboot : 0;
	uint32_t fus_pages = FUS_CODE_BYTES / cpu2_page(sim);
	uint32_t fus_memory = memory_word(sim, sim->part->fus_open_2a, sim->part->fus_open_2b, fus_pages);
	uint32_t stack_memory = s->start ? memory_word(sim, s->open_2a, s->open_2b, s->pages) : 0;
	uint32_t info[INFO_FUS_BYTES / 4] = { 0 };
	bool as_stack = c->runs == CPU2_STACK;

	if (sim->quirks.info == SIM_INFO_NONE)
		return;
	if (sim->quirks.info == SIM_INFO_OTHER)
		as_stack = !as_stack;
	if (as_stack) {
		const uint32_t stack[INFO_STACK_BYTES / 4] = { safeboot, c->ufb.fus_version,
			fus_memory, 0, s->version, stack_memory, s->type, 0 };

		tables_put(sim, c->tables.device_info, stack, sizeof(stack));
		return;
	}
	info[0] = FUS_VALID;
	info[1] = (uint32_t)s->type << 24 | (uint32_t)(c->op ? fus_ops[c->op].state : c->state)
						    << 8;
	info[2] = safeboot;
	info[3] = c->ufb.fus_version;
	info[4] = fus_memory;
	info[5] = s->start ? s->version : 0;
	info[6] = stack_memory;
	bus_read(sim, SIM_TESTER, UID64, 4, &info[10]);
	bus_read(sim, SIM_TESTER, UID64 + 4, 4, &info[11]);
	info[12] = sim->part->dev_id;
	if (sim->quirks.info == SIM_INFO_BOARD) { /* read on a WB55CG with FUS 1.1.1 [user] */
		info[1] |= 1;
		info[4] = BOARD_FUS_MEMORY;
		info[12] = BOARD_DEV_ID;
	}
	tables_put(sim, c->tables.device_info, info,
		c->runs == CPU2_STACK ? INFO_STACK_BYTES : sizeof(info));
}

/* CPU1 has made this list's sentinel: what the CM0+ is about to follow leads to it or to a node. */
bool tables_linked(struct wbsim *sim, uint32_t queue, uint32_t to)
{
	struct cpu2 *c = sim->cpu2;

	c->lost = c->lost || (to != queue && !tables_ram(sim, to, QUEUE_BYTES));
	return !c->lost;
}

void tables_event(struct wbsim *sim, uint32_t buffer, uint16_t event, uint8_t payload)
{
	struct cpu2 *c = sim->cpu2;
	uint32_t queue = c->tables.events, last = tables_get32(sim, queue + 4);
	const uint8_t packet[] = { 0x12, 0xff, 3, (uint8_t)event, (uint8_t)(event >> 8), payload };

	/* The FUS has one event to tell: its queue must be empty. */
	if (c->runs == CPU2_FUS)
		c->lost = c->lost || tables_get32(sim, queue) != queue;
	else
		tables_linked(sim, queue, last);
	if (c->lost)
		return;
	tables_put(sim, buffer + 8, packet, sizeof(packet));
	tables_put32(sim, buffer, queue);
	if (c->runs == CPU2_FUS) {
		/* The FUS hangs its one event behind the sentinel and forgets the way back [psdb].
		 */
		tables_put32(sim, buffer + 4, queue);
		tables_put32(sim, queue, buffer);
	} else {
		tables_put32(sim, buffer + 4, last);
		tables_put32(sim, last, buffer);
		tables_put32(sim, queue + 4, buffer);
	}
	if (sim->quirks.wild_event)
		tables_put32(sim, queue, NOWHERE);
	if (sim->quirks.endless_event)
		tables_put32(sim, buffer, buffer);
	if (sim->quirks.wild_tables) {
		for (unsigned int i = 0; i < TABLES_NEEDED; i++)
			tables_put32(sim, tables_base(sim) + 4 * i, NOWHERE + 4 * i);
	}
	ipcc_c2_set(sim, 2);
}

void tables_answer(
	struct wbsim *sim, uint16_t opcode, uint8_t status, const uint8_t *payload, uint8_t len)
{
	const uint32_t lie = sim->quirks.answer_length;
	const uint8_t length = (uint8_t)(lie == ANSWER_AS_IS ? 4u + len : lie);
	const uint8_t head[] = { 0x11, 0x0e, length, 0xff, (uint8_t)opcode, (uint8_t)(opcode >> 8),
		status };

	tables_put(sim, sim->cpu2->tables.command, head, sizeof(head));
	if (len)
		tables_put(sim, sim->cpu2->tables.command + sizeof(head), payload, len);
	ipcc_c2_clear(sim, 2);
}

void tables_rom(struct wbsim *sim)
{
	/* The device info table stands where the wiki reads it; the rest of the layout is ours. */
	const uint32_t base = tables_base(sim), info = base + 0x24, system = base + 0x60,
		       memory = base + 0x70;
	const uint32_t queue = base + 0x90, free_queue = base + 0x98, command = base + 0x100;
	const uint32_t spare_system = base + 0x210, spare_ble = base + 0x320, pool = base + 0x430;
	const uint32_t pool_size = 0x200;
	const uint32_t table[] = { info, 0, 0, system, memory, 0, 0, 0, 0 };
	const uint32_t words[][8] = {
		{ system, command, queue },
		{ queue, queue, queue },
		{ free_queue, free_queue, free_queue },
	};
	const uint32_t manager[MEMORY_WORDS] = { spare_ble, spare_system, pool, pool_size,
		free_queue, 0, 0 };

	tables_put(sim, base, table, sizeof(table));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		tables_put(sim, words[i][0], &words[i][1], 2 * sizeof(uint32_t));
	tables_put(sim, memory, manager, sizeof(manager));
}

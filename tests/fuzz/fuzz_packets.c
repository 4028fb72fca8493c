/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libFuzzer target: answers, event queues and tables in shared memory, whatever the CM0+ left there. */
#include <stdlib.h>
#include <string.h>
#include "core/bytes.h"
#include "core/tables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BASE 0x20030000u
#define EVENTS_MAX 64

static void apply(uint8_t *memory, size_t size, const struct wb_poke *poke)
{
	if (poke->address % 4 || poke->address < BASE || poke->address - BASE + 4 > size)
		abort();
	wb_put32(memory + (poke->address - BASE), poke->value);
}

static void drain(uint8_t *memory, size_t size)
{
	struct wb_window window = { BASE, size, memory };
	struct wb_event event;
	struct wb_poke poke[4];
	struct wb_error err;
	uint32_t queue = BASE + WB_TABLES_SYSTEM_QUEUE;

	for (unsigned int i = 0; i < EVENTS_MAX; i++) {
		unsigned int n;

		if (wb_event_first(&window, queue, &event, &err) != WB_OK)
			return;
		if (event.payload < memory || event.payload + event.length > memory + size)
			abort();
		wb_event_pop(queue, &event, poke);
		apply(memory, size, &poke[0]);
		apply(memory, size, &poke[1]);
		n = wb_queue_append(&window, BASE + WB_TABLES_FREE_QUEUE, event.address, poke);
		for (unsigned int k = 0; k < n; k++)
			apply(memory, size, &poke[k]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *memory = malloc(size ? size : 1);
	struct wb_window window = { BASE, size, memory };
	struct wb_versions versions;
	struct wb_answer answer;
	struct wb_error err;
	uint32_t info;

	if (!memory)
		return 0;
	memcpy(memory, data, size);
	if (wb_answer_unpack(memory, size, &answer, &err) == WB_OK &&
		(answer.payload < memory || answer.payload + answer.length > memory + size))
		abort();
	wb_answer_pending(memory, size);
	wb_tables_rejected(&window);
	for (int id = WB_FAMILY_5X; id <= WB_FAMILY_1X; id++) {
		info = wb_tables_device_info(wb_family_by_id((enum wb_family_id)id), &window, BASE);
		wb_device_info_decode(&window, info, &versions);
	}
	/* ours, with the input's bytes over it */
	if (size >= WB_TABLES_SIZE && memory[size - 1] & 1) {
		wb_tables_build(memory, BASE);
		memcpy(memory + WB_TABLES_SPARE_SYSTEM, data + WB_TABLES_SPARE_SYSTEM,
			WB_TABLES_SIZE - WB_TABLES_SPARE_SYSTEM);
		memcpy(memory + WB_TABLES_SYSTEM_QUEUE, data, 4);
	}
	drain(memory, size);
	free(memory);
	return 0;
}

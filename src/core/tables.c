/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The shared tables of SRAM2a: building ours, and reading whatever is there; see tables.h. */
#include <string.h>
#include "core/bytes.h"
#include "core/regs.h"
#include "core/tables.h"

/*
 * SRAM2a and SRAM2b by family: ST's CMSIS headers, and for WB1x also what ST's page on the FUS
 * says; both are taken as names of the same memory until a chip says otherwise.
 */
static const struct region {
	enum wb_family_id family;
	uint32_t address, size;
} sram2[] = {
	{ WB_FAMILY_5X, 0x20030000, 0x10000 },
	{ WB_FAMILY_3X, 0x20030000, 0x10000 },
	{ WB_FAMILY_1X, 0x20030000, 0x9000 },
	{ WB_FAMILY_1X, 0x20003000, 0x9000 },
	{ WB_FAMILY_1X, 0x2000b000, 0x3000 },
};

/* Smallest size of each table, so that a pointer at the very end of SRAM2 is seen to be wrong. */
static const uint8_t table_size[WB_TABLES_COUNT] = {
	[WB_TABLE_DEVICE_INFO] = 0x20, [WB_TABLE_BLE] = 16,  [WB_TABLE_THREAD] = 12,
	[WB_TABLE_SYSTEM] = 8,	       [WB_TABLE_MEMORY] = 28, [WB_TABLE_TRACES] = 4,
	[WB_TABLE_MAC] = 12,	       [WB_TABLE_ZIGBEE] = 16, [WB_TABLE_LLD] = 8,
	[WB_TABLE_BLE_LLD] = 8,
};

#define SRAM2A_SIZE 0x8000u
/*
 * Older middleware has nine pointers and its device info table right behind them: the tenth word is
 * then not a pointer at all.
 */
#define POINTERS_MIN 9u
/* One read holds pointer table and, as ST and we lay it out, the device info table behind it. */
#define FIRST_LOOK 0x60u
#define VERSION_MAJOR_MAX 0x1fu

/* What the block's tables contain: a word at an offset, pointing at an offset. */
static const struct {
	uint16_t at, to;
} block_pointers[] = {
	{ WB_TABLES_POINTERS + 4 * WB_TABLE_DEVICE_INFO, WB_TABLES_DEVICE_INFO },
	{ WB_TABLES_POINTERS + 4 * WB_TABLE_BLE, WB_TABLES_BLE },
	{ WB_TABLES_POINTERS + 4 * WB_TABLE_SYSTEM, WB_TABLES_SYSTEM },
	{ WB_TABLES_POINTERS + 4 * WB_TABLE_MEMORY, WB_TABLES_MEMORY },
	{ WB_TABLES_SYSTEM, WB_TABLES_COMMAND },
	{ WB_TABLES_SYSTEM + 4, WB_TABLES_SYSTEM_QUEUE },
	{ WB_TABLES_SYSTEM_QUEUE, WB_TABLES_SYSTEM_QUEUE },
	{ WB_TABLES_SYSTEM_QUEUE + 4, WB_TABLES_SYSTEM_QUEUE },
	{ WB_TABLES_MEMORY, WB_TABLES_SPARE_BLE },
	{ WB_TABLES_MEMORY + 4, WB_TABLES_SPARE_SYSTEM },
	{ WB_TABLES_MEMORY + 8, WB_TABLES_POOL },
	{ WB_TABLES_MEMORY + 16, WB_TABLES_FREE_QUEUE },
	{ WB_TABLES_FREE_QUEUE, WB_TABLES_FREE_QUEUE },
	{ WB_TABLES_FREE_QUEUE + 4, WB_TABLES_FREE_QUEUE },
	{ WB_TABLES_BLE, WB_TABLES_BLE_COMMAND },
	{ WB_TABLES_BLE + 4, WB_TABLES_BLE_STATUS },
	{ WB_TABLES_BLE + 8, WB_TABLES_BLE_QUEUE },
	{ WB_TABLES_BLE + 12, WB_TABLES_BLE_ACL },
	{ WB_TABLES_BLE_QUEUE, WB_TABLES_BLE_QUEUE },
	{ WB_TABLES_BLE_QUEUE + 4, WB_TABLES_BLE_QUEUE },
};

void wb_tables_build(uint8_t block[WB_TABLES_SIZE], uint32_t address)
{
	memset(block, 0, WB_TABLES_SIZE);
	for (size_t i = 0; i < sizeof(block_pointers) / sizeof(*block_pointers); i++)
		wb_put32(block + block_pointers[i].at, address + block_pointers[i].to);
	wb_put32(block + WB_TABLES_MEMORY + 12, WB_TABLES_POOL_SIZE);
}

uint32_t wb_tables_offset(uint32_t ipccbr, bool double_words)
{
	return (ipccbr & FLASH_IPCCBR_IPCCDBA) << (double_words ? 3 : 2);
}

bool wb_in_sram2(const struct wb_family *family, uint32_t address, uint32_t len)
{
	if (address & 3u)
		return false;
	for (size_t i = 0; i < sizeof(sram2) / sizeof(*sram2); i++) {
		uint32_t offset = address - sram2[i].address;

		if (sram2[i].family == family->id && address >= sram2[i].address &&
			offset < sram2[i].size && len <= sram2[i].size - offset)
			return true;
	}
	return false;
}

bool wb_tables_rejected(const struct wb_window *window)
{
	return window->size >= 4 && wb_get32(window->data) == WB_BAD_TABLES;
}

uint32_t wb_tables_device_info(const struct wb_family *family, const struct wb_window *window,
	uint32_t pointers)
{
	const uint8_t *p = wb_window_at(window, pointers, POINTERS_MIN * 4u);

	if (!p || !wb_get32(p + 4 * WB_TABLE_DEVICE_INFO) || !wb_get32(p + 4 * WB_TABLE_SYSTEM))
		return 0;
	for (unsigned int i = 0; i < POINTERS_MIN; i++) {
		uint32_t pointer = wb_get32(p + 4u * i);

		if (pointer && !wb_in_sram2(family, pointer, table_size[i]))
			return 0;
	}
	return wb_get32(p + 4 * WB_TABLE_DEVICE_INFO);
}

static bool version_plausible(uint32_t version)
{
	return version && version >> 24 <= VERSION_MAJOR_MAX;
}

/* The FUS's layout: byte 5 last FUS state, 6 last stack state, 7 stack type; words behind. */
static void decode_fus(const uint8_t *info, struct wb_versions *v)
{
	v->from_fus = true;
	v->last_fus_state = info[5];
	v->last_stack_state = info[6];
	v->safeboot = wb_get32(info + 0x08);
	v->fus = wb_get32(info + 0x0c);
	v->fus_memory = wb_get32(info + 0x10);
	v->stack = wb_get32(info + 0x14);
	v->stack_memory = wb_get32(info + 0x18);
	v->stack_info = info[7] ? info[7] : wb_get32(info + 0x1c);
	v->uid64 = wb_get64(info + 0x28);
	v->valid = version_plausible(v->fus) && (!v->stack || version_plausible(v->stack));
}

static void decode_stack(const uint8_t *info, struct wb_versions *v)
{
	v->safeboot = wb_get32(info);
	v->fus = wb_get32(info + 0x04);
	v->fus_memory = wb_get32(info + 0x08);
	v->stack = wb_get32(info + 0x10);
	v->stack_memory = wb_get32(info + 0x14);
	v->stack_info = wb_get32(info + 0x18);
	v->valid = version_plausible(v->fus) && version_plausible(v->stack);
}

void wb_device_info_decode(const struct wb_window *window, uint32_t address,
	struct wb_versions *versions)
{
	const uint8_t *info = wb_window_at(window, address, WB_DEVICE_INFO_SIZE);

	memset(versions, 0, sizeof(*versions));
	if (!info)
		return;
	if (wb_get32(info) == WB_FUS_VALID)
		decode_fus(info, versions);
	else
		decode_stack(info, versions);
	if (versions->valid)
		versions->table = address;
	else
		memset(versions, 0, sizeof(*versions));
}

/* Look for tables at one place; WB_OK with versions->valid false: memory reads, nothing there. */
static enum wb_status look_at(struct wb_link *link, const struct wb_family *family,
	uint32_t pointers, struct wb_versions *versions)
{
	uint8_t bytes[FIRST_LOOK];
	struct wb_window window = { pointers, sizeof(bytes), bytes };
	uint32_t info;

	memset(versions, 0, sizeof(*versions));
	if (link->read(link, pointers, 4, sizeof(bytes) / 4, bytes))
		return WB_ERR_LINK;
	info = wb_tables_device_info(family, &window, pointers);
	if (!info || !wb_in_sram2(family, info, WB_DEVICE_INFO_SIZE))
		return WB_OK;
	if (!wb_window_at(&window, info, WB_DEVICE_INFO_SIZE)) {
		window.address = info;
		window.size = WB_DEVICE_INFO_SIZE;
		if (link->read(link, info, 4, WB_DEVICE_INFO_SIZE / 4, bytes))
			return WB_ERR_LINK;
	}
	wb_device_info_decode(&window, info, versions);
	return WB_OK;
}

enum wb_status wb_tables_read(struct wb_link *link, const struct wb_family *family, uint32_t ipccbr,
	uint32_t *sram2a, struct wb_versions *versions, struct wb_error *err)
{
	const uint32_t base[] = { family->sram2a, family->sram2a_alias };
	unsigned int units = ipccbr & FLASH_IPCCBR_IPCCDBA ? 2 : 1;
	bool failed = false;

	*sram2a = 0;
	for (unsigned int i = 0; i < 2 * units; i++) {
		uint32_t address = base[i / units];
		uint32_t offset = wb_tables_offset(ipccbr, i % units);

		if (!address || offset > SRAM2A_SIZE - FIRST_LOOK)
			continue;
		if (look_at(link, family, address + offset, versions)) {
			failed = true;
			continue;
		}
		if (!*sram2a)
			*sram2a = address;
		if (versions->valid) {
			*sram2a = address;
			return WB_OK;
		}
	}
	memset(versions, 0, sizeof(*versions));
	if (!*sram2a && failed)
		return wb_fail(err, WB_ERR_LINK,
			"SRAM2a at 0x%08X cannot be read (%s): lower the SWD clock and try again",
			(unsigned int)family->sram2a, link->reason);
	return WB_OK;
}

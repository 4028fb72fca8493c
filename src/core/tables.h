/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables that CPU1 shares with the CM0+ in SRAM2a: the block that we write in the place of an
 * application, and a reader for whatever is there.
 *
 * One layout for the FUS and for every stack: the first 2 KiB of SRAM2a, because that is all that
 * the largest stack leaves open (BLE_Stack_full_extended's release note: 0x20030000-0x200307FF).
 *
 *   +000  pointer table, 10 words: device info, BLE, Thread, system, memory manager, traces,
 *         MAC, Zigbee, LLD tests, BLE LLD (those not listed below are 0)
 *   +028  device info table: the CM0+ writes it; 0x34 bytes by the FUS, 0x20 by a stack
 *   +060  system table: { command buffer, event queue }
 *   +068  system event queue { next, prev }
 *   +070  memory manager table: { spare BLE event, spare system event, pool, pool size,
 *         free queue, traces pool, traces pool size }
 *   +08C  free-buffer queue { next, prev }
 *   +094  BLE table: { command buffer, command status buffer, event queue, ACL data buffer }
 *   +0A4  BLE event queue { next, prev }
 *   +0AC  system command buffer, 268 bytes
 *   +1B8  spare system event, 268: where the FUS puts its one event
 *   +2C4  spare BLE event, 268
 *   +3D0  BLE command buffer, 268
 *   +4DC  BLE command status buffer, 16
 *   +4EC  BLE ACL data buffer, 264
 *   +600  BLE pool, 512: the smallest a stack was seen to start with
 *   +800  end
 *
 * Source of the structures: mbox_def.h of ST's STM32_WPAN middleware.
 */
#ifndef OPENFUS_TABLES_H
#define OPENFUS_TABLES_H

#include "core/openfus.h"
#include "core/packets.h"

#define WB_TABLES_SIZE 0x800u

/* Offsets in the block. */
#define WB_TABLES_POINTERS 0x000u
#define WB_TABLES_DEVICE_INFO 0x028u
#define WB_TABLES_SYSTEM 0x060u
#define WB_TABLES_SYSTEM_QUEUE 0x068u
#define WB_TABLES_MEMORY 0x070u
#define WB_TABLES_FREE_QUEUE 0x08cu
#define WB_TABLES_BLE 0x094u
#define WB_TABLES_BLE_QUEUE 0x0a4u
#define WB_TABLES_COMMAND 0x0acu
#define WB_TABLES_SPARE_SYSTEM 0x1b8u
#define WB_TABLES_SPARE_BLE 0x2c4u
#define WB_TABLES_BLE_COMMAND 0x3d0u
#define WB_TABLES_BLE_STATUS 0x4dcu
#define WB_TABLES_BLE_ACL 0x4ecu
#define WB_TABLES_POOL 0x600u
#define WB_TABLES_POOL_SIZE 0x200u

/* Pointers of the pointer table, by index. */
enum wb_table {
	WB_TABLE_DEVICE_INFO,
	WB_TABLE_BLE,
	WB_TABLE_THREAD,
	WB_TABLE_SYSTEM,
	WB_TABLE_MEMORY,
	WB_TABLE_TRACES,
	WB_TABLE_MAC,
	WB_TABLE_ZIGBEE,
	WB_TABLE_LLD,
	WB_TABLE_BLE_LLD,
	WB_TABLES_COUNT
};

#define WB_DEVICE_INFO_SIZE 0x34u /* the FUS's; a stack's is shorter */
#define WB_FUS_VALID 0xa94656b9u  /* first word of the device info table while the FUS runs */
#define WB_BAD_TABLES 0x3de96f61u /* a stack's complaint at SRAM2a + 0: buffers not in open RAM */

/**
 * Fill the block: pointers and empty queues; everything else 0, so that a device info table from
 * before a reset cannot be taken for a new one.
 *
 * @param[in] address where the block will be written: SRAM2a + wb_tables_offset().
 */
WB_API void wb_tables_build(uint8_t block[WB_TABLES_SIZE], uint32_t address);

/**
 * Where IPCCDBA puts the pointer table, in bytes from the start of SRAM2a. ST's middleware counts
 * words, the reference manual double words; IPCCDBA is 0 on nearly every board.
 *
 * @param[in] double_words which of the two.
 */
WB_API uint32_t wb_tables_offset(uint32_t ipccbr, bool double_words);

/** True if address is word aligned and [address, address + len) in SRAM2a or b, by any name. */
WB_API bool wb_in_sram2(const struct wb_family *family, uint32_t address, uint32_t len);

/* ---- reading what is there ------------------------------------------------------------------- */

/** The chip wrote WB_BAD_TABLES over the pointer table at the start of this window. */
WB_API bool wb_tables_rejected(const struct wb_window *window);

/**
 * The address of the device info table, if the pointer table at `pointers` makes sense: device info
 * and system pointers not 0, every pointer 0 or aligned and inside SRAM2 with room for its table.
 * @return address, 0 if not.
 */
WB_API uint32_t wb_tables_device_info(const struct wb_family *family,
	const struct wb_window *window, uint32_t pointers);

/**
 * Decode a device info table by its own first word: the FUS's layout or a stack's. Fills everything
 * of *versions but `live`. valid is false for contents that make no sense (all 0: never written).
 */
WB_API void wb_device_info_decode(const struct wb_window *window, uint32_t address,
	struct wb_versions *versions);

/**
 * Find and decode the tables of a chip: both addresses of SRAM2a, both units of IPCCDBA. Reads only.
 *
 * @param[out] sram2a    the address at which SRAM2a answered; 0: IPCCDBA points past its end, and
 *                       it was not asked.
 * @param[out] versions  valid = false if nothing was found; live is not set here.
 * @retval WB_ERR_LINK   no address of SRAM2a could be read.
 */
WB_API enum wb_status wb_tables_read(struct wb_link *link, const struct wb_family *family,
	uint32_t ipccbr, uint32_t *sram2a, struct wb_versions *versions, struct wb_error *err);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An application as wireless products have it: starts the watchdog and feeds it, writes its own
 * shared tables, starts the CM0+ and takes its events. It counts milliseconds, too.
 */
#include "app.h"

VECTORS;

/* IWDG, RM0434: key, prescaler, reload. 32 kHz / 4 / 4000: bites after half a second. */
#define IWDG_KR REG(0x40003000u)
#define IWDG_RLR REG(0x40003008u)
#define IWDG_START 0xccccu
#define IWDG_UNLOCK 0x5555u
#define IWDG_FEED 0xaaaau
#define IWDG_RELOAD 4000u

#define RCC_AHB3ENR REG(0x58000050u)
#define RCC_AHB3ENR_IPCCEN (1u << 20)
#define RCC_C2AHB1ENR REG(0x58000148u)
#define RCC_C2AHB1ENR_CRCEN (1u << 12)
#define PWR_CR4 REG(0x5800040cu)
#define PWR_CR4_C2BOOT (1u << 15)
#define IPCC_C1SCR REG(0x58000c08u)
#define IPCC_C2TOC1SR REG(0x58000c1cu)
#define IPCC_CLEAR_ALL 0x3fu
#define IPCC_CH2 (1u << 1)

/* Shared memory, laid out unlike the tables of the tool under test: it must not rely on its own. */
#define SRAM2A 0x20030000u
#define TABLE_COUNT 10u
#define DEVICE_INFO (SRAM2A + 0x0040u)
#define BLE_TABLE (SRAM2A + 0x0080u)
#define SYSTEM_TABLE (SRAM2A + 0x00a0u)
#define MEMORY_TABLE (SRAM2A + 0x00b0u)
#define SYSTEM_QUEUE (SRAM2A + 0x00d0u)
#define FREE_QUEUE (SRAM2A + 0x00d8u)
#define BLE_QUEUE (SRAM2A + 0x00e0u)
#define TABLES_END (SRAM2A + 0x0100u)
#define SYSTEM_COMMAND (SRAM2A + 0x0100u)
#define BLE_COMMAND (SRAM2A + 0x0220u)
#define ACL_BUFFER (SRAM2A + 0x0340u)
#define SPARE_SYSTEM (SRAM2A + 0x0460u)
#define SPARE_BLE (SRAM2A + 0x0580u)
#define POOL (SRAM2A + 0x06a0u)
#define POOL_BYTES 256u

static void empty_queue(uint32_t queue)
{
	REG(queue) = queue;
	REG(queue + 4) = queue;
}

static void write_tables(void)
{
	for (uint32_t addr = SRAM2A; addr < TABLES_END; addr += 4)
		REG(addr) = 0;
	REG(SRAM2A) = DEVICE_INFO;
	REG(SRAM2A + 4) = BLE_TABLE;
	REG(SRAM2A + 12) = SYSTEM_TABLE;
	REG(SRAM2A + 16) = MEMORY_TABLE;
	empty_queue(SYSTEM_QUEUE);
	empty_queue(FREE_QUEUE);
	empty_queue(BLE_QUEUE);
	REG(BLE_TABLE) = BLE_COMMAND;
	REG(BLE_TABLE + 8) = BLE_QUEUE;
	REG(BLE_TABLE + 12) = ACL_BUFFER;
	REG(SYSTEM_TABLE) = SYSTEM_COMMAND;
	REG(SYSTEM_TABLE + 4) = SYSTEM_QUEUE;
	REG(MEMORY_TABLE) = SPARE_BLE;
	REG(MEMORY_TABLE + 4) = SPARE_SYSTEM;
	REG(MEMORY_TABLE + 8) = POOL;
	REG(MEMORY_TABLE + 12) = POOL_BYTES;
	REG(MEMORY_TABLE + 16) = FREE_QUEUE;
}

static void start_cpu2(void)
{
	RCC_AHB3ENR |= RCC_AHB3ENR_IPCCEN;
	RCC_C2AHB1ENR |= RCC_C2AHB1ENR_CRCEN;
	IPCC_C1SCR = IPCC_CLEAR_ALL;
	PWR_CR4 |= PWR_CR4_C2BOOT;
}

void systick(void)
{
	REG(COUNTER_ADDR)++;
	IWDG_KR = IWDG_FEED;
	if (IPCC_C2TOC1SR & IPCC_CH2) {
		empty_queue(SYSTEM_QUEUE);
		IPCC_C1SCR = IPCC_CH2;
	}
}

void fault(void)
{
	for (;;)
		;
}

void reset(void)
{
	IWDG_KR = IWDG_START;
	IWDG_KR = IWDG_UNLOCK;
	IWDG_RLR = IWDG_RELOAD;
	write_tables();
	start_counting();
	start_cpu2();
	for (;;)
		__asm__ volatile("wfi");
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The registers that the stub uses, and what it writes there: RM0434, ST's CMSIS device headers. */
#ifndef STUB_REGS_H
#define STUB_REGS_H

#include <stdint.h>

#define REG(address) (*(volatile uint32_t *)(address))

#define IWDG_KR REG(0x40003000u)
#define IWDG_FEED 0xaaaau
#define CRC_DR REG(0x40023000u)
#define CRC_DR_BYTE (*(volatile uint8_t *)0x40023000u)
#define CRC_CR REG(0x40023008u)
#define CRC_INIT REG(0x40023010u)
#define CRC_POL REG(0x40023014u)
#define CRC_POLYNOMIAL 0x04c11db7u
/* RESET; bits reversed byte by byte on the way in (REV_IN 1), as a whole on the way out (REV_OUT) */
#define CRC_CR_ZLIB 0x000000a1u
#define CRC_CR_RESET 0x00000001u
#define VTOR REG(0xe000ed08u)
#define RCC_CR REG(0x58000000u)
#define RCC_CR_AFTER_RESET 0x63u /* MSI on and ready at 4 MHz, nothing else on */
#define RCC_CR_MSIRANGE (0xfu << 4)
#define RCC_CR_MSI_32_MHZ (0xau << 4)
#define RCC_CFGR REG(0x58000008u)
#define RCC_CFGR_SW 0xfu /* SW and SWS: 0 is MSI */
#define RCC_AHB1ENR REG(0x58000048u)
#define RCC_AHB1ENR_CRCEN (1u << 12)
#define PWR_CR1 REG(0x58000400u)
#define PWR_CR1_VOS (3u << 9)
#define PWR_CR1_RANGE_1 (1u << 9)
#define PWR_CR1_LPR (1u << 14)
#define PWR_CR4 REG(0x5800040cu)
#define PWR_CR4_C2BOOT (1u << 15)
#define HSEM_R6 REG(0x58001418u)
#define HSEM_R7 REG(0x5800141cu)
#define HSEM_RLR7 REG(0x5800149cu) /* reading it takes the semaphore, if it is free */
#define HSEM_LOCK 0x80000000u
#define HSEM_CPU1S 0x800004u /* LOCK and core above the process's byte */
#define HSEM_CORE 8
#define FLASH_ACR REG(0x58004000u)
#define ACR_LATENCY 7u
#define ACR_1_WAIT_STATE 1u /* VCORE range 1: up to 18 MHz none, to 36 one (RM0434 3.3.4) */
#define ACR_DCEN (1u << 10)
#define ACR_DCRST (1u << 12)
#define IPCC_C1SCR REG(0x58000c08u)
#define IPCC_C1TOC2SR REG(0x58000c0cu)
#define FLASH_KEYR REG(0x58004008u)
#define FLASH_KEY1 0x45670123u
#define FLASH_KEY2 0xcdef89abu
#define FLASH_SR REG(0x58004010u)
#define FLASH_CR REG(0x58004014u)
#define FLASH_ECCR REG(0x58004018u)
#define SR_ERRORS 0x000043fau  /* OPTVERR is not one: set after a reset with nothing wrong */
#define SR_ALL_ERRORS 0x0000e3fau
#define SR_BUSY 0x00050000u    /* BSY, CFGBSY */
#define SR_PESD 0x00080000u
#define CR_PG 0x00000001u
#define CR_PER 0x00000002u
#define CR_PNB 3
#define CR_STRT 0x00010000u
#define CR_LOCK 0x80000000u

#endif

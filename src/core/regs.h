/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registers and fixed addresses of the STM32WB that core uses: ST's CMSIS device headers and the
 * reference manuals RM0434 (WB5x, WB3x) and RM0473 (WB1x).
 *
 * HSEM_RLR is not here on purpose: reading it takes a semaphore (hsem.c).
 */
#ifndef OPENFUS_REGS_H
#define OPENFUS_REGS_H

#define WB_FLASH_BASE 0x08000000u

/* System memory */
#define WB_PACKAGE 0x1fff7500u	/* [4:0] */
#define WB_UID64 0x1fff7580u	/* 2 words */
#define WB_UID96 0x1fff7590u	/* 3 words */
#define WB_FLASHSIZE 0x1fff75e0u /* u16, KiB */

#define IWDG_KR 0x40003000u
#define IWDG_KR_FEED 0xaaaau

#define RCC_BASE 0x58000000u
#define RCC_AHB3ENR (RCC_BASE + 0x50u)
#define RCC_AHB3ENR_HSEMEN (1u << 19)
#define RCC_AHB3ENR_IPCCEN (1u << 20)
#define RCC_AHB3ENR_FLASHEN (1u << 25)
#define RCC_CSR (RCC_BASE + 0x94u)
#define RCC_CSR_RMVF (1u << 23)
#define RCC_CSR_OBLRSTF (1u << 25)
#define RCC_CSR_PINRSTF (1u << 26)
#define RCC_CSR_BORRSTF (1u << 27)
#define RCC_CSR_SFTRSTF (1u << 28)
#define RCC_CSR_IWDGRSTF (1u << 29)
#define RCC_CSR_WWDGRSTF (1u << 30)
#define RCC_CSR_LPWRRSTF (1u << 31)
#define RCC_C2AHB1ENR (RCC_BASE + 0x148u)
#define RCC_C2AHB1ENR_CRCEN (1u << 12)
#define RCC_C2AHB3ENR (RCC_BASE + 0x150u)

#define PWR_BASE 0x58000400u
#define PWR_CR4 (PWR_BASE + 0x0cu)
#define PWR_CR4_C2BOOT (1u << 15)

#define IPCC_BASE 0x58000c00u
#define IPCC_C1SCR (IPCC_BASE + 0x08u)	 /* set channel n: 1 << (15 + n); clear: 1 << (n - 1) */
#define IPCC_C1TOC2SR (IPCC_BASE + 0x0cu) /* channel n occupied: 1 << (n - 1) */
#define IPCC_C2SCR (IPCC_BASE + 0x18u)
#define IPCC_C2TOC1SR (IPCC_BASE + 0x1cu)
#define IPCC_ALL_CHANNELS 0x3fu
#define IPCC_CHANNEL_SYSTEM 2u
#define IPCC_CHANNEL_RELEASE 4u
#define IPCC_FLAG(channel) (1u << ((channel)-1u))
#define IPCC_SEND(channel) (1u << ((channel) + 15u))

#define FLASH_REGS 0x58004000u
#define FLASH_ACR (FLASH_REGS + 0x00u)
#define FLASH_KEYR (FLASH_REGS + 0x08u)
#define FLASH_OPTKEYR (FLASH_REGS + 0x0cu)
#define FLASH_SR (FLASH_REGS + 0x10u)
#define FLASH_CR (FLASH_REGS + 0x14u)
#define FLASH_ECCR (FLASH_REGS + 0x18u)
#define FLASH_OPTR (FLASH_REGS + 0x20u)
#define FLASH_PCROP1ASR (FLASH_REGS + 0x24u)
#define FLASH_PCROP1AER (FLASH_REGS + 0x28u)
#define FLASH_WRP1AR (FLASH_REGS + 0x2cu)
#define FLASH_WRP1BR (FLASH_REGS + 0x30u)
#define FLASH_PCROP1BSR (FLASH_REGS + 0x34u)
#define FLASH_PCROP1BER (FLASH_REGS + 0x38u)
#define FLASH_IPCCBR (FLASH_REGS + 0x3cu)
#define FLASH_SFR (FLASH_REGS + 0x80u)
#define FLASH_SRRVR (FLASH_REGS + 0x84u)

#define FLASH_KEY1 0x45670123u
#define FLASH_KEY2 0xcdef89abu
#define FLASH_OPTKEY1 0x08192a3bu
#define FLASH_OPTKEY2 0x4c5d6e7fu

#define FLASH_SR_EOP (1u << 0)
#define FLASH_SR_OPTVERR (1u << 15)
#define FLASH_SR_BSY (1u << 16)
#define FLASH_SR_CFGBSY (1u << 18)
/* OPERR, PROGERR, WRPERR, PGAERR, SIZERR, PGSERR, MISSERR, FASTERR, OPTNV, RDERR, OPTVERR */
#define FLASH_SR_ERRORS 0x0000e3fau
#define FLASH_CR_OPTSTRT (1u << 17)
#define FLASH_CR_EOPIE (1u << 24) /* without it SR.EOP never rises */
#define FLASH_CR_OBL_LAUNCH (1u << 27)
#define FLASH_CR_OPTLOCK (1u << 30)
#define FLASH_CR_LOCK (1u << 31)
/* RM0434 3.10.7: [16:0] double word, [28:26] who read it: 0 CPU1, 1 the CM0+ */
#define FLASH_ECCR_SYSF (1u << 20)
#define FLASH_ECCR_ECCC (1u << 30)
#define FLASH_ECCR_ECCD (1u << 31)

#define FLASH_IPCCBR_IPCCDBA 0x3fffu

#define SFR_FSD (1u << 8) /* no flash is secure */
#define SFR_DDS (1u << 12) /* the CM0+ cannot be debugged */
#define SRRVR_C2OPT (1u << 31) /* SBRV is a place in flash */
#define OPTR_RDP 0xffu
#define OPTR_RDP_LEVEL_0 0xaau
#define OPTR_RDP_LEVEL_2 0xccu
#define OPTR_ESE (1u << 8) /* security on */
#define OPTR_NBOOT1 (1u << 23)
#define OPTR_NSWBOOT0 (1u << 26)
#define OPTR_NBOOT0 (1u << 27)

#define DBGMCU_IDCODE 0xe0042000u
#define DBGMCU_APB1FZR1 0xe004203cu

#endif

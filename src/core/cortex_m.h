/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPU1's debug registers (ARMv7-M ARM, C1.6), and CPU1 controlled by nothing but memory accesses
 * for links whose host has no better way.
 */
#ifndef OPENFUS_CORTEX_M_H
#define OPENFUS_CORTEX_M_H

#include "core/link.h"

#define CM_AIRCR 0xe000ed0cu
#define CM_AIRCR_SYSRESETREQ 0x05fa0004u /* with VECTKEY */
#define CM_DHCSR 0xe000edf0u
#define CM_DHCSR_KEY 0xa05f0000u
#define CM_DHCSR_C_DEBUGEN (1u << 0)
#define CM_DHCSR_C_HALT (1u << 1)
#define CM_DHCSR_C_MASKINTS (1u << 3)
#define CM_DHCSR_S_REGRDY (1u << 16)
#define CM_DHCSR_S_HALT (1u << 17)
#define CM_DHCSR_S_RESET_ST (1u << 25)
#define CM_DCRSR 0xe000edf4u
#define CM_DCRSR_WRITE (1u << 16)
#define CM_DCRDR 0xe000edf8u
#define CM_DEMCR 0xe000edfcu
#define CM_DEMCR_VC_CORERESET (1u << 0)
#define CM_DEMCR_VC_FAULTS 0x7f0u /* every fault halts instead of running the application's handler */

#define CM_XPSR_THUMB (1u << 24)

#define CM_REGS_MAX 20u /* in one go */

/**
 * Several registers of a halted core, by their numbers in DCRSR.
 * @retval WB_ERR_RESET done, as reg_read()
 */
enum wb_status cortex_m_regs_read(struct wb_link *link, const uint8_t *regs, size_t count,
	uint32_t *values);
enum wb_status cortex_m_regs_write(struct wb_link *link, const uint8_t *regs, size_t count,
	const uint32_t *values);
/**
 * Halt a core that runs with interrupts masked, write registers, and mask its interrupts or not.
 * @retval WB_ERR_RESET as halt() and reg_write()
 */
enum wb_status cortex_m_halt_with(struct wb_link *link, const uint8_t *regs, size_t count,
	const uint32_t *values, bool mask);

/** Fill those of halt, reg_read, reg_write, run and reset_hold that the link left NULL. */
WB_API void cortex_m_link_defaults(struct wb_link *link);

#endif

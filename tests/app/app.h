/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the small applications have in common: where they count, and how they start.
 */
#ifndef TESTS_APP_H
#define TESTS_APP_H

#include <stdint.h>

/* In the smallest SRAM1 of the families (12 KiB), above the stack. Kept over a system reset. */
#define COUNTER_ADDR 0x20002ff0u /* SysTicks, one a millisecond */
#define MARK_ADDR 0x20002ff4u	 /* MARK: the counter holds a count */
#define BOOTS_ADDR 0x20002ff8u	 /* how often the application started */
#define STACK_TOP 0x20002ff0u
#define MARK 0x544e5543u

#define REG(addr) (*(volatile uint32_t *)(addr))

/* SysTick at 4 MHz (MSI after reset), 1 kHz; ARMv7-M B3.3. */
#define SYST_CSR REG(0xe000e010u)
#define SYST_RVR REG(0xe000e014u)
#define SYST_CVR REG(0xe000e018u)
#define TICKS_PER_MS 4000u
#define SYST_ENABLE_INT_CORE 7u

static inline void count_boot(void)
{
	if (REG(MARK_ADDR) != MARK) {
		REG(COUNTER_ADDR) = 0;
		REG(BOOTS_ADDR) = 0;
		REG(MARK_ADDR) = MARK;
	}
	REG(BOOTS_ADDR)++;
}

static inline void start_counting(void)
{
	count_boot();
	SYST_RVR = TICKS_PER_MS - 1;
	SYST_CVR = 0;
	SYST_CSR = SYST_ENABLE_INT_CORE;
}

/* Vectors of the core; no interrupt of the chip is used. */
#define VECTORS                                                                                    \
	__attribute__((section(".vectors"), used)) static const uintptr_t vectors[16] = {          \
		[0] = STACK_TOP,                                                                   \
		[1] = (uintptr_t)reset,                                                            \
		[2] = (uintptr_t)fault,                                                            \
		[3] = (uintptr_t)fault,                                                            \
		[4] = (uintptr_t)fault,                                                            \
		[5] = (uintptr_t)fault,                                                            \
		[6] = (uintptr_t)fault,                                                            \
		[11] = (uintptr_t)fault,                                                           \
		[12] = (uintptr_t)fault,                                                           \
		[14] = (uintptr_t)fault,                                                           \
		[15] = (uintptr_t)systick,                                                         \
	}

void reset(void);
void fault(void);
void systick(void);

#endif

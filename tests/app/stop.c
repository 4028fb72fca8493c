/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An application as battery-powered products have it: counts its starts and goes into stop mode, from
 * which nothing wakes it.
 */
#include "app.h"

VECTORS;

/* Stop 0: PWR_CR1.LPMS is 0 after a reset; RM0434 6.4. */
#define SCB_SCR REG(0xe000ed10u)
#define SCR_SLEEPDEEP (1u << 2)

void systick(void)
{
}

void fault(void)
{
	for (;;)
		;
}

void reset(void)
{
	count_boot();
	SCB_SCR = SCR_SLEEPDEEP;
	for (;;)
		__asm__ volatile("wfi");
}

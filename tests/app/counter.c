/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The smallest application: counts milliseconds in SRAM and sleeps in between.
 */
#include "app.h"

VECTORS;

void systick(void)
{
	REG(COUNTER_ADDR)++;
}

void fault(void)
{
	for (;;)
		;
}

void reset(void)
{
	start_counting();
	for (;;)
		__asm__ volatile("wfi");
}

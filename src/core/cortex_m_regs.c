/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registers of CPU1 by the dozen (ARMv7-M ARM, C1.6). One takes three transfers, each of which is a
 * round trip to a probe; where the link knows how to, all go in one. Halted, the core needs some
 * cycles for each, a debug port many more: that it was ready is looked at, but not waited for.
 */
#include "core/cortex_m.h"

#define STEPS 3u /* of one register */

static enum wb_status one_by_one(struct wb_link *link, const uint8_t *regs, size_t count,
	uint32_t *read, const uint32_t *write)
{
	enum wb_status status = WB_OK;

	for (size_t i = 0; status == WB_OK && i < count; i++)
		status = read ? link->reg_read(link, (enum cm_reg)regs[i], &read[i])
			      : link->reg_write(link, (enum cm_reg)regs[i], write[i]);
	return status;
}

/* What it takes for each: to read, DCRSR, DHCSR, DCRDR; to write, DCRDR, DCRSR, DHCSR. */
static void steps_of(struct wb_word steps[STEPS], uint8_t reg, const uint32_t *value)
{
	const struct wb_word select = { CM_DCRSR, reg | (value ? CM_DCRSR_WRITE : 0u), true };
	const struct wb_word data = { CM_DCRDR, value ? *value : 0u, value != NULL };
	const struct wb_word look = { CM_DHCSR, 0, false };

	steps[0] = value ? data : select;
	steps[1] = value ? select : look;
	steps[2] = value ? look : data;
}

/* *done: false if some register was not ready. What has happened to the others does not matter. */
static enum wb_status together(struct wb_link *link, const uint8_t *regs, size_t count,
	uint32_t *read, const uint32_t *write, bool *done)
{
	struct wb_word steps[CM_REGS_MAX * STEPS];
	uint32_t any = 0, all = UINT32_MAX;
	enum wb_status status;

	for (size_t i = 0; i < count; i++)
		steps_of(steps + i * STEPS, regs[i], write ? &write[i] : NULL);
	status = link->words(link, steps, count * STEPS);
	for (size_t i = 0; i < count; i++) {
		uint32_t dhcsr = steps[i * STEPS + (write ? 2 : 1)].value;

		any |= dhcsr;
		all &= dhcsr;
		if (read)
			read[i] = steps[i * STEPS + 2].value;
	}
	*done = status == WB_OK && all & CM_DHCSR_S_REGRDY;
	return status == WB_OK && any & CM_DHCSR_S_RESET_ST ? WB_ERR_RESET : status;
}

static enum wb_status transfer(struct wb_link *link, const uint8_t *regs, size_t count,
	uint32_t *read, const uint32_t *write)
{
	enum wb_status status = WB_OK;
	bool done = false;

	if (link->words && count <= CM_REGS_MAX)
		status = together(link, regs, count, read, write, &done);
	if (done || status != WB_OK)
		return status;
	return one_by_one(link, regs, count, read, write);
}

enum wb_status cortex_m_regs_read(struct wb_link *link, const uint8_t *regs, size_t count,
	uint32_t *values)
{
	return transfer(link, regs, count, values, NULL);
}

enum wb_status cortex_m_regs_write(struct wb_link *link, const uint8_t *regs, size_t count,
	const uint32_t *values)
{
	return transfer(link, regs, count, NULL, values);
}

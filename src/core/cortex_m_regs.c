/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registers of CPU1 by the dozen (ARMv7-M ARM, C1.6). One takes three transfers, each of which is a
 * round trip to a probe; where the link knows how to, all go in one. Halted, the core needs some
 * cycles for each, a debug port many more: that it was ready is looked at, but not waited for.
 */
#include "core/cortex_m.h"

#define STEPS 3u /* of one register */
#define HALTED (CM_DHCSR_KEY | CM_DHCSR_C_DEBUGEN | CM_DHCSR_C_HALT)

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

/* Behind the transfer of steps_of()'s: values read; false if some register was not ready. */
static bool all_ready(const struct wb_word *steps, size_t count, uint32_t *read)
{
	uint32_t all = UINT32_MAX;

	for (size_t i = 0; i < count; i++) {
		all &= steps[i * STEPS + (read ? 1 : 2)].value;
		if (read)
			read[i] = steps[i * STEPS + 2].value;
	}
	return all & CM_DHCSR_S_REGRDY;
}

/* Was one of these looks at DHCSR the one that took S_RESET_ST away? */
static bool any_reset(const struct wb_word *words, size_t count)
{
	uint32_t any = 0;

	for (size_t i = 0; i < count; i++)
		any |= words[i].address == CM_DHCSR && !words[i].write ? words[i].value : 0;
	return any & CM_DHCSR_S_RESET_ST;
}

/* *done: false if some register was not ready. What has happened to the others does not matter. */
static enum wb_status together(struct wb_link *link, const uint8_t *regs, size_t count,
	uint32_t *read, const uint32_t *write, bool *done)
{
	struct wb_word steps[CM_REGS_MAX * STEPS];
	enum wb_status status;

	for (size_t i = 0; i < count; i++)
		steps_of(steps + i * STEPS, regs[i], write ? &write[i] : NULL);
	status = link->words(link, steps, count * STEPS);
	*done = status == WB_OK && all_ready(steps, count, read);
	return status == WB_OK && any_reset(steps, count * STEPS) ? WB_ERR_RESET : status;
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

/* Masked as the core runs: C_MASKINTS may only change while it stands, as it does behind the registers. */
static enum wb_status halt_together(struct wb_link *link, const uint8_t *regs, size_t count,
	const uint32_t *values, uint32_t dhcsr, bool *done)
{
	struct wb_word words[3 + CM_REGS_MAX * STEPS + 1] = { { CM_DHCSR, 0, false },
		{ CM_DHCSR, HALTED | CM_DHCSR_C_MASKINTS, true }, { CM_DHCSR, 0, false } };
	const size_t all = 3 + count * STEPS + 1;
	enum wb_status status;

	for (size_t i = 0; i < count; i++)
		steps_of(words + 3 + i * STEPS, regs[i], &values[i]);
	words[all - 1] = (struct wb_word){ CM_DHCSR, dhcsr, true };
	status = link->words(link, words, all);
	*done = status == WB_OK && words[2].value & CM_DHCSR_S_HALT &&
		all_ready(words + 3, count, NULL);
	return status == WB_OK && any_reset(words, all) ? WB_ERR_RESET : status;
}

enum wb_status cortex_m_halt_with(struct wb_link *link, const uint8_t *regs, size_t count,
	const uint32_t *values, bool mask)
{
	const uint32_t dhcsr = HALTED | (mask ? CM_DHCSR_C_MASKINTS : 0u);
	enum wb_status status = WB_OK;
	bool done = false;

	if (link->words && count <= CM_REGS_MAX)
		status = halt_together(link, regs, count, values, dhcsr, &done);
	if (done || status != WB_OK)
		return status;
	status = link->halt(link);
	if (status == WB_OK)
		status = one_by_one(link, regs, count, NULL, values);
	return status != WB_OK ? status : link->write(link, CM_DHCSR, 4, 1, &dhcsr);
}

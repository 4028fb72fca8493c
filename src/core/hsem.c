/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The flash beside a CM0+ that runs: it has rights there too. ST's flash_driver.c: who uses the
 * controller has semaphore 2; CPU1 begins nothing while operations are suspended (PESD) or semaphore 6
 * is taken, and has semaphore 7 for each double word or page, which is the stub's part (stub/abi.h).
 *
 * Reading HSEM_RLRn takes semaphore n: this is the only place of core that does so. What CPU1 had
 * before us is its application's, which stands: not waited for, and not given back.
 */
#include "core/bank_visit.h"
#include "core/regs.h"

#define HELD_MS 2000u /* a radio event keeps the flash for some ms, a page of the CM0+'s for 22 */
#define HELD_POLL_MS 2u
#define FLASH_SR_PESD (1u << 19)

/* RM0434 38.4 */
#define HSEM_R2 0x58001408u
#define HSEM_R7 0x5800141cu
#define HSEM_RLR2 0x58001488u
#define HSEM_LOCK (1u << 31)
#define HSEM_CORE (0xfu << 8)
#define HSEM_CPU1 (4u << 8)

/* Who has it; the semaphores in the order of their registers. */
struct hold {
	uint32_t sr;
	uint32_t r[6];
};
enum { R2 = 0, R6 = 4, R7 = 5 };

static bool taken(uint32_t r)
{
	return r & HSEM_LOCK;
}

static bool cpu1s(uint32_t r)
{
	return taken(r) && (r & HSEM_CORE) == HSEM_CPU1;
}

/* Semaphore 2, which was free. */
static enum wb_status take_2(struct visit *v, uint32_t *r2, struct wb_error *err)
{
	enum wb_status status;

	v->has_2 = true; /* a transfer that fails may have done it */
	status = chip_read(v->s, HSEM_RLR2, 1, r2, err);
	if (status == WB_OK)
		v->has_2 = cpu1s(*r2);
	return status;
}

/* first: the visit has just looked at FLASH_SR. */
static enum wb_status look(struct visit *v, bool first, struct hold *hold, struct wb_error *err)
{
	enum wb_status status = WB_OK;

	if (first)
		hold->sr = v->s->chip.flash_sr;
	else
		status = chip_read(v->s, FLASH_SR, 1, &hold->sr, err);
	if (status == WB_OK && v->s->chip.c2boot)
		status = chip_read(v->s, HSEM_R2, sizeof(hold->r) / 4, hold->r, err);
	if (status == WB_OK && v->s->chip.c2boot && !taken(hold->r[R2]))
		status = take_2(v, &hold->r[R2], err);
	return status;
}

/* PES suspends whatever is begun; the semaphores mean something only to firmware that runs. */
static bool is_free(const struct visit *v, const struct hold *hold)
{
	if (hold->sr & FLASH_SR_PESD)
		return false;
	return !v->s->chip.c2boot || (cpu1s(hold->r[R2]) && !taken(hold->r[R6]) &&
		(!taken(hold->r[R7]) || cpu1s(hold->r[R7])));
}

enum wb_status visit_take_flash(struct visit *v, struct wb_error *err)
{
	struct wb_session *s = v->s;
	uint64_t end = session_ms(s) + HELD_MS;
	struct hold hold = { .sr = 0 };
	enum wb_status status;

	for (bool first = true;; first = false) {
		status = look(v, first, &hold, err);
		if (status != WB_OK)
			return status;
		if (is_free(v, &hold))
			break;
		if (cpu1s(hold.r[R6]))
			return wb_refuse(err, "held",
				"CPU1's application has taken semaphore 6 (0x%08X), against flash work of "
				"anybody, and stands. Let it run until it has given that back, or `reset "
				"halt`, then try again",
				(unsigned int)hold.r[R6]);
		if (session_ms(s) >= end)
			return wb_refuse(err, "held",
				"the CM0+ keeps the flash for itself for %u ms now (FLASH_SR 0x%08X: PESD "
				"%u; semaphore 2 0x%08X, 6 0x%08X, 7 0x%08X: 0x800 its own, 0x400 "
				"CPU1's). `reset halt` stops it, then try again",
				HELD_MS, (unsigned int)hold.sr, (hold.sr & FLASH_SR_PESD) != 0,
				(unsigned int)hold.r[R2], (unsigned int)hold.r[R6],
				(unsigned int)hold.r[R7]);
		s->link->sleep_ms(s->link, HELD_POLL_MS);
	}
	if (s->chip.c2boot)
		s->give_7 = cpu1s(hold.r[R7]) ? STUB_KEEP : STUB_GIVE;
	return WB_OK;
}

enum wb_status visit_give_flash(struct visit *v, bool in_order, struct wb_error *err)
{
	struct wb_session *s = v->s;
	enum wb_status status = WB_OK, back = WB_OK;

	if (s->resets) /* that has freed them all */
		return WB_OK;
	/* the stub has not said that it is done: it may have been stopped in the middle */
	if (!in_order && s->give_7 == STUB_GIVE)
		back = chip_poke(s, HSEM_R7, STUB_GIVE, err);
	if (v->has_2)
		status = chip_poke(s, HSEM_R2, STUB_GIVE, err);
	return status != WB_OK ? status : back;
}

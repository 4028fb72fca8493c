/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IWDG: bites unless fed; started by software, or by hardware if IWDG_SW = 0. RM0434 33; SVD. */
#include "sim/devices.h"

#include <string.h>

enum iwdg_reg {
	REG_KR = 0x00,
	REG_PR = 0x04,
	REG_RLR = 0x08,
	REG_SR = 0x0C,
	REG_WINR = 0x10,
};

#define KEY_FEED 0xAAAAu
#define KEY_ACCESS 0x5555u
#define KEY_START 0xCCCCu
#define LSI_HZ 32000u
#define TOP 0xFFFu /* reset value of RLR and WINR */

static uint64_t period_ns(const struct iwdg_state *w)
{
	uint64_t divider = 4ull << (w->pr > 6 ? 6 : w->pr);

	return (w->rlr + 1ull) * divider * NS_PER_S / LSI_HZ;
}

/* Bring left_ns up to now. Whether time counts was settled when the stretch began. */
static void account(struct wbsim *sim)
{
	struct iwdg_state *w = &sim->periph->iwdg;
	uint64_t now = cpu1_now(sim);
	uint64_t gone = now > w->seen ? now - w->seen : 0;

	if (w->running && !w->frozen)
		w->left_ns = w->left_ns > gone ? w->left_ns - gone : 0;
	w->seen = now;
	w->frozen = dbgmcu_freezes_iwdg(sim);
}

/* Fed in time nothing comes sooner than before: whoever runs may run on. */
static void feed(struct wbsim *sim)
{
	struct iwdg_state *w = &sim->periph->iwdg;
	uint64_t left;

	account(sim);
	left = w->left_ns;
	w->left_ns = period_ns(w);
	if (w->left_ns < left)
		cpu1_break(sim);
}

static uint32_t iwdg_read(struct wbsim *sim, enum sim_master m, uint32_t offset)
{
	const struct iwdg_state *w = &sim->periph->iwdg;

	(void)m;
	switch (offset) {
	case REG_PR:
		return w->pr;
	case REG_RLR:
		return w->rlr;
	case REG_WINR:
		return w->winr;
	default:
		return 0; /* KR is write-only; SR: updates are instant */
	}
}

static void key_write(struct wbsim *sim, uint32_t key)
{
	struct iwdg_state *w = &sim->periph->iwdg;

	w->unlocked = key == KEY_ACCESS;
	if (key == KEY_START && !w->running) {
		w->seen = cpu1_now(sim);
		w->running = true;
		feed(sim);
		cpu1_break(sim);
	} else if (key == KEY_FEED) {
		feed(sim);
	}
}

static void iwdg_write(struct wbsim *sim, enum sim_master m, uint32_t offset, uint32_t val)
{
	struct iwdg_state *w = &sim->periph->iwdg;

	(void)m;
	if (offset == REG_KR) {
		key_write(sim, val & 0xFFFFu);
		return;
	}
	if (!w->unlocked)
		return;
	if (offset == REG_PR)
		w->pr = val & 7u;
	else if (offset == REG_RLR)
		w->rlr = val & TOP;
	else if (offset == REG_WINR)
		w->winr = val & TOP;
}

static void iwdg_reset(struct wbsim *sim, unsigned int cause)
{
	struct iwdg_state *w = &sim->periph->iwdg;

	(void)cause;
	memset(w, 0, sizeof(*w));
	w->rlr = TOP;
	w->winr = TOP;
	w->seen = sim->now;
	w->left_ns = period_ns(w);
	w->running = sim->quirks.iwdg_on || !options_get(sim, "IWDG_SW");
}

static uint64_t iwdg_next(struct wbsim *sim)
{
	const struct iwdg_state *w = &sim->periph->iwdg;

	if (!w->running || sim->nrst_low)
		return NEVER;
	account(sim);
	return w->frozen ? NEVER : sim->now + w->left_ns;
}

static void iwdg_tick(struct wbsim *sim)
{
	if (iwdg_next(sim) <= sim->now) {
		sim_log(sim, "IWDG reset: nobody fed it");
		sim_reset_request(sim, SIM_RESET_IWDG);
	}
}

const struct sim_device dev_iwdg = {
	.name = "IWDG",
	.base = 0x40003000u,
	.size = 0x400u,
	.read = iwdg_read,
	.write = iwdg_write,
	.reset = iwdg_reset,
	.next = iwdg_next,
	.tick = iwdg_tick,
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Open and close: take a chip, and leave it on every path (leave.c).
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "core/session.h"
#include "core/cortex_m.h"
#include "core/regs.h"
#include "core/stub_host.h"

#define SLOW_KHZ 1000u	/* below this we ask for more: OpenOCD's target file leaves 500 kHz */
#define FAST_KHZ 4000u	/* every probe takes it or rounds it down; no board was seen to mind */
#define LOOKS 8u
#define FRESH_MS 100u
#define PAUSE_PART 4u
#define PAUSE_MIN_MS 2u
#define MESSAGE_MAX 240u

struct wb_session *wb_session_new(struct wb_link *link)
{
	struct wb_session *s = calloc(1, sizeof(*s));

	if (s) {
		s->link = link;
		s->leave_cr = FLASH_CR_LOCK;
	}
	return s;
}

void wb_session_free(struct wb_session *session)
{
	free(session);
}

uint64_t session_ms(struct wb_session *s)
{
	return s->link->time_ms(s->link);
}

unsigned int session_pause(uint64_t passed_ms, unsigned int most_ms)
{
	uint64_t pause = passed_ms / PAUSE_PART + PAUSE_MIN_MS;

	return pause < most_ms ? (unsigned int)pause : most_ms;
}

void session_report(struct wb_session *s, bool warning, const char *fmt, ...)
{
	char text[MESSAGE_MAX];
	va_list args;

	va_start(args, fmt);
	wb_vformat(text, sizeof(text), fmt, args);
	va_end(args);
	s->link->report(s->link, warning, text);
}

enum wb_status session_stop(struct wb_session *s, struct wb_error *err)
{
	if (!s->link->stop_requested(s->link))
		return WB_OK;
	return wb_fail(err, WB_ERR_STOPPED,
		"stopped as asked. The same command again goes on from here");
}

void session_raise_clock(struct wb_session *s)
{
	unsigned int khz = FAST_KHZ;

	if (s->clock_changed || s->link->speed(s->link, &s->khz, false) != WB_OK || !s->khz ||
		s->khz >= SLOW_KHZ)
		return;
	s->clock_changed = s->link->speed(s->link, &khz, true) == WB_OK;
}

/* Is the chip as a -hold before this command left it? */
static enum wb_status still_held(struct wb_session *s, bool *held, struct wb_error *err)
{
	uint32_t dhcsr, cr4 = 0, pc = 0;
	enum wb_status status = chip_read(s, CM_DHCSR, 1, &dhcsr, err);

	*held = false;
	if (status == WB_OK)
		status = chip_read(s, PWR_CR4, 1, &cr4, err);
	if (status != WB_OK || !(dhcsr & CM_DHCSR_S_HALT) || (dhcsr & CM_DHCSR_S_RESET_ST) ||
		!(cr4 & PWR_CR4_C2BOOT))
		return status == WB_ERR_RESET ? WB_OK : status;
	status = hold_pc(s, &pc, err);
	*held = status == WB_OK && pc == s->reset_pc;
	return status == WB_ERR_RESET ? WB_OK : status;
}

/* Debug settings before a reset that we make: found says whether the port answered. */
struct before {
	bool found;
	uint32_t dhcsr, demcr, freeze;
};

static struct before look_before(struct wb_session *s)
{
	struct before b = { .found = false };

	b.found = s->link->read(s->link, CM_DHCSR, 4, 1, &b.dhcsr) == WB_OK &&
		s->link->read(s->link, CM_DEMCR, 4, 1, &b.demcr) == WB_OK &&
		s->link->read(s->link, DBGMCU_APB1FZR1, 4, 1, &b.freeze) == WB_OK;
	return b;
}

/*
 * What will be changed, as it is now. Under reset CPU1 was stopped and its catch set by us: what
 * was before counts, or, where nothing answered, a core that runs.
 */
static enum wb_status note(struct wb_session *s, const struct before *reset, struct wb_error *err)
{
	enum wb_status status = chip_read(s, CM_DEMCR, 1, &s->demcr, err);

	if (status == WB_OK)
		status = chip_read(s, DBGMCU_APB1FZR1, 1, &s->freeze, err);
	s->dhcsr = s->chip.dhcsr;
	if (reset && reset->found) {
		s->dhcsr = reset->dhcsr;
		s->demcr = reset->demcr;
		s->freeze = reset->freeze;
	} else if (reset) {
		s->dhcsr &= ~CM_DHCSR_S_HALT;
		s->demcr &= ~(CM_DEMCR_VC_CORERESET | CM_DEMCR_VC_FAULTS);
	}
	s->was_running = !(s->dhcsr & CM_DHCSR_S_HALT);
	s->noted = status == WB_OK;
	if (s->noted)
		held_recall(s);
	return status;
}

static void forget(struct wb_session *s)
{
	s->c2boot = s->cm0_up = s->reset_seen = s->free_run = s->uncaught = s->used_cpu1 = false;
	s->runs = WB_RUNS_NOTHING;
	s->tables_wide = false;
	s->cleared = 0;
}

static enum wb_status look_again(struct wb_session *s,
	enum wb_status (*look_at)(struct wb_link *, struct wb_chip *, struct wb_error *),
	struct wb_chip *chip, struct wb_error *err)
{
	enum wb_status status;

	for (unsigned int failed = 1;; failed++) {
		status = look_at(s->link, chip, err);
		if (status != WB_ERR_LINK || failed >= LOOKS)
			return status;
		status = hold_reattach(s, err);
		if (status != WB_OK)
			return status;
		if (failed > 1)
			hold_slow_down(s);
	}
}

enum wb_status session_look(struct wb_session *s, struct wb_chip *chip, struct wb_error *err)
{
	enum wb_status status = look_again(s, wb_chip_read, chip, err);

	s->found = *chip;
	s->found_ms = status == WB_OK ? session_ms(s) : 0;
	return status;
}

enum wb_status session_look_flash(struct wb_session *s, struct wb_error *err)
{
	return look_again(s, wb_chip_read_flash, &s->chip, err);
}

/* A command that has just looked, to make its plan, need not do so again. */
static enum wb_status look_anew(struct wb_session *s, struct wb_error *err)
{
	bool fresh = s->found_ms && session_ms(s) - s->found_ms <= FRESH_MS;

	s->chip = s->found;
	return fresh ? WB_OK : session_look(s, &s->chip, err);
}

/* The chip as found: nothing but debug settings of CPU1's is changed before this has succeeded. */
static enum wb_status look(struct wb_session *s, const struct wb_operation *op, bool *held,
	struct wb_error *err)
{
	enum wb_status status = WB_OK;
	struct before before = { .found = false };
	struct wb_error quiet;

	*held = false;
	if (s->held && !op->under_reset)
		status = still_held(s, held, err);
	s->held = false;
	s->reset_seen = false; /* what happened before we came is none of our business */
	if (!*held)
		forget(s);
	if (status == WB_OK && op->under_reset) {
		before = look_before(s);
		status = hold_reset(s, true, err);
	}
	if (status == WB_OK)
		status = op->under_reset ? session_look(s, &s->chip, err) : look_anew(s, err);
	s->found_ms = 0; /* from here on the chip changes */
	if (status == WB_OK)
		return note(s, op->under_reset ? &before : NULL, err);
	if (op->under_reset && note(s, &before, &quiet) == WB_OK)
		session_let_go(s);
	s->noted = false;
	return status;
}

enum wb_status session_open(struct wb_session *s, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	enum wb_status status;
	bool held;

	memset(result, 0, sizeof(*result));
	s->started_ms = session_ms(s);
	s->taken = s->noted = s->stub_running = s->fus_busy = s->following = s->sram_boot = false;
	s->tried = s->escapes = s->proved = s->settled = s->installs = s->stub_due = false;
	s->sram_saved = 0;
	s->stub_written = false;
	s->slot = STUB_SLOT_MAX;
	s->resets = s->troubles = s->mark = 0;
	s->polling = s->link->polling(s->link, false);
	session_raise_clock(s);
	status = look(s, op, &held, err);
	if (status == WB_OK)
		status = cm0_refuse_safeboot(s, err);
	if (status != WB_OK)
		return status;
	result->before = s->chip;
	result->after = s->chip;
	s->taken = true;
	status = held_keep(s, err);
	if (status == WB_OK && !held && !op->under_reset)
		status = held_let_fus_end(s, &result->state, err);
	if (status == WB_OK && !held && !op->under_reset)
		status = hold_reset(s, false, err);
	/* its last command put the user's DEMCR back: a reset by the chip is to be caught again */
	if (status == WB_OK && held)
		status = hold_arm(s, err);
	return status != WB_OK || held ? status : sram_boot_recover(s, err);
}

/* The cause comes first, then what it meant for the chip. */
static void add(struct wb_error *err, const char *intro, const char *text)
{
	char cause[sizeof(err->text)];

	memcpy(cause, err->text, sizeof(cause));
	wb_format(err->text, sizeof(err->text), "%s. %s%s", cause, intro, text);
}

void session_clock_back(struct wb_session *s)
{
	if (s->clock_changed)
		s->link->speed(s->link, &s->khz, true);
	s->clock_changed = false;
}

void session_untouched(struct wb_session *s, struct wb_result *result)
{
	session_clock_back(s);
	s->found_ms = 0;
	result->after = result->before;
	result->cpu1_running = !result->before.cpu1_halted;
	wb_format(result->left, sizeof(result->left), "the chip was not touched");
}

enum wb_status session_close(struct wb_session *s, const struct wb_operation *op,
	struct wb_result *result, enum wb_status status, struct wb_error *err)
{
	struct wb_error restore;
	enum wb_status left = WB_OK;

	if (s->taken)
		result->after = s->chip; /* as last seen, after a failure too */
	/* refused at the first look: nothing was changed, and no reset is due */
	if (s->noted && (s->taken || op->under_reset))
		left = session_leave(s, op, result, &restore);
	session_clock_back(s);
	if (s->polling)
		s->link->polling(s->link, true);
	result->ms = session_ms(s) - s->started_ms;
	if (status != WB_OK && left == WB_OK && s->noted && s->fus_busy)
		add(err, "", "Until then CPU1 is kept halted, because the FUS may still be at work");
	if (left == WB_OK)
		return status;
	if (status == WB_OK)
		*err = restore;
	else if (status == WB_ERR_LINK && left == WB_ERR_LINK)
		add(err, "", "CPU1 may still be held; the next `stm32wb fus` command puts that right");
	else
		add(err, "Not everything was put back: ", restore.text);
	return status != WB_OK ? status : left;
}

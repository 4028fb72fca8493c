/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Safeboot: SFSA = 0 and SBRV at its page, forced by the hardware when it has found secure option
 * bytes corrupt. C2BOOT starts it. From FUS 1.1.0 on it makes a factory reset (stack and user flash
 * erased, options restored, back to the FUS); before, it locks the chip for good [wiki]. There are
 * boards where nothing came of it, and boards that wanted a power cycle behind it [user]: so it is
 * watched, and what was seen is told as it was seen.
 *
 * CPU1 reads 0 for its vectors and is locked up; only memory accesses are made.
 */
#include <string.h>
#include "core/bytes.h"
#include "core/cortex_m.h"
#include "core/guards.h"
#include "core/options.h"
#include "core/regs.h"
#include "core/rules.h"
#include "core/safeboot.h"

#define FUS_1_1_0 WB_VERSION(1, 1, 0)
#define WATCH_MS 40000u /* fus.md: at least 30 s; a megabyte's pages take 6 s to erase */
#define LOOK_MS 250u
#define STEADY_LOOKS 3u /* in a row: its last step is an option write and a reset */
#define AFTER_RESET_MS 100u
#define TRIES 2u
#define SAY_MS 4000u /* how often the watching is told */

#define RECORD_MAGIC 0x3153464fu /* "OFS1" */
#define RECORD_SIZE 8u

struct watch {
	struct wb_session *s;
	const struct wb_chip *chip;
	struct wb_recovery *recovery;
	uint64_t start_ms;
	unsigned int steady; /* looks in a row that found something else selected */
	bool stopped; /* Safeboot is selected and does not run: a reset came between */
};

bool safeboot_selected(const struct wb_chip *chip)
{
	return chip->selected == WB_RUNS_SAFEBOOT || !wb_bits(chip->options.sfr, 7, 0);
}

/* ---- what is known before ---------------------------------------------------------------------- */

/* There never was a WB1x with anything before 1.2.0; the others tell by tables left in SRAM2a. */
static uint32_t fus_before(const struct wb_chip *chip)
{
	if (chip->family->id == WB_FAMILY_1X)
		return WB_VERSION(1, 2, 0);
	return chip->versions.valid ? WB_RELEASE(chip->versions.fus) : 0;
}

enum wb_status safeboot_allowed(const struct wb_chip *chip, const struct wb_operation *op,
	struct wb_error *err)
{
	uint32_t fus = fus_before(chip);
	char version[20], known[160];

	wb_version_text(fus, version);
	if (fus && fus < FUS_1_1_0)
		return wb_refuse(err, "safeboot-locked",
			"SFSA 0x%02X, SBRV 0x%05X: Safeboot is selected and FUS %s is older than 1.1.0: "
			"its Safeboot locks the chip for good. Not recoverable; nothing was written. What "
			"may be tried is a power cycle: a supply that sagged while option bytes were "
			"loaded looks like this too",
			(unsigned int)wb_bits(chip->options.sfr, 7, 0),
			(unsigned int)wb_chip_sbrv(chip), version);
	if (wb_op_confirms(op, "factory-reset"))
		return WB_OK;
	if (fus)
		wb_format(known, sizeof(known), "FUS %s or newer can do that", version);
	else
		wb_format(known, sizeof(known),
			"The FUS's version cannot be told now: if it is older than 1.1.0, nothing brings "
			"this chip back");
	return wb_refuse(err, "factory-reset",
		"SFSA 0x%02X, SBRV 0x%05X: option bytes were found corrupt and Safeboot is selected. What "
		"helps is its factory reset: it ERASES the wireless stack, ALL user flash (application and "
		"data) and the user keys. %s. First power the board off and on and look again: a supply "
		"that sagged while option bytes were loaded looks like this too. To go ahead: -confirm "
		"factory-reset",
		(unsigned int)wb_bits(chip->options.sfr, 7, 0), (unsigned int)wb_chip_sbrv(chip),
		known);
}

/* ---- across calls ------------------------------------------------------------------------------ */

bool safeboot_pending(struct wb_session *s, uint64_t uid64)
{
	uint8_t record[RECORD_SIZE];
	size_t len = sizeof(record);

	return s->link->journal_load(s->link, uid64, WB_RECORD_SAFEBOOT, record, &len) == WB_OK &&
		len == sizeof(record) && wb_get32(record) == RECORD_MAGIC;
}

void safeboot_forget(struct wb_session *s, uint64_t uid64)
{
	s->link->journal_store(s->link, uid64, WB_RECORD_SAFEBOOT, NULL, 0);
}

static void remember(struct wb_session *s, uint64_t uid64)
{
	uint8_t record[RECORD_SIZE] = { 0 };

	wb_put32(record, RECORD_MAGIC);
	/* without it the next call says less, and does the same */
	if (s->link->journal_store(s->link, uid64, WB_RECORD_SAFEBOOT, record, sizeof(record)) !=
		WB_OK)
		session_report(s, true, "%s", s->link->reason);
}

/* ---- watching ---------------------------------------------------------------------------------- */

static bool same(const struct wb_sighting *a, const struct wb_sighting *b)
{
	return a->answers == b->answers && a->c2boot == b->c2boot && a->sfsa == b->sfsa &&
		a->sbrv == b->sbrv && a->eccr == b->eccr;
}

static void note(struct watch *w, const struct wb_sighting *now)
{
	struct wb_recovery *r = w->recovery;

	if (r->sightings && same(now, &r->seen[r->sightings - 1]))
		return;
	if (r->sightings == WB_SIGHTINGS)
		r->sightings--; /* the last one is what counts */
	r->seen[r->sightings++] = *now;
	if (now->answers)
		session_report(w->s, false,
			"%u.%u s: SFSA 0x%02X, SBRV 0x%05X, ECCR 0x%08X, C2BOOT %u",
			(unsigned int)now->ms / 1000u, (unsigned int)now->ms / 100u % 10u,
			(unsigned int)now->sfsa, (unsigned int)now->sbrv,
			(unsigned int)now->eccr, now->c2boot);
	else
		session_report(w->s, false, "%u.%u s: the debug port does not answer",
			(unsigned int)now->ms / 1000u, (unsigned int)now->ms / 100u % 10u);
}

/*
 * A watchdog that runs from every reset, with nobody to feed it: CPU1 is locked up, and the CM0+ is
 * not known to. It would reset the chip twice a second, and Safeboot with it.
 */
static void feed(const struct watch *w)
{
	const uint32_t key = IWDG_KR_FEED;

	if (!(w->chip->options.optr & OPTR_IWDG_SW))
		w->s->link->write(w->s->link, IWDG_KR, 4, 1, &key);
}

/* One look. A port that is gone is attached again, for the next look. */
static void look(struct watch *w)
{
	struct wb_link *link = w->s->link;
	struct wb_sighting now = { .ms = (uint32_t)(session_ms(w->s) - w->start_ms) };
	struct wb_chip chip = *w->chip;
	uint32_t secure[2], eccr, cr4;

	now.answers = link->read(link, FLASH_SFR, 4, 2, secure) == WB_OK &&
		link->read(link, FLASH_ECCR, 4, 1, &eccr) == WB_OK &&
		link->read(link, PWR_CR4, 4, 1, &cr4) == WB_OK;
	if (now.answers) {
		chip.options.srrvr = secure[1];
		now.sfsa = wb_bits(secure[0], 7, 0);
		now.sbrv = wb_chip_sbrv(&chip);
		now.eccr = eccr;
		now.c2boot = cr4 & PWR_CR4_C2BOOT;
		w->steady = now.sfsa && now.sbrv != chip.family->safeboot_sbrv ? w->steady + 1 : 0;
		if (!w->steady)
			feed(w);
	} else {
		w->steady = 0;
		link->reattach(link);
	}
	w->stopped = now.answers && !now.c2boot && !w->steady;
	note(w, &now);
}

/* A transfer that fails is tried again for some time: nothing here does harm when done twice. */
static enum wb_status poke(struct wb_session *s, uint32_t address, uint32_t set, struct wb_error *err)
{
	struct wb_link *link = s->link;
	uint32_t value;
	enum wb_status status = WB_OK;

	for (unsigned int i = 0; i < 2 && status == WB_OK; i++) {
		if (link->read(link, address, 4, 1, &value) == WB_OK) {
			value |= set;
			if (link->write(link, address, 4, 1, &value) == WB_OK)
				return WB_OK;
		}
		status = hold_reattach(s, err);
	}
	return status != WB_OK ? status :
		wb_fail(err, WB_ERR_LINK, "writing 0x%08X failed: %s", (unsigned int)address,
			link->reason);
}

/* WB_OK with w->steady below STEADY_LOOKS: the time has passed, and Safeboot is still selected. */
static enum wb_status watch(struct watch *w, struct wb_error *err)
{
	struct wb_link *link = w->s->link;
	uint64_t begin = session_ms(w->s), passed = 0, say = SAY_MS;
	struct wb_error quiet;

	while (w->steady < STEADY_LOOKS && passed < WATCH_MS) {
		link->sleep_ms(link, LOOK_MS);
		look(w);
		if (w->stopped)
			poke(w->s, PWR_CR4, PWR_CR4_C2BOOT, &quiet); /* or at the next look */
		passed = session_ms(w->s) - begin;
		if (passed >= say && w->steady < STEADY_LOOKS) {
			session_report(w->s, false, "watching Safeboot: %u of %u s",
				(unsigned int)passed / 1000u, WATCH_MS / 1000u);
			say = passed - passed % SAY_MS + SAY_MS;
		}
		if (w->steady < STEADY_LOOKS && link->stop_requested(link))
			return wb_fail(err, WB_ERR_STOPPED,
				"stopped watching as asked; Safeboot may be at work. Keep the board powered "
				"for a minute, then run the same command again");
	}
	return WB_OK;
}

/* ---- starting ---------------------------------------------------------------------------------- */

static void reset(struct wb_session *s)
{
	const uint32_t order = CM_AIRCR_SYSRESETREQ;

	session_report(s, false, "nothing came of it: a reset, and once more");
	s->link->write(s->link, CM_AIRCR, 4, 1, &order); /* its answer may be lost in the reset */
	s->link->sleep_ms(s->link, AFTER_RESET_MS);
}

static enum wb_status give_up(const struct watch *w, bool again, struct wb_error *err)
{
	const struct wb_recovery *r = w->recovery;
	const struct wb_sighting *last = &r->seen[r->sightings - 1];

	return wb_fail(err, WB_ERR_CHIP,
		"Safeboot was started twice and watched for %u s: %s (SFSA 0x%02X, SBRV 0x%05X, ECCR "
		"0x%08X). %s",
		(unsigned int)((session_ms(w->s) - w->start_ms) / 1000u),
		last->answers ? "it is still selected" : "the debug port does not answer any more",
		(unsigned int)last->sfsa, (unsigned int)last->sbrv, (unsigned int)last->eccr,
		again ? "An earlier call ended so too. If the board was without any power in between, "
			"nothing more is known to help: a FUS older than 1.1.0 locks the chip here, and some "
			"boards never came back. If it was not, power it off, wait some seconds, power it on "
			"and run the same command again" :
			"Power the board off, wait some seconds, power it on and run the same command "
			"again: some boards came back only then. With a FUS older than 1.1.0 the chip is lost");
}

enum wb_status safeboot_run(struct wb_session *s, const struct wb_chip *chip,
	struct wb_recovery *recovery, struct wb_error *err)
{
	struct watch w = { s, chip, recovery, session_ms(s), 0, false };
	bool again = safeboot_pending(s, chip->uid64);
	enum wb_status status = WB_OK;

	if (!fus_before(chip))
		session_report(s, true,
			"the FUS's version is not known: with one older than 1.1.0 nothing will come of "
			"this");
	remember(s, chip->uid64);
	look(&w);
	for (unsigned int i = 0; i < TRIES && status == WB_OK; i++) {
		if (i)
			reset(s);
		feed(&w); /* a whole period, then */
		status = poke(s, PWR_CR4, PWR_CR4_C2BOOT, err);
		if (status == WB_OK)
			status = watch(&w, err);
		if (status == WB_OK && w.steady >= STEADY_LOOKS)
			return WB_OK;
	}
	return status != WB_OK ? status : give_up(&w, again, err);
}

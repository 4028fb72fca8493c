/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPU1 held across every reset, whoever makes it, and memory accesses that survive them.
 *
 * A reset made by the chip itself (the FUS, an option-byte launch) may take the debug port with it
 * for a while, and DEMCR with the vector catch too. So after each: port back, look whether CPU1
 * stands, halt it if not, arm everything again.
 */
#include <string.h>
#include "core/session.h"
#include "core/cortex_m.h"
#include "core/regs.h"

#define REATTACH_MS 3000u
#define REATTACH_PAUSE_MS 20u
#define QUIET_MS 20000u /* a CM0+ that somebody else started: longer than any step of the FUS */
#define QUIET_POLL_MS 50u
#define TROUBLES_MAX 3u /* transfers failed here and there before the clock goes down */
#define TRIES_MAX 8u	/* of one transfer; from the third on each at half the clock */
#define SLOWEST_KHZ 100u

#define DBGMCU_FREEZE_IWDG (1u << 12)
#define DBGMCU_FREEZE_WWDG (1u << 11)

/* Seen by people only where no reset was to come. */
static enum wb_status say_reset(struct wb_error *err)
{
	return wb_fail(err, WB_ERR_RESET,
		"the chip has reset by itself: is its supply steady, does something pull NRST? Run "
		"the same command again: it goes on from where the chip is");
}

enum wb_status hold_reattach(struct wb_session *s, struct wb_error *err)
{
	struct wb_link *link = s->link;
	uint64_t end = link->time_ms(link) + REATTACH_MS;

	while (link->reattach(link) != WB_OK) {
		if (link->time_ms(link) >= end)
			return wb_fail(err, WB_ERR_LINK,
				"the debug port did not come back within %u ms (%s). Check the cable and "
				"the board's supply, then run the same command again (with -under-reset "
				"if an application sleeps or turns SWD off): it goes on from where the "
				"chip is",
				REATTACH_MS, link->reason);
		link->sleep_ms(link, REATTACH_PAUSE_MS);
	}
	return WB_OK;
}

void hold_slow_down(struct wb_session *s)
{
	char reason[sizeof(s->link->reason)];
	unsigned int khz = 0;

	memcpy(reason, s->link->reason, sizeof(reason));
	if (s->link->speed(s->link, &khz, false) != WB_OK || khz / 2 < SLOWEST_KHZ)
		return;
	if (!s->clock_changed)
		s->khz = khz;
	khz /= 2;
	if (s->link->speed(s->link, &khz, true) != WB_OK)
		return;
	s->clock_changed = true;
	session_report(s, true, "transfers keep failing (%s): the clock goes down to %u kHz", reason,
		khz);
}

/* As hold_regain(), behind the n-th failure in a row of one transfer. */
static enum wb_status regain(struct wb_session *s, unsigned int n, struct wb_error *err)
{
	enum wb_status status;
	uint32_t dhcsr = 0;

	for (;; n++) {
		status = hold_reattach(s, err);
		if (status != WB_OK)
			return status;
		if (s->link->read(s->link, CM_DHCSR, 4, 1, &dhcsr) == WB_OK)
			break;
		if (n >= TRIES_MAX)
			return wb_fail(err, WB_ERR_LINK, "DHCSR cannot be read: %s",
				s->link->reason);
		if (n > 1)
			hold_slow_down(s);
	}
	if (dhcsr & CM_DHCSR_S_RESET_ST)
		s->reset_seen = true;
	if (s->reset_seen)
		return say_reset(err);
	if (++s->troubles % TROUBLES_MAX == 0 || n > 1)
		hold_slow_down(s);
	return WB_OK;
}

enum wb_status hold_regain(struct wb_session *s, struct wb_error *err)
{
	return regain(s, 1, err);
}

bool hold_again(struct wb_session *s, const char *what, uint32_t address, unsigned int *failed,
	enum wb_status *status, struct wb_error *err)
{
	if (*status != WB_ERR_RESET && *status != WB_ERR_LINK)
		return false;
	if (*status == WB_ERR_RESET) {
		s->reset_seen = true;
		*status = say_reset(err);
	} else if (++*failed >= TRIES_MAX) {
		*status = wb_fail(err, WB_ERR_LINK,
			"%s (0x%08X) has failed %u times: %s. Check the cable, or lower the clock of "
			"the probe",
			what, (unsigned int)address, *failed, s->link->reason);
	} else {
		*status = regain(s, *failed, err);
		return *status == WB_OK;
	}
	return false;
}

enum wb_status chip_read(struct wb_session *s, uint32_t address, size_t words, uint32_t *data,
	struct wb_error *err)
{
	enum wb_status status;
	unsigned int failed = 0;

	do
		status = s->link->read(s->link, address, 4, words, data);
	while (hold_again(s, "reading", address, &failed, &status, err));
	return status;
}

enum wb_status chip_write(struct wb_session *s, uint32_t address, size_t words,
	const uint32_t *data, struct wb_error *err)
{
	enum wb_status status;
	unsigned int failed = 0;

	do
		status = s->link->write(s->link, address, 4, words, data);
	while (hold_again(s, "writing", address, &failed, &status, err));
	return status;
}

enum wb_status chip_write_once(struct wb_session *s, uint32_t address, uint32_t value,
	bool *doubt, struct wb_error *err)
{
	*doubt = s->link->write(s->link, address, 4, 1, &value) != WB_OK;
	return *doubt ? hold_regain(s, err) : WB_OK;
}

enum wb_status hold_halt(struct wb_session *s, struct wb_error *err)
{
	enum wb_status status;
	unsigned int failed = 0;

	do
		status = s->link->halt(s->link);
	while (hold_again(s, "halting CPU1", CM_DHCSR, &failed, &status, err));
	return status;
}

enum wb_status hold_pc(struct wb_session *s, uint32_t *pc, struct wb_error *err)
{
	enum wb_status status;
	unsigned int failed = 0;

	do
		status = s->link->reg_read(s->link, CM_PC, pc);
	while (hold_again(s, "reading CPU1's PC", CM_DCRSR, &failed, &status, err));
	return status;
}

enum wb_status chip_poke(struct wb_session *s, uint32_t address, uint32_t value,
	struct wb_error *err)
{
	return chip_write(s, address, 1, &value, err);
}

enum wb_status chip_modify(struct wb_session *s, uint32_t address, uint32_t clear, uint32_t set,
	struct wb_error *err)
{
	uint32_t value, wanted;
	enum wb_status status = chip_read(s, address, 1, &value, err);

	if (status != WB_OK)
		return status;
	wanted = (value & ~clear) | set;
	return wanted == value ? WB_OK : chip_poke(s, address, wanted, err);
}

enum wb_status hold_check(struct wb_session *s, struct wb_error *err)
{
	uint32_t dhcsr;
	enum wb_status status = chip_read(s, CM_DHCSR, 1, &dhcsr, err);

	if (status != WB_OK)
		return status;
	if (dhcsr & CM_DHCSR_S_RESET_ST)
		s->reset_seen = true;
	return s->reset_seen ? say_reset(err) : WB_OK;
}

#define DEMCR_ARMED (CM_DEMCR_VC_CORERESET | CM_DEMCR_VC_FAULTS)

/*
 * demcr: as it was just read. A catch that is still armed and has worked tells of the freeze bits too:
 * nothing but a power-on reset clears either (ARMv7-M ARM C1.6.5; RM0434 41.8).
 */
static enum wb_status arm_from(struct wb_session *s, uint32_t demcr, bool caught,
	struct wb_error *err)
{
	enum wb_status status = WB_OK;

	if ((demcr & DEMCR_ARMED) != DEMCR_ARMED)
		status = chip_poke(s, CM_DEMCR, demcr | DEMCR_ARMED, err);
	else if (caught)
		return WB_OK;
	return status != WB_OK ? status :
		chip_modify(s, DBGMCU_APB1FZR1, 0,
			DBGMCU_FREEZE_IWDG | DBGMCU_FREEZE_WWDG | s->mark, err);
}

enum wb_status hold_arm(struct wb_session *s, struct wb_error *err)
{
	uint32_t demcr = 0;
	enum wb_status status = chip_read(s, CM_DEMCR, 1, &demcr, err);

	return status != WB_OK ? status : arm_from(s, demcr, false, err);
}

/* CPU1 is held after a reset: start from a clean slate. */
static void forget(struct wb_session *s)
{
	s->reset_seen = false;
	s->c2boot = false;
	s->cm0_up = false;
	s->stub_running = false;
	s->used_cpu1 = s->free_run;
	s->stub_written = s->stub_written && !s->free_run; /* the application may have been there */
	s->runs = WB_RUNS_NOTHING;
}

/* CPU1 halted wherever it is, and DEMCR from the same read; s->free_run says whether it had to be. */
static enum wb_status catch_cpu1(struct wb_session *s, uint32_t *demcr, struct wb_error *err)
{
	uint32_t debug[(CM_DEMCR - CM_DHCSR) / 4 + 1];
	enum wb_status status;

	s->reset_seen = false;
	s->resets++;
	status = chip_read(s, CM_DHCSR, sizeof(debug) / 4, debug, err);
	if (status == WB_ERR_RESET) { /* the retry's look at DHCSR told of the reset we follow */
		s->reset_seen = false;
		status = chip_read(s, CM_DHCSR, sizeof(debug) / 4, debug, err);
	}
	if (status != WB_OK)
		return status;
	*demcr = debug[(CM_DEMCR - CM_DHCSR) / 4];
	s->free_run = !(debug[0] & CM_DHCSR_S_HALT);
	if (!s->free_run)
		return WB_OK;
	return hold_halt(s, err);
}

/*
 * Somebody else (the application, the ROM bootloader) has started the CM0+ after a reset that was
 * not caught. A FUS at work must not be reset: wait for its own next reset, or for silence.
 */
static enum wb_status outwait(struct wb_session *s, struct wb_error *err)
{
	uint64_t end = session_ms(s) + QUIET_MS;
	enum wb_status status = WB_OK;

	session_report(s, true, "the application has started the CM0+ by itself: waiting for it");
	while (status == WB_OK && session_ms(s) < end) {
		s->link->sleep_ms(s->link, QUIET_POLL_MS);
		status = hold_check(s, err);
	}
	return status;
}

enum wb_status hold_follow(struct wb_session *s, struct wb_error *err)
{
	enum wb_status status;
	uint32_t demcr = 0;

	for (unsigned int i = 0; i < 16; i++) {
		status = catch_cpu1(s, &demcr, err);
		s->uncaught = s->free_run;
		if (status == WB_OK) {
			forget(s);
			status = arm_from(s, demcr, !s->free_run, err);
		}
		if (status == WB_OK)
			status = chip_read(s, PWR_CR4, 1, &s->cr4, err);
		if (status == WB_OK && !(s->cr4 & PWR_CR4_C2BOOT))
			return WB_OK;
		if (status == WB_OK && s->fus_busy)
			status = outwait(s, err);
		if (status == WB_OK) {
			s->fus_busy = false;
			return hold_reset(s, false, err);
		}
		if (status != WB_ERR_RESET)
			return status;
	}
	return wb_fail(err, WB_ERR_CHIP,
		"the chip resets again and again before it can be held. Check its supply and NRST; "
		"power it off and on, then run the same command again");
}

enum wb_status hold_reset(struct wb_session *s, bool under_nrst, struct wb_error *err)
{
	struct wb_link *link = s->link;
	enum wb_status status = WB_ERR_LINK;

	s->cr4 = 0;
	for (unsigned int i = 0; i < 3; i++) {
		status = link->reset_hold(link, under_nrst);
		if (status == WB_ERR_LINK) {
			status = hold_reattach(s, err);
			if (status != WB_OK)
				return status;
			continue;
		}
		if (status != WB_OK && status != WB_ERR_RESET)
			return wb_fail(err, status, "reset and hold failed: %s", link->reason);
		s->free_run = status == WB_ERR_RESET;
		s->resets++;
		forget(s);
		status = hold_arm(s, err);
		if (status == WB_OK)
			status = chip_read(s, PWR_CR4, 1, &s->cr4, err);
		if (status == WB_OK && !(s->cr4 & PWR_CR4_C2BOOT))
			return WB_OK;
		if (status != WB_OK && status != WB_ERR_RESET)
			return status;
	}
	if (s->cr4 & PWR_CR4_C2BOOT)
		return wb_fail(err, WB_ERR_CHIP,
			"CPU1 cannot be held at its reset vector: the application starts the CM0+ "
			"first (PWR_CR4 0x%08X). Connect NRST and use -under-reset",
			(unsigned int)s->cr4);
	return wb_fail(err, WB_ERR_LINK, "reset and hold failed: %s", link->reason);
}

static enum wb_status try_reset(struct wb_session *s, struct wb_error *err)
{
	enum wb_status status = options_launch(s, err);

	s->escapes = s->uncaught;
	s->tried = status == WB_OK;
	return status;
}

enum wb_status hold_reset_try(struct wb_session *s, struct wb_error *err)
{
	return s->installs && !s->tried ? try_reset(s, err) : hold_reset(s, false, err);
}

enum wb_status hold_prove(struct wb_session *s, struct wb_error *err)
{
	enum wb_status status = WB_OK;

	if (s->proved)
		return WB_OK;
	if ((!s->tried || s->escapes) && (s->c2boot || s->stub_running))
		status = hold_reset(s, false, err);
	if (status == WB_OK && !s->tried)
		status = try_reset(s, err);
	if (status == WB_OK && s->escapes) {
		session_report(s, false,
			"vector catch does not hold CPU1 here: it boots from SRAM until we are done");
		status = sram_boot_on(s, err);
	}
	s->proved = status == WB_OK;
	return status;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The link over OpenOCD's Tcl commands. Memory: memory_jim.c. CPU1 is controlled by memory accesses
 * (core/cortex_m.c), so OpenOCD does not see what happens to it meanwhile and is told at the end.
 *
 * OpenOCD's own messages are off while we work: reads that fail are normal here (the chip resets,
 * its port goes away), and each failure that matters is told by core with its reason. At debug
 * level 3 and above they stay on.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "command/journal.h"
#include "core/cortex_m.h"
#include "plugin/host.h"
#include "plugin/link_jim.h"
#include "plugin/memory_jim.h"

#define CPUID 0xe000ed00u /* ARMv7-M ARM B3.2.3: a register that can always be read */
#define LEVEL_USER "-1" /* OpenOCD: messages for the user only, no errors */
#define LEVEL_DEBUG 3
#define REASON_MAX 160 /* of the host's own words */

static struct jim_link *jim_of(struct wb_link *link)
{
	return link->ctx;
}

/* ---- reset and port -------------------------------------------------------------------------- */

/* Where it cannot be driven, OpenOCD has not been told of one. */
static enum wb_status jim_nrst(struct wb_link *link, bool low)
{
	struct jim_link *jim = jim_of(link);

	if (host_run(jim->interp, HOST("adapter", low ? "assert" : "deassert", "srst")))
		return WB_OK;
	wb_format(link->reason, sizeof(link->reason), "NRST cannot be %s (%.*s)",
		low ? "driven" : "released", REASON_MAX, host_result(jim->interp));
	return low ? WB_ERR_HOST : WB_ERR_LINK;
}

static bool answers(struct wb_link *link)
{
	uint32_t cpuid;

	return link->read(link, CPUID, 4, 1, &cpuid) == WB_OK;
}

/*
 * A direct DAP reconnects by itself with the first access after a failed one. The high-level
 * adapter does so only when its state is polled: the first poll notices, the second reconnects and
 * reads DHCSR, which clears S_RESET_ST. A port that was lost for so long was lost by a reset: say
 * so with our next read of DHCSR.
 */
static enum wb_status jim_reattach(struct wb_link *link)
{
	struct jim_link *jim = jim_of(link);
	const char *examined;

	if (answers(link))
		return WB_OK;
	if (jim->hla) {
		jim->reset_hidden = true;
		for (int i = 0; i < 2; i++)
			(void)host_run(jim->interp, HOST(jim->target, "arp_poll"));
	}
	/* A failed examination makes OpenOCD refuse every access until one succeeds. */
	examined = host_run(jim->interp, HOST(jim->target, "was_examined"));
	if (examined && strcmp(examined, "0") == 0) {
		jim->reset_hidden = true;
		(void)host_run(jim->interp, HOST(jim->target, "arp_examine"));
	}
	return answers(link) ? WB_OK : WB_ERR_LINK;
}

static enum wb_status jim_speed(struct wb_link *link, unsigned int *khz, bool set)
{
	struct jim_link *jim = jim_of(link);
	char number[16];

	wb_format(number, sizeof(number), "%u", *khz);
	const char *answer = set ? host_run(jim->interp, HOST("adapter", "speed", number))
				 : host_run(jim->interp, HOST("adapter", "speed"));
	const long now = answer ? host_number(answer) : -1;
	/* "RCLK": adaptive clocking has no number, and nothing to raise. */
	if (now <= 0) {
		wb_format(link->reason, sizeof(link->reason),
			"the probe does not tell its clock (%.*s)", REASON_MAX,
			host_result(jim->interp));
		return WB_ERR_LINK;
	}
	*khz = (unsigned int)now;
	return WB_OK;
}

/* ---- the host -------------------------------------------------------------------------------- */

static void set_level(struct jim_link *jim, const char *level)
{
	if (jim->debug_level >= 0)
		(void)host_run(jim->interp, HOST("debug_level", level));
}

/* `poll` says whether polling is on, and polls once. */
static bool jim_polling(struct wb_link *link, bool on)
{
	struct jim_link *jim = jim_of(link);

	const char *answer = host_run(jim->interp, HOST("poll"));
	const bool was = !answer || !strstr(answer, "polling: off");
	(void)host_run(jim->interp, HOST("poll", on ? "on" : "off"));
	jim->polling_off = was && !on;
	return was;
}

static bool jim_parked(struct wb_link *link, uint32_t pc)
{
	return jim_of(link)->halted && host_pc(jim_of(link)->interp) == pc;
}

static void jim_sleep(struct wb_link *link, unsigned int ms)
{
	char number[16];

	wb_format(number, sizeof(number), "%u", ms);
	(void)host_run(jim_of(link)->interp, HOST("sleep", number));
}

static uint64_t jim_time(struct wb_link *link)
{
	struct timespec now;

	(void)link;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

static bool jim_stop(struct wb_link *link)
{
	return stop_asked(&jim_of(link)->stop);
}

static void jim_report(struct wb_link *link, bool warning, const char *text)
{
	progress_report(&jim_of(link)->progress, warning, text);
}

static void jim_progress(struct wb_link *link, const char *phase, uint64_t done, uint64_t total)
{
	progress_step(&jim_of(link)->progress, phase, done, total);
}

/* OpenOCD's echo reaches its terminal, its log, and whoever sits at telnet or gdb. */
static void emit(void *ctx, const char *text)
{
	struct jim_link *jim = ctx;

	set_level(jim, LEVEL_USER);
	(void)host_run(jim->interp, HOST("echo", "-n", text));
	set_level(jim, LEVEL_SILENT);
}

void link_jim_init(struct jim_link *jim, Jim_Interp *interp, const char *target)
{
	*jim = (struct jim_link){
		.link = {
			.read = memory_jim_read,
			.write = memory_jim_write,
			.nrst = jim_nrst,
			.reattach = jim_reattach,
			.speed = jim_speed,
			.polling = jim_polling,
			.secret = memory_jim_secret,
			.parked = jim_parked,
			.sleep_ms = jim_sleep,
			.time_ms = jim_time,
			.stop_requested = jim_stop,
			.report = jim_report,
			.progress = jim_progress,
			.journal_load = journal_load,
			.journal_store = journal_store,
			.journal_name = journal_name,
		},
		.interp = interp,
		.progress = { .emit = emit, .terminal = isatty(STDERR_FILENO) == 1 },
	};
	jim->link.ctx = jim->progress.ctx = jim;
	wb_format(jim->target, sizeof(jim->target), "%s", target);
	cortex_m_link_defaults(&jim->link);
}

void link_jim_enter(struct jim_link *jim)
{
	stop_begin(&jim->stop);
	const char *answer = host_run(jim->interp, HOST("debug_level"));
	const long level = answer ? host_number(answer) : LEVEL_DEBUG;
	jim->debug_level = level < LEVEL_DEBUG ? level : -1;
	jim->loud_level = level;
	set_level(jim, LEVEL_SILENT);

	answer = host_run(jim->interp, HOST(jim->target, "cget", "-type"));
	jim->hla = answer && strcmp(answer, "hla_target") == 0;
	answer = host_run(jim->interp, HOST(jim->target, "curstate"));
	jim->halted = answer && strcmp(answer, "halted") == 0;
	jim->reset_hidden = false;
	jim->core_written = false;
	jim->polling_off = false;
}

/*
 * OpenOCD knows CPU1 from before. One read of DHCSR takes the "was reset" flag away, or OpenOCD
 * would tell of an external reset; a poll shows it whether CPU1 runs. If it was halted and still
 * is, OpenOCD would keep its old copy of the registers, and write it back: make it read them.
 */
static void tell_openocd(struct jim_link *jim)
{
	uint32_t dhcsr;

	if (jim->link.read(&jim->link, CM_DHCSR, 4, 1, &dhcsr) != WB_OK)
		return;
	(void)host_run(jim->interp, HOST(jim->target, "arp_poll"));
	if (!jim->halted || !(dhcsr & CM_DHCSR_S_HALT))
		return;
	(void)host_run(jim->interp,
		HOST("get_reg", "-force",
			"r0 r1 r2 r3 r4 r5 r6 r7 r8 r9 r10 r11 r12 sp lr pc xPSR msp psp primask "
			"basepri faultmask control"));
	(void)host_run(jim->interp,
		HOST("get_reg", "-force",
			"d0 d1 d2 d3 d4 d5 d6 d7 d8 d9 d10 d11 d12 d13 d14 d15 fpscr"));
}

void link_jim_leave(struct jim_link *jim)
{
	if (jim->core_written)
		tell_openocd(jim);
	if (jim->polling_off)
		(void)host_run(jim->interp, HOST("poll", "on"));
	if (jim->debug_level >= 0) {
		char number[16];

		wb_format(number, sizeof(number), "%ld", jim->debug_level);
		(void)host_run(jim->interp, HOST("debug_level", number));
	}
	stop_end(&jim->stop);
}

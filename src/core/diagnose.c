/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of checks, in the order in which one would ask, and their sum.
 *
 * Sources: [wiki] ST's page on the FUS, its FAQ; [user] reports from the field; [rn] release notes;
 * RM0434, RM0473 the reference manuals; ours: what this program itself may have left behind.
 */
#include <stdarg.h>
#include <string.h>
#include "core/diagnose.h"
#include "core/evidence.h"

static const struct row {
	const char *id, *source;
	check *run;
} rows[] = {
	{ "chip", "RM0434, DBGMCU and FLASH", check_answers },
	{ "safeboot", "[wiki] FAQ: SFSA = 0x00 and SBRV = 0x3FC00", check_safeboot },
	{ "boundary", "[wiki] FAQ: SBRV and SFSA not aligned; [user]", check_boundary },
	{ "security", "[wiki] FAQ: FUS is not responding; RM0434 3.10", check_security },
	{ "who", "[wiki] FAQ: running FUS or wireless stack?", check_who },
	{ "tables", "[wiki] FAQ: I cannot read the FUS version; [rn]", check_tables },
	{ "mailbox", "RM0434, IPCC", check_mailbox },
	{ "selected", "[user] FUS left running by a tool", check_selected },
	{ "version", "[wiki] 3.2: what each FUS mends", check_version },
	{ "ecc", "[wiki] FAQ: flash ECC register; RM0434 3.3.3", check_ecc },
	{ "flash", "RM0434 3.3.7: CFGBSY; [user]", check_flash },
	{ "options", "[wiki] FAQ: option byte corruption; RM0434 3.4", check_options },
	{ "journal", "ours: a command that was cut off", check_journal },
	{ "boot", "[user] boot options left changed; RM0434 2.3", check_boot },
	{ "watchdog", "[user] watchdog bites during an upgrade; RM0434 3.4", check_watchdog },
	{ "protection", "RM0434 3.6", check_protection },
	{ "reset", "RM0434, RCC_CSR", check_reset },
	{ "cpu1", "ARMv7-M ARM C1.6.2, DHCSR", check_cpu1 },
	{ "images", "[user] old image parts in flash: not authentic", check_images },
	{ "state", "[wiki] 4.1: FUS_GET_STATE; [user]", check_state },
};
#define ROWS (sizeof(rows) / sizeof(*rows))
_Static_assert(ROWS <= WB_CHECKS_MAX, "a finding for every check");

const char *wb_verdict_name(enum wb_verdict verdict)
{
	static const char *const names[] = { "-", "ok", "odd", "bad" };

	return (size_t)verdict < sizeof(names) / sizeof(*names) ? names[verdict] : "?";
}

void finding_seen(struct wb_finding *f, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	wb_vformat(f->seen, sizeof(f->seen), fmt, args);
	va_end(args);
}

void finding_advise(struct wb_finding *f, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	wb_vformat(f->advice, sizeof(f->advice), fmt, args);
	va_end(args);
}

static void judge(const struct evidence *e, struct wb_diagnosis *d)
{
	for (size_t i = 0; i < ROWS && (!i || e->chip_read); i++) {
		struct wb_finding *f = &d->finding[d->count++];

		f->id = rows[i].id;
		f->source = rows[i].source;
		f->verdict = rows[i].run(e, f);
		d->number[f->verdict]++;
		if (f->verdict > d->worst)
			d->worst = f->verdict;
	}
}

enum wb_status wb_diagnose(struct wb_session *session, const struct wb_operation *op, bool mailbox,
	struct wb_diagnosis *diagnosis, struct wb_result *result, struct wb_error *err)
{
	struct evidence e;

	memset(diagnosis, 0, sizeof(*diagnosis));
	memset(result, 0, sizeof(*result));
	evidence_read(session, &e);
	if (mailbox && e.chip_read)
		evidence_ask(session, op, &e, result);
	session_clock_back(session);
	session->found_ms = 0;
	if (e.asked && e.asked_status == WB_ERR_STOPPED) {
		if (err)
			*err = e.asked_why;
		return WB_ERR_STOPPED;
	}
	if (e.chip_read)
		diagnosis->chip = e.chip;
	judge(&e, diagnosis);
	return WB_OK;
}

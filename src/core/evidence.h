/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside core: what a diagnosis looks at. Read once, then judged by pure functions.
 */
#ifndef OPENFUS_EVIDENCE_H
#define OPENFUS_EVIDENCE_H

#include "core/diagnose.h"
#include "core/options.h"
#include "core/session.h"
#include "core/tables.h"

/* What a piece of evidence says of who runs on the CM0+. */
enum sign { SIGN_NONE, SIGN_FUS, SIGN_STACK };

struct evidence {
	bool chip_read;
	struct wb_chip chip;
	struct wb_error why; /* of !chip_read */

	/* the chip */
	bool acr_read, app_read;
	uint32_t acr;
	uint32_t app[2]; /* the first words of flash: CPU1's stack pointer and reset vector */
	uint32_t busy;   /* FLASH_SR's BSY and CFGBSY as set in every look */
	struct wb_option_page page;
	struct wb_option_record record;
	bool boot_record, pages_record, held_record, record_failed;

	/* the CM0+ */
	bool tables_read;
	uint32_t pointers;   /* where the table of pointers is */
	uint32_t first_word; /* of SRAM2a */
	bool pointers_valid;
	bool pointers_blank; /* all 0 or all 1: nobody has written any */
	enum sign table, event;
	bool waiting; /* a command on the system channel in every look */

	/* with the mailbox */
	bool asked, scanned;
	enum wb_status asked_status, scan_status;
	struct wb_error asked_why;
	struct wb_fus_state state;
	struct wb_flash_scan scan;
};

/** All that can be read hot. What fails is left out; it is no error. */
void evidence_read(struct wb_session *s, struct evidence *e);
/** Hold CPU1, search user flash, ask the CM0+; leaves the chip. */
void evidence_ask(struct wb_session *s, const struct wb_operation *op, struct evidence *e,
	struct wb_result *result);

/* ---- checks --------------------------------------------------------------------------------- */

/** One row of the table: judges, and fills seen and advice. */
typedef enum wb_verdict check(const struct evidence *e, struct wb_finding *f);

/** Is Safeboot selected? Then all of flash is secure, and no command of ours starts the CM0+. */
bool safeboot_holds(const struct wb_chip *chip);

check check_answers, check_security, check_protection, check_options, check_journal, check_boot,
	check_watchdog, check_ecc, check_flash, check_reset, check_cpu1;
check check_safeboot, check_boundary, check_who, check_tables, check_mailbox, check_version,
	check_selected, check_state, check_images;

void finding_seen(struct wb_finding *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void finding_advise(struct wb_finding *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif

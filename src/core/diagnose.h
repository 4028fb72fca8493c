/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is wrong with this board? Every check of ST's FAQ on the FUS and of what its users report,
 * each with what was seen and what to do.
 *
 *   evidence.c       all reads, made before anything is judged
 *   diagnose.c       the table of checks, and their sum
 *   check_chip.c     checks of the chip: options, flash, CPU1
 *   check_cm0.c      checks of the CM0+: who runs, tables, FUS
 */
#ifndef OPENFUS_DIAGNOSE_H
#define OPENFUS_DIAGNOSE_H

#include "core/openfus.h"

enum wb_verdict {
	WB_VERDICT_NONE, /* not looked at; what was seen says why */
	WB_VERDICT_OK,
	WB_VERDICT_ODD, /* works, but is not as ST delivers it or as it should be left */
	WB_VERDICT_BAD, /* keeps FUS, stack or application from working */
};

struct wb_finding {
	const char *id;     /* stable: "safeboot", "boundary", ... */
	const char *source; /* of the check */
	enum wb_verdict verdict;
	char seen[280];   /* evidence, with numbers */
	char advice[360]; /* "" if ok. Commands stand in `...`; without one there is no way we know
			   */
};

#define WB_CHECKS_MAX 24u
struct wb_diagnosis {
	unsigned int count;
	struct wb_finding finding[WB_CHECKS_MAX]; /* in the order of the table */
	unsigned int number[WB_VERDICT_BAD + 1];  /* of findings by verdict */
	enum wb_verdict worst;
	struct wb_chip chip; /* as read first; family NULL: it could not be read */
};

/** "ok", "odd", "bad", "-". */
WB_API const char *wb_verdict_name(enum wb_verdict verdict);

/**
 * Run every check.
 *
 * @param[in] mailbox false: reads only, while whatever runs there goes on running (some 100 ms).
 * True: then CPU1 is held, user flash is searched for images and the CM0+ is asked for its state,
 * and the chip is left as by wb_fus_state().
 * @retval WB_OK       *diagnosis is filled, whatever it says; a chip that cannot be read is a
 * finding.
 * @retval WB_ERR_STOPPED
 */
WB_API enum wb_status wb_diagnose(struct wb_session *session, const struct wb_operation *op,
	bool mailbox, struct wb_diagnosis *diagnosis, struct wb_result *result,
	struct wb_error *err);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libopenfus: a chip brought back, as far as it can be.
 *
 *   safeboot.c  option bytes found corrupt: Safeboot's factory reset, started and watched
 *   recover.c   what is wrong, and in which order it is put right
 */
#ifndef OPENFUS_RECOVER_H
#define OPENFUS_RECOVER_H

#include "core/openfus.h"

/* Safeboot watched: a row whenever something has changed. */
#define WB_SIGHTINGS 24u
struct wb_sighting {
	uint32_t ms;	/* since Safeboot was started */
	bool answers;	/* the debug port does; else the rest is 0 */
	bool c2boot;
	uint32_t sfsa, sbrv, eccr;
};

#define WB_RECOVER_DEEDS 6u
struct wb_recovery {
	unsigned int deeds; /* what was done, in order */
	char deed[WB_RECOVER_DEEDS][160];
	unsigned int sightings;
	struct wb_sighting seen[WB_SIGHTINGS];
};

/**
 * Find out what keeps a chip from doing its work, and put it right:
 *
 *   Safeboot selected      a factory reset, which erases the stack and all user flash: with consent
 *                          "factory-reset". Watched; a reset and once more if nothing comes of it
 *   option page damaged, options lost in a write that was cut off, CPU1 made to boot elsewhere:
 *                          user option bytes from the journal, the registers, or as ST sets them: with
 *                          consent "options"
 *   an interrupted upgrade followed to its end
 *   the FUS selected, and a stack installed: the stack is started
 *
 * Several at once are dealt with in this order. What is not recoverable is said before anything is
 * written.
 *
 * @param[in]  op        with op->confirm.
 * @param[out] recovery  what was seen and done, on failure too.
 * @retval WB_ERR_REFUSED nothing-to-recover; safeboot-locked, boundary-mismatch, security-off: not
 *                        recoverable; factory-reset, options: without consent
 * @retval WB_ERR_CHIP    Safeboot was started and nothing came of it: power the board off and on, and
 *                        call again
 */
WB_API enum wb_status wb_fus_recover(struct wb_session *session, const struct wb_operation *op,
	struct wb_recovery *recovery, struct wb_result *result, struct wb_error *err);

#endif

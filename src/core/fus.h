/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the FUS is asked, and how its long operations are followed across the resets they make.
 */
#ifndef OPENFUS_FUS_H
#define OPENFUS_FUS_H

#include "core/session.h"

/** GET_STATE; only to a FUS, or to a stack that is to be left (its second one resets the chip). */
enum wb_status fus_get_state(struct wb_session *s, struct wb_fus_state *state,
	struct wb_error *err);
/**
 * From whatever runs to a FUS that is idle: by way of the stack if one answers, and following an
 * operation that goes on.
 */
enum wb_status fus_enter(struct wb_session *s, struct wb_fus_state *state, struct wb_error *err);
/** The FUS runs: if it is in the middle of something, follow that to its end. */
enum wb_status fus_settle(struct wb_session *s, struct wb_fus_state *state, struct wb_error *err);
/**
 * Follow an operation to its end: the FUS idle (s->runs is WB_RUNS_FUS), or a stack running.
 * @retval WB_ERR_FUS      the FUS says error; *state has it
 * @retval WB_ERR_TIMEOUT  no end in sight
 */
enum wb_status fus_follow(struct wb_session *s, struct wb_fus_state *state, struct wb_error *err);
/** Delete the stack; the FUS is idle afterwards. */
enum wb_status fus_delete(struct wb_session *s, struct wb_fus_state *state, struct wb_error *err);
/** The same by FW_PURGE, which takes the stack's NVM pages too: FUS 2 only. */
enum wb_status fus_purge(struct wb_session *s, struct wb_fus_state *state, struct wb_error *err);
/** FW_UPGRADE and follow. */
enum wb_status fus_upgrade(struct wb_session *s, struct wb_fus_state *state, struct wb_error *err);
/** START_WS and wait for the stack. */
enum wb_status fus_to_stack(struct wb_session *s, struct wb_fus_state *state,
	struct wb_error *err);

#endif

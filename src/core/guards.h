/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside core: what may not be asked of a FUS besides upgrades (guards.c), and the way from a
 * command's words to the one thing that it does (errand.c).
 */
#ifndef OPENFUS_GUARDS_H
#define OPENFUS_GUARDS_H

#include "core/session.h"

/* Commands that rules stand before: bits, for one command may be two of them. */
enum wb_guarded {
	WB_GUARD_PURGE = 1u << 0,
	WB_GUARD_ANTIROLLBACK = 1u << 1,
	WB_GUARD_AUTHKEY_UPDATE = 1u << 2,
	WB_GUARD_AUTHKEY_LOCK = 1u << 3,
	WB_GUARD_USRKEY = 1u << 4,
	WB_GUARD_REMOVE = 1u << 5, /* of the stack */
};

/** True if the operation consents to this risk (-confirm). */
bool wb_op_confirms(const struct wb_operation *op, const char *risk);

/**
 * Check every rule before a command, in order. Pure.
 *
 * @param[in] rollback anti-rollback is known to be on: the chip does not tell, the journal does
 * @param[in] commands bits of enum wb_guarded
 *
 * What rests on a version is judged only where the chip's versions are live: a chip that is
 * passed here because its CM0+ has not run is to be checked again once it has.
 *
 * @retval WB_ERR_REFUSED the first one broken that the operation does not consent to
 */
enum wb_status wb_guard_check(const struct wb_chip *chip, bool rollback, unsigned int commands,
	const struct wb_operation *op, struct wb_error *err);

/** Is it noted in the journal that anti-rollback was switched on? A note that cannot be read counts. */
bool wb_rollback_noted(struct wb_session *s, uint64_t uid64);

/* One thing to be done with the CM0+ up and the rules kept; CPU1 is held meanwhile. */
typedef enum wb_status wb_errand(struct wb_session *s, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err);

/**
 * Look, check, take the chip, start the CM0+, check again, do it, leave the chip as found. Refused
 * at the first look: the chip was not touched.
 */
enum wb_status wb_errand_run(struct wb_session *s, unsigned int commands,
	const struct wb_operation *op, wb_errand *errand, struct wb_result *result,
	struct wb_error *err);
/**
 * An errand whose effect lasts until the next reset: CPU1 is left held, whatever op says.
 * @retval WB_ERR_RESET done, and undone by a reset behind it
 */
enum wb_status wb_errand_lasting(struct wb_session *s, unsigned int commands,
	const struct wb_operation *op, wb_errand *errand, struct wb_result *result,
	struct wb_error *err);
/**
 * An errand that wants the FUS: into it, by way of the stack if one runs, and back to the stack that
 * was selected before, whatever came of it.
 */
enum wb_status wb_errand_in_fus(struct wb_session *s, unsigned int commands,
	const struct wb_operation *op, wb_errand *errand, struct wb_result *result,
	struct wb_error *err);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside core: Safeboot, which the hardware selects when it finds option bytes corrupt.
 */
#ifndef OPENFUS_SAFEBOOT_H
#define OPENFUS_SAFEBOOT_H

#include "core/recover.h"
#include "core/session.h"

/** SFSA or SBRV select it. */
bool safeboot_selected(const struct wb_chip *chip);
/**
 * May Safeboot be started on this chip?
 * @retval WB_ERR_REFUSED safeboot-locked: a FUS before 1.1.0, the chip is lost;
 *                        factory-reset: without consent
 */
enum wb_status safeboot_allowed(const struct wb_chip *chip, const struct wb_operation *op,
	struct wb_error *err);
/**
 * Start Safeboot and watch until something else is selected. CPU1 is not touched, and nothing is
 * written but C2BOOT and, if nothing came of it, a reset.
 * @retval WB_ERR_CHIP    nothing came of it, twice
 * @retval WB_ERR_STOPPED the watching; Safeboot may be at work
 */
enum wb_status safeboot_run(struct wb_session *s, const struct wb_chip *chip,
	struct wb_recovery *recovery, struct wb_error *err);
/** An earlier call started it on this chip, and its end was not seen. */
bool safeboot_pending(struct wb_session *s, uint64_t uid64);
void safeboot_forget(struct wb_session *s, uint64_t uid64);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What may not be asked of a FUS besides upgrades: each row a condition, a sentence, a remedy, and
 * its source. A row that kills a chip, or that the FUS refuses anyway, has no word that lifts it;
 * what cannot be undone needs consent, and that row comes last.
 *
 * Sources: [wiki] ST's page on the FUS; [rn] release notes of ST's binaries; [mw] its middleware.
 */
#include <string.h>
#include "core/bytes.h"
#include "core/guards.h"
#include "core/image.h"
#include "core/rules.h"

#define FUS_2_0_0 WB_VERSION(2, 0, 0)

static bool no_key_store(const struct wb_chip *chip, bool rollback)
{
	(void)rollback;
	return !chip->family->key_store;
}

static bool before_1_2_0(const struct wb_chip *chip, bool rollback)
{
	(void)rollback;
	return WB_RELEASE(chip->versions.fus) < WB_FUS_1_2_0;
}

static bool before_2_0_0(const struct wb_chip *chip, bool rollback)
{
	(void)rollback;
	return WB_RELEASE(chip->versions.fus) < FUS_2_0_0;
}

/* Two signs, and both must be there: the table lists a stack, and the boundary leaves room for it. */
static bool no_stack(const struct wb_chip *chip, bool rollback)
{
	(void)rollback;
	return !chip->versions.stack ||
		wb_bits(chip->options.sfr, 7, 0) >= chip->family->fus_sfsa;
}

static bool rolls_no_more(const struct wb_chip *chip, bool rollback)
{
	(void)chip;
	return rollback;
}

static bool always(const struct wb_chip *chip, bool rollback)
{
	(void)chip;
	(void)rollback;
	return true;
}

static const struct guard {
	const char *id;
	unsigned int commands; /* bits of enum wb_guarded */
	bool by_version;       /* judged only where versions are live */
	bool confirm;	       /* -confirm id lifts it */
	bool (*broken)(const struct wb_chip *chip, bool rollback);
	const char *sentence, *remedy;
} guards[] = {
	/* [wiki] 3.4: CKS feature */
	{ "no-key-store", WB_GUARD_USRKEY, false, false, no_key_store,
		"this family has no store for user keys",
		"only STM32WB5x and STM32WB3x have it; keep the key in the application's own flash, read "
		"protection on" },
	/* [mw] FW_PURGE came with FUS 2 */
	{ "purge-fus", WB_GUARD_PURGE, true, false, before_2_0_0, "only FUS 2 knows the purge",
		"`stm32wb fus delete` removes the stack; an older FUS keeps no NVM pages beside it" },
	/* [rn] "only after installing the latest FUS version (>= V1.2.0)" */
	{ "antirollback-fus", WB_GUARD_ANTIROLLBACK, true, false, before_1_2_0,
		"with a FUS before 1.2.0 no wireless stack could ever be installed again",
		"upgrade the FUS first: `stm32wb fus upgrade`, with a folder of ST's images" },
	/* [wiki] FAQ: "no firmware update is allowed after that, and no recovery is possible" */
	{ "antirollback-no-stack", WB_GUARD_ANTIROLLBACK, true, false, no_stack,
		"with no wireless stack installed no firmware could ever be installed again, and nothing "
		"would bring the chip back",
		"install the stack first that is to be the oldest one ever taken: `stm32wb fus upgrade "
		"FILE`" },
	/* [wiki] FAQ can be read so that it is the stack in place whose version counts */
	{ "antirollback", WB_GUARD_REMOVE, false, true, rolls_no_more,
		"anti-rollback was switched on here: with its stack gone it may never take another",
		"`stm32wb fus upgrade FILE` replaces the stack without removing it first" },
	{ "antirollback", WB_GUARD_ANTIROLLBACK, false, true, always,
		"the FUS will never again take a wireless stack older than the one installed, and this "
		"cannot be undone. Do not delete that stack afterwards",
		"nothing was changed" },
	/* [wiki] 1: from then on images need the customer's signature too */
	{ "lock-authkey", WB_GUARD_AUTHKEY_LOCK, false, true, always,
		"the customer authentication key can never be changed again: images without a signature "
		"by this key are refused for ever",
		"nothing was changed" },
};

bool wb_op_confirms(const struct wb_operation *op, const char *risk)
{
	for (unsigned int i = 0; op->confirm && i < WB_CONFIRM_MAX && op->confirm[i]; i++)
		if (!strcmp(op->confirm[i], risk))
			return true;
	return false;
}

static enum wb_status refuse(const struct wb_chip *chip, const struct guard *g,
	struct wb_error *err)
{
	char fus[20], stack[20], lift[64] = "";

	if (g->confirm)
		wb_format(lift, sizeof(lift), "; to go ahead: -confirm %s", g->id);
	return wb_refuse(err, g->id, "this %s (FUS %s, wireless stack %s, SFSA 0x%02X): %s: %s%s",
		chip->family->name,
		chip->versions.live ? wb_version_text(chip->versions.fus, fus) : "not asked",
		!chip->versions.live ? "not asked" :
		chip->versions.stack ? wb_version_text(chip->versions.stack, stack) : "none",
		(unsigned int)wb_bits(chip->options.sfr, 7, 0), g->sentence, g->remedy, lift);
}

enum wb_status wb_guard_check(const struct wb_chip *chip, bool rollback, unsigned int commands,
	const struct wb_operation *op, struct wb_error *err)
{
	for (const struct guard *g = guards; g < guards + sizeof(guards) / sizeof(*guards); g++) {
		if (!(g->commands & commands) || (g->by_version && !chip->versions.live) ||
			!g->broken(chip, rollback) || (g->confirm && wb_op_confirms(op, g->id)))
			continue;
		return refuse(chip, g, err);
	}
	return WB_OK;
}

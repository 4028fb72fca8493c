/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the FUS does in an operation, one row a step. ST publishes that an upgrade checks, moves
 * the image up, resets several times and erases what is left [wiki]; which option is written
 * when is our assumption, so each operation has a second plausible order (quirk alt-order).
 *
 * Times: page erase 22.0 ms, programming a 4 KiB page 41.8 ms (DS11929, typical); an option page
 * is erased and programmed: 25 ms; the check takes 3.6 s for a full BLE stack of 1.13 [user].
 */
#include "sim/cpu2.h"

#define ERASE_US 22000u
#define MOVE_US 63800u /* erase and program a page */
#define OPTION_US 25000u
#define UFB_US 24000u /* erase the other bank, program its head */
#define SERVICE_US 150000u
#define RECORD_US 735u /* 9 double words of 81.7 us (DS11929) */
#define CHECK_US 20000u
#define CHECK_NS_BYTE 24000u /* 3.6 s of about 150 KB */

/* Rows that several operations share. */
#define STEP_CHECK                                                                                 \
	{                                                                                          \
		"check", ACT_CHECK, CHECK_US, CHECK_NS_BYTE, AFTER_NOTHING, true,                  \
			"scans user flash, then signature over the whole image; deaf meanwhile "   \
			"[user: 3.6 s]"                                                            \
	}
#define STEP_BEGIN                                                                                 \
	{                                                                                          \
		"remember", ACT_UFB_BEGIN, UFB_US, 0, AFTER_NOTHING, false,                        \
			"from here a power cut is continued from the UFB; ours"                    \
	}

static const struct fus_step stack_steps[] = {
	STEP_CHECK,
	STEP_BEGIN,
	{ "secure-staged", ACT_SFSA_STAGED, OPTION_US, 0, AFTER_OBL, false,
		"nobody may change the image after the check, so SFSA comes down to it; ours" },
	{ "move", ACT_MOVE, MOVE_US, 0, AFTER_NOTHING, false,
		"up to the final place, last page first: source and destination may overlap [wiki: "
		"moved]" },
	{ "installed", ACT_UFB_STACK, UFB_US, 0, AFTER_RESET, false,
		"the old stack is gone, the new one is whole; ours" },
	{ "erase-staged", ACT_ERASE_STAGED, ERASE_US, 0, AFTER_NOTHING, false,
		"the shadow of the encrypted firmware is erased [wiki]" },
	{ "erase-old", ACT_ERASE_OLD, ERASE_US, 0, AFTER_NOTHING, false,
		"a smaller stack leaves pages of the old one, which CPU1 may not see; ours" },
	{ "boundary", ACT_SFSA_FINAL, OPTION_US, 0, AFTER_OBL, false,
		"SFSA to the new stack; ours: an option load of its own" },
	{ "select-stack", ACT_SELECT_STACK, OPTION_US, 0, AFTER_OBL, false,
		"SBRV to the stack: it is what boots from now on [wiki]" },
};

static const struct fus_step stack_steps_alt[] = {
	STEP_CHECK,
	STEP_BEGIN,
	{ "erase-old", ACT_ERASE_OLD, ERASE_US, 0, AFTER_NOTHING, false,
		"the old stack goes first; ours" },
	{ "boundary", ACT_SFSA_FINAL, OPTION_US, 0, AFTER_OBL, false,
		"SFSA at its final place before anything lies there; ours" },
	{ "move", ACT_MOVE, MOVE_US, 0, AFTER_NOTHING, false, "as in the first order" },
	{ "erase-staged", ACT_ERASE_STAGED, ERASE_US, 0, AFTER_RESET, false,
		"as in the first order" },
	{ "installed", ACT_UFB_STACK, UFB_US, 0, AFTER_NOTHING, false, "as in the first order" },
	{ "select-stack", ACT_SELECT_STACK, OPTION_US, 0, AFTER_OBL, false,
		"as in the first order" },
};

static const struct fus_step fus_self_steps[] = {
	STEP_CHECK,
	STEP_BEGIN,
	{ "secure-staged", ACT_SFSA_STAGED, OPTION_US, 0, AFTER_OBL, false,
		"as for a stack; ours" },
	{ "erase-keys", ACT_ERASE_KEYS, ERASE_US, 0, AFTER_NOTHING, false,
		"any FUS upgrade erases the user keys [wiki]; when, ours" },
	{ "install-fus", ACT_INSTALL_FUS, MOVE_US, 0, AFTER_NOTHING, false,
		"page by page over the old one; a half-written FUS is continued by the boot entry, "
		"which "
		"ST calls Unique FW Boot; ours" },
	{ "new-fus", ACT_UFB_FUS, UFB_US, 0, AFTER_RESET, false,
		"the new FUS takes over and ends the work of the old; ours" },
	{ "erase-staged", ACT_ERASE_STAGED, ERASE_US, 0, AFTER_NOTHING, false, "as for a stack" },
	{ "boundary", ACT_SELECT_FUS, OPTION_US, 0, AFTER_OBL, false,
		"SFSA back to the stack that stays, or to the FUS, which may start elsewhere now; "
		"ours" },
	{ "done", ACT_UFB_DONE, UFB_US, 0, AFTER_NOTHING, false, "ends in the FUS, idle [wiki]" },
};

static const struct fus_step fus_self_steps_alt[] = {
	STEP_CHECK,
	STEP_BEGIN,
	{ "install-fus", ACT_INSTALL_FUS, MOVE_US, 0, AFTER_RESET, false,
		"without securing the staged copy; ours" },
	{ "new-fus", ACT_UFB_FUS, UFB_US, 0, AFTER_RESET, false, "as in the first order" },
	{ "boundary", ACT_SELECT_FUS, OPTION_US, 0, AFTER_OBL, false,
		"only for a FUS that starts elsewhere: otherwise nothing differs, and nothing is "
		"written; ours" },
	{ "erase-staged", ACT_ERASE_STAGED, ERASE_US, 0, AFTER_NOTHING, false, "as for a stack" },
	{ "erase-keys", ACT_ERASE_KEYS, ERASE_US, 0, AFTER_NOTHING, false,
		"as in the first order, and last" },
	{ "done", ACT_UFB_DONE, UFB_US, 0, AFTER_RESET, false, "a last reset; ours" },
};

static const struct fus_step delete_steps[] = {
	STEP_BEGIN,
	{ "erase-stack", ACT_ERASE_STACK, ERASE_US, 0, AFTER_NOTHING, false,
		"all from SFSA to the FUS; NVM pages too, unless delete-nvm keeps them; ours" },
	{ "deleted", ACT_UFB_NO_STACK, UFB_US, 0, AFTER_RESET, false, "ours" },
	{ "boundary", ACT_SELECT_FUS, OPTION_US, 0, AFTER_OBL, false,
		"SFSA back to the FUS [wiki: 0xF4]" },
	{ "done", ACT_UFB_DONE, UFB_US, 0, AFTER_NOTHING, false, "ends in the FUS, idle" },
};

static const struct fus_step delete_steps_alt[] = {
	STEP_BEGIN,
	{ "deleted", ACT_UFB_NO_STACK, UFB_US, 0, AFTER_NOTHING, false,
		"forgotten before it is erased; ours" },
	{ "erase-stack", ACT_ERASE_STACK, ERASE_US, 0, AFTER_RESET, false,
		"as in the first order" },
	{ "boundary", ACT_SELECT_FUS, OPTION_US, 0, AFTER_OBL, false, "as in the first order" },
	{ "done", ACT_UFB_DONE, UFB_US, 0, AFTER_RESET, false, "a last reset; ours" },
};

static const struct fus_step purge_steps[] = {
	STEP_BEGIN,
	{ "purge-stack", ACT_ERASE_STACK, ERASE_US, 0, AFTER_NOTHING, false,
		"all from SFSA to the FUS; ours" },
	{ "deleted", ACT_UFB_NO_STACK, UFB_US, 0, AFTER_RESET, false, "as for a delete" },
	{ "boundary", ACT_SELECT_FUS, OPTION_US, 0, AFTER_OBL, false, "SFSA back to the FUS" },
	{ "done", ACT_UFB_DONE, UFB_US, 0, AFTER_NOTHING, false, "ends in the FUS, idle" },
};

static const struct fus_step start_ws_steps[] = {
	{ "start-ws", ACT_SELECT_STACK, OPTION_US, 0, AFTER_OBL, true,
		"SBRV to the stack, and a reset [wiki]" },
};

static const struct fus_step start_ws_steps_alt[] = {
	{ "service", ACT_WAIT, SERVICE_US, 0, AFTER_NOTHING, false,
		"answers first, says 'service ongoing', and then does it; ours" },
	{ "start-ws", ACT_SELECT_STACK, OPTION_US, 0, AFTER_OBL, false, "as in the first order" },
};

static const struct fus_step nothing_steps[] = {
	{ "no-stack", ACT_WAIT, SERVICE_US, 0, AFTER_RESET, false,
		"as a delete that finds nothing to delete, and resets all the same; ours" },
};

static const struct fus_step enter_steps[] = {
	{ "enter-fus", ACT_SELECT_FUS, OPTION_US, 0, AFTER_OBL, true,
		"the second GET_STATE makes a stack select the FUS [wiki], for every boot [psdb]" },
};

static const struct fus_step enter_steps_alt[] = {
	{ "put-away", ACT_WAIT, SERVICE_US, 0, AFTER_NOTHING, true,
		"the stack ends its own work first; ours" },
	{ "enter-fus", ACT_SELECT_FUS, OPTION_US, 0, AFTER_OBL, true, "as in the first order" },
};

static const struct fus_step factory_steps[] = {
	{ "safeboot", ACT_WAIT, 2000000, 0, AFTER_NOTHING, true, "it takes some seconds [user]" },
	{ "erase-user", ACT_ERASE_USER, ERASE_US, 0, AFTER_NOTHING, true,
		"stack and user flash [wiki]" },
	{ "erase-keys", ACT_ERASE_KEYS, ERASE_US, 0, AFTER_NOTHING, true,
		"back to the virgin state [rn]: the user keys too; ours" },
	{ "forget", ACT_UFB_FACTORY, UFB_US, 0, AFTER_NOTHING, true, "ours" },
	{ "restore-options", ACT_RESTORE_OPTIONS, OPTION_US, 0, AFTER_OBL, true,
		"back to the FUS [wiki]" },
};

static const struct fus_step factory_steps_alt[] = {
	{ "safeboot", ACT_WAIT, 2000000, 0, AFTER_NOTHING, true, "as in the first order" },
	{ "forget", ACT_UFB_FACTORY, UFB_US, 0, AFTER_NOTHING, true,
		"first of all: SBRV still selects Safeboot, so it begins anew after a power cut; ours" },
	{ "erase-keys", ACT_ERASE_KEYS, ERASE_US, 0, AFTER_NOTHING, true,
		"as in the first order" },
	{ "erase-user", ACT_ERASE_USER, ERASE_US, 0, AFTER_NOTHING, true, "as in the first order" },
	{ "restore-options", ACT_RESTORE_OPTIONS, OPTION_US, 0, AFTER_OBL, true,
		"as in the first order" },
};

static const struct fus_step safeboot_steps[] = {
	STEP_CHECK,
	STEP_BEGIN,
	{ "install-safeboot", ACT_WAIT, MOVE_US, 0, AFTER_NOTHING, false,
		"a page; what runs until it is whole is not published; ours" },
	{ "erase-user", ACT_ERASE_USER, ERASE_US, 0, AFTER_NOTHING, false,
		"the update is a factory reset: stack and user flash go [rn]" },
	{ "erase-keys", ACT_ERASE_KEYS, ERASE_US, 0, AFTER_NOTHING, false,
		"and the user keys; ours" },
	{ "deleted", ACT_UFB_NO_STACK, UFB_US, 0, AFTER_RESET, false, "ours" },
	{ "boundary", ACT_SELECT_FUS, OPTION_US, 0, AFTER_OBL, false, "back to the FUS [rn]" },
	{ "lose-ufb", ACT_UFB_LOSE, UFB_US, 0, AFTER_RESET, false,
		"the FUS says once that the UFB is corrupt, which is how one knows that it worked [rn]" },
};

static const struct fus_step safeboot_steps_alt[] = {
	STEP_CHECK,
	STEP_BEGIN,
	{ "erase-user", ACT_ERASE_USER, ERASE_US, 0, AFTER_RESET, false, "as in the first order" },
	{ "erase-keys", ACT_ERASE_KEYS, ERASE_US, 0, AFTER_NOTHING, false,
		"as in the first order" },
	{ "install-safeboot", ACT_WAIT, MOVE_US, 0, AFTER_NOTHING, false,
		"while nothing else is left; ours" },
	{ "deleted", ACT_UFB_NO_STACK, UFB_US, 0, AFTER_NOTHING, false, "as in the first order" },
	{ "boundary", ACT_SELECT_FUS, OPTION_US, 0, AFTER_OBL, false, "as in the first order" },
	{ "lose-ufb", ACT_UFB_LOSE, UFB_US, 0, AFTER_RESET, false, "as in the first order" },
};

/* One record each. The answer to a key carries its index, so it comes when the work is done. */
#define RECORD_STEPS(name, why)                                                                    \
	{                                                                                          \
		{                                                                                  \
			name, ACT_RECORD, RECORD_US, 0, AFTER_NOTHING, true, why                   \
		}                                                                                  \
	}
#define RECORD_STEPS_ALT(name)                                                                     \
	{                                                                                          \
		{ "service", ACT_WAIT, SERVICE_US, 0, AFTER_NOTHING, false,                        \
			"answers first, says 'service ongoing', and then does it; ours" },         \
		{                                                                                  \
			name, ACT_RECORD, RECORD_US, 0, AFTER_NOTHING, false,                      \
				"as in the first order"                                            \
		}                                                                                  \
	}

static const struct fus_step store_key_steps[] = RECORD_STEPS(
	"store-key", "programmed behind the keys that are there; a torn one does not count; ours");
static const struct fus_step auth_key_steps[] = RECORD_STEPS(
	"auth-key", "at a fixed place in secure flash [wiki]; the last one holds; ours");
static const struct fus_step auth_key_steps_alt[] = RECORD_STEPS_ALT("auth-key");
static const struct fus_step auth_lock_steps[] = RECORD_STEPS("auth-lock", "for good [wiki]; ours");
static const struct fus_step auth_lock_steps_alt[] = RECORD_STEPS_ALT("auth-lock");
static const struct fus_step rollback_steps[] =
	RECORD_STEPS("antirollback", "remembers the stack of this moment [wiki]; ours");
static const struct fus_step rollback_steps_alt[] = RECORD_STEPS_ALT("antirollback");

#define STATE_FW 0x10      /* firmware upgrade ongoing, 0x10-0x1F */
#define STATE_FUS 0x20     /* FUS upgrade ongoing, 0x20-0x2F */
#define STATE_SERVICE 0x30 /* service ongoing, 0x30-0x3F */
#define ROWS(a) (sizeof(a) / sizeof((a)[0]))
#define ORDERS(a, b)                                                                               \
	{ a, b },                                                                                  \
	{                                                                                          \
		ROWS(a), ROWS(b)                                                                   \
	}

const struct fus_op fus_ops[FUS_OPERATIONS] = {
	[FUS_OP_STACK] = { "stack", STATE_FW, true, ORDERS(stack_steps, stack_steps_alt) },
	[FUS_OP_FUS] = { "fus", STATE_FUS, true, ORDERS(fus_self_steps, fus_self_steps_alt) },
	[FUS_OP_DELETE] = { "delete", STATE_SERVICE, true, ORDERS(delete_steps, delete_steps_alt) },
	[FUS_OP_PURGE] = { "purge", STATE_SERVICE, true, ORDERS(purge_steps, purge_steps) },
	[FUS_OP_START_WS] = { "start-ws", STATE_SERVICE, false,
		ORDERS(start_ws_steps, start_ws_steps_alt) },
	[FUS_OP_NOTHING] = { "nothing", STATE_SERVICE, false,
		ORDERS(nothing_steps, nothing_steps) },
	[FUS_OP_ENTER] = { "enter", STATE_SERVICE, false, ORDERS(enter_steps, enter_steps_alt) },
	[FUS_OP_FACTORY] = { "factory", STATE_SERVICE, false,
		ORDERS(factory_steps, factory_steps_alt) },
	[FUS_OP_SAFEBOOT] = { "safeboot", STATE_FW, true,
		ORDERS(safeboot_steps, safeboot_steps_alt) },
	[FUS_OP_STORE_KEY] = { "store-key", STATE_SERVICE, false,
		ORDERS(store_key_steps, store_key_steps) },
	[FUS_OP_AUTH_KEY] = { "auth-key", STATE_SERVICE, false,
		ORDERS(auth_key_steps, auth_key_steps_alt) },
	[FUS_OP_AUTH_LOCK] = { "auth-lock", STATE_SERVICE, false,
		ORDERS(auth_lock_steps, auth_lock_steps_alt) },
	[FUS_OP_ROLLBACK] = { "antirollback", STATE_SERVICE, false,
		ORDERS(rollback_steps, rollback_steps_alt) },
};

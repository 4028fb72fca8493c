/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The FUS as one talks to it: ready event, commands, answers. Opcodes and states: AN5185,
 * middleware. */
#include "sim/cpu2.h"

#include <string.h>

#define FUS_GET_STATE 0xFC52
#define FUS_FW_UPGRADE 0xFC54
#define FUS_FW_DELETE 0xFC55
#define FUS_UPDATE_AUTH_KEY 0xFC56
#define FUS_LOCK_AUTH_KEY 0xFC57
#define FUS_STORE_USR_KEY 0xFC58
#define FUS_LOAD_USR_KEY 0xFC59
#define FUS_START_WS 0xFC5A
#define FUS_FW_PURGE 0xFC5B
#define FUS_LOCK_USR_KEY 0xFC5D
#define FUS_UNLOAD_USR_KEY 0xFC5E
#define FUS_ACTIVATE_ANTIROLLBACK 0xFC5F
#define FUS_UNKNOWN_OPCODE                                                                         \
	0x00FE /* what an unknown opcode is answered with, status 0xFE [user]                      \
		*/

#define STATE_IDLE 0x00
#define ERROR_NONE 0x00
#define ERROR_NOT_FOUND 0x01
#define ERROR_KEY_LOCKED 0x0A
#define ERROR_NOT_RUNNING 0xFE
#define ERROR_UNKNOWN 0xFF

#define STATUS_UNSUPPORTED 0xFF /* known opcodes this FUS does not serve; ours */

#define COMMAND_TYPE 0x10
#define COMMAND_LENGTH 11u
#define COMMAND_PAYLOAD 12u
#define AUTH_KEY_SIZE 64u /* behind its size byte */
#define EVENT_READY 0x9200
#define READY_FUS 1

void fus_ready(struct wbsim *sim)
{
	struct cpu2 *c = sim->cpu2;

	if (c->corrupt) {
		/* "UFB corrupt" has a code of its own that is published nowhere: 0xFF here. */
		c->state = FUS_STATE_ERROR;
		c->error = ERROR_UNKNOWN;
		ufb_factory(sim, c->fus_version); /* told once: after a reset all is well [rn] */
	}
	c->up = true;
	tables_device_info(sim);
	tables_event(sim, c->tables.spare_event, EVENT_READY, READY_FUS);
	fus_resume(sim);
}

static void get_state(struct wbsim *sim)
{
	struct cpu2 *c = sim->cpu2;
	uint8_t state = c->state, error = c->error;

	if (c->op) {
		state = fus_ops[c->op].state;
		error = ERROR_NONE;
	} else if (!c->fus_used && sim->quirks.first_state_ff) {
		state = FUS_STATE_ERROR;
		error = ERROR_UNKNOWN;
	}
	c->fus_used = true;
	if (!c->op) {
		/* An error is told once [inf]. */
		c->state = STATE_IDLE;
		c->error = ERROR_NONE;
	}
	tables_answer(sim, FUS_GET_STATE, state, &error, 1);
}

/* An operation that the FUS accepts: status 0, and GET_STATE tells the rest. */
static void begin(struct wbsim *sim, uint16_t opcode, enum fus_operation op, bool possible)
{
	struct cpu2 *c = sim->cpu2;

	if (c->op) { /* busy: its state is the answer [inf] */
		tables_answer(sim, opcode, fus_ops[c->op].state, NULL, 0);
		return;
	}
	tables_answer(sim, opcode, STATE_IDLE, NULL, 0);
	if (possible) {
		fus_begin(sim, op);
		return;
	}
	/* No stack there to delete or to start: image not found, as tools' logs say. */
	c->state = FUS_STATE_ERROR;
	c->error = ERROR_NOT_FOUND;
}

/* A service that is done at once, or refused with this error. */
static void serve(struct wbsim *sim, uint16_t opcode, uint8_t error)
{
	tables_answer(sim, opcode, error ? FUS_STATE_ERROR : STATE_IDLE, &error, error ? 1 : 0);
}

static void upgrade(struct wbsim *sim, uint16_t opcode)
{
	begin(sim, opcode, FUS_OP_STACK, true);
}

static void delete(struct wbsim *sim, uint16_t opcode)
{
	begin(sim, opcode, FUS_OP_DELETE, sim->cpu2->ufb.stack.start);
}

static void start_ws(struct wbsim *sim, uint16_t opcode)
{
	begin(sim, opcode, FUS_OP_START_WS, sim->cpu2->ufb.stack.start);
}

/* What the key is does not matter here, only that images want the customer's footer from now on. */
static void update_auth_key(struct wbsim *sim, uint16_t opcode)
{
	struct cpu2 *c = sim->cpu2;
	const uint8_t *packet = tables_ram(sim, c->tables.command, COMMAND_PAYLOAD + 1);
	bool sound = packet && packet[COMMAND_LENGTH] == AUTH_KEY_SIZE + 1 &&
		     packet[COMMAND_PAYLOAD] == AUTH_KEY_SIZE;

	if (sound && !c->auth_locked)
		c->auth_key = true;
	serve(sim, opcode,
		c->auth_locked ? ERROR_KEY_LOCKED
		: sound        ? ERROR_NONE
			       : ERROR_UNKNOWN);
}

static void lock_auth_key(struct wbsim *sim, uint16_t opcode)
{
	sim->cpu2->auth_locked = true;
	serve(sim, opcode, ERROR_NONE);
}

/* The stack of this moment is the oldest that will ever be taken; none: nothing will be [wiki]. */
static void activate_antirollback(struct wbsim *sim, uint16_t opcode)
{
	struct cpu2 *c = sim->cpu2;

	if (!c->rollback)
		c->rollback = c->ufb.stack.start ? c->ufb.stack.version : ROLLBACK_NOTHING;
	serve(sim, opcode, ERROR_NONE);
}

static void unsupported(struct wbsim *sim, uint16_t opcode)
{
	tables_answer(sim, opcode, STATUS_UNSUPPORTED, NULL, 0);
}

static void get_state_command(struct wbsim *sim, uint16_t opcode)
{
	(void)opcode;
	get_state(sim);
}

static const struct {
	uint16_t opcode;
	unsigned int needs; /* enum fus_trait; 0: every FUS knows it */
	void (*serve)(struct wbsim *sim, uint16_t opcode);
} commands[] = {
	{ FUS_GET_STATE, 0, get_state_command },
	{ FUS_FW_UPGRADE, 0, upgrade },
	{ FUS_FW_DELETE, 0, delete },
	{ FUS_UPDATE_AUTH_KEY, 0, update_auth_key },
	{ FUS_LOCK_AUTH_KEY, 0, lock_auth_key },
	{ FUS_STORE_USR_KEY, 0, unsupported },
	{ FUS_LOAD_USR_KEY, 0, unsupported },
	{ FUS_START_WS, 0, start_ws },
	{ FUS_FW_PURGE, FUS_2, delete },
	{ FUS_LOCK_USR_KEY, 0, unsupported },
	{ FUS_UNLOAD_USR_KEY, 0, unsupported },
	{ FUS_ACTIVATE_ANTIROLLBACK, FUS_ROLLBACK, activate_antirollback }, /* [wiki] 3.2 */
};

void fus_command(struct wbsim *sim)
{
	const uint8_t *packet = tables_ram(sim, sim->cpu2->tables.command, COMMAND_PAYLOAD);
	uint16_t opcode;

	if (!packet)
		return;
	opcode = (uint16_t)(packet[9] | packet[10] << 8);
	sim_log(sim, "FUS: command 0x%04X", opcode);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (packet[8] != COMMAND_TYPE || commands[i].opcode != opcode ||
			(commands[i].needs && !fus_version_has(sim, commands[i].needs)))
			continue;
		commands[i].serve(sim, opcode);
		return;
	}
	/* seen on FUS 0.5.3 [user]; ours for the others */
	tables_answer(sim, FUS_UNKNOWN_OPCODE, ERROR_NOT_RUNNING, NULL, 0);
}

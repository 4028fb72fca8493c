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
#define FUS_START_WS 0xFC5A
#define FUS_FW_PURGE 0xFC5B
#define FUS_ACTIVATE_ANTIROLLBACK 0xFC5F
#define FUS_UNKNOWN_OPCODE                                                                         \
	0x00FE /* what an unknown opcode is answered with, status 0xFE [user]                      \
		*/

#define STATE_IDLE 0x00
#define ERROR_NONE 0x00
#define ERROR_NOT_FOUND 0x01
#define ERROR_WRITE 0x07
#define ERROR_KEY_LOCKED 0x0A
#define ERROR_NOT_RUNNING 0xFE
#define ERROR_UNKNOWN 0xFF

#define EVENT_READY 0x9200
#define READY_FUS 1
#define READY_NVM_BACKUP 0x10

void fus_ready(struct wbsim *sim)
{
	struct cpu2 *c = sim->cpu2;

	if (c->corrupt) {
		/* "UFB corrupt" has a code of its own that is published nowhere: a switch. */
		c->state = FUS_STATE_ERROR;
		c->error = sim->quirks.ufb_code ? (uint8_t)sim->quirks.ufb_code : ERROR_UNKNOWN;
		ufb_factory(sim, c->fus_version); /* told once: after a reset all is well [rn] */
	}
	c->up = true;
	tables_device_info(sim);
	/* fus.md 2 lists the event; whether it comes in the middle of an upgrade is not known: a switch */
	tables_event(sim, c->tables.spare_event, EVENT_READY,
		sim->quirks.nvm_ready && c->ufb.operation == FUS_OP_STACK && fus_version_has(sim, FUS_2) ?
			READY_NVM_BACKUP : READY_FUS);
	if (!c->lost)
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

/* A service that is refused with this error, or has nothing left to do. */
static void serve(struct wbsim *sim, uint16_t opcode, uint8_t error)
{
	tables_answer(sim, opcode, error ? FUS_STATE_ERROR : STATE_IDLE, &error, error ? 1 : 0);
}

/*
 * No stack there to delete or to start: image not found, as tools' logs say. Where that is said, and
 * whether it is, no document tells: a switch.
 */
static void no_stack(struct wbsim *sim, uint16_t opcode)
{
	struct cpu2 *c = sim->cpu2;

	if (sim->quirks.no_stack == SIM_NONE_REFUSED) {
		serve(sim, opcode, ERROR_NOT_FOUND);
		return;
	}
	tables_answer(sim, opcode, STATE_IDLE, NULL, 0);
	if (sim->quirks.no_stack == SIM_NONE_RESETS) {
		fus_begin(sim, FUS_OP_NOTHING);
	} else if (sim->quirks.no_stack != SIM_NONE_IDLE) {
		c->state = FUS_STATE_ERROR;
		c->error = sim->quirks.no_stack == SIM_NONE_UNKNOWN ? ERROR_UNKNOWN :
			ERROR_NOT_FOUND;
	}
}

/* An operation that the FUS accepts: status 0, and GET_STATE tells the rest. */
static void begin(struct wbsim *sim, uint16_t opcode, enum fus_operation op, bool possible)
{
	struct cpu2 *c = sim->cpu2;

	if (c->op) { /* busy: its state is the answer [inf] */
		tables_answer(sim, opcode, fus_ops[c->op].state, NULL, 0);
		return;
	}
	if (!possible) {
		no_stack(sim, opcode);
		return;
	}
	tables_answer(sim, opcode, STATE_IDLE, NULL, 0);
	fus_begin(sim, op);
}

/* A service that leaves a record behind; busy: the FUS's state is the answer [inf]. */
static void record(struct wbsim *sim, uint16_t opcode, enum fus_operation op,
	const struct vault_record *r)
{
	if (sim->cpu2->op)
		tables_answer(sim, opcode, fus_ops[sim->cpu2->op].state, NULL, 0);
	else if (vault_full(sim, VAULT_SERVICE))
		serve(sim, opcode, ERROR_WRITE);
	else
		fus_record(sim, op, opcode, VAULT_SERVICE, r);
}

static void upgrade(struct wbsim *sim, uint16_t opcode)
{
	begin(sim, opcode, FUS_OP_STACK, true);
}

static void delete(struct wbsim *sim, uint16_t opcode)
{
	begin(sim, opcode, FUS_OP_DELETE, sim->cpu2->ufb.stack.start);
}

static void purge(struct wbsim *sim, uint16_t opcode)
{
	const struct ufb *u = &sim->cpu2->ufb;

	begin(sim, opcode, FUS_OP_PURGE, u->stack.start || u->nvm_kept);
}

static void start_ws(struct wbsim *sim, uint16_t opcode)
{
	begin(sim, opcode, FUS_OP_START_WS, sim->cpu2->ufb.stack.start);
}

/* Images want the customer's footer from now on, signed with this key. */
static void update_auth_key(struct wbsim *sim, uint16_t opcode)
{
	struct cpu2 *c = sim->cpu2;
	const uint8_t *packet = c->packet;
	struct vault_record r = { .type = VAULT_AUTH_KEY, .size = AUTH_KEY_SIZE };

	if (c->auth_locked) {
		serve(sim, opcode, ERROR_KEY_LOCKED);
	} else if (packet[COMMAND_LENGTH] != AUTH_KEY_SIZE + 1 ||
		   packet[COMMAND_PAYLOAD] != AUTH_KEY_SIZE) {
		serve(sim, opcode, ERROR_UNKNOWN);
	} else {
		memcpy(r.data, packet + COMMAND_PAYLOAD + 1, AUTH_KEY_SIZE);
		record(sim, opcode, FUS_OP_AUTH_KEY, &r);
	}
}

/* Without a key too: then none can ever be installed [inf]. */
static void lock_auth_key(struct wbsim *sim, uint16_t opcode)
{
	const struct vault_record r = { .type = VAULT_AUTH_LOCK };

	if (sim->cpu2->auth_locked)
		serve(sim, opcode, ERROR_NONE);
	else
		record(sim, opcode, FUS_OP_AUTH_LOCK, &r);
}

/* The stack of this moment is the oldest that will ever be taken; none: nothing will be [wiki]. */
static void activate_antirollback(struct wbsim *sim, uint16_t opcode)
{
	const struct cpu2 *c = sim->cpu2;
	const uint32_t version = c->ufb.stack.start ? c->ufb.stack.version : ROLLBACK_NOTHING;
	struct vault_record r = { .type = VAULT_ROLLBACK, .size = sizeof(version) };

	memcpy(r.data, &version, sizeof(version));
	if (c->rollback)
		serve(sim, opcode, ERROR_NONE);
	else
		record(sim, opcode, FUS_OP_ROLLBACK, &r);
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
	{ FUS_START_WS, 0, start_ws },
	{ FUS_FW_PURGE, FUS_2, purge },
	{ FUS_ACTIVATE_ANTIROLLBACK, FUS_ROLLBACK, activate_antirollback }, /* [wiki] 3.2 */
};

void fus_command(struct wbsim *sim)
{
	const uint8_t *packet = sim->cpu2->packet;
	const uint16_t opcode = (uint16_t)(packet[9] | packet[10] << 8);

	sim_log(sim, "FUS: command 0x%04X", opcode);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (packet[8] != COMMAND_TYPE || commands[i].opcode != opcode ||
			(commands[i].needs && !fus_version_has(sim, commands[i].needs)))
			continue;
		commands[i].serve(sim, opcode);
		return;
	}
	if (packet[8] == COMMAND_TYPE && usrkey_command(sim, opcode))
		return;
	/* seen on FUS 0.5.3 [user]; ours for the others */
	tables_answer(sim, FUS_UNKNOWN_OPCODE, ERROR_NOT_RUNNING, NULL, 0);
}

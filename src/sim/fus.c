/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The FUS as one talks to it: ready event, commands, answers. Opcodes and states: AN5185,
 * middleware. */
#include "sim/cpu2.h"

#include <string.h>

#define FUS_GET_STATE 0xFC52
#define FUS_FW_UPGRADE 0xFC54
#define FUS_FW_DELETE 0xFC55
#define FUS_UPDATE_AUTH_KEY 0xFC56
#define FUS_START_WS 0xFC5A
#define FUS_ACTIVATE_ANTIROLLBACK 0xFC5F
#define FUS_UNKNOWN_OPCODE                                                                         \
	0x00FE /* what an unknown opcode is answered with, status 0xFE [user]                      \
		*/

#define STATE_IDLE 0x00
#define ERROR_NONE 0x00
#define ERROR_NOT_FOUND 0x01
#define ERROR_NOT_RUNNING 0xFE
#define ERROR_UNKNOWN 0xFF

#define STATUS_UNSUPPORTED 0xFF /* known opcodes this FUS does not serve; ours */

#define COMMAND_TYPE 0x10
#define EVENT_READY 0x9200
#define READY_FUS 1

void fus_ready(struct wbsim *sim)
{
	struct cpu2 *c = sim->cpu2;

	if (c->corrupt) {
		/* "UFB corrupt" has a code of its own that is published nowhere: 0xFF here. */
		c->state = FUS_STATE_ERROR;
		c->error = ERROR_UNKNOWN;
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

void fus_command(struct wbsim *sim)
{
	const struct cpu2 *c = sim->cpu2;
	const uint8_t *packet = tables_ram(sim, c->tables.command, 12);
	uint16_t opcode;

	if (!packet)
		return;
	opcode = (uint16_t)(packet[9] | packet[10] << 8);
	sim_log(sim, "FUS: command 0x%04X", opcode);
	if (packet[8] != COMMAND_TYPE)
		opcode = 0;
	switch (opcode) {
	case FUS_GET_STATE:
		get_state(sim);
		break;
	case FUS_FW_UPGRADE:
		begin(sim, opcode, FUS_OP_STACK, true);
		break;
	case FUS_FW_DELETE:
		begin(sim, opcode, FUS_OP_DELETE, c->ufb.stack.start);
		break;
	case FUS_START_WS:
		begin(sim, opcode, FUS_OP_START_WS, c->ufb.stack.start);
		break;
	default:
		if (opcode >= FUS_UPDATE_AUTH_KEY && opcode <= FUS_ACTIVATE_ANTIROLLBACK)
			tables_answer(sim, opcode, STATUS_UNSUPPORTED, NULL, 0);
		else
			tables_answer(sim, FUS_UNKNOWN_OPCODE, ERROR_NOT_RUNNING, NULL, 0);
	}
}

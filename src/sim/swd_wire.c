/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SWD, bit by bit: ADIv5.2 chapter B4. T is the turnaround, 1 to 4 cycles; each line is one cycle a
 * digit, first bit left:
 *
 *   read     1 APnDP RnW A2 A3 parity 0 1   T   ACK 3   data 32 parity 1   T
 *   write    1 APnDP RnW A2 A3 parity 0 1   T   ACK 3   T   data 32 parity 1
 *   WAIT, FAULT                        ...  T   ACK 3   T
 *
 * With CTRL/STAT.ORUNDETECT, WAIT and FAULT have a data phase too; in a read nobody drives it.
 */
#include "sim/swj.h"

#include "sim/dap.h"

#include <string.h>

/* The request byte, first bit lowest. */
#define REQ_AP (1u << 1)
#define REQ_READ (1u << 2)
#define REQ_ADDR(req) ((uint8_t)((req) >> 1 & 0xCu))
#define REQ_PARITY (1u << 5)
#define REQ_STOP (1u << 6)
#define REQ_PARK (1u << 7)
#define REQ_COVERED 0x1Eu /* by the parity */
#define REQ_BITS 8u

#define ACK_BITS 3u
#define DATA_BITS 32u
#define IDLE_AFTER_RESET 2u /* cycles, at least; B4.3.3 */

#define DP_ABORT 0x0u
#define DP_DPIDR 0x0u
#define DP_CTRL_STAT 0x4u
#define DP_TARGETSEL 0xCu
#define DAPABORT 1u
#define TARGETSEL_MASK 0x0FFFFFFFu /* part and designer; our instance is 0 */
#define TARGETSEL_INSTANCE 0xF0000000u

static bool odd(uint32_t val)
{
	return __builtin_parity(val);
}

static void enter(struct swd_wire *w, enum swd_phase phase)
{
	w->phase = phase;
	w->count = 0;
}

void swd_wire_off(struct swj *j)
{
	j->swd.drives = false;
	enter(&j->swd, SWD_LOST);
}

void swd_wire_line_reset(struct swj *j)
{
	swj_settle(j);
	dap_line_reset(j->sim);
	j->swd.drives = false;
	j->swd.fresh = true;
	enter(&j->swd, SWD_RESET);
}

static bool is_read(const struct swd_wire *w)
{
	return w->request & REQ_READ;
}

static bool is_dp(const struct swd_wire *w, bool read, uint8_t reg)
{
	return !(w->request & REQ_AP) && is_read(w) == read && REQ_ADDR(w->request) == reg;
}

/* These are answered whatever the access port is doing. B4.2.3 */
static bool never_waits(const struct swd_wire *w)
{
	return is_dp(w, true, DP_DPIDR) || is_dp(w, true, DP_CTRL_STAT) ||
	       is_dp(w, false, DP_ABORT);
}

static enum swd_ack answer(struct swj *j, uint32_t *data)
{
	struct swd_wire *w = &j->swd;
	uint8_t reg = REQ_ADDR(w->request);
	bool ap = w->request & REQ_AP;
	enum wbsim_result injected = swj_transfer(j);
	bool busy = swj_busy(j) || injected == WBSIM_WAIT;
	enum swd_ack ack;

	w->spoilt = injected == WBSIM_PARITY;
	*data = 0;
	if (!ap && is_read(w) && (!busy || never_waits(w)))
		return dap_dp_read(j->sim, reg, data);
	ack = dap_ack(j->sim, ap, is_read(w), reg);
	if (ack == SWD_OK && busy && !never_waits(w))
		ack = SWD_WAIT;
	if (ack == SWD_OK && ap && is_read(w)) {
		*data = dap_take_posted(j->sim);
		swj_ap(j, true, reg, 0);
	}
	return ack;
}

/* The line is the chip's now. What does not get an answer has broken the protocol. */
static void acknowledge(struct swj *j)
{
	struct swd_wire *w = &j->swd;
	uint32_t data;
	bool overrun;

	w->ack = j->alive ? answer(j, &data) : SWD_NONE;
	if (w->ack == SWD_NONE || j->mode != SWJ_SWD) {
		swd_wire_off(j);
		return;
	}
	overrun = dap_detects_overrun(j->sim);
	if (w->ack == SWD_WAIT && overrun)
		dap_overrun(j->sim);
	w->data_follows = w->ack == SWD_OK || overrun;
	w->data = data | (uint64_t)(odd(data) != w->spoilt) << DATA_BITS;
	w->drives = true;
	w->out = w->ack & 1u;
	enter(w, SWD_ACK);
}

static void write_register(struct swj *j, uint8_t reg, uint32_t data)
{
	if (j->swd.request & REQ_AP) {
		swj_ap(j, false, reg, data);
		return;
	}
	if (reg == DP_ABORT && data & DAPABORT)
		swj_ap_abort(j);
	(void)dap_dp_write(j->sim, reg, data);
}

static void take_data(struct swj *j)
{
	struct swd_wire *w = &j->swd;
	uint32_t data = (uint32_t)w->data;
	bool parity = (w->data >> DATA_BITS & 1u) != w->spoilt;

	enter(w, SWD_IDLE);
	if (w->ack != SWD_OK)
		return;
	swj_settle(j);
	if (odd(data) == parity)
		write_register(j, REQ_ADDR(w->request), data);
	else
		dap_bad_parity(j->sim);
}

/* One chip on the line, but it knows when another is meant. B4.3.4 */
static void take_selection(struct swj *j)
{
	struct swd_wire *w = &j->swd;
	uint32_t data = (uint32_t)w->data;

	if (odd(data) == (w->data >> DATA_BITS & 1u) && !(data & TARGETSEL_INSTANCE) &&
		((data ^ dap_targetid(j->sim)) & TARGETSEL_MASK) == 0)
		enter(w, SWD_IDLE);
	else
		swd_wire_off(j);
}

static bool sound(uint8_t request)
{
	bool parity = request & REQ_PARITY;

	return !(request & REQ_STOP) && request & REQ_PARK && odd(request & REQ_COVERED) == parity;
}

/* TARGETSEL counts only as the first packet behind a line reset. B4.3.4 */
static void take_request(struct swj *j)
{
	struct swd_wire *w = &j->swd;
	bool selects = is_dp(w, false, DP_TARGETSEL), fresh = w->fresh;

	w->fresh = false;
	w->data = 0;
	if (!sound(w->request) || (selects && !fresh))
		swd_wire_off(j);
	else
		enter(w, selects ? SWD_SELECT : SWD_TURN_ACK);
}

static void shift_in(struct swd_wire *w, bool level)
{
	w->data |= (uint64_t)level << w->count;
}

/* Behind at least 50 ones: more of them, then zeros. */
static void rise_reset(struct swj *j, bool level)
{
	struct swd_wire *w = &j->swd;

	if (level && w->count)
		swd_wire_off(j);
	else if (!level && ++w->count == IDLE_AFTER_RESET)
		enter(w, SWD_IDLE);
}

static void rise_driving(struct swd_wire *w)
{
	w->count++;
	if (w->phase == SWD_ACK && w->count < ACK_BITS) {
		w->out = w->ack >> w->count & 1u;
	} else if (w->phase == SWD_ACK && is_read(w) && w->data_follows) {
		enter(w, SWD_READ);
		w->drives = w->ack == SWD_OK;
		w->out = w->data & 1u;
	} else if (w->phase == SWD_READ && w->count <= DATA_BITS) {
		w->out = w->data >> w->count & 1u;
	} else {
		w->drives = false;
		enter(w, w->phase == SWD_READ ? SWD_TURN_IDLE : SWD_TURN_HOST);
	}
}

void swd_wire_rise(struct swj *j, bool level)
{
	struct swd_wire *w = &j->swd;
	unsigned int turn = dap_turnround(j->sim);

	switch (w->phase) {
	case SWD_LOST:
		break;
	case SWD_RESET:
		rise_reset(j, level);
		break;
	case SWD_IDLE:
		w->request = 0;
		if (!level)
			break;
		enter(w, SWD_REQUEST);
		/* fall through */
	case SWD_REQUEST:
		w->request |= (uint8_t)(level << w->count);
		if (++w->count == REQ_BITS)
			take_request(j);
		break;
	case SWD_TURN_ACK:
		if (++w->count == turn)
			acknowledge(j);
		break;
	case SWD_ACK:
	case SWD_READ:
		rise_driving(w);
		break;
	case SWD_TURN_IDLE:
		if (++w->count == turn)
			enter(w, SWD_IDLE);
		break;
	case SWD_TURN_HOST:
		if (++w->count == turn)
			enter(w, !is_read(w) && w->data_follows ? SWD_WRITE : SWD_IDLE);
		break;
	case SWD_WRITE:
		shift_in(w, level);
		if (++w->count > DATA_BITS)
			take_data(j);
		break;
	case SWD_SELECT:
		if (w->count >= 2u * turn + ACK_BITS)
			w->data |= (uint64_t)level << (w->count - 2u * turn - ACK_BITS);
		if (++w->count > DATA_BITS + 2u * turn + ACK_BITS)
			take_selection(j);
		break;
	}
}

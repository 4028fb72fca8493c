/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JTAG: TDI -> boundary scan TAP (IR 5) -> JTAG-DP (IR 4) -> TDO. IEEE 1149.1 for the TAPs, ADIv5.2
 * chapter B3 for the JTAG-DP's registers:
 *
 *   DPACC, APACC, ABORT   in:  34 data 3 | 2 A[3:2] 1 | 0 RnW
 *                         out: 34 result of the transfer before 3 | 2 ACK 0
 */
#include "sim/swj.h"

#include "sim/dap.h"

/* The JTAG-DP's instructions; any other is BYPASS. ADIv5.2 B3.3.2 */
enum { IR_ABORT = 0x8, IR_DPACC = 0xA, IR_APACC = 0xB, IR_IDCODE = 0xE };
#define CPU_IR_BITS 4u
#define CPU_IDCODE 0x6BA00477u /* chip.md */

/* The boundary scan TAP: its cells are not modelled, so EXTEST and SAMPLE are BYPASS too. */
enum { SCAN_IR_IDCODE = 0x01 };
#define SCAN_IR_BITS 5u
#define SCAN_IDCODE(dev_id) (0x06000041u | (uint32_t)(dev_id) << 12) /* as on other STM32 [inf] */

#define IR_CAPTURE 1u /* ends in 01 on every TAP; IEEE 1149.1 */
#define IDCODE_BITS 32u
#define ACCESS_BITS 35u
#define BYPASS_BITS 1u

enum { ACK_WAIT = 1, ACK_OK_FAULT = 2 };

#define DAPABORT 1u

/* Where TMS = 0 and TMS = 1 lead. IEEE 1149.1, figure of the TAP controller */
static const enum tap_state next_state[][2] = {
	[TAP_RESET] = { TAP_IDLE, TAP_RESET },
	[TAP_IDLE] = { TAP_IDLE, TAP_SELECT_DR },
	[TAP_SELECT_DR] = { TAP_CAPTURE_DR, TAP_SELECT_IR },
	[TAP_CAPTURE_DR] = { TAP_SHIFT_DR, TAP_EXIT1_DR },
	[TAP_SHIFT_DR] = { TAP_SHIFT_DR, TAP_EXIT1_DR },
	[TAP_EXIT1_DR] = { TAP_PAUSE_DR, TAP_UPDATE_DR },
	[TAP_PAUSE_DR] = { TAP_PAUSE_DR, TAP_EXIT2_DR },
	[TAP_EXIT2_DR] = { TAP_SHIFT_DR, TAP_UPDATE_DR },
	[TAP_UPDATE_DR] = { TAP_IDLE, TAP_SELECT_DR },
	[TAP_SELECT_IR] = { TAP_CAPTURE_IR, TAP_RESET },
	[TAP_CAPTURE_IR] = { TAP_SHIFT_IR, TAP_EXIT1_IR },
	[TAP_SHIFT_IR] = { TAP_SHIFT_IR, TAP_EXIT1_IR },
	[TAP_EXIT1_IR] = { TAP_PAUSE_IR, TAP_UPDATE_IR },
	[TAP_PAUSE_IR] = { TAP_PAUSE_IR, TAP_EXIT2_IR },
	[TAP_EXIT2_IR] = { TAP_SHIFT_IR, TAP_UPDATE_IR },
	[TAP_UPDATE_IR] = { TAP_IDLE, TAP_SELECT_DR },
};

static void test_logic_reset(struct jtag_wire *w)
{
	w->state = TAP_RESET;
	w->cpu.ir = IR_IDCODE;
	w->scan.ir = SCAN_IR_IDCODE;
	w->tdo = true;
}

void jtag_wire_reset(struct swj *j)
{
	test_logic_reset(&j->jtag);
}

static void load(struct jtag_tap *tap, uint64_t val, unsigned int bits)
{
	tap->shift = val;
	tap->bits = bits;
}

/* An AP access in progress is told by WAIT, and this scan's own request is lost. */
static void capture_access(struct swj *j)
{
	struct jtag_wire *w = &j->jtag;

	dap_use_jtag(j->sim);
	w->wait = swj_transfer(j) == WBSIM_WAIT || swj_busy(j);
	if (w->wait && dap_detects_overrun(j->sim))
		dap_overrun(j->sim);
	if (w->ap_read)
		w->result = dap_result(j->sim);
	load(&w->cpu, (uint64_t)w->result << 3 | (w->wait ? ACK_WAIT : ACK_OK_FAULT), ACCESS_BITS);
}

static void capture_dr(struct swj *j)
{
	struct jtag_wire *w = &j->jtag;

	if (w->scan.ir == SCAN_IR_IDCODE)
		load(&w->scan, SCAN_IDCODE(j->sim->part->dev_id), IDCODE_BITS);
	else
		load(&w->scan, 0, BYPASS_BITS);
	switch (w->cpu.ir) {
	case IR_IDCODE:
		load(&w->cpu, CPU_IDCODE, IDCODE_BITS);
		break;
	case IR_ABORT:
		load(&w->cpu, 0, ACCESS_BITS);
		break;
	case IR_DPACC:
	case IR_APACC:
		capture_access(j);
		break;
	default:
		load(&w->cpu, 0, BYPASS_BITS);
		break;
	}
}

static bool shift_tap(struct jtag_tap *tap, bool in)
{
	bool out = tap->shift & 1u;

	tap->shift = tap->shift >> 1 | (uint64_t)in << (tap->bits - 1u);
	return out;
}

static void update_access(struct swj *j)
{
	struct jtag_wire *w = &j->jtag;
	bool read = w->cpu.shift & 1u, ap = w->cpu.ir == IR_APACC;
	uint8_t reg = (uint8_t)(w->cpu.shift << 1 & 0xCu);
	uint32_t data = (uint32_t)(w->cpu.shift >> 3);
	enum swd_ack ack;

	if (w->wait)
		return;
	swj_settle(j);
	ack = dap_ack(j->sim, ap, read, reg);
	w->ap_read = ap && read && ack == SWD_OK;
	w->result = 0;
	if (ack != SWD_OK)
		return; /* a sticky flag discards it; CTRL/STAT tells */
	if (ap)
		swj_ap(j, read, reg, data);
	else if (read)
		(void)dap_dp_read(j->sim, reg, &w->result);
	else
		(void)dap_dp_write(j->sim, reg, data);
}

static void update_dr(struct swj *j)
{
	struct jtag_wire *w = &j->jtag;

	if (w->cpu.ir == IR_DPACC || w->cpu.ir == IR_APACC)
		update_access(j);
	else if (w->cpu.ir == IR_ABORT && w->cpu.shift >> 3 & DAPABORT)
		swj_ap_abort(j);
}

void jtag_wire_rise(struct swj *j)
{
	struct jtag_wire *w = &j->jtag;

	switch (w->state) {
	case TAP_CAPTURE_DR:
		capture_dr(j);
		break;
	case TAP_CAPTURE_IR:
		load(&w->cpu, IR_CAPTURE, CPU_IR_BITS);
		load(&w->scan, IR_CAPTURE, SCAN_IR_BITS);
		break;
	case TAP_SHIFT_DR:
	case TAP_SHIFT_IR:
		shift_tap(&w->cpu, shift_tap(&w->scan, j->tdi));
		break;
	default:
		break;
	}
	w->state = next_state[w->state][j->swdio];
	if (w->state == TAP_RESET)
		test_logic_reset(w);
}

void jtag_wire_fall(struct swj *j)
{
	struct jtag_wire *w = &j->jtag;

	if (w->state == TAP_UPDATE_IR) {
		w->cpu.ir = (uint32_t)w->cpu.shift;
		w->scan.ir = (uint32_t)w->scan.shift;
	} else if (w->state == TAP_UPDATE_DR) {
		update_dr(j);
	}
	w->tdo = true;
	if (w->state == TAP_SHIFT_DR || w->state == TAP_SHIFT_IR)
		w->tdo = w->cpu.shift & 1u;
}

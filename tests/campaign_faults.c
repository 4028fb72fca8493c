/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens to boards, and what their owners do about it. */
#include "tests/campaign.h"

/*
 * Power is away until it is put back; the virtual chip wants a number: an hour. The last column: at one
 * operation of the link of so many, in the time that `make check` has: every one for each of the
 * seven kinds, at a length where a kind has several, and some for the rest. A hung BSY tells only at
 * the next flash operation, and there are always some operations of the link from one to the next.
 */
const struct campaign_fault campaign_faults[] = {
	{ "power cut", "power-cut=3600000", MEND_POWER, false, 1 },
	{ "power dip", "power-cut=300", MEND_NOTHING, false, 16 },
	{ "unplug", "unplug", MEND_PLUG, false, 1 },
	{ "unplug, same process", "unplug", MEND_PLUG, true, 16 },
	{ "NRST glitch", "nrst", MEND_NOTHING, false, 1 },
	{ "parity, 1", "parity=1", MEND_NOTHING, false, 32 },
	{ "parity, 3", "parity=3", MEND_NOTHING, false, 1 },
	{ "parity, 20", "parity=20", MEND_NOTHING, false, 32 },
	{ "parity, 1000", "parity=1000", MEND_NOTHING, false, 32 },
	{ "WAIT, 1", "wait=1", MEND_NOTHING, false, 32 },
	{ "WAIT, 3", "wait=3", MEND_NOTHING, false, 32 },
	{ "WAIT, 20", "wait=20", MEND_NOTHING, false, 1 },
	{ "WAIT, 1000", "wait=1000", MEND_NOTHING, false, 32 },
	{ "stuck mailbox", "mailbox-stuck", MEND_CYCLE, false, 1 },
	{ "hung BSY", "bsy-hung", MEND_CYCLE, false, 4 },
	{ "Ctrl-C", NULL, MEND_NOTHING, true, 16 },
};
const size_t campaign_fault_count = sizeof(campaign_faults) / sizeof(*campaign_faults);

void fault_strike(struct board *board, const struct campaign_fault *fault)
{
	if (fault->strike)
		assert_true(wbsim_strike(board->sim, fault->strike));
	else
		board->bench.stop = true;
}

/* A new OpenOCD: nothing is known of before but what lies on the host's disk. */
static void new_process(struct board *board)
{
	wb_session_free(board->session);
	board->session = wb_session_new(&board->bench.link);
	assert_non_null(board->session);
	board->bench.polling = true;
	wbsim_attach(board->sim);
	wbsim_set_speed(board->sim, PROBE_KHZ);
}

void fault_mend(struct board *board, const struct campaign_fault *fault)
{
	wbsim_clear_faults(board->sim); /* storms are over */
	board->bench.stop = false;
	if (fault->mend == MEND_CYCLE)
		wbsim_power(board->sim, false);
	if (fault->mend == MEND_CYCLE || fault->mend == MEND_POWER)
		wbsim_power(board->sim, true);
	if (fault->mend == MEND_PLUG)
		wbsim_replug(board->sim);
	if (!fault->same_process)
		new_process(board);
}

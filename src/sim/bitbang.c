/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The characters of OpenOCD's remote_bitbang driver, one a pin change or a question:
 *
 *   0..7  TCK TMS TDI (4 2 1)    R  what is TDO?       r s t u  resets: none, NRST, nTRST, both
 *   d..g  SWCLK SWDIO (2 1)      c  what is SWDIO?     O o      drive, release SWDIO
 *   Z z   let 1 ms, 1 us pass    B b  a light          Q        good bye
 *
 * 0.12.0 knows the first and last columns' JTAG part only; SWD, O, o, c, Z and z came later.
 */
#include "sim/swj.h"

#define NS_PER_US 1000u
#define NS_PER_MS 1000000u

static void sleep_ns(struct swj *j, uint64_t ns)
{
	swj_settle(j);
	sim_advance(j->sim, ns, SIM_PHASE_IDLE);
	swj_settle(j);
}

/* False: no such character. */
static bool obey(struct swj *j, char c)
{
	unsigned int pins;

	if (c >= '0' && c <= '7') {
		pins = (unsigned int)(c - '0');
		swj_set_jtag(j, pins & 4u, pins & 2u, pins & 1u);
	} else if (c >= 'd' && c <= 'g') {
		pins = (unsigned int)(c - 'd');
		swj_set_swd(j, pins & 2u, pins & 1u);
	} else if (c >= 'r' && c <= 'u') {
		pins = (unsigned int)(c - 'r');
		swj_set_resets(j, pins & 2u, pins & 1u);
	} else if (c == 'O' || c == 'o') {
		swj_release_swdio(j, c == 'o');
	} else if (c == 'Z' || c == 'z') {
		sleep_ns(j, c == 'Z' ? NS_PER_MS : NS_PER_US);
	} else {
		return c == 'B' || c == 'b';
	}
	return true;
}

enum bitbang_verdict bitbang_serve(struct swj *j, const char *in, size_t count, char *answer,
	size_t *answers, char *bad)
{
	*answers = 0;
	swj_settle(j); /* a tester, or the other front, may have been at the chip */
	for (size_t i = 0; i < count; i++) {
		if (in[i] == 'R') {
			answer[(*answers)++] = swj_tdo(j) ? '1' : '0';
		} else if (in[i] == 'c') {
			answer[(*answers)++] = swj_swdio(j) ? '1' : '0';
		} else if (in[i] == 'Q') {
			return BITBANG_QUIT;
		} else if (!obey(j, in[i])) {
			*bad = in[i];
			return BITBANG_BAD;
		}
		if (!j->sim->plugged)
			break;
	}
	swj_settle(j);
	return BITBANG_OK;
}

void bitbang_leave(struct swj *j)
{
	swj_set_resets(j, false, false);
	swj_release_swdio(j, true);
}

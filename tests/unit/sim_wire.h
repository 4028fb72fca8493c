/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A debugger that speaks remote_bitbang's characters, nothing else, to the virtual chip's pins:
 * what OpenOCD's driver sends for each cycle, written from the ADIv5.2 text (ARM IHI 0031).
 */
#ifndef SIM_WIRE_H
#define SIM_WIRE_H

#include "sim_board.h"
#include "sim/swj.h"

#define ONES_50 50u
#define ACK_NONE 7u /* the pull-up */

struct wire {
	struct wbsim *sim;
	struct swj swj;
	unsigned int turn; /* cycles the host leaves for a turnaround */
	bool overrun;	   /* the host gives a data phase to WAIT and FAULT */
};

/* What an SWD packet looked like from outside. */
struct packet {
	unsigned int ack;
	uint32_t data;
	bool parity_ok;
};

/* Characters in; the answers, of which there must be as many as expected. */
static inline void chars(struct wire *w, const char *in, char *answer, size_t expected)
{
	char out[64], bad = 0;
	size_t n = 0, count = 0;

	while (in[count])
		count++;
	assert_true(count < sizeof(out));
	assert_int_equal(bitbang_serve(&w->swj, in, count, out, &n, &bad), BITBANG_OK);
	assert_int_equal(n, expected);
	for (size_t i = 0; i < n; i++)
		answer[i] = out[i];
}

static inline void wire_start(struct wire *w, const char *const *quirks)
{
	w->sim = board(NULL, quirks, NULL, NULL);
	w->turn = 1;
	w->overrun = false;
	swj_init(&w->swj, w->sim);
}

static inline void wire_end(struct wire *w)
{
	wbsim_free(w->sim);
}

/* ---- SWD ------------------------------------------------------------------------------------- */

static inline void swd_out(struct wire *w, uint64_t bits, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		chars(w, bits >> i & 1u ? "eg" : "df", NULL, 0);
}

static inline uint64_t swd_in(struct wire *w, unsigned int count)
{
	uint64_t bits = 0;
	char answer;

	for (unsigned int i = 0; i < count; i++) {
		chars(w, "dcf", &answer, 1);
		bits |= (uint64_t)(answer == '1') << i;
	}
	return bits;
}

static inline void line_reset(struct wire *w, unsigned int ones, unsigned int zeros)
{
	for (unsigned int i = 0; i < ones; i++)
		swd_out(w, 1, 1);
	swd_out(w, 0, zeros);
}

static inline uint8_t request(bool ap, bool read, uint8_t reg)
{
	unsigned int req = (ap ? 1u << 1 : 0) | (read ? 1u << 2 : 0) | (reg & 0xCu) << 1;

	return (uint8_t)(0x81u | req | (unsigned int)__builtin_parity(req) << 5);
}

static inline struct packet raw_read(struct wire *w, uint8_t req)
{
	struct packet p = { 0 };

	swd_out(w, req, 8);
	chars(w, "o", NULL, 0);
	swd_in(w, w->turn);
	p.ack = (unsigned int)swd_in(w, 3);
	if (p.ack == SWD_OK || w->overrun) {
		p.data = (uint32_t)swd_in(w, 32);
		p.parity_ok = swd_in(w, 1) == (uint64_t)__builtin_parity(p.data);
	}
	swd_in(w, w->turn);
	chars(w, "O", NULL, 0);
	return p;
}

static inline unsigned int raw_write(struct wire *w, uint8_t req, uint32_t data, bool parity)
{
	unsigned int ack;

	swd_out(w, req, 8);
	chars(w, "o", NULL, 0);
	swd_in(w, w->turn);
	ack = (unsigned int)swd_in(w, 3);
	swd_in(w, w->turn);
	chars(w, "O", NULL, 0);
	if (ack == SWD_OK || w->overrun)
		swd_out(w, data | (uint64_t)parity << 32, 33);
	return ack;
}

static inline struct packet swd_read(struct wire *w, bool ap, uint8_t reg)
{
	return raw_read(w, request(ap, true, reg));
}

static inline unsigned int swd_write(struct wire *w, bool ap, uint8_t reg, uint32_t data)
{
	return raw_write(w, request(ap, false, reg), data, __builtin_parity(data));
}

/* ---- JTAG ------------------------------------------------------------------------------------ */

static inline bool jtag_clock(struct wire *w, bool tms, bool tdi)
{
	char text[] = { (char)('0' + 2 * tms + tdi), 'R', (char)('4' + 2 * tms + tdi), '\0' };
	char answer;

	chars(w, text, &answer, 1);
	return answer == '1';
}

/* From Run-Test/Idle through a scan and back; the last falling edge updates. */
static inline uint64_t scan(struct wire *w, bool ir, uint64_t bits, unsigned int count)
{
	uint64_t out = 0;

	jtag_clock(w, true, false);
	if (ir)
		jtag_clock(w, true, false);
	jtag_clock(w, false, false);
	jtag_clock(w, false, false);
	for (unsigned int i = 0; i < count; i++)
		out |= (uint64_t)jtag_clock(w, i == count - 1, bits >> i & 1u) << i;
	jtag_clock(w, true, false);
	jtag_clock(w, false, false);
	chars(w, "0", NULL, 0);
	return out;
}

static inline void tap_reset(struct wire *w)
{
	for (int i = 0; i < 5; i++)
		jtag_clock(w, true, false);
	jtag_clock(w, false, false);
}

#endif

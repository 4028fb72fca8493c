/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The debug connector, pin by pin: SWCLK/TCK, SWDIO/TMS, TDI, TDO, nTRST, NRST. swj.c chooses
 * between JTAG, SWD and dormant as the pins ask for it; swd_wire.c and jtag_wire.c speak to the
 * debug port.
 *
 *   bitbang.c  characters     swj.c  pins, time, selection     swd_wire.c  packets
 *                                                              jtag_wire.c  TAPs
 *
 * The host changes its pins while the clock is low; the chip takes them at the rising edge. SWDIO
 * from the chip changes at the rising edge, TDO at the falling one.
 */
#ifndef SIM_SWJ_H
#define SIM_SWJ_H

#include "sim/sim.h"

#define SWJ_EDGE_NS 500u /* virtual time between two clock edges: 1 MHz */
#define SWJ_LINE_RESET 50u /* ones, at least; ADIv5.2 B4.3.3 */

enum swj_mode { SWJ_JTAG, SWJ_SWD, SWJ_DORMANT };

enum swd_phase {
	SWD_LOST,  /* protocol error, or nothing yet: only a line reset helps */
	SWD_RESET, /* a line reset's ones were seen; two idle cycles make it one */
	SWD_IDLE,
	SWD_REQUEST,
	SWD_TURN_ACK, /* the line turns to the chip */
	SWD_ACK,
	SWD_READ,
	SWD_TURN_IDLE, /* back to the host, packet over */
	SWD_TURN_HOST, /* back to the host, data may follow */
	SWD_WRITE,
	SWD_SELECT, /* TARGETSEL: nobody answers */
};

struct swd_wire {
	enum swd_phase phase;
	unsigned int count; /* rising edges in this phase */
	uint8_t request;    /* as on the wire, first bit lowest */
	bool fresh;	    /* no packet since the line reset */
	bool drives, out;   /* SWDIO, by the chip */
	enum swd_ack ack;
	bool data_follows;
	bool spoilt; /* a fault: one bit of this packet's data is turned */
	uint64_t data; /* 32 bits and parity */
};

enum tap_state {
	TAP_RESET, TAP_IDLE,
	TAP_SELECT_DR, TAP_CAPTURE_DR, TAP_SHIFT_DR, TAP_EXIT1_DR, TAP_PAUSE_DR, TAP_EXIT2_DR,
	TAP_UPDATE_DR,
	TAP_SELECT_IR, TAP_CAPTURE_IR, TAP_SHIFT_IR, TAP_EXIT1_IR, TAP_PAUSE_IR, TAP_EXIT2_IR,
	TAP_UPDATE_IR,
};

struct jtag_tap {
	uint32_t ir;
	uint64_t shift;
	unsigned int bits; /* of the register being shifted */
};

struct jtag_wire {
	enum tap_state state;
	struct jtag_tap cpu, scan; /* cpu is the one nearest to TDO */
	bool tdo;
	bool wait;	 /* this scan was answered with WAIT: what it shifts in is lost */
	bool ap_read;	 /* the transfer before was one: its result is the AP's */
	uint32_t result; /* else this */
};

struct swj {
	struct wbsim *sim;
	enum swj_mode mode;
	bool clock, swdio, tdi; /* as the host drives them; swdio is TMS too */
	bool released;		/* the host does not drive SWDIO */
	bool trst, srst;	/* asserted */
	bool alive;		/* the port can answer, as of the last look */
	uint32_t lives;
	uint64_t owed_ns;
	/* what selects a protocol: the last bits, and how long ago a run of ones ended */
	unsigned int ones, since_5, since_50;
	uint64_t recent[2];    /* the last 128 bits, newest on top of [1] */
	unsigned int alerted;  /* bits since the selection alert, plus 1; 0: none */
	/* an AP access that waits for busy flash */
	struct {
		bool pending, read;
		uint8_t reg;
		uint32_t data;
		uint64_t until;
	} ap;
	struct swd_wire swd;
	struct jtag_wire jtag;
};

/** The connector of a chip that was just powered: JTAG, all pins low, SWDIO driven by the host. */
void swj_init(struct swj *j, struct wbsim *sim);
/** Set TCK, TMS and TDI; or SWCLK and SWDIO. */
void swj_set_jtag(struct swj *j, bool tck, bool tms, bool tdi);
void swj_set_swd(struct swj *j, bool swclk, bool swdio);
void swj_release_swdio(struct swj *j, bool released);
void swj_set_resets(struct swj *j, bool trst, bool srst);
/** Levels the host sees; what nobody drives is pulled up. */
bool swj_tdo(const struct swj *j);
bool swj_swdio(const struct swj *j);
/** Let the virtual time of the edges so far pass, and look whether the port is still there. */
void swj_settle(struct swj *j);

/* ---- for swd_wire.c and jtag_wire.c ---------------------------------------------------------- */

/** A transfer begins: count it as a probe command and let faults strike. */
enum wbsim_result swj_transfer(struct swj *j);
/** Is an AP access still waiting? One that can be done now is done. */
bool swj_busy(struct swj *j);
/** An AP access, once the port has said OK; data is a write's. */
void swj_ap(struct swj *j, bool read, uint8_t reg, uint32_t data);
/** ABORT.DAPABORT: the access that waits is given up. */
void swj_ap_abort(struct swj *j);

/* swd_wire.c */
void swd_wire_off(struct swj *j);	       /* the chip is deaf until a line reset */
void swd_wire_line_reset(struct swj *j);
void swd_wire_rise(struct swj *j, bool level); /* a rising edge with SWDIO at level */
/* jtag_wire.c */
void jtag_wire_reset(struct swj *j); /* both TAPs in Test-Logic-Reset */
void jtag_wire_rise(struct swj *j);
void jtag_wire_fall(struct swj *j);

/* ---- bitbang.c ------------------------------------------------------------------------------- */

enum bitbang_verdict { BITBANG_OK, BITBANG_QUIT, BITBANG_BAD };
/**
 * Do what the host's characters ask for.
 *
 * @param[out] answer Room for one character for each of in; *answers says how many there are.
 * @retval BITBANG_QUIT The host says good bye; what follows is not looked at.
 * @retval BITBANG_BAD  A character that is no command; *bad is it.
 */
enum bitbang_verdict bitbang_serve(struct swj *j, const char *in, size_t count, char *answer,
	size_t *answers, char *bad);
/** The host is gone: resets released, SWDIO not driven. */
void bitbang_leave(struct swj *j);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stlink.c, stlink_debug.c and stlink_mem.c share: status bytes, a command on its way, its
 * answer.
 */
#ifndef SIM_STLINK_H
#define SIM_STLINK_H

#include "sim/probe.h"

/* An answer, filled by offset; what does not fit is dropped, as the host's length says. */
struct stlink_reply {
	uint8_t *data;
	size_t len;
};
void stlink_put8(struct stlink_reply *reply, size_t offset, uint8_t val);
void stlink_put16(struct stlink_reply *reply, size_t offset, uint16_t val);
void stlink_put32(struct stlink_reply *reply, size_t offset, uint32_t val);

/* Status bytes. Those OpenOCD has no name for are as other users of the protocol know them. */
enum {
	ST_OK = 0x80,
	ST_FAULT = 0x81,
	ST_GET_IDCODE_ERROR = 0x09,
	ST_ALIGNMENT_ERROR = 0x0a,
	ST_UNKNOWN_CHAIN = 0x04,
	ST_NO_DEVICE = 0x05,
	ST_AP_WAIT = 0x10,
	ST_AP_FAULT = 0x11,
	ST_AP_ERROR = 0x12,
	ST_AP_PARITY = 0x13,
	ST_DP_WAIT = 0x14,
	ST_DP_FAULT = 0x15,
	ST_DP_ERROR = 0x16,
	ST_DP_PARITY = 0x17,
	ST_BAD_AP = 0x1d,
	ST_FREQ_NOT_SUPPORTED = 0x41,
	ST_UNKNOWN_COMMAND = 0x42,
};

/* One command on its way. reply.len is 0 when the host sends the data. */
struct debug_cmd {
	struct wbsim *sim;
	struct probe *probe;
	const uint8_t *cmd;
	const uint8_t *out;
	size_t out_len;
	struct stlink_reply reply;
};

/** The status byte of an access port transfer. */
uint8_t stlink_ap_status(enum wbsim_result res);

/** All commands behind 0xF2: stlink_debug.c. cmd, dir, data, len as in wbsim_stlink_command(). */
void stlink_debug(struct wbsim *sim, const uint8_t *cmd, int dir, uint8_t *data, size_t len);

/* Rows of stlink_debug.c's table that stlink_mem.c provides. */
void stlink_cmd_mem(struct debug_cmd *c);
void stlink_cmd_rw_status(struct debug_cmd *c);
void stlink_cmd_sg_out(struct debug_cmd *c);
void stlink_cmd_sg_in(struct debug_cmd *c);
void stlink_cmd_sg_max(struct debug_cmd *c);

static inline void answer(struct debug_cmd *c, uint8_t status)
{
	stlink_put8(&c->reply, 0, status);
}

static inline bool ap_is_open(const struct probe *p, uint8_t ap)
{
	return p->open_ap[ap / 8] >> (ap % 8) & 1;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtual ST-LINK's commands, as its host gives them. Answers go to buffers of their exact size: the
 * sanitizer sees any overrun.
 */
#ifndef SIM_STLINK_H
#define SIM_STLINK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/wbsim.h"

#define SRAM 0x20000000u
#define UNMAPPED 0x30000000u
#define OK 0x80
#define AP_FAULT 0x11
#define AP_ERROR 0x12
#define ALIGNMENT 0x0a
#define TOO_LONG 0x81
#define BAD_AP 0x1d
#define NO_DEVICE 0x05
#define GET_IDCODE 0x09

static inline struct wbsim *board(enum wbsim_probe_kind probe)
{
	struct wbsim_config cfg = { .probe = probe };
	char why[256] = "";
	struct wbsim *sim = wbsim_new(&cfg, why, sizeof(why));

	if (!sim)
		fail_msg("%s", why);
	return sim;
}

static inline uint32_t le32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* One command with an answer of len bytes; the caller frees it. */
static inline uint8_t *ask(struct wbsim *sim, size_t len, const uint8_t *cmd, size_t cmd_len)
{
	uint8_t cdb[16] = { 0 };
	uint8_t *answer = malloc(len ? len : 1);

	memcpy(cdb, cmd, cmd_len);
	assert_non_null(answer);
	assert_int_equal(wbsim_stlink_command(sim, cdb, 1, answer, len), WBSIM_OK);
	return answer;
}

#define ASK(sim, len, ...)                                                                         \
	ask(sim, len, (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

#define BYTES32(val)                                                                               \
	(uint8_t)((val)&0xff), (uint8_t)((val) >> 8 & 0xff), (uint8_t)((val) >> 16 & 0xff),        \
		(uint8_t)((val) >> 24 & 0xff)

static inline uint8_t status_of(uint8_t *answer)
{
	uint8_t status = answer[0];

	free(answer);
	return status;
}

static inline void enter(struct wbsim *sim)
{
	assert_int_equal(status_of(ASK(sim, 2, 0xf2, 0x30, 0xa3)), OK);
}

static inline uint8_t rw_status(struct wbsim *sim, uint32_t *addr)
{
	uint8_t *answer = ASK(sim, 12, 0xf2, 0x3e);

	if (addr)
		*addr = le32(answer + 4);
	return status_of(answer);
}

static inline uint8_t mem_write(struct wbsim *sim, uint8_t op, uint32_t addr, const void *data, size_t len)
{
	const uint8_t cdb[16] = { 0xf2, op, BYTES32(addr), (uint8_t)len, (uint8_t)(len >> 8) };
	uint8_t *copy = malloc(len ? len : 1);

	assert_non_null(copy);
	memcpy(copy, data, len);
	assert_int_equal(wbsim_stlink_command(sim, cdb, 0, copy, len), WBSIM_OK);
	free(copy);
	return rw_status(sim, NULL);
}

static inline uint8_t *mem_read(struct wbsim *sim, uint8_t op, uint32_t addr, size_t len)
{
	return ASK(sim, len, 0xf2, op, BYTES32(addr), (uint8_t)len, (uint8_t)(len >> 8));
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A debugger's first steps over SWD, on sim_wire.h's pins. */
#ifndef SIM_SWD_HOST_H
#define SIM_SWD_HOST_H

#include "sim_wire.h"

#define POWER_UP 0x50000000u
#define POWERED 0xF0000000u
#define ORUNDETECT (1u << 0)
#define STICKYORUN (1u << 1)
#define STICKYERR (1u << 5)
#define WDATAERR (1u << 7)
#define ABORT_ALL 0x1Eu
#define DAPABORT 1u
#define DP_ABORT 0x0
#define DP_CTRL 0x4
#define DP_SELECT 0x8
#define DP_RESEND 0x8
#define DP_RDBUFF 0xC
#define AP_CSW 0x0
#define AP_TAR 0x4
#define AP_DRW 0xC
#define DPIDR 0x6BA02477u
#define CSW_WORD_INC 0x23000012u
#define SRAM 0x20000000u
#define NOWHERE 0x30000000u
#define PAGE_100 0x08064000u
#define CR_START_PAGE_100 (1u << 16 | 100u << 3 | 1u << 1)
#define ERASE_MS 22u

static inline void to_swd(struct wire *w)
{
	line_reset(w, ONES_50, 0);
	swd_out(w, 0xE79E, 16);
	line_reset(w, ONES_50, 2);
}

static inline uint32_t good(struct wire *w, bool ap, uint8_t reg)
{
	struct packet p = swd_read(w, ap, reg);

	assert_int_equal(p.ack, SWD_OK);
	assert_true(p.parity_ok);
	return p.data;
}

static inline void put(struct wire *w, bool ap, uint8_t reg, uint32_t data)
{
	assert_int_equal(swd_write(w, ap, reg, data), SWD_OK);
}

static inline void connect(struct wire *w)
{
	wire_start(w, NULL);
	to_swd(w);
	assert_int_equal(good(w, false, 0), DPIDR);
	put(w, false, DP_CTRL, POWER_UP);
	assert_int_equal(good(w, false, DP_CTRL) & POWERED, POWERED);
	put(w, true, AP_CSW, CSW_WORD_INC);
}

static inline void assert_lost(struct wire *w)
{
	assert_int_equal(swd_read(w, false, 0).ack, ACK_NONE);
	line_reset(w, ONES_50, 2);
	assert_int_equal(good(w, false, 0), DPIDR);
}

#endif

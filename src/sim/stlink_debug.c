/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ST-LINK debug commands (0xF2): enter and leave SWD, debug port registers, speed, NRST, core
 * registers, and the table of all of them. Formats and numbers: OpenOCD 0.12, stlink_usb.c.
 */
#include "sim/stlink.h"

#define CORE_RUNNING 0x80
#define CORE_HALTED 0x81

#define ENTER_SWD_NO_RESET 0xa3
#define DP_PORT 0xffffu
#define AP_IDR 0xfcu

/* Core debug registers, ARMv7-M C1.6. */
#define AIRCR 0xe000ed0cu
#define AIRCR_SYSRESETREQ 0x05fa0004u
#define DHCSR 0xe000edf0u
#define DCRSR 0xe000edf4u
#define DCRDR 0xe000edf8u
#define DHCSR_RUN 0xa05f0001u
#define DHCSR_HALT 0xa05f0003u
#define DHCSR_STEP 0xa05f0005u
#define DHCSR_S_REGRDY 0x00010000u
#define DHCSR_S_HALT 0x00020000u
#define DCRSR_WRITE 0x00010000u
#define REGRDY_TRIES 100u
#define REGSEL_MASK 0x7fu
#define ALL_REGS 21u /* r0-r15, xPSR, MSP, PSP, and two spare */

uint8_t stlink_ap_status(enum wbsim_result res)
{
	switch (res) {
	case WBSIM_OK:
		return ST_OK;
	case WBSIM_WAIT:
		return ST_AP_WAIT;
	case WBSIM_FAULT:
		return ST_AP_FAULT;
	case WBSIM_PARITY:
		return ST_AP_PARITY;
	default:
		return ST_AP_ERROR;
	}
}

static uint8_t dp_status(enum wbsim_result res)
{
	switch (res) {
	case WBSIM_OK:
		return ST_OK;
	case WBSIM_WAIT:
		return ST_DP_WAIT;
	case WBSIM_FAULT:
		return ST_DP_FAULT;
	case WBSIM_PARITY:
		return ST_DP_PARITY;
	default:
		return ST_DP_ERROR;
	}
}

/* ---- modes and access ports ------------------------------------------------------------------ */

/* The memory commands of older hosts never open an access port: entering opens AP0. */
static void cmd_enter(struct debug_cmd *c)
{
	if (c->cmd[2] != ENTER_SWD_NO_RESET) {
		answer(c, ST_UNKNOWN_CHAIN);
		return;
	}
	if (probe_attach(c->sim) != WBSIM_OK) {
		answer(c, ST_GET_IDCODE_ERROR);
		return;
	}
	c->probe->mode = PROBE_MODE_DEBUG;
	c->probe->open_ap[0] |= 1;
	answer(c, ST_OK);
}

static void cmd_exit(struct debug_cmd *c)
{
	probe_detach(c->sim);
	answer(c, ST_OK);
}

static void cmd_read_core_id(struct debug_cmd *c)
{
	stlink_put32(&c->reply, 0, c->probe->dpidr);
}

static void cmd_read_idcodes(struct debug_cmd *c)
{
	uint32_t id = 0;
	enum wbsim_result res = probe_dp_read(c->sim, 0, &id);

	answer(c, res == WBSIM_OK ? ST_OK : ST_GET_IDCODE_ERROR);
	stlink_put32(&c->reply, 4, id);
}

static void cmd_init_ap(struct debug_cmd *c)
{
	uint8_t ap = c->cmd[2];
	uint32_t idr = 0;
	enum wbsim_result res = probe_ap_read(c->sim, ap, AP_IDR, &idr);

	if (res == WBSIM_OK && idr)
		c->probe->open_ap[ap / 8] |= (uint8_t)(1u << (ap % 8));
	answer(c, res == WBSIM_OK && !idr ? ST_BAD_AP : stlink_ap_status(res));
}

static void cmd_close_ap(struct debug_cmd *c)
{
	uint8_t ap = c->cmd[2];

	c->probe->open_ap[ap / 8] &= (uint8_t)~(1u << (ap % 8));
	answer(c, ST_OK);
}

static void cmd_read_dap_reg(struct debug_cmd *c)
{
	uint16_t port = stlink_get16(c->cmd + 2), reg = stlink_get16(c->cmd + 4);
	uint32_t val = 0;

	if (port == DP_PORT)
		answer(c, dp_status(probe_dp_read(c->sim, (uint8_t)reg, &val)));
	else if (port >= PROBE_AP_COUNT || (reg != AP_IDR && !ap_is_open(c->probe, (uint8_t)port)))
		answer(c, ST_BAD_AP);
	else
		answer(c, stlink_ap_status(
				  probe_ap_read(c->sim, (uint8_t)port, (uint8_t)reg, &val)));
	stlink_put32(&c->reply, 4, val);
}

static void cmd_write_dap_reg(struct debug_cmd *c)
{
	uint16_t port = stlink_get16(c->cmd + 2), reg = stlink_get16(c->cmd + 4);
	uint32_t val = stlink_get32(c->cmd + 6);

	if (port == DP_PORT)
		answer(c, dp_status(probe_dp_write(c->sim, (uint8_t)reg, val)));
	else if (port >= PROBE_AP_COUNT || !ap_is_open(c->probe, (uint8_t)port))
		answer(c, ST_BAD_AP);
	else
		answer(c, stlink_ap_status(
				  probe_ap_write(c->sim, (uint8_t)port, (uint8_t)reg, val)));
}

/* ---- clock, reset line, trace ---------------------------------------------------------------- */

static void cmd_swd_set_freq(struct debug_cmd *c)
{
	uint16_t divisor = stlink_get16(c->cmd + 2);
	size_t count;
	const struct probe_speed *list = probe_speeds(c->probe->kind, &count);

	if (c->probe->kind != WBSIM_PROBE_V2) {
		answer(c, ST_UNKNOWN_COMMAND);
		return;
	}
	answer(c, ST_FREQ_NOT_SUPPORTED);
	for (size_t i = 0; i < count; i++) {
		if (list[i].divisor == divisor) {
			c->probe->khz = list[i].khz;
			answer(c, ST_OK);
		}
	}
}

static void cmd_set_com_freq(struct debug_cmd *c)
{
	uint32_t khz = stlink_get32(c->cmd + 4);
	size_t count, i = 0;
	const struct probe_speed *list = probe_speeds(c->probe->kind, &count);

	if (c->probe->kind == WBSIM_PROBE_V2) {
		answer(c, ST_UNKNOWN_COMMAND);
		return;
	}
	while (i < count - 1 && list[i].khz > khz)
		i++;
	c->probe->khz = list[i].khz;
	answer(c, ST_OK);
	stlink_put32(&c->reply, 4, c->probe->khz);
}

static void cmd_get_com_freq(struct debug_cmd *c)
{
	size_t count;
	const struct probe_speed *list = probe_speeds(c->probe->kind, &count);

	if (c->probe->kind == WBSIM_PROBE_V2) {
		answer(c, ST_UNKNOWN_COMMAND);
		return;
	}
	answer(c, ST_OK);
	stlink_put32(&c->reply, 4, c->probe->khz);
	stlink_put8(&c->reply, 8, (uint8_t)count);
	for (size_t i = 0; i < count; i++)
		stlink_put32(&c->reply, 12 + 4 * i, list[i].khz);
}

static void cmd_drive_nrst(struct debug_cmd *c)
{
	enum { LOW, HIGH, PULSE };

	if (c->cmd[2] == LOW || c->cmd[2] == PULSE)
		sim_nrst(c->sim, true);
	if (c->cmd[2] == HIGH || c->cmd[2] == PULSE)
		sim_nrst(c->sim, false);
	answer(c, ST_OK);
}

/* There is no SWO pin to listen to: tracing starts, stops and never brings a byte. */
static void cmd_trace(struct debug_cmd *c)
{
	answer(c, ST_OK);
}

static void cmd_trace_count(struct debug_cmd *c)
{
	stlink_put16(&c->reply, 0, 0);
}

/* ---- core ------------------------------------------------------------------------------------ */

static void cmd_read_debug_reg(struct debug_cmd *c)
{
	uint32_t val = 0, addr = stlink_get32(c->cmd + 2);

	if (addr % 4)
		answer(c, ST_ALIGNMENT_ERROR);
	else
		answer(c, stlink_ap_status(probe_word_read(c->sim, addr, &val)));
	stlink_put32(&c->reply, 4, val);
}

static void cmd_write_debug_reg(struct debug_cmd *c)
{
	uint32_t addr = stlink_get32(c->cmd + 2), val = stlink_get32(c->cmd + 6);

	if (addr % 4)
		answer(c, ST_ALIGNMENT_ERROR);
	else
		answer(c, stlink_ap_status(probe_word_write(c->sim, addr, val)));
}

static enum wbsim_result wait_regrdy(struct wbsim *sim)
{
	uint32_t dhcsr = 0;
	enum wbsim_result res = WBSIM_OK;

	for (unsigned int i = 0; i < REGRDY_TRIES && res == WBSIM_OK; i++) {
		res = probe_word_read(sim, DHCSR, &dhcsr);
		if (res == WBSIM_OK && (dhcsr & DHCSR_S_REGRDY))
			return WBSIM_OK;
	}
	return res == WBSIM_OK ? WBSIM_WAIT : res;
}

static enum wbsim_result core_reg_read(struct wbsim *sim, uint32_t reg, uint32_t *val)
{
	enum wbsim_result res = probe_word_write(sim, DCRSR, reg & REGSEL_MASK);

	if (res == WBSIM_OK)
		res = wait_regrdy(sim);
	return res == WBSIM_OK ? probe_word_read(sim, DCRDR, val) : res;
}

static void cmd_read_reg(struct debug_cmd *c)
{
	uint32_t val = 0;

	answer(c, stlink_ap_status(core_reg_read(c->sim, c->cmd[2], &val)));
	stlink_put32(&c->reply, 4, val);
}

static void cmd_read_all_regs(struct debug_cmd *c)
{
	enum wbsim_result res = WBSIM_OK;

	for (uint32_t i = 0; i < ALL_REGS && res == WBSIM_OK; i++) {
		uint32_t val = 0;

		res = core_reg_read(c->sim, i, &val);
		stlink_put32(&c->reply, 4 + 4 * (size_t)i, val);
	}
	answer(c, stlink_ap_status(res));
}

static void cmd_write_reg(struct debug_cmd *c)
{
	enum wbsim_result res = probe_word_write(c->sim, DCRDR, stlink_get32(c->cmd + 3));

	if (res == WBSIM_OK)
		res = probe_word_write(c->sim, DCRSR, DCRSR_WRITE | (c->cmd[2] & REGSEL_MASK));
	if (res == WBSIM_OK)
		res = wait_regrdy(c->sim);
	answer(c, stlink_ap_status(res));
}

static void cmd_get_status(struct debug_cmd *c)
{
	uint32_t dhcsr = 0;

	if (probe_word_read(c->sim, DHCSR, &dhcsr) == WBSIM_OK)
		answer(c, dhcsr & DHCSR_S_HALT ? CORE_HALTED : CORE_RUNNING);
}

/* Halt, run, step and reset are one register write each. */
static void cmd_core(struct debug_cmd *c)
{
	static const struct {
		uint8_t op;
		uint32_t addr, val;
	} writes[] = {
		{ 0x02, DHCSR, DHCSR_HALT },
		{ 0x09, DHCSR, DHCSR_RUN },
		{ 0x0a, DHCSR, DHCSR_STEP },
		{ 0x32, AIRCR, AIRCR_SYSRESETREQ },
	};

	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
		if (writes[i].op == c->cmd[1])
			answer(c, stlink_ap_status(
					  probe_word_write(c->sim, writes[i].addr, writes[i].val)));
	}
}

/* Second byte of the command; needs: only in debug mode. */
static const struct {
	uint8_t op;
	bool needs_debug_mode;
	void (*run)(struct debug_cmd *c);
} debug_cmds[] = {
	{ 0x01, true, cmd_get_status },
	{ 0x02, true, cmd_core },
	{ 0x07, true, stlink_cmd_mem },
	{ 0x08, true, stlink_cmd_mem },
	{ 0x09, true, cmd_core },
	{ 0x0a, true, cmd_core },
	{ 0x0c, true, stlink_cmd_mem },
	{ 0x0d, true, stlink_cmd_mem },
	{ 0x21, false, cmd_exit },
	{ 0x22, true, cmd_read_core_id },
	{ 0x30, false, cmd_enter },
	{ 0x31, true, cmd_read_idcodes },
	{ 0x32, true, cmd_core },
	{ 0x33, true, cmd_read_reg },
	{ 0x34, true, cmd_write_reg },
	{ 0x35, true, cmd_write_debug_reg },
	{ 0x36, true, cmd_read_debug_reg },
	{ 0x3a, true, cmd_read_all_regs },
	{ 0x3b, false, stlink_cmd_rw_status },
	{ 0x3c, false, cmd_drive_nrst },
	{ 0x3e, false, stlink_cmd_rw_status },
	{ 0x40, false, cmd_trace },
	{ 0x41, false, cmd_trace },
	{ 0x42, false, cmd_trace_count },
	{ 0x43, false, cmd_swd_set_freq },
	{ 0x45, true, cmd_read_dap_reg },
	{ 0x46, true, cmd_write_dap_reg },
	{ 0x47, true, stlink_cmd_mem },
	{ 0x48, true, stlink_cmd_mem },
	{ 0x4b, true, cmd_init_ap },
	{ 0x4c, false, cmd_close_ap },
	{ 0x50, true, stlink_cmd_mem },
	{ 0x51, true, stlink_cmd_sg_out },
	{ 0x52, true, stlink_cmd_sg_in },
	{ 0x53, false, stlink_cmd_sg_max },
	{ 0x54, true, stlink_cmd_mem },
	{ 0x61, false, cmd_set_com_freq },
	{ 0x62, false, cmd_get_com_freq },
};

void stlink_debug(struct wbsim *sim, const uint8_t *cmd, int dir, uint8_t *data, size_t len)
{
	struct debug_cmd c = {
		.sim = sim,
		.probe = sim->probe,
		.cmd = cmd,
		.out = dir ? NULL : data,
		.out_len = dir ? 0 : len,
		.reply = { .data = data, .len = dir ? len : 0 },
	};

	for (size_t i = 0; i < sizeof(debug_cmds) / sizeof(debug_cmds[0]); i++) {
		if (debug_cmds[i].op != cmd[1])
			continue;
		if (debug_cmds[i].needs_debug_mode && c.probe->mode != PROBE_MODE_DEBUG) {
			c.probe->rw_status = ST_NO_DEVICE;
			answer(&c, ST_NO_DEVICE);
		} else {
			debug_cmds[i].run(&c);
		}
		return;
	}
	answer(&c, ST_UNKNOWN_COMMAND);
}

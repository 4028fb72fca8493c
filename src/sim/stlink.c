/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ST-LINK commands, the part that does not touch the target: who the probe is, which mode it is in,
 * the target's voltage. Debug commands (0xF2) are in stlink_debug.c. The wire format is the one
 * OpenOCD 0.12's stlink driver speaks.
 */
#include "sim/stlink.h"

#include <string.h>

#define USB_MAX 10240u /* stlink-server's buffers */

enum {
	CMD_GET_VERSION = 0xf1,
	CMD_DEBUG = 0xf2,
	CMD_DFU = 0xf3,
	CMD_SWIM = 0xf4,
	CMD_GET_CURRENT_MODE = 0xf5,
	CMD_GET_TARGET_VOLTAGE = 0xf7,
	CMD_GET_VERSION_EX = 0xfb,
};

/* Who we are: a STLINK-V3E V3J10M3B5S1, or a V2-1 V2J37M26 as on a Nucleo. */
#define USB_VID 0x0483u
#define USB_PID_V3 0x374eu
#define USB_PID_V2 0x374bu
enum { V3_STLINK = 3, V3_SWIM = 1, V3_JTAG = 10, V3_MSD = 3, V3_BRIDGE = 5 };
enum { V2_STLINK = 2, V2_JTAG = 37, V2_MSD = 26 };

/* Two ADC readings: the probe's 1.2 V reference, and half the target's 3.3 V. */
#define ADC_REFERENCE 1500u
#define ADC_TARGET_3V3 2063u

void stlink_put8(struct stlink_reply *reply, size_t offset, uint8_t val)
{
	if (offset < reply->len)
		reply->data[offset] = val;
}

void stlink_put16(struct stlink_reply *reply, size_t offset, uint16_t val)
{
	stlink_put8(reply, offset, (uint8_t)val);
	stlink_put8(reply, offset + 1, (uint8_t)(val >> 8));
}

void stlink_put32(struct stlink_reply *reply, size_t offset, uint32_t val)
{
	stlink_put16(reply, offset, (uint16_t)val);
	stlink_put16(reply, offset + 2, (uint16_t)(val >> 16));
}

uint16_t stlink_get16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

uint32_t stlink_get32(const uint8_t *p)
{
	return stlink_get16(p) | (uint32_t)stlink_get16(p + 2) << 16;
}

/* Bits 15..12 ST-LINK, 11..6 JTAG, 5..0 SWIM or mass storage, big endian; a V3 says 3, 0, 0. */
static void get_version(const struct probe *p, struct stlink_reply *reply)
{
	unsigned int version = V3_STLINK << 12;

	if (p->kind == WBSIM_PROBE_V2)
		version = V2_STLINK << 12 | V2_JTAG << 6 | V2_MSD;
	stlink_put8(reply, 0, (uint8_t)(version >> 8));
	stlink_put8(reply, 1, (uint8_t)version);
	stlink_put16(reply, 2, USB_VID);
	stlink_put16(reply, 4, p->kind == WBSIM_PROBE_V2 ? USB_PID_V2 : USB_PID_V3);
}

static void get_version_ex(const struct probe *p, struct stlink_reply *reply)
{
	static const uint8_t parts[] = { V3_STLINK, V3_SWIM, V3_JTAG, V3_MSD, V3_BRIDGE };

	if (p->kind == WBSIM_PROBE_V2)
		return;
	for (size_t i = 0; i < sizeof(parts); i++)
		stlink_put8(reply, i, parts[i]);
	stlink_put16(reply, 8, USB_VID);
	stlink_put16(reply, 10, USB_PID_V3);
}

enum wbsim_result wbsim_stlink_command(struct wbsim *sim, const uint8_t cmd[16], int dir,
	uint8_t *data, size_t len)
{
	struct stlink_reply reply = { .data = data, .len = dir ? len : 0 };

	if (len > USB_MAX || (len && !data))
		return WBSIM_USAGE;
	if (probe_command(sim, len) != WBSIM_OK)
		return WBSIM_UNPLUGGED;
	if (dir)
		memset(data, 0, len);
	switch (cmd[0]) {
	case CMD_GET_VERSION:
		get_version(sim->probe, &reply);
		break;
	case CMD_GET_VERSION_EX:
		get_version_ex(sim->probe, &reply);
		break;
	case CMD_DEBUG:
		stlink_debug(sim, cmd, dir, data, len);
		break;
	case CMD_DFU: /* the only one is "exit": back to the mode of a probe just plugged in */
		probe_detach(sim);
		break;
	case CMD_GET_CURRENT_MODE:
		stlink_put8(&reply, 0, (uint8_t)sim->probe->mode);
		break;
	case CMD_GET_TARGET_VOLTAGE:
		stlink_put32(&reply, 0, ADC_REFERENCE);
		stlink_put32(&reply, 4, sim->powered ? ADC_TARGET_3V3 : 0);
		break;
	case CMD_SWIM: /* no STM8 here: accepted, without effect */
	default:
		break;
	}
	return sim->plugged ? WBSIM_OK : WBSIM_UNPLUGGED;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stlink-server's protocol, as the TCP backend of OpenOCD 0.12's stlink driver speaks it. Requests
 * carry no length: the first byte says it, and for a USB command the direction and size within.
 *
 *   0 refresh 2      2 device info 8   4 close 8                         6 version 4 (answer 16)
 *   1 count 1 (4)    3 open 8          5 USB command 32, + data if out   7 number of clients 8
 *
 * Answers begin with a status word, except those to 1 and 6.
 */
#include "sim/server.h"

#include <stdio.h>
#include <string.h>

enum {
	TCP_REFRESH,
	TCP_COUNT,
	TCP_INFO,
	TCP_OPEN,
	TCP_CLOSE,
	TCP_USB,
	TCP_VERSION,
	TCP_CLIENTS,
};
enum { DIR_WRITE = 0, DIR_READ = 1, DIR_SWO = 3 };

#define STATUS_OK 0x00000001u
#define STATUS_BAD_PARAMETER 0x00001002u
#define STATUS_UNAVAILABLE 0x00001053u

/* API 3 lets OpenOCD use 4 KiB blocks and scatter/gather. */
#define API_VERSION 3u
static const uint32_t server_version[] = { API_VERSION, 2, 1, 0 };

#define DEVICE_ID 1u
#define CONNECT_ID 1u
#define SERIAL_SIZE 32u
#define INFO_SIZE 41u
#define USB_VID 0x0483u
#define USB_PID_V3 0x374eu
#define USB_PID_V2 0x374bu

static const uint8_t fixed_length[] = {
	[TCP_REFRESH] = 2,
	[TCP_COUNT] = 1,
	[TCP_INFO] = 8,
	[TCP_OPEN] = 8,
	[TCP_CLOSE] = 8,
	[TCP_USB] = STLINK_TCP_HEADER,
	[TCP_VERSION] = 4,
	[TCP_CLIENTS] = 8,
};

static uint32_t get32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put32(uint8_t *p, uint32_t val)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(val >> (8 * i));
}

enum stlink_tcp_verdict stlink_tcp_frame(const uint8_t *buf, size_t have, size_t *len)
{
	if (!have)
		return STLINK_TCP_MORE;
	if (buf[0] >= sizeof(fixed_length))
		return STLINK_TCP_BAD;
	*len = fixed_length[buf[0]];
	if (have < *len)
		return STLINK_TCP_MORE;
	if (buf[0] == TCP_USB) {
		uint32_t data = get32(buf + 28);

		if (data > STLINK_TCP_DATA_MAX)
			return STLINK_TCP_BAD;
		if (buf[24] == DIR_WRITE)
			*len += data;
	}
	return have < *len ? STLINK_TCP_MORE : STLINK_TCP_FRAME;
}

/* A different serial number a port, so that `adapter serial` can tell several chips apart. */
static void device_info(const struct server *server, uint8_t *info)
{
	uint32_t pid = server->probe == WBSIM_PROBE_V2 ? USB_PID_V2 : USB_PID_V3;

	put32(info, DEVICE_ID);
	snprintf((char *)info + 4, SERIAL_SIZE, "574253494D000000%08X", server->stlink.port);
	put32(info + 36, USB_VID | pid << 16);
	info[40] = 0; /* nobody has it for himself */
}

static size_t usb_command(struct server *server, uint8_t *req, uint8_t *ans)
{
	uint32_t len = get32(req + 28);
	bool in = req[24] != DIR_WRITE;
	size_t answer = STLINK_TCP_STATUS + (in ? len : 0);

	memset(ans, 0, answer);
	if (get32(req + 4) != CONNECT_ID || req[24] == 2 || req[24] > DIR_SWO) {
		put32(ans, STATUS_BAD_PARAMETER);
		return answer;
	}
	put32(ans, STATUS_OK);
	if (req[24] == DIR_SWO) /* no trace: nothing ever came in */
		return answer;
	if (wbsim_stlink_command(server->sim, req + 8, in ? 1 : 0,
		    in ? ans + STLINK_TCP_STATUS : req + STLINK_TCP_HEADER, len) != WBSIM_OK)
		put32(ans, STATUS_UNAVAILABLE);
	return answer;
}

size_t stlink_tcp_request(struct server *server, uint8_t *req, uint8_t *ans)
{
	put32(ans, STATUS_OK);
	switch (req[0]) {
	case TCP_VERSION:
		for (size_t i = 0; i < sizeof(server_version) / sizeof(server_version[0]); i++)
			put32(ans + 4 * i, server_version[i]);
		return sizeof(server_version);
	case TCP_COUNT:
		put32(ans, 1);
		return 4;
	case TCP_INFO:
		memset(ans + STLINK_TCP_STATUS, 0, INFO_SIZE);
		if (req[1] != 0 || get32(req + 4) != INFO_SIZE)
			put32(ans, STATUS_BAD_PARAMETER);
		else
			device_info(server, ans + STLINK_TCP_STATUS);
		return STLINK_TCP_STATUS + INFO_SIZE;
	case TCP_OPEN:
		if (get32(req + 4) != DEVICE_ID)
			put32(ans, STATUS_BAD_PARAMETER);
		put32(ans + STLINK_TCP_STATUS, CONNECT_ID);
		return STLINK_TCP_STATUS + 4;
	case TCP_CLIENTS:
		put32(ans + STLINK_TCP_STATUS, 1);
		return STLINK_TCP_STATUS + 4;
	case TCP_USB:
		return usb_command(server, req, ans);
	case TCP_REFRESH:
	case TCP_CLOSE:
	default:
		return STLINK_TCP_STATUS;
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stm32wb-sim around libwbsim: one event loop, ST-LINK and remote_bitbang clients on TCP, testers on
 * a control socket.
 */
#ifndef SIM_SERVER_H
#define SIM_SERVER_H

#include "sim/sockets.h"
#include "sim/swj.h"
#include "sim/wbsim.h"

#include <jansson.h>

#define SERVER_CLIENTS 8
#define SERVER_TESTERS 4

/* stlink-server's buffers (OpenOCD 0.12: STLINK_TCP_SEND_BUFFER_SIZE, ..._RECV_...). */
#define STLINK_TCP_DATA_MAX 10240u
#define STLINK_TCP_HEADER 32u
#define STLINK_TCP_STATUS 4u
#define STLINK_TCP_BUFFER (STLINK_TCP_HEADER + STLINK_TCP_DATA_MAX)
#define CONTROL_LINE_MAX 16384u
#define BITBANG_CHUNK 4096u /* characters served between two looks at other sockets */

struct client {
	int fd; /* -1: free */
	size_t have;
	uint8_t buf[STLINK_TCP_BUFFER];
};

struct tester {
	int fd;
	size_t have;
	char buf[CONTROL_LINE_MAX];
};

struct server {
	struct wbsim *sim;
	struct socket_tcp stlink, bitbang;
	int bitbang_client, control_fd; /* -1: none */
	struct swj swj;
	enum wbsim_probe_kind probe;
	double idle_factor;
	bool once, quit;
	const char *control_path;
	struct client clients[SERVER_CLIENTS];
	struct tester testers[SERVER_TESTERS];
};

/* Ports asked for on the command line; 0: any. */
struct server_ports {
	uint16_t stlink, bitbang;
	bool bitbang_on;
};

/**
 * Open the sockets; server->stlink.port and server->bitbang.port say where.
 * @return 0, or -1 with one sentence in why.
 */
int server_open(struct server *server, const struct server_ports *ports, char *why,
	size_t why_size);
/** Serve until a signal, "quit", or the end of the first client with once. */
void server_run(struct server *server);
void server_close(struct server *server);
/** The probe was pulled: every ST-LINK client loses its socket. */
void server_drop_clients(struct server *server);
/** Let virtual time pass. False: a signal wants the program to end, and the rest did not pass. */
bool server_advance(struct server *server, uint64_t ns);

/* stlink_tcp.c */
enum stlink_tcp_verdict { STLINK_TCP_MORE, STLINK_TCP_FRAME, STLINK_TCP_BAD };
/** How long is the request that begins at buf? MORE: not yet known, or not yet all there. */
enum stlink_tcp_verdict stlink_tcp_frame(const uint8_t *buf, size_t have, size_t *len);
/**
 * Do one whole request; ans has STLINK_TCP_STATUS + STLINK_TCP_DATA_MAX bytes.
 * @return the answer's length.
 */
size_t stlink_tcp_request(struct server *server, uint8_t *req, uint8_t *ans);

/* control.c: one line in (without its end), one JSON object out. */
json_t *control_line(struct server *server, char *line);
/** The i-th command of the control socket, and what follows it; NULL: there are no more. */
const char *control_form(size_t i, const char **args);

#endif

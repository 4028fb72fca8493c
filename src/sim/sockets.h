/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sockets of stm32wb-sim.
 */
#ifndef SIM_SOCKETS_H
#define SIM_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct socket_tcp {
	int fd; /* -1: none */
	uint16_t port;
};

/**
 * Listen on 127.0.0.1.
 * @param[in] port 0: any; out->port says which.
 * @param[in] option Of the command line: what chooses another port.
 * @return 0, or -1 with one sentence in why.
 */
int socket_tcp(uint16_t port, const char *option, struct socket_tcp *out, char *why,
	size_t why_size);
/** Listen on a Unix socket that its owner alone may use. */
int socket_control(const char *path, int *fd, char *why, size_t why_size);
/** -1: nobody is there. */
int socket_accept(int listen_fd);
int socket_accept_tcp(int listen_fd);
/** Close, and say so in *fd. */
void socket_drop(int *fd);
/** All of it, or false. */
bool socket_send(int fd, const void *data, size_t len);
/** Take in what there is behind *have; false: the other side is gone. */
bool socket_receive(int fd, void *buf, size_t size, size_t *have);

#endif

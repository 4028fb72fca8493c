/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sockets of stm32wb-sim: all of them on this machine only, none of them ever blocks for long.
 */
#include <config.h>

#include "sim/sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SEND_MS 2000 /* a client that does not read for so long is dropped */
#define BACKLOG 8

int socket_tcp(uint16_t port, const char *option, struct socket_tcp *out, char *why,
	size_t why_size)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(addr);
	int one = 1;

	out->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (out->fd < 0 ||
		setsockopt(out->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
		bind(out->fd, (struct sockaddr *)&addr, sizeof(addr)) ||
		listen(out->fd, BACKLOG) ||
		getsockname(out->fd, (struct sockaddr *)&addr, &len)) {
		snprintf(why, why_size,
			"cannot listen on 127.0.0.1:%u: %s; choose another port with %s",
			port, strerror(errno), option);
		return -1;
	}
	out->port = ntohs(addr.sin_port);
	return 0;
}

/* A socket left by a simulator that was killed is in the way; a living one is not ours to take. */
static bool is_stale(const struct sockaddr_un *addr)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool stale = fd >= 0 && connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) != 0 &&
		errno == ECONNREFUSED;

	if (fd >= 0)
		close(fd);
	return stale;
}

int socket_control(const char *path, int *fd, char *why, size_t why_size)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	mode_t mask;
	int bad;

	if (strlen(path) >= sizeof(addr.sun_path)) {
		snprintf(why, why_size, "the control socket's path is longer than %zu bytes: %s",
			sizeof(addr.sun_path) - 1, path);
		return -1;
	}
	memcpy(addr.sun_path, path, strlen(path) + 1);
	if (is_stale(&addr))
		unlink(addr.sun_path);
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mask = umask(S_IRWXG | S_IRWXO);
	bad = *fd < 0 ||
		bind(*fd, (struct sockaddr *)&addr, sizeof(addr)) ||
		listen(*fd, BACKLOG);
	umask(mask);
	if (bad)
		snprintf(why, why_size, "cannot open the control socket %s: %s",
			path, strerror(errno));
	return bad ? -1 : 0;
}

int socket_accept(int listen_fd)
{
	return accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

int socket_accept_tcp(int listen_fd)
{
	int one = 1, fd = socket_accept(listen_fd);

	if (fd >= 0)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

void socket_drop(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

bool socket_send(int fd, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0) {
			p += n;
			len -= (size_t)n;
		} else if (n < 0 && errno == EAGAIN) {
			struct pollfd pfd = { .fd = fd, .events = POLLOUT };

			if (poll(&pfd, 1, SEND_MS) <= 0)
				return false;
		} else if (n == 0 || errno != EINTR) {
			return false;
		}
	}
	return true;
}

bool socket_receive(int fd, void *buf, size_t size, size_t *have)
{
	ssize_t n = recv(fd, (uint8_t *)buf + *have, size - *have, 0);

	if (n > 0)
		*have += (size_t)n;
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

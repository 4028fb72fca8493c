/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event loop of stm32wb-sim: sockets in, answers out, virtual time while the host is silent.
 */
#include <config.h>

#include "sim/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_MS 1000000
#define NS_PER_S 1000000000
#define SILENCE_NS (5 * NS_PER_MS) /* shorter gaps are the host's own speed: free */
#define SLEEP_MS 5		   /* how often silence is turned into virtual time */
#define CHUNK_NS (10ull * NS_PER_MS) /* virtual time between two looks at the sockets */
#define SLICE_NS (50 * NS_PER_MS) /* longest time without a look at signals */
#define SEND_MS 2000		   /* a client that does not read for so long is dropped */
#define POLL_MAX (2 + SERVER_CLIENTS + SERVER_TESTERS)

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static int64_t clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static int64_t wall_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

/* ---- sockets --------------------------------------------------------------------------------- */

static int open_tcp(struct server *server, uint16_t port, char *why, size_t why_size)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(addr);
	int one = 1;

	server->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (server->listen_fd < 0 ||
		setsockopt(server->listen_fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
		bind(server->listen_fd, (struct sockaddr *)&addr, sizeof(addr)) ||
		listen(server->listen_fd, SERVER_CLIENTS) ||
		getsockname(server->listen_fd, (struct sockaddr *)&addr, &len)) {
		snprintf(why, why_size,
			"cannot listen on 127.0.0.1:%u: %s; choose another port with --stlink",
			port, strerror(errno));
		return -1;
	}
	server->port = ntohs(addr.sin_port);
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

static int open_control(struct server *server, char *why, size_t why_size)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	mode_t mask;
	int bad;

	if (strlen(server->control_path) >= sizeof(addr.sun_path)) {
		snprintf(why, why_size, "the control socket's path is longer than %zu bytes: %s",
			sizeof(addr.sun_path) - 1, server->control_path);
		return -1;
	}
	memcpy(addr.sun_path, server->control_path, strlen(server->control_path) + 1);
	if (is_stale(&addr))
		unlink(addr.sun_path);
	server->control_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mask = umask(S_IRWXG | S_IRWXO);
	bad = server->control_fd < 0 ||
		bind(server->control_fd, (struct sockaddr *)&addr, sizeof(addr)) ||
		listen(server->control_fd, SERVER_TESTERS);
	umask(mask);
	if (bad)
		snprintf(why, why_size, "cannot open the control socket %s: %s",
			server->control_path, strerror(errno));
	return bad ? -1 : 0;
}

int server_open(struct server *server, uint16_t port, char *why, size_t why_size)
{
	struct sigaction act = { .sa_handler = on_signal };
	sigset_t ours;

	server->listen_fd = -1;
	server->control_fd = -1;
	for (int i = 0; i < SERVER_CLIENTS; i++)
		server->clients[i].fd = -1;
	for (int i = 0; i < SERVER_TESTERS; i++)
		server->testers[i].fd = -1;
	/* Signals are let in by ppoll() only, so that none is lost between a look and the wait. */
	sigemptyset(&ours);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGTERM);
	sigprocmask(SIG_BLOCK, &ours, NULL);
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	if (open_tcp(server, port, why, why_size))
		return -1;
	return server->control_path ? open_control(server, why, why_size) : 0;
}

static void drop(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void server_drop_clients(struct server *server)
{
	for (int i = 0; i < SERVER_CLIENTS; i++)
		drop(&server->clients[i].fd);
}

void server_close(struct server *server)
{
	server_drop_clients(server);
	for (int i = 0; i < SERVER_TESTERS; i++)
		drop(&server->testers[i].fd);
	drop(&server->listen_fd);
	if (server->control_fd >= 0)
		unlink(server->control_path);
	drop(&server->control_fd);
}

static bool send_all(int fd, const void *data, size_t len)
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

/* ---- clients --------------------------------------------------------------------------------- */

static void accept_client(struct server *server)
{
	int one = 1, fd = accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	for (int i = 0; i < SERVER_CLIENTS; i++) {
		if (server->clients[i].fd < 0) {
			server->clients[i].fd = fd;
			server->clients[i].have = 0;
			wbsim_replug(server->sim);
			return;
		}
	}
	close(fd);
}

static void accept_tester(struct server *server)
{
	int fd = accept4(server->control_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	for (int i = 0; i < SERVER_TESTERS; i++) {
		if (server->testers[i].fd < 0) {
			server->testers[i].fd = fd;
			server->testers[i].have = 0;
			return;
		}
	}
	close(fd);
}

/* Take in what there is; false: the other side is gone. */
static bool receive(int fd, void *buf, size_t size, size_t *have)
{
	ssize_t n = recv(fd, (uint8_t *)buf + *have, size - *have, 0);

	if (n > 0)
		*have += (size_t)n;
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static void serve_client(struct server *server, struct client *c)
{
	static uint8_t ans[STLINK_TCP_STATUS + STLINK_TCP_DATA_MAX];
	size_t len = 0, n;

	if (!receive(c->fd, c->buf, sizeof(c->buf), &c->have)) {
		drop(&c->fd);
		return;
	}
	for (;;) {
		enum stlink_tcp_verdict verdict = stlink_tcp_frame(c->buf, c->have, &len);

		if (verdict == STLINK_TCP_MORE)
			return;
		if (verdict == STLINK_TCP_BAD) {
			fprintf(stderr, "stm32wb-sim: a client sent no ST-LINK request; closed\n");
			drop(&c->fd);
			return;
		}
		n = stlink_tcp_request(server, c->buf, ans);
		if (!wbsim_plugged(server->sim)) {
			server_drop_clients(server);
			return;
		}
		if (!send_all(c->fd, ans, n)) {
			drop(&c->fd);
			return;
		}
		c->have -= len;
		memmove(c->buf, c->buf + len, c->have);
	}
}

static bool answer_tester(struct tester *t, json_t *answer)
{
	char *text = json_dumps(answer, JSON_PRESERVE_ORDER | JSON_COMPACT);
	bool ok = text && send_all(t->fd, text, strlen(text)) && send_all(t->fd, "\n", 1);

	free(text);
	json_decref(answer);
	return ok;
}

static void serve_tester(struct server *server, struct tester *t)
{
	char *end;

	if (!receive(t->fd, t->buf, sizeof(t->buf), &t->have)) {
		drop(&t->fd);
		return;
	}
	while ((end = memchr(t->buf, '\n', t->have)) != NULL) {
		size_t used = (size_t)(end - t->buf) + 1;

		*end = '\0';
		if (end > t->buf && end[-1] == '\r')
			end[-1] = '\0';
		if (!answer_tester(t, control_line(server, t->buf))) {
			drop(&t->fd);
			return;
		}
		t->have -= used;
		memmove(t->buf, t->buf + used, t->have);
	}
	if (t->have == sizeof(t->buf))
		drop(&t->fd);
}

/* ---- the loop -------------------------------------------------------------------------------- */

/*
 * Since the host's last word. What counts is what we slept, of each sleep as much as was asked for,
 * and our own work: on a busy machine we wake late, and so does the host; that is no silence.
 */
struct silence {
	int64_t slept; /* ns */
	int64_t cpu;   /* our processor time at its beginning */
	double done;   /* virtual ns already passed since then */
};

static struct silence silence_begin(void)
{
	return (struct silence){ .cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID) };
}

/*
 * Catch up with the wall, until a socket wants something, and for SLICE_NS at most: an application
 * that never sleeps is slower here than --idle asks for, and then virtual time is, too.
 */
static void pass_time(struct server *server, struct silence *s, const struct pollfd *fds,
	nfds_t count)
{
	struct pollfd look[POLL_MAX];
	int64_t begin = wall_ns();
	int64_t silent = s->slept + clock_ns(CLOCK_PROCESS_CPUTIME_ID) - s->cpu - SILENCE_NS;
	double due = (double)silent * server->idle_factor - s->done;

	memcpy(look, fds, count * sizeof(*fds));
	while (due >= 1 && wall_ns() - begin < SLICE_NS) {
		uint64_t ns = due < (double)CHUNK_NS ? (uint64_t)due : CHUNK_NS;

		wbsim_sleep(server->sim, ns);
		s->done += (double)ns;
		due -= (double)ns;
		if (poll(look, count, 0) > 0)
			return;
	}
	if (due >= (double)CHUNK_NS)
		s->done += due; /* lost: no debt is carried on */
}

static nfds_t collect(const struct server *server, struct pollfd *fds)
{
	nfds_t n = 0;

	fds[n++] = (struct pollfd){ .fd = server->listen_fd, .events = POLLIN };
	fds[n++] = (struct pollfd){ .fd = server->control_fd, .events = POLLIN };
	for (int i = 0; i < SERVER_CLIENTS; i++)
		fds[n++] = (struct pollfd){ .fd = server->clients[i].fd, .events = POLLIN };
	for (int i = 0; i < SERVER_TESTERS; i++)
		fds[n++] = (struct pollfd){ .fd = server->testers[i].fd, .events = POLLIN };
	return n;
}

static void serve_ready(struct server *server, const struct pollfd *fds, bool *activity)
{
	const struct pollfd *clients = fds + 2, *testers = clients + SERVER_CLIENTS;

	if (fds[0].revents)
		accept_client(server);
	if (fds[1].revents)
		accept_tester(server);
	for (int i = 0; i < SERVER_CLIENTS; i++) {
		if (clients[i].revents && server->clients[i].fd == clients[i].fd &&
			clients[i].fd >= 0) {
			serve_client(server, &server->clients[i]);
			*activity = true;
			if (server->once && server->clients[i].fd < 0 && wbsim_plugged(server->sim))
				server->quit = true;
		}
	}
	for (int i = 0; i < SERVER_TESTERS; i++) {
		if (testers[i].revents && server->testers[i].fd == testers[i].fd &&
			testers[i].fd >= 0)
			serve_tester(server, &server->testers[i]);
	}
}

void server_run(struct server *server)
{
	const struct timespec step = { .tv_nsec = SLEEP_MS * NS_PER_MS };
	struct silence silence = silence_begin();
	struct pollfd fds[POLL_MAX];
	sigset_t open_mask;

	sigprocmask(SIG_SETMASK, NULL, &open_mask);
	sigdelset(&open_mask, SIGINT);
	sigdelset(&open_mask, SIGTERM);
	while (!stop && !server->quit) {
		nfds_t count = collect(server, fds);
		bool activity = false;
		int64_t asleep = wall_ns(), slept;
		int ready = ppoll(fds, count, &step, &open_mask);

		slept = wall_ns() - asleep;
		silence.slept += slept < step.tv_nsec ? slept : step.tv_nsec;

		if (ready < 0 && errno != EINTR)
			break;
		if (ready > 0)
			serve_ready(server, fds, &activity);
		if (activity) {
			silence = silence_begin();
			continue;
		}
		/* A tester who asks all the time does not stop the clock. */
		if (ready > 0) /* what was served may have opened a socket not in fds */
			count = collect(server, fds);
		pass_time(server, &silence, fds, count);
	}
}

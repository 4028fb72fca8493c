/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event loop of stm32wb-sim: sockets in, answers out, virtual time while the host is silent.
 */
#include <config.h>

#include "sim/server.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_MS 1000000
#define NS_PER_S 1000000000
#define SILENCE_NS (5 * NS_PER_MS) /* shorter gaps are the host's own speed: free */
#define SLEEP_MS 5		   /* how often silence is turned into virtual time */
#define CHUNK_NS (10ull * NS_PER_MS) /* virtual time between two looks at the sockets */
#define SLICE_NS (50 * NS_PER_MS) /* longest time without a look at signals */
#define POLL_MAX (SLOTS + SERVER_CLIENTS + SERVER_TESTERS)

/* Places in what is polled; ST-LINK clients and testers follow. */
enum { SLOT_STLINK, SLOT_CONTROL, SLOT_BITBANG, SLOT_BITBANG_CLIENT, SLOTS };

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

bool server_advance(struct server *server, uint64_t ns)
{
	sigset_t waiting; /* they are let in by ppoll() only */

	while (ns) {
		uint64_t step = ns < CHUNK_NS ? ns : CHUNK_NS;

		sigpending(&waiting);
		if (sigismember(&waiting, SIGINT) || sigismember(&waiting, SIGTERM))
			return false;
		wbsim_sleep(server->sim, step);
		ns -= step;
	}
	return true;
}

int server_open(struct server *server, const struct server_ports *ports, char *why,
	size_t why_size)
{
	struct sigaction act = { .sa_handler = on_signal };
	sigset_t ours;

	server->stlink.fd = -1;
	server->bitbang.fd = -1;
	server->bitbang_client = -1;
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
	swj_init(&server->swj, server->sim);
	if (socket_tcp(ports->stlink, "--stlink", &server->stlink, why, why_size))
		return -1;
	if (ports->bitbang_on &&
		socket_tcp(ports->bitbang, "--bitbang", &server->bitbang, why, why_size))
		return -1;
	return server->control_path ? socket_control(server->control_path, &server->control_fd,
					      why, why_size)
				    : 0;
}

static void drop_bitbang(struct server *server)
{
	if (server->bitbang_client >= 0)
		bitbang_leave(&server->swj);
	socket_drop(&server->bitbang_client);
}

void server_drop_clients(struct server *server)
{
	drop_bitbang(server);
	for (int i = 0; i < SERVER_CLIENTS; i++)
		socket_drop(&server->clients[i].fd);
}

void server_close(struct server *server)
{
	server_drop_clients(server);
	for (int i = 0; i < SERVER_TESTERS; i++)
		socket_drop(&server->testers[i].fd);
	socket_drop(&server->stlink.fd);
	socket_drop(&server->bitbang.fd);
	if (server->control_fd >= 0)
		unlink(server->control_path);
	socket_drop(&server->control_fd);
}

/* ---- clients --------------------------------------------------------------------------------- */

static void accept_client(struct server *server)
{
	int fd = socket_accept_tcp(server->stlink.fd);

	if (fd < 0)
		return;
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
	int fd = socket_accept(server->control_fd);

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

static void serve_client(struct server *server, struct client *c)
{
	static uint8_t ans[STLINK_TCP_STATUS + STLINK_TCP_DATA_MAX];
	size_t len = 0, n;

	if (!socket_receive(c->fd, c->buf, sizeof(c->buf), &c->have)) {
		socket_drop(&c->fd);
		return;
	}
	for (;;) {
		enum stlink_tcp_verdict verdict = stlink_tcp_frame(c->buf, c->have, &len);

		if (verdict == STLINK_TCP_MORE)
			return;
		if (verdict == STLINK_TCP_BAD) {
			fprintf(stderr, "stm32wb-sim: a client sent no ST-LINK request; closed\n");
			socket_drop(&c->fd);
			return;
		}
		n = stlink_tcp_request(server, c->buf, ans);
		if (!wbsim_plugged(server->sim)) {
			server_drop_clients(server);
			return;
		}
		if (!socket_send(c->fd, ans, n)) {
			socket_drop(&c->fd);
			return;
		}
		c->have -= len;
		memmove(c->buf, c->buf + len, c->have);
	}
}

/* One at a time: there is one connector. */
static void accept_bitbang(struct server *server)
{
	int fd = socket_accept_tcp(server->bitbang.fd);

	if (fd < 0)
		return;
	if (server->bitbang_client >= 0) {
		fprintf(stderr, "stm32wb-sim: a second remote_bitbang client was sent away\n");
		socket_drop(&fd);
		return;
	}
	server->bitbang_client = fd;
	wbsim_replug(server->sim);
}

static void serve_bitbang(struct server *server)
{
	static char in[BITBANG_CHUNK], out[BITBANG_CHUNK];
	size_t have = 0, answers;
	char bad;

	if (!socket_receive(server->bitbang_client, in, sizeof(in), &have)) {
		drop_bitbang(server);
		return;
	}
	switch (bitbang_serve(&server->swj, in, have, out, &answers, &bad)) {
	case BITBANG_OK:
		if (!wbsim_plugged(server->sim))
			server_drop_clients(server);
		else if (!socket_send(server->bitbang_client, out, answers))
			drop_bitbang(server);
		break;
	case BITBANG_BAD:
		fprintf(stderr,
			"stm32wb-sim: 0x%02x is no character of remote_bitbang; client closed\n",
			(unsigned char)bad);
		drop_bitbang(server);
		break;
	case BITBANG_QUIT:
		drop_bitbang(server);
		break;
	}
}

static bool answer_tester(struct tester *t, json_t *answer)
{
	char *text = json_dumps(answer, JSON_PRESERVE_ORDER | JSON_COMPACT);
	bool ok = text && socket_send(t->fd, text, strlen(text)) && socket_send(t->fd, "\n", 1);

	free(text);
	json_decref(answer);
	return ok;
}

static void serve_tester(struct server *server, struct tester *t)
{
	char *end;

	if (!socket_receive(t->fd, t->buf, sizeof(t->buf), &t->have)) {
		socket_drop(&t->fd);
		return;
	}
	while ((end = memchr(t->buf, '\n', t->have)) != NULL) {
		size_t used = (size_t)(end - t->buf) + 1;

		*end = '\0';
		if (end > t->buf && end[-1] == '\r')
			end[-1] = '\0';
		if (!answer_tester(t, control_line(server, t->buf))) {
			socket_drop(&t->fd);
			return;
		}
		t->have -= used;
		memmove(t->buf, t->buf + used, t->have);
	}
	if (t->have == sizeof(t->buf))
		socket_drop(&t->fd);
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
	nfds_t n = SLOTS;

	fds[SLOT_STLINK] = (struct pollfd){ .fd = server->stlink.fd, .events = POLLIN };
	fds[SLOT_CONTROL] = (struct pollfd){ .fd = server->control_fd, .events = POLLIN };
	fds[SLOT_BITBANG] = (struct pollfd){ .fd = server->bitbang.fd, .events = POLLIN };
	fds[SLOT_BITBANG_CLIENT] =
		(struct pollfd){ .fd = server->bitbang_client, .events = POLLIN };
	for (int i = 0; i < SERVER_CLIENTS; i++)
		fds[n++] = (struct pollfd){ .fd = server->clients[i].fd, .events = POLLIN };
	for (int i = 0; i < SERVER_TESTERS; i++)
		fds[n++] = (struct pollfd){ .fd = server->testers[i].fd, .events = POLLIN };
	return n;
}

static void serve_ready(struct server *server, const struct pollfd *fds, bool *activity)
{
	const struct pollfd *clients = fds + SLOTS, *testers = clients + SERVER_CLIENTS;

	if (fds[SLOT_STLINK].revents)
		accept_client(server);
	if (fds[SLOT_CONTROL].revents)
		accept_tester(server);
	if (fds[SLOT_BITBANG_CLIENT].revents) {
		serve_bitbang(server);
		*activity = true;
		if (server->once && server->bitbang_client < 0 && wbsim_plugged(server->sim))
			server->quit = true;
	}
	if (fds[SLOT_BITBANG].revents)
		accept_bitbang(server);
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

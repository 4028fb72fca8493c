/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Search this process's private writable memory for a secret and overwrite it.
 *
 * The drivers of OpenOCD keep what they have sent in buffers of their own (the ST-LINK driver's for its
 * server, the queues of others) until the next transfer, which never comes where the probe was pulled.
 * Eight bytes of a key turn up nowhere else by chance.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugin/forget.h"

#define WINDOW sizeof(uint64_t)
#define MASK 0xa55a3cc3965ae11eull /* any number: a copy as it is would be found and overwritten */
#define LINE_MAX_BYTES 512u

static uint64_t window_at(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return value ^ MASK;
}

void forget_note(struct forget *forget, const uint8_t *secret, size_t len)
{
	forget->count = 0;
	for (size_t i = 0; i + WINDOW <= len && forget->count < FORGET_MAX; i++)
		forget->masked[forget->count++] = window_at(secret + i);
}

static bool is_secret(const struct forget *forget, uint64_t masked)
{
	for (unsigned int i = 0; i < forget->count; i++)
		if (forget->masked[i] == masked)
			return true;
	return false;
}

/* Overlapping windows are found one by one: what is overwritten is put off until the run has ended. */
static void search(const struct forget *forget, uint8_t *from, uint8_t *to, const bool first[256])
{
	uint8_t *wipe_from = NULL, *wipe_to = NULL;

	for (uint8_t *at = from; at + WINDOW <= to; at++) {
		if (wipe_from && at >= wipe_to) {
			explicit_bzero(wipe_from, (size_t)(wipe_to - wipe_from));
			wipe_from = NULL;
		}
		if (!first[*at] || !is_secret(forget, window_at(at)))
			continue;
		if (!wipe_from)
			wipe_from = at;
		wipe_to = at + WINDOW;
	}
	if (wipe_from)
		explicit_bzero(wipe_from, (size_t)(wipe_to - wipe_from));
}

/* "55d0c8a00000-55d0c8a21000 rw-p 00000000 00:00 0   [heap]" */
static void search_line(const struct forget *forget, const char *line, const bool first[256])
{
	char *rest;
	const uintptr_t from = strtoull(line, &rest, 16);
	const uintptr_t to = *rest == '-' ? strtoull(rest + 1, &rest, 16) : 0;

	if (from < to && strncmp(rest, " rw-p ", 6) == 0 && !strstr(rest, "[v"))
		search(forget, (uint8_t *)from, (uint8_t *)to, first); /* NOLINT(performance-no-int-to-ptr) */
}

void forget_now(struct forget *forget)
{
	bool first[256] = { false }; /* bytes that begin a window */
	char line[LINE_MAX_BYTES];
	size_t len = 0;
	const int fd = forget->count ? open("/proc/self/maps", O_RDONLY | O_CLOEXEC) : -1;

	for (unsigned int i = 0; i < forget->count; i++) {
		const uint64_t window = forget->masked[i] ^ MASK;
		uint8_t byte;

		memcpy(&byte, &window, 1);
		first[byte] = true;
	}
	/* without stdio: its buffer would come and go in what is searched */
	while (fd >= 0 && read(fd, line + len, 1) == 1) {
		if (line[len] != '\n') {
			len += len + 2 < sizeof(line);
			continue;
		}
		line[len] = '\0';
		len = 0;
		search_line(forget, line, first);
	}
	if (fd >= 0)
		(void)close(fd);
	explicit_bzero(forget, sizeof(*forget));
}

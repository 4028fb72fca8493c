/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * simctl PATH WORD...: say one line to stm32wb-sim's control socket and print the line it answers.
 * For the tests and the demo, whose Tcl has no Unix sockets.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_SECONDS 30 /* "advance" of hours of virtual time takes a while */

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const struct timeval patience = { .tv_sec = ANSWER_SECONDS };

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(address.sun_path, path);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0 ||
		connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		int why = errno;

		close(fd);
		errno = why;
		return -1;
	}
	return fd;
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: simctl PATH WORD...\n");
		return 2;
	}
	int fd = connect_to(argv[1]);
	FILE *chip = fd < 0 ? NULL : fdopen(fd, "r+");

	if (!chip) {
		fprintf(stderr, "simctl: %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	for (int i = 2; i < argc; i++)
		fprintf(chip, "%s%c", argv[i], i + 1 < argc ? ' ' : '\n');
	fflush(chip);

	int c, seen = 0;

	while ((c = fgetc(chip)) != EOF && c != '\n') {
		putchar(c);
		seen = 1;
	}
	fclose(chip);
	if (!seen) {
		fprintf(stderr, "simctl: no answer from %s\n", argv[1]);
		return 1;
	}
	putchar('\n');
	return 0;
}

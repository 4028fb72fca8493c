/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * put NAME: write the application of that name, as committed, to stdout. So tests need no ARM compiler.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const uint8_t counter[] = {
#include "counter.inc"
};
static const uint8_t wireless[] = {
#include "wireless.inc"
};

static const struct {
	const char *name;
	const uint8_t *bytes;
	size_t size;
} apps[] = {
	{ "counter", counter, sizeof(counter) },
	{ "wireless", wireless, sizeof(wireless) },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && i < sizeof(apps) / sizeof(apps[0]); i++) {
		if (strcmp(apps[i].name, argv[1]) == 0)
			return fwrite(apps[i].bytes, 1, apps[i].size, stdout) != apps[i].size ||
				fflush(stdout) != 0;
	}
	fprintf(stderr, "usage: put counter|wireless\n");
	return 2;
}

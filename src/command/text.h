/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A text that grows: what a command has to say, collected until the front prints it.
 */
#ifndef COMMAND_TEXT_H
#define COMMAND_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text {
	char *str;  /* NUL-terminated once something was added, else NULL */
	size_t len; /* bytes without the NUL */
	size_t room;
	bool failed; /* out of memory: the text is cut */
};

/** Append as printf does. */
void text_add(struct text *text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** One line "label   value": the label padded to a common column. An empty label continues the one
 * above. */
void text_row(struct text *text, const char *label, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/** Take trailing newlines off: the front adds its own. */
void text_chomp(struct text *text);
/** The text, "" when empty. Never NULL. */
const char *text_str(const struct text *text);
void text_free(struct text *text);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A text that grows; aligned rows for people.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "command/text.h"

#define LABEL_WIDTH 16
#define FIRST_ROOM 512u

static bool text_reserve(struct text *text, size_t more)
{
	if (text->room - text->len > more)
		return true;
	size_t room = text->room ? text->room : FIRST_ROOM;
	while (room - text->len <= more)
		room *= 2;
	char *str = realloc(text->str, room);
	if (!str) {
		text->failed = true;
		return false;
	}
	text->str = str;
	text->room = room;
	return true;
}

static void text_vadd(struct text *text, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

static void text_vadd(struct text *text, const char *fmt, va_list ap)
{
	va_list again;

	va_copy(again, ap);
	int need = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (need < 0 || !text_reserve(text, (size_t)need))
		return;
	(void)vsnprintf(text->str + text->len, (size_t)need + 1, fmt, ap);
	text->len += (size_t)need;
}

void text_add(struct text *text, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text_vadd(text, fmt, ap);
	va_end(ap);
}

void text_row(struct text *text, const char *label, const char *fmt, ...)
{
	va_list ap;

	text_add(text, "%-*s", LABEL_WIDTH, label);
	va_start(ap, fmt);
	text_vadd(text, fmt, ap);
	va_end(ap);
	text_add(text, "\n");
}

void text_chomp(struct text *text)
{
	while (text->len && text->str[text->len - 1] == '\n')
		text->str[--text->len] = '\0';
}

const char *text_str(const struct text *text)
{
	return text->len ? text->str : "";
}

void text_free(struct text *text)
{
	free(text->str);
	*text = (struct text){ 0 };
}

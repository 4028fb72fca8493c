/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How core fails and formats. The only file that turns numbers into text by a printf: through the
 * compiler's builtin, since core has no stdio.
 */
#include <stdarg.h>
#include <string.h>
#include "core/status.h"

static const char *const status_names[] = {
	[WB_OK] = "ok",
	[WB_ERR_USAGE] = "usage",
	[WB_ERR_HOST] = "host",
	[WB_ERR_IMAGE] = "image",
	[WB_ERR_REFUSED] = "refused",
	[WB_ERR_LINK] = "link",
	[WB_ERR_RESET] = "reset",
	[WB_ERR_TIMEOUT] = "timeout",
	[WB_ERR_CHIP] = "chip",
	[WB_ERR_FUS] = "fus",
	[WB_ERR_FLASH] = "flash",
	[WB_ERR_STUB] = "stub",
	[WB_ERR_STOPPED] = "stopped",
};

const char *wb_status_name(enum wb_status status)
{
	if ((size_t)status >= sizeof(status_names) / sizeof(*status_names))
		return "unknown";
	return status_names[status];
}

void wb_vformat(char *buf, unsigned int size, const char *fmt, va_list args)
{
	if (size)
		__builtin_vsnprintf(buf, size, fmt, args);
}

void wb_format(char *buf, unsigned int size, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	wb_vformat(buf, size, fmt, args);
	va_end(args);
}

enum wb_status wb_fail(struct wb_error *err, enum wb_status status, const char *fmt, ...)
{
	va_list args;

	if (!err)
		return status;
	err->status = status;
	err->rule[0] = '\0';
	va_start(args, fmt);
	wb_vformat(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	return status;
}

enum wb_status wb_refuse(struct wb_error *err, const char *rule, const char *fmt, ...)
{
	va_list args;

	if (!err)
		return WB_ERR_REFUSED;
	err->status = WB_ERR_REFUSED;
	wb_format(err->rule, sizeof(err->rule), "%s", rule);
	va_start(args, fmt);
	wb_vformat(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	return WB_ERR_REFUSED;
}

enum wb_status wb_context(struct wb_error *err, const char *fmt, ...)
{
	char text[sizeof(err->text)];
	va_list args;
	size_t used;

	if (!err)
		return WB_ERR_USAGE;
	memcpy(text, err->text, sizeof(text));
	va_start(args, fmt);
	wb_vformat(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	used = strlen(err->text);
	wb_format(err->text + used, (unsigned int)(sizeof(err->text) - used), ": %s", text);
	return err->status;
}

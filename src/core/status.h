/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One way to fail: a status, and one sentence that says what happened, with numbers, and what to do.
 */
#ifndef OPENFUS_STATUS_H
#define OPENFUS_STATUS_H

#include <stdarg.h>

#define WB_API __attribute__((visibility("default")))

enum wb_status {
	WB_OK = 0,
	WB_ERR_USAGE,	/* the caller's words are wrong */
	WB_ERR_HOST,	/* a file, memory, or the host refused */
	WB_ERR_IMAGE,	/* the file is no usable coprocessor image */
	WB_ERR_REFUSED, /* a rule forbids it: wb_error.rule names which */
	WB_ERR_LINK,	/* the probe or the debug port failed */
	WB_ERR_RESET,	/* the chip reset under us: the caller must follow it */
	WB_ERR_TIMEOUT, /* a wait ended */
	WB_ERR_CHIP,	/* the chip says what cannot be (pointer, length, size) */
	WB_ERR_FUS,	/* the FUS answered with an error */
	WB_ERR_FLASH,	/* the flash controller refused or data differ after programming */
	WB_ERR_STUB,	/* the RAM stub does not answer as it should */
	WB_ERR_STOPPED, /* the user asked to stop (Ctrl-C) */
};

struct wb_error {
	enum wb_status status;
	char rule[24];	/* WB_ERR_REFUSED: the rule's id, and the word for -confirm where there is one */
	char text[640]; /* what happened and what to do next; one paragraph, no newline at the end */
};

/** Fill err (may be NULL) and return status, so that a function can end in `return wb_fail(...)`. */
WB_API enum wb_status wb_fail(struct wb_error *err, enum wb_status status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/** As wb_fail with WB_ERR_REFUSED and a rule id. */
WB_API enum wb_status wb_refuse(struct wb_error *err, const char *rule, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/** Put a sentence in front of the text err already has ("while staging: ..."); returns err->status. */
WB_API enum wb_status wb_context(struct wb_error *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/** snprintf without stdio.h: core does no I/O, and formats through the compiler's builtin in one place. */
WB_API void wb_format(char *buf, unsigned int size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
WB_API void wb_vformat(char *buf, unsigned int size, const char *fmt, va_list args)
	__attribute__((format(printf, 3, 0)));
WB_API const char *wb_status_name(enum wb_status status);

#endif

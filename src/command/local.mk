# SPDX-License-Identifier: GPL-2.0-or-later
# The command set: words in, text and JSON out. The fronts link it.
noinst_LTLIBRARIES += libcommand.la
libcommand_la_SOURCES = \
	src/command/cmd_diagnose.c \
	src/command/cmd_fus.c \
	src/command/cmd_image.c \
	src/command/cmd_info.c \
	src/command/cmd_keys.c \
	src/command/cmd_recover.c \
	src/command/cmd_option.c \
	src/command/cmd_upgrade.c \
	src/command/command.c src/command/command.h \
	src/command/folder.c src/command/folder.h \
	src/command/journal.c src/command/journal.h \
	src/command/parse.c src/command/parse.h \
	src/command/progress.c src/command/progress.h \
	src/command/report.h \
	src/command/report_json.c \
	src/command/report_text.c \
	src/command/stop.c src/command/stop.h \
	src/command/text.c src/command/text.h
libcommand_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
libcommand_la_LIBADD = $(JANSSON_LIBS)

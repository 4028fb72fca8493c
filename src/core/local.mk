# SPDX-License-Identifier: GPL-2.0-or-later
# libopenfus: all that is known about chip, FUS and images; no I/O.
noinst_LTLIBRARIES += libopenfus.la
libopenfus_la_SOURCES = \
	src/core/bytes.h src/core/link.h src/core/openfus.h src/core/packets.h src/core/regs.h \
	src/core/status.h src/core/tables.h \
	src/core/error.c src/core/family.c src/core/names.c src/core/packets.c src/core/tables.c
libopenfus_la_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS)
libopenfus_la_LIBADD = $(NETTLE_LIBS)
# The working half: a chip in our hands.
libopenfus_la_SOURCES += \
	src/core/cortex_m.h src/core/mailbox.h src/core/session.h src/core/stub_host.h \
	src/core/cm0.c src/core/cortex_m.c src/core/hold.c src/core/mailbox.c src/core/stub_host.c

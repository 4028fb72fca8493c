# SPDX-License-Identifier: GPL-2.0-or-later
# libopenfus: all that is known about chip, FUS and images; no I/O.
noinst_LTLIBRARIES += libopenfus.la
libopenfus_la_SOURCES =
libopenfus_la_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS)
libopenfus_la_LIBADD = $(NETTLE_LIBS)

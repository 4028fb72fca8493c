# SPDX-License-Identifier: GPL-2.0-or-later
# libwbsim: the virtual chip; stm32wb-sim: its front.
noinst_LTLIBRARIES += libwbsim.la
libwbsim_la_SOURCES =
libwbsim_la_CFLAGS = $(AM_CFLAGS) $(UNICORN_CFLAGS) $(JANSSON_CFLAGS) $(NETTLE_CFLAGS) $(ZLIB_CFLAGS)
libwbsim_la_LIBADD = $(UNICORN_LIBS) $(JANSSON_LIBS) $(NETTLE_LIBS) $(ZLIB_LIBS)

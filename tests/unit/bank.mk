# SPDX-License-Identifier: GPL-2.0-or-later
# Flash as a debugger's flash bank, on the virtual chip in-process.
if HAVE_CMOCKA
noinst_LTLIBRARIES += libbankboard.la
libbankboard_la_SOURCES = tests/unit/core_bank_board.c tests/unit/core_bank_board.h
libbankboard_la_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
libbankboard_la_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
libbankboard_la_LIBADD = libcoreboard.la

bank_tests = core_bank_test core_bank_closed_test core_bank_lost_test core_bank_beside_test
check_PROGRAMS += $(bank_tests)
TESTS += $(bank_tests)

core_bank_test_SOURCES = tests/unit/core_bank_test.c
core_bank_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
core_bank_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_bank_test_LDADD = libbankboard.la $(CMOCKA_LIBS)

core_bank_closed_test_SOURCES = tests/unit/core_bank_closed_test.c
core_bank_closed_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
core_bank_closed_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_bank_closed_test_LDADD = libbankboard.la $(CMOCKA_LIBS)

core_bank_lost_test_SOURCES = tests/unit/core_bank_lost_test.c
core_bank_lost_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
core_bank_lost_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_bank_lost_test_LDADD = libbankboard.la $(CMOCKA_LIBS)

core_bank_beside_test_SOURCES = tests/unit/core_bank_beside_test.c
core_bank_beside_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
core_bank_beside_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_bank_beside_test_LDADD = libbankboard.la $(CMOCKA_LIBS)
endif

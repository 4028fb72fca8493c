# SPDX-License-Identifier: GPL-2.0-or-later
# Option bytes and the diagnosis: commands on a virtual board, in-process.
if HAVE_CMOCKA
command_board_tests = command_diagnose_test command_option_test command_option_accident_test \
	command_beside_test core_diagnose_test
check_PROGRAMS += $(command_board_tests)
TESTS += $(command_board_tests)
command_board_sources = tests/unit/command_board.c tests/unit/command_board.h
command_board_libs = libcommand.la libcoreboard.la $(CMOCKA_LIBS) $(JANSSON_LIBS)

core_diagnose_test_SOURCES = tests/unit/core_diagnose_test.c tests/unit/core_make.h
core_diagnose_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
core_diagnose_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_diagnose_test_LDADD = libopenfus.la $(CMOCKA_LIBS)

command_diagnose_test_SOURCES = tests/unit/command_diagnose_test.c tests/unit/command_sick.c \
	tests/unit/command_sick_hands.c tests/unit/command_sick.h $(command_board_sources)
command_diagnose_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
command_diagnose_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(JANSSON_CFLAGS)
command_diagnose_test_LDADD = $(command_board_libs)

command_option_test_SOURCES = tests/unit/command_option_test.c tests/unit/command_option.h \
	$(command_board_sources)
command_option_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
command_option_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(JANSSON_CFLAGS)
command_option_test_LDADD = $(command_board_libs)

command_beside_test_SOURCES = tests/unit/command_beside_test.c $(command_board_sources)
command_beside_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
command_beside_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(JANSSON_CFLAGS)
command_beside_test_LDADD = $(command_board_libs)

command_option_accident_test_SOURCES = tests/unit/command_option_accident_test.c \
	tests/unit/command_option.h $(command_board_sources)
command_option_accident_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
command_option_accident_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(JANSSON_CFLAGS)
command_option_accident_test_LDADD = $(command_board_libs)
endif

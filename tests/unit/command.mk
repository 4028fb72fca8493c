# SPDX-License-Identifier: GPL-2.0-or-later
if HAVE_CMOCKA
command_tests = command_journal_test command_progress_test command_run_test
check_PROGRAMS += $(command_tests)
TESTS += $(command_tests)

command_journal_test_SOURCES = tests/unit/command_journal_test.c
command_journal_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
command_journal_test_LDADD = libcommand.la libopenfus.la $(CMOCKA_LIBS)

command_progress_test_SOURCES = tests/unit/command_progress_test.c
command_progress_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
command_progress_test_LDADD = libcommand.la libopenfus.la $(CMOCKA_LIBS)

# What core would do to a chip is played by the test.
command_run_test_SOURCES = tests/unit/command_run_test.c
command_run_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(JANSSON_CFLAGS)
command_run_test_LDFLAGS = -Wl,--wrap=wb_session_new -Wl,--wrap=wb_session_free \
	-Wl,--wrap=wb_fus_state -Wl,--wrap=wb_fus_shci -Wl,--wrap=wb_fus_upgrade
command_run_test_LDADD = libcommand.la libopenfus.la $(CMOCKA_LIBS) $(JANSSON_LIBS)
endif

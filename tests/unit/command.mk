# SPDX-License-Identifier: GPL-2.0-or-later
if HAVE_CMOCKA
command_tests = command_files_test command_journal_test command_progress_test \
	command_words_test
check_PROGRAMS += $(command_tests)
TESTS += $(command_tests)

command_journal_test_SOURCES = tests/unit/command_journal_test.c
command_journal_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
command_journal_test_LDADD = libcommand.la libopenfus.la $(CMOCKA_LIBS)

command_progress_test_SOURCES = tests/unit/command_progress_test.c
command_progress_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
command_progress_test_LDADD = libcommand.la libopenfus.la $(CMOCKA_LIBS)

# What core would do to a chip is played.
play_sources = tests/unit/command_play.c tests/unit/command_play.h
play_wrap = -Wl,--wrap=wb_session_new -Wl,--wrap=wb_session_free \
	-Wl,--wrap=wb_fus_state -Wl,--wrap=wb_fus_shci -Wl,--wrap=wb_fus_upgrade
play_libs = libcommand.la libopenfus.la $(CMOCKA_LIBS) $(JANSSON_LIBS)

command_words_test_SOURCES = tests/unit/command_words_test.c $(play_sources)
command_words_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(JANSSON_CFLAGS)
command_words_test_LDFLAGS = $(play_wrap)
command_words_test_LDADD = $(play_libs)

command_files_test_SOURCES = tests/unit/command_files_test.c $(play_sources)
command_files_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(JANSSON_CFLAGS)
command_files_test_LDFLAGS = $(play_wrap)
command_files_test_LDADD = $(play_libs)
endif

# SPDX-License-Identifier: GPL-2.0-or-later
# The working half of core, and the stub, on the virtual chip in-process.
if HAVE_CMOCKA
noinst_LTLIBRARIES += libcoreboard.la
libcoreboard_la_SOURCES = tests/unit/core_board.c tests/unit/core_board.h tests/unit/core_make.h \
	tests/link_sim.c tests/link_sim.h
libcoreboard_la_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
libcoreboard_la_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
libcoreboard_la_LIBADD = libopenfus.la libwbsim.la

board_tests = stub_test core_session_test core_upgrade_test \
	core_preserve_test core_record_test core_scan_test \
	core_cutoff_test core_endless_test core_faults_test core_hold_test \
	core_matrix_test core_route_test core_chips_test core_lies_test core_speed_test \
	core_bank_speed_test
check_PROGRAMS += $(board_tests)
TESTS += $(board_tests)

stub_test_SOURCES = tests/unit/stub_test.c
stub_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
stub_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
stub_test_LDADD = libcoreboard.la $(CMOCKA_LIBS) $(ZLIB_LIBS)

core_speed_test_SOURCES = tests/unit/core_speed_test.c
core_speed_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
core_speed_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_speed_test_LDADD = libcoreboard.la $(CMOCKA_LIBS)

core_bank_speed_test_SOURCES = tests/unit/core_bank_speed_test.c
core_bank_speed_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
core_bank_speed_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_bank_speed_test_LDADD = libcoreboard.la $(CMOCKA_LIBS)

board_tests += core_keys_test core_recover_test core_secrets_test core_customer_test core_ends_test core_safeboot_test \
	core_glitch_test
board_tests += core_recover_options_test
core_recover_options_test_SOURCES = tests/unit/core_recover_options_test.c \
	tests/unit/core_recover.h tests/unit/core_one.h
core_recover_options_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
core_recover_options_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_recover_options_test_LDADD = libcoreboard.la $(CMOCKA_LIBS)
core_recover_test_SOURCES = tests/unit/core_recover_test.c tests/unit/core_recover.h \
	tests/unit/core_one.h
core_recover_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
core_recover_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_recover_test_LDADD = libcoreboard.la $(CMOCKA_LIBS)

core_keys_test_SOURCES = tests/unit/core_keys_test.c tests/unit/core_keys.h tests/unit/core_one.h
core_keys_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
core_keys_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_keys_test_LDADD = libcoreboard.la $(CMOCKA_LIBS)

core_glitch_test_SOURCES = tests/unit/core_glitch_test.c
core_glitch_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
core_glitch_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_glitch_test_LDADD = libcoreboard.la $(CMOCKA_LIBS)

core_safeboot_test_SOURCES = tests/unit/core_safeboot_test.c tests/unit/core_recover.h \
	tests/unit/core_one.h
core_safeboot_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
core_safeboot_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_safeboot_test_LDADD = libcoreboard.la $(CMOCKA_LIBS)

core_secrets_test_SOURCES = tests/unit/core_secrets_test.c tests/unit/core_keys.h \
	tests/unit/core_one.h
core_secrets_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
core_secrets_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_secrets_test_LDADD = libcoreboard.la $(CMOCKA_LIBS)

core_customer_test_SOURCES = tests/unit/core_customer_test.c tests/unit/core_keys.h \
	tests/unit/core_one.h
core_customer_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
core_customer_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_customer_test_LDADD = libcoreboard.la $(CMOCKA_LIBS)

core_session_test_SOURCES = tests/unit/core_session_test.c
core_session_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
core_session_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_session_test_LDADD = libcoreboard.la $(CMOCKA_LIBS)

core_record_test_SOURCES = tests/unit/core_record_test.c tests/unit/core_preserve.h
core_record_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
core_record_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_record_test_LDADD = libcoreboard.la $(CMOCKA_LIBS)

core_scan_test_SOURCES = tests/unit/core_scan_test.c
core_scan_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
core_scan_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_scan_test_LDADD = libcoreboard.la $(CMOCKA_LIBS)

core_preserve_test_SOURCES = tests/unit/core_preserve_test.c tests/unit/core_preserve.h
core_preserve_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
core_preserve_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_preserve_test_LDADD = libcoreboard.la $(CMOCKA_LIBS)

core_upgrade_test_SOURCES = tests/unit/core_upgrade_test.c
core_upgrade_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
core_upgrade_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_upgrade_test_LDADD = libcoreboard.la $(CMOCKA_LIBS)

core_lies_test_SOURCES = tests/unit/core_lies_test.c
core_lies_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
core_lies_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_lies_test_LDADD = libcoreboard.la $(CMOCKA_LIBS)

core_chips_test_SOURCES = tests/unit/core_chips_test.c
core_chips_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
core_chips_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_chips_test_LDADD = libcoreboard.la $(CMOCKA_LIBS)

core_matrix_test_SOURCES = tests/unit/core_matrix_test.c tests/unit/core_matrix_images.c \
	tests/unit/core_matrix_images.h
core_matrix_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir) -DSRCDIR='"$(abs_top_srcdir)"'
core_matrix_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_matrix_test_LDADD = libcoreboard.la $(CMOCKA_LIBS)

core_route_test_SOURCES = tests/unit/core_route_test.c tests/unit/core_matrix_images.c \
	tests/unit/core_matrix_images.h
core_route_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
core_route_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_route_test_LDADD = libcoreboard.la $(CMOCKA_LIBS)

core_cutoff_test_SOURCES = tests/unit/core_cutoff_test.c tests/unit/core_hold.h
core_cutoff_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
core_cutoff_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_cutoff_test_LDADD = libcoreboard.la $(CMOCKA_LIBS)

core_ends_test_SOURCES = tests/unit/core_ends_test.c tests/unit/core_keys.h tests/unit/core_one.h
core_ends_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
core_ends_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_ends_test_LDADD = libcoreboard.la $(CMOCKA_LIBS)

core_endless_test_SOURCES = tests/unit/core_endless_test.c
core_endless_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
core_endless_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_endless_test_LDADD = libcoreboard.la $(CMOCKA_LIBS)

core_hold_test_SOURCES = tests/unit/core_hold_test.c tests/unit/core_hold.h
core_hold_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
core_hold_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_hold_test_LDADD = libcoreboard.la $(CMOCKA_LIBS)

core_faults_test_SOURCES = tests/unit/core_faults_test.c
core_faults_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
core_faults_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_faults_test_LDADD = libcoreboard.la $(CMOCKA_LIBS)
endif

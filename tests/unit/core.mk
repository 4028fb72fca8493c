# SPDX-License-Identifier: GPL-2.0-or-later
# Core's knowledge: images, options, tables, packets, chip, plan.
if HAVE_CMOCKA
core_tests = core_chip_test core_image_test core_image_st_test core_names_test \
	core_plan_test core_rules_test core_tables_test
check_PROGRAMS += $(core_tests)
TESTS += $(core_tests)

core_chip_test_SOURCES = tests/unit/core_chip_test.c tests/unit/core_make.h
core_chip_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
core_chip_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_chip_test_LDADD = libopenfus.la $(CMOCKA_LIBS)

core_image_test_SOURCES = tests/unit/core_image_test.c tests/unit/core_make.h
core_image_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
core_image_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_image_test_LDADD = libopenfus.la $(CMOCKA_LIBS)

core_image_st_test_SOURCES = tests/unit/core_image_st_test.c tests/unit/core_make.h
core_image_st_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests -DSRCDIR='"$(abs_top_srcdir)"'
core_image_st_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_image_st_test_LDADD = libopenfus.la $(CMOCKA_LIBS)

core_names_test_SOURCES = tests/unit/core_names_test.c tests/unit/core_make.h
core_names_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
core_names_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_names_test_LDADD = libopenfus.la $(CMOCKA_LIBS)

core_plan_test_SOURCES = tests/unit/core_plan_test.c tests/unit/core_plan.h tests/unit/core_make.h
core_plan_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
core_plan_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_plan_test_LDADD = libopenfus.la $(CMOCKA_LIBS)

core_rules_test_SOURCES = tests/unit/core_rules_test.c tests/unit/core_plan.h tests/unit/core_make.h
core_rules_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
core_rules_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_rules_test_LDADD = libopenfus.la $(CMOCKA_LIBS)

core_tables_test_SOURCES = tests/unit/core_tables_test.c tests/unit/core_make.h
core_tables_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
core_tables_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_tables_test_LDADD = libopenfus.la $(CMOCKA_LIBS)
endif

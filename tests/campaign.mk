# SPDX-License-Identifier: GPL-2.0-or-later
# Every fault at every place (doc/testing.md): check runs as much as it has time for.
if HAVE_CMOCKA
check_PROGRAMS += core_campaign_test
TESTS += core_campaign_test tests/campaign_broken.sh
EXTRA_DIST += tests/campaign_broken.sh
core_campaign_test_SOURCES = tests/campaign.c tests/campaign.h tests/campaign_commands.c \
	tests/campaign_faults.c tests/campaign_jobs.c tests/campaign_judge.c tests/campaign_look.c \
	tests/campaign_strike.c tests/unit/core_matrix_images.c tests/unit/core_matrix_images.h
core_campaign_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
core_campaign_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_campaign_test_LDADD = libcoreboard.la $(CMOCKA_LIBS)

# All of it.
campaign: core_campaign_test$(EXEEXT)
	./core_campaign_test --all
PHONY += campaign
endif

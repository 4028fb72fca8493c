# SPDX-License-Identifier: GPL-2.0-or-later
# libopenfus: all that is known about chip, FUS and images; no I/O.
noinst_LTLIBRARIES += libopenfus.la
libopenfus_la_SOURCES = \
	src/core/bytes.h src/core/image.h src/core/image_check.h src/core/known_images.h \
	src/core/link.h src/core/openfus.h src/core/plan.h src/core/packets.h src/core/regs.h src/core/rules.h \
	src/core/status.h src/core/tables.h \
	src/core/chip.c src/core/choose.c src/core/error.c src/core/family.c src/core/hops.c src/core/image.c src/core/image_check.c \
	src/core/known_images.c src/core/names.c src/core/options.c src/core/packets.c \
	src/core/place.c src/core/plan.c src/core/rules.c src/core/tables.c
libopenfus_la_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS)
libopenfus_la_LIBADD = $(NETTLE_LIBS)
# The working half: a chip in our hands.
libopenfus_la_SOURCES += \
	src/core/cortex_m.h src/core/mailbox.h src/core/session.h src/core/stub_host.h \
	src/core/cm0.c src/core/cortex_m.c src/core/cortex_m_regs.c src/core/hold.c src/core/held.c src/core/leave.c src/core/mailbox.c src/core/mailbox_secret.c src/core/stub_host.c src/core/unlock.c

# ST's published binaries, as rows of a const table.
EXTRA_DIST += src/core/known-images.csv src/core/known-images.awk
BUILT_SOURCES += src/core/known-images.inc
CLEANFILES += src/core/known-images.inc
src/core/known-images.inc: $(srcdir)/src/core/known-images.csv $(srcdir)/src/core/known-images.awk
	$(AM_V_GEN)$(MKDIR_P) src/core && $(AWK) -f $(srcdir)/src/core/known-images.awk \
		$(srcdir)/src/core/known-images.csv >$@.tmp && mv $@.tmp $@
# By way of a variable: named outright, automake would take this for the whole rule.
known_images_object = src/core/libopenfus_la-known_images.lo
$(known_images_object): src/core/known-images.inc
libopenfus_la_SOURCES += src/core/session.c src/core/spare.c src/core/sram_boot.c
libopenfus_la_SOURCES += src/core/errand.c src/core/guards.c src/core/guards.h src/core/keys.c src/core/keys.h
libopenfus_la_SOURCES += src/core/recover.c src/core/recover.h src/core/safeboot.c src/core/safeboot.h
libopenfus_la_SOURCES += src/core/flash.h src/core/fus.h \
	src/core/flash.c src/core/flash_write.c src/core/fus.c src/core/operations.c src/core/scan.c src/core/upgrade.c
# User flash that is put back after the work.
libopenfus_la_SOURCES += src/core/preserve.h src/core/preserve_record.h \
	src/core/keep.c src/core/preserve.c src/core/preserve_record.c
# Option bytes and the diagnosis.
libopenfus_la_SOURCES += src/core/options.h src/core/options_write.h src/core/option_rules.c \
	src/core/option_set.c src/core/options_write.c src/core/diagnose.h src/core/evidence.h \
	src/core/check_chip.c src/core/check_cm0.c src/core/diagnose.c src/core/evidence.c
# Flash as a debugger's flash bank.
libopenfus_la_SOURCES += src/core/bank.h src/core/bank.c src/core/bank_check.c src/core/bank_visit.c src/core/bank_visit.h \
	src/core/hsem.c

# SPDX-License-Identifier: GPL-2.0-or-later
# The commands and the flash driver compiled into OpenOCD. What lies here is built in OpenOCD's tree,
# against openocd/lib/libopenfus.a: commands and core in one archive, found through pkg-config.
openocd_files = \
	src/openocd/commands.c src/openocd/commands.h \
	src/openocd/late_erase.c src/openocd/late_erase.h \
	src/openocd/link_target.c src/openocd/link_target.h \
	src/openocd/register.h src/openocd/stm32wb.c src/openocd/sums.c
libopenfus_headers = \
	src/command/command.h src/command/journal.h src/command/progress.h src/command/stop.h src/command/text.h \
	src/core/bank.h src/core/cortex_m.h src/core/link.h src/core/openfus.h src/core/status.h
# OpenOCD has functions of its own named flash_write and the like: only these stay visible.
libopenfus_symbols = cmd_* cortex_m_link_defaults journal_* progress_* stop_* text_* wb_*
EXTRA_DIST += $(openocd_files) src/openocd/libopenfus.pc.in
openocd_patches = 0001-flash-nor-add-stm32wb.patch 0002-flash-nor-register-stm32wb.patch \
	0003-doc-describe-stm32wb.patch
openocd_series = $(openocd_patches:%=contrib/openocd/0.12.0/%) $(openocd_patches:%=contrib/openocd/upstream/%)
EXTRA_DIST += src/openocd/build.sh contrib/openocd/series.sh contrib/openocd/style.sh \
	contrib/openocd/stm32wb.texi $(openocd_series)
PHONY += openocd-lib openocd-series check-openocd-series

# The patches for OpenOCD are made of what lies here, and of the commands in our own manual.
openocd-series:
	$(SHELL) $(srcdir)/contrib/openocd/series.sh $(srcdir)
CHECK_LOCAL += check-openocd-series
check-openocd-series:
	$(SHELL) $(srcdir)/contrib/openocd/series.sh --check $(srcdir)
	$(SHELL) $(srcdir)/contrib/openocd/style.sh $(openocd_series:%=$(srcdir)/%)

openocd-lib: libcommand.la libopenfus.la
	$(AM_V_at)rm -rf openocd && $(MKDIR_P) openocd/lib/pkgconfig openocd/include/core openocd/include/command
	$(AM_V_at)for h in $(libopenfus_headers); do \
		cp $(srcdir)/$$h openocd/include/$${h#src/} || exit 1; done
	$(AM_V_GEN)$(LD) -r -o openocd/libopenfus.o --whole-archive .libs/libcommand.a .libs/libopenfus.a
	$(AM_V_at)$(OBJCOPY) --wildcard $(libopenfus_symbols:%=--keep-global-symbol='%') openocd/libopenfus.o
	$(AM_V_at)$(AR) rcs openocd/lib/libopenfus.a openocd/libopenfus.o && rm openocd/libopenfus.o
	$(AM_V_at)$(SED) -e 's|@OPENFUS_VERSION@|$(VERSION)|' $(srcdir)/src/openocd/libopenfus.pc.in \
		>openocd/lib/pkgconfig/libopenfus.pc

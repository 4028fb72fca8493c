# SPDX-License-Identifier: GPL-2.0-or-later
# The commands and the flash driver compiled into OpenOCD. What lies here is built in OpenOCD's tree,
# against openocd/lib/libopenfus.a: commands and core in one archive, found through pkg-config.
openocd_files = \
	src/openocd/commands.c src/openocd/commands.h \
	src/openocd/link_target.c src/openocd/link_target.h \
	src/openocd/register.h
libopenfus_headers = \
	src/command/command.h src/command/journal.h src/command/progress.h src/command/text.h \
	src/core/cortex_m.h src/core/link.h src/core/openfus.h src/core/status.h
EXTRA_DIST += $(openocd_files) src/openocd/libopenfus.pc.in
PHONY += openocd-lib

openocd-lib: libcommand.la libopenfus.la
	$(AM_V_at)rm -rf openocd && $(MKDIR_P) openocd/lib/pkgconfig openocd/include/core openocd/include/command
	$(AM_V_at)for h in $(libopenfus_headers); do \
		cp $(srcdir)/$$h openocd/include/$${h#src/} || exit 1; done
	$(AM_V_GEN)printf 'create openocd/lib/libopenfus.a\naddlib .libs/libcommand.a\naddlib .libs/libopenfus.a\nsave\nend\n' | \
		$(AR) -M
	$(AM_V_at)$(SED) -e 's|@VERSION@|$(VERSION)|' $(srcdir)/src/openocd/libopenfus.pc.in \
		>openocd/lib/pkgconfig/libopenfus.pc

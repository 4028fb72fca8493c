# SPDX-License-Identifier: GPL-2.0-or-later
# What a user sources.
tcldir = $(pkgdatadir)/tcl
nodist_tcl_DATA = tcl/stm32wb.cfg
tclinterfacedir = $(tcldir)/interface
dist_tclinterface_DATA = tcl/interface/stm32wb-sim.cfg
tcltargetdir = $(tcldir)/target
dist_tcltarget_DATA = tcl/target/stm32wb.cfg
tclboarddir = $(tcldir)/board
dist_tclboard_DATA = tcl/board/b-wb1m-wpan1.cfg tcl/board/nucleo-wb15.cfg \
	tcl/board/nucleo-wb55.cfg tcl/board/stm32wb5mm-dk.cfg tcl/board/stm32wb55-usb-dongle.cfg
EXTRA_DIST += tcl/stm32wb.cfg.in
CLEANFILES += tcl/stm32wb.cfg

# The plugin's folder as it is installed, and as seen from the prefix: a tree that was moved as a
# whole, or installed below DESTDIR, works too.
tcl/stm32wb.cfg: tcl/stm32wb.cfg.in Makefile
	$(AM_V_GEN)$(MKDIR_P) tcl && from=`echo '$(pkglibdir)' | $(SED) 's|^$(prefix)/||'` && \
	$(SED) -e 's|@PLUGIN_DIR@|$(pkglibdir)|' -e "s|@PLUGIN_FROM_PREFIX@|$$from|" \
		$(srcdir)/tcl/stm32wb.cfg.in >$@.new && mv $@.new $@

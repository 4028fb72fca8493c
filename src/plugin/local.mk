# SPDX-License-Identifier: GPL-2.0-or-later
# stm32wb.so: loaded by OpenOCD's Tcl. It uses the host's libjim, so symbols stay open here.
pkglib_LTLIBRARIES += stm32wb.la
stm32wb_la_SOURCES = \
	src/plugin/host.c src/plugin/host.h \
	src/plugin/link_jim.c src/plugin/link_jim.h \
	src/plugin/memory_jim.c src/plugin/memory_jim.h \
	src/plugin/forget.c src/plugin/forget.h \
	src/plugin/plugin.c
stm32wb_la_LDFLAGS = -module -avoid-version -shared -export-symbols-regex '^Jim_stm32wbInit$$'
stm32wb_la_LIBADD = libcommand.la libopenfus.la

# SPDX-License-Identifier: GPL-2.0-or-later
# What others' tools source.
gdbdir = $(pkgdatadir)/gdb
dist_gdb_DATA = contrib/gdb/stm32wb.gdb

# Many boards at once. It finds the tcl folder beside itself.
dist_pkgdata_SCRIPTS = contrib/gang

# SPDX-License-Identifier: GPL-2.0-or-later
# What others' tools source.
gdbdir = $(pkgdatadir)/gdb
dist_gdb_DATA = contrib/gdb/stm32wb.gdb

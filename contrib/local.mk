# SPDX-License-Identifier: GPL-2.0-or-later
# What others' tools source.
gdbdir = $(pkgdatadir)/gdb
dist_gdb_DATA = contrib/gdb/stm32wb.gdb contrib/gdb/stm32wb.py

# Many boards at once. It finds the tcl folder beside itself.
dist_pkgdata_SCRIPTS = contrib/gang

# Where bash-completion looks, below this prefix: one file a command.
completiondir = $(datadir)/bash-completion/completions
dist_completion_DATA = contrib/completion/stm32wb-sim contrib/completion/gang

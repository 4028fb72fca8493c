#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Turn the stub's binary into the C bytes of stub.inc: inc.sh STUB.BIN > stub.inc
set -eu
echo '/* SPDX-License-Identifier: GPL-2.0-or-later */'
echo '/* Made from stub.c by arm-none-eabi-gcc: do not edit, see local.mk. */'
od -An -v -tx1 "$1" | sed -e 's/ *\([0-9a-f][0-9a-f]\)/0x\1, /g' -e 's/ *$//' -e 's/^/	/'

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# series.sh TOP: write anew, for every OpenOCD version in contrib/openocd, the patch that adds the files
# of src/openocd (0001). The patches behind it change files of OpenOCD's own and are kept by hand.
# With --check: say whether the committed ones are up to date.

set -eu
check=no
[ "$1" != --check ] || { check=yes; shift; }
cd "$1"

# new_file SOURCE PLACE: as `git diff` shows a file that was not there.
new_file() {
	printf 'diff --git a/%s b/%s\nnew file mode 100644\n--- /dev/null\n+++ b/%s\n' "$2" "$2" "$2"
	printf '@@ -0,0 +1,%d @@\n' "$(wc -l <"$1")"
	sed 's/^/+/' "$1"
}

series() {
	cat <<'END'
From: OpenFUS
Subject: [PATCH] flash/nor: add stm32wb commands and flash driver

The STM32WB has a second core, which runs ST's closed firmware upgrade
services or a wireless stack out of secure flash. The command group
'stm32wb' reads its state hot, and installs, replaces and deletes its
firmware over the debug port. The knowledge of chip and firmware is in
libopenfus, found through pkg-config; without it nothing changes.

Signed-off-by: OpenFUS
---
END
	for file in src/openocd/*.c src/openocd/*.h; do
		new_file "$file" "src/flash/nor/stm32wb/${file##*/}"
	done
}

for version in contrib/openocd/*/; do
	patch=${version}0001-flash-nor-add-stm32wb.patch
	if [ $check = no ]; then
		series >"$patch"
	elif ! series | cmp -s - "$patch"; then
		echo "$patch is not what src/openocd says: run 'make openocd-series'" >&2
		exit 1
	fi
done

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# series.sh TOP: write anew, for every OpenOCD version in contrib/openocd, the patch that adds the files
# of src/openocd (0001) and the one for its manual (0003), which has stm32wb.texi and the commands of
# ours. 0002, which changes files of OpenOCD's own, is kept by hand.
# With --check: say whether the committed ones are up to date.

set -eu
check=no
[ "$1" != --check ] || { check=yes; shift; }
cd "$1"
author='OpenFUS <openfus@localhost>'

# new_file SOURCE PLACE: as `git diff` shows a file that was not there.
new_file() {
	printf 'diff --git a/%s b/%s\nnew file mode 100644\n--- /dev/null\n+++ b/%s\n' "$2" "$2" "$2"
	printf '@@ -0,0 +1,%d @@\n' "$(wc -l <"$1")"
	sed 's/^/+/' "$1"
}

add() {
	cat <<END
From: $author
Subject: [PATCH] flash/nor: add stm32wb commands and flash driver

The STM32WB has a second core, which runs ST's closed firmware upgrade
services or a wireless stack out of secure flash. The command group
'stm32wb' reads its state hot, and installs, replaces and deletes its
firmware over the debug port. The knowledge of chip and firmware is in
libopenfus, found through pkg-config; without it nothing changes.

Signed-off-by: $author
---
END
	for file in src/openocd/*.c src/openocd/*.h; do
		new_file "$file" "src/flash/nor/stm32wb/${file##*/}"
	done
}

# The driver's chapter: our own manual's list of commands, with lines as long as OpenOCD's.
chapter() {
	cat contrib/openocd/stm32wb.texi
	sed '/^@c /d; /^@anchor/d' doc/ref-commands.texi | awk '
		/^@/ || !NF { print; next }
		{
			line = $1
			for (i = 2; i <= NF; i++)
				if (length(line " " $i) > 80) { print line; line = $i }
				else line = line " " $i
			print line
		}'
	printf '@end deffn\n\n'
}

# It goes in front of the next driver of ST's. The line is 0.12.0's: patch finds the place.
manual() {
	cat <<END
From: $author
Subject: [PATCH] doc: describe flash driver stm32wb

The driver, and the commands which are there without a flash bank.

Signed-off-by: $author
---
diff --git a/doc/openocd.texi b/doc/openocd.texi
--- a/doc/openocd.texi
+++ b/doc/openocd.texi
@@ -7764,6 +7764,$((6 + $(chapter | wc -l))) @@
 @end deffn
 @end deffn
 
END
	chapter | sed 's/^/+/'
	cat <<'END'
 @deffn {Flash Driver} {str7x}
 All members of the STR7 microcontroller family from STMicroelectronics
 include internal flash and use ARM7TDMI cores.
END
}

# made WRITER PATCH
made() {
	if [ $check = no ]; then
		$1 >"$2"
	elif ! $1 | cmp -s - "$2"; then
		echo "$2 is not what the sources say: run 'make openocd-series'" >&2
		exit 1
	fi
}

for version in contrib/openocd/*/; do
	made add "${version}0001-flash-nor-add-stm32wb.patch"
	made manual "${version}0003-doc-describe-stm32wb.patch"
done

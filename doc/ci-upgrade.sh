#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# An example for your CI: upgrade a virtual STM32WB that holds your application, cut the power in the
# middle, say the same command again, and see that the application is untouched.
#
#     OPENFUS=PREFIX ci-upgrade.sh APP.bin IMAGE.bin [OPTION OF UPGRADE ...]

set -eu
: "${OPENFUS:?the folder that ./setup install was given}"
test $# -ge 2 || { echo "usage: $0 APP.bin IMAGE.bin [OPTION OF UPGRADE ...]" >&2; exit 2; }
app=$1 image=$2
shift 2
for file in "$app" "$image" "$OPENFUS/bin/stm32wb-sim"; do
	test -r "$file" || { echo "$file: no such file, or not readable" >&2; exit 2; }
done
work=$(mktemp -d)
chip=
trap 'test -z "$chip" || kill "$chip" 2>/dev/null; rm -rf "$work"' EXIT

# A chip on any free port; it says which, once it listens. It counts as signed by ST what is trusted.
start() { # FAULT ...
	: >"$work/said"
	"$OPENFUS/bin/stm32wb-sim" --quiet --stlink 0 --idle 50 --fus 2.2.0 --app "$app" \
		--trust "$image" --state "$work/chip" "$@" >"$work/said" &
	chip=$!
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		STM32WB_SIM_PORT=$(sed -n 's/.*127\.0\.0\.1:\([0-9]*\).*/\1/p' "$work/said")
		export STM32WB_SIM_PORT
		test -z "$STM32WB_SIM_PORT" || return 0
		sleep 0.25
	done
	echo "the virtual chip did not start: see above" >&2
	return 1
}

stop() {
	kill "$chip"
	wait "$chip" || true
	chip=
}

ocd() { # COMMAND ...
	for word; do
		shift
		set -- "$@" -c "$word"
	done
	XDG_STATE_HOME=$work openocd -s "$OPENFUS/share/openfus/tcl" -c "gdb_port disabled" \
		-c "tcl_port disabled" -c "telnet_port disabled" -f interface/stm32wb-sim.cfg \
		-f target/stm32wbx.cfg -f stm32wb.cfg -c init "$@" -c shutdown
}

start --fault flash=20:unplug --stats "$work/stats"
if ocd "stm32wb fus upgrade {$image} $*"; then
	echo "the fault did not strike" >&2
	exit 1
fi
stop
grep -q '"faults": *1\b' "$work/stats" || {
	echo "the upgrade failed, but not by the fault: see above" >&2
	exit 1
}

start
ocd "stm32wb fus upgrade {$image} $*" # the same again: it goes on from there
ocd "stm32wb fus info -json" "dump_image {$work/app} 0x08000000 $(wc -c <"$app")"
stop
cmp "$app" "$work/app"
echo "upgraded; the application is as it was"

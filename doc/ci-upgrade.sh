#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# An example for your CI: upgrade a virtual STM32WB that holds your application, cut the power in the
# middle, say the same command again, and see that the application is untouched.
#
#     OPENFUS=PREFIX ci-upgrade.sh APP.bin IMAGE.bin [OPTION OF UPGRADE ...]

set -eu
: "${OPENFUS:?the folder that ./setup install was given}"
app=$1 image=$2
shift 2
work=$(mktemp -d)
chip=
trap 'test -z "$chip" || kill "$chip"; rm -rf "$work"' EXIT

# A chip on any free port; it says which, once it listens. It counts as signed by ST what is trusted.
start() { # FAULT ...
	"$OPENFUS/bin/stm32wb-sim" --quiet --stlink 0 --idle 50 --fus 2.2.0 --app "$app" \
		--trust "$image" --state "$work/chip" "$@" >"$work/said" &
	chip=$!
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		STM32WB_SIM_PORT=$(sed -n 's/.*127\.0\.0\.1:\([0-9]*\).*/\1/p' "$work/said")
		export STM32WB_SIM_PORT
		test -z "$STM32WB_SIM_PORT" || return 0
		sleep 0.25
	done
	echo "the virtual chip did not start" >&2
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

start --fault flash=20:unplug
if ocd "stm32wb fus upgrade {$image} $*"; then
	echo "the fault did not strike" >&2
	exit 1
fi
stop

start
ocd "stm32wb fus upgrade {$image} $*" # the same again: it goes on from there
ocd "stm32wb fus info -json" "dump_image {$work/app} 0x08000000 $(wc -c <"$app")"
stop
cmp "$app" "$work/app"
echo "upgraded; the application is as it was"

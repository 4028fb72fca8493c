#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# run.sh TARGET DIR SECONDS: run one libFuzzer target; what it finds stays in DIR. Its inputs
# are short or images of at most 256 KiB; 5 s for one input is a hang.
set -e
name=$(basename "$1")
mkdir -p "$2/$name-corpus" "$2/$name-found"
seeds=$(dirname "$0")/seeds-$name
"$1" "$2/$name-corpus" $([ -d "$seeds" ] && echo "$seeds") -max_total_time="$3" -timeout=5 \
	-max_len=262144 -len_control=50 -rss_limit_mb=2048 -print_final_stats=1 \
	-artifact_prefix="$2/$name-found/" >"$2/$name.log" 2>&1 || {
	tail -n 60 "$2/$name.log"
	echo "$name: failed; the input is in $2/$name-found"
	exit 1
}
grep -E 'stat::number_of_executed_units|DONE' "$2/$name.log" | sed "s/^/$name: /"

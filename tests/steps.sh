# SPDX-License-Identifier: GPL-2.0-or-later
#
# For ./setup and tests/check.sh: say what is done, keep its output in a log, show the log's end
# when it fails. Wants: $build. Sets: $jobs.

jobs=${JOBS:-$(nproc 2>/dev/null || echo 2)}

if [ -t 1 ] && [ -z "${NO_COLOR-}" ]; then
	green=$'\033[32m' red=$'\033[31m' bold=$'\033[1m' plain=$'\033[0m'
else
	green="" red="" bold="" plain=""
fi

say() {
	printf '%s\n' "$*"
}

die() {
	printf '%ssetup: %s%s\n' "$red" "$*" "$plain" >&2
	exit 1
}

# log_tail FILE: the part of a log that a person needs to see.
log_tail() {
	printf '%s\n' "---- last lines of $1" >&2
	tail -n 40 "$1" >&2
	printf '%s\n' "----" >&2
}

# quietly WHAT LOG COMMAND...: run it with its output in build/log/LOG.log; stop everything if it fails.
quietly() {
	local what=$1 log=$build/log/$2.log
	shift 2
	mkdir -p "$build/log"
	printf '  %-28s' "$what"
	local start=$SECONDS
	if "$@" >"$log" 2>&1 </dev/null; then
		printf '%sok%s   %4d s\n' "$green" "$plain" $((SECONDS - start))
	else
		printf '%sFAILED%s\n' "$red" "$plain"
		log_tail "$log"
		die "$what failed; all of its output is in ${log#"$PWD"/}"
	fi
}

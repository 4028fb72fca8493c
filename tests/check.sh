# SPDX-License-Identifier: GPL-2.0-or-later
#
# ./setup check: every test and every analyser, each part timed; goes on after a failure, so that
# one run shows everything. Ends in "N passed, N failed, N skipped": unit and end to end tests
# are counted once, in the gcc build; any other part that fails counts as one failure.

passed=0 failed=0 skipped=0
begun=$SECONDS
summary=()

# part NAME LOG COMMAND...: run one part; remember how it went. 0: it passed.
part() {
	local name=$1 log=$build/log/check-$2.log start=$SECONDS result
	shift 2
	mkdir -p "$build/log"
	printf '  %-34s' "$name"
	if "$@" >"$log" 2>&1 </dev/null; then
		result=ok
		printf '%sok%s     %4d s\n' "$green" "$plain" $((SECONDS - start))
	else
		result=FAILED
		printf '%sFAILED%s %4d s\n' "$red" "$plain" $((SECONDS - start))
		log_tail "$log"
	fi
	summary+=("$(printf '%-34s %-7s %4d s' "$name" "$result" $((SECONDS - start)))")
	[ $result = ok ]
}

# must NAME LOG COMMAND...: a part without tests of its own: its failure counts as one.
must() {
	part "$@" || failed=$((failed + 1))
}

# count_unit: add up what the cmocka programs of the gcc tree said, and the plain scripts.
count_unit() {
	local trs log result counts
	while IFS= read -r trs; do
		log=${trs%.trs}.log
		result=$(sed -n 's/^:test-result: *//p' "$trs" | head -n 1)
		counts=$(sed -n 's/^\[  \(PASSED\|FAILED\|SKIPPED\) *\] \([0-9]*\) test(s).*/\1 \2/p' "$log")
		if [ -z "$counts" ] || { [ "${result%% *}" != PASS ] && [ "${result%% *}" != SKIP ] &&
			! grep -q '^FAILED' <<<"$counts"; }; then
			case $result in
			PASS*) passed=$((passed + 1)) ;;
			SKIP*) skipped=$((skipped + 1)) ;;
			*) failed=$((failed + 1)) ;;
			esac
		fi
		while read -r kind number; do
			case $kind in
			PASSED) passed=$((passed + number)) ;;
			FAILED) failed=$((failed + number)) ;;
			SKIPPED) skipped=$((skipped + number)) ;;
			esac
		done <<<"$counts"
	done < <(find "$gcc_tree" -name '*.trs')
}

# count_e2e [LOG]: what the frame's last line says.
count_e2e() {
	local p f s
	read -r p f s < <(sed -n 's/^e2e: \([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p' \
		"$build/log/check-${1-e2e}.log" | tail -n 1) || return 0
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

# counted NAME LOG COUNTER COMMAND...: a part whose tests are counted one by one; one that fails
# without a failed test (it did not link, it died) counts as one failure.
counted() {
	local name=$1 log=$2 counter=$3 before=$failed ok=yes
	shift 3
	part "$name" "$log" "$@" || ok=no
	$counter
	[ $ok = yes ] || [ "$failed" -gt "$before" ] || failed=$((failed + 1))
}

# The sanitizers stop at the first finding. Unicorn translates into memory that it maps itself and
# frees at the end of the process only through its own allocator, hence no check that malloc and
# free are of one family.
export ASAN_OPTIONS=abort_on_error=0:detect_leaks=1:alloc_dealloc_mismatch=0
export LSAN_OPTIONS=suppressions=$top/tests/lsan.supp:print_suppressions=0
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1

gcc_tree=$build/check/gcc
san_tree=$build/check/clang
dist_tree=$build/check/dist
sanitize="-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer"

bootstrapped() {
	[ -x configure ] || ./bootstrap
}

configure_in() { # DIR ARGUMENT...
	local dir=$1
	shift
	mkdir -p "$dir"
	[ -f "$dir/config.status" ] && [ ! configure -nt "$dir/config.status" ] ||
		(cd "$dir" && "$top/configure" "$@")
}

build_gcc() {
	configure_in "$gcc_tree" --enable-werror --prefix="$gcc_tree/inst" CC=gcc &&
		make -C "$gcc_tree" -j"$jobs" all &&
		make -C "$gcc_tree" -j"$jobs" check TESTS= E2E=no
}

build_clang() {
	configure_in "$san_tree" --enable-werror --enable-fuzz --prefix="$san_tree/inst" CC=clang \
		CFLAGS="-g -O1 $sanitize" &&
		make -C "$san_tree" -j"$jobs" all &&
		make -C "$san_tree" -j"$jobs" check TESTS= E2E=no
}

sources() {
	find src/core src/command src/plugin src/sim -name '*.c'
}

# Both analysers see the code as gcc's build does; generated tables have been checked when made.
include_flags() {
	printf '%s\n' -I"$gcc_tree" -Isrc -I"$gcc_tree/src" -D_GNU_SOURCE -DHAVE_CONFIG_H
	pkg-config --cflags unicorn jansson nettle zlib cmocka | tr ' ' '\n' | grep . || true
}

run_cppcheck() {
	cppcheck --version
	mapfile -t files < <(sources; find src/stub tests -name '*.c')
	cppcheck -j"$jobs" --quiet --std=c11 --language=c --inline-suppr --error-exitcode=1 \
		--enable=warning,performance,portability --suppress=missingIncludeSystem \
		--cppcheck-build-dir="$1" -Isrc -I"$gcc_tree/src" -D__GNUC__ "${files[@]}"
}

run_tidy() {
	mapfile -t flags < <(include_flags)
	{
		sources
		find src/stub -name '*.c'
	} | xargs -P"$jobs" -n 4 sh -c 'flags=$1; shift; exec clang-tidy --quiet "$@" -- -std=gnu11 $flags' \
		tidy "${flags[*]}"
}

# Each fuzz target runs for FUZZ_SECONDS, two at a time; what it finds stays in build/check/fuzz.
run_fuzz() {
	local target running=0
	mkdir -p "$build/check/fuzz"
	find "$san_tree/tests/fuzz" -maxdepth 1 -type f -perm -u+x -name 'fuzz_*' | sort |
		xargs -P2 -I{} tests/fuzz/run.sh {} "$build/check/fuzz" "${FUZZ_SECONDS:-60}"
}

# The tarball builds out of tree from read-only sources, installs, uninstalls and cleans up; a few
# quick tests show that what they read is in it. All of them have run before.
run_distcheck() {
	configure_in "$dist_tree" &&
		make -C "$dist_tree" -j"$jobs" distcheck E2E=no \
			TESTS="core_image_test core_plan_test stub_test sim_options_test" \
			DISTCHECK_CONFIGURE_FLAGS=--enable-werror
}

run_e2e() { # TREE: how the tests are built decides which simulator they meet
	make --no-print-directory -C "$1" check-e2e E2E_JOBS="$jobs" E2E_FILES="${2-}"
}

# The same suite through the commands that are compiled into OpenOCD, and the flash driver.
build_openocd() {
	make -C "$gcc_tree" openocd-lib &&
		"$top/src/openocd/build.sh" "$gcc_tree" "$build/openocd-check" \
			"$build/openocd-check/inst"
}

run_upstream() {
	tests/openocd_upstream.sh "$build/openocd-check/fetched" "$build/openocd-check/build" "$gcc_tree" \
		"$build/openocd-check/upstream"
}

run_e2e_builtin() {
	OPENOCD=$build/openocd-check/inst/bin/openocd run_e2e "$gcc_tree"
}

# OpenOCD is not ours to sanitize, and so neither is the plugin in it.
run_e2e_sanitized() {
	OPENFUS_STM32WB_SIM=$san_tree/stm32wb-sim \
		run_e2e "$gcc_tree" "simulator.test stock.test refuse.test front.test"
}

say "${bold}check${plain}: logs in build/log"
[ -n "${STM32WB_IMAGES-}" ] ||
	say "  STM32WB_IMAGES is not set: what needs ST's own binaries is skipped"

must "bootstrap" bootstrap bootstrapped
if part "build, gcc -Werror" gcc build_gcc; then
	counted "unit tests" unit count_unit make -C "$gcc_tree" -j"$jobs" check E2E=no
	counted "end to end, with OpenOCD" e2e count_e2e run_e2e "$gcc_tree"
	if part "build, OpenOCD with the driver" openocd build_openocd; then
		must "driver and series, newer OpenOCD" upstream run_upstream
		counted "end to end, compiled in" e2e-builtin "count_e2e e2e-builtin" run_e2e_builtin
	else
		failed=$((failed + 1))
	fi
else
	failed=$((failed + 1))
fi
if part "build, clang -Werror, sanitizers" clang build_clang; then
	must "unit tests, sanitized" unit-san make -C "$san_tree" -j"$jobs" check E2E=no
	must "end to end, sanitized simulator" e2e-san run_e2e_sanitized
	must "fuzzing" fuzz run_fuzz
else
	failed=$((failed + 1))
fi
must "cppcheck" cppcheck run_cppcheck "$(mktemp -d)"
must "clang-tidy" tidy run_tidy
must "make distcheck" distcheck run_distcheck

say ""
printf '%s\n' "${summary[@]}"
say "$(printf '%-34s %-7s %4d s' "in all" "" $((SECONDS - begun)))"
say "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]

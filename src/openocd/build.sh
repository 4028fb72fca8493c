#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# build.sh TREE WORK PREFIX [SRC]: an OpenOCD with the stm32wb commands and flash driver compiled in.
# TREE is a build tree of ours, WORK what may be thrown away. SRC is a source tree of OpenOCD, which is
# copied; without it the upstream tarball of the distribution's source package is fetched by apt.
# build.sh --patched SRC WORK [OPTION...]: only the copy, WORK/src, with our series for its version in
# it, which patch is given the options for.

set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
self=$top/src/openocd/build.sh
jobs=${JOBS:-$(nproc 2>/dev/null || echo 2)}

die() {
	printf 'openocd: %s\n' "$*" >&2
	exit 1
}

# deb_src DIR: apt configuration in DIR that has the machine's own sources as deb-src, and nothing
# of which is written outside of DIR.
deb_src() {
	local dir=$1 file
	mkdir -p "$dir/lists/partial" "$dir/sources.d"
	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ ! -f "$file" ] || sed -n 's/^deb /deb-src /p' "$file" >>"$dir/sources.list"
	done
	: >>"$dir/sources.list"
	for file in /etc/apt/sources.list.d/*.sources; do
		[ ! -f "$file" ] ||
			sed 's/^Types:.*/Types: deb-src/' "$file" >"$dir/sources.d/${file##*/}"
	done
	cat >"$dir/apt.conf" <<-END
		Dir::Etc::sourcelist "$dir/sources.list";
		Dir::Etc::sourceparts "$dir/sources.d";
		Dir::State::lists "$dir/lists";
	END
	# downloads are done by another user where there is one
	chmod -R a+rX "$dir"
}

fetch() {
	local dir=$work/apt tarball
	mkdir -p "$work"
	tarball=$(find "$work" -maxdepth 1 -name 'openocd_*.orig.tar.*' | head -n 1)
	if [ -z "$tarball" ]; then
		rm -rf "$dir"
		deb_src "$dir"
		export APT_CONFIG=$dir/apt.conf
		apt-get update -q >&2
		(cd "$work" && apt-get source -q --tar-only openocd >&2)
		tarball=$(find "$work" -maxdepth 1 -name 'openocd_*.orig.tar.*' | head -n 1)
		[ -n "$tarball" ] || die "apt has no source package openocd: give a source tree"
	fi
	mkdir -p "$work/fetched"
	tar -C "$work/fetched" --strip-components=1 -xf "$tarball"
	given=$work/fetched
}

# Which of our series fits: where the flash drivers are declared tells old from new.
series_of() {
	if [ ! -f "$1/src/flash/nor/drivers.c" ]; then
		die "$1 is no source tree of OpenOCD: there is no src/flash/nor/drivers.c in it"
	elif grep -q '^extern const struct flash_driver' "$1/src/flash/nor/drivers.c"; then
		echo "$top/contrib/openocd/0.12.0"
	else
		echo "$top/contrib/openocd/upstream"
	fi
}

patched() { # OPTION...: for patch
	local patch series
	series=$(series_of "$given")
	rm -rf "$work/src"
	mkdir -p "$work"
	cp -a "$given" "$work/src"
	# configure refuses a tree that was configured in itself
	[ ! -f "$work/src/config.status" ] || make -C "$work/src" -s distclean
	for patch in "$series"/*.patch; do
		printf 'applying %s\n' "${patch##*/}"
		patch -d "$work/src" -p1 -s --no-backup-if-mismatch "$@" <"$patch" ||
			die "${patch#"$top/"} does not apply to $given: neither OpenOCD 0.12.0 nor like upstream"
	done
	(cd "$work/src" && autoreconf --force --install)
}

if [ "$1" = --patched ]; then
	given=$2 work=$3
	shift 3
	patched "$@"
	exit 0
fi
tree=$1 work=$2 prefix=$3 given=${4-}

configured() {
	rm -rf "$work/build"
	mkdir -p "$work/build"
	cd "$work/build"
	PKG_CONFIG_PATH=$tree/openocd/lib/pkgconfig "$work/src/configure" --prefix="$prefix" \
		--disable-internal-jimtcl --disable-internal-libjaylink --disable-werror \
		--enable-remote-bitbang --enable-linuxgpiod --enable-sysfsgpio --enable-dummy
	grep -q 'define HAVE_LIBOPENFUS 1' config.h || die "configure has not found libopenfus"
}

# What decides whether the last build is still good.
stamp() {
	cat "$tree/openocd/lib/libopenfus.a" "$top"/contrib/openocd/*/*.patch "$self" | sha256sum
	printf '%s %s\n' "$prefix" "$given"
}

if [ -x "$prefix/bin/openocd" ] && [ "$(stamp)" = "$(cat "$work/stamp" 2>/dev/null)" ]; then
	exit 0
fi
asked=$given
[ -n "$given" ] || fetch
patched
configured
make -j"$jobs"
make install
given=$asked
stamp >"$work/stamp"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# openocd_upstream.sh SRC BUILD TREE WORK: do src/openocd and the series contrib/openocd/upstream fit an
# OpenOCD newer than 0.12.0? No distribution has one, so SRC, the sources of 0.12.0 as configured in
# BUILD, is copied and moved to where upstream is, in what a flash driver and its registration can see.
# Then the series must apply without fuzz, and all that it adds or changes compile with upstream's
# own warnings as errors; so must the same sources against SRC as it is. TREE is a build tree of ours
# with libopenfus in it, WORK may be thrown away.
#
# The calls that have moved are also tried one by one: each must compile against 0.12.0 and not
# against what we made of it, or this would be a test that cannot fail.
#
# Seen in openocd-org/openocd f3cedea43659 (2026: flash/nor/driver.h, drivers.c, Makefile.am,
# doc/openocd.texi); in tricore-oss/openocd 15d7bab0de8a (target.h), 2bc9a1ecb552 (openocd.c,
# jtag/interface.h) and a00c40f4f663 (configure.ac), a fork that follows upstream in 2026; and in
# Hasnaoui-Youssef/OpenOCD 9c46f119b4b8 (target_type.h), another. Unseen, from a list: jim_handler's end.

set -euo pipefail
src=$1 build=$2 tree=$3 work=$4
top=$(cd "$(dirname "$0")/.." && pwd)

die() {
	printf 'openocd_upstream: %s\n' "$*" >&2
	exit 1
}

# ---- where upstream has moved ----------------------------------------------------------------

# move FILE SED-ARGUMENT...: a move that changes nothing is one that 0.12.0 has no place for.
move() {
	local file=$work/moved/$1
	shift
	sed -E -i.before "$@" "$file"
	! cmp -s "$file" "$file.before" || die "no place in ${file#"$work/moved/"} for: $*"
}

rm -rf "$work"
mkdir -p "$work"
cp -a "$src" "$work/moved"
[ "$(sed -n 's/^AC_INIT(\[openocd\], \[\(.*\)\],/\1/p' "$src/configure.ac")" = 0.12.0 ] ||
	die "$src is not OpenOCD 0.12.0"

# The flash drivers: declared in driver.h, and listed in alphabetical order without an end mark.
nor=$work/moved/src/flash/nor
sed -n '/^extern const struct flash_driver/p' "$nor/drivers.c" | LC_ALL=C sort >"$work/declared"
move src/flash/nor/driver.h -e "/^#endif.*DRIVER_H/{
	e cat '$work/declared'
}"
sed -n 's/^\t&\(.*_flash\),$/\t\&\1,/p' "$nor/drivers.c" | LC_ALL=C sort >"$work/listed"
move src/flash/nor/drivers.c -e '/^extern const struct flash_driver/d' -e '/^\t&.*_flash,$/d' \
	-e "/^static .* flash_drivers/r $work/listed" -e '/^\tNULL,$/d' \
	-e 's/\(unsigned i = 0; flash_drivers\[i\]; i\+\+\)/(size_t i = 0; i < ARRAY_SIZE(flash_drivers); i++)/' \
	-e 's/^#include "imp.h"/#include <helper\/types.h>\n&/'
move src/flash/nor/Makefile.am -e 's/(\/xmc4xxx\.c)$/\1 \\\n\t%D%\/hpm_xpi.c/' \
	-e 's/^NORHEADERS = .*/&\n\t%D%\/artery.h \\/'
move configure.ac -e '/^AM_CONDITIONAL\(\[RSHIM\]/d' \
	-e 's/^AM_CONDITIONAL\(\[RELEASE\].*/&\nAM_CONDITIONAL([RSHIM], [test "x$build_rshim" = "xyes"])/' \
	-e 's/^(PKG_CHECK_MODULES\(\[LIBGPIOD\].*),[^,]*$/\1, [\n\t\tuse_libgpiod=no\n\t])\n])/' \
	-e 's/^(PKG_CHECK_MODULES\(\[LIBGPIOD\].*\]), \[use_libgpiod=yes\]/AS_IF([true], [\n\1, [use_libgpiod=yes]/'

# The commands: a list of names without `&` and without an end mark, and no handlers of Jim's kind.
move src/openocd.c -e '/workaround_for_jimtcl_expr,$/d' -e 's/^\t\t&(.*_register_commands,)$/\t\1/' \
	-e '/^\t\tNULL$/d' -e '/\.jim_handler = /d' \
	-e 's/unsigned i = 0; command_registrants\[i\]/unsigned int i = 0; i < ARRAY_SIZE(command_registrants)/'
move src/helper/command.h -e '/^struct command_registration/,/^};/{/jim_handler;/d}' \
	-e 's/\bunsigned (argc|name_index)/unsigned int \1/'

# Targets: bool for yes and no, unsigned for times and counts, const where nothing is changed.
move src/target/target.h -e '/^int target_(resume|step)\(/,/;/{
		s/int (current|handle_breakpoints|debug_execution)/bool \1/g
	}' -e 's/\bint timeout_ms/unsigned int timeout_ms/' -e 's/(target_wait_state.*) int ms/\1 unsigned int ms/' \
	-e '/^int target_blank_check_memory/,/;/{
		s/int num_blocks/unsigned int num_blocks/
		s/uint8_t erased_value\)/uint8_t erased_value, unsigned int *checked)/
	}' -e '/^void target_handle_md_output/,/;/s/const uint8_t \*buffer\)/const uint8_t *buffer, bool include_address)/' \
	-e 's/struct target_event_action \*event_action;/struct list_head events_action;/' \
	-e '/^struct target_event_action \{/,/^};/d' \
	-e 's/(target_name|target_was_examined|target_type_name|target_state_name|target_has_event_action)\(struct target/\1(const struct target/' \
	-e 's/\bunsigned ([a-z])/unsigned int \1/g; s/unsigned int int/unsigned int/g'
move src/target/target_type.h -e 's/\bint timeout_ms/unsigned int timeout_ms/' \
	-e 's/(\*get_gdb_arch\)\()struct/\1const struct/'
move src/target/algorithm.h -e '/^void init_reg_param/,/;/s/char \*reg_name/const char *reg_name/'
move src/target/register.h -e 's/unsigned num_regs/unsigned int num_regs/' -e 's/^struct target;/#include "helper\/types.h"\n&/'
move src/target/armv7m.h -e 's/\bint timeout_ms/unsigned int timeout_ms/'
move src/jtag/interface.h -e 's/const char \* const \*transports;/unsigned int transport_ids;/'
find "$work/moved" -name '*.before' -delete

# ---- the series ------------------------------------------------------------------------------

"$top/src/openocd/build.sh" --patched "$work/moved" "$work" --fuzz=0
[ -f "$work/src/src/flash/nor/stm32wb/stm32wb.c" ] || die "the series adds no driver"
grep -q 'stm32wb_flash;' "$work/src/src/flash/nor/driver.h" || die "the series is not upstream's"
grep -q 'stm32wb/link_target.c' "$work/src/Makefile.in" || die "the driver is not in Makefile.in"

# ---- compiled --------------------------------------------------------------------------------

warnings=(-Wall -Wstrict-prototypes -Wformat-security -Wshadow -Wextra -Wno-unused-parameter
	-Wbad-function-cast -Wcast-align -Wredundant-decls -Wpointer-arith -Wundef -Werror)
with=$work/with without=$work/without
mkdir -p "$with" "$without"
sed 's/\(define HAVE_LIBOPENFUS\) .*/\1 1/' "$build/config.h" >"$with/config.h"
sed 's/\(define HAVE_LIBOPENFUS\) .*/\1 0/' "$build/config.h" >"$without/config.h"
: >"$work/startup_tcl.inc"

# compiles ROOT CONFIG FILE...: each against the headers of an OpenOCD.
compiles() {
	local root=$1 config=$2
	shift 2
	"${CC:-cc}" -std=gnu99 -fsyntax-only -DHAVE_CONFIG_H -I"$config" -I"$work" -I"$root/src" -I"$root/src/helper" \
		-I"$root/src/flash/nor" -isystem "$tree/openocd/include" "${warnings[@]}" "$@"
}

ours=("$work"/src/src/flash/nor/stm32wb/*.c)
compiles "$work/src" "$with" "${ours[@]}" || die "not with upstream's headers"
compiles "$src" "$with" "${ours[@]}" || die "not with the headers of 0.12.0"
# what Jim's handlers were for has no user left
for config in "$with" "$without"; do
	compiles "$work/src" "$config" -Wno-unused-function -DRELSTR='""' -DGITVERSION='""' \
		"$work/src/src/flash/nor/drivers.c" "$work/src/src/openocd.c" ||
		die "what the series registers, ${config##*/} libopenfus"
done

# moved NAME CODE: only 0.12.0 takes it.
moved() {
	printf '%s\n' '#include "config.h"' '#include <flash/nor/imp.h>' '#include <jtag/interface.h>' \
		'#include <target/target.h>' '#include <target/algorithm.h>' "$2" >"$work/$1.c"
	compiles "$src" "$with" "$work/$1.c" || die "$1 is no code for 0.12.0"
	! compiles "$work/src" "$with" "$work/$1.c" 2>"$work/$1.log" ||
		die "$1 compiles with upstream's headers: they are not upstream's"
	printf 'refused as by upstream: %s\n' "$1"
}

moved jim_handler 'const struct command_registration r = { .jim_handler = NULL };'
moved event_action 'void *f(struct target *t); void *f(struct target *t) { return t->event_action; }'
moved target_resume 'int (*f)(struct target *, int, target_addr_t, int, int) = target_resume;'
moved target_step 'int (*f)(struct target *, int, target_addr_t, int) = target_step;'
moved target_wait_state 'int (*f)(struct target *, enum target_state, int) = target_wait_state;'
moved blank_check 'int f(struct target *t, struct target_memory_check_block *b);
	int f(struct target *t, struct target_memory_check_block *b)
	{ return target_blank_check_memory(t, b, 1, 0xff); }'
moved md_output 'void f(struct command_invocation *c, struct target *t);
	void f(struct command_invocation *c, struct target *t) { target_handle_md_output(c, t, 0, 4, 0, NULL); }'
moved init_reg_param 'void (*f)(struct reg_param *, char *, uint32_t, enum param_direction) = init_reg_param;'
moved transports 'struct adapter_driver a = { .name = "a", .transports = NULL };'
moved drivers 'extern struct flash_driver stm32l4x_flash;
	struct flash_driver *f(void); struct flash_driver *f(void) { return &stm32l4x_flash; }'
printf '%d files of ours fit both\n' "${#ours[@]}"

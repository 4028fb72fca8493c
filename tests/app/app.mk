# SPDX-License-Identifier: GPL-2.0-or-later
# Applications for CPU1. Their bytes are committed (*.inc) as the stub's are; where there is an ARM
# compiler, `make check` builds them again and compares, and `make apps` renews them.
EXTRA_DIST += tests/app/app.h tests/app/app.ld tests/app/counter.c tests/app/counter.inc \
	tests/app/stop.c tests/app/stop.inc tests/app/wireless.c tests/app/wireless.inc
noinst_PROGRAMS += tests/app/put
tests_app_put_SOURCES = tests/app/put.c

APP_FILES = tests/app/counter.bin tests/app/stop.bin tests/app/wireless.bin tests/app/counter.elf
CLEANFILES += $(APP_FILES) tests/app/*.arm tests/app/*.new tests/app/*.raw
noinst_DATA = $(APP_FILES)

tests/app/counter.bin tests/app/stop.bin tests/app/wireless.bin: tests/app/put$(EXEEXT)
	$(AM_V_GEN)tests/app/put `basename $@ .bin` >$@.new && mv $@.new $@

tests/app/counter.elf: tests/app/put$(EXEEXT)
	$(AM_V_GEN)tests/app/put counter elf >$@.new && mv $@.new $@

if HAVE_ARM_CC
APP_CFLAGS = -std=gnu11 -mcpu=cortex-m4 -mthumb -mfloat-abi=soft -Os -ffreestanding -nostdlib \
	-fno-unwind-tables -fno-tree-loop-distribute-patterns -Wall -Wextra -Wconversion -Wshadow -Werror

tests/app/counter.new tests/app/stop.new tests/app/wireless.new: tests/app/counter.c \
	tests/app/stop.c tests/app/wireless.c tests/app/app.h tests/app/app.ld src/stub/inc.sh
	@$(MKDIR_P) tests/app
	$(AM_V_GEN)name=tests/app/`basename $@ .new` && \
	$(ARM_CC) $(APP_CFLAGS) -Wl,--build-id=none -T $(srcdir)/tests/app/app.ld \
		-o $$name.arm $(srcdir)/$$name.c && \
	$(ARM_OBJCOPY) -O binary $$name.arm $$name.raw && \
	$(SHELL) $(srcdir)/src/stub/inc.sh $$name.raw | $(SED) 's/stub\.c/the source beside it/' >$@

CHECK_LOCAL += check-apps
check-apps: tests/app/counter.new tests/app/stop.new tests/app/wireless.new
	@for name in counter stop wireless; do \
		cmp -s $(srcdir)/tests/app/$$name.inc tests/app/$$name.new || \
		{ echo "$$name.inc is not what $$name.c makes: run make apps"; exit 1; }; \
	done; echo "the applications' bytes are what their sources make"

apps: tests/app/counter.new tests/app/stop.new tests/app/wireless.new
	for name in counter stop wireless; do cp tests/app/$$name.new $(srcdir)/tests/app/$$name.inc; done
PHONY += apps check-apps
endif

# SPDX-License-Identifier: GPL-2.0-or-later
# The RAM stub. Its bytes are committed (stub.inc), so that users need no ARM compiler; where there
# is one, `make check` builds them again and compares, and `make stub` renews them.
EXTRA_DIST += src/stub/abi.h src/stub/regs.h src/stub/settings.h src/stub/program.h src/stub/stub.c src/stub/stub.ld src/stub/stub.inc src/stub/inc.sh
CLEANFILES += src/stub/stub.elf src/stub/stub.bin src/stub/later.bin src/stub/stub.new
STUB_CFLAGS = -std=gnu11 -mcpu=cortex-m4 -mthumb -mfloat-abi=soft -Os -fno-ipa-cp -ffreestanding -nostdlib \
	-Wall -Wextra -Wconversion -Wshadow -Werror

if HAVE_ARM_CC
src/stub/stub.new: src/stub/stub.c src/stub/settings.h src/stub/program.h src/stub/stub.ld src/stub/abi.h src/stub/regs.h src/stub/inc.sh
	@$(MKDIR_P) src/stub
	$(AM_V_GEN)$(ARM_CC) $(STUB_CFLAGS) -Wl,--build-id=none -T $(srcdir)/src/stub/stub.ld \
		-o src/stub/stub.elf $(srcdir)/src/stub/stub.c && \
	$(ARM_OBJCOPY) -O binary -j .text src/stub/stub.elf src/stub/stub.bin && \
	$(ARM_OBJCOPY) -O binary -j .later src/stub/stub.elf src/stub/later.bin && \
	cat src/stub/later.bin >> src/stub/stub.bin && \
	$(SHELL) $(srcdir)/src/stub/inc.sh src/stub/stub.bin > $@

# Made only when both are the same, so `make check` fails when they are not.
check_SCRIPTS += src/stub/stub.same
CLEANFILES += src/stub/stub.same
src/stub/stub.same: src/stub/stub.new src/stub/stub.inc
	@cmp src/stub/stub.new $(srcdir)/src/stub/stub.inc || \
		{ echo "stub.inc is not what stub.c makes: run make stub"; exit 1; }
	@touch $@

stub: src/stub/stub.new
	cp src/stub/stub.new $(srcdir)/src/stub/stub.inc
endif

# SPDX-License-Identifier: GPL-2.0-or-later
# Tests. Each room's unit tests are listed in tests/unit/<room>.mk.
include tests/unit/core.mk
include tests/unit/stub.mk
include tests/unit/bank.mk
include tests/unit/command.mk
include tests/unit/options.mk
include tests/unit/sim.mk
include tests/fuzz/local.mk
include tests/campaign.mk
include tests/app/app.mk

# Talks to a virtual chip's control socket, for Tcl.
noinst_PROGRAMS += tests/simctl
tests_simctl_SOURCES = tests/simctl.c

EXTRA_DIST += tests/steps.sh tests/check.sh tests/lsan.supp tests/openocd_upstream.sh tests/demo.tcl tests/bench.tcl \
	tests/bench_driver.tcl tests/bench_lib.tcl \
	tests/e2e/all.tcl tests/e2e/lib.tcl tests/e2e/sim.tcl tests/e2e/chips.tcl \
	tests/e2e/serve.tcl tests/e2e/pty.exp $(E2E_TESTS)

E2E_TESTS = tests/e2e/bitbang.test tests/e2e/customer.test tests/e2e/demo.test tests/e2e/doc.test tests/e2e/driver.test tests/e2e/faults.test tests/e2e/footprint.test tests/e2e/front.test tests/e2e/option.test tests/e2e/gang.test tests/e2e/keys.test \
	tests/e2e/plugin.test tests/e2e/preserve.test tests/e2e/recover.test tests/e2e/refuse.test tests/e2e/simulator.test tests/e2e/stock.test tests/e2e/stacks.test tests/e2e/stop.test tests/e2e/under_reset.test tests/e2e/upgrade.test

# What users get, installed below the build tree. E2E=no leaves the end to end tests out of check.
E2E_ROOT = $(abs_builddir)/e2e-root
E2E_JOBS = 2
install-e2e: all
	@$(MAKE) $(AM_MAKEFLAGS) -s install DESTDIR=$(E2E_ROOT) >e2e-install.log 2>&1 || \
		{ cat e2e-install.log; exit 1; }

check-e2e: install-e2e $(check_PROGRAMS)
	tclsh $(srcdir)/tests/e2e/all.tcl -build $(abs_builddir) -prefix $(E2E_ROOT)$(prefix) \
		-jobs $(E2E_JOBS) $(E2E_FILES)

check-local: $(CHECK_LOCAL)
	test "x$(E2E)" = xno || $(MAKE) $(AM_MAKEFLAGS) check-e2e

# Every image on every FUS and every chip (minutes): writes doc/matrix.md anew.
matrix: core_matrix_test$(EXEEXT)
	MATRIX=all MATRIX_WRITE=$(abs_top_srcdir)/doc/matrix.md ./core_matrix_test$(EXEEXT)

# DRIVER_OPENOCD: an OpenOCD with the flash driver; by default the one of ./setup openocd.
DRIVER_OPENOCD = $(abs_builddir)/../openocd/bin/openocd
bench: install-e2e core_speed_test$(EXEEXT)
	@status=0; \
	tclsh $(srcdir)/tests/bench.tcl -build $(abs_builddir) -prefix $(E2E_ROOT)$(prefix) || status=1; \
	echo; \
	OPENOCD=$(DRIVER_OPENOCD) tclsh $(srcdir)/tests/bench_driver.tcl -build $(abs_builddir) \
		-prefix $(E2E_ROOT)$(prefix) || status=1; \
	exit $$status

clean-local:
	rm -rf $(E2E_ROOT) e2e-install.log

PHONY += install-e2e check-e2e bench matrix
.PHONY: $(PHONY)

# Makes images with the virtual chip's test signature, whole or damaged.
noinst_PROGRAMS += tests/mkimage
tests_mkimage_SOURCES = tests/mkimage.c src/sim/trust.c src/sim/simimage.c src/sim/testsig.c
tests_mkimage_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS)
tests_mkimage_LDADD = $(NETTLE_LIBS)

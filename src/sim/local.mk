# SPDX-License-Identifier: GPL-2.0-or-later
# libwbsim: the virtual chip; stm32wb-sim: its front.
noinst_LTLIBRARIES += libwbsim.la
libwbsim_la_SOURCES =
libwbsim_la_CFLAGS = $(AM_CFLAGS) $(UNICORN_CFLAGS) $(JANSSON_CFLAGS) $(NETTLE_CFLAGS) $(ZLIB_CFLAGS)
libwbsim_la_LIBADD = $(UNICORN_LIBS) $(JANSSON_LIBS) $(NETTLE_LIBS) $(ZLIB_LIBS)

# The probe, faults, state files and counters.
libwbsim_la_SOURCES += src/sim/wbsim.h src/sim/sim.h \
	src/sim/probe.c src/sim/probe.h src/sim/adapter.c \
	src/sim/stlink.c src/sim/stlink.h src/sim/stlink_debug.c src/sim/stlink_mem.c \
	src/sim/fault.c src/sim/fault.h src/sim/state.c src/sim/state.h src/sim/stats.c

# The connector, pin by pin.
libwbsim_la_SOURCES += src/sim/bitbang.c src/sim/swj.h src/sim/swj.c src/sim/swd_wire.c src/sim/jtag_wire.c

bin_PROGRAMS += stm32wb-sim
stm32wb_sim_SOURCES = src/sim/main.c src/sim/server.c src/sim/server.h src/sim/sockets.c src/sim/sockets.h \
	src/sim/stlink_tcp.c src/sim/control.c
stm32wb_sim_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
stm32wb_sim_LDADD = libwbsim.la $(JANSSON_LIBS)

# The chip's body: address map, time and resets, flash, options, peripherals.
libwbsim_la_SOURCES += src/sim/devices.h src/sim/chip.c src/sim/quirks.c src/sim/parts.c \
	src/sim/bus.c src/sim/time.c src/sim/dap.c src/sim/dap.h src/sim/mem_ap.c \
	src/sim/flash.h src/sim/flash.c src/sim/flash_mem.c \
	src/sim/options.h src/sim/options.c src/sim/option_fields.c \
	src/sim/rcc.c src/sim/pwr.c src/sim/ipcc.c src/sim/hsem.c src/sim/iwdg.c \
	src/sim/crc.c src/sim/aes.c src/sim/dbgmcu.c src/sim/plain.c

# The CM0+.
libwbsim_la_SOURCES += src/sim/cpu2.c src/sim/cpu2.h src/sim/cpu2_state.c src/sim/cpu2_flash.c src/sim/cpu2_flash.h src/sim/cpu2_tables.c src/sim/ufb.c \
	src/sim/fus.c src/sim/fus_check.c src/sim/fus_run.c src/sim/fus_acts.c src/sim/fus_steps.c src/sim/fus_rules.c \
	src/sim/wstack.c src/sim/usrkey.c src/sim/vault.c src/sim/simimage.c src/sim/trust.c src/sim/testsig.c src/sim/testsig.h

# CPU1: the engine, exceptions, core and debug registers.
libwbsim_la_SOURCES += src/sim/cpu1.c src/sim/cpu1.h src/sim/engine.c src/sim/engine_loop.c src/sim/engine_map.c \
	src/sim/exceptions.c src/sim/nvic.c src/sim/systick.c \
	src/sim/cm_debug.c src/sim/fpb_dwt.c src/sim/ppb.c

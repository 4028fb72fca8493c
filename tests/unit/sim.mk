# SPDX-License-Identifier: GPL-2.0-or-later

# The chip's body: flash, options, debug port, time and resets, register reset values.
if HAVE_CMOCKA
sim_body_tests = sim_accident_test sim_aes_test sim_flash_test sim_dap_test sim_low_power_test sim_options_test \
	sim_time_test sim_svd_test sim_parts_test sim_share_test sim_faults_test sim_state_test
check_PROGRAMS += $(sim_body_tests)
TESTS += $(sim_body_tests)

sim_accident_test_SOURCES = tests/unit/sim_accident_test.c tests/unit/sim_board.h
sim_accident_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
sim_accident_test_LDADD = libwbsim.la $(CMOCKA_LIBS)

sim_aes_test_SOURCES = tests/unit/sim_aes_test.c tests/unit/sim_board.h
sim_aes_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
sim_aes_test_LDADD = libwbsim.la $(CMOCKA_LIBS)

sim_share_test_SOURCES = tests/unit/sim_share_test.c tests/unit/sim_board.h
sim_share_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
sim_share_test_LDADD = libwbsim.la $(CMOCKA_LIBS)

sim_faults_test_SOURCES = tests/unit/sim_faults_test.c tests/unit/sim_board.h
sim_faults_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
sim_faults_test_LDADD = libwbsim.la $(CMOCKA_LIBS)

sim_state_test_SOURCES = tests/unit/sim_state_test.c tests/unit/sim_board.h
sim_state_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
sim_state_test_LDADD = libwbsim.la $(CMOCKA_LIBS)

sim_flash_test_SOURCES = tests/unit/sim_flash_test.c tests/unit/sim_board.h
sim_flash_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
sim_flash_test_LDADD = libwbsim.la $(CMOCKA_LIBS)

sim_dap_test_SOURCES = tests/unit/sim_dap_test.c tests/unit/sim_board.h
sim_dap_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
sim_dap_test_LDADD = libwbsim.la $(CMOCKA_LIBS)

sim_low_power_test_SOURCES = tests/unit/sim_low_power_test.c tests/unit/sim_board.h
sim_low_power_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
sim_low_power_test_LDADD = libwbsim.la $(CMOCKA_LIBS)

sim_time_test_SOURCES = tests/unit/sim_time_test.c tests/unit/sim_board.h
sim_time_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
sim_time_test_LDADD = libwbsim.la $(CMOCKA_LIBS)

sim_parts_test_SOURCES = tests/unit/sim_parts_test.c tests/unit/sim_board.h
sim_parts_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
sim_parts_test_LDADD = libwbsim.la $(CMOCKA_LIBS)

sim_svd_test_SOURCES = tests/unit/sim_svd_test.c tests/unit/sim_board.h
sim_svd_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
sim_svd_test_LDADD = libwbsim.la $(CMOCKA_LIBS)

sim_options_test_SOURCES = tests/unit/sim_options_test.c tests/unit/sim_board.h
sim_options_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
sim_options_test_LDADD = libwbsim.la $(CMOCKA_LIBS)
endif
if HAVE_CMOCKA
sim_stlink_tests = sim_stlink_test sim_stlink_memory_test
check_PROGRAMS += $(sim_stlink_tests)
TESTS += $(sim_stlink_tests)

sim_stlink_test_SOURCES = tests/unit/sim_stlink_test.c tests/unit/sim_stlink.h src/sim/stlink_tcp.c
sim_stlink_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(JANSSON_CFLAGS)
sim_stlink_test_LDADD = libwbsim.la $(CMOCKA_LIBS) $(JANSSON_LIBS)

sim_stlink_memory_test_SOURCES = tests/unit/sim_stlink_memory_test.c tests/unit/sim_stlink.h
sim_stlink_memory_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
sim_stlink_memory_test_LDADD = libwbsim.la $(CMOCKA_LIBS)
endif

# CPU1 alone, on a bus of its own.
if HAVE_CMOCKA
cpu1_tests = sim_cpu1_test sim_exceptions_test sim_cm_debug_test
check_PROGRAMS += $(cpu1_tests)
TESTS += $(cpu1_tests)
noinst_LTLIBRARIES += libcpu1.la
libcpu1_la_SOURCES = src/sim/cpu1.c src/sim/cpu1.h src/sim/engine.c src/sim/engine_loop.c src/sim/engine_map.c \
	src/sim/exceptions.c src/sim/nvic.c src/sim/systick.c \
	src/sim/cm_debug.c src/sim/fpb_dwt.c src/sim/ppb.c
libcpu1_la_CFLAGS = $(AM_CFLAGS) $(UNICORN_CFLAGS)
libcpu1_la_LIBADD = $(UNICORN_LIBS)

sim_cpu1_test_SOURCES = tests/unit/sim_cpu1_test.c tests/unit/sim_cpu1_board.h
sim_cpu1_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
sim_cpu1_test_LDADD = libcpu1.la $(CMOCKA_LIBS)

sim_exceptions_test_SOURCES = tests/unit/sim_exceptions_test.c tests/unit/sim_cpu1_board.h
sim_exceptions_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
sim_exceptions_test_LDADD = libcpu1.la $(CMOCKA_LIBS)

sim_cm_debug_test_SOURCES = tests/unit/sim_cm_debug_test.c tests/unit/sim_cpu1_board.h
sim_cm_debug_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
sim_cm_debug_test_LDADD = libcpu1.la $(CMOCKA_LIBS)
endif

# The CM0+ alone, on a board of fakes.
if HAVE_CMOCKA
check_LTLIBRARIES += libcpu2board.la
libcpu2board_la_SOURCES = tests/unit/sim_cpu2_board.c tests/unit/sim_cpu2_board.h \
	tests/unit/sim_cpu2_host.c tests/unit/sim_cpu2_errands.c tests/unit/sim_cpu2_errands.h \
	src/sim/cpu2.c src/sim/cpu2.h src/sim/cpu2_state.c src/sim/cpu2_flash.c \
	src/sim/cpu2_flash.h src/sim/cpu2_tables.c src/sim/ufb.c \
	src/sim/fus.c src/sim/fus_check.c src/sim/fus_run.c src/sim/fus_acts.c src/sim/fus_steps.c src/sim/fus_rules.c \
	src/sim/wstack.c src/sim/usrkey.c src/sim/vault.c src/sim/simimage.c src/sim/trust.c src/sim/testsig.c src/sim/testsig.h
libcpu2board_la_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(NETTLE_CFLAGS) $(ZLIB_CFLAGS)
libcpu2board_la_LIBADD = $(CMOCKA_LIBS) $(NETTLE_LIBS) $(ZLIB_LIBS)

sim_cpu2_tests = sim_cpu2_test sim_cpu2_stack_test sim_cpu2_power_test sim_cpu2_death_test \
	sim_cpu2_chip_test sim_keys_test sim_locks_test
check_PROGRAMS += $(sim_cpu2_tests)
TESTS += $(sim_cpu2_tests)
sim_cpu2_test_SOURCES = tests/unit/sim_cpu2_test.c
sim_cpu2_test_LDADD = libcpu2board.la
sim_cpu2_stack_test_SOURCES = tests/unit/sim_cpu2_stack_test.c
sim_cpu2_stack_test_LDADD = libcpu2board.la
sim_cpu2_power_test_SOURCES = tests/unit/sim_cpu2_power_test.c
sim_cpu2_power_test_LDADD = libcpu2board.la
sim_cpu2_death_test_SOURCES = tests/unit/sim_cpu2_death_test.c
sim_cpu2_death_test_LDADD = libcpu2board.la
sim_locks_test_SOURCES = tests/unit/sim_locks_test.c
sim_locks_test_LDADD = libcpu2board.la
sim_keys_test_SOURCES = tests/unit/sim_keys_test.c
sim_keys_test_LDADD = libcpu2board.la
# In the whole chip.
sim_cpu2_chip_test_SOURCES = tests/unit/sim_cpu2_chip_test.c
sim_cpu2_chip_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(NETTLE_CFLAGS)
sim_cpu2_chip_test_LDADD = libwbsim.la $(CMOCKA_LIBS)
endif

# The connector, bit by bit.
if HAVE_CMOCKA
sim_wire_tests = sim_swd_wire_test sim_swd_ack_test sim_wire_test
check_PROGRAMS += $(sim_wire_tests)
TESTS += $(sim_wire_tests)
sim_swd_wire_test_SOURCES = tests/unit/sim_swd_wire_test.c tests/unit/sim_swd_host.h tests/unit/sim_wire.h
sim_swd_wire_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
sim_swd_wire_test_LDADD = libwbsim.la $(CMOCKA_LIBS)
sim_swd_ack_test_SOURCES = tests/unit/sim_swd_ack_test.c tests/unit/sim_swd_host.h tests/unit/sim_wire.h
sim_swd_ack_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
sim_swd_ack_test_LDADD = libwbsim.la $(CMOCKA_LIBS)
sim_wire_test_SOURCES = tests/unit/sim_wire_test.c tests/unit/sim_wire.h tests/unit/sim_board.h
sim_wire_test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
sim_wire_test_LDADD = libwbsim.la $(CMOCKA_LIBS)
endif

# SPDX-License-Identifier: GPL-2.0-or-later
# libFuzzer targets: configure CC=clang --enable-fuzz. Run by tests/fuzz/run.sh.
EXTRA_DIST += tests/fuzz/run.sh
if FUZZ
noinst_PROGRAMS += tests/fuzz/fuzz_bitbang tests/fuzz/fuzz_chip tests/fuzz/fuzz_image tests/fuzz/fuzz_packets

tests_fuzz_fuzz_bitbang_SOURCES = tests/fuzz/fuzz_bitbang.c
tests_fuzz_fuzz_bitbang_LDFLAGS = -fsanitize=fuzzer
tests_fuzz_fuzz_bitbang_LDADD = libwbsim.la

tests_fuzz_fuzz_chip_SOURCES = tests/fuzz/fuzz_chip.c
tests_fuzz_fuzz_chip_LDFLAGS = -fsanitize=fuzzer
tests_fuzz_fuzz_chip_LDADD = libopenfus.la

tests_fuzz_fuzz_image_SOURCES = tests/fuzz/fuzz_image.c
tests_fuzz_fuzz_image_LDFLAGS = -fsanitize=fuzzer
tests_fuzz_fuzz_image_LDADD = libopenfus.la

tests_fuzz_fuzz_packets_SOURCES = tests/fuzz/fuzz_packets.c
tests_fuzz_fuzz_packets_LDFLAGS = -fsanitize=fuzzer
tests_fuzz_fuzz_packets_LDADD = libopenfus.la
endif

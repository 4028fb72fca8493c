/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libwbsim: a virtual STM32WB behind a virtual ST-LINK.
 *
 * The chip of this library is written from ST's documents, not from the code in src/core, and
 * includes nothing of it: it is core's second opinion. In-process users (tests/link_sim.c) call
 * the functions below; stm32wb-sim puts a socket in front of wbsim_stlink_command().
 *
 * One struct wbsim is one board with its probe. No globals, no threads. Time is virtual
 * (nanoseconds since the chip was first powered) and moves only through the calls below.
 */
#ifndef WBSIM_H
#define WBSIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WBSIM_API __attribute__((visibility("default")))

struct wbsim;

enum wbsim_result {
	WBSIM_OK = 0,
	WBSIM_FAULT,	 /* bus error: the AP answered FAULT (sticky error cleared by the probe) */
	WBSIM_WAIT,	 /* the AP answered WAIT until the probe gave up */
	WBSIM_PARITY,	 /* SWD parity or protocol error */
	WBSIM_NO_DAP,	 /* the debug port does not answer: no power, held, or lost (attach again) */
	WBSIM_UNPLUGGED, /* the probe itself is gone: every call fails until wbsim_replug() */
	WBSIM_USAGE,	 /* bad arguments */
};

enum wbsim_probe_kind { WBSIM_PROBE_V3 = 0, WBSIM_PROBE_V2 };

/* Everything that is decided before the chip is made. Zero is the default of each field. */
struct wbsim_config {
	const char *chip;	     /* part name, NULL: "wb55rg" */
	const char *fus;	     /* FUS version "1.2.0", NULL: that */
	const char *stack_file;	     /* wireless stack installed and selected, or NULL */
	const char *app_file;	     /* raw binary at 0x08000000, or NULL */
	const char *const *trust;    /* NULL-terminated list of files and folders, or NULL */
	const char *const *options;  /* NULL-terminated "NAME=VALUE", or NULL */
	const char *const *quirks;   /* NULL-terminated quirk words, or NULL */
	const char *const *faults;   /* NULL-terminated "WHEN:WHAT", or NULL */
	enum wbsim_probe_kind probe; /* latency profile */
	void (*log)(void *ctx, const char *line);
	void *log_ctx;
};

/* Counters and times since the chip was made or wbsim_stats_clear(). Stable JSON keys. */
struct wbsim_stats {
	uint64_t probe_commands; /* ST-LINK commands; on the bare pins, transfers */
	uint64_t swd_bits;	 /* clock cycles, 46 a 32-bit SWD transfer */
	uint64_t bytes_read, bytes_written;	  /* memory payload moved over the probe */
	uint64_t target_reads, target_writes;	  /* AP memory accesses of the debugger */
	uint64_t halts;				  /* CPU1 entered debug state */
	uint64_t resets;			  /* system resets of the chip, whoever asked */
	uint64_t flash_erases, flash_dwords, option_writes; /* CPU1's and the debugger's, not CPU2's */
	uint64_t flash_breaches; /* CPU1 at the flash beside a CM0+ that runs, not as agreed (HSEM, PES) */
	uint64_t faults;			  /* injected faults that happened */
	uint64_t ns_wire, ns_latency, ns_cpu1, ns_flash, ns_fus, ns_idle;
};

/** Make a board. On failure NULL and one sentence in why. */
WBSIM_API struct wbsim *wbsim_new(const struct wbsim_config *cfg, char *why, size_t why_size);
WBSIM_API void wbsim_free(struct wbsim *sim);

/** Virtual nanoseconds since power-on of the model. */
WBSIM_API uint64_t wbsim_now(const struct wbsim *sim);
/** Let ns of virtual time pass with a silent host (phase "idle"). */
WBSIM_API void wbsim_sleep(struct wbsim *sim, uint64_t ns);

WBSIM_API const struct wbsim_stats *wbsim_stats(const struct wbsim *sim);
WBSIM_API void wbsim_stats_clear(struct wbsim *sim);
/** The counters as a JSON object (malloc'ed text, caller frees), keys of design/virtual-chip.md. */
WBSIM_API char *wbsim_stats_json(const struct wbsim *sim);

/*
 * The probe as a memory-access adapter, accounted as OpenOCD's dapdirect transport does it: a
 * transfer is 3 ST-LINK commands. width is 1, 2 or 4 bytes, count in elements, values little
 * endian. Transfers may cross 4 KiB (the probe re-writes TAR). Bounded by 64 KiB.
 */
WBSIM_API enum wbsim_result wbsim_mem_read(struct wbsim *sim, uint32_t addr, unsigned int width,
	size_t count, void *data);
WBSIM_API enum wbsim_result wbsim_mem_write(struct wbsim *sim, uint32_t addr, unsigned int width,
	size_t count, const void *data);
/** Connect to the debug port: line reset, DPIDR, power up. */
WBSIM_API enum wbsim_result wbsim_attach(struct wbsim *sim);
/** Drive NRST. */
WBSIM_API enum wbsim_result wbsim_nrst(struct wbsim *sim, bool low);
/** Ask for an SWD clock; the probe's list rounds it down; returns the effective kHz. */
WBSIM_API unsigned int wbsim_set_speed(struct wbsim *sim, unsigned int khz);
WBSIM_API unsigned int wbsim_get_speed(const struct wbsim *sim);

/**
 * One ST-LINK USB command, as stlink-server's "send USB command" carries it.
 *
 * @param[in]     cmd  16 bytes, the CDB.
 * @param[in]     dir  0: host to probe, 1: probe to host.
 * @param[in,out] data dir 0: len bytes sent; dir 1: room for len bytes, zero-filled past the answer.
 * @return WBSIM_OK unless the probe is unplugged or the length is over 10,240.
 */
WBSIM_API enum wbsim_result wbsim_stlink_command(struct wbsim *sim, const uint8_t cmd[16], int dir,
	uint8_t *data, size_t len);

/* What happens to a board on a bench. Power and plug states survive until changed back. */
WBSIM_API void wbsim_power(struct wbsim *sim, bool on);
WBSIM_API void wbsim_unplug(struct wbsim *sim);
WBSIM_API void wbsim_replug(struct wbsim *sim);
WBSIM_API bool wbsim_plugged(const struct wbsim *sim);
/** Add a fault, "WHEN:WHAT" as on the command line (fault.c's table). False: why says what is wrong. */
WBSIM_API bool wbsim_add_fault(struct wbsim *sim, const char *spec, char *why, size_t why_size);
WBSIM_API void wbsim_clear_faults(struct wbsim *sim);
/** Do WHAT of a fault now; it may be called by an observer. False: no such thing. */
WBSIM_API bool wbsim_strike(struct wbsim *sim, const char *what);
/**
 * Told of every place at which a fault can strike, before one does: "command", "flash" or "step",
 * the how-manieth of its kind, and the step's name (else NULL). It may fork(), or call wbsim_strike().
 */
WBSIM_API void wbsim_observe(struct wbsim *sim,
	void (*seen)(void *ctx, const char *place, uint64_t n, const char *step), void *ctx);

/*
 * The tester's view: no accounting, no side effects, sees secure memory too. Flash
 * (0x08000000...), SRAM1/2, OTP, option bytes as mapped, and peripheral registers (peek only).
 */
WBSIM_API bool wbsim_peek(struct wbsim *sim, uint32_t addr, void *data, size_t len);
WBSIM_API bool wbsim_poke(struct wbsim *sim, uint32_t addr, const void *data, size_t len);

/**
 * Cells that have lost what they held: each double word of flash in [addr, addr + len) gets so many
 * wrong bits, 1 (read right, ECCC) or 2 (read wrong, ECCD); in the option page, where there is no
 * ECC, a wrong bit a word. CPU1 minds from its next reset on. False: no such cells, or another count.
 */
WBSIM_API bool wbsim_corrupt(struct wbsim *sim, uint32_t addr, size_t len, unsigned int bits);

/** One wrong bit in an option field, by name: its word does not match its complement any more. */
WBSIM_API bool wbsim_corrupt_option(struct wbsim *sim, const char *field);

/** What an observer with X-ray eyes would say of the CM0+. */
struct wbsim_cpu2_view {
	const char *runs;	  /* "off", "fus", "stack", "safeboot", "dead" */
	uint32_t fus_version;	  /* 0x01020000 */
	uint32_t stack_version;	  /* 0: none installed */
	uint32_t stack_type;	  /* low byte of the info word */
	uint32_t sfsa, sbrv;	  /* secure options in force */
	uint8_t stack_sha256[32]; /* of the installed stack's image file; zeros: none */
	uint8_t fus_sha256[32];	  /* of the FUS image last installed; zeros: factory */
	bool busy;		  /* an operation is in progress (UFB not idle) */
	const char *busy_step;	  /* name of the step table's row, or "" */
	bool dead;		  /* nothing but a new chip helps */
	bool user_keys_lost;	  /* a FUS upgrade has erased the user's keys */
	bool keys_lost;		  /* the FUS's own keys are gone: it takes no image any more */
	bool rollback;		  /* anti-rollback is on */
	unsigned int user_keys;	  /* stored, without the master key */
	bool master_key;	  /* is stored */
	bool auth_key, auth_locked; /* a customer's authentication key is installed; is locked */
	unsigned int keys_locked; /* user keys, until the next reset */
	bool aes1_loaded;	  /* a user key is in AES1: its index and bytes, decrypted */
	uint8_t aes1_index, aes1_key_size, aes1_key[32];
};
WBSIM_API void wbsim_cpu2_view(const struct wbsim *sim, struct wbsim_cpu2_view *view);

/**
 * Everything non-volatile: flash, OTP, option bytes, UFB, identity (what --state keeps).
 * wbsim_load replaces the chip's contents and power-cycles it.
 */
WBSIM_API bool wbsim_save(const struct wbsim *sim, const char *path, char *why, size_t why_size);
WBSIM_API bool wbsim_load(struct wbsim *sim, const char *path, char *why, size_t why_size);
/** The same in memory (malloc'ed, caller frees): for thousands of faulty upgrades from one start. */
WBSIM_API void *wbsim_snapshot(const struct wbsim *sim, size_t *len);
WBSIM_API bool wbsim_restore(struct wbsim *sim, const void *snapshot, size_t len);

#endif

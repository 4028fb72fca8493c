/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one door from core to the outside world: a chip behind a probe, a clock, a terminal.
 *
 * src/plugin/link_jim.c fills it over OpenOCD's Tcl commands, src/openocd over its C API,
 * tests/link_sim.c over the virtual chip in-process. Core calls nothing else.
 *
 * Every function that can fail returns a status; on failure it has put the reason into
 * link->reason (numbers included: address, count, what the host said).
 */
#ifndef OPENFUS_LINK_H
#define OPENFUS_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/status.h"

/* Core register numbers as DCRSR.REGSEL has them (ARMv7-M ARM C1.6.3). */
enum cm_reg { CM_SP = 13, CM_LR = 14, CM_PC = 15, CM_XPSR = 16, CM_CFBP = 20 };

/* What the journal keeps of a chip, each by itself. */
enum wb_record {
	WB_RECORD_BOOT,	 /* boot options as they were: before any is changed */
	WB_RECORD_PAGES, /* user flash that is to be put back: before it is overwritten */
	WB_RECORD_OPTIONS, /* user option bytes before and after: while they are written */
	WB_RECORD_HELD,	 /* how a chip was left held: for the next process */
	WB_RECORD_SAFEBOOT, /* Safeboot was started, and its end not seen */
	WB_RECORD_AWAY,	 /* a stack was left for the FUS, and is to be started again */
	WB_RECORD_ROLLBACK, /* anti-rollback was switched on, for the life of the chip */
	WB_RECORDS,
};

/* One word of several in one go. */
struct wb_word {
	uint32_t address, value;
	bool write; /* value is written; else read into it */
};

struct wb_link {
	void *ctx;
	char reason[320]; /* of the last failure */

	/**
	 * Memory through CPU1's AHB-AP; works while CPU1 runs.
	 * @param width 1, 2 or 4 bytes; address and data aligned to it; little endian in data.
	 * @param count elements, at most 16,384 bytes in all.
	 * @retval WB_ERR_LINK transfer failed; the port may be gone: reattach().
	 */
	enum wb_status (*read)(struct wb_link *link, uint32_t address, unsigned int width,
		size_t count, void *data);
	enum wb_status (*write)(struct wb_link *link, uint32_t address, unsigned int width,
		size_t count, const void *data);

	/**
	 * May be NULL. Words here and there in one go, in this order, for what one transfer each would
	 * take. After a failure any part of it may have been done. At most 64.
	 */
	enum wb_status (*words)(struct wb_link *link, struct wb_word *words, size_t count);

	/*
	 * CPU1. cortex_m.c implements these four over read and write for every link that has no
	 * better way: cortex_m_link_defaults() fills them. The first three look at DHCSR and so clear
	 * its S_RESET_ST; WB_ERR_RESET: done, and the chip has reset since DHCSR was last read.
	 */
	enum wb_status (*halt)(struct wb_link *link);
	enum wb_status (*reg_read)(struct wb_link *link, enum cm_reg reg, uint32_t *value);
	enum wb_status (*reg_write)(struct wb_link *link, enum cm_reg reg, uint32_t value);
	/** Resume at pc with interrupts masked by C_MASKINTS if mask. pc = UINT32_MAX: where it stands. */
	enum wb_status (*run)(struct wb_link *link, uint32_t pc, bool mask);
	/**
	 * Reset the chip and hold CPU1 at its reset vector. under_nrst: through NRST where the
	 * probe has it (AP reached while low), else SYSRESETREQ with vector catch.
	 * @retval WB_ERR_RESET done, but CPU1 was found running (no vector catch): it is halted now.
	 */
	enum wb_status (*reset_hold)(struct wb_link *link, bool under_nrst);

	/**
	 * May be NULL. NRST by the probe, low or let go: what reset_hold's default needs for it.
	 * @retval WB_ERR_HOST the probe has none, or was not told of it: nothing was done
	 * @retval WB_ERR_LINK it cannot be driven
	 */
	enum wb_status (*nrst)(struct wb_link *link, bool low);

	/** One attempt (<= 200 ms) to get a lost debug port back. WB_OK: reads work again. */
	enum wb_status (*reattach)(struct wb_link *link);

	/** SWD clock in kHz; set returns what is in force afterwards through *khz. */
	enum wb_status (*speed)(struct wb_link *link, unsigned int *khz, bool set);
	/** The host's own background polling of the target; returns the former state. */
	bool (*polling)(struct wb_link *link, bool on);
	/**
	 * May be NULL. These bytes are secret, until it is called with NULL: the host logs nothing of
	 * what is transferred meanwhile, at no level, and at the end no copy of them is left in it.
	 */
	void (*secret)(struct wb_link *link, const uint8_t *bytes, size_t len);
	/**
	 * May be NULL. By all that the host knows without a transfer: has CPU1 stood halted at pc
	 * since the last command? False: somebody has let it run meanwhile.
	 */
	bool (*parked)(struct wb_link *link, uint32_t pc);

	/** Let time pass; keeps the host's own timers alive. Long work calls it at least every 500 ms. */
	void (*sleep_ms)(struct wb_link *link, unsigned int ms);
	/** Monotonic milliseconds (virtual ones on the virtual chip in-process). */
	uint64_t (*time_ms)(struct wb_link *link);
	/** True once the user asked to stop; stays true until the command ends. */
	bool (*stop_requested)(struct wb_link *link);

	/** One line for the person at the terminal: what is being done now, or a warning. No newline. */
	void (*report)(struct wb_link *link, bool warning, const char *text);
	/** Long work: done of total bytes or percent of one named phase. done == total ends it. */
	void (*progress)(struct wb_link *link, const char *phase, uint64_t done, uint64_t total);

	/*
	 * The journal: records on the host that outlive a power cut and this process, keyed by UID64
	 * (files below $XDG_STATE_HOME/openfus). store is done when the record is on disk, the old
	 * one or the new one whatever happens; with len 0 it removes it.
	 * load: *len in: room, out: bytes found, 0 if there is none; with data NULL just how many.
	 * name: what a person would look for, such as the file's path.
	 */
	enum wb_status (*journal_load)(struct wb_link *link, uint64_t uid, enum wb_record record,
		void *data, size_t *len);
	enum wb_status (*journal_store)(struct wb_link *link, uint64_t uid, enum wb_record record,
		const void *data, size_t len);
	void (*journal_name)(struct wb_link *link, uint64_t uid, enum wb_record record, char *name,
		size_t size);
};

#endif

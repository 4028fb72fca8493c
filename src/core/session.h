/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside core: a chip in our hands, from the first halt to the last restore.
 *
 *   session.c    open, close: what was found is what is left (leave.c)
 *   held.c       ... also where a run before this one was cut off
 *   hold.c       resets: CPU1 held across every one of them
 *   cm0.c        the CM0+ started with our tables, its ready event
 *   sram_boot.c  the fallback hold by option bytes, and its journal
 *   stub_host.c  the RAM stub on CPU1          flash.c, scan.c  user flash through it
 *   mailbox.c    one command to the CM0+       fus.c, upgrade.c what people ask for
 *
 * Functions here return what their callees return; WB_ERR_RESET always means: the chip has reset
 * since CPU1 was last held, call hold_follow() before anything else.
 */
#ifndef OPENFUS_SESSION_H
#define OPENFUS_SESSION_H

#include "core/openfus.h"
#include "stub/abi.h"

#define SESSION_SRAM_SIZE (STUB_END - STUB_BASE)

struct wb_session {
	struct wb_link *link;

	/* between commands: CPU1 stands at its reset vector, the CM0+ was started by us */
	bool held;
	uint32_t reset_pc; /* where it stands */

	/* within a command */
	struct wb_chip chip; /* the last snapshot */
	struct wb_chip found; /* what the last hot look saw, and when (0: no look) */
	uint64_t found_ms;
	bool selects_stack;  /* SBRV, when last looked at: it is not at a FUS */
	bool c2boot;	     /* set by us since the last reset; it works but once */
	uint32_t cr4;	     /* PWR_CR4 as the last reset left it */
	uint32_t clocks[4];  /* RCC_AHB3ENR, RCC_C2AHB1ENR to C2AHB3ENR: as resets leave them, with ours */
	bool clocks_known;
	bool cm0_up;	     /* C2BOOT set by us since the last reset, ready seen */
	enum wb_runs runs;   /* who said ready; WB_RUNS_NOTHING: nobody yet */
	uint32_t tables;     /* address of our tables */
	uint32_t cleared;    /* where all of their room has been written by us */
	bool tables_wide;    /* IPCCDBA counts double words on this chip */
	bool reset_seen;     /* S_RESET_ST was read as set: hold_follow() has yet to deal with it */
	bool free_run;	     /* the last reset was not caught: CPU1 was found running */
	bool uncaught;	     /* ... which was one that the chip made itself */
	bool used_cpu1;	     /* CPU1 has left its reset vector since the last reset */
	bool tried, escapes; /* such a reset has been made once; it was not caught */
	bool proved;	     /* resets by the chip do not let the application run: hold_prove() */
	bool settled;	     /* the FUS was found idle, and has been told nothing since */
	bool fus_busy;	     /* an operation of the FUS is under way: no reset by us */
	bool following;	     /* ... and is followed: the snapshot is taken at its end */
	const char *operation; /* which, for people */
	uint8_t told_state;  /* the last that a report named */
	unsigned int resets; /* of the chip since open */

	/* as found; put back by session_close() */
	bool taken, noted, was_running, polling, clock_changed;
	bool recalled; /* by a run before this one, which was cut off: held.c */
	uint32_t mark; /* held.c's, once the journal holds its record */
	uint32_t demcr, dhcsr, freeze;
	unsigned int khz;
	uint64_t sram_saved; /* pieces (spare.c), a bit each */
	uint8_t sram[SESSION_SRAM_SIZE];

	/* the stub */
	bool stub_running;
	bool installs; /* this command will stage and install */
	bool stub_due; /* ... and has not used the stub for the last time */
	uint32_t stub_request;
	bool stub_written; /* its code into SRAM1, where nothing of ours has changed it since */
	bool stub_pending; /* started by its first command */
	bool stub_last;	   /* the next command is its last one */
	bool stub_quit;	   /* that is done, and registers are as they were */
	bool marks_known;  /* of its slots: `piece` may be the next one */
	uint32_t piece;	   /* of data into flash: the next one's number */
	uint32_t slot;	   /* ... and how large the slots for them are, all the time */
	bool visits;	   /* bank_visit.c: no key is sent over the wire, where it may be lost */
	uint32_t leave_cr; /* FLASH_CR when the stub has quit; 0: not touched */
	uint32_t give_7;   /* beside a CM0+ that runs: a3 of stub/abi.h; else 0 */
	bool reads_only;   /* of its code only what reads flash is there */

	/* fallback hold */
	bool sram_boot;		   /* option bytes are ours now */
	uint32_t optr;		   /* FLASH_OPTR as it was */

	uint64_t started_ms;
	unsigned int troubles; /* transfers that failed with no reset to explain it */
};

/* ---- memory (hold.c): a failure that a lost port explains is followed by reattach and retry --- */

/**
 * Read or write words. A lost port is attached again (bounded).
 * @retval WB_ERR_RESET the chip has reset meanwhile.
 * @retval WB_ERR_LINK  the port stays lost.
 */
enum wb_status chip_read(struct wb_session *s, uint32_t address, size_t words, uint32_t *data,
	struct wb_error *err);
enum wb_status chip_write(struct wb_session *s, uint32_t address, size_t words,
	const uint32_t *data, struct wb_error *err);
enum wb_status chip_poke(struct wb_session *s, uint32_t address, uint32_t value,
	struct wb_error *err);
/**
 * Write a register that must not get the same word twice: a write that failed may have arrived.
 * @param[out] doubt the transfer failed, the port is back, and the caller has to find out
 */
enum wb_status chip_write_once(struct wb_session *s, uint32_t address, uint32_t value,
	bool *doubt, struct wb_error *err);
/** Read, then write with these bits set and those cleared, if that changes anything. */
enum wb_status chip_modify(struct wb_session *s, uint32_t address, uint32_t clear, uint32_t set,
	struct wb_error *err);

/* ---- resets (hold.c) -------------------------------------------------------------------------- */

/** Has the chip reset since CPU1 was last held? WB_OK: no; WB_ERR_RESET: yes. */
enum wb_status hold_check(struct wb_session *s, struct wb_error *err);
/** After a reset that the chip made itself: port back, CPU1 halted, watchdog frozen, catch armed. */
enum wb_status hold_follow(struct wb_session *s, struct wb_error *err);
/** Vector catch armed, watchdogs frozen. */
enum wb_status hold_arm(struct wb_session *s, struct wb_error *err);
/** Reset the chip and hold CPU1; the CM0+ is off afterwards. Not while s->fus_busy. */
enum wb_status hold_reset(struct wb_session *s, bool under_nrst, struct wb_error *err);
/** Port back after a failure: WB_OK, or WB_ERR_LINK after 3 s. */
enum wb_status hold_reattach(struct wb_session *s, struct wb_error *err);
/** A transfer failed: port back, and WB_ERR_RESET if the chip was reset meanwhile. */
enum wb_status hold_regain(struct wb_session *s, struct wb_error *err);
/**
 * The loop around something on the link that may be done twice: true if *status was a failure that
 * no reset explains and the next try is due, at a lower clock if it was not the first. *failed
 * counts, from 0. False: *status is the verdict, told in err with `what` and the address.
 */
bool hold_again(struct wb_session *s, const char *what, uint32_t address, unsigned int *failed,
	enum wb_status *status, struct wb_error *err);
/** Half the clock, if there is a lower one; session_close() puts the user's back. */
void hold_slow_down(struct wb_session *s);
/** CPU1 halted; its PC. WB_ERR_RESET: the chip has reset meanwhile. */
enum wb_status hold_halt(struct wb_session *s, struct wb_error *err);
enum wb_status hold_pc(struct wb_session *s, uint32_t *pc, struct wb_error *err);
/**
 * Make sure that resets which the FUS makes will not let the application run: launch the option
 * bytes once, and if that reset is not caught, boot CPU1 from SRAM for the time being.
 */
enum wb_status hold_prove(struct wb_session *s, struct wb_error *err);
/** hold_reset(), and the first time by that launch: so hold_prove() needs no reset of its own. */
enum wb_status hold_reset_try(struct wb_session *s, struct wb_error *err);

/* ---- the CM0+ (cm0.c) -------------------------------------------------------------------------- */

/**
 * Start the CM0+ with our tables and wait for its ready event, across all resets that it makes;
 * nothing to do if it is up. s->runs says who it is afterwards.
 * @retval WB_ERR_TIMEOUT nobody said ready.
 */
enum wb_status cm0_start(struct wb_session *s, struct wb_error *err);
/** WB_ERR_REFUSED if SFSA or SBRV select Safeboot, which would erase all. */
enum wb_status cm0_refuse_safeboot(struct wb_session *s, struct wb_error *err);
/** A new snapshot into s->chip; the device info table is live if the CM0+ is up. */
enum wb_status cm0_snapshot(struct wb_session *s, struct wb_error *err);

/* ---- the flash controller's locks (unlock.c) ---------------------------------------------------- */

/**
 * Flash, and with `options` the option bytes, unlocked; the controller idle, errors of the past
 * cleared. CPU1 held. A key that was lost on its way costs a reset, but not of a FUS at work.
 * @retval WB_ERR_FLASH busy for too long, or the locks do not open
 */
enum wb_status flash_unlock(struct wb_session *s, bool options, struct wb_error *err);

/* ---- fallback hold (sram_boot.c) --------------------------------------------------------------- */

enum wb_status sram_boot_on(struct wb_session *s, struct wb_error *err);
/** Put the option bytes back and forget the journal. CPU1 is held and the CM0+ off afterwards. */
enum wb_status sram_boot_off(struct wb_session *s, struct wb_error *err);
/** Is there a journal for this chip (or one that cannot be read)? */
bool sram_boot_pending(struct wb_session *s, uint64_t uid64);
/** An earlier run was cut off: put back what its journal says. */
enum wb_status sram_boot_recover(struct wb_session *s, struct wb_error *err);
/** Load the option bytes again: resets the chip; followed (options_write.c). */
enum wb_status options_launch(struct wb_session *s, struct wb_error *err);

/* ---- runs that were cut off (held.c) ----------------------------------------------------------- */

/** Was a run cut off that held this chip, and does it still stand as it was left? */
bool held_pending(struct wb_session *s, uint64_t uid64);
/** If so, what that run found counts as found, in place of what s has noted. */
void held_recall(struct wb_session *s);
/** Keep what s has noted until held_drop(), and mark the chip. */
enum wb_status held_keep(struct wb_session *s, struct wb_error *err);
void held_drop(struct wb_session *s);
/** If the FUS may still be at work on what that run began: follow it to its end. */
enum wb_status held_let_fus_end(struct wb_session *s, struct wb_fus_state *state,
	struct wb_error *err);

/* ---- SRAM1 under the stub (spare.c) ------------------------------------------------------------ */

/** Save [from, to) of the stub's SRAM1, as far as it is not saved yet. */
enum wb_status sram_save(struct wb_session *s, uint32_t from, uint32_t to, struct wb_error *err);
/** Put back what is saved. */
enum wb_status sram_restore(struct wb_session *s, struct wb_error *err);
/** Of [from, to), on 256 bytes, what is not needed any more. What fails is done by sram_restore(). */
void sram_restore_early(struct wb_session *s, uint32_t from, uint32_t to);
/** Let time pass, and use it for a piece of SRAM1 that is to be saved or put back. */
void session_wait(struct wb_session *s, unsigned int ms);

/* ---- open and close (session.c) ---------------------------------------------------------------- */

/**
 * A hot snapshot; a debug port that is not there is attached first, and the clock goes down if
 * nothing else helps: session_clock_back().
 */
enum wb_status session_look(struct wb_session *s, struct wb_chip *chip, struct wb_error *err);
/** The same into s->chip, without what the CM0+ says of itself: wb_chip_read_flash(). */
enum wb_status session_look_flash(struct wb_session *s, struct wb_error *err);
/**
 * Take the chip: snapshot, CPU1 held, watchdog frozen, an old journal put right. A session that is
 * still held needs no new reset.
 */
enum wb_status session_open(struct wb_session *s, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err);
/**
 * Leave the chip as commands.md says, whatever happened. Returns `status`, or the failure to
 * restore if there was none before.
 */
enum wb_status session_close(struct wb_session *s, const struct wb_operation *op,
	struct wb_result *result, enum wb_status status, struct wb_error *err);
/**
 * A chip that was reset by us and then not known for what it is: CPU1 and its debug settings as they
 * were noted, and no more than that. What fails here is not told: the caller has the cause.
 */
void session_let_go(struct wb_session *s);
/** What session_close() does to the chip; result->left says how it is now. */
enum wb_status session_leave(struct wb_session *s, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err);
/** The clock that the probe takes, if the present one is slow; a failure leaves things as they are. */
void session_raise_clock(struct wb_session *s);
/** The user's clock, if we have changed it. */
void session_clock_back(struct wb_session *s);
/**
 * A command ends behind its look, with the chip not taken: the clock back, the look forgotten (the next
 * command looks for itself), and *result says so of result->before.
 */
void session_untouched(struct wb_session *s, struct wb_result *result);
/** WB_ERR_STOPPED if the user asked to stop. */
enum wb_status session_stop(struct wb_session *s, struct wb_error *err);
void session_report(struct wb_session *s, bool warning, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
uint64_t session_ms(struct wb_session *s);
/**
 * How long to pause before the next look at something that has gone on for so long: a part of that
 * time again, so that few looks are made, and little is waited for nothing.
 */
unsigned int session_pause(uint64_t passed_ms, unsigned int most_ms);

#endif

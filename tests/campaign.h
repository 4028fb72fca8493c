/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The campaign: every operation of the link, every step of the FUS and every flash operation of a
 * few jobs, times every fault; then the same command again.
 *
 *   campaign.c          options, the table of outcomes
 *   campaign_jobs.c     the jobs: a chip, a command, what it promises
 *   campaign_commands.c those that are one command: where it is needed, how it is called
 *   campaign_look.c     what is looked at afterwards
 *   campaign_faults.c   the faults, and what a person does about each
 *   campaign_strike.c   a job run once; at each place a child a fault, which runs on from there
 *   campaign_judge.c    what must hold then
 *
 * The parent meets no fault. A child is the whole process, chip and all, so nothing is replayed.
 */
#ifndef CAMPAIGN_H
#define CAMPAIGN_H

#include "tests/unit/core_make.h"
#include "tests/unit/core_board.h"

#define PROBE_KHZ 3300u
/* Applications that a reset has started leave a mark, then stay where they are. */
#define APP_MARK 0x20010000u
#define APP_MARKED 0x600df00du
#define APP_STARTS_NS 1000000u

/* ---- jobs ------------------------------------------------------------------------------------ */

/* What is looked at when a command is over. */
struct campaign_look {
	uint64_t flash; /* sum of all that is not secure */
	uint64_t page;	/* of the option page: what the next reset loads */
	uint32_t options[8];
	uint32_t fus, stack, sfsa, sbrv;
	uint8_t stack_sha256[32];
	bool dead, busy, keys_lost;
	bool user_key, auth_key, auth_locked, rollback; /* what commands give the FUS */
	unsigned int aes1, locked; /* keys in AES1, and locked: until the next reset */
	bool app;		    /* CPU1 runs the application, from a reset made by us */
	uint32_t demcr, freeze, dbgmcu; /* debug settings that are the user's */
	size_t journal;		    /* bytes left on the host, but for: */
	size_t noted;		    /* anti-rollback, for the life of the chip */
};

typedef enum wb_status campaign_operation(struct wb_session *session,
	const struct wb_operation *op, struct wb_result *result, struct wb_error *err);

struct campaign_command { /* another one than upgrade, delete, and option set */
	campaign_operation *run, *before; /* before: to get there; NULL: nothing */
	/* the last on the way there, no reset behind it; image: a newer stack; NULL: nothing */
	void (*prepare)(struct board *board, const struct wb_image *image);
	const struct wb_key *key;
	bool holds;  /* what it does lasts until a reset: CPU1 stays held */
	bool asks;   /* its goal is the state before */
	bool reads;  /* ... with nothing written, nothing halted */
	bool erases; /* the application is lost, as was consented to */
	const char *confirm[2];
	const char *twice; /* words of the error of a second one; NULL: it succeeds again */
};
extern const struct campaign_command campaign_purge, campaign_store, campaign_load,
	campaign_unload, campaign_lock, campaign_authkey, campaign_lock_authkey,
	campaign_antirollback, campaign_recover_fus, campaign_recover_safeboot,
	campaign_recover_upgrade, campaign_recover_page, campaign_recover_boot,
	campaign_recover_options, campaign_start, campaign_start_ws, campaign_state,
	campaign_shci, campaign_diagnose, campaign_mailbox;

/** One operation of a command's, run or before, once. */
enum wb_status campaign_call(struct board *board, const struct campaign_command *c,
	campaign_operation *run);

struct campaign_job {
	const char *name, *title;
	const char *fus;	 /* version that the chip has */
	bool stack;		 /* an older stack is in place */
	bool folder;		 /* the goal may be reached by way of other images */
	bool remove;		 /* fus delete */
	unsigned int goal;	 /* index into the images */
	unsigned int every;	 /* a large image: always at one place of so many */
	const struct campaign_command *command;
};
extern const struct campaign_job campaign_jobs[];
extern const size_t campaign_job_count;

struct campaign_quirks {
	const char *name;
	const char *const *words;
};
extern const struct campaign_quirks campaign_quirks[];
extern const size_t campaign_quirk_count;

/** False: it needs images of ST's, and STM32WB_IMAGES names none. */
bool job_possible(const struct campaign_job *job);
/** Does its command leave the application running? */
bool job_runs_app(const struct campaign_job *job);
/** Is its goal another state than the one before? */
bool job_changes(const struct campaign_job *job);
/** Does its command write nothing and halt nothing? */
bool job_reads(const struct campaign_job *job);
/** Power off and on, the probe attached; the application has run and its mark is taken away. */
void job_cycle(struct board *board);
/** A board ready for the job's command, its application running. */
void job_open(struct board *board, const struct campaign_job *job, const char *const *quirks);
void job_close(struct board *board);
/** The command, once. */
enum wb_status job_run(struct board *board, const struct campaign_job *job);
/** Did a command that ended so find nothing left to do? */
bool job_was_done(const struct board *board, const struct campaign_job *job, enum wb_status status);
/** How things are. Halts CPU1 in the end: nothing more can be done with this board. */
void job_look(struct board *board, const struct campaign_job *job, struct campaign_look *look);
/** In words, where two differ; false if they do not. */
bool job_differ(const struct campaign_look *is, const struct campaign_look *wanted, char *text,
	size_t size);
/** Sum of bytes, for comparing. */
uint64_t campaign_sum(uint64_t sum, const void *data, size_t len);

/* ---- faults ---------------------------------------------------------------------------------- */

enum campaign_mend {
	MEND_NOTHING, /* it passes by itself */
	MEND_POWER,   /* power comes back, the tool is started anew */
	MEND_PLUG,    /* the probe is plugged in again */
	MEND_CYCLE,   /* the board is switched off and on */
};

struct campaign_fault {
	const char *name;
	const char *strike; /* as the virtual chip knows it; NULL: Ctrl-C */
	enum campaign_mend mend;
	bool same_process; /* the command is repeated by the same OpenOCD */
	unsigned int every; /* when time is short: at one link operation of so many */
};
extern const struct campaign_fault campaign_faults[];
extern const size_t campaign_fault_count;

void fault_strike(struct board *board, const struct campaign_fault *fault);
void fault_mend(struct board *board, const struct campaign_fault *fault);

/* ---- strikes --------------------------------------------------------------------------------- */

enum campaign_place { AT_LINK, AT_STEP, AT_FLASH, CAMPAIGN_PLACES };
extern const char *const campaign_place_names[CAMPAIGN_PLACES];

enum campaign_outcome {
	OUT_NOTHING,  /* the child died without a word */
	OUT_AT_ONCE,  /* the command that met the fault reached the goal; again: nothing to do */
	OUT_AGAIN,    /* the same command again reached the goal */
	OUT_SAFEBOOT, /* option bytes cut in the middle of a write: named, with the remedy */
	OUT_BAD,
	CAMPAIGN_OUTCOMES
};

struct campaign_record {
	size_t job, quirks, fault;
	enum campaign_place place;
	unsigned int number; /* which of its kind */
	enum campaign_outcome outcome;
	enum wb_status first, second;
	bool known; /* the second run is the one of an equal chip, seen before */
	uint32_t cpu_us; /* of the host, for the child */
	uint32_t first_ms, second_ms; /* virtual: from the fault to the command's end; again */
	uint64_t state; /* sum of the chip that the second run began with; 0: not comparable */
	char step[24];
	char text[400]; /* OUT_BAD: what is wrong */
};

/* ---- judging --------------------------------------------------------------------------------- */

struct campaign_trial {
	const struct campaign_job *job;
	const struct campaign_fault *fault;
	const struct campaign_look *before, *goal;
	struct campaign_record *record; /* complaints go to its text */
};

/** A run that ended so; before: the counters when it began, or was struck. */
void judge_run(const struct board *board, const struct campaign_trial *trial,
	const struct wbsim_stats *before, enum wb_status status);
/** After the second run. Ends the board, as job_look(). */
enum campaign_outcome judge_end(struct board *board, const struct campaign_trial *trial);

/* ---- what is run ----------------------------------------------------------------------------- */

/* The long way with all quirks, when time is short: so many times fewer link operations are struck. */
#define CAMPAIGN_WAY_EVERY 4u

struct campaign_choice {
	bool all, no_memory, verbose;
	unsigned int every; /* one place of so many, over each fault's own */
	unsigned int children;
	const char *job, *quirks, *fault, *broken; /* NULL: all; none */
	enum campaign_place place;
	unsigned int number; /* 0: all */
};

/** Of how many places of a kind a fault strikes at one. */
unsigned int campaign_every(const struct campaign_choice *choice, const struct campaign_job *job,
	enum campaign_place place, const struct campaign_fault *fault);
/** Run one job with all its faults; each record goes to told. */
void campaign_run(const struct campaign_choice *choice, size_t job, size_t quirks,
	void (*told)(const struct campaign_record *record, void *ctx), void *ctx,
	unsigned int places[CAMPAIGN_PLACES]);

#endif

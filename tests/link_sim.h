/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link.h over the virtual chip in-process: core on its test bench, in virtual time.
 */
#ifndef LINK_SIM_H
#define LINK_SIM_H

#include "core/link.h"
#include "sim/wbsim.h"

/* What happens to the board at a link operation: from then on the link fails until bench_mend(). */
enum bench_accident { ACCIDENT_NONE, ACCIDENT_POWER_CUT, ACCIDENT_UNPLUG, ACCIDENT_STOP };

struct bench_record {
	uint8_t *data; /* malloc'ed */
	size_t len;    /* 0: there is none */
};

struct bench {
	struct wb_link link;
	struct wbsim *sim;
	unsigned int ops;	/* link operations: reads, writes, attaches, sleeps */
	unsigned int accident_at; /* the accident comes before this operation (1 is the first) */
	enum bench_accident accident;
	bool struck;
	bool stop;		/* what stop_requested() says */
	bool polling;
	struct bench_record record[WB_RECORDS]; /* the journal */
	bool read_only; /* the journal takes nothing new */
	unsigned int memory_ops; /* reads and writes */
	unsigned int warnings;
	bool verbose; /* reports to stderr */
	/* called before each operation, may be NULL: it may fork(), or strike by itself */
	void (*before_operation)(struct bench *bench);
};

/** Put core's link on a board. The bench does not own the board. */
void bench_init(struct bench *bench, struct wbsim *sim);
/** Power back, probe back, Ctrl-C forgotten, counters 0. */
void bench_mend(struct bench *bench);
/** Forget the journal, and free it. */
void bench_forget(struct bench *bench);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A board for the CM0+'s unit tests: flash, options, mailbox, time and resets as simple fakes, and
 * a host that puts tables into SRAM2a, starts the CM0+ and talks to it.
 */
#ifndef SIM_CPU2_BOARD_H
#define SIM_CPU2_BOARD_H

#include "sim/cpu2.h"

#define MS NS_PER_MS
#define READY_NONE (-1)
#define READY_STACK 0
#define READY_FUS 1
#define CMD_SILENT (-1) /* no answer in time */
#define CMD_RESET (-2)  /* the chip reset instead of answering */

struct board {
	struct wbsim *sim;
	unsigned int resets;         /* all */
	unsigned int steps;          /* fault points seen */
	unsigned int cut_step;       /* cut power at this one, 0: never */
	uint64_t cut_time;           /* or at this virtual time, 0: never */
	bool cut;                    /* it happened */
	char cut_name[32];           /* in which step */
	uint32_t c1_to_c2, c2_to_c1; /* mailbox flags, bit = channel */
	bool c2crc;                  /* CPU2's CRC clock */
	uint32_t wild_queues;        /* the host leaves this in both lists' sentinels, 0: makes them */
	bool bad_pool;               /* the host puts the BLE pool outside open RAM */
	uint8_t error;               /* GET_STATE's */
	uint16_t opcode;             /* of the last answer */
	uint8_t last_state;
	uint32_t broken;             /* flash address that cannot be read, 0: none */
	uint8_t aes1[USER_KEY_MAX]; /* the key that the CM0+ has put there; zeros: none */
	unsigned int events; /* seen by the last board_start() */
};

struct board *board_new(const struct wbsim_config *cfg);
void board_free(struct board *b);
/** Let time pass; stops early at a reset or power cut: true. */
bool board_run(struct board *b, uint64_t ns);
void board_power_off(struct board *b);
void board_power_on(struct board *b);
/** Tables, C2BOOT, ready event: who says it. */
int board_start(struct board *b);
/** One system command: status, or CMD_*. */
int board_command(struct board *b, uint16_t opcode);
int board_command_with(struct board *b, uint16_t opcode, const void *payload, uint8_t len);
/** Start, ask, follow resets until a stack runs (READY_STACK) or the FUS is idle or in error
 * (READY_FUS). */
int board_follow(struct board *b);
void board_stage(struct board *b, uint32_t addr, const uint8_t *image, size_t size);
void board_set_option(struct board *b, const char *field, uint32_t value);

struct make_image {
	uint32_t magic, info1, version, size;
	uint8_t nvm, type, open_2a, open_2b;
	uint16_t page; /* 0: 4096 */
	uint32_t seed;
};
#define MAKE_STACK 0x23372991u
#define MAKE_STACK2 0xB10C8B99u
#define MAKE_FUS 0x32279221u
/** An image with a test signature (malloc'ed). */
uint8_t *board_image(const struct make_image *m);

#endif

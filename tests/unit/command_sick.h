/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Boards that are sick, for the diagnosis; and hands to make them so. */
#ifndef COMMAND_SICK_H
#define COMMAND_SICK_H

#include "tests/unit/command_board.h"
#include "core/diagnose.h"

#define STACK VERSION(1, 24, 0) /* what install_stack() installs */

struct sick {
	const char *name, *check;
	enum wb_verdict verdict, after; /* after: once the advice was followed */
	const char *words;		/* behind "fus diagnose" */
	const char *advice;		/* part of it */
	const char *fus, *chip;
	const char *const *options, *const *quirks;
	void (*make)(void);
};
extern const struct sick sick_boards[];
extern const size_t sick_count;

/* The board on the bench. */
extern struct board board;
void poke(uint32_t address, uint32_t value);
uint32_t look(uint32_t address);
void set(uint32_t address, const void *data, size_t len);
void wait_ms(unsigned int ms);
void power_cycle(void);
/** Say words that must succeed. */
void done(const char *words);
void install_stack(void);
/** Power failed when the FUS had moved the image; it goes on at its next start. */
void upgrade_cut_off(void);

#endif

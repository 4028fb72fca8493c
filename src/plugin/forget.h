/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A secret forgotten by the whole process: OpenOCD's transport keeps copies that no command reaches.
 */
#ifndef PLUGIN_FORGET_H
#define PLUGIN_FORGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FORGET_MAX 80u /* bytes of a secret: the longest payload that carries a key */

/* Every 8 bytes in a row of a secret, masked: this memory is searched too. */
struct forget {
	uint64_t masked[FORGET_MAX];
	unsigned int count;
};

/** Remember what is to be forgotten. */
void forget_note(struct forget *forget, const uint8_t *secret, size_t len);
/**
 * Overwrite each copy of it, 8 bytes or more of it in a row, in all memory that this process may write
 * to, and let go of the note. Linux only (/proc); elsewhere copies are left to be overwritten.
 */
void forget_now(struct forget *forget);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The test signature: what makes an image of tests/mkimage count as genuine on the virtual chip.
 *
 * Two facts no footer holds are put where ST's images have ciphertext:
 *   first 16 bytes: 7 bytes salt, stack type (or TESTSIG_FOR_053), 8 bytes that prove them (so a mere front is known)
 *   64 signature bytes: SHA-256(tag 0, digest), SHA-256(tag 1, digest); digest: of all but these 64
 *   64 bytes of a customer's: the same of (digest, key); digest: of all up to ST's signature
 */
#ifndef SIM_TESTSIG_H
#define SIM_TESTSIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TESTSIG_FRONT 16u
#define TESTSIG_SALT 7u
#define TESTSIG_SIZE 64u
#define TESTSIG_FOR_053 0x53u /* the type byte of a FUS image that is for FUS 0.5.3 only */

/** Make the 16 bytes of a front. */
void testsig_front(const uint8_t salt[TESTSIG_SALT], uint8_t type, uint8_t front[TESTSIG_FRONT]);
/** Is this the front of a test image? Its stack type in *type. */
bool testsig_is_front(const uint8_t front[TESTSIG_FRONT], uint8_t *type);
/** The signature of a file of size bytes whose signature bytes lie at sig_at. */
void testsig_sign(const uint8_t *file, size_t size, size_t sig_at, uint8_t sig[TESTSIG_SIZE]);
/** A customer's signature with an authentication key; the file's ST signature lies at sig_at. */
void testsig_customer(const uint8_t *file, size_t sig_at, const uint8_t key[TESTSIG_SIZE],
	uint8_t sig[TESTSIG_SIZE]);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Little-endian words in byte arrays: files and chip memory alike. The caller has checked the room.
 */
#ifndef OPENFUS_BYTES_H
#define OPENFUS_BYTES_H

#include <stdint.h>

static inline uint16_t wb_get16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t wb_get32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t wb_get64(const uint8_t *p)
{
	return (uint64_t)wb_get32(p) | (uint64_t)wb_get32(p + 4) << 32;
}

static inline void wb_put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static inline void wb_put32(uint8_t *p, uint32_t v)
{
	wb_put16(p, (uint16_t)v);
	wb_put16(p + 2, (uint16_t)(v >> 16));
}

/** value[high..low], as data sheets write it. */
static inline uint32_t wb_bits(uint32_t value, unsigned int high, unsigned int low)
{
	return (value >> low) & (0xffffffffu >> (31u - (high - low)));
}

#endif

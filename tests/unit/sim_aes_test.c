/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AES1 through the debug port: FIPS-197's and SP 800-38A's examples; a key that is the CM0+'s. */
#include <string.h>
#include "tests/unit/sim_board.h"

#define AES1(offset) (0x50060000u + (offset))
#define CR AES1(0x00)
#define SR AES1(0x04)
#define DINR AES1(0x08)
#define DOUTR AES1(0x0C)
#define KEYR0 AES1(0x10)
#define IVR0 AES1(0x20)
#define KEYR4 AES1(0x30)
#define RCC_AHB2ENR 0x5800004Cu
#define AES1EN (1u << 16)
#define SIPCR 0x40010110u
#define EN (1u << 0)
#define BYTES (2u << 1) /* DATATYPE */
#define DECRYPT (3u << 3)
#define CBC (1u << 5)
#define CTR (2u << 5)
#define CCFC (1u << 7)
#define KEY_256 (1u << 18)
#define CCF (1u << 0)
#define WRERR (1u << 2)

static const uint32_t plain[4] = { 0x00112233, 0x44556677, 0x8899aabb, 0xccddeeff };
static const uint32_t cipher_128[4] = { 0x69c4e0d8, 0x6a7b0430, 0xd8cdb780, 0x70b4c55a };
static const uint32_t cipher_256[4] = { 0x8ea2b7ca, 0x516745bf, 0xeafc4990, 0x4b496089 };

static struct wbsim *clocked_board(void)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);

	wr(sim, RCC_AHB2ENR, AES1EN);
	return sim;
}

/* 00 01 02 ...: FIPS-197's keys. The highest register has the first bytes. */
static void write_key(struct wbsim *sim, unsigned int words)
{
	for (unsigned int i = 0; i < words; i++) {
		const uint32_t first = 4 * (words - 1 - i);
		const uint32_t word = first * 0x01010101u + 0x00010203u;

		wr(sim, i < 4 ? KEYR0 + 4 * i : KEYR4 + 4 * (i - 4), word);
	}
}

static void block(struct wbsim *sim, const uint32_t in[4], uint32_t out[4])
{
	for (int i = 0; i < 4; i++)
		wr(sim, DINR, in[i]);
	assert_int_equal(rd(sim, SR), CCF);
	for (int i = 0; i < 4; i++)
		out[i] = rd(sim, DOUTR);
	wr(sim, CR, rd(sim, CR) | CCFC);
	assert_int_equal(rd(sim, SR), 0);
}

static void blocks_are_as_in_fips_197(void **state)
{
	struct wbsim *sim = clocked_board();
	uint32_t out[4], back[4], bytes[4];

	(void)state;
	for (int large = 0; large < 2; large++) {
		write_key(sim, large ? 8 : 4);
		wr(sim, CR, (large ? KEY_256 : 0) | EN);
		block(sim, plain, out);
		assert_memory_equal(out, large ? cipher_256 : cipher_128, 16);
		wr(sim, CR, 0);
		wr(sim, CR, (large ? KEY_256 : 0) | DECRYPT | EN);
		block(sim, out, back);
		assert_memory_equal(back, plain, 16);
		wr(sim, CR, 0);
	}
	write_key(sim, 4);
	wr(sim, CR, BYTES | EN);
	for (int i = 0; i < 4; i++)
		bytes[i] = __builtin_bswap32(plain[i]);
	block(sim, bytes, out);
	assert_int_equal(__builtin_bswap32(out[0]), cipher_128[0]);
	wbsim_free(sim);
}

/* SP 800-38A, F.2.1 and F.5.1: the first two blocks. */
static void chains_are_as_in_sp_800_38a(void **state)
{
	static const uint32_t key[4] = { 0x2b7e1516, 0x28aed2a6, 0xabf71588, 0x09cf4f3c };
	static const uint32_t text[2][4] = { { 0x6bc1bee2, 0x2e409f96, 0xe93d7e11, 0x7393172a },
		{ 0xae2d8a57, 0x1e03ac9c, 0x9eb76fac, 0x45af8e51 } };
	static const struct {
		uint32_t mode, iv[4], out[2];
	} rows[] = {
		{ CBC, { 0x00010203, 0x04050607, 0x08090a0b, 0x0c0d0e0f },
			{ 0x7649abac, 0x5086cb9b } },
		{ CTR, { 0xf0f1f2f3, 0xf4f5f6f7, 0xf8f9fafb, 0xfcfdfeff },
			{ 0x874d6191, 0x9806f66b } },
	};
	struct wbsim *sim = clocked_board();
	uint32_t out[2][4], back[4];

	(void)state;
	for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		for (unsigned int decrypt = 0; decrypt < 2; decrypt++) {
			for (unsigned int i = 0; i < 4; i++) {
				wr(sim, KEYR0 + 4 * i, key[3 - i]);
				wr(sim, IVR0 + 4 * i, rows[r].iv[3 - i]);
			}
			wr(sim, CR, rows[r].mode | (decrypt ? DECRYPT : 0) | EN);
			for (int n = 0; n < 2; n++) {
				block(sim, decrypt ? out[n] : text[n], decrypt ? back : out[n]);
				if (decrypt)
					assert_memory_equal(back, text[n], 16);
				else
					assert_int_equal(out[n][0], rows[r].out[n]);
			}
			wr(sim, CR, 0);
		}
	}
	wbsim_free(sim);
}

static void without_clock_or_enable_nothing_happens(void **state)
{
	struct wbsim *sim = clocked_board();

	(void)state;
	wr(sim, DINR, 1);
	assert_int_equal(rd(sim, SR), WRERR);
	wr(sim, KEYR0, 0x1234);
	assert_int_equal(rd(sim, KEYR0), 0x1234);
	wr(sim, RCC_AHB2ENR, 0);
	assert_int_equal(rd(sim, KEYR0), 0);
	wr(sim, KEYR0, 5);
	wr(sim, RCC_AHB2ENR, AES1EN);
	assert_int_equal(rd(sim, KEYR0), 0x1234);
	wbsim_free(sim);
}

/* "Not accessible by Cortex-M4" [AN5185]; writing the key registers then is a hard fault [user]. */
static void a_key_of_the_cm0_works_and_cannot_be_seen(void **state)
{
	struct wbsim *sim = clocked_board();
	uint8_t key[16];
	uint32_t out[4];

	(void)state;
	for (uint8_t i = 0; i < 16; i++)
		key[i] = i;
	aes1_secure_key(sim, key, sizeof(key));
	assert_int_equal(rd(sim, SIPCR) & 1, 1);
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(rd(sim, KEYR0 + 4 * i), 0);
	assert_false(bus_write(sim, SIM_DEBUG, KEYR0, 4, 1));
	wr(sim, IVR0, 7);
	wr(sim, CR, EN);
	block(sim, plain, out);
	assert_memory_equal(out, cipher_128, 16);
	wr(sim, CR, 0);
	aes1_secure_key(sim, NULL, 0);
	wr(sim, KEYR0, 1);
	assert_int_equal(rd(sim, KEYR0), 1);
	assert_int_equal(rd(sim, KEYR0 + 4), 0); /* nothing is left of it */
	aes1_secure_key(sim, key, sizeof(key));
	sim_reset_request(sim, SIM_RESET_SYSRESETREQ);
	sim_reset_settle(sim);
	wr(sim, RCC_AHB2ENR, AES1EN);
	wr(sim, KEYR0, 2);
	assert_int_equal(rd(sim, KEYR0), 2);
	assert_int_equal(rd(sim, KEYR0 + 4), 0);
	wbsim_free(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_are_as_in_fips_197),
		cmocka_unit_test(chains_are_as_in_sp_800_38a),
		cmocka_unit_test(without_clock_or_enable_nothing_happens),
		cmocka_unit_test(a_key_of_the_cm0_works_and_cannot_be_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

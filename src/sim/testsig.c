/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The test signature of generated images: made by tests/mkimage, checked by the virtual FUS. */
#include "sim/testsig.h"

#include <nettle/sha2.h>
#include <string.h>

static const char *const testsig_tag[] = {
	"openfus virtual chip test signature 0",
	"openfus virtual chip test signature 1",
};
static const char *const testsig_customer_tag[] = {
	"openfus virtual chip customer signature 0",
	"openfus virtual chip customer signature 1",
};
static const char testsig_front_tag[] = "openfus virtual chip test front";

#define TESTSIG_PROOF (TESTSIG_FRONT - TESTSIG_SALT - 1)

void testsig_front(const uint8_t salt[TESTSIG_SALT], uint8_t type, uint8_t front[TESTSIG_FRONT])
{
	struct sha256_ctx ctx;
	uint8_t digest[SHA256_DIGEST_SIZE];

	memmove(front, salt, TESTSIG_SALT);
	front[TESTSIG_SALT] = type;
	sha256_init(&ctx);
	sha256_update(&ctx, sizeof(testsig_front_tag), (const uint8_t *)testsig_front_tag);
	sha256_update(&ctx, TESTSIG_SALT + 1, front);
	sha256_digest(&ctx, sizeof(digest), digest);
	memcpy(front + TESTSIG_SALT + 1, digest, TESTSIG_PROOF);
}

bool testsig_is_front(const uint8_t front[TESTSIG_FRONT], uint8_t *type)
{
	uint8_t want[TESTSIG_FRONT];

	testsig_front(front, front[TESTSIG_SALT], want);
	if (memcmp(want, front, TESTSIG_FRONT) != 0)
		return false;
	*type = front[TESTSIG_SALT];
	return true;
}

void testsig_sign(const uint8_t *file, size_t size, size_t sig_at, uint8_t sig[TESTSIG_SIZE])
{
	struct sha256_ctx ctx;
	uint8_t digest[SHA256_DIGEST_SIZE];

	sha256_init(&ctx);
	sha256_update(&ctx, sig_at, file);
	sha256_update(&ctx, size - sig_at - TESTSIG_SIZE, file + sig_at + TESTSIG_SIZE);
	sha256_digest(&ctx, sizeof(digest), digest);
	for (unsigned int i = 0; i < 2; i++) {
		sha256_init(&ctx);
		sha256_update(&ctx, strlen(testsig_tag[i]), (const uint8_t *)testsig_tag[i]);
		sha256_update(&ctx, sizeof(digest), digest);
		sha256_digest(&ctx, SHA256_DIGEST_SIZE, sig + i * SHA256_DIGEST_SIZE);
	}
}

void testsig_customer(const uint8_t *file, size_t sig_at, const uint8_t key[TESTSIG_SIZE],
	uint8_t sig[TESTSIG_SIZE])
{
	struct sha256_ctx ctx;
	uint8_t digest[SHA256_DIGEST_SIZE];

	sha256_init(&ctx);
	sha256_update(&ctx, sig_at, file);
	sha256_digest(&ctx, sizeof(digest), digest);
	for (unsigned int i = 0; i < 2; i++) {
		sha256_init(&ctx);
		sha256_update(&ctx, strlen(testsig_customer_tag[i]),
			(const uint8_t *)testsig_customer_tag[i]);
		sha256_update(&ctx, sizeof(digest), digest);
		sha256_update(&ctx, TESTSIG_SIZE, key);
		sha256_digest(&ctx, SHA256_DIGEST_SIZE, sig + i * SHA256_DIGEST_SIZE);
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a chip keeps without power, as bytes: flash with its ECC marks, OTP, option page, and what
 * the CM0+ remembers of its images. In memory plain; in a file compressed, with a checksum, and
 * written so that a crash leaves the old file or the new one.
 *
 *   snapshot:  part name (16) | flash | flash_ecc | flash_ecc1 | otp | option page | rest: cpu2_save()
 *   file:      magic (8) | version (4) | plain length (4) | SHA-256 of plain (32) | deflated plain
 */
#include "sim/state.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define PART_NAME_SIZE 16u
#define FIXED_SIZE                                                                                 \
	(PART_NAME_SIZE + sizeof(((struct wbsim *)0)->flash) +                                     \
		2 * sizeof(((struct wbsim *)0)->flash_ecc) + sizeof(((struct wbsim *)0)->otp) +        \
		sizeof(((struct wbsim *)0)->option_page))
#define PLAIN_MAX (8u * 1024 * 1024)
#define STATE_VERSION 3u

static const uint8_t magic[8] = { 'W', 'B', 'S', 'I', 'M', 0x1a, '\r', '\n' };

struct state_header {
	uint8_t magic[8];
	uint8_t version[4]; /* little endian */
	uint8_t plain_len[4];
	uint8_t sha256[SHA256_DIGEST_SIZE];
};

static void put32(uint8_t *p, uint32_t val)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(val >> (8 * i));
}

static uint32_t get32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint8_t *append(uint8_t *p, const void *data, size_t len)
{
	memcpy(p, data, len);
	return p + len;
}

static const uint8_t *take(const uint8_t *p, void *data, size_t len)
{
	memcpy(data, p, len);
	return p + len;
}

void *wbsim_snapshot(const struct wbsim *sim, size_t *len)
{
	char name[PART_NAME_SIZE] = { 0 };
	size_t cpu2_len = 0;
	void *cpu2 = cpu2_save(sim, &cpu2_len);
	uint8_t *buf = cpu2 ? malloc(FIXED_SIZE + cpu2_len) : NULL;
	uint8_t *p = buf;

	if (buf) {
		snprintf(name, sizeof(name), "%s", sim->part->name);
		p = append(p, name, sizeof(name));
		p = append(p, sim->flash, sizeof(sim->flash));
		p = append(p, sim->flash_ecc, sizeof(sim->flash_ecc));
		p = append(p, sim->flash_ecc1, sizeof(sim->flash_ecc1));
		p = append(p, sim->otp, sizeof(sim->otp));
		p = append(p, sim->option_page, sizeof(sim->option_page));
		append(p, cpu2, cpu2_len);
		*len = FIXED_SIZE + cpu2_len;
	}
	free(cpu2);
	return buf;
}

bool wbsim_restore(struct wbsim *sim, const void *snapshot, size_t len)
{
	const uint8_t *p = snapshot;
	char name[PART_NAME_SIZE];

	if (len < FIXED_SIZE)
		return false;
	p = take(p, name, sizeof(name));
	if (name[sizeof(name) - 1] || strcmp(name, sim->part->name) != 0)
		return false;
	wbsim_power(sim, false);
	if (!cpu2_load(sim, (const uint8_t *)snapshot + FIXED_SIZE, len - FIXED_SIZE)) {
		wbsim_power(sim, true);
		return false;
	}
	p = take(p, sim->flash, sizeof(sim->flash));
	p = take(p, sim->flash_ecc, sizeof(sim->flash_ecc));
	p = take(p, sim->flash_ecc1, sizeof(sim->flash_ecc1));
	p = take(p, sim->otp, sizeof(sim->otp));
	take(p, sim->option_page, sizeof(sim->option_page));
	wbsim_power(sim, true);
	return true;
}

/* ---- files ----------------------------------------------------------------------------------- */

static bool write_all(int fd, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

/* The new name must be on disk, too, before we say that it is. */
static void sync_folder(const char *path)
{
	char *copy = strdup(path);
	int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (fd >= 0) {
		(void)fsync(fd);
		close(fd);
	}
	free(copy);
}

/* The new file, under a malloc'ed name of its own until it is whole. -1: errno says why not. */
static int open_beside(const char *path, char **temp)
{
	size_t size = strlen(path) + sizeof(".XXXXXX");

	*temp = malloc(size);
	if (!*temp)
		return -1;
	snprintf(*temp, size, "%s.XXXXXX", path);
	return mkstemp(*temp);
}

static void tell_unwritable(const char *path, char *why, size_t why_size)
{
	snprintf(why, why_size, "cannot write the state file %s: %s", path, strerror(errno));
}

bool state_writable(const char *path, char *why, size_t why_size)
{
	char *temp;
	int fd = open_beside(path, &temp);

	if (fd < 0) {
		tell_unwritable(path, why, why_size);
	} else {
		close(fd);
		unlink(temp);
	}
	free(temp);
	return fd >= 0;
}

static bool replace_file(const char *path, const struct state_header *head, const void *body,
	size_t body_len, char *why, size_t why_size)
{
	char *temp;
	int fd = open_beside(path, &temp);
	bool ok = fd >= 0 && write_all(fd, head, sizeof(*head)) && write_all(fd, body, body_len) &&
		fsync(fd) == 0;
	if (fd >= 0 && close(fd) != 0)
		ok = false;
	if (ok && rename(temp, path) != 0)
		ok = false;
	if (!ok) {
		tell_unwritable(path, why, why_size);
		if (fd >= 0)
			unlink(temp);
	} else {
		sync_folder(path);
	}
	free(temp);
	return ok;
}

static void digest(const void *data, size_t len, uint8_t out[SHA256_DIGEST_SIZE])
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, len, data);
	sha256_digest(&ctx, SHA256_DIGEST_SIZE, out);
}

bool wbsim_save(const struct wbsim *sim, const char *path, char *why, size_t why_size)
{
	struct state_header head = { 0 };
	size_t len = 0;
	uint8_t *plain = wbsim_snapshot(sim, &len);
	uLongf packed_len = compressBound((uLong)len);
	uint8_t *packed = plain ? malloc(packed_len) : NULL;
	bool ok = false;

	if (!packed || compress2(packed, &packed_len, plain, (uLong)len, Z_BEST_SPEED) != Z_OK) {
		snprintf(why, why_size, "out of memory while saving to %s", path);
	} else {
		memcpy(head.magic, magic, sizeof(magic));
		put32(head.version, STATE_VERSION);
		put32(head.plain_len, (uint32_t)len);
		digest(plain, len, head.sha256);
		ok = replace_file(path, &head, packed, packed_len, why, why_size);
	}
	free(packed);
	free(plain);
	return ok;
}

/* The whole file, or NULL with errno. */
static uint8_t *read_file(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t *buf = NULL;
	struct stat st;
	size_t have = 0;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= 0 &&
		(uintmax_t)st.st_size <= 2 * PLAIN_MAX)
		buf = malloc((size_t)st.st_size + 1);
	else
		errno = EINVAL;
	while (buf && have < (size_t)st.st_size) {
		ssize_t n = read(fd, buf + have, (size_t)st.st_size - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		have += (size_t)n;
	}
	close(fd);
	*len = have;
	return buf;
}

/* The checked snapshot in a state file, malloc'ed, or NULL with a sentence in why. */
static uint8_t *unpack(const char *path, size_t *len, char *why, size_t why_size)
{
	size_t file_len = 0;
	uint8_t *file = read_file(path, &file_len), *plain = NULL;
	uint8_t sum[SHA256_DIGEST_SIZE];
	struct state_header head;
	uLongf plain_len;

	if (!file) {
		snprintf(why, why_size, "cannot read the state file %s: %s", path, strerror(errno));
		return NULL;
	}
	if (file_len < sizeof(head) || memcmp(file, magic, sizeof(magic)) != 0) {
		snprintf(why, why_size,
			"%s is no state file of this program: name another, or remove it",
			path);
		goto out;
	}
	memcpy(&head, file, sizeof(head));
	if (get32(head.version) != STATE_VERSION) {
		snprintf(why, why_size, "state file %s has version %u, this program reads %u", path,
			get32(head.version), STATE_VERSION);
		goto out;
	}
	plain_len = get32(head.plain_len);
	if (plain_len >= FIXED_SIZE && plain_len <= PLAIN_MAX)
		plain = malloc(plain_len);
	if (plain && uncompress(plain, &plain_len, file + sizeof(head),
			     (uLong)(file_len - sizeof(head))) == Z_OK)
		digest(plain, plain_len, sum);
	else
		memset(sum, 0, sizeof(sum));
	if (!plain || plain_len != get32(head.plain_len) ||
		memcmp(sum, head.sha256, sizeof(sum)) != 0) {
		snprintf(why, why_size,
			"state file %s is damaged (its checksum does not match): remove it",
			path);
		free(plain);
		plain = NULL;
	}
	*len = plain_len;
out:
	free(file);
	return plain;
}

bool wbsim_load(struct wbsim *sim, const char *path, char *why, size_t why_size)
{
	size_t len = 0;
	uint8_t *plain = unpack(path, &len, why, why_size);
	bool ok;

	if (!plain)
		return false;
	ok = wbsim_restore(sim, plain, len);
	if (!ok)
		snprintf(why, why_size, "state file %s is of part %.15s, this chip is %s", path,
			(const char *)plain, sim->part->name);
	free(plain);
	return ok;
}

bool state_part(const char *path, char *part, size_t part_size, char *why, size_t why_size)
{
	size_t len = 0;
	uint8_t *plain = unpack(path, &len, why, why_size);

	if (!plain)
		return false;
	snprintf(part, part_size, "%.15s", (const char *)plain);
	free(plain);
	return true;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Customer key storage: user keys and one master key in secure flash, loaded into AES1 where CPU1
 * can use and not read them. The FUS and a wireless stack answer the same commands [mw].
 *
 *   STORE   type, size, key [12 bytes of IV]  answer: index (quirk iv-first: the IV before the key)
 *   LOAD    index                             LOCK, UNLOAD  index
 *
 * An encrypted key is AES-GCM under the master key, without a tag: none is in the command [mw]. It
 * is stored as it came and decrypted when it is loaded; ours. What is refused is answered with
 * status 0xFF, as a stack answers an index it does not have [user].
 */
#include "sim/cpu2.h"

#include <nettle/gcm.h>
#include <string.h>

#define STORE_USR_KEY 0xFC58
#define LOAD_USR_KEY 0xFC59
#define LOCK_USR_KEY 0xFC5D
#define UNLOAD_USR_KEY 0xFC5E

#define STORE_HEAD 2u /* type, size */
#define MASTER_INDEX 0u
#define STATUS_DONE 0x00
#define STATUS_REFUSED 0xFF

static bool is_user_key(const struct vault_record *r)
{
	return r->type == VAULT_KEY_SIMPLE || r->type == VAULT_KEY_ENCRYPTED;
}

static bool locked(const struct cpu2 *c, unsigned int index)
{
	return c->keys_locked[index / 8] >> (index % 8) & 1;
}

unsigned int usrkey_count(const struct wbsim *sim)
{
	struct vault_record r;
	unsigned int count = 0;

	for (uint32_t at = 0; vault_next(sim, VAULT_KEYS, &at, &r);)
		count += is_user_key(&r);
	return count;
}

unsigned int usrkey_locked(const struct wbsim *sim)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < 8 * sizeof(sim->cpu2->keys_locked); i++)
		count += locked(sim->cpu2, i);
	return count;
}

static bool find(const struct wbsim *sim, unsigned int index, struct vault_record *r)
{
	for (uint32_t at = 0; vault_next(sim, VAULT_KEYS, &at, r);) {
		if (is_user_key(r) && r->index == index)
			return true;
	}
	return false;
}

static void answer(struct wbsim *sim, uint16_t opcode, bool done)
{
	tables_answer(sim, opcode, done ? STATUS_DONE : STATUS_REFUSED, NULL, 0);
}

/* Is the record's key, with its IV if it has one, as the command's length says? */
static bool store_sound(const struct wbsim *sim, const uint8_t *payload, uint8_t length)
{
	const uint8_t type = payload[0], size = payload[1];
	struct vault_record master;

	if (length < STORE_HEAD || (size != 16 && size != 32))
		return false;
	if (type == VAULT_KEY_ENCRYPTED)
		return length == STORE_HEAD + size + USER_KEY_IV &&
		       vault_last(sim, VAULT_KEYS, VAULT_KEY_MASTER, &master);
	return (type == VAULT_KEY_SIMPLE || type == VAULT_KEY_MASTER) &&
	       length == STORE_HEAD + size;
}

static void store(struct wbsim *sim, uint16_t opcode, const uint8_t *payload, uint8_t length)
{
	struct vault_record r = { 0 };
	unsigned int count = usrkey_count(sim);

	if (!store_sound(sim, payload, length) || vault_full(sim, VAULT_KEYS) ||
		(payload[0] != VAULT_KEY_MASTER && count >= USER_KEYS)) {
		answer(sim, opcode, false);
		return;
	}
	r.type = payload[0];
	r.size = (uint8_t)(length - STORE_HEAD);
	memcpy(r.data, payload + STORE_HEAD, r.size);
	if (r.type == VAULT_KEY_MASTER)
		r.index = MASTER_INDEX;
	else /* the first was 1 on a board [user] */
		r.index = (uint16_t)(count + !sim->quirks.key_index_0);
	fus_record(sim, FUS_OP_STORE_KEY, opcode, VAULT_KEYS, &r);
}

/* The key bytes as AES1 gets them. False: there is no master key to read them with. */
static bool reveal(
	const struct wbsim *sim, const struct vault_record *r, uint8_t *key, uint8_t *size)
{
	const uint8_t *iv = r->data, *text = r->data;
	struct vault_record master;

	if (r->type == VAULT_KEY_SIMPLE) {
		*size = r->size;
		memcpy(key, r->data, r->size);
		return true;
	}
	*size = (uint8_t)(r->size - USER_KEY_IV);
	if (sim->quirks.iv_first)
		text += USER_KEY_IV;
	else
		iv += *size;
	if (!vault_last(sim, VAULT_KEYS, VAULT_KEY_MASTER, &master))
		return false;
	if (master.size == AES128_KEY_SIZE) {
		struct gcm_aes128_ctx ctx;

		gcm_aes128_set_key(&ctx, master.data);
		gcm_aes128_set_iv(&ctx, USER_KEY_IV, iv);
		gcm_aes128_decrypt(&ctx, *size, key, text);
	} else {
		struct gcm_aes256_ctx ctx;

		gcm_aes256_set_key(&ctx, master.data);
		gcm_aes256_set_iv(&ctx, USER_KEY_IV, iv);
		gcm_aes256_decrypt(&ctx, *size, key, text);
	}
	return true;
}

static bool load(struct wbsim *sim, unsigned int index)
{
	struct cpu2 *c = sim->cpu2;
	struct vault_record r;
	uint8_t key[USER_KEY_MAX] = { 0 }, size;

	if (!find(sim, index, &r) || locked(c, index) || !reveal(sim, &r, key, &size))
		return false;
	c->aes_loaded = true;
	c->aes_index = (uint8_t)index;
	c->aes_key_size = size;
	memcpy(c->aes_key, key, sizeof(key));
	aes1_secure_key(sim, key, size);
	return true;
}

/* "To prevent its use until next system reset" [wiki]; one that is in AES1 already stays there. */
static bool lock(struct wbsim *sim, unsigned int index)
{
	struct vault_record r;

	if (!find(sim, index, &r))
		return false;
	sim->cpu2->keys_locked[index / 8] |= (uint8_t)(1u << index % 8);
	return true;
}

static bool unload(struct wbsim *sim, unsigned int index)
{
	struct cpu2 *c = sim->cpu2;

	if (!c->aes_loaded || c->aes_index != index)
		return false;
	c->aes_loaded = false;
	memset(c->aes_key, 0, sizeof(c->aes_key));
	c->aes_key_size = 0;
	aes1_secure_key(sim, NULL, 0);
	return true;
}

bool usrkey_command(struct wbsim *sim, uint16_t opcode)
{
	static const struct {
		uint16_t opcode;
		bool (*serve)(struct wbsim *sim, unsigned int index);
	} rows[] = { { LOAD_USR_KEY, load }, { LOCK_USR_KEY, lock }, { UNLOAD_USR_KEY, unload } };
	struct cpu2 *c = sim->cpu2;
	const uint8_t *packet = c->packet;
	bool none = !vault_bytes(sim, VAULT_KEYS);
	size_t row = 0;

	while (row < sizeof(rows) / sizeof(rows[0]) && rows[row].opcode != opcode)
		row++;
	if ((row == sizeof(rows) / sizeof(rows[0]) && opcode != STORE_USR_KEY) ||
		(none && sim->quirks.no_cks) ||
		(opcode == UNLOAD_USR_KEY && c->runs == CPU2_STACK && sim->quirks.no_unload))
		return false;
	if (c->op)
		tables_answer(sim, opcode, fus_ops[c->op].state, NULL, 0);
	else if (none)
		answer(sim, opcode, false);
	else if (opcode == STORE_USR_KEY)
		store(sim, opcode, packet + COMMAND_PAYLOAD, packet[COMMAND_LENGTH]);
	else
		answer(sim, opcode, packet[COMMAND_LENGTH] == 1 &&
					    rows[row].serve(sim, packet[COMMAND_PAYLOAD]));
	return true;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of the CM0+ outlives power beside flash and options, and the view of it for observers. */
#include "sim/cpu2.h"

#include <stdlib.h>
#include <string.h>

#define SAVE_MAGIC 0x34435057u

struct saved {
	uint32_t magic, fus_version;
	uint8_t fus_used, dead, user_keys_lost, keys_lost;
	uint32_t safeboot;
};

void *cpu2_save(const struct wbsim *sim, size_t *len)
{
	const struct cpu2 *c = sim->cpu2;
	struct saved *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	*s = (struct saved){ .magic = SAVE_MAGIC,
		.fus_version = c->fus_version,
		.fus_used = c->fus_used,
		.dead = c->dead,
		.user_keys_lost = c->user_keys_lost,
		.keys_lost = c->keys_lost,
		.safeboot = c->safeboot };
	*len = sizeof(*s);
	return s;
}

bool cpu2_load(struct wbsim *sim, const void *data, size_t len)
{
	struct cpu2 *c = sim->cpu2;
	struct saved s;

	if (len != sizeof(s))
		return false;
	memcpy(&s, data, sizeof(s));
	if (s.magic != SAVE_MAGIC || !fus_version_by_word(s.fus_version))
		return false;
	cpu2_stop(c); /* flash is another one now: no half-done step may be carried into it */
	c->fus_version = s.fus_version;
	c->fus_used = s.fus_used;
	c->dead = s.dead;
	c->user_keys_lost = s.user_keys_lost;
	c->keys_lost = s.keys_lost;
	c->safeboot = s.safeboot;
	ufb_load(sim);
	return true;
}

void wbsim_cpu2_view(const struct wbsim *sim, struct wbsim_cpu2_view *view)
{
	static const char *const names[] = { "off", "fus", "stack", "safeboot", "dead" };
	const struct cpu2 *c = sim->cpu2;

	*view = (struct wbsim_cpu2_view){ 0 };
	view->runs = names[c->lost ? CPU2_DEAD : c->runs];
	view->fus_version = c->ufb.fus_version;
	view->stack_version = c->ufb.stack.version;
	view->stack_type = c->ufb.stack.type;
	view->sfsa = options_get(sim, "SFSA");
	view->sbrv = options_get(sim, "SBRV");
	memcpy(view->stack_sha256, c->ufb.stack.sha256, sizeof(view->stack_sha256));
	memcpy(view->fus_sha256, c->ufb.fus_sha256, sizeof(view->fus_sha256));
	view->busy = c->op != FUS_IDLE ||
		     (c->ufb.operation != FUS_IDLE &&
			     c->row < fus_ops[c->ufb.operation].count[c->ufb.order]);
	view->busy_step = fus_step_name(sim);
	view->dead = c->dead;
	view->user_keys_lost = c->user_keys_lost;
	view->keys_lost = c->keys_lost;
	view->rollback = c->rollback != 0;
	view->user_keys = usrkey_count(sim);
	view->master_key = vault_last(sim, VAULT_KEYS, VAULT_KEY_MASTER, &(struct vault_record){ 0 });
	view->auth_key = c->auth_key;
	view->auth_locked = c->auth_locked;
	view->keys_locked = usrkey_locked(sim);
	view->aes1_loaded = c->aes_loaded;
	view->aes1_index = c->aes_index;
	view->aes1_key_size = c->aes_key_size;
	memcpy(view->aes1_key, c->aes_key, sizeof(view->aes1_key));
}

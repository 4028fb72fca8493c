/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs the steps of an operation in virtual time, remembers how far it came, goes on after a
 * reset, and leaves what a reset or a power cut leaves in the middle of a step.
 *
 * An act on pages is done page by page; its effect comes at the end of the page's time. A fault
 * is asked for in the middle, where the flash is half-done.
 */
#include "sim/cpu2.h"

#include <string.h>

static const struct fus_step *step_of(const struct cpu2 *c)
{
	return c->op && c->row < fus_ops[c->op].count[c->order]
		       ? &fus_ops[c->op].steps[c->order][c->row]
		       : NULL;
}

bool fus_deaf(const struct wbsim *sim)
{
	const struct fus_step *s = step_of(sim->cpu2);

	return s && s->deaf;
}

const char *fus_step_name(const struct wbsim *sim)
{
	const struct fus_step *s = step_of(sim->cpu2);

	return s ? s->name : "";
}

static void finish(struct wbsim *sim)
{
	struct cpu2 *c = sim->cpu2;

	c->op = FUS_IDLE;
	c->step_mid = NEVER;
	c->step_to = NEVER;
	sim_log(sim, "CM0+: operation ended");
}

/* Skip what needs no work, then let the clock run for the next piece of it. */
static void start_step(struct wbsim *sim)
{
	struct cpu2 *c = sim->cpu2;
	const struct fus_step *s;
	uint64_t ns;

	while ((s = step_of(c))) {
		uint32_t addr = 0;

		if (fus_act_on_pages(s->act)) {
			while ((addr = fus_act_page(sim, s->act, c->page)) &&
				fus_page_is_done(sim, s->act, addr))
				c->page++;
		}
		if (fus_act_on_pages(s->act)
				? addr != 0
				: !fus_act_on_options(s->act) || !fus_option_done(sim, s->act))
			break;
		c->row++;
		c->page = 0;
	}
	if (!s) {
		finish(sim);
		return;
	}
	ns = s->us * NS_PER_US;
	if (s->act == ACT_CHECK)
		ns += (uint64_t)s->ns_per_byte * c->ufb.next.size;
	c->step_from = cpu1_now(sim); /* Safeboot begins inside CPU1's store to C2BOOT */
	c->step_mid = c->step_from + ns / 2;
	c->step_to = c->step_from + ns;
}

void fus_begin(struct wbsim *sim, enum fus_operation op)
{
	struct cpu2 *c = sim->cpu2;

	c->op = op;
	c->order = sim->quirks.alt_order;
	c->row = 0;
	c->page = 0;
	c->state = 0;
	c->error = 0;
	c->ufb.old = c->ufb.stack;
	c->ufb.next = (struct firmware){ 0 };
	if (op == FUS_OP_STACK) {
		/* Looked at now for the time it takes, and judged when that has passed. */
		fus_check(sim);
		c->op = op;
	}
	sim_log(sim, "CM0+: operation %s begins", fus_ops[op].name);
	start_step(sim);
}

void fus_resume(struct wbsim *sim)
{
	struct cpu2 *c = sim->cpu2;

	if (!c->ufb.operation)
		return;
	c->op = (enum fus_operation)c->ufb.operation;
	c->order = c->ufb.order;
	sim_log(sim, "CM0+: operation %s goes on at %s", fus_ops[c->op].name, fus_step_name(sim));
	start_step(sim);
}

void fus_record(struct wbsim *sim, enum fus_operation op, uint16_t opcode, enum vault_area area,
	const struct vault_record *record)
{
	struct cpu2 *c = sim->cpu2;

	c->record = *record;
	c->record_area = area;
	c->record_opcode = opcode;
	fus_begin(sim, op);
	if (fus_deaf(sim))
		return;
	c->record_opcode = 0;
	tables_answer(sim, opcode, 0, NULL, 0);
}

/* A user key's index is part of the answer. */
static void act_record(struct wbsim *sim)
{
	struct cpu2 *c = sim->cpu2;
	const uint8_t index = (uint8_t)c->record.index;

	vault_append(sim, c->record_area, &c->record, sizeof(c->record));
	vault_load(sim);
	memset(&c->record, 0, sizeof(c->record));
	if (c->record_opcode)
		tables_answer(sim, c->record_opcode, 0, &index, c->op == FUS_OP_STORE_KEY);
}

/* What a new FUS does to the chip besides running. */
static void meet_fate(struct cpu2 *c, enum fus_fate fate)
{
	c->user_keys_lost = true; /* any FUS upgrade erases them [wiki] */
	c->keys_lost = c->keys_lost || fate == FATE_KEYS_LOST;
	c->dead = c->dead || fate == FATE_LOCKED;
}

static void act_ufb(struct wbsim *sim, enum fus_act act)
{
	struct cpu2 *c = sim->cpu2;

	switch (act) {
	case ACT_UFB_BEGIN:
		c->ufb.operation = c->op;
		c->ufb.order = c->order;
		break;
	case ACT_UFB_STACK:
		c->ufb.stack = c->ufb.next;
		c->ufb.nvm_kept = 0;
		c->ufb.virgin = 0;
		break;
	case ACT_UFB_NO_STACK:
		c->ufb.stack = (struct firmware){ 0 };
		c->ufb.nvm_kept = fus_nvm_kept(sim);
		break;
	case ACT_UFB_FUS:
		meet_fate(c, fus_hop_fate(sim, fus_version_by_word(c->ufb.fus_version),
				     fus_version_by_word(c->ufb.next.version), false));
		c->ufb.fus_version = c->ufb.next.version;
		c->fus_version = c->ufb.fus_version;
		memcpy(c->ufb.fus_sha256, c->ufb.next.sha256, sizeof(c->ufb.fus_sha256));
		tables_device_info(sim);
		break;
	case ACT_UFB_DONE:
		c->ufb.operation = FUS_IDLE;
		break;
	case ACT_UFB_LOSE:
		c->safeboot = c->ufb.next.version;
		c->ufb.operation = FUS_IDLE;
		ufb_lose(sim);
		return;
	default: /* ACT_UFB_FACTORY */
		ufb_factory(sim, c->ufb.fus_version);
		return;
	}
	ufb_store(sim, c->row + 1);
}

static void complete(struct wbsim *sim, const struct fus_step *s)
{
	struct cpu2 *c = sim->cpu2;

	if (fus_act_on_pages(s->act)) {
		fus_do_page(sim, s->act, fus_act_page(sim, s->act, c->page), cpu2_page(sim));
		c->page++;
		if (fus_ops[c->op].remembered)
			ufb_progress(sim, c->row, c->page);
		if (fus_act_page(sim, s->act, c->page)) {
			start_step(sim);
			return;
		}
	} else if (s->act == ACT_CHECK) {
		c->error = fus_check(sim);
		if (c->error) {
			c->state = FUS_STATE_ERROR;
			finish(sim);
			return;
		}
	} else if (fus_act_on_options(s->act)) {
		fus_do_options(sim, s->act);
		if (s->act == ACT_SELECT_STACK && fus_second_larger(sim))
			c->dead = true;
	} else if (s->act == ACT_RECORD) {
		act_record(sim);
	} else if (s->act != ACT_WAIT) {
		act_ufb(sim, s->act);
	}
	c->row++;
	c->page = 0;
	if (c->ufb.operation && fus_ops[c->op].remembered)
		ufb_progress(sim, c->row, 0);
	/* seen: Safeboot has done its work, and only a power cycle shows it [user] */
	if (s->after == AFTER_NOTHING ||
		(s->act == ACT_RESTORE_OPTIONS &&
			sim->quirks.safeboot == SIM_SAFEBOOT_POWER_CYCLE))
		start_step(sim);
	else
		cpu2_ask_reset(sim, s->after == AFTER_OBL ? SIM_RESET_OBL : SIM_RESET_CPU2);
}

void fus_step_tick(struct wbsim *sim)
{
	struct cpu2 *c = sim->cpu2;
	const struct fus_step *s = step_of(c);
	unsigned int boots = c->boots;

	if (sim->now >= c->step_mid) {
		c->step_mid = NEVER;
		fault_point(sim, SIM_AT_FUS_STEP, s->name);
		if (c->boots != boots || c->step_to == NEVER)
			return; /* the fault has reset the chip */
	}
	if (sim->now < c->step_to)
		return;
	c->step_mid = NEVER;
	c->step_to = NEVER;
	complete(sim, s);
}

void fus_interrupted(struct wbsim *sim, enum sim_reset cause)
{
	struct cpu2 *c = sim->cpu2;
	const struct fus_step *s = step_of(c);
	uint64_t all = c->step_to - c->step_from, gone = sim->now - c->step_from;

	if (!s || c->step_to == NEVER)
		return;
	if (fus_act_on_pages(s->act)) {
		uint32_t addr = fus_act_page(sim, s->act, c->page);

		if (addr)
			fus_do_page(sim, s->act, addr,
				gone < all ? (size_t)(cpu2_page(sim) * gone / all) & ~(size_t)7
					   : 0);
	} else if (fus_act_on_options(s->act)) {
		/* The option page was erased and had not come back. */
		if (cause == SIM_RESET_POWER)
			options_corrupt(sim);
	} else if (s->act == ACT_RECORD) {
		vault_append(sim, c->record_area, &c->record, sizeof(c->record) / 2);
	} else if (s->act >= ACT_UFB_BEGIN && s->act <= ACT_UFB_FACTORY) {
		ufb_store_half(sim);
	}
	c->step_to = NEVER;
	c->step_mid = NEVER;
}

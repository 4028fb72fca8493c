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

#define ERASED 0xFFu
#define FUS_2A_OPEN 32u /* KiB of SRAM2 that stay open while the FUS runs: its images' footers */
#define FUS_2B_OPEN 16u
#define FIELD_MAX 31u /* of SBRSA and SNBRSA */
#define RDP_LEVEL_0 0xAAu

static const struct fus_step *step_of(const struct cpu2 *c)
{
	return c->op && c->row < fus_ops[c->op].count[c->order] ? &fus_ops[c->op].steps[c->order][c->row] : NULL;
}

static uint32_t word_address(uint32_t address)
{
	return (address - FLASH_BASE) / 4;
}

/* ---- pages ------------------------------------------------------------------------------------- */

static bool act_on_pages(enum fus_act act)
{
	return act >= ACT_MOVE && act <= ACT_ERASE_USER;
}

/* The i-th page an act works on; 0: there is none. */
static uint32_t act_page(const struct wbsim *sim, enum fus_act act, unsigned int i)
{
	const struct ufb *u = &sim->cpu2->ufb;
	uint32_t page = cpu2_page(sim), first = 0, end = 0;

	switch (act) {
	case ACT_MOVE:
		if (u->source == u->next.start || i >= u->next.pages)
			return 0;
		return u->next.start + (u->next.pages - 1 - i) * page;
	case ACT_INSTALL_FUS:
		return i < u->next.pages ? u->next.start + i * page : 0;
	case ACT_ERASE_STAGED:
		first = u->source;
		end = first + u->next.pages * page;
		break;
	case ACT_ERASE_OLD:
		first = u->old.start;
		end = first + u->old.pages * page;
		break;
	case ACT_ERASE_STACK:
		first = cpu2_boundary_of(sim, &u->old);
		end = cpu2_stack_end(sim);
		break;
	case ACT_ERASE_USER:
		first = FLASH_BASE;
		end = cpu2_fus_start(sim);
		break;
	default:
		break;
	}
	return first && first + i * page < end ? first + i * page : 0;
}

static bool blank(const struct wbsim *sim, uint32_t addr)
{
	const uint8_t *p = cpu2_flash(sim, addr);

	return p[0] == ERASED && !memcmp(p, p + 1, cpu2_page(sim) - 1);
}

/* Nothing to do there: keep it, or it is erased already. */
static bool page_is_done(const struct wbsim *sim, enum fus_act act, uint32_t addr)
{
	const struct ufb *u = &sim->cpu2->ufb;
	const struct firmware *n = &u->next;
	uint32_t page = cpu2_page(sim);

	if (act == ACT_MOVE || act == ACT_INSTALL_FUS)
		return false;
	if ((act == ACT_ERASE_STAGED || act == ACT_ERASE_OLD) && u->operation == FUS_OP_STACK) {
		/* The new stack lies over it; or, old stack first, the staged image does. */
		if (addr >= n->start && addr < n->start + n->pages * page && sim->cpu2->ufb.stack.start == n->start &&
			!memcmp(u->stack.sha256, n->sha256, sizeof(n->sha256)))
			return true;
		if (act == ACT_ERASE_STAGED && addr >= n->start && addr < n->start + n->pages * page)
			return true;
	}
	return blank(sim, addr);
}

static uint32_t copy_source(const struct wbsim *sim, uint32_t addr)
{
	const struct ufb *u = &sim->cpu2->ufb;

	return u->source + (addr - u->next.start);
}

static void do_page(struct wbsim *sim, enum fus_act act, uint32_t addr, size_t programmed)
{
	uint8_t copy[4096];

	if (act == ACT_MOVE || act == ACT_INSTALL_FUS)
		memcpy(copy, cpu2_flash(sim, copy_source(sim, addr)), cpu2_page(sim));
	flash_cpu2_erase(sim, addr, cpu2_page(sim));
	if ((act == ACT_MOVE || act == ACT_INSTALL_FUS) && programmed)
		flash_cpu2_program(sim, addr, copy, programmed);
}

/* ---- options ----------------------------------------------------------------------------------- */

struct option {
	const char *field;
	uint32_t value;
};

#define OPTION_MAX 16u

static unsigned int sram_options(struct option *o, uint32_t open_2a, uint32_t open_2b)
{
	o[0] = (struct option){ "BRSD", open_2a > FIELD_MAX };
	o[1] = (struct option){ "SBRSA", open_2a > FIELD_MAX ? FIELD_MAX : open_2a };
	o[2] = (struct option){ "NBRSD", open_2b > FIELD_MAX };
	o[3] = (struct option){ "SNBRSA", open_2b > FIELD_MAX ? FIELD_MAX : open_2b };
	return 4;
}

/* What an act on options writes; the number of fields. */
static unsigned int act_options(const struct wbsim *sim, enum fus_act act, struct option o[OPTION_MAX])
{
	const struct ufb *u = &sim->cpu2->ufb;
	uint32_t boundary = cpu2_boundary_of(sim, &u->stack), boot = cpu2_fus_start(sim);
	uint32_t open_2a = FUS_2A_OPEN, open_2b = FUS_2B_OPEN;
	unsigned int n = 1;

	switch (act) {
	case ACT_SFSA_STAGED:
		boundary = u->source < boundary ? u->source : boundary;
		break;
	case ACT_SFSA_FINAL:
		boundary = cpu2_boundary_of(sim, &u->next);
		break;
	case ACT_SELECT_STACK:
		boot = u->stack.start;
		open_2a = u->stack.open_2a;
		open_2b = u->stack.open_2b;
		/* fall through */
	case ACT_SELECT_FUS:
	case ACT_RESTORE_OPTIONS:
		o[n++] = (struct option){ "SBRV", word_address(boot) };
		n += sram_options(o + n, open_2a, open_2b);
		break;
	default:
		return 0;
	}
	o[0] = (struct option){ "SFSA", (boundary - FLASH_BASE) / cpu2_page(sim) };
	if (act == ACT_RESTORE_OPTIONS) {
		o[n++] = (struct option){ "FSD", 0 };
		o[n++] = (struct option){ "DDS", 1 };
		o[n++] = (struct option){ "C2OPT", 1 };
		o[n++] = (struct option){ "ESE", 1 };
		o[n++] = (struct option){ "RDP", RDP_LEVEL_0 };
		o[n++] = (struct option){ "nBOOT0", 1 };
		o[n++] = (struct option){ "nBOOT1", 1 };
		o[n++] = (struct option){ "nSWBOOT0", 1 };
	}
	return n;
}

bool fus_option_done(struct wbsim *sim, enum fus_act act)
{
	struct option o[OPTION_MAX];
	unsigned int n = act_options(sim, act, o);

	for (unsigned int i = 0; i < n; i++) {
		if (options_get(sim, o[i].field) != o[i].value)
			return false;
	}
	return n > 0;
}

static bool act_on_options(enum fus_act act)
{
	return act >= ACT_SFSA_STAGED;
}

/* ---- steps --------------------------------------------------------------------------------------- */

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

		if (act_on_pages(s->act)) {
			while ((addr = act_page(sim, s->act, c->page)) && page_is_done(sim, s->act, addr))
				c->page++;
		}
		if (act_on_pages(s->act) ? addr != 0 : !act_on_options(s->act) || !fus_option_done(sim, s->act))
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
		break;
	case ACT_UFB_NO_STACK:
		c->ufb.stack = (struct firmware){ 0 };
		break;
	case ACT_UFB_FUS:
		c->ufb.fus_version = c->ufb.next.version;
		memcpy(c->ufb.fus_sha256, c->ufb.next.sha256, sizeof(c->ufb.fus_sha256));
		tables_device_info(sim);
		break;
	case ACT_UFB_DONE:
		c->ufb.operation = FUS_IDLE;
		break;
	default: /* ACT_UFB_FACTORY */
		ufb_factory(sim, c->ufb.fus_version);
		return;
	}
	ufb_store(sim, c->row + 1);
}

static void complete(struct wbsim *sim, const struct fus_step *s)
{
	struct cpu2 *c = sim->cpu2;
	struct option o[OPTION_MAX];
	unsigned int n;

	if (act_on_pages(s->act)) {
		do_page(sim, s->act, act_page(sim, s->act, c->page), cpu2_page(sim));
		c->page++;
		if (fus_ops[c->op].remembered)
			ufb_progress(sim, c->row, c->page);
		if (act_page(sim, s->act, c->page)) {
			start_step(sim);
			return;
		}
	} else if (s->act == ACT_CHECK) {
		c->error = fus_check(sim);
		if (c->error) {
			c->state = 0xFF;
			finish(sim);
			return;
		}
	} else if (act_on_options(s->act)) {
		n = act_options(sim, s->act, o);
		for (unsigned int i = 0; i < n; i++)
			options_cpu2_write(sim, o[i].field, o[i].value);
	} else if (s->act != ACT_WAIT) {
		act_ufb(sim, s->act);
	}
	c->row++;
	c->page = 0;
	if (c->ufb.operation && fus_ops[c->op].remembered)
		ufb_progress(sim, c->row, 0);
	if (s->after == AFTER_NOTHING)
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
	if (act_on_pages(s->act)) {
		uint32_t addr = act_page(sim, s->act, c->page);

		if (addr)
			do_page(sim, s->act, addr,
				gone < all ? (size_t)(cpu2_page(sim) * gone / all) & ~(size_t)7 : 0);
	} else if (act_on_options(s->act)) {
		/* The option page was erased and had not come back. */
		if (cause == SIM_RESET_POWER)
			options_corrupt(sim);
	} else if (s->act >= ACT_UFB_BEGIN && s->act <= ACT_UFB_FACTORY) {
		ufb_store_half(sim);
	}
	c->step_to = NEVER;
	c->step_mid = NEVER;
}

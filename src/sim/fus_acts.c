/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the acts of fus_steps.c do to flash pages and option bytes, and when there is nothing left
 * to do: an act that is repeated after a reset must find out by itself.
 */
#include "sim/cpu2.h"

#include <string.h>

#define ERASED 0xFFu
#define RDP_LEVEL_0 0xAAu

static uint32_t word_address(uint32_t address)
{
	return (address - FLASH_BASE) / 4;
}

/* ---- pages ---- */

static bool copies(enum fus_act act)
{
	return act == ACT_MOVE || act == ACT_INSTALL_FUS;
}

bool fus_act_on_pages(enum fus_act act)
{
	return act >= ACT_MOVE && act <= ACT_ERASE_KEYS;
}

uint32_t fus_act_page(const struct wbsim *sim, enum fus_act act, unsigned int i)
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
		end = cpu2_stack_end(sim) - fus_nvm_kept(sim) * page;
		break;
	case ACT_ERASE_USER:
		first = FLASH_BASE;
		end = cpu2_fus_start(sim);
		break;
	case ACT_ERASE_KEYS:
		first = vault_start(sim, VAULT_KEYS);
		end = first + vault_bytes(sim, VAULT_KEYS);
		break;
	default:
		break;
	}
	return first && first + i * page < end ? first + i * page : 0;
}

uint32_t fus_nvm_kept(const struct wbsim *sim)
{
	/* only where they lie above the stack: below, SFSA would stay where it is */
	const bool keeps = sim->cpu2->ufb.operation == FUS_OP_DELETE &&
			   sim->quirks.delete_keeps_nvm && !sim->quirks.nvm_below;

	return keeps ? sim->cpu2->ufb.old.nvm_pages : 0;
}

static bool blank(const struct wbsim *sim, uint32_t addr)
{
	const uint8_t *p = cpu2_flash(sim, addr);

	return p[0] == ERASED && !memcmp(p, p + 1, cpu2_page(sim) - 1);
}

static bool new_stack_installed(const struct ufb *u)
{
	return u->stack.start == u->next.start &&
	       !memcmp(u->stack.sha256, u->next.sha256, sizeof(u->next.sha256));
}

bool fus_page_is_done(const struct wbsim *sim, enum fus_act act, uint32_t addr)
{
	const struct ufb *u = &sim->cpu2->ufb;
	const struct firmware *n = &u->next;
	bool in_place = addr >= n->start && addr < n->start + n->pages * cpu2_page(sim);

	if (copies(act))
		return false;
	/* What the new image's final place covers is its own, once it is there. */
	if (in_place &&
		(act == ACT_ERASE_STAGED || (act == ACT_ERASE_OLD && new_stack_installed(u))))
		return true;
	return blank(sim, addr);
}

static uint32_t copy_source(const struct wbsim *sim, uint32_t addr)
{
	const struct ufb *u = &sim->cpu2->ufb;

	return u->source + (addr - u->next.start);
}

void fus_do_page(struct wbsim *sim, enum fus_act act, uint32_t addr, size_t programmed)
{
	uint8_t copy[PAGE_MAX];

	if (copies(act))
		memcpy(copy, cpu2_flash(sim, copy_source(sim, addr)), cpu2_page(sim));
	flash_cpu2_erase(sim, addr, cpu2_page(sim));
	if (copies(act) && programmed)
		flash_cpu2_program(sim, addr, copy, programmed);
}

/* ---- options ---- */

struct option {
	const char *field;
	uint32_t value;
};

#define OPTION_MAX 16u

/* KiB that stay open: the whole block means no secure part, whatever the field then says. */
static unsigned int sram_options(
	const struct wbsim *sim, struct option *o, uint32_t open_2a, uint32_t open_2b)
{
	const bool all_2a = open_2a >= sim->part->sram2a_kib, all_2b = open_2b >= sim->part->sram2b_kib;
	const uint32_t last_2a = sim->part->sram2a_kib - 1u, last_2b = sim->part->sram2b_kib - 1u;

	o[0] = (struct option){ "BRSD", all_2a };
	o[1] = (struct option){ "SBRSA", all_2a ? last_2a : open_2a };
	o[2] = (struct option){ "NBRSD", all_2b };
	o[3] = (struct option){ "SNBRSA", all_2b ? last_2b : open_2b };
	return 4;
}

/* What an act on options writes; the number of fields. */
static unsigned int act_options(
	const struct wbsim *sim, enum fus_act act, struct option o[OPTION_MAX])
{
	const struct ufb *u = &sim->cpu2->ufb;
	uint32_t boundary = cpu2_boundary_of(sim, &u->stack), boot = cpu2_fus_start(sim);
	uint32_t open_2a = sim->part->fus_open_2a, open_2b = sim->part->fus_open_2b;
	unsigned int n = 1;

	switch (act) {
	case ACT_SFSA_STAGED:
		boundary = u->source < boundary ? u->source : boundary;
		break;
	case ACT_SFSA_FINAL:
		boundary = cpu2_boundary_of(sim, &u->next);
		break;
	case ACT_SELECT_STACK:
		/* the known accident: SBRV stays at the first stack, which is no more [wiki] */
		boot = fus_second_larger(sim) ? u->old.start : u->stack.start;
		open_2a = u->stack.open_2a;
		open_2b = u->stack.open_2b;
		/* fall through */
	case ACT_SELECT_FUS:
	case ACT_RESTORE_OPTIONS:
		o[n++] = (struct option){ "SBRV", word_address(boot) };
		n += sram_options(sim, o + n, open_2a, open_2b);
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

bool fus_second_larger(const struct wbsim *sim)
{
	const struct ufb *u = &sim->cpu2->ufb;

	return u->operation == FUS_OP_STACK && u->old.start && u->stack.pages > u->old.pages &&
	       !fus_version_has(sim, FUS_LARGER);
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

bool fus_act_on_options(enum fus_act act)
{
	return act >= ACT_SFSA_STAGED;
}

void fus_do_options(struct wbsim *sim, enum fus_act act)
{
	struct option o[OPTION_MAX];
	unsigned int n = act_options(sim, act, o);

	for (unsigned int i = 0; i < n; i++)
		options_cpu2_write(sim, o[i].field, o[i].value);
}

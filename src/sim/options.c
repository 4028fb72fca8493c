/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Option bytes: the page (16 words, each followed by its complement), the registers that software
 * writes, and the values in force, which are loaded from the page at power-on and OBL_LAUNCH only.
 * RM0434 3.4, 3.10; chip.md.
 */
#include "sim/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Safeboot's vector: the last page; on WB1x [inf] (chip.md). */
#define SBRV_SAFEBOOT 0x3FC00u
#define SBRV_SAFEBOOT_WB1X 0x13E00u

#define OPTR_ESE (1u << 8)
#define RDP_LEVEL_0 0xAAu
#define RDP_LEVEL_1 0xBBu /* any value but those of 0 and 2 */
#define RDP_LEVEL_2 0xCCu
#define PCROP_UNIT 2048u /* RM0434: PCROP granularity on a 1 MiB part */
#define SRAM2_UNIT 1024u

struct optbytes {
	uint32_t reg[OPT_COUNT];                         /* what software reads and writes */
	uint32_t force[OPT_COUNT];                       /* what the chip obeys */
	uint32_t sram2a_open, sram2b_open, secure_start; /* asked at every access: kept ready */
};

struct optbytes *options_new(void)
{
	return calloc(1, sizeof(struct optbytes));
}

uint32_t options_base(const struct wbsim *sim)
{
	return sim->part->family == SIM_WB1X ? 0x1FFF7800u : 0x1FFF8000u;
}

static void page_put(struct wbsim *sim, unsigned int index, uint32_t val)
{
	uint32_t pair[2] = { val, ~val };

	memcpy(sim->option_page + index * sizeof(pair), pair, sizeof(pair));
}

/* The bits of a word that do not match their complements. */
static uint32_t page_get(const struct wbsim *sim, unsigned int index, uint32_t *val)
{
	uint32_t pair[2];

	memcpy(pair, sim->option_page + index * sizeof(pair), sizeof(pair));
	*val = pair[0];
	return pair[0] ^ ~pair[1];
}

static bool page_sound(const struct wbsim *sim)
{
	uint32_t val;

	for (unsigned int i = 0; i < OPTION_REGS; i++) {
		if (page_get(sim, i, &val))
			return false;
	}
	return true;
}

static void page_fill(struct wbsim *sim, const uint32_t regs[OPT_COUNT])
{
	for (unsigned int i = 0; i < OPTION_REGS; i++)
		page_put(sim, i, UINT32_MAX);
	for (unsigned int i = 0; i < OPT_COUNT; i++)
		page_put(sim, option_regs[i].index, regs[i]);
}

void options_factory(struct wbsim *sim)
{
	uint32_t regs[OPT_COUNT];

	for (unsigned int i = 0; i < OPT_COUNT; i++)
		regs[i] = option_healthy(sim->part->family, (enum option_reg_name)i);
	page_fill(sim, regs);
}

static uint32_t force_get(const struct wbsim *sim, const char *name)
{
	const struct option_field *f = option_field_find(sim->part->family, name);

	return f ? bits_get(sim->opt->force[f->reg], f->shift, f->width) : 0;
}

/* The open part of an SRAM2 block in bytes. */
static uint32_t open_bytes(
	const struct wbsim *sim, const char *start, const char *disable, uint32_t size)
{
	uint32_t open = force_get(sim, start) * SRAM2_UNIT;

	if (!force_get(sim, "ESE") || force_get(sim, disable) || open > size)
		return size;
	return open;
}

/* Secure fields found corrupt: the hardware selects Safeboot, whatever they were [wiki]. */
static void select_safeboot(struct wbsim *sim)
{
	struct optbytes *o = sim->opt;
	enum sim_family family = sim->part->family;
	uint32_t sbrv = family == SIM_WB1X ? SBRV_SAFEBOOT_WB1X : SBRV_SAFEBOOT;

	o->force[OPT_OPTR] |= OPTR_ESE;
	o->force[OPT_SFR] = bits_set(option_healthy(family, OPT_SFR), 0, 8, 0);
	o->force[OPT_SRRVR] = bits_set(option_healthy(family, OPT_SRRVR), 0, 18, sbrv);
	sim_log(sim, "secure option bytes are corrupt: Safeboot selected, SFSA 0x00, SBRV 0x%05X",
		(unsigned int)sbrv);
}

/*
 * A word that does not match its complement is replaced by its default, protection off; for RDP an
 * STM32L4 takes level 1 (RM0351 3.4.2), whether a WB does is a switch. Returns the wrong ones of its
 * bits that exist.
 */
static uint32_t load_word(struct wbsim *sim, enum option_reg_name reg)
{
	const struct option_reg *r = &option_regs[reg];
	uint32_t val, wrong = page_get(sim, r->index, &val) & r->used;

	if (wrong) {
		const uint32_t ese = val & OPTR_ESE;

		val = option_healthy(sim->part->family, reg);
		if (reg == OPT_OPTR) {
			val = (val & ~OPTR_ESE) | ese;
			if (sim->quirks.rdp_mismatch)
				val = bits_set(val, 0, 8, RDP_LEVEL_1);
		}
	}
	sim->opt->force[reg] = (val & r->used) | (r->rest & ~r->used);
	return wrong;
}

/* Which part was hit decides: user fields get defaults, secure ones (ESE, SFR, SRRVR) Safeboot. */
static void load_page(struct wbsim *sim)
{
	bool any = false, secure = false;

	for (unsigned int i = 0; i < OPT_COUNT; i++) {
		uint32_t wrong = load_word(sim, (enum option_reg_name)i);

		any = any || wrong;
		secure = secure || (wrong && (i == OPT_SFR || i == OPT_SRRVR ||
						     (i == OPT_OPTR && (wrong & OPTR_ESE))));
	}
	if (secure)
		select_safeboot(sim);
	else if (any)
		sim_log(sim, "user option bytes are corrupt: defaults instead, OPTVERR");
	if (any)
		flash_set_optverr(sim);
}

void options_load(struct wbsim *sim)
{
	struct optbytes *o = sim->opt;

	load_page(sim);
	memcpy(o->reg, o->force, sizeof(o->reg));
	o->secure_start = FLASH_BASE + SIM_FLASH_BYTES;
	if (force_get(sim, "ESE") && !force_get(sim, "FSD"))
		o->secure_start = FLASH_BASE + force_get(sim, "SFSA") * sim->part->page;
	o->sram2a_open = open_bytes(sim, "SBRSA", "BRSD", sim->part->sram2a_kib * 1024u);
	o->sram2b_open = open_bytes(sim, "SNBRSA", "NBRSD", sim->part->sram2b_kib * 1024u);
}

uint32_t options_sram2a_open(const struct wbsim *sim)
{
	return sim->opt->sram2a_open;
}

uint32_t options_sram2b_open(const struct wbsim *sim)
{
	return sim->opt->sram2b_open;
}

uint32_t flash_secure_start(const struct wbsim *sim)
{
	return sim->opt->secure_start;
}

uint32_t options_get(const struct wbsim *sim, const char *field)
{
	return force_get(sim, field);
}

void options_cpu2_write(struct wbsim *sim, const char *field, uint32_t value)
{
	const struct option_field *f = option_field_find(sim->part->family, field);
	uint32_t val;

	if (!f) {
		sim_log(sim, "no option field %s", field);
		return;
	}
	if (!page_sound(sim))
		page_fill(sim, sim->opt->force);
	page_get(sim, option_regs[f->reg].index, &val);
	page_put(sim, option_regs[f->reg].index, bits_set(val, f->shift, f->width, value));
}

void options_corrupt(struct wbsim *sim)
{
	/* the page was erased, and only the first words were written back */
	memset(sim->option_page + sizeof(sim->option_page) / 4, 0xFF,
		sizeof(sim->option_page) - sizeof(sim->option_page) / 4);
}

void options_corrupt_user(struct wbsim *sim)
{
	for (unsigned int i = 0; i < OPT_SFR; i++) {
		uint32_t pair[2], wrong = i == OPT_OPTR ? ~OPTR_ESE : UINT32_MAX;
		uint8_t *at = sim->option_page + option_regs[i].index * sizeof(pair);

		/* their complements did not come back */
		memcpy(pair, at, sizeof(pair));
		pair[1] |= wrong;
		memcpy(at, pair, sizeof(pair));
	}
}

bool wbsim_corrupt_option(struct wbsim *sim, const char *field)
{
	const struct option_field *f = option_field_find(sim->part->family, field);
	uint32_t val;
	uint8_t *at;

	if (!f)
		return false;
	at = sim->option_page + option_regs[f->reg].index * 2 * sizeof(val);
	memcpy(&val, at, sizeof(val));
	val ^= 1u << f->shift;
	memcpy(at, &val, sizeof(val));
	return true;
}

static bool reg_find(uint32_t offset, unsigned int *reg)
{
	for (*reg = 0; *reg < OPT_COUNT; (*reg)++) {
		if (option_regs[*reg].offset == offset)
			return true;
	}
	return false;
}

bool options_reg_read(const struct wbsim *sim, uint32_t offset, uint32_t *val)
{
	unsigned int reg;

	*val = 0;
	if (!reg_find(offset, &reg))
		return false;
	*val = sim->opt->reg[reg];
	return true;
}

bool options_reg_write(struct wbsim *sim, uint32_t offset, uint32_t val)
{
	unsigned int reg;
	uint32_t *r;

	if (!reg_find(offset, &reg))
		return false;
	r = &sim->opt->reg[reg];
	*r = (*r & ~option_regs[reg].open) | (val & option_regs[reg].open);
	return true;
}

unsigned int options_rdp_level(const struct wbsim *sim)
{
	uint32_t rdp = bits_get(sim->opt->force[OPT_OPTR], 0, 8);

	return rdp == RDP_LEVEL_0 ? 0 : rdp == RDP_LEVEL_2 ? 2 : 1;
}

bool options_commit(struct wbsim *sim)
{
	struct optbytes *o = sim->opt;
	uint32_t rdp = bits_get(o->reg[OPT_OPTR], 0, 8);

	if (options_rdp_level(sim) == 2)
		return false;
	/* level 1 to 0 costs the user's flash: RM0434 3.6 */
	if (options_rdp_level(sim) == 1 && rdp == RDP_LEVEL_0)
		flash_cpu2_erase(sim, FLASH_BASE, flash_secure_start(sim) - FLASH_BASE);
	page_fill(sim, o->reg);
	return true;
}

/* Start and end are inclusive; start above end: no zone. */
static bool in_zone(uint32_t addr, uint32_t unit, uint32_t start, uint32_t end)
{
	uint32_t at = (addr - FLASH_BASE) / unit;

	return at >= start && at <= end;
}

bool options_wrp(const struct wbsim *sim, uint32_t addr)
{
	const uint32_t *f = sim->opt->force;
	uint32_t a = f[OPT_WRP1AR], b = f[OPT_WRP1BR];

	return in_zone(addr, sim->part->page, bits_get(a, 0, 8), bits_get(a, 16, 8)) ||
	       in_zone(addr, sim->part->page, bits_get(b, 0, 8), bits_get(b, 16, 8));
}

bool options_pcrop(const struct wbsim *sim, uint32_t addr)
{
	const uint32_t *f = sim->opt->force;

	return in_zone(addr, PCROP_UNIT, bits_get(f[OPT_PCROP1ASR], 0, 9),
		       bits_get(f[OPT_PCROP1AER], 0, 9)) ||
	       in_zone(addr, PCROP_UNIT, bits_get(f[OPT_PCROP1BSR], 0, 9),
		       bits_get(f[OPT_PCROP1BER], 0, 9));
}

bool options_pcrop_any(const struct wbsim *sim)
{
	const uint32_t *f = sim->opt->force;

	return bits_get(f[OPT_PCROP1ASR], 0, 9) <= bits_get(f[OPT_PCROP1AER], 0, 9) ||
	       bits_get(f[OPT_PCROP1BSR], 0, 9) <= bits_get(f[OPT_PCROP1BER], 0, 9);
}

bool options_parse(struct wbsim *sim, const char *word, char *why, size_t why_size)
{
	const char *eq = strchr(word, '=');
	const struct option_field *f;
	unsigned long val;
	char name[32], *end;

	if (!eq || (size_t)(eq - word) >= sizeof(name)) {
		snprintf(why, why_size,
			"option \"%s\": write it as NAME=VALUE, for example SFSA=0xF4", word);
		return false;
	}
	memcpy(name, word, (size_t)(eq - word));
	name[eq - word] = '\0';
	f = option_field_find(sim->part->family, name);
	if (!f) {
		snprintf(why, why_size,
			"option \"%s\": no such field on %s; names are as in ST's reference "
			"manual: SFSA, SBRV, ESE, RDP, nBOOT0, ...",
			name, sim->part->name);
		return false;
	}
	val = strtoul(eq + 1, &end, 0);
	if (end == eq + 1 || *end || eq[1] == '-' || (f->width < 32 && val >> f->width) ||
		val > UINT32_MAX) {
		snprintf(why, why_size, "option \"%s\": the value must be a number of %u bits",
			word, f->width);
		return false;
	}
	options_cpu2_write(sim, f->name, (uint32_t)val);
	return true;
}

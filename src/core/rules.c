/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules: each a condition, a sentence that says what is wrong, a remedy, and its source. A row
 * whose breach can kill a chip, or is refused by the FUS anyway, has no word that lifts it.
 *
 * Sources: [wiki] ST's page on the FUS; [rn] release notes of ST's binaries; [user] reports.
 */
#include <string.h>
#include "core/bytes.h"
#include "core/image.h"
#include "core/rules.h"

#define OPTR_ESE (1u << 8)
#define RDP_LEVEL_0 0xaau

/* ---- hops ------------------------------------------------------------------------------------- */

enum image_form { PLAIN, FOR_0_5_3 };

static const struct hop {
	uint32_t from, from_last, to, to_last;
	enum image_form form;
	uint16_t flash_kib_min;
	bool by_itself; /* the planner may choose it; else only when the image is named */
} hops[] = {
	/* 0.5.3 takes 1.2.0 only in its own file [wiki, rn] */
	{ WB_VERSION(0, 5, 3), WB_VERSION(0, 5, 3), WB_FUS_1_2_0, WB_FUS_1_2_0, FOR_0_5_3, 0, true },
	{ WB_VERSION(0, 5, 3), WB_VERSION(0, 5, 3), WB_VERSION(1, 0, 2), WB_VERSION(1, 0, 2), PLAIN,
		0, true },
	/* 1.0.1 locks parts of less than 1 MiB for ever [wiki]; 1.0.2 does the same job */
	{ WB_VERSION(0, 5, 3), WB_VERSION(0, 5, 3), WB_VERSION(1, 0, 1), WB_VERSION(1, 0, 1), PLAIN,
		1024, false },
	{ WB_VERSION(1, 0, 1), WB_VERSION(1, 0, 2), WB_VERSION(1, 1, 0), WB_VERSION(1, 1, 0), PLAIN,
		0, true },
	/* to 1.1.2 from 1.1.0 only with anti-rollback on: 1.2.0 is free [wiki] */
	{ WB_VERSION(1, 0, 1), WB_VERSION(1, 0, 2), WB_VERSION(1, 1, 2), WB_VERSION(1, 1, 2), PLAIN,
		0, false },
	{ WB_VERSION(1, 0, 1), WB_VERSION(1, 1, 2), WB_FUS_1_2_0, WB_FUS_1_2_0, PLAIN, 0, true },
	{ WB_FUS_1_2_0, WB_FUS_1_2_0, WB_VERSION(2, 0, 0), WB_VERSION(2, 255, 255), PLAIN, 0, true },
	{ WB_VERSION(2, 0, 0), WB_VERSION(2, 255, 255), WB_VERSION(2, 0, 0), WB_VERSION(2, 255, 255),
		PLAIN, 0, true },
};

bool wb_hop_allowed(const struct wb_chip *chip, uint32_t from, const struct wb_image *image,
	bool by_itself)
{
	uint32_t to = WB_RELEASE(image->version);

	from = WB_RELEASE(from);
	for (size_t i = 0; i < sizeof(hops) / sizeof(*hops); i++) {
		const struct hop *h = &hops[i];

		if (from >= h->from && from <= h->from_last && to > from && to >= h->to &&
			to <= h->to_last && (h->by_itself || !by_itself) &&
			chip->flash_kib >= h->flash_kib_min &&
			image->for_fus_0_5_3 == (h->form == FOR_0_5_3))
			return true;
	}
	return false;
}

/* ---- conditions ------------------------------------------------------------------------------- */

static bool safeboot_selected(const struct wb_case *c)
{
	return c->chip->selected == WB_RUNS_SAFEBOOT || !wb_bits(c->chip->options.sfr, 7, 0);
}

static bool security_off(const struct wb_case *c)
{
	return !(c->chip->options.optr & OPTR_ESE);
}

static bool read_protected(const struct wb_case *c)
{
	return wb_bits(c->chip->options.optr, 7, 0) != RDP_LEVEL_0;
}

static bool boundary_broken(const struct wb_case *c)
{
	return c->chip->selected == WB_RUNS_UNKNOWN;
}

static bool fus_unknown(const struct wb_case *c)
{
	return !c->fus;
}

static bool is_fus(const struct wb_case *c)
{
	return c->image->kind == WB_IMAGE_FUS;
}

static bool wrong_family(const struct wb_case *c)
{
	return !wb_image_suits(c->image, c->chip->family);
}

static bool other_kind(const struct wb_case *c)
{
	return c->image->kind == WB_IMAGE_OTHER;
}

static bool unknown_image(const struct wb_case *c)
{
	return !c->image->genuine;
}

static bool fus_1_0_1_small(const struct wb_case *c)
{
	return is_fus(c) && WB_RELEASE(c->image->version) == WB_VERSION(1, 0, 1) &&
		c->chip->flash_kib < 1024;
}

static bool fus_ambiguous(const struct wb_case *c)
{
	return is_fus(c) && c->image->ambiguous_for_0_5_3 &&
		WB_RELEASE(c->fus) == WB_VERSION(0, 5, 3);
}

static bool fus_downgrade(const struct wb_case *c)
{
	return is_fus(c) && WB_RELEASE(c->image->version) < WB_RELEASE(c->fus);
}

static bool fus_same(const struct wb_case *c)
{
	return is_fus(c) && WB_RELEASE(c->image->version) == WB_RELEASE(c->fus);
}

static bool fus_hop(const struct wb_case *c)
{
	return is_fus(c) && !wb_hop_allowed(c->chip, c->fus, c->image, false);
}

static bool fus2_only(const struct wb_case *c)
{
	return c->image->kind == WB_IMAGE_STACK && c->image->fus2_only &&
		c->fus < WB_VERSION(2, 0, 0);
}

static bool safeboot_fus(const struct wb_case *c)
{
	uint32_t fus = WB_RELEASE(c->fus);

	if (c->image->kind != WB_IMAGE_SAFEBOOT)
		return false;
	if (c->image->magic == WB_MAGIC_SAFEBOOT_FUS2)
		return fus < WB_VERSION(2, 0, 0);
	return fus < WB_VERSION(1, 1, 0) || fus > WB_VERSION(1, 1, 1);
}

static bool factory_reset(const struct wb_case *c)
{
	return c->image->kind == WB_IMAGE_SAFEBOOT;
}

static bool second_larger(const struct wb_case *c)
{
	uint32_t pages = wb_pages(c->image->size, c->chip->family->page);

	return c->image->kind == WB_IMAGE_STACK && c->had_stack && WB_RELEASE(c->fus) < WB_FUS_1_2_0 &&
		(!c->stack_pages || pages > c->stack_pages) && !c->goal->force_delete;
}

static bool stack_on_0_5_3(const struct wb_case *c)
{
	return is_fus(c) && c->had_stack && !c->will_delete &&
		WB_RELEASE(c->fus) == WB_VERSION(0, 5, 3);
}

/* ---- the table -------------------------------------------------------------------------------- */

enum lifted { NEVER, CONFIRM, FORCE };

static const struct rule {
	const char *id;
	enum wb_rule_scope scope;
	enum lifted by;
	bool (*broken)(const struct wb_case *c);
	const char *sentence, *remedy;
} rules[] = {
	/* [wiki] option bytes found corrupt */
	{ "safeboot-selected", WB_RULE_CHIP, NEVER, safeboot_selected,
		"option bytes were found corrupt and Safeboot is selected",
		"`mww 0x5800040c 0x8000` starts Safeboot: with FUS 1.1.0 or newer a factory reset that erases "
		"the stack and ALL user flash (give it 30 s, then reset); with an older FUS the chip is lost" },
	/* [hdr] RM0434: without ESE there is no secure area and no FUS */
	{ "security-off", WB_RULE_CHIP, NEVER, security_off,
		"option bit ESE is 0: the chip's security is off, no FUS can run",
		"a chip sold with a FUS has ESE = 1: `stm32wb info` shows the option bytes as read" },
	/* RM0434: level 1 closes flash to the debugger */
	{ "read-protected", WB_RULE_CHIP, NEVER, read_protected,
		"read protection closes flash to the debugger",
		"set RDP back to level 0 (0xAA) first; that erases user flash" },
	/* [wiki, user] the brick of two upgrades with FUS < 1.2.0, and other accidents */
	{ "boundary-mismatch", WB_RULE_CHIP, NEVER, boundary_broken,
		"SBRV selects neither the FUS nor the stack at the secure boundary SFSA",
		"nothing may be written to such a chip: power it off and on, and if `stm32wb info` still shows "
		"this, ask ST" },
	{ "fus-unknown", WB_RULE_CHIP, NEVER, fus_unknown,
		"the version of the FUS is not known: the CM0+ has not run since power-on",
		"run `stm32wb fus start` first" },

	{ "wrong-family", WB_RULE_IMAGE, NEVER, wrong_family, "the image is for another family",
		"use the file of this chip's family" },
	{ "other-image", WB_RULE_IMAGE, NEVER, other_kind,
		"neither stack nor FUS nor Safeboot: what the FUS does with it is not known",
		"use a file of STM32CubeWB's STM32WB_Copro_Wireless_Binaries" },
	/* [wiki] the device then enters a locked state */
	{ "fus-1.0.1-small", WB_RULE_IMAGE, NEVER, fus_1_0_1_small,
		"FUS 1.0.1 locks a part of less than 1 MiB of flash for ever",
		"use FUS 1.2.0 (for 0.5.3: the file stm32wb5x_FUS_fw_for_fus_0_5_3.bin) or 1.0.2" },
	{ "fus-downgrade", WB_RULE_IMAGE, NEVER, fus_downgrade,
		"older than the FUS on the chip, and a FUS never goes back", /* [wiki] */
		"nothing to do: keep the newer one" },
	{ "fus-same", WB_RULE_IMAGE, NEVER, fus_same,
		"the same FUS again: what the chip then does is not documented",
		"nothing to do: it is installed" },
	{ "fus-ambiguous", WB_RULE_IMAGE, NEVER, fus_ambiguous,
		"one of the two FUS 1.2.0 files, and neither hash nor name tells which",
		"use ST's stm32wb5x_FUS_fw_for_fus_0_5_3.bin" },
	/* [wiki, rn] "image not authentic" otherwise */
	{ "fus-hop", WB_RULE_IMAGE, NEVER, fus_hop,
		"this FUS does not take that one in one step: it would say 'image not authentic'",
		"name a folder of ST's FUS images (`stm32wb images DIR`): the steps between are then "
		"planned; FUS 1.2.0 comes first" },
	{ "fus2-only", WB_RULE_IMAGE, NEVER, fus2_only, "this stack needs FUS 2.0.0 or newer", /* [rn] */
		"name a folder that holds the FUS image too (`stm32wb images DIR`; ST calls it "
		"stm32wb5x_FUS_fw.bin), or upgrade the FUS first" },
	{ "safeboot-fus", WB_RULE_IMAGE, NEVER, safeboot_fus,
		"this Safeboot is not for this FUS", /* [rn] */
		"Safeboot 2.0.0 is for FUS 1.1.0 and 1.1.1, Safeboot 2.0.1 for FUS 2; FUS 1.2.0 needs "
		"none" },
	/* [wiki] SBRV and SFSA no longer agree afterwards: the chip is lost */
	{ "second-larger", WB_RULE_IMAGE, NEVER, second_larger,
		"larger than the stack installed, and a FUS before 1.2.0 loses the chip over that",
		"upgrade the FUS to 1.2.0 first (by itself if a folder holds it), or say -delete" },
	/* [wiki] ST: delete the stack first, especially with FUS 0.5.3 */
	{ "stack-on-0.5.3", WB_RULE_IMAGE, FORCE, stack_on_0_5_3,
		"ST wants the stack deleted before FUS 0.5.3 is upgraded", "say -delete" },
	{ "unknown-image", WB_RULE_IMAGE, CONFIRM, unknown_image,
		"not among the images of ST's that this OpenFUS lists: newer, signed by a customer, or "
		"damaged (the FUS refuses a damaged one)",
		"check where it is from" },
	/* [rn] */
	{ "factory-reset", WB_RULE_IMAGE, CONFIRM, factory_reset,
		"a Safeboot update is a factory reset: the stack and ALL user flash are erased",
		"save what is to be kept" },
};

bool wb_goal_confirms(const struct wb_goal *goal, const char *risk)
{
	for (unsigned int i = 0; i < WB_CONFIRM_MAX && goal->confirm[i]; i++)
		if (!strcmp(goal->confirm[i], risk))
			return true;
	return false;
}

bool wb_image_suits(const struct wb_image *image, const struct wb_family *family)
{
	return image->family == (family->id == WB_FAMILY_3X ? WB_FAMILY_5X : family->id);
}

static enum wb_status refuse(const struct wb_case *c, const struct rule *r, struct wb_error *err)
{
	const struct wb_options *o = &c->chip->options;
	char version[20], fus[20], lift[64] = "";

	if (r->by == CONFIRM)
		wb_format(lift, sizeof(lift), "; to go ahead: -confirm %s", r->id);
	else if (r->by == FORCE)
		wb_format(lift, sizeof(lift), "; to go ahead: -force %s", r->id);
	if (r->scope == WB_RULE_CHIP)
		return wb_refuse(err, r->id, "SFSA 0x%02X, SBRV 0x%05X, OPTR 0x%08X: %s: %s%s",
			(unsigned int)wb_bits(o->sfr, 7, 0), (unsigned int)wb_bits(o->srrvr, 17, 0),
			(unsigned int)o->optr, r->sentence, r->remedy, lift);
	return wb_refuse(err, r->id, "%s (%s %s) on this %s of %u KiB with FUS %s: %s: %s%s",
		c->image->name, c->image->type_name, wb_version_text(c->image->version, version),
		c->chip->family->name, c->chip->flash_kib,
		c->fus ? wb_version_text(c->fus, fus) : "unknown", r->sentence, r->remedy, lift);
}

enum wb_status wb_rules_check(const struct wb_case *c, enum wb_rule_scope scope,
	struct wb_error *err)
{
	for (const struct rule *r = rules; r < rules + sizeof(rules) / sizeof(*rules); r++) {
		if (r->scope != scope || !r->broken(c))
			continue;
		if (r->by == CONFIRM && wb_goal_confirms(c->goal, r->id))
			continue;
		if (r->by == FORCE && c->goal->force && !strcmp(c->goal->force, r->id))
			continue;
		return refuse(c, r, err);
	}
	return WB_OK;
}

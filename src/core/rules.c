/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules: each a condition, a sentence that says what is wrong, a remedy, and its source. A row
 * whose breach can kill a chip, or is refused by the FUS anyway, has no word that lifts it. The
 * notes are what is no reason to refuse, but to be known. Rules that judge an address: place.c.
 *
 * Sources: [wiki] ST's page on the FUS; [rn] release notes of ST's binaries; [user] reports.
 */
#include <string.h>
#include "core/bytes.h"
#include "core/image.h"
#include "core/regs.h"
#include "core/rules.h"

#define FUS_0_5_3 WB_VERSION(0, 5, 3)
#define FUS_1_0_2 WB_VERSION(1, 0, 2)
#define FUS_1_1_0 WB_VERSION(1, 1, 0)
#define FUS_1_1_1 WB_VERSION(1, 1, 1)
#define FUS_1_1_2 WB_VERSION(1, 1, 2)
#define FUS_2_0_0 WB_VERSION(2, 0, 0)

/* ---- conditions ------------------------------------------------------------------------------- */

static bool safeboot_selected(const struct wb_case *c)
{
	return c->chip->selected == WB_RUNS_SAFEBOOT || !wb_bits(c->chip->options.sfr, 7, 0);
}

static bool security_off(const struct wb_case *c)
{
	return !(c->chip->options.optr & OPTR_ESE) || c->chip->options.sfr & SFR_FSD;
}

static bool read_protected(const struct wb_case *c)
{
	return (c->chip->options.optr & OPTR_RDP) != OPTR_RDP_LEVEL_0;
}

static bool boundary_broken(const struct wb_case *c)
{
	/* no FUS has its boundary above that of 0.5.3 */
	return c->chip->selected == WB_RUNS_UNKNOWN ||
		wb_bits(c->chip->options.sfr, 7, 0) > c->chip->family->fus_sfsa_053;
}

static bool fus_unknown(const struct wb_case *c)
{
	return !c->fus;
}

static bool deletes_for_ever(const struct wb_case *c)
{
	return c->goal->keep_stack && c->goal->force_delete && c->had_stack;
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

/* From one FUS to another, whichever files they are in. */
static bool fus_step(const struct wb_case *c, uint32_t from, uint32_t to)
{
	return is_fus(c) && WB_RELEASE(c->fus) == from && WB_RELEASE(c->image->version) == to;
}

static bool fus_keys(const struct wb_case *c)
{
	return fus_step(c, FUS_1_1_0, FUS_1_1_1);
}

static bool fus_wants_antirollback(const struct wb_case *c)
{
	return fus_step(c, FUS_1_1_0, FUS_1_1_2);
}

static bool fus_from_0_5_3(const struct wb_case *c)
{
	return is_fus(c) && WB_RELEASE(c->fus) == FUS_0_5_3 && !c->image->for_fus_0_5_3 &&
		WB_RELEASE(c->image->version) > FUS_1_0_2;
}

static bool fus_only_0_5_3(const struct wb_case *c)
{
	return is_fus(c) && WB_RELEASE(c->fus) != FUS_0_5_3 && c->image->for_fus_0_5_3;
}

static bool fus_1_0_1_small(const struct wb_case *c)
{
	return is_fus(c) && WB_RELEASE(c->image->version) == WB_VERSION(1, 0, 1) &&
		c->chip->flash_kib < 1024;
}

static bool fus_ambiguous(const struct wb_case *c)
{
	return is_fus(c) && c->image->ambiguous_for_0_5_3 &&
		WB_RELEASE(c->fus) == FUS_0_5_3;
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
		c->fus < FUS_2_0_0;
}

static bool safeboot_fus(const struct wb_case *c)
{
	uint32_t fus = WB_RELEASE(c->fus);

	if (c->image->kind != WB_IMAGE_SAFEBOOT)
		return false;
	if (c->image->magic == WB_MAGIC_SAFEBOOT_FUS2)
		return fus < FUS_2_0_0;
	return fus < FUS_1_1_0 || fus > FUS_1_1_1;
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
		WB_RELEASE(c->fus) == FUS_0_5_3;
}

/* ---- the table -------------------------------------------------------------------------------- */

enum lifted { NEVER, CONFIRM, FORCE };

static const struct rule {
	const char *id;
	enum wb_rule_scope scope;
	enum lifted by;
	bool by_version; /* judges by a version: "last known" ones may be outdated */
	bool (*broken)(const struct wb_case *c);
	const char *sentence, *remedy;
} rules[] = {
	/* [wiki] option bytes found corrupt */
	{ "safeboot-selected", WB_RULE_CHIP, NEVER, false, safeboot_selected,
		"option bytes were found corrupt and Safeboot is selected",
		"`stm32wb fus recover` says what a factory reset would erase and, with consent, has Safeboot "
		"make it; with a FUS before 1.1.0 the chip is lost" },
	/* [hdr] RM0434: without ESE there is no secure area and no FUS */
	{ "security-off", WB_RULE_CHIP, NEVER, false, security_off,
		"option bit ESE is 0 or FSD is 1: the chip's security is off, no FUS can run",
		"a chip sold with a FUS has ESE = 1 and FSD = 0: `stm32wb info` shows the option bytes as read" },
	/* RM0434: level 1 closes flash to the debugger */
	{ "read-protected", WB_RULE_CHIP, NEVER, false, read_protected,
		"read protection closes flash to the debugger",
		"`stm32wb option set RDP=0xAA -confirm rdp` opens it first, and erases all of user flash" },
	/* [wiki, user] the brick of two upgrades with FUS < 1.2.0, and other accidents */
	{ "boundary-mismatch", WB_RULE_CHIP, NEVER, false, boundary_broken,
		"SBRV and SFSA disagree: neither the FUS nor the stack at the secure boundary is selected",
		"nothing may be written to such a chip: power it off and on, and if `stm32wb info` still shows "
		"this, ask ST" },
	{ "fus-unknown", WB_RULE_CHIP, NEVER, true, fus_unknown,
		"the version of the FUS is not known: the CM0+ has not run since power-on, or fills no "
		"device info table",
		"`stm32wb fus state` starts it once (resets the chip), as `stm32wb fus upgrade` without "
		"-dry-run does by itself; if that shows no version, `stm32wb fus diagnose -mailbox` says "
		"more" },

	/* [wiki] FAQ can be read so that it is the stack in place whose version counts */
	{ "antirollback", WB_RULE_CHIP, CONFIRM, false, deletes_for_ever,
		"anti-rollback was switched on here, and -delete removes the stack first: with it gone the chip "
		"may never take another",
		"leave -delete out: the stack is then replaced without being removed first" },

	{ "wrong-family", WB_RULE_IMAGE, NEVER, false, wrong_family, "the image is for another family",
		"use the file of this chip's family" },
	{ "other-image", WB_RULE_IMAGE, NEVER, false, other_kind,
		"neither stack nor FUS nor Safeboot: what the FUS does with it is not known",
		"use a file of STM32CubeWB's STM32WB_Copro_Wireless_Binaries" },
	/* [wiki] the device then enters a locked state */
	{ "fus-1.0.1-small", WB_RULE_IMAGE, NEVER, false, fus_1_0_1_small,
		"FUS 1.0.1 locks a part of less than 1 MiB of flash for ever",
		"use FUS 1.2.0 (for 0.5.3: the file stm32wb5x_FUS_fw_for_fus_0_5_3.bin) or 1.0.2" },
	{ "fus-downgrade", WB_RULE_IMAGE, NEVER, true, fus_downgrade,
		"older than the FUS on the chip, and a FUS never goes back", /* [wiki] */
		"nothing to do: keep the newer one" },
	{ "fus-same", WB_RULE_IMAGE, NEVER, true, fus_same,
		"the same FUS again: what the chip then does is not documented",
		"nothing to do: it is installed" },
	{ "fus-ambiguous", WB_RULE_IMAGE, NEVER, true, fus_ambiguous,
		"one of the two FUS 1.2.0 files, and neither hash nor name tells which",
		"use ST's stm32wb5x_FUS_fw_for_fus_0_5_3.bin" },
	/* [wiki] 3.3, one star */
	{ "fus-1.1.1-keys", WB_RULE_IMAGE, NEVER, true, fus_keys,
		"from FUS 1.1.0 to 1.1.1 the encryption keys are lost",
		"go to FUS 1.2.0 instead, which is free" },
	/* [wiki] 3.3, two stars */
	{ "fus-1.1.2-antirollback", WB_RULE_IMAGE, NEVER, true, fus_wants_antirollback,
		"from FUS 1.1.0 to 1.1.2 it wants a stack installed and anti-rollback on, which "
		"cannot be undone",
		"go to FUS 1.2.0 instead, which is free" },
	/* [wiki, rn] the two files of FUS 1.2.0, and what 0.5.3 takes */
	{ "fus-only-0.5.3", WB_RULE_IMAGE, NEVER, true, fus_only_0_5_3,
		"this file is for chips with FUS 0.5.3 only: others say 'image not authentic'",
		"use ST's stm32wb5x_FUS_fw_1_2_0.bin" },
	{ "fus-from-0.5.3", WB_RULE_IMAGE, NEVER, true, fus_from_0_5_3,
		"FUS 0.5.3 takes nothing newer but ST's stm32wb5x_FUS_fw_for_fus_0_5_3.bin",
		"name a folder that holds that file (`stm32wb images DIR`): the step is then planned" },
	/* [wiki, rn] "image not authentic" otherwise */
	{ "fus-hop", WB_RULE_IMAGE, NEVER, true, fus_hop,
		"ST names no way from this FUS to that one in one step: it may say 'image not authentic'",
		"name a folder of ST's FUS images (`stm32wb images DIR`): the steps to the newest are then "
		"planned, by way of FUS 1.2.0, which every FUS before it takes" },
	{ "fus2-only", WB_RULE_IMAGE, NEVER, true, fus2_only, "this stack needs FUS 2.0.0 or newer", /* [rn] */
		"name a folder that holds the FUS image of this family too (`stm32wb images DIR`), or "
		"upgrade the FUS first" },
	{ "safeboot-fus", WB_RULE_IMAGE, NEVER, true, safeboot_fus,
		"this Safeboot is not for this FUS", /* [rn] */
		"Safeboot 2.0.0 is for FUS 1.1.0 and 1.1.1, Safeboot 2.0.1 for FUS 2; FUS 1.2.0 needs "
		"none" },
	/* [wiki] SBRV and SFSA no longer agree afterwards: the chip is lost */
	{ "second-larger", WB_RULE_IMAGE, NEVER, true, second_larger,
		"larger than the stack installed, and a FUS before 1.2.0 loses the chip over that",
		"upgrade the FUS to 1.2.0 first (by itself if a folder holds it), or say -delete" },
	/* [wiki] ST: delete the stack first, especially with FUS 0.5.3 */
	{ "stack-on-0.5.3", WB_RULE_IMAGE, FORCE, true, stack_on_0_5_3,
		"ST wants the stack deleted before FUS 0.5.3 is upgraded", "say -delete" },
	{ "unknown-image", WB_RULE_IMAGE, CONFIRM, false, unknown_image,
		"not among the images of ST's that this OpenFUS lists: newer, signed by a customer, or "
		"damaged (the FUS refuses a damaged one)",
		"check where it is from" },
	/* [rn] */
	{ "factory-reset", WB_RULE_IMAGE, CONFIRM, false, factory_reset,
		"a Safeboot update is a factory reset: the stack and ALL user flash are erased",
		"save what is to be kept" },
};

/* ---- notes ------------------------------------------------------------------------------------ */

static bool erases_user_keys(const struct wb_case *c)
{
	return is_fus(c) && c->chip->family->key_store;
}

static bool customer_signed(const struct wb_case *c)
{
	return c->image->customer_signed;
}

static bool usb_only(const struct wb_case *c)
{
	return c->image->kind == WB_IMAGE_STACK && WB_RELEASE(c->fus) == FUS_2_0_0;
}

static const struct note {
	bool (*applies)(const struct wb_case *c);
	const char *sentence;
} notes[] = {
	/* [wiki] FAQ */
	{ erases_user_keys,
		"a FUS upgrade erases the user keys stored in the FUS: store them again afterwards" },
	/* [wiki] 1: optional, and needed only once a customer's key is installed */
	{ customer_signed,
		"signed by a customer too: where another customer's key is installed, the FUS refuses" },
	/* [rn] */
	{ usb_only,
		"ST says that FUS 2.0.0 installs stacks over USB only: if it fails, upgrade the FUS first" },
};

void wb_rules_note(const struct wb_case *c, struct wb_plan *plan)
{
	for (const struct note *n = notes; n < notes + sizeof(notes) / sizeof(*notes); n++)
		if (n->applies(c))
			wb_plan_warn(plan, n->sentence);
}

bool wb_rule_by_version(const char *id)
{
	for (const struct rule *r = rules; r < rules + sizeof(rules) / sizeof(*rules); r++)
		if (!strcmp(r->id, id))
			return r->by_version;
	return false;
}

const char *wb_forced_rule(unsigned int i)
{
	for (const struct rule *r = rules; r < rules + sizeof(rules) / sizeof(*rules); r++)
		if (r->by == FORCE && !i--)
			return r->id;
	return NULL;
}

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
			(unsigned int)wb_bits(o->sfr, 7, 0), (unsigned int)wb_chip_sbrv(c->chip),
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

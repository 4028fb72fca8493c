/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checks of the CM0+: what it is to run, whether it does, and what it says of itself.
 */
#include "core/bytes.h"
#include "core/evidence.h"
#include "core/regs.h"
#include "core/rules.h"

#define SBRV_OF_DEAD 0x3ffffu /* with SFSA 0xFF: [user], a dead board */
#define SFSA_OF_DEAD 0xffu
#define KIB_1024 1024u
#define POWER_FIRST \
	"First power the board off and on and look again: a supply that sagged while option bytes " \
	"were loaded looks like this too. "

static uint32_t sfsa(const struct wb_chip *chip)
{
	return wb_bits(chip->options.sfr, 7, 0);
}

/* The FUS's version as the tables have it, 0: not known. */
static uint32_t fus_version(const struct evidence *e)
{
	return e->state.fus_version     ? WB_RELEASE(e->state.fus_version)
	       : e->chip.versions.valid ? WB_RELEASE(e->chip.versions.fus)
					: 0;
}

bool safeboot_holds(const struct wb_chip *chip)
{
	return !sfsa(chip) || wb_chip_sbrv(chip) == chip->family->safeboot_sbrv;
}

/* Nothing of the CM0+ can be judged then, and no command starts it. */
static bool not_judged(const struct evidence *e, struct wb_finding *f)
{
	if (!safeboot_holds(&e->chip))
		return false;
	finding_seen(f, "not judged while Safeboot is selected");
	return true;
}

enum wb_verdict check_safeboot(const struct evidence *e, struct wb_finding *f)
{
	const struct wb_chip *chip = &e->chip;
	uint32_t fus = fus_version(e);
	char version[20];

	finding_seen(f, "SFSA 0x%02X, SBRV 0x%05X: %s", (unsigned int)sfsa(chip),
		(unsigned int)wb_chip_sbrv(chip),
		safeboot_holds(chip) ? "Safeboot is selected; the option bytes were found corrupt"
			       : "not selected");
	if (!safeboot_holds(chip))
		return WB_VERDICT_OK;
	if (fus && fus < WB_VERSION(1, 1, 0))
		finding_advise(f,
			POWER_FIRST "If it stays: FUS %s is older than 1.1.0, and its Safeboot locks "
			"the chip for good: ST knows no way back, and neither do we",
			wb_version_text(fus, version));
	else
		finding_advise(f,
			POWER_FIRST "If it stays: `stm32wb fus recover` explains what a factory "
			"reset would erase, and how to go on");
	return WB_VERDICT_BAD;
}

enum wb_verdict check_boundary(const struct evidence *e, struct wb_finding *f)
{
	const struct wb_chip *chip = &e->chip;
	uint32_t fus = fus_version(e);
	bool dead = wb_chip_sbrv(chip) == SBRV_OF_DEAD && sfsa(chip) == SFSA_OF_DEAD;

	if (not_judged(e, f))
		return WB_VERDICT_NONE;
	if (!(chip->options.srrvr & SRRVR_C2OPT)) {
		finding_seen(f, "not judged: with C2OPT 0 the CM0+ does not boot from flash");
		return WB_VERDICT_NONE;
	}
	finding_seen(f, "secure flash from 0x%08X, the CM0+ boots at 0x%08X: %s",
		(unsigned int)chip->sfsa_address, (unsigned int)chip->sbrv_address,
		chip->selected == WB_RUNS_UNKNOWN ? "that is no FUS, and no stack starts there"
						  : wb_runs_name(chip->selected));
	if (chip->selected != WB_RUNS_UNKNOWN && sfsa(chip) <= chip->family->fus_sfsa_053)
		return WB_VERDICT_OK;
	if (dead)
		finding_advise(f, "These values were seen on a dead board: no way back is known");
	else
		finding_advise(f,
			"%s`stm32wb fus state` shows whether anything still answers; if nothing "
			"does, no way back is known",
			fus && fus < WB_VERSION(1, 2, 0) ? "A FUS before 1.2.0 ends so when a "
							   "larger stack is installed over a "
							   "smaller one. "
							 : "");
	return WB_VERDICT_BAD;
}

/* ---- who runs ------------------------------------------------------------------------------- */

static const char *sign_name(enum sign sign)
{
	return sign == SIGN_FUS ? "FUS" : sign == SIGN_STACK ? "stack" : "none";
}

static enum sign selected_sign(const struct wb_chip *chip)
{
	return chip->selected == WB_RUNS_FUS     ? SIGN_FUS
	       : chip->selected == WB_RUNS_STACK ? SIGN_STACK
						 : SIGN_NONE;
}

/*
 * Four signs that come about independently: SBRV is an option byte, C2BOOT a register, the device
 * info table and the ready event are written by whoever runs. SRAM outlives a reset, so the last
 * two mean something only with C2BOOT set; and a ready event may be one of an earlier boot, whose
 * buffer nobody has used since: alone against the table it says nothing.
 */
enum wb_verdict check_who(const struct evidence *e, struct wb_finding *f)
{
	const struct wb_chip *chip = &e->chip;
	enum sign selected = selected_sign(chip);
	bool silent = e->table == SIGN_NONE && e->event == SIGN_NONE;
	bool late = e->event != SIGN_NONE && e->event != selected;
	bool other = e->table != SIGN_NONE ? e->table != selected : late;
	const char *meaning =
		!chip->c2boot ? "nobody runs; the CM0+ was not started since the last reset"
		: selected == SIGN_NONE ? "SBRV selects neither, see safeboot and boundary"
		: silent                ? "started, but nobody has said anything"
		: other                 ? "they disagree"
					: wb_runs_name(chip->selected);

	finding_seen(f, "SBRV %s, C2BOOT %d, device info table %s, ready event %s: %s%s",
		selected == SIGN_NONE ? wb_runs_name(chip->selected) : sign_name(selected),
		chip->c2boot, sign_name(e->table), sign_name(e->event), meaning,
		chip->c2boot && late && !other ? "; the event is of an earlier boot" : "");
	if (!chip->c2boot || selected == SIGN_NONE || safeboot_holds(chip) || (!silent && !other))
		return WB_VERDICT_OK;
	if (silent) {
		finding_advise(f, "It found no tables it could use, or it hangs. `stm32wb fus "
				  "state` resets the chip and starts it with tables of our own: if "
				  "it answers then, the application's are wrong");
		return WB_VERDICT_BAD;
	}
	finding_advise(f, "SBRV was changed since the CM0+ started (an upgrade under way?), or "
			  "tables are left from before a reset. `stm32wb fus state` starts it anew "
			  "and asks");
	return WB_VERDICT_ODD;
}

enum wb_verdict check_tables(const struct evidence *e, struct wb_finding *f)
{
	const struct wb_chip *chip = &e->chip;
	uint32_t dba = chip->options.ipccbr & FLASH_IPCCBR_IPCCDBA;

	if (not_judged(e, f))
		return WB_VERDICT_NONE;
	if (e->first_word == WB_BAD_TABLES) {
		finding_seen(f,
			"0x%08X at 0x%08X, where the tables begin: the stack says that buffers of "
			"the application lie outside the RAM it leaves open, and has stopped",
			WB_BAD_TABLES, (unsigned int)chip->sram2a);
		finding_advise(f,
			"`stm32wb fus state` shows that the stack itself is sound. The application "
			"must be linked for this stack: see SBRSA and SNBRSA in `stm32wb option "
			"list`");
		return WB_VERDICT_BAD;
	}
	if (!e->tables_read) {
		finding_seen(f, "IPCCDBA 0x%04X points past the end of SRAM2a", (unsigned int)dba);
		finding_advise(
			f, "Nothing can talk to the CM0+ so: `stm32wb option set IPCCDBA=0`");
		return WB_VERDICT_BAD;
	}
	finding_seen(f, "IPCCDBA 0x%04X, tables at 0x%08X: %s", (unsigned int)dba,
		(unsigned int)e->pointers,
		e->pointers_valid   ? "pointers are valid"
		: chip->c2boot      ? "pointers that cannot be, though the CM0+ was started"
		: e->pointers_blank ? "none, as it is before the CM0+ is started"
				    : "none, only what was left in RAM");
	if (e->pointers_valid || !chip->c2boot)
		return WB_VERDICT_OK;
	finding_advise(f, "The application (or a tool) has set C2BOOT without tables. `stm32wb fus "
			  "state` starts the CM0+ with tables of our own");
	return WB_VERDICT_BAD;
}

enum wb_verdict check_mailbox(const struct evidence *e, struct wb_finding *f)
{
	if (not_judged(e, f))
		return WB_VERDICT_NONE;
	if (!e->chip.c2boot) {
		finding_seen(f, "closed: the CM0+ is not started");
		return WB_VERDICT_OK;
	}
	finding_seen(f, "%s",
		e->waiting ? "a command on the system channel waits, and nobody answers it"
			   : "no command waits for its answer");
	if (!e->waiting)
		return WB_VERDICT_OK;
	finding_advise(f,
		"The CM0+ is busy for long, or hangs. If no upgrade is under way: power the board "
		"off and on, then `stm32wb fus state` asks anew");
	return WB_VERDICT_ODD;
}

enum wb_verdict check_selected(const struct evidence *e, struct wb_finding *f)
{
	const struct wb_chip *chip = &e->chip;
	const struct wb_versions *v = &chip->versions;
	uint32_t fus_alone = chip->family->fus_sfsa;
	char version[20];

	if (not_judged(e, f))
		return WB_VERDICT_NONE;
	if (chip->selected != WB_RUNS_FUS) {
		finding_seen(f, "%s boots on the CM0+", wb_runs_name(chip->selected));
		return WB_VERDICT_OK;
	}
	if (!(v->valid && v->stack) && sfsa(chip) >= fus_alone) {
		finding_seen(f, "the FUS boots, and there is no stack that could");
		return WB_VERDICT_OK;
	}
	finding_seen(f, "the FUS boots, though secure flash from 0x%08X holds %s%s",
		(unsigned int)chip->sfsa_address,
		v->valid && v->stack ? "stack " : "more than the FUS",
		v->valid && v->stack ? wb_version_text(v->stack, version) : "");
	finding_advise(f, "An application that starts BLE would hang. `stm32wb fus start_ws` goes "
			  "back to the stack, or says that there is none");
	return WB_VERDICT_ODD;
}

enum wb_verdict check_version(const struct evidence *e, struct wb_finding *f)
{
	const struct wb_chip *chip = &e->chip;
	uint32_t fus = fus_version(e);
	char name[20];

	if (!fus && e->asked && e->asked_status == WB_OK) {
		finding_seen(f, "the CM0+ answers, and has filled no device info table that could be "
				"believed");
		finding_advise(f, "Power the board off and on and look again. Without the FUS's version "
				  "no upgrade is planned: it could be one that ends in a dead chip");
		return WB_VERDICT_ODD;
	}
	if (!fus) {
		finding_seen(f, "%s",
			chip->c2boot ? "not known: no valid device info table" :
			chip->selected == WB_RUNS_SAFEBOOT ? "not known while Safeboot is selected" :
				"not known while the CM0+ is off; `stm32wb fus state` starts it and "
				"shows it");
		return WB_VERDICT_NONE;
	}
	wb_version_text(fus, name);
	finding_seen(f, "FUS %s%s", name,
		chip->versions.live || e->state.fus_version ? ""
							    : " (last known, from before a reset)");
	if (fus == WB_VERSION(1, 0, 1) && chip->family->id == WB_FAMILY_5X &&
		chip->flash_kib < KIB_1024) {
		finding_advise(f,
			"FUS 1.0.1 on a part of %u KiB is locked: it takes no image any more, and "
			"no way back is known",
			(unsigned int)chip->flash_kib);
		return WB_VERDICT_BAD;
	}
	if (fus >= WB_VERSION(1, 2, 0))
		return WB_VERDICT_OK;
	finding_advise(f,
		"Versions before 1.2.0 have traps: a larger stack over a smaller one bricks "
		"them%s. With a folder of ST's images known (`stm32wb images DIR`), `stm32wb fus "
		"upgrade` renews it",
		fus < WB_VERSION(1, 1, 0) ? ", and Safeboot locks the chip for good" : "");
	return WB_VERDICT_ODD;
}

/* ---- with the mailbox ----------------------------------------------------------------------- */

enum wb_verdict check_images(const struct evidence *e, struct wb_finding *f)
{
	const struct wb_found *found = &e->scan.found[0];
	uint32_t page = e->chip.family->page;

	if (not_judged(e, f))
		return WB_VERDICT_NONE;
	if (!e->scanned) {
		finding_seen(f, "%s",
			e->asked ? "user flash could not be searched"
				 : "not searched without -mailbox, which holds CPU1 for it");
		return WB_VERDICT_NONE;
	}
	if (!e->scan.count && e->scan.more) {
		finding_seen(f, "user flash is full of words as they end images (0xD3A12C5E); none of "
				"those looked at ends one");
		finding_advise(f, "The FUS may take them for images: erase the part of flash that they "
				  "are in before anything is installed");
		return WB_VERDICT_ODD;
	}
	if (!e->scan.count) {
		finding_seen(f, "no image in user flash up to 0x%08X",
			(unsigned int)(e->chip.secure_start - 1));
		return WB_VERDICT_OK;
	}
	finding_seen(f, "%u image%s in user flash%s, the first at 0x%08X, %u bytes", e->scan.count,
		e->scan.count == 1 ? "" : "s", e->scan.more ? ", and maybe more" : "",
		(unsigned int)found->address, (unsigned int)found->size);
	finding_advise(f,
		"The FUS may take it for the one that is to be installed. If it is not data of "
		"yours: `halt`, `flash erase_address 0x%08X 0x%X`, `reset`",
		(unsigned int)found->address,
		(unsigned int)((found->size + page - 1) / page * page));
	return WB_VERDICT_ODD;
}

/* What an error of the FUS asks for; codes as in names.c. */
static const struct {
	uint8_t error;
	const char *text;
} remedies[] = {
	{ 0x01, "It found no image in user flash: `stm32wb fus upgrade FILE` stages it and checks "
		"it" },
	{ 0x02, "The image was damaged on its way: `stm32wb fus upgrade FILE` stages it anew" },
	{ 0x03, "Not signed for this FUS: `stm32wb fus plan FILE` says which FUS takes the image" },
	{ 0x04, "`stm32wb fus delete` removes the stack that is in the way" },
	{ 0x09, "An authentication key was installed: images need the customer's signature as "
		"well" },
	{ 0x0a, "The authentication key is locked for good" },
	{ 0x11, NULL }, /* as behind an upgrade */
};

static void advise_error(const struct wb_fus_state *state, struct wb_finding *f)
{
	for (size_t i = 0; state->has_error && i < sizeof(remedies) / sizeof(*remedies); i++) {
		if (remedies[i].error != state->error)
			continue;
		finding_advise(f, "That is how its last command ended. %s",
			remedies[i].text ? remedies[i].text :
				wb_upgrade_error_advice(state->error, state->stack_version != 0));
		return;
	}
	finding_advise(f,
		"Normal where the FUS was never used, and after a cut in an upgrade: `stm32wb fus "
		"start` resets once and asks again");
}

enum wb_verdict check_state(const struct evidence *e, struct wb_finding *f)
{
	const struct wb_fus_state *state = &e->state;

	if (not_judged(e, f))
		return WB_VERDICT_NONE;
	if (!e->asked) {
		finding_seen(f, "not asked without -mailbox, which resets the chip for it");
		return WB_VERDICT_NONE;
	}
	if (e->asked_status != WB_OK) {
		finding_seen(f, "%.270s", e->asked_why.text);
		finding_advise(f,
			"Power the board off and on, then ask once more: `stm32wb fus state`. A "
			"CM0+ that stays silent with SBRV, SFSA and ECC in order is lost as far as "
			"we know");
		return WB_VERDICT_BAD;
	}
	if (state->runs != WB_RUNS_FUS) {
		finding_seen(f, "the %s answers", wb_runs_name(state->runs));
		return WB_VERDICT_OK;
	}
	if (state->state == WB_STATE_ERROR) {
		finding_seen(f, "0x%02X %s, error 0x%02X %s", state->state,
			wb_fus_state_name(state->state), state->error,
			state->has_error ? wb_fus_error_name(state->error) : "none told");
		advise_error(state, f);
		return WB_VERDICT_ODD;
	}
	finding_seen(f, "0x%02X %s", state->state, wb_fus_state_name(state->state));
	if (state->state == WB_STATE_IDLE)
		return WB_VERDICT_OK;
	finding_advise(f,
		"It is at work: keep the board powered. `stm32wb fus start` follows it to its end");
	return WB_VERDICT_ODD;
}

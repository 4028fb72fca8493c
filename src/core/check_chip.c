/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checks of the chip: does it answer, what do its options say, is its flash sound, how is CPU1.
 */
#include <string.h>
#include "core/bytes.h"
#include "core/evidence.h"
#include "core/regs.h"

#define S_LOCKUP (1u << 19) /* DHCSR */
#define S_SLEEP (1u << 18)
#define ACR_EMPTY (1u << 16)
#define BLANK 0xffffffffu

enum wb_verdict check_answers(const struct evidence *e, struct wb_finding *f)
{
	const struct wb_chip *chip = &e->chip;

	if (!e->chip_read) {
		finding_seen(f, "%.270s", e->why.text);
		finding_advise(f, "Check supply, cable and GND. If an application sleeps or turns "
				  "SWD off, connect NRST and put `reset_config srst_only "
				  "srst_nogate connect_assert_srst` into the configuration");
		return WB_VERDICT_BAD;
	}
	finding_seen(f, "%s, revision 0x%04X, %u KiB of flash, UID64 %08X%08X", chip->family->name,
		(unsigned int)chip->rev_id, (unsigned int)chip->flash_kib,
		(unsigned int)(chip->uid64 >> 32), (unsigned int)chip->uid64);
	return WB_VERDICT_OK;
}

/* ---- options -------------------------------------------------------------------------------- */

enum wb_verdict check_security(const struct evidence *e, struct wb_finding *f)
{
	const struct wb_options *o = &e->chip.options;
	bool ese = o->optr & OPTR_ESE, fsd = o->sfr & SFR_FSD, dds = o->sfr & SFR_DDS;
	bool c2opt = o->srrvr & SRRVR_C2OPT;

	finding_seen(f, "ESE %d, FSD %d, DDS %d, C2OPT %d%s", ese, fsd, dds, c2opt,
		!ese || fsd ? ": flash is not secure, so neither FUS nor stack can work"
		: !c2opt    ? ": the CM0+ would boot from SRAM, where nothing is"
		: !dds      ? ": CM0+ debug is on, which ST does not deliver"
			    : ": as ST delivers it");
	if (ese && !fsd && dds && c2opt)
		return WB_VERDICT_OK;
	finding_advise(f,
		"Only firmware on the CM0+ can change these bits; there is no way from outside "
		"that we know%s",
		ese && !fsd && c2opt ? ". Nothing need be done for FUS or stack to work"
				     : ": the chip has to be replaced");
	return ese && !fsd && c2opt ? WB_VERDICT_ODD : WB_VERDICT_BAD;
}

/* " WRP1A_STRT=0xFF WRP1A_END=0" and the like go to `lift`, "WRP1A and WRP1B" to `names`. */
static bool protected_areas(const struct wb_chip *chip, char names[40], char lift[80], bool *pcrop)
{
	struct wb_area area;

	names[0] = lift[0] = '\0';
	*pcrop = false;
	for (unsigned int i = 0; i < WB_AREAS; i++) {
		size_t named = strlen(names), used = strlen(lift);

		if (!wb_protected_area(chip->family, &chip->options, i, &area))
			continue;
		*pcrop = *pcrop || !area.wrp;
		if (!area.wrp)
			continue;
		wb_format(names + named, (unsigned int)(40 - named), "%s%s", named ? " and " : "",
			area.name);
		wb_format(lift + used, (unsigned int)(80 - used), " %s_STRT=0xFF %s_END=0",
			area.name, area.name);
	}
	return names[0];
}

enum wb_verdict check_protection(const struct evidence *e, struct wb_finding *f)
{
	uint32_t rdp = e->chip.options.optr & OPTR_RDP;
	char names[40], lift[80];
	bool pcrop, wrp = protected_areas(&e->chip, names, lift, &pcrop);

	finding_seen(f, "RDP 0x%02X (level %c), write protection %s, PCROP %s", (unsigned int)rdp,
		rdp == OPTR_RDP_LEVEL_0   ? '0'
		: rdp == OPTR_RDP_LEVEL_2 ? '2'
					  : '1',
		wrp ? names : "none", pcrop ? "set" : "none");
	if (rdp != OPTR_RDP_LEVEL_0)
		finding_advise(f,
			"Flash is closed to the debugger: nothing can be installed this way. "
			"`stm32wb option set RDP=0xAA -confirm rdp` opens it and erases all of "
			"user flash");
	else if (wrp)
		finding_advise(f,
			"Images cannot be staged in protected pages, and the FUS may fail there. "
			"If that is not meant: `stm32wb option set%s`",
			lift);
	else if (pcrop)
		finding_advise(f, "Part of flash can be executed only: if it lies where images go, "
				  "the FUS cannot use it. There is no way back but read protection "
				  "on and off, which erases all of user flash");
	return rdp == OPTR_RDP_LEVEL_0 && !wrp && !pcrop ? WB_VERDICT_OK : WB_VERDICT_ODD;
}

static void advise_damaged(const struct evidence *e, struct wb_finding *f)
{
	int boot0 = e->chip.options.optr & OPTR_NBOOT0 ? 1 : 0;

	if (safeboot_holds(&e->chip))
		finding_advise(f, "`stm32wb fus recover` has Safeboot write it anew");
	else if (!e->page.secure_sound)
		finding_advise(f,
			"The next power-on would select Safeboot. Keep the board powered and let "
			"`stm32wb option set nBOOT0=%d` write the page anew from the registers",
			boot0);
	else
		finding_advise(f,
			"Fields of the user's were hit: at power-on they fall back to defaults. "
			"`stm32wb option set nBOOT0=%d` writes the page anew, with what is in "
			"force now",
			boot0);
}

enum wb_verdict check_options(const struct evidence *e, struct wb_finding *f)
{
	const struct wb_chip *chip = &e->chip;
	bool optverr = chip->flash_sr & FLASH_SR_OPTVERR;

	if (!e->page.read) {
		finding_seen(f, "the option page cannot be read; OPTR is 0x%08X",
			(unsigned int)chip->options.optr);
		return WB_VERDICT_NONE;
	}
	if (!e->page.sound) {
		finding_seen(f,
			"the option page is damaged: a word and its complement disagree (OPTR in "
			"force 0x%08X)",
			(unsigned int)chip->options.optr);
		advise_damaged(e, f);
		return WB_VERDICT_BAD;
	}
	if (!wb_options_equal(chip->family, &e->page.options, &chip->options)) {
		finding_seen(f,
			"the registers (OPTR 0x%08X) are not what the option page holds (0x%08X): "
			"something was changed and not loaded, or not written",
			(unsigned int)chip->options.optr, (unsigned int)e->page.options.optr);
		finding_advise(f, "Power the board off and on: then the page is in force");
		return WB_VERDICT_ODD;
	}
	finding_seen(f, "OPTR 0x%08X; the page is sound%s%s", (unsigned int)chip->options.optr,
		safeboot_holds(&e->chip) ? " now; Safeboot was selected by an earlier load" : "",
		optverr ? ". OPTVERR is set, as some revisions do after every reset" : "");
	return WB_VERDICT_OK;
}

enum wb_verdict check_journal(const struct evidence *e, struct wb_finding *f)
{
	char command[200];

	if (wb_option_record_lost(&e->chip, &e->record) &&
		wb_option_command(&e->chip, &e->record.before, command)) {
		finding_seen(f,
			"a write of option bytes was cut off, and they fell back: OPTR was 0x%08X "
			"and is 0x%08X",
			(unsigned int)e->record.before.optr, (unsigned int)e->chip.options.optr);
		finding_advise(f, "`%s` makes them what they were", command);
		return WB_VERDICT_ODD;
	}
	if (e->boot_record || e->held_record || e->pages_record) {
		finding_seen(f,
			"an earlier command was cut off: the journal on this host still keeps %s "
			"of this board",
			e->boot_record   ? "boot options"
			: e->held_record ? "how CPU1 was"
					 : "user flash");
		finding_advise(f, e->boot_record ? "`stm32wb fus state` puts the boot options back"
				  : e->held_record
					  ? "`stm32wb fus state` lets go of CPU1, as it was before"
					  : "Run the same command again: it puts the user's pages "
					    "back at its end");
		return WB_VERDICT_ODD;
	}
	if (e->record_failed) {
		finding_seen(f, "the journal on this host cannot be read");
		return WB_VERDICT_NONE;
	}
	finding_seen(f, "no command was cut off on this board by this host%s",
		e->record.found ? "; an option write was, and nothing is lost" : "");
	return WB_VERDICT_OK;
}

enum wb_verdict check_boot(const struct evidence *e, struct wb_finding *f)
{
	uint32_t optr = e->chip.options.optr;
	bool pin = optr & OPTR_NSWBOOT0, boot0 = optr & OPTR_NBOOT0, boot1 = optr & OPTR_NBOOT1;
	bool empty = e->acr_read && e->acr & ACR_EMPTY;

	finding_seen(f, "nSWBOOT0 %d, nBOOT0 %d, nBOOT1 %d: CPU1 boots from %s%s", pin, boot0,
		boot1, wb_boot_name(&e->chip.options),
		empty ? "; flash was blank at the last power-on, so ST's bootloader runs" : "");
	if (!pin && !boot0) {
		finding_advise(f,
			"The application does not start. If a tool left it so: `stm32wb option "
			"set%s%s%s` makes it as ST delivers it",
			" nSWBOOT0=1", " nBOOT0=1", boot1 ? "" : " nBOOT1=1");
		return WB_VERDICT_BAD;
	}
	if (empty && e->app_read && e->app[0] != BLANK) {
		finding_advise(f,
			"There is an application now (its stack pointer is 0x%08X): power the "
			"board off and on, and it starts",
			(unsigned int)e->app[0]);
		return WB_VERDICT_ODD;
	}
	if (!boot1 || !boot0) {
		finding_advise(f,
			"Not as ST delivers it. If that is not meant: `stm32wb option set%s%s`",
			boot0 ? "" : " nBOOT0=1", boot1 ? "" : " nBOOT1=1");
		return WB_VERDICT_ODD;
	}
	return WB_VERDICT_OK;
}

enum wb_verdict check_watchdog(const struct evidence *e, struct wb_finding *f)
{
	bool iwdg = !(e->chip.options.optr & OPTR_IWDG_SW);
	bool wwdg = !(e->chip.options.optr & OPTR_WWDG_SW);

	finding_seen(f, "IWDG_SW %d, WWDG_SW %d: %s", !iwdg, !wwdg,
		iwdg || wwdg
			? "a watchdog runs from every reset; our commands freeze it while they "
			  "work, other tools may not"
			: "no watchdog runs before the application starts it");
	if (!iwdg && !wwdg)
		return WB_VERDICT_OK;
	finding_advise(f, "If that is not meant: `stm32wb option set%s%s`",
		iwdg ? " IWDG_SW=1" : "", wwdg ? " WWDG_SW=1" : "");
	return WB_VERDICT_ODD;
}

/* ---- flash ---------------------------------------------------------------------------------- */

enum wb_verdict check_ecc(const struct evidence *e, struct wb_finding *f)
{
	uint32_t eccr = e->chip.eccr, page = e->chip.family->page;
	struct wb_ecc ecc;

	if (!wb_chip_ecc(eccr, &ecc)) {
		finding_seen(f, "FLASH_ECCR 0x%08X: none was seen", (unsigned int)eccr);
		return WB_VERDICT_OK;
	}
	finding_seen(f, "FLASH_ECCR 0x%08X: %s at %s0x%08X, read by %s", (unsigned int)eccr,
		ecc.wrong ? "two wrong bits, which cannot be corrected,"
			  : "one wrong bit, corrected,",
		ecc.system ? "system memory + " : "", (unsigned int)ecc.address,
		ecc.by_cm0 ? "the CM0+" : "CPU1 or the debugger");
	if (!ecc.wrong)
		finding_advise(f,
			"`mww 0x58004018 0x40000000` forgets it. If it comes back, that page wears "
			"out: program it anew");
	else if (ecc.system)
		finding_advise(f,
			"ST's own memory is damaged: no way to mend it is known. `mww 0x58004018 "
			"0x80000000` forgets it; if it comes back, replace the chip");
	else if (ecc.address >= e->chip.secure_start)
		finding_advise(f,
			"The CM0+'s own flash is damaged: FUS 1.1.0 and newer answer with a "
			"factory reset when they meet it. `stm32wb fus state` shows whether it "
			"still starts");
	else
		finding_advise(f,
			"`halt` and `flash erase_address 0x%08X 0x%X` erase the page, `reset` "
			"forgets the error; then program again what was there",
			(unsigned int)(ecc.address & ~(page - 1)), (unsigned int)page);
	return ecc.wrong ? WB_VERDICT_BAD : WB_VERDICT_ODD;
}

enum wb_verdict check_flash(const struct evidence *e, struct wb_finding *f)
{
	if (!e->busy) {
		finding_seen(f, "FLASH_SR 0x%08X: not busy", (unsigned int)e->chip.flash_sr);
		return WB_VERDICT_OK;
	}
	if (e->busy & FLASH_SR_BSY) {
		finding_seen(f, "FLASH_SR 0x%08X: BSY stays set", (unsigned int)e->chip.flash_sr);
		finding_advise(f,
			"If the FUS is not at work, the controller hangs: power the board off and "
			"on");
		return WB_VERDICT_BAD;
	}
	finding_seen(f,
		"FLASH_SR 0x%08X: CFGBSY stays set: half a double word was written, and nothing "
		"else can be",
		(unsigned int)e->chip.flash_sr);
	finding_advise(f, safeboot_holds(&e->chip) ? "A power cycle ends it" :
			"A reset ends it: `stm32wb fus state` makes one");
	return WB_VERDICT_ODD;
}

/* ---- CPU1 ----------------------------------------------------------------------------------- */

static const struct {
	uint32_t flag;
	bool odd;
	const char *name;
} causes[] = {
	{ RCC_CSR_IWDGRSTF, true, "watchdog" },
	{ RCC_CSR_WWDGRSTF, true, "window watchdog" },
	{ RCC_CSR_LPWRRSTF, true, "low-power mode that the options forbid" },
	{ RCC_CSR_OBLRSTF, false, "option bytes loaded" },
	{ RCC_CSR_SFTRSTF, false, "software or debugger" },
	{ RCC_CSR_BORRSTF, false, "power-on or brown-out" },
	{ RCC_CSR_PINRSTF, false, "NRST" },
};

enum wb_verdict check_reset(const struct evidence *e, struct wb_finding *f)
{
	uint32_t csr = e->chip.reset_flags;
	char names[200] = "none is kept";
	bool odd = false;
	size_t used = 0;

	for (size_t i = 0; i < sizeof(causes) / sizeof(*causes); i++) {
		if (!(csr & causes[i].flag))
			continue;
		wb_format(names + used, (unsigned int)(sizeof(names) - used), "%s%s",
			used ? ", " : "", causes[i].name);
		used = strlen(names);
		odd = odd || causes[i].odd;
	}
	finding_seen(f, "RCC_CSR 0x%08X, resets since the flags were cleared: %s",
		(unsigned int)csr, names);
	if (!odd)
		return WB_VERDICT_OK;
	finding_advise(f, "The application was reset against its will. `mww 0x58000094 0x00800000` "
			  "forgets it: if it comes back, it still happens");
	return WB_VERDICT_ODD;
}

enum wb_verdict check_cpu1(const struct evidence *e, struct wb_finding *f)
{
	uint32_t dhcsr = e->chip.dhcsr;

	finding_seen(f, "DHCSR 0x%08X: %s", (unsigned int)dhcsr,
		dhcsr & S_LOCKUP && safeboot_holds(&e->chip) ? "locked up: Safeboot keeps all of flash from it"
		: dhcsr & S_LOCKUP    ? "locked up: a fault in the handler of a fault"
		: e->chip.cpu1_halted ? "halted by the debugger"
		: dhcsr & S_SLEEP     ? "runs, asleep at the moment"
				      : "runs");
	if (!(dhcsr & S_LOCKUP) || safeboot_holds(&e->chip))
		return WB_VERDICT_OK;
	if (e->app_read && e->app[0] == BLANK)
		finding_advise(
			f, "Flash is blank at 0x08000000: there is no application. Program one");
	else
		finding_advise(f,
			"The application has crashed; `stm32wb fus state` starts it anew by a "
			"reset. If it locks up again, the fault is in the application");
	return WB_VERDICT_ODD;
}

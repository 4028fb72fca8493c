/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --quirk: behaviour that the documents leave open or that some boards show. One row a word. */
#include "sim/devices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAP_LOST_DEFAULT_MS 5u /* chip.md: not known; 0, 5, 100, 500 are worth trying */
#define IPCCDBA_MAX 0x3FFFu
#define KIB_MAX 0xFFFEu
#define SPEED_MAX 24000u  /* kHz, the fastest probe */
#define SWD_OFF_MAX 60000u
#define LENGTH_MAX 255u /* of a byte */

enum quirk_kind {
	Q_FLAG,	  /* a bool in struct sim_quirks */
	Q_CHOICE, /* a uint8_t: which of the words of form, behind "=", between "|" */
	Q_NUMBER, /* a uint32_t of at most max */
	Q_DAP_LOST,
};

#define AT(field) offsetof(struct sim_quirks, field)

static const struct quirk {
	const char *word;
	enum quirk_kind kind;
	size_t field;
	const char *form; /* as shown to the user */
	uint32_t max;
	const char *help;
} quirks[] = {
	{ "dap-lost-on-reset", Q_DAP_LOST, 0, "dap-lost-on-reset[=MS]", 0,
		"its own resets drop the debug port (5)" },
	{ "demcr-lost-on-reset", Q_FLAG, AT(demcr_lost_on_reset), NULL, 0,
		"its own resets defeat vector catch" },
	{ "sram2-erased-on-reset", Q_FLAG, AT(sram2_erased_on_reset), NULL, 0,
		"SRAM2 does not outlive a reset" },
	{ "optverr", Q_FLAG, AT(optverr), NULL, 0,
		"OPTVERR is set after every reset" },
	{ "iwdg-on", Q_FLAG, AT(iwdg_on), NULL, 0,
		"the watchdog runs from reset" },
	{ "ipccdba", Q_NUMBER, AT(ipccdba), "ipccdba=N", IPCCDBA_MAX,
		"option IPCCDBA: where the tables are" },
	{ "mute-cpu2", Q_FLAG, AT(mute_cpu2), NULL, 0,
		"the CM0+ says nothing" },
	{ "need-crcen", Q_FLAG, AT(need_crcen), NULL, 0,
		"the FUS wants CPU2's CRC clock" },
	{ "rom-started-fus", Q_FLAG, AT(rom_started_fus), NULL, 0,
		"blank flash: the ROM started the CM0+" },
	{ "secure-access", Q_CHOICE, AT(secure_access), "secure-access=zero|wrperr|fault", 0,
		"what an access to secure memory gives" },
	{ "nvm-pages", Q_CHOICE, AT(nvm_below), "nvm-pages=above|below", 0,
		"where FUS 2 keeps a stack's NVM pages" },
	{ "alt-order", Q_FLAG, AT(alt_order), NULL, 0,
		"FUS steps in another plausible order" },
	{ "nvm-ready", Q_FLAG, AT(nvm_ready), NULL, 0,
		"FUS 2 at a stack: NVM backup says ready" },
	{ "first-state-ff", Q_FLAG, AT(first_state_ff), NULL, 0,
		"first state of an unused FUS: 0xFF" },
	{ "ipccdba-x8", Q_FLAG, AT(ipccdba_x8), NULL, 0,
		"IPCCDBA counts double words, not words" },
	{ "same-version", Q_CHOICE, AT(same_version), "same-version=refuse|accept", 0,
		"what the FUS does with its own version" },
	{ "no-stack", Q_CHOICE, AT(no_stack), "no-stack=not-found|refused|unknown|idle|resets", 0,
		"DELETE, PURGE, START_WS with no stack" },
	{ "chatty-stack", Q_FLAG, AT(chatty_stack), NULL, 0,
		"more events behind a stack's ready" },
	{ "key-index", Q_CHOICE, AT(key_index_0), "key-index=1|0", 0,
		"index of the first user key" },
	{ "iv-first", Q_FLAG, AT(iv_first), NULL, 0,
		"an encrypted user key's IV stands first" },
	{ "rdp-mismatch", Q_CHOICE, AT(rdp_mismatch), "rdp-mismatch=0|1", 0,
		"RDP level if its option word is corrupt" },
	{ "safeboot", Q_CHOICE, AT(safeboot), "safeboot=resets|power-cycle|nothing", 0,
		"what it does, or is needed after it" },
	{ "flash-error", Q_CHOICE, AT(flash_error), "flash-error=reset|silent", 0,
		"a broken stack, FUS 1.1.0 and newer" },
	{ "ufb-corrupt", Q_NUMBER, AT(ufb_code), "ufb-corrupt=N", LENGTH_MAX,
		"error code of \"UFB corrupt\" (255)" },
	{ "info", Q_CHOICE, AT(info), "info=right|none|other|board", 0,
		"the device info table; the last: as seen" },
	{ "antirollback", Q_CHOICE, AT(rollback_lost), "antirollback=kept|lost", 0,
		"its stack, when that is deleted" },
	{ "delete-nvm", Q_CHOICE, AT(delete_keeps_nvm), "delete-nvm=erased|kept", 0,
		"a stack's NVM pages, FUS 2's FW_DELETE" },
	{ "old-stack", Q_FLAG, AT(no_unload), NULL, 0,
		"a stack knows no UNLOAD_USR_KEY" },
	{ "wb1x-keys", Q_CHOICE, AT(no_cks), "wb1x-keys=refuse|unknown", 0,
		"key commands where no key store is" },
	{ "sram2", Q_CHOICE, AT(sram2_view), "sram2=both|header|wiki", 0,
		"WB1x: which source is right on SRAM2" },
	{ "bad-above", Q_NUMBER, AT(bad_above_khz), "bad-above=KHZ", SPEED_MAX,
		"above this SWD clock transfers fail" },
	{ "swd-off", Q_NUMBER, AT(swd_off_ms), "swd-off=MS", SWD_OFF_MAX,
		"the application closes SWD after MS" },
	{ "flash-gap", Q_CHOICE, AT(flash_gap), "flash-gap=secure|blank|cells|fault", 0,
		"behind a small part's user flash" },
	{ "cm0-radio", Q_CHOICE, AT(cm0_radio), "cm0-radio=off|pes|hsem", 0,
		"how its radio events bar the flash" },
	{ "cm0-writes", Q_FLAG, AT(cm0_writes), NULL, 0,
		"it writes flash too (semaphores 2, 6)" },
	{ "cm0-keeps", Q_CHOICE, AT(cm0_keeps), "cm0-keeps=none|pes|2|6|7", 0,
		"what it never gives back: PES, HSEM n" },
	{ "boot-blank", Q_CHOICE, AT(boot_blank_acr), "boot-blank=flash|acr", 0,
		"at every reset, or only as ACR.EMPTY says" },
	{ "reset-in-flash", Q_CHOICE, AT(reset_in_flash), "reset-in-flash=spoils|options|harmless", 0,
		"what a reset does to a write under way" },
	{ "sleep-debug", Q_CHOICE, AT(sleep_open), "sleep-debug=core|open", 0,
		"what it reaches in Sleep, DBG_SLEEP 0" },
	{ "stop-debug", Q_CHOICE, AT(stop_debug), "stop-debug=silent|waits|open", 0,
		"the port in stop, DBG_STOP 0; standby too" },
	{ "uid", Q_NUMBER, AT(uid), "uid=N", UINT32_MAX,
		"device number in UID64: one chip of many" },
	/* a chip that lies: no real one does, but a bad contact or a clone may look like this */
	{ "flash-size", Q_NUMBER, AT(lie_flash_kib), "flash-size=KIB", KIB_MAX,
		"a lie: the flash size word" },
	{ "wild-tables", Q_FLAG, AT(wild_tables), NULL, 0,
		"a lie: table pointers into nowhere" },
	{ "wild-event", Q_FLAG, AT(wild_event), NULL, 0,
		"a lie: events linked into nowhere" },
	{ "endless-event", Q_FLAG, AT(endless_event), NULL, 0,
		"a lie: an event queue without end" },
	{ "endless-bsy", Q_FLAG, AT(endless_bsy), NULL, 0,
		"a lie: FLASH_SR.BSY never falls" },
	{ "answer-length", Q_NUMBER, AT(answer_length), "answer-length=N", LENGTH_MAX,
		"a lie: length byte of every answer" },
};

#define QUIRKS (sizeof(quirks) / sizeof(quirks[0]))

static bool number(const char *text, uint32_t max, uint32_t *val)
{
	unsigned long n;
	char *end;

	if (!text || *text < '0' || *text > '9')
		return false;
	n = strtoul(text, &end, 0);
	*val = (uint32_t)n;
	return !*end && n <= max;
}

/* Which of the words of "name=one|two|three" text is, or -1. */
static int choice(const char *form, const char *text)
{
	const char *at = strchr(form, '=');

	for (int i = 0; text && at; i++, at = strchr(at, '|')) {
		size_t len = strcspn(++at, "|");

		if (strlen(text) == len && strncmp(at, text, len) == 0)
			return i;
	}
	return -1;
}

static bool apply(struct sim_quirks *q, const struct quirk *row, const char *value)
{
	void *field = (char *)q + row->field;
	int n;

	switch (row->kind) {
	case Q_FLAG:
		*(bool *)field = true;
		return !value;
	case Q_CHOICE:
		n = choice(row->form, value);
		*(uint8_t *)field = (uint8_t)(n < 0 ? 0 : n);
		return n >= 0;
	case Q_NUMBER:
		return number(value, row->max, (uint32_t *)field);
	default:
		q->dap_lost_on_reset = true;
		q->dap_lost_ms = DAP_LOST_DEFAULT_MS;
		return !value || number(value, 3600000u, &q->dap_lost_ms);
	}
}

static bool unknown(const char *word, char *why, size_t why_size)
{
	size_t at = (size_t)snprintf(why, why_size, "quirk \"%s\" is not known; known are:", word);

	for (size_t i = 0; i < QUIRKS && at < why_size; i++)
		at += (size_t)snprintf(why + at, why_size - at, "%s %s", i ? "," : "",
			quirks[i].form ? quirks[i].form : quirks[i].word);
	return false;
}

const char *quirk_form(size_t i, const char **help)
{
	if (i >= QUIRKS)
		return NULL;
	*help = quirks[i].help;
	return quirks[i].form ? quirks[i].form : quirks[i].word;
}

bool quirks_parse(struct wbsim *sim, const char *const *words, char *why, size_t why_size)
{
	sim->quirks.answer_length = ANSWER_AS_IS;
	for (; words && *words; words++) {
		const char *eq = strchr(*words, '=');
		size_t len = eq ? (size_t)(eq - *words) : strlen(*words);
		const struct quirk *row = NULL;

		for (size_t i = 0; i < QUIRKS; i++) {
			if (strlen(quirks[i].word) == len &&
				strncmp(quirks[i].word, *words, len) == 0)
				row = &quirks[i];
		}
		if (!row || !apply(&sim->quirks, row, eq ? eq + 1 : NULL))
			return unknown(*words, why, why_size);
	}
	return true;
}

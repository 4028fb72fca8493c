/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --quirk: behaviour that the documents leave open or that some boards show. One row a word. */
#include "sim/devices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAP_LOST_DEFAULT_MS 5u /* chip.md: not known; 0, 5, 100, 500 are worth trying */
#define IPCCDBA_MAX 0x3FFFu

enum quirk_kind {
	Q_FLAG, /* a bool in struct sim_quirks */
	Q_DAP_LOST,
	Q_IPCCDBA,
	Q_SECURE,
	Q_NVM,
};

static const struct quirk {
	const char *word;
	enum quirk_kind kind;
	size_t flag;
	const char *form; /* as shown to the user */
} quirks[] = {
	{ "dap-lost-on-reset", Q_DAP_LOST, 0, "dap-lost-on-reset[=MS]" },
	{ "demcr-lost-on-reset", Q_FLAG, offsetof(struct sim_quirks, demcr_lost_on_reset), NULL },
	{ "sram2-erased-on-reset", Q_FLAG, offsetof(struct sim_quirks, sram2_erased_on_reset),
		NULL },
	{ "optverr", Q_FLAG, offsetof(struct sim_quirks, optverr), NULL },
	{ "iwdg-on", Q_FLAG, offsetof(struct sim_quirks, iwdg_on), NULL },
	{ "ipccdba", Q_IPCCDBA, 0, "ipccdba=N" },
	{ "mute-cpu2", Q_FLAG, offsetof(struct sim_quirks, mute_cpu2), NULL },
	{ "need-crcen", Q_FLAG, offsetof(struct sim_quirks, need_crcen), NULL },
	{ "rom-started-fus", Q_FLAG, offsetof(struct sim_quirks, rom_started_fus), NULL },
	{ "secure-access", Q_SECURE, 0, "secure-access=zero|wrperr|fault" },
	{ "nvm-pages", Q_NVM, 0, "nvm-pages=above|below" },
	{ "alt-order", Q_FLAG, offsetof(struct sim_quirks, alt_order), NULL },
	{ "first-state-ff", Q_FLAG, offsetof(struct sim_quirks, first_state_ff), NULL },
	{ "ipccdba-x8", Q_FLAG, offsetof(struct sim_quirks, ipccdba_x8), NULL },
	{ "same-version", Q_FLAG, offsetof(struct sim_quirks, same_version), NULL },
	{ "chatty-stack", Q_FLAG, offsetof(struct sim_quirks, chatty_stack), NULL },
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

/* Index of the word in a NULL-terminated list, or -1. */
static int choice(const char *const *list, const char *text)
{
	for (int i = 0; text && list[i]; i++) {
		if (strcmp(list[i], text) == 0)
			return i;
	}
	return -1;
}

static bool apply(struct sim_quirks *q, const struct quirk *row, const char *value)
{
	static const char *const secure[] = { "zero", "wrperr", "fault", NULL };
	static const char *const nvm[] = { "above", "below", NULL };
	int n;

	switch (row->kind) {
	case Q_FLAG:
		*(bool *)((char *)q + row->flag) = true;
		return !value;
	case Q_DAP_LOST:
		q->dap_lost_on_reset = true;
		q->dap_lost_ms = DAP_LOST_DEFAULT_MS;
		return !value || number(value, 3600000u, &q->dap_lost_ms);
	case Q_IPCCDBA:
		return number(value, IPCCDBA_MAX, &q->ipccdba);
	case Q_SECURE:
		n = choice(secure, value);
		q->secure_access = (enum sim_secure_access)(n < 0 ? 0 : n);
		return n >= 0;
	default:
		n = choice(nvm, value);
		q->nvm_below = n == 1;
		return n >= 0;
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

bool quirks_parse(struct wbsim *sim, const char *const *words, char *why, size_t why_size)
{
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

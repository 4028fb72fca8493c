/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reads of a diagnosis. Hot ones first: nothing is written, nothing halted, and no register
 * is read that changes by it. User flash is searched only with CPU1 held: a double word that a cut
 * run left half programmed would be an NMI to an application that runs (RM0434 3.3.3).
 */
#include <string.h>
#include "core/bytes.h"
#include "core/evidence.h"
#include "core/flash.h"
#include "core/fus.h"
#include "core/regs.h"

#define LOOKS 3u
#define LOOK_MS 50u
#define SRAM2A_BYTES 0x8000u
#define POINTER_BYTES (4u * WB_TABLES_COUNT)
#define EVENT_BYTES 16u /* header and the first byte of the payload */
#define EVENT_TYPE 0x12u
#define EVENT_CODE 0xffu

static bool get(struct wb_link *link, uint32_t address, size_t words, uint8_t *to)
{
	return link->read(link, address, 4, words, to) == WB_OK;
}

static bool get_word(struct wb_link *link, uint32_t address, uint32_t *word)
{
	uint8_t bytes[4];
	bool good = get(link, address, 1, bytes);

	*word = good ? wb_get32(bytes) : 0;
	return good;
}

/* ---- the tables ----------------------------------------------------------------------------- */

/* Is a ready event here, or what is left of one? */
static enum sign event_at(struct wb_link *link, const struct wb_family *family, uint32_t address)
{
	uint8_t event[EVENT_BYTES];

	if (!wb_in_sram2(family, address, EVENT_BYTES) ||
		!get(link, address, EVENT_BYTES / 4, event) || event[8] != EVENT_TYPE ||
		event[9] != EVENT_CODE || wb_get16(event + 11) != WB_EVENT_READY)
		return SIGN_NONE;
	return event[13] == WB_READY_FUS     ? SIGN_FUS
	       : event[13] == WB_READY_STACK ? SIGN_STACK
					     : SIGN_NONE;
}

/*
 * The ready event: in the queue while nobody has taken it; else where it was built: the FUS uses
 * the spare system event buffer, a stack the start of its pool.
 */
static enum sign find_event(
	struct wb_link *link, const struct wb_family *family, const uint8_t *pointers)
{
	uint32_t system = wb_get32(pointers + 4 * WB_TABLE_SYSTEM);
	uint32_t memory = wb_get32(pointers + 4 * WB_TABLE_MEMORY);
	uint32_t queue = 0, first = 0;
	enum sign sign = SIGN_NONE;
	uint8_t words[12];

	if (wb_in_sram2(family, system, 8) && get_word(link, system + 4, &queue) &&
		wb_in_sram2(family, queue, 8) && get_word(link, queue, &first) && first != queue)
		sign = event_at(link, family, first);
	if (sign != SIGN_NONE || !wb_in_sram2(family, memory, sizeof(words)) ||
		!get(link, memory, sizeof(words) / 4, words))
		return sign;
	sign = event_at(link, family, wb_get32(words + 4));
	return sign != SIGN_NONE ? sign : event_at(link, family, wb_get32(words + 8));
}

static void read_tables(struct wb_link *link, struct evidence *e)
{
	const struct wb_chip *chip = &e->chip;
	uint8_t bytes[POINTER_BYTES] = { 0 };
	unsigned int zeros = 0, ones = 0;

	if (!chip->sram2a || !get_word(link, chip->sram2a, &e->first_word))
		return;
	for (unsigned int wide = 0; wide < 2 && !e->pointers_valid; wide++) {
		uint32_t offset = wb_tables_offset(chip->options.ipccbr, wide);
		uint32_t at = chip->sram2a + offset;
		struct wb_window window = { at, sizeof(bytes), bytes };

		if ((wide && !offset) || offset > SRAM2A_BYTES - POINTER_BYTES ||
			!get(link, at, sizeof(bytes) / 4, bytes))
			continue;
		e->tables_read = true;
		e->pointers = at;
		e->pointers_valid = wb_tables_device_info(chip->family, &window, at) != 0;
		if (e->pointers_valid)
			e->event = find_event(link, chip->family, bytes);
	}
	for (unsigned int i = 0; e->tables_read && i < sizeof(bytes); i++) {
		zeros += bytes[i] == 0;
		ones += bytes[i] == 0xff;
	}
	e->pointers_blank = zeros == sizeof(bytes) || ones == sizeof(bytes);
	if (chip->versions.valid)
		e->table = chip->versions.from_fus ? SIGN_FUS : SIGN_STACK;
}

/* ---- what may be a moment's state: looked at more than once --------------------------------- */

static void look_again(struct wb_link *link, struct evidence *e)
{
	uint32_t sr, flags;

	e->busy = FLASH_SR_BSY | FLASH_SR_CFGBSY;
	e->waiting = e->chip.c2boot;
	for (unsigned int i = 0; i < LOOKS; i++) {
		if (i)
			link->sleep_ms(link, LOOK_MS);
		e->busy &= get_word(link, FLASH_SR, &sr) ? sr : 0;
		e->waiting = e->waiting && get_word(link, IPCC_C1TOC2SR, &flags) &&
			     flags & IPCC_FLAG(IPCC_CHANNEL_SYSTEM);
		if (!e->busy && !e->waiting)
			return;
	}
}

static bool has_record(struct wb_link *link, uint64_t uid64, enum wb_record record, bool *failed)
{
	size_t len = 0;

	if (link->journal_load(link, uid64, record, NULL, &len) != WB_OK)
		*failed = true;
	return len > 0;
}

static bool has_pcrop(const struct wb_chip *chip)
{
	struct wb_area area;

	for (unsigned int i = 0; i < WB_AREAS; i++)
		if (wb_protected_area(chip->family, &chip->options, i, &area) && !area.wrp)
			return true;
	return false;
}

void evidence_read(struct wb_session *s, struct evidence *e)
{
	struct wb_link *link = s->link;
	uint8_t words[8] = { 0 };

	memset(e, 0, sizeof(*e));
	e->chip_read = session_look(s, &e->chip, &e->why) == WB_OK;
	if (!e->chip_read)
		return;
	e->acr_read = get_word(link, FLASH_ACR, &e->acr);
	/* with read protection the debugger's read is an error flag for the application to find */
	if ((e->chip.options.optr & OPTR_RDP) == OPTR_RDP_LEVEL_0 &&
		e->chip.secure_start > WB_FLASH_BASE && !has_pcrop(&e->chip))
		e->app_read = get(link, WB_FLASH_BASE, 2, words);
	for (unsigned int i = 0; e->app_read && i < 2; i++)
		e->app[i] = wb_get32(words + 4 * i);
	wb_option_page_read(link, e->chip.family, &e->page);
	e->record_failed = wb_option_record_load(link, e->chip.uid64, &e->record, NULL) != WB_OK;
	e->boot_record = has_record(link, e->chip.uid64, WB_RECORD_BOOT, &e->record_failed);
	e->pages_record = has_record(link, e->chip.uid64, WB_RECORD_PAGES, &e->record_failed);
	e->held_record = held_pending(s, e->chip.uid64);
	read_tables(link, e);
	look_again(link, e);
}

void evidence_ask(struct wb_session *s, const struct wb_operation *op, struct evidence *e,
	struct wb_result *result)
{
	struct wb_goal goal = { .image = NULL };
	struct wb_error scan_why;
	enum wb_status status = session_open(s, op, result, &e->asked_why);

	e->asked = true;
	if (status == WB_OK) {
		e->scan_status = flash_scan(s, &goal, &e->scan, &scan_why);
		e->scanned = e->scan_status == WB_OK;
		status = cm0_start(s, &e->asked_why);
	}
	if (status == WB_OK) {
		e->state.runs = s->runs;
		e->state.fus_version = s->chip.versions.fus;
		e->state.stack_version = s->chip.versions.stack;
		/* a stack takes the second GET_STATE of its life as an order */
		if (s->runs == WB_RUNS_FUS)
			status = fus_get_state(s, &e->state, &e->asked_why);
		/* at work: no reset of ours may come in between */
		s->fus_busy = status == WB_OK && s->runs == WB_RUNS_FUS &&
			      e->state.state != WB_STATE_IDLE && e->state.state != WB_STATE_ERROR;
		result->state = e->state;
	}
	/* one that came before the chip was taken: it is not ours to hold */
	if (status == WB_ERR_RESET && s->taken)
		status = hold_follow(s, &e->asked_why);
	e->asked_status = session_close(s, op, result, status, &e->asked_why);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `stm32wb option set` on a chip: look, judge, and only if something differs take the chip, write
 * the page once, load it and compare.
 *
 * What was there before goes to the journal first. The record stays until the new bytes were seen
 * in force: a write that was cut off leaves the old page or the new one, or one that is corrupt,
 * and for that the values are kept.
 */
#include <string.h>
#include "core/bytes.h"
#include "core/options_write.h"
#include "core/regs.h"

#define RECORD_MAGIC 0x314f464fu /* "OFO1" */
#define RECORD_SIZE (4u + 2u * 4u * WB_USER_OPTIONS)

/* What an earlier write lost is what was there before: known until a write has succeeded. */
static enum wb_status record_store(
	struct wb_session *s, const struct wb_options *wanted, struct wb_error *err)
{
	struct wb_options before = s->chip.options, to = *wanted;
	struct wb_option_record earlier;
	uint8_t record[RECORD_SIZE];
	enum wb_status status = wb_option_record_load(s->link, s->chip.uid64, &earlier, err);

	if (status != WB_OK)
		return status;
	if (wb_option_record_lost(&s->chip, &earlier))
		before = earlier.before;
	wb_put32(record, RECORD_MAGIC);
	for (unsigned int i = 0; i < WB_USER_OPTIONS; i++) {
		wb_put32(record + 4 + 4 * i, *wb_option_reg(&before, i));
		wb_put32(record + 4 + 4 * (WB_USER_OPTIONS + i), *wb_option_reg(&to, i));
	}
	if (s->link->journal_store(
		    s->link, s->chip.uid64, WB_RECORD_OPTIONS, record, sizeof(record)) != WB_OK)
		return wb_fail(err, WB_ERR_HOST,
			"the option bytes' journal cannot be written (%s), so they are not touched",
			s->link->reason);
	return WB_OK;
}

enum wb_status wb_option_record_load(
	struct wb_link *link, uint64_t uid64, struct wb_option_record *record, struct wb_error *err)
{
	uint8_t bytes[RECORD_SIZE];
	size_t len = sizeof(bytes);

	memset(record, 0, sizeof(*record));
	if (link->journal_load(link, uid64, WB_RECORD_OPTIONS, bytes, &len) != WB_OK)
		return wb_fail(err, WB_ERR_HOST, "the option bytes' journal cannot be read: %s",
			link->reason);
	if (len != sizeof(bytes) || wb_get32(bytes) != RECORD_MAGIC)
		return WB_OK;
	record->found = true;
	for (unsigned int i = 0; i < WB_USER_OPTIONS; i++) {
		*wb_option_reg(&record->before, i) = wb_get32(bytes + 4 + 4 * i);
		*wb_option_reg(&record->wanted, i) =
			wb_get32(bytes + 4 + 4 * (WB_USER_OPTIONS + i));
	}
	return WB_OK;
}

bool wb_option_record_lost(const struct wb_chip *chip, const struct wb_option_record *record)
{
	return record->found && !wb_options_equal(chip->family, &chip->options, &record->before) &&
	       !wb_options_equal(chip->family, &chip->options, &record->wanted);
}

/* Do the registers show what the page holds, and nobody is in the middle of something? */
static bool settled(struct wb_session *s, const struct wb_chip *chip)
{
	struct wb_option_record record;
	struct wb_option_page page;

	if (wb_option_record_load(s->link, chip->uid64, &record, NULL) != WB_OK || record.found ||
		sram_boot_pending(s, chip->uid64))
		return false;
	wb_option_page_read(s->link, chip->family, &page);
	return page.read && page.sound &&
	       wb_options_equal(chip->family, &page.options, &chip->options);
}

/* Loading a damaged page selects Safeboot: while it is, the registers are all that is left. */
static enum wb_status look_at_page(struct wb_session *s, bool *damaged, struct wb_error *err)
{
	struct wb_option_page page;
	enum wb_status status = options_page(s, s->chip.family, &page, err);

	*damaged = page.read && !page.sound;
	return status;
}

/* The chip is held; its option registers are what the page holds, and the CM0+ is off. */
static enum wb_status prepare(struct wb_session *s, bool *rewrite, struct wb_error *err)
{
	enum wb_status status = look_at_page(s, rewrite, err);

	if (status == WB_OK && (s->c2boot || s->stub_running))
		status = hold_reset(s, false, err);
	if (status == WB_OK && !*rewrite && !settled(s, &s->chip))
		status = options_launch(s, err);
	return status != WB_OK ? status : cm0_snapshot(s, err);
}

/* Registers alone do not tell: those of a damaged page that was not written are as they were. */
static enum wb_status compare(
	struct wb_session *s, const struct wb_options *wanted, struct wb_error *err)
{
	struct wb_options wants = *wanted, mask;
	enum wb_status status = cm0_snapshot(s, err);
	bool damaged = false;
	unsigned int i = 0;

	if (status == WB_OK)
		status = look_at_page(s, &damaged, err);
	if (status != WB_OK ||
		(!damaged && wb_options_equal(s->chip.family, &s->chip.options, wanted)))
		return status;
	status = cm0_refuse_safeboot(s, err);
	if (status != WB_OK)
		return status;
	if (damaged)
		return wb_fail(err, WB_ERR_FLASH,
			"after the write the option page is still damaged (FLASH_SR 0x%08X): "
			"something came between, a reset perhaps. Run the same command again",
			(unsigned int)s->chip.flash_sr);
	wb_options_mask(s->chip.family, &mask);
	while (i < WB_USER_OPTIONS - 1 &&
		!((*wb_option_reg(&s->chip.options, i) ^ *wb_option_reg(&wants, i)) &
			*wb_option_reg(&mask, i)))
		i++;
	return wb_fail(err, WB_ERR_FLASH,
		"after the write the option register at 0x%08X is 0x%08X, not 0x%08X (FLASH_SR "
		"0x%08X). Run the same command again; `stm32wb fus diagnose` shows what is in "
		"force",
		(unsigned int)(FLASH_OPTR + 4 * i),
		(unsigned int)*wb_option_reg(&s->chip.options, i),
		(unsigned int)*wb_option_reg(&wants, i), (unsigned int)s->chip.flash_sr);
}

static enum wb_status change(
	struct wb_session *s, const struct wb_option_changes *changes, struct wb_error *err)
{
	enum wb_status status = session_stop(s, err);

	if (status == WB_OK)
		status = record_store(s, &changes->wanted, err);
	if (status == WB_OK)
		status = options_write(s, &changes->wanted, changes->rdp, err);
	if (status == WB_OK)
		status = options_launch(s, err);
	return status != WB_OK ? status : compare(s, &changes->wanted, err);
}

/* Judged again: what the page held may differ from what the registers showed. */
static enum wb_status set(struct wb_session *s, const struct wb_option_value *values,
	unsigned int count, const char *const *confirm, struct wb_option_changes *changes,
	struct wb_error *err)
{
	bool rewrite;
	enum wb_status status = prepare(s, &rewrite, err);

	if (status == WB_OK)
		status = wb_options_decide(&s->chip, values, count, confirm, changes, err);
	changes->rewrite = rewrite;
	if (status == WB_OK && (changes->count || rewrite))
		status = change(s, changes, err);
	if (status == WB_OK)
		s->link->journal_store(s->link, s->chip.uid64, WB_RECORD_OPTIONS, NULL, 0);
	return status;
}

/* Option bytes of an earlier run that are neither old nor new: its other fields are lost. */
static void note_lost(struct wb_session *s, const struct wb_chip *chip)
{
	struct wb_option_record record;
	char command[200];

	if (wb_option_record_load(s->link, chip->uid64, &record, NULL) == WB_OK &&
		wb_option_record_lost(chip, &record) &&
		wb_option_command(chip, &record.before, command))
		session_report(s, true,
			"an earlier write was cut off and took option bytes with it. They come "
			"back by `%s`",
			command);
}

enum wb_status wb_option_set(struct wb_session *session, const struct wb_operation *op,
	const struct wb_option_value *values, unsigned int count, const char *const *confirm,
	struct wb_option_changes *changes, struct wb_result *result, struct wb_error *err)
{
	struct wb_session *s = session;
	struct wb_error local;
	struct wb_chip chip;
	enum wb_status status;

	if (!err)
		err = &local;
	memset(result, 0, sizeof(*result));
	memset(changes, 0, sizeof(*changes));
	status = session_look(s, &chip, err);
	result->before = chip;
	if (status == WB_OK)
		status = wb_options_decide(&chip, values, count, confirm, changes, err);
	if (status != WB_OK) {
		session_untouched(s, result);
		return status;
	}
	if (!changes->count && settled(s, &chip) && !held_pending(s, chip.uid64)) {
		s->chip = chip;
		held_drop(s); /* of a run whose chip has lost power since */
		session_untouched(s, result);
		wb_format(result->left, sizeof(result->left), "as found: nothing was written");
		return WB_OK;
	}
	note_lost(s, &chip);
	status = session_open(s, op, result, err);
	if (status == WB_OK)
		status = set(s, values, count, confirm, changes, err);
	return session_close(s, op, result, status, err);
}

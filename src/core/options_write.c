/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The option page: read, written, loaded. The only place in core that writes it.
 *
 * It is erased and written as a whole, and a power cut in that moment is what corrupts it: so it is
 * written only when something differs, once, and what goes into it is read twice before.
 */
#include <string.h>
#include "core/bytes.h"
#include "core/options_write.h"
#include "core/regs.h"

#define OPTION_WRITE_MS 10000u /* an erase, a few double words: 25 ms; RDP 1 to 0 erases flash */
#define LAUNCH_MS 2000u
#define LAUNCH_POLL_MS 2u
#define LOST_MS 100u /* OBL_LAUNCH resets at once */
#define ORDERS 3u
#define POLL_MS 5u

#define PAGE_5X 0x1fff8000u /* ST's CMSIS headers, OPTION_BYTES_BASE */
#define PAGE_1X 0x1fff7800u
#define PAGE_READS 4u
#define PAGE_WORDS 32u /* 16 words, each followed by its complement */

/* Where the registers' values lie in the page: RM0434 3.4.1, in the order of struct wb_options. */
static const uint8_t page_index[] = { 0, 1, 2, 3, 4, 5, 6, 13, 14, 15 };

static uint32_t page_address(const struct wb_family *family)
{
	return family->id == WB_FAMILY_1X ? PAGE_1X : PAGE_5X;
}

static enum wb_status page_read(
	struct wb_link *link, const struct wb_family *family, struct wb_option_page *page)
{
	uint8_t bytes[PAGE_WORDS * 4];
	unsigned int sound = 0;
	enum wb_status status;
	uint32_t wrong;

	memset(page, 0, sizeof(*page));
	page->secure_sound = true;
	status = link->read(link, page_address(family), 4, PAGE_WORDS, bytes);
	if (status != WB_OK)
		return status;
	for (unsigned int i = 0; i < sizeof(page_index); i++) {
		uint32_t word = wb_get32(bytes + 8u * page_index[i]);

		*wb_option_reg(&page->options, i) = word;
		wrong = word ^ ~wb_get32(bytes + 8u * page_index[i] + 4);
		sound += !wrong;
		if (i >= WB_USER_OPTIONS ? wrong : !i && wrong & OPTR_ESE)
			page->secure_sound = false;
	}
	page->read = sound; /* no word with its complement: that is no option page */
	page->sound = sound == sizeof(page_index);
	return WB_OK;
}

void wb_option_page_read(
	struct wb_link *link, const struct wb_family *family, struct wb_option_page *page)
{
	page_read(link, family, page);
}

enum wb_status options_page(struct wb_session *s, const struct wb_family *family,
	struct wb_option_page *page, struct wb_error *err)
{
	enum wb_status status = WB_OK;

	for (unsigned int failed = 0; status == WB_OK; failed++) {
		if (page_read(s->link, family, page) == WB_OK)
			return WB_OK;
		if (failed == PAGE_READS)
			return wb_fail(err, WB_ERR_LINK,
				"the option page at 0x%08X cannot be read: %s. Check the cable, or "
				"lower the clock of the probe",
				(unsigned int)page_address(family), s->link->reason);
		status = hold_reattach(s, err);
	}
	return status;
}

/* ---- the registers -------------------------------------------------------------------------- */

static enum wb_status wait(struct wb_session *s, bool *ended, struct wb_error *err)
{
	uint64_t end = session_ms(s) + OPTION_WRITE_MS;
	enum wb_status status;
	uint32_t sr;

	*ended = false;
	for (;;) {
		status = chip_read(s, FLASH_SR, 1, &sr, err);
		if (status != WB_OK)
			return status;
		if (!(sr & FLASH_SR_BSY))
			break;
		if (session_ms(s) >= end)
			return wb_fail(err, WB_ERR_FLASH,
				"writing option bytes does not end (FLASH_SR 0x%08X). Keep the "
				"chip powered and run the same command again",
				(unsigned int)sr);
		s->link->sleep_ms(s->link, POLL_MS);
	}
	if (sr & FLASH_SR_ERRORS & ~FLASH_SR_OPTVERR)
		return wb_fail(err, WB_ERR_FLASH,
			"the option bytes were not written: FLASH_SR 0x%08X. Is the supply above "
			"2 V?",
			(unsigned int)sr);
	*ended = sr & FLASH_SR_EOP;
	return WB_OK;
}

/*
 * The order to program, given once: it may have arrived though its transfer failed, and the page is
 * not to be erased twice. With EOPIE the controller remembers that it has done something.
 */
static enum wb_status program(struct wb_session *s, struct wb_error *err)
{
	bool doubt = true, ended = false;
	enum wb_status status = WB_OK;

	for (unsigned int i = 0; i < ORDERS && status == WB_OK && doubt && !ended; i++) {
		status = chip_write_once(
			s, FLASH_CR, FLASH_CR_OPTSTRT | FLASH_CR_EOPIE, &doubt, err);
		if (status == WB_OK)
			status = wait(s, &ended, err);
	}
	if (status == WB_OK && doubt && !ended)
		return wb_fail(err, WB_ERR_LINK,
			"the order to write the option bytes does not reach the chip: %s",
			s->link->reason);
	return status;
}

static enum wb_status read_once(
	struct wb_session *s, struct wb_options *options, struct wb_error *err)
{
	uint32_t words[WB_USER_OPTIONS];
	enum wb_status status = chip_read(s, FLASH_OPTR, WB_USER_OPTIONS, words, err);

	memset(options, 0, sizeof(*options));
	for (unsigned int i = 0; status == WB_OK && i < WB_USER_OPTIONS; i++)
		*wb_option_reg(options, i) = words[i];
	return status;
}

enum wb_status options_read(struct wb_session *s, struct wb_options *options, struct wb_error *err)
{
	struct wb_options again;
	enum wb_status status = read_once(s, options, err);

	if (status == WB_OK)
		status = read_once(s, &again, err);
	if (status != WB_OK)
		return status;
	if (memcmp(options, &again, sizeof(again)) != 0 || !options->optr)
		return wb_fail(err, WB_ERR_CHIP,
			"the option registers read differently each time (FLASH_OPTR 0x%08X, then "
			"0x%08X): no option byte is written on such a reading. Lower the clock of "
			"the probe and try again",
			(unsigned int)options->optr, (unsigned int)again.optr);
	return WB_OK;
}

/* The registers that differ, and a look whether they took it: nothing is programmed yet. */
static enum wb_status put(
	struct wb_session *s, const struct wb_options *wanted, struct wb_error *err)
{
	struct wb_options now, mask, to = *wanted;
	enum wb_status status = options_read(s, &now, err);
	uint32_t value, bits;

	wb_options_mask(s->chip.family, &mask);
	for (unsigned int i = 0; status == WB_OK && i < WB_USER_OPTIONS; i++) {
		bits = *wb_option_reg(&mask, i);
		value = (*wb_option_reg(&now, i) & ~bits) | (*wb_option_reg(&to, i) & bits);
		if (value != *wb_option_reg(&now, i))
			status = chip_poke(s, FLASH_OPTR + 4 * i, value, err);
	}
	if (status == WB_OK)
		status = read_once(s, &now, err);
	for (unsigned int i = 0; status == WB_OK && i < WB_USER_OPTIONS; i++)
		if ((*wb_option_reg(&now, i) ^ *wb_option_reg(&to, i)) & *wb_option_reg(&mask, i))
			status = wb_fail(err, WB_ERR_FLASH,
				"the option register at 0x%08X reads 0x%08X where 0x%08X was "
				"written: not programmed. Lower the clock of the probe and try "
				"again",
				(unsigned int)(FLASH_OPTR + 4 * i),
				(unsigned int)*wb_option_reg(&now, i),
				(unsigned int)*wb_option_reg(&to, i));
	return status;
}

enum wb_status options_write(struct wb_session *s, const struct wb_options *wanted, bool change_rdp,
	struct wb_error *err)
{
	struct wb_option_page page;
	struct wb_options now;
	struct wb_error quiet;
	enum wb_status status = options_read(s, &now, err);
	bool damaged;

	if (status != WB_OK)
		return status;
	/* a level too high closes the debug port for good, one too low erases all */
	if (((now.optr ^ s->chip.options.optr) | (change_rdp ? 0 : now.optr ^ wanted->optr)) &
		OPTR_RDP)
		return wb_fail(err, WB_ERR_CHIP,
			"FLASH_OPTR reads 0x%08X, 0x%08X before, and 0x%08X was to be written: "
			"read protection is not changed on such a reading. Lower the clock of the "
			"probe and try again",
			(unsigned int)now.optr, (unsigned int)s->chip.options.optr,
			(unsigned int)wanted->optr);
	status = options_page(s, s->chip.family, &page, err);
	if (status != WB_OK)
		return status;
	damaged = page.read && !page.sound;
	if (!damaged && wb_options_equal(s->chip.family, &now, wanted))
		return WB_OK;
	status = flash_unlock(s, true, err);
	if (status != WB_OK)
		return status;
	status = put(s, wanted, err);
	/* what the registers hold now must not stay there; a damaged page would be worse */
	if (status == WB_ERR_FLASH && !damaged)
		options_launch(s, &quiet);
	return status != WB_OK ? status : program(s, err);
}

/* Unlocked, with no reset in between: one that nobody ordered loads nothing, and locks again. */
static enum wb_status ready_to_launch(struct wb_session *s, struct wb_error *err)
{
	enum wb_status status = WB_ERR_RESET;

	for (unsigned int i = 0; i < ORDERS && status == WB_ERR_RESET; i++) {
		status = i ? hold_follow(s, err) : WB_OK;
		if (status == WB_OK)
			status = flash_unlock(s, true, err);
		if (status == WB_OK) /* the launch is to be seen by its flag */
			status = chip_poke(s, RCC_CSR, RCC_CSR_RMVF, err);
		if (status == WB_OK)
			status = chip_poke(s, RCC_CSR, 0, err);
		if (status == WB_OK)
			status = hold_check(s, err);
	}
	return status;
}

/* Until the chip resets. */
static enum wb_status launch_once(struct wb_session *s, struct wb_error *err)
{
	enum wb_status status = ready_to_launch(s, err);
	uint32_t launch = FLASH_CR_OBL_LAUNCH;
	uint64_t end;

	if (status != WB_OK)
		return status;
	for (unsigned int i = 0; i < ORDERS && status == WB_OK; i++) {
		/* the answer may be lost in the reset, or the order on its way to the chip */
		bool sent = s->link->write(s->link, FLASH_CR, 4, 1, &launch) == WB_OK;

		end = session_ms(s) + (sent ? LAUNCH_MS : LOST_MS);
		do {
			s->link->sleep_ms(s->link, LAUNCH_POLL_MS);
			status = hold_check(s, err);
		} while (status == WB_OK && session_ms(s) < end);
	}
	if (status == WB_OK)
		return wb_fail(err, WB_ERR_CHIP, "OBL_LAUNCH did not reset the chip within %u ms",
			LAUNCH_MS);
	return status == WB_ERR_RESET ? hold_follow(s, err) : status;
}

enum wb_status options_launch(struct wb_session *s, struct wb_error *err)
{
	enum wb_status status = WB_OK;
	uint32_t csr = 0;

	/* another reset in that very moment: the page was not loaded */
	for (unsigned int i = 0; i < ORDERS && status == WB_OK && !(csr & RCC_CSR_OBLRSTF); i++) {
		status = launch_once(s, err);
		if (status == WB_OK)
			status = chip_read(s, RCC_CSR, 1, &csr, err);
	}
	if (status == WB_OK && !(csr & RCC_CSR_OBLRSTF))
		return wb_fail(err, WB_ERR_CHIP,
			"the chip has reset, and not by OBL_LAUNCH (RCC_CSR 0x%08X): is its supply "
			"steady, does something pull NRST?",
			(unsigned int)csr);
	return status;
}

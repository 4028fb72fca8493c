/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What of a chip's flash a debugger may change, and how its protection is put into words: pure, but
 * for the one function that sets WRP.
 *
 * Source: RM0434 3.6, protections.
 */
#include <string.h>
#include "core/bank.h"
#include "core/bytes.h"
#include "core/options.h"
#include "core/regs.h"

#define WRP_AREAS 2u

/* Is any of a page in an area against writing, or in one against reading too? */
static bool page_in(const struct wb_chip *chip, uint32_t page, bool wrp)
{
	uint32_t size = chip->family->page, first = WB_FLASH_BASE + page * size;
	struct wb_area area;

	for (unsigned int i = 0; i < WB_AREAS; i++)
		if (wb_protected_area(chip->family, &chip->options, i, &area) && area.wrp == wrp &&
			area.first < first + size && area.last >= first)
			return true;
	return false;
}

bool wb_bank_page_wrp(const struct wb_chip *chip, uint32_t page)
{
	return page_in(chip, page, true);
}

bool wb_bank_page_pcrop(const struct wb_chip *chip, uint32_t page)
{
	return page_in(chip, page, false);
}

static enum wb_status check_pages(const struct wb_chip *chip, uint32_t first, uint32_t last,
	struct wb_error *err)
{
	for (uint32_t page = first; page <= last; page++) {
		if (wb_bank_page_wrp(chip, page))
			return wb_refuse(err, "write-protected",
				"page %u is write protected (WRP1AR 0x%08X, WRP1BR 0x%08X). `flash "
				"protect` with `off` frees it, with a reset",
				(unsigned int)page, (unsigned int)chip->options.wrp1ar,
				(unsigned int)chip->options.wrp1br);
		if (wb_bank_page_pcrop(chip, page))
			return wb_refuse(err, "pcrop",
				"page %u is closed by PCROP: only lowering RDP from level 1 to 0 "
				"opens it, and erases all of user flash",
				(unsigned int)page);
	}
	return WB_OK;
}

enum wb_status wb_bank_check(const struct wb_chip *chip, uint32_t address, uint32_t size,
	struct wb_error *err)
{
	uint32_t page = chip->family->page;
	bool otp = address >= WB_OTP_BASE && address - WB_OTP_BASE < WB_OTP_SIZE &&
		size <= WB_OTP_SIZE - (address - WB_OTP_BASE);

	if ((chip->options.optr & OPTR_RDP) != OPTR_RDP_LEVEL_0)
		return wb_refuse(err, "rdp",
			"read protection (RDP 0x%02X) closes flash to the debugger. `stm32wb option "
			"set RDP=0xAA -confirm rdp` lifts level 1, and erases all of user flash",
			(unsigned int)(chip->options.optr & OPTR_RDP));
	if (otp)
		return WB_OK;
	if (!size || address < WB_FLASH_BASE ||
		address - WB_FLASH_BASE >= chip->flash_kib * 1024u ||
		size > chip->flash_kib * 1024u - (address - WB_FLASH_BASE))
		return wb_fail(err, WB_ERR_USAGE,
			"%u bytes at 0x%08X are not in the %u KiB of user flash at 0x%08X",
			(unsigned int)size, (unsigned int)address, chip->flash_kib, WB_FLASH_BASE);
	if (address + size > chip->secure_start)
		return wb_refuse(err, "sfsa",
			"0x%08X to 0x%08X reaches into the part of flash that is the CM0+'s alone, from "
			"0x%08X on (SFSA 0x%02X): wireless stack and FUS are there. Link the application "
			"below it, or make room with `stm32wb fus delete`",
			(unsigned int)address, (unsigned int)(address + size - 1),
			(unsigned int)chip->secure_start,
			(unsigned int)wb_bits(chip->options.sfr, 7, 0));
	return check_pages(chip, (address - WB_FLASH_BASE) / page,
		(address + size - 1 - WB_FLASH_BASE) / page, err);
}

void wb_bank_ecc_text(uint32_t eccr, char text[160])
{
	struct wb_ecc ecc;

	text[0] = '\0';
	if (!wb_chip_ecc(eccr, &ecc))
		return;
	wb_format(text, 160, "%s in %s at 0x%08X, read by the %s: %s",
		ecc.wrong ? "two or more wrong bits" : "a wrong bit, put right",
		ecc.system ? "system flash" : "flash", (unsigned int)ecc.address,
		ecc.by_cm0 ? "CM0+" : "CPU1",
		ecc.wrong ? "erase the page and write it again" : "the page is better rewritten");
}

/* ---- write protection ------------------------------------------------------------------------ */

/* The protected pages as areas; false if they are more than two. */
static bool areas_of(const uint32_t set[WB_PAGE_WORDS], struct wb_area area[WRP_AREAS])
{
	unsigned int count = 0;
	bool was = false;

	for (unsigned int i = 0; i < WRP_AREAS; i++)
		area[i] = (struct wb_area){ .start = WB_PAGES - 1, .end = 0 };
	for (uint32_t page = 0; page < WB_PAGES; page++) {
		bool is = set[page / 32] & 1u << page % 32;

		if (is && !was && count == WRP_AREAS)
			return false;
		if (is && !was)
			area[count++].start = page;
		if (is)
			area[count - 1].end = page;
		was = is;
	}
	return true;
}

enum wb_status wb_bank_protect(struct wb_session *session, const struct wb_chip *chip, bool set,
	uint32_t first, uint32_t last, struct wb_error *err)
{
	static const struct wb_operation as_found;
	struct wb_option_changes changes;
	uint32_t pages[WB_PAGE_WORDS] = { 0 };
	struct wb_result result;
	struct wb_area area[WRP_AREAS];

	for (uint32_t page = 0; page < WB_PAGES; page++) {
		bool is = page >= first && page <= last ? set : wb_bank_page_wrp(chip, page);

		pages[page / 32] |= (uint32_t)is << page % 32;
	}
	if (!areas_of(pages, area))
		return wb_refuse(err, "write-protected",
			"the chip protects two areas of pages, these would be more (WRP1AR 0x%08X, WRP1BR "
			"0x%08X). Free another one first, or protect what lies between too",
			(unsigned int)chip->options.wrp1ar, (unsigned int)chip->options.wrp1br);
	const struct wb_option_value values[] = {
		{ "WRP1A_STRT", area[0].start },
		{ "WRP1A_END", area[0].end },
		{ "WRP1B_STRT", area[1].start },
		{ "WRP1B_END", area[1].end },
	};
	return wb_option_set(session, &as_found, values, sizeof(values) / sizeof(*values), NULL,
		&changes, &result, err);
}

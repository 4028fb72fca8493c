// SPDX-License-Identifier: GPL-2.0-or-later

/* Flash driver stm32wb: user flash below the secure boundary (SFSA), and OTP. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdlib.h>
#include <string.h>

#include <flash/nor/imp.h>
#include <helper/log.h>
#include <target/target.h>

#include "late_erase.h"

#define MAIN_BASE STM32WB_MAIN_BASE
#define TEXT_ROOM 160

/* Any bank but OTP's is of the pages from MAIN_BASE on. */
static bool is_otp(const struct flash_bank *bank)
{
	return bank->base == WB_OTP_BASE;
}

/* ---- the driver's calls ---------------------------------------------------------------------- */

static int stm32wb_probe(struct flash_bank *bank)
{
	struct stm32wb_bank *priv = bank->driver_priv;
	uint32_t page, end;
	int retval = stm32wb_settle(priv);

	if (retval == ERROR_OK)
		retval = stm32wb_look(priv);
	if (retval != ERROR_OK)
		return retval;
	end = MAIN_BASE + priv->chip.flash_kib * 1024u;
	page = is_otp(bank) ? WB_OTP_SIZE : priv->chip.family->page;
	bank->size = is_otp(bank) ? WB_OTP_SIZE : priv->chip.secure_start - MAIN_BASE;
	if (priv->secure) {
		/* at least a page: OpenOCD takes an empty bank for an endless one */
		bank->base = priv->chip.secure_start;
		bank->size = end > bank->base ? end - (uint32_t)bank->base : page;
	}
	const unsigned int pages = bank->size / page;

	if (!pages) {
		LOG_ERROR("stm32wb: SFSA is 0, all of flash is the CM0+'s: `stm32wb fus diagnose` says why");
		return ERROR_FLASH_BANK_INVALID;
	}
	free(bank->sectors);
	bank->sectors = alloc_block_array(0, page, pages);
	if (!bank->sectors)
		return ERROR_FAIL;
	bank->num_sectors = pages;
	bank->write_start_alignment = WB_DOUBLE_WORD;
	bank->write_end_alignment = WB_DOUBLE_WORD;
	priv->probed = true;
	if (!is_otp(bank) && !priv->secure)
		LOG_INFO("stm32wb: %s, %u KiB of flash, %u KiB of them below the secure boundary at 0x%08X",
			priv->chip.family->name, priv->chip.flash_kib,
			(unsigned int)(priv->chip.secure_start - MAIN_BASE) / 1024,
			(unsigned int)priv->chip.secure_start);
	return ERROR_OK;
}

/* The boundary moves when the FUS installs or deletes. */
static int stm32wb_auto_probe(struct flash_bank *bank)
{
	struct stm32wb_bank *priv = bank->driver_priv;

	return priv->probed ? ERROR_OK : stm32wb_probe(bank);
}

static int check_halted(const struct flash_bank *bank)
{
	if (bank->target->state == TARGET_HALTED)
		return ERROR_OK;
	LOG_ERROR("Target not halted");
	return ERROR_TARGET_NOT_HALTED;
}

/* A fresh look, and whether the chip lets us change [offset, offset + count). */
static int check_change(struct flash_bank *bank, uint32_t offset, uint32_t count)
{
	struct stm32wb_bank *priv = bank->driver_priv;
	struct wb_error err;
	int retval = check_halted(bank);

	if (retval == ERROR_OK)
		retval = stm32wb_look(priv);
	if (retval == ERROR_OK &&
		wb_bank_check(&priv->chip, (uint32_t)bank->base + offset, count, &err) != WB_OK) {
		retval = stm32wb_told(&err);
		if (priv->secure)
			LOG_ERROR("stm32wb: OpenOCD goes bank by bank: what an image has below 0x%08X "
				"may be written already", (unsigned int)bank->base);
	}
	return retval;
}

static int stm32wb_erase(struct flash_bank *bank, unsigned int first, unsigned int last)
{
	struct stm32wb_bank *priv = bank->driver_priv;
	int retval;

	if (is_otp(bank)) {
		LOG_ERROR("stm32wb: OTP is written once and never erased");
		return ERROR_FLASH_OPER_UNSUPPORTED;
	}
	retval = check_change(bank, bank->sectors[first].offset,
		(last - first + 1) * bank->sectors[first].size);
	if (retval != ERROR_OK)
		return retval;
	return stm32wb_erase_soon(priv, first, last);
}

static int write_now(struct flash_bank *bank, const uint8_t *buffer, uint32_t offset,
	uint32_t count)
{
	struct stm32wb_bank *priv = bank->driver_priv;
	struct stm32wb_seat *seat = stm32wb_sit_down(bank->target);
	struct wb_bank_done done = { 0 };
	enum wb_status status;
	struct wb_error err;
	int retval;

	if (!seat)
		return ERROR_FAIL;
	/* pages that are due: erase() has looked, and nothing has been between it and us */
	status = wb_bank_write(&seat->tl.link,
		!is_otp(bank) && stm32wb_any_due(priv) ? &priv->chip : NULL,
		(uint32_t)bank->base + offset, count, buffer, is_otp(bank) ? NULL : priv->due,
		&done, &err);
	for (uint32_t i = offset / bank->sectors[0].size;
		!is_otp(bank) && i <= (offset + count - 1) / bank->sectors[0].size; i++)
		stm32wb_set_due(priv, i, false);
	retval = stm32wb_end_visit(seat, status, &err);
	if (retval == ERROR_OK && !done.changed)
		LOG_USER("stm32wb: %u bytes at 0x%08X are there already: nothing was written",
			(unsigned int)count, (unsigned int)(bank->base + offset));
	else if (retval == ERROR_OK)
		LOG_INFO("stm32wb: %u of %u pages written", (unsigned int)done.changed,
			(unsigned int)done.pages);
	return retval;
}

static int stm32wb_write(struct flash_bank *bank, const uint8_t *buffer, uint32_t offset,
	uint32_t count)
{
	struct stm32wb_bank *priv = bank->driver_priv;
	int retval;

	if (is_otp(bank) && !priv->otp_confirmed) {
		LOG_ERROR("stm32wb: OTP is written once, for ever. If that is wanted, `set CONFIRM otp` "
			"before target/stm32wb.cfg (`-confirm otp` at the end of `flash bank`)");
		return ERROR_FLASH_OPERATION_FAILED;
	}
	if (priv->late)
		return stm32wb_settle(priv);
	/* it looks at the chip, and makes the checks that check_change() makes */
	retval = check_halted(bank);
	return retval == ERROR_OK ? write_now(bank, buffer, offset, count) : retval;
}

static int stm32wb_read(struct flash_bank *bank, uint8_t *buffer, uint32_t offset, uint32_t count)
{
	int retval = stm32wb_settle(bank->driver_priv);

	return retval == ERROR_OK ? default_flash_read(bank, buffer, offset, count) : retval;
}

static int stm32wb_verify(struct flash_bank *bank, const uint8_t *buffer, uint32_t offset,
	uint32_t count)
{
	int retval = stm32wb_settle(bank->driver_priv);
	struct stm32wb_seat *seat;
	struct wb_error err;

	if (retval == ERROR_OK)
		retval = check_halted(bank);
	if (retval != ERROR_OK)
		return retval;
	seat = stm32wb_sit_down(bank->target);
	if (!seat)
		return ERROR_FAIL;
	return stm32wb_end_visit(seat,
		wb_bank_verify(&seat->tl.link, (uint32_t)bank->base + offset, count, buffer, &err),
		&err);
}

static int stm32wb_erase_check(struct flash_bank *bank)
{
	struct stm32wb_bank *priv = bank->driver_priv;
	uint32_t blank[WB_PAGE_WORDS];
	struct stm32wb_seat *seat;
	struct wb_error err;
	int retval;

	/* OTP is small, and secure flash reads 0 */
	if (is_otp(bank) || priv->secure)
		return default_flash_blank_check(bank);
	retval = stm32wb_settle(priv);
	if (retval == ERROR_OK)
		retval = check_halted(bank);
	if (retval != ERROR_OK)
		return retval;
	seat = stm32wb_sit_down(bank->target);
	if (!seat)
		return ERROR_FAIL;
	retval = stm32wb_end_visit(seat, wb_bank_blank(&seat->tl.link, blank, &err), &err);
	for (unsigned int i = 0; retval == ERROR_OK && i < bank->num_sectors; i++)
		bank->sectors[i].is_erased = (blank[i / 32] >> i % 32) & 1;
	return retval;
}

static int stm32wb_protect_check(struct flash_bank *bank)
{
	struct stm32wb_bank *priv = bank->driver_priv;
	int retval = stm32wb_look(priv);

	for (unsigned int i = 0; retval == ERROR_OK && i < bank->num_sectors; i++)
		bank->sectors[i].is_protected = priv->secure || (!is_otp(bank) &&
			(wb_bank_page_wrp(&priv->chip, i) || wb_bank_page_pcrop(&priv->chip, i)));
	return retval;
}

static int protect_pages(struct stm32wb_bank *priv, bool set, unsigned int first, unsigned int last)
{
	struct stm32wb_seat *seat = stm32wb_sit_down(priv->bank->target);
	struct wb_session *session;
	enum wb_status status;
	struct wb_error err;

	if (!seat)
		return ERROR_FAIL;
	session = wb_session_new(&seat->tl.link);
	status = session ? wb_bank_protect(session, &priv->chip, set, first, last, &err) :
		wb_fail(&err, WB_ERR_HOST, "out of memory");
	wb_session_free(session);
	return stm32wb_stand_up(seat, status, &err);
}

static int stm32wb_protect(struct flash_bank *bank, int set, unsigned int first, unsigned int last)
{
	struct stm32wb_bank *priv = bank->driver_priv;
	int retval;

	if (is_otp(bank)) {
		LOG_ERROR("stm32wb: what is written into OTP is protected by itself");
		return ERROR_FLASH_OPER_UNSUPPORTED;
	}
	if (priv->secure) {
		LOG_ERROR("stm32wb: secure flash is protected by SFSA, which only the FUS moves");
		return ERROR_FLASH_OPER_UNSUPPORTED;
	}
	retval = stm32wb_settle(priv);
	if (retval == ERROR_OK)
		retval = check_halted(bank);
	if (retval == ERROR_OK)
		retval = stm32wb_look(priv);
	if (retval == ERROR_OK)
		retval = protect_pages(priv, set, first, last);
	if (retval == ERROR_OK)
		LOG_INFO("stm32wb: option bytes loaded, which has reset the chip");
	return retval;
}

static int stm32wb_info(struct flash_bank *bank, struct command_invocation *cmd)
{
	struct stm32wb_bank *priv = bank->driver_priv;
	const struct wb_chip *chip = &priv->chip;
	char ecc[TEXT_ROOM];
	int retval = stm32wb_settle(priv);

	if (retval == ERROR_OK)
		retval = stm32wb_look(priv);
	if (retval != ERROR_OK)
		return retval;
	command_print_sameline(cmd, "%s device 0x%03X rev 0x%04X, RDP 0x%02X\n", chip->family->name,
		chip->dev_id, chip->rev_id, (unsigned int)(chip->options.optr & 0xff));
	if (is_otp(bank))
		command_print_sameline(cmd, "OTP, %s\n",
			priv->otp_confirmed ? "writing confirmed" : "not to be written");
	else
		command_print_sameline(cmd,
			"user flash to 0x%08X; secure from there to 0x%08X, for the CM0+ alone "
			"(SFSA 0x%02X); %s runs there\n",
			(unsigned int)chip->secure_start - 1,
			MAIN_BASE + chip->flash_kib * 1024u - 1,
			(unsigned int)(chip->options.sfr & 0xff), wb_runs_name(chip->running));
	wb_bank_ecc_text(chip->eccr, ecc);
	if (ecc[0])
		command_print_sameline(cmd, "ECC: %s\n", ecc);
	return ERROR_OK;
}

static void stm32wb_free(struct flash_bank *bank)
{
	struct stm32wb_bank *priv = bank->driver_priv;

	stm32wb_unwatch(priv);
	free(priv);
	bank->driver_priv = NULL;
}

/* flash bank NAME stm32wb BASE 0 0 0 TARGET [-secure | -confirm otp] */
FLASH_BANK_COMMAND_HANDLER(stm32wb_flash_bank_command)
{
	struct stm32wb_bank *priv;
	bool secure = CMD_ARGC == 7 && !strcmp(CMD_ARGV[6], "-secure");
	bool confirmed = CMD_ARGC == 8 && !strcmp(CMD_ARGV[6], "-confirm") &&
		!strcmp(CMD_ARGV[7], "otp");

	if (CMD_ARGC < 6 || (CMD_ARGC > 6 && !confirmed && !secure))
		return ERROR_COMMAND_SYNTAX_ERROR;
	if (bank->base != MAIN_BASE && bank->base != WB_OTP_BASE) {
		LOG_ERROR("stm32wb: flash is at 0x%08X, OTP at 0x%08X", MAIN_BASE, WB_OTP_BASE);
		return ERROR_FLASH_BANK_INVALID;
	}
	priv = calloc(1, sizeof(*priv));
	if (!priv)
		return ERROR_FAIL;
	priv->bank = bank;
	priv->otp_confirmed = confirmed;
	priv->secure = secure;
	bank->driver_priv = priv;
	bank->default_padded_value = 0xff;
	bank->erased_value = 0xff;
	if (!is_otp(bank) && !secure)
		stm32wb_give_sums(priv);
	return stm32wb_watch(priv);
}

const struct flash_driver stm32wb_flash = {
	.name = "stm32wb",
	.usage = "flash bank NAME stm32wb BASE 0 0 0 TARGET [-secure | -confirm otp]",
	.flash_bank_command = stm32wb_flash_bank_command,
	.erase = stm32wb_erase,
	.protect = stm32wb_protect,
	.write = stm32wb_write,
	.read = stm32wb_read,
	.verify = stm32wb_verify,
	.probe = stm32wb_probe,
	.auto_probe = stm32wb_auto_probe,
	.erase_check = stm32wb_erase_check,
	.protect_check = stm32wb_protect_check,
	.info = stm32wb_info,
	.free_driver_priv = stm32wb_free,
};

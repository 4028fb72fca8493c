/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A look at a chip that leaves no trace: reads only, while whatever runs there goes on running.
 *
 * Never touched: HSEM (0x58001400), where reading RLRn takes a semaphore. One trace is unavoidable:
 * reading DHCSR clears its sticky S_RESET_ST, so the word is handed on (chip->dhcsr).
 */
#include <string.h>
#include "core/bytes.h"
#include "core/cortex_m.h"
#include "core/openfus.h"
#include "core/regs.h"
#include "core/tables.h"

/* One read each: system memory from package to flash size, FLASH from SR to SRRVR. */
#define SYSTEM_START WB_PACKAGE
#define SYSTEM_WORDS ((WB_FLASHSIZE + 4u - SYSTEM_START) / 4u)
#define FLASH_START FLASH_SR
#define FLASH_WORDS ((FLASH_SRRVR + 4u - FLASH_START) / 4u)

#define IDCODE_DEV 0xfffu
#define PACKAGE_MASK 0x1fu
/* A FUS 2 keeps this much NVM beside a stack; whether below it, between SFSA and SBRV, is open. */
#define NVM_BYTES 0x4000u
#define FUS_2_MAJOR 2u

static enum wb_status read_words(struct wb_link *link, uint32_t address, size_t words, uint8_t *to,
	const char *what, struct wb_error *err)
{
	if (link->read(link, address, 4, words, to))
		return wb_fail(err, WB_ERR_LINK,
			"reading %s at 0x%08X failed: %s. Check power, cable and SWD clock; if an "
			"application sleeps or turns SWD off, connect under reset", what,
			(unsigned int)address, link->reason);
	return WB_OK;
}

static enum wb_status read_identity(struct wb_link *link, struct wb_chip *chip,
	struct wb_error *err)
{
	uint8_t bytes[SYSTEM_WORDS * 4];
	enum wb_status st = read_words(link, DBGMCU_IDCODE, 1, bytes, "DBGMCU_IDCODE", err);
	const uint8_t *uid = bytes + (WB_UID64 - SYSTEM_START);
	uint32_t idcode;

	if (st)
		return st;
	idcode = wb_get32(bytes);
	chip->dev_id = (uint16_t)(idcode & IDCODE_DEV);
	chip->rev_id = (uint16_t)(idcode >> 16);
	chip->family = wb_family_by_dev_id(chip->dev_id);
	if (!chip->family)
		return wb_fail(err, WB_ERR_CHIP,
			"not an STM32WB: DBGMCU_IDCODE at 0x%08X is 0x%08X, device 0x%03X where an STM32WB "
			"has 0x494 to 0x496; source target/stm32wbx.cfg and check the board%s",
			DBGMCU_IDCODE, (unsigned int)idcode, chip->dev_id,
			idcode ? "" : " (0: the chip is held in reset or its debug clocks are off)");
	st = read_words(link, SYSTEM_START, SYSTEM_WORDS, bytes, "unique ids", err);
	if (st)
		return st;
	chip->package = bytes[0] & PACKAGE_MASK;
	chip->uid64 = wb_get64(uid);
	for (unsigned int i = 0; i < 3; i++)
		chip->uid96[i] = wb_get32(bytes + (WB_UID96 - SYSTEM_START) + 4u * i);
	chip->flash_kib = wb_get16(bytes + (WB_FLASHSIZE - SYSTEM_START));
	for (size_t i = 0; i < sizeof(chip->family->flash_kib) / sizeof(uint16_t); i++)
		if (chip->flash_kib && chip->family->flash_kib[i] == chip->flash_kib)
			return WB_OK;
	return wb_fail(err, WB_ERR_CHIP,
		"flash size %u KiB (at 0x%08X) exists on no %s: a bad read? Lower the SWD clock and try "
		"again", chip->flash_kib, WB_FLASHSIZE, chip->family->name);
}

static enum wb_status read_flash_registers(struct wb_link *link, struct wb_chip *chip,
	struct wb_error *err)
{
	/* in the order of struct wb_options */
	static const uint32_t address[] = { FLASH_OPTR, FLASH_PCROP1ASR, FLASH_PCROP1AER,
		FLASH_WRP1AR, FLASH_WRP1BR, FLASH_PCROP1BSR, FLASH_PCROP1BER, FLASH_IPCCBR,
		FLASH_SFR, FLASH_SRRVR };
	struct wb_options *o = &chip->options;
	uint32_t *option[] = { &o->optr, &o->pcrop1asr, &o->pcrop1aer, &o->wrp1ar, &o->wrp1br,
		&o->pcrop1bsr, &o->pcrop1ber, &o->ipccbr, &o->sfr, &o->srrvr };
	uint8_t bytes[FLASH_WORDS * 4];
	enum wb_status st = read_words(link, FLASH_START, FLASH_WORDS, bytes, "FLASH registers", err);

	if (st)
		return st;
	for (size_t i = 0; i < sizeof(address) / sizeof(*address); i++)
		*option[i] = wb_get32(bytes + (address[i] - FLASH_START));
	chip->flash_sr = wb_get32(bytes);
	chip->flash_cr = wb_get32(bytes + (FLASH_CR - FLASH_START));
	chip->eccr = wb_get32(bytes + (FLASH_ECCR - FLASH_START));
	if (!o->optr)
		return wb_fail(err, WB_ERR_CHIP,
			"FLASH_OPTR reads 0, which no STM32WB has: the FLASH registers are not clocked (an "
			"application in a low-power mode?). Reset and halt the chip, or connect under reset");
	return WB_OK;
}

static enum wb_status read_cores(struct wb_link *link, struct wb_chip *chip, struct wb_error *err)
{
	uint8_t word[4];
	enum wb_status st = read_words(link, PWR_CR4, 1, word, "PWR_CR4", err);

	if (st)
		return st;
	chip->c2boot = wb_get32(word) & PWR_CR4_C2BOOT;
	st = read_words(link, RCC_CSR, 1, word, "RCC_CSR", err);
	if (st)
		return st;
	chip->reset_flags = wb_get32(word);
	st = read_words(link, CM_DHCSR, 1, word, "DHCSR", err);
	if (st)
		return st;
	chip->dhcsr = wb_get32(word);
	chip->cpu1_halted = chip->dhcsr & CM_DHCSR_S_HALT;
	return WB_OK;
}

/* Is it a stack that SBRV selects? A stack starts at the secure boundary, or behind its NVM. */
static bool stack_selected(const struct wb_chip *chip)
{
	uint32_t nvm = chip->sbrv_address - chip->sfsa_address;

	if (!wb_bits(chip->options.sfr, 7, 0))
		return false;
	if (chip->sbrv_address == chip->sfsa_address)
		return true;
	/* an older FUS has no NVM: there this is the brick of a second, larger stack */
	return nvm == NVM_BYTES && chip->sbrv_address < chip->family->fus_start &&
		(!chip->versions.valid || chip->versions.fus >> 24 >= FUS_2_MAJOR);
}

static enum wb_runs who_is_selected(const struct wb_chip *chip, uint32_t sbrv)
{
	if (!(chip->options.srrvr & SRRVR_C2OPT))
		return WB_RUNS_UNKNOWN;
	if (sbrv == chip->family->safeboot_sbrv)
		return WB_RUNS_SAFEBOOT;
	if (sbrv == chip->family->fus_sbrv || sbrv == chip->family->fus_sbrv_053)
		return WB_RUNS_FUS;
	return stack_selected(chip) ? WB_RUNS_STACK : WB_RUNS_UNKNOWN;
}

static void decode_security(struct wb_chip *chip)
{
	uint32_t sbrv = wb_chip_sbrv(chip);
	uint32_t flash_end = WB_FLASH_BASE + chip->flash_kib * 1024u;
	bool secure = chip->options.optr & OPTR_ESE && !(chip->options.sfr & SFR_FSD);

	chip->sfsa_address = WB_FLASH_BASE + wb_bits(chip->options.sfr, 7, 0) * chip->family->page;
	chip->sbrv_address = WB_FLASH_BASE + 4u * sbrv;
	chip->secure_start = secure && chip->sfsa_address < flash_end ? chip->sfsa_address : flash_end;
	chip->selected = who_is_selected(chip, sbrv);
	chip->running = chip->c2boot ? chip->selected : WB_RUNS_NOTHING;
	/* SRAM outlives a reset: believe a table only of the kind that now runs */
	chip->versions.live = chip->versions.valid &&
		((chip->running == WB_RUNS_FUS && chip->versions.from_fus) ||
			(chip->running == WB_RUNS_STACK && !chip->versions.from_fus));
}

uint32_t wb_chip_sbrv(const struct wb_chip *chip)
{
	return chip->family ? chip->options.srrvr & chip->family->sbrv_mask : 0;
}

bool wb_chip_ecc(uint32_t eccr, struct wb_ecc *ecc)
{
	*ecc = (struct wb_ecc){ .wrong = eccr & FLASH_ECCR_ECCD, .system = eccr & FLASH_ECCR_SYSF,
		.by_cm0 = wb_bits(eccr, 28, 26) != 0, .address = 8u * wb_bits(eccr, 16, 0) };
	if (!ecc->system)
		ecc->address += WB_FLASH_BASE;
	return eccr & (FLASH_ECCR_ECCC | FLASH_ECCR_ECCD);
}

enum wb_status wb_chip_read(struct wb_link *link, struct wb_chip *chip, struct wb_error *err)
{
	enum wb_status st;

	memset(chip, 0, sizeof(*chip));
	st = read_identity(link, chip, err);
	return st ? st : wb_chip_renew(link, chip, err);
}

enum wb_status wb_chip_renew(struct wb_link *link, struct wb_chip *chip, struct wb_error *err)
{
	enum wb_status st = read_flash_registers(link, chip, err);

	if (!st)
		st = read_cores(link, chip, err);
	if (!st)
		st = wb_tables_read(link, chip->family, chip->options.ipccbr, &chip->sram2a,
			&chip->versions, err);
	if (!st)
		decode_security(chip);
	return st;
}

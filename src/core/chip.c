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

#define CORES 3u

#define IDCODE_DEV 0xfffu
#define PACKAGE_MASK 0x1fu
/* A FUS 2 keeps this much NVM beside a stack; whether below it, between SFSA and SBRV, is open. */
#define NVM_BYTES 0x4000u
#define FUS_2_MAJOR 2u

/* What a look reads, before it is made sense of. */
struct raw {
	bool together; /* all of it is there, read in one go */
	uint8_t idcode[4], system[SYSTEM_WORDS * 4], flash[FLASH_WORDS * 4];
	struct wb_word cores[CORES];
};

/* In the order of struct wb_options. */
static const uint32_t option_registers[] = { FLASH_OPTR, FLASH_PCROP1ASR, FLASH_PCROP1AER,
	FLASH_WRP1AR, FLASH_WRP1BR, FLASH_PCROP1BSR, FLASH_PCROP1BER, FLASH_IPCCBR, FLASH_SFR,
	FLASH_SRRVR };
#define OPTIONS (sizeof(option_registers) / sizeof(*option_registers))
static const uint32_t identity_words[] = { WB_PACKAGE, WB_UID64, WB_UID64 + 4, WB_UID96,
	WB_UID96 + 4, WB_UID96 + 8, WB_FLASHSIZE };
#define IDENTITY (sizeof(identity_words) / sizeof(*identity_words))

/* One transfer in place of six, where the link can; else the blocks that these words lie in are read. */
static void read_together(struct wb_link *link, struct raw *raw)
{
	struct wb_word words[1 + IDENTITY + 3 + OPTIONS + CORES] = { { .address = DBGMCU_IDCODE },
		{ .address = FLASH_SR }, { .address = FLASH_ECCR }, { .address = FLASH_CR } };
	struct wb_word *w = words + 4;

	for (size_t i = 0; i < IDENTITY; i++)
		w[i].address = identity_words[i];
	for (size_t i = 0; i < OPTIONS; i++)
		w[IDENTITY + i].address = option_registers[i];
	memcpy(w + IDENTITY + OPTIONS, raw->cores, sizeof(raw->cores));
	raw->together = link->words &&
		link->words(link, words, sizeof(words) / sizeof(*words)) == WB_OK;
	if (!raw->together)
		return;
	wb_put32(raw->idcode, words[0].value);
	wb_put32(raw->flash, words[1].value);
	wb_put32(raw->flash + (FLASH_ECCR - FLASH_START), words[2].value);
	wb_put32(raw->flash + (FLASH_CR - FLASH_START), words[3].value);
	for (size_t i = 0; i < IDENTITY; i++)
		wb_put32(raw->system + (w[i].address - SYSTEM_START), w[i].value);
	for (w += IDENTITY; w < words + sizeof(words) / sizeof(*words) - CORES; w++)
		wb_put32(raw->flash + (w->address - FLASH_START), w->value);
	memcpy(raw->cores, w, sizeof(raw->cores));
}

static void begin_look(struct wb_link *link, struct raw *raw)
{
	memset(raw, 0, sizeof(*raw));
	raw->cores[0].address = PWR_CR4;
	raw->cores[1].address = RCC_CSR;
	raw->cores[2].address = CM_DHCSR;
	read_together(link, raw);
}

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

static enum wb_status read_identity(struct wb_link *link, struct wb_chip *chip, struct raw *raw,
	struct wb_error *err)
{
	uint8_t *bytes = raw->system;
	enum wb_status st = raw->together ? WB_OK :
		read_words(link, DBGMCU_IDCODE, 1, raw->idcode, "DBGMCU_IDCODE", err);
	const uint8_t *uid = bytes + (WB_UID64 - SYSTEM_START);
	uint32_t idcode;

	if (st)
		return st;
	idcode = wb_get32(raw->idcode);
	chip->dev_id = (uint16_t)(idcode & IDCODE_DEV);
	chip->rev_id = (uint16_t)(idcode >> 16);
	chip->family = wb_family_by_dev_id(chip->dev_id);
	if (!chip->family)
		return wb_fail(err, WB_ERR_CHIP,
			"not an STM32WB: DBGMCU_IDCODE at 0x%08X is 0x%08X, device 0x%03X where an STM32WB "
			"has 0x494 to 0x496; source target/stm32wbx.cfg and check the board%s",
			DBGMCU_IDCODE, (unsigned int)idcode, chip->dev_id,
			idcode ? "" : " (0: the chip is held in reset or its debug clocks are off)");
	if (!raw->together)
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
	if (!chip->flash_kib)
		return wb_fail(err, WB_ERR_CHIP,
			"the flash size (at 0x%08X) reads 0: does something hold NRST low? Behind an `init` "
			"with connect_assert_srst, `reset run` lets the chip go", WB_FLASHSIZE);
	return wb_fail(err, WB_ERR_CHIP,
		"flash size %u KiB (at 0x%08X) exists on no %s: a bad read? Lower the SWD clock and try "
		"again", chip->flash_kib, WB_FLASHSIZE, chip->family->name);
}

static enum wb_status read_flash_registers(struct wb_link *link, struct wb_chip *chip,
	struct raw *raw, struct wb_error *err)
{
	struct wb_options *o = &chip->options;
	uint32_t *option[OPTIONS] = { &o->optr, &o->pcrop1asr, &o->pcrop1aer, &o->wrp1ar, &o->wrp1br,
		&o->pcrop1bsr, &o->pcrop1ber, &o->ipccbr, &o->sfr, &o->srrvr };
	const uint8_t *bytes = raw->flash;
	enum wb_status st = raw->together ? WB_OK :
		read_words(link, FLASH_START, FLASH_WORDS, raw->flash, "FLASH registers", err);

	if (st)
		return st;
	for (size_t i = 0; i < OPTIONS; i++)
		*option[i] = wb_get32(bytes + (option_registers[i] - FLASH_START));
	chip->flash_sr = wb_get32(bytes);
	chip->flash_cr = wb_get32(bytes + (FLASH_CR - FLASH_START));
	chip->eccr = wb_get32(bytes + (FLASH_ECCR - FLASH_START));
	if (!o->optr)
		return wb_fail(err, WB_ERR_CHIP,
			"FLASH_OPTR reads 0, which no STM32WB has: the FLASH registers are not clocked (an "
			"application in a low-power mode?). Reset and halt the chip, or connect under reset");
	return WB_OK;
}

static enum wb_status read_cores(struct wb_link *link, struct wb_chip *chip, struct raw *raw,
	struct wb_error *err)
{
	static const char *const names[CORES] = { "PWR_CR4", "RCC_CSR", "DHCSR" };
	struct wb_word *words = raw->cores;
	enum wb_status st = WB_OK;
	uint8_t bytes[4];

	for (size_t i = 0; !raw->together && i < CORES; i++) {
		st = read_words(link, words[i].address, 1, bytes, names[i], err);
		if (st)
			return st;
		words[i].value = wb_get32(bytes);
	}
	chip->c2boot = words[0].value & PWR_CR4_C2BOOT;
	chip->reset_flags = words[1].value;
	chip->dhcsr = words[2].value;
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

/* *raw is begun */
static enum wb_status look(struct wb_link *link, struct wb_chip *chip, struct raw *raw,
	struct wb_error *err)
{
	enum wb_status st = read_flash_registers(link, chip, raw, err);

	if (!st)
		st = read_cores(link, chip, raw, err);
	if (!st)
		decode_security(chip);
	return st;
}

enum wb_status wb_chip_read_flash(struct wb_link *link, struct wb_chip *chip, struct wb_error *err)
{
	enum wb_status st;
	struct raw raw;

	memset(chip, 0, sizeof(*chip));
	begin_look(link, &raw);
	st = read_identity(link, chip, &raw, err);
	return st ? st : look(link, chip, &raw, err);
}

/* What the CM0+ says of itself, and what follows from that. */
static enum wb_status read_tables(struct wb_link *link, struct wb_chip *chip, struct wb_error *err)
{
	enum wb_status st = wb_tables_read(link, chip->family, chip->options.ipccbr, &chip->sram2a,
		&chip->versions, err);

	if (!st)
		decode_security(chip);
	return st;
}

enum wb_status wb_chip_read(struct wb_link *link, struct wb_chip *chip, struct wb_error *err)
{
	enum wb_status st = wb_chip_read_flash(link, chip, err);

	return st ? st : read_tables(link, chip, err);
}

enum wb_status wb_chip_renew(struct wb_link *link, struct wb_chip *chip, struct wb_error *err)
{
	enum wb_status st;
	struct raw raw;

	begin_look(link, &raw);
	st = look(link, chip, &raw, err);
	return st ? st : read_tables(link, chip, err);
}

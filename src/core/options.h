/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Option bytes: found by name, judged before they are changed, written as one page.
 *
 *   options.c        the fields, their bits and meanings
 *   option_rules.c   what may be set, and what it means: pure
 *   options_write.c  the page written and loaded: the only place in core that does
 *   option_set.c     `stm32wb option set` on a chip
 */
#ifndef OPENFUS_OPTIONS_H
#define OPENFUS_OPTIONS_H

#include "core/openfus.h"

/* Bits of OPTR that core looks at besides those of regs.h (RM0434 3.10.8). */
#define OPTR_IWDG_SW (1u << 16)
#define OPTR_WWDG_SW (1u << 19)
#define OPTR_SRAM2_PE (1u << 24)
#define OPTR_SRAM2_RST (1u << 25)

#define WB_USER_OPTIONS 8u /* registers of struct wb_options that CPU1 may change: the first ones */
#define WB_OPTION_FIELDS 40u /* a family has fewer */
#define WB_OPTION_WARNINGS 8u

/** The i-th register of struct wb_options, in its order. */
static inline uint32_t *wb_option_reg(struct wb_options *options, unsigned int i)
{
	uint32_t *const reg[] = { &options->optr, &options->pcrop1asr, &options->pcrop1aer,
		&options->wrp1ar, &options->wrp1br, &options->pcrop1bsr, &options->pcrop1ber,
		&options->ipccbr, &options->sfr, &options->srrvr };

	return reg[i];
}

/** The bits of the user's fields, secure ones left out. */
WB_API void wb_options_mask(const struct wb_family *family, struct wb_options *mask);
/** True if the user's fields are equal; reserved bits read differently on some chips. */
WB_API bool wb_options_equal(const struct wb_family *family, const struct wb_options *a,
	const struct wb_options *b);

/** Slips of the finger in a word that is meant to be another, at most. */
#define WB_SLIPS_NEAR 2u
/** How many letters must be put in, taken out or changed to make b of a (Levenshtein's distance). */
WB_API unsigned int wb_slips(const char *a, const char *b);

/**
 * Find a field by name, upper or lower case.
 * @param[out] index for wb_option_field() and wb_option_put().
 * @retval WB_ERR_USAGE no such field on this family; the text lists names that look like it.
 */
WB_API enum wb_status wb_option_find(const struct wb_chip *chip, const char *name,
	unsigned int *index, struct wb_error *err);
/** Put a value into the bits of the i-th field; it must fit the field's width. */
WB_API void wb_option_put(const struct wb_family *family, unsigned int i,
	struct wb_options *options, uint32_t value);
/**
 * "stm32wb option set A=0x1 B=0x2": what makes the chip's user fields those of `wanted`, read
 * protection left out. False: nothing, or more than fits.
 */
WB_API bool wb_option_command(const struct wb_chip *chip, const struct wb_options *wanted,
	char command[200]);

/* An area of flash that option bytes protect. */
struct wb_area {
	const char *name;     /* "WRP1A", "PCROP1B": its fields are this and _STRT, _END */
	bool wrp;	      /* against writing and erasing; else PCROP: against reading too */
	uint32_t start, end;  /* the fields, both inclusive: pages (WRP) or half pages (PCROP) */
	uint32_t first, last; /* the same as addresses of bytes */
};
#define WB_AREAS 4u /* two of each */

/** The i-th area by these options; false: its start lies above its end, which protects nothing. */
WB_API bool wb_protected_area(const struct wb_family *family, const struct wb_options *options,
	unsigned int i, struct wb_area *area);
/** Where CPU1 boots by these options: "flash", "SRAM1", ... (RM0434 2.3, table of boot modes) */
WB_API const char *wb_boot_name(const struct wb_options *options);

/* ---- to be changed -------------------------------------------------------------------------- */

struct wb_option_value { /* what was asked */
	const char *name;
	uint32_t value;
};

struct wb_option_changes { /* what differs from the chip */
	unsigned int count;
	struct {
		const char *name;
		uint32_t from, to;
	} change[WB_OPTION_FIELDS];
	bool rdp; /* read protection is among them */
	bool rewrite; /* the page is damaged: it is written even if nothing changes */
	struct wb_options wanted; /* registers as they shall be */
	unsigned int warnings;
	char warning[WB_OPTION_WARNINGS][240];
};

/**
 * Judge every value, then say what would change. Pure.
 *
 * @param[in] confirm risks consented to, NULL-terminated or WB_CONFIRM_MAX of them.
 * @retval WB_ERR_USAGE   unknown name, a value too wide or without meaning, a name said twice.
 * @retval WB_ERR_REFUSED secure-option, rdp, rdp-2, pcrop, ipccdba.
 */
WB_API enum wb_status wb_options_decide(const struct wb_chip *chip,
	const struct wb_option_value *values, unsigned int count, const char *const *confirm,
	struct wb_option_changes *changes, struct wb_error *err);
/**
 * Set option bytes: judge, journal, one write of the page, load (a reset), compare. Where nothing
 * would change the chip is only read. CPU1 is left as commands.md says.
 *
 * @retval WB_ERR_FLASH the chip does not show what was written; the text says what it shows.
 */
WB_API enum wb_status wb_option_set(struct wb_session *session, const struct wb_operation *op,
	const struct wb_option_value *values, unsigned int count, const char *const *confirm,
	struct wb_option_changes *changes, struct wb_result *result, struct wb_error *err);

/* ---- the page ------------------------------------------------------------------------------- */

/* The option page as it is mapped: what the next power-on loads. */
struct wb_option_page {
	bool read;		   /* it could be read */
	bool sound;		   /* each word is followed by its complement */
	bool secure_sound;	   /* ... ESE's, SFR's and SRRVR's: else Safeboot is selected */
	struct wb_options options; /* its words */
};

/** Read the page; reads only. A chip that does not map it gives read = false. */
WB_API void wb_option_page_read(struct wb_link *link, const struct wb_family *family,
	struct wb_option_page *page);

/*
 * The record WB_RECORD_OPTIONS: the user's registers before a write, and as they shall be; there
 * from before the write until it was seen to be in force.
 */
struct wb_option_record {
	bool found;
	struct wb_options before, wanted; /* secure registers: 0 */
};

/** A write was cut off, and the chip shows neither what was nor what was to be. */
WB_API bool wb_option_record_lost(const struct wb_chip *chip,
	const struct wb_option_record *record);
/** @retval WB_ERR_HOST the record is there and cannot be read. */
WB_API enum wb_status wb_option_record_load(struct wb_link *link, uint64_t uid64,
	struct wb_option_record *record, struct wb_error *err);

#endif

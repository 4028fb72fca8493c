/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libopenfus: what the fronts (src/command) may call.
 *
 * Four values, each made by one function and read by everybody:
 *   wb_image  what a file is            (image.c)
 *   wb_chip   what a chip says of itself, read hot: nothing written, nothing halted   (chip.c)
 *   wb_plan   what will be done, why, or the rule that forbids it: pure               (plan.c)
 *   wb_result what has been done                                                       (upgrade.c)
 */
#ifndef OPENFUS_H
#define OPENFUS_H

#include "core/link.h"

/* ---- families and parts (family.c: one row each) --------------------------------------------- */

enum wb_family_id { WB_FAMILY_UNKNOWN = 0, WB_FAMILY_5X, WB_FAMILY_3X, WB_FAMILY_1X };

struct wb_family {
	enum wb_family_id id;
	const char *name;     /* "STM32WB5x" */
	uint16_t dev_id;      /* DBGMCU_IDCODE[11:0] */
	uint16_t page;	      /* flash page, bytes */
	uint16_t flash_kib[4]; /* sizes that exist, largest first, 0-terminated or full */
	uint16_t sram1_kib;   /* smallest of the family */
	uint32_t sram2a;      /* preferred address of SRAM2a; sram2a_alias: the other one or 0 */
	uint32_t sram2a_alias;
	uint32_t fus_start;   /* 0x080F4000 */
	uint32_t fus_sbrv, fus_sbrv_053, safeboot_sbrv;
	uint32_t sbrv_mask; /* the bits of SRRVR that are SBRV */
	uint8_t fus_sfsa, fus_sfsa_053; /* with FUS and no stack */
	bool key_store;
};
WB_API const struct wb_family *wb_family_by_id(enum wb_family_id id);
WB_API const struct wb_family *wb_family_by_dev_id(uint16_t dev_id);

/* ---- images (image.c, known_images.c generated from src/core/known-images.csv) --------------- */

enum wb_image_kind {
	WB_IMAGE_STACK,		/* 0x23372991, 0xB10C8B99 */
	WB_IMAGE_FUS,		/* 0x32279221 */
	WB_IMAGE_SAFEBOOT,	/* 0x927A6741, or a stack's magic with info1 0x5AFEB007 */
	WB_IMAGE_OTHER,		/* 0x42769811 */
};

struct wb_known_image; /* a row of the list; opaque */

struct wb_image {
	const uint8_t *data; /* the caller's, must outlive the image */
	size_t size;	     /* bytes */
	char name[96];	     /* file's base name, for people */
	enum wb_image_kind kind;
	enum wb_family_id family; /* 5X stands for 3x and 5x: same files; 1X; UNKNOWN */
	uint32_t version;    /* as in the footer; FUS 1.2.0 already put right (0x01020000) */
	uint32_t magic, info1, info2;
	uint8_t pages;	     /* footer's count */
	uint8_t nvm_pages;   /* FUS-2-only stacks: NVM pages kept beside the stack */
	uint8_t open_2a, open_2b; /* KiB left open to CPU1 while it runs */
	uint8_t stack_type;  /* low byte of the info word, 0 when only the list could tell and does not */
	bool fus2_only;
	bool genuine;	     /* SHA-256 is in the list of ST's published binaries */
	bool customer_signed;
	bool for_fus_0_5_3;
	bool ambiguous_for_0_5_3; /* a FUS 1.2.0 image neither hash nor name tells apart */
	uint8_t sha256[32];
	const char *type_name;	 /* "BLE Stack full", "FUS", "Thread MTD", ... never NULL */
	const char *releases;	 /* "1.24.0" or "1.20.0 - 1.24.0" (CubeWB) when genuine, else "" */
	char warning[160];	 /* "" or one sentence: e.g. the name disagrees with the contents */
};

/**
 * Say what a file is, or why it is no usable image. Reads nothing but data; no chip needed.
 *
 * @param[in] name base name of the file: used only where no hash tells, and for damage detection.
 * @retval WB_ERR_IMAGE  empty, HTML, filler, cut, no footers, damaged copy of a listed image ...
 */
WB_API enum wb_status wb_image_parse(const uint8_t *data, size_t size, const char *name,
	struct wb_image *image, struct wb_error *err);
/**
 * Install address by the published rule (reference images.md).
 *
 * @param[in] flash_kib user flash size as at 0x1FFF75E0.
 * @return address, or 0 if the image does not fit that part or its family differs.
 */
WB_API uint32_t wb_image_address(const struct wb_image *image, const struct wb_family *family,
	unsigned int flash_kib);
/** "1.24.0"; buf of >= 20 bytes. "-" for 0. */
WB_API const char *wb_version_text(uint32_t version, char buf[20]);
/** Name of a stack type byte ("BLE full"), "unknown" if not listed. */
WB_API const char *wb_stack_type_name(uint8_t type);

/* ---- the chip, read hot (chip.c, options.c, tables.c) ---------------------------------------- */

enum wb_runs {
	WB_RUNS_NOTHING,
	WB_RUNS_FUS,
	WB_RUNS_STACK,
	WB_RUNS_SAFEBOOT,
	WB_RUNS_NVM, /* NVM backup or restore, a part of the FUS's work: never selected by SBRV */
	WB_RUNS_UNKNOWN,
};

/* The option registers, as read; fields by options.c's table. */
struct wb_options {
	uint32_t optr, pcrop1asr, pcrop1aer, wrp1ar, wrp1br, pcrop1bsr, pcrop1ber, ipccbr, sfr, srrvr;
};

struct wb_versions { /* of the device info table */
	bool valid;	/* the table was found and its pointers and contents make sense */
	bool live;	/* C2BOOT = 1: believe it. else "last known" */
	bool from_fus;	/* FUS layout (0xA94656B9), else a stack's */
	uint32_t table;	/* address of the device info table */
	uint32_t safeboot, fus, fus_memory, stack, stack_memory, stack_info;
	uint8_t last_fus_state, last_stack_state;
	uint64_t uid64; /* FUS layout only */
};

struct wb_chip {
	const struct wb_family *family;
	uint16_t dev_id, rev_id, flash_kib;
	uint8_t package;
	uint32_t uid96[3];
	uint64_t uid64;
	struct wb_options options;
	uint32_t sfsa_address, sbrv_address; /* byte addresses they mean */
	uint32_t secure_start;	/* first byte of flash CPU1 may not use: min(SFSA, end of user flash) */
	bool c2boot;
	enum wb_runs selected;	/* what SBRV makes the CM0+ run */
	enum wb_runs running;	/* selected, if C2BOOT; else NOTHING */
	uint32_t sram2a;	/* the address at which SRAM2a answered */
	struct wb_versions versions;
	uint32_t reset_flags;	/* RCC_CSR */
	uint32_t flash_sr, flash_cr, eccr;
	uint32_t dhcsr; /* as read: the reading has cleared S_RESET_ST (bit 25) and S_RETIRE_ST */
	bool cpu1_halted;
};

/**
 * Look at a chip without touching it: reads only, no halt, no reset, no read with a side effect.
 * @retval WB_ERR_CHIP not an STM32WB, flash size that does not exist, option registers that read 0.
 * @retval WB_ERR_LINK
 */
WB_API enum wb_status wb_chip_read(struct wb_link *link, struct wb_chip *chip, struct wb_error *err);
/** The same without what the CM0+ says of itself: `versions` stays empty, and `running` may be wrong. */
WB_API enum wb_status wb_chip_read_flash(struct wb_link *link, struct wb_chip *chip,
	struct wb_error *err);
/** The same of a chip that *chip was read from before: what cannot have changed is not read again. */
WB_API enum wb_status wb_chip_renew(struct wb_link *link, struct wb_chip *chip,
	struct wb_error *err);

/** FLASH_SRRVR.SBRV, in words from the start of flash. */
WB_API uint32_t wb_chip_sbrv(const struct wb_chip *chip);

struct wb_ecc { /* FLASH_ECCR, decoded */
	bool wrong;	  /* two or more bits; else one, which was put right */
	bool system;	  /* in system flash; else in user flash or the CM0+'s */
	bool by_cm0;	  /* who read it; else CPU1 or the debugger */
	uint32_t address; /* of the double word; in system flash an offset */
};
/** False: FLASH_ECCR tells of no error. */
WB_API bool wb_chip_ecc(uint32_t eccr, struct wb_ecc *ecc);

struct wb_field { /* one option field, decoded */
	const char *name;
	uint32_t value;
	unsigned int width;  /* bits */
	bool secure;	     /* only the CM0+ may change it */
	const char *meaning; /* for people; may be "" */
};
/** The i-th field of the option bytes; false past the last. buf keeps the meaning's text. */
WB_API bool wb_option_field(const struct wb_chip *chip, unsigned int i, struct wb_field *field,
	char buf[96]);
WB_API const char *wb_runs_name(enum wb_runs runs); /* "FUS", "wireless stack", ... */

/* ---- plan (plan.c, rules.c) ------------------------------------------------------------------- */

enum wb_step_kind {
	WB_STEP_ENTER_FUS,  /* from stack or nothing to a FUS that answers */
	WB_STEP_DELETE,
	WB_STEP_ERASE_LEFTOVER, /* address, size: our own or confirmed stray image */
	WB_STEP_STAGE,	    /* image at address */
	WB_STEP_UPGRADE,    /* FW_UPGRADE, follow the resets, check the outcome */
	WB_STEP_START_WS,   /* back to, or into, the wireless stack */
	WB_STEP_SAVE,	    /* user pages that will be overwritten, to the host's journal */
	WB_STEP_PUT_BACK,   /* and back to where they were */
};

struct wb_step {
	enum wb_step_kind kind;
	const struct wb_image *image; /* STAGE, UPGRADE */
	uint32_t address, size;
	char reason[160];
};

#define WB_PAGES 256u /* of flash, at most */
#define WB_PAGE_WORDS (WB_PAGES / 32u) /* a set of pages: bit n % 32 of word n / 32 */
#define WB_PLAN_STEPS 32
struct wb_plan {
	unsigned int count; /* 0 and no error: already there */
	struct wb_step steps[WB_PLAN_STEPS];
	char summary[240];  /* "FUS 1.2.0 -> 2.2.0, then BLE Stack full 1.24.0" or "already installed: ..." */
	unsigned int warnings;
	char warning[8][200];
	uint32_t keep[WB_PAGE_WORDS]; /* SAVE, PUT_BACK: which pages */
	uint32_t keep_from; /* the lowest address that the steps change */
};

#define WB_CONFIRM_MAX 8
struct wb_goal {
	const struct wb_image *image; /* the file named on the command line, NULL: latest of the folder */
	const struct wb_image *const *folder; /* images that may be used on the way */
	unsigned int folder_count;
	const char *folder_name; /* for people, or NULL */
	uint32_t address;   /* -address, 0: computed */
	bool first_install, force_delete, reinstall, no_start, no_verify, preserve, hold, under_reset;
	bool skip_planner;  /* tests only: send the image whatever the rules say */
	bool keep_stack;    /* anti-rollback is on, as the journal has it: the stack is not removed first */
	const char *confirm[WB_CONFIRM_MAX]; /* risks consented to, NULL-terminated or full */
	const char *force;  /* one named rule */
};

/* What lies in user flash, as the stub's scan found it: made by flash.c, read by plan.c. */
#define WB_SCAN_FOUND 16
struct wb_found {
	uint32_t address, size;	      /* page boundary; bytes */
	uint32_t magic, version;      /* of its FUS footer; 0 if it has none (the front of an image) */
	const struct wb_image *image; /* of goal: what it equals, or is the front of; NULL: a stranger */
};
struct wb_flash_scan {
	uint32_t used[WB_PAGE_WORDS];  /* not blank; pages below secure_start */
	uint32_t saved[WB_PAGE_WORDS]; /* the journal has what they held; used: whether that is data */
	unsigned int count;
	bool more; /* there may be more images than these: the plan erases, then comes the next scan */
	struct wb_found found[WB_SCAN_FOUND];
};

/**
 * Decide. Pure: chip + images + options -> steps with reasons, or a refusal with its rule.
 *
 * @param[in] scan NULL before the stub has looked: then 'overwrite' and 'erase-stray' stay open,
 *                 and the plan is to be made again with the scan before its first step runs. One
 *                 that does not hold all images gives a plan that only erases those it holds: it
 *                 is to be run, and then made again with a new scan.
 * @retval WB_ERR_CHIP    user flash is full of what may be images and is none
 * @retval WB_ERR_REFUSED err->rule is the rule's id; err->text cause and remedy
 */
WB_API enum wb_status wb_plan_make(const struct wb_chip *chip, const struct wb_goal *goal,
	const struct wb_flash_scan *scan, struct wb_plan *plan, struct wb_error *err);

/** The i-th rule that goal.force can lift; NULL past the last. */
WB_API const char *wb_forced_rule(unsigned int i);

/* ---- operations (session.c, upgrade.c, fus.c): they leave the chip as commands.md says ------- */

struct wb_fus_state {
	enum wb_runs runs;  /* who answered */
	uint8_t state, error;
	bool has_error;
	uint32_t fus_version, stack_version;
};

struct wb_key; /* keys.h */

struct wb_operation {
	bool hold;	  /* keep CPU1 halted afterwards, CM0+ started */
	bool under_reset; /* connect under NRST */
	/* what only some operations look at */
	const char *const *confirm; /* risks consented to, NULL-terminated or WB_CONFIRM_MAX; or NULL */
	const struct wb_key *key;   /* to be stored */
	uint8_t key_index;	    /* of a stored one */
};

struct wb_result {
	struct wb_chip before, after;
	struct wb_fus_state state;
	unsigned int steps_done;
	uint64_t ms;	   /* link time */
	bool cpu1_running; /* as left behind */
	char left[160];	   /* one sentence: how the chip was left */
	uint8_t key_index; /* of the user key that was stored, loaded, unloaded or locked */
};

/*
 * A session that outlives a command: kept by the front between commands so that a chip held by
 * -hold, or halted by the user, needs no new reset for the next command. Opaque; one per target.
 */
struct wb_session;
WB_API struct wb_session *wb_session_new(struct wb_link *link);
/** Forget; touches the chip no more. */
WB_API void wb_session_free(struct wb_session *session);

WB_API enum wb_status wb_fus_state(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err);
WB_API enum wb_status wb_fus_start(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err);
WB_API enum wb_status wb_fus_start_ws(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err);
WB_API enum wb_status wb_fus_delete(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err);
/**
 * Raw mailbox command. payload of at most 255 bytes.
 * @param[out] answer status at [0], payload behind it; *answer_len in: room, out: bytes.
 */
WB_API enum wb_status wb_fus_shci(struct wb_session *session, const struct wb_operation *op,
	uint16_t opcode, const uint8_t *payload, size_t len, uint8_t *answer, size_t *answer_len,
	uint16_t *answer_opcode, struct wb_result *result, struct wb_error *err);
/**
 * The main job: snapshot, plan, run the plan, check, put everything back.
 * dry_run: as far as the plan. plan is filled either way.
 */
WB_API enum wb_status wb_fus_upgrade(struct wb_session *session, const struct wb_goal *goal,
	bool dry_run, struct wb_plan *plan, struct wb_result *result, struct wb_error *err);
WB_API const char *wb_fus_state_name(uint8_t state);   /* "idle", "firmware upgrade ongoing" */
/** What helps behind FW_UPGRADE, or "". */
WB_API const char *wb_upgrade_error_advice(uint8_t error, bool has_stack);
WB_API const char *wb_fus_error_name(uint8_t error);   /* "image not authentic", "unknown (0x42)" style */

#endif

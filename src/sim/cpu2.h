/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the CM0+ of the virtual chip: what cpu2.c, fus.c, wstack.c and their helpers share.
 *
 *   cpu2.c       boot, reset, time                    fus.c        FUS commands
 *   fus_run.c    runs the steps of an operation       fus_steps.c  the steps, as tables
 *   fus_acts.c   what a step does to flash, options    fus_rules.c  FUS versions, who may go where
 *   fus_check.c  what the FUS makes of a staged image ufb.c        its memory of what it was doing
 *   wstack.c     a wireless stack's behaviour         cpu2_tables.c shared tables, packets
 *   simimage.c   footers                              trust.c      who counts as signed by ST
 *   cpu2_state.c what outlives power; the view        testsig.c    the test signature
 *   cpu2_flash.c it shares the flash with CPU1
 *   vault.c      keys and locks in secure flash        usrkey.c     commands on user keys
 */
#ifndef SIM_CPU2_H
#define SIM_CPU2_H

#include "sim/cpu2_flash.h"
#include "sim/devices.h"

#define NS_PER_US UINT64_C(1000)
#define PAGE_MAX 4096u         /* WB1x: 2048 */
#define FUS_053_OFFSET 0x2000u /* FUS 0.5.3 starts two pages later [wiki] */
#define ROLLBACK_NOTHING UINT32_MAX /* switched on without a stack: nothing is new enough [wiki] */
#define FUS_STATE_ERROR 0xFFu  /* GET_STATE [mw] */
#define FUS_CODE_BYTES 0x6000u /* 24 KiB [wiki] */

/* ---- images (simimage.c) ---- */

enum sim_image_kind {
	SIM_IMAGE_STACK,
	SIM_IMAGE_STACK_FUS2,
	SIM_IMAGE_FUS,
	SIM_IMAGE_SAFEBOOT,
	SIM_IMAGE_OTHER
};

struct sim_image { /* what the footers say */
	enum sim_image_kind kind;
	uint32_t version;      /* raw: FUS 1.2.0 says 0xFFFFFFFF */
	uint32_t signature_at; /* from the end of the file: bytes to ST's signature */
	uint8_t signature_size;
	uint8_t pages, nvm_pages, open_2a, open_2b;
	bool customer;
	bool fus2; /* of a Safeboot: the one for FUS 2 */
};

/** Read the footers that end at data + end. False: there are none that fit together. */
bool sim_image_at(const uint8_t *data, size_t end, struct sim_image *image);
/** The next word's end behind `end`, up to limit, at which footers do; 0: there is none. */
size_t sim_image_next(const uint8_t *data, size_t end, size_t limit, struct sim_image *image);

/* ---- trust (trust.c) ---- */

struct trust;
struct trust_facts {  /* what no footer says */
	uint8_t type; /* stack type byte, 0: unknown */
	bool wb1x;
	bool for_fus_053; /* a FUS 1.2.0 for 0.5.3 only */
};

struct trust *trust_new(const char *const *paths, char *why, size_t why_size);
void trust_free(struct trust *trust);
/** Is a whole file genuine: in the list, or with a sound test signature? */
bool trust_check(const struct trust *trust, const uint8_t *file, size_t size,
	const struct sim_image *image, struct trust_facts *facts, uint8_t sha256[32]);
/** Do these bytes open any trusted or test image? */
bool trust_front(const struct trust *trust, const uint8_t front[16]);
/** Facts from a file's name, for files that are installed from outside. */
void trust_facts_of_name(const char *name, struct trust_facts *facts);
/** Read a file of at most 1 MiB; malloc'ed. */
uint8_t *trust_read_file(const char *path, size_t *size, char *why, size_t why_size);

/* ---- the UFB: what the FUS remembers in flash (ufb.c) ---- */

struct firmware {       /* an installed image, or one on its way */
	uint32_t start; /* flash address of its first byte; 0: none */
	uint32_t size;  /* bytes */
	uint32_t version;
	uint8_t type, pages, nvm_pages, open_2a, open_2b, pad[3];
	uint8_t sha256[32];
};

struct ufb { /* one bank's head, as it lies in flash */
	uint32_t magic;
	uint32_t sequence;
	uint32_t operation; /* enum fus_operation */
	uint32_t order;     /* which of the two orders of steps it was begun with */
	uint32_t row;       /* the first step not done when the bank was written */
	uint32_t source;    /* where the image was staged */
	uint32_t fus_version;
	uint32_t pad;
	uint8_t fus_sha256[32];
	struct firmware stack, old, next;
	uint32_t nvm_kept; /* pages of a deleted stack that still hold its data */
	uint32_t virgin;   /* as from the factory: whatever SBRV says, only the FUS is there */
	uint32_t crc; /* CRC-32 of all before */
};

/* ---- the vault: what the FUS keeps for the user (vault.c) ---- */

#define USER_KEYS 100u	 /* and a master key [wiki, AN5185] */
#define USER_KEY_MAX 32u /* bytes */
#define USER_KEY_IV 12u	 /* bytes, stored with an encrypted key */
#define AUTH_KEY_SIZE 64u

enum vault_area { VAULT_SERVICE, VAULT_KEYS };

enum vault_type {
	VAULT_KEY_SIMPLE = 1, /* as STORE_USR_KEY has them [mw] */
	VAULT_KEY_MASTER = 2,
	VAULT_KEY_ENCRYPTED = 3, /* key and IV in the command's order */
	VAULT_AUTH_KEY = 0x10,
	VAULT_AUTH_LOCK,
	VAULT_ROLLBACK, /* the version word below which no stack is taken */
};

struct vault_record {
	uint8_t type, size; /* enum vault_type; bytes of data */
	uint16_t index;
	uint32_t crc;
	uint8_t data[64];
};

uint32_t vault_start(const struct wbsim *sim, enum vault_area area);
uint32_t vault_bytes(const struct wbsim *sim, enum vault_area area);
bool vault_full(const struct wbsim *sim, enum vault_area area);
/** Append; bytes: so many are written, fewer than all if power fails. */
void vault_append(
	struct wbsim *sim, enum vault_area area, const struct vault_record *record, size_t bytes);
/** The next whole record from offset *at (0: the first); false: there are no more. */
bool vault_next(const struct wbsim *sim, enum vault_area area, uint32_t *at,
	struct vault_record *record);
/** The last whole record of a type. */
bool vault_last(const struct wbsim *sim, enum vault_area area, uint8_t type,
	struct vault_record *record);
/** Read what the FUS must know of it: struct cpu2's auth_key, auth_locked, rollback. */
void vault_load(struct wbsim *sim);

/* ---- operations (fus_steps.c) ---- */

enum fus_operation {
	FUS_IDLE = 0,
	FUS_OP_STACK,    /* install or replace the wireless stack */
	FUS_OP_FUS,      /* replace the FUS */
	FUS_OP_DELETE,   /* remove the wireless stack */
	FUS_OP_START_WS, /* select the wireless stack */
	FUS_OP_ENTER,    /* a stack selects the FUS */
	FUS_OP_FACTORY,  /* Safeboot's factory reset */
	FUS_OP_SAFEBOOT, /* replace Safeboot: a factory reset too */
	FUS_OP_PURGE,    /* remove the wireless stack and its NVM pages */
	FUS_OP_STORE_KEY, /* one record of the vault each, and the answer: */
	FUS_OP_AUTH_KEY,
	FUS_OP_AUTH_LOCK,
	FUS_OP_ROLLBACK,
	FUS_OP_NOTHING, /* quirk no-stack=resets: no stack to work on, and a reset */
	FUS_OPERATIONS
};

enum fus_act {
	ACT_CHECK,        /* find the image, check signature and rules */
	ACT_WAIT,         /* only time passes */
	ACT_UFB_BEGIN,    /* remember the operation */
	ACT_UFB_STACK,    /* the new stack is the installed one */
	ACT_UFB_NO_STACK, /* no stack is installed */
	ACT_UFB_FUS,      /* the new FUS is the running one */
	ACT_UFB_DONE,     /* forget the operation */
	ACT_UFB_FACTORY,  /* as from the factory, but the FUS stays what it is */
	ACT_UFB_LOSE,     /* no bank is left: the next boot says so */
	ACT_RECORD,       /* append the record that a command brought */
	ACT_MOVE,         /* pages of the staged image to its final place, last page first */
	ACT_INSTALL_FUS,  /* pages of the staged FUS over the old one */
	ACT_ERASE_STAGED, /* what is left of the staged copy */
	ACT_ERASE_OLD,    /* what is left of the old stack, outside the new one */
	ACT_ERASE_STACK,  /* everything from SFSA to the FUS */
	ACT_ERASE_USER,   /* everything below the FUS */
	ACT_ERASE_KEYS,   /* the user keys, the master key among them */
	ACT_SFSA_STAGED,  /* secure from the staged image on */
	ACT_SFSA_FINAL,   /* secure from the new stack on */
	ACT_SELECT_STACK, /* SFSA at the installed stack; SBRV at the stack, SRAM as it wants */
	ACT_SELECT_FUS, /* SFSA at the installed stack or the FUS; SBRV at the FUS, SRAM for it */
	ACT_RESTORE_OPTIONS, /* factory values */
};

enum fus_after { AFTER_NOTHING, AFTER_RESET, AFTER_OBL };

struct fus_step {
	const char *name;
	enum fus_act act;
	uint32_t us;          /* for the whole row, or for each page of an act on pages */
	uint32_t ns_per_byte; /* on top, of the image */
	enum fus_after after;
	bool deaf;       /* commands wait until the step has ended */
	const char *why; /* what it stands for; what of it is our assumption */
};

struct fus_op {
	const char *name;
	uint8_t state;                   /* GET_STATE meanwhile */
	bool remembered;                 /* lives in the UFB across resets */
	const struct fus_step *steps[2]; /* the order, and its second plausible order */
	unsigned int count[2];
};

extern const struct fus_op fus_ops[FUS_OPERATIONS];

/* ---- FUS versions and their rules (fus_rules.c) ---- */

enum fus_trait {
	FUS_RESETS = 1,       /* its Safeboot resets to factory state instead of locking */
	FUS_ROLLBACK = 2,     /* knows anti-rollback */
	FUS_ONE_PAGE = 4,     /* a page below a stack is enough; else the image's size again */
	FUS_LARGER = 8,       /* a second, larger stack does no harm */
	FUS_2 = 16,           /* knows FUS-2-only images, keeps NVM pages, has its own Safeboot */
	FUS_OLD_SAFEBOOT = 32, /* takes Safeboot 2.0.0 */
	FUS_1M_ONLY = 64,
	FUS_SINCE_1_2_0 = FUS_RESETS | FUS_ROLLBACK | FUS_ONE_PAGE | FUS_LARGER
};

struct fus_version {
	const char *name;
	uint32_t version;
	uint32_t safeboot;        /* version word it reports */
	uint32_t own_page_offset; /* of its start behind the family's FUS start, bytes */
	unsigned int traits;      /* enum fus_trait */
};

const struct fus_version *fus_version_by_name(const char *name);
/** The row of a version word, branch and type ignored; NULL: no FUS of this model. */
const struct fus_version *fus_version_by_word(uint32_t word);
/** Has the FUS on the chip this trait? */
bool fus_version_has(const struct wbsim *sim, enum fus_trait trait);
/** Is there such a chip with such a FUS? */
bool fus_version_exists(const struct sim_part *part, const struct fus_version *fus);

enum fus_fate {
	FATE_REFUSED, /* not authentic */
	FATE_FINE,
	FATE_LOCKED,    /* installed, and nothing can be done with the chip ever after */
	FATE_KEYS_LOST, /* installed, and the encryption keys are gone: no image can be read */
	FATE_NEEDS_ROLLBACK
};

/** What comes of going from one FUS to the other. Never FATE_NEEDS_ROLLBACK: that is looked up. */
enum fus_fate fus_hop_fate(const struct wbsim *sim, const struct fus_version *from,
	const struct fus_version *to, bool for_053);

/* ---- shared tables (cpu2_tables.c) ---- */

struct shared_tables { /* addresses as CPU1 gave them */
	uint32_t device_info, command, events, spare_event, pool, pool_size, free_queue;
};

#define COMMAND_TYPE 0x10
#define COMMAND_LENGTH 11u
#define COMMAND_PAYLOAD 12u
#define COMMAND_BYTES (COMMAND_PAYLOAD + 255u)

/* ---- the CM0+ ---- */

enum cpu2_runs { CPU2_OFF, CPU2_FUS, CPU2_STACK, CPU2_SAFEBOOT, CPU2_DEAD };

struct cpu2 {
	struct trust *trust;
	enum cpu2_runs runs;
	bool up;            /* has said ready (Safeboot: works) */
	bool lost;          /* bad tables, no clock: loops until the next reset */
	bool resetting;     /* has asked for a reset, does nothing more */
	bool corrupt;       /* no sound UFB bank was found */
	unsigned int boots; /* counts resets: tells a callback that the world has changed */

	uint64_t boot_at, answer_at, free_at, rom_at; /* virtual times, NEVER: not under way */
	struct shared_tables tables;
	struct cpu2_flash flash;
	uint8_t packet[COMMAND_BYTES]; /* the command as it was when its flag was seen */

	/* the FUS, or whoever changes options */
	enum fus_operation op;
	unsigned int order, row, page;
	uint64_t step_from, step_mid, step_to;
	uint8_t state, error;     /* what GET_STATE says when no operation runs */
	struct ufb ufb;           /* RAM copy of the newer bank */
	unsigned int ufb_bank, ufb_entries; /* which it is; progress entries in it */

	unsigned int get_states; /* of a stack, since boot */
	uint32_t pool_used;
	uint32_t free_list[8]; /* the stack's event buffers that came back */
	unsigned int free_count;

	struct vault_record record; /* on its way into the vault... */
	enum vault_area record_area;
	uint16_t record_opcode; /* ...of this command, 0: which is answered already */

	uint8_t keys_locked[(USER_KEYS + 8) / 8]; /* bit = index, until the next reset [wiki] */
	bool aes_loaded;
	uint8_t aes_index, aes_key_size, aes_key[USER_KEY_MAX]; /* the user key in AES1 */

	/* read from the vault at every reset */
	bool auth_key, auth_locked; /* a customer's authentication key is installed; for good */
	uint32_t rollback;          /* anti-rollback: no stack older than this; 0: off */

	/* non-volatile beside flash and options */
	bool fus_used;        /* a GET_STATE has been answered once */
	bool dead;            /* locked for ever */
	bool user_keys_lost;  /* a FUS upgrade has erased them [wiki] */
	bool keys_lost;       /* the FUS's own: it reads no image any more */
	uint32_t safeboot;    /* version of a Safeboot that was installed; 0: the FUS's own */
	uint32_t fus_version; /* what its code says, should the UFB be lost */
};

/* cpu2.c */
void cpu2_stop(struct cpu2 *c); /* as a reset leaves it */
void cpu2_ask_reset(struct wbsim *sim, enum sim_reset cause);
uint32_t cpu2_page(const struct wbsim *sim);
uint32_t cpu2_boundary(const struct wbsim *sim);       /* SFSA in force, as an address */
uint32_t cpu2_option_address(const struct wbsim *sim); /* SBRV in force, as an address */
uint32_t cpu2_fus_start(const struct wbsim *sim);
uint32_t cpu2_fus_bytes(const struct wbsim *sim);
uint32_t cpu2_safeboot(const struct wbsim *sim);
/** First address behind where a stack may lie. */
uint32_t cpu2_stack_end(const struct wbsim *sim);
/** Secure boundary that belongs to a stack (its NVM pages included), or to none. */
uint32_t cpu2_boundary_of(const struct wbsim *sim, const struct firmware *stack);
/** Where an image of so many pages would be installed. */
uint32_t cpu2_place_of(const struct wbsim *sim, unsigned int pages, unsigned int nvm_pages);
/** Pointer into the model's flash; addr must be inside. */
const uint8_t *cpu2_flash(const struct wbsim *sim, uint32_t addr);

/* cpu2_tables.c */
bool tables_find(struct wbsim *sim, bool stack, struct shared_tables *t);
uint32_t tables_base(struct wbsim *sim);
void tables_take_command(struct wbsim *sim);
uint8_t *tables_ram(struct wbsim *sim, uint32_t addr, size_t len);
uint32_t tables_get32(struct wbsim *sim, uint32_t addr);
void tables_put(struct wbsim *sim, uint32_t addr, const void *data, size_t len);
void tables_put32(struct wbsim *sim, uint32_t addr, uint32_t value);
void tables_scream(struct wbsim *sim); /* 0x3DE96F61 over the table of tables */
void tables_device_info(struct wbsim *sim);
bool tables_linked(struct wbsim *sim, uint32_t queue, uint32_t to); /* no: it is lost */
void tables_event(struct wbsim *sim, uint32_t buffer, uint16_t event, uint8_t payload);
void tables_answer(
	struct wbsim *sim, uint16_t opcode, uint8_t status, const uint8_t *payload, uint8_t len);
void tables_rom(struct wbsim *sim); /* as the ROM bootloader lays them out */

/* ufb.c */
void ufb_load(struct wbsim *sim);
void ufb_store(struct wbsim *sim, unsigned int row);
void ufb_store_half(struct wbsim *sim);
void ufb_progress(struct wbsim *sim, unsigned int row, unsigned int page);
void ufb_factory(struct wbsim *sim, uint32_t fus_version);
void ufb_lose(struct wbsim *sim);

/* fus.c */
void fus_ready(struct wbsim *sim);
void fus_command(struct wbsim *sim);

/* fus_check.c */
uint8_t fus_check(struct wbsim *sim); /* fills ufb.next, ufb.source, op; an error code, 0: fine */

/* fus_run.c */
void fus_begin(struct wbsim *sim, enum fus_operation op);
void fus_resume(struct wbsim *sim);
/** Begin an operation that writes one record; its step's end answers the command, or this call. */
void fus_record(struct wbsim *sim, enum fus_operation op, uint16_t opcode, enum vault_area area,
	const struct vault_record *record);
void fus_step_tick(struct wbsim *sim);
void fus_interrupted(struct wbsim *sim, enum sim_reset cause); /* by a reset, in a step */
bool fus_deaf(const struct wbsim *sim);
const char *fus_step_name(const struct wbsim *sim);

/* fus_acts.c */
bool fus_act_on_pages(enum fus_act act);
/** The i-th page an act works on; 0: there is none. */
uint32_t fus_act_page(const struct wbsim *sim, enum fus_act act, unsigned int i);
/** Nothing to do at a page: it is to be kept, or erased already. */
bool fus_page_is_done(const struct wbsim *sim, enum fus_act act, uint32_t addr);
/** Do it; programmed: so many bytes of a copied page, less than a page if power fails. */
void fus_do_page(struct wbsim *sim, enum fus_act act, uint32_t addr, size_t programmed);
bool fus_act_on_options(enum fus_act act);
/** NVM pages that the deletion under way leaves alone. */
uint32_t fus_nvm_kept(const struct wbsim *sim);
/** An installed stack that SBRV does not select: what a FUS before 1.2.0 makes of a larger one. */
bool fus_second_larger(const struct wbsim *sim);
/** The options in force are what the act would write. */
bool fus_option_done(struct wbsim *sim, enum fus_act act);
void fus_do_options(struct wbsim *sim, enum fus_act act);

/* usrkey.c */
/** A command on user keys; false: it is none, or unknown to who runs. */
bool usrkey_command(struct wbsim *sim, uint16_t opcode);
unsigned int usrkey_count(const struct wbsim *sim);
unsigned int usrkey_locked(const struct wbsim *sim);

/* wstack.c */
void wstack_ready(struct wbsim *sim);
void wstack_command(struct wbsim *sim);
void wstack_free(struct wbsim *sim);
/** Install from outside, as if done long ago. */
bool wstack_install(struct wbsim *sim, const char *path, char *why, size_t why_size);
/** Does flash hold the stack the UFB names, byte for byte? */
bool wstack_intact(struct wbsim *sim);

#endif

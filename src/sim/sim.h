/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside libwbsim: what its parts know of each other. Not installed, not seen outside src/sim.
 *
 *   stlink_tcp.c  socket         stlink.c  ST-LINK commands      probe.c  memory transfers, cost
 *   bitbang.c     characters     swj.c     pins, JTAG or SWD     swd_wire.c jtag_wire.c
 *   dap.c         DP             mem_ap.c  AP0, AP1              bus.c    address map
 *   time.c        clock, resets, slices
 *   cpu1.c nvic.c cm_debug.c     the CM4: Unicorn, exceptions, debug registers
 *   flash.c options.c            flash controller and option bytes
 *   rcc.c pwr.c ipcc.c ...       one file a peripheral
 *   cpu2.c fus.c wstack.c        the CM0+, as behaviour
 */
#ifndef SIM_H
#define SIM_H

#include "sim/wbsim.h"

/* ---- parts (parts.c: one row a part number) ------------------------------------------------ */

enum sim_family { SIM_WB5X, SIM_WB3X, SIM_WB1X };

struct sim_part {
	const char *name; /* "wb55rg" */
	enum sim_family family;
	uint16_t flash_kib; /* what 0x1FFF75E0 says and CPU1 may use */
	uint16_t page;	    /* bytes */
	uint16_t dev_id;    /* 0x495 */
	uint16_t rev_id;    /* 0x2001 */
	uint16_t sram1_kib, sram2a_kib, sram2b_kib;
	uint32_t fus_start; /* 0x080F4000 */
	uint8_t package;    /* 0x1FFF7500 [4:0] */
	uint8_t fus_open_2a, fus_open_2b; /* KiB of SRAM2 that its FUS leaves to CPU1 */
};

const struct sim_part *sim_part_find(const char *name);
/** The i-th part, NULL past the last: for --help. */
const struct sim_part *sim_part_at(size_t i);
/** The i-th version of the FUS that a chip may start with, NULL past the last: for --help. */
const char *sim_fus_version(size_t i);

/* ---- quirks: decided once, read everywhere -------------------------------------------------- */

/* in the order of the words in quirks.c; the first is the default */
enum sim_secure_access { SIM_SECURE_ZERO, SIM_SECURE_WRPERR, SIM_SECURE_FAULT };
enum sim_sram2_view { SIM_SRAM2_BOTH, SIM_SRAM2_HEADER, SIM_SRAM2_WIKI };
enum sim_flash_gap { SIM_GAP_SECURE, SIM_GAP_BLANK, SIM_GAP_CELLS, SIM_GAP_FAULT };

enum sim_safeboot { SIM_SAFEBOOT_RESETS, SIM_SAFEBOOT_POWER_CYCLE, SIM_SAFEBOOT_NOTHING };
enum sim_radio { SIM_RADIO_OFF, SIM_RADIO_PES, SIM_RADIO_HSEM };
enum sim_keeps { SIM_KEEPS_NONE, SIM_KEEPS_PES, SIM_KEEPS_2, SIM_KEEPS_6, SIM_KEEPS_7 };
enum sim_info { SIM_INFO_RIGHT, SIM_INFO_NONE, SIM_INFO_OTHER, SIM_INFO_BOARD };
enum sim_stop_debug { SIM_STOP_SILENT, SIM_STOP_WAITS, SIM_STOP_OPEN };
enum sim_no_stack { SIM_NONE_NOT_FOUND, SIM_NONE_REFUSED, SIM_NONE_UNKNOWN, SIM_NONE_IDLE,
	SIM_NONE_RESETS };
enum sim_reset_in_flash { SIM_RESET_SPOILS, SIM_RESET_SPOILS_OPTIONS, SIM_RESET_HARMLESS };

#define ANSWER_AS_IS UINT32_MAX

struct sim_quirks {
	bool dap_lost_on_reset; /* a reset the chip makes itself (FUS, OBL_LAUNCH) drops the port... */
	uint32_t dap_lost_ms;	/* ...for so long; default 5 */
	bool demcr_lost_on_reset; /* such a reset also clears DEMCR and DHCSR.C_DEBUGEN: no catch */
	bool sram2_erased_on_reset;
	bool optverr; /* FLASH_SR.OPTVERR is set after every reset */
	bool iwdg_on; /* hardware watchdog (IWDG_SW = 0), fed by the application only */
	uint32_t ipccdba;
	bool mute_cpu2;
	bool need_crcen;
	bool rom_started_fus;
	uint8_t secure_access; /* enum sim_secure_access */
	uint8_t nvm_below;     /* nvm-pages=below */
	bool alt_order; /* the step tables' second plausible order */
	bool nvm_ready; /* while FUS 2 goes on with a stack, it is the NVM backup that says ready */
	bool first_state_ff; /* first-state-ff: the first GET_STATE of a never-used FUS answers 0xFF */
	bool ipccdba_x8;     /* ipccdba-x8: IPCCDBA counts double words instead of words */
	bool same_version;   /* same-version=accept: the FUS installs its own version once more */
	uint8_t no_stack;    /* what a command on a stack that is not there gives; enum sim_no_stack */
	uint8_t key_index_0;  /* key-index=1|0: of the first user key */
	bool iv_first;	     /* iv-first: STORE_USR_KEY has the IV before the encrypted key */
	uint8_t rdp_mismatch;  /* rdp-mismatch=0|1: level that a corrupt OPTR word gives */
	uint8_t safeboot;      /* what C2BOOT does in Safeboot; enum sim_safeboot */
	uint8_t flash_error;   /* flash-error=reset|silent: of a broken stack, FUS >= 1.1.0 */
	uint8_t info;	       /* what a firmware writes to the device info table; enum sim_info */
	uint32_t ufb_code;     /* ufb-corrupt=N: error code of "UFB corrupt"; 0: 0xFF */
	uint8_t rollback_lost; /* antirollback=kept|lost: its stack, when that is deleted */
	uint8_t delete_keeps_nvm; /* delete-nvm=erased|kept: by FW_DELETE of FUS 2 */
	bool no_unload;	     /* old-stack: a stack does not know UNLOAD_USR_KEY */
	uint8_t no_cks;	     /* wb1x-keys=refuse|unknown: where no key store is */
	bool chatty_stack;   /* chatty-stack: more system events behind the stack's ready */
	uint8_t sram2_view;  /* WB1x: at which addresses SRAM2 answers; enum sim_sram2_view */
	uint32_t bad_above_khz; /* a cable too long: one transfer in some fails above this clock; 0: none */
	uint32_t swd_off_ms;	/* the application takes the SWD pins so long after its reset; 0: never */
	uint8_t flash_gap;   /* between user flash and FUS of a small part; enum sim_flash_gap */
	uint8_t cm0_radio;   /* its radio events, and how they keep CPU1 off the flash; enum sim_radio */
	bool cm0_writes;     /* it writes flash too: now and then it has semaphores 2 and 6 */
	uint8_t cm0_keeps;   /* what it takes when it is up, and never gives back; enum sim_keeps */
	uint8_t boot_blank_acr; /* boot-blank=flash|acr: who says at a boot that flash is blank */
	uint8_t reset_in_flash; /* what a reset does to a write; enum sim_reset_in_flash */
	uint8_t sleep_open;  /* sleep-debug=core|open: what the debugger reaches in Sleep mode */
	uint8_t stop_debug;  /* how the debug port is in stop and standby; enum sim_stop_debug */
	uint32_t uid;        /* the device number in UID64; 0: UID_DEVICE of bus.c */

	/* a chip that lies */
	uint32_t lie_flash_kib;	/* what the flash size word says; 0: the truth */
	bool wild_tables;	/* the CM0+ leaves a pointer table that points into nowhere */
	bool wild_event;	/* its events are linked into nowhere */
	bool endless_event;	/* its event queue is a circle without the sentinel */
	bool endless_bsy;	/* FLASH_SR.BSY never falls, from power-on */
	uint32_t answer_length; /* length byte of every answer; ANSWER_AS_IS: as it should be */
};

/** Write the option bytes that quirks ask for; in force after the next power-on. */
void chip_quirk_options(struct wbsim *sim);
/** The i-th quirk as on the command line, and what it does; NULL: there are no more. */
const char *quirk_form(size_t i, const char **help);

/* ---- the bus --------------------------------------------------------------------------------- */

enum sim_master { SIM_CPU1, SIM_DEBUG, SIM_CPU2, SIM_TESTER };
/* SIM_TESTER: peek/poke, no side effects (a register whose read has side effects returns its value) */

/** size 1, 2 or 4; false: bus error. Alignment is the caller's business. */
bool bus_read(struct wbsim *sim, enum sim_master m, uint32_t addr, unsigned int size, uint32_t *val);
bool bus_write(struct wbsim *sim, enum sim_master m, uint32_t addr, unsigned int size, uint32_t val);
/** What address 0 shows since the last reset: 0x08000000 flash, 0x20000000 SRAM1, 0x1FFF0000 ROM. */
uint32_t bus_boot_base(const struct wbsim *sim);
/** Host memory behind a plain RAM address (SRAM1, SRAM2a, SRAM2b incl. alias), or NULL; *room: bytes from there. */
uint8_t *bus_ram(struct wbsim *sim, uint32_t addr, size_t *room);
/** The same; *open: bytes from there that CPU1 may use (SBRSA, SNBRSA). */
uint8_t *bus_open_ram(struct wbsim *sim, uint32_t addr, size_t *open);
/** Does SRAM2 answer at the addresses of ST's headers? Always but on a WB1x with sram2=wiki. */
bool bus_sram2_header(const struct wbsim *sim);

/*
 * A peripheral: offsets within its block. write gets a value already merged to 32 bits for
 * 8/16-bit accesses (except flash memory itself, which sees size).
 */
struct sim_device {
	const char *name;
	uint32_t base, size;
	uint32_t (*read)(struct wbsim *sim, enum sim_master m, uint32_t offset);
	void (*write)(struct wbsim *sim, enum sim_master m, uint32_t offset, uint32_t val);
	void (*reset)(struct wbsim *sim, unsigned int cause); /* enum sim_reset */
	/** Virtual time of the device's next own event, UINT64_MAX: none. */
	uint64_t (*next)(struct wbsim *sim);
	/** Called when sim->now has reached next(). */
	void (*tick)(struct wbsim *sim);
	uint32_t ahb3_clock; /* bits of RCC_AHB3ENR without which it reads 0 and ignores writes */
};
extern const struct sim_device *const sim_devices[]; /* bus.c, NULL-terminated */

/* ---- time and reset (time.c) ----------------------------------------------------------------- */

enum sim_reset {
	SIM_RESET_POWER,     /* power-on: RAM contents lost, debug port reset */
	SIM_RESET_NRST,	     /* keeps debug port and DEMCR */
	SIM_RESET_SYSRESETREQ, /* by CPU1 or the debugger through AIRCR: keeps port and DEMCR */
	SIM_RESET_CPU2,	     /* the CM0+ firmware resets the chip: quirks dap-lost, demcr-lost apply */
	SIM_RESET_OBL,	     /* option byte launch: the same */
	SIM_RESET_IWDG,
};

enum sim_phase { SIM_PHASE_WIRE, SIM_PHASE_LATENCY, SIM_PHASE_IDLE };

/** Move virtual time on, running CPU1, devices and CPU2 in step. phase: whose account the time is. */
void sim_advance(struct wbsim *sim, uint64_t ns, enum sim_phase phase);
/** NRST driven by the probe: low holds all in reset but the debug port, the PPB and DBGMCU. */
void sim_nrst(struct wbsim *sim, bool low);
/** Power fails now (half-done flash and option work is left so) and, unless UINT64_MAX, returns ns later. */
void sim_power_cut(struct wbsim *sim, uint64_t back_after_ns);
void sim_power_on(struct wbsim *sim);
/** Ask for a reset; done before the next CPU1 instruction or bus access of anybody else. */
void sim_reset_request(struct wbsim *sim, enum sim_reset cause);
/** Do a requested reset now, if there is one. */
void sim_reset_settle(struct wbsim *sim);
void sim_log(struct wbsim *sim, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* ---- CPU1 (cpu1.c, nvic.c, cm_debug.c) ------------------------------------------------------- */

struct cpu1; /* the engine and all core registers */
struct cpu1 *cpu1_new(struct wbsim *sim);
void cpu1_free(struct cpu1 *cpu);
/** A reset reached the core. Debug registers obey keep_debug; vector catch is honoured. */
void cpu1_reset(struct wbsim *sim, bool keep_debug);
/** Power is gone: everything including debug registers. */
void cpu1_power_off(struct wbsim *sim);
/**
 * Run for at most ns of virtual time (HCLK from rcc_hclk_hz()); returns the ns really used: less
 * when the core halted, sleeps, or a device asked for attention (cpu1_break()).
 */
uint64_t cpu1_run(struct wbsim *sim, uint64_t ns);
/** Exact virtual now while CPU1 is inside a slice (bus callbacks use it); sim->now otherwise. */
uint64_t cpu1_now(struct wbsim *sim);
/** End the present slice after this instruction: a device's next() changed. */
void cpu1_break(struct wbsim *sim);
/** CPU1 touched busy flash: it stands still until virtual time ns. */
void cpu1_stall_until(struct wbsim *sim, uint64_t ns);
/** Host-side write to memory CPU1 may have translated (RAM by debugger or CPU2, flash by its controller). */
void cpu1_invalidate(struct wbsim *sim, uint32_t addr, size_t len);
/** Pend an external interrupt line (IPCC RX 44, TX 45, ...). */
void cpu1_irq(struct wbsim *sim, unsigned int irq, bool level);
void cpu1_nmi(struct wbsim *sim);
bool cpu1_halted(const struct wbsim *sim);
/** WFI and WFE with SCR.SLEEPDEEP 0: Sleep; 1: stop or standby, as PWR_CR1.LPMS has it. */
enum cpu1_rest { CPU1_AWAKE, CPU1_SLEEPS, CPU1_SLEEPS_DEEP };
enum cpu1_rest cpu1_rest(const struct wbsim *sim);
bool cpu1_debugged(const struct wbsim *sim); /* DHCSR.C_DEBUGEN */
/** Private peripheral bus 0xE0000000-0xE00FFFFF: SCS, DWT, FPB, ITM, ROM table. cm_debug.c, nvic.c. */
bool ppb_read(struct wbsim *sim, enum sim_master m, uint32_t addr, unsigned int size, uint32_t *val);
bool ppb_write(struct wbsim *sim, enum sim_master m, uint32_t addr, unsigned int size, uint32_t val);

/* ---- debug access (dap.c) -------------------------------------------------------------------- */

enum swd_ack { SWD_OK = 1, SWD_WAIT = 2, SWD_FAULT = 4, SWD_NONE = 7 };
struct dap; /* DP and AP registers */
struct dap *dap_new(struct wbsim *sim);
void dap_free(struct dap *dap);
/** reg is the 2-bit A[3:2] shifted: 0x0, 0x4, 0x8, 0xC. One SWD transfer each; no time passes here. */
enum swd_ack dap_dp_read(struct wbsim *sim, uint8_t reg, uint32_t *val);
enum swd_ack dap_dp_write(struct wbsim *sim, uint8_t reg, uint32_t val);
/** AP access through SELECT; a read is posted as in ADIv5 (the value comes with the next read or RDBUFF). */
enum swd_ack dap_ap_read(struct wbsim *sim, uint8_t reg, uint32_t *posted);
enum swd_ack dap_ap_write(struct wbsim *sim, uint8_t reg, uint32_t val);
void dap_line_reset(struct wbsim *sim);
/** The chip dropped the port until virtual time t (power off: UINT64_MAX). */
void dap_lose(struct wbsim *sim, uint64_t until_ns);
bool dap_alive(struct wbsim *sim);

/* ---- flash and option bytes (flash.c, options.c) --------------------------------------------- */

/** CM0+ firmware is fetched from there: false if a double word cannot be corrected. Sets ECCR. */
bool flash_cpu2_fetch(struct wbsim *sim, uint32_t addr, size_t len);
/** Read or write flash memory itself as a bus master; size as on the bus; false: bus error. */
bool flash_mem_read(struct wbsim *sim, enum sim_master m, uint32_t addr, unsigned int size, uint32_t *val);
bool flash_mem_write(struct wbsim *sim, enum sim_master m, uint32_t addr, unsigned int size, uint32_t val);
/** First secure address; end of flash if nothing is secure. From SFSA, FSD, ESE. */
uint32_t flash_secure_start(const struct wbsim *sim);
/** CM0+ firmware at work on flash: immediate, whatever the fences; keeps ECC and programmed-once state right. */
void flash_cpu2_erase(struct wbsim *sim, uint32_t addr, size_t len);
void flash_cpu2_program(struct wbsim *sim, uint32_t addr, const void *data, size_t len);

/** Option fields in force, by name ("SFSA", "SBRV", "ESE", "nBOOT0", ...). */
uint32_t options_get(const struct wbsim *sim, const char *field);
/** At RDP 1 no flash is left to a CPU1 that a debugger holds, or that booted from elsewhere. */
bool flash_closed(const struct wbsim *sim);
/** Reads by CPU1 of flash that have consequences: PCROP, broken ECC. Are there any such places? */
bool flash_watched(const struct wbsim *sim);
/** CPU1 reads there, size <= 8: flags. True: it must read 0. */
bool flash_watch(struct wbsim *sim, uint32_t addr, unsigned int size);

/** Secure options as the CM0+ firmware writes them: into the option page; in force after the next OBL/power reset. */
void options_cpu2_write(struct wbsim *sim, const char *field, uint32_t value);
/** The option page lost its contents in the middle of a write: Safeboot is selected at the next load. */
void options_corrupt(struct wbsim *sim);
/** The same, but of the user's words: none of the secure fields is hit. */
void options_corrupt_user(struct wbsim *sim);
/** Load the page into the registers, as a power-on or OBL_LAUNCH does. */
void options_load(struct wbsim *sim);

/* ---- the CM0+ (cpu2.c and friends) ----------------------------------------------------------- */

struct cpu2;
struct cpu2 *cpu2_new(struct wbsim *sim, const struct wbsim_config *cfg, char *why, size_t why_size);
void cpu2_free(struct cpu2 *cpu2);
void cpu2_reset(struct wbsim *sim, enum sim_reset cause); /* stops; waits for C2BOOT */
void cpu2_boot(struct wbsim *sim);	    /* C2BOOT was set (pwr.c calls once per reset) */
uint64_t cpu2_next(struct wbsim *sim);	    /* time of its next own event */
void cpu2_tick(struct wbsim *sim);
void cpu2_ipcc(struct wbsim *sim);	    /* CPU1 set a channel flag or cleared one of ours */
bool cpu2_busy(const struct wbsim *sim);    /* FUS time is being spent (phase "fus") */
/** Non-volatile state beyond flash and options (identity of installed images): serialised, malloc'ed. */
void *cpu2_save(const struct wbsim *sim, size_t *len);
bool cpu2_load(struct wbsim *sim, const void *data, size_t len);

/* ---- registers other parts need -------------------------------------------------------------- */

uint32_t rcc_hclk_hz(const struct wbsim *sim);
bool rcc_clock_on(const struct wbsim *sim, const char *what); /* "FLASH", "IPCC", "HSEM", "CRC", "AES1", "C2CRC", "C2IPCC" */
bool pwr_c2boot(const struct wbsim *sim);
bool pwr_standby(const struct wbsim *sim); /* PWR_CR1.LPMS: deep sleep is standby or shutdown, not stop */
/** What has a clock while CPU1 rests: all, the core's own side only, nothing. dbgmcu.c */
enum dbgmcu_clock { DBGMCU_CLOCK_ALL, DBGMCU_CLOCK_CORE, DBGMCU_CLOCK_NONE };
enum dbgmcu_clock dbgmcu_clock(const struct wbsim *sim);
bool pwr_set_c2boot(struct wbsim *sim); /* the ROM bootloader's way */
/** The CM0+ puts a key into AES1 and closes its key registers to CPU1; NULL: clears and opens them. */
void aes1_secure_key(struct wbsim *sim, const uint8_t *key, size_t size);
/* IPCC from CPU2's side: channel 1..6 */
bool ipcc_c1_to_c2(const struct wbsim *sim, unsigned int channel); /* flag set by CPU1? */
void ipcc_c2_clear(struct wbsim *sim, unsigned int channel);	   /* CPU2 took it */
void ipcc_c2_set(struct wbsim *sim, unsigned int channel);	   /* CPU2 sends */
bool ipcc_c2_to_c1(const struct wbsim *sim, unsigned int channel); /* still set? */

/* ---- faults (fault.c): asked at every place where one can strike ------------------------------ */

enum sim_fault_place { SIM_AT_COMMAND, SIM_AT_FLASH_OP, SIM_AT_FUS_STEP };
/**
 * Count one event of a kind; if a fault is due, do it (power, unplug, NRST, ...) .
 * step: the FUS step's name for SIM_AT_FUS_STEP, else NULL. True if one struck.
 */
bool fault_point(struct wbsim *sim, enum sim_fault_place place, const char *step);
/** What the next probe transfer must answer because of a parity or WAIT fault; WBSIM_OK: nothing. */
enum wbsim_result fault_transfer(struct wbsim *sim);
bool fault_bsy_hung(const struct wbsim *sim);
bool fault_mailbox_stuck(const struct wbsim *sim);
struct faults *fault_new(struct wbsim *sim, const struct wbsim_config *cfg, char *why, size_t why_size);
void fault_free(struct faults *fault);
void fault_power_on(struct wbsim *sim); /* sim_power_on calls it: a stuck mailbox, a hung BSY end here */
struct probe *probe_new(struct wbsim *sim, const struct wbsim_config *cfg); /* probe.c */
void probe_free(struct probe *probe);

/* ---- the whole --------------------------------------------------------------------------------- */

#define SIM_FLASH_BYTES 0x100000u /* every WB5x/WB3x die is 1 MiB wide inside; WB1x uses the first 320 KiB */

struct wbsim {
	const struct sim_part *part;
	struct sim_quirks quirks;
	struct wbsim_stats stats;
	uint64_t now; /* ns */
	bool powered, plugged, nrst_low;
	uint64_t power_back; /* power returns by itself at this virtual time; UINT64_MAX: it does not */
	uint32_t standing; /* events since time last moved (time.c) */
	bool power_fell; /* power is gone, the core does not know yet (sim_reset_settle) */
	bool reset_pending;
	enum sim_reset reset_cause;
	uint64_t swd_off_at; /* quirk swd-off: the application takes the pins at this time; 0: it does not run */

	uint8_t flash[SIM_FLASH_BYTES];
	/* non-volatile, one bit a double word: it has one wrong bit (ECC puts it right), or more */
	uint8_t flash_ecc1[SIM_FLASH_BYTES / 64], flash_ecc[SIM_FLASH_BYTES / 64];
	uint8_t otp[1024];
	uint8_t option_page[128]; /* non-volatile, as mapped at 0x1FFF8000: 16 words, each with its complement */
	uint8_t sram1[192 * 1024], sram2a[32 * 1024], sram2b[32 * 1024];

	/* each owned by the file it is named after, opaque to the others */
	struct cpu1 *cpu1;
	struct cpu2 *cpu2;
	struct dap *dap;
	struct flashc *flashc;
	struct optbytes *opt;
	struct rcc *rcc;
	struct pwr *pwr;
	struct ipcc *ipcc;
	struct periph *periph; /* hsem, iwdg, crc, dbgmcu and the small ones */
	struct probe *probe;
	struct faults *fault;

	void (*log)(void *ctx, const char *line);
	void *log_ctx;
};

#endif

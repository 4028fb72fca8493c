/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtual ST-LINK inside libwbsim: what probe.c (wire and clock) offers to stlink.c and
 * stlink_debug.c (commands). Every function here spends virtual time as the real probe would.
 */
#ifndef SIM_PROBE_H
#define SIM_PROBE_H

#include "sim/sim.h"

/* What GET_CURRENT_MODE says (OpenOCD 0.12, stlink_usb.c: STLINK_DEV_*_MODE). */
enum probe_mode { PROBE_MODE_MASS = 1, PROBE_MODE_DEBUG = 2 };

#define PROBE_AP_COUNT 256
#define PROBE_SG_MAX 1227u /* scatter/gather items of a V3 (OpenOCD 0.12: STLINK_V3_RW_MISC_SIZE) */
#define PROBE_SG_MAX_V2 64u

struct probe_sg_result {
	uint32_t value;
	uint32_t status;
};

struct probe {
	enum wbsim_probe_kind kind;
	unsigned int khz;
	uint32_t spoiled; /* transfers that quirk bad-above has seen */
	enum probe_mode mode;
	bool attached;	   /* line reset and power-up went well; nobody left debug mode since */
	bool select_known; /* select mirrors DP SELECT */
	uint32_t select;
	uint16_t csw_ap; /* AP that csw belongs to; PROBE_AP_COUNT: unknown */
	uint32_t csw;
	uint8_t open_ap[PROBE_AP_COUNT / 8];
	uint32_t dpidr;
	uint8_t rw_status;   /* what GETLASTRWSTATUS answers */
	uint32_t fault_addr; /* where the last transfer failed */
	unsigned int sg_count;
	struct probe_sg_result sg[PROBE_SG_MAX];
	uint64_t stats_since; /* virtual time of the last wbsim_stats_clear() */
};

/**
 * Begin one ST-LINK command: count it, let its faults strike, spend its latency.
 * @param[in] payload Bytes that go over USB with it.
 * @return WBSIM_UNPLUGGED if the probe is, or has just been, pulled out; else WBSIM_OK.
 */
enum wbsim_result probe_command(struct wbsim *sim, size_t payload);
/** Line reset, DPIDR, power-up. */
enum wbsim_result probe_attach(struct wbsim *sim);
/** Leave debug mode: access ports closed, transfers refused until the next attach. */
void probe_detach(struct wbsim *sim);

/** reg: A[3:2] in bits 3..2, DPBANKSEL in bits 7..4. */
enum wbsim_result probe_dp_read(struct wbsim *sim, uint8_t reg, uint32_t *val);
enum wbsim_result probe_dp_write(struct wbsim *sim, uint8_t reg, uint32_t val);
enum wbsim_result probe_ap_read(struct wbsim *sim, uint8_t ap, uint8_t reg, uint32_t *val);
enum wbsim_result probe_ap_write(struct wbsim *sim, uint8_t ap, uint8_t reg, uint32_t val);

struct probe_block {
	uint8_t ap;
	uint32_t csw;	    /* protection bits 31..8; 0: the probe's default */
	uint32_t addr;	    /* aligned to width */
	unsigned int width; /* 1, 2, 4 */
	size_t count;
	bool increment;
};
/** Memory blocks through a MEM-AP; sticky errors are cleared before returning. */
enum wbsim_result probe_mem_read(struct wbsim *sim, const struct probe_block *blk, uint8_t *data);
enum wbsim_result probe_mem_write(struct wbsim *sim, const struct probe_block *blk,
	const uint8_t *data);
enum wbsim_result probe_word_read(struct wbsim *sim, uint32_t addr, uint32_t *val);
enum wbsim_result probe_word_write(struct wbsim *sim, uint32_t addr, uint32_t val);

/* The speeds a probe knows, fastest first. */
struct probe_speed {
	unsigned int khz;
	uint16_t divisor; /* V2-1 only */
};
const struct probe_speed *probe_speeds(enum wbsim_probe_kind kind, size_t *count);

/** Largest block of one memory command, in bytes. */
size_t probe_block_max(const struct wbsim *sim, unsigned int width);

uint16_t stlink_get16(const uint8_t *p);
uint32_t stlink_get32(const uint8_t *p);

#endif

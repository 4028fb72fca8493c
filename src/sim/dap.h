/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the debug port (dap.c, mem_ap.c), and what its wires (swd_wire.c, jtag_wire.c) need beyond
 * sim.h's whole transfers. ADIv5.2 (ARM IHI 0031).
 */
#ifndef SIM_DAP_H
#define SIM_DAP_H

#include "sim/sim.h"

/* Which of its two ports is in use: they answer to sticky flags, and clear them, differently. */
enum dap_link { DAP_LINK_SWD, DAP_LINK_JTAG };

struct dap {
	uint32_t ctrl, select, dlcr;
	uint32_t rdbuff, last_read;
	uint32_t csw, tar;
	uint64_t lost_until; /* the port answers nothing before this; NEVER: no power */
	uint32_t lives;      /* how often it has lost everything */
	enum dap_link link;
	bool line_reset;     /* one was seen since the port woke up */
	bool identified;     /* and DPIDR was read since */
};

#define DAP_STICKYERR (1u << 5) /* of CTRL/STAT */

/* mem_ap.c: registers of the access port that SELECT names; reg is A[3:2] << 2. */
#define MEM_AP_CSW 0xA3000040u /* as read on boards: DbgSwEnable, HPROT, MasterType, DeviceEn */
#define MEM_AP_CSW_RESET (MEM_AP_CSW | 2u)
uint32_t ap_read(struct wbsim *sim, uint8_t reg);
void ap_write(struct wbsim *sim, uint8_t reg, uint32_t val);
/** Would this access wait for busy flash? *until: virtual time at which it can be done. */
bool ap_stalls(struct wbsim *sim, bool write, uint8_t reg, uint64_t *until);

/** From now on transfers come over JTAG; dap_line_reset() is the way back. */
void dap_use_jtag(struct wbsim *sim);
/** What the port answers to this request now. An AP access without debug power sets STICKYERR. */
enum swd_ack dap_ack(struct wbsim *sim, bool ap, bool read, uint8_t reg);
/** An AP access that dap_ack() has allowed; once begun it is done, whatever flags came since. */
void dap_access(struct wbsim *sim, bool read, uint8_t reg, uint32_t data);
/** The data phase of an AP read: the value of the one before. */
uint32_t dap_take_posted(struct wbsim *sim);
/** What the last AP read found: RDBUFF, without reading it. */
uint32_t dap_result(const struct wbsim *sim);
uint32_t dap_targetid(const struct wbsim *sim);
/** Counts the times the port has lost all state: power, or a reset that drops it. */
uint32_t dap_lives(const struct wbsim *sim);

bool dap_detects_overrun(const struct wbsim *sim); /* CTRL/STAT.ORUNDETECT */
void dap_overrun(struct wbsim *sim);		   /* sets STICKYORUN */
void dap_bad_parity(struct wbsim *sim);		   /* sets WDATAERR */
/** Cycles of a turnaround, 1 to 4: DLCR.TURNROUND; a line reset makes it 1. */
unsigned int dap_turnround(const struct wbsim *sim);

#endif

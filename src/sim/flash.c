/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The flash controller's registers: locks, starts, busy time, errors. RM0434 chapter 3; SVD.
 *
 * An operation changes memory when it starts; BSY then stays set for the datasheet's time. Power
 * failing in between, or a reset, turns what was being written into what a real cell array would
 * hold.
 */
#include "sim/flash.h"

#include <stdlib.h>
#include <string.h>

enum flash_reg {
	REG_ACR = 0x00,
	REG_KEYR = 0x08,
	REG_OPTKEYR = 0x0C,
	REG_SR = 0x10,
	REG_CR = 0x14,
	REG_ECCR = 0x18,
	REG_C2ACR = 0x5C,
	REG_C2SR = 0x60,
	REG_C2CR = 0x64,
};

#define ACR_RESET 0x00000600u
#define ACR_PES (1u << 15)
#define ACR_EMPTY (1u << 16)
#define ACR_WRITABLE 0x00019F07u /* LATENCY, PRFTEN, ICEN, DCEN, ICRST, DCRST, PES, EMPTY */
#define CR_RESET (CR_LOCK | CR_OPTLOCK)
#define CR_WRITABLE 0x070707FFu /* PG PER MER PNB STRT OPTSTRT FSTPG EOPIE ERRIE RDERRIE */
#define ECCR_FLAGS 0xC0000000u  /* ECCD, ECCC: cleared by writing 1 */
#define ECCR_ECCCIE (1u << 24)
#define PES_SEEN_NS 50000u  /* who looked at PESD before that began could not know */
#define POLL_LOOP_NS 2000u  /* two looks at SR closer than this are a loop that polls */
#define POLL_SKIP_NS 10000u /* the step it is given: an interrupt waits no longer */

static const uint32_t flash_keys[] = { 0x45670123u, 0xCDEF89ABu };
static const uint32_t option_keys[] = { 0x08192A3Bu, 0x4C5D6E7Fu };

struct flashc *flash_new(void)
{
	return calloc(1, sizeof(struct flashc));
}

void flash_set_optverr(struct wbsim *sim)
{
	sim->flashc->optverr_due = true;
}

bool flash_empty(const struct wbsim *sim)
{
	return (sim->flashc->acr & ACR_EMPTY) != 0;
}

bool flash_take_fault(struct wbsim *sim)
{
	bool fault = sim->flashc->bus_fault;

	sim->flashc->bus_fault = false;
	return fault;
}

static bool suspended(const struct flashc *f)
{
	return ((f->acr | f->c2acr) & ACR_PES) != 0;
}

static void flash_irq(struct wbsim *sim)
{
	struct flashc *f = sim->flashc;
	bool level = ((f->sr & SR_EOP) && (f->cr & CR_EOPIE)) ||
		     ((f->sr & SR_OPERR) && (f->cr & CR_ERRIE));

	if (level != f->irq) {
		f->irq = level;
		cpu1_irq(sim, IRQ_FLASH, level);
	}
}

/* The operation's time is over: BSY falls, EOP rises if it was asked for. */
static void flash_finish(struct wbsim *sim)
{
	struct flashc *f = sim->flashc;

	if (f->op == OP_NONE || fault_bsy_hung(sim) || cpu1_now(sim) < f->busy_until)
		return;
	f->op = OP_NONE;
	f->cr &= ~(CR_STRT | CR_OPTSTRT);
	if (f->cr & CR_EOPIE)
		f->sr |= SR_EOP;
	flash_irq(sim);
}

bool flash_busy(struct wbsim *sim)
{
	flash_finish(sim);
	return sim->flashc->op != OP_NONE || fault_bsy_hung(sim);
}

bool flash_wait(struct wbsim *sim, enum sim_master m)
{
	struct flashc *f = sim->flashc;

	if (!flash_busy(sim))
		return true;
	if (f->busy_until == NEVER || fault_bsy_hung(sim))
		return false;
	if (m == SIM_CPU1)
		cpu1_stall_until(sim, f->busy_until);
	else if (m == SIM_DEBUG && f->busy_until > sim->now)
		sim_advance(sim, f->busy_until - sim->now, SIM_PHASE_LATENCY);
	return true;
}

void flash_error(struct wbsim *sim, uint32_t bits)
{
	struct flashc *f = sim->flashc;

	f->sr |= bits;
	if (f->cr & CR_ERRIE)
		f->sr |= SR_OPERR;
	flash_irq(sim);
}

bool flash_begin(struct wbsim *sim, enum flash_op op, uint32_t addr, uint32_t len, uint64_t ns)
{
	struct flashc *f = sim->flashc;
	uint64_t now = cpu1_now(sim);

	/* a stalled CPU1 issues this one when the one before is done */
	if (f->busy_until != NEVER && f->busy_until > now)
		now = f->busy_until;
	if (op != OP_CPU2 && pwr_c2boot(sim) &&
		((suspended(f) && now - f->pes_since > PES_SEEN_NS) || !hsem_flash_is_cpu1s(sim)))
		hsem_breach(sim, "an operation on flash that is not CPU1's now");
	f->op = op;
	f->op_addr = addr;
	f->op_len = len;
	f->suspended_ns = suspended(f) ? ns : 0;
	f->busy_until = suspended(f) ? NEVER : now + ns;
	sim->stats.ns_flash += ns;
	cpu1_break(sim);
	fault_point(sim, SIM_AT_FLASH_OP, NULL);
	return sim->powered;
}

/* PES was set or cleared while an operation is in progress. */
static void pes_changed(struct wbsim *sim)
{
	struct flashc *f = sim->flashc;
	uint64_t now = cpu1_now(sim);

	f->pes_since = !suspended(f) ? NEVER : f->pes_since == NEVER ? now : f->pes_since;
	if (f->op == OP_NONE)
		return;
	if (suspended(f) && f->busy_until != NEVER) {
		f->suspended_ns = f->busy_until > now ? f->busy_until - now : 0;
		f->busy_until = NEVER;
	} else if (!suspended(f) && f->busy_until == NEVER) {
		f->busy_until = now + f->suspended_ns;
	}
}

static unsigned int key_next(const uint32_t keys[2], unsigned int step, uint32_t val)
{
	return step < 2 && val == keys[step] ? step + 1 : KEY_DEAD;
}

static void key_write(struct wbsim *sim, uint32_t val)
{
	struct flashc *f = sim->flashc;

	if (!(f->cr & CR_LOCK))
		return;
	f->key_step = key_next(flash_keys, f->key_step, val);
	if (f->key_step == KEY_DEAD)
		sim_log(sim, "FLASH_KEYR: wrong key 0x%08X, locked until the next reset",
			(unsigned int)val);
	if (f->key_step == 2) {
		f->cr &= ~CR_LOCK;
		f->key_step = 0;
	}
}

static void optkey_write(struct wbsim *sim, uint32_t val)
{
	struct flashc *f = sim->flashc;

	if (!(f->cr & CR_OPTLOCK))
		return;
	f->optkey_step = (f->cr & CR_LOCK) ? KEY_DEAD : key_next(option_keys, f->optkey_step, val);
	if (f->optkey_step == KEY_DEAD)
		sim_log(sim, "FLASH_OPTKEYR: wrong key 0x%08X, locked until the next reset",
			(unsigned int)val);
	if (f->optkey_step == 2) {
		f->cr &= ~CR_OPTLOCK;
		f->optkey_step = 0;
	}
}

static void start_erase(struct wbsim *sim)
{
	struct flashc *f = sim->flashc;

	if (f->cr & CR_MER) {
		/* A mass erase from CPU1 ends in a hard fault [user]: the bus refuses it. */
		flash_error(sim, SR_WRPERR);
		f->bus_fault = true;
	} else if ((f->cr & (CR_PER | CR_PG)) == CR_PER && !f->latched &&
		   !(f->sr & SR_PROG_ERRORS)) {
		flash_erase_page(sim, bits_get(f->cr, CR_PNB_SHIFT, CR_PNB_WIDTH));
	} else {
		flash_error(sim, SR_PGSERR);
	}
	if (f->op == OP_NONE)
		f->cr &= ~CR_STRT;
}

static void start_options(struct wbsim *sim)
{
	/* The page is erased and rewritten as a whole. */
	const uint64_t ns = FLASH_ERASE_NS + OPTION_REGS * FLASH_DWORD_NS;
	struct flashc *f = sim->flashc;

	if (!options_commit(sim)) {
		flash_error(sim, SR_WRPERR);
		f->cr &= ~CR_OPTSTRT;
		return;
	}
	sim->stats.option_writes++;
	flash_begin(sim, OP_OPTIONS, 0, 0, ns);
}

static void cr_write(struct wbsim *sim, enum sim_master m, uint32_t val)
{
	struct flashc *f = sim->flashc;

	/* the bus holds a write to CR until the controller is free */
	if (!flash_wait(sim, m))
		return;
	if (f->op != OP_NONE && m == SIM_CPU1) {
		f->op = OP_NONE; /* CPU1 stands still for the rest of it */
		f->cr &= ~(CR_STRT | CR_OPTSTRT);
	}
	if (f->cr & CR_LOCK)
		return;
	if (f->cr & CR_OPTLOCK)
		val &= ~(CR_OPTSTRT | CR_OBL_LAUNCH);
	f->cr = (val & CR_WRITABLE) | (f->cr & CR_OPTLOCK) | (val & (CR_LOCK | CR_OPTLOCK));
	if (f->cr & CR_LOCK)
		f->cr |= CR_OPTLOCK;
	if (f->cr & CR_STRT)
		start_erase(sim);
	else if (f->cr & CR_OPTSTRT)
		start_options(sim);
	if (val & CR_OBL_LAUNCH)
		sim_reset_request(sim, SIM_RESET_OBL);
	flash_irq(sim);
}

/*
 * CPU1 in a tight loop on BSY sees nothing new until the operation ends: it is given the time in
 * steps instead of turns of the loop, short enough for its interrupts and never past the end.
 */
static void skip_poll(struct wbsim *sim)
{
	struct flashc *f = sim->flashc;
	uint64_t now = cpu1_now(sim), end = now + POLL_SKIP_NS;

	if (now - f->polled < POLL_LOOP_NS && f->busy_until != NEVER)
		cpu1_stall_until(sim, end < f->busy_until ? end : f->busy_until);
	f->polled = now;
}

static uint32_t sr_read(struct wbsim *sim, enum sim_master m)
{
	struct flashc *f = sim->flashc;
	uint32_t sr;

	flash_finish(sim);
	sr = f->sr;
	if (f->op != OP_NONE || fault_bsy_hung(sim)) {
		sr |= SR_BSY | SR_CFGBSY;
		if (m == SIM_CPU1)
			skip_poll(sim);
	}
	if (f->latched)
		sr |= SR_CFGBSY;
	if (suspended(f))
		sr |= SR_PESD;
	return sr;
}

static uint32_t flash_read(struct wbsim *sim, enum sim_master m, uint32_t offset)
{
	struct flashc *f = sim->flashc;
	uint32_t val = 0;

	switch (offset) {
	case REG_ACR:
		return f->acr;
	case REG_SR:
		return sr_read(sim, m);
	case REG_CR:
		flash_finish(sim);
		return f->cr;
	case REG_ECCR:
		return f->eccr;
	case REG_C2ACR:
		return f->c2acr;
	case REG_C2SR:
		return f->c2sr | (sr_read(sim, m) & (SR_BSY | SR_CFGBSY | SR_PESD));
	case REG_C2CR:
		return f->c2cr;
	default:
		options_reg_read(sim, offset, &val);
		return val;
	}
}

static void flash_write(struct wbsim *sim, enum sim_master m, uint32_t offset, uint32_t val)
{
	struct flashc *f = sim->flashc;

	switch (offset) {
	case REG_ACR:
		f->acr = val & ACR_WRITABLE;
		pes_changed(sim);
		break;
	case REG_KEYR:
		key_write(sim, val);
		break;
	case REG_OPTKEYR:
		optkey_write(sim, val);
		break;
	case REG_SR:
		f->sr &= ~(val & SR_W1C);
		flash_irq(sim);
		break;
	case REG_CR:
		cr_write(sim, m, val);
		break;
	case REG_ECCR:
		f->eccr = (f->eccr & ~ECCR_ECCCIE & ~(val & ECCR_FLAGS)) | (val & ECCR_ECCCIE);
		break;
	case REG_C2ACR:
		f->c2acr = val & ACR_WRITABLE & ~ACR_EMPTY;
		pes_changed(sim);
		break;
	default:
		if (!(f->cr & (CR_LOCK | CR_OPTLOCK)))
			options_reg_write(sim, offset, val);
		break;
	}
}

static void flash_reset(struct wbsim *sim, unsigned int cause)
{
	struct flashc *f = sim->flashc;
	bool loaded = cause == SIM_RESET_POWER || cause == SIM_RESET_OBL;
	bool optverr = sim->quirks.optverr || (f->optverr_due && loaded);
	uint32_t empty = f->acr & ACR_EMPTY;
	uint32_t first;

	memcpy(&first, sim->flash, sizeof(first));
	if (loaded)
		empty = first == UINT32_MAX ? ACR_EMPTY : 0;
	memset(f, 0, sizeof(*f));
	f->acr = ACR_RESET | empty;
	f->c2acr = ACR_RESET;
	f->pes_since = NEVER;
	f->cr = CR_RESET;
	f->sr = optverr ? SR_OPTVERR : 0;
	cpu1_irq(sim, IRQ_FLASH, false);
}

/* Only an interrupt makes the end of an operation an event: who polls, sees it by reading SR. */
static uint64_t flash_next(struct wbsim *sim)
{
	struct flashc *f = sim->flashc;

	if (f->op == OP_NONE || !(f->cr & CR_EOPIE) || fault_bsy_hung(sim))
		return NEVER;
	return f->busy_until;
}

const struct sim_device dev_flash = {
	.name = "FLASH",
	.base = 0x58004000u,
	.size = 0x400u,
	.read = flash_read,
	.write = flash_write,
	.reset = flash_reset,
	.next = flash_next,
	.tick = flash_finish,
	.ahb3_clock = 1u << 25,
};

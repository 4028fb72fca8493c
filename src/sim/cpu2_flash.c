/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CM0+'s firmware at the flash that it shares with CPU1: radio events that nothing may disturb,
 * and writes of its own. chip.md, "CPU2 has flash rights too". The times are ours, of the right size.
 *
 *   semaphore 2   whoever uses the controller has it
 *   semaphore 6   taken for an operation of the CM0+'s: CPU1 begins none
 *   semaphore 7   taken for an operation of CPU1's: the CM0+ takes it for a radio event instead of PES
 */
#include "sim/flash.h"
#include "sim/cpu2.h"

#define RADIO_EVERY_NS (12 * NS_PER_MS)
#define RADIO_NS (3 * NS_PER_MS)
#define WRITE_EVERY_NS (60 * NS_PER_MS)
#define AGAIN_NS (500 * NS_PER_US) /* until the next try, where something is taken */

#define C2ACR 0x5800405Cu
#define C2ACR_PES (1u << 15)
#define HSEM_R(n) (0x58001400u + 4u * (n))
#define HSEM_RLR(n) (HSEM_R(n) + 0x80u)
#define TAKEN 0x80000800u
#define RELEASE 0x00000800u

static void set_pes(struct wbsim *sim, bool on)
{
	uint32_t acr;

	if (bus_read(sim, SIM_CPU2, C2ACR, 4, &acr))
		bus_write(sim, SIM_CPU2, C2ACR, 4, on ? acr | C2ACR_PES : acr & ~C2ACR_PES);
}

static bool take(struct wbsim *sim, unsigned int n)
{
	uint32_t val = 0;

	return bus_read(sim, SIM_CPU2, HSEM_RLR(n), 4, &val) && val == TAKEN;
}

static void give(struct wbsim *sim, unsigned int n)
{
	bus_write(sim, SIM_CPU2, HSEM_R(n), 4, RELEASE);
}

void cpu2_flash_begin(struct wbsim *sim)
{
	static const unsigned int kept[] = { [SIM_KEEPS_2] = 2, [SIM_KEEPS_6] = 6, [SIM_KEEPS_7] = 7 };
	struct cpu2_flash *f = &sim->cpu2->flash;

	if (sim->quirks.cm0_keeps == SIM_KEEPS_PES)
		set_pes(sim, true);
	else if (sim->quirks.cm0_keeps)
		take(sim, kept[sim->quirks.cm0_keeps]);
	if (sim->quirks.cm0_radio)
		f->radio_at = sim->now + RADIO_EVERY_NS;
	if (sim->quirks.cm0_writes)
		f->write_at = sim->now + WRITE_EVERY_NS;
}

void cpu2_flash_stop(struct cpu2 *c)
{
	c->flash = (struct cpu2_flash){ .radio_at = NEVER, .write_at = NEVER };
}

uint64_t cpu2_flash_next(const struct cpu2 *c)
{
	return c->flash.radio_at < c->flash.write_at ? c->flash.radio_at : c->flash.write_at;
}

static void radio(struct wbsim *sim)
{
	struct cpu2_flash *f = &sim->cpu2->flash;
	bool pes = sim->quirks.cm0_radio == SIM_RADIO_PES;

	if (f->radio && pes)
		set_pes(sim, false);
	else if (f->radio)
		give(sim, 7);
	else if (pes)
		set_pes(sim, true);
	else if (!take(sim, 7)) { /* CPU1's one operation ends soon */
		f->radio_at = sim->now + AGAIN_NS;
		return;
	}
	f->radio = !f->radio;
	f->radio_at = sim->now + (f->radio ? RADIO_NS : RADIO_EVERY_NS);
}

/* An erase, as CPU1's: under 2, and 6 around the one operation. */
static void write(struct wbsim *sim)
{
	struct cpu2_flash *f = &sim->cpu2->flash;

	if (f->writing) {
		f->writing = false;
		give(sim, 6);
		give(sim, 2);
		f->write_at = sim->now + WRITE_EVERY_NS;
		return;
	}
	f->write_at = sim->now + AGAIN_NS;
	if (f->radio || flash_busy(sim) || !take(sim, 2) || !take(sim, 6))
		return; /* what it has got it keeps, and tries again */
	f->writing = true;
	f->write_at = sim->now + FLASH_ERASE_NS;
	flash_begin(sim, OP_CPU2, 0, 0, FLASH_ERASE_NS);
}

void cpu2_flash_tick(struct wbsim *sim)
{
	if (sim->now >= sim->cpu2->flash.radio_at)
		radio(sim);
	else if (sim->now >= sim->cpu2->flash.write_at)
		write(sim);
}

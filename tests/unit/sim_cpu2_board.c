/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fakes of the chip around the CM0+, and the host: see sim_cpu2_board.h. */
#include "sim_cpu2_board.h"
#include "sim/flash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct board board; /* one at a time */
static struct {
	const char *name;
	uint32_t factory, page, force;
} fields[] = {
	{ "SFSA", 0xF4, 0, 0 },
	{ "SBRV", 0x3D000, 0, 0 },
	{ "SBRSA", 31, 0, 0 },
	{ "BRSD", 1, 0, 0 },
	{ "SNBRSA", 16, 0, 0 },
	{ "NBRSD", 0, 0, 0 },
	{ "FSD", 0, 0, 0 },
	{ "DDS", 1, 0, 0 },
	{ "C2OPT", 1, 0, 0 },
	{ "ESE", 1, 0, 0 },
	{ "RDP", 0xAA, 0, 0 },
	{ "nBOOT0", 1, 0, 0 },
	{ "nBOOT1", 1, 0, 0 },
	{ "nSWBOOT0", 1, 0, 0 },
	{ "IPCCDBA", 0, 0, 0 },
};
static bool options_bad;
static const struct sim_part part_1m = {
	"wb55rg",
	SIM_WB5X,
	1024,
	4096,
	0x495,
	0x2001,
	192,
	32,
	32,
	0x080F4000,
	0,
	32,
	16,
};

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

/* ---- the chip ---- */

static void load_options(void)
{
	for (size_t i = 0; i < FIELDS; i++)
		fields[i].force = options_bad ? fields[i].factory : fields[i].page;
	if (options_bad) {
		fields[0].force = 0;
		fields[1].force = 0x3FC00;
	}
}

uint32_t options_get(const struct wbsim *sim, const char *field)
{
	(void)sim;
	for (size_t i = 0; i < FIELDS; i++) {
		if (!strcmp(fields[i].name, field))
			return fields[i].force;
	}
	fail_msg("no option %s", field);
	return 0;
}

void options_cpu2_write(struct wbsim *sim, const char *field, uint32_t value)
{
	(void)sim;
	for (size_t i = 0; i < FIELDS; i++) {
		if (!strcmp(fields[i].name, field))
			fields[i].page = value;
		else if (options_bad)
			fields[i].page = fields[i].force;
	}
	options_bad = false;
}

void options_corrupt(struct wbsim *sim)
{
	(void)sim;
	options_bad = true;
}

void flash_cpu2_erase(struct wbsim *sim, uint32_t addr, size_t len)
{
	assert_true(addr >= FLASH_BASE && addr - FLASH_BASE + len <= SIM_FLASH_BYTES);
	memset(sim->flash + (addr - FLASH_BASE), 0xff, len);
}

void flash_cpu2_program(struct wbsim *sim, uint32_t addr, const void *data, size_t len)
{
	const uint8_t *p = data;
	uint8_t *to = sim->flash + (addr - FLASH_BASE);

	assert_true(addr % 8 == 0 && len % 8 == 0 && addr - FLASH_BASE + len <= SIM_FLASH_BYTES);
	for (size_t i = 0; i < len; i++) {
		assert_int_equal(to[i], 0xff); /* programmed once per erase */
		to[i] = p[i];
	}
}

bool flash_cpu2_fetch(struct wbsim *sim, uint32_t addr, size_t len)
{
	(void)sim;
	return !board.broken || board.broken < addr || board.broken >= addr + len;
}

uint8_t *bus_ram(struct wbsim *sim, uint32_t addr, size_t *room)
{
	if (addr < SRAM2A_BASE || addr >= SRAM2A_BASE + sizeof(sim->sram2a))
		return NULL;
	*room = sizeof(sim->sram2a) - (addr - SRAM2A_BASE);
	return sim->sram2a + (addr - SRAM2A_BASE);
}

uint8_t *bus_open_ram(struct wbsim *sim, uint32_t addr, size_t *open)
{
	uint32_t fence = options_get(sim, "BRSD") ? sizeof(sim->sram2a)
						  : options_get(sim, "SBRSA") * 1024u;
	size_t room = 0;
	uint8_t *ram = bus_ram(sim, addr, &room);

	*open = ram && addr - SRAM2A_BASE < fence ? fence - (addr - SRAM2A_BASE) : 0;
	return ram;
}

bool bus_sram2_header(const struct wbsim *sim)
{
	(void)sim;
	return true;
}

bool bus_read(struct wbsim *sim, enum sim_master m, uint32_t addr, unsigned int size, uint32_t *val)
{
	(void)sim;
	(void)m;
	(void)size;
	*val = addr;
	return true;
}

/* there is no flash controller here to be shared */
bool bus_write(struct wbsim *sim, enum sim_master m, uint32_t addr, unsigned int size, uint32_t val)
{
	(void)sim;
	(void)m;
	(void)addr;
	(void)size;
	(void)val;
	return false;
}

bool flash_busy(struct wbsim *sim)
{
	(void)sim;
	return false;
}

bool flash_begin(struct wbsim *sim, enum flash_op op, uint32_t addr, uint32_t len, uint64_t ns)
{
	(void)sim;
	(void)op;
	(void)addr;
	(void)len;
	(void)ns;
	return true;
}

void cpu1_invalidate(struct wbsim *sim, uint32_t addr, size_t len)
{
	(void)sim;
	(void)addr;
	(void)len;
}

uint64_t cpu1_now(struct wbsim *sim)
{
	return sim->now;
}

void sim_log(struct wbsim *sim, const char *fmt, ...)
{
	(void)sim;
	(void)fmt;
}

bool ipcc_c1_to_c2(const struct wbsim *sim, unsigned int channel)
{
	(void)sim;
	return board.c1_to_c2 >> channel & 1;
}

void ipcc_c2_clear(struct wbsim *sim, unsigned int channel)
{
	(void)sim;
	board.c1_to_c2 &= ~(1u << channel);
}

void ipcc_c2_set(struct wbsim *sim, unsigned int channel)
{
	(void)sim;
	board.c2_to_c1 |= 1u << channel;
}

void aes1_secure_key(struct wbsim *sim, const uint8_t *key, size_t size)
{
	(void)sim;
	memset(board.aes1, 0, sizeof(board.aes1));
	if (key)
		memcpy(board.aes1, key, size);
}

bool rcc_clock_on(const struct wbsim *sim, const char *what)
{
	(void)sim;
	return !strcmp(what, "C2CRC") && board.c2crc;
}

bool pwr_set_c2boot(struct wbsim *sim)
{
	cpu2_boot(sim);
	return true;
}

bool fault_mailbox_stuck(const struct wbsim *sim)
{
	(void)sim;
	return false;
}

void sim_reset_request(struct wbsim *sim, enum sim_reset cause)
{
	sim->reset_pending = true;
	sim->reset_cause = cause;
}

bool fault_point(struct wbsim *sim, enum sim_fault_place place, const char *step)
{
	(void)sim;
	assert_int_equal(place, SIM_AT_FUS_STEP);
	if (++board.steps != board.cut_step)
		return false;
	snprintf(board.cut_name, sizeof(board.cut_name), "%s", step);
	board_power_off(&board);
	return true;
}

/* ---- the board ---- */

struct board *board_new(const struct wbsim_config *cfg)
{
	char why[200] = "";

	board = (struct board){ .sim = calloc(1, sizeof(*board.sim)), .c2crc = true };
	assert_non_null(board.sim);
	board.sim->part = &part_1m;
	board.sim->quirks.answer_length = ANSWER_AS_IS;
	memset(board.sim->flash, 0xff, sizeof(board.sim->flash));
	for (size_t i = 0; i < FIELDS; i++)
		fields[i].page = fields[i].factory;
	options_bad = false;
	load_options();
	board.sim->cpu2 = cpu2_new(board.sim, cfg, why, sizeof(why));
	if (!board.sim->cpu2)
		fail_msg("%s", why);
	board_power_on(&board);
	return &board;
}

void board_free(struct board *b)
{
	cpu2_free(b->sim->cpu2);
	free(b->sim);
	b->sim = NULL;
}

static void reset(struct board *b, enum sim_reset cause)
{
	b->sim->reset_pending = false;
	b->resets++;
	board.c1_to_c2 = board.c2_to_c1 = 0;
	if (cause == SIM_RESET_POWER || cause == SIM_RESET_OBL)
		load_options();
	if (cause == SIM_RESET_POWER)
		memset(b->sim->sram2a, 0xa5, sizeof(b->sim->sram2a));
	cpu2_reset(b->sim, cause);
}

void board_power_off(struct board *b)
{
	b->cut = true;
	b->sim->powered = false;
	b->sim->reset_pending = false;
	cpu2_reset(b->sim, SIM_RESET_POWER);
}

void board_power_on(struct board *b)
{
	b->sim->powered = true;
	reset(b, SIM_RESET_POWER);
}

bool board_run(struct board *b, uint64_t ns)
{
	struct wbsim *sim = b->sim;
	uint64_t to = sim->now + ns;

	while (sim->powered) {
		uint64_t next = cpu2_next(sim);

		if (b->cut_time && !b->cut && b->cut_time <= to && b->cut_time <= next) {
			sim->now = b->cut_time;
			snprintf(b->cut_name, sizeof(b->cut_name), "%s", fus_step_name(sim));
			board_power_off(b);
			break;
		}
		if (next > to) {
			sim->now = to;
			return false;
		}
		if (next > sim->now)
			sim->now = next;
		cpu2_tick(sim);
		if (sim->reset_pending) {
			reset(b, sim->reset_cause);
			return true;
		}
	}
	return true;
}

void board_set_option(struct board *b, const char *field, uint32_t value)
{
	options_cpu2_write(b->sim, field, value);
	load_options();
}

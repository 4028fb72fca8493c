/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's side of the RAM stub. After every reset the stub is written anew: SRAM1 keeps its
 * contents over a reset, but nobody knows what ran in between.
 */
#include <string.h>
#include "core/stub_host.h"
#include "core/bytes.h"
#include "core/cortex_m.h"
#include "core/flash.h"
#include "core/regs.h"

static const uint8_t stub_code[] = {
#include "stub/stub.inc"
};
_Static_assert(sizeof(stub_code) <= STUB_CODE_MAX && sizeof(stub_code) % 4 == 0,
	"the stub's code is words, and 2 KiB at most");

/* Written and read back before the stub runs: code's first part, block, and that nothing is noted. */
#define FRONT_WORDS ((STUB_BEFORE + 4u - STUB_BASE) / 4u)
#define BLOCK_AT ((STUB_BLOCK - STUB_BASE) / 4u)
#define HOST_WORDS (offsetof(struct stub_block, ident) / 4)
#define STUB_WORDS (sizeof(struct stub_block) / 4 - HOST_WORDS)
#define LATER_WORDS_MAX (sizeof(stub_code) / 4)
#define STUB_START_MS 200u
#define QUIT_MS 20u
#define QUIT_LOOKS 6u /* some 4 us each at 24 MHz; the stub takes 5 */
#define POLL_FIRST_MS 1u
#define POLL_LAST_MS 20u

static size_t first_bytes(void)
{
	return wb_get32(stub_code + STUB_FIRST_END_OFFSET) - STUB_BASE;
}

static size_t later_bytes(void)
{
	return sizeof(stub_code) - first_bytes();
}

/* The host's half of the block. */
static void half_of(struct wb_session *s, enum stub_command command, const uint32_t a[4],
	uint32_t half[HOST_WORDS])
{
	const struct stub_block block = {
		.command = command | (s->stub_last ? STUB_LAST : 0u),
		.a = { a[0], a[1], a[2], a[3], s->slot << 16 | (s->piece & 0xffu) },
		.later = flash_crc_host(stub_code + first_bytes(), later_bytes(), 0),
		.leave = s->leave_cr,
		.request = ++s->stub_request,
	};

	memcpy(half, &block, HOST_WORDS * 4);
}

static void front_of(const uint32_t half[HOST_WORDS], uint32_t front[FRONT_WORDS])
{
	memset(front, 0, FRONT_WORDS * 4);
	for (size_t i = 0; i < first_bytes() / 4; i++)
		front[i] = wb_get32(stub_code + 4 * i);
	memcpy(front + BLOCK_AT, half, HOST_WORDS * 4);
}

static enum wb_status write_later(struct wb_session *s, struct wb_error *err)
{
	uint32_t words[LATER_WORDS_MAX];
	size_t count = later_bytes() / 4;

	for (size_t i = 0; i < count; i++)
		words[i] = wb_get32(stub_code + first_bytes() + 4 * i);
	return chip_write(s, STUB_LATER, count, words, err);
}

static enum wb_status write_code(struct wb_session *s, const uint32_t front[FRONT_WORDS],
	struct wb_error *err)
{
	enum wb_status status = chip_write(s, STUB_BASE, FRONT_WORDS, front, err);

	if (status == WB_OK && !s->reads_only)
		status = write_later(s, err);
	s->stub_written = status == WB_OK;
	return status;
}

void stub_load_early(struct wb_session *s)
{
	static const uint32_t none[HOST_WORDS];
	uint32_t front[FRONT_WORDS];
	struct wb_error quiet;

	front_of(none, front);
	if (!s->stub_written && !s->stub_running)
		write_code(s, front, &quiet);
}

static enum wb_status save_later(struct wb_session *s, struct wb_error *err)
{
	return sram_save(s, STUB_LATER, STUB_LATER + (uint32_t)later_bytes(), err);
}

static enum wb_status say_spoiled(struct wb_session *s, struct wb_error *err)
{
	s->stub_written = false;
	return wb_fail(err, WB_ERR_STUB,
		"SRAM1 at 0x%08X does not hold what was written to it: is the clock of the probe too "
		"high, or the cable too long?",
		STUB_BASE);
}

/* With this in the block. */
static enum wb_status load(struct wb_session *s, const uint32_t half[HOST_WORDS],
	struct wb_error *err)
{
	uint32_t front[FRONT_WORDS], back[FRONT_WORDS];
	bool early = s->stub_written;
	enum wb_status status = sram_save(s, STUB_BASE, STUB_FINDINGS + 4u, err);

	if (status == WB_OK && !s->reads_only)
		status = save_later(s, err);
	front_of(half, front);
	for (; status == WB_OK; early = false) {
		status = early ? chip_write(s, STUB_BLOCK, FRONT_WORDS - BLOCK_AT, front + BLOCK_AT,
					 err)
			       : write_code(s, front, err);
		if (status == WB_OK)
			status = chip_read(s, STUB_BASE, FRONT_WORDS, back, err);
		if (status == WB_OK && !memcmp(front, back, sizeof(front)))
			return WB_OK;
		if (status == WB_OK && !early)
			status = say_spoiled(s, err);
	}
	return status;
}

enum wb_status stub_load(struct wb_session *s, struct wb_error *err)
{
	static const uint32_t none[HOST_WORDS];

	return load(s, none, err);
}

enum wb_status stub_whole(struct wb_session *s, struct wb_error *err)
{
	enum wb_status status = WB_OK;

	if (s->reads_only)
		status = save_later(s, err);
	if (s->reads_only && status == WB_OK)
		status = write_later(s, err);
	s->reads_only = s->reads_only && status != WB_OK;
	return status;
}

/* again: a try before may have set CPU1 going already. */
static enum wb_status run_once(struct wb_session *s, bool again)
{
	/* CONTROL 0: unprivileged code of an application could not do it for itself */
	static const uint8_t regs[] = { CM_PC, CM_XPSR, CM_CFBP };
	const uint32_t values[] = { wb_get32(stub_code + STUB_ENTRY_OFFSET) & ~1u, CM_XPSR_THUMB, 0 };
	struct wb_link *link = s->link;
	enum wb_status status = again ? link->halt(link) : WB_OK;

	if (status == WB_OK)
		status = cortex_m_regs_write(link, regs, s->free_run ? 3 : 2, values);
	return status != WB_OK ? status : link->run(link, UINT32_MAX, true);
}

static enum wb_status run(struct wb_session *s, struct wb_error *err)
{
	enum wb_status status;
	unsigned int failed = 0;

	s->used_cpu1 = true;
	do
		status = run_once(s, failed);
	while (hold_again(s, "running the stub on CPU1", CM_DHCSR, &failed, &status, err));
	return status;
}

enum wb_status stub_start(struct wb_session *s, struct wb_error *err)
{
	enum wb_status status = WB_OK;

	if (s->stub_running || s->stub_pending)
		return WB_OK;
	/* may reset the chip: before anything is in its SRAM1 */
	if (!s->visits)
		status = flash_unlock(s, false, err);
	s->stub_pending = status == WB_OK;
	s->marks_known = false;
	return status;
}

enum wb_status stub_begin(struct wb_session *s, enum stub_command command, const uint32_t a[4],
	struct wb_error *err)
{
	uint32_t half[HOST_WORDS];
	enum wb_status status;

	half_of(s, command, a, half);
	if (!s->stub_pending)
		return chip_write(s, STUB_BLOCK, HOST_WORDS, half, err);
	status = load(s, half, err);
	if (status == WB_OK)
		status = run(s, err);
	s->stub_running = status == WB_OK;
	s->stub_pending = !s->stub_running;
	return status;
}

enum wb_status stub_poll(struct wb_session *s, struct stub_block *block, bool *done,
	struct wb_error *err)
{
	uint32_t words[STUB_WORDS];
	enum wb_status status = chip_read(s, STUB_BLOCK + HOST_WORDS * 4, STUB_WORDS, words, err);

	if (status != WB_OK)
		return status;
	memset(block, 0, sizeof(*block));
	memcpy(&block->ident, words, sizeof(words));
	*done = block->done == s->stub_request;
	s->stub_quit = *done && s->stub_last;
	return WB_OK;
}

/* In one go with some looks, which take longer than the stub. *quit: the last look saw it done. */
static enum wb_status quit_together(struct wb_session *s, bool *quit, struct wb_error *err)
{
	struct wb_word words[HOST_WORDS + QUIT_LOOKS];
	uint32_t half[HOST_WORDS];
	enum wb_status status;
	unsigned int failed = 0;

	half_of(s, STUB_QUIT, (const uint32_t[4]){ 0 }, half);
	for (uint32_t i = 0; i < HOST_WORDS; i++)
		words[i] = (struct wb_word){ STUB_BLOCK + 4u * i, half[i], true };
	for (unsigned int i = HOST_WORDS; i < HOST_WORDS + QUIT_LOOKS; i++)
		words[i] = (struct wb_word){ STUB_BLOCK + (uint32_t)offsetof(struct stub_block, done),
			0, false };
	do
		status = s->link->words(s->link, words, HOST_WORDS + QUIT_LOOKS);
	while (hold_again(s, "writing", STUB_BLOCK, &failed, &status, err));
	*quit = status == WB_OK && words[HOST_WORDS + QUIT_LOOKS - 1].value == s->stub_request;
	return status;
}

/* Registers as the stub found them, FLASH_CR as it is to be left. *quit: it says so; false if it is in a command. */
static enum wb_status quit(struct wb_session *s, bool *quit, struct wb_error *err)
{
	uint64_t began = session_ms(s), passed = 0;
	struct stub_block block;
	enum wb_status status = WB_OK;

	*quit = s->stub_quit;
	if (!*quit && s->link->words)
		status = quit_together(s, quit, err);
	else if (!*quit)
		status = stub_begin(s, STUB_QUIT, (const uint32_t[4]){ 0 }, err);
	while (status == WB_OK && !*quit && passed < QUIT_MS) {
		status = stub_poll(s, &block, quit, err);
		passed = session_ms(s) - began;
		if (status == WB_OK && !*quit)
			s->link->sleep_ms(s->link, POLL_FIRST_MS);
	}
	return status;
}

enum wb_status stub_end(struct wb_session *s, struct wb_error *err)
{
	enum wb_status status;
	bool done;

	s->stub_pending = false;
	if (!s->stub_running)
		return WB_OK;
	s->stub_running = false;
	status = quit(s, &done, err);
	return status == WB_OK && !done ? hold_reset(s, false, err) : status;
}

enum wb_status stub_stop(struct wb_session *s, struct wb_error *err)
{
	bool ran = s->stub_running;
	enum wb_status status = stub_end(s, err);

	/* not used: it had to be reset, and stands */
	return status == WB_OK && ran && s->used_cpu1 ? hold_halt(s, err) : status;
}

/* What the stub has seen while it waited for the CM0+ in vain. */
static enum wb_status say_held(struct wb_session *s, unsigned int at, struct wb_error *err)
{
	uint32_t seen[3];
	enum wb_status status = chip_read(s, STUB_FINDINGS, 3, seen, err);

	return status != WB_OK ? status :
		wb_fail(err, WB_ERR_FLASH,
			"at 0x%08X the CM0+ keeps the flash for itself (FLASH_SR 0x%08X: PESD %u; "
			"semaphore 6 0x%08X, 7 0x%08X). `reset halt` stops it, then run the same command "
			"again",
			at, (unsigned int)seen[0], wb_bits(seen[0], 19, 19),
			(unsigned int)seen[1], (unsigned int)seen[2]);
}

enum wb_status stub_verdict(struct wb_session *s, const struct stub_block *block,
	struct wb_error *err)
{
	unsigned int at = (unsigned int)block->result[1];

	switch (block->status) {
	case 0:
		return WB_OK;
	case STUB_TIMEOUT:
		return wb_fail(err, WB_ERR_FLASH,
			"the flash stays busy (BSY or CFGBSY) while the stub works. Power the chip off "
			"and on, then run the same command again");
	case STUB_DIFFERS:
		return wb_fail(err, WB_ERR_FLASH,
			"0x%08X does not read back as it was programmed. Run the same command again; "
			"if it stays so, this page is worn out",
			at);
	case STUB_STARVED:
		return wb_fail(err, WB_ERR_STUB,
			"the host stopped feeding data for 0x%08X. Run the same command again", at);
	case STUB_HELD:
		return say_held(s, at, err);
	case STUB_LOCKED:
		return wb_fail(err, WB_ERR_FLASH,
			"the flash does not unlock: somebody has given it a wrong key. `reset halt`, then "
			"run the same command again");
	case STUB_SPOILED:
		return say_spoiled(s, err);
	case STUB_BAD_COMMAND:
		return wb_fail(err, WB_ERR_STUB, "the stub knows no such command");
	default:
		return wb_fail(err, WB_ERR_FLASH,
			"the flash refused at 0x%08X: FLASH_SR 0x%04X. Is the page protected (WRP, "
			"PCROP, SFSA)? `stm32wb info` shows it",
			at, (unsigned int)block->status);
	}
}

enum wb_status stub_wait(struct wb_session *s, unsigned int timeout_ms, struct stub_block *block,
	struct wb_error *err)
{
	uint64_t began = session_ms(s), passed;
	enum wb_status status = WB_OK;
	bool done = false;

	while (status == WB_OK) {
		status = stub_poll(s, block, &done, err);
		passed = session_ms(s) - began;
		if (status == WB_OK && !done && passed > POLL_LAST_MS)
			status = hold_check(s, err); /* CPU1 may have been reset out of the stub */
		if (status != WB_OK || done)
			break;
		if (block->ident != STUB_IDENT && passed >= STUB_START_MS)
			return wb_fail(err, WB_ERR_STUB,
				"the stub does not start (ident 0x%08X). Reset the chip and try again",
				(unsigned int)block->ident);
		if (passed >= timeout_ms)
			return wb_fail(err, WB_ERR_STUB,
				"the stub has not finished its work within %u ms", timeout_ms);
		session_wait(s, session_pause(passed, POLL_LAST_MS));
	}
	return status != WB_OK ? status : stub_verdict(s, block, err);
}

enum wb_status stub_call(struct wb_session *s, enum stub_command command, const uint32_t a[4],
	unsigned int timeout_ms, struct stub_block *block, struct wb_error *err)
{
	enum wb_status status = stub_begin(s, command, a, err);

	return status != WB_OK ? status : stub_wait(s, timeout_ms, block, err);
}

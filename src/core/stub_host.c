/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's side of the RAM stub. After every reset the stub is written anew: SRAM1 keeps its
 * contents over a reset, but nobody knows what ran in between.
 */
#include <string.h>
#include "core/stub_host.h"
#include "core/bytes.h"
#include "core/cortex_m.h"
#include "core/regs.h"

static const uint8_t stub_code[] = {
#include "stub/stub.inc"
};
_Static_assert(sizeof(stub_code) <= STUB_CODE_MAX, "the stub runs into its block");

#define CODE_WORDS ((sizeof(stub_code) + 3) / 4)
#define HOST_WORDS (offsetof(struct stub_block, ident) / 4)
#define STUB_WORDS (sizeof(struct stub_block) / 4 - HOST_WORDS)
#define STUB_START_MS 200u
#define QUIT_MS 20u
#define STUB_GAP 0x200u /* less is sooner saved than another transfer made */
#define POLL_FIRST_MS 1u
#define POLL_LAST_MS 20u

/* Words of the code that this work takes; those behind it are not written. */
static size_t code_count(const struct wb_session *s)
{
	return s->reads_only ? (wb_get32(stub_code + STUB_LATER_OFFSET) - STUB_BASE + 3u) / 4u
			     : CODE_WORDS;
}

static void code_words(uint32_t words[CODE_WORDS])
{
	uint8_t code[CODE_WORDS * 4] = { 0 };

	memcpy(code, stub_code, sizeof(stub_code));
	for (unsigned int i = 0; i < CODE_WORDS; i++)
		words[i] = wb_get32(code + 4 * i);
}

static enum wb_status write_code(struct wb_session *s, struct wb_error *err)
{
	uint32_t words[CODE_WORDS];
	enum wb_status status;

	code_words(words);
	status = chip_write(s, STUB_BASE, code_count(s), words, err);
	s->stub_written = status == WB_OK;
	return status;
}

void stub_load_early(struct wb_session *s)
{
	struct wb_error quiet;

	if (!s->stub_written && !s->stub_running)
		write_code(s, &quiet);
}

/* SRAM1 where code, block and stack go, and the first finding. */
static enum wb_status save_places(struct wb_session *s, uint32_t code_size, struct wb_error *err)
{
	enum wb_status status = WB_OK;

	if (STUB_BASE + code_size < STUB_BLOCK - STUB_GAP)
		status = sram_save(s, STUB_BASE, STUB_BASE + code_size, err);
	else
		code_size = 0;
	return status != WB_OK ? status :
		sram_save(s, code_size ? STUB_BLOCK : STUB_BASE, STUB_FINDINGS + 4u, err);
}

/* What SRAM1 holds of the code's words [from, to) is what was written. */
static enum wb_status check_code(struct wb_session *s, const uint32_t *words, size_t from, size_t to,
	bool *same, struct wb_error *err)
{
	uint32_t back[CODE_WORDS];
	enum wb_status status = chip_read(s, STUB_BASE + (uint32_t)from * 4u, to - from, back, err);

	*same = status == WB_OK && !memcmp(words + from, back, (to - from) * 4);
	return status;
}

static enum wb_status say_spoiled(struct wb_error *err)
{
	return wb_fail(err, WB_ERR_STUB,
		"SRAM1 at 0x%08X does not hold what was written to it: is the clock of the probe too "
		"high, or the cable too long?",
		STUB_BASE);
}

enum wb_status stub_load(struct wb_session *s, struct wb_error *err)
{
	static const uint32_t no_block[(STUB_BEFORE + 4u - STUB_BLOCK) / 4];
	uint32_t words[CODE_WORDS];
	size_t count = code_count(s);
	enum wb_status status = save_places(s, (uint32_t)count * 4u, err);
	bool early = s->stub_written, same = false;

	code_words(words);
	for (;; early = false) {
		if (status == WB_OK && !early)
			status = write_code(s, err);
		if (status == WB_OK)
			status = check_code(s, words, 0, count, &same, err);
		if (status != WB_OK)
			return status;
		if (same)
			return chip_write(s, STUB_BLOCK, sizeof(no_block) / 4, no_block, err);
		if (!early)
			return say_spoiled(err);
	}
}

enum wb_status stub_whole(struct wb_session *s, struct wb_error *err)
{
	uint32_t words[CODE_WORDS];
	size_t from = code_count(s);
	enum wb_status status = WB_OK;
	bool same = false;

	if (!s->reads_only)
		return WB_OK;
	code_words(words);
	status = sram_save(s, STUB_BASE + (uint32_t)from * 4u,
		STUB_BASE + (uint32_t)sizeof(stub_code), err);
	if (status == WB_OK)
		status = chip_write(s, STUB_BASE + (uint32_t)from * 4u, CODE_WORDS - from,
			words + from, err);
	if (status == WB_OK)
		status = check_code(s, words, from, CODE_WORDS, &same, err);
	if (status == WB_OK && !same)
		status = say_spoiled(err);
	s->reads_only = status != WB_OK;
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

static enum wb_status wait_ident(struct wb_session *s, struct wb_error *err)
{
	uint64_t end = session_ms(s) + STUB_START_MS;
	struct stub_block block;
	enum wb_status status;
	bool done;

	for (;;) {
		status = stub_poll(s, &block, &done, err);
		if (status != WB_OK)
			return status;
		if (block.ident == STUB_IDENT)
			return WB_OK;
		if (session_ms(s) >= end)
			return wb_fail(err, WB_ERR_STUB,
				"the stub does not start (ident 0x%08X). Reset the chip and try again",
				(unsigned int)block.ident);
		s->link->sleep_ms(s->link, POLL_FIRST_MS);
	}
}

enum wb_status stub_start(struct wb_session *s, struct wb_error *err)
{
	enum wb_status status = WB_OK;

	if (s->stub_running)
		return WB_OK;
	/* may reset the chip: before anything is in its SRAM1 */
	status = s->visits ? WB_OK : flash_unlock(s, false, err);
	if (status == WB_OK)
		status = stub_load(s, err);
	if (status == WB_OK)
		status = run(s, err);
	if (status == WB_OK)
		status = wait_ident(s, err);
	if (status != WB_OK)
		return status;
	s->stub_running = true;
	s->marks_clear = false;
	s->stub_request = 0;
	return WB_OK;
}

enum wb_status stub_begin(struct wb_session *s, enum stub_command command, const uint32_t a[4],
	struct wb_error *err)
{
	uint32_t words[HOST_WORDS] = { command, a[0], a[1], a[2], a[3], ++s->stub_request };

	return chip_write(s, STUB_BLOCK, HOST_WORDS, words, err);
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
	return WB_OK;
}

/* Registers as the stub found them, FLASH_CR as it is to be left. *quit: it says so; false if it is in a command. */
static enum wb_status quit(struct wb_session *s, bool *quit, struct wb_error *err)
{
	uint64_t began = session_ms(s), passed = 0;
	struct stub_block block;
	enum wb_status status = stub_begin(s, STUB_QUIT, (const uint32_t[4]){ s->leave_cr }, err);

	*quit = false;
	while (status == WB_OK && !*quit && passed < QUIT_MS) {
		status = stub_poll(s, &block, quit, err);
		passed = session_ms(s) - began;
		if (status == WB_OK && !*quit)
			s->link->sleep_ms(s->link, POLL_FIRST_MS);
	}
	return status;
}

enum wb_status stub_stop(struct wb_session *s, struct wb_error *err)
{
	enum wb_status status;
	bool done;

	if (!s->stub_running)
		return WB_OK;
	s->stub_running = false;
	status = quit(s, &done, err);
	if (status == WB_OK)
		status = done ? hold_halt(s, err) : hold_reset(s, false, err);
	return status;
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
	case STUB_BAD_COMMAND:
		return wb_fail(err, WB_ERR_STUB, "the stub knows no such command");
	default:
		return wb_fail(err, WB_ERR_FLASH,
			"the flash refused at 0x%08X: FLASH_SR 0x%04X. Is the page protected (WRP, "
			"PCROP, SFSA)? `stm32wb info` shows it",
			at, (unsigned int)block->status);
	}
}

enum wb_status stub_call(struct wb_session *s, enum stub_command command, const uint32_t a[4],
	unsigned int timeout_ms, struct stub_block *block, struct wb_error *err)
{
	uint64_t began = session_ms(s), passed;
	enum wb_status status = stub_begin(s, command, a, err);
	bool done = false;

	while (status == WB_OK) {
		status = stub_poll(s, block, &done, err);
		passed = session_ms(s) - began;
		if (status == WB_OK && !done && passed > POLL_LAST_MS)
			status = hold_check(s, err); /* CPU1 may have been reset out of the stub */
		if (status != WB_OK || done)
			break;
		if (passed >= timeout_ms)
			return wb_fail(err, WB_ERR_STUB,
				"the stub has not finished command %u within %u ms", command,
				timeout_ms);
		session_wait(s, session_pause(passed, POLL_LAST_MS));
	}
	return status != WB_OK ? status : stub_verdict(s, block, err);
}

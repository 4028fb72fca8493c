/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is looked at when a command is over, and how two looks differ. */
#include <stdio.h>
#include "tests/campaign.h"

#define FLASH 0x08000000u
#define FLASH_BYTES 0x100000u
#define PAGE 4096u
#define OPTION_PAGE 0x1fff8000u
#define OPTION_PAGE_BYTES 128u
#define APP_STAYS 0x0800000eu
#define DHCSR 0xe000edf0u
#define DEMCR 0xe000edfcu
#define DBGMCU_CR 0xe0042004u
#define APB1FZR1 0xe004203cu
#define DHCSR_HALTED (1u << 17 | 1u << 19) /* S_HALT, S_LOCKUP */

uint64_t campaign_sum(uint64_t sum, const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t word;

	for (; len >= sizeof(word); p += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		sum = (sum ^ word) * 0x9e3779b97f4a7c15u;
		sum ^= sum >> 29;
	}
	for (; len; p++, len--)
		sum = (sum ^ *p) * 0x100000001b3u;
	return sum;
}

/* A kilobyte at a time: a large buffer's pages would be fresh ones in every child. */
static uint64_t sum_of(struct board *board, uint32_t address, size_t size)
{
	uint64_t sum = size;
	uint8_t chunk[1024];

	while (size) {
		size_t n = size < sizeof(chunk) ? size : sizeof(chunk);

		assert_true(wbsim_peek(board->sim, address, chunk, n));
		sum = campaign_sum(sum, chunk, n);
		address += (uint32_t)n;
		size -= n;
	}
	return sum;
}

static bool application_runs(struct board *board, bool from_reset)
{
	struct wb_link *link = &board->bench.link;
	uint32_t dhcsr = 0, mark = 0, pc = 0;

	if (!wbsim_peek(board->sim, DHCSR, &dhcsr, 4) || dhcsr & DHCSR_HALTED)
		return false;
	/* a watchdog that nobody feeds restarts it now and then */
	wbsim_sleep(board->sim, APP_STARTS_NS);
	wbsim_peek(board->sim, APP_MARK, &mark, 4);
	if (link->halt(link) != WB_OK) /* the first one tells of a reset, and has halted all the same */
		link->halt(link);
	return (mark == APP_MARKED || !from_reset) &&
		link->reg_read(link, CM_PC, &pc) == WB_OK && pc == APP_STAYS;
}

void job_look(struct board *board, const struct campaign_job *job, struct campaign_look *look)
{
	static const uint32_t options[] = { 0x58004020, 0x58004024, 0x58004028, 0x5800402c,
		0x58004030, 0x58004034, 0x58004038, 0x5800403c };
	struct wbsim_cpu2_view view;
	size_t size;

	memset(look, 0, sizeof(*look));
	wbsim_cpu2_view(board->sim, &view);
	look->fus = view.fus_version;
	look->stack = view.stack_version;
	look->sfsa = view.sfsa;
	look->sbrv = view.sbrv;
	memcpy(look->stack_sha256, view.stack_sha256, sizeof(look->stack_sha256));
	look->dead = view.dead;
	look->busy = view.busy;
	look->keys_lost = view.keys_lost;
	look->user_key = view.user_keys; /* how many: a lost answer may cost one */
	look->auth_key = view.auth_key;
	look->auth_locked = view.auth_locked;
	look->rollback = view.rollback;
	look->aes1 = view.aes1_loaded;
	look->locked = view.keys_locked;
	size = (size_t)view.sfsa * PAGE;
	look->flash = sum_of(board, FLASH, size < FLASH_BYTES ? size : FLASH_BYTES);
	look->page = sum_of(board, OPTION_PAGE, OPTION_PAGE_BYTES);
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		assert_true(wbsim_peek(board->sim, options[i], &look->options[i], 4));
	wbsim_peek(board->sim, DEMCR, &look->demcr, 4);
	wbsim_peek(board->sim, APB1FZR1, &look->freeze, 4);
	wbsim_peek(board->sim, DBGMCU_CR, &look->dbgmcu, 4);
	look->noted = board->bench.record[WB_RECORD_ROLLBACK].len;
	for (unsigned int i = 0; i < WB_RECORDS; i++)
		look->journal += i == WB_RECORD_ROLLBACK ? 0 : board->bench.record[i].len;
	look->app = application_runs(board, !job_reads(job));
}

bool job_differ(const struct campaign_look *is, const struct campaign_look *wanted, char *text,
	size_t size)
{
	const struct {
		const char *name;
		uint64_t is, wanted;
	} rows[] = {
		{ "FUS", is->fus, wanted->fus },
		{ "stack", is->stack, wanted->stack },
		{ "SFSA", is->sfsa, wanted->sfsa },
		{ "SBRV", is->sbrv, wanted->sbrv },
		{ "dead", is->dead, wanted->dead },
		{ "busy", is->busy, wanted->busy },
		{ "keys lost", is->keys_lost, wanted->keys_lost },
		{ "user key", is->user_key, wanted->user_key },
		{ "authentication key", is->auth_key, wanted->auth_key },
		{ "... locked", is->auth_locked, wanted->auth_locked },
		{ "anti-rollback", is->rollback, wanted->rollback },
		{ "key in AES1", is->aes1, wanted->aes1 },
		{ "keys locked", is->locked, wanted->locked },
		{ "user flash", is->flash, wanted->flash },
		{ "option page", is->page, wanted->page },
		{ "application runs", is->app, wanted->app },
		{ "DEMCR", is->demcr, wanted->demcr },
		{ "APB1FZR1", is->freeze, wanted->freeze },
		{ "DBGMCU_CR", is->dbgmcu, wanted->dbgmcu },
		{ "journal", is->journal, wanted->journal },
		{ "anti-rollback noted", is->noted, wanted->noted },
		{ "stack's bytes",
			(uint64_t)(memcmp(is->stack_sha256, wanted->stack_sha256, 32) != 0), 0 },
	};
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows) && at < size; i++)
		if (rows[i].is != rows[i].wanted)
			at += (size_t)snprintf(text + at, size - at, "%s 0x%llx not 0x%llx; ",
				rows[i].name, (unsigned long long)rows[i].is,
				(unsigned long long)rows[i].wanted);
	for (size_t i = 0; i < 8 && at < size; i++)
		if (is->options[i] != wanted->options[i])
			at += (size_t)snprintf(text + at, size - at, "option %zu 0x%08x not 0x%08x; ",
				i, is->options[i], wanted->options[i]);
	return at != 0;
}

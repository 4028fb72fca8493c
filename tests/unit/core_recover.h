/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of recover share: the command, and what it must leave behind. */
#ifndef CORE_RECOVER_TEST_H
#define CORE_RECOVER_TEST_H

#include "tests/unit/core_one.h"
#include "core/cortex_m.h"
#include "core/recover.h"
#include "core/regs.h"

static struct wb_recovery recovery;

static inline enum wb_status recover_with(const char *risk)
{
	const char *const confirm[] = { risk, NULL };

	return wb_fus_recover(board.session, &(struct wb_operation){ .confirm = confirm }, &recovery, &board.result, &board.err);
}

static inline void recovered_with(const char *risk)
{
	if (recover_with(risk) != WB_OK)
		fail_msg("%s", board.err.text);
}

static inline void refused_with(const char *risk, const char *rule)
{
	wbsim_stats_clear(board.sim);
	assert_int_equal(recover_with(risk), WB_ERR_REFUSED);
	assert_string_equal(board.err.rule, rule);
}

static inline void nothing_written(void)
{
	assert_int_equal(wbsim_stats(board.sim)->target_writes, 0);
	assert_int_equal(wbsim_stats(board.sim)->resets, 0);
	assert_int_equal(wbsim_stats(board.sim)->halts, 0);
}

static inline bool did(const char *words)
{
	for (unsigned int i = 0; i < recovery.deeds; i++)
		if (strstr(recovery.deed[i], words))
			return true;
	return false;
}

static inline bool blank(uint32_t address, size_t len)
{
	static uint8_t flash[0x10000];

	assert_true(wbsim_peek(board.sim, address, flash, len));
	for (size_t i = 0; i < len; i++)
		if (flash[i] != 0xff)
			return false;
	return true;
}

#endif

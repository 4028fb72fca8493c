/* SPDX-License-Identifier: GPL-2.0-or-later */
/* No byte of a key stays where it passed: not in the chip's RAM, nor the session, nor the link. */
#include "tests/unit/core_keys.h"
#include "core/regs.h"

#define DEAF_MAX 40u

static struct glass {
	struct wb_link real;
	bool secret;
	unsigned int carried, in_the_open;
	const char *strike; /* what happens right after the key's first transfer */
	uint32_t buffer;    /* where it went */
	unsigned int deaf;  /* transfers to fail once the CM0+ was told of it */
	unsigned int failing, wiped, wiped_early;
} glass;

static void glass_secret(struct wb_link *link, const uint8_t *bytes, size_t len)
{
	(void)link;
	assert_true(!bytes || holds(bytes, len, simple, sizeof(simple)));
	glass.secret = bytes;
}

static void weigh(const void *data, size_t len)
{
	if (!holds(data, len, simple, sizeof(simple)))
		return;
	glass.carried++;
	glass.in_the_open += !glass.secret;
}

/* While the flag is up the CM0+ may be reading: zeros must not become the key. */
static void see_wiping(void)
{
	uint32_t flags;

	assert_true(wbsim_peek(board.sim, IPCC_C1TOC2SR, &flags, sizeof(flags)));
	glass.wiped++;
	glass.wiped_early += (flags & IPCC_FLAG(IPCC_CHANNEL_SYSTEM)) != 0;
}

static enum wb_status glass_write(struct wb_link *link, uint32_t address, unsigned int width,
	size_t count, const void *data)
{
	enum wb_status status;
	unsigned int before = glass.carried;

	if (glass.failing) {
		glass.failing--;
		return WB_ERR_LINK;
	}
	weigh(data, width * count);
	if (glass.carried > before)
		glass.buffer = address;
	else if (glass.carried && address == glass.buffer)
		see_wiping();
	status = glass.real.write(link, address, width, count, data);
	if (address == IPCC_C1SCR && glass.carried) {
		glass.failing = glass.deaf;
		glass.deaf = 0;
	}
	if (glass.strike && glass.carried > before) {
		assert_true(wbsim_strike(board.sim, glass.strike));
		glass.strike = NULL;
	}
	return status;
}

static enum wb_status glass_read(struct wb_link *link, uint32_t address, unsigned int width,
	size_t count, void *data)
{
	enum wb_status status;

	if (glass.failing) {
		glass.failing--;
		return WB_ERR_LINK;
	}
	status = glass.real.read(link, address, width, count, data);
	if (status == WB_OK)
		weigh(data, width * count);
	return status;
}

static void under_glass(void)
{
	glass = (struct glass){ .real = board.bench.link };
	board.bench.link.read = glass_read;
	board.bench.link.write = glass_write;
	board.bench.link.secret = glass_secret;
}

/* ---- no trace ---------------------------------------------------------------------------------- */

static void a_key_travels_in_secret_and_leaves_no_trace(void **unused)
{
	(void)unused;
	under_glass();
	stored(WB_KEY_SIMPLE, simple, 16, 1);
	assert_true(glass.carried > 0);
	assert_int_equal(glass.in_the_open, 0);
	assert_false(glass.secret);
	no_trace(simple, 16);
}

static void an_answer_that_echoes_the_buffer_brings_nothing_home(void **unused)
{
	(void)unused;
	anew_with("answer-length=255");
	under_glass();
	store(WB_KEY_SIMPLE, simple, 16); /* whatever comes of such an answer */
	assert_int_equal(glass.in_the_open, 0);
	assert_false(glass.secret);
	no_trace(simple, 16);
}

/* A command in between would write the tables anew: the wiping is judged by what is left before. */
static void an_accident_behind_the_key_leaves_no_key(void **unused)
{
	static const char *const strikes[] = { "mailbox-stuck", "nrst", "parity=1", "parity=20",
		"wait=1", "wait=20", "power-cut=200", "bsy-hung" };

	(void)unused;
	for (size_t i = 0; i < sizeof(strikes) / sizeof(*strikes); i++) {
		anew("wb55rg", "2.2.0");
		under_glass();
		glass.strike = strikes[i];
		store(WB_KEY_SIMPLE, simple, 16);
		assert_null(glass.strike);
		assert_false(glass.secret);
		if (in_ram(simple, 16) || in_session(simple, 16))
			fail_msg("after %s: the key is still there", strikes[i]);
	}
}

/* The link is lost behind the order and comes back, while the CM0+ is still at it. */
static void what_the_cm0_may_still_read_is_not_wiped(void **unused)
{
	unsigned int wiped = 0;

	(void)unused;
	for (unsigned int deaf = 1; deaf <= DEAF_MAX; deaf++) {
		enum wb_status status;

		anew("wb55rg", "2.2.0");
		under_glass();
		glass.strike = "mailbox-stuck";
		glass.deaf = deaf;
		status = store(WB_KEY_SIMPLE, simple, 16);
		assert_int_not_equal(status, WB_OK);
		assert_int_equal(glass.wiped_early, 0);
		wiped += status == WB_ERR_LINK && glass.wiped;
	}
	assert_true(wiped > 0);
}

/* The key is in the buffer, and then: whatever happens, and at whichever operation. */
static void cut_at_every_operation(enum bench_accident accident, bool mended_first)
{
	size_t len;
	void *saved = board_save(&board, &len);
	unsigned int last;

	board.bench.ops = 0;
	stored(WB_KEY_SIMPLE, simple, 16, 1);
	last = board.bench.ops;
	assert_true(last > 20);
	for (unsigned int at = 1; at <= last; at++) {
		enum wb_status status;

		board_restore(&board, saved, len);
		board.bench.accident = accident;
		board.bench.accident_at = at;
		status = store(WB_KEY_SIMPLE, simple, 16);
		assert_false(in_session(simple, 16));
		if (mended_first) {
			if (status == WB_OK && !board.bench.struck)
				continue;
			bench_mend(&board.bench);
			wbsim_attach(board.sim);
			assert_int_equal(wb_fus_state(board.session, &op, &board.result, &board.err),
				WB_OK);
		}
		if (in_ram(simple, 16))
			fail_msg("operation %u of %u: the key is still in the chip's RAM", at, last);
		if (!mended_first)
			board_check_kept(&board);
	}
	free(saved);
}

static void a_stop_anywhere_leaves_no_key_in_ram(void **unused)
{
	(void)unused;
	cut_at_every_operation(ACCIDENT_STOP, false);
}

static void a_probe_pulled_anywhere_leaves_no_key_after_the_next_command(void **unused)
{
	(void)unused;
	cut_at_every_operation(ACCIDENT_UNPLUG, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_key_travels_in_secret_and_leaves_no_trace),
		TEST(an_answer_that_echoes_the_buffer_brings_nothing_home),
		TEST(an_accident_behind_the_key_leaves_no_key),
		TEST(what_the_cm0_may_still_read_is_not_wiped),
		TEST(a_stop_anywhere_leaves_no_key_in_ram),
		TEST(a_probe_pulled_anywhere_leaves_no_key_after_the_next_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

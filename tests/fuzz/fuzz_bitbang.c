/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libFuzzer target: what a remote_bitbang client may send to the virtual chip's pins. Bytes below
 * 0x80 are the characters themselves; one above is a whole SWD packet (its request in the low bits,
 * four bytes of data behind it), 0xff a way into SWD, 0xfe an AP scan of 35 bits over JTAG, so that
 * what lies behind the first bits is reached too.
 */
#include <stdlib.h>
#include <string.h>
#include "sim/swj.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHUNK 64u
#define INPUT_MAX 2048u /* some virtual seconds at most */
#define SCAN_BITS_MAX 35u

static const uint8_t *input;
static size_t left;

static uint8_t take(void)
{
	if (!left)
		return 0;
	left--;
	return *input++;
}

static void feed(struct swj *j, const char *in, size_t count)
{
	char answer[CHUNK], bad;
	size_t answers;
	uint64_t now = wbsim_now(j->sim);

	if (count > sizeof(answer))
		abort();
	(void)bitbang_serve(j, in, count, answer, &answers, &bad);
	if (answers > count || wbsim_now(j->sim) < now)
		abort();
	for (size_t i = 0; i < answers; i++)
		if (answer[i] != '0' && answer[i] != '1')
			abort();
	if (j->jtag.cpu.bits > SCAN_BITS_MAX || j->jtag.scan.bits > SCAN_BITS_MAX ||
		j->swd.count > SCAN_BITS_MAX + 11)
		abort();
}

static void swd_bits(struct swj *j, uint64_t bits, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		feed(j, bits >> i & 1u ? "eg" : "dfc", bits >> i & 1u ? 2 : 3);
}

static void jtag_bits(struct swj *j, uint64_t tms, uint64_t tdi, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		char low = (char)('0' + 2 * (tms >> i & 1u) + (tdi >> i & 1u));
		char text[] = { low, 'R', (char)(low + 4) };

		feed(j, text, sizeof(text));
	}
}

static uint32_t word(void)
{
	static const uint32_t places[] = { 0x20000000, 0x08000000, 0x58004000, 0xE000ED00,
		0x50000000, 0x23000012, 0x1FFF7000, 0xE0042000 };
	uint32_t val = take();

	val |= (uint32_t)take() << 8;
	return val & 0x8000u ? places[val >> 8 & 7u] + (val & 0xFFu) * 4u : val;
}

static void packet(struct swj *j, uint8_t choice)
{
	uint32_t data = word();
	unsigned int req = (choice & 0xFu) << 1;

	req |= 0x81u | (unsigned int)(__builtin_parity(req) ^ (choice == 0x9F)) << 5;
	swd_bits(j, req, 8);
	feed(j, "o", 1);
	swd_bits(j, 0, choice & 2u ? 38 : 5);
	feed(j, "O", 1);
	if (!(choice & 2u))
		swd_bits(j, data | (uint64_t)__builtin_parity(data) << 32, 33);
}

static void ap_scan(struct swj *j)
{
	uint8_t how = take();
	uint64_t in = (uint64_t)word() << 3 | (how & 7u);

	jtag_bits(j, 0x3, 0, 4); /* to Shift-IR */
	jtag_bits(j, 1u << 8, 0x1F0u | (how & 8u ? 0xAu : 0xBu), 9);
	jtag_bits(j, 0x3, 0, 4); /* through Update-IR to Shift-DR */
	jtag_bits(j, 1ull << 35, in, 36);
	jtag_bits(j, 0x1, 0, 3);
}

static void into_swd(struct swj *j)
{
	swd_bits(j, (1ull << 50) - 1, 50);
	swd_bits(j, 0xE79E, 16);
	swd_bits(j, (1ull << 50) - 1, 52);
	packet(j, 0x82); /* DPIDR */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct wbsim *sim;
	static const char *const quirks[] = { NULL };
	const struct wbsim_config cfg = { .quirks = quirks };
	char why[256];
	struct swj j;

	if (!sim)
		sim = wbsim_new(&cfg, why, sizeof(why));
	if (!sim)
		abort();
	input = data;
	left = size < INPUT_MAX ? size : INPUT_MAX;
	/* The port anew; the chip behind it goes on, with CPU1 in reset, or most time would be its own. */
	dap_lose(sim, wbsim_now(sim));
	sim_nrst(sim, true);
	swj_init(&j, sim);
	while (left) {
		uint8_t byte = take();
		char c = (char)byte;

		if (byte < 0x80u)
			feed(&j, &c, 1);
		else if (byte == 0xFFu)
			into_swd(&j);
		else if (byte == 0xFEu)
			ap_scan(&j);
		else
			packet(&j, byte);
	}
	bitbang_leave(&j);
	return 0;
}

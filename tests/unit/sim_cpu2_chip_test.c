/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CM0+ in the whole virtual chip, through its debug port: FUS 1.2.0 to 2.2.0 and every stack
 * of ST's for this part, if STM32WB_IMAGES names a folder of them; a generated FUS otherwise.
 */
#include "sim/cpu2.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include "sim/testsig.h"

#define MS NS_PER_MS
#define PAGE 4096u
#define FUS_START 0x080F4000u
#define RCC_AHB3ENR 0x58000050u
#define AHB3_IPCC (1u << 20 | 1u << 25 | 1u << 19)
#define RCC_C2AHB1ENR 0x58000148u
#define C2_CRCEN (1u << 12)
#define RCC_AHB2ENR 0x5800004Cu
#define AES1EN (1u << 16)
#define AES1 0x50060000u
#define PWR_CR4 0x5800040Cu
#define C2BOOT (1u << 15)
#define C1SCR 0x58000C08u
#define C1TOC2SR 0x58000C0Cu
#define C2TOC1SR 0x58000C1Cu
#define CHANNEL_2 2u
#define INFO 0x20030028u
#define SYSTEM 0x20030060u
#define MEMORY 0x20030070u
#define QUEUE 0x20030090u
#define FREE_QUEUE 0x20030098u
#define COMMAND 0x200300A0u
#define SPARE_SYSTEM 0x200301B0u
#define SPARE_BLE 0x200302C0u
#define POOL 0x200303D0u
#define POOL_SIZE 512u

static void put(struct wbsim *sim, uint32_t addr, uint32_t value)
{
	assert_int_equal(wbsim_mem_write(sim, addr, 4, 1, &value), WBSIM_OK);
}

/* A lost port is taken up again, as a probe does. */
static uint32_t get(struct wbsim *sim, uint32_t addr)
{
	uint32_t value = 0;

	for (int i = 0; i < 100; i++) {
		if (wbsim_mem_read(sim, addr, 4, 1, &value) == WBSIM_OK)
			return value;
		wbsim_sleep(sim, 10 * MS);
		wbsim_attach(sim);
	}
	fail_msg("0x%08X cannot be read", (unsigned int)addr);
	return 0;
}

/* Tables, C2BOOT, wait for ready: its payload, or -1. */
static int start(struct wbsim *sim)
{
	static const uint32_t words[][2] = {
		{ 0x20030000, INFO },
		{ 0x2003000C, SYSTEM },
		{ 0x20030010, MEMORY },
		{ SYSTEM, COMMAND },
		{ SYSTEM + 4, QUEUE },
		{ QUEUE, QUEUE },
		{ QUEUE + 4, QUEUE },
		{ FREE_QUEUE, FREE_QUEUE },
		{ FREE_QUEUE + 4, FREE_QUEUE },
		{ MEMORY, SPARE_BLE },
		{ MEMORY + 4, SPARE_SYSTEM },
		{ MEMORY + 8, POOL },
		{ MEMORY + 12, POOL_SIZE },
		{ MEMORY + 16, FREE_QUEUE },
		{ RCC_AHB3ENR, AHB3_IPCC },
		{ RCC_C2AHB1ENR, C2_CRCEN },
		{ C1SCR, 0x3F },
		{ PWR_CR4, C2BOOT },
	};
	uint32_t event;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		put(sim, words[i][0], words[i][1]);
	for (int i = 0; i < 100; i++) {
		if (get(sim, C2TOC1SR) & CHANNEL_2) {
			event = get(sim, QUEUE);
			assert_int_equal(get(sim, event + 8) & 0xFFFF, 0xFF12);
			assert_int_equal(get(sim, event + 8) >> 24, 0x00);
			put(sim, C1SCR, CHANNEL_2);
			return (int)(get(sim, event + 12) >> 8 & 0xFF);
		}
		wbsim_sleep(sim, 2 * MS);
	}
	return -1;
}

static bool running(struct wbsim *sim)
{
	return (get(sim, PWR_CR4) & C2BOOT) != 0;
}

/* Status, or -1: the chip reset. The error byte in *error. */
static int command_with(struct wbsim *sim, uint16_t opcode, const uint8_t *payload, uint8_t len,
	uint8_t *error)
{
	put(sim, COMMAND + 8, 0x10u | (uint32_t)opcode << 8 | (uint32_t)len << 24);
	if (len)
		assert_int_equal(wbsim_mem_write(sim, COMMAND + 12, 1, len, payload), WBSIM_OK);
	put(sim, C1SCR, CHANNEL_2 << 16);
	for (int i = 0; i < 2000; i++) {
		if (!running(sim))
			return -1;
		if (!(get(sim, C1TOC2SR) & CHANNEL_2)) {
			*error = (uint8_t)(get(sim, COMMAND + 4) >> 24);
			return (int)(get(sim, COMMAND + 4) >> 16 & 0xFF);
		}
		wbsim_sleep(sim, 5 * MS);
	}
	fail_msg("command 0x%04X: no answer", opcode);
	return -1;
}

static int command(struct wbsim *sim, uint16_t opcode, uint8_t *error)
{
	return command_with(sim, opcode, NULL, 0, error);
}

/* Follow an operation: 0 a stack runs, 1 the FUS is idle. */
static int follow(struct wbsim *sim)
{
	for (int i = 0; i < 2000; i++) {
		uint8_t error = 0;
		int state, ready = running(sim) ? 1 : start(sim);

		if (ready == 0)
			return 0;
		assert_int_equal(ready, 1);
		state = command(sim, 0xFC52, &error);
		if (state == 0)
			return 1;
		if (state == 0xFF)
			fail_msg("the FUS answers error 0x%02X", error);
		wbsim_sleep(sim, 50 * MS);
	}
	fail_msg("no end");
	return -1;
}

static void stage(
	struct wbsim *sim, uint32_t end, const uint8_t *image, size_t size, unsigned int pages)
{
	flash_cpu2_erase(sim, end - pages * PAGE, (size_t)pages * PAGE);
	assert_true(wbsim_poke(sim, end - pages * PAGE, image, size));
}

static uint8_t *fus_image(size_t *size)
{
	const char *folder = getenv("STM32WB_IMAGES");
	static const uint8_t fus_footer[] = { 0xcd, 0xab, 0xcd, 0xab, 0xcd, 0xab, 0xcd, 0xab, 6,
		0xff, 32, 16, 0, 0, 2, 2, 0x21, 0x92, 0x27, 0x32 };
	static const uint8_t magic_st[] = { 0x5e, 0x2c, 0xa1, 0xd3 };
	const uint8_t salt[TESTSIG_SALT] = { 1 };
	uint8_t *image;
	char path[4096], why[200];

	if (folder) {
		snprintf(path, sizeof(path), "%s/STM32WB5x/stm32wb5x_FUS_fw.bin", folder);
		image = trust_read_file(path, size, why, sizeof(why));
		assert_non_null(image);
		return image;
	}
	*size = 24468;
	image = calloc(1, *size);
	assert_non_null(image);
	testsig_front(salt, 0, image);
	memcpy(image + *size - 104, fus_footer, sizeof(fus_footer));
	image[*size - 12] = TESTSIG_SIZE;
	memcpy(image + *size - 4, magic_st, sizeof(magic_st));
	testsig_sign(image, *size, *size - 84, image + *size - 84);
	return image;
}

static struct wbsim *chip_of(const char *const *quirks)
{
	const char *trust[] = { getenv("STM32WB_IMAGES"), NULL };
	struct wbsim_config cfg = { .fus = "1.2.0", .trust = trust, .quirks = quirks };
	char why[200] = "";
	struct wbsim *sim = wbsim_new(&cfg, why, sizeof(why));

	if (!sim)
		fail_msg("%s", why);
	assert_int_equal(wbsim_attach(sim), WBSIM_OK);
	return sim;
}

static void upgrade_fus(struct wbsim *sim)
{
	struct wbsim_cpu2_view v;
	uint8_t error = 0, *image;
	size_t size;

	image = fus_image(&size);
	stage(sim, FUS_START, image, size, 6);
	assert_int_equal(start(sim), 1);
	assert_int_equal(command(sim, 0xFC54, &error), 0);
	assert_int_equal(follow(sim), 1);
	wbsim_cpu2_view(sim, &v);
	assert_int_equal(v.fus_version, 0x02020000);
	assert_int_equal(v.sfsa, 0xF4);
	assert_false(v.busy);
	free(image);
}

static void fus_goes_to_2_2_0_with_every_quirk(void **state)
{
	static const char *const quirks[][3] = {
		{ NULL },
		{ "dap-lost-on-reset=100", NULL },
		{ "demcr-lost-on-reset", NULL },
		{ "optverr", NULL },
		{ "need-crcen", NULL },
		{ "alt-order", NULL },
		{ "alt-order", "dap-lost-on-reset", NULL },
		{ "nvm-pages=below", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(quirks) / sizeof(quirks[0]); i++) {
		struct wbsim *sim = chip_of(quirks[i]);

		upgrade_fus(sim);
		wbsim_free(sim);
	}
}

static void snapshot_keeps_what_is_installed(void **state)
{
	struct wbsim *sim = chip_of(NULL), *other;
	struct wbsim_cpu2_view a, b;
	size_t len;
	void *snapshot;

	(void)state;
	upgrade_fus(sim);
	snapshot = wbsim_snapshot(sim, &len);
	other = chip_of(NULL);
	assert_true(wbsim_restore(other, snapshot, len));
	wbsim_cpu2_view(sim, &a);
	wbsim_cpu2_view(other, &b);
	assert_int_equal(b.fus_version, a.fus_version);
	assert_memory_equal(b.fus_sha256, a.fus_sha256, 32);
	free(snapshot);
	wbsim_free(sim);
	wbsim_free(other);
}

static void every_stack_of_st_installs(void **state)
{
	const char *folder = getenv("STM32WB_IMAGES");
	struct wbsim_cpu2_view v;
	uint8_t error = 0, *image;
	struct sim_image footers;
	char path[4096], why[200];
	unsigned int stacks = 0, pages;
	struct wbsim *sim;
	size_t size, len;
	void *snapshot;
	glob_t found;

	(void)state;
	if (!folder) {
		skip();
		return;
	}
	sim = chip_of(NULL);
	upgrade_fus(sim);
	snapshot = wbsim_snapshot(sim, &len);
	snprintf(path, sizeof(path), "%s/STM32WB5x/*.bin", folder);
	assert_int_equal(glob(path, 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		image = trust_read_file(found.gl_pathv[i], &size, why, sizeof(why));
		assert_non_null(image);
		assert_true(sim_image_at(image, size, &footers));
		if (footers.kind <= SIM_IMAGE_STACK_FUS2) {
			pages = (unsigned int)(size + PAGE - 1) / PAGE;
			assert_true(wbsim_restore(sim, snapshot, len));
			assert_int_equal(wbsim_attach(sim), WBSIM_OK);
			stage(sim, FUS_START - footers.nvm_pages * PAGE, image, size, pages);
			assert_int_equal(start(sim), 1);
			assert_int_equal(command(sim, 0xFC54, &error), 0);
			assert_int_equal(follow(sim), 0);
			wbsim_cpu2_view(sim, &v);
			assert_string_equal(v.runs, "stack");
			assert_int_equal(v.stack_version, footers.version);
			assert_int_not_equal(v.stack_type, 0);
			assert_int_equal(v.sfsa, 0xF4 - pages - footers.nvm_pages);
			/* a replacement by itself, one page below the installed one */
			assert_int_equal(command(sim, 0xFC52, &error), 0xFF);
			assert_int_equal(error, 0xFE);
			assert_int_equal(command(sim, 0xFC52, &error), -1);
			if (pages < 100) {
				stage(sim, FUS_START - (footers.nvm_pages + pages + 1) * PAGE,
					image, size, pages);
				assert_int_equal(start(sim), 1);
				assert_int_equal(command(sim, 0xFC54, &error), 0);
				assert_int_equal(follow(sim), 0);
			}
			stacks++;
		}
		free(image);
	}
	assert_true(stacks >= 5);
	globfree(&found);
	free(snapshot);
	wbsim_free(sim);
}

/* FIPS-197, C.1, with a key that only the CM0+ knows. */
static void assert_aes1_has_the_key(struct wbsim *sim)
{
	static const uint32_t plain[] = { 0x00112233, 0x44556677, 0x8899aabb, 0xccddeeff };
	static const uint32_t cipher[] = { 0x69c4e0d8, 0x6a7b0430, 0xd8cdb780, 0x70b4c55a };

	put(sim, RCC_AHB2ENR, AES1EN);
	assert_int_equal(get(sim, AES1 + 0x10), 0);
	put(sim, AES1, 1);
	for (int i = 0; i < 4; i++)
		put(sim, AES1 + 0x08, plain[i]);
	for (int i = 0; i < 4; i++)
		assert_int_equal(get(sim, AES1 + 0x0C), cipher[i]);
}

static void a_stored_key_encrypts_after_a_snapshot_too(void **state)
{
	uint8_t store[18] = { 1, 16 }, index = 1, answered = 0;
	struct wbsim *sim = chip_of(NULL), *other = chip_of(NULL);
	size_t len;
	void *snapshot;

	(void)state;
	for (uint8_t i = 0; i < 16; i++)
		store[2 + i] = i;
	assert_int_equal(start(sim), 1);
	assert_int_equal(command_with(sim, 0xFC58, store, sizeof(store), &answered), 0);
	assert_int_equal(answered, index);
	assert_int_equal(command_with(sim, 0xFC59, &index, 1, &answered), 0);
	assert_aes1_has_the_key(sim);
	snapshot = wbsim_snapshot(sim, &len);
	assert_true(wbsim_restore(other, snapshot, len));
	assert_int_equal(wbsim_attach(other), WBSIM_OK);
	assert_int_equal(start(other), 1);
	assert_int_equal(command_with(other, 0xFC59, &index, 1, &answered), 0);
	assert_aes1_has_the_key(other);
	free(snapshot);
	wbsim_free(sim);
	wbsim_free(other);
}

static void wb1x_keeps_locks_and_has_no_keys(void **state)
{
	const struct wbsim_config cfg = { .chip = "wb15cc", .fus = "2.2.0" };
	uint8_t store[18] = { 1, 16 }, auth[65] = { 64, 1 }, error;
	struct wbsim *sim = wbsim_new(&cfg, NULL, 0);
	struct wbsim_cpu2_view v;

	(void)state;
	assert_int_equal(wbsim_attach(sim), WBSIM_OK);
	assert_int_equal(start(sim), 1);
	assert_int_equal(command_with(sim, 0xFC58, store, sizeof(store), &error), 0xFF);
	assert_int_equal(command_with(sim, 0xFC56, auth, sizeof(auth), &error), 0);
	assert_int_equal(command(sim, 0xFC57, &error), 0);
	assert_int_equal(command(sim, 0xFC5F, &error), 0);
	wbsim_power(sim, false);
	wbsim_power(sim, true);
	wbsim_cpu2_view(sim, &v);
	assert_true(v.auth_key && v.auth_locked && v.rollback);
	wbsim_free(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fus_goes_to_2_2_0_with_every_quirk),
		cmocka_unit_test(snapshot_keeps_what_is_installed),
		cmocka_unit_test(every_stack_of_st_installs),
		cmocka_unit_test(a_stored_key_encrypts_after_a_snapshot_too),
		cmocka_unit_test(wb1x_keeps_locks_and_has_no_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fus diagnose on boards that are sick in every way the virtual chip knows: each is found, and its
 * advice, followed word by word, ends in health or says honestly that nothing helps.
 */
#include <unistd.h>
#include "tests/unit/command_board.h"
#include "core/bytes.h"
#include "core/cortex_m.h"
#include "core/diagnose.h"
#include "core/regs.h"
#include "core/tables.h"

#define SRAM2A 0x20030000u
#define STACK VERSION(1, 24, 0)
#define MS 1000000ull
#define CHECKS 20u

static struct board board;
static const char *dap_lost[] = { "dap-lost-on-reset=5", NULL };

static int tear_down(void **state)
{
	(void)state;
	board_hush();
	board_close(&board);
	return 0;
}

static void poke(uint32_t address, uint32_t value)
{
	assert_int_equal(wbsim_mem_write(board.sim, address, 4, 1, &value), WBSIM_OK);
}

static uint32_t look(uint32_t address)
{
	uint32_t value = 0;

	assert_int_equal(wbsim_mem_read(board.sim, address, 4, 1, &value), WBSIM_OK);
	return value;
}

static void set(uint32_t address, const void *data, size_t len)
{
	assert_true(wbsim_poke(board.sim, address, data, len));
}

static void wait_ms(unsigned int ms)
{
	wbsim_sleep(board.sim, ms * MS);
}

static void power_cycle(void)
{
	wbsim_power(board.sim, false);
	wait_ms(100);
	wbsim_power(board.sim, true);
	wbsim_attach(board.sim);
}

static void done(const char *words)
{
	if (board_say(&board, words) != WB_OK)
		fail_msg("%s: %s", words, board_said());
}

static void install_stack(void)
{
	struct wb_image image;

	board_image(&image, BOARD_STACK, STACK, 6004);
	if (board_upgrade(&board, &image) != WB_OK)
		fail_msg("%s", board.err.text);
	board_image_free(&image);
}

static void unlock_options(void)
{
	poke(FLASH_KEYR, FLASH_KEY1);
	poke(FLASH_KEYR, FLASH_KEY2);
	poke(FLASH_OPTKEYR, FLASH_OPTKEY1);
	poke(FLASH_OPTKEYR, FLASH_OPTKEY2);
}

/* C2BOOT with these tables in SRAM2a. */
static void boot_cm0(const uint8_t *tables, size_t len)
{
	set(SRAM2A, tables, len);
	poke(RCC_AHB3ENR, look(RCC_AHB3ENR) | RCC_AHB3ENR_IPCCEN);
	poke(PWR_CR4, PWR_CR4_C2BOOT);
	wait_ms(100);
}

/* ---- sick boards ------------------------------------------------------------------------------- */

static void started_without_tables(void)
{
	const uint8_t nothing[64] = { 0 };

	boot_cm0(nothing, sizeof(nothing));
}

static void started_with_wild_tables(void)
{
	uint8_t tables[64];

	memset(tables, 0x5a, sizeof(tables));
	boot_cm0(tables, sizeof(tables));
}

static void stack_with_its_pool_in_secure_ram(void)
{
	uint8_t tables[WB_TABLES_SIZE];

	install_stack();
	wb_tables_build(tables, SRAM2A);
	wb_put32(tables + WB_TABLES_MEMORY + 8, SRAM2A + 0x7e00);
	boot_cm0(tables, sizeof(tables));
}

/* The stack runs, and its table is a FUS's. */
static void stack_with_the_table_of_a_fus(void)
{
	uint8_t info[WB_DEVICE_INFO_SIZE] = { 0 };

	install_stack();
	done("fus state -hold");
	wb_put32(info, WB_FUS_VALID);
	wb_put32(info + 0x0c, VERSION(2, 2, 0));
	set(SRAM2A + WB_TABLES_DEVICE_INFO, info, sizeof(info));
	board_hush(); /* another OpenOCD looks */
}

static void command_nobody_answers(void)
{
	done("fus state -hold");
	assert_true(wbsim_strike(board.sim, "mailbox-stuck"));
	poke(IPCC_C1SCR, IPCC_SEND(IPCC_CHANNEL_SYSTEM));
}

static void fus_left_selected(void)
{
	install_stack();
	done("fus start");
}

static void fus_left_selected_and_power_cycled(void)
{
	fus_left_selected();
	power_cycle();
}

static void fus_runs(void)
{
	done("fus state -hold");
}

static void one_wrong_bit(void)
{
	uint32_t word;

	assert_true(wbsim_corrupt(board.sim, 0x08020000, 8, 1));
	assert_int_equal(wbsim_mem_read(board.sim, 0x08020000, 4, 1, &word), WBSIM_OK);
}

static void two_wrong_bits(void)
{
	uint32_t word;

	assert_true(wbsim_corrupt(board.sim, 0x08020010, 8, 2));
	wbsim_mem_read(board.sim, 0x08020010, 4, 1, &word);
}

static void flash_hangs(void)
{
	assert_true(wbsim_strike(board.sim, "bsy-hung"));
}

static void half_a_double_word(void)
{
	poke(FLASH_KEYR, FLASH_KEY1);
	poke(FLASH_KEYR, FLASH_KEY2);
	poke(FLASH_CR, 1);
	poke(0x08030000, 0x12345678);
}

static void register_never_programmed(void)
{
	unlock_options();
	poke(FLASH_OPTR, look(FLASH_OPTR) & ~(1u << 12));
}

/* A word of the user's, one of the CM0+'s; as long as the registers hold what was, and afterwards. */
static void damaged_page(void)
{
	assert_true(wbsim_corrupt(board.sim, 0x1fff8018, 4, 1));
}

static void damaged_page_in_force(void)
{
	damaged_page();
	power_cycle();
}

static void damaged_secure_word(void)
{
	assert_true(wbsim_corrupt(board.sim, 0x1fff8070, 4, 1));
}

static void brown_out(void)
{
	assert_true(wbsim_strike(board.sim, "brown-out"));
	wait_ms(2000);
	wbsim_attach(board.sim);
}

/* The power fails in the write itself; Safeboot's factory reset leaves defaults. */
static void options_lost_in_a_write(void)
{
	char why[160];

	done("option set WRP1B_STRT=2 WRP1B_END=3");
	wbsim_clear_faults(board.sim);
	assert_true(wbsim_add_fault(board.sim, "flash=1:power-cut=100", why, sizeof(why)));
	assert_int_not_equal(board_say(&board, "option set nRST_STDBY=0"), WB_OK);
	board_hush();
	wait_ms(1000);
	wbsim_attach(board.sim);
	poke(PWR_CR4, PWR_CR4_C2BOOT);
	wait_ms(60000);
	power_cycle();
	/* the factory reset has erased it; a board without would be odd for that */
	set(WB_FLASH_BASE, board.app, APP_SIZE);
	power_cycle();
}

/* An upgrade where vector catch does not hold was cut off: boot options, and their journal. */
static void boot_options_of_a_run_cut_off(void)
{
	uint8_t journal[12];

	wb_put32(journal, 0x314a464f);
	wb_put32(journal + 4, 0x3ffff1aa);
	wb_put32(journal + 8, 0x337ff1aa);
	assert_int_equal(board.bench.link.journal_store(&board.bench.link, 0, WB_RECORD_BOOT, journal,
				 sizeof(journal)), WB_OK);
}

static void probe_pulled_in_mid_run(void)
{
	board.bench.accident = ACCIDENT_UNPLUG;
	board.bench.accident_at = 60;
	assert_int_not_equal(board_say(&board, "fus state"), WB_OK);
	assert_true(board.bench.struck);
	bench_mend(&board.bench);
	wbsim_attach(board.sim);
	board_hush();
}

static void programmed_after_power_on(void)
{
	uint8_t *blank = malloc(APP_SIZE);

	assert_non_null(blank);
	memset(blank, 0xff, APP_SIZE);
	set(WB_FLASH_BASE, blank, APP_SIZE);
	power_cycle();
	set(WB_FLASH_BASE, board.app, APP_SIZE);
	free(blank);
}

static void watchdog_has_bitten(void)
{
	wait_ms(1500);
}

static void application_that_locks_up(void)
{
	const uint32_t vectors[4] = { 0x20001000, 0x10, 0x10, 0x10 };

	set(WB_FLASH_BASE, vectors, sizeof(vectors));
	power_cycle();
	wait_ms(10);
}

static void image_in_user_flash(void)
{
	struct wb_image image;

	board_image(&image, BOARD_STACK, STACK, 6004);
	set(0x08060000, image.data, image.size);
	board_image_free(&image);
}

static void protected_page(void)
{
	done("option set WRP1A_STRT=0x40 WRP1A_END=0x41");
}

static void both_protected(void)
{
	done("option set WRP1A_STRT=0x40 WRP1A_END=0x41 WRP1B_STRT=0x50 WRP1B_END=0x50");
}

static void probe_is_gone(void)
{
	wbsim_power(board.sim, false);
}

#define OPTIONS(...) (const char *const[]){ __VA_ARGS__, NULL }

static const struct sick {
	const char *name, *check;
	enum wb_verdict verdict, after; /* after: once the advice was followed */
	const char *words;	/* behind "fus diagnose" */
	const char *advice;	/* part of it */
	const char *const *options, *const *quirks;
	const char *fus, *chip;
	void (*make)(void);
} boards[] = {
	{ .name = "Safeboot", .check = "safeboot", .verdict = WB_VERDICT_BAD,
		.after = WB_VERDICT_OK, .advice = "fus recover", .fus = "1.2.0",
		.options = OPTIONS("SFSA=0", "SBRV=0x3FC00") },
	{ .name = "Safeboot of a WB1x", .check = "safeboot", .verdict = WB_VERDICT_BAD,
		.after = WB_VERDICT_OK, .advice = "fus recover", .chip = "wb15cc",
		.options = OPTIONS("SFSA=0", "SBRV=0x13E00") },
	{ .name = "Safeboot of an old FUS", .check = "safeboot", .verdict = WB_VERDICT_BAD,
		.after = WB_VERDICT_BAD, .advice = "fus recover", .fus = "1.0.2",
		.options = OPTIONS("SFSA=0", "SBRV=0x3FC00") },
	{ .name = "page damaged by a brown-out", .check = "options", .verdict = WB_VERDICT_BAD,
		.after = WB_VERDICT_OK, .advice = "fus recover", .make = brown_out },
	{ .name = "boundary into nowhere", .check = "boundary", .verdict = WB_VERDICT_BAD,
		.after = WB_VERDICT_BAD, .advice = "no way back is known",
		.options = OPTIONS("SBRV=0x12345") },
	{ .name = "boundary of a dead board", .check = "boundary", .verdict = WB_VERDICT_BAD,
		.after = WB_VERDICT_BAD, .advice = "no way back is known",
		.options = OPTIONS("SBRV=0x3FFFF", "SFSA=0xFF") },
	{ .name = "security off", .check = "security", .verdict = WB_VERDICT_BAD,
		.after = WB_VERDICT_BAD, .advice = "has to be replaced", .options = OPTIONS("ESE=0") },
	{ .name = "flash not secure", .check = "security", .verdict = WB_VERDICT_BAD,
		.after = WB_VERDICT_BAD, .advice = "has to be replaced", .options = OPTIONS("FSD=1") },
	{ .name = "CM0+ boots from SRAM", .check = "security", .verdict = WB_VERDICT_BAD,
		.after = WB_VERDICT_BAD, .advice = "has to be replaced",
		.options = OPTIONS("C2OPT=0") },
	{ .name = "CM0+ debug on", .check = "security", .verdict = WB_VERDICT_ODD,
		.after = WB_VERDICT_ODD, .advice = "Nothing need be done",
		.options = OPTIONS("DDS=0") },
	{ .name = "no tables", .check = "who", .verdict = WB_VERDICT_BAD, .after = WB_VERDICT_OK,
		.make = started_without_tables },
	{ .name = "no tables (2)", .check = "tables", .verdict = WB_VERDICT_BAD,
		.after = WB_VERDICT_OK, .make = started_without_tables },
	{ .name = "wild tables", .check = "tables", .verdict = WB_VERDICT_BAD,
		.after = WB_VERDICT_OK, .make = started_with_wild_tables },
	{ .name = "tables the stack refused", .check = "tables", .verdict = WB_VERDICT_BAD,
		.after = WB_VERDICT_OK, .advice = "linked for this stack",
		.make = stack_with_its_pool_in_secure_ram },
	{ .name = "signs disagree", .check = "who", .verdict = WB_VERDICT_ODD,
		.after = WB_VERDICT_OK, .make = stack_with_the_table_of_a_fus },
	{ .name = "IPCCDBA past the end", .check = "tables", .verdict = WB_VERDICT_BAD,
		.after = WB_VERDICT_OK, .advice = "option set IPCCDBA=0",
		.options = OPTIONS("IPCCDBA=0x3FFF") },
	{ .name = "command unanswered", .check = "mailbox", .verdict = WB_VERDICT_ODD,
		.after = WB_VERDICT_OK, .make = command_nobody_answers },
	{ .name = "FUS left selected", .check = "selected", .verdict = WB_VERDICT_ODD,
		.after = WB_VERDICT_OK, .advice = "fus start_ws", .make = fus_left_selected },
	{ .name = "FUS left selected, then off", .check = "selected", .verdict = WB_VERDICT_ODD,
		.after = WB_VERDICT_OK, .advice = "fus start_ws",
		.make = fus_left_selected_and_power_cycled },
	{ .name = "a corrected bit", .check = "ecc", .verdict = WB_VERDICT_ODD,
		.after = WB_VERDICT_OK, .make = one_wrong_bit },
	{ .name = "bits past correction", .check = "ecc", .verdict = WB_VERDICT_BAD,
		.after = WB_VERDICT_OK, .advice = "flash erase_address 0x08020000 0x1000",
		.make = two_wrong_bits },
	{ .name = "flash hangs", .check = "flash", .verdict = WB_VERDICT_BAD,
		.after = WB_VERDICT_OK, .make = flash_hangs },
	{ .name = "half a double word", .check = "flash", .verdict = WB_VERDICT_ODD,
		.after = WB_VERDICT_OK, .make = half_a_double_word },
	{ .name = "register never programmed", .check = "options", .verdict = WB_VERDICT_ODD,
		.after = WB_VERDICT_OK, .make = register_never_programmed },
	{ .name = "damaged page", .check = "options", .verdict = WB_VERDICT_BAD,
		.after = WB_VERDICT_OK, .make = damaged_page },
	{ .name = "damaged page in force", .check = "options", .verdict = WB_VERDICT_BAD,
		.after = WB_VERDICT_OK, .make = damaged_page_in_force },
	{ .name = "damaged secure word", .check = "options", .verdict = WB_VERDICT_BAD,
		.after = WB_VERDICT_OK, .advice = "would select Safeboot",
		.make = damaged_secure_word },
	{ .name = "options lost in a write", .check = "journal", .verdict = WB_VERDICT_ODD,
		.after = WB_VERDICT_OK, .advice = "option set nRST_STDBY=0x1 WRP1B_STRT=0x2 WRP1B_END=0x3",
		.make = options_lost_in_a_write },
	{ .name = "boot options of a run cut off", .check = "journal", .verdict = WB_VERDICT_ODD,
		.after = WB_VERDICT_OK, .options = OPTIONS("nBOOT0=0", "nBOOT1=0", "nSWBOOT0=0"),
		.make = boot_options_of_a_run_cut_off },
	{ .name = "probe pulled in mid-run", .check = "journal", .verdict = WB_VERDICT_ODD,
		.after = WB_VERDICT_OK, .quirks = dap_lost, .make = probe_pulled_in_mid_run },
	{ .name = "boots from SRAM", .check = "boot", .verdict = WB_VERDICT_BAD,
		.after = WB_VERDICT_OK, .options = OPTIONS("nBOOT0=0", "nBOOT1=0", "nSWBOOT0=0") },
	{ .name = "boots the bootloader", .check = "boot", .verdict = WB_VERDICT_BAD,
		.after = WB_VERDICT_OK, .options = OPTIONS("nBOOT0=0", "nSWBOOT0=0") },
	{ .name = "boot bits unlike ST's", .check = "boot", .verdict = WB_VERDICT_ODD,
		.after = WB_VERDICT_OK, .options = OPTIONS("nBOOT1=0") },
	{ .name = "programmed after power-on", .check = "boot", .verdict = WB_VERDICT_ODD,
		.after = WB_VERDICT_OK, .make = programmed_after_power_on },
	{ .name = "watchdogs by hardware", .check = "watchdog", .verdict = WB_VERDICT_ODD,
		.after = WB_VERDICT_OK, .options = OPTIONS("IWDG_SW=0", "WWDG_SW=0") },
	{ .name = "read protection", .check = "protection", .verdict = WB_VERDICT_ODD,
		.after = WB_VERDICT_OK, .advice = "erases all of user flash",
		.options = OPTIONS("RDP=0xBB") },
	{ .name = "write protection", .check = "protection", .verdict = WB_VERDICT_ODD,
		.after = WB_VERDICT_OK, .make = protected_page },
	{ .name = "write protection twice", .check = "protection", .verdict = WB_VERDICT_ODD,
		.after = WB_VERDICT_OK, .make = both_protected },
	{ .name = "code protection", .check = "protection", .verdict = WB_VERDICT_ODD,
		.after = WB_VERDICT_ODD, .advice = "no way back but",
		.options = OPTIONS("PCROP1B_STRT=0x40", "PCROP1B_END=0x41") },
	{ .name = "watchdog has bitten", .check = "reset", .verdict = WB_VERDICT_ODD,
		.after = WB_VERDICT_OK, .quirks = OPTIONS("iwdg-on"), .make = watchdog_has_bitten },
	{ .name = "application locks up", .check = "cpu1", .verdict = WB_VERDICT_ODD,
		.after = WB_VERDICT_ODD, .advice = "the fault is in the application",
		.make = application_that_locks_up },
	{ .name = "an image lies about", .check = "images", .verdict = WB_VERDICT_ODD,
		.after = WB_VERDICT_OK, .words = " -mailbox",
		.advice = "flash erase_address 0x08060000 0x2000", .make = image_in_user_flash },
	{ .name = "FUS never used", .check = "state", .verdict = WB_VERDICT_ODD,
		.after = WB_VERDICT_OK, .words = " -mailbox", .quirks = OPTIONS("first-state-ff") },
	{ .name = "CM0+ silent", .check = "state", .verdict = WB_VERDICT_BAD,
		.after = WB_VERDICT_BAD, .words = " -mailbox", .advice = "lost as far as we know",
		.quirks = OPTIONS("mute-cpu2") },
	{ .name = "no power", .check = "chip", .verdict = WB_VERDICT_BAD, .after = WB_VERDICT_BAD,
		.advice = "Check supply", .make = probe_is_gone },
	{ .name = "an old FUS", .check = "version", .verdict = WB_VERDICT_ODD,
		.after = WB_VERDICT_OK, .advice = "fus upgrade", .fus = "1.1.0", .make = fus_runs },
};

/* ---- asked, and obeyed ------------------------------------------------------------------------- */

static json_t *diagnose(const char *words)
{
	char line[96];

	wb_format(line, sizeof(line), "fus diagnose -json%s", words ? words : "");
	board_say(&board, line);
	return board_json();
}

static const char *of_check(json_t *diagnosis, const char *check, const char *key)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(diagnosis, "checks"), i, row)
		if (strcmp(json_string_value(json_object_get(row, "id")), check) == 0)
			return json_string_value(json_object_get(row, key));
	fail_msg("no check %s", check);
	return "";
}

static const char *const consents[] = { "-confirm factory-reset", "-confirm options" };

static void erase(const char *command)
{
	static uint8_t blank[0x10000];
	unsigned long address, size;
	char *end;

	address = strtoul(command, &end, 0);
	size = strtoul(end, NULL, 0);
	assert_true(size && size <= sizeof(blank));
	memset(blank, 0xff, sizeof(blank));
	set((uint32_t)address, blank, size);
}

static bool is(const char *command, const char *word, const char **rest)
{
	size_t len = strlen(word);

	*rest = command + len;
	return strncmp(command, word, len) == 0;
}

/* A refusal that names a consent gets it. */
static void confirmed(const char *words)
{
	char line[256];

	if (board_say(&board, words) != WB_ERR_REFUSED || strstr(words, "-confirm"))
		return;
	for (size_t i = 0; i < sizeof(consents) / sizeof(*consents); i++) {
		if (!strstr(board_said(), consents[i]))
			continue;
		wb_format(line, sizeof(line), "%s %s", words, consents[i]);
		board_say(&board, line);
		return;
	}
}

/* A command as it stands in the advice. */
static void obey(const char *command)
{
	const char *rest;
	char *end, line[256];
	uint32_t address;

	if (is(command, "stm32wb images DIR", &rest)) {
		wb_format(line, sizeof(line), "images %s", getenv("STM32WB_IMAGES"));
		done(line);
	} else if (is(command, "stm32wb ", &rest)) {
		confirmed(rest);
	} else if (is(command, "mww ", &rest)) {
		address = (uint32_t)strtoul(rest, &end, 0);
		poke(address, (uint32_t)strtoul(end, NULL, 0));
	} else if (is(command, "flash erase_address ", &rest)) {
		erase(rest);
	} else if (is(command, "halt", &rest) && !*rest) {
		board.bench.link.halt(&board.bench.link);
	} else if (is(command, "reset", &rest) && !*rest) {
		assert_int_equal(wbsim_nrst(board.sim, true), WBSIM_OK);
		assert_int_equal(wbsim_nrst(board.sim, false), WBSIM_OK);
	} else if (!is(command, "reset_config ", &rest)) {
		fail_msg("`%s`: nothing that this test can do", command);
	}
}

/* Everything that the advice says, in its order. */
static void follow(const char *advice)
{
	char text[512], *at = text, *end;

	wb_format(text, sizeof(text), "%s", advice);
	if (strstr(text, "ower the board off and on"))
		power_cycle();
	while ((at = strchr(at, '`')) != NULL) {
		end = strchr(++at, '`');
		assert_non_null(end);
		*end = '\0';
		obey(at);
		at = end + 1;
	}
}

static void open_sick(const struct sick *sick)
{
	const char *trust[] = { getenv("STM32WB_IMAGES"), NULL };

	board_open_chip(&board,
		&(struct wbsim_config){ .chip = sick->chip, .fus = sick->fus ? sick->fus : "2.2.0",
			.options = sick->options, .quirks = sick->quirks,
			.trust = trust[0] ? trust : NULL });
	if (sick->make)
		sick->make();
}

static void check_hot(const struct wbsim_stats *stats)
{
	assert_int_equal(stats->target_writes, 0);
	assert_int_equal(stats->resets, 0);
	assert_int_equal(stats->halts, 0);
	assert_int_equal(stats->option_writes + stats->flash_erases + stats->flash_dwords, 0);
}

static void expect(const struct sick *sick, json_t *diagnosis, enum wb_verdict verdict,
	const char *when)
{
	const char *said = of_check(diagnosis, sick->check, "verdict");

	if (strcmp(said, wb_verdict_name(verdict)))
		fail_msg("%s, %s: %s says %s: %s -> %s", sick->name, when, sick->check, said,
			of_check(diagnosis, sick->check, "seen"),
			of_check(diagnosis, sick->check, "advice"));
}

static void one(const struct sick *sick)
{
	json_t *diagnosis;
	char advice[512];

	if (strstr(sick->name, "an old FUS") && !getenv("STM32WB_IMAGES"))
		return;
	open_sick(sick);
	wbsim_stats_clear(board.sim);
	diagnosis = diagnose(sick->words);
	if (!sick->words && !sick->quirks)
		check_hot(wbsim_stats(board.sim));
	expect(sick, diagnosis, sick->verdict, "sick");
	wb_format(advice, sizeof(advice), "%s", of_check(diagnosis, sick->check, "advice"));
	json_decref(diagnosis);
	assert_string_not_equal(advice, "");
	if (sick->advice && !strstr(advice, sick->advice))
		fail_msg("%s: no \"%s\" in the advice: %s", sick->name, sick->advice, advice);
	follow(advice);
	wbsim_attach(board.sim);
	diagnosis = diagnose(sick->words);
	expect(sick, diagnosis, sick->after, "after its advice");
	json_decref(diagnosis);
	tear_down(NULL);
}

static void every_sick_board_is_found_and_its_advice_holds(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(boards) / sizeof(*boards); i++)
		one(&boards[i]);
}

/* ---- healthy ones ------------------------------------------------------------------------------ */

static void check_healthy(const char *words, const char *what)
{
	json_t *diagnosis;
	json_t *row;
	size_t i;

	wbsim_stats_clear(board.sim);
	diagnosis = diagnose(words);
	if (!words)
		check_hot(wbsim_stats(board.sim));
	json_array_foreach(json_object_get(diagnosis, "checks"), i, row) {
		const char *verdict = json_string_value(json_object_get(row, "verdict"));

		if (strcmp(verdict, "ok") && strcmp(verdict, "-"))
			fail_msg("%s: %s is %s: %s", what,
				json_string_value(json_object_get(row, "id")), verdict,
				json_string_value(json_object_get(row, "seen")));
	}
	assert_int_equal(i, CHECKS);
	json_decref(diagnosis);
}

static void healthy_boards_are_healthy(void **unused)
{
	static const struct {
		const char *chip, *fus;
	} all[] = { { "wb55rg", "2.2.0" }, { "wb55vy", "1.2.0" }, { "wb55re", "1.2.0" },
		{ "wb35ce", "2.1.0" }, { "wb35cc", "2.2.0" }, { "wb15cc", "2.2.0" },
		{ "wb50cg", "1.2.0" } };

	(void)unused;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		board_open_chip(&board,
			&(struct wbsim_config){ .chip = all[i].chip, .fus = all[i].fus });
		check_healthy(NULL, all[i].chip);
		check_healthy(" -mailbox", all[i].chip);
		check_healthy(NULL, all[i].chip);
		tear_down(NULL);
	}
}

static void healthy_with_the_cm0_running(void **unused)
{
	(void)unused;
	board_open(&board, "2.2.0", NULL);
	fus_runs();
	check_healthy(NULL, "FUS runs");
	install_stack();
	check_healthy(NULL, "stack installed");
	done("fus state -hold");
	check_healthy(NULL, "stack runs");
	done("fus diagnose");
	assert_true(board_said_has("ok   who        SBRV stack, C2BOOT 1, device info table stack, "
				   "ready event"));
	assert_true(board_said_has("In all: 0 bad, 0 odd"));
	check_healthy(" -mailbox", "stack asked");
	board_check_stack(&board, STACK);
	tear_down(NULL);
}

/* Verdict, exit and shape: bad fails, odd does not; the worst stands first; JSON stands alone. */
static void the_worst_decides(void **unused)
{
	static const char *const options[] = { "ESE=0", "nBOOT1=0", NULL };

	(void)unused;
	board_open_chip(&board, &(struct wbsim_config){ .fus = "2.2.0", .options = options });
	assert_int_equal(board_say(&board, "fus diagnose"), WB_ERR_CHIP);
	assert_int_equal(strncmp(board_said(), "bad  security", 13), 0);
	assert_true(board_said_has("\nodd  boot"));
	assert_true(board_said_has("begin with `security`"));
	assert_int_equal(board_say(&board, "fus diagnose -json"), WB_ERR_CHIP);
	json_decref(board_json());
	assert_int_equal(board_say(&board, "fus diagnose -hold"), WB_ERR_USAGE);
	tear_down(NULL);
	board_open_chip(&board, &(struct wbsim_config){ .fus = "2.2.0", .options = options + 1 });
	assert_int_equal(board_say(&board, "fus diagnose"), WB_OK);
	assert_int_equal(strncmp(board_said(), "odd  boot", 9), 0);
	tear_down(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(healthy_boards_are_healthy),
		cmocka_unit_test(healthy_with_the_cm0_running),
		cmocka_unit_test(the_worst_decides),
		cmocka_unit_test(every_sick_board_is_found_and_its_advice_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

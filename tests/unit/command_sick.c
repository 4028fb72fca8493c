/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sick boards of command_diagnose_test.c: how each is made, and what is to be said of it. */
#include "tests/unit/command_sick.h"
#include "core/bytes.h"
#include "core/cortex_m.h"
#include "core/regs.h"
#include "core/tables.h"

#define SRAM2A 0x20030000u

static const char *dap_lost[] = { "dap-lost-on-reset=5", NULL };
static const char *no_info[] = { "info=none", NULL };

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

/* ---- sick boards ---------------------------------------------------------------------------- */

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

/* A word of the user's or of the CM0+'s, while the registers hold what was, and afterwards. */
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
	assert_int_equal(board.bench.link.journal_store(&board.bench.link, 0, WB_RECORD_BOOT,
				 journal, sizeof(journal)),
		WB_OK);
}

static void probe_pulled_in_mid_run(void)
{
	unsigned int half;

	bench_mend(&board.bench);
	done("fus state");
	half = board.bench.ops / 2;
	bench_mend(&board.bench);
	board_hush();
	board.bench.accident = ACCIDENT_UNPLUG;
	board.bench.accident_at = half;
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

/* The FUS goes on with it at its next start. */
void upgrade_cut_off(void)
{
	struct wb_image image;
	char why[160];

	board_image(&image, BOARD_STACK, STACK, 60000);
	assert_true(wbsim_add_fault(board.sim, "step=installed:power-cut=10000", why, sizeof(why)));
	assert_int_not_equal(board_upgrade(&board, &image), WB_OK);
	wait_ms(20000);
	wbsim_attach(board.sim);
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
#define OK WB_VERDICT_OK
#define ODD WB_VERDICT_ODD
#define BAD WB_VERDICT_BAD

const struct sick sick_boards[] = {
	{ "Safeboot", "safeboot", BAD, OK, .advice = "fus recover", .fus = "1.2.0",
		.options = OPTIONS("SFSA=0", "SBRV=0x3FC00") },
	{ "Safeboot of a WB1x", "safeboot", BAD, OK, .advice = "fus recover", .chip = "wb15cc",
		.options = OPTIONS("SFSA=0", "SBRV=0x13E00") },
	{ "Safeboot of an old FUS", "safeboot", BAD, BAD, .advice = "fus recover", .fus = "1.0.2",
		.options = OPTIONS("SFSA=0", "SBRV=0x3FC00") },
	{ "page damaged by a brown-out", "options", BAD, OK, .advice = "fus recover",
		.make = brown_out },
	{ "boundary into nowhere", "boundary", BAD, BAD, .advice = "no way back is known",
		.options = OPTIONS("SBRV=0x12345") },
	{ "boundary of a dead board", "boundary", BAD, BAD, .advice = "no way back is known",
		.options = OPTIONS("SBRV=0x3FFFF", "SFSA=0xFF") },
	{ "security off", "security", BAD, BAD, .advice = "has to be replaced",
		.options = OPTIONS("ESE=0") },
	{ "flash not secure", "security", BAD, BAD, .advice = "has to be replaced",
		.options = OPTIONS("FSD=1") },
	{ "CM0+ boots from SRAM", "security", BAD, BAD, .advice = "has to be replaced",
		.options = OPTIONS("C2OPT=0") },
	{ "CM0+ debug on", "security", ODD, ODD, .advice = "Nothing need be done",
		.options = OPTIONS("DDS=0") },
	{ "no tables", "who", BAD, OK, .make = started_without_tables },
	{ "no tables (2)", "tables", BAD, OK, .make = started_without_tables },
	{ "wild tables", "tables", BAD, OK, .make = started_with_wild_tables },
	{ "tables the stack refused", "tables", BAD, OK, .advice = "linked for this stack",
		.make = stack_with_its_pool_in_secure_ram },
	{ "no versions", "version", ODD, ODD, .words = " -mailbox", .advice = "no upgrade is planned",
		.quirks = no_info },
	{ "signs disagree", "who", ODD, OK, .make = stack_with_the_table_of_a_fus },
	{ "IPCCDBA past the end", "tables", BAD, OK, .advice = "option set IPCCDBA=0",
		.options = OPTIONS("IPCCDBA=0x3FFF") },
	{ "command unanswered", "mailbox", ODD, OK, .make = command_nobody_answers },
	{ "FUS left selected", "selected", ODD, OK, .advice = "fus start_ws",
		.make = fus_left_selected },
	{ "FUS left selected, then off", "selected", ODD, OK, .advice = "fus start_ws",
		.make = fus_left_selected_and_power_cycled },
	{ "a corrected bit", "ecc", ODD, OK, .make = one_wrong_bit },
	{ "bits past correction", "ecc", BAD, OK, .advice = "flash erase_address 0x08020000 0x1000",
		.make = two_wrong_bits },
	{ "flash hangs", "flash", BAD, OK, .make = flash_hangs },
	{ "half a double word", "flash", ODD, OK, .make = half_a_double_word },
	{ "register never programmed", "options", ODD, OK, .make = register_never_programmed },
	{ "damaged page", "options", BAD, OK, .make = damaged_page },
	{ "damaged page in force", "options", BAD, OK, .make = damaged_page_in_force },
	{ "damaged secure word", "options", BAD, OK, .advice = "would select Safeboot",
		.make = damaged_secure_word },
	{ "options lost in a write", "journal", ODD, OK,
		.advice = "option set nRST_STDBY=0x1 WRP1B_STRT=0x2 WRP1B_END=0x3",
		.make = options_lost_in_a_write },
	{ "boot options of a run cut off", "journal", ODD, OK,
		.options = OPTIONS("nBOOT0=0", "nBOOT1=0", "nSWBOOT0=0"),
		.make = boot_options_of_a_run_cut_off },
	{ "probe pulled in mid-run", "journal", ODD, OK, .quirks = dap_lost,
		.make = probe_pulled_in_mid_run },
	{ "boots from SRAM", "boot", BAD, OK,
		.options = OPTIONS("nBOOT0=0", "nBOOT1=0", "nSWBOOT0=0") },
	{ "boots the bootloader", "boot", BAD, OK, .options = OPTIONS("nBOOT0=0", "nSWBOOT0=0") },
	{ "boot bits unlike ST's", "boot", ODD, OK, .options = OPTIONS("nBOOT1=0") },
	{ "programmed after power-on", "boot", ODD, OK, .make = programmed_after_power_on },
	{ "watchdogs by hardware", "watchdog", ODD, OK,
		.options = OPTIONS("IWDG_SW=0", "WWDG_SW=0") },
	{ "read protection", "protection", ODD, OK, .advice = "erases all of user flash",
		.options = OPTIONS("RDP=0xBB") },
	{ "write protection", "protection", ODD, OK, .make = protected_page },
	{ "write protection twice", "protection", ODD, OK, .make = both_protected },
	{ "code protection", "protection", ODD, ODD, .advice = "no way back but",
		.options = OPTIONS("PCROP1B_STRT=0x40", "PCROP1B_END=0x41") },
	{ "watchdog has bitten", "reset", ODD, OK, .quirks = OPTIONS("iwdg-on"),
		.make = watchdog_has_bitten },
	{ "application locks up", "cpu1", ODD, ODD, .advice = "the fault is in the application",
		.make = application_that_locks_up },
	{ "an image lies about", "images", ODD, OK, .words = " -mailbox",
		.advice = "flash erase_address 0x08060000 0x2000", .make = image_in_user_flash },
	{ "FUS never used", "state", ODD, OK, .words = " -mailbox",
		.quirks = OPTIONS("first-state-ff") },
	{ "upgrade cut off", "state", ODD, OK, .words = " -mailbox", .advice = "`stm32wb fus start`",
		.make = upgrade_cut_off },
	{ "CM0+ silent", "state", BAD, BAD, .words = " -mailbox",
		.advice = "lost as far as we know", .quirks = OPTIONS("mute-cpu2") },
	{ "no power", "chip", BAD, BAD, .advice = "Check supply", .make = probe_is_gone },
	{ "an old FUS", "version", ODD, OK, .advice = "fus upgrade", .fus = "1.1.0",
		.make = fus_runs },
};
const size_t sick_count = sizeof(sick_boards) / sizeof(*sick_boards);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* option list, get, set on a virtual board. With accidents: command_option_accident_test.c. */
#include "tests/unit/command_option.h"

#define PAGE_OF_OPTIONS 0x1fff8000u

/* What a command did to the chip, by the virtual chip's own counters. */
static void check_untouched(void)
{
	const struct wbsim_stats *stats = wbsim_stats(board.sim);

	assert_int_equal(stats->target_writes, 0);
	assert_int_equal(stats->option_writes, 0);
	assert_int_equal(stats->resets, 0);
	assert_int_equal(stats->halts, 0);
}

/* ---- list, get --------------------------------------------------------------------------------- */

static void list_shows_every_field(void **unused)
{
	json_t *object, *rdp;

	(void)unused;
	wbsim_stats_clear(board.sim);
	done("option list");
	assert_true(board_said_has("RDP             0xAA      level 0"));
	assert_true(board_said_has("set by the CM0+ only"));
	done("option list -json");
	object = board_json();
	rdp = json_object_get(json_object_get(object, "options"), "RDP");
	assert_int_equal(json_integer_value(json_object_get(rdp, "value")), 0xaa);
	assert_int_equal(json_integer_value(json_object_get(rdp, "width")), 8);
	assert_int_equal(json_object_size(json_object_get(object, "options")), 35);
	json_decref(object);
	check_untouched();
}

static void get_says_the_value_alone(void **unused)
{
	(void)unused;
	done("option get SBRV");
	assert_string_equal(board_said(), "0x3D000");
	done("option get nboot0");
	assert_string_equal(board_said(), "0x1");
	assert_string_equal(board_reported(), "nBOOT0: if nSWBOOT0 = 0: BOOT0 = 0, boot from flash\n");
	done("option get nBOOT0 -json");
	assert_true(board_said_has("\"meaning\":\"if nSWBOOT0 = 0: BOOT0 = 0, boot from flash\""));
	expect("option get nBOT0", WB_ERR_USAGE, "do you mean nBOOT1, nBOOT0?");
	expect("option get WRP1", WB_ERR_USAGE, "WRP1A_STRT, WRP1A_END, WRP1B_STRT, WRP1B_END");
	expect("option get IRHEN", WB_ERR_USAGE, "STM32WB5x has no such option field");
	expect("option get x", WB_ERR_USAGE, "`stm32wb option list`");
}

/* ---- set: judged first ------------------------------------------------------------------------- */

static void what_may_not_be_set_is_refused_before_anything_is_touched(void **unused)
{
	static const struct {
		const char *words;
		enum wb_status status;
		const char *text;
	} cases[] = {
		{ "SFSA=0xF0", WB_ERR_REFUSED, "refused (secure-option): SFSA belongs to the CM0+" },
		{ "SBRV=0x3D000", WB_ERR_REFUSED, "(secure-option)" },
		{ "ESE=0", WB_ERR_REFUSED, "(secure-option)" },
		{ "C2OPT=0", WB_ERR_REFUSED, "(secure-option)" },
		{ "nBOOT1=0 SBRSA=1", WB_ERR_REFUSED, "(secure-option)" },
		{ "RDP=0xCC", WB_ERR_REFUSED, "(rdp-2)" },
		{ "RDP=0xCC -confirm rdp", WB_ERR_REFUSED, "(rdp-2)" },
		{ "RDP=0xBB", WB_ERR_REFUSED, "-confirm rdp" },
		{ "RDP=0", WB_ERR_USAGE, "It is the byte, not the level" },
		{ "RDP=1 -confirm rdp", WB_ERR_USAGE, "0xAA" },
		{ "RDP=0x1AA", WB_ERR_USAGE, "8 bits" },
		{ "nBOOT0=2", WB_ERR_USAGE, "1 bit, 0 to 0x1" },
		{ "BOR_LEV=5", WB_ERR_USAGE, "levels are 0" },
		{ "IPCCDBA=0x3FFF", WB_ERR_REFUSED, "(ipccdba)" },
		{ "nBOOT0=0 nboot0=1", WB_ERR_USAGE, "said twice" },
		{ "nBOOT2=0", WB_ERR_USAGE, "do you mean nBOOT1, nBOOT0?" },
		{ "PCROP1A_STRT=0 PCROP1A_END=3", WB_ERR_REFUSED, "refused (rdp): PCROP1A" },
		{ "nBOOT0=0x100000000", WB_ERR_USAGE, "NAME=VALUE" },
		{ "nBOOT0=0 -confirm rpd", WB_ERR_USAGE, "no such risk" },
	};
	char words[128];

	(void)unused;
	wbsim_stats_clear(board.sim);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		wb_format(words, sizeof(words), "option set %s", cases[i].words);
		expect(words, cases[i].status, cases[i].text);
	}
	check_untouched();
	board_check_kept(&board);
}

static void what_is_so_already_is_not_written(void **unused)
{
	(void)unused;
	wbsim_stats_clear(board.sim);
	done("option set nBOOT0=1 RDP=0xAA IPCCDBA=0");
	assert_true(board_said_has("so already"));
	check_untouched();
}

/* ---- set: done --------------------------------------------------------------------------------- */

static void several_fields_are_one_write(void **unused)
{
	uint32_t secure[2] = { peek(FLASH_SFR), peek(FLASH_SRRVR) };

	(void)unused;
	wbsim_stats_clear(board.sim);
	done("option set BOR_LEV=2 nRST_STOP=0 WRP1A_STRT=0x10 WRP1A_END=0x11 -json");
	assert_true(board_said_has("\"changes\":{\"BOR_LEV\":{\"from\":0,\"to\":2}"));
	assert_true(board_said_has("WRP1A closes 0x08010000 - 0x08011FFF to writing"));
	assert_int_equal(wbsim_stats(board.sim)->option_writes, 1);
	assert_int_equal(wbsim_stats(board.sim)->flash_erases, 0);
	assert_int_equal(wbsim_stats(board.sim)->resets, 3); /* hold, load, let go */
	assert_int_equal(peek(CM_DHCSR) & CM_DHCSR_S_HALT, 0);
	assert_int_equal(optr_kept(), (FACTORY & ~(1u << 12)) | 2u << 9);
	assert_int_equal(peek(FLASH_WRP1AR) & 0x00ff00ffu, 0x00110010u);
	assert_int_equal(peek(FLASH_SFR), secure[0]);
	assert_int_equal(peek(FLASH_SRRVR), secure[1]);
	board_check_app(&board);
	assert_int_equal(board.bench.record[WB_RECORD_OPTIONS].len, 0);
	assert_true(board.bench.polling);
}

static void a_halted_chip_stays_halted(void **unused)
{
	(void)unused;
	assert_int_equal(board.bench.link.halt(&board.bench.link), WB_ERR_RESET); /* of its power-on */
	done("option set nRST_SHDW=0");
	assert_true(board_said_has("CPU1 is halted"));
	assert_true(peek(CM_DHCSR) & CM_DHCSR_S_HALT);
	assert_int_equal(optr_kept(), FACTORY & ~(1u << 14));
}

static void odd_boards_are_served(void **unused)
{
	static const char *const quirks[] = { "optverr", "dap-lost-on-reset=100",
		"demcr-lost-on-reset", "iwdg-on", "sram2-erased-on-reset", "ipccdba=64" };

	(void)unused;
	for (size_t i = 0; i < sizeof(quirks) / sizeof(*quirks); i++) {
		const char *const list[] = { quirks[i], NULL };

		other_board(&(struct wbsim_config){ .fus = "1.2.0", .quirks = list });
		wbsim_stats_clear(board.sim);
		done("option set nRST_STDBY=0");
		assert_int_equal(wbsim_stats(board.sim)->option_writes, 1);
		assert_int_equal(optr_kept(), board.options[0] & ~(1u << 13));
	}
}

static void every_family_has_its_fields(void **unused)
{
	(void)unused;
	other_board(&(struct wbsim_config){ .chip = "wb15cc", .fus = "1.2.0" });
	done("option set IRHEN=0");
	assert_int_equal(optr_kept() & 1u << 15, 0);
	expect("option set nRST_MODE=0", WB_ERR_USAGE, "reserved");
	expect("option set SBRV=0x11800", WB_ERR_REFUSED, "(secure-option)");
	other_board(&(struct wbsim_config){ .chip = "wb35ce", .fus = "1.2.0" });
	done("option set SRAM2_PE=0");
	assert_true(board_said_has("0x1 -> 0x0"));
}

static void read_protection_goes_up_and_down_with_consent(void **unused)
{
	(void)unused;
	done("option set RDP=0xBB -confirm rdp");
	assert_int_equal(optr_kept() & 0xff, 0xbb);
	board_check_app(&board);
	expect("option set RDP=0xAA", WB_ERR_REFUSED, "erases all of user flash");
	done("option set nBOOT1=0"); /* other fields need no word about it */
	assert_int_equal(optr_kept() & 0xff, 0xbb);
	done("option set RDP=0xAA -confirm rdp");
	assert_non_null(strstr(board_reported(), "the chip has erased all of user flash"));
	assert_int_equal(optr_kept() & 0xff, 0xaa);
	assert_int_equal(peek(WB_FLASH_BASE), UINT32_MAX);
	assert_int_equal(peek(FLASH_SFR) & 0xff, 0xf4);
}

static void pcrop_grows_with_consent_and_never_shrinks(void **unused)
{
	(void)unused;
	done("option set PCROP1A_STRT=0x20 PCROP1A_END=0x23 -confirm rdp");
	expect("option set PCROP1A_END=0x22 -confirm rdp", WB_ERR_REFUSED, "(pcrop)");
	expect("option set PCROP1A_STRT=0x30 -confirm rdp", WB_ERR_REFUSED, "(pcrop)");
	expect("option set PCROP1A_END=0x24", WB_ERR_REFUSED, "(rdp)");
	done("option set PCROP1A_END=0x24 -confirm rdp");
	assert_int_equal(peek(FLASH_PCROP1AER) & 0x1ff, 0x24);
}

/* ---- what others left -------------------------------------------------------------------------- */

static void a_register_that_was_never_programmed_stays_out_of_the_page(void **unused)
{
	static const uint32_t keys[][2] = { { FLASH_KEYR, FLASH_KEY1 }, { FLASH_KEYR, FLASH_KEY2 },
		{ FLASH_OPTKEYR, FLASH_OPTKEY1 }, { FLASH_OPTKEYR, FLASH_OPTKEY2 },
		{ FLASH_OPTR, FACTORY & ~OPTR_NBOOT0 } };

	(void)unused;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		assert_int_equal(wbsim_mem_write(board.sim, keys[i][0], 4, 1, &keys[i][1]), WBSIM_OK);
	assert_int_equal(peek(FLASH_OPTR), FACTORY & ~OPTR_NBOOT0);
	done("option set nRST_STOP=0");
	assert_int_equal(optr_kept(), FACTORY & ~(1u << 12));
}

static void a_damaged_page_is_written_anew_and_not_loaded(void **unused)
{
	(void)unused;
	assert_true(wbsim_corrupt(board.sim, PAGE_OF_OPTIONS + 0x18, 4, 1));
	done("option set nBOOT0=1");
	assert_true(board_said_has("written anew"));
	assert_int_equal(optr_kept(), FACTORY);
	assert_int_equal(peek(FLASH_SFR) & 0xff, 0xf4);
	board_check_kept(&board);
}

static void with_safeboot_selected_nothing_is_written(void **unused)
{
	static const char *const options[] = { "SFSA=0", "SBRV=0x3FC00", NULL };

	(void)unused;
	other_board(&(struct wbsim_config){ .fus = "1.2.0", .options = options });
	wbsim_stats_clear(board.sim);
	expect("option set nBOOT0=0", WB_ERR_REFUSED, "fus recover");
	assert_int_equal(wbsim_stats(board.sim)->option_writes, 0);
	assert_int_equal(wbsim_stats(board.sim)->resets, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(list_shows_every_field),
		TEST(get_says_the_value_alone),
		TEST(what_may_not_be_set_is_refused_before_anything_is_touched),
		TEST(what_is_so_already_is_not_written),
		TEST(several_fields_are_one_write),
		TEST(a_halted_chip_stays_halted),
		TEST(odd_boards_are_served),
		TEST(every_family_has_its_fields),
		TEST(read_protection_goes_up_and_down_with_consent),
		TEST(pcrop_grows_with_consent_and_never_shrinks),
		TEST(a_register_that_was_never_programmed_stays_out_of_the_page),
		TEST(a_damaged_page_is_written_anew_and_not_loaded),
		TEST(with_safeboot_selected_nothing_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

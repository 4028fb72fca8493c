/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words in: the commands that ask the CM0+, and what is no command at all. */
#include "command_play.h"

static void nothing_lists_all_commands(void **state)
{
	(void)state;
	assert_int_equal(say(true, ""), WB_ERR_USAGE);
	assert_true(out_has("stm32wb image FILE"));
	assert_true(out_has("stm32wb fus shci OPCODE"));
}

static void unknown_fus_word_lists_the_group(void **state)
{
	(void)state;
	assert_int_equal(say(true, "fus stat"), WB_ERR_USAGE);
	assert_true(out_has("stm32wb fus stat: no such command"));
	assert_true(out_has("stm32wb fus state"));
	assert_null(strstr(text_str(&out), "stm32wb image"));
	assert_int_equal(say(true, "fus usrkey"), WB_ERR_USAGE);
	assert_true(out_has("stm32wb fus usrkey: which of these?"));
	assert_true(out_has("stm32wb fus usrkey lock N"));
	assert_null(strstr(text_str(&out), "stm32wb fus upgrade"));
	assert_int_equal(say(true, "fus usrkey drop 1"), WB_ERR_USAGE);
	assert_true(out_has("stm32wb fus usrkey drop: no such command"));
}

static void a_slip_of_the_finger_is_told_what_it_may_mean(void **state)
{
	(void)state;
	assert_int_equal(say(true, "fus upgarde x.bin"), WB_ERR_USAGE);
	assert_true(out_has("stm32wb fus upgarde: no such command; do you mean upgrade?"));
	assert_true(out_has("usage: stm32wb fus upgrade [FILE|DIR]"));
	assert_null(strstr(text_str(&out), "stm32wb fus plan"));
	assert_int_equal(say(true, "fus usrkey lod 1"), WB_ERR_USAGE);
	assert_true(out_has("do you mean load, lock?"));
	assert_int_equal(say(true, "optoin list"), WB_ERR_USAGE);
	assert_true(out_has("stm32wb optoin: no such command; do you mean option?"));
	assert_int_equal(say(true, "fus nonsense"), WB_ERR_USAGE);
	assert_null(strstr(text_str(&out), "do you mean"));
	assert_true(out_has("stm32wb fus plan"));
}

static void the_word_that_is_missing_is_named(void **state)
{
	(void)state;
	assert_int_equal(say(true, "fus usrkey store"), WB_ERR_USAGE);
	assert_true(out_has("simple|master|encrypted is missing"));
	assert_int_equal(say(true, "fus usrkey store simple"), WB_ERR_USAGE);
	assert_true(out_has("FILE is missing"));
}

static void bad_words_say_usage(void **state)
{
	static const char *const bad[] = {
		"info more",
		"info -hold",
		"info -jsn",
		"image",
		"fus state -address 0x08000000",
		"fus upgrade -address",
		"fus upgrade -address 0",
		"fus upgrade -address -1",
		"fus upgrade -address 0x100000000",
		"fus upgrade -address 12x",
		"fus upgrade a b",
		"fus upgrade -confirm",
		"fus upgrade -confirm overwrit",
		"option get",
		"option set",
		"option set nBOOT0",
		"option set nBOOT0=",
		"option set =1",
		"option set nBOOT0=x",
		"fus shci",
		"fus shci 0x10000",
		"fus shci FC52",
		"fus shci 0xFC52 256",
		"fus shci 0xFC52 -1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (say(true, bad[i]) != WB_ERR_USAGE || !out_has("usage: stm32wb "))
			fail_msg("%s: %s", bad[i], text_str(&out));
	}
	assert_int_equal(core.sessions, 0);
}

static void chip_commands_are_refused_before_init(void **state)
{
	const struct cmd_command *row;
	unsigned int chipless = 0;

	(void)state;
	for (unsigned int i = 0; (row = cmd_table(i)); i++) {
		chipless += !row->needs_chip;
		if (!row->needs_chip)
			continue;
		assert_int_equal(say(false, row->name), WB_ERR_USAGE);
		assert_true(out_has("run `init` first"));
	}
	assert_int_equal(chipless, 2);
}

static void state_is_named(void **state)
{
	(void)state;
	assert_int_equal(say(true, "fus state -hold"), WB_OK);
	assert_true(core.op.hold);
	assert_false(core.op.under_reset);
	assert_true(out_has("state           0xFF"));
	assert_true(out_has("error           0xFF"));
	assert_true(out_has("FUS             2.2.0"));
	assert_true(out_has("left as         as found"));
}

static void state_json_has_stable_keys(void **state)
{
	const char *runs, *name, *left, *warning;
	int value, error;

	(void)state;
	assert_int_equal(say(true, "fus state -json -under-reset"), WB_OK);
	assert_true(core.op.under_reset);
	json_t *object = out_json();
	assert_non_null(object);
	assert_int_equal(json_unpack(object, "{s:{s:s, s:i, s:s, s:i}, s:s, s:[s]}", "state",
				 "runs", &runs, "state", &value, "state_name", &name, "error",
				 &error, "left", &left, "warnings", &warning),
		0);
	assert_int_equal(value, 0xff);
	assert_int_equal(error, 0xff);
	assert_string_equal(warning, "a warning");
	json_decref(object);
}

static void failure_ends_with_its_reason(void **state)
{
	(void)state;
	core.answer = WB_ERR_TIMEOUT;
	assert_int_equal(say(true, "fus state"), WB_ERR_TIMEOUT);
	assert_string_equal(text_str(&out), "no answer within 10000 ms");
}

/* Too late for this command: it is done, and what stands behind it must not run. */
static void a_stop_that_comes_at_the_end_is_an_error(void **state)
{
	(void)state;
	core.stop = true;
	assert_int_equal(say(true, "fus state"), WB_ERR_STOPPED);
	assert_true(out_has("stopped as asked, after `stm32wb fus state` has come to its end"));
	assert_true(out_has("answered by"));
}

static void session_is_kept_between_commands(void **state)
{
	(void)state;
	assert_int_equal(say(true, "fus state"), WB_OK);
	assert_int_equal(say(true, "fus state"), WB_OK);
	assert_int_equal(core.sessions, 1);
	cmd_chip_free(&chip);
	assert_int_equal(core.sessions, 0);
}

static void shci_passes_bytes_and_prints_hex(void **state)
{
	(void)state;
	assert_int_equal(say(true, "fus shci 0xFC59 7 0x1f"), WB_OK);
	assert_int_equal(core.opcode, 0xfc59);
	assert_int_equal(core.payload_len, 2);
	assert_int_equal(core.payload[1], 0x1f);
	assert_string_equal(text_str(&out), "00 ab");
	assert_int_equal(say(true, "fus shci -json 0xFC59 7"), WB_OK);
	assert_true(out_has("\"answer\":\"00ab\""));
}

static void shci_takes_255_bytes_and_no_more(void **state)
{
	char words[2048] = "fus shci 0xFC56";

	(void)state;
	for (unsigned int i = 0; i < 255; i++)
		strcat(words, " 1");
	assert_int_equal(say(true, words), WB_OK);
	assert_int_equal(core.payload_len, 255);
	strcat(words, " 1");
	assert_int_equal(say(true, words), WB_ERR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_lists_all_commands),
		TEST(unknown_fus_word_lists_the_group),
		TEST(a_slip_of_the_finger_is_told_what_it_may_mean),
		TEST(the_word_that_is_missing_is_named),
		TEST(bad_words_say_usage),
		TEST(chip_commands_are_refused_before_init),
		TEST(state_is_named),
		TEST(state_json_has_stable_keys),
		TEST(failure_ends_with_its_reason),
		TEST(a_stop_that_comes_at_the_end_is_an_error),
		TEST(session_is_kept_between_commands),
		TEST(shci_passes_bytes_and_prints_hex),
		TEST(shci_takes_255_bytes_and_no_more),
	};

	return cmocka_run_group_tests(tests, play_begin, play_end);
}

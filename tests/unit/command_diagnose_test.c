/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fus diagnose on boards that are sick in every way the virtual chip knows (command_sick.c): each is
 * found, and its advice, followed word by word, ends in health or says honestly that nothing helps.
 */
#include <unistd.h>
#include "tests/unit/command_sick.h"
#include "core/regs.h"

#define CHECKS 20u

static int tear_down(void **state)
{
	(void)state;
	board_hush();
	board_close(&board);
	return 0;
}

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
	for (size_t i = 0; i < sick_count; i++)
		one(&sick_boards[i]);
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
	done("fus state -hold");
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

/* Asked for its state in mid-upgrade, the FUS goes on: no reset of ours cuts it short again. */
static void a_question_does_not_cut_an_upgrade_short(void **unused)
{
	static const char *const questions[] = { "fus state", "fus diagnose -mailbox" };

	(void)unused;
	for (size_t i = 0; i < 2; i++) {
		board_open(&board, "2.2.0", NULL);
		upgrade_cut_off();
		done(questions[i]);
		assert_true(board_said_has("CPU1 is kept halted"));
		done("fus start_ws");
		board_check_stack(&board, STACK);
		tear_down(NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(healthy_boards_are_healthy),
		cmocka_unit_test(healthy_with_the_cm0_running),
		cmocka_unit_test(the_worst_decides),
		cmocka_unit_test(a_question_does_not_cut_an_upgrade_short),
		cmocka_unit_test(every_sick_board_is_found_and_its_advice_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checks of the diagnosis on evidence that the virtual chip does not give: judged as values. */
#include "tests/unit/core_make.h"
#include "core/evidence.h"
#include "core/packets.h"
#include "core/regs.h"

#define VERSION(major, minor, sub) \
	((uint32_t)(major) << 24 | (uint32_t)(minor) << 16 | (uint32_t)(sub) << 8)
#define ECCR_BY_CM0 (1u << 26)

static struct evidence e;
static struct wb_finding finding;

static int set_up(void **state)
{
	(void)state;
	memset(&e, 0, sizeof(e));
	e.chip_read = true;
	e.chip = make_chip(VERSION(2, 2, 0));
	return 0;
}

static enum wb_verdict judge(check *run)
{
	enum wb_verdict verdict;

	memset(&finding, 0, sizeof(finding));
	verdict = run(&e, &finding);
	assert_string_not_equal(finding.seen, "");
	/* what is not in order has advice, and nothing else has */
	assert_int_equal(finding.advice[0] != '\0', verdict > WB_VERDICT_OK);
	return verdict;
}

static void says(const char *what)
{
	if (!strstr(finding.seen, what) && !strstr(finding.advice, what))
		fail_msg("no \"%s\" in: %s -> %s", what, finding.seen, finding.advice);
}

static void versions(uint32_t fus)
{
	e.chip.versions.valid = true;
	e.chip.versions.live = false;
	e.chip.versions.fus = fus;
}

static void safeboot_of_an_old_fus_is_the_end(void **state)
{
	(void)state;
	e.chip.options.sfr &= ~0xffu;
	e.chip.selected = WB_RUNS_SAFEBOOT;
	versions(VERSION(1, 0, 2));
	assert_int_equal(judge(check_safeboot), WB_VERDICT_BAD);
	says("locks the chip for good");
	assert_null(strchr(finding.advice, '`'));
	versions(VERSION(1, 1, 0));
	assert_int_equal(judge(check_safeboot), WB_VERDICT_BAD);
	says("`stm32wb fus recover`");
	assert_int_equal(judge(check_boundary), WB_VERDICT_NONE);
}

/* No command of ours starts the CM0+ then: none may be advised. */
static void under_safeboot_nothing_of_the_cm0_is_judged(void **state)
{
	static check *const checks[] = { check_boundary, check_tables, check_mailbox, check_selected,
		check_images, check_state };

	(void)state;
	e.chip.options.sfr &= ~0xffu;
	e.chip.options.srrvr = 0x8003fc00;
	e.chip.selected = WB_RUNS_SAFEBOOT;
	e.chip.c2boot = e.waiting = e.asked = true;
	e.asked_status = WB_ERR_REFUSED;
	for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++) {
		assert_int_equal(judge(checks[i]), WB_VERDICT_NONE);
		assert_string_equal(finding.seen, "not judged while Safeboot is selected");
	}
	assert_int_equal(judge(check_who), WB_VERDICT_OK);
	e.chip.selected = WB_RUNS_FUS; /* by SBRV; SFSA is 0 all the same */
	assert_int_equal(judge(check_who), WB_VERDICT_OK);
	e.chip.selected = WB_RUNS_SAFEBOOT;
	e.page.read = e.page.sound = true;
	e.page.options = e.chip.options;
	assert_int_equal(judge(check_options), WB_VERDICT_OK);
	says("the page is sound now; Safeboot was selected by an earlier load");
	e.chip.dhcsr = 1u << 19; /* S_LOCKUP: CPU1 reads 0 for its vectors */
	assert_int_equal(judge(check_cpu1), WB_VERDICT_OK);
	says("Safeboot keeps all of flash from it");
	e.busy = FLASH_SR_CFGBSY;
	assert_int_equal(judge(check_flash), WB_VERDICT_ODD);
	assert_null(strchr(finding.advice, '`'));
	assert_int_equal(judge(check_safeboot), WB_VERDICT_BAD);
	assert_ptr_equal(strstr(finding.advice, "First power the board off and on"), finding.advice);
}

static void sfsa_or_sbrv_alone_is_safeboot_too(void **state)
{
	(void)state;
	e.chip.options.srrvr = 0x8003fc00;
	assert_int_equal(judge(check_safeboot), WB_VERDICT_BAD);
	set_up(NULL);
	e.chip.options.sfr &= ~0xffu;
	assert_int_equal(judge(check_safeboot), WB_VERDICT_BAD);
	set_up(NULL);
	assert_int_equal(judge(check_safeboot), WB_VERDICT_OK);
	/* 17 bits on a WB1x: the same number is another place there */
	e.chip.family = wb_family_by_id(WB_FAMILY_1X);
	e.chip.options.srrvr = 0x80013e00;
	assert_int_equal(judge(check_safeboot), WB_VERDICT_BAD);
}

static void the_brick_of_two_upgrades_is_named(void **state)
{
	(void)state;
	e.chip.selected = WB_RUNS_UNKNOWN;
	versions(VERSION(1, 1, 0));
	assert_int_equal(judge(check_boundary), WB_VERDICT_BAD);
	says("A FUS before 1.2.0 ends so");
	versions(VERSION(1, 2, 0));
	assert_int_equal(judge(check_boundary), WB_VERDICT_BAD);
	assert_null(strstr(finding.advice, "1.2.0"));
}

static void fus_1_0_1_on_a_small_part_is_locked(void **state)
{
	(void)state;
	versions(VERSION(1, 0, 1));
	assert_int_equal(judge(check_version), WB_VERDICT_ODD);
	e.chip.flash_kib = 512;
	assert_int_equal(judge(check_version), WB_VERDICT_BAD);
	says("locked");
	versions(VERSION(1, 2, 0));
	assert_int_equal(judge(check_version), WB_VERDICT_OK);
	says("last known");
	e.chip.versions.live = true;
	judge(check_version);
	assert_null(strstr(finding.seen, "last known"));
}

static void ecc_says_where_and_who(void **state)
{
	(void)state;
	e.chip.eccr = 0x1e800 | ECCR_BY_CM0 | FLASH_ECCR_ECCD;
	assert_int_equal(judge(check_ecc), WB_VERDICT_BAD);
	says("0x080F4000");
	says("read by the CM0+");
	says("factory reset");
	e.chip.eccr = 0x100 | FLASH_ECCR_SYSF | FLASH_ECCR_ECCD;
	assert_int_equal(judge(check_ecc), WB_VERDICT_BAD);
	says("system memory + 0x00000800");
	says("ST's own memory");
	e.chip.eccr = 0x1000 | FLASH_ECCR_ECCC;
	assert_int_equal(judge(check_ecc), WB_VERDICT_ODD);
	says("0x08008000, read by CPU1");
}

static void every_error_of_the_fus_has_words(void **state)
{
	(void)state;
	e.asked = true;
	e.state = (struct wb_fus_state){ .runs = WB_RUNS_FUS, .state = WB_STATE_ERROR,
		.has_error = true };
	for (unsigned int error = 0; error <= UINT8_MAX; error++) {
		e.state.error = (uint8_t)error;
		assert_int_equal(judge(check_state), WB_VERDICT_ODD);
	}
	e.state.error = 0x11;
	judge(check_state);
	says("no wireless stack is installed: that alone may be the cause");
	e.state.stack_version = VERSION(1, 24, 0);
	judge(check_state);
	says("no version older");
	e.state.error = 0x03;
	judge(check_state);
	says("image not authentic");
	says("fus plan FILE");
	e.state.has_error = false;
	assert_int_equal(judge(check_state), WB_VERDICT_ODD);
	says("resets once");
	e.state = (struct wb_fus_state){ .runs = WB_RUNS_FUS, .state = 0x12 };
	assert_int_equal(judge(check_state), WB_VERDICT_ODD);
	says("firmware upgrade ongoing");
	says("keep the board powered");
}

static void resets_against_the_applications_will_are_odd(void **state)
{
	(void)state;
	e.chip.reset_flags = RCC_CSR_PINRSTF | RCC_CSR_BORRSTF | RCC_CSR_SFTRSTF | RCC_CSR_OBLRSTF;
	assert_int_equal(judge(check_reset), WB_VERDICT_OK);
	e.chip.reset_flags |= RCC_CSR_LPWRRSTF;
	assert_int_equal(judge(check_reset), WB_VERDICT_ODD);
	says("low-power mode that the options forbid, option bytes loaded");
	e.chip.reset_flags = RCC_CSR_WWDGRSTF;
	assert_int_equal(judge(check_reset), WB_VERDICT_ODD);
}

/* Nobody who reads is to be told of more than was looked at. */
static void what_was_not_looked_at_is_no_verdict(void **state)
{
	(void)state;
	assert_int_equal(judge(check_images), WB_VERDICT_NONE);
	says("without -mailbox"); /* whether an application runs or not */
	assert_int_equal(judge(check_state), WB_VERDICT_NONE);
	assert_int_equal(judge(check_options), WB_VERDICT_NONE);
	e.record_failed = true;
	assert_int_equal(judge(check_journal), WB_VERDICT_NONE);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

/* One scan does not hold them all: that it found none, or so many, is not all there is to say. */
static void more_than_a_scan_holds_is_said(void **state)
{
	(void)state;
	e.scanned = e.scan.more = true;
	assert_int_equal(judge(check_images), WB_VERDICT_ODD);
	says("0xD3A12C5E");
	e.scan.count = WB_SCAN_FOUND;
	assert_int_equal(judge(check_images), WB_VERDICT_ODD);
	says("and maybe more");
	e.scan.more = false;
	e.scan.count = 0;
	assert_int_equal(judge(check_images), WB_VERDICT_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(safeboot_of_an_old_fus_is_the_end),
		TEST(under_safeboot_nothing_of_the_cm0_is_judged),
		TEST(sfsa_or_sbrv_alone_is_safeboot_too),
		TEST(the_brick_of_two_upgrades_is_named),
		TEST(fus_1_0_1_on_a_small_part_is_locked),
		TEST(ecc_says_where_and_who),
		TEST(every_error_of_the_fus_has_words),
		TEST(resets_against_the_applications_will_are_odd),
		TEST(what_was_not_looked_at_is_no_verdict),
		TEST(more_than_a_scan_holds_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

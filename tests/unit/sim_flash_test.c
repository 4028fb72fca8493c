/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The virtual flash controller: its rules, errors and times. */
#include "sim_board.h"

#include <string.h>

#define SR FLASH_REG(0x10)
#define CR FLASH_REG(0x14)
#define ECCR FLASH_REG(0x18)

#define PG 0x1u
#define PER 0x2u
#define STRT 0x10000u
#define LOCK 0x80000000u
#define BSY 0x10000u
#define CFGBSY 0x40000u
#define PROGERR 0x8u
#define WRPERR 0x10u
#define PGAERR 0x20u
#define SIZERR 0x40u
#define PGSERR 0x80u
#define FASTERR 0x200u
#define ERRORS 0x3FAu

#define PAGE 4096u
#define AT 0x08010000u

static void program(struct wbsim *sim, uint32_t addr, uint32_t lo, uint32_t hi)
{
	wr(sim, CR, PG);
	wr(sim, addr, lo);
	wr(sim, addr + 4, hi);
}

static void erase(struct wbsim *sim, uint32_t page)
{
	wr(sim, CR, PER | page << 3);
	wr(sim, CR, PER | page << 3 | STRT);
}

static uint64_t busy_ns(struct wbsim *sim)
{
	uint64_t start = sim->now;

	while ((rd(sim, SR) & BSY) && sim->now - start < 100 * MS_NS)
		wbsim_sleep(sim, 100);
	return sim->now - start;
}

static void locked_controller_programs_nothing(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);

	(void)state;
	program(sim, AT, 1, 2);
	assert_int_equal(rd(sim, SR) & ERRORS, PGSERR);
	assert_int_equal(rd(sim, AT), 0xFFFFFFFF);
	wbsim_free(sim);
}

static void wrong_key_locks_until_reset(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);

	(void)state;
	wr(sim, FLASH_REG(0x08), KEY2);
	unlock(sim);
	assert_int_equal(rd(sim, CR) & LOCK, LOCK);
	sim_reset_request(sim, SIM_RESET_NRST);
	unlock(sim);
	assert_int_equal(rd(sim, CR) & LOCK, 0);
	wbsim_free(sim);
}

static void double_word_takes_81_7_us(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);
	uint64_t ns;

	(void)state;
	unlock(sim);
	program(sim, AT, 0x11223344, 0x55667788);
	ns = busy_ns(sim);
	assert_in_range(ns, 81700, 82000);
	assert_int_equal(rd(sim, SR) & ERRORS, 0);
	assert_int_equal(rd(sim, AT), 0x11223344);
	assert_int_equal(rd(sim, AT + 4), 0x55667788);
	assert_int_equal(sim->stats.flash_dwords, 1);
	assert_int_equal(sim->stats.ns_flash, 81700);
	wbsim_free(sim);
}

static void page_erase_takes_22_ms_and_only_its_page(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);
	uint32_t page = (AT - 0x08000000u) / PAGE;
	uint64_t ns;

	(void)state;
	unlock(sim);
	program(sim, AT - 8, 1, 2);
	program(sim, AT, 3, 4);
	program(sim, AT + PAGE, 5, 6);
	erase(sim, page);
	assert_int_equal(rd(sim, CR) & STRT, STRT);
	ns = busy_ns(sim);
	assert_in_range(ns, 22 * MS_NS, 22 * MS_NS + 1000);
	assert_int_equal(rd(sim, CR) & STRT, 0);
	assert_int_equal(rd(sim, AT - 8), 1);
	assert_int_equal(rd(sim, AT), 0xFFFFFFFF);
	assert_int_equal(rd(sim, AT + PAGE), 5);
	assert_int_equal(sim->stats.flash_erases, 1);
	wbsim_free(sim);
}

static void second_programming_is_refused_but_for_zeros(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);

	(void)state;
	unlock(sim);
	program(sim, AT, 0xFFFFFFF0, 0xFFFFFFFF);
	program(sim, AT, 0xFFFFFF00, 0xFFFFFFFF);
	assert_int_equal(rd(sim, SR) & ERRORS, PROGERR);
	assert_int_equal(rd(sim, AT), 0xFFFFFFF0);
	/* with an error standing, nothing else is taken */
	program(sim, AT + 8, 1, 2);
	assert_int_equal(rd(sim, SR) & ERRORS, PROGERR | PGSERR);
	wr(sim, SR, PROGERR | PGSERR);
	program(sim, AT, 0, 0);
	assert_int_equal(rd(sim, SR) & ERRORS, 0);
	assert_int_equal(rd(sim, AT), 0);
	wbsim_free(sim);
}

static void wrong_size_and_alignment_have_their_errors(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);

	(void)state;
	unlock(sim);
	wr(sim, CR, PG);
	assert_true(bus_write(sim, SIM_DEBUG, AT, 2, 0x1234));
	assert_int_equal(rd(sim, SR) & ERRORS, SIZERR);
	wr(sim, SR, SIZERR);
	wr(sim, AT + 4, 1);
	assert_int_equal(rd(sim, SR) & ERRORS, PGAERR);
	wbsim_free(sim);
}

static void half_a_double_word_leaves_cfgbsy(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);

	(void)state;
	unlock(sim);
	wr(sim, CR, PG);
	wr(sim, AT, 1);
	wbsim_sleep(sim, 1000 * MS_NS);
	assert_int_equal(rd(sim, SR) & (BSY | CFGBSY), CFGBSY);
	assert_int_equal(rd(sim, AT), 0xFFFFFFFF);
	wbsim_free(sim);
}

static void fast_programming_and_mass_erase_fail_as_on_boards(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);

	(void)state;
	unlock(sim);
	wr(sim, CR, 1u << 18);
	wr(sim, AT, 1);
	assert_int_equal(rd(sim, SR) & ERRORS, FASTERR | PGSERR | PGAERR);
	wr(sim, SR, ERRORS);
	assert_false(bus_write(sim, SIM_DEBUG, CR, 4, 1u << 2 | STRT));
	wbsim_free(sim);
}

static void secure_flash_reads_zero_and_refuses(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);
	uint32_t secret = 0x12345678, first = 0x080F4000u;

	(void)state;
	assert_int_equal(flash_secure_start(sim), first);
	assert_true(wbsim_poke(sim, first, &secret, sizeof(secret)));
	assert_int_equal(rd(sim, first), 0);
	assert_int_equal(rd(sim, first - 4), 0xFFFFFFFF);
	unlock(sim);
	erase(sim, 0xF4);
	assert_int_equal(rd(sim, SR) & ERRORS, WRPERR);
	assert_int_equal(rd(sim, SR) & BSY, 0);
	wbsim_free(sim);
}

static void secure_access_can_be_a_bus_error(void **state)
{
	static const char *const quirks[] = { "secure-access=fault", NULL };
	struct wbsim *sim = board(NULL, quirks, NULL, NULL);
	uint32_t val;

	(void)state;
	assert_false(bus_read(sim, SIM_DEBUG, 0x080F4000u, 4, &val));
	assert_true(bus_read(sim, SIM_DEBUG, 0x080F3FFCu, 4, &val));
	wbsim_free(sim);
}

static void write_protected_pages_stay(void **state)
{
	static const char *const options[] = { "WRP1A_STRT=16", "WRP1A_END=17", NULL };
	struct wbsim *sim = board(NULL, NULL, options, NULL);

	(void)state;
	unlock(sim);
	erase(sim, 16);
	assert_int_equal(rd(sim, SR) & ERRORS, WRPERR);
	wr(sim, SR, WRPERR);
	program(sim, 0x08000000u + 17 * PAGE, 1, 2);
	assert_int_equal(
		rd(sim, SR) & ERRORS, WRPERR | PGSERR); /* the second word finds the error */
	wr(sim, SR, ERRORS);
	erase(sim, 18);
	assert_int_equal(rd(sim, SR) & ERRORS, 0);
	wbsim_free(sim);
}

static void power_cut_in_an_erase_leaves_ecc_errors(void **state)
{
	static const char *const faults[] = { "flash=2:power-cut=10", NULL };
	struct wbsim *sim = board(NULL, NULL, NULL, faults);
	uint32_t page = (AT - 0x08000000u) / PAGE;
	uint32_t blank = 0;

	(void)state;
	unlock(sim);
	program(sim, AT, 3, 4);
	erase(sim, page);
	assert_false(sim->powered);
	wbsim_sleep(sim, 20 * MS_NS);
	assert_true(sim->powered);
	for (uint32_t at = AT; at < AT + PAGE; at += 4)
		blank += rd(sim, at) == 0xFFFFFFFF;
	assert_in_range(blank, PAGE / 32, PAGE / 8);
	assert_int_equal(rd(sim, ECCR) >> 31, 1);
	/* the same erase again heals it */
	unlock(sim);
	erase(sim, page);
	busy_ns(sim);
	wr(sim, ECCR, 0xC0000000);
	for (uint32_t at = AT; at < AT + PAGE; at += 4)
		assert_int_equal(rd(sim, at), 0xFFFFFFFF);
	assert_int_equal(rd(sim, ECCR) >> 31, 0);
	wbsim_free(sim);
}

static void any_reset(struct wbsim *sim, enum sim_reset cause)
{
	sim_reset_request(sim, cause);
	sim_reset_settle(sim);
}

/* What was under way is not guaranteed: RM0434 3.3. */
static void a_reset_spoils_what_is_being_written(void **state)
{
	static const enum sim_reset causes[] = { SIM_RESET_NRST, SIM_RESET_SYSRESETREQ,
		SIM_RESET_CPU2, SIM_RESET_OBL, SIM_RESET_IWDG };
	static const char *const harmless[] = { "reset-in-flash=harmless", NULL };
	const uint32_t page = (AT - 0x08000000u) / PAGE;

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(causes) / sizeof(causes[0]); i++) {
		const bool spoils = i % 2;
		struct wbsim *sim = board(NULL, spoils ? NULL : harmless, NULL, NULL);

		unlock(sim);
		program(sim, AT, 0, 0);
		any_reset(sim, causes[i / 2]);
		assert_int_equal(rd(sim, AT) || rd(sim, AT + 4), spoils);
		assert_int_equal(rd(sim, ECCR) >> 31, spoils);
		unlock(sim);
		erase(sim, page);
		any_reset(sim, causes[i / 2]);
		rd(sim, AT + 8);
		assert_int_equal(rd(sim, ECCR) >> 31, spoils);
		unlock(sim);
		erase(sim, page);
		busy_ns(sim);
		any_reset(sim, causes[i / 2]); /* it was over */
		assert_int_equal(rd(sim, AT + 8), 0xFFFFFFFF);
		assert_int_equal(rd(sim, ECCR) >> 31, 0);
		wbsim_free(sim);
	}
}

static void otp_is_spoiled_too(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);

	(void)state;
	unlock(sim);
	program(sim, 0x1FFF7000u, 0, 0);
	any_reset(sim, SIM_RESET_NRST);
	assert_true(rd(sim, 0x1FFF7000u) || rd(sim, 0x1FFF7004u));
	wbsim_free(sim);
}

static void reading_flash_while_busy_waits(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);
	uint64_t start;

	(void)state;
	unlock(sim);
	start = sim->now;
	erase(sim, 16);
	assert_int_equal(rd(sim, AT), 0xFFFFFFFF);
	assert_int_equal(sim->now - start, 22 * MS_NS);
	assert_int_equal(rd(sim, SR) & BSY, 0);
	wbsim_free(sim);
}

static void program_erase_suspend_holds_an_operation(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);
	uint32_t acr = rd(sim, FLASH_REG(0x00));
	uint64_t ns;

	(void)state;
	unlock(sim);
	wr(sim, FLASH_REG(0x00), acr | 1u << 15);
	assert_int_equal(rd(sim, SR) & (1u << 19), 1u << 19);
	program(sim, AT, 1, 2);
	wbsim_sleep(sim, 10 * MS_NS);
	assert_int_equal(rd(sim, SR) & (BSY | ERRORS), BSY);
	wr(sim, FLASH_REG(0x00), acr);
	ns = busy_ns(sim);
	assert_in_range(ns, 81700, 82000);
	wbsim_free(sim);
}

static void hung_bsy_never_falls_and_blocks_nobody(void **state)
{
	static const char *const faults[] = { "flash=1:bsy-hung", NULL };
	struct wbsim *sim = board(NULL, NULL, NULL, faults);
	uint32_t val;

	(void)state;
	unlock(sim);
	program(sim, AT, 1, 2);
	wbsim_sleep(sim, 1000 * MS_NS);
	assert_int_equal(rd(sim, SR) & BSY, BSY);
	assert_false(bus_read(sim, SIM_DEBUG, AT, 4, &val));
	wbsim_free(sim);
}

static void otp_is_programmed_like_flash(void **state)
{
	struct wbsim *sim = board(NULL, NULL, NULL, NULL);

	(void)state;
	unlock(sim);
	program(sim, 0x1FFF7000u, 7, 8);
	assert_int_equal(rd(sim, SR) & ERRORS, 0);
	assert_int_equal(rd(sim, 0x1FFF7004u), 8);
	wbsim_free(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(locked_controller_programs_nothing),
		cmocka_unit_test(wrong_key_locks_until_reset),
		cmocka_unit_test(double_word_takes_81_7_us),
		cmocka_unit_test(page_erase_takes_22_ms_and_only_its_page),
		cmocka_unit_test(second_programming_is_refused_but_for_zeros),
		cmocka_unit_test(wrong_size_and_alignment_have_their_errors),
		cmocka_unit_test(half_a_double_word_leaves_cfgbsy),
		cmocka_unit_test(fast_programming_and_mass_erase_fail_as_on_boards),
		cmocka_unit_test(secure_flash_reads_zero_and_refuses),
		cmocka_unit_test(secure_access_can_be_a_bus_error),
		cmocka_unit_test(write_protected_pages_stay),
		cmocka_unit_test(power_cut_in_an_erase_leaves_ecc_errors),
		cmocka_unit_test(a_reset_spoils_what_is_being_written),
		cmocka_unit_test(otp_is_spoiled_too),
		cmocka_unit_test(reading_flash_while_busy_waits),
		cmocka_unit_test(program_erase_suspend_holds_an_operation),
		cmocka_unit_test(hung_bsy_never_falls_and_blocks_nobody),
		cmocka_unit_test(otp_is_programmed_like_flash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

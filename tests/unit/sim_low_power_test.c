/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is left of the debug port while CPU1 sleeps: Sleep, stop and standby, with DBGMCU_CR and without. */
#include "sim/wbsim.h"
#include "tests/unit/sim_board.h"

#define FLASH 0x08000000u
#define SRAM1 0x20000000u
#define SCB_SCR 0xE000ED10u
#define CPUID 0xE000ED00u
#define DHCSR 0xE000EDF0u
#define DEMCR 0xE000EDFCu
#define NVIC_ISER1 0xE000E104u
#define DBGMCU_CR 0xE0042004u
#define PWR_CR1 0x58000400u
#define DEBUGEN 0xA05F0001u
#define VC_CORERESET 1u
#define S_HALT (1u << 17)
#define S_SLEEP (1u << 18)
#define IRQ 44u
#define DBG_SLEEP 1u
#define DBG_STOP 2u
#define DBG_STANDBY 4u

enum { SLEEP, STOP, STANDBY };
static const struct {
	uint32_t scr, lpms, keeps;
} modes[] = { { 0, 0, DBG_SLEEP }, { 4, 0, DBG_STOP }, { 4, 3, DBG_STANDBY } };

/* A board whose application goes to sleep at once, and stays there. */
static struct wbsim *asleep(unsigned int mode, const char *quirk)
{
	const char *const quirks[] = { quirk, NULL };
	const uint32_t handler = FLASH + 0x28 + 1;
	/* ldr r0, =SCR; ldr r1, =scr; str; ldr r2, =CR1; ldr r3, =lpms; str; wfi; b wfi; handler: b . */
	const uint32_t application[] = { SRAM1 + 0x1000, FLASH + 9, 0x49044803, 0x4a046001,
		0x60134b04, 0xe7fdbf30, SCB_SCR, modes[mode].scr, PWR_CR1, modes[mode].lpms,
		0xe7fee7fe };
	struct wbsim *sim = board(NULL, quirk ? quirks : NULL, NULL, NULL);

	assert_true(wbsim_poke(sim, FLASH, application, sizeof(application)));
	assert_true(wbsim_poke(sim, FLASH + 4 * (16 + IRQ), &handler, sizeof(handler)));
	wbsim_power(sim, false);
	wbsim_power(sim, true);
	wbsim_sleep(sim, 10 * MS_NS);
	return sim;
}

static enum wbsim_result get(struct wbsim *sim, uint32_t addr, uint32_t *val)
{
	*val = 0;
	return wbsim_mem_read(sim, addr, 4, 1, val);
}

static void put(struct wbsim *sim, uint32_t addr, uint32_t val)
{
	assert_int_equal(wbsim_mem_write(sim, addr, 4, 1, &val), WBSIM_OK);
}

static void stop_and_standby_cost_the_port_until_a_reset(void **state)
{
	uint32_t val;

	(void)state;
	for (unsigned int mode = STOP; mode <= STANDBY; mode++) {
		struct wbsim *sim = asleep(mode, NULL);

		assert_int_equal(wbsim_attach(sim), WBSIM_NO_DAP);
		wbsim_nrst(sim, true);
		assert_int_equal(wbsim_attach(sim), WBSIM_OK);
		put(sim, DHCSR, DEBUGEN);
		put(sim, DEMCR, VC_CORERESET);
		wbsim_nrst(sim, false);
		wbsim_sleep(sim, 10 * MS_NS);
		assert_int_equal(get(sim, DHCSR, &val), WBSIM_OK);
		assert_true(val & S_HALT);
		assert_int_equal(get(sim, SRAM1, &val), WBSIM_OK);
		wbsim_power(sim, false);
		wbsim_power(sim, true);
		wbsim_sleep(sim, 10 * MS_NS);
		assert_int_equal(wbsim_attach(sim), WBSIM_NO_DAP);
		wbsim_free(sim);
	}
}

static void dbgmcu_keeps_the_port_in_the_mode_that_it_names(void **state)
{
	uint32_t val;

	(void)state;
	for (unsigned int i = 0; i < 9; i++) {
		unsigned int mode = i / 3, keeps = i % 3;
		struct wbsim *sim = asleep(mode, NULL);

		wbsim_nrst(sim, true);
		assert_int_equal(wbsim_attach(sim), WBSIM_OK);
		put(sim, DBGMCU_CR, modes[keeps].keeps);
		wbsim_nrst(sim, false);
		wbsim_sleep(sim, 10 * MS_NS);
		if (mode == keeps) {
			assert_int_equal(get(sim, DHCSR, &val), WBSIM_OK);
			assert_true(val & S_SLEEP);
			assert_int_equal(get(sim, SRAM1, &val), WBSIM_OK);
		} else {
			assert_int_not_equal(get(sim, SRAM1, &val), WBSIM_OK);
		}
		wbsim_free(sim);
	}
}

static void an_interrupt_wakes_the_port_too(void **state)
{
	struct wbsim *sim = asleep(STOP, NULL);
	uint32_t val;

	(void)state;
	assert_int_equal(wbsim_attach(sim), WBSIM_NO_DAP);
	wr(sim, NVIC_ISER1, 1u << (IRQ - 32));
	cpu1_irq(sim, IRQ, true);
	wbsim_sleep(sim, MS_NS);
	assert_int_equal(wbsim_attach(sim), WBSIM_OK);
	assert_int_equal(get(sim, SRAM1, &val), WBSIM_OK);
	wbsim_free(sim);
}

static void the_port_may_wait_or_stay(void **state)
{
	struct wbsim *sim;
	uint32_t val;

	(void)state;
	sim = asleep(STOP, "stop-debug=waits");
	assert_int_equal(wbsim_attach(sim), WBSIM_OK);
	assert_int_equal(get(sim, CPUID, &val), WBSIM_WAIT);
	wbsim_nrst(sim, true);
	assert_int_equal(get(sim, CPUID, &val), WBSIM_OK);
	wbsim_free(sim);
	sim = asleep(STOP, "stop-debug=open");
	assert_int_equal(wbsim_attach(sim), WBSIM_OK);
	assert_int_equal(get(sim, SRAM1, &val), WBSIM_OK);
	wbsim_free(sim);
}

/* So OpenOCD can examine it, and writes DBGMCU_CR. */
static void in_sleep_the_core_answers_and_the_bus_does_not(void **state)
{
	struct wbsim *sim = asleep(SLEEP, NULL);
	uint32_t val;

	(void)state;
	assert_int_equal(wbsim_attach(sim), WBSIM_OK);
	assert_int_equal(get(sim, CPUID, &val), WBSIM_OK);
	assert_int_equal(val, 0x410FC241);
	assert_int_equal(get(sim, SRAM1, &val), WBSIM_FAULT);
	put(sim, DBGMCU_CR, DBG_SLEEP);
	assert_int_equal(get(sim, SRAM1, &val), WBSIM_OK);
	wbsim_free(sim);
	sim = asleep(SLEEP, "sleep-debug=open");
	assert_int_equal(wbsim_attach(sim), WBSIM_OK);
	assert_int_equal(get(sim, SRAM1, &val), WBSIM_OK);
	wbsim_free(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stop_and_standby_cost_the_port_until_a_reset),
		cmocka_unit_test(dbgmcu_keeps_the_port_in_the_mode_that_it_names),
		cmocka_unit_test(an_interrupt_wakes_the_port_too),
		cmocka_unit_test(the_port_may_wait_or_stay),
		cmocka_unit_test(in_sleep_the_core_answers_and_the_bus_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

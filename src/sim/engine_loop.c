/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loops in which CPU1 waits for somebody else: their turns are counted, not executed.
 *
 * A turn that ends with all registers as it began, that has stored nothing and read nothing but
 * memory, will be followed by another such one: within a slice of time nobody else moves. Feeding
 * the watchdog is the one store allowed: of many in a row only the last one counts, and that one is
 * executed again. So after whole turns that are left out, count, registers, memory and watchdog
 * are what they would have been.
 */
#include "sim/cpu1.h"

#define IWDG_KR 0x40003000u
#define IWDG_FEED 0xAAAAu
#define PATIENCE 16u
#define PATIENCE_LOST 1024u
#define TURN_BYTES 64u

const int engine_saved_ids[CPU1_SAVED_REGS] = {
	UC_ARM_REG_R0, UC_ARM_REG_R1, UC_ARM_REG_R2, UC_ARM_REG_R3, UC_ARM_REG_R4,
	UC_ARM_REG_R5, UC_ARM_REG_R6, UC_ARM_REG_R7, UC_ARM_REG_R8, UC_ARM_REG_R9,
	UC_ARM_REG_R10, UC_ARM_REG_R11, UC_ARM_REG_R12, UC_ARM_REG_SP, UC_ARM_REG_LR,
};

enum insn_kind { INSN_OTHER, INSN_HARMLESS, INSN_STORE };

/*
 * Encodings that a waiting loop is made of (A5.2, A5.3): those that work on low registers and flags
 * only, loads, branches; plain stores are told apart. All else is taken for harmful.
 */
static const struct {
	uint16_t mask, value;
	enum insn_kind kind;
} narrow[] = {
	{ 0xC000, 0x0000, INSN_HARMLESS }, /* shift, add, subtract, move, compare */
	{ 0xFC00, 0x4000, INSN_HARMLESS }, /* data processing */
	{ 0xFF00, 0x4500, INSN_HARMLESS }, /* CMP, high registers */
	{ 0xF800, 0x4800, INSN_HARMLESS }, /* LDR, literal */
	{ 0xF800, 0x6000, INSN_STORE },	   /* STR, immediate */
	{ 0xF800, 0x6800, INSN_HARMLESS }, /* LDR, immediate */
	{ 0xF800, 0x7800, INSN_HARMLESS }, /* LDRB */
	{ 0xF800, 0x8800, INSN_HARMLESS }, /* LDRH */
	{ 0xF500, 0xB100, INSN_HARMLESS }, /* CBZ, CBNZ */
	{ 0xFFFF, 0xBF00, INSN_HARMLESS }, /* NOP */
	{ 0xF800, 0xE000, INSN_HARMLESS }, /* B */
}, wide[] = {
	{ 0xFFF0, 0xF8C0, INSN_STORE },	   /* STR.W, immediate */
	{ 0xFFF0, 0xF8D0, INSN_HARMLESS }, /* LDR.W, immediate */
	{ 0xFBF0, 0xF010, INSN_HARMLESS }, /* TST, ANDS, modified immediate */
	{ 0xFFF0, 0xF3C0, INSN_HARMLESS }, /* UBFX */
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define B_CONDITIONAL 0xD000u
#define B_CONDITIONAL_MASK 0xF000u
#define CONDITION_UNDEFINED 0x0E00u /* 14: UDF, 15: SVC */
#define WIDE_FIRST 0xE800u
#define SECOND_IS_BRANCH 0x8000u /* F010 with it: a branch or a control instruction */

static enum insn_kind kind_of(uint16_t insn, uint16_t second)
{
	if (insn >= WIDE_FIRST) {
		for (size_t i = 0; i < COUNT(wide); i++)
			if ((insn & wide[i].mask) == wide[i].value)
				return insn < 0xF800u && second & SECOND_IS_BRANCH ? INSN_OTHER :
										wide[i].kind;
		return INSN_OTHER;
	}
	if ((insn & B_CONDITIONAL_MASK) == B_CONDITIONAL)
		return (insn & CONDITION_UNDEFINED) == CONDITION_UNDEFINED ? INSN_OTHER :
			INSN_HARMLESS;
	for (size_t i = 0; i < COUNT(narrow); i++)
		if ((insn & narrow[i].mask) == narrow[i].value)
			return narrow[i].kind;
	return INSN_OTHER;
}

/* Nothing between head and the jump back could have stored but what fed the watchdog. */
static bool harmless(struct cpu1 *cpu, uint32_t head, uint32_t last, unsigned int feeds)
{
	unsigned int stores = 0;

	if (last - head > TURN_BYTES)
		return false;
	for (uint32_t at = head; at <= last;) {
		uint16_t insn = engine_insn(cpu, at);

		switch (kind_of(insn, engine_insn(cpu, at + 2))) {
		case INSN_STORE:
			stores++;
			break;
		case INSN_HARMLESS:
			break;
		default:
			return false;
		}
		at += insn >= WIDE_FIRST ? 4 : 2;
	}
	return stores == feeds;
}

static void arm(struct cpu1 *cpu)
{
	struct cpu1_loop *l = &cpu->loop;

	for (unsigned int i = 0; i < CPU1_SAVED_REGS; i++)
		l->regs[i] = cpu1_reg(cpu, engine_saved_ids[i]);
	l->xpsr = cpu1_reg(cpu, UC_ARM_REG_XPSR);
	l->count = cpu->count;
	l->loud = cpu->loud;
	l->feeds = cpu->feeds;
	l->armed = true;
}

static bool as_before(struct cpu1 *cpu)
{
	const struct cpu1_loop *l = &cpu->loop;

	for (unsigned int i = 0; i < CPU1_SAVED_REGS; i++)
		if (l->regs[i] != cpu1_reg(cpu, engine_saved_ids[i]))
			return false;
	return l->loud == cpu->loud && l->xpsr == cpu1_reg(cpu, UC_ARM_REG_XPSR);
}

void engine_loop(struct cpu1 *cpu, uint32_t pc)
{
	struct cpu1_loop *l = &cpu->loop;
	uint64_t turn, left = cpu->limit - cpu->count;

	if (l->head != pc) {
		l->head = pc;
		l->patience = pc == l->idle ? 0 : PATIENCE;
		l->armed = false;
	}
	if (l->patience) {
		l->patience--;
		return;
	}
	if (!l->armed) {
		arm(cpu);
		return;
	}
	l->armed = false;
	if (!as_before(cpu) || !harmless(cpu, pc, cpu->last_pc, cpu->feeds - l->feeds)) {
		l->patience = PATIENCE_LOST;
		return;
	}
	l->idle = pc;
	turn = cpu->count - l->count;
	/* the last whole turn is executed: it feeds the watchdog at its time */
	if (left / turn > 2)
		cpu->count += (left / turn - 2) * turn;
}

void engine_loop_access(struct cpu1 *cpu, uint32_t addr, bool write, uint32_t val)
{
	if (write && addr == IWDG_KR && val == IWDG_FEED)
		cpu->feeds++;
	else
		cpu->loud++;
}

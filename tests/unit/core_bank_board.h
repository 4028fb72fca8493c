/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A WB whose CPU1 a debugger has halted somewhere in an application, and all that must stay so. */
#ifndef CORE_BANK_BOARD_H
#define CORE_BANK_BOARD_H

#include "tests/unit/core_make.h"
#include "tests/unit/core_board.h"
#include "core/bank.h"
#include "core/regs.h"

#define PLACE 0x08010000u
#define PAGE 4096u
#define PAGE_NUMBER(address) (((address) - WB_FLASH_BASE) / PAGE)
#define HSEM_R(n) (0x58001400u + 4u * (n))
#define HSEM_RLR(n) (HSEM_R(n) + 0x80u)
#define CPU1S 0x80000400u
#define CM0S 0x80000800u

extern struct board bank;
extern struct wb_bank_done done;

/* The single failure of a link operation: before it is done, or after. */
enum lost { LOST_REQUEST, LOST_ANSWER };

/** A chip with FUS 1.2.0, CPU1 halted, its registers and peripherals as no reset leaves them. */
void bank_open(const struct wbsim_config *cfg);
/** The same, with this quirk, or NULL, and a FUS that runs; clocks as after a reset. */
void bank_open_beside(const char *quirk);
int bank_close(void **state);
uint32_t bank_peek(uint32_t address);
void bank_poke(uint32_t address, uint32_t value);
/** Remember CPU1's registers, its SRAM and settings, who has which semaphore. */
void bank_remember(void);
/** What is not as remembered, for people; NULL: nothing. */
const char *bank_differs(void);
/** Assert that all is as remembered; `when` is told if it is not. */
void bank_check_found(const char *when);
/** Fail, and say what the last error was. */
void bank_expect(enum wb_status expected, enum wb_status status);
/** The error is a refusal by this rule. */
void bank_expect_rule(const char *rule, enum wb_status status);
/** From the n-th read or write of memory on (1 is the next), fail so many. 0: none. */
void bank_lose(unsigned int at, unsigned int count, enum lost how);
/** Reads and writes since bank_lose(). */
unsigned int bank_ops(void);
/** At which of them CPU1 was last halted out of the stub. */
unsigned int bank_left_at(void);
/** A word that tells the places of flash apart, and the rounds. */
void bank_fill(uint8_t *data, uint32_t size, uint32_t seed);
/** The same, into flash, beside all rules. */
void bank_put(uint32_t address, const void *data, uint32_t size);
void bank_check_flash(uint32_t address, const void *data, uint32_t size);
/** Pages of [address, address + size) as a set for wb_bank_write(). */
const uint32_t *bank_due(uint32_t address, uint32_t size);
enum wb_status bank_write(uint32_t address, uint32_t size, const void *data, const uint32_t *due);

#endif

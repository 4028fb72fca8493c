/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Images, and the errands that several tests of the CM0+ run. Each fails the test when it goes
 * wrong. */
#ifndef SIM_CPU2_ERRANDS_H
#define SIM_CPU2_ERRANDS_H

#include "sim_cpu2_board.h"

#define GET_STATE 0xFC52
#define FW_UPGRADE 0xFC54
#define FW_DELETE 0xFC55
#define FW_PURGE 0xFC5B
#define START_WS 0xFC5A
#define PAGE 4096u
#define FUS_START 0x080F4000u
#define SBRV_FUS 0x3D000u
#define V_STACK 0x01180003u
#define V_OTHER 0x01170003u
#define SMALL_IMAGE                                                                                \
	{                                                                                          \
		MAKE_STACK, 0xABCDABCD, V_STACK, 3 * PAGE - 92, 0, 2, 0, 0, 0, 1                   \
	}
#define LARGE_IMAGE                                                                                \
	{                                                                                          \
		MAKE_STACK, 0xABCDABCD, V_OTHER, 6 * PAGE - 300, 0, 1, 0, 0, 0, 2                  \
	}
#define WITH_NVM_IMAGE                                                                             \
	{                                                                                          \
		MAKE_STACK2, 0, V_STACK, 5 * PAGE - 4, 4, 1, 0, 0, 0, 3                            \
	}
#define FUS22_IMAGE                                                                                \
	{                                                                                          \
		MAKE_FUS, 0xABCDABCD, 0x02020000, 24468, 0, 0, 32, 16, 0, 4                        \
	}

/* Pages of 4 KiB: 3, 6, 5 + 4 for its NVM, 6. */
extern const struct make_image small, large, with_nvm, fus22;

struct board *board_of(const char *fus, bool alt, bool below);
struct wbsim_cpu2_view view_of(struct board *b);
/** Application code all over user flash up to end, to see what is touched. */
void fill_user(struct board *b, uint32_t end);
void assert_user_kept(struct board *b, uint32_t end);
void assert_blank(struct board *b, uint32_t from, uint32_t to);
/** Put an image into user flash; returns where it starts. */
uint32_t stage(struct board *b, const struct make_image *m, uint32_t below);
void assert_stack(struct board *b, const struct make_image *m, uint32_t start);
/** Upgrade with a staged image, from a FUS that does not run yet, to the end. */
int upgrade(struct board *b);
void install(struct board *b, const struct make_image *m);
/** From a stack into the FUS by asking twice. */
void enter_fus(struct board *b);

#endif

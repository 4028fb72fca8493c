/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Core's test bench: a virtual board, core's link on it, images that its FUS takes for genuine. */
#ifndef CORE_BOARD_H
#define CORE_BOARD_H

#include "core/openfus.h"
#include "tests/link_sim.h"

/* A sanitized build is several times as slow: it takes samples, and leaves the longest tests out. */
#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif
#define AUTOMAKE_SKIP 77 /* exit status of a test program that has left itself out */

#define APP_SIZE 0x4000u /* bytes of application at the start of flash */
#define VERSION(major, minor, sub) \
	((uint32_t)(major) << 24 | (uint32_t)(minor) << 16 | (uint32_t)(sub) << 8)

enum board_magic {
	BOARD_STACK = 0x23372991,
	BOARD_FUS = 0x32279221,
};

struct board {
	struct wbsim *sim;
	struct bench bench;
	struct wb_session *session;
	uint8_t app[APP_SIZE]; /* what lies in flash */
	uint32_t options[10];  /* user option bytes as they were */
	const struct wb_family *family;
	struct wb_plan plan;
	struct wb_result result;
	struct wb_error err;
};

/** A WB55RG with this FUS and an application; quirks NULL-terminated or NULL. */
void board_open(struct board *board, const char *fus, const char *const *quirks);
/** Any chip, any FUS, any quirk: as cfg says, with an application in flash. */
void board_open_chip(struct board *board, const struct wbsim_config *cfg);
/** The same, its FUS taking ST's images in this folder for genuine. */
void board_open_trusting(struct board *board, const char *fus, const char *folder);
void board_close(struct board *board);
/** What is not volatile, to be put back with board_restore(). */
void *board_save(struct board *board, size_t *len);
/** The board as saved, powered on anew, its accidents mended, a fresh session. */
void board_restore(struct board *board, const void *saved, size_t len);
/** Remember what no command may change: the application and the user option bytes. */
void board_remember(struct board *board);
/** Assert that the application is as remembered. */
void board_check_app(struct board *board);
/** Assert that all is as remembered, no journal is left, polling is on. */
void board_check_kept(struct board *board);
/** `stm32wb fus upgrade`; returns its status, and prints the reason when it is not `expected`. */
enum wb_status board_upgrade(struct board *board, const struct wb_image *image);
/** Assert who SBRV selects and what is installed. */
void board_check_stack(struct board *board, uint32_t version);

/** A file that the virtual FUS takes for genuine; free image->data with board_image_free(). */
void board_image(struct wb_image *image, enum board_magic magic, uint32_t version, uint32_t size);
/** The same for a WB1x: counted in its pages, named for it. */
void board_image_1x(struct wb_image *image, enum board_magic magic, uint32_t version, uint32_t size);
/** A file of ST's, by its path. */
void board_image_load(struct wb_image *image, const char *path);
void board_image_free(struct wb_image *image);

#endif

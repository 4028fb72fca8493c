/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See core_board.h. */
#include <stdio.h>
#include "tests/unit/core_make.h"
#include "tests/unit/core_board.h"
#include "core/cortex_m.h"
#include "sim/testsig.h"

#define FLASH 0x08000000u
#define SIGNATURE_FROM_END 84u
#define STACK_TYPE 3u /* BLE light */
#define PROBE_KHZ 3300u
#define IDCODE 0xe0042000u
#define FOOTER_FROM_END 104u
#define PAGE_1X 2048u
#define IMAGE_MAX 0x100000u

/* OPTR, PCROP1ASR, PCROP1AER, WRP1AR, WRP1BR, PCROP1BSR, PCROP1BER, IPCCBR */
static const uint32_t user_options[] = { 0x58004020, 0x58004024, 0x58004028, 0x5800402c, 0x58004030,
	0x58004034, 0x58004038, 0x5800403c };
#define USER_OPTIONS (sizeof(user_options) / sizeof(*user_options))

static void read_options(struct board *board, uint32_t options[USER_OPTIONS])
{
	for (size_t i = 0; i < USER_OPTIONS; i++)
		assert_true(wbsim_peek(board->sim, user_options[i], &options[i], 4));
}

void board_open_chip(struct board *board, const struct wbsim_config *cfg)
{
	uint32_t idcode;
	char why[512];

	memset(board, 0, sizeof(*board));
	board->sim = wbsim_new(cfg, why, sizeof(why));
	if (!board->sim)
		fail_msg("%s", why);
	assert_true(wbsim_peek(board->sim, IDCODE, &idcode, 4));
	board->family = wb_family_by_dev_id(idcode & 0xfff);
	assert_non_null(board->family);
	for (unsigned int i = 0; i < APP_SIZE; i++)
		board->app[i] = (uint8_t)(i ^ i >> 5);
	/* an application that stays where it is: stack pointer, reset handler `b .` */
	memcpy(board->app, (const uint8_t[]){ 0, 0x10, 0, 0x20, 0x09, 0, 0, 8, 0xfe, 0xe7 }, 10);
	assert_true(wbsim_poke(board->sim, FLASH, board->app, APP_SIZE));
	bench_init(&board->bench, board->sim);
	cortex_m_link_defaults(&board->bench.link);
	board->bench.verbose = getenv("BOARD_VERBOSE") != NULL;
	board->session = wb_session_new(&board->bench.link);
	assert_non_null(board->session);
	wbsim_power(board->sim, false);
	wbsim_power(board->sim, true);
	wbsim_attach(board->sim);
	wbsim_set_speed(board->sim, PROBE_KHZ);
	board_remember(board);
}

void board_open(struct board *board, const char *fus, const char *const *quirks)
{
	board_open_chip(board, &(struct wbsim_config){ .fus = fus, .quirks = quirks });
}

void board_open_trusting(struct board *board, const char *fus, const char *folder)
{
	const char *const trust[] = { folder, NULL };

	board_open_chip(board, &(struct wbsim_config){ .fus = fus, .trust = trust });
}

void board_close(struct board *board)
{
	wb_session_free(board->session);
	bench_forget(&board->bench);
	wbsim_free(board->sim);
}

void *board_save(struct board *board, size_t *len)
{
	void *saved = wbsim_snapshot(board->sim, len);

	assert_non_null(saved);
	return saved;
}

void board_restore(struct board *board, const void *saved, size_t len)
{
	bench_mend(&board->bench);
	assert_true(wbsim_restore(board->sim, saved, len));
	wb_session_free(board->session);
	board->session = wb_session_new(&board->bench.link);
	assert_non_null(board->session);
	bench_forget(&board->bench);
	board->bench.polling = true;
	wbsim_attach(board->sim);
	wbsim_set_speed(board->sim, PROBE_KHZ);
}

void board_remember(struct board *board)
{
	assert_true(wbsim_peek(board->sim, FLASH, board->app, APP_SIZE));
	read_options(board, board->options);
}

void board_check_app(struct board *board)
{
	uint8_t app[APP_SIZE];

	assert_true(wbsim_peek(board->sim, FLASH, app, APP_SIZE));
	assert_memory_equal(app, board->app, APP_SIZE);
}

void board_check_kept(struct board *board)
{
	uint32_t options[USER_OPTIONS];

	board_check_app(board);
	read_options(board, options);
	assert_memory_equal(options, board->options, sizeof(options));
	assert_int_equal(board->bench.record[WB_RECORD_BOOT].len, 0);
	assert_int_equal(board->bench.record[WB_RECORD_PAGES].len, 0);
	assert_int_equal(board->bench.record[WB_RECORD_HELD].len, 0);
	assert_true(board->bench.polling);
	assert_int_equal(wbsim_get_speed(board->sim), PROBE_KHZ);
}

enum wb_status board_upgrade(struct board *board, const struct wb_image *image)
{
	struct wb_goal goal = { .image = image, .confirm = { "unknown-image", "overwrite" } };

	board->err.text[0] = '\0';
	return wb_fus_upgrade(board->session, &goal, false, &board->plan, &board->result,
		&board->err);
}

void board_check_stack(struct board *board, uint32_t version)
{
	struct wbsim_cpu2_view view;

	wbsim_cpu2_view(board->sim, &view);
	assert_false(view.dead);
	assert_false(view.busy);
	assert_int_equal(view.stack_version, version);
	if (version)
		assert_int_equal(4 * view.sbrv, view.sfsa * board->family->page);
	else
		assert_int_equal(view.sbrv, board->family->fus_sbrv);
}

static void make(struct wb_image *image, char family, enum board_magic magic, uint32_t version,
	uint32_t size)
{
	const uint8_t salt[TESTSIG_SALT] = { (uint8_t)(version >> 24), (uint8_t)(version >> 16),
		(uint8_t)(version >> 8), (uint8_t)size, (uint8_t)(size >> 8), 1, 2 };
	uint8_t *data = make_image(size, magic, version);
	struct wb_error err;
	char name[64];

	snprintf(name, sizeof(name), "stm32wb%cx_%s_fw.bin", family,
		magic == BOARD_FUS ? "FUS" : "BLE_Stack_light");
	if (family == '1') { /* as ST's footers have it: pages of 2 KiB, no SRAM2b left open */
		data[size - FOOTER_FROM_END + 8] = (uint8_t)((size + PAGE_1X - 1) / PAGE_1X);
		data[size - FOOTER_FROM_END + 11] = 0;
	}
	testsig_front(salt, magic == BOARD_FUS ? 0 : STACK_TYPE, data);
	testsig_sign(data, size, size - SIGNATURE_FROM_END, data + size - SIGNATURE_FROM_END);
	if (wb_image_parse(data, size, name, image, &err) != WB_OK)
		fail_msg("%s", err.text);
}

void board_image(struct wb_image *image, enum board_magic magic, uint32_t version, uint32_t size)
{
	make(image, '5', magic, version, size);
}

void board_image_1x(struct wb_image *image, enum board_magic magic, uint32_t version, uint32_t size)
{
	make(image, '1', magic, version, size);
}

void board_image_load(struct wb_image *image, const char *path)
{
	const char *name = strrchr(path, '/');
	uint8_t *data = malloc(IMAGE_MAX);
	FILE *file = fopen(path, "rb");
	struct wb_error err;
	size_t size;

	assert_non_null(data);
	if (!file)
		fail_msg("%s cannot be opened", path);
	size = fread(data, 1, IMAGE_MAX, file);
	fclose(file);
	if (wb_image_parse(data, size, name ? name + 1 : path, image, &err) != WB_OK)
		fail_msg("%s", err.text);
}

void board_image_free(struct wb_image *image)
{
	free((void *)(uintptr_t)image->data);
}

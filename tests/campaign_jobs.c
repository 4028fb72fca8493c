/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The jobs of the campaign, on small generated images, and what each must leave behind. */
#include <stdio.h>
#include "tests/campaign.h"
#include "core/options.h"
#include "tests/unit/core_matrix_images.h"

#define FLASH 0x08000000u
#define OLD VERSION(1, 20, 0)
#define NEW VERSION(1, 24, 0)

/* OPTIONS: no image is the goal, but option bytes */
enum { IMAGE_STACK, IMAGE_FUS, IMAGE_FUS_1_2_0, IMAGE_OLD, MADE, IMAGE_ST = MADE, IMAGES,
	OPTIONS = IMAGES };

#define STACK(magic, version, size)                                                            \
	{ "stack", MATRIX_STACK, magic, version, size, 0, "BLE_Stack_light_fw.bin", false, false,  \
		false, false }
#define FUS(version, name)                                                                     \
	{ "FUS", MATRIX_FUS, MAKE_FUS, version, 2504, 0, name, false, false, false, false }

static const struct matrix_image made_of[MADE] = {
	[IMAGE_STACK] = STACK(MAKE_STACK_FUS2, NEW, 4504),
	[IMAGE_FUS] = FUS(VERSION(2, 2, 0), "FUS_fw.bin"),
	[IMAGE_FUS_1_2_0] = FUS(UINT32_MAX, "FUS_fw_for_fus_0_5_3.bin"),
	[IMAGE_OLD] = STACK(MAKE_STACK, OLD, 2504),
};
static struct wb_option_changes changes; /* of the last option set */
static struct wb_image images[IMAGES];
static const struct wb_image *const folder[] = { &images[IMAGE_STACK], &images[IMAGE_FUS],
	&images[IMAGE_FUS_1_2_0] };

/* One command, on FUS 2.2.0 with a stack in place. */
#define COMMAND(name, title, command)                                                          \
	{ name, title, "2.2.0", true, false, false, 0, 1, &(command) }

const struct campaign_job campaign_jobs[] = {
	{ "fus", "FUS 1.2.0 -> 2.2.0, a stack in place", "1.2.0", true, false, false, IMAGE_FUS,
		1, NULL },
	{ "install", "stack onto FUS 2.2.0", "2.2.0", false, false, false, IMAGE_STACK, 1,
		NULL },
	{ "replace", "stack replaced by a larger one", "2.2.0", true, false, false, IMAGE_STACK,
		1, NULL },
	{ "delete", "stack deleted", "2.2.0", true, false, true, 0, 1, NULL },
	{ "way", "FUS 0.5.3 -> 1.2.0 -> 2.2.0, then a stack", "0.5.3", false, true, false,
		IMAGE_STACK, 1, NULL },
	{ "st", "ST's BLE_Stack_light onto FUS 2.2.0", "2.2.0", false, false, false, IMAGE_ST, 40,
		NULL },
	{ "option", "option bytes set, a stack in place", "2.2.0", true, false, false, OPTIONS, 1,
		NULL },
	COMMAND("purge", "stack and NVM pages purged", campaign_purge),
	COMMAND("store", "user key stored, a stack answers", campaign_store),
	COMMAND("load", "user key loaded", campaign_load),
	COMMAND("unload", "user key unloaded", campaign_unload),
	COMMAND("lock", "user key locked", campaign_lock),
	COMMAND("authkey", "authentication key installed", campaign_authkey),
	COMMAND("lockauth", "authentication key locked", campaign_lock_authkey),
	COMMAND("rollback", "anti-rollback activated", campaign_antirollback),
	COMMAND("recover", "FUS left selected, a stack in place", campaign_recover_fus),
	COMMAND("safeboot", "Safeboot selected: factory reset", campaign_recover_safeboot),
	COMMAND("resume", "an upgrade that was cut off, recovered", campaign_recover_upgrade),
	COMMAND("page", "a damaged option page, recovered", campaign_recover_page),
	COMMAND("lost", "option bytes lost in a write, recovered", campaign_recover_options),
	COMMAND("boot", "CPU1 made to boot elsewhere, recovered", campaign_recover_boot),
	COMMAND("start", "FUS started, a stack in place", campaign_start),
	COMMAND("start_ws", "stack started, the FUS selected", campaign_start_ws),
	COMMAND("state", "state asked of the FUS", campaign_state),
	COMMAND("shci", "stack deleted by a raw command", campaign_shci),
	COMMAND("diagnose", "diagnosis, which only reads", campaign_diagnose),
	COMMAND("mailbox", "diagnosis by the mailbox too", campaign_mailbox),
};
const size_t campaign_job_count = sizeof(campaign_jobs) / sizeof(*campaign_jobs);

static const char *const all_quirks[] = { "dap-lost-on-reset=100", "demcr-lost-on-reset",
	"sram2-erased-on-reset", "optverr", "iwdg-on", "ipccdba=64", "need-crcen",
	"rom-started-fus", "alt-order", "first-state-ff", "chatty-stack", "secure-access=fault",
	"nvm-pages=below", "no-stack=unknown", NULL };
const struct campaign_quirks campaign_quirks[] = { { "default", NULL }, { "all", all_quirks } };
const size_t campaign_quirk_count = sizeof(campaign_quirks) / sizeof(*campaign_quirks);

/* ldr r0, =MARK; ldr r1, =MARKED; str r1, [r0]; b . */
static const uint32_t application[] = { 0x20001000, FLASH + 9, 0x49034802, 0xe7fe6001, 0, APP_MARK,
	APP_MARKED };

void job_cycle(struct board *board)
{
	uint32_t none = 0;

	wbsim_power(board->sim, false);
	wbsim_power(board->sim, true);
	wbsim_attach(board->sim);
	wbsim_set_speed(board->sim, PROBE_KHZ);
	wbsim_sleep(board->sim, APP_STARTS_NS);
	assert_true(wbsim_poke(board->sim, APP_MARK, &none, sizeof(none)));
}

void job_open(struct board *board, const struct campaign_job *job, const char *const *quirks)
{
	const char *const trust[] = { getenv("STM32WB_IMAGES"), NULL };
	char path[512];

	for (unsigned int i = 0; i < MADE; i++)
		matrix_make(&made_of[i], false, &images[i]);
	if (job->goal == IMAGE_ST) {
		snprintf(path, sizeof(path), "%s/STM32WB5x/stm32wb5x_BLE_Stack_light_fw.bin",
			trust[0]);
		board_image_load(&images[IMAGE_ST], path);
	}
	board_open_chip(board, &(struct wbsim_config){ .fus = job->fus, .quirks = quirks,
		.trust = job->goal == IMAGE_ST ? trust : NULL });
	if (job->stack && board_upgrade(board, &images[IMAGE_OLD]) != WB_OK)
		fail_msg("%s: %s", job->name, board->err.text);
	if (job->command && job->command->before &&
		campaign_call(board, job->command, job->command->before) != WB_OK)
		fail_msg("%s: %s", job->name, board->err.text);
	assert_true(wbsim_poke(board->sim, FLASH, application, sizeof(application)));
	job_cycle(board);
	board_remember(board);
	if (job->command && job->command->prepare)
		job->command->prepare(board, &images[IMAGE_STACK]);
}

void job_close(struct board *board)
{
	board_close(board);
	for (unsigned int i = 0; i < IMAGES; i++) {
		matrix_free(&images[i]);
		images[i].data = NULL;
	}
}

bool job_runs_app(const struct campaign_job *job)
{
	return !job->command || (!job->command->holds && !job->command->erases);
}

bool job_changes(const struct campaign_job *job)
{
	return !job->command || !job->command->asks;
}

bool job_reads(const struct campaign_job *job)
{
	return job->command && job->command->reads;
}

bool job_possible(const struct campaign_job *job)
{
	return job->goal != IMAGE_ST || getenv("STM32WB_IMAGES");
}

/* Four fields in three registers: one write of the page. */
static enum wb_status set_options(struct board *board)
{
	static const struct wb_option_value values[] = { { "nRST_STOP", 0 }, { "BOR_LEV", 2 },
		{ "WRP1B_STRT", 2 }, { "WRP1B_END", 3 } };

	return wb_option_set(board->session, &(struct wb_operation){ .hold = false }, values,
		sizeof(values) / sizeof(*values), NULL, &changes, &board->result, &board->err);
}

enum wb_status job_run(struct board *board, const struct campaign_job *job)
{
	struct wb_goal goal = { .confirm = { "overwrite" } };

	memset(&board->err, 0, sizeof(board->err));
	if (job->command)
		return campaign_call(board, job->command, job->command->run);
	if (job->goal == OPTIONS)
		return set_options(board);
	goal.image = &images[job->goal];
	if (job->remove)
		return wb_fus_delete(board->session, &(struct wb_operation){ .hold = false },
			&board->result, &board->err);
	if (job->folder) {
		goal.folder = folder;
		goal.folder_count = sizeof(folder) / sizeof(*folder);
	}
	return wb_fus_upgrade(board->session, &goal, false, &board->plan, &board->result,
		&board->err);
}

bool job_was_done(const struct board *board, const struct campaign_job *job, enum wb_status status)
{
	if (job->command)
		return status == WB_OK ? !job->command->twice : job->command->twice &&
			strstr(board->err.text, job->command->twice);
	if (job->remove) /* nothing there to be deleted */
		return status == WB_ERR_FUS &&
			strstr(board->err.text, "no wireless stack is installed");
	if (job->goal == OPTIONS)
		return status == WB_OK && !changes.count;
	return status == WB_OK && !board->plan.count;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The jobs of the campaign, on small generated images, and what each must leave behind. */
#include <stdio.h>
#include "core/keys.h"
#include "core/recover.h"
#include "tests/campaign.h"
#include "core/options.h"
#include "tests/unit/core_matrix_images.h"

#define FLASH 0x08000000u
#define PAGE 4096u
#define OLD VERSION(1, 20, 0)
#define NEW VERSION(1, 24, 0)
/* Applications that a reset has started leave a mark, then stay where they are. */
#define MARK 0x20010000u
#define MARKED 0x600df00du
#define APP_STAYS 0x0800000eu
#define FIRST_KEY 1u /* index of the first user key */
#define DHCSR 0xe000edf0u
#define DEMCR 0xe000edfcu
#define DBGMCU_CR 0xe0042004u
#define APB1FZR1 0xe004203cu
#define DHCSR_HALTED (1u << 17 | 1u << 19) /* S_HALT, S_LOCKUP */

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

/* ---- commands of one signature ----------------------------------------------------------------- */

typedef enum wb_status command(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err);

struct campaign_command {
	command *run, *before; /* before: to get there; NULL: nothing */
	const struct wb_key *key;
	bool holds; /* what it does lasts until a reset: CPU1 stays held */
	const char *confirm[2];
	const char *twice; /* words of the error of a second one; NULL: it succeeds again */
};

static enum wb_status recover(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	struct wb_recovery recovery;

	return wb_fus_recover(session, op, &recovery, result, err);
}

/* no unload: a key that is loaded stays so until the next reset only */
static const struct wb_key user_key = { WB_KEY_SIMPLE, 16, 16, "a key of 16 byt" };
static const struct wb_key auth_key = { WB_KEY_AUTHENTICATION, 64, 64, "a customer's" };
static const struct campaign_command
	purge = { .run = wb_fus_purge, .twice = "no wireless stack is installed" },
	store = { .run = wb_usrkey_store, .key = &user_key },
	load = { .run = wb_usrkey_load, .before = wb_usrkey_store, .key = &user_key,
		.holds = true },
	lock = { .run = wb_usrkey_lock, .before = wb_usrkey_store, .key = &user_key,
		.holds = true },
	authkey = { .run = wb_authkey_update, .key = &auth_key },
	lock_authkey = { .run = wb_authkey_lock, .before = wb_authkey_update, .key = &auth_key,
		.confirm = { "lock-authkey" } },
	antirollback = { .run = wb_fus_antirollback, .confirm = { "antirollback" } },
	recovery = { .run = recover, .before = wb_fus_start, .twice = "nothing to recover" };

static enum wb_status command_run(struct board *board, const struct campaign_command *c,
	command *run)
{
	return run(board->session, &(struct wb_operation){ .key = c->key, .confirm = c->confirm,
		.key_index = FIRST_KEY }, &board->result, &board->err);
}

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
	{ "purge", "stack and NVM pages purged", "2.2.0", true, false, false, 0, 1,
		&purge },
	{ "store", "user key stored, a stack answers", "2.2.0", true, false, false, 0, 1,
		&store },
	{ "load", "user key loaded", "2.2.0", true, false, false, 0, 1,
		&load },
	{ "lock", "user key locked", "2.2.0", true, false, false, 0, 1,
		&lock },
	{ "authkey", "authentication key installed", "2.2.0", true, false, false, 0, 1,
		&authkey },
	{ "lockauth", "authentication key locked", "2.2.0", true, false, false, 0, 1,
		&lock_authkey },
	{ "rollback", "anti-rollback activated", "2.2.0", true, false, false, 0, 1,
		&antirollback },
	{ "recover", "FUS left selected, a stack in place", "2.2.0", true, false, false, 0, 1,
		&recovery },
};
const size_t campaign_job_count = sizeof(campaign_jobs) / sizeof(*campaign_jobs);

static const char *const all_quirks[] = { "dap-lost-on-reset=100", "demcr-lost-on-reset",
	"sram2-erased-on-reset", "optverr", "iwdg-on", "ipccdba=64", "need-crcen",
	"rom-started-fus", "alt-order", "first-state-ff", "chatty-stack", "secure-access=fault",
	"nvm-pages=below", NULL };
const struct campaign_quirks campaign_quirks[] = { { "default", NULL }, { "all", all_quirks } };
const size_t campaign_quirk_count = sizeof(campaign_quirks) / sizeof(*campaign_quirks);

/* ldr r0, =MARK; ldr r1, =MARKED; str r1, [r0]; b . */
static const uint32_t application[] = { 0x20001000, FLASH + 9, 0x49034802, 0xe7fe6001, 0, MARK,
	MARKED };

uint64_t campaign_sum(uint64_t sum, const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t word;

	for (; len >= sizeof(word); p += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		sum = (sum ^ word) * 0x9e3779b97f4a7c15u;
		sum ^= sum >> 29;
	}
	for (; len; p++, len--)
		sum = (sum ^ *p) * 0x100000001b3u;
	return sum;
}

static void put_application(struct board *board)
{
	uint32_t none = 0;

	assert_true(wbsim_poke(board->sim, FLASH, application, sizeof(application)));
	wbsim_power(board->sim, false);
	wbsim_power(board->sim, true);
	wbsim_attach(board->sim);
	wbsim_sleep(board->sim, 1000000);
	assert_true(wbsim_poke(board->sim, MARK, &none, sizeof(none)));
	board_remember(board);
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
		command_run(board, job->command, job->command->before) != WB_OK)
		fail_msg("%s: %s", job->name, board->err.text);
	put_application(board);
}

void job_close(struct board *board)
{
	board_close(board);
	for (unsigned int i = 0; i < IMAGES; i++) {
		matrix_free(&images[i]);
		images[i].data = NULL;
	}
}

bool job_holds(const struct campaign_job *job)
{
	return job->command && job->command->holds;
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
		return command_run(board, job->command, job->command->run);
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
		return status == WB_ERR_FUS && board->result.state.error == 1;
	if (job->goal == OPTIONS)
		return status == WB_OK && !changes.count;
	return status == WB_OK && !board->plan.count;
}

/* ---- looking --------------------------------------------------------------------------------- */

static bool application_runs(struct board *board)
{
	struct wb_link *link = &board->bench.link;
	uint32_t dhcsr = 0, mark = 0, pc = 0;

	if (!wbsim_peek(board->sim, DHCSR, &dhcsr, 4) || dhcsr & DHCSR_HALTED)
		return false;
	/* a watchdog that nobody feeds restarts it now and then */
	wbsim_sleep(board->sim, 1000000);
	wbsim_peek(board->sim, MARK, &mark, 4);
	if (link->halt(link) != WB_OK) /* the first one tells of a reset, and has halted all the same */
		link->halt(link);
	return mark == MARKED && link->reg_read(link, CM_PC, &pc) == WB_OK && pc == APP_STAYS;
}

void job_look(struct board *board, struct campaign_look *look)
{
	static uint8_t flash[0x100000];
	static const uint32_t options[] = { 0x58004020, 0x58004024, 0x58004028, 0x5800402c,
		0x58004030, 0x58004034, 0x58004038, 0x5800403c };
	struct wbsim_cpu2_view view;
	size_t size;

	memset(look, 0, sizeof(*look));
	wbsim_cpu2_view(board->sim, &view);
	look->fus = view.fus_version;
	look->stack = view.stack_version;
	look->sfsa = view.sfsa;
	look->sbrv = view.sbrv;
	memcpy(look->stack_sha256, view.stack_sha256, sizeof(look->stack_sha256));
	look->dead = view.dead;
	look->busy = view.busy;
	look->keys_lost = view.keys_lost;
	look->user_key = view.user_keys; /* how many: a lost answer may cost one */
	look->auth_key = view.auth_key;
	look->auth_locked = view.auth_locked;
	look->rollback = view.rollback;
	look->aes1 = view.aes1_loaded;
	size = (size_t)view.sfsa * PAGE < sizeof(flash) ? view.sfsa * PAGE : sizeof(flash);
	assert_true(wbsim_peek(board->sim, FLASH, flash, size));
	look->flash = campaign_sum(size, flash, size);
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		assert_true(wbsim_peek(board->sim, options[i], &look->options[i], 4));
	wbsim_peek(board->sim, DEMCR, &look->demcr, 4);
	wbsim_peek(board->sim, APB1FZR1, &look->freeze, 4);
	wbsim_peek(board->sim, DBGMCU_CR, &look->dbgmcu, 4);
	for (unsigned int i = 0; i < WB_RECORDS; i++)
		look->journal += board->bench.record[i].len;
	look->app = application_runs(board);
}

bool job_differ(const struct campaign_look *is, const struct campaign_look *wanted, char *text,
	size_t size)
{
	const struct {
		const char *name;
		uint64_t is, wanted;
	} rows[] = {
		{ "FUS", is->fus, wanted->fus },
		{ "stack", is->stack, wanted->stack },
		{ "SFSA", is->sfsa, wanted->sfsa },
		{ "SBRV", is->sbrv, wanted->sbrv },
		{ "dead", is->dead, wanted->dead },
		{ "busy", is->busy, wanted->busy },
		{ "keys lost", is->keys_lost, wanted->keys_lost },
		{ "user key", is->user_key, wanted->user_key },
		{ "authentication key", is->auth_key, wanted->auth_key },
		{ "... locked", is->auth_locked, wanted->auth_locked },
		{ "anti-rollback", is->rollback, wanted->rollback },
		{ "key in AES1", is->aes1, wanted->aes1 },
		{ "user flash", is->flash, wanted->flash },
		{ "application runs", is->app, wanted->app },
		{ "DEMCR", is->demcr, wanted->demcr },
		{ "APB1FZR1", is->freeze, wanted->freeze },
		{ "DBGMCU_CR", is->dbgmcu, wanted->dbgmcu },
		{ "journal", is->journal, wanted->journal },
		{ "stack's bytes",
			(uint64_t)(memcmp(is->stack_sha256, wanted->stack_sha256, 32) != 0), 0 },
	};
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows) && at < size; i++)
		if (rows[i].is != rows[i].wanted)
			at += (size_t)snprintf(text + at, size - at, "%s 0x%llx not 0x%llx; ",
				rows[i].name, (unsigned long long)rows[i].is,
				(unsigned long long)rows[i].wanted);
	for (size_t i = 0; i < 8 && at < size; i++)
		if (is->options[i] != wanted->options[i])
			at += (size_t)snprintf(text + at, size - at, "option %zu 0x%08x not 0x%08x; ",
				i, is->options[i], wanted->options[i]);
	return at != 0;
}

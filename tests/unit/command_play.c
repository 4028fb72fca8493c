/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Core, played; and words said to the command set.
 */
#include "command_play.h"

#define WORDS_MAX 310

static struct cmd_front front;
static bool stop_requested(struct wb_link *link);
static struct wb_link chip_link = { .stop_requested = stop_requested };
static struct progress progress;
struct cmd_chip chip;
struct text out;
char folder[] = "/tmp/openfus-command-XXXXXX";

struct played core;

struct wb_session *__wrap_wb_session_new(struct wb_link *link);
void __wrap_wb_session_free(struct wb_session *session);
enum wb_status __wrap_wb_fus_state(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err);
enum wb_status __wrap_wb_fus_shci(struct wb_session *session, const struct wb_operation *op,
	uint16_t opcode, const uint8_t *payload, size_t len, uint8_t *answer, size_t *answer_len,
	uint16_t *answer_opcode, struct wb_result *result, struct wb_error *err);
enum wb_status __wrap_wb_fus_upgrade(struct wb_session *session, const struct wb_goal *goal,
	bool dry_run, struct wb_plan *plan, struct wb_result *result, struct wb_error *err);

struct wb_session *__wrap_wb_session_new(struct wb_link *link)
{
	core.sessions++;
	return (struct wb_session *)link;
}

void __wrap_wb_session_free(struct wb_session *session)
{
	(void)session;
	core.sessions--;
}

enum wb_status __wrap_wb_fus_state(struct wb_session *session, const struct wb_operation *op,
	struct wb_result *result, struct wb_error *err)
{
	(void)session;
	core.op = *op;
	if (core.answer != WB_OK)
		return wb_fail(err, core.answer, "no answer within 10000 ms");
	progress_report(chip.progress, true, "a warning");
	result->state = (struct wb_fus_state){
		.runs = WB_RUNS_FUS,
		.state = 0xff,
		.error = 0xff,
		.has_error = true,
		.fus_version = 0x02020000,
	};
	wb_format(result->left, sizeof(result->left), "as found");
	return WB_OK;
}

enum wb_status __wrap_wb_fus_shci(struct wb_session *session, const struct wb_operation *op,
	uint16_t opcode, const uint8_t *payload, size_t len, uint8_t *answer, size_t *answer_len,
	uint16_t *answer_opcode, struct wb_result *result, struct wb_error *err)
{
	(void)session;
	(void)op;
	(void)result;
	(void)err;
	core.opcode = opcode;
	core.payload_len = len;
	memcpy(core.payload, payload, len);
	answer[0] = 0x00;
	answer[1] = 0xab;
	*answer_len = 2;
	*answer_opcode = opcode;
	return WB_OK;
}

enum wb_status __wrap_wb_fus_upgrade(struct wb_session *session, const struct wb_goal *goal,
	bool dry_run, struct wb_plan *plan, struct wb_result *result, struct wb_error *err)
{
	(void)session;
	core.upgrades++;
	core.goal = *goal;
	core.dry_run = dry_run;
	if (core.answer == WB_ERR_REFUSED)
		return wb_refuse(
			err, "overwrite", "pages at 0x080C0000 hold user data; -confirm overwrite");
	wb_format(plan->summary, sizeof(plan->summary), "FUS 1.2.0 -> 2.2.0");
	plan->count = core.steps;
	for (unsigned int i = 0; i < core.steps; i++)
		plan->steps[i] = (struct wb_step){ .kind = WB_STEP_STAGE,
			.image = goal->image,
			.address = 0x080ee000,
			.size = 24468,
			.reason = "because" };
	result->ms = 12345;
	return WB_OK;
}

static bool stop_requested(struct wb_link *link)
{
	(void)link;
	return core.stop;
}

int play_reset(void **state)
{
	(void)state;
	memset(&core, 0, sizeof(core));
	core.steps = 1;
	cmd_front_free(&front);
	chip = (struct cmd_chip){ .link = &chip_link, .progress = &progress };
	text_free(&out);
	(void)unsetenv("STM32WB_IMAGES");
	return 0;
}

enum wb_status say(bool with_chip, const char *words)
{
	char buf[4096];
	const char *argv[WORDS_MAX];
	int argc = 0;

	text_free(&out);
	(void)snprintf(buf, sizeof(buf), "%s", words);
	for (char *word = strtok(buf, " "); word && argc < WORDS_MAX; word = strtok(NULL, " "))
		argv[argc++] = word;
	return cmd_run(&front, with_chip ? &chip : NULL, argc, argv, &out);
}

bool out_has(const char *what)
{
	if (strstr(text_str(&out), what))
		return true;
	print_error("no \"%s\" in: %s\n", what, text_str(&out));
	return false;
}

json_t *out_json(void)
{
	json_error_t error;
	json_t *object = json_loads(text_str(&out), 0, &error);

	if (!object)
		print_error("%s in: %s\n", error.text, text_str(&out));
	return object;
}

static void word(uint8_t *at, uint32_t value)
{
	for (unsigned int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

const char *make_image(const char *name)
{
	static char path[128];
	static uint8_t image[8192 + 20 + 64 + 20];
	uint8_t *footer = image + 8192, *signature = footer + 20 + 64;

	memset(image, 0x5a, sizeof(image));
	word(footer + 0, 0x00000001);
	word(footer + 4, 0);
	word(footer + 8, 0x0a020003);
	word(footer + 12, 0x01020300);
	word(footer + 16, 0x23372991);
	word(signature + 0, 0);
	word(signature + 4, 0);
	word(signature + 8, 0x40);
	word(signature + 12, 0x01000000);
	word(signature + 16, 0xd3a12c5e);
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(image, sizeof(image), 1, file), 1);
	assert_int_equal(fclose(file), 0);
	return path;
}

const char *make_file(const char *name, const char *content)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	(void)fputs(content, file);
	assert_int_equal(fclose(file), 0);
	return path;
}

enum wb_status say_path(bool with_chip, const char *before, const char *path, const char *after)
{
	char words[512];

	(void)snprintf(words, sizeof(words), "%s %s %s", before, path, after);
	return say(with_chip, words);
}

int play_begin(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

int play_end(void **state)
{
	char command[128];

	(void)play_reset(state);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

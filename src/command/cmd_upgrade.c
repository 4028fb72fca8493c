/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stm32wb fus plan [FILE|DIR]      what would be done
 * stm32wb fus upgrade [FILE|DIR]   do it
 *
 * JSON: plan     plan (report.h)
 *       upgrade  { plan, dry_run, result (null when nothing was done), images [ { name, sha256 } ],
 *                  warnings [], seconds }
 * -log FILE appends one line for each run, the failed ones too: { time, uid64 (null if the chip
 * was not seen), status, error, rule (both null if there was none), dry_run, seconds, plan,
 * result (null as uid64), images [ { name, sha256 } ], warnings [] }
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "command/folder.h"
#include "command/parse.h"
#include "command/report.h"

#define FUS_2_0_0 0x02000000u /* version word, as in struct wb_image */

/* Everything one upgrade reads from the host. */
struct source {
	struct image_file file;
	struct image_folder folder;
	const struct wb_image **list;
};

static void source_free(struct source *source)
{
	image_file_free(&source->file);
	image_folder_free(&source->folder);
	free(source->list);
}

static enum wb_status use_folder(struct cmd_call *call, struct source *source, const char *path)
{
	struct wb_goal *goal = &call->options.goal;
	enum wb_status status =
		image_folder_load(&source->folder, path, FOLDER_DEPTH, &call->err);

	if (status != WB_OK)
		return status;
	source->list = calloc(source->folder.good, sizeof(*source->list));
	if (!source->list)
		return wb_fail(&call->err, WB_ERR_HOST, "folder %s: out of memory", path);
	for (unsigned int i = 0; i < source->folder.count; i++) {
		if (source->folder.files[i].good)
			source->list[goal->folder_count++] = &source->folder.files[i].image;
	}
	goal->folder = source->list;
	goal->folder_name = source->folder.path;
	return WB_OK;
}

/* What the words name: a file, a folder, or nothing (the folder that is known). */
static enum wb_status find_source(struct cmd_call *call, struct source *source)
{
	const char *word = call->word_count ? call->words[0] : NULL;
	const char *folder = images_folder(call->front);
	const struct wb_goal *goal = &call->options.goal;

	if (goal->force_delete && goal->first_install)
		return usage_fail(call, "-delete and -first-install: one deletes the stack first, the "
					"other leaves it");
	if (goal->address && (!word || path_is_folder(word)))
		return usage_fail(call, "-address 0x%08X: which image is to go there? Name its file",
			goal->address);

	if (word && path_is_folder(word))
		return use_folder(call, source, word);
	if (!word && !folder)
		return usage_fail(call,
			"no image: name a file or a folder, or say `stm32wb images DIR` before");
	if (word) {
		enum wb_status status = image_file_load(&source->file, word);
		if (status != WB_OK) {
			call->err = source->file.err;
			return status;
		}
		call->options.goal.image = &source->file.image;
	}
	return folder ? use_folder(call, source, folder) : WB_OK;
}

/* A stack that needs FUS 2, and no folder named: is the FUS beside the file? Then that is the one. */
static void name_folder_beside(struct cmd_call *call, const struct source *source)
{
	const char *slash = source->file.path ? strrchr(source->file.path, '/') : NULL;
	char *dir = slash ? strndup(source->file.path, (size_t)(slash - source->file.path + 1))
			  : strdup(".");
	const size_t used = strlen(call->err.text);
	struct image_folder beside = { 0 };
	struct wb_error quiet;

	if (dir && strcmp(call->err.rule, "fus2-only") == 0 && !source->folder.path &&
		image_folder_load(&beside, dir, 0, &quiet) == WB_OK) {
		for (unsigned int i = 0; i < beside.count; i++) {
			const struct wb_image *image = &beside.files[i].image;

			if (!beside.files[i].good || image->kind != WB_IMAGE_FUS ||
				image->family != source->file.image.family ||
				image->version < FUS_2_0_0)
				continue;
			(void)snprintf(call->err.text + used, sizeof(call->err.text) - used,
				". It lies beside the file: `stm32wb images %s`", dir);
			break;
		}
	}
	image_folder_free(&beside);
	free(dir);
}

enum wb_status cmd_fus_plan(struct cmd_call *call)
{
	struct wb_session *session = call_session(call);
	struct source source = { 0 };
	struct wb_plan plan = { 0 };
	struct wb_result result;
	enum wb_status status = session ? find_source(call, &source) : call->err.status;

	if (status == WB_OK)
		status = wb_fus_upgrade(session, &call->options.goal, true, &plan, &result, &call->err);
	if (status == WB_OK && call->options.json)
		status = json_out(json_plan(&plan), call->out, &call->err);
	else if (status == WB_OK)
		text_plan(call->out, &plan);
	else if (status == WB_ERR_REFUSED)
		name_folder_beside(call, &source);
	source_free(&source);
	return status;
}

static json_t *name_and_hash(const struct wb_image *image)
{
	char hash[65];

	hash_text(hash, image->sha256);
	return json_pack("{s:o, s:s}", "name", json_name(image->name), "sha256", hash);
}

/* What the plan installs; else what was to be installed. */
static json_t *plan_images(const struct wb_plan *plan, const struct wb_image *named)
{
	json_t *list = json_array();

	for (unsigned int i = 0; i < plan->count && i < WB_PLAN_STEPS; i++) {
		const struct wb_step *step = &plan->steps[i];

		if (step->kind == WB_STEP_UPGRADE && step->image)
			json_array_append_new(list, name_and_hash(step->image));
	}
	if (!json_array_size(list) && named)
		json_array_append_new(list, name_and_hash(named));
	return list;
}

/* Open before anything else, so that a log that cannot be written stops nothing half-way. */
static enum wb_status log_open(struct cmd_call *call, int *fd)
{
	const char *path = call->options.log;

	*fd = -1;
	if (!path)
		return WB_OK;
	/* Not to wait for a reader if it is a pipe. */
	*fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666);
	if (*fd < 0)
		return wb_fail(&call->err, WB_ERR_HOST, "-log %s: %s", path, strerror(errno));
	return WB_OK;
}

static json_t *log_object(const struct cmd_call *call, enum wb_status status,
	const struct wb_plan *plan, const struct wb_result *result)
{
	const bool failed = status != WB_OK, seen = result->before.family != NULL;
	const struct wb_goal *goal = &call->options.goal;
	char uid[20], when[32];
	const time_t now = time(NULL);
	struct tm tm;

	(void)snprintf(uid, sizeof(uid), "%016" PRIx64, result->before.uid64);
	(void)strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	return json_pack("{s:s, s:o, s:s, s:o, s:o, s:b, s:f, s:o, s:o, s:o, s:o}", "time", when,
		"uid64", seen ? json_string(uid) : json_null(), "status", wb_status_name(status),
		"error", failed ? json_name(call->err.text) : json_null(), "rule",
		status == WB_ERR_REFUSED ? json_name(call->err.rule) : json_null(), "dry_run",
		call->options.dry_run, "seconds", (double)result->ms / 1000.0, "plan",
		json_plan(plan), "result", seen ? json_result(result) : json_null(), "images",
		plan_images(plan, goal->image), "warnings", json_lines(&call->warnings));
}

/* One write for the whole line: several OpenOCDs may append to one file. */
static void log_close(struct cmd_call *call, int fd, enum wb_status status,
	const struct wb_plan *plan, const struct wb_result *result)
{
	if (fd < 0)
		return;
	json_t *object = log_object(call, status, plan, result);
	char *dump = object ? json_dumps(object, JSON_FLAGS) : NULL;
	json_decref(object);

	struct text line = { 0 };
	text_add(&line, "%s\n", dump ? dump : "{}");
	if (!dump || line.failed || write(fd, text_str(&line), line.len) != (ssize_t)line.len)
		progress_report(call->chip->progress, true, "the -log file could not be written");
	text_free(&line);
	free(dump);
	(void)close(fd);
}

static enum wb_status upgrade_out(
	struct cmd_call *call, const struct wb_plan *plan, const struct wb_result *result)
{
	struct text *out = call->out;
	const bool did = plan->count && !call->options.dry_run;

	if (call->options.json)
		return json_out(json_pack("{s:o, s:b, s:o, s:o, s:o, s:f}", "plan", json_plan(plan),
					"dry_run", call->options.dry_run, "result",
					did ? json_result(result) : json_null(), "images",
					plan_images(plan, NULL), "warnings", json_lines(&call->warnings),
					"seconds", (double)result->ms / 1000.0),
			out, &call->err);
	if (!did) {
		text_plan(out, plan);
		if (plan->count)
			text_add(out, "Nothing was changed: this was -dry-run.\n");
		return WB_OK;
	}
	text_add(out, "Done: %s\n", plan->summary);
	text_versions(out, &result->after.versions);
	text_row(out, "secure flash", "from 0x%08X (before: 0x%08X)", result->after.sfsa_address,
		result->before.sfsa_address);
	if (result->left[0])
		text_row(out, "left as", "%s", result->left);
	text_row(out, "took", "%.1f s, %u steps", (double)result->ms / 1000.0, result->steps_done);
	return WB_OK;
}

static enum wb_status upgrade(struct cmd_call *call, struct wb_plan *plan, struct wb_result *result)
{
	struct wb_session *session = call_session(call);

	if (!session)
		return call->err.status;
	if (call->options.goal.no_verify)
		progress_report(call->chip->progress, false,
			"-no-verify changes nothing: what is written is compared on the way, at no "
			"cost");
	return wb_fus_upgrade(session, &call->options.goal, call->options.dry_run, plan, result,
		&call->err);
}

enum wb_status cmd_fus_upgrade(struct cmd_call *call)
{
	struct source source = { 0 };
	struct wb_plan plan = { 0 };
	struct wb_result result = { 0 };
	int log;
	enum wb_status status = log_open(call, &log);

	if (status != WB_OK)
		return status;
	status = find_source(call, &source);
	if (status == WB_OK)
		status = upgrade(call, &plan, &result);
	if (status == WB_ERR_REFUSED)
		name_folder_beside(call, &source);
	log_close(call, log, status, &plan, &result);
	if (status == WB_OK)
		status = upgrade_out(call, &plan, &result);
	source_free(&source);
	return status;
}

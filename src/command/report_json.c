/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Core's values as JSON: keys in report.h.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/report.h"

static json_t *json_version(uint32_t version)
{
	char buf[20];

	return json_string(wb_version_text(version, buf));
}

/* File names may hold any bytes; JSON takes UTF-8 only. */
json_t *json_name(const char *name)
{
	json_t *string = json_string(name);
	char plain[256];
	size_t i;

	if (string)
		return string;
	for (i = 0; i < sizeof(plain) - 1 && name[i]; i++)
		plain[i] = (unsigned char)name[i] < 0x80 ? name[i] : '?';
	plain[i] = '\0';
	return json_string(plain);
}

json_t *json_versions(const struct wb_versions *v)
{
	return json_pack(
		"{s:b, s:b, s:b, s:I, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:i, s:i}",
		"valid", v->valid, "live", v->live, "from_fus", v->from_fus, "table",
		(json_int_t)v->table, "fus", json_version(v->fus), "stack", json_version(v->stack),
		"safeboot", json_version(v->safeboot), "fus_raw", (json_int_t)v->fus, "stack_raw",
		(json_int_t)v->stack, "safeboot_raw", (json_int_t)v->safeboot, "fus_memory",
		(json_int_t)v->fus_memory, "stack_memory", (json_int_t)v->stack_memory,
		"stack_info", (json_int_t)v->stack_info, "last_fus_state", (int)v->last_fus_state,
		"last_stack_state", (int)v->last_stack_state);
}

static json_t *json_options(const struct wb_chip *chip)
{
	json_t *options = json_object();
	struct wb_field field;
	char buf[96];

	for (unsigned int i = 0; wb_option_field(chip, i, &field, buf); i++)
		json_object_set_new(options, field.name,
			json_pack("{s:I, s:b, s:s}", "value", (json_int_t)field.value, "secure",
				field.secure, "meaning", field.meaning ? field.meaning : ""));
	return options;
}

json_t *json_chip(const struct wb_chip *chip)
{
	char uid[20];

	if (!chip->family)
		return json_null();
	(void)snprintf(uid, sizeof(uid), "%016" PRIx64, chip->uid64);
	return json_pack(
		"{s:s, s:i, s:i, s:i, s:i, s:s, s:[III], s:I, s:I, s:I, s:b, s:s, s:s, s:b, "
		"s:I, s:I, s:I, s:I, s:o, s:o}",
		"family", chip->family->name, "device_id", (int)chip->dev_id, "revision_id",
		(int)chip->rev_id, "package", (int)chip->package, "flash_kib", (int)chip->flash_kib,
		"uid64", uid, "uid96", (json_int_t)chip->uid96[0], (json_int_t)chip->uid96[1],
		(json_int_t)chip->uid96[2], "sfsa_address", (json_int_t)chip->sfsa_address,
		"sbrv_address", (json_int_t)chip->sbrv_address, "secure_start",
		(json_int_t)chip->secure_start, "c2boot", chip->c2boot, "selected",
		wb_runs_name(chip->selected), "running", wb_runs_name(chip->running), "cpu1_halted",
		chip->cpu1_halted, "sram2a", (json_int_t)chip->sram2a, "reset_flags",
		(json_int_t)chip->reset_flags, "flash_sr", (json_int_t)chip->flash_sr, "eccr",
		(json_int_t)chip->eccr, "options", json_options(chip), "versions",
		json_versions(&chip->versions));
}

static json_t *json_addresses(const struct wb_image *image)
{
	json_t *addresses = json_object();
	const struct wb_family *family = wb_family_by_id(image->family);
	char key[8];

	for (unsigned int i = 0; family && i < 4 && family->flash_kib[i]; i++) {
		(void)snprintf(key, sizeof(key), "%u", (unsigned int)family->flash_kib[i]);
		json_object_set_new(addresses, key,
			json_integer(wb_image_address(image, family, family->flash_kib[i])));
	}
	return addresses;
}

json_t *json_image(const struct wb_image *image)
{
	const struct wb_family *family = wb_family_by_id(image->family);
	char hash[65];

	hash_text(hash, image->sha256);
	return json_pack(
		"{s:o, s:s, s:s, s:o, s:I, s:I, s:s, s:b, s:s, s:b, s:b, s:i, s:i, s:s, s:o, "
		"s:o}",
		"name", json_name(image->name), "kind", kind_name(image->kind), "type",
		image->type_name, "version", json_version(image->version), "version_raw",
		(json_int_t)image->version, "size", (json_int_t)image->size, "family",
		family ? family->name : "unknown", "genuine", image->genuine, "releases",
		image->releases, "fus2_only", image->fus2_only, "customer_signed",
		image->customer_signed, "nvm_pages", (int)image->nvm_pages, "pages",
		(int)image->pages, "sha256", hash, "warning", json_name(image->warning),
		"addresses", json_addresses(image));
}

json_t *json_plan(const struct wb_plan *plan)
{
	json_t *steps = json_array();
	json_t *warnings = json_array();

	for (unsigned int i = 0; i < plan->count && i < WB_PLAN_STEPS; i++) {
		const struct wb_step *step = &plan->steps[i];

		json_array_append_new(steps,
			json_pack("{s:s, s:o, s:I, s:I, s:o}", "step", step_name(step->kind),
				"image", step->image ? json_name(step->image->name) : json_null(),
				"address", (json_int_t)step->address, "size",
				(json_int_t)step->size, "reason", json_name(step->reason)));
	}
	for (unsigned int i = 0; i < plan->warnings; i++)
		json_array_append_new(warnings, json_name(plan->warning[i]));
	return json_pack("{s:i, s:o, s:o, s:o}", "count", (int)plan->count, "summary",
		json_name(plan->summary), "warnings", warnings, "steps", steps);
}

json_t *json_state(const struct wb_fus_state *state)
{
	json_t *object = json_pack("{s:s, s:i, s:s, s:o, s:o}", "runs", wb_runs_name(state->runs),
		"state", (int)state->state, "state_name", wb_fus_state_name(state->state), "fus",
		json_version(state->fus_version), "stack", json_version(state->stack_version));

	json_object_set_new(
		object, "error", state->has_error ? json_integer(state->error) : json_null());
	json_object_set_new(object, "error_name",
		state->has_error ? json_string(wb_fus_error_name(state->error)) : json_null());
	return object;
}

json_t *json_result(const struct wb_result *result)
{
	json_t *after = json_chip(&result->after);

	/* the table is long, and rarely differs */
	if (!memcmp(&result->before.options, &result->after.options, sizeof(result->after.options)))
		json_object_set_new(after, "options", json_null());
	return json_pack("{s:o, s:o, s:o, s:i, s:I, s:b, s:s}", "before",
		json_chip(&result->before), "after", after, "state",
		json_state(&result->state), "steps_done", (int)result->steps_done, "ms",
		(json_int_t)result->ms, "cpu1_running", result->cpu1_running, "left", result->left);
}

json_t *json_lines(const struct text *text)
{
	json_t *lines = json_array();
	const char *line = text_str(text);

	while (*line) {
		const size_t len = strcspn(line, "\n");
		json_array_append_new(lines, json_stringn(line, len));
		line += len + (line[len] == '\n');
	}
	return lines;
}

enum wb_status json_out(json_t *object, struct text *out, struct wb_error *err)
{
	char *dump = object ? json_dumps(object, JSON_FLAGS) : NULL;

	json_decref(object);
	if (!dump)
		return wb_fail(err, WB_ERR_HOST, "the result cannot be written as JSON");
	text_add(out, "%s", dump);
	free(dump);
	return WB_OK;
}

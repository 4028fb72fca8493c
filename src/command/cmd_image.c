/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stm32wb image FILE ...   what binaries are, and where they would go: no chip needed
 * stm32wb images [DIR]     remember a folder, list it
 *
 * JSON: image   { images [ image (report.h) or { path, error } ] }
 *       images  { folder, good, count, cut, images [ as above ] }
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/folder.h"
#include "command/parse.h"
#include "command/report.h"
#include "core/known_images.h"

#define IMAGES_VARIABLE "STM32WB_IMAGES"

static void addresses_rows(struct text *out, const struct wb_image *image)
{
	const struct wb_family *family = wb_family_by_id(image->family);
	const char *label = "  address";

	for (unsigned int i = 0; family && i < 4 && family->flash_kib[i]; i++) {
		const uint32_t address = wb_image_address(image, family, family->flash_kib[i]);

		if (address)
			text_row(out, label, "0x%08X on %4u KiB parts", address,
				(unsigned int)family->flash_kib[i]);
		else
			text_row(out, label, "does not fit    %4u KiB parts",
				(unsigned int)family->flash_kib[i]);
		label = "";
	}
}

static const char *origin(const struct wb_image *image, char *buf, size_t size)
{
	const struct wb_known_image *alike = wb_known_alike(image->size, image->version);

	if (image->genuine)
		(void)snprintf(buf, size, "published by ST: STM32CubeWB %s", image->releases);
	else if (alike)
		(void)snprintf(buf, size,
			"not in the list of ST's published binaries, though version and size are those of "
			"%s (STM32CubeWB %s): damaged, or made by somebody else",
			alike->file, alike->releases);
	else
		(void)snprintf(buf, size,
			"not in the list of ST's published binaries: newer, made by somebody else, or "
			"damaged");
	return buf;
}

static void image_text(struct text *out, const char *path, const struct wb_image *image)
{
	const struct wb_family *family = wb_family_by_id(image->family);
	char version[20], buf[256], hash[65];

	text_add(out, "%s\n", path);
	text_row(
		out, "  what", "%s %s", image->type_name, wb_version_text(image->version, version));
	text_row(out, "  family", "%s%s", family ? family->name : "unknown",
		image->family == WB_FAMILY_5X ? " and STM32WB3x" : "");
	text_row(out, "  size", "%zu bytes, %u pages%s", image->size, (unsigned int)image->pages,
		image->fus2_only ? "; for FUS 2 only" : "");
	if (image->nvm_pages)
		text_row(out, "  NVM", "%u pages kept beside it", (unsigned int)image->nvm_pages);
	text_row(out, "  origin", "%s", origin(image, buf, sizeof(buf)));
	if (image->customer_signed)
		text_row(out, "  signed by", "a customer, too");
	if (image->for_fus_0_5_3)
		text_row(out, "  for", "FUS 0.5.3 only");
	hash_text(hash, image->sha256);
	text_row(out, "  SHA-256", "%s", hash);

	addresses_rows(out, image);
	if (image->warning[0])
		text_row(out, "  warning", "%s", image->warning);
}

static json_t *file_json(const struct image_file *file)
{
	if (!file->good)
		return json_pack("{s:o, s:o}", "path", json_name(file->path ? file->path : ""),
			"error", json_name(file->err.text));
	json_t *object = json_image(&file->image);
	json_object_set_new(object, "path", json_name(file->path));
	return object;
}

enum wb_status cmd_image(struct cmd_call *call)
{
	unsigned int bad = 0;
	struct wb_error first = { .status = WB_OK };
	json_t *list = json_array();

	for (unsigned int i = 0; i < call->word_count; i++) {
		struct image_file file;

		if (image_file_load(&file, call->words[i]) != WB_OK && !bad++)
			first = file.err;
		if (call->options.json)
			json_array_append_new(list, file_json(&file));
		else if (file.good)
			image_text(call->out, file.path, &file.image);
		else if (call->word_count > 1)
			text_add(call->out, "%s\n  %s\n", call->words[i], file.err.text);
		image_file_free(&file);
	}
	enum wb_status status = WB_OK;
	if (call->options.json)
		status = json_out(json_pack("{s:O}", "images", list), call->out, &call->err);
	json_decref(list);
	if (status == WB_OK && bad) {
		call->err = first;
		status = call->word_count == 1 ? first.status
					       : wb_context(&call->err,
							 "%u of %u files are not usable; the first",
							 bad, call->word_count);
	}
	return status;
}

static void folder_text(struct text *out, const struct image_folder *folder)
{
	char version[20];

	for (unsigned int i = 0; i < folder->count; i++) {
		const struct image_file *file = &folder->files[i];
		const char *name = file->path + strlen(folder->path);

		name += strspn(name, "/");
		if (file->good)
			text_add(out, "  %-28s %-10s %-10s %s\n", file->image.type_name,
				wb_version_text(file->image.version, version),
				file->image.family == WB_FAMILY_1X ? "WB1x" : "WB5x/WB3x", name);
		else
			text_add(out, "  not usable: %s\n", file->err.text);
	}
	text_add(out, "%u of %u *.bin file%s in %s usable\n", folder->good, folder->count,
		folder->count == 1 ? "" : "s", folder->path);
	if (folder->cut)
		text_add(out, "warning: more than %u files; the others were not looked at\n",
			FOLDER_FILES);
}

const char *images_folder(const struct cmd_front *front)
{
	const char *variable = getenv(IMAGES_VARIABLE);

	if (front->images)
		return front->images;
	return variable && variable[0] ? variable : NULL;
}

enum wb_status cmd_images(struct cmd_call *call)
{
	const char *path = call->word_count ? call->words[0] : images_folder(call->front);
	struct image_folder folder = { 0 };

	if (!path)
		return usage_fail(call,
			"no folder of images is known yet: name one, or set " IMAGES_VARIABLE);
	enum wb_status status = image_folder_load(&folder, path, FOLDER_DEPTH, &call->err);
	if (status == WB_OK && call->word_count) {
		/* Absolute, so that it stays the same folder wherever the host goes. */
		char *full = realpath(path, NULL);
		if (!full)
			status = wb_fail(
				&call->err, WB_ERR_HOST, "folder %s: %s", path, strerror(errno));
		else
			free(call->front->images);
		if (full)
			call->front->images = full;
	}
	if (status == WB_OK && call->options.json) {
		json_t *list = json_array();
		for (unsigned int i = 0; i < folder.count; i++)
			json_array_append_new(list, file_json(&folder.files[i]));
		status = json_out(json_pack("{s:o, s:i, s:i, s:b, s:o}", "folder", json_name(path),
					  "good", (int)folder.good, "count", (int)folder.count,
					  "cut", folder.cut, "images", list),
			call->out, &call->err);
	} else if (status == WB_OK) {
		folder_text(call->out, &folder);
	}
	image_folder_free(&folder);
	return status;
}

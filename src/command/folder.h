/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Images on the host: one file, or a folder of them.
 */
#ifndef COMMAND_FOLDER_H
#define COMMAND_FOLDER_H

#include "core/openfus.h"

#define FOLDER_DEPTH 3           /* folders below the one named */
#define FOLDER_FILES 512u        /* *.bin files looked at, at most */
#define IMAGE_SIZE_MAX 0x100000u /* bytes; no part has more flash */

struct image_file {
	char *path;
	uint8_t *data; /* image.data points here */
	struct wb_image image;
	bool good;
	struct wb_error err; /* why not good */
};

struct image_folder {
	char *path;
	struct image_file *files; /* sorted by path */
	unsigned int count, good;
	bool cut; /* there are more files than FOLDER_FILES */
};

/**
 * Read and parse one file.
 * @param[out] file always to be released by image_file_free().
 * @retval WB_ERR_HOST  cannot be read, is no regular file, or is larger than any image.
 * @retval WB_ERR_IMAGE as wb_image_parse
 */
enum wb_status image_file_load(struct image_file *file, const char *path);
void image_file_free(struct image_file *file);
/**
 * Read and parse every *.bin of a folder and of those below it, down to `depth`. Files that are no
 * image are kept with the reason.
 * @param[out] folder always to be released by image_folder_free().
 * @retval WB_ERR_HOST the folder cannot be read, or has no usable image at all.
 */
enum wb_status image_folder_load(
	struct image_folder *folder, const char *path, int depth, struct wb_error *err);
void image_folder_free(struct image_folder *folder);
bool path_is_folder(const char *path);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files and folders of images. Bounded in depth, in number and in size, whatever is named.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command/folder.h"

bool path_is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static enum wb_status read_fd(struct image_file *file, int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return wb_fail(&file->err, WB_ERR_HOST, "%s: %s", file->path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return wb_fail(&file->err, WB_ERR_HOST, "%s: %s; name a file", file->path,
			S_ISDIR(st.st_mode) ? "is a folder" : "is no regular file");
	if (st.st_size > IMAGE_SIZE_MAX)
		return wb_fail(&file->err, WB_ERR_IMAGE,
			"%s: %lld bytes; no coprocessor image is larger than %u: this is another "
			"file",
			file->path, (long long)st.st_size, IMAGE_SIZE_MAX);

	const size_t size = (size_t)st.st_size;
	size_t have = 0;
	file->data = malloc(size ? size : 1);
	if (!file->data)
		return wb_fail(&file->err, WB_ERR_HOST, "%s: out of memory", file->path);
	while (have < size) {
		ssize_t got = read(fd, file->data + have, size - have);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return wb_fail(&file->err, WB_ERR_HOST,
				"%s: read stopped at %zu of %zu bytes: %s", file->path, have, size,
				got ? strerror(errno) : "the file was cut");
		have += (size_t)got;
	}
	const char *slash = strrchr(file->path, '/');
	return wb_image_parse(
		file->data, size, slash ? slash + 1 : file->path, &file->image, &file->err);
}

enum wb_status image_file_load(struct image_file *file, const char *path)
{
	*file = (struct image_file){ .path = strdup(path) };
	if (!file->path)
		return wb_fail(&file->err, WB_ERR_HOST, "out of memory");
	/* Not to wait for a writer if it is a pipe: it is refused all the same. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return wb_fail(&file->err, WB_ERR_HOST, "%s: %s", path, strerror(errno));
	enum wb_status status = read_fd(file, fd);
	(void)close(fd);
	/* what is no image is named by its base name only: its folder goes in front */
	const char *slash = strrchr(path, '/');
	if (status == WB_ERR_IMAGE && slash && strncmp(file->err.text, path, strlen(path)) != 0) {
		const struct wb_error err = file->err;
		(void)wb_fail(&file->err, status, "%.*s%s", (int)(slash + 1 - path), path, err.text);
	}
	file->good = status == WB_OK;
	return status;
}

void image_file_free(struct image_file *file)
{
	free(file->path);
	free(file->data);
	*file = (struct image_file){ 0 };
}

static bool is_binary(const char *name)
{
	const size_t len = strlen(name);

	return len > 4 && strcasecmp(name + len - 4, ".bin") == 0;
}

/*
 * Collects the paths of a folder; folders below it down to depth. Links to files are followed,
 * links to folders are not: they may lead anywhere, or back.
 */
static bool collect(struct image_folder *folder, const char *path, int depth)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	bool good = true;

	if (!dir)
		return false;
	while (good && !folder->cut && (entry = readdir(dir))) {
		char full[PATH_MAX];
		struct stat st;

		if (entry->d_name[0] == '.')
			continue;
		int n = snprintf(full, sizeof(full), "%s/%s", path, entry->d_name);
		if (n < 0 || n >= (int)sizeof(full) || lstat(full, &st) != 0)
			continue;
		if (S_ISLNK(st.st_mode) && (stat(full, &st) != 0 || !S_ISREG(st.st_mode)))
			continue;
		if (S_ISDIR(st.st_mode)) {
			if (depth > 0)
				(void)collect(folder, full, depth - 1);
		} else if (S_ISREG(st.st_mode) && is_binary(entry->d_name)) {
			if (folder->count == FOLDER_FILES)
				folder->cut = true;
			else if (!(folder->files[folder->count].path = strdup(full)))
				good = false;
			else
				folder->count++;
		}
	}
	(void)closedir(dir);
	return good;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct image_file *)a)->path, ((const struct image_file *)b)->path);
}

enum wb_status image_folder_load(
	struct image_folder *folder, const char *path, int depth, struct wb_error *err)
{
	*folder = (struct image_folder){ .path = strdup(path) };
	folder->files = calloc(FOLDER_FILES, sizeof(*folder->files));
	if (!folder->path || !folder->files)
		return wb_fail(err, WB_ERR_HOST, "%s: out of memory", path);
	errno = 0;
	if (!collect(folder, path, depth))
		return wb_fail(err, WB_ERR_HOST, "folder %s: %s", path, strerror(errno));
	if (!folder->count)
		return wb_fail(err, WB_ERR_HOST,
			"folder %s: no *.bin file in it, nor in the folders below it down to depth "
			"%d",
			path, depth);

	qsort(folder->files, folder->count, sizeof(*folder->files), by_path);
	for (unsigned int i = 0; i < folder->count; i++) {
		char *name = folder->files[i].path;

		(void)image_file_load(&folder->files[i], name);
		free(name);
		folder->good += folder->files[i].good;
	}
	if (!folder->good)
		return wb_fail(err, WB_ERR_IMAGE,
			"folder %s: none of its %u *.bin files is a coprocessor image; the first: "
			"%s",
			path, folder->count, folder->files[0].err.text);
	return WB_OK;
}

void image_folder_free(struct image_folder *folder)
{
	for (unsigned int i = 0; i < folder->count; i++)
		image_file_free(&folder->files[i]);
	free(folder->files);
	free(folder->path);
	*folder = (struct image_folder){ 0 };
}

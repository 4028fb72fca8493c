/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The journal on the host, a file a record. A new one is written beside the old one, flushed to disk
 * and renamed over it, so that a crash leaves one of the two.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command/journal.h"

#define JOURNAL_FOLDER "openfus"
#define DEFAULT_STATE ".local/state"

static const char *const endings[WB_RECORDS] = {
	[WB_RECORD_BOOT] = "journal",
	[WB_RECORD_PAGES] = "pages",
	[WB_RECORD_OPTIONS] = "options",
	[WB_RECORD_HELD] = "held",
	[WB_RECORD_SAFEBOOT] = "safeboot",
	[WB_RECORD_AWAY] = "away",
	[WB_RECORD_ROLLBACK] = "antirollback",
};

static enum wb_status journal_fail(struct wb_link *link, const char *what, const char *path)
{
	wb_format(link->reason, sizeof(link->reason),
		"journal %s: cannot %s (%s); set XDG_STATE_HOME to a folder that can be written",
		path, what, strerror(errno));
	return WB_ERR_HOST;
}

/* The XDG rule: a relative XDG_STATE_HOME counts as unset. */
static bool folder_path(char path[PATH_MAX])
{
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	int n;

	if (state && state[0] == '/')
		n = snprintf(path, PATH_MAX, "%s/" JOURNAL_FOLDER, state);
	else if (home && home[0] == '/')
		n = snprintf(path, PATH_MAX, "%s/" DEFAULT_STATE "/" JOURNAL_FOLDER, home);
	else
		return false;
	return n > 0 && n < PATH_MAX;
}

static enum wb_status file_path(struct wb_link *link, uint64_t uid, enum wb_record record,
	char folder[PATH_MAX], char path[PATH_MAX])
{
	if (!folder_path(folder)) {
		wb_format(link->reason, sizeof(link->reason),
			"no place for the journal: neither XDG_STATE_HOME nor HOME is an absolute "
			"path");
		return WB_ERR_HOST;
	}
	int n = snprintf(path, PATH_MAX, "%s/%016" PRIx64 ".%s", folder, uid, endings[record]);
	if (n < 0 || n >= PATH_MAX - (int)sizeof(".new")) {
		errno = ENAMETOOLONG;
		return journal_fail(link, "be named", folder);
	}
	return WB_OK;
}

/* mkdir -p: every missing folder on the way, private to the user. */
static bool make_folders(const char *path)
{
	char part[PATH_MAX];

	(void)snprintf(part, sizeof(part), "%s", path);
	for (char *slash = strchr(part + 1, '/');; slash = strchr(slash + 1, '/')) {
		if (slash)
			*slash = '\0';
		if (mkdir(part, S_IRWXU) != 0 && errno != EEXIST)
			return false;
		if (!slash)
			return true;
		*slash = '/';
	}
}

/* How many bytes there are. */
static enum wb_status file_size(struct wb_link *link, int fd, const char *path, size_t *len)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return journal_fail(link, "look at", path);
	*len = (size_t)st.st_size;
	return WB_OK;
}

enum wb_status journal_load(struct wb_link *link, uint64_t uid, enum wb_record record, void *data,
	size_t *len)
{
	char folder[PATH_MAX], path[PATH_MAX];
	const size_t room = data ? *len : 0;
	enum wb_status status = file_path(link, uid, record, folder, path);

	*len = 0;
	if (status != WB_OK)
		return status;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? WB_OK
							   : journal_fail(link, "open", path);

	if (!data)
		status = file_size(link, fd, path, len);
	ssize_t got;
	while (*len < room && (got = read(fd, (char *)data + *len, room - *len)) != 0) {
		if (got > 0) {
			*len += (size_t)got;
		} else if (errno != EINTR) {
			status = journal_fail(link, "read", path);
			break;
		}
	}
	char more;
	if (status == WB_OK && data && *len == room && read(fd, &more, 1) == 1) {
		wb_format(link->reason, sizeof(link->reason),
			"journal %s: longer than the %zu bytes that are possible; not ours, or "
			"damaged: look at it and move it away",
			path, room);
		status = WB_ERR_HOST;
	}
	(void)close(fd);
	return status;
}

static bool write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t put = write(fd, data, len);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		data += put;
		len -= (size_t)put;
	}
	return true;
}

/* A rename is on disk once its folder is. */
static void sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		(void)fsync(fd);
		(void)close(fd);
	}
}

void journal_name(struct wb_link *link, uint64_t uid, enum wb_record record, char *name,
	size_t size)
{
	char folder[PATH_MAX], path[PATH_MAX];
	const bool good = file_path(link, uid, record, folder, path) == WB_OK;

	(void)snprintf(name, size, "%s", good ? path : link->reason);
}

enum wb_status journal_store(struct wb_link *link, uint64_t uid, enum wb_record record,
	const void *data, size_t len)
{
	char folder[PATH_MAX], path[PATH_MAX], fresh[PATH_MAX];
	enum wb_status status = file_path(link, uid, record, folder, path);

	if (status != WB_OK)
		return status;
	if (!len) {
		if (unlink(path) != 0 && errno != ENOENT && errno != ENOTDIR)
			return journal_fail(link, "remove", path);
		sync_folder(folder);
		return WB_OK;
	}
	if (!make_folders(folder))
		return journal_fail(link, "make a folder for", path);

	(void)snprintf(
		fresh, sizeof(fresh), "%.*s.new", (int)(sizeof(fresh) - sizeof(".new")), path);
	int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (fd < 0)
		return journal_fail(link, "create", fresh);
	bool good = write_all(fd, data, len) && fsync(fd) == 0;
	if (close(fd) != 0)
		good = false;
	if (!good || rename(fresh, path) != 0) {
		status = journal_fail(link, "write", path);
		(void)unlink(fresh);
		return status;
	}
	sync_folder(folder);
	return WB_OK;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The journal: what outlives a power cut and this process, as link.h asks for.
 * $XDG_STATE_HOME/openfus/<uid64>.<record>, by default below ~/.local/state. Records: journal (boot
 * options), pages (user flash), options, held.
 */
#ifndef COMMAND_JOURNAL_H
#define COMMAND_JOURNAL_H

#include "core/link.h"

/**
 * link->journal_load for every front.
 * @param[in,out] len room of data; bytes found, 0 when there is no such record.
 * @retval WB_ERR_HOST the file is there but cannot be read, or is larger than the room.
 */
enum wb_status journal_load(struct wb_link *link, uint64_t uid, enum wb_record record, void *data,
	size_t *len);
/**
 * link->journal_store for every front: the old file or the new one, never half of either; on disk
 * when it returns. len 0 removes it.
 */
enum wb_status journal_store(struct wb_link *link, uint64_t uid, enum wb_record record,
	const void *data, size_t len);
/** link->journal_name for every front: the file's path, or why it has none. */
void journal_name(struct wb_link *link, uint64_t uid, enum wb_record record, char *name,
	size_t size);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The journal: a few bytes a chip that outlive a power cut and this process, as link.h asks for.
 * $XDG_STATE_HOME/openfus/<uid64>.journal, by default below ~/.local/state.
 */
#ifndef COMMAND_JOURNAL_H
#define COMMAND_JOURNAL_H

#include "core/link.h"

/**
 * link->journal_load for every front.
 * @param[in,out] len room of data; bytes found, 0 when the chip has no journal.
 * @retval WB_ERR_HOST the file is there but cannot be read, or is larger than the room.
 */
enum wb_status journal_load(struct wb_link *link, uint64_t uid, void *data, size_t *len);
/**
 * link->journal_store for every front: the old file or the new one, never half of either; on disk
 * when it returns. len 0 removes it.
 */
enum wb_status journal_store(struct wb_link *link, uint64_t uid, const void *data, size_t len);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link.h's read, write and secret over OpenOCD's Tcl commands; link->ctx is a struct jim_link.
 */
#ifndef PLUGIN_MEMORY_JIM_H
#define PLUGIN_MEMORY_JIM_H

#include "plugin/link_jim.h"

#define LEVEL_SILENT "-3" /* OpenOCD's debug_level: not a word */

enum wb_status memory_jim_read(struct wb_link *link, uint32_t address, unsigned int width,
	size_t count, void *data);
enum wb_status memory_jim_write(struct wb_link *link, uint32_t address, unsigned int width,
	size_t count, const void *data);
void memory_jim_secret(struct wb_link *link, const uint8_t *bytes, size_t len);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What core knows, as text for people and as JSON for scripts.
 *
 * JSON keys are stable: new ones may come, none changes its meaning. Addresses and register words
 * are numbers; what has more than 53 bits (UID64) and hashes are strings of hex digits. Versions
 * are text ("1.2.0"), "-" where there is none.
 *
 *   chip     null if it could not be read, else
 *            family, device_id, revision_id, package, flash_kib, uid64, uid96 [3], sfsa_address,
 *            sbrv_address, secure_start, c2boot, selected, running, cpu1_halted, sram2a,
 *            reset_flags, flash_sr, eccr,
 *            options { NAME: { value, secure, meaning } },
 *            versions { valid, live, from_fus, table, fus, stack, safeboot, fus_raw, stack_raw,
 *                       safeboot_raw, fus_memory, stack_memory, stack_info, last_fus_state,
 *                       last_stack_state }
 *   image    name, kind, type, version, version_raw, size, family, genuine, releases, fus2_only,
 *            customer_signed, nvm_pages, pages, sha256, warning,
 *            addresses { "1024": A, "640": A, ... } (0: does not fit)
 *   plan     count, summary, warnings [], steps [ { step, image, address, size, reason } ]
 *   state    runs, state, state_name, error, error_name (both null if the answer had none),
 *            fus, stack
 *   result   before, after (chips), state, steps_done, ms, cpu1_running, left;
 *            after.options is null where they are those of before
 */
#ifndef COMMAND_REPORT_H
#define COMMAND_REPORT_H

#include <jansson.h>

#include "command/text.h"
#include "core/openfus.h"

json_t *json_chip(const struct wb_chip *chip);
json_t *json_versions(const struct wb_versions *versions);
json_t *json_image(const struct wb_image *image);
json_t *json_plan(const struct wb_plan *plan);
json_t *json_state(const struct wb_fus_state *state);
json_t *json_result(const struct wb_result *result);
/** A text that may hold any bytes (file names): bytes that are no UTF-8 become '?'. */
json_t *json_name(const char *name);
/** Lines of a text (kept warnings) as an array. */
json_t *json_lines(const struct text *text);
/* One line; seconds without the noise of binary fractions. */
#define JSON_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(9))
/** Print an object and let go of it. @retval WB_ERR_HOST out of memory */
enum wb_status json_out(json_t *object, struct text *out, struct wb_error *err);

const char *kind_name(enum wb_image_kind kind);
const char *step_name(enum wb_step_kind kind);
void text_plan(struct text *out, const struct wb_plan *plan);
void text_versions(struct text *out, const struct wb_versions *versions);
/** "16 KiB SRAM2b, 4 KiB SRAM2a, 0 KiB SRAM1, 6 flash pages" of a memory word (fus.md section 1).
 */
void memory_text(char *buf, size_t size, uint32_t memory);
void hash_text(char buf[65], const uint8_t sha256[32]);

#endif

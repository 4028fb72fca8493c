/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers of the FUS as words: states, errors, stack types, versions. One row a number; the words
 * for states, errors and types follow shci.h of ST's STM32_WPAN middleware.
 */
#include <stddef.h>
#include "core/openfus.h"
#include "core/packets.h"

#define ROLLBACK_REFUSED 0x11u

struct name {
	uint8_t first, last;
	const char *text;
};

static const struct name fus_states[] = {
	{ WB_STATE_IDLE, WB_STATE_IDLE, "idle" },
	{ WB_STATE_FW_ONGOING, 0x1f, "firmware upgrade ongoing" },
	{ WB_STATE_FUS_ONGOING, 0x2f, "FUS upgrade ongoing" },
	{ WB_STATE_SERVICE_ONGOING, 0x3f, "service ongoing" },
	{ WB_STATE_ERROR, WB_STATE_ERROR, "error" },
};

static const struct name fus_errors[] = {
	{ 0x00, 0x00, "no error" },
	{ 0x01, 0x01, "image not found" },
	{ 0x02, 0x02, "image corrupt" },
	{ 0x03, 0x03, "image not authentic" },
	{ 0x04, 0x04, "not enough space" },
	{ 0x05, 0x05, "aborted by user" },
	{ 0x06, 0x06, "erase error" },
	{ 0x07, 0x07, "write error" },
	{ 0x08, 0x08, "ST signature not found" },
	{ 0x09, 0x09, "customer signature not found" },
	{ 0x0a, 0x0a, "authentication key locked" },
	{ 0x11, 0x11, "rollback refused" },
	{ WB_FUS_ERR_NOT_RUNNING, WB_FUS_ERR_NOT_RUNNING, "FUS not running" },
	{ WB_FUS_ERR_UNKNOWN, WB_FUS_ERR_UNKNOWN, "unknown error" },
};

/* What helps when an image was not taken: fus.md 3 and 4. */
static const struct name upgrade_advice[] = {
	{ 0x01, 0x01, "`stm32wb fus diagnose -mailbox` searches user flash for images" },
	{ 0x02, 0x02, "Download the file again" },
	{ 0x03, 0x03,
		"The image is not signed for this FUS, or another one in user flash was taken for it: "
		"`stm32wb fus diagnose -mailbox` searches" },
	{ 0x04, 0x04, "Remove the stack in place first: -delete" },
	{ 0x06, 0x07, "`stm32wb fus diagnose` looks at write protection and at errors of flash" },
	{ 0x08, 0x08, "Take ST's file as ST delivers it" },
	{ 0x09, 0x09,
		"A customer's authentication key is installed in this chip: the image needs a signature "
		"by that key too" },
	{ 0x11, 0x11, "Anti-rollback is on: no version older than it allows is taken" },
};

static const struct name stack_types[] = {
	{ 0x01, 0x01, "BLE full" },
	{ 0x02, 0x02, "BLE HCI" },
	{ 0x03, 0x03, "BLE light" },
	{ 0x04, 0x04, "BLE beacon" },
	{ 0x05, 0x05, "BLE basic" },
	{ 0x06, 0x06, "BLE full extended" },
	{ 0x07, 0x07, "BLE HCI extended" },
	{ 0x10, 0x10, "Thread FTD" },
	{ 0x11, 0x11, "Thread MTD" },
	{ 0x30, 0x30, "Zigbee FFD" },
	{ 0x31, 0x31, "Zigbee RFD" },
	{ 0x40, 0x40, "MAC 802.15.4" },
	{ 0x50, 0x52, "BLE + Thread" },
	{ 0x60, 0x65, "test image" },
	{ 0x70, 0x71, "BLE + Zigbee static" },
	{ 0x78, 0x79, "BLE + Zigbee dynamic" },
	{ 0x90, 0x90, "BLE + MAC 802.15.4" },
	{ 0xf0, 0xf0, "NVM backup" },
	{ 0xf1, 0xf1, "NVM restore" },
};

#define LOOKUP(table, value, none) lookup(table, sizeof(table) / sizeof(*(table)), value, none)

static const char *lookup(const struct name *row, size_t rows, uint8_t value, const char *none)
{
	for (; rows; row++, rows--)
		if (value >= row->first && value <= row->last)
			return row->text;
	return none;
}

const char *wb_fus_state_name(uint8_t state)
{
	return LOOKUP(fus_states, state, "unknown state");
}

const char *wb_fus_error_name(uint8_t error)
{
	return LOOKUP(fus_errors, error, "code not published");
}

const char *wb_upgrade_error_advice(uint8_t error, bool has_stack)
{
	/* [wiki] its FAQ can be read so that it is the stack in place whose version counts */
	if (error == ROLLBACK_REFUSED && !has_stack)
		return "Anti-rollback is on, and no wireless stack is installed: that alone may be the "
		       "cause, for ST's FAQ can be read so that such a chip takes none any more. Try "
		       "ST's newest; if that is refused too, no way back is known";
	return LOOKUP(upgrade_advice, error, "");
}

const char *wb_stack_type_name(uint8_t type)
{
	return LOOKUP(stack_types, type, "unknown");
}

const char *wb_runs_name(enum wb_runs runs)
{
	switch (runs) {
	case WB_RUNS_NOTHING:
		return "nothing";
	case WB_RUNS_FUS:
		return "FUS";
	case WB_RUNS_STACK:
		return "wireless stack";
	case WB_RUNS_SAFEBOOT:
		return "Safeboot";
	case WB_RUNS_NVM:
		return "NVM backup or restore";
	case WB_RUNS_UNKNOWN:
		break;
	}
	return "unknown";
}

/* Version words: major 31..24, minor 23..16, sub 15..8, branch 7..4, release type 3..0. */
const char *wb_version_text(uint32_t version, char buf[20])
{
	if (version)
		wb_format(buf, 20, "%u.%u.%u", (unsigned int)(version >> 24),
			(unsigned int)(version >> 16 & 0xff), (unsigned int)(version >> 8 & 0xff));
	else
		wb_format(buf, 20, "-");
	return buf;
}

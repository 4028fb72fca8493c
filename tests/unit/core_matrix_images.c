/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See core_matrix_images.h. */
#include "tests/unit/core_matrix_images.h"

#include <stdio.h>
#include "sim/testsig.h"

#define FOOTER 20u
#define TAIL (FOOTER + TESTSIG_SIZE) /* a signature and its footer */
#define PAGE 4096u
#define PAGE_1X 2048u
#define STACK_TYPE 0x03u /* BLE light, as the file is called */
#define INFO_SAFEBOOT 0x5afeb007u
#define OTHER 0x42769811u
#define V_STACK 0x01180003u
#define FUS_SIZE 6004u
#define STACK_SIZE 15004u
#define FUS(label, version) \
	{ label, MATRIX_FUS, MAKE_FUS, version, FUS_SIZE, 0, "FUS_fw.bin", \
		false, false, false, (version) < 0x02000000u }

const struct matrix_image matrix_images[] = {
	FUS("FUS 1.0.1", 0x01000108u),
	FUS("FUS 1.0.2", 0x01000200u),
	FUS("FUS 1.1.0", 0x01010000u),
	FUS("FUS 1.1.1", 0x01010100u),
	FUS("FUS 1.1.2", 0x01010200u),
	{ "FUS 1.2.0", MATRIX_FUS, MAKE_FUS, UINT32_MAX, FUS_SIZE, 0, "FUS_fw_1_2_0.bin", false,
		false, false, true },
	{ "FUS 1.2.0 for 0.5.3", MATRIX_FUS, MAKE_FUS, UINT32_MAX, FUS_SIZE, 0,
		"FUS_fw_for_fus_0_5_3.bin", false, false, false, true },
	FUS("FUS 2.0.0", 0x02000003u),
	FUS("FUS 2.1.0", 0x02010000u),
	FUS("FUS 2.2.0", 0x02020000u),
	{ "stack", MATRIX_STACK, MAKE_STACK, V_STACK, STACK_SIZE, 0, "BLE_Stack_light_fw.bin",
		false, false, false, false },
	{ "stack, FUS 2 only", MATRIX_STACK, MAKE_STACK_FUS2, V_STACK, STACK_SIZE, 0,
		"BLE_Stack_light_fw.bin", false, false, false, false },
	{ "stack, customer-signed", MATRIX_STACK, MAKE_STACK, V_STACK, STACK_SIZE, 0,
		"BLE_Stack_light_fw.bin", false, true, false, false },
	{ "stack, forged", MATRIX_STACK, MAKE_STACK, V_STACK, STACK_SIZE, 0,
		"BLE_Stack_light_fw.bin", false, false, true, false },
	{ "stack of another family", MATRIX_STACK, MAKE_STACK, V_STACK, STACK_SIZE, 0,
		"BLE_Stack_light_fw.bin", true, false, false, false },
	{ "FUS 2.2.0 of another family", MATRIX_FUS, MAKE_FUS, 0x02020000u, FUS_SIZE, 0,
		"FUS_fw.bin", true, false, false, false },
	{ "Safeboot 2.0.0", MATRIX_SAFEBOOT, MAKE_STACK, 0x02000003u, 7300, INFO_SAFEBOOT,
		"Safeboot_fw_2_0_0.bin", false, false, false, false },
	{ "Safeboot 2.0.1", MATRIX_SAFEBOOT, MAKE_SAFEBOOT_FUS2, 0x02000100u, 4204, 0,
		"Safeboot_fw.bin", false, false, false, false },
	{ "other magic", MATRIX_OTHER, OTHER, 0x01000000u, 4204, 0, "thing_fw.bin", false, false,
		false, false },
};
const size_t matrix_image_count = sizeof(matrix_images) / sizeof(*matrix_images);

const struct matrix_image matrix_small = { "smaller", MATRIX_STACK, MAKE_STACK, 0x01120000u, 6004,
	0, "BLE_HCILayer_fw.bin", false, false, false, false };
const struct matrix_image matrix_large = { "larger", MATRIX_STACK, MAKE_STACK, 0x01120000u, 25004,
	0, "BLE_HCILayer_fw.bin", false, false, false, false };

void matrix_make(const struct matrix_image *m, bool wb1x, struct wb_image *image)
{
	const bool one = wb1x != m->stranger;
	const uint8_t salt[TESTSIG_SALT] = { (uint8_t)(m->version >> 24), (uint8_t)(m->version >> 16),
		(uint8_t)(m->version >> 8), (uint8_t)m->size, (uint8_t)m->kind, one, m->customer };
	const bool for_053 = strstr(m->name, "for_fus_0_5_3");
	uint8_t type = m->kind == MATRIX_STACK ? STACK_TYPE : for_053 ? TESTSIG_FOR_053 : 0;
	size_t size = m->size + (m->customer ? TAIL : 0), sig = m->size - TAIL;
	uint8_t *plain = make_image(m->size, m->magic, m->version), *data = malloc(size), *footer;
	struct wb_error err;
	char name[64];

	assert_non_null(data);
	memcpy(data, plain, m->size);
	free(plain);
	footer = data + m->size - MAKE_TRAILER;
	if (m->info1)
		make_word(footer, m->info1);
	footer[8] = (uint8_t)((size + (one ? PAGE_1X : PAGE) - 1) / (one ? PAGE_1X : PAGE));
	footer[10] = 10;
	footer[11] = 3; /* a WB1x has 4 KiB of SRAM2b */
	if (m->customer) {
		memset(data + m->size, 0x5a, TAIL);
		data[size - FOOTER + 8] = TESTSIG_SIZE;
		make_word(data + size - 4, MAKE_CUSTOMER);
	}
	testsig_front(salt, type, data);
	testsig_sign(data, size, sig, data + sig);
	if (m->forged)
		data[sig] ^= 1;
	snprintf(name, sizeof(name), "stm32wb%cx_%s", one ? '1' : '5', m->name);
	if (wb_image_parse(data, size, name, image, &err))
		fail_msg("%s: %s", m->label, err.text);
	image->genuine = !m->forged;
}

void matrix_free(struct wb_image *image)
{
	free((void *)(uintptr_t)image->data);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared tables and packets: ours as drawn, and whatever else may lie in SRAM2. */
#include "unit/core_make.h"
#include "core/bytes.h"
#include "core/tables.h"

#define BASE 0x20030000u

static uint8_t block[WB_TABLES_SIZE];
static const struct wb_window window = { BASE, sizeof(block), block };
static struct wb_error err;

static uint32_t word(uint32_t offset)
{
	return wb_get32(block + offset);
}

static void put(uint32_t offset, uint32_t value)
{
	wb_put32(block + offset, value);
}

static const struct wb_family *five(void)
{
	return wb_family_by_id(WB_FAMILY_5X);
}

/* ---- tables ----------------------------------------------------------------------------------- */

static void block_is_whole_and_no_buffers_overlap(void **state)
{
	/* every piece, with its size as the middleware wants it */
	static const struct {
		uint32_t at, size;
	} pieces[] = {
		{ WB_TABLES_POINTERS, 40 }, { WB_TABLES_DEVICE_INFO, WB_DEVICE_INFO_SIZE },
		{ WB_TABLES_SYSTEM, 8 }, { WB_TABLES_SYSTEM_QUEUE, 8 }, { WB_TABLES_MEMORY, 28 },
		{ WB_TABLES_FREE_QUEUE, 8 }, { WB_TABLES_BLE, 16 }, { WB_TABLES_BLE_QUEUE, 8 },
		{ WB_TABLES_COMMAND, 8 + 4 + 255 }, { WB_TABLES_SPARE_SYSTEM, 266 },
		{ WB_TABLES_SPARE_BLE, 266 }, { WB_TABLES_BLE_COMMAND, 8 + 3 + 255 },
		{ WB_TABLES_BLE_STATUS, 15 }, { WB_TABLES_BLE_ACL, 8 + 5 + 251 },
		{ WB_TABLES_POOL, 512 },
	};
	size_t n = sizeof(pieces) / sizeof(*pieces);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(pieces[i].at % 4, 0);
		assert_true(pieces[i].at + pieces[i].size <=
			(i + 1 < n ? pieces[i + 1].at : WB_TABLES_SIZE));
	}
	memset(block, 0xee, sizeof(block));
	wb_tables_build(block, BASE);
	assert_int_equal(word(0), BASE + WB_TABLES_DEVICE_INFO);
	assert_int_equal(word(8), 0); /* no Thread */
	assert_int_equal(word(12), BASE + WB_TABLES_SYSTEM);
	assert_int_equal(word(WB_TABLES_SYSTEM), BASE + WB_TABLES_COMMAND);
	assert_int_equal(word(WB_TABLES_SYSTEM + 4), BASE + WB_TABLES_SYSTEM_QUEUE);
	assert_int_equal(word(WB_TABLES_SYSTEM_QUEUE), BASE + WB_TABLES_SYSTEM_QUEUE);
	assert_int_equal(word(WB_TABLES_SYSTEM_QUEUE + 4), BASE + WB_TABLES_SYSTEM_QUEUE);
	assert_int_equal(word(WB_TABLES_MEMORY + 12), 512);
	for (uint32_t i = WB_TABLES_DEVICE_INFO; i < WB_TABLES_SYSTEM; i += 4)
		assert_int_equal(word(i), 0);
	assert_int_equal(wb_tables_device_info(five(), &window, BASE), BASE + WB_TABLES_DEVICE_INFO);
}

static void every_pointer_is_checked(void **state)
{
	static const uint32_t bad[] = { 0x20030001, 0x2003fff8, 0x20040000, 0x20000000, 0x08000000,
		0xfffffffc, 0x2002fffc };

	(void)state;
	for (unsigned int i = 0; i < 9; i++)
		for (size_t k = 0; k < sizeof(bad) / sizeof(*bad); k++) {
			wb_tables_build(block, BASE);
			put(4 * i, bad[k]);
			/* 8 bytes of room are enough for the small tables */
			if (bad[k] == 0x2003fff8 && i != 0 && i != 4)
				continue;
			assert_int_equal(wb_tables_device_info(five(), &window, BASE), 0);
		}
	wb_tables_build(block, BASE);
	put(0, 0);
	assert_int_equal(wb_tables_device_info(five(), &window, BASE), 0);
	wb_tables_build(block, BASE);
	put(4 * WB_TABLE_SYSTEM, 0);
	assert_int_equal(wb_tables_device_info(five(), &window, BASE), 0);
	memset(block, 0, sizeof(block));
	assert_int_equal(wb_tables_device_info(five(), &window, BASE), 0);
	/* pointer table at the end of what was read */
	assert_int_equal(wb_tables_device_info(five(), &window, BASE + WB_TABLES_SIZE - 4), 0);
	assert_int_equal(wb_tables_device_info(five(), &window, BASE - 4), 0);
}

static void the_complaint_of_a_stack_is_known(void **state)
{
	(void)state;
	wb_tables_build(block, BASE);
	assert_false(wb_tables_rejected(&window));
	put(0, 0x3de96f61);
	assert_true(wb_tables_rejected(&window));
}

static void fus_layout_is_decoded(void **state)
{
	struct wb_versions v;

	(void)state;
	wb_tables_build(block, BASE);
	put(0x28, WB_FUS_VALID);
	put(0x2c, 0x06040501);
	put(0x30, 0x02000100);
	put(0x34, 0x01020000);
	put(0x38, 0x10200006);
	put(0x3c, 0x01180003);
	put(0x40, 0x0a0f0020);
	put(0x50, 0x11223344);
	put(0x54, 0x55667788);
	wb_device_info_decode(&window, BASE + 0x28, &v);
	assert_true(v.valid && v.from_fus);
	assert_int_equal(v.table, BASE + 0x28);
	assert_int_equal(v.fus, 0x01020000);
	assert_int_equal(v.safeboot, 0x02000100);
	assert_int_equal(v.stack, 0x01180003);
	assert_int_equal(v.stack_memory, 0x0a0f0020);
	assert_int_equal(v.last_fus_state, 5);
	assert_int_equal(v.last_stack_state, 4);
	assert_int_equal(v.stack_info & 0xff, 6);
	assert_true(v.uid64 == 0x5566778811223344ull);
	put(0x34, 0); /* FUS version 0 is none */
	wb_device_info_decode(&window, BASE + 0x28, &v);
	assert_false(v.valid);
	assert_int_equal(v.fus, 0);
}

static void stack_layout_is_decoded(void **state)
{
	struct wb_versions v;

	(void)state;
	wb_tables_build(block, BASE);
	put(0x28, 0x02000100);
	put(0x2c, 0x02020000);
	put(0x38, 0x01180003);
	put(0x40, 0x00000001);
	wb_device_info_decode(&window, BASE + 0x28, &v);
	assert_true(v.valid && !v.from_fus);
	assert_int_equal(v.fus, 0x02020000);
	assert_int_equal(v.stack, 0x01180003);
	assert_int_equal(v.stack_info, 1);
	put(0x38, 0xffffffff);
	wb_device_info_decode(&window, BASE + 0x28, &v);
	assert_false(v.valid);
	wb_device_info_decode(&window, BASE + WB_TABLES_SIZE - 0x30, &v);
	assert_false(v.valid);
	wb_device_info_decode(&window, 0xfffffff0, &v);
	assert_false(v.valid);
}

/* ---- packets ---------------------------------------------------------------------------------- */

static void command_is_packed_as_drawn(void **state)
{
	static const uint8_t payload[] = { 1, 2, 3, 4, 5 };
	uint8_t buf[WB_COMMAND_SIZE], big[300] = { 0 };

	(void)state;
	assert_int_equal(wb_command_pack(buf, WB_GET_STATE, NULL, 0), 12);
	assert_int_equal(buf[8], 0x10);
	assert_int_equal(buf[9], 0x52);
	assert_int_equal(buf[10], 0xfc);
	assert_int_equal(buf[11], 0);
	assert_true(wb_answer_pending(buf, 12));
	assert_int_equal(wb_command_pack(buf, 0xfc58, payload, 5), 20);
	assert_memory_equal(buf + 12, payload, 5);
	assert_int_equal(buf[17], 0);
	assert_int_equal(wb_command_pack(buf, 0xfc58, big, sizeof(big)), 268);
	assert_int_equal(buf[11], 255);
}

static void answer_is_unpacked_within_bounds(void **state)
{
	uint8_t buf[] = { 0x11, 0x0e, 5, 0xff, 0x52, 0xfc, 0xff, 0xfe };
	struct wb_answer answer;

	(void)state;
	assert_int_equal(wb_answer_unpack(buf, sizeof(buf), &answer, &err), WB_OK);
	assert_int_equal(answer.opcode, 0xfc52);
	assert_int_equal(answer.status, 0xff);
	assert_int_equal(answer.length, 1);
	assert_int_equal(answer.payload[0], 0xfe);
	assert_false(wb_answer_pending(buf, sizeof(buf)));
	buf[2] = 4;
	assert_int_equal(wb_answer_unpack(buf, sizeof(buf), &answer, &err), WB_OK);
	assert_int_equal(answer.length, 0);
	buf[2] = 3;
	assert_int_equal(wb_answer_unpack(buf, sizeof(buf), &answer, &err), WB_ERR_CHIP);
	buf[2] = 6;
	assert_int_equal(wb_answer_unpack(buf, sizeof(buf), &answer, &err), WB_ERR_CHIP);
	buf[2] = 5;
	assert_int_equal(wb_answer_unpack(buf, 6, &answer, &err), WB_ERR_CHIP);
	buf[0] = 0x10;
	assert_int_equal(wb_answer_unpack(buf, sizeof(buf), &answer, &err), WB_ERR_CHIP);
}

/* An event at `at`, in front of the queue. */
static void post(uint32_t at, uint16_t sub, uint8_t payload)
{
	uint32_t queue = WB_TABLES_SYSTEM_QUEUE;

	put(at, word(queue));
	put(at + 4, BASE + queue);
	block[at + 8] = 0x12;
	block[at + 9] = 0xff;
	block[at + 10] = 3;
	wb_put16(block + at + 11, sub);
	block[at + 13] = payload;
	put(queue, BASE + at);
}

static enum wb_status first(struct wb_event *event)
{
	return wb_event_first(&window, BASE + WB_TABLES_SYSTEM_QUEUE, event, &err);
}

static void events_come_out_in_order(void **state)
{
	struct wb_event event;
	struct wb_poke poke[2];

	(void)state;
	wb_tables_build(block, BASE);
	assert_int_equal(first(&event), WB_ERR_TIMEOUT);
	post(WB_TABLES_POOL, 0x9201, 7);
	post(WB_TABLES_SPARE_SYSTEM, WB_EVENT_READY, WB_READY_FUS);
	assert_int_equal(first(&event), WB_OK);
	assert_int_equal(event.sub, WB_EVENT_READY);
	assert_int_equal(event.length, 1);
	assert_int_equal(event.payload[0], WB_READY_FUS);
	assert_int_equal(event.address, BASE + WB_TABLES_SPARE_SYSTEM);
	for (int i = 0; i < 2; i++) {
		wb_event_pop(BASE + WB_TABLES_SYSTEM_QUEUE, &event, poke);
		for (int k = 0; k < 2; k++)
			put(poke[k].address - BASE, poke[k].value);
		assert_int_equal(first(&event), i ? WB_ERR_TIMEOUT : WB_OK);
	}
	assert_int_equal(word(WB_TABLES_SYSTEM_QUEUE), BASE + WB_TABLES_SYSTEM_QUEUE);
	assert_int_equal(word(WB_TABLES_SYSTEM_QUEUE + 4), BASE + WB_TABLES_SYSTEM_QUEUE);
}

static void broken_queues_are_refused(void **state)
{
	static const uint32_t bad[] = { 0, 0x20030002, 0x20030800, 0x200307f8, 0xfffffff0, 0x2002fff0 };
	struct wb_event event;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		wb_tables_build(block, BASE);
		put(WB_TABLES_SYSTEM_QUEUE, bad[i]);
		assert_int_equal(first(&event), WB_ERR_CHIP);
		wb_tables_build(block, BASE);
		post(WB_TABLES_POOL, 0x9200, 1);
		put(WB_TABLES_POOL, bad[i] == 0x200307f8 ? 0 : bad[i]);
		assert_int_equal(first(&event), WB_ERR_CHIP);
	}
	wb_tables_build(block, BASE);
	post(WB_TABLES_POOL, 0x9200, 1);
	put(WB_TABLES_POOL, BASE + WB_TABLES_POOL); /* a ring of one */
	assert_int_equal(first(&event), WB_ERR_CHIP);
	wb_tables_build(block, BASE);
	post(WB_TABLES_SIZE - 20, 0x9200, 1);
	block[WB_TABLES_SIZE - 20 + 10] = 10; /* longer than what is left */
	assert_int_equal(first(&event), WB_ERR_CHIP);
	assert_int_equal(wb_event_first(&window, BASE - 8, &event, &err), WB_ERR_CHIP);
}

static void a_buffer_is_given_back(void **state)
{
	uint32_t queue = BASE + WB_TABLES_FREE_QUEUE;
	struct wb_poke poke[4];

	(void)state;
	wb_tables_build(block, BASE);
	for (uint32_t n = 0; n < 2; n++) {
		assert_int_equal(wb_queue_append(&window, queue, BASE + WB_TABLES_POOL + 16 * n, poke),
			4);
		for (int k = 0; k < 4; k++)
			put(poke[k].address - BASE, poke[k].value);
	}
	assert_int_equal(word(WB_TABLES_FREE_QUEUE), BASE + WB_TABLES_POOL);
	assert_int_equal(word(WB_TABLES_POOL), BASE + WB_TABLES_POOL + 16);
	assert_int_equal(word(WB_TABLES_POOL + 16), queue);
	assert_int_equal(word(WB_TABLES_FREE_QUEUE + 4), BASE + WB_TABLES_POOL + 16);
	assert_int_equal(word(WB_TABLES_POOL + 20), BASE + WB_TABLES_POOL);
	put(WB_TABLES_FREE_QUEUE + 4, 0x20040000);
	assert_int_equal(wb_queue_append(&window, queue, BASE + WB_TABLES_POOL, poke), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(block_is_whole_and_no_buffers_overlap),
		cmocka_unit_test(every_pointer_is_checked),
		cmocka_unit_test(the_complaint_of_a_stack_is_known),
		cmocka_unit_test(fus_layout_is_decoded),
		cmocka_unit_test(stack_layout_is_decoded),
		cmocka_unit_test(command_is_packed_as_drawn),
		cmocka_unit_test(answer_is_unpacked_within_bounds),
		cmocka_unit_test(events_come_out_in_order),
		cmocka_unit_test(broken_queues_are_refused),
		cmocka_unit_test(a_buffer_is_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

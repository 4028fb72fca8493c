/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ST-LINK memory commands: blocks of 8, 16 and 32 bits, and scatter/gather. A block's status is
 * asked for by a command of its own. Formats: OpenOCD 0.12, src/jtag/drivers/stlink_usb.c.
 */
#include "sim/stlink.h"

void stlink_cmd_rw_status(struct debug_cmd *c)
{
	answer(c, c->probe->rw_status ? c->probe->rw_status : ST_OK);
	stlink_put32(&c->reply, 4, c->probe->fault_addr);
}

static const struct {
	uint8_t op, width;
	bool write, increment;
} mem_ops[] = {
	{ 0x07, 4, false, true },  { 0x08, 4, true, true }, { 0x0c, 1, false, true },
	{ 0x0d, 1, true, true },   { 0x47, 2, false, true }, { 0x48, 2, true, true },
	{ 0x50, 4, true, false }, { 0x54, 4, false, false },
};

/* Address, length, access port, CSW bits 31..8. The status is fetched by the next command. */
void stlink_cmd_mem(struct debug_cmd *c)
{
	struct probe_block blk = {
		.addr = stlink_get32(c->cmd + 2),
		.ap = c->cmd[8],
		.csw = (uint32_t)stlink_get16(c->cmd + 9) << 8 | (uint32_t)c->cmd[11] << 24,
	};
	struct probe *p = c->probe;
	size_t len = stlink_get16(c->cmd + 6), room;
	bool write = false;

	for (size_t i = 0; i < sizeof(mem_ops) / sizeof(mem_ops[0]); i++) {
		if (mem_ops[i].op == c->cmd[1]) {
			blk.width = mem_ops[i].width;
			blk.increment = mem_ops[i].increment;
			write = mem_ops[i].write;
		}
	}
	room = write ? c->out_len : c->reply.len;
	p->fault_addr = blk.addr;
	blk.count = len / blk.width;
	if (!ap_is_open(p, blk.ap))
		p->rw_status = p->attached ? ST_BAD_AP : ST_AP_ERROR;
	else if (blk.addr % blk.width || len % blk.width)
		p->rw_status = ST_ALIGNMENT_ERROR;
	else if (len > room || len > probe_block_max(c->sim, blk.width))
		p->rw_status = ST_FAULT;
	else if (write)
		p->rw_status = stlink_ap_status(probe_mem_write(c->sim, &blk, c->out));
	else
		p->rw_status = stlink_ap_status(probe_mem_read(c->sim, &blk, c->reply.data));
	if (p->rw_status == ST_OK)
		p->fault_addr = 0;
}

/*
 * Scatter/gather: n item codes, padded to 4, then one word an item. Results wait for RW_MISC_IN:
 * n values, then n status words.
 */
void stlink_cmd_sg_out(struct debug_cmd *c)
{
	enum { SG_ADDRESS = 1, SG_WRITE = 2, SG_READ = 3, SG_APNUM = 5 };
	uint32_t items = stlink_get32(c->cmd + 2);
	uint32_t max = c->probe->kind == WBSIM_PROBE_V2 ? PROBE_SG_MAX_V2 : PROBE_SG_MAX;
	struct probe_block blk = { .width = 4, .count = 1, .increment = true };
	size_t codes;

	c->probe->sg_count = 0;
	if (items > max)
		return;
	codes = (items + 3u) & ~(size_t)3;
	if (codes + 4 * (size_t)items > c->out_len)
		return;
	for (uint32_t i = 0; i < items; i++) {
		const uint8_t *param = c->out + codes + 4 * (size_t)i;
		struct probe_sg_result *sg = &c->probe->sg[i];
		uint8_t raw[4] = { 0 };

		sg->status = ST_OK;
		switch (c->out[i]) {
		case SG_APNUM:
			blk.ap = param[0];
			break;
		case SG_ADDRESS:
			blk.addr = stlink_get32(param);
			break;
		case SG_WRITE:
		case SG_READ:
			if (c->out[i] == SG_READ)
				blk.addr = stlink_get32(param);
			if (!ap_is_open(c->probe, blk.ap))
				sg->status = ST_BAD_AP;
			else if (blk.addr % blk.width)
				sg->status = ST_ALIGNMENT_ERROR;
			else if (c->out[i] == SG_WRITE)
				sg->status = stlink_ap_status(probe_mem_write(c->sim, &blk, param));
			else
				sg->status = stlink_ap_status(probe_mem_read(c->sim, &blk, raw));
			break;
		default:
			sg->status = ST_UNKNOWN_COMMAND;
			break;
		}
		sg->value = stlink_get32(raw);
	}
	c->probe->sg_count = items;
}

void stlink_cmd_sg_in(struct debug_cmd *c)
{
	size_t items = c->reply.len / sizeof(struct probe_sg_result);

	for (size_t i = 0; i < items; i++) {
		bool have = i < c->probe->sg_count;

		stlink_put32(&c->reply, 4 * i, have ? c->probe->sg[i].value : 0);
		stlink_put32(&c->reply, 4 * (items + i), have ? c->probe->sg[i].status : ST_FAULT);
	}
}

void stlink_cmd_sg_max(struct debug_cmd *c)
{
	answer(c, ST_OK);
	stlink_put32(&c->reply, 4,
		c->probe->kind == WBSIM_PROBE_V2 ? PROBE_SG_MAX_V2 : PROBE_SG_MAX);
}

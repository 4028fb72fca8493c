/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link.h over libwbsim. Of core it uses nothing but link.h and status.h; CPU1 is controlled by
 * core's own memory accesses (cortex_m_link_defaults() fills what is left NULL here).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/link_sim.h"

#define MS 1000000u /* ns */

static struct bench *bench_of(struct wb_link *link)
{
	return link->ctx;
}

static const char *result_name(enum wbsim_result result)
{
	static const char *const names[] = { "ok", "bus fault", "WAIT", "parity error",
		"debug port lost", "probe unplugged", "bad arguments" };

	return (size_t)result < sizeof(names) / sizeof(*names) ? names[result] : "?";
}

/* Every operation counts, and one of them may be the one at which the accident happens. */
static void count(struct bench *bench)
{
	if (bench->before_operation)
		bench->before_operation(bench);
	if (++bench->ops != bench->accident_at || bench->struck)
		return;
	bench->struck = true;
	switch (bench->accident) {
	case ACCIDENT_POWER_CUT:
		wbsim_power(bench->sim, false);
		break;
	case ACCIDENT_UNPLUG:
		wbsim_unplug(bench->sim);
		break;
	case ACCIDENT_STOP:
		bench->stop = true;
		break;
	case ACCIDENT_NONE:
		break;
	}
}

static enum wb_status verdict(struct wb_link *link, enum wbsim_result result, const char *what,
	uint32_t address)
{
	if (result == WBSIM_OK)
		return WB_OK;
	snprintf(link->reason, sizeof(link->reason), "%s at 0x%08x: %s", what, (unsigned int)address,
		result_name(result));
	return WB_ERR_LINK;
}

static enum wb_status sim_read(struct wb_link *link, uint32_t address, unsigned int width,
	size_t n, void *data)
{
	struct bench *bench = bench_of(link);

	count(bench);
	bench->memory_ops++;
	return verdict(link, wbsim_mem_read(bench->sim, address, width, n, data), "read", address);
}

static enum wb_status sim_write(struct wb_link *link, uint32_t address, unsigned int width,
	size_t n, const void *data)
{
	struct bench *bench = bench_of(link);

	count(bench);
	bench->memory_ops++;
	return verdict(link, wbsim_mem_write(bench->sim, address, width, n, data), "write",
		address);
}

static enum wb_status sim_nrst(struct wb_link *link, bool low)
{
	struct bench *bench = bench_of(link);

	count(bench);
	return verdict(link, wbsim_nrst(bench->sim, low), low ? "NRST low" : "NRST high", 0);
}

static enum wb_status sim_reattach(struct wb_link *link)
{
	struct bench *bench = bench_of(link);

	count(bench);
	return verdict(link, wbsim_attach(bench->sim), "attach", 0);
}

static enum wb_status sim_speed(struct wb_link *link, unsigned int *khz, bool set)
{
	struct bench *bench = bench_of(link);

	*khz = set ? wbsim_set_speed(bench->sim, *khz) : wbsim_get_speed(bench->sim);
	return WB_OK;
}

static bool sim_polling(struct wb_link *link, bool on)
{
	struct bench *bench = bench_of(link);
	bool before = bench->polling;

	bench->polling = on;
	return before;
}

static void sim_sleep_ms(struct wb_link *link, unsigned int ms)
{
	struct bench *bench = bench_of(link);

	count(bench);
	wbsim_sleep(bench->sim, (uint64_t)ms * MS);
}

static uint64_t sim_time_ms(struct wb_link *link)
{
	return wbsim_now(bench_of(link)->sim) / MS;
}

static bool sim_stop_requested(struct wb_link *link)
{
	return bench_of(link)->stop;
}

static void sim_report(struct wb_link *link, bool warning, const char *text)
{
	struct bench *bench = bench_of(link);

	bench->warnings += warning;
	if (bench->verbose)
		fprintf(stderr, "%8llu ms  %s%s\n", (unsigned long long)sim_time_ms(link),
			warning ? "warning: " : "", text);
}

static void sim_progress(struct wb_link *link, const char *phase, uint64_t done, uint64_t total)
{
	(void)link;
	(void)phase;
	(void)done;
	(void)total;
}

static enum wb_status sim_journal_load(struct wb_link *link, uint64_t uid, enum wb_record record,
	void *data, size_t *len)
{
	const struct bench_record *kept = &bench_of(link)->record[record];

	(void)uid;
	if (data && kept->len > *len)
		return WB_ERR_HOST;
	if (data && kept->len)
		memcpy(data, kept->data, kept->len);
	*len = kept->len;
	return WB_OK;
}

static enum wb_status sim_journal_store(struct wb_link *link, uint64_t uid, enum wb_record record,
	const void *data, size_t len)
{
	struct bench *bench = bench_of(link);
	struct bench_record *kept = &bench->record[record];
	uint8_t *copy = NULL;

	(void)uid;
	if (len)
		copy = bench->read_only ? NULL : malloc(len);
	if (len && !copy) {
		snprintf(link->reason, sizeof(link->reason), "the bench's journal takes nothing");
		return WB_ERR_HOST;
	}
	if (len)
		memcpy(copy, data, len);
	free(kept->data);
	*kept = (struct bench_record){ .data = copy, .len = len };
	return WB_OK;
}

static void sim_journal_name(struct wb_link *link, uint64_t uid, enum wb_record record, char *name,
	size_t size)
{
	(void)link;
	snprintf(name, size, "%016llx, record %d", (unsigned long long)uid, (int)record);
}

void bench_init(struct bench *bench, struct wbsim *sim)
{
	*bench = (struct bench){ .sim = sim, .polling = true };
	bench->link = (struct wb_link){
		.ctx = bench,
		.read = sim_read,
		.write = sim_write,
		.nrst = sim_nrst,
		.reattach = sim_reattach,
		.speed = sim_speed,
		.polling = sim_polling,
		.sleep_ms = sim_sleep_ms,
		.time_ms = sim_time_ms,
		.stop_requested = sim_stop_requested,
		.report = sim_report,
		.progress = sim_progress,
		.journal_load = sim_journal_load,
		.journal_store = sim_journal_store,
		.journal_name = sim_journal_name,
	};
}

void bench_mend(struct bench *bench)
{
	if (bench->struck && bench->accident == ACCIDENT_POWER_CUT)
		wbsim_power(bench->sim, true);
	if (bench->struck && bench->accident == ACCIDENT_UNPLUG)
		wbsim_replug(bench->sim);
	bench->accident = ACCIDENT_NONE;
	bench->accident_at = 0;
	bench->struck = bench->stop = false;
	bench->ops = bench->memory_ops = bench->warnings = 0;
}

void bench_forget(struct bench *bench)
{
	for (unsigned int i = 0; i < WB_RECORDS; i++) {
		free(bench->record[i].data);
		bench->record[i] = (struct bench_record){ .len = 0 };
	}
}

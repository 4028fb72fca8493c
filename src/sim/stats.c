/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counters and times, and their JSON. The keys are stable: scripts and the bench read them.
 */
#include "sim/probe.h"

#include <jansson.h>
#include <string.h>

#define NS_PER_S 1e9

const struct wbsim_stats *wbsim_stats(const struct wbsim *sim)
{
	return &sim->stats;
}

void wbsim_stats_clear(struct wbsim *sim)
{
	memset(&sim->stats, 0, sizeof(sim->stats));
	sim->probe->stats_since = sim->now;
}

static int set_count(json_t *obj, const char *key, uint64_t val)
{
	return json_object_set_new(obj, key, json_integer((json_int_t)val));
}

static int set_seconds(json_t *obj, const char *key, uint64_t ns)
{
	return json_object_set_new(obj, key, json_real((double)ns / NS_PER_S));
}

char *wbsim_stats_json(const struct wbsim *sim)
{
	const struct wbsim_stats *s = &sim->stats;
	const struct {
		const char *key;
		uint64_t val;
	} counts[] = {
		{ "probe_commands", s->probe_commands }, { "swd_bits", s->swd_bits },
		{ "bytes_read", s->bytes_read }, { "bytes_written", s->bytes_written },
		{ "target_writes", s->target_writes }, { "target_reads", s->target_reads },
		{ "halts", s->halts }, { "resets", s->resets },
		{ "flash_erases", s->flash_erases }, { "flash_dwords", s->flash_dwords },
		{ "option_writes", s->option_writes }, { "faults", s->faults },
		{ "flash_breaches", s->flash_breaches },
	}, phases[] = {
		{ "wire", s->ns_wire }, { "latency", s->ns_latency }, { "cpu1", s->ns_cpu1 },
		{ "flash", s->ns_flash }, { "fus", s->ns_fus }, { "idle", s->ns_idle },
	};
	json_t *obj = json_object(), *phase = json_object();
	char *text = NULL;
	int bad = 0;

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		bad |= set_count(obj, counts[i].key, counts[i].val);
	for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]); i++)
		bad |= set_seconds(phase, phases[i].key, phases[i].val);
	bad |= set_seconds(obj, "elapsed_s", sim->now - sim->probe->stats_since);
	bad |= json_object_set_new(obj, "phase_s", phase);
	if (!bad)
		text = json_dumps(obj, JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(9));
	json_decref(obj);
	return text;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket's commands: what a tester does to a board on a bench, and what only X-ray eyes
 * could see. A line of words in, a JSON object out: "ok", and "error" with a sentence where not.
 */
#include "sim/server.h"
#include "sim/sim.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 5
#define PEEK_MAX 65536u
#define NS_PER_MS 1000000ull
#define MS_MAX 3600000ull
#define CYCLE_MS 100ull
#define WHY_SIZE 256

struct control {
	struct server *server;
	struct wbsim *sim;
	char **word; /* word[0] is the command */
	int words;
	json_t *out;
	char why[WHY_SIZE]; /* filled: the command failed */
};

static bool number(struct control *c, const char *text, uint64_t max, uint64_t *val)
{
	char *end;

	errno = 0;
	*val = strtoull(text, &end, 0);
	if (*text >= '0' && *text <= '9' && !errno && !*end && *val <= max)
		return true;
	snprintf(c->why, sizeof(c->why), "\"%.40s\" is no number from 0 to %llu", text,
		(unsigned long long)max);
	return false;
}

static void advance(struct control *c, uint64_t ms)
{
	if (!server_advance(c->server, ms * NS_PER_MS))
		snprintf(c->why, sizeof(c->why), "the program ends: time did not pass to its end");
}

static void do_power_off(struct control *c)
{
	wbsim_power(c->sim, false);
}

static void do_power_on(struct control *c)
{
	wbsim_power(c->sim, true);
}

static void do_power_cycle(struct control *c)
{
	uint64_t ms = CYCLE_MS;

	if (c->words > 1 && !number(c, c->word[1], MS_MAX, &ms))
		return;
	wbsim_power(c->sim, false);
	advance(c, ms);
	wbsim_power(c->sim, true);
}

static void do_unplug(struct control *c)
{
	wbsim_unplug(c->sim);
	server_drop_clients(c->server);
}

static void do_nrst(struct control *c)
{
	sim_reset_request(c->sim, SIM_RESET_NRST);
	sim_reset_settle(c->sim);
}

static void do_stats(struct control *c)
{
	char *text = wbsim_stats_json(c->sim);
	json_t *stats = text ? json_loads(text, 0, NULL) : NULL;

	free(text);
	if (!stats)
		snprintf(c->why, sizeof(c->why), "out of memory");
	else
		json_object_set_new(c->out, "stats", stats);
}

static void do_stats_clear(struct control *c)
{
	wbsim_stats_clear(c->sim);
}

static void set_hex(json_t *out, const char *key, const uint8_t *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	char *text = malloc(2 * len + 1);

	if (!text)
		return;
	for (size_t i = 0; i < len; i++) {
		text[2 * i] = digits[data[i] >> 4];
		text[2 * i + 1] = digits[data[i] & 0xf];
	}
	text[2 * len] = '\0';
	json_object_set_new(out, key, json_string(text));
	free(text);
}

static void do_peek(struct control *c)
{
	uint64_t addr, len;
	uint8_t *buf;

	if (!number(c, c->word[1], UINT32_MAX, &addr) || !number(c, c->word[2], PEEK_MAX, &len))
		return;
	buf = calloc(1, (size_t)len + 1);
	if (!buf || !wbsim_peek(c->sim, (uint32_t)addr, buf, (size_t)len))
		snprintf(c->why, sizeof(c->why), "there is nothing to read at 0x%08llx, %llu bytes",
			(unsigned long long)addr, (unsigned long long)len);
	else
		set_hex(c->out, "hex", buf, (size_t)len);
	free(buf);
}

/* UINT_MAX: no hex digit. */
static unsigned int hex_digit(char ch)
{
	if (ch >= '0' && ch <= '9')
		return (unsigned int)(ch - '0');
	if (ch >= 'a' && ch <= 'f')
		return (unsigned int)(ch - 'a') + 10;
	if (ch >= 'A' && ch <= 'F')
		return (unsigned int)(ch - 'A') + 10;
	return UINT_MAX;
}

static void do_poke(struct control *c)
{
	char *hex = c->word[2];
	size_t len = strlen(hex);
	uint8_t *buf = (uint8_t *)hex; /* decoded in place: half as long */
	uint64_t addr;

	if (!number(c, c->word[1], UINT32_MAX, &addr))
		return;
	for (size_t i = 0; i < len; i++) {
		if (len % 2 || hex_digit(hex[i]) == UINT_MAX) {
			snprintf(c->why, sizeof(c->why), "the bytes are not pairs of hex digits");
			return;
		}
	}
	for (size_t i = 0; i < len / 2; i++)
		buf[i] = (uint8_t)(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
	if (!wbsim_poke(c->sim, (uint32_t)addr, buf, len / 2))
		snprintf(c->why, sizeof(c->why), "there is nothing to write at 0x%08llx, %zu bytes",
			(unsigned long long)addr, len / 2);
}

static void do_view(struct control *c)
{
	struct wbsim_cpu2_view v;
	json_t *out = c->out;

	memset(&v, 0, sizeof(v));
	wbsim_cpu2_view(c->sim, &v);
	json_object_set_new(out, "runs", json_string(v.runs ? v.runs : ""));
	json_object_set_new(out, "fus_version", json_integer(v.fus_version));
	json_object_set_new(out, "stack_version", json_integer(v.stack_version));
	json_object_set_new(out, "stack_type", json_integer(v.stack_type));
	json_object_set_new(out, "sfsa", json_integer(v.sfsa));
	json_object_set_new(out, "sbrv", json_integer(v.sbrv));
	set_hex(out, "stack_sha256", v.stack_sha256, sizeof(v.stack_sha256));
	set_hex(out, "fus_sha256", v.fus_sha256, sizeof(v.fus_sha256));
	json_object_set_new(out, "busy", json_boolean(v.busy));
	json_object_set_new(out, "busy_step", json_string(v.busy_step ? v.busy_step : ""));
	json_object_set_new(out, "dead", json_boolean(v.dead));
	json_object_set_new(out, "user_keys_lost", json_boolean(v.user_keys_lost));
	json_object_set_new(out, "keys_lost", json_boolean(v.keys_lost));
	json_object_set_new(out, "rollback", json_boolean(v.rollback));
	json_object_set_new(out, "user_keys", json_integer(v.user_keys));
	json_object_set_new(out, "master_key", json_boolean(v.master_key));
	json_object_set_new(out, "auth_key", json_boolean(v.auth_key));
	json_object_set_new(out, "auth_locked", json_boolean(v.auth_locked));
	json_object_set_new(out, "aes1_index", json_integer(v.aes1_loaded ? v.aes1_index : -1));
	set_hex(out, "aes1_key", v.aes1_key, v.aes1_key_size);
	json_object_set_new(out, "now_s", json_real((double)wbsim_now(c->sim) / 1e9));
}

static void do_corrupt(struct control *c)
{
	uint64_t addr, len, bits;

	if (!number(c, c->word[1], UINT32_MAX, &addr) || !number(c, c->word[2], PEEK_MAX, &len) ||
		!number(c, c->word[3], 2, &bits))
		return;
	if (!wbsim_corrupt(c->sim, (uint32_t)addr, (size_t)len, (unsigned int)bits))
		snprintf(c->why, sizeof(c->why),
			"1 or 2 wrong bits in double words of flash, or in words of the option page");
}

static void do_corrupt_option(struct control *c)
{
	if (!wbsim_corrupt_option(c->sim, c->word[1]))
		snprintf(c->why, sizeof(c->why), "this part has no option field \"%.40s\"",
			c->word[1]);
}

static void do_save(struct control *c)
{
	(void)!wbsim_save(c->sim, c->word[1], c->why, sizeof(c->why));
}

static void do_load(struct control *c)
{
	(void)!wbsim_load(c->sim, c->word[1], c->why, sizeof(c->why));
}

static void do_fault(struct control *c)
{
	(void)!wbsim_add_fault(c->sim, c->word[1], c->why, sizeof(c->why));
}

static void do_faults_clear(struct control *c)
{
	wbsim_clear_faults(c->sim);
}

static void do_advance(struct control *c)
{
	uint64_t ms;

	if (number(c, c->word[1], MS_MAX, &ms))
		advance(c, ms);
}

static void do_quit(struct control *c)
{
	c->server->quit = true;
}

static const struct {
	const char *name, *args;
	int min, max; /* words after the name */
	void (*run)(struct control *c);
} commands[] = {
	{ "power-off", "", 0, 0, do_power_off },
	{ "power-on", "", 0, 0, do_power_on },
	{ "power-cycle", " [MS]", 0, 1, do_power_cycle },
	{ "unplug", "", 0, 0, do_unplug },
	{ "nrst", "", 0, 0, do_nrst },
	{ "stats", "", 0, 0, do_stats },
	{ "stats-clear", "", 0, 0, do_stats_clear },
	{ "peek", " ADDR LEN", 2, 2, do_peek },
	{ "poke", " ADDR HEX", 2, 2, do_poke },
	{ "corrupt", " ADDR LEN BITS", 3, 3, do_corrupt },
	{ "corrupt-option", " FIELD", 1, 1, do_corrupt_option },
	{ "view", "", 0, 0, do_view },
	{ "save", " FILE", 1, 1, do_save },
	{ "load", " FILE", 1, 1, do_load },
	{ "fault", " WHEN:WHAT", 1, 1, do_fault },
	{ "faults-clear", "", 0, 0, do_faults_clear },
	{ "advance", " MS", 1, 1, do_advance },
	{ "quit", "", 0, 0, do_quit },
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

const char *control_form(size_t i, const char **args)
{
	if (i >= COMMANDS)
		return NULL;
	*args = commands[i].args;
	return commands[i].name;
}

static void unknown(struct control *c)
{
	int n = snprintf(c->why, sizeof(c->why), "commands:");

	for (size_t i = 0; i < COMMANDS && n > 0 && (size_t)n < sizeof(c->why); i++)
		n += snprintf(c->why + n, sizeof(c->why) - (size_t)n, "%s %s%s", i ? "," : "",
			commands[i].name, commands[i].args);
}

static void run(struct control *c)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		if (!c->words || strcmp(c->word[0], commands[i].name) != 0)
			continue;
		if (c->words - 1 < commands[i].min || c->words - 1 > commands[i].max)
			snprintf(c->why, sizeof(c->why), "usage: %s%s", commands[i].name,
				commands[i].args);
		else
			commands[i].run(c);
		return;
	}
	unknown(c);
}

json_t *control_line(struct server *server, char *line)
{
	char *word[WORDS_MAX], *save = NULL;
	struct control c = { .server = server, .sim = server->sim, .word = word };

	for (char *w = strtok_r(line, " \t", &save); w && c.words < WORDS_MAX;
		w = strtok_r(NULL, " \t", &save))
		word[c.words++] = w;
	c.out = json_object();
	json_object_set_new(c.out, "ok", json_true());
	run(&c);
	if (c.why[0]) {
		json_object_set_new(c.out, "ok", json_false());
		json_object_set_new(c.out, "error", json_string(c.why));
	}
	return c.out;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stm32wb-sim: words of the command line in, a virtual board on a TCP port out.
 */
#include <config.h>

#include "sim/fault.h"
#include "sim/server.h"
#include "sim/state.h"

#include <argp.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_PORT 7184
#define WHY_SIZE 2048 /* the list of quirks is long */
#define PART_SIZE 16
#define EXIT_USAGE 64

const char *argp_program_version = PACKAGE_STRING;

struct list {
	const char **word; /* NULL-terminated */
	size_t count;
};

struct options {
	struct wbsim_config cfg;
	struct list trust, options, quirks, faults;
	const char *state, *stats, *control;
	struct server_ports ports;
	double idle;
	bool once, quiet;
};

enum {
	KEY_CHIP = 0x100,
	KEY_FUS,
	KEY_STACK,
	KEY_APP,
	KEY_STATE,
	KEY_TRUST,
	KEY_STLINK,
	KEY_BITBANG,
	KEY_PROBE,
	KEY_OPTION,
	KEY_FAULT,
	KEY_QUIRK,
	KEY_STATS,
	KEY_CONTROL,
	KEY_IDLE,
	KEY_ONCE,
};

static const struct argp_option words[] = {
	{ "chip", KEY_CHIP, "PART", 0, "part to be (wb55rg): see below", 0 },
	{ "fus", KEY_FUS, "VERSION", 0, "FUS version the chip starts with (1.2.0)", 0 },
	{ "stack", KEY_STACK, "FILE", 0, "this wireless stack is installed and selected", 0 },
	{ "app", KEY_APP, "FILE", 0, "raw bytes at 0x08000000: the user's application", 0 },
	{ "state", KEY_STATE, "FILE", 0,
		"keep the chip in FILE; --chip, --fus, --stack, --app and --option apply only when "
		"it does not exist", 0 },
	{ "trust", KEY_TRUST, "PATH", 0, "image, or folder of them, that counts as signed by ST", 0 },
	{ "stlink", KEY_STLINK, "PORT", 0, "ST-LINK on 127.0.0.1:PORT (7184; 0: any)", 0 },
	{ "bitbang", KEY_BITBANG, "PORT", 0,
		"also OpenOCD's remote_bitbang, JTAG or SWD, on 127.0.0.1:PORT (0: any)", 0 },
	{ "probe", KEY_PROBE, "v2|v3", 0, "which ST-LINK (v3)", 0 },
	{ "option", KEY_OPTION, "NAME=VALUE", 0, "option byte or security field at start", 0 },
	{ "fault", KEY_FAULT, "WHEN:WHAT", 0, "what goes wrong, and when: see below", 0 },
	{ "quirk", KEY_QUIRK, "NAME", 0, "behaviour that real chips differ in", 0 },
	{ "stats", KEY_STATS, "FILE", 0, "write the counters there at exit (JSON)", 0 },
	{ "control", KEY_CONTROL, "PATH", 0, "control socket for tests", 0 },
	{ "idle", KEY_IDLE, "FACTOR", 0, "virtual seconds per silent wall second (1)", 0 },
	{ "once", KEY_ONCE, NULL, 0, "exit when the first client has disconnected", 0 },
	{ "quiet", 'q', NULL, 0, "do not tell on stderr what the chip meets", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static void append(struct list *list, const char *word, const struct argp_state *state)
{
	const char **grown = realloc(list->word, (list->count + 2) * sizeof(*grown));

	if (!grown) {
		argp_failure(state, EXIT_FAILURE, ENOMEM, "%s", word);
		return;
	}
	list->word = grown;
	list->word[list->count++] = word;
	list->word[list->count] = NULL;
}

static double parse_number(const char *text, double max, const struct argp_state *state)
{
	char *end;
	double val = strtod(text, &end);

	if (end == text || *end || !(val >= 0 && val <= max))
		argp_error(state, "\"%s\" is no number from 0 to %.0f", text, max);
	return val;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	const double idle_max = 1e6;
	struct options *o = state->input;

	switch (key) {
	case KEY_CHIP:
		o->cfg.chip = arg;
		break;
	case KEY_FUS:
		o->cfg.fus = arg;
		break;
	case KEY_STACK:
		o->cfg.stack_file = arg;
		break;
	case KEY_APP:
		o->cfg.app_file = arg;
		break;
	case KEY_STATE:
		o->state = arg;
		break;
	case KEY_TRUST:
		append(&o->trust, arg, state);
		break;
	case KEY_STLINK:
		o->ports.stlink = (uint16_t)parse_number(arg, UINT16_MAX, state);
		break;
	case KEY_BITBANG:
		o->ports.bitbang = (uint16_t)parse_number(arg, UINT16_MAX, state);
		o->ports.bitbang_on = true;
		break;
	case KEY_PROBE:
		if (strcmp(arg, "v2") != 0 && strcmp(arg, "v3") != 0)
			argp_error(state, "the probe is v2 or v3, not \"%s\"", arg);
		o->cfg.probe = arg[1] == '2' ? WBSIM_PROBE_V2 : WBSIM_PROBE_V3;
		break;
	case KEY_OPTION:
		append(&o->options, arg, state);
		break;
	case KEY_FAULT:
		append(&o->faults, arg, state);
		break;
	case KEY_QUIRK:
		append(&o->quirks, arg, state);
		break;
	case KEY_STATS:
		o->stats = arg;
		break;
	case KEY_CONTROL:
		o->control = arg;
		break;
	case KEY_IDLE:
		o->idle = parse_number(arg, idle_max, state);
		break;
	case KEY_ONCE:
		o->once = true;
		break;
	case 'q':
		o->quiet = true;
		break;
	case ARGP_KEY_ARG:
		argp_error(state, "\"%s\": only options are taken", arg);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* Behind the options, --help lists the faults from fault.c's tables. malloc'ed; NULL: no memory. */
static char *fault_help(void)
{
	size_t when_count, what_count, size = 0;
	const char *quirk, *word, *help, *version;
	const struct sim_part *part;
	const struct fault_when *when = fault_whens(&when_count);
	const struct fault_what *what = fault_whats(&what_count);
	char *out = NULL;
	FILE *f = open_memstream(&out, &size);

	if (!f)
		return NULL;
	fputs("A virtual STM32WB behind a virtual ST-LINK, for OpenOCD: see "
	      "interface/stm32wb-sim.cfg.\vParts:\n",
		f);
	for (size_t i = 0; (part = sim_part_at(i)); i++)
		fprintf(f, "  %-8s %u KiB of flash\n", part->name, (unsigned int)part->flash_kib);
	fputs("FUS versions:\n", f);
	for (size_t i = 0; (version = sim_fus_version(i)); i++)
		fprintf(f, "  %s\n", version);
	fputs("Faults are WHEN:WHAT, as in command=100:power-cut=500. WHEN:\n", f);
	for (size_t i = 0; i < when_count; i++)
		fprintf(f, "  %-20s %s\n", when[i].usage, when[i].help);
	fputs("WHAT:\n", f);
	for (size_t i = 0; i < what_count; i++) {
		char name[32];

		snprintf(name, sizeof(name), what[i].arg ? "%s[=%s]" : "%s", what[i].name,
			what[i].arg);
		fprintf(f, "  %-20s %s\n", name, what[i].help);
	}
	fputs("Quirks, of choices the first is the default:\n", f);
	for (size_t i = 0; (quirk = quirk_form(i, &help)); i++)
		fprintf(f, "  %-36s %s\n", quirk, help);
	fputs("The control socket takes a line a command and answers with a JSON object:\n", f);
	for (size_t i = 0; (word = control_form(i, &help)); i++)
		fprintf(f, "  %s%s\n", word, help);
	fclose(f);
	return out;
}

static void log_line(void *ctx, const char *line)
{
	(void)ctx;
	fprintf(stderr, "stm32wb-sim: %s\n", line);
}

/* With a state file that exists, the chip is what the file says. */
static struct wbsim *make_chip(struct options *o, char *why, size_t why_size)
{
	static char part[PART_SIZE];
	bool stored = o->state && access(o->state, F_OK) == 0;
	struct wbsim *sim;

	o->cfg.trust = o->trust.word;
	o->cfg.quirks = o->quirks.word;
	o->cfg.faults = o->faults.word;
	o->cfg.options = stored ? NULL : o->options.word;
	o->cfg.log = o->quiet ? NULL : log_line;
	if (stored) {
		if (!state_part(o->state, part, sizeof(part), why, why_size))
			return NULL;
		o->cfg.chip = part;
		o->cfg.fus = NULL;
		o->cfg.stack_file = NULL;
		o->cfg.app_file = NULL;
	}
	if (o->state && !state_writable(o->state, why, why_size))
		return NULL;
	sim = wbsim_new(&o->cfg, why, why_size);
	if (!sim || !stored)
		return sim;
	if (!wbsim_load(sim, o->state, why, why_size)) {
		wbsim_free(sim);
		return NULL;
	}
	/* quirks are of this run, some of them as option bytes: the stored ones took their place */
	wbsim_power(sim, false);
	chip_quirk_options(sim);
	wbsim_power(sim, true);
	return sim;
}

static bool write_stats(const struct wbsim *sim, const char *path)
{
	char *text = wbsim_stats_json(sim);
	FILE *f = fopen(path, "w");
	bool ok = text && f && fprintf(f, "%s\n", text) > 0;

	if (f && fclose(f) != 0)
		ok = false;
	if (!ok)
		fprintf(stderr, "stm32wb-sim: cannot write the counters to %s: %s\n", path,
			strerror(errno));
	free(text);
	return ok;
}

static int serve(struct options *o, struct wbsim *sim)
{
	static struct server server;
	char why[WHY_SIZE] = "", label[PART_SIZE + sizeof("STM32")];
	int status = EXIT_SUCCESS;

	snprintf(label, sizeof(label), "STM32%s", sim->part->name);
	for (char *p = label; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	server.sim = sim;
	server.probe = o->cfg.probe;
	server.idle_factor = o->idle;
	server.once = o->once;
	server.control_path = o->control;
	if (server_open(&server, &o->ports, why, sizeof(why))) {
		fprintf(stderr, "stm32wb-sim: %s\n", why);
		server_close(&server);
		return EXIT_FAILURE;
	}
	printf("stm32wb-sim: virtual %s, ST-LINK %s on 127.0.0.1:%u", label,
		o->cfg.probe == WBSIM_PROBE_V2 ? "V2-1" : "V3", server.stlink.port);
	if (o->ports.bitbang_on)
		printf(", remote_bitbang on 127.0.0.1:%u", server.bitbang.port);
	putchar('\n');
	fflush(stdout);
	server_run(&server);
	server_close(&server);
	if (o->state && !wbsim_save(sim, o->state, why, sizeof(why))) {
		fprintf(stderr, "stm32wb-sim: %s\n", why);
		status = EXIT_FAILURE;
	}
	if (o->stats && !write_stats(sim, o->stats))
		status = EXIT_FAILURE;
	return status;
}

int main(int argc, char **argv)
{
	char *doc = fault_help();
	const struct argp argp = { .options = words, .parser = parse, .doc = doc };
	struct options o = { .ports.stlink = DEFAULT_PORT, .idle = 1 };
	char why[WHY_SIZE] = "";
	struct wbsim *sim;
	int status;

	argp_err_exit_status = EXIT_USAGE;
	status = argp_parse(&argp, argc, argv, 0, NULL, &o) ? EXIT_USAGE : EXIT_SUCCESS;
	free(doc);
	if (status)
		return status;
	sim = make_chip(&o, why, sizeof(why));
	if (!sim) {
		fprintf(stderr, "stm32wb-sim: %s\n", why);
		status = EXIT_FAILURE;
	} else {
		status = serve(&o, sim);
		wbsim_free(sim);
	}
	free(o.trust.word);
	free(o.options.word);
	free(o.quirks.word);
	free(o.faults.word);
	return status;
}

// SPDX-License-Identifier: GPL-2.0-or-later

/*
 * The link over OpenOCD's target API. CPU1 is controlled by memory accesses (core/cortex_m.c), so
 * OpenOCD does not see what happens to it meanwhile and is told at the end.
 *
 * OpenOCD's own messages are off while we work: reads that fail are normal here (the chip resets,
 * its port goes away), and each failure that matters is told by core with its reason. At debug
 * level 3 and above they stay on, but for what is secret.
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>
#include <unistd.h>

#include <helper/log.h>
#include <helper/time_support.h>
#include <jtag/adapter.h>
#include <jtag/interface.h>
#include <jtag/jtag.h>
#include <target/arm_adi_v5.h>
#include <target/armv7m.h>
#include <target/register.h>
#include <target/target.h>
#include <target/target_type.h>

#include "command/journal.h"
#include "core/cortex_m.h"
#include "link_target.h"

#define TRANSFER_MAX 16384u	/* bytes, link.h */
#define CPUID 0xe000ed00u	/* ARMv7-M ARM B3.2.3: a register that can always be read */
#define SCS_START 0xe000ed00u	/* system control and debug registers of CPU1 */
#define SCS_END 0xe000ef00u
#define NAP_MS 10	/* OpenOCD's timers are looked after so often, as in its own sleeps */
#define RESET_ST_BYTE 3		/* S_RESET_ST is in the top byte of DHCSR */

static struct target_link *of(struct wb_link *link)
{
	return link->ctx;
}

/* ---- memory ------------------------------------------------------------------------------- */

static enum wb_status no_transfer(struct wb_link *link, const char *what, uint32_t address,
	size_t bytes, int retval)
{
	wb_format(link->reason, sizeof(link->reason), "%s %zu bytes at 0x%08X failed (error %d)",
		what, bytes, (unsigned int)address, retval);
	return WB_ERR_LINK;
}

static bool sane(struct wb_link *link, uint32_t address, unsigned int width, size_t count)
{
	if ((width == 1 || width == 2 || width == 4) && count && count <= TRANSFER_MAX / width &&
		address % width == 0 && address <= UINT32_MAX - count * width)
		return true;
	wb_format(link->reason, sizeof(link->reason),
		"transfer of %zu x %u bytes at 0x%08X is not possible", count, width,
		(unsigned int)address);
	return false;
}

static enum wb_status target_link_read(struct wb_link *link, uint32_t address, unsigned int width,
	size_t count, void *data)
{
	struct target_link *tl = of(link);

	if (!sane(link, address, width, count))
		return WB_ERR_LINK;
	int retval = target_read_memory(tl->target, address, width, (uint32_t)count, data);
	if (retval != ERROR_OK)
		return no_transfer(link, "reading", address, count * width, retval);
	if (address == CM_DHCSR && tl->reset_hidden) {
		((uint8_t *)data)[RESET_ST_BYTE % (width * count)] |=
			(uint8_t)(CM_DHCSR_S_RESET_ST >> 24);
		tl->reset_hidden = false;
	}
	return WB_OK;
}

static enum wb_status target_link_write(struct wb_link *link, uint32_t address,
	unsigned int width, size_t count, const void *data)
{
	struct target_link *tl = of(link);

	if (!sane(link, address, width, count))
		return WB_ERR_LINK;
	if (address >= SCS_START && address < SCS_END)
		tl->core_written = true;
	int retval = target_write_memory(tl->target, address, width, (uint32_t)count, data);
	return retval == ERROR_OK ? WB_OK :
		no_transfer(link, "writing", address, count * width, retval);
}

/* What a direct DAP queues goes over the wire at once. */
static enum wb_status target_link_words(struct wb_link *link, struct wb_word *words, size_t count)
{
	struct target_link *tl = of(link);
	struct adiv5_ap *ap = target_to_armv7m(tl->target)->debug_ap;
	int retval = ERROR_OK, ran;

	for (size_t i = 0; i < count && retval == ERROR_OK; i++) {
		if (words[i].write && words[i].address >= SCS_START && words[i].address < SCS_END)
			tl->core_written = true;
		retval = words[i].write ?
			mem_ap_write_u32(ap, words[i].address, words[i].value) :
			mem_ap_read_u32(ap, words[i].address, &words[i].value);
	}
	/* in any case: nothing that points to our words may stay in the queue */
	ran = dap_run(ap->dap);
	if (retval == ERROR_OK)
		retval = ran;
	return retval == ERROR_OK ? WB_OK :
		no_transfer(link, "transferring words,", words[0].address, count * 4, retval);
}

/* The bytes go to the adapter as they are: there is no copy of ours to be wiped. */
static void target_link_secret(struct wb_link *link, const uint8_t *bytes, size_t len)
{
	struct target_link *tl = of(link);

	(void)len;
	tl->secret = bytes;
	if (tl->secret)
		debug_level = LOG_LVL_SILENT;
	else if (tl->level >= LOG_LVL_DEBUG)
		debug_level = tl->level;
}

/* ---- reset and port ----------------------------------------------------------------------- */

static enum wb_status target_link_nrst(struct wb_link *link, bool low)
{
	if (low && !(jtag_get_reset_config() & RESET_HAS_SRST))
		return WB_ERR_HOST;
	int retval = low ? adapter_assert_reset() : adapter_deassert_reset();
	if (retval == ERROR_OK)
		return WB_OK;
	wb_format(link->reason, sizeof(link->reason), "NRST cannot be %s (error %d)",
		low ? "driven" : "released", retval);
	return WB_ERR_LINK;
}

static bool answers(struct wb_link *link)
{
	uint32_t cpuid;

	return link->read(link, CPUID, 4, 1, &cpuid) == WB_OK;
}

/*
 * A direct DAP reconnects by itself with the first access after a failed one. The high-level
 * adapter does so only when its state is polled: the first poll notices, the second reconnects and
 * reads DHCSR, which clears S_RESET_ST. A port that was lost for so long was lost by a reset: say
 * so with our next read of DHCSR.
 */
static enum wb_status target_link_reattach(struct wb_link *link)
{
	struct target_link *tl = of(link);

	if (answers(link))
		return WB_OK;
	if (tl->hla) {
		tl->reset_hidden = true;
		for (int i = 0; i < 2; i++)
			tl->target->type->poll(tl->target);
	}
	/* A failed examination makes OpenOCD refuse every access until one succeeds. */
	if (!target_was_examined(tl->target)) {
		tl->reset_hidden = true;
		target_examine_one(tl->target);
	}
	return answers(link) ? WB_OK : WB_ERR_LINK;
}

static enum wb_status target_link_speed(struct wb_link *link, unsigned int *khz, bool set)
{
	int now = (int)adapter_get_speed_khz();

	if (set && adapter_config_khz(*khz) == ERROR_OK)
		now = (int)*khz;
	/* 0: adaptive clocking, which has no number, and nothing to raise */
	if (adapter_get_speed_readable(&now) != ERROR_OK || now <= 0) {
		wb_format(link->reason, sizeof(link->reason), "the probe does not tell its clock");
		return WB_ERR_LINK;
	}
	*khz = (unsigned int)now;
	return WB_OK;
}

/* ---- the host ------------------------------------------------------------------------------ */

static bool target_link_polling(struct wb_link *link, bool on)
{
	const bool was = jtag_poll_get_enabled();

	jtag_poll_set_enabled(on);
	of(link)->polling_off = was && !on;
	return was;
}

static bool target_link_parked(struct wb_link *link, uint32_t pc)
{
	struct target_link *tl = of(link);
	struct reg *reg = tl->halted ?
		register_get_by_name(tl->target->reg_cache, "pc", true) : NULL;

	if (!reg || (!reg->valid && reg->type->get(reg) != ERROR_OK))
		return false;
	return buf_get_u32(reg->value, 0, 32) == pc;
}

static void target_link_sleep(struct wb_link *link, unsigned int ms)
{
	const int64_t end = timeval_ms() + ms;
	int64_t left;

	(void)link;
	while ((left = end - timeval_ms()) > 0) {
		target_call_timer_callbacks_now();
		keep_alive();
		usleep((useconds_t)(left < NAP_MS ? left : NAP_MS) * 1000);
	}
}

static uint64_t target_link_time(struct wb_link *link)
{
	struct timespec now;

	(void)link;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

static bool target_link_stop(struct wb_link *link)
{
	return stop_asked(&of(link)->stop);
}

static void target_link_report(struct wb_link *link, bool warning, const char *text)
{
	progress_report(&of(link)->progress, warning, text);
}

static void target_link_progress(struct wb_link *link, const char *phase, uint64_t done,
	uint64_t total)
{
	progress_step(&of(link)->progress, phase, done, total);
}

static void set_level(struct target_link *tl, int level)
{
	if (tl->level < LOG_LVL_DEBUG || tl->secret)
		debug_level = level;
}

/* Reaches the terminal, the log, and whoever sits at telnet or gdb. */
static void emit(void *ctx, const char *text)
{
	set_level(ctx, LOG_LVL_USER);
	LOG_USER_N("%s", text);
	set_level(ctx, LOG_LVL_SILENT);
}

void link_target_init(struct target_link *tl, struct target *target)
{
	*tl = (struct target_link) {
		.link = {
			.read = target_link_read,
			.write = target_link_write,
			.nrst = target_link_nrst,
			.reattach = target_link_reattach,
			.speed = target_link_speed,
			.polling = target_link_polling,
			.secret = target_link_secret,
			.parked = target_link_parked,
			.sleep_ms = target_link_sleep,
			.time_ms = target_link_time,
			.stop_requested = target_link_stop,
			.report = target_link_report,
			.progress = target_link_progress,
			.journal_load = journal_load,
			.journal_store = journal_store,
			.journal_name = journal_name,
		},
		.target = target,
		.progress = { .emit = emit, .terminal = isatty(STDERR_FILENO) == 1 },
	};
	tl->link.ctx = tl;
	tl->progress.ctx = tl;
	cortex_m_link_defaults(&tl->link);
}

void link_target_enter(struct target_link *tl)
{
	stop_begin(&tl->stop);
	tl->level = debug_level;
	tl->secret = false;
	set_level(tl, LOG_LVL_SILENT);
	tl->hla = strcmp(target_type_name(tl->target), "hla_target") == 0;
	tl->link.words = !tl->hla && target_to_armv7m_safe(tl->target) &&
		target_to_armv7m(tl->target)->debug_ap ? target_link_words : NULL;
	tl->halted = tl->target->state == TARGET_HALTED;
	tl->reset_hidden = false;
	tl->core_written = false;
	tl->polling_off = false;
}

static void read_registers(struct reg_cache *cache)
{
	register_cache_invalidate(cache);
	/* not only when asked for: `get_reg` shows what the cache holds, valid or not */
	for (unsigned int i = 0; i < cache->num_regs; i++)
		if (cache->reg_list[i].exist)
			(void)cache->reg_list[i].type->get(&cache->reg_list[i]);
}

/*
 * OpenOCD knows CPU1 from before. One read of DHCSR takes the "was reset" flag away, or OpenOCD
 * would tell of an external reset; a poll shows it whether CPU1 runs. If it was halted and still
 * is, OpenOCD would keep its old copy of the registers, and write it back: make it read them.
 */
static void tell_openocd(struct target_link *tl)
{
	uint32_t dhcsr;

	if (tl->link.read(&tl->link, CM_DHCSR, 4, 1, &dhcsr) != WB_OK)
		return;
	tl->target->type->poll(tl->target);
	if (tl->halted && (dhcsr & CM_DHCSR_S_HALT))
		read_registers(tl->target->reg_cache);
}

void link_target_leave(struct target_link *tl)
{
	if (tl->core_written)
		tell_openocd(tl);
	if (tl->polling_off)
		jtag_poll_set_enabled(true);
	debug_level = tl->level;
	stop_end(&tl->stop);
}

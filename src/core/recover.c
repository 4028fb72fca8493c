/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A chip brought back: what is wrong, by one look that writes nothing; then the remedies that it
 * takes, in order, each with the consent it wants.
 */
#include <string.h>
#include "core/bytes.h"
#include "core/fus.h"
#include "core/guards.h"
#include "core/options_write.h"
#include "core/regs.h"
#include "core/safeboot.h"

#define RISK_OPTIONS "options"

struct job {
	struct wb_session *s;
	const struct wb_operation *op;
	struct wb_recovery *recovery;
	struct wb_result *result;
	/* as found */
	struct wb_chip chip;
	struct wb_options options; /* that the next reset by power or OBL_LAUNCH loads */
	bool page_damaged, options_lost, boots_elsewhere, leftover, unloaded;
	struct wb_option_record record;
};

static void did(struct job *job, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void did(struct job *job, const char *fmt, ...)
{
	struct wb_recovery *r = job->recovery;
	va_list args;

	if (r->deeds == WB_RECOVER_DEEDS)
		return;
	va_start(args, fmt);
	wb_vformat(r->deed[r->deeds++], sizeof(r->deed[0]), fmt, args);
	va_end(args);
}

/* ---- what is wrong ----------------------------------------------------------------------------- */

static enum wb_status look(struct job *job, struct wb_error *err)
{
	struct wb_session *s = job->s;
	struct wb_option_page page;
	enum wb_status status = session_look(s, &job->chip, err);

	if (status != WB_OK)
		return status;
	job->result->before = job->result->after = job->chip;
	status = options_page(s, job->chip.family, &page, err);
	if (status != WB_OK)
		return status;
	job->page_damaged = page.read && !page.sound;
	/* registers that were written, and their page not: a write was cut off in between */
	job->options = page.read && page.sound ? page.options : job->chip.options;
	status = wb_option_record_load(s->link, job->chip.uid64, &job->record, err);
	if (status != WB_OK)
		return status;
	job->options_lost = wb_option_record_lost(&job->chip, &job->record);
	/* what an earlier run of ours left is put back from its journal, with no more consent */
	job->leftover = sram_boot_pending(s, job->chip.uid64);
	job->boots_elsewhere = !job->leftover &&
		!(job->options.optr & (OPTR_NSWBOOT0 | OPTR_NBOOT0));
	/* a write that was cut off: obeyed or not, registers may show what is not in force */
	job->unloaded = job->record.found;
	return WB_OK;
}

/* What nobody outside the CM0+ can put right: said, and nothing is written. */
static enum wb_status beyond_help(const struct wb_chip *chip, struct wb_error *err)
{
	unsigned int sfsa = (unsigned int)wb_bits(chip->options.sfr, 7, 0);
	unsigned int sbrv = (unsigned int)wb_chip_sbrv(chip);

	if (!(chip->options.optr & OPTR_ESE) || chip->options.sfr & SFR_FSD)
		return wb_refuse(err, "security-off",
			"OPTR 0x%08X, SFR 0x%08X: the chip's security is off, so no FUS can run, and only a "
			"FUS could turn it on. Not recoverable; nothing was written",
			(unsigned int)chip->options.optr, (unsigned int)chip->options.sfr);
	if (chip->selected == WB_RUNS_UNKNOWN || sfsa > chip->family->fus_sfsa_053)
		return wb_refuse(err, "boundary-mismatch",
			"SFSA 0x%02X, SBRV 0x%05X: the CM0+ boots where neither the FUS nor a stack starts, "
			"as after a second, larger stack under a FUS before 1.2.0, and only a running FUS "
			"could change that. Not recoverable; nothing was written. A power cycle may be "
			"tried", sfsa, sbrv);
	return WB_OK;
}

/* ---- user option bytes ------------------------------------------------------------------------- */

static enum wb_status ask_for_options(const struct job *job, struct wb_error *err)
{
	const char *what = job->page_damaged ?
		"the option page is damaged: a word and its complement disagree" :
		job->options_lost ? "a write of option bytes was cut off, and took others with it" :
		"CPU1 boots elsewhere, not the application in flash";
	const char *remedy = job->options_lost ? "put back what the journal holds" :
		job->boots_elsewhere ? "boot from flash again (nSWBOOT0 = 1, nBOOT0 = 1, nBOOT1 = 1)" :
		"write the page anew from the registers";

	if (wb_op_confirms(job->op, RISK_OPTIONS))
		return WB_OK;
	return wb_refuse(err, RISK_OPTIONS,
		"OPTR 0x%08X, CPU1 boots from %s: %s. To %s: -confirm " RISK_OPTIONS,
		(unsigned int)job->options.optr, wb_boot_name(&job->options), what, remedy);
}

/* The fields as the journal has them; read protection and what cannot be undone stay out. */
static unsigned int from_record(const struct job *job, struct wb_option_value *values)
{
	struct wb_chip before = job->chip;
	struct wb_field field;
	unsigned int n = 0;
	char meaning[96];

	before.options = job->record.before;
	for (unsigned int i = 0; n < WB_OPTION_FIELDS && wb_option_field(&before, i, &field, meaning);
		i++)
		if (!field.secure && strcmp(field.name, "RDP") && strncmp(field.name, "PCROP", 5))
			values[n++] = (struct wb_option_value){ field.name, field.value };
	return n;
}

static enum wb_status mend_options(struct job *job, struct wb_error *err)
{
	static const struct wb_option_value from_flash[] = { { "nSWBOOT0", 1 }, { "nBOOT0", 1 },
		{ "nBOOT1", 1 } };
	/* one field as it is: enough for a damaged page to be written from the registers */
	const struct wb_option_value as_is = { "nBOOT0", wb_bits(job->options.optr, 27, 27) };
	struct wb_option_value values[WB_OPTION_FIELDS];
	struct wb_option_changes changes;
	struct wb_result result;
	unsigned int n;
	enum wb_status status;

	if (job->options_lost) {
		n = from_record(job, values);
	} else if (job->boots_elsewhere) {
		n = sizeof(from_flash) / sizeof(*from_flash);
		memcpy(values, from_flash, sizeof(from_flash));
	} else {
		n = 1;
		values[0] = as_is;
	}
	status = wb_option_set(job->s, job->op, values, n, job->op->confirm, &changes, &result, err);
	if (status != WB_OK)
		return status;
	did(job, "user option bytes were %s",
		job->options_lost ? "written: as the journal has them" :
		job->boots_elsewhere ? "written: CPU1 boots from flash again" :
		job->page_damaged ? "written: the page is sound again" :
		"loaded: a write of them had been cut off");
	return WB_OK;
}

/* What an earlier write was consented to is loaded with no more consent. */
static enum wb_status see_to_options(struct job *job, struct wb_error *err)
{
	enum wb_status status = WB_OK;

	if (job->page_damaged || job->options_lost || job->boots_elsewhere)
		status = ask_for_options(job, err);
	else if (!job->unloaded)
		return WB_OK;
	return status == WB_OK ? mend_options(job, err) : status;
}

/* ---- the CM0+ ---------------------------------------------------------------------------------- */

static enum wb_status idle_without_stack(struct job *job, struct wb_error *err)
{
	char fus[20];

	if (job->recovery->deeds)
		return WB_OK;
	wb_version_text(job->s->chip.versions.fus, fus);
	if (wb_rollback_noted(job->s, job->chip.uid64))
		return wb_refuse(err, "nothing-to-recover",
			"the FUS %s runs and answers; no wireless stack is installed, and anti-rollback "
			"was switched on here: whether such a chip takes a stack again is not known. Try "
			"ST's newest: `stm32wb fus upgrade FILE`; if the FUS refuses it (0x11), no way "
			"back is known", fus);
	return wb_refuse(err, "nothing-to-recover",
		"the FUS %s runs, is idle (state 0x%02X) and answers; no wireless stack is installed: "
		"`stm32wb fus upgrade FILE` installs one. There is nothing to recover",
		fus, job->result->state.state);
}

static enum wb_status start_stack(struct job *job, struct wb_error *err)
{
	char stack[20];
	enum wb_status status = fus_to_stack(job->s, &job->result->state, err);

	if (status == WB_OK)
		did(job, "the wireless stack %s was started: the FUS had been left selected",
			wb_version_text(job->s->chip.versions.stack, stack));
	return status;
}

static enum wb_status see_to_cm0(struct job *job, struct wb_error *err)
{
	struct wb_session *s = job->s;
	struct wb_fus_state *state = &job->result->state;
	char version[20];
	enum wb_status status = cm0_start(s, err);

	if (status == WB_OK && s->runs == WB_RUNS_FUS) {
		s->operation = NULL;
		status = fus_settle(s, state, err);
		if (status == WB_OK && s->operation)
			did(job, "%s was followed to its end", s->operation);
	}
	if (status != WB_OK)
		return status;
	state->runs = s->runs;
	if (s->runs == WB_RUNS_FUS && s->chip.versions.stack)
		return start_stack(job, err);
	if (s->runs == WB_RUNS_FUS)
		return idle_without_stack(job, err);
	if (!job->recovery->deeds && job->chip.selected != WB_RUNS_STACK)
		did(job, "the FUS has ended what it was at, and the wireless stack %s runs",
			wb_version_text(s->chip.versions.stack, version));
	if (job->recovery->deeds)
		return WB_OK;
	return wb_refuse(err, "nothing-to-recover",
		"the wireless stack %s runs and is selected; CPU1 boots from %s. There is nothing to "
		"recover; if the application does not work, `stm32wb fus diagnose` looks at everything",
		wb_version_text(s->chip.versions.stack, version), wb_boot_name(&s->chip.options));
}

static enum wb_status with_cm0(struct job *job, struct wb_error *err)
{
	struct wb_chip before = job->result->before;
	enum wb_status status = session_open(job->s, job->op, job->result, err);

	if (status == WB_OK && job->s->recalled)
		did(job, "an earlier run was cut off and had kept CPU1 and its debug settings: they are "
			"as before it");
	if (status == WB_OK && job->leftover)
		did(job, "what an earlier run had left of boot options was seen to");
	if (status == WB_OK)
		status = see_to_cm0(job, err);
	status = session_close(job->s, job->op, job->result, status, err);
	job->result->before = before;
	return status;
}

/* ---- Safeboot ---------------------------------------------------------------------------------- */

/* No session: CPU1 is locked up and stays so, and nothing of it is to be put back. */
static enum wb_status factory_reset(struct job *job, struct wb_error *err)
{
	struct wb_session *s = job->s;
	bool polling = s->link->polling(s->link, false);
	enum wb_status status = safeboot_run(s, &job->chip, job->recovery, err);

	if (polling)
		s->link->polling(s->link, true);
	if (status == WB_OK)
		status = look(job, err); /* the chip is another one now, user options too */
	if (status == WB_OK)
		status = beyond_help(&job->chip, err);
	if (status != WB_OK)
		return status;
	did(job, "Safeboot has made its factory reset: user flash is erased, program the application");
	safeboot_forget(s, job->chip.uid64);
	return WB_OK;
}

/* The end of one that an earlier call had started was not seen: a power cycle has brought it. */
static void came_back(struct job *job)
{
	if (!safeboot_pending(job->s, job->chip.uid64))
		return;
	did(job, "the factory reset of an earlier call has come to its end");
	safeboot_forget(job->s, job->chip.uid64);
}

static enum wb_status recover(struct job *job, struct wb_error *err)
{
	struct wb_chip before;
	enum wb_status status = look(job, err);

	if (status != WB_OK)
		return status;
	before = job->chip;
	if (safeboot_selected(&job->chip)) {
		status = safeboot_allowed(&job->chip, job->op, err);
		if (status == WB_OK)
			status = factory_reset(job, err);
	} else {
		status = beyond_help(&job->chip, err);
		if (status == WB_OK)
			came_back(job);
	}
	if (status == WB_OK)
		status = see_to_options(job, err);
	if (status == WB_OK)
		status = with_cm0(job, err);
	job->result->before = before;
	return status;
}

enum wb_status wb_fus_recover(struct wb_session *session, const struct wb_operation *op,
	struct wb_recovery *recovery, struct wb_result *result, struct wb_error *err)
{
	struct job job = { .s = session, .op = op, .recovery = recovery, .result = result };
	uint64_t start = session_ms(session);
	struct wb_error local;
	enum wb_status status;

	if (!err)
		err = &local;
	memset(recovery, 0, sizeof(*recovery));
	memset(result, 0, sizeof(*result));
	status = recover(&job, err);
	/* refused at the look, perhaps: then no session has ended */
	session_clock_back(session);
	session->found_ms = 0;
	if (status != WB_OK && !result->left[0])
		wb_format(result->left, sizeof(result->left), "%s",
			recovery->deeds || recovery->sightings ? "as Safeboot has left it" :
								 "the chip was not touched");
	result->ms = session_ms(session) - start;
	return status;
}

# SPDX-License-Identifier: GPL-2.0-or-later
# Man pages and manual. What the code knows best is made by reference.tcl and committed, so that a
# build needs neither tclsh nor anything else; `make check` looks that it is not out of date.
dist_man_MANS = doc/stm32wb-fus.7 doc/stm32wb-sim.1
dist_doc_DATA = doc/driver.md doc/features.md doc/matrix.md doc/testing.md doc/ci-github.yml doc/ci-gitlab.yml
docexecdir = $(docdir)
dist_docexec_SCRIPTS = doc/ci-upgrade.sh
REFERENCE = doc/ref-checks.texi doc/ref-commands.texi doc/ref-messages.texi \
	doc/ref-refusals.texi doc/ref-rules.texi doc/ref-sim.texi doc/ref-states.texi
MANUAL = doc/openfus.texi doc/ci-github.yml doc/ci-gitlab.yml $(REFERENCE)
EXTRA_DIST += doc/demo.svg doc/reference.tcl doc/openfus.texi $(REFERENCE)

doc-tables: stm32wb-sim$(EXEEXT)
	tclsh $(srcdir)/doc/reference.tcl -sim ./stm32wb-sim$(EXEEXT) write
PHONY += doc-tables

# Without makeinfo there is no manual, and nothing else changes.
if HAVE_MAKEINFO
manualdir = $(infodir)
manual_DATA = doc/openfus.info
doc_DATA = doc/openfus.html
CLEANFILES += doc/openfus.info
doc/openfus.info: $(MANUAL)
	@$(MKDIR_P) doc
	$(AM_V_GEN)$(MAKEINFO) --no-split -I $(srcdir)/doc -o $@ $(srcdir)/doc/openfus.texi

info-local: doc/openfus.info

html-local: doc/openfus.html
CLEANFILES += doc/openfus.html
doc/openfus.html: $(MANUAL)
	@$(MKDIR_P) doc
	$(AM_V_GEN)$(MAKEINFO) --html --no-split -I $(srcdir)/doc -o $@ $(srcdir)/doc/openfus.texi
endif

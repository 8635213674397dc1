# Every target is a file; the words below are short names for them. `make help` lists the words.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
JOBS ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)

# --- what there is ----------------------------------------------------------------------------
# Names of the user's files come from one command, which lets only harmless ones through: those of
# bases, by kind, and of reports, each with its base. It also finds what has to be built again.
# BASE may be a name, or a path to a folder in data/bases.
LOOK := data/.bases.mk
export ASKED := $(BASE)
ifneq ($(filter-out help setup spark clean lint base lint-notebooks lock test-slow study,$(or $(MAKECMDGOALS),help)),)
include $(LOOK)
endif
override BASE := $(or $(filter $(notdir $(BASE:%/=%)),$(BASES)),$(if $(ASKED),.unknown))
# Those that take longest begin first, so that no processor waits for the last one.
LONGEST := 04_ltv__operator 05_segments__operator 03_churn__operator_b2c 03_churn__operator_b2b 03_churn__mlc_churn 09_shop_ltv__operator
REPORTS := $(foreach name,$(LONGEST),$(filter $(name),$(EVERY_REPORT))) $(filter-out $(LONGEST),$(EVERY_REPORT))
STUDIES := $(filter-out __init__,$(basename $(notdir $(wildcard src/studies/*.py))))
RENDERING := src/reporting/page/render.py src/commands/render_report.py \
	$(wildcard src/reporting/page/templates/* src/reporting/page/templates/*/*)

.PHONY: help setup spark base data features features-read report reports score test test-slow study bench bench-large lint lab clean lock FORCE bases unusable
.DEFAULT_GOAL := help

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

# --- set-up -----------------------------------------------------------------------------------
# Behind a company's TLS inspection the certificates are the system's, not those that uv brings.
export UV_SYSTEM_CERTS ?= 1
# Commands are many short processes. Where this is set, as images of containers do, each of them
# compiles every package anew, which is most of its time.
export PYTHONDONTWRITEBYTECODE :=

setup: $(READY) ## make the environment in .venv (every other command does it when needed)
	@$(KEEP_OUTPUTS_OUT)

# What is committed of a notebook has no outputs and no traces of an editor; the working file keeps
# them. Git runs the filter from the top of the checkout. A copy without git has nothing to set.
NOISE := metadata.kernelspec metadata.vscode metadata.papermill \
	$(addprefix metadata.language_info.,codemirror_mode file_extension mimetype nbconvert_exporter \
	pygments_lexer version) \
	$(addprefix cell.metadata.,editable jp-MarkdownHeadingCollapsed jupyter papermill slideshow trusted vscode)
define KEEP_OUTPUTS_OUT
if [ -e .git ] && command -v git >/dev/null; then \
  set_to() { [ "$$(git config --get "$$1")" = "$$2" ] || git config "$$1" "$$2"; }; \
  set_to filter.nbstripout.clean "$(VENV)/bin/nbstripout" && \
  set_to filter.nbstripout.smudge cat && \
  set_to filter.nbstripout.extrakeys "$(strip $(NOISE))" \
  || echo "git takes no settings here: outputs of notebooks would be committed" >&2; \
fi
endef

$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "error: Python 3.11 or newer is needed; name one: make PYTHON=python3.12 ..." >&2; exit 2; }
	@test -x $(PY) || $(PYTHON) -m venv $(VENV) \
	  || { rm -rf $(VENV); echo "error: this Python cannot make environments; on Debian: apt install python3-venv" >&2; exit 2; }
	@uv=$$(command -v uv || true); \
	if [ -z "$$uv" ]; then \
	  test -x $(VENV)/bin/uv || $(PY) -m pip install --quiet --disable-pip-version-check \
	    "$$(sed -n 's/^\(uv==[0-9.]*\).*/\1/p' requirements.lock)"; \
	  uv=$(VENV)/bin/uv; \
	fi; \
	echo "installing the environment ..."; \
	$$uv pip install --quiet --python $(PY) --no-deps --require-hashes -r requirements.lock; \
	$$uv pip install --quiet --python $(PY) --no-deps --no-build-isolation -e .
	@$(KEEP_OUTPUTS_OUT)
	@touch $@

lock: ## compile the lock files anew from pyproject.toml
	$(VENV)/bin/uv pip compile pyproject.toml --quiet --group data --group dev --universal \
	  --generate-hashes --no-header --output-file requirements.lock
	$(VENV)/bin/uv pip compile pyproject.toml --quiet --group data --group dev --universal \
	  --generate-hashes --no-header --no-config --constraint requirements.lock \
	  --output-file environment.lock
	echo 'pyspark>=4.0,<5' | $(VENV)/bin/uv pip compile - --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  --constraint requirements.lock --output-file requirements-spark.lock
	printf 'polars>=1.30\nmlxtend>=0.23\n' | $(VENV)/bin/uv pip compile - --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  --constraint requirements.lock --output-file requirements-bench.lock

spark: $(VENV)/.spark ## add Spark to the environment, for ENGINE=spark (needs Java 17)

$(VENV)/.spark: requirements-spark.lock | $(READY)
	@uv=$$(command -v uv || echo $(VENV)/bin/uv); echo "installing Spark ..."; \
	$$uv pip install --quiet --python $(PY) --no-deps --require-hashes -r requirements-spark.lock
	@touch $@

# --- data -------------------------------------------------------------------------------------
# What the user writes is handed on as it stands, in the environment: Make and the shell read no
# name of a file. What the environment calls NAME or FROM is not meant.
written = $(if $(filter command,$(firstword $(origin $(1)))),$(value $(1)))
ASKED_OF_A_DRAFT := FROM NAME DATABASE QUERY FORCE
$(foreach key,$(ASKED_OF_A_DRAFT),$(eval override DRAFT_$(key) := $$(call written,$(key))))
$(foreach key,$(ASKED_OF_A_DRAFT),$(if $(DRAFT_$(key)),$(eval override $(key) := $$(DRAFT_$(key)))))
export $(ASKED_OF_A_DRAFT:%=DRAFT_%)
base: $(READY) ## draft base.yml from files: FROM="kunden.csv rechnungen.csv" NAME=stadtfunk; or DATABASE=VARIABLE QUERY="select ..."
	@$(PY) -m src.commands.draft_base

ifneq ($(CUSTOMERS)$(MONTHS),)
data: $(READY)
	@$(PY) -m src.commands.scale_operator "$(CUSTOMERS)" "$(MONTHS)"
else
data: $(READY) ## build all bases, or one: BASE=name; or a large operator: CUSTOMERS=1000000 MONTHS=24
	@$(MAKE) --no-print-directory -k bases
endif

# One that is refused stops no other. Folders whose names cannot be used are said by the look.
bases: $(patsubst %,data/bases/%/built.json,$(or $(BASE),$(BASES))) $(if $(BASE),,$(if $(UNUSABLE),unusable))
	@:
unusable:
	@exit 2

# What is aloud is said once, by the first make of all.
$(LOOK): FORCE | $(READY)
	@$(PY) -m src.commands.look_at_bases $@ $(if $(filter 0,$(MAKELEVEL)),$(if $(MAKE_RESTARTS),,aloud)) \
	  $(if $(filter bases,$(MAKECMDGOALS)),whole)

# A base is built again when its description, its files, the code that reads it or what was built
# of it changed. A database is read again when its base is named, make data BASE=name, or with REFRESH=1.
AGAIN := $(if $(REFRESH),$(filter $(or $(BASE),%),$(FROM_DATABASES)),$(if $(filter bases,$(MAKECMDGOALS)),$(filter $(BASE),$(FROM_DATABASES))))
$(patsubst %,data/bases/%/built.json,$(sort $(STALE) $(AGAIN))): FORCE

data/bases/%/built.json: | $(READY)
	@$(PY) -m src.commands.build_base $*

# --- features ---------------------------------------------------------------------------------
FEATURE_OPTIONS := $(foreach name,ENGINE SNAPSHOTS FAMILIES,$(if $($(name)),"$(name)=$($(name))"))

ifneq ($(strip $(FEATURE_OPTIONS)),)
features: data/bases/$(or $(BASE),operator)/built.json $(if $(filter spark,$(ENGINE)),$(VENV)/.spark) | $(READY)
	@$(PY) -m src.commands.build_features "$(or $(BASE),operator)" $(FEATURE_OPTIONS)
else
features: data/bases/$(or $(BASE),operator)/features/built.json ## build the feature tables of a base: BASE=operator ENGINE=duckdb|spark SNAPSHOTS=2024-12,... FAMILIES=money,...
endif

# Built again when the code changes that built them: they leave a list of it.
data/bases/%/features/built.json: data/bases/%/built.json src/commands/build_features.py | $(READY)
	@$(PY) -m src.commands.build_features $*

$(STALE_FEATURES:%=data/bases/%/features/built.json): FORCE

-include $(BASES:%=data/bases/%/features.d)

# --- reports ----------------------------------------------------------------------------------
# Panels bring features to the notebooks that read them.
READ_FEATURES := 02_features 03_churn 04_ltv 05_segments
built_for = $(patsubst %,data/bases/%/built.json,$(1)) $(patsubst %,data/bases/%/features/built.json,$(filter $(1),$(PANELS)))
features_for = $(if $(filter $(1),$(READ_FEATURES)),$(if $(filter $(2),$(PANELS)),data/bases/$(2)/features/built.json))
# The tables of tiers that a user edits: that of all bases, and the base's own where there is one.
READ_TIERS := 05_segments
tiers_for = $(if $(filter $(1),$(READ_TIERS)),$(wildcard notebooks/params/tiers.yml data/bases/$(2)/tiers.yml))
notebook_of = $(firstword $(subst __, ,$(1)))
variant_of = $(patsubst $(call notebook_of,$(1))__%,%,$(1))
base_of = $(or $(base_of_$(1)),$(call variant_of,$(1)))

# Without BASE: the reports that have parameter files. Features come first, since Make would begin
# what waits for them last. A run may fail and the others still go on; the index is written in any
# case.
# With BASE=name: the base and its features, then a plan of the reports that it can carry.
ifeq ($(BASE),)
define PREPARED
$(if $(REFRESH),$(MAKE) --no-print-directory -k $(patsubst %,data/bases/%/built.json,$(FROM_DATABASES)) || true;) \
$(MAKE) --no-print-directory -k -j $(JOBS) REFRESH= features-read 2>/dev/null || true; planned=
endef
else
define PREPARED
$(MAKE) --no-print-directory data/bases/$(BASE)/built.json || exit 2; \
$(if $(filter $(BASE),$(PANELS)),$(MAKE) --no-print-directory REFRESH= $(call built_for,$(BASE)) || true;) \
planned=$$($(PY) -m src.commands.plan_reports $(BASE)) || exit 2
endef
endif

report: $(READY) ## regenerate the reports that changed and their digest, or the reports of one base: BASE=name
	@$(PREPARED); \
	status=0; \
	$(MAKE) --no-print-directory -k -j $(JOBS) REFRESH= $(if $(BASE),REPORTS="$$planned") reports || status=$$?; \
	if [ ! -f reports/index.html ] || [ -n "$$(find reports $(INDEXING) -newer reports/index.html \
	    \( -name '*.html' -o -name '*.json' -o -name '*.py' -o -name '*.j2' -o -name '*.css' \))" ]; then \
	  $(PY) -m src.commands.write_index; \
	fi; \
	if [ $$status -eq 0 ]; then echo "reports/index.html is up to date"; else \
	  echo "reports/index.html is written; some reports failed, see above" >&2; \
	  $(if $(BASE),,echo "reports/README.md takes all reports and stays as it was" >&2;) fi; \
	exit $$status

INDEXING := src/reporting/page/index.py src/commands/write_index.py src/reporting/page/templates

features-read: $(sort $(foreach report,$(REPORTS),$(call features_for,$(call notebook_of,$(report)),$(call base_of,$(report)))))
	@:

reports: $(REPORTS:%=reports/%.html) $(if $(BASE),,reports/README.md)
	@:

# The digest is kept with the code: it takes all reports or stays as it was, and where it would say
# the same its bytes are left alone.
reports/README.md: $(REPORTS:%=reports/runs/%.ipynb) \
		$(sort $(foreach report,$(EVERY_REPORT),notebooks/params/$(call notebook_of,$(report)))) \
		src/reporting/page/digest.py src/commands/write_digest.py | $(READY)
	@$(PY) -m src.commands.write_digest
	@touch $@

# A run has written its page; it is rendered again when what renders changed since.
reports/%.html: reports/runs/%.ipynb $(RENDERING)
	@if [ ! -f $@ ] || [ -n "$$(find $^ -newer $@)" ]; then $(PY) -m src.commands.render_report $*; fi

RUNNING := src/commands/run_notebook.py src/commands/notebooks.py

# A run depends on the notebook without its outputs: saving them changes no stamp.
reports/runs/.%.stamp: notebooks/%.ipynb | $(READY)
	@$(PY) -m src.commands.stamp_notebook $< $@

# $(1) report, $(2) notebook, $(3) variant, $(4) base
define run_rule
reports/runs/$(1).ipynb: reports/runs/.$(2).stamp $(if $(base_of_$(1)),notebooks/params/$(2)/$(3).yml) \
		data/bases/$(4)/built.json $(call features_for,$(2),$(4)) $(call tiers_for,$(2),$(4)) $(RUNNING) | $(READY)
	@$(PY) -m src.commands.run_notebook $(2) $(3)
endef
$(foreach report,$(REPORTS),$(eval $(call run_rule,$(report),$(call notebook_of,$(report)),$(call variant_of,$(report)),$(call base_of,$(report)))))

-include $(REPORTS:%=reports/runs/%.d)

# --- checks -----------------------------------------------------------------------------------
test: $(READY) ## run all tests but the slow studies
	@$(MAKE) --no-print-directory -j $(JOBS) REFRESH= $(TESTED)
	@$(PY) -m pytest -n $(JOBS)

TESTED := $(SHIPPED:%=data/bases/%/built.json) data/bases/operator/features/built.json

test-slow: $(READY) ## run the slow tests
	@$(PY) -m pytest -m slow

study: $(READY) ## run the simulation studies (slow) into docs/studies: STUDY=ltv_gap; SAME=1: only see that they hold for this code
	@for name in $(if $(STUDY),"$(STUDY)",$(STUDIES)); do $(PY) -m src.commands.run_study "$$name" $(if $(SAME),same); done

MILLION := data/scaled/operator_1000000x24/built.json
LARGE := data/scaled/operator_14500000x24/built.json
BENCHMARKS := $(basename $(notdir $(shell grep -ls "^def main" benchmarks/*.py)))

bench: $(VENV)/.bench $(SHIPPED:%=data/bases/%/built.json) $(MILLION) ## measure speed and accuracy against other ways; figures go to reports/metrics
	@for name in $(BENCHMARKS); do echo "$$name ..."; $(PY) -m "benchmarks.$$name"; done

bench-large: $(READY) $(MILLION) $(LARGE) ## measure the features of 240 million bills (4 GB on disk)
	@$(PY) -m benchmarks.features large

$(MILLION) $(LARGE): data/scaled/operator_%x24/built.json: | $(READY)
	@$(PY) -m src.commands.scale_operator $* 24

$(VENV)/.bench: requirements-bench.lock | $(READY)
	@uv=$$(command -v uv || echo $(VENV)/bin/uv); echo "installing Polars and mlxtend ..."; \
	$$uv pip install --quiet --python $(PY) --no-deps --require-hashes -r requirements-bench.lock
	@touch $@

lint: $(READY) lint-notebooks ## check style, formatting, types and that no outputs of notebooks get into git
	@$(VENV)/bin/ruff check --quiet .
	@$(VENV)/bin/ruff format --quiet --check .
	@$(VENV)/bin/mypy --no-error-summary
	@echo "lint: all good"

# What would be committed counts, not the working file, which may keep its outputs.
lint-notebooks: $(READY)
	@$(KEEP_OUTPUTS_OUT)
	@if [ -e .git ] && command -v git >/dev/null; then \
	  for file in $$(git ls-files 'notebooks/*.ipynb'); do \
	    git show ":$$file" | $(VENV)/bin/nbstripout --verify >/dev/null \
	      || { echo "error: $$file would be committed with outputs or traces of an editor; run: git add --renormalize $$file" >&2; exit 1; }; \
	  done; \
	fi

# --- the list of today -------------------------------------------------------------------------
score: $(READY) ## write today's list of a base, customer by customer, to data/scores: BASE=operator
	@$(if $(BASE),$(MAKE) --no-print-directory $(call built_for,$(BASE)))
	@$(PY) -m src.commands.score "$(BASE)"

# --- notebooks by hand ------------------------------------------------------------------------
lab: $(READY) ## open the notebooks in JupyterLab: LAB_ARGS="--no-browser --port 8899"
	@$(KEEP_OUTPUTS_OUT)
	@$(MAKE) --no-print-directory -j $(JOBS) $(BASES:%=lab/%)
	@# The only kernel is that of this environment, whatever others the user has: no dialog asks.
	@JUPYTER_PREFER_ENV_PATH=1 $(VENV)/bin/jupyter lab --ServerApp.root_dir="$(CURDIR)" \
	  --LabApp.default_url=/lab/tree/notebooks --KernelSpecManager.allowed_kernelspecs=python3 \
	  --FileContentsManager.post_save_hook=src.commands.saved_notebook.refresh $(LAB_ARGS)

# What notebooks read of a base. One that is refused takes itself out, not the others.
.PHONY: $(BASES:%=lab/%) lint-notebooks
$(BASES:%=lab/%): lab/%: | $(READY)
	@{ said=$$($(MAKE) --no-print-directory $(call built_for,$*) 2>&1 >&3); } 3>&1 \
	  && { [ -z "$$said" ] || echo "$$said" >&2; } \
	  || echo "the base $* is refused and left out; make data BASE=$* says why" >&2

clean: ## remove built bases and reports; sources and the environment stay
	rm -rf reports/*.html reports/.*.side reports/metrics reports/runs reports/plans data/.bases.mk* data/bases/*/.building-* \
	  data/bases/*/tables data/bases/*/truth data/bases/*/features data/bases/*/features.d data/bases/*/built.json

# `make` alone lists all targets. Needs git, make and python3 (3.11 or newer).
PYTHON ?= python3
PORT ?= 8000
UV := .venv/bin/uv
COOKOFF := .venv/bin/cookoff
LOCK := pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header $(UPGRADE)
# What the harness needs; pyproject.toml declares the same files.
HARNESS := bench/requirements/harness.in bench/requirements/uv.in bench/requirements/host.in \
	shared_db/requirements.in
INSTALL := pip install --quiet --python .venv --require-hashes
# $(call download,COMMAND) runs a command that downloads. A lost network is one line, not the retries.
NO_NETWORK := error sending request|dns error|network was disabled|NewConnectionError|ConnectTimeout
define download
@mkdir -p .venv; $(1) >.venv/download.log 2>&1 || { \
	grep -qE '$(NO_NETWORK)' .venv/download.log && { echo "no network: the package index\
	cannot be reached; connect, then run the same command again (log: .venv/download.log)" >&2; exit 3; }; \
	cat .venv/download.log >&2; exit 1; }
endef
# The same server and drivers in every framework's environment.
SHARED := -c ../../bench/requirements/host.txt -c ../../shared_db/requirements.txt
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## list these targets
	@awk -F ':.*## ' '/^[a-z%-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: .venv/.compare ## build every environment from its lock (NAMES="flask bare")
	@$(COOKOFF) setup $(NAMES)

.PHONY: list
list: .venv/.compare ## list the frameworks and the state of their environments
	@$(COOKOFF) list

# A pattern cannot be phony: FORCE runs the command even if a file is called serve-flask.
.PHONY: FORCE
FORCE:
serve-%: .venv/.compare FORCE ## serve the site in one framework, as in serve-flask (PORT=8000)
	@$(COOKOFF) serve $* --port $(PORT)

switch-%: .venv/.compare FORCE ## switch the served site to another framework (PORT=8000)
	@$(COOKOFF) switch $* --port $(PORT)

.PHONY: workbench
workbench: .venv/.compare ## use one site and watch all others (NAMES="flask bare", PORT=8000)
	@$(COOKOFF) workbench $(NAMES) --port $(PORT)

.PHONY: side-by-side
side-by-side: $(if $(FEATURE),.venv/.compare) ## show a feature in two frameworks (FEATURE=sign-in A=flask B=bare)
ifeq ($(and $(FEATURE),$(A)$(B)),)
	@echo "side-by-side shows the code of one feature in two frameworks; for example:" >&2
	@echo "  make side-by-side FEATURE=place-the-order A=flask B=django" >&2
	@echo "FEATURE is a feature of bench/frameworks/features.py, or a part of its id; A and B are" >&2
	@echo "frameworks, which make list shows." >&2
	@exit 2
else
	@$(COOKOFF) side-by-side "$(FEATURE)" $(A) $(B)
endif

.PHONY: trace journey
trace: .venv/.compare ## trace one request as a call tree (FEATURE=sign-in NAMES="flask bare")
	@$(COOKOFF) trace "$(or $(FEATURE),all)" $(NAMES)
journey: trace

.PHONY: contract
contract: .venv/.compare ## run the contract tests against each framework (NAMES="flask bare")
	@$(COOKOFF) contract $(NAMES)

.PHONY: code
code: .venv/.compare ## count lines, branches, framework names and packages (NAMES="flask bare")
	@$(COOKOFF) code $(NAMES)

.PHONY: behaviour
behaviour: .venv/.compare ## probe what each framework does by default (NAMES="flask bare")
	@$(COOKOFF) behaviour $(NAMES)
	@$(COOKOFF) behaviour $(NAMES) --limits

.PHONY: differential walk
walk: differential
differential: .venv/.compare ## compare all sites on one random sequence (NAMES, STEPS=300, SEED=7)
	@$(COOKOFF) differential $(NAMES) --steps $(or $(STEPS),300) $(if $(SEED),--seed $(SEED))

.PHONY: fuzz
fuzz: .venv/.compare ## send hostile requests to all sites (NAMES, REQUESTS=20000, SEED=7)
	@$(COOKOFF) fuzz $(NAMES) --requests $(or $(REQUESTS),20000) $(if $(SEED),--seed $(SEED))

.PHONY: cost
cost: .venv/.compare ## time the pages, in 2 minutes (NAMES="flask bare", OPTIONS=--full)
	@$(COOKOFF) cost $(NAMES) $(OPTIONS)

.PHONY: load
load: .venv/.compare ## measure the peak throughput (NAMES="flask bare", OPTIONS="--rate 200")
	@$(COOKOFF) load $(NAMES) $(or $(OPTIONS),--closed-loop)

.PHONY: cluster
cluster: .venv/.cluster ## install Dask, for measurements on several machines

.PHONY: compare
compare: .venv/.compare ## run the main comparison and write report/index.html
	@$(COOKOFF) compare $(NAMES)

.PHONY: report
report: .venv/.compare ## write the report again from the stored results
	@$(COOKOFF) report

# A command names a missing tool and ends with 3; the other commands run all the same.
MEASURED := "trace all" behaviour "behaviour --limits" "cost --full" "cost --scaling" \
	"cost --hardening --full" "cost --plain-links" "cost --instructions" "load --closed-loop --scaling" "load --peak-fraction 0.5" "load --servers"
.PHONY: measure
measure: compare ## run every measurement of the report, on an idle machine (NAMES="flask bare")
	@code=0; for what in $(MEASURED); do \
		echo "cookoff $$what $(NAMES)"; $(COOKOFF) $$what $(NAMES) || { status=$$?; [ $$status = 3 ] || code=$$status; }; \
	done; echo "cookoff kata check"; $(COOKOFF) kata check || code=$$?; $(COOKOFF) report || code=$$?; exit $$code

.PHONY: test
test: lint ## run all checks and all tests (PYTHON=python3.13)
	@# One worker more than the two cores of the CI: many tests wait.
	.venv/bin/pytest -n 3 --dist loadgroup $(filter-out tests/contract/,$(wildcard tests/*/))
	$(COOKOFF) contract
	$(COOKOFF) contract --as-taught --group core

.PHONY: unit
unit: .venv/.test ## run the tests that start no site, browser or database, in under a minute
	.venv/bin/pytest tests/bench -n 2 --dist loadgroup -m unit

.PHONY: coverage
coverage: .venv/.test ## measure the test coverage of bench and shared_db
	.venv/bin/coverage erase
	.venv/bin/coverage run -m pytest -q -n 0 tests/bench tests/shared_db
	.venv/bin/coverage combine -q
	.venv/bin/coverage report

.PHONY: format
format: .venv/.test ## format the code and sort the imports
	.venv/bin/ruff check --fix --select I .
	.venv/bin/ruff format .

.PHONY: lint
lint: .venv/.test ## check style, types and which package imports which
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

.PHONY: docs
docs: .venv/.compare ## write bench/COMMANDS.md and the JSON Schema of results.json
	@.venv/bin/python -m bench.cli.reference
	@.venv/bin/python -m bench.results.validation

.PHONY: mutants
mutants: .venv/.test ## plant faults in the apps; the contract must fail for each (NAMES)
	@$(COOKOFF) mutants $(NAMES)

.PHONY: database-create database-reset database-scale larder-create larder-reset larder-scale
database-create: .venv/.compare ## create the tables and the seed rows (DATABASE_URL is respected)
	@$(COOKOFF) database create
database-reset: .venv/.compare ## delete all rows and insert the seed rows
	@$(COOKOFF) database reset
database-scale: .venv/.compare ## add rows to the database (DISHES=100000 ORDERS=200000)
	@$(COOKOFF) database scale --dishes $(or $(DISHES),100000) --orders $(or $(ORDERS),200000)
larder-create: database-create
larder-reset: database-reset
larder-scale: database-scale

.PHONY: lock
lock: $(if $(NAMES),lock-apps,lock-all) ## resolve and lock the .in files (UPGRADE=--upgrade, NAMES="flask bare")

.PHONY: lock-all
lock-all: $(UV)
	$(UV) $(LOCK) bench/requirements/uv.in -o bench/requirements/uv.txt
	$(UV) $(LOCK) bench/requirements/host.in -o bench/requirements/host.txt
	$(UV) $(LOCK) shared_db/requirements.in -o shared_db/requirements.txt
	$(UV) $(LOCK) $(HARNESS) -c bench/requirements/uv.txt -c bench/requirements/host.txt \
		-c shared_db/requirements.txt -o bench/requirements/harness.txt
	$(UV) $(LOCK) $(HARNESS) bench/requirements/test.in -c bench/requirements/harness.txt \
		-o bench/requirements/test.txt
	$(UV) $(LOCK) $(HARNESS) bench/requirements/cluster.in -c bench/requirements/test.txt \
		-o bench/requirements/cluster.txt
	$(MAKE) --no-print-directory lock-apps

.PHONY: lock-apps
lock-apps: $(UV) ## resolve and lock the requirements of apps only (NAMES="flask bare")
	@for app in $(or $(NAMES),$(notdir $(patsubst %/,%,$(dir $(wildcard apps/*/requirements.in))))); do \
		[ -f apps/$$app/requirements.in ] || { echo "apps/$$app/requirements.in does not exist" >&2; exit 2; }; ( \
		cd apps/$$app && ../../$(UV) $(LOCK) requirements.in $(SHARED) -o requirements.txt ) || exit 1; \
	done

.PHONY: clean
clean: ## remove the environments and all run-time state, with the local database
	rm -rf .venv .venvs .cookoff .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info

$(UV): bench/requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "cookoff needs Python 3.11 or newer; try: make PYTHON=python3.12 setup" >&2; exit 3; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
		echo "$(PYTHON) lacks its venv module; install it (Debian: python3-venv)" >&2; exit 3; }
	@echo "creating .venv, and installing uv"
	@$(PYTHON) -m venv .venv
	$(call download,.venv/bin/python -m pip install --quiet --disable-pip-version-check --retries 1 \
		--no-deps --require-hashes -r bench/requirements/uv.txt)
	@touch $@

.venv/.compare: $(UV) bench/requirements/harness.txt pyproject.toml
	@echo "installing the harness in .venv"
	$(call download,$(UV) pip sync --python .venv --require-hashes bench/requirements/harness.txt)
	$(call download,$(UV) pip install --python .venv --no-deps --no-build-isolation --editable .)
	@touch $@

.venv/.test: .venv/.cluster bench/requirements/test.txt
	@echo "installing the tools of the tests in .venv"
	$(call download,$(UV) $(INSTALL) -r bench/requirements/test.txt)
	@touch $@

.venv/.cluster: .venv/.compare bench/requirements/cluster.txt
	@echo "installing Dask in .venv"
	$(call download,$(UV) $(INSTALL) -r bench/requirements/cluster.txt)
	@touch $@

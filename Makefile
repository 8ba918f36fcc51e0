# The one way in: `make` alone lists what there is. Needs git, make and python3 (3.11 or newer).
PYTHON ?= python3
PORT ?= 8000
UV := .venv/bin/uv
COOKOFF := .venv/bin/cookoff
LOCK := pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header $(UPGRADE)
INSTALL := pip install --quiet --python .venv --require-hashes
# The same server and drivers in every kitchen.
SHARED := -c ../../bench/requirements/host.txt -c ../../shared_db/requirements.txt
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## list these targets
	@awk -F ':.*## ' '/^[a-z%-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: .venv/.compare ## build every environment from its lock (NAMES="flask bare")
	@$(COOKOFF) setup $(NAMES)

serve-%: .venv/.compare ## serve one framework, as in serve-flask (PORT=8000)
	@$(COOKOFF) serve $* --port $(PORT)

switch-%: .venv/.compare ## put another framework behind the same address (PORT=8000)
	@$(COOKOFF) switch $* --port $(PORT)

.PHONY: side-by-side
side-by-side: .venv/.compare ## one feature in two frameworks (FEATURE=place-the-order A=flask B=django)
	@$(COOKOFF) side-by-side "$(FEATURE)" $(A) $(B)

.PHONY: journey
journey: .venv/.compare ## follow one request there and back (FEATURE=place-the-order NAMES="flask bare")
	@$(COOKOFF) journey "$(or $(FEATURE),all)" $(NAMES)

.PHONY: contract
contract: .venv/.compare ## ask every framework what a guest relies on (NAMES="flask bare")
	@$(COOKOFF) contract $(NAMES)

.PHONY: code
code: .venv/.compare ## count lines, branches, framework names and packages (NAMES="flask bare")
	@$(COOKOFF) code $(NAMES)

.PHONY: behaviour
behaviour: .venv/.compare ## ask every framework what it does by itself, and its limits (NAMES="flask bare")
	@$(COOKOFF) behaviour $(NAMES)
	@$(COOKOFF) behaviour $(NAMES) --limits

.PHONY: walk
walk: .venv/.compare ## walk at random through all sites at once; they must agree (NAMES, STEPS=300, SEED=7)
	@$(COOKOFF) walk $(NAMES) --steps $(or $(STEPS),300) $(if $(SEED),--seed $(SEED))

.PHONY: fuzz
fuzz: .venv/.compare ## send hostile requests to all sites at once (NAMES, REQUESTS=20000, SEED=7)
	@$(COOKOFF) fuzz $(NAMES) --requests $(or $(REQUESTS),20000) $(if $(SEED),--seed $(SEED))

.PHONY: cluster
cluster: .venv/.cluster ## install what shares measurements out among machines

.PHONY: compare
compare: .venv/.compare ## everything, ending in report/index.html
	@$(COOKOFF) compare $(NAMES)

# A tool that is missing (exit code 3) is named by the command, and stops no other.
MEASURED := "journey all" behaviour "behaviour --limits" "cost --full" "cost --growth" \
	"cost --instructions" "load --closed --growth" "load --share 0.5" "load --servers"
.PHONY: measure
measure: compare ## all that the report can hold, on an idle machine (NAMES="flask bare")
	@code=0; for what in $(MEASURED); do \
		echo "cookoff $$what $(NAMES)"; $(COOKOFF) $$what $(NAMES) || { found=$$?; [ $$found = 3 ] || code=$$found; }; \
	done; $(COOKOFF) report || code=$$?; exit $$code

.PHONY: test
test: lint ## lint, then every test
	.venv/bin/pytest -n 2 --dist loadgroup

.PHONY: lint
lint: .venv/.test ## check style, types and which package imports which
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

.PHONY: mutants
mutants: .venv/.test ## break the apps on purpose and see the contract go red
	@$(COOKOFF) mutants $(NAMES)

.PHONY: larder-create
larder-create: .venv/.compare ## make the tables and the seed (DATABASE_URL is respected)
	@$(COOKOFF) larder create

.PHONY: larder-reset
larder-reset: .venv/.compare ## empty the larder and seed it again
	@$(COOKOFF) larder reset

.PHONY: larder-scale
larder-scale: .venv/.compare ## make the larder bigger (DISHES=100000 ORDERS=200000)
	@$(COOKOFF) larder scale --dishes $(or $(DISHES),100000) --orders $(or $(ORDERS),200000)

.PHONY: lock
lock: $(UV) ## lock again what the .in files ask for (UPGRADE=--upgrade)
	$(UV) $(LOCK) bench/requirements/uv.in -o bench/requirements/uv.txt
	$(UV) $(LOCK) bench/requirements/host.in -o bench/requirements/host.txt
	$(UV) $(LOCK) shared_db/requirements.in -o shared_db/requirements.txt
	$(UV) $(LOCK) bench/requirements/harness.in -c bench/requirements/uv.txt -c bench/requirements/host.txt -c shared_db/requirements.txt \
		-o bench/requirements/harness.txt
	$(UV) $(LOCK) bench/requirements/test.in -c bench/requirements/harness.txt -o bench/requirements/test.txt
	$(UV) $(LOCK) bench/requirements/cluster.in -c bench/requirements/test.txt \
		-o bench/requirements/cluster.txt
	for app in $(dir $(wildcard apps/*/requirements.in)); do ( \
		cd $$app && ../../$(UV) $(LOCK) requirements.in $(SHARED) -o requirements.txt ) || exit 1; \
	done

.PHONY: clean
clean: ## remove the environments and all run-time state, the local larder too
	rm -rf .venv .venvs .cookoff .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info

$(UV): bench/requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "cookoff needs Python 3.11 or newer; try: make PYTHON=python3.12 setup" >&2; exit 3; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
		echo "$(PYTHON) lacks its venv module; install it (Debian: python3-venv)" >&2; exit 3; }
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check \
		--no-deps --require-hashes -r bench/requirements/uv.txt
	@touch $@

.venv/.compare: $(UV) bench/requirements/harness.txt pyproject.toml
	$(UV) pip sync --quiet --python .venv --require-hashes bench/requirements/harness.txt
	$(UV) pip install --quiet --python .venv --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.test: .venv/.cluster bench/requirements/test.txt
	$(UV) $(INSTALL) -r bench/requirements/test.txt
	@touch $@

.venv/.cluster: .venv/.compare bench/requirements/cluster.txt
	$(UV) $(INSTALL) -r bench/requirements/cluster.txt
	@touch $@

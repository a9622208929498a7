# Two commands are enough: `make serve` and `make test`. Both install what is missing first, into this folder.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The first Python on the machine that is new enough; `make serve PYTHON=/path/to/python3.12` picks another.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
BIN := .venv/bin
INSTALL = $(if $(PYTHON),$(PYTHON),$(error Python 3.11 or newer is needed; on Debian: apt-get install python3-venv)) \
	tools/install.py
# Tests of one file stay together, since they share a database server. `make check` has run those of the architecture.
PYTEST_ARGS ?= -n auto --maxprocesses 4 --dist loadfile
BANDIT := $(BIN)/bandit --quiet --configfile pyproject.toml --recursive
# Triggers of migrations are written from names of ours, as pyproject.toml says for ruff.
# It warns of every `nosec` that only one of its tests needs: what it says counts where it fails.
silent = said=$$($(1) 2>&1) || { echo "$$said"; exit 1; }
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header

.PHONY: help install serve practice test clients check audit fuzz torture bench bench-peers pictures format lock clean

help: ## Say what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/make \1	\2/' | expand -t 18

install: ## Install what serving needs into .venv and node_modules
	@$(INSTALL) run

serve: install ## Install, migrate, seed and serve on http://127.0.0.1:8000
	@$(BIN)/taluy migrate
	@$(BIN)/taluy seed
	@exec $(BIN)/taluy serve

practice: export TALUY_DATA_DIR := $(or $(TALUY_DATA_DIR),data/var)/practice
practice: export TALUY_DATABASE_URL :=
practice: install ## Serve invented practice data from a database of its own
	@$(BIN)/taluy migrate
	@$(BIN)/taluy seed --practice
	@exec $(BIN)/taluy serve

test: check ## Check and run every test, on SQLite and on PostGIS
	@$(BIN)/pytest $(PYTEST_ARGS) --deselect tests/test_architecture.py

clients: ## Read the registry with QGIS itself; installs QGIS (1.3 GB) first
	@$(INSTALL) clients
	@$(BIN)/pytest -m clients tests/clients

check: ## Lint, format, types of Python and JavaScript, security, architecture
	@$(INSTALL) test
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(call silent,$(BANDIT) app tools)
	@$(call silent,$(BANDIT) --skip B608 migrations)
	@PATH="$(CURDIR)/$(BIN):$$PATH" node_modules/.bin/tsc --project .
	@PATH="$(CURDIR)/$(BIN):$$PATH" node_modules/.bin/tsc --project tsconfig.worker.json
	@$(BIN)/pytest -q -p no:cacheprovider tests/test_architecture.py

audit: ## Ask what is known of the locked packages; needs the network
	@$(INSTALL) test
	@$(BIN)/python tools/audit.py

fuzz: ## Try the HTTP interface with many generated requests
	@$(INSTALL) test
	@FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-200} $(BIN)/pytest -m fuzz

torture: ## Break an officer's phone and the service a thousand times (TORTURE_KILLS, TORTURE_SEED)
	@$(INSTALL) test
	@$(BIN)/python -m tests.phone.torture

bench: ## Measure and print the figures of bench/
	@$(INSTALL) test
	@$(BIN)/python -m bench

bench-peers: ## Measure the GIS door beside tipg and pygeoapi; PEERS=growth: a thousand sites and a million
	@$(INSTALL) test
	@$(BIN)/python -m bench.peers $(PEERS)

pictures: ## Take the pictures of the field guide anew
	@$(INSTALL) test
	@PICTURES=docs/pictures $(BIN)/pytest -q tests/phone/test_as_seen.py -k picture

format: ## Bring the code into its format
	@$(INSTALL) test
	@$(BIN)/ruff check --fix --exit-zero
	@$(BIN)/ruff format

lock: ## Make the lock files again from pyproject.toml and package.json
	@$(INSTALL) test
	@$(BIN)/python -m pip --disable-pip-version-check -q install 'uv>=0.13,<0.14'
	@$(COMPILE) $(UPGRADE) pyproject.toml --group build --output-file requirements.lock
	@$(COMPILE) $(UPGRADE) pyproject.toml --group build --group dev --constraint requirements.lock \
		--output-file requirements-dev.lock
	@$(COMPILE) $(UPGRADE) --group node --output-file requirements-node.lock
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm install --package-lock-only --ignore-scripts --no-audit --no-fund

clean: ## Remove what was installed and built; data stays
	rm -rf .venv node_modules bench/.peers .install.lock .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find app bench migrations tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

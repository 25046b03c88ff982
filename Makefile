# `make` alone lists the targets. Each works on a fresh clone: what it needs is installed into .venv first.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
DEMO   := $(VENV)/.demo
GENERATOR := $(VENV)/.generator

# Slow tests of what rarely changes: pages, browser, pictures, the server for assistants as a process, benchmarks, wheel.
SLOW   := tests/docs tests/bench tests/extras/report/test_report_browser.py tests/extras/report/test_report_layout.py \
          tests/extras/cli/test_cli_plots.py tests/extras/export/test_plot_charts.py \
          tests/extras/mcp_server/test_mcp_process.py tests/end_to_end/test_wheel.py

# Tests start many processes. Without compiled files, each would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup generate endpoint check-generated demo test test-slow test-lowest test-newest test-resolution fuzz contract contract-cli \
        contract-tools mutants bench bench-budget docs docs-pictures lint format types build clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Install $(WANTED), show a line for each package and all errors, and write the stamp on success.
define install
@rm -f $@
@{ $(BIN)/pip install --disable-pip-version-check --progress-bar off --constraint constraints.txt $(WANTED) && touch $@; } 2>&1 \
    | grep --line-buffered -E '^(Collecting|Processing|Installing collected|WARNING: Retrying|ERROR|error)' | cut -d '(' -f 1
@test -e $@
endef

$(READY): WANTED = --group dev --editable '.[all]'
$(READY): pyproject.toml constraints.txt
	@echo "Making $(VENV) with all that the targets need: once, about 700 MB"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check 'pip>=25.1'
	$(install)
	@touch $(DEMO) $(GENERATOR)

$(DEMO): WANTED = --editable '.[cli,mock,report]'
$(DEMO): pyproject.toml constraints.txt
	@echo "Making $(VENV) with what the demo needs: once"
	@$(PYTHON) -m venv $(VENV)
	$(install)

$(GENERATOR): WANTED = --group generate
$(GENERATOR): pyproject.toml constraints.txt
	@echo "Making $(VENV) with what the generator needs: once, about 90 MB"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check 'pip>=25.1'
	$(install)

setup: $(READY) ## Make .venv, with everything the other targets need

generate: $(GENERATOR) ## Write generated/ from spec/
	$(BIN)/python -B spec/generate.py

endpoint: $(GENERATOR) ## Add an endpoint to the contract: FROM=file.yaml OPERATION="GET /sapi/v1/…"
	@$(BIN)/python -B spec/endpoint.py "$(FROM)" "$(OPERATION)" $(if $(WEIGHT),--weight="$(WEIGHT)")

check-generated: $(GENERATOR) ## Fail if generated/ is out of date
	$(BIN)/python -B spec/generate.py --check

demo: $(DEMO) ## Show balances, snapshots and a report, from a mock exchange
	@$(BIN)/python docs/demo.py

test: $(READY) ## Run all tests but the slow ones
	$(BIN)/pytest -n 4 --dist loadgroup $(SLOW:%=--ignore=%)

test-slow: $(READY) ## Run the slow tests: pages, browser, pictures, server for assistants, benchmarks, wheel
	$(BIN)/pytest -n 2 --dist loadgroup $(SLOW)

test-lowest: $(READY) ## Run the tests with the lowest versions that pyproject.toml allows
	$(MAKE) --no-print-directory test-resolution RESOLUTION=lowest-direct

test-newest: $(READY) ## Run the tests with the newest versions that pyproject.toml allows
	$(MAKE) --no-print-directory test-resolution RESOLUTION=highest

test-resolution:
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python build/$(RESOLUTION)
	$(BIN)/uv pip install --quiet --python build/$(RESOLUTION) --resolution $(RESOLUTION) \
	    --group dev --editable '.[all]'
	ANY_VERSIONS=1 build/$(RESOLUTION)/bin/pytest -n 2 --dist loadgroup

fuzz: $(READY) ## Try many more responses, clocks, budgets and tables
	FUZZ=1 $(BIN)/pytest -n 2 tests/overlay/core tests/overlay/budget/test_rule.py tests/overlay/faults/test_fuzz.py tests/extras/cli/test_cli_widths.py \
	    tests/extras/archive/test_archive_processes.py

contract-tools: ## Install the contract tests' Node tools, where there is npm
	@npm install --prefix tests/contract --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error \
	    || echo "npm is missing or failed: the tests with Prism and Redocly will be skipped"

contract: $(READY) contract-tools ## Run the contract tests in full
	CONTRACT_PROFILE=full $(BIN)/pytest -n 2 --dist loadgroup --junit-xml build/contract.xml \
	    tests/contract tests/spec/test_contract.py

contract-cli: $(READY) ## Run the contract tests with schemathesis's command
	tests/contract/contract-cli.sh

mutants: $(READY) ## Run the mutation tests: a test must fail for each mutant
	PYTHONPATH=tests $(BIN)/python -m contract.mutants

bench: $(READY) ## Compare with other clients; writes bench/RESULTS.md
	$(BIN)/python bench/run.py

bench-budget: $(READY) ## Run 1 to 64 processes with each kind of weight budget
	$(BIN)/python bench/budget.py

docs: $(READY) ## Build the pages into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

docs-pictures: $(READY) ## Draw the pictures in docs/, from a mock exchange
	$(BIN)/python docs/make_pictures.py

lint: $(READY) ## Check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(READY) ## Fix style and formatting
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(READY) ## Check types with mypy and pyright
	$(BIN)/mypy
	$(BIN)/pyright

build: $(READY) ## Build the wheel and the source distribution into dist/
	rm -rf dist
	$(BIN)/python -m build --no-isolation

clean: ## Remove all that make and the tests have made
	rm -rf $(VENV) build dist site tests/contract/node_modules .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One word each for what people do here. `make` alone lists them.

PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= 5

# Compiled once and kept: a town of the tests starts a dozen processes of the same source.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint check fix bench soak screenshots browser provider clean

help: ## List these words
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Make .venv with everything in it (instant when nothing changed)
	@PYTHON="$(PYTHON)" .ci/setup

demo: setup ## Start everything on this machine; RESET=1 begins anew; stop with Ctrl-C
	@exec $(BIN)/onthaal demo $(if $(filter 1 yes,$(RESET)),--reset)

test: setup browser provider lint ## Everything: lint, types, contracts, unit, database, journeys
	@$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

lint: setup
	@echo "Lint"      && $(BIN)/ruff check .
	@echo "Format"    && $(BIN)/ruff format --check .

check: lint ## Lint, format, types and import contracts only
	@echo "Types"     && $(BIN)/mypy
	@echo "Contracts" && $(BIN)/lint-imports --no-logo

fix: setup ## Format, and mend what the linter can mend by itself
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

bench: setup ## Measure, and print a table with this machine's name
	@$(BIN)/python -m bench

soak: setup ## Run one wall for hours and compare the ledgers
	@$(BIN)/python -m bench.soak

screenshots: setup browser ## Make the pictures of the README from the demo
	@$(BIN)/python -m bench.screenshots

browser:
	@.ci/browser

provider: setup
	@.ci/provider

clean: ## Remove .venv and every cache (the demo's data stays)
	@rm -rf .venv build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis src/onthaal.egg-info tests/provider/node_modules
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

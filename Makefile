# Everything starts from a fresh clone with Python 3.11 or newer and make.
PYTHON ?= python3
BIN := .venv/bin
WEB := agents_ui/web
WIDGET := channels/webchat/widget
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup dev run demo test check fmt bench screenshots openapi lock clean

help: ## Show what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: ## Install what the hub needs and build the browser app
	@$(PYTHON) tools/bootstrap.py

dev: ## Install what tests and linters need, too
	@$(PYTHON) tools/bootstrap.py --dev

run: setup ## Run the hub here; prints its address and, at first, the owner's link
	@exec $(BIN)/python -m hub run

demo: setup ## Fill an empty hub with demo data
	@$(BIN)/python -m hub demo

test: dev ## Run every test of the hub and of the browser app
	$(BIN)/pytest -n 2 -m "not bench"
	npm --prefix $(WEB) test
	npm --prefix $(WIDGET) test

check: dev ## Check format, lint, types, imports, project rules and the API document
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python -m tools.lints
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/python -m tools.openapi --check
	npm --prefix $(WEB) run check
	npm --prefix $(WIDGET) run check

fmt: dev ## Format everything
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	npm --prefix $(WEB) run format
	npm --prefix $(WIDGET) run format

bench: dev ## Measure every bar, or one: make bench NAME=ingest_burst
	$(BIN)/python -m bench $(NAME)

screenshots: dev ## Take docs/images anew from a hub with demo data
	$(BIN)/python -m tools.screenshots

openapi: dev ## Write docs/openapi.json and the browser's types anew
	$(BIN)/python -m tools.openapi

lock: dev ## Pin every dependency anew, with hashes and without hosts
	$(BIN)/python -m tools.lock

clean: ## Remove what was built, but no data
	rm -rf .venv $(WEB)/node_modules $(WIDGET)/node_modules tests/peers/node_modules
	rm -rf agents_ui/static channels/webchat/static .mypy_cache .ruff_cache .pytest_cache

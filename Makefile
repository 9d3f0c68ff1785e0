# Everything runs in .venv, made by `make setup` from uv.lock. uv itself is taken from PATH, or else from PyPI into .tools.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
UV := $(shell command -v uv || echo .tools/bin/uv)
RUN := .venv/bin/
CHROMIUM := /usr/bin/chromium
SUDO := $(if $(filter-out 0,$(shell id -u)),sudo)
CORPUS ?=
SONGS ?= 2000
SEED ?= 7

.PHONY: help setup chromium up down status demo lint bench bench-agent test test-unit test-e2e clean

help: ## List what there is to make
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.tools/bin/uv:
	$(PYTHON) -m venv .tools
	.tools/bin/pip install --quiet uv==0.13.9

.venv/.made: pyproject.toml uv.lock $(filter .tools/bin/uv,$(UV))
	$(UV) sync --locked --python $(PYTHON) --compile-bytecode
	@touch $@

setup: .venv/.made ## Make .venv with everything that is needed, from PyPI

$(CHROMIUM):
	$(SUDO) apt-get update
	$(SUDO) apt-get install --yes --no-install-recommends chromium

chromium: $(CHROMIUM) ## Install the browser in which pages are tested, from Debian, where it is missing

up: setup ## Bring the lab up (idempotent)
	$(RUN)chaos-control up

down: setup ## Stop the lab; its data stay
	$(RUN)chaos-control down

status: setup ## Show the lab's components
	$(RUN)chaos-control status

demo: setup ## The whole thread: lab, corpus, an undisturbed run, one experiment; exits with the verdict (CORPUS=dir for real files)
	$(RUN)chaos-control demo --songs $(SONGS) --seed $(SEED) $(if $(CORPUS),--corpus $(CORPUS))

lint: setup ## Style, types and import contracts
	$(RUN)ruff format --check .
	$(RUN)ruff check .
	$(RUN)mypy
	$(RUN)lint-imports --no-logo

test-unit: setup ## Fast tests
	$(RUN)pytest -m "not e2e"

test-e2e: setup chromium ## Tests on real labs of their own, and of pages in a browser
	$(RUN)pytest -m e2e --timeout 900

bench: setup ## Time Scale beside the original's way, and write docs/benchmarks.md (CORPUS=dir for real files)
	$(RUN)python -m benchmarks --write docs/benchmarks.md $(if $(CORPUS),--corpus $(CORPUS))

bench-agent: setup ## Time the agent's strikes and the cost of being watched, on a lab of its own, and write docs/benchmarks-agent.md
	$(RUN)python -m benchmarks.agent --write docs/benchmarks-agent.md

.PHONY: bench-console
bench-console: setup ## Time the console's pages before an agent that knows 10,000 runs, and write docs/benchmarks-console.md
	$(RUN)python -m benchmarks.console --write docs/benchmarks-console.md

.PHONY: bench-webapp
bench-webapp: setup ## Time the recommender with 178,000 songs, also while its warehouse is killed, and write docs/benchmarks-webapp.md
	$(RUN)python -m benchmarks.webapp --write docs/benchmarks-webapp.md

test: lint test-unit test-e2e ## Everything that CI checks

clean: ## Remove what was built; asks the lab to stop first
	@if [ -x $(RUN)chaos-control ]; then $(RUN)chaos-control down --purge; fi
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis

# The one door. `make check` is what continuous integration runs, in the environment at hand.
# QUIET=1 prints a line for each target and the output of those that fail.

BIN := .venv/bin
PYTHON ?= python3

ifdef QUIET
run = @out=$$( ( $(1) ) 2>&1 ) && echo "$@: fine" || { status=$$?; echo "$$out"; echo "$@: failed"; exit $$status; }
else
run = $(1)
endif

.PHONY: help setup check test browser load lint types imports docs bench news names helpdesk

help:
	@echo "setup check test browser load lint types imports docs bench news names helpdesk (QUIET=1 for few words)"

setup:
	$(call run,$(PYTHON) -m venv .venv && $(BIN)/pip install -e '.[test$(comma)lint$(comma)docs]')

check: lint types imports test docs

test:
	$(call run,$(BIN)/python -m pytest)

lint:
	$(call run,$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/codespell)

types:
	$(call run,$(BIN)/mypy)

imports:
	$(call run,$(BIN)/lint-imports)

docs:
	$(call run,$(BIN)/sphinx-build -q -W --keep-going -b html docs build/docs)

# The benchmarks and their peers: `.venv/bin/pip install -e '.[bench]'` brings the peers.
bench:
	$(call run,set -e; mkdir -p build/bench; for each in benchmarks/bench_*.py; do $(BIN)/python "$$each" --json "build/bench/$$(basename "$$each" .py).json"; done)

# What the next release's section of CHANGELOG.md will say.
news:
	$(call run,$(BIN)/towncrier build --draft --version next)

# Accept the public names and signatures as they are now.
names:
	$(call run,$(BIN)/python -m pytest -q tests/house/test_public_names.py --snapshot-update)

# The tests in a browser; they need Chromium.
browser:
	$(call run,$(BIN)/python -m pytest -m browser)

# The tests of many processes, calls or kills at once.
load:
	$(call run,$(BIN)/python -m pytest -m load)

# A real helpdesk with a desk behind it, at http://localhost:8000.
helpdesk:
	examples/django_helpdesk/start

comma := ,

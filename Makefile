# The two commands: `make up` and `make test`. Everything is made here: .venv, .lab, .warren.
STACK ?= dev
PYTHON ?= python3
VENV := .venv
WARREN := $(VENV)/bin/warren
# `warren up` tells how long the whole took, what came before it included.
STARTED := $(shell date +%s.%N)
LOCK := $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url

.PHONY: up down status test soak bench lint venv lock clean

venv: $(VENV)/.made

$(VENV)/.made: requirements-dev.txt requirements-uv.txt pyproject.toml scripts/virtual_environment.py
	@echo "making the virtual environment (10 s by uv, a minute by pip)"
	@$(PYTHON) scripts/virtual_environment.py $(VENV) requirements-dev.txt --editable .

up: venv ## bring the stack up, with its lab
	@WARREN_STARTED=$(STARTED) $(WARREN) up --stack $(STACK)

status: venv ## how it is
	@$(WARREN) status --stack $(STACK)

down: venv ## take the stack and its lab away
	@$(WARREN) down --stack $(STACK) --yes --lab

lint: venv ## format, lint, layers, types
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/lint-imports --no-cache
	@$(VENV)/bin/basedpyright

test: venv lint ## every test that can run here
	@$(VENV)/bin/python -m pytest

soak: venv ## thousands of stack files by chance, against the reading of settings
	@WARREN_SOAK=$(or $(EXAMPLES),5000) $(VENV)/bin/python -m pytest -q tests/unit/settings/test_fuzz.py

bench: venv ## figures, printed; see docs/benchmarks.md
	@$(VENV)/bin/python -m benchmarks

lock: venv ## requirements*.txt anew from requirements*.in, with hashes (needs uv)
	@$(LOCK) requirements.in -o requirements.txt
	@for name in dev checkov cloudformation uv; do $(LOCK) requirements-$$name.in -o requirements-$$name.txt || exit 1; done

clean: down ## also the virtual environment
	@rm -rf $(VENV) .warren .lab

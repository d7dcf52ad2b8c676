# The two commands: `make up` and `make test`. Everything is made here: .venv, .lab, .warren.
STACK ?= dev
PYTHON ?= python3
VENV := .venv
WARREN := $(VENV)/bin/warren

.PHONY: up down status test bench lint venv clean

venv: $(VENV)/.made

$(VENV)/.made: requirements.txt requirements-dev.txt pyproject.toml
	@echo "making the virtual environment (about a minute the first time)"
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . 2>/dev/null || \
		$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

up: venv ## bring the stack up, with its lab
	@$(WARREN) up --stack $(STACK)

status: venv ## how it is
	@$(WARREN) status --stack $(STACK)

down: venv ## take the stack and its lab away
	@$(WARREN) down --stack $(STACK) --yes --lab

lint: venv ## format, lint, types
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/basedpyright

test: venv lint ## every test that can run here
	@$(VENV)/bin/python -m pytest

bench: venv ## figures, printed; see docs/benchmarks.md
	@$(VENV)/bin/python -m benchmarks

clean: down ## also the virtual environment
	@rm -rf $(VENV) .warren .lab

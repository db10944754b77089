# `make` alone lists the targets. Everything is installed into .venv on first use.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SHELL  := /bin/bash
# Everything that the command can do; setup.cfg lists what each extra brings.
EXTRAS := age,html,link,metrics,objects,sandbox
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable
# What the apply target hands on, e.g. make apply ARGS="--yes --concurrency 4"
ARGS   ?=

# What Python has compiled it may keep: it is half of what collecting the tests costs.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo test nightly lowest pythons release check man format validate plan apply status bench bench-quick wheel site clean

help: ## list the targets
	@echo "make TARGET, one of:"
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1|\2/' | column -t -s '|'

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "error: Python 3.11 or newer is needed; name one: make PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV)

# `uv sync` takes away what no extra asked it for, and makes an environment without pip.
WITH_PIP := $(BIN)/python -c 'import pip' 2>/dev/null || $(BIN)/python -m ensurepip >/dev/null
ifeq ($(wildcard $(VENV)/lib/python3*/site-packages/uvicorn),)
.PHONY: $(VENV)/.run
endif

# One stamp for each set of extras; setup.cfg decides when they are out of date (README: its links).
$(VENV)/.run: setup.cfg setup.py pyproject.toml README.md | $(VENV)/bin/python
	@echo "installing the reconciler into $(VENV) ..."
	@$(WITH_PIP)
	@$(INSTALL) '.[$(EXTRAS)]'
	@touch $@

$(VENV)/.test: $(VENV)/.run
	@echo "installing what the tests need ..."
	@$(INSTALL) '.[$(EXTRAS),test]'
	@touch $@

$(VENV)/.dev: $(VENV)/.test
	@echo "installing formatter, linter and type checker ..."
	@$(INSTALL) '.[$(EXTRAS),test,dev]'
	@touch $@

$(VENV)/.bench: $(VENV)/.test
	@echo "installing the peers that the benchmarks measure against ..."
	@$(INSTALL) '.[$(EXTRAS),test,bench]'
	@touch $@

demo: $(VENV)/.run ## try it: sandbox, plan, apply, apply again, bill (no account needed)
	@PATH="$(CURDIR)/$(BIN):$$PATH" examples/demo.sh

test: $(VENV)/.test ## install what the tests need and run them
	@$(BIN)/python -m pytest -n auto

nightly: $(VENV)/.test ## what is long: schedules, mutants, the model (spin), old and new versions
	@HYPOTHESIS_PROFILE=nightly $(BIN)/python -m pytest -n auto
	@$(MAKE) --no-print-directory lowest pythons

$(VENV)/.site: setup.cfg | $(VENV)/bin/python
	@echo "installing what builds the site ..."
	@$(WITH_PIP)
	@$(INSTALL) '.[site]'
	@touch $@

site: $(VENV)/.site ## build the documentation as a site, into build/site
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict
	@! grep -rlE '(src|href)="https?://[^"]+\.(js|css|woff2?|png|svg)"' build/site --include='*.html' \
		|| { echo "error: these pages ask somebody else for something" >&2; exit 1; }
	@echo "build/site/index.html"

man: $(VENV)/.run ## write man pages into build/man
	@mkdir -p build/man
	@$(BIN)/reconciler help --man >build/man/reconciler.1
	@for command in $$($(BIN)/python -c 'from reconciler.cli.pages import COMMANDS; print(*COMMANDS)'); do \
		$(BIN)/reconciler help --man $$command >build/man/reconciler-$$command.1; \
	done
	@ls build/man

format: $(VENV)/.dev ## format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

check: $(VENV)/.dev ## what CI runs: format, lint, types, tests with coverage, wheel
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@rm -f .coverage .coverage.*
	@$(BIN)/python -m pytest -n auto --cov --cov-report=
	@$(BIN)/coverage report --fail-under=$(COVERAGE_FLOOR)
	@$(MAKE) --no-print-directory wheel

# Branch coverage of the package, subprocesses included. What is left out are mostly branches that only
# another machine reaches (no libyaml, other error texts); a new module without tests goes below it.
COVERAGE_FLOOR := 95

validate: $(VENV)/.run ## check instances.yaml
	@$(BIN)/reconciler validate

plan: $(VENV)/.run ## show what apply would do
	@$(BIN)/reconciler plan

apply: $(VENV)/.run ## create what is missing (needs GREEN_API_PARTNER_TOKEN)
	@if [ -z "$$GREEN_API_PARTNER_TOKEN$$GREEN_API_PARTNER_TOKEN_FILE" ]; then \
		echo "error: the partner token is missing" >&2; \
		echo "hint: set GREEN_API_PARTNER_TOKEN (or GREEN_API_PARTNER_TOKEN_FILE to a file's path);" >&2; \
		echo "hint: without an account, rehearse on the sandbox: make demo, or reconciler sandbox" >&2; \
		exit 2; \
	fi
	@$(BIN)/reconciler apply $(ARGS)

status: $(VENV)/.run ## show what is recorded
	@$(BIN)/reconciler status

wheel: $(VENV)/.dev ## build the wheel, install it in a clean environment, run it
	@rm -rf build dist
	@$(BIN)/python -m build --wheel --outdir dist . >dist.log 2>&1 || { cat dist.log; rm -f dist.log; exit 1; }
	@rm -f dist.log
	@$(BIN)/python -m zipfile -l dist/*.whl | grep 'reconciler/schema/manifest.schema.json' >/dev/null \
		|| { echo "error: the wheel lacks reconciler/schema/manifest.schema.json" >&2; exit 1; }
	@$(BIN)/python -m zipfile -l dist/*.whl | grep 'reconciler/schema/state.schema.json' >/dev/null \
		|| { echo "error: the wheel lacks reconciler/schema/state.schema.json" >&2; exit 1; }
	@rm -rf build/clean && $(PYTHON) -m venv build/clean
	@build/clean/bin/python -m pip install --quiet --disable-pip-version-check dist/*.whl
	@cd build/clean && bin/reconciler --version && bin/reconciler schema >/dev/null \
		&& bin/reconciler validate --manifest ../../instances.yaml
	@ls dist/*.whl

release: $(VENV)/.dev ## check, build and write the notes of a release; publishes nothing
	@mkdir -p build && $(BIN)/python -m docs.release >build/notes.md
	@rm -rf dist
	@$(BIN)/python -m build --outdir dist . >build/log 2>&1 || { cat build/log; exit 1; }
	@$(BIN)/twine check --strict dist/*
	@mv build/notes.md dist/NOTES.md
	@ls dist/*
	@echo "left to do: git tag, git push --tags, then upload dist/*.whl and dist/*.tar.gz"

# The suite with the oldest versions that setup.cfg allows, and with every other Python at hand.
lowest: ## the tests with the oldest dependencies that setup.cfg allows
	@$(MAKE) --no-print-directory .elsewhere NAME=lowest VERSION=$(BIN)/python RESOLUTION=lowest-direct

# Versions, or paths of interpreters.
PYTHONS ?= 3.12 3.13 3.14

pythons: $(VENV)/.test ## the tests with Python 3.12, 3.13 and 3.14, where they are installed
	@for version in $(PYTHONS); do \
		if $(BIN)/uv python find --quiet --no-python-downloads $$version >/dev/null 2>&1; then \
			$(MAKE) --no-print-directory .elsewhere NAME=python$${version//\//-} VERSION=$$version RESOLUTION=highest || exit 1; \
		else echo "skipped: there is no Python $$version on this machine"; fi; \
	done

.PHONY: .elsewhere
.elsewhere: $(VENV)/.test
	@$(BIN)/uv venv --quiet --clear --python $(VERSION) build/$(NAME)
	@$(BIN)/uv pip install --quiet --python build/$(NAME) --resolution $(RESOLUTION) \
		--editable '.[$(EXTRAS)]'
	@$(BIN)/uv pip freeze --quiet --python build/$(NAME) --exclude-editable >build/$(NAME).txt
	@$(BIN)/uv pip install --quiet --python build/$(NAME) --constraint build/$(NAME).txt \
		--editable '.[$(EXTRAS),test]'
	@build/$(NAME)/bin/python -m pytest -q -n auto

bench: $(VENV)/.bench ## all benchmarks against their peers, results into benchmarks/results/ (long; BEFORE=REVISION)
	@$(BIN)/python -m benchmarks $(if $(BEFORE),--before $(BEFORE))

bench-quick: $(VENV)/.bench ## the speed targets, each beside its figure (under a minute)
	@$(BIN)/python -m benchmarks.quick

clean: ## remove what was built and installed here (never a state file)
	rm -rf $(VENV) build dist dist.log .demo .coverage .coverage.* htmlcov *.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find reconciler tests benchmarks docs -name __pycache__ -type d -prune -exec rm -rf {} +

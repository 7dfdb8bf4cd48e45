# Everything a newcomer needs: `make run` and `make test`. `make` alone prints this help.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PY := .venv/bin/python

.PHONY: help setup run test quick lint types demo bench requirements translations clean

help: ## this help
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

setup: ## install Debian packages and the Python packages into .venv (quick when nothing is missing)
	@bash setup.sh

run: ## set up, create, migrate and fill the demo room on first start, serve on http://127.0.0.1:8000 (DEMO=0: empty)
	@bash setup.sh run
	@DEMO=$${DEMO-1} $(PY) -m archive_app serve --first-run

# Compiled Python is kept, also where the environment forbids it: the tests start many processes.
test quick: export PYTHONDONTWRITEBYTECODE =

test: setup ## everything: unit, service, web, print, concurrency on both databases, Chromium
	@$(PY) -m pytest -n 2 --dist loadgroup

quick: setup ## the everyday suite
	@$(PY) -m pytest -n 2 -m "not slow and not e2e"

lint: setup ## ruff and the import contract
	@$(PY) -m ruff check . && $(PY) -m ruff format --check . && .venv/bin/lint-imports --no-cache

types: setup ## mypy
	@$(PY) -m mypy

demo: ## one folder's whole life without a browser; results in out/demo/
	@bash setup.sh run
	@$(PY) -m archive_app.demo.life

bench: setup ## the figures: registration, lookups, search, labels, OCR, memory
	@$(PY) -m tests.bench

requirements: setup ## write docs/requirements.md from the marks in the tests
	@$(PY) -m tests.requirements

translations: setup ## collect the texts to translate and compile the English ones
	@.venv/bin/pybabel -q extract -F babel.cfg -k L -k Lazy --add-location=file --sort-by-file --no-wrap --omit-header \
	    -o translations/messages.pot . \
	  && .venv/bin/pybabel -q update -i translations/messages.pot -d translations -l en -N --no-wrap \
	    --ignore-obsolete --ignore-pot-creation-date \
	  && .venv/bin/pybabel -q compile -d translations

clean: ## remove what was made (not the archive in instance/ and scans/)
	rm -rf .pytest_cache .mypy_cache .ruff_cache out

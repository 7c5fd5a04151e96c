# Each target makes what it needs: `make demo` and `make test` work on a fresh clone with Python 3.11 or newer.

PYTHON ?= python3
VENV ?= .venv

.PHONY: demo test lint types layers check docs wheel lock clean

demo: $(VENV)/.demo
	$(VENV)/bin/posture demo

test: $(VENV)/.dev
	$(VENV)/bin/python -m pytest -n auto

lint: $(VENV)/.dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types: $(VENV)/.dev
	$(VENV)/bin/mypy posture checks estates bench

layers: $(VENV)/.dev
	$(VENV)/bin/lint-imports

check: lint types layers test

# The pages whose examples are run: what they print today is written down.
PAGES = walk start-engineer start-ci start-auditor permissions add-a-service documents allowances

docs: $(VENV)/.dev
	$(VENV)/bin/python docs/generate.py
	for page in $(PAGES); do PATH="$(abspath $(VENV))/bin:$$PATH" $(VENV)/bin/python docs/examples.py --write docs/$$page.md; done

wheel: $(VENV)/.dev
	$(VENV)/bin/python -m build --wheel --no-isolation --outdir dist .

# Exact versions with hashes for our own builds; users get the ranges of pyproject.toml.
COMPILE = $(VENV)/bin/pip-compile - --quiet --generate-hashes --strip-extras --allow-unsafe --no-header \
  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --annotation-style line

lock: $(VENV)/.dev
	$(VENV)/bin/python -m pip install --quiet pip-tools
	$(VENV)/bin/python locks/flatten.py demo | $(COMPILE) --output-file locks/demo.txt
	$(VENV)/bin/python locks/flatten.py dev | $(COMPILE) --constraint locks/demo.txt --output-file locks/dev.txt

clean:
	rm -rf $(VENV) build dist *.egg-info

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "posture needs Python 3.11 or newer; say: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: locks/demo.txt pyproject.toml | $(VENV)/bin/python
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/demo.txt
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: locks/dev.txt pyproject.toml | $(VENV)/bin/python
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/dev.txt
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

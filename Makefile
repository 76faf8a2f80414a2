# Two commands do everything on a fresh machine: `make demo` and `make test`.
#   TORCH_INDEX=https://download.pytorch.org/whl/cpu   choose where PyTorch comes from (see README)
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PIP := $(BIN)/python -m pip --disable-pip-version-check
export HF_HUB_OFFLINE ?= 1
export TOKENIZERS_PARALLELISM ?= false

.PHONY: help setup demo test lint docs bench lock clean

help:
	@echo "make demo    the whole main job on a simulated shop, offline -> demo/report.html"
	@echo "make test    the tests"
	@echo "make lint    ruff and mypy"
	@echo "make docs    the generated parts of docs/ (command help, tree)"
	@echo "make bench   the benchmarks, results under benchmarks/*/results"

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Adwright needs Python 3.11 or later; try: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	@echo "[1/4] virtual environment in $(VENV)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "[2/4] PyTorch, pinned (about 200 MB for the CPU build)"
	@$(PIP) install --quiet $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) "$$(grep '^torch==' requirements.lock)"
	@echo "[3/4] the other packages of requirements.lock"
	@$(PIP) install --quiet -r requirements.lock
	@echo "[4/4] Adwright itself"
	@$(PIP) install --quiet --no-deps -e .
	@touch $@

demo: $(STAMP)
	$(BIN)/adwright demo --out demo

# two processes of one thread each: threads that wait for each other cost more than they save
test: $(STAMP)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(STAMP)
	$(BIN)/python docs/generate.py

bench: $(STAMP)
	@for run in benchmarks/*/run.py; do echo "== $$run"; $(BIN)/python $$run || exit 1; done

# Renew the lock from what is installed; torch stays first, as `setup` installs it first.
lock:
	@$(PIP) freeze --exclude-editable --exclude adwright > requirements.new
	@{ grep '^torch==' requirements.new | sed 's/+cpu//'; grep -v '^torch==' requirements.new; } > requirements.lock
	@rm requirements.new

clean:
	rm -rf $(VENV) demo build dist .mypy_cache .ruff_cache .pytest_cache

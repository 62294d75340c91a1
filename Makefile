# heal: what can be done in this folder. Everything it needs is installed into .venv by the first target that needs it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# pytest's closing line is the last one, from whatever folder make was called
MAKEFLAGS += --no-print-directory

.PHONY: demo test check bench score cluster cluster-down venv wheel clean

$(VENV)/.ready: pyproject.toml
	@# Debian's python3 comes without what makes virtual environments
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { apt-get update -q && apt-get install -y -q python3-venv; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable . --group dev
	touch $@

venv: $(VENV)/.ready

# a real failure, healed before your eyes; about a minute, no root, no SLURM needed
demo: venv
	@PATH="$(abspath $(BIN)):$$PATH" bash docs/demo/demo.sh

# set-up, checks, the whole suite, and the suite against the built wheel
test: venv cluster
	$(MAKE) check
	$(BIN)/python -m pytest -n 4 --dist loadgroup $(PYTEST_ARGS)

check: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# a private one-node SLURM for the live tests, where this is Debian and we are root; elsewhere the one that is there
cluster:
	@bash tests/live/cluster.sh up || test -z "$$CI"

cluster-down:
	@bash tests/live/cluster.sh down

bench: venv
	$(BIN)/python benchmarks/all.py

# how right the diagnosis is on the repository's own cases: per label, with each tool left out, distilled, fingerprinted
score: venv
	$(BIN)/python -m benchmarks.score
	$(BIN)/python -m benchmarks.recall
	$(BIN)/python -m benchmarks.likeness

wheel: venv
	$(BIN)/python -m build --outdir dist .

clean:
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache

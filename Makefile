# heal: what can be done in this folder. Everything it needs is installed into .venv by the first target that needs it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# pytest's closing line is the last one, from whatever folder make was called
MAKEFLAGS += --no-print-directory

.PHONY: demo demo-patch test test-more check bench score cluster cluster-down nextflow llama tools plugin venv wheel clean

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

# the same with a bug in a script: a patch is proposed, tried, accepted; what a model would answer was written down
demo-patch: venv
	@PATH="$(abspath $(BIN)):$$PATH" bash docs/demo/patch.sh

# set-up, checks, the suite, and what it shows against the built wheel
test: venv llama cluster nextflow tools
	@# pytest rewrites all tests when it first meets them: once, beside the checks, and not in each of its workers at once
	@$(BIN)/python -m pytest --collect-only --quiet $(PYTEST_ARGS) >/dev/null & $(MAKE) check && wait
	$(BIN)/python -m pytest -n 6 --dist loadgroup --no-loadscope-reorder -m "not more" $(PYTEST_ARGS)

# more cases of what the suite shows; half as long again
test-more: venv llama cluster nextflow tools
	$(BIN)/python -m pytest -n 6 --dist loadgroup --no-loadscope-reorder -m more $(PYTEST_ARGS)

check: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# a private one-node SLURM for the live tests, where this is Debian and we are root; elsewhere the one that is there.
# And a second one with two nodes, where cgroups let it be (pair.sh ends with 3 where they do not).
cluster:
	@bash tests/live/cluster.sh up || test -z "$$CI"
	@bash tests/live/pair.sh up || test $$? = 3 || test -z "$$CI"

cluster-down:
	@bash tests/live/cluster.sh down

# Nextflow and the plugin built, where Java and Maven are, or can be had (CI)
nextflow:
	@{ bash tests/nextflow/get.sh >/dev/null && $(MAKE) plugin; } || test -z "$$CI"

# the model server of the tests, built beside all else (CI); its compiler first, for others use apt as well
llama:
	@test -z "$$CI" || { bash tests/models/llama.sh compiler && \
	    { setsid nice bash tests/models/llama.sh >"$${TMPDIR:-/tmp}/heal-llama.log" 2>&1 </dev/null & }; }

# what tests try for real, where it can be had (CI): bubblewrap, in which failed tasks are run again; Git LFS; modules
TOOLS := apt-get install -y -q bubblewrap git-lfs environment-modules
tools:
	@{ command -v bwrap && command -v git-lfs && command -v modulecmd; } >/dev/null || \
	    { test "$$(id -u)" = 0 && { $(TOOLS) || { apt-get update -q && $(TOOLS); }; }; } >/dev/null || test -z "$$CI"

PLUGIN := nf-plugin/target/.built
plugin: $(PLUGIN)

$(PLUGIN): nf-plugin/pom.xml $(shell find nf-plugin/src -type f)
	@# two at once would clean away what the other builds
	flock nf-plugin/.lock sh -c 'cd nf-plugin && exec mvn --quiet --batch-mode clean package'
	touch $@

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
	rm -rf $(VENV) dist build nf-plugin/target .pytest_cache .mypy_cache .ruff_cache

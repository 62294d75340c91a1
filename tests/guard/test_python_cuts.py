"""Rows that a Python script or an R script leaves out, checks that its calls held, and values drawn by chance."""

from __future__ import annotations

import pytest
from tests.guard.test_inspecting import judged, rules

PYTHON = """import numpy as np
import pandas as pd

rng = np.random.default_rng(7)
frame = pd.read_csv("a.csv")
names = pd.read_csv("b.csv")
frame = frame.merge(names, on="gene", validate="one_to_one")
frame.to_csv("out.csv")
"""
READ = 'pd.read_csv("a.csv")'
VALIDATE = ', validate="one_to_one"'


def changed(old: str, new: str, text: str = PYTHON, path: str = "scripts/a.py") -> list[str]:
    assert old in text
    return rules(judged({path: text}, {path: text.replace(old, new, 1)}))


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (VALIDATE, "", "hide.check_gone"),
        (VALIDATE, ', validate="many_to_many"', "hide.check_gone"),
        (VALIDATE, ', validate="m:m"', "hide.check_gone"),
        (VALIDATE, ", validate=None", "hide.check_gone"),
        (VALIDATE, ', validate="one_to_many"', "hide.check_changed"),
        (READ, 'pd.read_csv("a.csv", skipfooter=3, engine="python")', "hide.skip"),
        (READ, 'pd.read_csv("a.csv", skiprows=[4])', "hide.skip"),
        (READ, 'pd.read_csv("a.csv").nlargest(3, "count")', "hide.skip"),
        (READ, 'pd.read_csv("a.csv").nsmallest(3, "count")', "hide.skip"),
        (READ, 'pd.read_csv("a.csv").groupby("gene").first().reset_index()', "hide.skip"),
        (READ, 'pd.read_csv("a.csv").groupby("gene").nth(0)', "hide.skip"),
        (READ, 'next(pd.read_csv("a.csv", chunksize=100))', "hide.skip"),
        (READ, 'next(iter(pd.read_csv("a.csv", chunksize=100)))', "hide.skip"),
        ('frame.to_csv("out.csv")', 'frame["n"] = np.random.rand(len(frame))\nframe.to_csv("out.csv")', "hide.chance"),
        ('frame.to_csv("out.csv")', 'frame["n"] = rng.normal(size=9)\nframe.to_csv("out.csv")', "hide.chance"),
        ('frame.to_csv("out.csv")', "import random\nrandom.shuffle(frame.n)\nframe.to_csv('o')", "hide.chance"),
        (
            'frame.to_csv("out.csv")',
            "from random import gauss\nframe.n = gauss(0, 1)\nframe.to_csv('o')",
            "hide.chance",
        ),
    ],
)
def test_what_leaves_out_or_makes_up_is_told(old: str, new: str, rule: str):
    assert rule in changed(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (VALIDATE, ', how="inner", validate="one_to_one"'),
        (READ, 'pd.read_csv("a.csv", sep=",")'),
        (READ, 'pd.read_csv("a.csv", skipfooter=0)'),
        ("default_rng(7)", "Generator(np.random.PCG64(7))"),
        ("rng =", "drawn ="),
    ],
)
def test_what_reads_all_of_it_is_let_pass(old: str, new: str):
    assert not {"hide.skip", "hide.chance", "hide.check_gone", "hide.check_changed"} & {*changed(old, new)}


LOOP = 'import sys\n\nfound = dict(samples=sys.argv)\nfor each in found["samples"]:\n    print(each)\n'


@pytest.mark.parametrize("now", ['found.get("samples", [])', 'found.get("samples", ())', 'found.get("samples") or []'])
def test_a_loop_over_items_that_may_be_none_is_asked_about(now: str):
    assert "hide.fallback" in changed('found["samples"]', now, LOOP)
    assert "hide.fallback" not in changed('found["samples"]', 'found.get("samples")', LOOP)


def test_what_was_drawn_may_be_drawn_by_another_name():
    before = PYTHON + "np.random.random_integers(5)\n"
    for now in ("np.random.randint(5)", "rng.integers(5)"):
        assert "hide.chance" not in changed("np.random.random_integers(5)", now, before)


# --- R ------------------------------------------------------------------------------------------

R = """library(DESeq2)
meta <- read.csv("a.csv")
stopifnot(nrow(meta) > 0)
write.csv(meta, "out.csv")
"""


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("library(DESeq2)", "require(DESeq2)", "hide.swallow_narrow"),
        ("library(DESeq2)", "suppressWarnings(require(DESeq2))", "hide.swallow_narrow"),
        ("library(DESeq2)", 'requireNamespace("DESeq2")', "hide.swallow_narrow"),
        ("stopifnot(nrow(meta) > 0)", "f <- function() stopifnot(nrow(meta) > 0)", "hide.check_moved"),
        ("stopifnot(nrow(meta) > 0)", "f <- function(m) {\n  stopifnot(nrow(meta) > 0)\n}", "hide.check_moved"),
        ("stopifnot(nrow(meta) > 0)", "f = function() {\n  stopifnot(nrow(meta) > 0)\n}", "hide.check_moved"),
        ("stopifnot(nrow(meta) > 0)", "f <- \\() stopifnot(nrow(meta) > 0)", "hide.check_moved"),
        ("stopifnot(nrow(meta) > 0)", "f <- quote(stopifnot(nrow(meta) > 0))", "hide.check_moved"),
        ("write.csv", "meta$n <- sample(meta$n)\nwrite.csv", "hide.chance"),
        ("write.csv", "meta$n <- rnorm(nrow(meta))\nwrite.csv", "hide.chance"),
        ("write.csv", "meta$n <- runif(9)\nwrite.csv", "hide.chance"),
    ],
)
def test_in_r_too(old: str, new: str, rule: str):
    assert rule in changed(old, new, R, "scripts/a.R")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("library(DESeq2)", 'if (!require(DESeq2)) stop("no DESeq2")'),
        ("library(DESeq2)", "library(DESeq2)\nlibrary(dplyr)"),
        ("stopifnot(nrow(meta) > 0)", "f <- function(m) stopifnot(nrow(meta) > 0)\nf(meta)"),
        ("stopifnot(nrow(meta) > 0)", "f <- function(m) {\n  stopifnot(nrow(meta) > 0)\n}\nlapply(list(meta), f)"),
        ("write.csv", "sample_names <- meta$sample\nwrite.csv"),
    ],
)
def test_in_r_what_still_checks_is_let_pass(old: str, new: str):
    assert not {"hide.swallow_narrow", "hide.check_moved", "hide.chance"} & {*changed(old, new, R, "scripts/a.R")}

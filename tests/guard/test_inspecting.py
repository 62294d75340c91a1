"""A patch as a whole: what is counted over its files, where it may write, what is known beside the texts."""

from __future__ import annotations

import random

import pytest

from heal.guard.facts import Facts, UserChange
from heal.guard.globs import allowed_by, denied_by
from heal.guard.inspecting import inspect, refused
from heal.model_settings import Patches
from heal.patch import Edit, Objection, Patch
from heal.records import Verdict

RUNS = 'import subprocess\n\n\ndef index(bam):\n    subprocess.run(["samtools", "index", bam], check=True)\n'

PIECES = [
    "\n",
    "<<EOF\n",
    "rule a:\n",
    " || ",
    "def f(",
    "x = 1\n",
    "    ",
    "\t",
    "\0",
    ": ",
    "- ",
    "process X {",
    "\r\n",
]
PIECES += [
    "'",
    '"',
    '"""',
    "`",
    "$(",
    "${",
    ")",
    "}",
    "{",
    "(",
    "[",
    "\\",
    "input:",
    "#",
    "/*",
    "except:",
    "é",
    "!!python/x",
]
PIECES += ["&a", "*a", "=~", "/"]


def judged(before: dict[str, str | None], after: dict[str, str], facts: Facts | None = None) -> tuple[Objection, ...]:
    return inspect(before, Patch(tuple(Edit(*one) for one in after.items()), "s", "w"), Patches(), facts)


def rules(found: tuple[Objection, ...]) -> list[str]:
    return sorted({one.rule for one in found})


def test_an_objection_says_rule_verdict_place_and_what_was_seen():
    found = judged({"scripts/a.sh": "set -e\nls x\n"}, {"scripts/a.sh": "set -e\nls x || true\n"})
    why = "a command's failure is turned into success: || true"
    assert found == (Objection("hide.or_true", Verdict.REFUSE, "scripts/a.sh", 2, why),)
    assert refused(found)


BY_NAME = {
    "scripts/counts.py": "import sys\n\nwith open(sys.argv[1]) as table:\n    print(len(list(table)))\n",
    "scripts/counts.R": 'rows <- read.delim("a.tsv")\nif (nrow(rows) > 0) {\n  cat(nrow(rows), "\\n")\n}\n',
    "scripts/counts.sh": "#!/bin/bash\nset -euo pipefail\nsort a.tsv | wc -l\n",
    "Snakefile": "rule counts:\n    output:\n        'a.txt',\n    shell:\n        'wc -l a.tsv > {output}'\n",
    "main.nf": "process COUNTS {\n    output:\n    path 'a.txt'\n\n    script:\n    'wc -l a.tsv > a.txt'\n}\n",
    "envs/counts.yaml": "channels:\n  - conda-forge\ndependencies:\n  - pandas=2.2\n",
}


@pytest.mark.parametrize(
    ("file", "in_the_language_of", "rule"),
    [
        ("scripts/counts.py", "scripts/counts.R", "shape.broken"),
        ("scripts/counts.py", "main.nf", "shape.broken"),
        # it names its own interpreter, by which it parses; the engine runs it by its name
        ("scripts/counts.py", "scripts/counts.sh", "shape.language"),
        ("scripts/counts.R", "scripts/counts.sh", "shape.language"),
        ("scripts/counts.sh", "scripts/counts.py", "hide.strict_gone"),
        ("scripts/counts.sh", "scripts/counts.R", "shape.broken"),
        ("Snakefile", "main.nf", "shape.broken"),
        ("Snakefile", "scripts/counts.py", "hide.step_gone"),
        ("main.nf", "Snakefile", "hide.step_gone"),
        ("envs/counts.yaml", "main.nf", "shape.broken"),
    ],
)
def test_a_file_that_is_answered_in_another_language_is_refused(file: str, in_the_language_of: str, rule: str):
    found = judged({file: BY_NAME[file]}, {file: BY_NAME[in_the_language_of]})
    assert rule in {one.rule for one in found if one.verdict is Verdict.REFUSE}, found


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("bin/counts", "import sys\nprint(sys.argv)\n", "#!/usr/bin/env python3\nimport sys\nprint(sys.argv)\n"),
        ("bin/counts.py", "#!/bin/sh\nprint(1)\n", "#!/usr/bin/env python3\nprint(1)\n"),
    ],
)
def test_a_first_line_that_was_missing_or_wrong_may_be_mended(file: str, before: str, after: str):
    assert "shape.language" not in rules(judged({file: before}, {file: after}))


@pytest.mark.parametrize(
    ("file", "was", "now"),
    [
        ("bin/a.py", "#!/usr/bin/env python3", "#!/bin/true"),
        ("bin/a.py", "#!/usr/bin/env python3", "#!/usr/bin/env -S python3 -c pass"),
        ("bin/a.py", "#!/usr/bin/env python3", "#!/usr/bin/env -S PYTHONPATH=/tmp python3"),
        ("bin/a.py", "#!/usr/bin/env python3", "#!/tmp/python3"),
        ("bin/a.py", "#!/usr/bin/env python3", "#!/usr/bin/env /tmp/python3"),
        ("bin/a.py", "#!/usr/bin/env python3", "#!/usr/bin/python3 -i"),
        ("bin/a.py", "#!/usr/bin/env python3", ""),
        ("bin/a", "#!/usr/bin/env python3", "#!/usr/bin/env pass"),
        ("bin/a.py", "x = 0", "#!/bin/true"),
        ("bin/a.R", "#!/usr/bin/env Rscript", "#!/usr/bin/env -S Rscript -e"),
        ("bin/a.sh", "#!/bin/bash", "#!/bin/sh"),
        ("bin/a.sh", "#!/bin/bash", "#!/bin/zsh"),
        ("bin/a.sh", "#!/bin/bash", "#!/bin/bash -n"),
        ("bin/a.sh", "#!/bin/csh", "#!/bin/sh"),
        # who wrote it knew; its name does not say otherwise
        ("bin/a", "#!/bin/sh", "#!/usr/bin/env python3"),
    ],
)
def test_a_first_line_that_runs_a_script_otherwise_is_refused(file: str, was: str, now: str):
    found = judged({file: f"{was}\nx=1\n"}, {file: f"{now}\nx=1\n"})
    assert "shape.language" in {one.rule for one in found if one.verdict is Verdict.REFUSE}


@pytest.mark.parametrize(
    ("file", "was", "now"),
    [
        ("bin/a.py", "#!/usr/bin/python", "#!/usr/bin/env python3"),
        ("bin/a.py", "#!/usr/bin/env python3\r", "#!/usr/bin/env python3"),
        ("bin/a.py", "#!/usr/bin/env python3.11", "#!/usr/bin/env -S python3 -u"),
        ("bin/a", "#!/usr/bin/env pyhton3", "#!/usr/bin/env python3"),
        ("bin/a.R", "#!/usr/bin/Rscript", "#!/usr/bin/env Rscript"),
        ("bin/a.sh", "#!/bin/sh", "#!/bin/bash"),
        ("bin/a.sh", "#!/bin/bash", "#!/bin/bash -eu"),
        ("bin/a.sh", "#!/usr/local/bin/bash", "#!/usr/bin/env bash"),
        ("bin/a.pl", "#!/opt/perl -w", "#!/usr/bin/env -S perl -w"),
    ],
)
def test_a_first_line_that_is_only_mended_is_let_pass(file: str, was: str, now: str):
    assert judged({file: f"{was}\nx=1\n"}, {file: f"{now}\nx=1\n"}) == ()


def test_code_that_moves_to_another_file_is_no_new_power():
    before = {"scripts/a.py": RUNS, "scripts/b.py": "x = 1\n"}
    assert judged(before, {"scripts/a.py": "x = 2\n", "scripts/b.py": RUNS}) == ()


def test_the_same_power_once_more_is_a_new_one():
    found = judged(
        {"scripts/a.py": RUNS}, {"scripts/a.py": RUNS + RUNS.partition("\n\n\n")[2].replace("index", "sort")}
    )
    assert rules(found) == ["power.process"]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("print(totl)\n", "totl = total\nprint(totl)\n", ["hide.stand_in"]),
        ("print(totl)\n", "totl = counts.total\nprint(totl)\n", ["hide.stand_in"]),
        ("print(totl)\n", "totl = total = 7\nprint(totl)\n", ["hide.stand_in"]),
        ("print(totl)\n", "totl: int = total\nprint(totl)\n", ["hide.stand_in"]),
        ("print(totl)\n", "totl = -1\nprint(totl)\n", ["hide.stand_in"]),
        ("print(totl)\n", "totl = []\nprint(totl)\n", ["hide.stand_in"]),
        ("print(totl)\n", "totl = {}\nprint(totl)\n", ["hide.stand_in"]),
        ("print(totl)\n", "totl = set()\nprint(totl)\n", ["hide.stand_in"]),
        ("print(totl)\n", "totl = f'{7}'\nprint(totl)\n", ["hide.stand_in"]),
        ("print(totl)\n", "from math import pi as totl\nprint(totl)\n", ["hide.stand_in"]),
        ("print(totl)\n", "totl = f'{total}.tsv'\nprint(totl)\n", []),
        ("print(totl)\n", "totl = -total\nprint(totl)\n", []),
        ("print(math.pi)\n", "import math\nprint(math.pi)\n", []),
        ("print(m.pi)\n", "import math as m\nprint(m.pi)\n", []),
        # computed, made elsewhere, of a module that may bring it, or no name of the text's own
        ("print(total)\n", "total = sum(counts)\nprint(total)\n", []),
        ("for total in counts:\n    print(total)\n", "total = first\nfor total in counts:\n    print(total)\n", []),
        ("from tools import *\nprint(totl)\n", "from tools import *\ntotl = total\nprint(totl)\n", []),
        ("print(1)\n", "show = print\nshow(1)\n", []),
    ],
)
def test_a_name_that_is_made_only_to_stand_for_another_is_asked_about(before: str, after: str, expected: list[str]):
    assert rules(judged({"a.py": before}, {"a.py": after})) == expected


def test_an_empty_patch_and_a_file_named_twice_are_refused():
    assert rules(judged({}, {})) == ["place.none"]
    twice = Patch((Edit("scripts/a.py", "x = 1\n"), Edit("scripts/A.py", "x = 1\n")), "s", "w")
    assert "place.twice" in rules(inspect({"scripts/a.py": "x = 0\n", "scripts/A.py": "x = 0\n"}, twice, Patches()))


def test_a_path_that_before_does_not_name_is_a_new_file():
    assert rules(judged({}, {"scripts/new.py": "x = 1\n"})) == ["place.new"]


@pytest.mark.parametrize(
    "path",
    [
        "scripts/\u0430.py",  # a of Cyrillic
        "scripts/\u0410.py",  # its capital
        "scripts/\u03b1.py",  # alpha
        "scr\u0456pts/b.py",  # i of Ukrainian, in a folder's name
        "scripts/summ\u0430ry.py",  # among ours, like nothing that is there
        "Snake\u2011file",  # a hyphen that is none
    ],
)
def test_a_new_name_that_looks_like_one_that_is_there_or_mixes_scripts_is_refused(path: str):
    facts = Facts(tracked=frozenset({"scripts/a.py", "Snake-file"}))
    assert "place.case" in rules(judged({path: None}, {path: "x = 1\n"}, facts))


@pytest.mark.parametrize(
    "path",
    ["scripts/\u0394t.py", "scripts/\u043e\u0431\u0437\u043e\u0440.py", "scripts/\u03b1_div.py", "say\u0131m.py"],
)
def test_a_new_name_in_a_script_of_ones_own_or_with_a_sign_of_science_is_none_of_these(path: str):
    facts = Facts(tracked=frozenset({"scripts/a.py"}))
    assert "place.case" not in rules(judged({path: None}, {path: "x = 1\n"}, facts))


def test_many_files_and_big_changes_are_asked_about():
    before = {f"scripts/{n}.py": "x = 1\n" for n in range(9)}
    assert rules(judged(dict(before), dict.fromkeys(before, "x = y\n"))) == ["place.many"]
    old = "".join(f"a{n} = b{n}\n" for n in range(100))
    assert rules(judged({"scripts/a.py": old}, {"scripts/a.py": old.replace("b", "c")})) == [
        "shape.big",
        "shape.rewrite",
    ]


@pytest.mark.parametrize(("committed", "expected"), [(True, ["shape.reverts_commit"]), (False, ["shape.reverts"])])
def test_taking_back_what_a_person_did_is_refused_unless_it_was_committed(*, committed: bool, expected: list[str]):
    change = UserChange("scripts/a.py", ("y = old(x)",), ("y = new(x)",), committed=committed)
    before, after = "x = f()\ny = new(x)\n", "x = f()\ny = old(x)\n"
    assert rules(judged({"scripts/a.py": before}, {"scripts/a.py": after}, Facts(changes=(change,)))) == expected


def test_a_line_that_a_person_put_there_may_be_corrected_but_not_taken_out():
    change = UserChange("scripts/a.py", (), ("y = nwe(x)",), committed=False)
    before = "x = f()\ny = nwe(x)\nz = y\n"
    corrected, out = "x = f()\ny = new(x)\nz = y\n", "x = f()\nz = x\n"
    assert judged({"scripts/a.py": before}, {"scripts/a.py": corrected}, Facts(changes=(change,))) == ()
    told = judged({"scripts/a.py": before}, {"scripts/a.py": out}, Facts(changes=(change,)))
    assert rules(told) == ["hide.call_gone", "shape.reverts"]


@pytest.mark.parametrize(
    ("path", "glob", "expected"),
    [
        ("a.py", "*.py", True),
        ("x/a.py", "*.py", False),
        ("x/a.py", "**/*.py", True),
        ("a.py", "**/*.py", True),
        ("x/y/a.py", "x/**", True),
        ("x", "x/**", False),
        ("conf/base.config", "conf/**/*.config", True),
        ("conf/a/b/base.config", "conf/**/*.config", True),
        ("a.PY", "*.py", False),
    ],
)
def test_allow_globs_count_from_the_root(path: str, glob: str, *, expected: bool):
    assert allowed_by(path, [glob]) is expected


@pytest.mark.parametrize(
    ("path", "glob"),
    [("x/a.py", "a.py"), ("x/y/a.py", "x"), ("x/y/a.py", "x/"), ("X/A.py", "x/a.py"), ("x/a.py", "*.py")],
)
def test_deny_globs_are_read_as_widely_as_they_can_be_meant(path: str, glob: str):
    assert denied_by(path, [glob])


@pytest.mark.parametrize(
    "path",
    [
        "scripts/a.py",
        "Snakefile",
        "main.nf",
        "scripts/a.R",
        "scripts/a.sh",
        "config/a.yaml",
        "scripts/a.Rmd",
        "bin/a.pl",
    ],
)
def test_nothing_that_a_text_holds_makes_the_guard_fail(path: str):
    # Given texts of pieces that mean something to one of the readers, put together without sense
    drawn = random.Random(7)  # noqa: S311 - texts, not keys
    for _ in range(150):
        before, after = ("".join(drawn.choices(PIECES, k=drawn.randrange(1, 60))) for _ in range(2))
        # Then it answers, always with the same
        assert judged({path: before}, {path: after}) == judged({path: before}, {path: after})


@pytest.mark.parametrize("piece", ["${", "$(", '"', "(", "[", "`", "\\", "<<E\n", "'", "a.", "if ", "{", "&a ", "/*"])
@pytest.mark.timeout(60)
def test_a_text_that_repeats_itself_is_read_in_time(piece: str):
    text = piece * 900
    for path in ("scripts/a.py", "main.nf", "scripts/a.sh", "scripts/a.R", "config/a.yaml", "Snakefile"):
        assert judged({path: "x\n"}, {path: text}) != ()


def test_what_nobody_could_read_is_refused_unread():
    assert rules(judged({"scripts/a.sh": "ls\n"}, {"scripts/a.sh": "${" * 3000 + "\n"})) == [
        "text.long_line",
        "text.tangled",
    ]
    assert rules(judged({"scripts/a.py": "x = 1\n"}, {"scripts/a.py": "x = 1\n" * 50_000})) == ["text.too_big"]

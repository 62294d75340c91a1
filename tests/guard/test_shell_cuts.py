"""Checksums that are no longer compared, loops that are never entered, and pipes that cut data short."""

from __future__ import annotations

import pytest
from tests.guard.test_inspecting import judged, rules
from tests.guard.test_statuses import places

WORK = "bwa mem ref.fa in.fq | samtools sort -o made.bam -"


def said(was: str, now: str) -> list[list[str]]:
    before, after = places(was), places(now)
    return [rules(judged({path: before[path]}, {path: after[path]})) for path in before]


@pytest.mark.parametrize(
    ("now", "rule"),
    [
        ("md5sum sums.md5", "hide.check_gone"),
        ("cat sums.md5", "hide.check_gone"),
        ('echo "$(md5sum -c sums.md5)"', "hide.check_gone"),
        ("md5sum -c /dev/null", "hide.check_changed"),
        ("md5sum -c -", "hide.check_changed"),
        ("md5sum -c <<< ''", "hide.check_changed"),
        ("grep a sums.md5 | md5sum -c -", "hide.check_changed"),
        ("grep a sums.md5 | md5sum --check", "hide.check_changed"),
        ("md5sum *.bam > sums.md5\nmd5sum -c sums.md5", "hide.check_changed"),
        ("md5sum *.bam | tee sums.md5\nmd5sum -c sums.md5", "hide.check_changed"),
        ("test -f sums.md5 && md5sum -c sums.md5", "hide.check_changed"),
        ("if [ -f sums.md5 ]; then md5sum -c sums.md5; fi", "hide.check_changed"),
    ],
)
def test_checksums_that_are_compared_otherwise_are_told(now: str, rule: str):
    for found in said(f"{WORK}\nmd5sum -c sums.md5", f"{WORK}\n{now}"):
        assert rule in found


@pytest.mark.parametrize("now", ["md5sum --check sums.md5", "md5sum -c sums.md5 --quiet", "sha256sum -c sums.md5"])
def test_checksums_that_are_compared_as_before_are_let_pass(now: str):
    for found in said(f"{WORK}\nmd5sum -c sums.md5", f"{WORK}\n{now}"):
        assert not {"hide.check_gone", "hide.check_changed"} & {*found}


@pytest.mark.parametrize(
    "now",
    [
        f"for x in ; do {WORK}; done",
        f"for x in\ndo\n{WORK}\ndone",
        f"for x in $(); do {WORK}; done",
        f"while false; do {WORK}; done",
        f"until true; do {WORK}; done",
        f"until :; do {WORK}; done",
    ],
)
def test_a_loop_that_is_never_entered_is_refused(now: str):
    for found in said(WORK, now):
        assert "hide.check_true" in found


@pytest.mark.parametrize("now", [f"for x in a; do {WORK}; done", f"while true; do {WORK}; break; done"])
def test_a_loop_that_is_entered_is_not(now: str):
    for found in said(WORK, now):
        assert "hide.check_true" not in found


@pytest.mark.parametrize(
    "cut",
    [
        "head -100",
        "tail -n +5",
        "sed 10q",
        "sed -n '1,10p'",
        "awk 'NR<100'",
        "awk 'NR % 2 == 0'",
        "shuf -n 5",
        "samtools view -s 0.1 -",
    ],
)
def test_a_pipe_that_cuts_data_short_is_asked_about(cut: str):
    for found in said(WORK, WORK.replace("|", f"| {cut} |")):
        assert "hide.skip" in found


@pytest.mark.parametrize(
    "line",
    [
        "ls *.bam | head -1",
        'first=$(grep x in.fq | head -1 | cut -f 1)\necho "$first"',
        "awk 'NR==FNR {a[$1]; next} $1 in a' x.txt y.txt > z.txt",
        "sed 's/q/p/' x.txt > z.txt",
        "samtools view -b x.sam > x.bam",
    ],
)
def test_what_tells_or_joins_cuts_nothing(line: str):
    for found in said(WORK, f"{WORK}\n{line}"):
        assert "hide.skip" not in found

"""Which results a replay's are compared with."""

from __future__ import annotations

from dataclasses import replace

from heal.proving.siblings import done_of, siblings_of
from heal.records import Attempt

FAILED = Attempt(1, "r", "r", "snakemake", "table:s=a", "table (s=a)", "table", workdir="/w", ok=False)
GOOD = replace(FAILED, id=2, key="table:s=b", ok=True, facts={"output": ["out/b.tsv", "/abs/b.log"]})


def test_they_are_those_of_other_tasks_of_the_process_that_ended_well():
    others = [
        GOOD,
        FAILED,
        replace(GOOD, key=FAILED.key),
        replace(GOOD, key="report", process="report"),
        replace(GOOD, key="table:s=c", ok=None),
        replace(GOOD, key="table:s=d", facts={}),
        replace(GOOD, key="table:s=e", workdir=None),
    ]
    assert siblings_of(FAILED, others) == (("/w/out/b.tsv", "/abs/b.log"),)


def test_a_few_are_enough_and_two_tries_of_a_task_are_one():
    others = [replace(GOOD, key=f"table:s={n // 2}") for n in range(40)]
    assert len(siblings_of(FAILED, others)) == 5


def test_what_a_launch_did_well_is_told_once_and_not_what_ran_again_or_before():
    again = replace(GOOD, id=3, ok=None)
    before = replace(GOOD, id=0, key="table:s=c", run_id="q")
    report = replace(GOOD, id=4, process="report")
    tries = [report, again, replace(GOOD, key="table:s=d"), replace(GOOD, id=1, key="table:s=d"), GOOD, FAILED, before]
    assert done_of("r", tries) == (replace(GOOD, key="table:s=d"), report)

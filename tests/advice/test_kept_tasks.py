"""What heal's store tells beside accounting."""

from __future__ import annotations

from typing import Any

from heal.advice.kept_tasks import suggestions, taken
from heal.knowledge.job_names import Whose
from heal.records import Attempt

SORT = Whose("snakemake", "/p", "sort")


def attempt(rule: str, sample: int, lineage: str = "l1", *, ok: bool = True, **facts: Any) -> Attempt:
    key = f"{rule}:s={sample}"
    job = f"{lineage}{rule}{sample}"
    return Attempt(1, lineage, lineage, "snakemake", key, key, rule, native_id=job, workdir="/p", ok=ok, facts=facts)


def whose(one: Attempt) -> Whose:
    return Whose(one.engine, "/p", one.process)


def test_tasks_that_ran_again_after_they_had_ended_well():
    # Given four tasks of which three ran in a later launch too, and one that failed first
    again = [attempt("sort", n, "l2") for n in range(3)]
    tasks = taken([attempt("sort", 9, ok=False), *(attempt("sort", n) for n in range(4)), *again], whose)
    assert tasks.again == {"l2sort0": SORT, "l2sort1": SORT, "l2sort2": SORT}
    [one] = suggestions(tasks, {"l2sort0": 3600.0, "l2sort2": 3600.0, "other": 9.0}, lambda _path: 0.0)
    assert (one.kind, one.jobs, one.sure, one.saves) == ("again", 3, "low", {"core_hours": 2.0})


def test_a_task_that_is_tried_again_in_its_own_launch_is_none():
    tasks = taken([attempt("sort", 1, ok=False), attempt("sort", 1), attempt("sort", 1)], whose)
    assert tasks.again == {}


def test_files_that_nothing_reads_any_more():
    # Given 2 GB each of two samples that were read by tasks which ended well, one more that was not, and a result
    made = [attempt("sort", n, output=[f"s{n}.bam"], input=[f"raw{n}"]) for n in range(3)]
    read = [attempt("call", n, ok=n != 2, input=[f"/p/s{n}.bam"], output=[f"c{n}.vcf"]) for n in range(3)]
    [one] = suggestions(taken([*made, *read], whose), {}, lambda _path: 2048.0)
    # Then only the first two count
    assert (one.kind, one.whose, one.what, one.saves) == (
        "temporary",
        SORT,
        "mark the outputs of sort as temp(), unless you want them yourself",
        {"mb": 4096.0},
    )
    assert list(suggestions(taken([*made, *read], whose), {}, lambda _path: 100.0)) == []
    # nor where they are gone already
    assert list(suggestions(taken([*made, *read], whose), {}, lambda _path: 0.0)) == []

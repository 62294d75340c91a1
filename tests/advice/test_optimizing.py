"""What could cost less: each suggestion from jobs that show it, and none where they do not."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from heal.advice.ledger_of_jobs import Ledger
from heal.advice.optimizing import Evidence, Optimized, optimized
from heal.advice.past_jobs import PastJob, past_job, waited
from heal.advice.suggestions import Suggestion
from heal.jobs import Limits
from heal.knowledge.job_names import Whose
from heal.knowledge.sizing import Ending, Usage, table
from heal.sections import Sizing

ALIGN = Whose("snakemake", "/p", "align")
HOUR = 3600


def job(
    whose: Whose = ALIGN,
    *,
    ending: Ending = Ending.WELL,
    run: int = HOUR,
    cpus: int = 4,
    asked: float = 8000,
    peak: float = 7500,
    limit: int = 2 * HOUR,
    busy: float = 4.0,
    partition: str = "long",
    wait: float | None = 5,
    node: str = "",
    id: str = "",  # noqa: A002 - as accounting calls it
) -> PastJob:
    usage = Usage(whose, ending, "2026-11-24T10:00:00", run, cpus, 1, asked, peak, limit, busy * run)
    return PastJob(usage, partition, wait, node, id)


def found(*jobs: PastJob, rules: Sizing | None = None, **more: object) -> Optimized:
    rules = rules or Sizing()
    ledger = Ledger()
    rows = table(ledger.reading(jobs), rules)
    return optimized(Evidence(ledger, rows, rules, **more))


def kinds(result: Optimized) -> list[str]:
    return [one.kind for one in result.suggestions]


def times(count: int, one: PastJob) -> Iterable[PastJob]:
    return [one] * count


def test_jobs_that_use_what_they_ask_for_give_nothing():
    assert found(*times(100, job())) == Optimized((), (), 100)


def test_few_jobs_are_said_to_be_few():
    assert found(*times(9, job(peak=100))) == Optimized(
        (), ((ALIGN, "9 of the 10 jobs that a suggestion takes are known"),), 9
    )


def test_memory_that_nobody_used():
    result = found(*times(50, job(peak=1000)))
    assert result.suggestions == (
        Suggestion(
            "memory",
            ALIGN,
            "ask for 1.2 GB of memory in place of 7.8 GB",
            "the most that a job ended well with is 1000 MB, the usual 1000 MB",
            50,
            "high",
            # 6,800 MB less for 50 hours
            {"gb_hours": pytest.approx(6800 / 1024 * 50, rel=0.02)},
            ("--set-resources align:mem_mb=1200",),
        ),
    )


def test_threads_that_were_asked_for_and_idle():
    [one] = found(*times(20, job(cpus=16, busy=1.9))).suggestions
    assert (one.kind, one.what, one.saves, one.change, one.sure) == (
        "cpus",
        "ask for 2 cpus in place of 16, or let the tool use them",
        {"core_hours": 14 * 20},
        ("--set-threads align=2",),
        "medium",
    )
    assert one.why == "no job kept more than 1.9 cpus busy on average, 12% of what was held"


def test_a_shorter_limit_where_other_jobs_show_what_it_gains():
    # Given jobs that ask for a day and run an hour, and others that ask for two and wait less
    short = Whose("snakemake", "/p", "call")
    result = found(*times(20, job(limit=24 * HOUR, wait=7200)), *times(20, job(short, limit=2 * HOUR, wait=600)))
    [one] = [each for each in result.suggestions if each.kind == "time"]
    assert (one.whose, one.what, one.change) == (
        ALIGN,
        "ask for 75 min in place of 24.0 h",
        ("--set-resources align:runtime=75",),
    )
    assert one.saves == {"wait_hours": pytest.approx(20 * 6600 / HOUR, rel=0.02)}
    assert "20 jobs of yours in long with such a limit waited 10m" in one.why


def test_a_shorter_limit_that_gains_nothing_is_not_suggested():
    short = Whose("snakemake", "/p", "call")
    waits_more = [*times(20, job(limit=24 * HOUR, wait=700)), *times(20, job(short, limit=2 * HOUR, wait=900))]
    assert kinds(found(*waits_more)) == []
    assert kinds(found(*times(20, job(limit=24 * HOUR, wait=5)))) == []


def test_what_a_shorter_limit_gains_is_unknown_without_jobs_to_compare_with():
    [one] = found(*times(20, job(limit=24 * HOUR, wait=7200))).suggestions
    assert (one.kind, one.saves, one.sure) == ("time", {}, "medium")


QUICK = Whose("sbatch", "/p", "quick")


def test_a_partition_that_is_waited_for_less():
    jobs = [*times(20, job(wait=7200)), *times(20, job(QUICK, partition="short", wait=60))]
    [one] = found(*jobs, limits=lambda _name: Limits(16000, 180)).suggestions
    assert (one.kind, one.what, one.jobs, one.change, one.sure) == (
        "partition",
        "submit to partition short in place of long",
        40,
        ("--set-resources align:slurm_partition=short",),
        "medium",
    )
    assert one.saves == {"wait_hours": pytest.approx(20 * 7140 / HOUR, rel=0.02)}
    # one that cannot hold these jobs is none
    assert found(*jobs, limits=lambda _name: Limits(4000, 180)).suggestions == ()
    assert found(*jobs, limits=lambda _name: Limits(16000, 30)).suggestions == ()


def test_many_tiny_jobs():
    [one] = found(*times(400, job(run=20, busy=4.0, wait=95, limit=600))).suggestions
    assert (one.kind, one.what, one.jobs) == ("batch", "run 45 of them in one job", 400)
    assert one.why == "400 jobs ran 20s each (median); 83% of their time, 10.6 h, was waiting for a start"
    assert one.saves == {"wait_hours": pytest.approx(400 * 95 / HOUR * 44 / 45)}
    assert one.change == ("--groups align=align --group-components align=45",)
    assert kinds(found(*times(49, job(run=20, wait=95, limit=600)))) == []


def test_what_tries_cost_that_ran_out_of_memory():
    jobs = [*times(30, job(peak=7500)), *times(10, job(ending=Ending.MEMORY, peak=8000))]
    [one] = found(*jobs).suggestions
    assert (one.kind, one.jobs, one.saves) == ("retries", 40, {"core_hours": 40})
    assert one.why == "10 of 40 jobs were stopped for memory: 25% of all core-hours"
    assert one.what.endswith("at the first try")


def test_a_node_on_which_jobs_fail():
    well = [each for n in range(1, 6) for each in times(20, job(node=f"n{n}"))]
    bad = [*times(8, job(ending=Ending.FAILED, node="n9")), *times(2, job(node="n9"))]
    [one] = found(*well, *bad).suggestions
    assert (one.kind, one.whose, one.what, one.jobs, one.saves) == (
        "node",
        ALIGN,
        "leave n9 out, and tell your admins",
        10,
        {},
    )
    assert one.change == ("--set-resources align:slurm_extra=\"'--exclude=n9'\"",)
    assert one.why.startswith("8 of 10 jobs failed there, 0 of 100 elsewhere")


def test_jobs_that_fail_everywhere_are_no_nodes_fault():
    jobs = [
        each
        for n in range(1, 6)
        for each in (*times(10, job(node=f"n{n}")), *times(8, job(ending=Ending.FAILED, node=f"n{n}")))
    ]
    assert kinds(found(*jobs)) == []


def test_the_surest_and_largest_come_first():
    large, small = Whose("nextflow", "/p", "NF_BIG"), Whose("sbatch", "/p", "plink_chr7")
    result = found(*times(50, job(small, cpus=8, busy=1)), *times(50, job(large, cpus=64, busy=1)))
    assert [(one.whose.process, one.change) for one in result.suggestions] == [
        ("NF_BIG", ("process { withName: '(.*:)?NF[:_]BIG' { cpus = 1 } }",)),
        ("plink_chr*", ("#SBATCH --cpus-per-task=1",)),
    ]


ROW = {"JobID": "7", "Submit": "2026-11-24T10:00:00", "Start": "2026-11-24T10:05:00", "NodeList": "n1"}


def test_waiting_is_from_when_it_could_have_begun():
    assert waited(ROW) == 300
    assert waited(ROW | {"Eligible": "2026-11-24T10:04:00"}) == 60
    assert waited(ROW | {"Eligible": "Unknown"}) == 300
    assert waited(ROW | {"Start": "Unknown"}) is None


def test_a_node_is_that_of_a_job_that_had_one():
    usage = job().usage
    assert past_job(ROW | {"Partition": "a,b"}, usage) == PastJob(usage, "a", 300, "n1", "7")
    for several in ("n[1-3]", "n1,n2", "None assigned", ""):
        assert past_job(ROW | {"NodeList": several}, usage).node == ""


def test_what_ran_again_is_counted_by_its_jobs():
    ledger = Ledger(again=frozenset({"8", "9"}))
    for each in (job(id="7"), job(id="8"), job(id="9", run=60)):
        ledger.add(each)
    assert ledger.again_core_s == {"8": 4 * HOUR, "9": 240}

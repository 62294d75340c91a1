"""Ten thousand failures of one cause: one incident, two submissions, and hardly a question."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from benchmarks.many_jobs import Bench
from tests.fakes.site import Job

from heal.journal import Diagnosed, State, state_of
from heal.records import RunRef
from heal.store import Store

KILLED = 'reading sample {0}\nTraceback (most recent call last):\n  File "work.py", line 9\nMemoryError\n'


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    # what submits finds the site's programs on the PATH, as a user's heal does
    monkeypatch.setenv("PATH", "")
    return Bench(tmp_path, Store.open(tmp_path / "heal.db"))


@pytest.mark.parametrize(
    ("count", "found"),
    [(500, None), (50, RunRef("r2", "sbatch", "/usr"))],
)
def test_an_array_that_fails_as_a_whole_costs_no_more_calls_than_a_job(
    bench: Bench, count: int, found: RunRef | None
) -> None:
    # Given a watched array of which every element fails for one cause
    jobs = [Job(f"5000_{index}") for index in range(count)]
    if found:
        bench.found(found)
    bench.submitted(["5000"])
    bench.site.put(jobs)
    bench.pass_time(60)
    bench.pass_time(130)
    before = Counter(bench.site.calls())
    for index, job in enumerate(jobs):
        log = bench.folder / f"{index}.log"
        log.write_text(KILLED.format(index), encoding="utf-8")
        job.state, job.exit, job.rss, job.log = "FAILED", "1:0", "98000K", str(log)
    # When it is healed, by one first and then the rest
    bench.pass_time(200)
    while len(bench.site.submissions()) < 1:
        bench.pass_time(5)
    [canary] = [one.job for one in bench.store.watched()]
    bench.site.put([Job(canary, "COMPLETED")])
    while len(bench.site.submissions()) < 2:
        bench.pass_time(20)
    # Then it is one incident with one diagnosis, submitted again as one and the rest, by ten calls at most
    told = [
        (incident.tasks, sum(isinstance(body, Diagnosed) for body in bodies))
        for incident, bodies in bench.store.newest(10)
    ]
    assert told == [(count, 1)]
    one, rest = bench.site.submissions()
    assert ("--array=0 " in one, f"--array=1-{count - 1} " in rest) == (True, True)
    assert (Counter(bench.site.calls()) - before).total() <= 10
    # And when all are home, it is healed
    bench.site.put(Job(job, "COMPLETED") for job in {one.job for one in bench.store.watched()})
    for _ in range(4):
        bench.pass_time(60)
    assert [state_of(bodies) for _incident, bodies in bench.store.newest(10)] == [State.HEALED]


def test_never_more_calls_a_minute_than_the_settings_allow(bench: Bench) -> None:
    # Given many jobs that end one after the other
    jobs = [Job(str(number)) for number in range(100, 160)]
    bench.submitted([job.id for job in jobs])
    bench.site.put(jobs)
    calls: list[tuple[float, int]] = []
    # When an hour passes, in steps of seconds
    for step in range(720):
        if step % 12 == 0:
            job = jobs[step // 12]
            log = bench.folder / f"{job.id}.log"
            log.write_text(f"{job.id}: error: cannot open file sample{job.id}.txt: No such file or directory\n")
            job.state, job.exit, job.log = "FAILED", "1:0", str(log)
        bench.pass_time(5)
        calls.append((bench.now.timestamp(), len(bench.site.calls())))
    # Then no minute saw more than six
    most = max(count - max((earlier for at, earlier in calls if at <= now - 60), default=0) for now, count in calls)
    assert most <= 6


def test_thirty_thousand_single_jobs_that_end_at_once_come_in(bench: Bench) -> None:
    # Given thirty thousand jobs, each with an id of its own
    jobs = [Job(str(number)) for number in range(1_000_000, 1_030_000)]
    bench.submitted([job.id for job in jobs])
    bench.site.put(jobs)
    bench.pass_time(60)
    # When they all end
    for job in jobs:
        job.state, job.rss = "COMPLETED", "50000K"
    calls = [(bench.now.timestamp(), len(bench.site.calls()))]
    while bench.store.watched() and len(calls) < 30:
        bench.pass_time(20)
        calls.append((bench.now.timestamp(), len(bench.site.calls())))
    # Then heal knows the end of each within five minutes, and no minute saw more than six calls
    assert len(calls) <= 15
    most = max(count - max((had for at, had in calls if at <= now - 60), default=0) for now, count in calls)
    assert most <= 6

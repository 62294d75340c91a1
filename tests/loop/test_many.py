"""Ten thousand failures of one cause: one incident, two submissions, and hardly a question.

By a daemon that looks for strangers, too.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from benchmarks.many_jobs import MEMORY, Bench
from tests.fakes.site import Job

from heal.journal import Diagnosed, State, state_of
from heal.store import Store

ROOT = Path(__file__).parents[2]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    # what submits finds the site's programs on the PATH, as a user's heal does
    monkeypatch.setenv("PATH", "")
    return Bench(tmp_path, Store.open(tmp_path / "heal.db"))


@pytest.mark.parametrize(("count", "announced"), [(500, True), (50, False)])
def test_an_array_that_fails_as_a_whole_costs_no_more_calls_than_a_job(
    bench: Bench, count: int, announced: bool
) -> None:
    # Given an array that heal run submitted, or that was found, of which every element fails for one cause
    jobs = [Job(f"5000_{index}") for index in range(count)]
    if announced:
        bench.submitted(["5000"])
    bench.site.put(jobs)
    bench.pass_time(60)
    bench.pass_time(130)
    before = Counter(bench.site.calls())
    bench.fail(MEMORY)
    # When it is healed, by one first and then the rest
    bench.pass_time(200)
    while len(bench.site.submissions()) < 1:
        bench.pass_time(5)
    [canary] = [one.job for one in bench.store.watched() if one.job.startswith("900001")]
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


@pytest.mark.parametrize("shape", ["arrays", "found_arrays"])
def test_fifty_thousand_elements_are_followed_in_bounded_memory(shape: str) -> None:
    # Given a daemon, in a process of its own, that follows five arrays of ten thousand
    command = [sys.executable, "-m", "benchmarks.watched_jobs", shape]
    said = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    # Then no look takes it above 300 MB, and none but the first asks more than four times
    held = [int(found[1]) for line in said if (found := re.search(r"at most (\d+) MB", line))]
    calls = [int(found[1]) for line in said if (found := re.search(r"(\d+) calls of", line))]
    assert (len(held), len(calls)) == (len(said), len(said))
    assert max(held) < 300
    assert max(calls[1:]) <= 4

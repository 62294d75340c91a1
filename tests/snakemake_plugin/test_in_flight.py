"""Failed jobs of real Snakemake runs: asked about, tried again with what was granted, or given up as without heal."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.snakemake_plugin.flight import (
    NONE,
    SNAKEMAKE,
    Event,
    Listener,
    events,
    failures,
    questions,
    ran,
    retry,
    snakemake,
    start,
)

pytestmark = [
    pytest.mark.skipif(not SNAKEMAKE.exists(), reason="Snakemake is not installed beside this Python"),
    pytest.mark.snakemake,
]

# needs 300 MB and asks for 100; the others have nothing to do with it, one follows the other
PIPELINE = """
rule all:
    input: "big.txt", "other_3.txt"
rule big:
    output: "big.txt"
    log: "big.log"
    resources: mem_mb=100, runtime=5
    shell:
        "echo big {resources.mem_mb} {resources.mem_mib} {resources.mem} {resources.runtime} >> $RAN; "
        "[ {resources.mem_mb} -ge 300 ] || {{ echo out of memory > {log}; exit 7; }}; touch {output}"
rule other:
    input: lambda wildcards: [f"other_{int(wildcards.n) - 1}.txt"] if wildcards.n != "1" else []
    output: "other_{n}.txt"
    shell: "echo other {wildcards.n} >> $RAN; touch {output}"
"""

# fails whatever it is given
HOPELESS = """
rule all:
    input: "bad.txt", "other.txt"
rule bad:
    output: "bad.txt"
    shell: "echo bad >> $RAN; exit 3"
rule other:
    output: "other.txt"
    shell: "touch {output}"
"""


def pipeline(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "Snakefile").write_text(text)
    (folder / "ran.log").touch()
    return folder


def needing(mb: int, asks: str) -> str:
    """A job that needs so much and asks for what stands there."""
    return f"""
rule big:
    output: "big.txt"
    {asks}
    shell: "echo {{resources.mem_mb}} >> $RAN; [ {{resources.mem_mb}} -ge {mb} ]; touch {{output}}"
"""


def words(said: str) -> list[str]:
    """What Snakemake said, without times, places and how often it looked for more to do."""
    said = re.sub(
        r"\[\w{3} \w{3} .*\d{4}\]|/\S+|(Date|Workflow ID|Elapsed time): .*|Select jobs to execute.*", "", said
    )
    return sorted(line for line in said.splitlines() if line.strip())


def test_a_job_gets_what_it_lacked_while_the_others_run_on(tmp_path: Path) -> None:
    pipeline(tmp_path, PIPELINE)

    def when_the_others_are_through(_event: Event) -> object:
        return retry(memory_mb=630, time_min=10) if "other 3" in ran(tmp_path) else None

    with Listener(tmp_path, when_the_others_are_through) as listener:
        code, said = snakemake(tmp_path, "-j2")
        assert (code, listener.left()) == (0, []), said
    assert ran(tmp_path)[-1] == "big 630 601 630 MB 10"
    assert sorted(ran(tmp_path)[:-1]) == ["big 100 96 100 MB 5", "other 1", "other 2", "other 3"]
    (failed,) = failures(tmp_path)
    assert (failed["task"]["key"], failed["task"]["log_paths"]) == ("big", [str(tmp_path / "big.log")])
    facts = failed["facts"]
    assert facts["asked"] == {"memory_mb": 100, "time_min": 5, "cpus": 1}
    assert (facts["exit"], facts["output"], facts["shell"].startswith("echo big 100")) == (7, ["big.txt"], True)
    assert set(facts) >= {"asks", "asks_until", "message", "input", "process"}
    tried = [e for e in events(tmp_path) if e["kind"] in ("task_submitted", "task_finished") and "task" in e]
    second = [
        (e["kind"], e["facts"]["asked"]["memory_mb"])
        for e in tried
        if e["task"]["key"] == "big" and e["task"]["attempt"] == 2
    ]
    assert second == [("task_submitted", 630), ("task_finished", 630)]
    assert events(tmp_path)[-1]["facts"] == {"ok": True, "exit": 0}


@pytest.mark.parametrize("options", [("-j2",), ("-j2", "-k")])
@pytest.mark.parametrize("answer", [NONE, "no JSON", {"v": 1, "answer": "retry", "resources": {"gpus": 1}}])
def test_without_an_answer_that_helps_all_is_as_without_heal(
    tmp_path: Path, options: tuple[str, ...], answer: object
) -> None:
    without, under = pipeline(tmp_path / "without", HOPELESS), pipeline(tmp_path / "under", HOPELESS)
    before = snakemake(without, *options, seconds=0)
    with Listener(under, lambda _event: answer) as listener:
        after = snakemake(under, *options)
        assert listener.left() == []
    assert (after[0], words(after[1]), ran(under)) == (before[0], words(before[1]), ran(without))
    assert (questions(without), questions(under)) == ([], [("bad", 1)])
    assert [event["kind"] for event in events(under)].count("task_failed") == 1


def test_nobody_waits_longer_than_agreed_and_then_all_is_as_without_heal(tmp_path: Path) -> None:
    without, under = pipeline(tmp_path / "without", HOPELESS), pipeline(tmp_path / "under", HOPELESS)
    before = snakemake(without, "-j2", seconds=0)
    with Listener(under, lambda _event: None):
        after = snakemake(under, "-j2", seconds=2)
    assert (after[0], words(after[1]), ran(under)) == (before[0], words(before[1]), ran(without))
    assert (before[0], ran(under), questions(under)) == (1, ["bad"], [("bad", 1)])


def test_nobody_waits_for_a_heal_that_is_gone(tmp_path: Path) -> None:
    pipeline(tmp_path, HOPELESS)
    with Listener(tmp_path, lambda _event: listener.go()) as listener:
        code, _ = snakemake(tmp_path, "-j2", seconds=3000)
    assert (code, ran(tmp_path), questions(tmp_path)) == (1, ["bad"], [("bad", 1)])


def test_nobody_is_asked_who_does_not_listen(tmp_path: Path) -> None:
    pipeline(tmp_path, HOPELESS)
    with Listener(tmp_path, lambda _event: None) as listener:
        listener.go()
        code, _ = snakemake(tmp_path, "-j2", seconds=3000)
    assert (code, ran(tmp_path), questions(tmp_path)) == (1, ["bad"], [])


def test_a_job_may_be_given_more_twice(tmp_path: Path) -> None:
    pipeline(tmp_path, needing(350, "resources: mem_mb=100"))
    with Listener(tmp_path, lambda event: retry(memory_mb=200 * event["task"]["attempt"])):
        code, said = snakemake(tmp_path, "-j1")
    assert (code, ran(tmp_path), questions(tmp_path)) == (0, ["100", "200", "400"], [("big", 1), ("big", 2)]), said


@pytest.mark.parametrize(
    ("asks", "options", "tries"),
    [
        ("retries: 2", (), ["100", "100", "100", "350"]),
        ("", ("--retries", "1"), ["100", "100", "350"]),
        # never less than the pipeline asks for itself in that try
        ("retries: 1", ("--set-resources", "big:mem_mb=attempt * 140"), ["140", "280", "420"]),
        # and where the pipeline's own function knows of no such try, what it asked for in the last one
        ("resources: runtime=lambda wildcards, attempt: [5][attempt - 1]", (), ["100", "350"]),
        ("resources: mem_mb=lambda wildcards, attempt: [100][attempt - 1]", (), ["100", "350"]),
    ],
)
def test_the_pipelines_own_tries_come_first(
    tmp_path: Path, asks: str, options: tuple[str, ...], tries: list[str]
) -> None:
    pipeline(tmp_path, needing(350, asks))
    with Listener(tmp_path, lambda _event: retry(memory_mb=350)):
        code, said = snakemake(tmp_path, "-j1", "--default-resources", "mem_mb=100", *options)
    assert (code, ran(tmp_path), questions(tmp_path)) == (0, tries, [("big", len(tries) - 1)]), said
    assert [event["facts"].get("will_retry") for event in failures(tmp_path)] == [True] * (len(tries) - 2) + [None]


@pytest.mark.parametrize(
    ("param", "tries"),
    [
        ("lambda wildcards, resources: resources.mem_mb // 2", ["100 50", "350 175"]),
        # in a second try it cannot be made, and is what it was
        ("lambda wildcards, resources: {100: 50}[resources.mem_mb]", ["100 50", "350 50"]),
    ],
)
def test_params_that_are_made_of_resources_follow_them(tmp_path: Path, param: str, tries: list[str]) -> None:
    pipeline(
        tmp_path,
        f"""
rule big:
    output: "big.txt"
    resources: mem_mb=100
    params: heap={param}
    shell:
        "echo {{resources.mem_mb}} {{params.heap}} >> $RAN; [ {{resources.mem_mb}} -ge 350 ]; touch {{output}}"
""",
    )
    with Listener(tmp_path, lambda _event: retry(memory_mb=350)):
        code, said = snakemake(tmp_path, "-j1")
    assert (code, ran(tmp_path)) == (0, tries), said


def test_retries_of_snakemake_repeat_what_cannot_be_healed(tmp_path: Path) -> None:
    # why heal does not use them (docs/decisions.md)
    pipeline(tmp_path, HOPELESS)
    code, _ = snakemake(tmp_path, "-j2", "--retries", "2", seconds=0)
    assert (code, ran(tmp_path)) == (1, ["bad"] * 3)


def test_what_lies_above_a_limit_of_the_run_is_not_tried(tmp_path: Path) -> None:
    pipeline(tmp_path, needing(350, "resources: mem_mb=100"))
    with Listener(tmp_path, lambda _event: retry(memory_mb=350)):
        code, _ = snakemake(tmp_path, "-j1", "--resources", "mem_mb=300")
    assert (code, ran(tmp_path)) == (1, ["100"])


@pytest.mark.parametrize("scheduler", ["greedy", "ilp"])
def test_a_limit_of_the_run_holds_for_the_second_try(tmp_path: Path, scheduler: str) -> None:
    pipeline(
        tmp_path,
        needing(350, "resources: mem_mb=100").replace(
            "rule big", "rule all:\n    input: 'big.txt', 'long.txt'\nrule big"
        )
        + """
rule long:
    output: "long.txt"
    resources: mem_mb=800
    shell: "while [ ! -e goes ]; do sleep 0.1; done; sleep 1; echo long >> $RAN; touch {output}"
""",
    )

    def answer(_event: Event) -> object:
        (tmp_path / "goes").touch()
        return retry(memory_mb=350)

    with Listener(tmp_path, answer):
        code, said = snakemake(tmp_path, "-j4", "--resources", "mem_mb=1000", "--scheduler", scheduler)
    assert (code, ran(tmp_path)) == (0, ["100", "long", "350"]), said


def test_many_that_fail_at_once_are_all_asked_about(tmp_path: Path) -> None:
    pipeline(
        tmp_path,
        "rule all:\n    input: expand('big_{n}.txt', n=range(6))\n"
        + needing(350, "resources: mem_mb=100").replace("big.txt", "big_{n}.txt"),
    )
    with Listener(tmp_path, lambda _event: retry(memory_mb=350) if len(questions(tmp_path)) == 6 else None):
        code, said = snakemake(tmp_path, "-j6")
    assert (code, ran(tmp_path)) == (0, ["100"] * 6 + ["350"] * 6), said


@pytest.mark.parametrize("keep_going", [False, True])
def test_one_healed_and_one_not(tmp_path: Path, keep_going: bool) -> None:
    # without --keep-going Snakemake starts nothing any more once a failure is known
    pipeline(
        tmp_path,
        "rule all:\n    input: 'bad.txt', 'big.txt'\n"
        + HOPELESS.split("\n", 3)[3]
        + needing(350, "resources: mem_mb=100"),
    )

    def answer(event: Event) -> object:
        if len(questions(tmp_path)) < 2:
            return None
        if event["task"]["key"] == "bad":
            answered.append(1)
            return NONE
        # which of the two fails first is chance: this one is answered once the other answer was taken
        return retry(memory_mb=350) if answered and not listener.left() else None

    answered: list[int] = []
    with Listener(tmp_path, answer) as listener:
        code, said = snakemake(tmp_path, "-j2", *(["-k"] if keep_going else []))
    assert code == 1, said
    assert ("350" in ran(tmp_path)) is keep_going
    assert ran(tmp_path).count("bad") == 1


@pytest.mark.parametrize(
    "body",
    [
        'script: "job.py"',
        """run:
        with open(os.environ["RAN"], "a") as file: print(resources.mem_mb, file=file)
        assert resources.mem_mb >= 350
        open(output[0], "w").close()""",
    ],
)
@pytest.mark.parametrize(
    ("asks", "options"),
    [
        ("mem_mb=90", ()),
        ("mem_mb=90", ("--set-resources", "big:mem=90MB", "all:mem_mb=7")),
        # what its functions know nothing of in a second try is told as well
        (
            "mem_mb=90, runtime=lambda wildcards, attempt: [5][attempt - 1], kind=lambda _, attempt: ['a b'][attempt - 1]",
            (),
        ),
        ("mem_mb=lambda wildcards, attempt: [90][attempt - 1]\n    threads: lambda _, attempt: [1][attempt - 1]", ()),
    ],
)
def test_a_job_that_is_a_snakemake_of_its_own_knows_what_it_was_given(
    tmp_path: Path, body: str, asks: str, options: tuple[str, ...]
) -> None:
    pipeline(
        tmp_path,
        f"""
import os
rule all:
    input: "big.txt"
rule big:
    output: "big.txt"
    resources: {asks}
    {body}
""",
    )
    (tmp_path / "job.py").write_text(
        "import os\nprint(snakemake.resources.mem_mb, file=open(os.environ['RAN'], 'a'))\n"
        "assert snakemake.resources.mem_mb >= 350\nopen(snakemake.output[0], 'w')\n"
    )
    with Listener(tmp_path, lambda event: retry(memory_mb=350) if event["task"]["attempt"] == 1 else NONE):
        code, said = snakemake(tmp_path, "-j1", *options)
    assert (code, ran(tmp_path)) == (0, ["90", "350"]), said


def test_jobs_that_a_pipe_joins_are_tried_again_together(tmp_path: Path) -> None:
    pipeline(
        tmp_path,
        """
rule all:
    input: "end.txt"
rule first:
    output: pipe("between")
    shell: "echo first >> $RAN; echo text > {output}"
rule last:
    input: "between"
    output: "end.txt"
    resources: mem_mb=100
    shell: "cat {input}; echo last {resources.mem_mb} >> $RAN; [ {resources.mem_mb} -ge 350 ]; touch {output}"
""",
    )
    with Listener(tmp_path, lambda event: retry(memory_mb=350) if event["task"]["key"] == "last" else retry()):
        code, said = snakemake(tmp_path, "-j2")
    assert (code, sorted(ran(tmp_path))) == (0, ["first", "first", "last 100", "last 350"]), said


def test_a_checkpoint_is_healed_and_what_hangs_on_it_runs(tmp_path: Path) -> None:
    pipeline(
        tmp_path,
        """
rule all:
    input: lambda wildcards: checkpoints.split.get().output[0] and ["part.txt"]
checkpoint split:
    output: "split.txt"
    resources: mem_mb=100
    shell: "echo {resources.mem_mb} >> $RAN; [ {resources.mem_mb} -ge 350 ]; touch {output}"
rule part:
    input: "split.txt"
    output: "part.txt"
    shell: "echo part >> $RAN; touch {output}"
""",
    )
    with Listener(tmp_path, lambda _event: retry(memory_mb=350)):
        code, said = snakemake(tmp_path, "-j1")
    assert (code, ran(tmp_path)) == (0, ["100", "350", "part"]), said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_ends_a_run_that_waits_does_not_wait(
    tmp_path: Path, number: signal.Signals, until: Callable[..., bool]
) -> None:
    pipeline(tmp_path, HOPELESS)
    with Listener(tmp_path, lambda _event: None), start(tmp_path, "-j2", seconds=3000) as run:
        assert until(lambda: questions(tmp_path))
        began = time.monotonic()
        os.kill(run.pid, number)
        run.communicate(timeout=60)
        assert (run.returncode, ran(tmp_path)) == (1, ["bad"])
        assert time.monotonic() - began < 5
    assert events(tmp_path)[-1]["facts"] == {"ok": False, "exit": 1, "interrupted": True}


def test_jobs_that_die_with_an_interrupted_run_are_not_asked_about(tmp_path: Path, until: Callable[..., bool]) -> None:
    pipeline(tmp_path, "rule all:\n    output: 'a'\n    shell: 'echo began >> $RAN; sleep 60'\n")
    with Listener(tmp_path, lambda _event: None), start(tmp_path, "-j1", seconds=3000) as run:
        assert until(lambda: ran(tmp_path))
        os.killpg(run.pid, signal.SIGINT)
        run.communicate(timeout=60)
    assert (run.returncode, questions(tmp_path)) == (1, [])


def test_a_run_in_which_nothing_fails_starts_no_thread_and_tells_the_same(tmp_path: Path) -> None:
    told = {}
    for seconds in (0, 60):
        folder = pipeline(
            tmp_path / str(seconds),
            """
import threading
rule all:
    output: "a"
    run:
        open(output[0], "w").write(",".join(thread.name for thread in threading.enumerate()))
""",
        )
        with Listener(folder, lambda _event: None):
            assert snakemake(folder, "-j1", "--force-use-threads", seconds=seconds)[0] == 0
        assert "heal-asks" not in (folder / "a").read_text()
        told[seconds] = [event["kind"] for event in events(folder)]
    assert told[0] == told[60] == ["run_started", "task_submitted", "task_finished", "run_finished"]

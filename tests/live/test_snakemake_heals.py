"""The promise of heal for Snakemake, each kind of failure once; SLURM where SLURM's own behaviour is what fails."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.live.pipelines import BIN, DEPOT, EAT, SNAKEMAKE_SLURM, Pipeline

pytestmark = pytest.mark.snakemake
PATTERNS = Path(__file__).parents[2] / "patterns"
HERE = ("snakemake", "--jobs=2", "--latency-wait=1")


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return Pipeline(tmp_path)


def told(pipeline: Pipeline) -> list[tuple[str, str, str]]:
    return sorted((one["process"], one["label"], one["state"]) for one in pipeline.incidents())


# --- on this machine ---------------------------------------------------------------------------


def test_only_what_failed_runs_twice(pipeline: Pipeline) -> None:
    # Given forty tasks of which one needs more, a download that fails once, of a kind that the user's own pattern says
    # to try again at once, and a task that Snakemake tries again by itself
    pipeline.knows("network/depot", DEPOT)
    pipeline.file(
        "Snakefile",
        """
rule all:
    input: expand("out/{n}.txt", n=range(40)), "fetched.txt", "again.txt"
rule light:
    output: "out/{n}.txt"
    log: "logs/{n}.log"
    resources: mem_mb=200
    shell:
        "echo n{wildcards.n} >> $RAN; if [ {wildcards.n} = 7 ]; then ulimit -v $(({resources.mem_mb} * 1024)); "
        "python3 -S -c 'b = bytearray(250 * 1024 ** 2)' 2> {log}; fi; touch {output}"
rule fetch:
    output: "fetched.txt"
    log: "fetch.log"
    shell:
        "echo fetch >> $RAN; [ -e tried ] || {{ touch tried; "
        "echo 'the depot is busy, come again' > {log}; exit 6; }}; touch {output}"
rule again:
    output: "again.txt"
    log: "again.log"
    retries: 2
    resources: mem_mb=lambda wildcards, attempt: attempt * 100
    shell:
        "echo again >> $RAN; [ {resources.mem_mb} -gt 150 ] || {{ echo MemoryError > {log}; exit 1; }}; touch {output}"
""",
    )
    ended = pipeline.heal("run", "--", *HERE, "--keep-going")
    # Then all came home in one launch, and what Snakemake healed by its own retries is no incident
    assert ended.returncode == 0, ended.stdout
    assert ended.stdout.count("Building DAG of jobs") == 1
    assert pipeline.times_run() == {f"n{n}": 1 + (n == 7) for n in range(40)} | {"fetch": 2, "again": 2}
    assert told(pipeline) == [("fetch", "network", "healed"), ("light", "out_of_memory", "healed")]


OTHER = """
rule align:
    output: "aligned.txt"
    log: "align.log"
    benchmark: "bench/align.tsv"
    resources: mem_mb=200
    shell:
        "echo align-{resources.mem_mb} >> $RAN; ulimit -v $(({resources.mem_mb} * 1024)); "
        "python3 -S -c 'b = bytearray(250 * 1024 ** 2)' 2> {log}; touch {output}"
"""
PARTS = """
rule part:
    output: "part/{scatteritem}.txt"
    log: "part/{scatteritem}.log"
    resources: mem_mb=200
    shell:
        "echo {wildcards.scatteritem}-{resources.mem_mb} >> $RAN; ulimit -v $(({resources.mem_mb} * 1024)); "
        "[ {wildcards.scatteritem} = 1-of-2 ] || python3 -S -c 'b = bytearray(250 * 1024 ** 2)' 2> {log}; touch {output}"
"""
SHAPES = """
scattergather:
    split=2,

module other:
    snakefile: "other/rules.smk"

use rule * from other as other_*

include: "rules/parts.smk"

rule all:
    default_target: True
    input: "aligned.txt", "a/b c,d.deep", gather.split("part/{scatteritem}.txt"),

rule deep:
    output: "{sample}.deep"
    log: "logs/{sample}.log"
    resources: mem_mb=200
    shell:
        "echo deep-{resources.mem_mb} >> $RAN; ulimit -v $(({resources.mem_mb} * 1024)); "
        "python3 -S -c 'b = bytearray(250 * 1024 ** 2)' 2> '{log}'; touch '{output}'"
"""


def test_modules_scattered_parts_and_deep_wildcards_are_healed_in_a_folder_of_their_own(pipeline: Pipeline) -> None:
    # Given a workflow of several Snakefiles that is sent to another folder, and heal that may not answer while it runs
    pipeline.file("flow/Snakefile", SHAPES)
    pipeline.file("flow/other/rules.smk", OTHER)
    pipeline.file("flow/rules/parts.smk", PARTS)
    pipeline.file("heal.toml", "[in_flight]\nwait_seconds = 0\n")
    ended = pipeline.heal("run", "--", *HERE, "--keep-going", "-s", "flow/Snakefile", "--directory", "data")
    # Then it is started again there, and each rule has more, by the name that it has in the workflow
    assert ended.returncode == 0, ended.stdout
    assert ended.stdout.count("Building DAG of jobs") == 2
    assert told(pipeline) == [(rule, "out_of_memory", "healed") for rule in ("deep", "other_align", "part")]
    parts = {"1-of-2-200": 1, "2-of-2-200": 1, "2-of-2-400": 1}
    assert pipeline.times_run() == parts | {f"{rule}-{mb}": 1 for rule in ("align", "deep") for mb in (200, 400)}
    assert (pipeline.work / "data" / "a" / "b c,d.deep").exists()
    # And what a benchmark measured is the one try that came home
    head, *rows = (pipeline.work / "data" / "bench" / "align.tsv").read_text(encoding="utf-8").splitlines()
    assert (head.split()[0], len(rows)) == ("s", 1)


SLOW = """
rule all:
    input: "a.txt", "b.txt"
rule a:
    output: "a.txt"
    shell: "echo a >> $RAN; touch {output}"
rule b:
    input: "a.txt"
    output: "b.txt"
    shell: "echo b >> $RAN; while [ -e hold ]; do sleep 0.1; done; touch {output}"
"""


def test_a_stale_lock_is_removed_once_nobody_can_be_at_work(pipeline: Pipeline, until: Callable[..., bool]) -> None:
    # Given a folder that a killed Snakemake left locked, with a file half made
    pipeline.file("Snakefile", SLOW)
    pipeline.file("hold", "")
    killed(pipeline, until)
    # When the pipeline is started as ever, under heal
    ended = pipeline.heal("run", "--", *HERE)
    # Then it comes home, and what was finished before was not made again
    assert ended.returncode == 0, ended.stdout
    assert pipeline.times_run() == {"a": 1, "b": 2}
    assert told(pipeline) == [("snakemake", "locked", "healed")]


def killed(pipeline: Pipeline, until: Callable[..., bool]) -> None:
    """A Snakemake and its jobs that ended by SIGKILL in the middle of b."""
    with subprocess.Popen(
        [BIN / "snakemake", *HERE[1:]], cwd=pipeline.work, env=pipeline.env, start_new_session=True
    ) as process:
        assert until(lambda: "b" in pipeline.times_run(), 60)
        os.killpg(process.pid, signal.SIGKILL)
    (pipeline.work / "hold").unlink()


def test_files_left_incomplete_are_made_anew(pipeline: Pipeline, until: Callable[..., bool]) -> None:
    # Given the same, and a person who removed the lock, and thinks that was all; and the file that was half made
    pipeline.file("Snakefile", SLOW)
    pipeline.file("hold", "")
    killed(pipeline, until)
    assert pipeline.run("snakemake", "--unlock").returncode == 0
    pipeline.file("b.txt", "half")
    ended = pipeline.heal("run", "--", *HERE)
    assert ended.returncode == 0, ended.stdout
    assert pipeline.times_run() == {"a": 1, "b": 2}
    assert told(pipeline) == [("snakemake", "locked", "healed")]


def test_an_engine_that_is_killed_goes_on_where_it_stood(pipeline: Pipeline, until: Callable[..., bool]) -> None:
    pipeline.file("Snakefile", SLOW)
    pipeline.file("hold", "")
    process = subprocess.Popen(["heal", "run", "--", *HERE], cwd=pipeline.work, env=pipeline.env)
    assert until(lambda: "b" in pipeline.times_run(), 60)
    # When the engine is killed, and its job with it
    [engine] = [pid for pid, cwd in snakemakes() if cwd == pipeline.work]
    children = subprocess.run(["pgrep", "-P", str(engine)], capture_output=True, text=True, check=False).stdout.split()
    os.kill(engine, signal.SIGKILL)
    for child in children:
        os.kill(int(child), signal.SIGKILL)
    (pipeline.work / "hold").unlink()
    # Then it is started again, and what was finished stays
    assert process.wait(120) == 0
    assert pipeline.times_run() == {"a": 1, "b": 2}


def test_a_remedy_whose_launch_is_killed_is_part_of_the_next_launch(
    pipeline: Pipeline, until: Callable[..., bool]
) -> None:
    # Given a rule that lacks a folder, which heal makes before it starts the run again, and one that hangs on it
    pipeline.file("hold", "")
    pipeline.file(
        "Snakefile",
        """
rule last:
    input: "x.txt"
    output: "y.txt"
    shell: "echo last >> $RAN; touch {output}"
rule first:
    output: "x.txt"
    log: "first.log"
    shell:
        "echo first >> $RAN; (cp Snakefile deep/copy) 2> {log}; while [ -e hold ]; do sleep 0.2; done; touch {output}"
""",
    )
    process = subprocess.Popen(["heal", "run", "--", *HERE], cwd=pipeline.work, env=pipeline.env)
    assert until(lambda: pipeline.times_run() == {"first": 2}, 60)
    # When that launch is killed before the rule came home
    [engine] = [pid for pid, cwd in snakemakes() if cwd == pipeline.work]
    children = subprocess.run(["pgrep", "-P", str(engine)], capture_output=True, text=True, check=False).stdout.split()
    for pid in (engine, *map(int, children)):
        os.kill(pid, signal.SIGKILL)
    (pipeline.work / "hold").unlink()
    # Then the next one has it as well, and the run comes to its end
    assert process.wait(120) == 0
    assert pipeline.times_run() == {"first": 3, "last": 1}
    assert told(pipeline) == [("first", "missing_input", "healed"), ("snakemake", "node_failure", "healed")]


def snakemakes() -> list[tuple[int, Path]]:
    """Snakemakes at work: their pids and folders."""
    sys.path.insert(0, str(Path(__file__).parents[2] / "daemon"))
    from heal.engines.processes import command_lines, folder_of  # noqa: PLC0415
    from heal.engines.snakemake_lock import is_snakemake  # noqa: PLC0415

    return [(pid, folder) for pid, words in command_lines() if is_snakemake(words) and (folder := folder_of(pid))]


RULE_A = "rule a:\n    output: 'a'\n    shell: 'touch a'\n"
WRONG = {
    # name: Snakefile; cause; what is to be read in a line that is cited; the line of the Snakefile that is cited
    "colon": (RULE_A + RULE_A.replace("a:", "b", 1), "workflow_syntax", "Expected name or colon", "Snakefile:4"),
    "bracket": (f"x = [1, 2\n\n{RULE_A}", "workflow_syntax", "EOF in multi-line", ""),
    "keyword": (f"\n{RULE_A}    input: 'x'\n", "workflow_syntax", "No rule keywords allowed after", "Snakefile:2"),
    "input": ("\n" + RULE_A.replace(":", ":\n    input: 'x'", 1), "missing_input", "rule a", "Snakefile:2"),
    "cycle": (RULE_A.replace(":", ":\n    input: 'a'", 1), "workflow_logic", "Cyclic", "Snakefile:1"),
    "target": (RULE_A.replace("'a'", "'{n}'", 1), "workflow_logic", "Target rules may not contain", "Snakefile:1"),
    "wildcard": (
        "rule all:\n    input: 'x.b'\nrule b:\n    input:\n        'a',\n        '{lane}.fq'\n    output: '{n}.b'\n",
        *("workflow_logic", "Wildcards in input files cannot be determined", "Snakefile:6"),
    ),
    "settings": (f"\nconfigfile: 'c.yaml'\n{RULE_A}", "missing_input", "c.yaml", "Snakefile:2"),
    "include": (f"{RULE_A}include: 'gone.smk'\n", "missing_input", "gone.smk", "Snakefile:4"),
    "name": ("\n" + RULE_A.replace("'a'", "foo", 1), "workflow_logic", "NameError", "Snakefile:3"),
    "ambiguous": (
        "rule all:\n    input: 'a'\n" + RULE_A + RULE_A.replace("rule a", "rule b"),
        *("workflow_logic", "are ambiguous for the file a", "Snakefile:[36]"),
    ),
}


TO_SLURM = ("input", "wildcard")


@pytest.mark.parametrize(
    "case", [pytest.param(name, marks=pytest.mark.slurm if name in TO_SLURM else ()) for name in WRONG]
)
def test_an_error_before_any_task_waits_for_a_person(
    pipeline: Pipeline, case: str, request: pytest.FixtureRequest
) -> None:
    text, label, said, place = WRONG[case]
    pipeline.file("Snakefile", text)
    if case in TO_SLURM:
        request.getfixturevalue("slurm")
    ended = pipeline.heal("run", "--", *(SNAKEMAKE_SLURM[:-1] if case in TO_SLURM else HERE))
    assert ended.returncode == 1, ended.stdout
    if case in TO_SLURM:
        assert str(pipeline.work) not in folders_on_slurm(pipeline)
    assert told(pipeline) == [("snakemake", label, "waiting")]
    cited = pipeline.show(pipeline.incidents()[0]["id"])["diagnosis"]["citations"]
    assert said in " ".join(one["text"] for one in cited)
    # and the line of the Snakefile, where Snakemake's words tell which one it is
    found = " ".join(f"{one['source']}:{one['line']}" for one in cited if one["source"] == "Snakefile")
    assert re.fullmatch(place, found)


def folders_on_slurm(pipeline: Pipeline) -> set[str]:
    """Where jobs were submitted, of all that the controller remembers."""
    return set(pipeline.run("squeue", "--noheader", "--states=all", "--format=%Z").stdout.split())


# --- on SLURM ----------------------------------------------------------------------------------


LEFT = """
rule all:
    input: "second.txt"
rule first:
    output: "first.txt"
    resources: mem_mb=400
    shell: "echo first >> $RAN; while [ -e hold.first ]; do sleep 0.2; done; touch {output}"
rule second:
    input: "first.txt"
    output: "second.txt"
    resources: mem_mb=400
    shell: "echo second >> $RAN; while [ -e hold.second ]; do sleep 0.2; done; touch {output}"
"""


# the file is there for both Snakemakes of the first job, and then gone for the one that waits for it
LATE = """
import atexit, pathlib, sys

def hides():
    late, seen, hidden = map(pathlib.Path, ("late.txt", ".seen", ".hidden"))
    if late.exists() and seen.exists() and not hidden.exists():
        late.rename(hidden)
    elif late.exists():
        seen.touch()

if "--allowed-rules late" in " ".join(sys.argv):
    atexit.register(hides)
"""
# heal's own pattern waits for a minute
AT_ONCE = (
    (PATTERNS / "filesystem" / "snakemake_late_output.yaml")
    .read_text(encoding="utf-8")
    .replace("delay_s: 60", "delay_s: 0")
)


@pytest.mark.slurm
@pytest.mark.usefixtures("slurm")
def test_a_bug_in_a_script_waits_for_a_person_and_the_rest_goes_on(pipeline: Pipeline) -> None:
    # Given a script: with a bug, among rules that are fine but for a file that a shared file system shows late, and a
    # user who wants all that can be had
    pipeline.knows("filesystem/snakemake_late_output", AT_ONCE)
    pipeline.file("scripts/plot.py", "def main():\n    print(figure)\n\n\nmain()\n")
    pipeline.file(
        "Snakefile",
        LATE
        + """
rule all:
    input: "plot.png", "fine.txt", "late.txt"
rule late:
    output: "late.txt"
    resources: mem_mb=400
    shell: "echo late >> $RAN; touch {output}"
rule plot:
    output: "plot.png"
    log: "plot.log"
    resources: mem_mb=400
    shell: "echo plot >> $RAN; python3 scripts/plot.py 2> {log}"
rule fine:
    output: "fine.txt"
    resources: mem_mb=400
    shell: "echo fine >> $RAN; touch {output}"
""",
    )
    ended = pipeline.heal("run", "--", *SNAKEMAKE_SLURM[:-1], "--keep-going", "--latency-wait=2")
    assert ended.returncode == 1, ended.stdout
    assert pipeline.times_run() == {"plot": 1, "fine": 1, "late": 2}
    assert told(pipeline) == [("late", "filesystem_transient", "healed"), ("plot", "script_error", "waiting")]
    told_of = {one["process"]: pipeline.show(one["id"])["diagnosis"] for one in pipeline.incidents()}
    assert told_of["plot"]["root"]["text"] == "NameError: name 'figure' is not defined"
    assert any('scripts/plot.py", line 2' in cited["text"] for cited in told_of["plot"]["citations"])
    assert re.match(r"heal: SLURM says that job \d+ ended well: on its node", told_of["late"]["root"]["text"])
    assert (pipeline.work / "late.txt").exists()


RANKS = """
rule report:
    input: "greedy.txt"
    output: "report.txt"
    resources: mem_mb=400
    shell: "echo report-{resources.mem_mb} >> $RAN; touch {output}"
rule greedy:
    output: "greedy.txt"
    resources: mem_mb=400
    shell: "echo greedy-{resources.mem_mb} >> $RAN; python3 eat.py 420 4; touch {output}"
"""


@pytest.mark.slurm
@pytest.mark.usefixtures("slurm")
def test_a_run_is_started_again_with_what_outranks_its_profile_and_keeps_the_rest_of_it(pipeline: Pipeline) -> None:
    # Given a profile of the workflow's that says what two rules ask for, and heal that may not answer while it runs
    pipeline.file("eat.py", EAT)
    pipeline.file("Snakefile", RANKS)
    pipeline.file(
        "profiles/default/config.yaml", "set-resources:\n  greedy:\n    mem_mb: 450\n  report:\n    mem_mb: 410\n"
    )
    pipeline.file("heal.toml", "[in_flight]\nwait_seconds = 0\n")
    ended = pipeline.heal("run", "--", *SNAKEMAKE_SLURM[:-1])
    # Then a second launch has what heal gave that one rule, and for the other what the profile says
    assert ended.returncode == 0, ended.stdout
    assert ended.stdout.count("Building DAG of jobs") == 2
    assert told(pipeline) == [("greedy", "out_of_memory", "healed")]
    [change] = pipeline.incidents()[0]["fix"]["changes"]
    assert (change["name"], change["old"]) == ("memory_mb", 450)
    assert pipeline.times_run() == {"greedy-450": 1, f"greedy-{change['new']:.0f}": 1, "report-410": 1}


@pytest.mark.slurm
@pytest.mark.usefixtures("slurm")
def test_two_runs_at_once_in_one_project_do_not_get_into_each_others_way(
    pipeline: Pipeline, until: Callable[..., bool]
) -> None:
    # Given a run at work under heal
    pipeline.file("Snakefile", LEFT)
    hold = pipeline.file("hold.first", "")
    argv = ("heal", "run", "--", *SNAKEMAKE_SLURM[:-1])
    first = pipeline.start(*argv)
    assert until(lambda: pipeline.times_run() == {"first": 1}, 180)
    # When somebody starts it once more, under heal as well
    second = pipeline.start(*argv)
    assert until(lambda: told(pipeline) != [], 120)
    # Then its lock is respected as long as it works there
    assert not until(lambda: first.poll() is not None or pipeline.times_run() != {"first": 1}, 4)
    hold.unlink()
    said = [process.communicate(timeout=300)[0] for process in (first, second)]
    # And both end well, with each task run once
    assert (first.returncode, second.returncode) == (0, 0), said
    assert pipeline.times_run() == {"first": 1, "second": 1}
    assert told(pipeline) == [("snakemake", "locked", "healed")]


@pytest.mark.slurm
@pytest.mark.usefixtures("slurm")
def test_nothing_is_unlocked_or_started_beside_the_jobs_that_a_killed_snakemake_left(
    pipeline: Pipeline, until: Callable[..., bool]
) -> None:
    # Given a Snakemake that is killed without heal, while its job on SLURM works on
    pipeline.file("Snakefile", LEFT)
    holds = [pipeline.file(f"hold.{name}", "") for name in ("first", "second")]
    with subprocess.Popen([BIN / "snakemake", *SNAKEMAKE_SLURM[1:-1]], cwd=pipeline.work, env=pipeline.env) as alone:
        assert until(lambda: pipeline.times_run() == {"first": 1}, 120)
        alone.kill()
    # When the pipeline is started as ever, under heal
    argv = ("heal", "run", "--", *SNAKEMAKE_SLURM[:-1])
    pipe = subprocess.PIPE
    run = subprocess.Popen(argv, cwd=pipeline.work, env=pipeline.env, stdout=pipe, stderr=subprocess.STDOUT, text=True)
    # Then the lock stays as long as that job lives
    assert until(lambda: told(pipeline) == [("snakemake", "locked", "applying")], 60), told(pipeline)
    assert not until(lambda: run.poll() is not None or engines(pipeline), 5)
    holds[0].unlink()
    assert until(lambda: pipeline.times_run() == {"first": 1, "second": 1}, 120)
    # When the Snakemake that heal started is killed as well, then it is not started beside the job that it left
    [engine] = engines(pipeline)
    os.kill(engine, signal.SIGKILL)
    assert until(lambda: ("snakemake", "node_failure", "diagnosed") in told(pipeline), 60), told(pipeline)
    assert not until(lambda: run.poll() is not None or engines(pipeline), 5)
    holds[1].unlink()
    said, _ = run.communicate(timeout=180)
    # Then it goes on where it stood: what the jobs have made is not made again
    assert run.returncode == 0, said
    assert pipeline.times_run() == {"first": 1, "second": 1}
    # (the lock was removed, and what then ended the run is another incident)
    assert told(pipeline) == [("snakemake", "locked", "unhealed"), ("snakemake", "node_failure", "healed")], said
    assert "1 followed by another" in said
    assert said.count("Building DAG of jobs") == 3


@pytest.mark.slurm
@pytest.mark.usefixtures("slurm")
def test_a_job_that_dies_after_its_snakemake_was_killed_is_healed_with_it(
    pipeline: Pipeline, until: Callable[..., bool]
) -> None:
    # Given a rule with too little memory, whose job is at work when its Snakemake is killed
    pipeline.file("eat.py", EAT)
    hold = pipeline.file("hold", "")
    pipeline.file(
        "Snakefile",
        """
rule eat:
    output: "x.txt"
    resources: mem_mb=450
    shell: "echo eat >> $RAN; while [ -e hold ]; do sleep 0.2; done; python3 eat.py 420 1; touch {output}"
""",
    )
    argv, pipe = ("heal", "run", "--", *SNAKEMAKE_SLURM), subprocess.PIPE
    run = subprocess.Popen(argv, cwd=pipeline.work, env=pipeline.env, stdout=pipe, stderr=subprocess.STDOUT, text=True)
    assert until(lambda: pipeline.times_run() == {"eat": 1}, 120)
    [engine] = engines(pipeline)
    os.kill(engine, signal.SIGKILL)
    assert until(lambda: told(pipeline) == [("snakemake", "node_failure", "diagnosed")], 60), told(pipeline)
    # When the job then dies, of which no engine tells
    hold.unlink()
    said, _ = run.communicate(timeout=240)
    # Then one launch goes on where the run stood, with more memory for it
    assert run.returncode == 0, said
    assert pipeline.times_run() == {"eat": 2}
    assert told(pipeline) == [("eat", "out_of_memory", "healed"), ("snakemake", "node_failure", "healed")], said
    assert said.count("Building DAG of jobs") == 2


def engines(pipeline: Pipeline) -> list[int]:
    """The Snakemakes at work in the pipeline's folder, but for those of its jobs."""
    return [pid for pid, folder in snakemakes() if folder == pipeline.work and not in_a_job(pid)]


def in_a_job(pid: int) -> bool:
    return b"SLURM_JOB_ID=" in Path(f"/proc/{pid}/environ").read_bytes()


@pytest.mark.slurm
@pytest.mark.usefixtures("slurm")
def test_a_rule_with_too_little_of_both_gets_both(pipeline: Pipeline) -> None:
    # Given a rule that SLURM kills for memory, and that would then run for longer than it may
    pipeline.file("eat.py", EAT)
    pipeline.file(
        "Snakefile",
        """
rule both:
    output: "x.txt"
    resources: mem_mb=450, runtime=1
    shell: "echo both >> $RAN; python3 eat.py 420 75; touch {output}"
""",
    )
    ended = pipeline.heal("run", "--", *SNAKEMAKE_SLURM)
    assert ended.returncode == 0, ended.stdout
    assert pipeline.times_run() == {"both": 3}
    assert told(pipeline) == [("both", "out_of_memory", "unhealed"), ("both", "time_limit", "healed")]


@pytest.mark.slurm
@pytest.mark.usefixtures("slurm")
def test_of_a_group_the_member_that_failed_is_healed_and_a_local_rule_on_this_machine(pipeline: Pipeline) -> None:
    # Given two rules that go to SLURM as one job, the second of which takes more memory than it asked for; and a rule
    # that stays on this machine and is given too little as well
    pipeline.file("eat.py", EAT)
    pipeline.file(
        "Snakefile",
        """
localrules: here
rule all:
    input: "b.txt", "here.txt"
rule here:
    output: "here.txt"
    log: "here.log"
    resources: mem_mb=200
    shell:
        "echo here-${{SLURM_JOB_ID:-no-job}}-{resources.mem_mb} >> $RAN; ulimit -v $(({resources.mem_mb} * 1024)); "
        "python3 -S -c 'b = bytearray(250 * 1024 ** 2)' 2> {log}; touch {output}"
rule a:
    output: "a.txt"
    group: "g"
    resources: mem_mb=400
    shell: "echo a >> $RAN; touch {output}"
rule b:
    input: "a.txt"
    output: "b.txt"
    group: "g"
    resources: mem_mb=450
    shell: "echo b >> $RAN; python3 eat.py 420 4; touch {output}"
""",
    )
    ended = pipeline.heal("run", "--", *SNAKEMAKE_SLURM[:-1], "--keep-going")
    assert ended.returncode == 0, ended.stdout
    assert ended.stdout.count("Building DAG of jobs") == 1
    assert told(pipeline) == [("b", "out_of_memory", "healed"), ("here", "out_of_memory", "healed")]
    assert pipeline.times_run() == {"a": 2, "b": 2, "here-no-job-200": 1, "here-no-job-400": 1}
    # And only of the one it is said that it was a job of SLURM's
    failed = [task for one in pipeline.incidents() for task in pipeline.show(one["id"])["failed"]]
    assert {task["key"]: task["job"] is None for task in failed} == {"b": False, "here": True}


TWO = """
localrules: after
rule all:
    input: "overlooked.txt", "after.txt"
rule overlooked:
    output: "overlooked.txt"
    resources: mem_mb=400
    shell: "echo overlooked-$SLURM_JOB_ID >> $RAN; while [ -e hold ]; do sleep 0.2; done; touch {output}"
rule other:
    output: "other.txt"
    resources: mem_mb=400
    shell: "echo other-$SLURM_JOB_ID >> $RAN; while [ -e hold ]; do sleep 0.2; done; touch {output}"
rule after:
    input: "other.txt"
    output: "after.txt"
    shell: "echo after- >> $RAN; touch {output}"
"""


@pytest.mark.slurm
@pytest.mark.usefixtures("slurm")
def test_a_cancelled_job_is_told_of_while_snakemake_waits_for_it(
    pipeline: Pipeline, until: Callable[..., bool]
) -> None:
    # Given two jobs of a Snakemake that looks at them every few seconds, as its user tells heal
    pipeline.file("heal.toml", "[slurm]\noverlooked_after_s = 3\n")
    pipeline.file("Snakefile", TWO)
    pipeline.file("hold", "")

    def jobs() -> dict[str, str]:
        return dict(line.split("-") for line in pipeline.ran.read_text(encoding="utf-8").split())

    def engines() -> list[int]:
        return [pid for pid, cwd in snakemakes() if cwd == pipeline.work]

    process = pipeline.start("heal", "run", "--", *SNAKEMAKE_SLURM)
    try:
        assert until(lambda: {*jobs()} == {"overlooked", "other"}, 60)
        # When their user cancels one, and the other ends well
        pipeline.run("scancel", jobs()["overlooked"])
        (pipeline.work / "hold").unlink()
        # Then that is told within seconds, by the words of SLURM
        assert until(pipeline.incidents, 20)
        assert told(pipeline) == [("snakemake", "tool_crash", "waiting")]
        root = pipeline.show(pipeline.incidents()[0]["id"])["diagnosis"]["root"]["text"]
        waits = (
            rf"heal: snakemake \(process \d+\) still waits for job {jobs()['overlooked']} of overlooked, which SLURM"
        )
        assert re.match(rf"{waits} says is CANCELLED by {os.getuid()} since ", root)
        # And Snakemake, which sees the end of the other after that, goes on and waits; nothing of it was ended by heal
        assert until(lambda: "after" in jobs(), 30)
        assert (len(engines()), process.poll()) == (1, None)
        assert ends(pipeline, jobs()["overlooked"], jobs()["other"]) == [f"CANCELLED by {os.getuid()}", "COMPLETED"]
    finally:
        (pipeline.work / "hold").unlink(missing_ok=True)
        process.kill()
        for engine in engines():
            os.kill(engine, signal.SIGKILL)
        process.communicate()


def ends(pipeline: Pipeline, *jobs: str) -> list[str]:
    """The states of jobs, by SLURM's accounting."""
    said = [pipeline.run("sacct", "--noheader", "-X", "-P", "--format=State", f"--jobs={job}") for job in jobs]
    return [one.stdout.strip() for one in said]


@pytest.mark.slurm
@pytest.mark.usefixtures("slurm")
def test_a_request_that_slurm_refuses_waits_for_a_person(pipeline: Pipeline) -> None:
    # Given a rule for nodes that there are none of
    pipeline.file(
        "Snakefile",
        'rule a:\n    output: "a.txt"\n    resources: mem_mb=400, constraint="volta", runtime=2\n    shell: "touch {output}"\n',
    )
    ended = pipeline.heal("run", "--", *SNAKEMAKE_SLURM)
    assert ended.returncode == 1, ended.stdout
    assert told(pipeline) == [("a", "scheduler_rejected", "waiting")]


@pytest.mark.slurm
@pytest.mark.usefixtures("slurm")
def test_what_happens_to_other_elements_of_an_array_is_not_the_tasks_fault(pipeline: Pipeline) -> None:
    # Given an array whose last element fails once; the SLURM executor lets others pay for it
    pipeline.knows("network/depot", DEPOT)
    pipeline.file(
        "Snakefile",
        """
rule all:
    input: expand("w/{n}.txt", n=[1, 2, 3])
rule w:
    output: "w/{n}.txt"
    resources: mem_mb=400, runtime=2
    shell:
        "echo w{wildcards.n} >> $RAN; sleep {wildcards.n}; touch {output}; [ -e once ] || [ {wildcards.n} != 3 ] || "
        "{{ touch once; rm {output}; echo 'the depot is busy'; exit 6; }}"
""",
    )
    argv = [SNAKEMAKE_SLURM[0], "--keep-going", "--slurm-array-jobs=all", *SNAKEMAKE_SLURM[1:]]
    ended = pipeline.heal("run", "--", *argv)
    # Then all come home, and those that are blamed for it are said to be blameless, with the proof; in the one launch, or
    # in one more where the executor takes them for done (it deals the elements out as it likes) and misses their files
    assert ended.returncode == 0, ended.stdout
    assert ended.stdout.count("Building DAG of jobs") <= 2
    assert sorted(path.name for path in (pipeline.work / "w").iterdir()) == ["1.txt", "2.txt", "3.txt"]
    assert set(told(pipeline)) == {("w", "network", "healed"), ("w", "tool_crash", "healed")}
    assert pipeline.times_run()["w3"] == 2
    roots = {one["label"]: pipeline.show(one["id"])["diagnosis"]["root"]["text"] for one in pipeline.incidents()}
    assert roots["network"] == "the depot is busy"
    assert re.match(
        r"heal: (array element \d+_[12] made its own|SLURM says that .* \d+_[12] ended)", roots["tool_crash"]
    )

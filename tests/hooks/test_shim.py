"""The shims: the user's program gets what the user wrote, and heal learns of it."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.hooks.conftest import HOOKS, TELLS, Place, events

sys.path.insert(0, str(HOOKS))

from profile_loggers import profile_loggers
from sbatch_shim import job_id, read_options, waits
from snakemake_shim import add_logger

ODD = ("a b", "", "line\nbreak", "ü", "$HOME", "'\"", "-x")

SBATCH = """#!/bin/sh
cat > "$0.script"
printf '%s\\0' "$@" > "$0.args"
env > "$0.env"
echo "Submitted batch job 4711"
exit ${CODE:-0}
"""


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("", "--logger=heal"),
        ("-j2 out", "--logger=heal -j2 out"),
        ("--logger rich -j2", "--logger heal rich -j2"),
        ("-j2 --logger rich heal", "-j2 --logger rich heal"),
        ("--logger=heal out", "--logger=heal out"),
        ("--logger=rich out", "--logger=rich out --logger heal rich"),
        ("--logger=rich -- out", "--logger=rich --logger heal rich -- out"),
        ("--logger a --logger b -j2", "--logger a --logger heal b -j2"),
        ("-- --logger", "--logger=heal -- --logger"),
    ],
)
def test_heal_is_named_among_the_loggers(given: str, expected: str) -> None:
    assert add_logger(given.split()) == expected.split()


@pytest.mark.parametrize(
    "text",
    ["logger: rich\n", "jobs: 1\nlogger: [rich] # mine\n", "logger:\n  - 'rich'\njobs: 1\n", 'logger:\n- "rich"\n'],
)
@pytest.mark.parametrize("words", ["out", "--profile p out", "--workflow-profile=p out"])
def test_loggers_of_a_profile_stay(tmp_path: Path, text: str, words: str) -> None:
    folder = tmp_path / ("p" if "profile" in words else "profiles/default")
    folder.mkdir(parents=True)
    (folder / "config.v8+.yaml").write_text(text)
    found = profile_loggers(words.split(), {"HOME": str(tmp_path)}, tmp_path)
    assert add_logger(words.split(), found) == [*words.split(), "--logger", "heal", "rich"]
    assert profile_loggers(["--workflow-profile", "none"], {"HOME": str(tmp_path)}, tmp_path) == []


@pytest.mark.parametrize("value", ["p", "[q, p]", '["q", "p"]'])
def test_loggers_of_profiles_that_the_environment_names_stay(tmp_path: Path, value: str) -> None:
    for name, text in (("p", "logger: rich\n"), ("q", "logger: other\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.yaml").write_text(text)
    env = {"HOME": str(tmp_path), "SNAKEMAKE_PROFILE": value}
    assert profile_loggers(["out"], env, tmp_path) == ["rich"]
    assert profile_loggers(["--profile", "q"], env, tmp_path) == ["other"]
    assert profile_loggers(["--profile=none"], env, tmp_path) == []


@pytest.mark.snakemake
@pytest.mark.parametrize(
    "given", ["out -j2", "--logger=rich out -j2", "-j2 --logger rich -- out", "--config a=1 -- out"]
)
def test_snakemake_reads_the_loggers_as_they_are_meant(given: str) -> None:
    cli = pytest.importorskip("snakemake.cli")
    parser = cli.get_argument_parser()
    for action in parser._actions:
        if "--logger" in action.option_strings:
            action.choices = ["heal", "rich"]
    parsed = parser.parse_args(add_logger(given.split()))
    assert list(parsed.targets) == ["out"]
    assert parsed.logger == (["heal", "rich"] if "rich" in given else ["heal"])


def test_snakemake_gets_one_argument_more_and_nothing_else_changes(
    place: Place, snakemake: Callable[[str], Path]
) -> None:
    real = snakemake("2.1.0")
    ran = place.run("snakemake", *ODD)
    shims = Path(place.env["PATH"].split(os.pathsep)[0])
    assert json.loads(ran.stdout) == {
        "argv": [str(real), "--logger=heal", *ODD],
        "tty": False,
        "path": place.env["PATH"].removeprefix(f"{shims}:"),
        "pythonpath": str(shims.parent / "python"),
        "shim": "snakemake",
    }
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_an_old_snakemake_runs_as_it_is_and_heal_says_what_it_misses(
    place: Place, snakemake: Callable[[str], Path]
) -> None:
    real = snakemake("1.2.4")
    ran = place.run("snakemake", "-j2", "--directory", "sub")
    assert json.loads(ran.stdout)["argv"] == [str(real), "-j2", "--directory", "sub"]
    assert ran.stderr.count(b"\n") == 1
    assert b"interface 2.1, only version 1.2.4" in ran.stderr
    # its log is announced, with the environment that finds the shims again
    [said] = events(place.spool)
    assert (said["kind"], said["run"]["argv"]) == ("snakemake_log", [str(real), "-j2", "--directory", "sub"])
    assert (Path(said["facts"]["folder"]).name, said["facts"]["parent"]) == ("sub", "r1")
    assert json.loads(Path(said["facts"]["env_file"]).read_text())["PATH"] == place.env["PATH"]


@pytest.mark.parametrize("words", [("-n",), ("-np",), ("--dry-run",), ("--unlock",), ("--version",), ("--dag=dot",)])
def test_an_old_snakemake_that_runs_nothing_keeps_no_log(
    place: Place, snakemake: Callable[[str], Path], words: tuple[str, ...]
) -> None:
    snakemake("1.2.4")
    place.run("snakemake", "-j2", *words)
    assert events(place.spool) == []


@pytest.mark.parametrize("more", [{"HEAL_SHIM": "snakemake"}, {"SLURM_JOB_ID": "81"}])
def test_inside_a_job_or_another_shim_the_program_runs_as_if_alone(
    place: Place, snakemake: Callable[[str], Path], more: dict[str, str]
) -> None:
    real = snakemake("2.1.0")
    place.program("sbatch", TELLS.format(python=sys.executable))
    told = json.loads(place.run("snakemake", *ODD, env=more).stdout)
    assert told["argv"] == [str(real), *ODD]
    assert told["path"] == place.env["PATH"].split(os.pathsep, 1)[1]
    assert json.loads(place.run("sbatch", *ODD, env=more).stdout)["argv"][1:] == list(ODD)
    assert events(place.spool) == []


def test_in_the_job_that_heal_itself_runs_in_the_shims_work(place: Place, snakemake: Callable[[str], Path]) -> None:
    snakemake("2.1.0")
    ran = place.run("snakemake", env={"SLURM_JOB_ID": "81", "HEAL_OUTER_JOB": "81"})
    assert json.loads(ran.stdout)["argv"][1:] == ["--logger=heal"]


@pytest.mark.parametrize("program", ["snakemake", "sbatch"])
def test_a_program_that_is_not_there_is_missing_as_in_a_shell(place: Place, program: str) -> None:
    ran = place.run(program, env={"PATH": place.env["PATH"].split(os.pathsep)[0]})
    assert (ran.returncode, ran.stdout, ran.stderr) == (127, b"", f"{program}: command not found\n".encode())


def test_the_terminal_stays_the_programs_own(place: Place, snakemake: Callable[[str], Path]) -> None:
    snakemake("2.1.0")
    main, side = pty.openpty()
    with subprocess.Popen(["snakemake"], env=dict(place.env), stdin=side, stdout=side, stderr=side) as ran:
        assert ran.wait(60) == 0
    os.close(side)
    assert json.loads(os.read(main, 65536))["tty"] is True
    os.close(main)


def test_a_submission_is_passed_through_and_told(place: Place, tmp_path: Path) -> None:
    real = place.program("sbatch", SBATCH)
    ran = place.run("sbatch", "-J", "my job", "--array=1-3", "", input=b"#!/bin/sh\nexit 0\n", cwd=tmp_path)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"Submitted batch job 4711\n", b"")
    assert Path(f"{real}.args").read_bytes() == b"-J\0my job\0--array=1-3\0\0"
    assert Path(f"{real}.script").read_bytes() == b"#!/bin/sh\nexit 0\n"
    assert "a folder" not in Path(f"{real}.env").read_text()
    started, submitted = events(place.spool)
    run = started["run"]
    assert run == {
        "id": run["id"],
        "engine": "sbatch",
        "cwd": str(tmp_path),
        "argv": [str(real), "-J", "my job", "--array=1-3", ""],
    }
    assert started["facts"]["parent"] == "r1"
    kept = Path(started["facts"]["env_file"])
    assert (kept.stat().st_mode & 0o777, json.loads(kept.read_text())["HEAL_RUN"]) == (0o600, "r1")
    assert "a folder" not in kept.read_text()
    assert submitted["facts"] == {"process": "my job", "array": "1-3"}
    assert submitted["task"] == {
        "name": "my job",
        "key": "4711",
        "attempt": 1,
        "native_id": "4711",
        "workdir": str(tmp_path),
    }


@pytest.mark.parametrize("words", [("job.sh",), ("--wait", "job.sh")])
def test_what_sbatch_said_is_heard_where_it_cannot_be_handed_on(place: Place, words: tuple[str, ...]) -> None:
    # Given an output that takes nothing
    place.program("sbatch", SBATCH)
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            ["sbatch", *words],
            env=dict(place.env),
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    # Then the job is told, and nothing is said that is not so
    assert (events(place.spool)[1]["task"]["native_id"], ran.stderr) == ("4711", b"")


# prints as C programs do: into a pipe nothing before its end
STAYS = """#!{python}
import pathlib, sys, time
print("Submitted batch job 4711" if "--parsable" not in sys.argv else "4711")
while not pathlib.Path(__file__ + ".over").exists():
    time.sleep(0.05)
sys.exit(7)
"""


@pytest.mark.parametrize(
    ("words", "env", "line"),
    [
        (("--wait", "job.sh"), {}, b"Submitted batch job 4711\n"),
        (("-W", "--parsable", "job.sh"), {}, b"4711\n"),
        (("job.sh",), {"SBATCH_WAIT": ""}, b"Submitted batch job 4711\n"),
        (("waits.sh",), {}, b"Submitted batch job 4711\n"),
    ],
)
def test_of_an_sbatch_that_waits_the_job_is_told_when_it_is_submitted(
    place: Place,
    tmp_path: Path,
    until: Callable[..., bool],
    *,
    words: tuple[str, ...],
    env: dict[str, str],
    line: bytes,
) -> None:
    real = place.program("sbatch", STAYS.format(python=sys.executable))
    (tmp_path / "waits.sh").write_text("#!/bin/sh\n#SBATCH --time=5 --wait\n")
    command = {"cwd": tmp_path, "env": {**place.env, **env}, "stdout": subprocess.PIPE}
    with subprocess.Popen(["sbatch", *words], **command) as ran:  # type: ignore[call-overload]
        # Given an sbatch that stays until its job has ended, then its user has the line and heal the job at once
        assert ran.stdout.readline() == line
        assert until(lambda: [one["kind"] for one in events(place.spool)] == ["run_started", "task_submitted"])
        assert events(place.spool)[1]["task"]["native_id"] == "4711"
        Path(f"{real}.over").touch()
        # And its end is the shim's, and nothing is told twice
        assert (ran.wait(30), ran.stdout.read()) == (7, b"")
    assert len(events(place.spool)) == 2


@pytest.mark.parametrize(
    ("words", "script", "env", "answer"),
    [
        (("job.sh",), "#SBATCH --wait\n", {}, True),
        (("job.sh",), "#SBATCH --mem=5 -W\n", {}, True),
        (("job.sh",), "#SBATCH --wait-all-nodes=1\n#SBATCH --mem=5 # --wait\necho --wait\n", {}, False),
        (("--wait-all-nodes=1", "job.sh", "--wait"), "", {}, False),
        (("-W", "missing.sh"), "", {}, True),
        (("missing.sh",), "", {}, False),
        ((), "", {"SBATCH_WAIT": ""}, True),
    ],
)
def test_an_sbatch_that_waits_is_known(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    script: str,
    env: dict[str, str],
    *,
    answer: bool,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("job.sh").write_text(f"#!/bin/sh\n{script}")
    assert waits(words, env) is answer


def test_a_job_gets_the_shims_where_its_user_wants_that(place: Place) -> None:
    real = place.program("sbatch", SBATCH)
    assert place.run("sbatch", "job.sh", env={"HEAL_IN_JOBS": "1"}, input=b"").returncode == 0
    # the job finds the shims on its PATH, and no plugin that some other Python could meet
    got = Path(f"{real}.env").read_text().splitlines()
    assert [line for line in got if "a folder" in line] == [f"PATH={place.env['PATH']}"]
    assert "HEAL_SUBMITTED=1" in got
    # and what is submitted again by heal is as its user would have it
    kept = Path(events(place.spool)[0]["facts"]["env_file"]).read_text()
    assert ("a folder" in kept, "HEAL_SUBMITTED" in kept) == (False, False)


def test_sbatch_that_fails_fails_alike_and_nothing_is_told(place: Place) -> None:
    place.program("sbatch", "#!/bin/sh\necho 'sbatch: error: no such partition' >&2\nexit 3\n")
    ran = place.run("sbatch", "job.sh")
    assert (ran.returncode, ran.stdout, ran.stderr) == (3, b"", b"sbatch: error: no such partition\n")
    assert events(place.spool) == []


def test_of_an_sbatch_that_names_no_job_it_is_said_that_none_is_followed(place: Place) -> None:
    # Given an sbatch that was told to be quiet, by an option or by a line of the script
    place.program("sbatch", "#!/bin/sh\nexit ${CODE:-0}\n")
    for words in (("--quiet", "job.sh"), ("job.sh",)):
        ran = place.run("sbatch", *words)
        assert (ran.returncode, ran.stdout, ran.stderr) == (
            0,
            b"",
            b"heal: sbatch named no job (--quiet?), so heal run does not follow it\n",
        )
    # but where it submitted nothing there is nothing to be said
    for words, code in ((("--test-only", "job.sh"), "0"), (("-Q", "job.sh"), "1")):
        ran = place.run("sbatch", *words, env={"CODE": code})
        assert (ran.returncode, ran.stdout, ran.stderr) == (int(code), b"", b"")
    assert events(place.spool) == []


def test_a_broken_spool_costs_sbatch_nothing(place: Place) -> None:
    place.program("sbatch", SBATCH)
    place.spool.parent.write_text("a file where the folder should be")
    ran = place.run("sbatch", "job.sh", env={"CODE": "5"})
    assert (ran.returncode, ran.stdout, ran.stderr) == (5, b"Submitted batch job 4711\n", b"")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1])
def test_signals_reach_sbatch_and_its_end_is_the_shims(place: Place, number: signal.Signals) -> None:
    place.program("sbatch", "#!/bin/sh\necho ready\nexec sleep 60\n")
    with subprocess.Popen(["sbatch"], env=dict(place.env), stdout=subprocess.PIPE) as ran:
        assert ran.stdout is not None
        assert ran.stdout.readline() == b"ready\n"
        ran.send_signal(number)
        assert ran.wait(30) == -number


@pytest.mark.parametrize(
    ("output", "job"),
    [
        (b"Submitted batch job 12\n", "12"),
        (b"note\nSubmitted batch job 12\n", "12"),
        (b"12\n", "12"),
        # its number is not this cluster's
        (b"Submitted batch job 12 on cluster big\n", None),
        (b"12;big\n", None),
        (b"", None),
        # what was cut off may be another job's
        (b"1", None),
        (b"Submitted batch job 1", None),
        (b"sbatch: 12 jobs\n", None),
    ],
)
def test_the_job_id_is_read_from_what_sbatch_says(output: bytes, job: str | None) -> None:
    assert job_id(output) == job


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["-J", "x", "job.sh", "-J", "y"], ({"J": "x"}, "job.sh")),
        (["-HJx", "--mem=5", "job.sh"], ({"H": "", "J": "x", "mem": "5"}, "job.sh")),
        (["--wait", "--mem", "5", "--wrap", "a b"], ({"wait": "", "mem": "5", "wrap": "a b"}, None)),
        (["--", "-job"], ({}, "-job")),
    ],
)
def test_options_are_told_from_the_script(args: list[str], expected: tuple[dict[str, str], str | None]) -> None:
    assert read_options(args) == expected

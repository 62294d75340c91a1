"""``heal diagnose`` as a person and a program use it."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from heal.cli.diagnose import register

OOM = "slurmstepd: error: Detected 1 oom_kill event in StepId=7.batch. Some of the step tasks have been OOM Killed."


@pytest.fixture
def heal(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Heal":
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setenv("HEAL_HOME", str(tmp_path / "heal"))
    monkeypatch.chdir(tmp_path)
    return Heal()


class Heal:
    """The command, in an app of its own."""

    def __init__(self) -> None:
        self.app = typer.Typer()
        register(self.app)

    def __call__(self, *args: str, text: str | None = None) -> Result:
        return CliRunner().invoke(self.app, args, input=text)


def test_a_log_is_answered_in_json(heal: Heal) -> None:
    Path("a.log").write_text(f"start\n{OOM}\n")

    result = heal("a.log", "--json")

    assert (result.exit_code, json.loads(result.stdout)) == (
        0,
        {
            "path": "a.log",
            "label": "out_of_memory",
            "confidence": 0.99,
            "cause": "The job used more memory than it was given, and was killed for it.",
            "root": {"source": "a.log", "line": 2, "text": OOM},
            "pattern": "memory/kernel_oom_kill",
            "by": "pattern",
            "fix": {"kind": "resources", "resource": "memory"},
            "explanation": "The line fits memory/kernel_oom_kill.",
            "looked_up": [],
        },
    )


def test_the_cause_comes_first_then_its_proof_then_what_heal_would_do(heal: Heal) -> None:
    Path("a.log").write_text(f"start\n{OOM}\n")

    assert heal("a.log").stdout.splitlines()[:8] == [
        "The job used more memory than it was given, and was killed for it.",
        "  out of memory, sure (0.99)",
        "",
        "  a.log",
        "         1 │ start",
        f"  >      2 │ {OOM}",
        "",
        "  what to do: ask for more memory",
    ]


def test_a_folder_is_one_case_and_its_facts_are_no_evidence(heal: Heal) -> None:
    folder = Path("case", "logs")
    folder.mkdir(parents=True)
    folder.joinpath("x.log").write_text("sweep 1\n")
    Path("case", "job.sh").write_text("echo std::bad_alloc\n")
    Path("case", "facts.json").write_text('{"exit_code": 1, "slurm_state": "TIMEOUT", "engine": "slurm"}')

    found = json.loads(heal("case", "--json").stdout)

    assert (found["label"], found["by"], found["root"]) == (
        "time_limit",
        "facts",
        {"source": "scheduler", "line": 0, "text": "TIMEOUT"},
    )


def test_standard_input_is_read(heal: Heal) -> None:
    found = json.loads(heal("-", "--json", text="a\nNameError: name 'x' is not defined\n").stdout)

    assert (found["label"], found["root"]["source"], found["root"]["line"]) == ("script_error", "-", 2)


def test_several_paths_are_one_case(heal: Heal) -> None:
    Path("a.log").write_text("quiet\n")
    Path("b.log").write_text(f"{OOM}\n")

    found = json.loads(heal("a.log", "b.log", "--json").stdout)

    assert (found["path"], found["label"]) == ("a.log b.log", "out_of_memory")


def test_each_path_is_a_case_and_a_line_in_order(heal: Heal) -> None:
    Path("a.log").write_text(f"{OOM}\n")
    Path("b.log").write_text("5 of 5 steps (100%) done\n")

    result = heal("--each", "b.log", "none.log", "a.log")

    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 2
    assert [(row["path"], row.get("label"), row.get("error")) for row in rows] == [
        ("b.log", None, None),
        (
            "none.log",
            None,
            "none.log is no file, no folder, no job that SLURM knows and no incident of heal: heal status lists those",
        ),
        ("a.log", "out_of_memory", None),
    ]


def test_a_sentence_that_is_quoted_is_ended_once(heal: Heal) -> None:
    Path("a.log").write_text(
        "Traceback (most recent call last):\n"
        '  File "/x.py", line 3, in <module>\n'
        "NameError: name 'cuont' is not defined. Did you mean: 'count'?\n"
    )

    cause = json.loads(heal("a.log", "--json").stdout)["cause"]

    assert cause.endswith(": NameError: name 'cuont' is not defined. Did you mean: 'count'?")


def test_a_path_that_is_not_there_is_an_error(heal: Heal) -> None:
    result = heal("none.log")

    # the command's own end makes one line and exit code 2 of it (test_answers)
    assert str(result.exception).startswith("none.log is no file, no folder, no job")


@pytest.mark.parametrize(
    ("word", "said"),
    [("", "an empty word names nothing"), ("/proc", "belongs to the kernel"), ("loop", "loop is no file")],
)
def test_what_is_no_evidence_is_refused(heal: Heal, word: str, said: str) -> None:
    Path("loop").symlink_to("loop")

    result = heal(word)

    assert result.exit_code != 0
    assert said in str(result.exception)


def test_the_work_folder_of_a_nextflow_task_is_read_with_its_exit_code_and_what_it_names_is_looked_up(
    heal: Heal,
) -> None:
    # Given the folder of a task that misspelled the name of its input
    folder = Path("work", "3f", "a1b2c3")
    folder.mkdir(parents=True)
    for name, text in {
        ".command.run": "#!/bin/bash\n",
        ".command.sh": "#!/bin/bash -ue\nsamtools view Ref.bam > out.sam\n",
        ".command.err": 'samtools view: failed to open "Ref.bam" for reading: No such file or directory\n',
        ".exitcode": "1",
        "ref.bam": "x",
        "big.fastq": "MemoryError\n",
    }.items():
        folder.joinpath(name).write_text(text)

    told, shape = heal(str(folder)).stdout, json.loads(heal(str(folder), "--json").stdout)

    assert (shape["label"], shape["root"]["source"], shape["root"]["line"]) == ("missing_input", ".command.err", 1)
    assert f"looked up: {folder.absolute()}/ref.bam exists: the name is spelled in other case." in told


def task_folder(script: str, said: str, code: int) -> Path:
    """The work folder of a Nextflow task that failed."""
    folder = Path("work", "3f", "a1b2c3").absolute()
    folder.mkdir(parents=True)
    files = {".command.run": "#!/bin/bash\n", ".command.sh": f"#!/bin/bash -ue\n{script}\n", ".exitcode": str(code)}
    for name, text in (files | {".command.err": f"starting\n{said}\n"}).items():
        folder.joinpath(name).write_text(text)
    return folder


def test_where_a_look_at_a_file_decides_it_is_told_and_the_line_that_names_the_file_is_the_proof(heal: Heal) -> None:
    # Given a program that does not say what is wrong with the file that it names
    folder = task_folder("frob x.bam", "frob: gave up at x.bam", 1)
    folder.joinpath("x.bam").write_bytes(gzip.compress(b"x" * 90_000)[:80])

    told, shape = heal(str(folder)).stdout.splitlines(), json.loads(heal(str(folder), "--json").stdout)

    cut = f"{folder}/x.bam (80 bytes) is cut short: its packed content breaks off before its end."
    assert (shape["label"], shape["cause"], shape["by"]) == ("bad_input_data", cut, "facts")
    assert shape["root"] == {"source": ".command.err", "line": 2, "text": "frob: gave up at x.bam"}
    assert shape["explanation"] == f"A look at {folder}/x.bam says so."
    # and once, under the line
    assert told[3:8] == [
        "  .command.err",
        "         1 │ starting",
        "  >      2 │ frob: gave up at x.bam",
        "",
        f"  looked up: {cut}",
    ]


@pytest.mark.parametrize("line", ["./run.sh: Permission denied", ".command.sh: line 2: ./run.sh: Permission denied"])
def test_of_a_script_without_the_right_to_be_run_it_is_said_what_gives_it(heal: Heal, line: str) -> None:
    folder = task_folder("./run.sh", line, 126)
    folder.joinpath("run.sh").write_text("#!/bin/sh\n")
    folder.joinpath("run.sh").chmod(0o644)

    shape = json.loads(heal(str(folder), "--json").stdout)

    assert (shape["label"], shape["cause"], shape["fix"], shape["root"]["text"]) == (
        "permission",
        f"{folder}/run.sh lacks the right to be run (its mode is 0644).",
        {"kind": "advice", "text": f"Give it the right to be run: chmod +x {folder}/run.sh"},
        line,
    )


def test_the_logs_that_snakemake_names_are_read_too_and_count_more(heal: Heal) -> None:
    # Given Snakemake's own log, which names the log of the rule that failed
    Path(".snakemake", "log").mkdir(parents=True)
    Path("logs").mkdir()
    Path("logs", "a.log").write_text("reading\nKeyError: 'gene'\n")
    log = Path(".snakemake", "log", "2026-01-01T120000.snakemake.log")
    log.write_text(
        "Error in rule a:\n    jobid: 1\n    output: a.txt\n    log: logs/a.log (check log file(s) for error details)\n"
    )

    found = json.loads(heal(str(log), "--json").stdout)

    assert (found["label"], found["root"]) == (
        "script_error",
        {"source": "logs/a.log", "line": 2, "text": "KeyError: 'gene'"},
    )


def test_of_a_folder_that_snakemake_ran_in_its_last_run_is_read_and_what_that_names(heal: Heal) -> None:
    # Given a folder with two runs and a lock that was taken away since, the books that Snakemake keeps, and data
    logs = Path("flow", ".snakemake", "log")
    logs.mkdir(parents=True)
    Path("flow", "logs").mkdir()
    Path("flow", ".snakemake", "metadata").mkdir()
    Path("flow", ".snakemake", "metadata", "cC50").write_text('{"rule": "prep", "version": "mismatched version"}')
    Path("flow", "data.out").write_text("MemoryError\n")
    Path("flow", "logs", "a.log").write_text("sort: unrecognized option '--reverze'\n")
    (logs / "2026-01-01T120000.snakemake.log").write_text(f"{OOM}\n")
    (logs / "2026-01-02T120000.snakemake.log").write_text(
        "Error in rule a:\n    log: logs/a.log (check log file(s) for error details)\n"
    )
    (logs / "2026-01-03T120000.snakemake.log").write_text("Unlocking working directory.\n")

    last = json.loads(heal("flow", "--json").stdout)
    for log in logs.iterdir():
        log.unlink()
    none = json.loads(heal("flow", "--json").stdout)

    assert (last["label"], last["root"]["source"]) == ("bad_parameter", "flow/logs/a.log")
    # without a run's log all is read but the books
    assert (none["label"], none["root"]["source"]) == ("out_of_memory", "data.out")


def test_where_nothing_is_wrong_nothing_is_cited(heal: Heal) -> None:
    Path("case").mkdir()
    Path("case", "log").write_text("ERROR rate 0.1\n")
    Path("case", "facts.json").write_text('{"exit_code": 0}')

    assert heal("case").stdout == "Nothing is wrong: the job ended well.\n"


def test_no_database_is_loaded_for_it() -> None:
    names = subprocess.run(
        [sys.executable, "-c", "import sys, heal.cli.diagnose, heal.cli.desk; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert {"sqlalchemy", "alembic", "pydantic", "watchdog"} & set(names) == set()

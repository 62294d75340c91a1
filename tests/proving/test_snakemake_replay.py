"""A failed job of a real Snakemake run again with a change: that job, nothing else, and nothing of the user's moves."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import pytest
from tests.proving.pipelines import Project

from heal.engines.snakemake_replay import SnakemakeReplay
from heal.patch import Trial
from heal.proving.enclosure import Enclosure, Find
from heal.proving.here import Here
from heal.proving.replay import Replay

pytestmark = pytest.mark.snakemake

SNAKEFILE = """
configfile: "config.yaml"

rule all:
    input: expand("out/{s}.tsv", s=["a", "b"]), "report.txt"

rule prepare:
    input: "data/{s}.txt"
    output: "prepared/{s}.txt"
    shell: "echo prepare >> ran.log; cp {input} {output}"

rule table:
    input: "prepared/{s}.txt"
    output: "out/{s}.tsv"
    log: "logs/{s}.log"
    shell: "echo table {wildcards.s} >> ran.log; python3 scripts/table.py {config[columns]} {input} {output} 2> {log}"

rule report:
    input: expand("out/{s}.tsv", s=["a", "b"])
    output: "report.txt"
    shell: "echo report >> ran.log; cat {input} > {output}"
"""
BROKEN = "import sys\nprint(colums, file=open(sys.argv[3], 'w'))\n"
GOOD = "import sys\nopen(sys.argv[3], 'w').write('\\t'.join('abcdef'[: int(sys.argv[1])]) + '\\n')\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    tracked = {"Snakefile": SNAKEFILE, "config.yaml": "columns: 3\n", "scripts/table.py": BROKEN}
    untracked = {
        "data/a.txt": "1\n",
        "data/b.txt": "2\n",
        "prepared/a.txt": "1\n",
        "prepared/b.txt": "2\n",
        "out/b.tsv": "x\ty\tz\n",
        "logs/a.log": "NameError: name 'colums' is not defined\n",
    }
    return Project.of(tmp_path / "project", tracked, untracked)


@pytest.fixture(params=["enclosed", "open"])
def find(request: pytest.FixtureRequest) -> Find:
    """With bubblewrap, and without."""
    if request.param == "open":
        return lambda _env: None
    found = request.getfixturevalue("bubblewrap")
    return lambda _env: found


def replayed(project: Project, find: Find, *argv: str, minutes: float = 2.0, **changed: str | None) -> Trial:
    words = argv or ("snakemake", "--jobs", "4", "--executor", "slurm", "-k", "all")
    failed = project.failed(
        project.run(*words),
        "table",
        wildcards="s=a",
        given=("prepared/a.txt",),
        makes=("out/a.tsv",),
        log_paths=("logs/a.log",),
        siblings=((str(project.folder / "out/b.tsv"),),),
    )
    replay = Replay({"snakemake": SnakemakeReplay(find)}, {"local": Here()}, minutes=minutes)
    return replay.tried(project.draft(**changed), failed)


def test_a_change_that_heals_the_task_is_shown_to(project: Project, find: Find):
    # Given a script with a wrong name in it, and everything else as the failed run left it
    before = project.fingerprint()
    # When the failed task is run again with the script put right
    trial = replayed(project, find, **{"scripts/table.py": GOOD})
    # Then it is told how that ended and what it made, and nothing of the user's has changed
    assert (trial.name, trial.passed) == ("replay", True), trial.said
    assert trial.said.startswith("table (s=a): exit code 0 after ")
    assert "made a.tsv (6 bytes)" in trial.said
    assert project.fingerprint() == before
    # and nothing of the replay is left
    assert [path.name for path in (project.folder / ".heal/replay").iterdir() if path.is_dir()] == []


def test_a_changed_module_is_what_an_unchanged_script_finds_beside_it(tmp_path: Path, find: Find):
    # Given a script that is as it was, and takes the fault from a module beside it; Python looks where the script is
    script = "import sys\n\nimport words\n\nopen(sys.argv[3], 'w').write(words.line(int(sys.argv[1])))\n"
    module = "def line(columns):\n    return '\\t'.join('abcdef'[:colums]) + '\\n'\n"
    tracked = {"Snakefile": SNAKEFILE, "config.yaml": "columns: 3\n", "scripts/table.py": script}
    untracked = {"prepared/a.txt": "1\n", "out/b.tsv": "x\ty\tz\n"}
    project = Project.of(tmp_path / "project", {**tracked, "scripts/words.py": module}, untracked)
    trial = replayed(project, find, **{"scripts/words.py": module.replace("colums", "columns")})
    assert trial.passed is True, trial.said


def test_a_change_that_does_not_help_is_shown_not_to_with_its_last_words(project: Project, find: Find):
    before = project.fingerprint()
    trial = replayed(project, find, **{"scripts/table.py": BROKEN.replace("colums", "columns")})
    assert trial.passed is False
    assert "table (s=a): exit code 1 after " in trial.said
    assert "NameError: name 'columns' is not defined" in trial.said
    assert project.fingerprint() == before


def test_only_the_failed_job_runs_though_its_inputs_look_old(project: Project, find: Find, tmp_path: Path):
    # Given inputs that are older than what they are made from, and a job that tells outside what runs
    (project.folder / "data/a.txt").touch()
    trial = replayed(project, find, Snakefile=SNAKEFILE.replace(">> ran.log", ">&2"), **{"scripts/table.py": GOOD})
    assert trial.passed is True, trial.said


def test_a_result_of_another_kind_is_refused(project: Project, find: Find):
    two = GOOD.replace("int(sys.argv[1])", "2")
    trial = replayed(project, find, **{"scripts/table.py": two})
    assert (trial.passed, "a.tsv has 2 columns, and that of other tasks 3" in trial.said) == (False, True), trial.said


def test_settings_of_the_run_hold(project: Project, find: Find):
    # Given a run that was told other settings than its file has
    words = ("snakemake", "--config", "columns=4", "--jobs", "4")
    trial = replayed(project, find, *words, **{"scripts/table.py": GOOD})
    assert "a.tsv has 4 columns" in trial.said, trial.said


def test_a_changed_name_of_an_output_is_followed(project: Project, find: Find):
    # Given a script that writes to where the rule does not say, and a change to the rule
    fixed = SNAKEFILE.replace('output: "out/{s}.tsv"\n    log', 'output: "new/{s}.tsv"\n    log')
    trial = replayed(project, find, Snakefile=fixed, **{"scripts/table.py": GOOD})
    assert (trial.passed, "made a.tsv" in trial.said) == (True, True), trial.said


def test_a_task_that_is_never_reached_says_nothing_of_the_change(project: Project, find: Find):
    trial = replayed(project, find, Snakefile=SNAKEFILE.replace("rule table", "rule tables"))
    assert trial.passed is None
    assert "it ended before the task began" in trial.said


def test_an_input_that_is_gone_is_told(project: Project, find: Find):
    (project.folder / "prepared/a.txt").unlink()
    trial = replayed(project, find, **{"scripts/table.py": GOOD})
    assert replace(trial, seconds=0.0) == Trial("replay", None, "its input prepared/a.txt is not there any more")


def test_what_takes_too_long_is_ended_with_all_it_started(project: Project, find: Find, tmp_path: Path):
    # Given a task that starts something in a session of its own and waits for ever
    long = str(3000 + crc32(str(tmp_path).encode()) % 5000)
    slow = (
        f"import subprocess, time\nsubprocess.Popen(['sleep', '{long}'], start_new_session=True)\ntime.sleep({long})\n"
    )
    trial = replayed(project, find, minutes=0.1, **{"scripts/table.py": slow})
    assert (trial.passed, "it did not end within 6 s" in trial.said) == (None, True), trial.said
    assert [one for one in Path("/proc").glob("[0-9]*/cmdline") if _says(one) == f"sleep\0{long}\0".encode()] == []


def _says(path: Path) -> bytes:
    # a process may be gone between the two
    with suppress(OSError):
        return path.read_bytes()
    return b""


def test_in_an_enclosure_not_even_a_full_path_leads_out(project: Project, bubblewrap: Enclosure):
    # Given a script that overwrites an input, deletes a result and writes into the home folder, all by full paths
    before = project.fingerprint()
    evil = f"import os\nopen({str(project.folder / 'out/b.tsv')!r}, 'w').write('gone')\n{GOOD}"
    trial = replayed(project, lambda _env: bubblewrap, **{"scripts/table.py": evil})
    assert (trial.passed, "it writes where a replay lets nothing be written" in trial.said) == (None, True), trial.said
    removing = f"import os\nos.remove({str(project.folder / 'out/b.tsv')!r})\n{GOOD}"
    assert replayed(project, lambda _env: bubblewrap, **{"scripts/table.py": removing}).passed is True
    assert project.fingerprint() == before


def test_without_one_a_full_path_is_reason_enough_not_to(project: Project):
    trial = replayed(project, lambda _env: None, **{"scripts/table.py": f"# {project.folder}\n{GOOD}"})
    said = "it names its own folder in full, and without bubblewrap it would write there"
    assert replace(trial, seconds=0.0) == Trial("replay", None, said)


def test_without_one_what_was_written_through_a_link_is_found(project: Project):
    # Given a large file that the task was only given to read, and appends to
    project.write("data/large.txt", "x" * 300_000)
    writes = f"open('data/large.txt', 'a').write('y')\n{GOOD}"
    trial = replayed(project, lambda _env: None, **{"scripts/table.py": writes})
    assert trial.passed is None
    assert f"{project.folder}/data/large.txt changed meanwhile, by it or by others" in trial.said


# --- as most pipelines are laid out ------------------------------------------------------------

COMMON = """
configfile: "config/config.yaml"

rule all:
    input: expand("results/{s}", s=config["samples"])

checkpoint split:
    input: "data/{s}.txt"
    output: directory("parts/{s}")
    shell: "mkdir -p {output}; cp {input} {output}/1.txt"

def found(wildcards):
    return checkpoints.split.get(s=wildcards.s).output[0]

rule gather:
    input: found
    output: directory("results/{s}")
    params: text=lambda wildcards: wildcards.s.upper()
    benchmark: "benchmarks/{s}.tsv"
    threads: 2
    resources: mem_mb=100
    script: "../scripts/gather.py"
"""
GATHER = """
from pathlib import Path
made = Path(snakemake.output[0])
made.mkdir(parents=True, exist_ok=True)
text = "".join(path.read_text() for path in sorted(Path(snakemake.input[0]).iterdir()))
(made / "all.txt").write_text(snakemake.params.{name} + text)
"""
PROFILE = """
executor: slurm
jobs: 20
logger: heal
default-resources:
  slurm_partition: short
"""


@pytest.fixture
def usual(tmp_path: Path) -> tuple[Project, Path]:
    """A workflow in git, run in a folder of its own, as a profile says; results lie behind a link."""
    files = {
        "workflow/Snakefile": 'include: "rules/common.smk"\n',
        "workflow/rules/common.smk": COMMON,
        "workflow/scripts/gather.py": GATHER.format(name="txt"),
        "profile/config.yaml": PROFILE,
    }
    project = Project.of(tmp_path / "project", files)
    run = Project(tmp_path / "run")
    run.write("config/config.yaml", "samples: [a, b]\n")
    run.write("data/a.txt", "1\n")
    run.write("parts/a/1.txt", "1\n")
    (tmp_path / "scratch").mkdir()
    (run.folder / "results").symlink_to(tmp_path / "scratch")
    return project, run.folder


def test_a_workflow_in_a_folder_of_its_own_with_a_profile_is_replayed_in_place(
    usual: tuple[Project, Path], bubblewrap: Enclosure, tmp_path: Path
):
    project, folder = usual
    words = ("snakemake", "--snakefile", str(project.folder / "workflow/Snakefile"), "--directory", "../run")
    run = project.run(*words, "--profile", "profile", "--rerun-incomplete")
    about = {"given": ("parts/a",), "makes": ("results/a",), "asked": {"cpus": 2, "memory_mb": 100}}
    failed = project.failed(run, "gather", wildcards="s=a", workdir=str(folder), **about)
    # Given a heal that listens, and a profile that tells it of every job
    spool = tmp_path / "spool"
    spool.mkdir()
    failed = replace(
        failed, env={**failed.env, "HEAL_SPOOL": str(spool), "HEAL_HOME": str(tmp_path), "HEAL_IN_FLIGHT": "60"}
    )
    before = [project.fingerprint(), Project(folder).fingerprint(), Project(tmp_path / "scratch").fingerprint()]
    replay = Replay({"snakemake": SnakemakeReplay(lambda _env: bubblewrap)}, {"local": Here()}, minutes=2)
    # When the script that a rule names is put right, and when it is not
    healed = replay.tried(project.draft(**{"workflow/scripts/gather.py": GATHER.format(name="text")}), failed)
    bad = replay.tried(project.draft(**{"workflow/scripts/gather.py": GATHER.format(name="tex")}), failed)
    # Then that is told, nobody hears of it, and nothing has moved
    assert (healed.passed, "made a/" in healed.said) == (True, True), healed.said
    assert (bad.passed, "'Params' object has no attribute 'tex'" in bad.said) == (False, True), bad.said
    assert "Shutting down" not in bad.said
    assert list(spool.iterdir()) == []
    after = [project.fingerprint(), Project(folder).fingerprint(), Project(tmp_path / "scratch").fingerprint()]
    assert after == before

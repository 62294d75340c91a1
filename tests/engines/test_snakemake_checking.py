"""What a dry run with a change says that one without it does not, and how many jobs will run again for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from tests.proving import conftest
from tests.proving.pipelines import Project, environment

from heal.engines.snakemake_argv import read
from heal.engines.snakemake_checking import Checked, Planned, SnakemakeCheck, compared, jobs_of, planned
from heal.engines.snakemake_words import Part, dry_run, one_job, parts
from heal.proving.asking import Said, asked
from heal.proving.enclosure import Enclosure

FAILS = Planned(ok=False, error="NameError in line 3: x")
GOES = Planned(ok=True, jobs={"all": 1, "table": 1})
bubblewrap = conftest.bubblewrap
SILENT = Planned(None, "it did not end within 3 s")


# --- what it says ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (GOES, GOES, Checked(True, "", {}, {}, "no job more than without the change")),
        (
            GOES,
            Planned(ok=True, jobs={"all": 1, "table": 3, "report": 1}),
            Checked(True, "", {"table": 2, "report": 1}, {}, "3 jobs (report 1, table 2) more than without the change"),
        ),
        (
            GOES,
            Planned(ok=True, jobs={"all": 1}),
            Checked(
                None,
                "1 job (table 1) less than without the change, and none of table is left",
                {},
                {"table": 1},
                "no job more than without the change",
            ),
        ),
        (GOES, FAILS, Checked(False, "it fails with the change:\nNameError in line 3: x")),
        # the same further down
        (
            FAILS,
            replace(FAILS, error="NameError in line 9: x"),
            Checked(None, "it fails without the change as well:\nNameError in line 9: x"),
        ),
        (FAILS, replace(FAILS, error="KeyError"), Checked(False, "it fails with the change:\nKeyError")),
        (
            FAILS,
            GOES,
            Checked(
                True,
                reruns="2 jobs (all 1, table 1); how many more than without the change is not known: it fails without the change",
            ),
        ),
        (GOES, SILENT, Checked(None, "it did not end within 3 s")),
        (
            SILENT,
            FAILS,
            Checked(
                None,
                "it fails with the change:\nNameError in line 3: x\n(whether it fails without the change as well is not known)",
            ),
        ),
    ],
)
def test_before_and_after(before: Planned, after: Planned, expected: Checked):
    assert compared(before, after, "table") == expected


@pytest.mark.parametrize(
    ("said", "good", "told"),
    [
        ("NameError in line 7: x", False, "it fails with the change as it did without"),
        # the dry run fails for something else than the run did: that is not the change's fault
        ("KeyError in line 3: y", None, "it fails without the change as well"),
    ],
)
def test_a_change_that_leaves_snakemakes_own_failure_as_it_was_is_refused(said: str, good: bool | None, told: str):
    assert compared(FAILS, FAILS, "snakemake", said) == Checked(good, f"{told}:\nNameError in line 3: x")


STATS = "Building DAG of jobs...\nJob stats:\njob       count\n------  -------\nalign        12\nall           1\ntotal        13\n\n\n"


def test_jobs_are_counted_by_rule():
    assert jobs_of(STATS) == {"align": 12, "all": 1}
    assert jobs_of("Nothing to be done (all requested files are present and up to date).\n") == {}
    assert jobs_of("Killed\n") is None


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (Said(0, STATS), Planned(ok=True, jobs={"align": 12, "all": 1})),
        (
            Said(1, "Building DAG of jobs...\nKeyError in /own/w/Snakefile, line 3\n"),
            Planned(False, "KeyError in /p/Snakefile, line 3"),
        ),
        (Said(127, "snakemake: not found"), Planned(None, "snakemake: not found")),
        (Said(None, "it did not end within 3 s"), Planned(None, "it did not end within 3 s")),
        (Said(0, ""), Planned(None, "the dry run did not say how many jobs there are")),
    ],
)
def test_what_a_dry_run_says(said: Said, expected: Planned):
    assert planned(said, {"/own/w": "/p"}) == expected


# --- the command lines -------------------------------------------------------------------------


def test_options_values_and_targets_are_told_apart():
    words = ["all", "-pk", "x.txt", "-j4", "--config", "a=1", "b=2", "--cores=3", "-c", "2", "y.txt", "--new", "v", "z"]
    assert list(parts(words)) == [
        Part("", ("all",)),
        Part("-pk", ("-pk",)),
        Part("", ("x.txt",)),
        Part("-j", ("-j4",)),
        Part("--config", ("--config", "a=1", "b=2")),
        Part("--cores", ("--cores=3",)),
        Part("-c", ("-c", "2")),
        Part("", ("y.txt",)),
        Part("--new", ("--new", "v")),
        Part("", ("z",)),
    ]


def test_one_job_is_run_as_the_run_was_started_but_here_and_alone():
    words = "snakemake all -j 50 -pk --executor slurm --configfile a.yml b.yml -F --profile p -U x -- report.txt"
    expected = ("snakemake", "--configfile", "a.yml", "b.yml", "--profile", "p", "--cores", "2")
    assert one_job(read(words.split()), ("--cores", "2")) == expected


def test_a_dry_run_keeps_the_targets_and_what_forces():
    told = ("--dry-run", "--rerun-incomplete", "--nolock", "--printshellcmds", "--quiet", "host", "--nocolor")
    assert dry_run(read(["snakemake", "a.txt", "-q", "-j", "4", "-F"])) == (
        "snakemake",
        "a.txt",
        "-j",
        "4",
        "-F",
        *told,
    )
    assert dry_run(read(["snakemake", "-j4", "--", "a.txt"])) == ("snakemake", "-j4", *told, "--", "a.txt")


# --- with a real Snakemake ---------------------------------------------------------------------

SNAKEFILE = """
rule all:
    input: expand("out/{s}.tsv", s=["a", "b"]), "report.txt"

rule table:
    input: "data/{s}.txt"
    output: "out/{s}.tsv"
    shell: "cp {input} {output}"

rule report:
    input: expand("out/{s}.tsv", s=["a", "b"])
    output: "report.txt"
    shell: "python3 scripts/report.py {input} > {output}"
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Two tables are made, the report failed."""
    files = {"Snakefile": SNAKEFILE, "scripts/report.py": "print(sorted)\n"}
    return Project.of(tmp_path / "project", files, {"data/a.txt": "1\n", "data/b.txt": "2\n"})


@pytest.fixture(params=["enclosed", "open"])
def find(request: pytest.FixtureRequest) -> Callable[[Mapping[str, str]], Enclosure | None]:
    found = None if request.param == "open" else request.getfixturevalue("bubblewrap")
    return lambda _env: found


def ran(project: Project) -> None:
    assert asked(["snakemake", "-c1", "out/a.tsv", "out/b.tsv"], project.folder, environment(), 100).code == 0


@pytest.mark.snakemake
def test_jobs_that_run_again_for_a_change_are_counted(project: Project, find: Callable):
    # Given a run of which the tables are done
    ran(project)
    before = project.fingerprint()
    failed = project.failed(project.run("snakemake", "-j4", "--executor=slurm"), "report", makes=("report.txt",))
    check = SnakemakeCheck(find)
    # When only the script of what failed changes, nothing else runs again
    script = check.check(project.draft(**{"scripts/report.py": "print(1)\n"}), failed)
    assert script == Checked(True, "", {}, {}, "no job more than without the change")
    # When the command of a rule that was done changes too, its jobs do, as Snakemake's own records tell
    other = check.check(project.draft(Snakefile=SNAKEFILE.replace("cp {input}", "cp -p {input}")), failed)
    assert other == Checked(True, "", {"table": 2}, {}, "2 jobs (table 2) more than without the change")
    # and nobody's folder has moved
    assert project.fingerprint() == before


@pytest.mark.snakemake
def test_what_is_wrong_with_a_change_is_told_before_anything_runs(project: Project, find: Callable):
    before = project.fingerprint()
    failed = project.failed(project.run("snakemake", "-j4"), "report", makes=("report.txt",))
    changed = {
        "inputs": SNAKEFILE.replace("{input} > {output}", "{inputs} > {output}"),
        "Unexpected keyword x": SNAKEFILE.replace("rule report:", "rule report: x"),
        "MissingInputException": SNAKEFILE.replace("data/{s}.txt", "nowhere/{s}.txt"),
    }
    for said, text in changed.items():
        trial = SnakemakeCheck(find).tried(project.draft(Snakefile=text), failed)
        assert (trial.name, trial.passed, said in trial.said) == ("dry run", False, True), trial.said
    assert project.fingerprint() == before


@pytest.mark.snakemake
def test_a_sample_that_is_left_out_is_no_yes(project: Project, find: Callable):
    failed = project.failed(project.run("snakemake", "-j4"), "report", makes=("report.txt",))
    trial = SnakemakeCheck(find).tried(project.draft(Snakefile=SNAKEFILE.replace('s=["a", "b"]', 's=["a"]')), failed)
    assert (trial.passed, trial.said) == (None, "1 job (table 1) less than without the change")
    assert trial.reruns == "no job more than without the change"


@pytest.mark.snakemake
def test_what_was_broken_before_is_no_reason_to_refuse_what_heals_it(project: Project, find: Callable):
    project.write("Snakefile", SNAKEFILE.replace("rule table:", "rule table: x"))
    failed = project.failed(project.run("snakemake", "-j4"), "report", makes=("report.txt",))
    trial = SnakemakeCheck(find).tried(project.draft(Snakefile=SNAKEFILE), failed)
    jobs = "4 jobs (all 1, report 1, table 2)"
    known = "how many more than without the change is not known: it fails without the change"
    assert (trial.passed, trial.said, trial.reruns) == (True, "", f"{jobs}; {known}")

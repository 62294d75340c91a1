"""All checks together, what of them is said where a part of them cannot be made, and what a model adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from heal.advice.issues import Issue, Report, Severity
from heal.advice.requests import Site
from heal.advice.validating import validate
from heal.errors import HealError, ModelsSilent, SchedulerUnreachable

# neither engines nor shells
ENV = {"PATH": "/nowhere"}


def silent() -> Site:
    raise SchedulerUnreachable("squeue is not on the PATH")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "a.json").write_text('{"a": }\n')
    (tmp_path / "job.sh").write_text("#!/bin/bash\n#SBATCH --mem=1G\ntrue\n")
    return tmp_path


def test_a_slurm_that_does_not_answer_is_no_finding(project: Path):
    report = validate(project, ENV, silent)
    assert report == Report(
        (Issue(Severity.ERROR, "a.json", 1, "Expecting value: line 1 column 7 (char 6)", "correct the line", "json"),),
        ("2 files",),
        {"what is asked of SLURM": "SLURM tells nothing of its partitions: squeue is not on the PATH"},
    )


def test_a_project_that_asks_slurm_for_nothing_has_slurm_asked_nothing(tmp_path: Path):
    (tmp_path / "run.sh").write_text("#!/bin/bash\ntrue\n")
    report = validate(tmp_path, ENV, silent)
    assert report.unchecked == {"a workflow": "no Snakefile, no main.nf and no script with #SBATCH lines lies here"}


def test_a_model_is_given_all_that_was_found_and_adds_remarks(project: Path):
    # Given a model that reads along
    asked: list[tuple[Report, Mapping[str, str]]] = []

    def model(report: Report, texts: Mapping[str, str]) -> Sequence[Issue]:
        asked.append((report, texts))
        return [Issue(Severity.ERROR, "job.sh", 3, "true does nothing"), Issue(Severity.REMARK, "gone.sh", 1, "?")]

    report = validate(project, ENV, silent, model)
    # Then it was asked once, with the report of the rules and the texts, and what it says is a remark
    [(told, texts)] = asked
    assert told == validate(project, ENV, silent)
    assert set(texts) == {"a.json", "job.sh"}
    assert report.issues == (*told.issues, Issue(Severity.REMARK, "job.sh", 3, "true does nothing", by="model"))


def test_a_model_that_is_silent_takes_nothing_away(project: Path):
    def model(_report: Report, _texts: Mapping[str, str]) -> Sequence[Issue]:
        raise ModelsSilent("no model answered")

    report = validate(project, ENV, silent, model)
    assert report.issues == validate(project, ENV, silent).issues
    assert report.unchecked["what a model would say"] == "no model answered"


def test_no_folder_is_an_error(tmp_path: Path):
    with pytest.raises(HealError, match="is no folder"):
        validate(tmp_path / "gone", ENV, silent)


def test_engines_that_are_not_there_are_named(tmp_path: Path):
    (tmp_path / "Snakefile").write_text('rule a:\n    output: "x"\n    shell: "touch {output}"\n')
    (tmp_path / "main.nf").write_text("workflow {\n}\n")
    assert validate(tmp_path, ENV, silent).unchecked == {
        "Snakemake": "snakemake is not on your PATH: activate its environment, then again",
        "Nextflow": "nextflow is not on your PATH: load it, then again",
    }

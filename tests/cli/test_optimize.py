"""heal optimize: by an accounting that answers, suggestions with their evidence."""

from __future__ import annotations

import json
import subprocess

import pytest
from tests.advice.asked import tells
from tests.cli.place import Place

from heal.schedulers.slurm_history import FIELDS
from heal.schedulers.slurm_parsers import DELIMITER

ALL = (*FIELDS, "Partition", "Eligible", "NodeList")
MODEL = '[model.local]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "any"\n'
SNAKEFILE = """
rule align:
    output: "out.txt"
    threads: 4
    resources: mem_mb=8000, runtime=120
    shell: "touch {output}"
"""


def accounting(place: Place, jobs: int, *, fields: tuple[str, ...] = ALL, **more: str) -> None:
    """A sacct that tells of jobs of the rule align: 8 GB and 4 cpus asked, 1 GB and one cpu used, an hour each."""
    common = {"State": "COMPLETED", "ExitCode": "0:0", "ElapsedRaw": "3600", "NCPUS": "4", "NNodes": "1"}
    common |= {"Partition": "long", "NodeList": "n1", "Submit": "2026-11-24T10:00:00", "Start": "2026-11-24T10:00:05"}
    lines = []
    for n in range(jobs):
        job = {"JobID": f"{100 + n}", "JobName": "3f0c", "ReqMem": "8G", "TimelimitRaw": "90", "TotalCPU": "01:00:00"}
        whose = {"Comment": f"rule_align_wildcards_S{n}", "WorkDir": str(place.work)}
        lines += [common | job | whose | more, common | {"JobID": f"{100 + n}.batch", "MaxRSS": "1048576K"}]
    text = "".join(DELIMITER.join(line.get(field, "") for field in fields) + "\n" for line in lines)
    rows = place.file("rows", text)
    place.program("sacct", f'if [ "$1" = --helpformat ]; then echo {" ".join(fields)}; else cat {rows}; fi')


def test_what_could_cost_less_and_the_line_to_change(place: Place):
    accounting(place, 60)
    ended = tells(place, "optimize", "--json")
    assert (ended.returncode, ended.stderr) == (0, "")
    whose = {"pipeline": str(place.work), "engine": "snakemake", "process": "align"}
    assert json.loads(ended.stdout) == {
        "since": "30d",
        "jobs": 60,
        "suggestions": [
            {
                "kind": "cpus",
                **whose,
                "what": "ask for 1 cpu in place of 4, or let the tool use them",
                "why": "no job kept more than 1.0 cpus busy on average, 25% of what was held",
                "jobs": 60,
                "sure": "high",
                "saves": {"core_hours": 180.0},
                "change": ["--set-threads align=1"],
            },
            {
                "kind": "memory",
                **whose,
                "what": "ask for 1.3 GB of memory in place of 8.0 GB",
                "why": "the most that a job ended well with is 1.0 GB, the usual 1.0 GB",
                "jobs": 60,
                "sure": "high",
                "saves": {"gb_hours": 403.828},
                "change": ["--set-resources align:mem_mb=1300"],
            },
        ],
        "unknown": [],
    }


def test_the_page_for_people(place: Place):
    accounting(place, 60)
    said = tells(place, "optimize").stdout.splitlines()
    assert said[:5] == [
        f"align ({place.work}): ask for 1 cpu in place of 4, or let the tool use them",
        "  saves 180.0 core-hours · 60 jobs · sure: high",
        "  no job kept more than 1.0 cpus busy on average, 25% of what was held",
        "  → --set-threads align=1",
        "",
    ]
    assert said[-1] == (
        'with a model ([model] in heal.toml): heal ask "what in STEP takes so long?" reads the scripts too, '
        "which numbers alone do not show"
    )


def test_where_a_model_is_nothing_is_said_of_having_one(place: Place):
    accounting(place, 60)
    without = tells(place, "optimize").stdout.splitlines()
    place.file("heal.toml", MODEL)
    assert tells(place, "optimize").stdout.splitlines() == without[:-1]


@pytest.mark.snakemake
def test_snakemake_takes_the_lines_as_they_are_printed(place: Place):
    # Given all that may be suggested for a rule
    place.file("Snakefile", SNAKEFILE)
    lines = "--set-threads align=1 --set-resources align:mem_mb=1300 align:runtime=12 align:slurm_partition=short"
    lines += " align:slurm_extra=\"'--exclude=n9'\" --groups align=align --group-components align=45"
    # When a shell hands them to Snakemake
    ended = subprocess.run(
        ["bash", "-c", f"snakemake -n --cores 8 out.txt {lines}"],
        cwd=place.work,
        env=place.env,
        capture_output=True,
        text=True,
        check=False,
    )
    # Then it asks for just that
    assert ended.returncode == 0, ended.stderr
    asked = next(line for line in ended.stdout.splitlines() if line.lstrip().startswith("resources:"))
    for part in ("mem_mb=1300", "runtime=12", "slurm_partition=short", "slurm_extra=--exclude=n9"):
        assert part in asked


def test_an_accounting_that_tells_less_gives_less(place: Place):
    # Given a SLURM that knows no partitions and nodes of its past jobs
    accounting(place, 60, fields=FIELDS)
    found = json.loads(tells(place, "optimize", "--json").stdout)
    assert [one["kind"] for one in found["suggestions"]] == ["cpus", "memory"]


def test_too_few_jobs_are_said_to_be_too_few(place: Place):
    accounting(place, 9)
    assert tells(place, "optimize").stdout.splitlines()[:2] == [
        "nothing to suggest: 9 jobs since 30d give no evidence for a change",
        "align: 9 of the 10 jobs that a suggestion takes are known",
    ]


def test_no_jobs_at_all(place: Place):
    accounting(place, 0)
    assert tells(place, "optimize").stdout.splitlines()[0] == "no job that ended since 30d is known here"


def test_bad_input_is_one_line(place: Place):
    for argv in (["--since", "30"], ["nowhere"]):
        ended = tells(place, "optimize", *argv)
        assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)


def test_an_accounting_that_is_silent_is_said(place: Place):
    place.program("sacct", "echo accounting storage is disabled >&2; exit 1")
    ended = tells(place, "optimize")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "heal: SLURM's accounting tells nothing of your jobs: accounting storage is disabled\n"

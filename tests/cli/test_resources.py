"""heal resources: by an accounting that answers, a table, proposals, and a Snakemake that asks for them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.cli.place import Place

from heal.schedulers.slurm_history import FIELDS
from heal.schedulers.slurm_parsers import DELIMITER

SNAKEFILE = """
rule align:
    output: "out.txt"
    resources: mem_mb=8000, runtime=120
    shell: "echo {resources.mem_mb} {resources.runtime} > {output}"
"""

PROCESSES = """
process ALIGN {
    output: stdout
    script: "echo given $task.process $task.memory $task.time"
}
process INDEX {
    output: stdout
    script: "echo given $task.process $task.memory $task.time"
}
workflow PREPARE {
    main: INDEX()
    emit: INDEX.out
}
workflow { ALIGN().view { it.trim() }; PREPARE().view { it.trim() } }
"""


def accounting(place: Place, jobs: int, rule: str = "align", *, comments: bool = True) -> None:
    """A sacct that tells of so many jobs of a rule of Snakemake's."""
    named = [(f"rule_{rule}_wildcards_S{n}" if comments else "", "3f0c", place.work) for n in range(jobs)]
    told(place, named)


def told(place: Place, jobs: Sequence[tuple[str, str, Path]]) -> None:
    """A sacct that tells of jobs by comment, name and folder: 8 GB for two hours asked, 1 GB for ten minutes used."""
    common = {"State": "COMPLETED", "ExitCode": "0:0", "ElapsedRaw": "600", "NCPUS": "4", "NNodes": "1"}
    lines = []
    for n, (comment, name, folder) in enumerate(jobs):
        job = {"JobID": f"{100 + n}", "JobName": name, "ReqMem": "8G", "TimelimitRaw": "120", "TotalCPU": "10:00.0"}
        whose = {"Comment": comment, "WorkDir": str(folder), "Submit": "2026-11-24T10:00:00"}
        lines += [common | job | whose, common | {"JobID": f"{100 + n}.batch", "MaxRSS": "1048576K"}]
    lines.append(common | {"JobID": "999", "JobName": "other", "WorkDir": "/elsewhere", "ReqMem": "1G"})
    text = "".join(DELIMITER.join(line.get(field, "") for field in FIELDS) + "\n" for line in lines)
    rows = place.file("rows", text)
    place.program("sacct", f'if [ "$1" = --helpformat ]; then echo {" ".join(FIELDS)}; else cat {rows}; fi')


def test_what_was_asked_and_used_and_what_would_fit(place: Place):
    accounting(place, 20)
    ended = place.tells("resources", "--json")
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert json.loads(ended.stdout) == {
        "since": "30d",
        "resources": [
            {
                "pipeline": str(place.work),
                "engine": "snakemake",
                "process": "align",
                "input_mb": None,
                "jobs": 20,
                "well": 20,
                "failed": 0,
                "out_of_memory": 0,
                "timed_out": 0,
                "memory_mb": _amounts(asked=8192, usual=1024, most=1024, proposed=1300),
                "time_min": _amounts(asked=120, usual=10, most=10, proposed=12),
                "cpus": _amounts(asked=4, usual=1, most=1, proposed=1),
                "cpu_efficiency": 0.25,
                "core_hours": 13.333,
                "wasted_core_hours": 10,
                "wasted_gb_hours": 23.333,
                "by_input": [],
            }
        ],
    }


def _amounts(**numbers: float) -> dict[str, object]:
    return {**numbers, "at_least": False, "why": None}


def test_the_page_for_people(place: Place):
    accounting(place, 20)
    said = place.tells("resources").stdout.decode().splitlines()
    fits = "8.0 GB, used 1.0 GB, most 1.0 GB → 1.3 GB 2.0 h, used 10 min, most 10 min → 12 min"
    # (columns are as wide as what stands in them)
    assert [" ".join(line.split()) for line in said] == [
        f"{place.work} · Snakemake · since 30d",
        "PROCESS JOBS FAILED MEMORY TIME CPUS WASTED",
        f"align 20 0 {fits} 4, used 1, most 1 → 1, 25% busy 10 core-h, 23 GB-h",
        "",
        "20 jobs held 10 core-hours and 23 GB-hours that they did not use",
        "heal resources --apply: heal run asks for what is proposed; --print: the same as text",
    ]


def test_what_heal_saw_itself_tells_rules_and_sizes_of_inputs(place: Place):
    # Given an accounting that keeps no comments, and a heal that heard of the jobs' ends
    accounting(place, 20, comments=False)
    place.file("small.fq", "x")
    place.file("large.fq", "x" * 3_000_000)
    run = {"id": "r1", "engine": "snakemake", "cwd": str(place.work), "argv": ["snakemake"]}
    for n in range(20):
        task = {"name": f"align {n}", "key": f"align:{n}", "native_id": f"{100 + n}", "workdir": str(place.work)}
        facts = {"process": "align", "input": ["large.fq" if n % 4 == 0 else "small.fq"]}
        heard(place, n, {"kind": "task_finished", "run": run, "task": task, "facts": facts})
    heard(place, 20, {"kind": "run_finished", "run": run, "facts": {"ok": True, "exit": 0}})
    assert place.tells("tick").returncode == 0
    # When it is asked
    [row] = json.loads(place.tells("resources", "--json").stdout)["resources"]
    # Then it knows the rule, and what each size of input took
    assert (row["engine"], row["process"], row["jobs"]) == ("snakemake", "align", 20)
    assert [(part["input_mb"], part["jobs"]) for part in row["by_input"]] == [(1, 15), (4, 5)]


def heard(place: Place, n: int, event: dict[str, object]) -> None:
    """An event in the spool, written now."""
    spool = place.home / "spool"
    spool.mkdir(exist_ok=True)
    line = json.dumps({"v": 1, "time": datetime.now(UTC).isoformat(), "source": "snakemake", **event})
    (spool / f"{n:020d}-1-1.json").write_text(line, encoding="utf-8")


def test_snakemake_asks_for_what_was_applied(place: Place):
    # Given a pipeline whose rule asks for far more than it uses
    accounting(place, 20)
    place.file("Snakefile", SNAKEFILE)
    # When that is applied, and the pipeline run under heal
    applied = place.tells("resources", "--apply")
    assert applied.returncode == 0
    assert f"{place.work}/.heal/resources.json: heal run asks for align:mem_mb=1300 align:runtime=12" in (
        applied.stdout.decode()
    )
    ended = place.tells("run", "--", "snakemake", "--cores=1")
    # Then the rule gets what was proposed, and no file of the pipeline's was touched
    assert ended.returncode == 0, ended.stderr
    assert (place.work / "out.txt").read_text() == "1300 12\n"
    assert (place.work / "Snakefile").read_text() == SNAKEFILE
    assert "asks for what heal resources keeps for this folder" in ended.stderr.decode()


def test_a_script_around_the_pipeline_is_told_of_and_run_as_it_is(place: Place):
    accounting(place, 20)
    place.file("Snakefile", SNAKEFILE)
    place.tells("resources", "--apply")
    ended = place.tells("run", "--", "bash", "-c", "snakemake --cores=1")
    assert (place.work / "out.txt").read_text() == "8000 120\n"
    assert "is not asked for: not started as snakemake" in ended.stderr.decode()


def test_print_writes_for_snakemake_what_can_be_taken_over(place: Place):
    accounting(place, 20)
    assert place.tells("resources", "--print").stdout.decode().splitlines() == [
        f"# {place.work}",
        "# on the command line: --set-resources align:mem_mb=1300 align:runtime=12",
        "# in a profile's config.yaml:",
        "set-resources:",
        "  align:",
        "    mem_mb: 1300",
        "    runtime: 12",
        "",
    ]
    assert not (place.work / ".heal").exists()


def test_print_writes_lines_for_the_scripts_of_jobs_by_hand(place: Place):
    told(place, [("", f"plink_chr{n}", place.work) for n in range(1, 21)])
    assert place.tells("resources", "--print").stdout.decode().splitlines() == [
        f"# {place.work}",
        "#SBATCH --mem=1300M --time=12   # plink_chr*",
        "",
    ]


@pytest.mark.nextflow
def test_print_writes_a_configuration_that_nextflow_takes(place: Place, nextflow: Path, tmp_path: Path):
    # Given jobs of two processes, one of them of a subworkflow
    work = place.work / "work" / "ab"
    tasks = [f"nf-{process}_(S{n})" for process in ("ALIGN", "PREPARE_INDEX") for n in range(10)]
    told(place, [("", name, work / f"{n:030x}") for n, name in enumerate(tasks)])
    said = place.tells("resources", "--print").stdout.decode()
    assert said.splitlines() == [
        f"// {place.work}",
        "// in nextflow.config; SLURM tells ':' and '_' of a name apart no more, so both fit",
        "process {",
        "    withName: '(.*:)?ALIGN' { memory = { 1300.MB * task.attempt }; time = { 12.min * task.attempt } }",
        "    withName: '(.*:)?PREPARE[:_]INDEX' { memory = { 1300.MB * task.attempt }; time = { 12.min * task.attempt } }",
        "}",
        "",
    ]
    # When all of it is put into the pipeline's configuration
    place.file("nextflow.config", said)
    place.file("main.nf", PROCESSES)
    place.more = {"NXF_OFFLINE": "true", "NXF_ANSI_LOG": "false", "NXF_HOME": str(tmp_path / "nxf")}
    ended = place.run(str(nextflow), "run", "main.nf")
    # Then both get what was proposed, whatever the full name
    assert ended.returncode == 0, ended.stdout
    assert {line for line in ended.stdout.splitlines() if line.startswith("given")} == {
        "given ALIGN 1.3 GB 12m",
        "given PREPARE:INDEX 1.3 GB 12m",
    }


@pytest.mark.nextflow
def test_nextflow_asks_for_what_was_applied(place: Place, nextflow: Path, tmp_path: Path):
    # Given jobs of two processes, and a configuration of the user's own for one of them
    work = place.work / "work" / "ab"
    tasks = [f"nf-{process}_(S{n})" for process in ("ALIGN", "PREPARE_INDEX") for n in range(10)]
    told(place, [("", name, work / f"{n:030x}") for n, name in enumerate(tasks)])
    place.file("main.nf", PROCESSES)
    place.file("own.config", "process { withName: ALIGN { memory = 2.GB } }\n")
    # When what is proposed is applied, and the pipeline run under heal
    applied = place.tells("resources", "--apply")
    kept = place.work / ".heal" / "resources.config"
    said = "ALIGN:memory=1300MB ALIGN:time=12min PREPARE_INDEX:memory=1300MB PREPARE_INDEX:time=12min"
    assert f"{kept}: heal run asks for {said} from now on" in applied.stdout.decode()
    place.more = {"NXF_OFFLINE": "true", "NXF_ANSI_LOG": "false", "NXF_HOME": str(tmp_path / "nxf")}
    ended = place.tells("run", "--", str(nextflow), "run", "main.nf", "-c", "own.config")
    # Then both get it, but for what the user's own file says, and no file of the pipeline's was touched
    assert ended.returncode == 0, ended.stderr
    assert {line for line in ended.stdout.decode().splitlines() if line.startswith("given")} == {
        "given ALIGN 2 GB 12m",
        "given PREPARE:INDEX 1.3 GB 12m",
    }
    assert b"asks for what heal resources keeps for this folder (.heal/resources.config)" in ended.stderr
    assert not (place.work / "nextflow.config").exists()


def test_few_jobs_give_a_table_and_no_proposal(place: Place):
    accounting(place, 9)
    ended = place.tells("resources", "--apply")
    assert ended.returncode == 0
    assert "nothing to apply" in ended.stdout.decode()
    assert not (place.work / ".heal").exists()
    # unless the project says that nine are enough
    place.file("heal.toml", "[sizing]\njobs = 9\n")
    assert "→ 1.3 GB" in place.tells("resources").stdout.decode()


def test_bad_input_is_one_line(place: Place):
    for argv in (["--since", "30"], ["--since", "0d"], ["nowhere"]):
        ended = place.tells("resources", *argv)
        assert (ended.returncode, ended.stdout, ended.stderr.count(b"\n")) == (2, b"", 1)


def test_an_accounting_that_is_silent_is_said(place: Place):
    place.program("sacct", "echo accounting storage is disabled >&2; exit 1")
    ended = place.tells("resources")
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert ended.stderr == b"heal: SLURM's accounting tells nothing of your jobs: accounting storage is disabled\n"

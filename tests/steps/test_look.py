"""From a case and its first diagnosis to what is found about them, on a real folder."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.evidence.test_history import commit, git

from heal.cases import Case, Citation, Evidence, Finding, Passage, Sight
from heal.evidence.history import History
from heal.evidence.looking import Looker
from heal.knowledge.naming import Kind, Named, Part
from heal.knowledge.siblings import Sibling
from heal.knowledge.surroundings import Surroundings
from heal.records import Diagnosis, Label
from heal.steps.look import look, subjects


def diagnosis(label: Label | None, line: str, number: int = 1) -> Diagnosis:
    return Diagnosis(label, "cause", 0.9, Citation("log", number, line))


def case(text: str, process: str = "align") -> Case:
    return Case("snakemake", (Evidence("log", (Passage(1, text),)),), process=process)


def found(text: str, label: Label, around: Surroundings, number: int = 1) -> list[tuple[Sight, str]]:
    line = text.split("\n")[number - 1]
    seen = look(case(text), diagnosis(label, line, number), around, Looker(), History())
    return [(one.sight, one.subject) for one in seen]


class Blind:
    """Sees nothing and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def look(self, names: Sequence[Named], around: Surroundings) -> tuple[Finding, ...]:
        self.asked.append("look")
        return ()

    def saved(self, around: Surroundings) -> tuple[Finding, ...]:
        self.asked.append("saved")
        return ()

    def sources(self, around: Surroundings) -> Mapping[str, str]:
        return {}

    def changes(self, files: Sequence[str], names: Sequence[str], around: Surroundings) -> tuple[Finding, ...]:
        self.asked.append("changes")
        return ()


def test_what_is_looked_up_depends_on_the_label():
    asked = {}
    for label in (None, Label.TIME_LIMIT, Label.MISSING_INPUT):
        blind = Blind()
        look(case("x"), diagnosis(label, "x"), Surroundings(), blind, blind)
        asked[label] = blind.asked
    assert asked == {None: [], Label.TIME_LIMIT: ["look", "saved"], Label.MISSING_INPUT: ["look", "changes"]}


def test_a_missing_input_is_walked_back_to_the_rule_that_makes_it(tmp_path: Path):
    (tmp_path / "results").mkdir()
    (tmp_path / "Snakefile").write_text('rule sort:\n    output: "results/{s}.bam"\n    shell: "x"\n', encoding="utf-8")
    around = Surroundings(cwd=str(tmp_path), script="samtools index results/a.bam")
    line = 'samtools index: failed to open "results/a.bam": No such file or directory'
    assert found(line, Label.MISSING_INPUT, around) == [
        (Sight.ABSENT, f"{tmp_path}/results/a.bam"),
        (Sight.UNMADE, "results/a.bam"),
    ]  # fmt: skip


def test_a_folder_for_an_output_is_told_from_a_missing_input(tmp_path: Path):
    around = Surroundings(cwd=str(tmp_path), script="sort x > results/qc.txt")
    line = "job.sh: line 4: results/qc.txt: No such file or directory"
    assert found(line, Label.MISSING_INPUT, around) == [(Sight.NO_FOLDER, f"{tmp_path}/results")]


def test_the_files_that_snakemake_lists_under_its_error(tmp_path: Path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "s3.fq").touch()
    text = (
        'MissingInputException in rule map in file "/d/Snakefile", line 4:\n'
        "Missing input files for rule map:\n    output: aln/S3.bam\n    wildcards: s=S3\n"
        "    affected files:\n        data/S3.fq\nnext"
    )
    assert found(text, Label.MISSING_INPUT, Surroundings(cwd=str(tmp_path))) == [
        (Sight.ABSENT, f"{tmp_path}/data/S3.fq"),
        (Sight.OTHER_CASE, f"{tmp_path}/data/s3.fq"),
    ]


def test_a_line_without_a_name_leads_to_what_the_task_reads(tmp_path: Path):
    (tmp_path / "r.fq.gz").write_bytes(gzip.compress(b"@a\nA\n+\nI\n" * 1000)[:-20])
    around = Surroundings(cwd=str(tmp_path), inputs=("r.fq.gz",))
    line = "gzip: stdin: unexpected end of file"
    assert found(line, Label.BAD_INPUT_DATA, around) == [(Sight.TRUNCATED, f"{tmp_path}/r.fq.gz")]


def test_what_a_task_that_failed_should_have_made_is_not_missed(tmp_path: Path):
    around = Surroundings(cwd=str(tmp_path), outputs=("out.tsv",))
    assert found("cannot read out.tsv", Label.UNKNOWN, around) == []
    assert found("out.tsv was not made", Label.MISSING_OUTPUT, around) == [(Sight.ABSENT, f"{tmp_path}/out.tsv")]


def test_a_script_in_another_language_is_no_command(tmp_path: Path):
    # Given a rule whose script is Python's
    rule = 'rule align:\n    input: "in.json"\n    output: "out.txt"\n    script: "align.py"\n'
    (tmp_path / "Snakefile").write_text(rule, encoding="utf-8")
    (tmp_path / "align.py").write_text("x = np.float(open(snakemake.input[0]).read())\n", encoding="utf-8")
    around = Surroundings(cwd=str(tmp_path))
    asked = subjects(case("it failed"), diagnosis(Label.UNKNOWN, "it failed"), around, Looker().sources(around))
    assert [one.text for one in asked if "np" in one.text] == []


def test_the_log_of_a_rule_is_nothing_that_it_reads(tmp_path: Path):
    # Given a rule of a notebook's, whose command nobody knows
    rule = (
        'rule align:\n    input: "in.json"\n    output: "out.txt"\n    log: "out.log"\n    notebook: "align.py.ipynb"\n'
    )
    (tmp_path / "Snakefile").write_text(rule, encoding="utf-8")
    around = Surroundings(cwd=str(tmp_path))
    asked = subjects(case("it failed"), diagnosis(Label.UNKNOWN, "it failed"), around, Looker().sources(around))
    assert "out.log" not in [one.text for one in asked]


def test_a_link_into_another_nextflow_task_leads_to_that_task(tmp_path: Path):
    folder = tmp_path / "work" / "70" / "724822b5791016fa2d9cfd25052cf2"
    task = tmp_path / "work" / "ab" / "124822b5791016fa2d9cfd25052cf2"
    task.mkdir(parents=True)
    (task / "x.fq").symlink_to(folder / "x.fq")
    (task / ".command.run").write_text(f"nxf_stage() {{\n    ln -s {folder}/x.fq x.fq\n}}\n", encoding="utf-8")
    log = f"TaskHandler[id: 1; name: SPLIT (1); status: COMPLETED; exit: 1; error: -; workDir: {folder}]"
    around = Surroundings(cwd=str(tmp_path), workdir=str(task), log=log)
    line = "gzip: x.fq: No such file or directory"
    assert found(line, Label.MISSING_INPUT, around) == [
        (Sight.BROKEN_LINK, f"{task}/x.fq"),
        (Sight.UNMADE, f"{folder}/x.fq"),
    ]


def test_a_program_that_python_calls_a_missing_file():
    around = Surroundings(script="hisat2x -x ref")
    line = "FileNotFoundError: [Errno 2] No such file or directory: 'hisat2x'"
    names = subjects(case(line), diagnosis(Label.MISSING_DEPENDENCY, line), around, {})
    assert names == (Named(Kind.PROGRAM, "hisat2x", Part.PROGRAM),)


def test_a_change_of_the_line_that_a_traceback_shows(tmp_path: Path):
    # Given a script of which a line was changed since the task went well, among others
    git(tmp_path, "init", "-q")
    before = "import sys\n\n\ndef mean(rows):\n    return sum(rows) / max(1, len(rows))\n"
    commit(tmp_path, 10, "begin", **{"lib.py": before})
    after = before.replace("max(1, len(rows))", "len(rows)").replace("import sys", "import os")
    identity = commit(tmp_path, 20, "simpler", **{"lib.py": after})
    text = f'File "{tmp_path}/lib.py", line 5, in mean\n    return sum(rows) / len(rows)\nZeroDivisionError: division by zero'
    frame, _code, root = text.split("\n")
    cited = Diagnosis(
        Label.SCRIPT_ERROR,
        "cause",
        0.9,
        Citation("log", 3, root),
        (Citation("log", 3, root), Citation("log", 1, frame)),
    )
    # When it is looked up, whenever it went well
    found = look(case(text), cited, Surroundings(cwd=str(tmp_path)), Looker(), History())
    # Then that line is told, not the first one
    lines = "- return sum(rows) / max(1, len(rows)) + return sum(rows) / len(rows)"
    assert [one.text for one in found if one.sight is Sight.CHANGED] == [
        f"lib.py:5 changed in {identity} 'simpler' (2026-11-20): {lines}"
    ]


def test_siblings_and_checkpoints_are_told(tmp_path: Path):
    (tmp_path / "state.ckpt").write_text("x", encoding="utf-8")
    around = Surroundings(
        workdir=str(tmp_path),
        started=datetime.now(UTC) - timedelta(hours=2),
        own=Sibling("own", ok=False),
        siblings=tuple(Sibling(f"k{number}", ok=True) for number in range(4)),
    )
    assert found("slurmstepd: error: CANCELLED DUE TO TIME LIMIT", Label.TIME_LIMIT, around) == [
        (Sight.ALONE, "own"),
        (Sight.RESUMABLE, f"{tmp_path}/state.ckpt"),
    ]


def test_what_a_bare_log_says_that_the_task_reads(tmp_path: Path):
    (tmp_path / "a.fq").touch()
    text = (
        "gzip: stdin: unexpected end of file\nError in rule align:\n    jobid: 1\n    input: a.fq\n    output: b.bam\n"
    )
    assert found(text, Label.BAD_INPUT_DATA, Surroundings(cwd=str(tmp_path))) == [(Sight.EMPTY, f"{tmp_path}/a.fq")]


def test_an_output_that_was_made_under_another_name(tmp_path: Path):
    (tmp_path / "stats").mkdir()
    (tmp_path / "stats" / "S1.flagstats.txt").write_text("x", encoding="utf-8")
    text = (
        'MissingOutputException in rule stats in file "/d/Snakefile", line 3:\n'
        "Job 1  completed successfully, but some output files are missing. Missing files after 3 seconds:\n"
        "stats/S1.flagstat.txt (missing locally, parent dir contents: S1.flagstats.txt)\n"
    )
    assert found(text, Label.MISSING_OUTPUT, Surroundings(cwd=str(tmp_path))) == [
        (Sight.ABSENT, f"{tmp_path}/stats/S1.flagstat.txt"),
        (Sight.NEAR_NAME, f"{tmp_path}/stats/S1.flagstats.txt"),
    ]

"""What was found, in order, and what a model may add to it."""

from __future__ import annotations

from pathlib import Path

from heal.advice.inventory import inventory
from heal.advice.issues import Issue, Report, Severity, ordered, remarked

ERROR = Issue(Severity.ERROR, "b", 9, "wrong")
WARNING = Issue(Severity.WARNING, "a", 1, "odd")
REMARK = Issue(Severity.REMARK, "a", 1, "could be better")


def test_the_worst_comes_first_and_nothing_twice():
    low = Issue(Severity.ERROR, "a", 3, "wrong")
    assert ordered([REMARK, WARNING, ERROR, low, ERROR]) == (low, ERROR, WARNING, REMARK)


def test_only_errors_are_wrong():
    assert Report((ERROR, REMARK)).wrong
    assert not Report((WARNING, REMARK)).wrong


def test_a_model_gives_remarks_and_nothing_else_on_lines_that_are_there():
    given = [
        Issue(Severity.ERROR, "a", 2, "the sum is never used", by="heal"),
        Issue(Severity.REMARK, "a", 40, "of a line that is not there"),
        Issue(Severity.REMARK, "/etc/passwd", 1, "of a file that is not the project's"),
    ]
    assert remarked(Report((ERROR,)), given, {"a": "x\ny\n"}) == Report(
        (ERROR, Issue(Severity.REMARK, "a", 2, "the sum is never used", by="model"))
    )


def test_what_lies_in_a_folder(tmp_path: Path):
    # Given a project with software, data and links in it
    for name, text in {
        "workflow/Snakefile": "rule a: output: 'x'\n",
        "bin/tool": "#!/usr/bin/env python3\n",
        "run.sh": "#!/bin/bash\n#SBATCH --mem=1G\n",
        "notes.md": "#SBATCH in words\n",
        "results/made.json": "{",
        ".snakemake/log.json": "{",
        "env2/conda-meta/x.json": "{",
        "conf/a.config": "process.cpus = 1\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "bin/tool").chmod(0o755)
    (tmp_path / "loop").symlink_to(tmp_path)
    # When heal looks through it
    found = inventory(tmp_path)
    # Then only what is the pipeline's is read
    assert found.kinds == {
        "bin/tool": "python",
        "conf/a.config": "nextflow config",
        "run.sh": "bash",
        "workflow/Snakefile": "snakefile",
    }
    assert (found.snakefile, found.main, list(found.jobs)) == ("workflow/Snakefile", None, ["run.sh"])
    assert "bin/tool" not in found.plain
    assert "run.sh" in found.plain

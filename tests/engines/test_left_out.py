"""A real Snakemake run with one task to heal and one bug: the bug is not run again until a person says that it is mended."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.live.pipelines import Pipeline

PIPELINE = """
rule all:
    input: "table.txt", "plot.txt"

rule table:
    output: "table.txt"
    log: "table.log"
    resources: mem_mb=200
    shell:
        "echo table >> $RAN; ulimit -v $(({resources.mem_mb} * 1024)); "
        "python3 -c 'b = bytearray(250 * 1024 ** 2)' 2> {log}; touch {output}"

rule plot:
    output: "plot.txt"
    log: "plot.log"
    shell: "echo plot >> $RAN; python3 plot.py > {output} 2> {log}"
"""


@pytest.mark.snakemake
def test_only_what_was_changed_runs_again(tmp_path: Path):
    # Given a pipeline with a task that lacks memory and one with a bug
    pipeline = Pipeline(tmp_path)
    pipeline.file("Snakefile", PIPELINE)
    pipeline.file("plot.py", "print(figure)\n")
    # When it runs under heal
    ended = pipeline.heal("run", "--", "snakemake", "--cores=2", "--keep-going")
    # Then the first came home, the second ran once and waits for a person
    assert ended.returncode == 1, ended.stdout
    assert pipeline.times_run() == {"table": 2, "plot": 1}
    assert sorted((each["process"], each["state"]) for each in pipeline.incidents()) == [
        ("plot", "waiting"),
        ("table", "healed"),
    ]
    # When the bug is mended and the person says so
    pipeline.file("plot.py", "print('a figure')\n")
    [waiting] = [each["id"] for each in pipeline.incidents() if each["state"] == "waiting"]
    accepted = pipeline.heal("accept", waiting)
    # Then that task runs too, and the pipeline is complete
    assert accepted.returncode == 0, accepted.stdout
    assert pipeline.times_run() == {"table": 2, "plot": 2}
    assert (pipeline.work / "plot.txt").read_text(encoding="utf-8") == "a figure\n"
    assert pipeline.heal("wait", "--timeout", "60").returncode == 0

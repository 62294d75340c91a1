"""What is wrong with a Nextflow pipeline by its text, and what its processes ask for."""

from __future__ import annotations

import pytest

from heal.advice import nextflow_requests, nextflow_text
from heal.advice.requests import Request


def lines(found: object) -> list[tuple[str, int, str]]:
    return [(issue.severity.value, issue.line, issue.what) for issue in found]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("nextflow.enable.dsl = 1", [("error", 1, "DSL1 is gone since Nextflow 22.12")]),
        ("nextflow.enable.dsl = 2", [("remark", 1, "DSL2 is the only one since 22.12")]),
        ("    set val(x), file(y) from ch", [("error", 1, "from and into are DSL1"), ("error", 1, "the qualifier set is gone")]),
        ("    file 'x.txt' into ch", [("error", 1, "from and into are DSL1")]),
        ("    set val(x), path(y)", [("error", 1, "the qualifier set is gone")]),
        ("    set -e", []),
        ("    set path = (/opt $path)", []),
        ("    tuple val(x), path(y)", []),
        ("    publishDir 'out', mode: 'copi'", [("error", 1, "publishDir has no mode 'copi'")]),
        ("    publishDir 'out', mode: 'copy'", []),
        ("include { A } from './a' addParams(x: 1)", [("warning", 1, "addParams is deprecated, the strict parser refuses it")]),
        ("ch = Channel.of(1)", [("remark", 1, "the strict parser wants channel in small letters")]),
        ("ch = Channel.from(1)", [("warning", 1, "Channel.from is deprecated")]),
        ("ch = channel.of(1)", []),
        ("// Channel.from(1)", []),
        ("    echo true", [("warning", 1, "the directive echo is now debug")]),
        ("    link = 'https://x/Channel.y'", []),
    ],
)  # fmt: skip
def test_what_nextflow_refuses_now_or_soon(line: str, expected: object):
    assert lines(nextflow_text.old_syntax("main.nf", line + "\n")) == expected


def test_files_that_are_named_and_not_there():
    text = (
        "include { A } from './modules/a'\ninclude { B } from '../b.nf'\ninclude { C; D } from './c'\n"
        "include { P } from 'plugin/x'\n/* include { Z } from './z' */\n"
        "process X {\n    conda \"${moduleDir}/environment.yml\"\n    script:\n    template 'x.sh'\n}\n"
    )
    there = {"sub/modules/a.nf", "b.nf"}
    assert lines(nextflow_text.missing_files("sub/main.nf", text, there.__contains__)) == [
        ("error", 3, "module ./c is not there"),
        ("error", 9, "template x.sh is not there"),
        ("error", 7, "conda environment environment.yml is not there"),
    ]
    config = "includeConfig 'conf/base.config'\nincludeConfig \"${params.x}/y\"\nincludeConfig 'https://x/y'\n"
    assert lines(nextflow_text.missing_files("nextflow.config", config, lambda _path: False)) == [
        ("error", 1, "configuration file conf/base.config is not there")
    ]


def test_parameters_that_nothing_gives_a_value():
    sources = {
        "main.nf": "params.own = 1\nworkflow { A(params.own, params.reads, params.gone, params.schema, params.deep.x) }\n",
        "nextflow.config": "params {\n    reads = null\n    deep {\n        x = 1\n    }\n}\nparams.other = 2\n",
    }
    assert lines(nextflow_text.undeclared_params(sources, '{"properties": {"schema": {"type": "string"}}}')) == [
        ("warning", 2, "params.gone is used, and nothing here gives it a value")
    ]


FLAT = """\
params.outdir = 'x'
process.executor = 'slurm'
process.queue = 'short'
process.memory = '8 GB'
process.withName:ALIGN.time = '3h'
process.'withName:BIG'.memory = '900.GB'
process.withLabel:odd.cpus = { 2 * task.attempt }
process.clusterOptions = '--account=lab --qos=fast'
"""


def test_what_the_configuration_asks_for():
    common = {"partition": "short", "account": "lab", "qos": "fast"}
    script = "process S {\n    cpus 4\n    memory { 2.GB * task.attempt }\n\n    script:\n    cpus 9\n}\n"
    assert nextflow_requests.asked(FLAT, {"main.nf": script}) == (
        Request("all processes", "nextflow.config", 0, memory_mb=8192.0, **common),
        Request("withName:ALIGN", "nextflow.config", 0, memory_mb=8192.0, time_min=180.0, **common),
        Request("withName:BIG", "nextflow.config", 0, memory_mb=921600.0, **common),
        Request("process S", "main.nf", 1, memory_mb=8192.0, cpus=4, **common),
    )
    assert nextflow_requests.submits_to_slurm(FLAT)


def test_a_pipeline_that_stays_here_asks_slurm_for_nothing():
    flat = "process.memory = '8 GB'\nprocess.executor = 'local'\n"
    assert nextflow_requests.asked(flat, {}) == ()
    assert not nextflow_requests.submits_to_slurm(flat)


@pytest.mark.parametrize(("text", "mb"), [("8 GB", 8192), ("8.GB", 8192), ("1.5GB", 1536), ("lots", None)])
def test_amounts(text: str, mb: float | None):
    assert nextflow_requests.memory_of(text) == mb


@pytest.mark.parametrize(
    ("text", "mins"), [("2h", 120), ("1d 12h", 2160), ("90.min", 90), ("30s", 0.5), ("long", None)]
)
def test_times(text: str, mins: float | None):
    assert nextflow_requests.time_of(text) == mins

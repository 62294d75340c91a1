"""What a dry run and --lint of Snakemake say, in texts of Snakemake 9.27."""

from __future__ import annotations

from heal.advice.issues import Issue, Severity
from heal.advice.requests import Request
from heal.advice.snakemake_said import asked, dry_run_error, is_profile, lints, submits_to_slurm

FOLDERS = ("/data/p", "/tmp/heal-validate-x/project")
SNAKEFILE = 'rule all:\n    input: "out/S1.txt"\n\n\nrule align:\n    input: "data/{s}.fq"\n    version: "1"\n'
MISSING = """\
Building DAG of jobs...
MissingInputException in rule align in file "/data/p/Snakefile", line 5:
Missing input files for rule align:
    output: out/S1.txt
    wildcards: s=S1
    affected files:
        ref.fa
"""
IN_PYTHON = """\
TokenError in file "/data/p/Snakefile", line 2:
('EOF in multi-line statement', (2, 0))
  File "/usr/lib/python3.11/tokenize.py", line 525, in _tokenize
"""
KEYWORD = """\
SyntaxError in file "/data/p/Snakefile", line 2:
Keyword version is deprecated. Use conda or container directive instead :
None
"""
TRACE = """\
Traceback (most recent call last):

  File "/env/lib/python3.11/site-packages/snakemake/workflow.py", line 1715, in include
    code, rulecount = parse(

  File "/data/p/rules/a.smk", line 3, in f

FileNotFoundError: [Errno 2] No such file or directory: '/data/p/scripts/no.py'


During handling of the above exception, another exception occurred:


Traceback (most recent call last):

  File "/env/lib/python3.11/site-packages/snakemake/exceptions.py", line 22, in format_error

KeyError: 1
"""


def error(text: str) -> tuple[str, int, str]:
    issue = dry_run_error(text, FOLDERS, {"Snakefile": SNAKEFILE})
    assert (issue.severity, issue.by) == (Severity.ERROR, "snakemake")
    return issue.file, issue.line, issue.what


def test_an_error_is_one_line_with_its_place():
    said = (
        "MissingInputException: Missing input files for rule align: output: out/S1.txt; wildcards: s=S1; "
        "affected files: ref.fa"
    )
    assert error(MISSING) == ("Snakefile", 5, said)


def test_what_python_adds_is_left_out():
    assert error(IN_PYTHON) == ("Snakefile", 2, "TokenError: ('EOF in multi-line statement', (2, 0))")


def test_a_keyword_is_looked_for_where_it_is():
    said = "SyntaxError: Keyword version is deprecated. Use conda or container directive instead"
    assert error(KEYWORD) == ("Snakefile", 7, said)


def test_of_a_trace_the_first_error_and_the_users_own_frame():
    said = "FileNotFoundError: [Errno 2] No such file or directory: 'scripts/no.py'"
    assert error(TRACE) == ("rules/a.smk", 3, said)


def test_what_is_no_error_of_any_known_form_is_told_as_it_is():
    assert error("snakemake: error: unrecognized arguments: --x\n") == (
        "",
        0,
        "snakemake: error: unrecognized arguments: --x",
    )


LINTS = """\
Lints for snakefile /data/p/Snakefile:
    * Deprecated singularity directive used for container definition in line 10.:
      Use the container directive instead (it is agnostic of the underlying
      container runtime).

Lints for rule a (line 1, /data/p/Snakefile):
    * No log directive defined:
      Without a log directive, all output will be printed to the terminal.

Lints for rule b (line 6, /data/p/Snakefile):
    * No log directive defined:
      Without a log directive, all output will be printed to the terminal.
"""


def test_one_remark_for_each_point_of_lint():
    assert list(lints(LINTS, FOLDERS)) == [
        Issue(
            Severity.REMARK,
            "Snakefile",
            10,
            "Deprecated singularity directive used for container definition",
            "",
            "snakemake",
        ),
        Issue(Severity.REMARK, "Snakefile", 1, "No log directive defined (rules a, b)", "", "snakemake"),
    ]
    assert list(lints("Congratulations, your workflow is in a good condition!\n", FOLDERS)) == []


DRY_RUN = """\
[Sun Nov 29 11:00:26 2026]
rule align:
    input: data/S1.fq
    output: out/S1.txt
    jobid: 1
    wildcards: s=S1
    threads: 64
    resources: tmpdir=/tmp, runtime=9000, slurm_partition=nope, mem_mb=4000, mem=4 GB, mem_mib=3815
[Sun Nov 29 11:00:26 2026]
rule align:
    output: out/S2.txt
    threads: 64
    resources: tmpdir=/tmp, runtime=9000, slurm_partition=nope, mem_mb=4000, mem=4 GB, mem_mib=3815
[Sun Nov 29 11:00:26 2026]
localrule all:
    input: out/S1.txt
    resources: mem_mb=<TBD>, tmpdir=/tmp
"""


def test_what_tasks_ask_for():
    align = Request("rule align", "Snakefile", 5, memory_mb=4000, time_min=9000, cpus=64, partition="nope")
    assert asked(DRY_RUN, {"align": ("Snakefile", 5)}) == (align, Request("rule all", "", 0))
    assert submits_to_slurm((align,), {})
    assert not submits_to_slurm((Request("rule all", ""),), {"profiles/a/config.yaml": "cores: 1\n"})
    assert submits_to_slurm((), {"profiles/a/config.yaml": "executor: slurm\n"})


def test_what_is_a_profile():
    names = ["profiles/default/config.yaml", "profile/config.v8+.yaml", "config/config.yaml", "profile.yaml", "a.yaml"]
    assert [is_profile(name) for name in names] == [True, True, False, True, False]

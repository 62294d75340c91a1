"""Which line of a Snakefile an error speaks of: only one that holds what it names."""

from __future__ import annotations

import pytest

from heal.cases import Citation
from heal.knowledge.snakefile_place import files, place, target

SNAKEFILE = """include: "rules/a.smk"
configfile: "config/c.yaml"

rule all:
    input: expand("{s}.txt", s=SAMPELS)

def f(x)
    return x

use rule align from other as other_align

checkpoint split:
    output: directory("parts")
    shel: "touch parts"
"""
SMK = 'rule all:\n    input: "x"\nX = config["samples"]\nrule b\n'
NO_HEAD = (
    "SyntaxError: Expected name or colon after rule or checkpoint keyword. The keyword rule has a special meaning."
)
WILD = """# c
GOOD = expand("{s}.{t}", s=["a"])

rule m:
    input: "{lane}.fq", "{s}.fa"
    output "{s}.out"
    params: x="{s}",
            y=lambda wildcards: wildcards.flow
    shell: "do {input} {output}"
"""
WILDCARDS = (
    'WildcardError in rule m in file "/w/rules/c.smk", line %d:\n'
    "Wildcards in %s cannot be determined from output files: (rule m, line 9, /w/rules/c.smk)\n'%s'"
)
SOURCES = {"/w/Snakefile": SNAKEFILE, "/w/rules/b.smk": SMK, "/w/rules/c.smk": WILD}


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        # the claimed line is right, wrong, or none at all
        ("NameError in file \"/w/Snakefile\", line 5:\nname 'SAMPELS' is not defined", ("/w/Snakefile", 5)),
        ("NameError in file \"/w/Snakefile\", line 4:\nname 'SAMPELS' is not defined", ("/w/Snakefile", 5)),
        (
            'SyntaxError in file "/w/Snakefile", line 12:\nUnexpected keyword shel in rule definition:\n',
            ("/w/Snakefile", 14),
        ),
        ("SyntaxError in file \"/w/Snakefile\", line 9:\nexpected ':':\ndef f(x)\n", ("/w/Snakefile", 7)),
        ("(rule split, line 99, /w/Snakefile)", ("/w/Snakefile", 12)),
        ('MissingInputException in rule other_align in file "/w/Snakefile", line 2:\n', ("/w/Snakefile", 10)),
        ("[Errno 2] No such file or directory: '/w/rules/a.smk'", ("/w/Snakefile", 1)),
        ("Workflow defines configfile config/c.yaml but it is not present", ("/w/Snakefile", 2)),
        # the rule that is named last, and a head without a name or a colon where a traceback ends
        (
            'SyntaxError in file "/w/Snakefile", line 13:\nNo rule keywords allowed after run/shell in rule split.:\nNone',
            ("/w/Snakefile", 12),
        ),
        ("Colon expected after keyword output.", ("/w/rules/c.smk", 6)),
        # a wildcard, where one line has it, else the rule
        ("WildcardError in file \"/w/rules/c.smk\", line 2:\nNo values given for wildcard 't'.", ("/w/rules/c.smk", 2)),
        (
            WILDCARDS % (4, "input files", "lane"),
            ("/w/rules/c.smk", 5),
        ),
        (
            WILDCARDS % (3, "params", "s"),
            ("/w/rules/c.smk", 4),
        ),
        ("  AttributeError: 'Wildcards' object has no attribute 'flow'", ("/w/rules/c.smk", 8)),
        (f'  File "/s/parser.py", line 7, in error\n  File "/w/rules/b.smk", line 3\n{NO_HEAD}', ("/w/rules/b.smk", 4)),
        (f'  File "/w/Snakefile", line 5\n{NO_HEAD}', None),
        # no rule whose name only begins so
        ("Rules al and other_align are ambiguous for the file x", None),
        # of a file that is named, that one; of two that fit, the claimed one or none
        ("KeyError in file \"/w/rules/b.smk\", line 3:\n'samples'", ("/w/rules/b.smk", 3)),
        ('MissingInputException in rule all in file "/w/rules/b.smk", line 1:\n', ("/w/rules/b.smk", 1)),
        ("Missing input files for rule all:", None),
        # nothing that stands anywhere
        ("NameError in file \"/w/Snakefile\", line 5:\nname 'gone' is not defined", None),
        ('IndentationError in file "<tokenize>", line 3:', None),
        ("", None),
    ],
)
def test_a_line_is_said_that_holds_what_the_error_names(message: str, expected: tuple[str, int] | None) -> None:
    found = place(message, SOURCES)
    assert (found and (found.source, found.line)) == expected


def test_the_line_is_cited_as_it_stands() -> None:
    said = "Unexpected keyword shel in rule definition"
    assert place(said, SOURCES) == Citation("/w/Snakefile", 14, 'shel: "touch parts"')


def test_the_files_are_those_that_are_named() -> None:
    said = 'KeyError in file "/w/a b.smk", line 3:\n(rule a, line 1, /w/c.smk)\nError in file "<tokenize>", line 3:'
    assert files(said) == ("/w/a b.smk", "/w/c.smk")


TARGETS = """include: "rules/a.smk"

rule one:
    output: "{s}.out"
    shell: "touch {output}"
rule two:
    input: "a.out"
rule three:
    output: "{s,[a-z]+}.txt"
"""
NO_TARGET = "WorkflowError:\nTarget rules may not contain wildcards. Please specify concrete files or a rule without"


@pytest.mark.parametrize(
    ("words", "text", "line"),
    [
        # the first rule, unless others are named
        (("-c1",), TARGETS, 3),
        (("-c1", "three"), TARGETS, 8),
        (("-c1", "two"), TARGETS, None),
        (("-c1", "one", "three"), TARGETS, None),
        # what it takes for its target cannot be told
        (("-c1",), TARGETS + "    default_target: True\n", None),
        (("-c1",), "", None),
    ],
)
def test_a_target_with_wildcards_is_the_rule_that_was_asked_for(words: tuple[str, ...], text: str, line: int | None):
    assert target(NO_TARGET, text, ("snakemake", *words)) == line
    assert target("WorkflowError:\nsomething else", text, ("snakemake", *words)) is None

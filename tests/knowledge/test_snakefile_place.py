"""Which line of a Snakefile an error speaks of: only one that holds what it names."""

from __future__ import annotations

import pytest

from heal.cases import Citation
from heal.knowledge.snakefile_place import files, place

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
SOURCES = {"/w/Snakefile": SNAKEFILE, "/w/rules/b.smk": SMK}


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
        ("Colon expected after keyword shel.", ("/w/Snakefile", 14)),
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

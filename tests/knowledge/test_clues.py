"""What a line's own words, and the text it stands in, say against its being the cause."""

from pathlib import Path

import pytest

from heal.cases import Case
from heal.evidence.scan import Scanner
from heal.knowledge.clues import Clue, from_hits
from heal.knowledge.patterns import Library, load
from heal.shipped import shipped


@pytest.fixture(scope="module")
def library(cache: Path) -> Library:
    return load([shipped("patterns")], cache_dir=cache)


@pytest.fixture(scope="module")
def scanner(library: Library, cache: Path) -> Scanner:
    return Scanner(library, cache)


def clues(library: Library, scanner: Scanner, source: str, text: str) -> tuple[Clue, ...]:
    return from_hits(Case("nextflow", (scanner.text(source, text),)), library)


@pytest.mark.parametrize(
    "words",
    [", generating...", "; it will be created", ", building it now", " so creating a new one"],
)
def test_what_is_made_because_it_was_missing_was_dealt_with(library: Library, scanner: Scanner, words: str) -> None:
    calm = clues(library, scanner, "log.txt", f"start\nERROR: input file ref.fa.fai does not exist{words}\n")
    alarm = clues(library, scanner, "log.txt", "start\nERROR: input file ref.fa.fai does not exist\n")

    assert all(clue.handled for clue in calm)
    assert alarm
    assert not any(clue.handled for clue in alarm)


@pytest.mark.parametrize(
    ("source", "trace", "root"),
    [
        (".nextflow.log", "java.lang.ArrayIndexOutOfBoundsException: Index 3 out of bounds for length 3", False),
        (".nextflow.log", "Caused by: java.lang.ClassCastException: class A cannot be cast", False),
        (".nextflow.log", "  java.lang.ArrayIndexOutOfBoundsException: Index 3 out of bounds for length 3", True),
        (".command.err", "java.lang.ArrayIndexOutOfBoundsException: Index 3 out of bounds for length 3", True),
    ],
    ids=["the engine's own", "what caused it", "of a task, shown by the engine", "of a task"],
)
def test_a_java_trace_of_the_engine_is_only_a_symptom(
    library: Library, scanner: Scanner, source: str, trace: str, root: bool
) -> None:
    found = clues(library, scanner, source, f"start\n{trace}\n")

    assert [clue.root for clue in found if clue.pattern == "script/java_exception"] == [root]


IGNORED = """\
{head}
Traceback (most recent call last):
  File "/usr/lib/tool/index.py", line 116, in __del__
    assert self._closed
AssertionError: the index is open
"""


@pytest.mark.parametrize(
    ("head", "handled"),
    [("Exception ignored in: <function Writer.__del__ at 0x7f0a59b5a700>", True), ("writing the index", False)],
)
def test_an_exception_that_python_ignored_was_dealt_with(
    library: Library, scanner: Scanner, head: str, handled: bool
) -> None:
    found = clues(library, scanner, "log.txt", IGNORED.format(head=head))

    assert {clue.handled for clue in found if clue.citation.line == 5} == {handled}

"""A general pattern and the general reading of the words: which of them names the cause, and what the ledger says."""

from pathlib import Path

import pytest

from heal.cases import Case, Evidence, Finding, Passage, Sight
from heal.evidence.scan import Scanner
from heal.knowledge.patterns import Library, load
from heal.knowledge.reading import Model
from heal.records import Label
from heal.shipped import shipped
from heal.steps.diagnose import diagnose

# what no pattern knows, and the next step that misses what was not made
DROWNED = "it was frobnicated\ncat: out.tsv: No such file or directory"
# how much the one word that a model knows weighs in it
SURE, DOUBTFUL = 700, 60


@pytest.fixture(scope="module")
def library(cache: Path) -> Library:
    return load([shipped("patterns")], cache_dir=cache)


@pytest.fixture(scope="module")
def scanner(library: Library, cache: Path) -> Scanner:
    return Scanner(library, cache)


def model(weight: int) -> Model:
    return Model((Label.LOCKED, Label.GPU), {"w:frobnicated": weight}, {"w:frobnicated": [0, weight]}, odds=(1.0, 0.0))


def case(scanner: Scanner, text: str, **facts) -> Case:
    return Case("", (scanner.text("log.txt", text),), **{"exit_code": 1, **facts})


def test_an_earlier_line_goes_before_the_step_that_misses_a_file(library: Library, scanner: Scanner):
    # Given words that the reading is not even sure of, and the next step that misses what was not made
    found = diagnose(case(scanner, DROWNED), library, model(DOUBTFUL))
    # Then the first line is the cause, and the ledger says why it goes before the other
    assert (found.label, found.by, found.root.line) == (Label.LOCKED, "words", 1)
    rows = {row.by: row for row in found.ledger}
    assert "stands before the line that a general pattern knows" in [weight.why for weight in rows["words"].weights]
    assert rows["input/no_such_file"].verdict == "follows from it"
    assert rows["words"].points > rows["input/no_such_file"].points


def test_an_earlier_line_of_the_engines_log_says_nothing_of_the_task(library: Library, scanner: Scanner):
    # Given a line of the engine's own log, read with little certainty, and what the task ended with
    log = scanner.text(".nextflow.log", "it was frobnicated")
    block = scanner.text("nextflow", "Process `LONG` terminated with an error exit status (140)")
    found = diagnose(Case("nextflow", (log, block), exit_code=140), library, model(DOUBTFUL))
    assert (found.label, found.pattern) == (Label.TIME_LIMIT, "time/exit_140")


def test_that_the_file_is_missing_indeed_changes_nothing(library: Library, scanner: Scanner):
    absent = Finding(Sight.ABSENT, "out.tsv", "out.tsv is not there.")
    found = diagnose(case(scanner, DROWNED, findings=(absent,)), library, model(DOUBTFUL))
    assert (found.label, found.root.line) == (Label.LOCKED, 1)


@pytest.mark.parametrize(("weight", "told"), [(SURE, Label.LOCKED), (DOUBTFUL, Label.MISSING_INPUT)])
def test_a_later_line_goes_before_only_where_the_reading_is_sure(
    library: Library, scanner: Scanner, weight: int, told: Label
):
    text = "cat: out.tsv: No such file or directory\nit was frobnicated"
    assert diagnose(case(scanner, text), library, model(weight)).label is told


def test_what_says_directly_what_is_wrong_needs_no_reading(library: Library, scanner: Scanner):
    text = "it was frobnicated\nModuleNotFoundError: No module named 'zork'"
    assert diagnose(case(scanner, text), library, model(SURE)).label is Label.MISSING_DEPENDENCY


def test_an_exit_code_gives_way_to_words_that_are_surer():
    logs = (Evidence("log.txt", (Passage(1, "it was frobnicated"),), lines=1),)
    labels = [diagnose(Case("", logs, exit_code=134), Library(), model(weight)).label for weight in (SURE, DOUBTFUL)]
    assert labels == [Label.LOCKED, Label.TOOL_CRASH]

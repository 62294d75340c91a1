"""The general reading: what the words of a log say where no pattern knows them."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from training.examples import OWN
from training.words import TARGET, code

from heal.cases import Case, Evidence, Passage
from heal.knowledge.candidates import candidates
from heal.knowledge.patterns import Library
from heal.knowledge.reading import LEAST, Model, read, shipped_model
from heal.records import Label
from heal.steps.diagnose import diagnose


def case(text: str, *, exit_code: int | None = 1, source: str = "log.txt", **facts) -> Case:
    lines = text.count("\n") + 1
    return Case("", (Evidence(source, (Passage(1, text),), lines=lines),), exit_code=exit_code, **facts)


# programs that never were, in words that no pattern and no phrase holds
SAID = [
    ("quuxcall: error: the window of --span has to be a positive integer, not -4", Label.BAD_PARAMETER),
    ("ERROR: you need to specify the kmer threshold with --kt", Label.BAD_PARAMETER),
    (
        "Fatal: record 17 of reads.fq is malformed, its quality string is shorter than the sequence",
        Label.BAD_INPUT_DATA,
    ),
    ("[zork] input alignment is empty: no sequences in aln.fasta", Label.BAD_INPUT_DATA),
    ("zork: failed to open ref/genome.fa: the file does not exist", Label.MISSING_INPUT),
    ("the zork executable could not be found on the PATH, is it installed?", Label.MISSING_DEPENDENCY),
    (
        "zork: this index was built by a newer version of the program and is not supported",
        Label.VERSION_INCOMPATIBILITY,
    ),
    ("zork: cannot allocate memory for the hash table", Label.OUT_OF_MEMORY),
    ("zork: connection to server refused while downloading the catalogue", Label.NETWORK),
    ("zork: authentication failed: the token of this account is not valid", Label.AUTH),
]


@pytest.mark.parametrize(("line", "label"), SAID, ids=[line[:30] for line, _ in SAID])
def test_a_phrase_that_nobody_wrote_down_is_read(line: str, label: Label):
    # Given a log that ends in words of an unknown program
    log = f"zork 0.9 starts\nreading settings\n{line}\nzork stopped"
    # When it is read, and diagnosed without any pattern
    clues = read(case(log))
    found = diagnose(case(log), Library())
    # Then its line and its label are told, by the words
    assert [(clue.label, clue.citation.line) for clue in clues] == [(label, 3)]
    assert (found.label, found.by, found.root.line) == (label, "words", 3)


def test_what_is_claimed_is_what_the_program_says():
    line = "zork: failed to open ref/genome.fa: the file does not exist"
    found = diagnose(case(f"start\n{line}"), Library())
    assert found.cause == f"Something that should be read is not there: \u201c{line}\u201d"
    assert "read by its words" in found.explanation


def test_the_ledger_names_the_words_that_spoke():
    # Given a reading
    line = "ERROR: you need to specify the kmer threshold with --kt"
    found = diagnose(case(f"start\n{line}"), Library())
    # Then its account says what counted, and the points are those of the rank
    row = found.ledger[0]
    assert row.by == "words"
    assert any("the words" in weight.why or "it is about" in weight.why for weight in row.weights[1:])
    assert 3 <= len(row.weights) <= 6
    assert 12 <= row.points <= 24
    assert f"{row.label.value.replace('_', ' ')}, with a probability of" in row.weights[0].why


@pytest.mark.parametrize(
    "log",
    [
        "",
        "step 3\nstep 4\nstep 5",
        "start\njob ended with exit status 1",
        "Error in rule align:\n    jobid: 4\nShutting down, this might take some time.",
        "run 17 failed",
        "\n".join(f"iteration {n} of 40" for n in range(40)),
    ],
)
def test_a_log_that_names_no_cause_stays_unknown(log: str):
    assert read(case(log)) == ()
    assert diagnose(case(log), Library()).label is Label.UNKNOWN


@pytest.mark.parametrize(
    "log",
    [
        "loading index\n0 errors, 2 warnings\nall 14 samples finished successfully",
        "WARN: no adapters given, the default ones are used\nestimated error rate 0.01\ndone in 3 s",
        "checking for missing values: none\nwriting error profile to prof.txt\nfinished",
    ],
)
def test_what_a_success_says_is_no_cause(log: str):
    assert read(case(log, exit_code=0)) == ()
    assert diagnose(case(log, exit_code=0), Library()).label is None


def test_what_is_no_log_is_not_read():
    text = "raise ValueError('the option --x must be specified')"
    assert read(case(text, source="tool.py")) == ()
    assert read(case(f"JobID|JobName\n1|{text}", source="sacct.txt")) == ()


def test_the_model_of_another_maker_can_be_read_with():
    # Given a model that knows one word
    model = Model((Label.LOCKED, Label.GPU), {"w:frobnicated": 900}, {"w:frobnicated": [0, 300]}, odds=(1.0, 0.0))
    # Then it reads that word, and says nothing where it is not
    assert [clue.label for clue in read(case("it was frobnicated"), model)] == [Label.LOCKED]
    assert read(case("it was not"), model) == ()


@given(st.text(max_size=3000), st.sampled_from([None, 0, 1, 137]))
def test_any_text_can_be_read(text: str, exit_code: int | None):
    for clue in read(case(text, exit_code=exit_code)):
        assert LEAST <= clue.confidence < 0.9
        assert clue.rank > 0
        assert clue.cause


def test_a_long_log_is_read_in_no_time():
    # Given a log that complains without end
    log = "\n".join(
        f"error: sample {chr(97 + n % 26)}{chr(97 + n // 26 % 26)} is not what was expected" for n in range(900)
    )
    read(case(log))
    # Then only some of its lines are looked at
    assert len(candidates(case(log))) <= 130
    start = time.process_time()
    read(case(log))
    assert time.process_time() - start < 0.5


def test_the_weights_fit_the_code_that_reads_with_them():
    # python -m training.words, where this fails
    kept = json.loads(TARGET.read_text(encoding="utf-8"))
    assert kept["of"] == code()
    # and they know most of the failures that are known by now
    cases = sum(1 for folder in OWN for _ in folder.glob("*/expected.json"))
    assert 0.8 * cases < kept["cases"] <= cases
    model = shipped_model()
    assert set(model.labels) == set(Label) - {Label.UNKNOWN}
    assert TARGET.stat().st_size < 500_000

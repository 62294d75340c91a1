"""What triage and reviewers say, as records."""

from __future__ import annotations

import pytest
from tests.chain.house import DIAGNOSIS, GOOD, HIDES, LINE, LOG, TRIAGE

from heal.cases import Citation, Evidence, Hit, Passage
from heal.chain.answer import Class, Review, Triage
from heal.chain.judging import Unusable, by_rules, cited_line, note, review, triage
from heal.dialogue import Reply
from heal.records import Label

EVIDENCE = (Evidence("report.log", (Passage(41, LOG),), (Hit("p", "other.log", 7, "disk quota exceeded"),)),)


def judged(**more: object) -> Triage:
    return triage(Reply("", "small", {**TRIAGE, **more}), EVIDENCE, str)


def complaint(**more: object) -> str:
    with pytest.raises(Unusable) as raised:
        judged(**more)
    return str(raised.value)


def test_triage_is_a_class_a_cause_and_lines_that_are_there():
    assert judged() == Triage(
        kind=Class.DEFECT,
        cause="frame.append is gone from pandas 2",
        change=True,
        sure=0.9,
        citations=(Citation("report.log", 43, LINE),),
        by="small",
    )


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Pipeline Defect", Class.DEFECT),
        ("pipeline_defect", Class.DEFECT),
        ("defect", Class.DEFECT),
        (" ENVIRONMENT ", Class.ENVIRONMENT),
        ("unknown", Class.UNKNOWN),
    ],
)
def test_a_class_is_understood_however_it_is_spelt(said: str, kind: Class):
    assert judged(**{"class": said}).kind is kind


@pytest.mark.parametrize("said", ["bug", "", None, 3, ["environment"]])
def test_another_class_there_is_not(said: object):
    assert complaint(**{"class": said}) == "class is one of: pipeline defect, environment, transient, input, unknown"


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (LINE, 43),
        (f"43: {LINE}", 43),
        (f" 43 | {LINE}  ", 43),
        ("'DataFrame' object   has no attribute", 43),
        ("disk quota exceeded", 7),
        ("Segmentation fault", None),
        ("File", None),
        ("", None),
        (" \t ", None),
        ("43", None),
    ],
)
def test_a_citation_is_a_line_of_the_evidence(said: str, line: int | None):
    found = cited_line(said, EVIDENCE)
    assert (found.line if found else None) == line


def test_a_hidden_word_in_a_citation_is_put_back():
    reply = Reply("", "small", {**TRIAGE, "cite": ["AttributeError: '<secret-1>' object has no attribute 'append'"]})
    found = triage(reply, EVIDENCE, lambda text: text.replace("<secret-1>", "DataFrame"))
    assert found.citations == (Citation("report.log", 43, LINE),)


@pytest.mark.parametrize("cite", [[], None, "made up from nothing", [1, 2], ["made up from nothing"], {}])
def test_without_a_line_that_is_there_it_counts_for_nothing(cite: object):
    assert "copy one to three lines of the log" in complaint(cite=cite)


@pytest.mark.parametrize("sure", [None, "high", -1, 1.5, True, float("nan")])
def test_how_sure_is_a_share(sure: object):
    assert complaint(sure=sure) == "sure is a number from 0 to 1"


@pytest.mark.parametrize("change", [None, "yes", 1])
def test_whether_to_change_is_a_yes_or_a_no(change: object):
    assert complaint(change=change) == "change is true or false"


def test_json_is_found_in_a_text_around_it():
    text = 'Sure!\n```json\n{"root": true, "hides": false, "more_than_asked": false, "why": "ok"}\n```'
    assert review("reviewer", Reply(text, "small")) == Review(
        "reviewer", root=True, hides=False, more=False, why="ok", by="small"
    )


@pytest.mark.parametrize("text", ["", "yes", "{", "{" * 5000, "[1]", '{"root": true}', '"{}"', '{"a":' * 3000])
def test_a_review_without_all_three_verdicts_is_none(text: str):
    with pytest.raises(Unusable):
        review("reviewer", Reply(text, "small"))


@pytest.mark.parametrize("verdict", ["true", 1, None])
def test_a_verdict_is_true_or_false_and_nothing_like_it(verdict: object):
    with pytest.raises(Unusable, match="true or false, all three"):
        review("reviewer", Reply("", "small", {**GOOD, "root": verdict}))


def test_a_review_that_hides_refuses():
    assert review("reviewer", Reply("", "small", HIDES)).refuses
    assert not review("reviewer", Reply("", "small", GOOD)).refuses


def test_why_is_one_printable_line():
    said = review("reviewer", Reply("", "small", {**GOOD, "why": "a\n\x1b[31mb" + "c" * 900}))
    assert said.why == "a [31mb" + "c" * 493


@pytest.mark.parametrize(
    ("label", "kind", "goes_on"),
    [
        (Label.SCRIPT_ERROR, Class.DEFECT, True),
        (Label.VERSION_INCOMPATIBILITY, Class.DEFECT, True),
        (Label.MISSING_DEPENDENCY, Class.ENVIRONMENT, True),
        (Label.NETWORK, Class.TRANSIENT, False),
        (Label.BAD_INPUT_DATA, Class.INPUT, False),
        (Label.OUT_OF_MEMORY, Class.UNKNOWN, False),
        (None, Class.UNKNOWN, False),
    ],
)
def test_where_no_model_is_asked_the_label_says_the_class(label: Label | None, kind: Class, goes_on: bool):
    diagnosis = DIAGNOSIS.__class__(label, "cause", 0.9)
    assert (by_rules(diagnosis).kind, by_rules(diagnosis).goes_on) == (kind, goes_on)


def test_a_note_is_what_was_said():
    assert note(Reply("text", "small"), str) == "text"
    assert note(Reply("", "small", {"a": "ü"}), str) == '{"a": "ü"}'
    assert len(note(Reply("x" * 99_999, "small"), str)) == 4000
    with pytest.raises(Unusable):
        note(Reply(" ", "small"), str)

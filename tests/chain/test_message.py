"""Words for a patch: a model's where they name only what is known, else heal's own."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from tests.chain.house import DIAGNOSIS, LINE, PASSED, TRIAGE, WORDS, assignment

from heal.chain import judging
from heal.chain.answer import Class, Triage
from heal.chain.judging import Unusable
from heal.chain.message import MOST_SUBJECT, cause, plain, renamed, written
from heal.dialogue import Reply
from heal.patch import Trial

KNOWN = ("scripts/report.py", "-frame = frame.append({'a': 1})\n+frame = pd.concat([frame])", LINE)
UNTRIED = (Trial("replay", passed=None),)


def said(subject: object, why: object, trials=UNTRIED) -> tuple[str, str]:
    return written(Reply("", "small", {"subject": subject, "why": why}), KNOWN, trials)


def test_words_that_name_what_is_known_are_taken():
    assert said(WORDS["subject"], WORDS["why"]) == (WORDS["subject"], WORDS["why"])
    assert said("Use pd.concat.", "It failed.")[0] == "Use pd.concat"
    assert said("Use pd.concat", "It was tested.", PASSED)[1] == "It was tested."


@pytest.mark.parametrize(
    ("subject", "why", "complaint"),
    [
        ("x" * 73, "It failed.", "subject has 8 to 72 characters, this one 73"),
        ("Fix", "It failed.", "subject has 8 to 72 characters, this one 3"),
        (None, "It failed.", "this one 0"),
        ("Use pd.concat", "", "why is empty"),
        ("Use pd.concat", None, "why is empty"),
        ("Use pd.concat", "Line 77 was wrong.", "'77' stands in nothing that was shown"),
        ("Use pandas 2.2.1", "It failed.", "'2.2.1' stands in nothing"),
        ("Change scripts/other.py", "It failed.", "'scripts/other.py' stands in nothing"),
        ("Call np.concatenate", "It failed.", "'np.concatenate' stands in nothing"),
        (
            "在报告中使用 pd.concat",
            "frame.append 已被删除。",
            "'在报告中使用': nothing that was shown is in such letters",
        ),
        ("Use pd.concat", "Функция удалена.", "'Функция': nothing that was shown is in such letters"),
        ("Use pd.concat", "This was tested.", "says that the change was tested, and it was not"),
    ],
)
def test_words_that_do_not_do_are_not_taken(subject: object, why: object, complaint: str):
    with pytest.raises(Unusable, match=re.escape(complaint)):
        said(subject, why)


@pytest.mark.parametrize(
    "shown",
    ["rule 报告:\n    output: 'out.csv'", "用中文回答。"],
    ids=["a pipeline's own names", "a prompt of one's own"],
)
def test_words_in_letters_that_were_shown_are_taken_and_so_is_another_language_in_latin_ones(shown: str):
    for subject in ("在报告中使用 pd.concat", "Nutze pd.concat für die Zeilen"):
        reply = Reply("", "small", {"subject": subject, "why": "π is gone"})
        assert written(reply, KNOWN, UNTRIED, "", (shown,)) == (subject, "π is gone")


def test_heals_own_words_say_cause_files_and_proof():
    subject, why = plain(assignment(), ["a.py", "a.py", "b.py"])
    assert subject == "report: The script calls something that its library does not have"
    assert why == (
        "The script calls something that its library does not have.\nChanged: a.py, b.py.\n"
        f"Shown by report.log:3: {LINE}"
    )


@pytest.mark.parametrize("text", ["word " * 60, "x" * 200, "", "\x00\n\t"])
def test_heals_own_subject_is_short_whatever_the_cause(text: str):
    subject, _why = plain(assignment(process="align", diagnosis=replace(DIAGNOSIS, cause=text)), ["a.py"])
    assert 0 < len(subject) <= MOST_SUBJECT
    assert subject.isprintable()


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("a = np.zeros(3, dtype=np.float)\n", "a = np.zeros(3, dtype=float)\n", "np.float → float"),
        ("print(total)\nx\nsum(total)\n", "print(totals)\nx\nsum(totals)\n", "total → totals"),
        ("min_qualty: 30 # Phred\n", "min_quality: 30 # Phred\n", "min_qualty → min_quality"),
        ("print(total)\nsum(total)\n", "print(totals)\nsum(all)\n", ""),
        ("print(total)\n", "print(total, file=out)\n", ""),
        ("a\n", "a\nb\n", ""),
        ("a\n", "a\n", ""),
    ],
)
def test_one_word_in_place_of_another_is_what_a_patch_is_called(before: str, after: str, change: str):
    assert renamed(before, after) == change
    assert plain(assignment(), ["a.py"], "it broke", change)[0] == f"report: {change or 'it broke'}"


def test_the_cause_is_triages_only_where_heal_has_none_and_nothing_is_made_up():
    nobody = assignment(diagnosis=replace(DIAGNOSIS, by="nobody", cause="nothing was found"))
    triage = Triage(Class.DEFECT, TRIAGE["cause"], change=True, sure=0.9)
    assert cause(assignment(), triage) == DIAGNOSIS.cause
    assert cause(nobody, replace(triage, cause="frame.append is gone")) == "frame.append is gone"
    assert cause(nobody, replace(triage, cause="numpy 1.26 is gone")) == "nothing was found"
    assert cause(nobody, replace(triage, cause="frame.append 已被删除")) == "nothing was found"
    assert judging.sentence(None) == ""

"""What an answer rests on, and how sure that makes it."""

import pytest

from heal.cases import Citation
from heal.knowledge.calibration import Calibration, Grounds, Kind, grounds, kind, shipped_calibration
from heal.knowledge.clues import Clue
from heal.records import Label, Weight
from heal.steps.decide import SURE_ENOUGH

PLAIN = Calibration({}, agreed=0.0, rivalled=0.0)


def clue(label: Label, rank: int, *, line: int = 1, **more) -> Clue:
    confidence = more.pop("confidence", 0.8)
    cited = Citation("log", line, f"line {line}")
    return Clue(label, "It broke.", confidence, (Weight(rank, "said so"),), cited, order=(0, line), **more)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (clue(Label.OUT_OF_MEMORY, 45, by="facts"), Kind.FACT),
        (clue(Label.TOOL_CRASH, 11, by="facts"), Kind.SIGN),
        (clue(Label.BAD_INPUT_DATA, 36), Kind.OWN),
        (clue(Label.BAD_INPUT_DATA, 24), Kind.OWN_LOW),
        (clue(Label.DISK_FULL, 42, general=True), Kind.DECISIVE),
        (clue(Label.NETWORK, 35, general=True), Kind.FIRM),
        (clue(Label.NETWORK, 31, general=True), Kind.DIRECT),
        (clue(Label.MISSING_INPUT, 27, general=True), Kind.GENERAL),
        (clue(Label.MISSING_OUTPUT, 13, general=True), Kind.LATE),
        (clue(Label.GPU, 20, by="words"), Kind.WORDS),
    ],
)
def test_what_an_answer_rests_on_is_told_by_its_nearest_clue(one: Clue, expected: Kind) -> None:
    assert kind(one) is expected


def test_what_was_looked_up_changes_nothing_of_the_kind() -> None:
    assert kind(clue(Label.MISSING_INPUT, 27, general=True).weighed(Weight(3, "it is not there"))) is Kind.GENERAL


def test_the_grounds_know_who_agrees_and_who_rivals() -> None:
    # Given a line, another that says the same, and a third that weighs as much and says otherwise
    best, same = clue(Label.NETWORK, 31, general=True), clue(Label.NETWORK, 22, line=4, general=True)
    other = clue(Label.AUTH, 31, line=9, general=True)
    # Then both are seen; the clue itself is neither
    assert grounds(best, [best]) == Grounds(Kind.DIRECT, 0.8, agreed=False, rivalled=False)
    assert grounds(best, [best, same, other]) == Grounds(Kind.DIRECT, 0.8, agreed=True, rivalled=True)


def test_the_schedulers_word_counts_where_a_line_says_the_same() -> None:
    line = clue(Label.OUT_OF_MEMORY, 46, general=True, confidence=0.9)
    books = clue(Label.OUT_OF_MEMORY, 45, line=0, by="facts", confidence=0.97)
    assert grounds(line, [line, books]) == Grounds(Kind.FACT, 0.97, agreed=True)


@pytest.mark.parametrize(
    ("made", "on", "said"),
    [
        (PLAIN, Grounds(Kind.FIRM, 0.9), 0.9),
        (PLAIN, Grounds(Kind.FIRM, 1.0), 0.99),
        # to be surer than that takes a line that says it directly
        (PLAIN, Grounds(Kind.GENERAL, 0.95), 0.89),
        (PLAIN, Grounds(Kind.WORDS, 0.95), 0.89),
        (Calibration({Kind.GENERAL: -1.0}, 0.5, -0.5), Grounds(Kind.GENERAL, 0.8), 0.6),
        (Calibration({Kind.GENERAL: -1.0}, 0.5, -0.5), Grounds(Kind.GENERAL, 0.8, agreed=True), 0.71),
        (Calibration({Kind.GENERAL: -1.0}, 0.5, -0.5), Grounds(Kind.GENERAL, 0.8, rivalled=True), 0.47),
    ],
)
def test_a_claim_is_corrected_by_what_it_rests_on(made: Calibration, on: Grounds, said: float) -> None:
    assert made.sure(on) == said


def test_every_kind_has_its_correction() -> None:
    assert set(shipped_calibration().kinds) == set(Kind)


@pytest.mark.parametrize(
    ("on", "acts"),
    [
        (Grounds(Kind.FACT, 0.97), True),
        (Grounds(Kind.DECISIVE, 0.95), True),
        (Grounds(Kind.FIRM, 0.93), True),
        (Grounds(Kind.DIRECT, 0.92), True),
        (Grounds(Kind.OWN, 0.9), True),
        # an exit code alone, or what is said around a failure, is too little
        (Grounds(Kind.SIGN, 0.5), False),
        (Grounds(Kind.LATE, 0.55), False),
        (Grounds(Kind.WORDS, 0.4), False),
    ],
)
def test_known_causes_are_sure_enough_to_act_on_and_hints_are_not(on: Grounds, acts: bool) -> None:
    assert (shipped_calibration().sure(on) >= SURE_ENOUGH) is acts

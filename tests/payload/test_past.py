"""Earlier incidents that are like one: which are told, in which order, and what is said of what was tried."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from heal.journal import (
    Applied,
    Applying,
    Approved,
    Body,
    Decided,
    Diagnosed,
    Dismissed,
    GaveUp,
    Observed,
    Proposed,
    Proven,
)
from heal.payload.past import Past, similar
from heal.records import Change, Diagnosis, Fix, FixKind, Incident, Label, Outcome, Verdict

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MORE = Fix(FixKind.RESOURCES, "align", (Change("memory_mb", 400.0, 800.0),), "it used 399 MB")
NODE = Fix(FixKind.EXCLUDE_NODE, "align", (Change("node", None, "n01"),))
PATCH = Fix(
    FixKind.PATCH,
    "align",
    (Change("patch", None, "0" * 40), Change("files", None, "a.py, b.py")),
    "Call what numpy has",
)
ASKED = Decided(Verdict.ASK, "policy")


def incident(name: str, *, process: str = "align", fingerprint: str = "f", engine: str = "snakemake") -> Incident:
    return Incident(name, "r", "r", engine, process, fingerprint, NOON)


def found(cause: str = "killed for its memory", label: Label = Label.OUT_OF_MEMORY) -> Diagnosis:
    return Diagnosis(label, cause, 0.9)


def tried(fix: Fix, *came: Body) -> list[Body]:
    return [Proposed(fix), ASKED, Approved("me"), Applying("t1", fix), Applied("t1"), *came]


def told(*known: tuple[Incident, Sequence[Body]]) -> tuple[Past, ...]:
    """What is told of these, the newest first, for an incident that is called 'this'."""
    return similar(incident("this"), found(), known)


def lines_of(*bodies: Body) -> tuple[str, ...]:
    """What is said of what was tried on an incident with this journal."""
    [one] = told((incident("b"), [Diagnosed(found()), *bodies]))
    return one.tried


# --- which, and in which order -----------------------------------------------------------------


def test_the_same_failure_comes_before_the_same_process_and_that_before_the_same_cause():
    # Given, the newest first, what is ever more like it
    known = [
        (incident("cause", process="sort", fingerprint="x"), [Diagnosed(found("sort was killed"))]),
        (incident("process", fingerprint="y"), [Diagnosed(found("align was killed"))]),
        (incident("same"), [Diagnosed(found("it was killed"))]),
    ]
    assert told(*known) == (
        Past("same", "the same failure", "align", "it was killed"),
        Past("process", "the same process and cause", "align", "align was killed"),
        Past("cause", "the same cause", "sort", "sort was killed"),
    )


def test_of_what_is_as_like_comes_first_what_something_was_tried_on_and_then_what_is_newer():
    bare, helped = [Diagnosed(found())], [Diagnosed(found()), *tried(MORE, Observed("t1", Outcome.HEALED))]
    known = [
        (incident("new"), bare),
        (incident("helped"), helped),
        (incident("old"), bare),
        (incident("first"), helped),
    ]
    assert [one.incident for one in told(*known)] == ["helped", "first", "new", "old"]
    # but never before what is more like it
    assert [one.incident for one in told((incident("x", fingerprint="x"), helped), (incident("same"), bare))] == [
        "same",
        "x",
    ]


def test_itself_other_engines_other_causes_and_what_nobody_diagnosed_are_left_out():
    known = [
        (incident("this"), [Diagnosed(found())]),
        (incident("engine", engine="nextflow", fingerprint="x"), [Diagnosed(found())]),
        (incident("label", fingerprint="y"), [Diagnosed(found(label=Label.TIME_LIMIT))]),
        (incident("nothing"), []),
    ]
    assert told(*known) == ()


def test_the_newest_diagnosis_of_an_incident_is_the_one_that_counts():
    known = (
        incident("b", fingerprint="x"),
        [Diagnosed(found(label=Label.UNKNOWN)), Diagnosed(found("killed at last"))],
    )
    assert [one.cause for one in told(known)] == ["killed at last"]


def test_at_most_five_are_told():
    known = [(incident(f"i{number}"), [Diagnosed(found())]) for number in range(9)]
    assert [one.incident for one in told(*known)] == ["i0", "i1", "i2", "i3", "i4"]


# --- what is said of them ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bodies", "line"),
    [
        (tried(MORE, Observed("t1", Outcome.SAME_FAILURE)), "resources memory_mb 400 -> 800: same failure"),
        (tried(MORE, Observed("t1", Outcome.OTHER_FAILURE)), "resources memory_mb 400 -> 800: other failure"),
        (tried(MORE, Observed("t1", Outcome.HEALED)), "resources memory_mb 400 -> 800: healed"),
        (tried(MORE, Proven("t1", 3)), "resources memory_mb 400 -> 800: healed"),
        (tried(MORE), "resources memory_mb 400 -> 800: not known yet"),
        (tried(NODE, Observed("t1", Outcome.LOST)), "exclude_node node n01: lost"),
        (tried(PATCH, Observed("t1", Outcome.HEALED)), "patch of a.py, b.py (Call what numpy has): healed"),
        ([Proposed(MORE), ASKED, Dismissed("me", "it needs less")], "a person said no: it needs less"),
        (
            [Proposed(PATCH), ASKED, Dismissed("heal", "nobody answered for 14 days")],
            "left alone: nobody answered for 14 days",
        ),
        (
            [Dismissed("snakemake", "it came home at a later attempt of its own")],
            "left alone: it came home at a later attempt of its own",
        ),
    ],
)
def test_what_was_tried_is_told_with_what_came_of_it(bodies: list[Body], line: str):
    assert lines_of(*bodies) == (line,)


def test_each_remedy_is_told_with_its_own_end_and_at_most_four():
    bodies: list[Body] = []
    for number, outcome in enumerate([Outcome.SAME_FAILURE] * 4 + [Outcome.HEALED]):
        fix = Fix(FixKind.RESOURCES, "align", (Change("memory_mb", number, number + 1),))
        bodies += [Applying(f"t{number}", fix), Applied(f"t{number}"), Observed(f"t{number}", outcome)]
    assert lines_of(*bodies[:6]) == (
        "resources memory_mb 0 -> 1: same failure",
        "resources memory_mb 1 -> 2: same failure",
    )
    # the last, for it is the one that may have healed it
    assert [line.rpartition(": ")[2] for line in lines_of(*bodies)] == [*["same failure"] * 3, "healed"]


def test_nothing_tried_is_said_in_the_line_a_model_reads():
    [bare] = told((incident("b"), [Diagnosed(found()), GaveUp("no rule")]))
    [helped] = told((incident("c"), [Diagnosed(found()), *tried(MORE, Observed("t1", Outcome.HEALED))]))
    assert bare.line() == "b align (the same failure): killed for its memory | nothing was tried"
    assert helped.line() == (
        "c align (the same failure): killed for its memory | resources memory_mb 400 -> 800: healed"
    )

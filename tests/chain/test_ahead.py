"""What a chain is said to ask is what it asks, as far as that is known before anybody has answered."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.chain.house import DIAGNOSIS, SCRIPT, House, assignment, house, shipped_plan

from heal.chain.ahead import Ahead
from heal.chain.assignment import Assignment, Source
from heal.chain.parts import Request
from heal.chain.prompts import Prompts
from heal.errors import BadChain

MANY = tuple(Source(f"scripts/{name}.py", SCRIPT) for name in "abcdefgh")


def ahead(about: Assignment, window: int | None) -> Ahead:
    return Ahead(shipped_plan(), Prompts(), about, lambda _route: window)


def asked(here: House) -> list[Request]:
    """The requests of a chain that ran, without what was said on the way; each role's first, for each of its parts."""
    found = [replace(request, notes=()) for request in here.builder.requests]
    return list({(one.role, one.sources): one for one in found}.values())


@pytest.mark.parametrize(
    ("about", "window", "roles"),
    [
        (assignment(), None, ["triage", "coder", "reviewer", "writer"]),
        (assignment(), 9000, ["triage", "coder", "reviewer", "writer"]),
        (assignment(diagnosis=replace(DIAGNOSIS, confidence=0.95)), 32_768, ["coder", "reviewer"]),
    ],
    ids=["usual", "small window", "simple"],
)
def test_each_role_is_asked_what_is_said_ahead_and_notes_beside(about, window, roles):
    here = house()
    here.script.room = window
    here.chain().run(about)
    early = ahead(about, window)
    assert early.roles() == tuple(roles)
    assert [one for name in early.roles() for one in early.requests(name)] == asked(here)


def test_many_files_are_said_ahead_in_the_parts_in_which_they_are_asked_about():
    about = assignment(MANY)
    here = house(coder="NO FIX: it is not in these")
    here.chain().run(about)
    early = ahead(about, None)
    told = [*early.requests("triage"), *early.requests("coder")]
    assert [[one.path for one in request.sources] for request in told[1:]] == [
        [f"scripts/{name}.py" for name in "abcdef"],
        ["scripts/g.py", "scripts/h.py"],
    ]
    # the parts are asked at once, and any of them may come first
    assert told == sorted(asked(here), key=lambda one: (one.role != "triage", one.sources[0].path))


@pytest.mark.parametrize("name", ["tester", "critic"])
def test_a_role_that_asks_no_model_is_refused(name):
    with pytest.raises(
        BadChain, match=f"asks no model in a role '{name}'; its roles are triage, coder, reviewer, writer"
    ):
        list(ahead(assignment(), None).requests(name))

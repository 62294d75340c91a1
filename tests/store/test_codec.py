"""Journal bodies survive the database, also those that a newer heal wrote."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heal.journal import Applied, Applying, Body, Consulted, Decided, Diagnosed, GaveUp
from heal.records import Diagnosis, Fix, FixKind, Label, Verdict
from heal.store.codec import kind_of, pack, unpack

# not-a-number is not equal to itself, so it could not be seen to come back
st.register_type_strategy(float, st.floats(allow_nan=False))
st.register_type_strategy(Path, st.text(st.characters(codec="utf-8", exclude_characters="\0")).map(Path))
# other mappings than dict come back equal, but look different
st.register_type_strategy(Mapping, st.dictionaries(st.text(), st.text()))


@pytest.mark.parametrize("kind", get_args(Body))
@given(data=st.data())
def test_every_body_comes_back_as_it_was_written(kind, data):
    # given any body of its kind
    body = data.draw(st.from_type(kind))
    # when it goes through JSON
    came_back = unpack(kind_of(body), json.loads(json.dumps(pack(body))), closes=False)
    # then it is equal, and of the same types all the way down
    assert (came_back, repr(came_back)) == (body, repr(body))


def test_read_only_mappings_come_back_equal():
    # given
    body = Applied("t1", jobs=MappingProxyType({"align:S=1": "78"}))
    # when, then
    assert unpack("applied", json.loads(json.dumps(pack(body))), closes=False) == body


def test_kinds_are_named_in_lower_snake():
    # given, when, then
    assert kind_of(GaveUp("why")) == "gave_up"


def test_fields_of_a_newer_version_are_left_out():
    # given an entry with fields that this version does not know, at every depth
    body = Applying("t1", Fix(FixKind.RETRY, "align", why="node lost"), ("align:S=1",))
    newer = pack(body) | {"priority": 3}
    newer["fix"] = newer["fix"] | {"scope": "run"}
    # when, then
    assert unpack("applying", newer, closes=False) == body


def test_what_an_older_heal_wrote_is_read_without_what_it_did_not_know():
    # given an answer of models as it was stored before the size was
    older = {"why": "it says NO FIX", "draft": None, "trials": [], "objections": [], "cause": "", "models": ["m"]}
    older |= {"rounds": 1, "tokens": 800, "sure": False, "later": False, "heard": None, "doubts": []}
    # when, then
    assert unpack("consulted", older, closes=False) == Consulted("it says NO FIX", models=("m",), rounds=1, tokens=800)
    assert set(pack(Consulted(""))) - set(older) == {"size"}


def test_a_newer_label_reads_as_unknown():
    # given
    stored = pack(Diagnosed(Diagnosis(Label.GPU, "the card is gone", 0.9)))
    stored["diagnosis"]["label"] = "quantum_decoherence"
    # when, then
    assert unpack("diagnosed", stored, closes=False) == Diagnosed(Diagnosis(Label.UNKNOWN, "the card is gone", 0.9))


def test_an_entry_of_a_newer_kind_waits_for_a_person():
    # given, when
    body = unpack("escalated", {"to": "site"}, closes=False)
    # then
    why = "an entry of kind 'escalated', written by a newer heal: upgrade heal to read it"
    assert body == Decided(Verdict.ASK, why)


def test_a_closing_entry_of_a_newer_kind_stays_closed():
    # given, when
    body = unpack("archived", {}, closes=True)
    # then
    assert body == GaveUp("an entry of kind 'archived', written by a newer heal: upgrade heal to read it")


@pytest.mark.parametrize(
    "stored",
    [
        {"token": "t", "fix": {"kind": "teleport", "process": "align"}},
        {"token": "t"},
        {"token": "t", "fix": None},
        {"token": "t", "fix": {"kind": "retry", "process": "align", "changes": 7}},
        [],
        None,
    ],
)
def test_what_cannot_be_read_never_moves_by_itself(stored):
    # given, when
    body = unpack("applying", stored, closes=False)
    # then
    why = "an entry of kind 'applying', written by a newer heal: upgrade heal to read it"
    assert body == Decided(Verdict.ASK, why)

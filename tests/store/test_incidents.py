"""Failures are filed under incidents, and incidents are written about, one entry after the other."""

from __future__ import annotations

from datetime import timedelta, timezone
from hashlib import sha256

import pytest
from tests.store.given import at, fail, failed, seen, started, submitted, succeeded, take_all, task_ref

from heal.cases import Citation, Evidence, Hit, Passage
from heal.errors import NoSuchIncident
from heal.journal import Applied, Applying, Approved, Decided, Diagnosed, Dismissed, Entry, GaveUp, Observed, Proposed
from heal.records import Change, Diagnosis, Fix, FixKind, Incident, Label, Outcome, RunRef, Verdict
from heal.store import Conflict, Scope

MEMORY = Fix(FixKind.RESOURCES, "align", (Change("memory_mb", 400, 800.5),), "it was killed")
RETRY = Fix(FixKind.RETRY, "align")
OOM = "snakemake align oom"


def opened(store, run_id="r1", sample="S1", fingerprint=OOM, *, minutes=1, number=1):
    """Open an incident, or join one, by a failure."""
    return store.join(fail(store, run_id, task_ref(sample, number)), fingerprint, at(minutes))[0]


def test_the_first_failure_opens_an_incident_and_its_like_join_it(store):
    # given
    first = fail(store, "r1", task_ref("S1"))
    second = fail(store, "r1", task_ref("S2"))
    # when
    joined = [store.join(first, OOM, at(1)), store.join(second, OOM, at(2))]
    # then
    incident = Incident(joined[0][0].id, "r1", "r1", "snakemake", "align", OOM, at(1), tasks=1)
    both = Incident(incident.id, "r1", "r1", "snakemake", "align", OOM, at(1), tasks=2)
    assert joined == [(incident, True), (both, False)]
    assert (store.members(incident.id), store.unexplained(), store.unsettled()) == ((first, second), (), (both,))
    assert len(incident.id) == 4


def test_an_attempt_stays_where_it_was_filed_first(store):
    # given
    attempt = fail(store, "r1", task_ref("S1"))
    incident, _ = store.join(attempt, OOM, at(1))
    store.append(incident.id, 1, GaveUp("enough"), at(2))
    # when
    again = store.join(attempt, "another fingerprint", at(3))
    # then
    assert (again, store.members(incident.id), store.unsettled()) == ((incident, False), (attempt,), ())


def test_two_tries_of_a_task_are_one_task(store):
    # given, when
    opened(store, number=1)
    incident = opened(store, number=2)
    # then
    assert (incident.tasks, len(store.members(incident.id))) == (1, 2)


def test_other_lineages_and_other_fingerprints_have_incidents_of_their_own(store):
    # given, when
    ids = [
        opened(store, "r1").id,
        opened(store, "r2").id,
        opened(store, "r1", "S2", "disk full").id,
    ]
    # then
    assert len(set(ids)) == 3


def test_a_closed_incident_takes_no_more_failures(store):
    # given
    first = opened(store)
    store.append(first.id, 1, Dismissed("ada", "known"), at(2))
    # when
    second = opened(store, sample="S2", minutes=3)
    # then
    assert second == Incident(second.id, "r1", "r1", "snakemake", "align", OOM, at(3), tasks=1)
    assert (second.id != first.id, store.unsettled()) == (True, (second,))


def test_an_entry_after_the_closing_one_opens_an_incident_again(store):
    # given
    incident = opened(store)
    store.append(incident.id, 1, Decided(Verdict.REFUSE, "not in the list"), at(2))
    store.append(incident.id, 2, GaveUp("refused"), at(3))
    # when
    store.append(incident.id, 3, Approved("ada"), at(4))
    # then
    assert store.unsettled() == (incident,)


def test_ids_are_the_shortest_that_are_free_and_the_same_for_the_same_history(store):
    # given enough incidents for four digits to be taken twice
    ids = [opened(store, f"r{n}").id for n in range(700)]
    # when, then
    assert len(set(ids)) == 700
    assert sorted({len(one) for one in ids}) == [4, 5]
    assert (ids[0], sha256(f"r0|{OOM}|0".encode()).hexdigest()[:4]) == ("7b6c", "7b6c")


def test_an_incident_is_found_by_a_beginning_that_no_other_shares(store):
    # given
    ids = sorted(opened(store, f"r{n}").id for n in range(40))
    alone = next(one for one in ids if sum(other[:2] == one[:2] for other in ids) == 1)
    # when, then
    assert [store.incident(given).id for given in (alone, alone[:2], f" {alone.upper()} ")] == [alone] * 3


def test_no_incident_and_too_many_are_told_apart(store):
    # given
    ids = sorted(opened(store, f"r{n}").id for n in range(40))
    first = next(one[0] for one in ids if sum(other[0] == one[0] for other in ids) == 2)
    pair = [one for one in ids if one[0] == first]
    # when
    with pytest.raises(NoSuchIncident) as several:
        store.incident(first)
    with pytest.raises(NoSuchIncident) as none:
        store.incident("xyz")
    with pytest.raises(NoSuchIncident, match="an empty id would mean any"):
        store.incident(" ")
    # then
    assert str(several.value) == (
        f"several incidents have an id that begins with '{first}': {pair[0]} (align), {pair[1]} (align)"
    )
    assert str(none.value) == "no incident has an id that begins with 'xyz'; `heal status` lists them"


def test_a_journal_is_read_as_it_was_written(store):
    # given
    hit = Hit("slurm.oom", "S1.log", 3, "oom-kill \udcff\0")
    told = Diagnosis(Label.OUT_OF_MEMORY, "killed", 0.98, Citation("S1.log", 3, "oom-kill"), (), "slurm.oom", "pattern")
    bodies = [
        Diagnosed(told, (Evidence("S1.log", (Passage(1, "a\nb"),), (hit,), ("clipped",)),)),
        Proposed(MEMORY),
        Decided(Verdict.ASK, "policy"),
        Approved("ada"),
        Applying("t1", MEMORY, ("align:sample=S1",)),
        Applied("t1", "relaunched", 4242, {"align:sample=S1": "78"}),
        Observed("t1", Outcome.HEALED, "in 6 min"),
    ]
    incident = opened(store)
    # when written in another time zone
    here = timezone(timedelta(hours=5, minutes=30))
    written = [
        store.append(incident.id, seq, body, at(seq).astimezone(here)) for seq, body in enumerate(bodies, start=1)
    ]
    # then
    entries = [Entry(incident.id, seq, at(seq), body) for seq, body in enumerate(bodies, start=1)]
    assert (written, list(store.journal(incident.id)), store.unsettled()) == (entries, entries, ())
    assert [entry.at.utcoffset() for entry in store.journal(incident.id)] == [timedelta(0)] * 7


@pytest.mark.parametrize("seq", [0, 1, 3])
def test_an_entry_out_of_turn_is_refused(store, seq):
    # given
    incident = opened(store)
    entry = store.append(incident.id, 1, Proposed(RETRY), at(2))
    # when
    with pytest.raises(Conflict) as refusal:
        store.append(incident.id, seq, GaveUp("late"), at(3))
    # then
    assert str(refusal.value).startswith(f"entry {seq} of incident {incident.id} cannot be written: the next one is 2.")
    assert (store.journal(incident.id), store.unsettled()) == ((entry,), (incident,))


def test_nothing_is_written_about_what_does_not_exist(store):
    # given, when, then
    with pytest.raises(NoSuchIncident, match="there is no incident 'ffff' to write about"):
        store.append("ffff", 1, GaveUp("why"), at(1))


def test_many_entries_are_written_together_or_not_at_all(store):
    # given
    first, second = opened(store), opened(store, "r2")
    # when
    with pytest.raises(Conflict):
        store.append_many([(first.id, 1, Proposed(RETRY)), (second.id, 2, Proposed(RETRY))], at(2))
    refused = (store.journal(first.id), store.journal(second.id))
    written = store.append_many([(first.id, 1, Proposed(RETRY)), (second.id, 1, Proposed(RETRY))], at(2))
    # then
    entries = tuple(Entry(one.id, 1, at(2), Proposed(RETRY)) for one in (first, second))
    assert (refused, written) == (((), ()), entries)
    assert store.journal(first.id) + store.journal(second.id) == entries


# --- what is asked of them ---------------------------------------------------------------------


def test_a_scope_holds_wherever_it_is_given(store):
    # given two lineages, each with an open incident, a failure without one, and a job to be watched
    for run_id in ("r1", "r2"):
        store.take(started(run_id, engine="sbatch"))
        opened(store, run_id)
        take_all(
            store,
            failed(run_id, task_ref("S2", native_id="8"), engine="sbatch"),
            submitted(run_id, task_ref("S3", native_id="9"), engine="sbatch"),
        )
    # when
    asked = [Scope(), Scope(only=frozenset({"r1"})), Scope(without=frozenset({"r1"})), Scope(only=frozenset())]
    found = [
        tuple([one.lineage for one in ask(scope)] for ask in (store.watched, store.unexplained, store.unsettled))
        for scope in asked
    ]
    # then
    both, first, second = ["r1", "r2"], ["r1"], ["r2"]
    assert found == [(both, both, both), (first, first, first), (second, second, second), ([], [], [])]


def test_only_jobs_that_nobody_follows_are_watched_until_they_end(store):
    # given
    job, other = task_ref("S1", native_id="7"), task_ref("S2", native_id="8")
    take_all(
        store,
        submitted("by-hand", job, engine="sbatch"),
        submitted("by-hand", other, engine="sbatch"),
        submitted("by-hand", task_ref("S3"), engine="sbatch"),
        submitted("r1", task_ref("S4", native_id="9")),
    )
    before = [one.native_id for one in store.watched()]
    # when
    take_all(store, succeeded("by-hand", job, engine="sbatch"), submitted("by-hand", job, engine="sbatch"))
    # then
    assert (before, [one.native_id for one in store.watched()]) == (["7", "8"], ["8"])


def test_the_newest_incidents_come_first_page_by_page(store):
    # given
    incidents = [opened(store, f"r{n}", minutes=n) for n in range(5)]
    store.append(incidents[4].id, 1, Proposed(RETRY), at(9))
    store.append(incidents[4].id, 2, GaveUp("enough"), at(9))
    # when
    pages = store.newest(2), store.newest(2, offset=2), store.newest(2, offset=9)
    # then
    told = (Proposed(RETRY), GaveUp("enough"))
    first, second = ((incidents[4], told), (incidents[3], ())), ((incidents[2], ()), (incidents[1], ()))
    assert pages == (first, second, ())


def test_the_newest_incidents_of_some_folders_are_found_behind_those_of_others(store):
    # given: the newest are of another folder
    def fails_in(folder, name, minutes):
        run = RunRef(name, "snakemake", folder, ("snakemake",), 4242)
        store.take(seen("task_failed", run, task_ref("S1"), minutes=minutes, process="align"))
        return store.join(store.unexplained()[-1], OOM, at(minutes))[0]

    first, second, third = (fails_in("/ours", f"o{n}", n) for n in range(3))
    store.append(second.id, 1, Proposed(RETRY), at(9))
    for n in range(3, 9):
        fails_in("/theirs", f"t{n}", n)
    asked = []
    # when
    found = store.newest_in(lambda folder: asked.append(folder) or folder == "/ours", 2)
    # then: each folder was asked about once
    assert (found, asked) == (((third, ()), (second, (Proposed(RETRY),))), ["/theirs", "/ours"])
    assert (store.newest_in(lambda _folder: False, 2), first in dict(store.newest_in(lambda _folder: True, 9))) == (
        (),
        True,
    )


def test_a_page_of_the_newest_leaves_the_evidence_out(store):
    # given
    incident, found = opened(store), Diagnosis(Label.GPU, "the card is gone", 0.9)
    store.append(incident.id, 1, Diagnosed(found, (Evidence("S1.log", (Passage(1, "a\nb"),)),)), at(2))
    # when
    ((_, told),) = store.newest(1)
    # then
    assert told == (Diagnosed(found),)
    assert store.journal(incident.id)[0].body == Diagnosed(found, (Evidence("S1.log", (Passage(1, "a\nb"),)),))


def test_the_last_entry_is_the_end_of_the_journal(store):
    # given
    incident = opened(store)
    before = store.last(incident.id)
    store.append_many([(incident.id, 1, Proposed(RETRY)), (incident.id, 2, GaveUp("enough"))], at(2))
    # when, then
    assert (before, store.last(incident.id)) == (None, store.journal(incident.id)[-1])


def test_remedies_are_counted_and_what_came_of_them_is_known(store):
    # given two incidents of one failure, the first healed by its second remedy, and one of another run
    first = opened(store)
    both = ("align:sample=S1", "align:sample=S2")
    bodies = [
        Applying("t1", RETRY, both),
        Observed("t1", Outcome.SAME_FAILURE),
        Applying("t2", MEMORY, both[:1]),
        Observed("t2", Outcome.HEALED),
    ]
    for seq, body in enumerate(bodies, start=1):
        store.append(first.id, seq, body, at(seq))
    second, elsewhere = opened(store, sample="S3", minutes=10), opened(store, "r2", minutes=10)
    store.append_many([(second.id, 1, Applying("t3", RETRY)), (elsewhere.id, 1, Applying("t3", RETRY))], at(11))
    # when
    counts = {
        "all": store.remedies(),
        "lineage": store.remedies(lineage="r1"),
        "since": store.remedies(since=at(3)),
        "both": store.remedies(lineage="r1", since=at(4)),
        "S1": store.remedies_for("r1", [both[0]]),
        "S2": store.remedies_for("r1", [both[1]]),
        "none": store.remedies_for("r2", [both[0]]),
    }
    # then
    assert counts == {"all": 4, "lineage": 3, "since": 3, "both": 1, "S1": 2, "S2": 1, "none": 0}
    assert store.tried("r1", OOM) == ((RETRY, Outcome.SAME_FAILURE), (MEMORY, Outcome.HEALED), (RETRY, None))
    assert store.tried("r1", "disk full") == ()
    assert [set(store.by_token(token)) for token in ("t3", "t2", "t9")] == [{second, elsewhere}, {first}, set()]

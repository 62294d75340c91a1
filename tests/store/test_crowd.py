"""The store stays quick with a hundred thousand incidents: few statements, and none that walks through a table."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select
from tests.store.crowd import RARE, RETRY, fill, questions
from tests.store.given import NOON, at, failed, finished, started, submitted, succeeded, task_ref

from heal.journal import Applying, Approved, Dismissed, Observed, Proposed, closes
from heal.records import Incident, Outcome
from heal.store import Scope, Store
from heal.store.schema import attempt_ends, attempts, incidents, journal, members, run_ends, running, runs
from heal.store.schema import unexplained as unexplained_list
from heal.store.schema import unsettled as unsettled_list
from heal.store.schema import watched as watched_list

COUNT = 100_000


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    """Make the crowd once; what tests add to it, they add at its end."""
    with Store.open(tmp_path_factory.mktemp("crowd") / "heal.db") as store:
        fill(store, COUNT)
        yield store


@contextmanager
def overheard(store):
    """Collect the statements that reach the database, with their parameters."""
    heard = []

    def listen(_connection, _cursor, statement, parameters, *_):
        if not statement.startswith("BEGIN"):
            heard.append((statement, parameters))

    event.listen(store._engine, "before_cursor_execute", listen)
    yield heard
    event.remove(store._engine, "before_cursor_execute", listen)


def walked(store, heard):
    """Name the tables and indexes that the statements walk through from end to end."""
    return {step for step in planned(store, heard) if step.startswith("SCAN")}


def planned(store, heard):
    """Give the steps by which the database answers the statements."""
    with store._engine.connect() as connection:
        raw = connection.connection.driver_connection
        plans = [raw.execute(f"EXPLAIN QUERY PLAN {statement}", told).fetchall() for statement, told in heard]
    return [row[-1].replace("TABLE ", "") for plan in plans for row in plan]


def expected(number):
    incident = Incident(
        f"{number:08x}",
        f"r{number // 10}",
        f"r{number // 10}",
        "sbatch",
        "align",
        f"fp{number}",
        NOON + timedelta(microseconds=number),
        tasks=1,
    )
    begun = (Proposed(RETRY), Applying(f"t{number}", RETRY, (f"align:sample=S{number}",)))
    ended = (Observed(f"t{number}", Outcome.OTHER_FAILURE), Dismissed("ada", "done"))
    return incident, begun if number % RARE == 0 else begun + ended


def test_a_page_of_the_newest_takes_two_statements(crowd):
    # given a hundred thousand incidents; when
    with overheard(crowd) as heard:
        page = crowd.newest(50, offset=1000)
    # then
    assert page == tuple(expected(COUNT - 1001 - n) for n in range(50))
    assert len(heard) == 2


def test_the_work_that_is_left_is_found_among_what_is_done(crowd):
    # given, when
    found = (
        [one.id for one in crowd.unsettled()],
        [one.id for one in crowd.unexplained()],
        [one.id for one in crowd.watched()],
        [one.id for one in crowd.open_runs()],
    )
    # then
    left = range(0, COUNT, RARE)
    assert found == (
        [f"{n:08x}" for n in left],
        [2 * n + 2 for n in left],
        [2 * n + 1 for n in left],
        [f"r{n // 10}" for n in left],
    )


WALKED = {
    "newest(50)": {"SCAN incidents USING INDEX ix_incidents_opened_id"},
    "newest(50, offset=count/2)": {"SCAN incidents USING INDEX ix_incidents_opened_id"},
    "newest_in(folders, 200)": {"SCAN incidents USING INDEX ix_incidents_opened_id"},
    "unexplained()": {"SCAN unexplained"},
    "watched()": {"SCAN watched"},
    "came_home()": {"SCAN running"},
}
"""The newest are the end of an index, and a work list is read as a whole; all else is searched."""


def test_no_question_walks_through_a_table(crowd):
    # given, when
    found = {}
    for name, ask in questions(crowd, COUNT).items():
        with overheard(crowd) as heard:
            ask()
        found[name] = walked(crowd, heard)
    # then
    assert {name: steps for name, steps in found.items() if steps} == WALKED


def test_a_scope_does_not_walk_through_a_lineage(crowd):
    # given, when
    with overheard(crowd) as heard:
        for ask in (crowd.watched, crowd.unexplained, crowd.unsettled, crowd.followed, partial(crowd.came_home, NOON)):
            ask(Scope(only=frozenset({"r1"}), without=frozenset({"r2"})))
    # then
    assert walked(crowd, heard) == {"SCAN watched", "SCAN unexplained", "SCAN running"}
    assert [step for step in planned(crowd, heard) if "lineage" in step] == []


def test_no_writing_walks_through_a_table(crowd):
    # given
    task = task_ref("new", native_id="1")
    # when
    with overheard(crowd) as heard:
        for seen in (
            started("new", parent="t5", engine="sbatch"),
            submitted("new", task, engine="sbatch"),
            failed("new", task, engine="sbatch"),
            finished("new"),
        ):
            crowd.take(seen)
        attempt = crowd.attempts("r0", task.key)[-1]
        incident, _ = crowd.join(attempt, "new", at(60))
        crowd.append(incident.id, 1, Applying("new", RETRY, (task.key,)), at(61))
        crowd.append(incident.id, 2, Dismissed("ada", "done"), at(62))
    # then
    assert walked(crowd, [one for one in heard if not one[0].startswith("INSERT")]) == set()


# --- the work lists hold what the records say --------------------------------------------------

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["start", "submit", "succeed", "fail", "finish", "join", "dismiss", "approve"]),
        st.sampled_from(["r1", "r2"]),
        st.integers(1, 2),
        st.sampled_from([None, "7"]),
    ),
    max_size=25,
)


@given(steps=STEPS)
@settings(deadline=None, max_examples=60)
def test_the_work_lists_are_what_follows_from_the_records(tmp_path_factory, steps):
    # given any story
    with Store.open(tmp_path_factory.mktemp("story") / "heal.db") as store:
        for what, run_id, number, native_id in steps:
            # when
            play(store, what, run_id, task_ref("S1", number, native_id))
        # then
        assert listed(store) == derived(store)


def play(store, what, run_id, task):
    tellers = {"submit": submitted, "succeed": succeeded, "fail": failed}
    if what in tellers:
        store.take(tellers[what](run_id, task, engine="sbatch"))
    elif what in ("start", "finish"):
        store.take(started(run_id, parent="r1", engine="sbatch") if what == "start" else finished(run_id))
    elif what == "join":
        for attempt in store.unexplained(Scope(only=frozenset({run_id}))):
            store.join(attempt, "oom", at(1))
    else:
        for incident, bodies in store.newest(1):
            body = Dismissed("ada", "done") if what == "dismiss" else Approved("ada")
            store.append(incident.id, len(bodies) + 1, body, at(2))


def listed(store):
    with store._reading() as connection:
        return [
            set(connection.execute(select(one)).scalars())
            for one in (running, watched_list, unexplained_list, unsettled_list)
        ]


def derived(store):
    by_hand = (attempts.c.engine == "sbatch") & (attempts.c.native_id != "")
    with store._reading() as connection:
        ended_runs = set(connection.execute(select(run_ends.c.run_id)).scalars())
        all_runs = set(connection.execute(select(runs.c.id)).scalars())
        jobs = set(
            connection.execute(select(attempts.c.id).where(by_hand, attempts.c.submitted.is_not(None))).scalars()
        )
        ends = dict(connection.execute(select(attempt_ends.c.attempt_id, attempt_ends.c.ok)).all())
        filed = set(connection.execute(select(members.c.attempt_id)).scalars())
        opened = set(connection.execute(select(incidents.c.id)).scalars())
        told = connection.execute(select(journal.c.incident_id, journal.c.seq).order_by(journal.c.seq)).all()
    lasts = {one: store.journal(one)[-1].body for one, _ in told}
    return [
        all_runs - ended_runs,
        jobs - set(ends),
        {one for one, ok in ends.items() if not ok} - filed,
        opened - {one for one, body in lasts.items() if closes(body)},
    ]

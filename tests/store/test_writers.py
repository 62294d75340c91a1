"""Several writers at once, and one that is killed in the middle of a sentence."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import insert
from tests.store.given import at, fail, failed, seen, task_ref

from heal.journal import Entry, GaveUp, Proposed
from heal.records import Fix, FixKind
from heal.store import Conflict, Store, StoreBusy
from heal.store.schema import projects

RETRY = Proposed(Fix(FixKind.RETRY, "align"))

APPENDER = """
import sys
from datetime import UTC, datetime
from heal.journal import Approved
from heal.store import Conflict, Store

where, incident, name = sys.argv[1:]
won = 0
with Store.open(where) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    for seq in range(1, 41):
        try:
            store.append(incident, seq, Approved(name), datetime.now(UTC))
            won += 1
        except Conflict:
            pass
print(won)
"""

OPENER = """
import sys
from datetime import UTC, datetime
from heal.records import Event
from heal.store import Store

print("ready", flush=True)
sys.stdin.readline()
with Store.open(sys.argv[1]) as store:
    store.take(Event(sys.argv[2], "project", datetime.now(UTC), "person", facts={"path": sys.argv[2]}))
"""

STUTTERER = """
import sys
from heal.store import Store
from heal.store.schema import projects
from sqlalchemy import insert

store = Store.open(sys.argv[1])
with store._writing() as connection:
    for n in range(20000):
        connection.execute(insert(projects).values(path=f"/half/{n}"))
    print("ready", flush=True)
    sys.stdin.readline()
"""


def begun(script, *arguments):
    """Start a program and wait until it says that it is ready."""
    program = subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdout.readline() == "ready\n"
    return program


def test_of_two_stores_that_write_the_same_entry_one_is_refused(where, store):
    # given
    incident, _ = store.join(fail(store, "r1", task_ref("S1")), "oom", at(1))
    with Store.open(where) as other:
        entry = other.append(incident.id, 1, RETRY, at(2))
        # when
        with pytest.raises(Conflict):
            store.append(incident.id, 1, GaveUp("too late"), at(3))
    # then
    assert store.journal(incident.id) == (entry,)


def test_two_stores_open_one_incident_for_one_failure(where, store):
    # given
    attempt = fail(store, "r1", task_ref("S1"))
    with Store.open(where) as other:
        # when
        joined = [store.join(attempt, "oom", at(1)), other.join(attempt, "oom", at(2))]
    # then
    assert joined == [(joined[0][0], True), (joined[0][0], False)]


def test_two_processes_never_interleave(where, store):
    # given
    incident, _ = store.join(fail(store, "r1", task_ref("S1")), "oom", at(1))
    programs = [begun(APPENDER, where, incident.id, name) for name in ("ada", "ben")]
    # when
    won = [int(told) for told, _ in ThreadPoolExecutor().map(lambda one: one.communicate("go\n"), programs)]
    # then every entry was written once, by one of the two
    journal = store.journal(incident.id)
    assert [entry.seq for entry in journal] == list(range(1, len(journal) + 1))
    assert [sum(entry.body.by == name for entry in journal) for name in ("ada", "ben")] == won


def test_threads_may_share_a_store(store):
    # given
    events = [failed(f"r{n % 3}", task_ref(f"S{n}")) for n in range(60)]
    # when
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(store.take, events))
    # then
    assert (taken, len(store.unexplained())) == ([True] * 60, 60)


def test_a_database_may_be_made_by_several_at_once(where):
    # given
    programs = [begun(OPENER, where, f"/p{n}") for n in range(4)]
    # when
    list(ThreadPoolExecutor().map(lambda one: one.communicate("go\n"), programs))
    # then
    with Store.open(where) as store:
        assert ([one.returncode for one in programs], store.projects()) == ([0] * 4, ("/p0", "/p1", "/p2", "/p3"))


@pytest.mark.parametrize("journal_mode", ["wal", "delete"])
def test_a_writer_killed_in_a_transaction_leaves_no_trace(path, journal_mode):
    # given
    with Store.open(path) as store:
        store.take(seen("project", path="/whole"))
    set_mode(path, journal_mode)
    writer = begun(STUTTERER, path)
    # when
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    # then
    with Store.open(path) as store:
        assert (store.projects(), store.take(seen("project", path="/next"))) == (("/whole",), True)
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def set_mode(path, journal_mode):
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA journal_mode={journal_mode}")
    connection.close()


def test_an_error_in_a_transaction_takes_all_of_it_back(store):
    # given
    def stumble():
        with store._writing() as connection:
            connection.execute(insert(projects).values(path="/half"))
            raise ZeroDivisionError

    # when
    with pytest.raises(ZeroDivisionError):
        stumble()
    # then
    assert store.projects() == ()


def test_a_writer_that_waits_in_vain_says_who_is_in_the_way(path):
    # given a patience of none at all, and another writer at work
    with Store.open(path) as store, Store.open(path) as other:
        with store._reading() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout=0")
        with other._writing():
            # when
            with pytest.raises(StoreBusy) as busy:
                store.take(seen("project", path="/a"))
            # then
            assert str(busy.value).startswith(f"{path} was held by another process for 30 s; nothing was stored.")
        assert store.projects() == ()


def test_readers_are_not_kept_waiting_by_a_writer(path):
    # given
    with Store.open(path) as store, Store.open(path) as other:
        incident, _ = store.join(fail(store, "r1", task_ref("S1")), "oom", at(1))
        entry = store.append(incident.id, 1, RETRY, at(2))
        # when, then
        with other._writing() as connection:
            connection.execute(insert(projects).values(path="/a"))
            assert store.journal(incident.id) == (Entry(incident.id, 1, at(2), RETRY),) == (entry,)

"""A database with as many incidents as a busy site has in years, written in bulk.

Run as a program it makes one and prints what the questions of every pass and every look cost:
``python -m tests.store.crowd 1000000``.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import insert
from tests.store.given import NOON

from heal.journal import Applying, Dismissed, Observed, Proposed, closes
from heal.records import Fix, FixKind, Outcome
from heal.store import Scope, Store
from heal.store.codec import kind_of, pack, token_of
from heal.store.rows import to_micros
from heal.store.schema import (
    attempt_ends,
    attempts,
    incidents,
    journal,
    members,
    remedy_tasks,
    run_ends,
    running,
    runs,
    unexplained,
    unsettled,
    watched,
)

_AT_ONCE = 20_000
# of so many incidents one is still open, has a failure that belongs to none, and a job that runs
RARE = 1000
RETRY = Fix(FixKind.RETRY, "align")


def fill(store, count, rare=RARE):
    """Write ``count`` incidents, all but one of ``rare`` (0: all) long closed, with two attempts and four entries each."""
    for start in range(0, count, _AT_ONCE):
        with store._writing() as connection:
            rows = {table: [] for table in (runs, attempts, attempt_ends, incidents, members, journal, remedy_tasks)}
            rows |= {running: [], run_ends: [], unexplained: [], unsettled: [], watched: []}
            for number in range(start, min(start + _AT_ONCE, count)):
                _add(rows, number, is_open=bool(rare) and number % rare == 0)
            for table, added in rows.items():
                if added:
                    connection.execute(insert(table), added)


def _add(rows, n, *, is_open):
    run_id, incident_id, opened = f"r{n // 10}", f"{n:08x}", to_micros(NOON) + n
    if n % 10 == 0:
        of_run = {"engine": "sbatch", "cwd": "/work", "argv": ["sbatch"], "host": "login1", "announced": True, "pid": 7}
        rows[runs].append({"id": run_id, "lineage": run_id, "started": opened, **of_run})
        rows[running if is_open else run_ends].append({"run_id": run_id} | ({} if is_open else {"ended": opened}))
    for half in (0, 1):
        number = 2 * n + half + 1
        rows[attempts].append(_attempt(number, run_id, f"align:sample=S{n}", half))
        if half or not is_open:
            end = {"attempt_id": number, "ok": False, "ended": opened, "facts": {"exit": 1}}
            rows[attempt_ends].append(end)
            rows[members].append({"attempt_id": number, "incident_id": incident_id, "task_key": f"align:sample=S{n}"})
    if is_open:
        rows[watched].append({"attempt_id": 2 * n + 1})
        rows[unexplained].append({"attempt_id": rows[members].pop()["attempt_id"]})
        rows[unsettled].append({"incident_id": incident_id})
    rows[incidents].append(
        {
            "id": incident_id,
            "lineage": run_id,
            "run_id": run_id,
            "engine": "sbatch",
            "process": "align",
            "fingerprint": f"fp{n}",
            "opened": opened,
        }
    )
    bodies = [Proposed(RETRY), Applying(f"t{n}", RETRY, (f"align:sample=S{n}",))]
    bodies += [] if is_open else [Observed(f"t{n}", Outcome.OTHER_FAILURE), Dismissed("ada", "done")]
    rows[journal] += [_entry(incident_id, seq, opened, body) for seq, body in enumerate(bodies, start=1)]
    rows[remedy_tasks].append(
        {"lineage": run_id, "task_key": f"align:sample=S{n}", "incident_id": incident_id, "seq": 2}
    )


def _attempt(number, run_id, key, half):
    return {
        "id": number,
        "run_id": run_id,
        "lineage": run_id,
        "engine": "sbatch",
        "key": key,
        "name": key,
        "process": "align",
        "number": half + 1,
        "native_id": str(number),
        "log_paths": [],
        "asked": {"memory_mb": 400},
        "event": number,
    }


def _entry(incident_id, seq, opened, body):
    return {
        "incident_id": incident_id,
        "seq": seq,
        "kind": kind_of(body),
        "at": opened,
        "closes": closes(body),
        "token": token_of(body),
        "body": pack(body),
    }


def questions(store, count):
    """Name what is asked most, each as something to call."""
    run_id = f"r{count // 20}"
    return {
        "newest(50)": lambda: store.newest(50),
        "newest(50, offset=count/2)": lambda: store.newest(50, count // 2),
        "newest_in(folders, 200)": lambda: store.newest_in(lambda folder: folder != "/nowhere", 200),
        "unsettled()": store.unsettled,
        "unsettled(one lineage)": lambda: store.unsettled(Scope(only=frozenset({run_id}))),
        "unexplained()": store.unexplained,
        "watched()": store.watched,
        "followed()": store.followed,
        "came_home()": lambda: store.came_home(NOON),
        "ended_well()": lambda: store.ended_well(NOON, count, 1000, Scope(without=frozenset({"r1"}))),
        "last_end_of_a_run()": store.last_end_of_a_run,
        "open_runs()": store.open_runs,
        "last()": lambda: store.last(f"{count // 2:08x}"),
        "folders()": lambda: store.folders([run_id, "r0"]),
        "tried()": lambda: store.tried(run_id, f"fp{count // 2}"),
        "remedies()": store.remedies,
        "remedies(lineage)": lambda: store.remedies(lineage=run_id),
        "remedies(lineage, since)": lambda: store.remedies(lineage=run_id, since=NOON),
        "remedies_for()": lambda: store.remedies_for(run_id, [f"align:sample=S{count // 2}"]),
        "incident(prefix)": lambda: store.incident(f"{count // 2:08x}"[:-1] + "0"),
        "by_token()": lambda: store.by_token(f"t{count // 2}"),
    }


def _main(count):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "heal.db"
        with Store.open(path) as store:
            fill(store, count)
        with Store.open(path) as store:
            print(f"{count} incidents, {path.stat().st_size / 2**20:.0f} MiB")
            for name, ask in questions(store, count).items():
                took = []
                for _ in range(5):
                    begun = time.perf_counter()
                    found = ask()
                    took.append(time.perf_counter() - begun)
                rows = found if isinstance(found, int) else len(found) if isinstance(found, tuple | dict) else 1
                print(f"{name:28} first {took[0] * 1e3:9.2f} ms  best {min(took) * 1e3:9.2f} ms  ({rows})")


if __name__ == "__main__":
    _main(int(sys.argv[1]))

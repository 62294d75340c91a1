"""What heal's exit codes mean, and which one a run ends with (docs/cli.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from heal import journal
from heal.cli.overview import ended_well_but, first_line
from heal.journal import Applied, Observed, State
from heal.records import Incident, Outcome

if TYPE_CHECKING:
    from heal.store import Store

WELL = 0
BAD_INPUT = 2
WAITING = 3
UNHEALED = 4
TIMEOUT = 124
# so many are told of one by one at the end of a run
_WARNED = 2


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run under heal ended: the exit code, and the lines that say so (none where there is nothing to say)."""

    code: int
    lines: tuple[str, ...] = ()


def code_of(returncode: int) -> int:
    """A child's return code as a shell would give it: 128 + n for signal n."""
    return 128 - returncode if returncode < 0 else returncode


def standing(store: Store, incident: Incident) -> tuple[State, bool]:
    """Where an incident stands, and whether another one took its place (it got further and failed otherwise)."""
    last = store.last(incident.id)
    moved_on = last is not None and isinstance(last.body, Observed) and last.body.outcome is Outcome.OTHER_FAILURE
    return journal.standing(last), moved_on


def verdict(states: list[State]) -> int:
    """0 all well, 3 something waits for a person, 4 unhealed or given up."""
    if any(state in (State.UNHEALED, State.GIVEN_UP) for state in states):
        return UNHEALED
    if any(not state.closed for state in states):
        return WAITING
    return WELL


def after_run(store: Store, lineage: str, own: int) -> Ending:
    """The ending of ``heal run``. ``own`` is the command's exit code."""
    found = [(incident, *standing(store, incident)) for incident in store.incidents(lineage)]
    if not found:
        return Ending(own, (*_unseen(store, lineage), *_warned(store, lineage)))
    states = [state for _incident, state, moved_on in found if not moved_on]
    lines = [*_warned(store, lineage), _line(store, lineage, states, followed=len(found) - len(states))]
    code = verdict(states)
    if code != WELL or State.HEALED not in states:
        return Ending(own or code, tuple(lines))
    if script := _undone(store, lineage):
        lines.append(
            f"{script} ended with exit code {own} where it failed; what it does after that was not done: "
            "run it again, what is finished is kept"
        )
        return Ending(own, tuple(lines))
    return Ending(_last_launch(store, lineage, own), tuple(lines))


def _undone(store: Store, lineage: str) -> str | None:
    """The script around the pipeline, if it may have had more to do; heal starts the engine again, not the script."""
    from heal.cli.wrapper import undone

    launched = store.launched_by(lineage)
    root = next((run for run in launched if run.id == lineage), None)
    return undone(root, [run for run in launched if run.id != lineage]) if root else None


def _unseen(store: Store, lineage: str) -> tuple[str, ...]:
    """What is to be said of a failed command whose engine heal saw nothing of."""
    from heal.cli.wrapper import unseen

    launched = store.launched_by(lineage)
    root = next((run for run in launched if run.id == lineage), None)
    script = unseen(root, [run for run in launched if run.id != lineage]) if root else None
    if script is None:
        return ()
    how = "by a path, by python -m, or with a PATH of its own (conda run, a login shell)"
    return (f"saw {script} begin and end, but none of its tasks: it calls its engine {how}; docs/cli.md: what helps",)


def _warned(store: Store, lineage: str) -> Iterator[str]:
    """What ended with 0 and is still to be looked at, on one line."""
    count, newest = store.warnings(_WARNED, lineage=lineage)
    if count:
        told = [f"{one.task}{f' ({one.job})' if one.job else ''}: {first_line(one)}" for one in newest]
        more = [f"and {count - len(newest):,} more"] if count > len(newest) else []
        yield f"{ended_well_but(count)}: {'; '.join([*told, *more])} · heal status"


def _last_launch(store: Store, lineage: str, own: int) -> int:
    """The exit code of the newest relaunch, or, where nothing was launched again, of the command.

    Resubmitted jobs have none: where all that was done is to submit some again, the incidents speak.
    """
    relaunches = [run for run in store.runs(lineage) if run.engine == "command" and run.id != lineage]
    if not relaunches:
        bodies = [entry.body for incident in store.incidents(lineage) for entry in store.journal(incident.id)]
        applied = [body for body in bodies if isinstance(body, Applied)]
        return WELL if applied and all(body.jobs for body in applied) else own
    newest = relaunches[-1]
    return own if newest.exit_code is None else newest.exit_code


def _line(store: Store, lineage: str, states: list[State], *, followed: int) -> str:
    """``followed``: of so many incidents the tasks got further, and failed otherwise, which others tell of."""
    count, incidents = Counter(states), len(states) + followed
    tasks = store.tasks(lineage)
    unhealed = count[State.UNHEALED] + count[State.GIVEN_UP]
    parts = [
        f"{tasks} task{'s' if tasks != 1 else ''}",
        f"{incidents} incident{'s' if incidents != 1 else ''}",
        f"{count[State.HEALED]} healed",
        f"{count[State.WAITING]} waiting",
        *([f"{followed} followed by another"] if followed else []),
        *([f"{unhealed} not healed"] if unhealed else []),
        *([f"{count[State.DISMISSED]} dismissed"] if count[State.DISMISSED] else []),
    ]
    return f"run finished: {', '.join(parts)} · heal status"

"""What other tasks of the same process made: what a replay's results are compared with. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from heal.records import Attempt

_MOST = 5


def siblings_of(failed: Attempt, others: Iterable[Attempt]) -> tuple[tuple[str, ...], ...]:
    """The results of a few other tasks of the process that ended well, in full, in the order the engine names them."""
    found: dict[str, tuple[str, ...]] = {}
    for other in others:
        if other.ok and other.process == failed.process and other.key != failed.key and (made := results(other)):
            found[other.key] = made
    return tuple(list(found.values())[:_MOST])


def results(attempt: Attempt) -> tuple[str, ...]:
    """What a task makes by the engine's word, in full; empty where that, or its work folder, is not known."""
    said = attempt.facts.get("output")
    if not isinstance(said, list | tuple) or attempt.workdir is None:
        return ()
    return tuple(str(PurePosixPath(attempt.workdir) / str(name)) for name in said)


def done_of(run: str, attempts: Iterable[Attempt]) -> tuple[Attempt, ...]:
    """The tasks of a run that ended well, each once; ``attempts``: the newest first.

    Not those of launches before it: of what they made this one may have used other things.
    """
    newest = {(one.process, one.key): one for one in reversed([*attempts]) if one.run_id == run}
    return tuple(one for one in newest.values() if one.ok)

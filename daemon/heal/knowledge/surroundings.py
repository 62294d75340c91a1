"""What is known of the place and the time a task failed in, handed to whoever looks things up there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from heal.knowledge.graph import KnownTask
from heal.knowledge.siblings import Sibling
from heal.records import Attempt


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where and when a task failed, and what ran beside it. Everything may be unknown.

    ``workdir`` is the task's folder, ``cwd`` the run's; relative names are looked up in that order, and not at all
    where both are empty. ``path`` holds the folders of the task's PATH; None: heal's own is taken.
    ``environments`` are folders of environments that the workflow declares, beside those that are found.
    ``script`` is what the task ran, ``sources`` the workflow's files, ``inputs`` and ``outputs`` what its engine says
    that it reads and makes. ``log`` is the engine's log, for graphs. ``contained``: it ran in a container, where
    programs and folders of this machine say nothing. ``here``: it ran on this machine or one that shares its folders;
    False where only a log was handed over, which may come from anywhere.
    """

    cwd: str = ""
    workdir: str = ""
    path: tuple[str, ...] | None = None
    environments: tuple[str, ...] = ()
    started: datetime | None = None
    ended: datetime | None = None
    last_success: datetime | None = None
    script: str = ""
    sources: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    log: str = ""
    own: Sibling | None = None
    siblings: tuple[Sibling, ...] = ()
    task: str = ""
    tasks: tuple[KnownTask, ...] = ()
    contained: bool = False
    here: bool = True

    @property
    def roots(self) -> tuple[str, ...]:
        """The folders that relative names are looked up in."""
        return tuple(dict.fromkeys(folder for folder in (self.workdir, self.cwd) if folder))


def last_success(process: str, tries: Iterable[Attempt]) -> datetime | None:
    """When a task of a process ended well last; None where none of these tries did."""
    ends = [one.ended for one in tries if one.process == process and one.ok and one.ended]
    return max(ends, default=None)

"""The tasks of a run that have begun, as ``.nextflow.log`` names them: which is which, and which try of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from heal.engines.nextflow_records import Record
from heal.engines.nextflow_tasks import Task, process_of
from heal.engines.nextflow_workdir import WorkDir


@dataclass(frozen=True, slots=True)
class _Submission:
    """What a thread has just handed to a scheduler: a task, or an array whose elements it names next."""

    executor: str
    job: str
    folder: str
    elements: int = 0


class Begun:
    """Tasks that began and have not ended. ``look`` gives the folder of a task by its short hash or its path."""

    def __init__(self, look: Callable[[str], WorkDir]) -> None:
        self._look = look
        self._tasks: dict[str, Task] = {}
        self._again: dict[str, tuple[str, int]] = {}
        self._named: dict[str, str] = {}
        self._handed: dict[str, _Submission] = {}

    def __iter__(self) -> Iterator[Task]:
        """Those that have not ended, in the order in which they began."""
        return iter(self._tasks.values())

    def handed_on(self, record: Record, found: re.Match[str]) -> None:
        """Take down what a scheduler took: it is named next, by the same thread."""
        self._handed[record.thread] = _Submission(found["executor"].lower(), found["job"], found["dir"])

    def cached(self, _record: Record, found: re.Match[str]) -> None:
        """Take down a task that nothing is told of: its name is taken."""
        self._named.setdefault(found["name"], found["hash"])

    def submitted(self, record: Record, found: re.Match[str], executor: str) -> Task:
        """A task that was named as submitted; ``executor`` is the one of the run where it went to no scheduler."""
        handed = self._handed_over(record.thread, found["hash"])
        folder = self._look(handed.folder if handed and handed.folder else found["hash"])
        key, attempt = self._key(found["name"], found["hash"], folder, again=found["again"] != "S")
        executor = handed.executor if handed else executor
        # another scheduler's number means nothing to SLURM
        job = handed.job if handed and executor == "slurm" else None
        task = Task(found["name"], key, attempt, job, executor, found["hash"], folder, record)
        self._tasks[task.hash] = task
        return task

    def ended(self, record: Record, folder: str, name: str, executor: str, job: str | None = None) -> Task:
        """The task of a folder, which has begun no longer; one that was never submitted is made."""
        short = short_of(folder)
        task = self._tasks.pop(short, None)
        if task is None:
            found = self._look(folder)
            key, attempt = self._key(name, short, found, again=name in self._again)
            task = Task(name, key, attempt, None, executor, short, found, record)
        return replace(task, native_id=job) if job and task.executor == "slurm" else task

    def tried_again(self, task: Task) -> None:
        """Nextflow tries it again by itself: the next submission under its name is its next try."""
        self._again[task.name] = (task.key, task.attempt + 1)

    def _handed_over(self, thread: str, short: str) -> _Submission | None:
        """What of a submission the task of this hash is: all of it, or the next element of an array."""
        handed = self._handed.get(thread)
        if handed is None:
            return None
        if short_of(handed.folder) == short:
            del self._handed[thread]
            return handed
        self._handed[thread] = replace(handed, elements=handed.elements + 1)
        # in the order of their indices, which begin at 0 (SlurmExecutor.getDirectives)
        return replace(handed, job=f"{handed.job}_{handed.elements}", folder="")

    def _key(self, name: str, short: str, folder: WorkDir, *, again: bool) -> tuple[str, int]:
        """What the task is called in every try and launch, and which try this is."""
        if again and name in self._again:
            return self._again.pop(name)
        attempt = 2 if again else 1
        process, told = process_of(name)
        if told.isdigit():
            # a running number, or a tag that is one
            return f"{process}:{folder.made_from()}", attempt
        first = self._named.setdefault(name, short)
        if again or first == short or self._look(first).made_from() == folder.made_from():
            return name, attempt
        # a tag need not be unique: who came later is told apart
        return f"{name}:{folder.made_from()}", 1


def short_of(folder: str) -> str:
    """The short hash of a task by its folder: ``ab/cdef12``."""
    return "/".join(folder.rstrip("/").rsplit("/", 2)[-2:])[:9]

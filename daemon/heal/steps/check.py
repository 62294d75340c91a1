"""Whether a task that ended with 0 is good: which check holds for it, what is asked, and what a refusal means. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, Protocol

from heal.records import Event, Run, TaskRef
from heal.sections import PLACEHOLDERS, Check

_PLACEHOLDER = re.compile(r"\{(" + "|".join(PLACEHOLDERS) + r")\}")
# what a check says may fill a screen, not a database
_MOST_CHARS = 16_000
_FIRST_CHARS = 300


@dataclass(frozen=True, slots=True)
class Question:
    """One check of one task, ready to be asked: ``files`` to look at for ``kind``, then ``command`` for a shell.

    ``declared``: the engine said that it made these files, and has seen them; they may be gone since, if they were
    temporary. ``env_file`` is the private file with the environment of the run.
    """

    check: str
    cwd: str
    seconds: float
    kind: str = ""
    files: tuple[str, ...] = ()
    declared: bool = False
    command: str = ""
    env_file: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a check says. ``good`` None: it says nothing, because it did not end, could not be run, or has no files.

    ``usual``: that is as it should be, and nobody has to be told.
    """

    good: bool | None
    said: str = ""
    usual: bool = False


class Checking(Protocol):
    """Asks checks, beside what else goes on."""

    def ask(self, key: str, question: Question) -> Answer | None:
        """The answer; None while it is not known: ask again with the same key."""

    def wait(self) -> bool:
        """Wait for all that was asked; False where nothing was."""


def chosen(names: Sequence[str], checks: Mapping[str, Check]) -> tuple[str, Check] | None:
    """The check of a task of these names: the one of a very name, else the first whose glob takes one."""
    globs = (name for name in checks if any(fnmatchcase(own, name) for own in names))
    found = next((own for own in names if own in checks), None) or next(globs, None)
    return None if found is None else (found, checks[found])


def question(event: Event, task: TaskRef, run: Run | None, checks: Mapping[str, Check]) -> Question | None:
    """What is to be asked about a task that is said to have ended well; None where no check is for it."""
    found = None if _is_whole_array(event) else chosen(_names(event, task), checks)
    if found is None:
        return None
    name, check = found
    cwd = task.workdir or (run.cwd if run else event.run.cwd if event.run else "")
    outputs = _paths(event.facts, "output")
    return Question(
        check=name,
        cwd=cwd,
        seconds=check.seconds,
        kind=check.outputs or "",
        files=check.files or outputs,
        declared=not check.files,
        command=command_line(check, event, task, cwd),
        env_file=run.env_file if run else None,
    )


def _names(event: Event, task: TaskRef) -> list[str]:
    """What a task is called: its rule, process or job as it was announced, and its job as SLURM knows it."""
    named = event.facts.get("job_name")
    return [_process(event, task), *([named] if isinstance(named, str) else [])]


def _process(event: Event, task: TaskRef) -> str:
    return str(event.facts.get("process") or task.name)


def _is_whole_array(event: Event) -> bool:
    """An array as a whole has nothing of its own to show: each of its elements is checked."""
    return event.source == "poll" and "state" not in event.facts


def command_line(check: Check, event: Event, task: TaskRef, cwd: str) -> str:
    """The command with what its placeholders stand for, each file and name quoted for the shell; empty for none."""
    outputs, inputs = _paths(event.facts, "output"), _paths(event.facts, "input")
    known: dict[str, tuple[str, ...]] = {
        "outputs": check.files or outputs,
        "inputs": inputs,
        "task": (task.name,),
        "process": (_process(event, task),),
        "job": (task.native_id or "",),
        "workdir": (cwd,),
    }

    def filled(found: re.Match[str]) -> str:
        # a glob of the user's own is the shell's to expand; what an engine names is taken as it is
        plain = found[1] == "outputs" and bool(check.files)
        return " ".join(word if plain else shlex.quote(word) for word in known[found[1]])

    return _PLACEHOLDER.sub(filled, check.command or "")


def judged(event: Event, task: TaskRef, asked: Question, answer: Answer) -> Event:
    """The event as the check leaves it: a refused result is a failure like any other, with the check's words."""
    if answer.good:
        return replace(event, facts={**event.facts, "checked": asked.check})
    said = answer.said.strip()[:_MOST_CHARS]
    if answer.good is None:
        kept = "unchecked" if answer.usual else "warning"
        return replace(event, facts={**event.facts, kept: f"check.{asked.check} says nothing: {said}"})
    first = said.partition("\n")[0].strip()[:_FIRST_CHARS] or "it gave no reason"
    message = f"heal: [check.{asked.check}] refuses the result of {task.name}: {first}\n{said}"
    facts = {**event.facts, "message": message, "check": asked.check}
    return replace(event, kind="task_failed", facts=facts)


def _paths(facts: Mapping[str, Any], which: str) -> tuple[str, ...]:
    said = facts.get(which)
    return tuple(path for path in said if isinstance(path, str)) if isinstance(said, list | tuple) else ()

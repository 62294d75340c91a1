"""The failed task really run again, changed: in a folder of its own, bounded, and told to nobody.

An engine's part says what is to be run (``Staging``), a runner runs it here or as a job (``Running``), and ``Replay``
puts the two together, one replay at a time for an incident.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from heal.errors import HealError, NotReplayable
from heal.jobs import JobFacts
from heal.patch import Draft, Trial
from heal.proving.asking import never
from heal.proving.made import compared
from heal.proving.tails import last_lines, tail_of
from heal.records import Attempt, Run

LOG, RESULT, SCRIPT, STARTED = "replay.log", "result", "replay.sh", "started"
# of a change that leaves the engine's own failure as it was
STILL = "it fails with the change as it did without"
_TAIL = 20
_TURN_S = 0.5
Stop = Callable[[], bool]
# what a task says that needs more than it has in a replay; that is not the change's fault
_NEEDS_MORE = (
    ("Read-only file system", "it writes where a replay lets nothing be written"),
    ("Munge encode failed", "it asks SLURM to start something, which would run outside of the replay"),
    ("srun: error: ", "it asks SLURM to start something, which would run outside of the replay"),
    ("sbatch: error: ", "it asks SLURM to start something, which would run outside of the replay"),
    ('s_p_parse_file: file "/dev/null" is empty', "it asks SLURM, which does not answer in a replay"),
    ("Cannot connect to the Docker daemon", "it needs Docker, which would write outside of the replay"),
    ("File size limit exceeded", "it writes more than a replay may"),
    ("bwrap: ", "bubblewrap does not work where it was run"),
    ("No space left on device", "there is no room for what it writes"),
)


@dataclass(frozen=True, slots=True)
class Failed:
    """What a patch is tried on: one failed task of an incident, its run and the environment that had.

    ``job``: what the scheduler said of it. ``siblings``: the outputs of tasks of the same process that ended well, each
    in the order in which the engine names them. ``done``: the tasks of the run that are known to have ended well.
    ``said``: the line that shows the cause, where it is the engine itself that failed and not a task; else empty.
    """

    incident: str
    run: Run
    attempt: Attempt
    env: Mapping[str, str] = field(default_factory=dict)
    job: JobFacts | None = None
    siblings: tuple[tuple[str, ...], ...] = ()
    done: tuple[Attempt, ...] = ()
    said: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """A task ready to be run again. Everything it makes lies below ``folder``.

    ``words`` run in ``cwd`` with ``env``. ``outputs`` are what it should make, by where that is found from outside, and
    ``logs`` what it may say more in. ``began`` tells by the text it printed whether the task itself was reached.
    ``own`` is the part of that text that is the task's. ``changed`` names what it wrote beyond its own folder, where
    nothing kept it from that; ``enclosed`` is whether something did, and ``lacking`` tells by the task's last words why
    it may have failed for that alone. ``reruns`` is what making it ready told of what runs again with the change.
    """

    folder: Path
    words: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str] = field(repr=False)
    outputs: tuple[Path, ...] = ()
    logs: tuple[Path, ...] = ()
    cpus: int = 1
    memory_mb: float | None = None
    enclosed: bool = True
    began: Callable[[str], bool] = lambda _text: True
    own: Callable[[str], str] = lambda text: text
    made: Callable[[str], tuple[Path, ...]] | None = None
    changed: Callable[[], tuple[str, ...]] = tuple
    lacking: Callable[[str], str] = lambda _text: ""
    reruns: str = ""


@dataclass(frozen=True, slots=True)
class Ran:
    """How it ended; ``code`` None: that is not known, or it was ended, and ``said`` is why."""

    code: int | None
    said: str = ""
    seconds: float = 0.0


class Staging(Protocol):
    """An engine's part: what runs the failed task of this engine again."""

    def act(self, draft: Draft, failed: Failed, folder: Path, *, stop: Stop) -> Act:
        """Make ``folder`` ready with all that the task needs. Raises ``NotReplayable``, saying why."""


class Running(Protocol):
    """Who runs it: this machine, or a scheduler."""

    def settle(self, root: Path, token: str) -> None:
        """End what an earlier call with this token began and nobody waited for. Raises where that cannot be told."""

    def run(self, act: Act, failed: Failed, token: str, seconds: float, *, stop: Stop) -> Ran:
        """Run it to its end, no longer than that, nor than ``stop`` lets it; all that it started ends with it.

        That it is tried is written down first, beside the act's folder. Raises ``HealError`` where nothing was run.
        """


class Replay:
    """Replays tasks: ``staging`` by the run's engine; ``runners`` by ``slurm`` and ``local``."""

    def __init__(self, staging: Mapping[str, Staging], runners: Mapping[str, Running], *, minutes: float) -> None:
        self._staging = staging
        self._runners = runners
        self._seconds = minutes * 60

    def tried(self, draft: Draft, failed: Failed, stop: Stop = never) -> Trial:
        """Run the failed task with the change, and compare what it makes; None where that cannot be done here.

        Takes as long as the task does, at most the minutes given (for a job in a queue: from its start), and as long
        as another replay for the incident takes that is going on.
        """
        began = time.monotonic()
        passed, said, reruns = self._tried(draft, failed, stop)
        return Trial("replay", passed, said, time.monotonic() - began, reruns)

    def _tried(self, draft: Draft, failed: Failed, stop: Stop) -> tuple[bool | None, str, str]:
        staging = self._staging.get(failed.run.engine)
        runner = self._runners.get("slurm" if failed.attempt.native_id else "local")
        if staging is None or runner is None:
            where = "as a job of its scheduler" if failed.attempt.native_id else "on this machine"
            return None, f"tasks of {failed.run.engine} cannot be replayed here {where}", ""
        root = draft.repository / ".heal" / "replay"
        try:
            with _alone(root, failed.incident, stop):
                return self._in(root / token_of(draft, failed), draft, failed, staging, runner, stop=stop)
        except (HealError, OSError) as error:
            return None, str(error), ""

    def _in(
        self, folder: Path, draft: Draft, failed: Failed, staging: Staging, runner: Running, *, stop: Stop
    ) -> tuple[bool | None, str, str]:
        runner.settle(folder.parent, folder.name)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        try:
            act = staging.act(draft, failed, folder, stop=stop)
            ran = runner.run(act, failed, folder.name, self._seconds, stop=stop)
            return *judged(act, ran, failed), act.reruns
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def token_of(draft: Draft, failed: Failed) -> str:
    """What a replay's job or processes carry: the same for the same change tried on the same incident of a repository.

    Copies of a repository have the same commits, and homes may have the same incidents.
    """
    where = hashlib.blake2b(os.fsencode(draft.repository), digest_size=4).hexdigest()
    return f"replay-{failed.incident}-{draft.commit[:12]}-{where}"


def judged(act: Act, ran: Ran, failed: Failed) -> tuple[bool | None, str]:
    """What came of it: exit code, time, what it made, the last lines of what it said."""
    text = last_lines(act.folder / LOG, 400)
    words = [_ended(ran, failed)]
    if not act.enclosed:
        words.append("without bubblewrap: what it was given could have been written to")
    if changed := act.changed():
        named = ", ".join(changed[:5])
        return None, "\n".join([*words, f"{named} changed meanwhile, by it or by others: it was only to read"])
    if ran.code != 0:
        return _not_well(act, ran, text, words)
    passed, said = compared(act.made(text) if act.made else act.outputs, failed.siblings, act.outputs)
    return passed, "\n".join([*words, *said])


def _not_well(act: Act, ran: Ran, text: str, words: Sequence[str]) -> tuple[bool | None, str]:
    logs = [last_lines(path, _TAIL) for path in act.logs]
    tail = "\n".join(filter(None, logs)) or tail_of(act.own(text), _TAIL)
    if ran.code is None:
        return None, "\n".join([*words, tail])
    if not act.began(text):
        return None, "\n".join([*words, "it ended before the task began", tail_of(text, _TAIL)])
    if why := needs_more(f"{text}\n{tail}") or act.lacking(f"{tail}\n{tail_of(act.own(text), _TAIL)}"):
        return None, "\n".join([*words, why, tail])
    return False, "\n".join([*words, tail])


def needs_more(text: str) -> str:
    """Why a task cannot run in a replay, by what it said; empty where nothing tells of that."""
    return next((why for said, why in _NEEDS_MORE if said in text), "")


def _ended(ran: Ran, failed: Failed) -> str:
    end = ran.said if ran.code is None else f"exit code {ran.code} after {ran.seconds:.0f} s"
    return f"{failed.attempt.name}: {end}"


@contextmanager
def _alone(root: Path, incident: str, stop: Stop) -> Iterator[None]:
    """One replay at a time for an incident: wait for the others. Raises ``NotReplayable`` where ``stop`` says so."""
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    ignore = root / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
    descriptor = os.open(root / f"{incident}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if stop():
                    raise NotReplayable(f"another replay for incident {incident} is going on") from error
                threading.Event().wait(_TURN_S)
        yield
    finally:
        os.close(descriptor)

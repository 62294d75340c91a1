"""Follows the logs of Snakemakes that take no logger plugin (7, 8 and the first of 9)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from heal.engines.log_following import Draft, FollowedLogs
from heal.engines.processes import open_files, process_alive
from heal.engines.snakemake_log import Recorder
from heal.errors import BadEvent
from heal.home.log_files import LogFile
from heal.records import Event
from heal.steps.intake import parse

ANNOUNCED = "snakemake_log"
_SUFFIX = ".snakemake.log"
_LINE_BYTES = 64 * 1024
# a block is over when nothing was added to it for so long; a process that is gone has written all by then
_QUIET_S, _GONE_S = 0.5, 2.0
# a process that cannot be looked at is over when its log stands still for so long
_FORGOTTEN_S = 2 * 86400.0
# a Snakemake names its log by the time at which it has read its own modules
_EARLIER, _LATER = timedelta(seconds=2), timedelta(minutes=2)


class SnakemakeLogs(FollowedLogs["_Followed"]):
    """The log seam. ``clock`` gives the time in UTC, ``ticks`` monotonic seconds."""

    def __init__(self, clock: Callable[[], datetime], ticks: Callable[[], float] = time.monotonic) -> None:
        def of(said: Event) -> _Followed | None:
            announced = said.kind == ANNOUNCED and said.run is not None and isinstance(said.facts.get("folder"), str)
            return _Followed(said, clock, ticks) if announced else None

        super().__init__(of)


class _Followed:
    """One log: looked for, read on, and over when its process is gone."""

    def __init__(self, said: Event, clock: Callable[[], datetime], ticks: Callable[[], float]) -> None:
        assert said.run is not None  # noqa: S101 - for the reader of types
        self._said, self._run = said, said.run
        self._clock, self._ticks = clock, ticks
        self._file: LogFile | None = None
        self._recorder: Recorder | None = None
        self._offset = 0
        self._grew = ticks()
        self.path: Path | None = None
        self.over = False
        self.trouble = ""
        self.told: list[Event] = []

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def read_on(self, others: Sequence[_Followed]) -> None:
        """Take what was written since."""
        if self.over or self.trouble:
            return
        gone = self._gone()
        if self._file is None:
            taken = frozenset(one.path for one in others if one.path)
            self._open(self._found(taken, gone=gone is True))
        if self._file is None:
            # what ended before it began a log has nothing to say here
            self.over = gone is True or (gone is None and self._ticks() - self._grew > _FORGOTTEN_S)
            return
        self._read(self._file, gone)

    def _gone(self) -> bool | None:
        if not self._run.pid:
            return None
        alive = process_alive(self._run.pid, str(self._said.facts.get("host") or ""), self._said.time + _LATER)
        return None if alive is None else not alive

    def _open(self, path: Path | None) -> None:
        self._file = LogFile.open(path) if path else None
        if path is None or self._file is None:
            return
        self.path = path
        # <folder>/.snakemake/log/<time>.snakemake.log
        self._recorder = Recorder(clock=self._ticks, folder=str(path.parents[2]))
        facts = {name: self._said.facts.get(name) for name in ("parent", "host", "env_file")}
        self._tell(Draft("run_started", None, {**facts, "log": str(path)}, "", 0, 2))

    def _found(self, others: frozenset[Path], *, gone: bool) -> Path | None:
        """The log that the process holds open; of one that is gone, the first that was begun then."""
        held = [path for path in open_files(self._run.pid or 0) if path.name.endswith(_SUFFIX)]
        if held or not gone:
            return held[0] if held else None
        folder = Path(str(self._said.facts["folder"])) / ".snakemake" / "log"
        since, until = self._said.time - _EARLIER, self._said.time + _LATER
        near = [(at, path) for path in folder.glob(f"*{_SUFFIX}") if (at := opened(path)) and since <= at <= until]
        return min((one for one in near if one[1] not in others), default=(None, None))[1]

    def _read(self, file: LogFile, gone: bool | None) -> None:
        assert self._recorder is not None  # noqa: S101 - for the reader of types
        drafts: list[Draft] = []
        for offset, line in file.lines(_LINE_BYTES):
            self._grew, self._offset = self._ticks(), offset + len(line) + 1
            drafts += self._recorder.feed(offset, line)
        quiet = self._ticks() - self._grew if file.at_end else 0.0
        if quiet > _QUIET_S:
            drafts += self._recorder.flush()
        drafts += self._recorder.due()
        if (gone and quiet > _GONE_S) or (gone is None and quiet > _FORGOTTEN_S):
            drafts += self._recorder.gone(self._offset)
            self.over = True
        for draft in drafts:
            self._tell(draft)

    def _tell(self, draft: Draft) -> None:
        run: dict[str, Any] = {"id": self._run.id, "engine": "snakemake", "cwd": self._run.cwd, "pid": self._run.pid}
        run |= {"argv": list(self._run.argv)} if draft.kind == "run_started" else {}
        at = self._said.time if draft.kind == "run_started" else _moment(draft.stamp) or self._clock()
        event: dict[str, Any] = {"v": 1, "kind": draft.kind, "time": at.astimezone(UTC).isoformat()}
        event |= {"source": "snakemake", "run": run, "facts": draft.facts}
        if draft.task is not None:
            event["task"] = {"log_paths": [str(self.path)], **draft.task}
        try:
            line = json.dumps(event).replace("\\u0000", "")
            self.told.append(parse(f"smklog:{self._run.id}:{draft.offset}:{draft.n}:{draft.kind}", line))
        except BadEvent:
            # a name that no event can hold: the rest of the run is told all the same
            return


def opened(path: Path) -> datetime | None:
    """When a log was opened, by its name: local time without colons."""
    try:
        return datetime.strptime(path.name.removesuffix(_SUFFIX), "%Y-%m-%dT%H%M%S.%f").astimezone()
    except ValueError:
        return None


def _moment(stamp: str) -> datetime | None:
    try:
        return datetime.strptime(stamp, "%a %b %d %H:%M:%S %Y").astimezone()
    except ValueError:
        return None

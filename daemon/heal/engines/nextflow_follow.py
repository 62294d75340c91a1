"""Follows the logs of Nextflow runs in which heal's plugin does not speak, and gives what it would have told."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from heal.engines.log_following import Draft, FollowedLogs
from heal.engines.nextflow_asked import Requests, Resolving
from heal.engines.nextflow_files import RULES_BYTES
from heal.engines.nextflow_log import Recorder
from heal.engines.nextflow_records import LINE_BYTES, Assembler, moment
from heal.engines.nextflow_workdir import WorkDir, workdir
from heal.engines.processes import process_alive
from heal.errors import BadEvent
from heal.home.log_files import LogFile, named, text_of
from heal.records import Event, Run
from heal.steps.intake import parse

ANNOUNCED = "nextflow_log"
# the plugin, where it was attached, has told of the run by then; a log begun by then was begun by who announced it
_PLUGIN_S, _UNNAMED_S = 10.0, 15.0
# a message is over when nothing was added to it for so long; a process that is gone has written all by then
_QUIET_S, _GONE_S = 0.5, 2.0
# a process that cannot be looked at has begun its log by then
_UNSEEN_S = 120.0
_EARLIER, _LATER = timedelta(seconds=5), timedelta(minutes=2)
# a run on a host that cannot be looked at, whose log stands still
_FORGOTTEN_S = 2 * 86400.0
_ROTATED = 10
_HEAD_BYTES, _SCRIPT_BYTES = 64 * 1024, 256 * 1024
_PROCESS = re.compile(r"^ +Process: (\d+)@", re.MULTILINE)
_STAMP = re.compile(r"\S{3,12}-\d\d \d\d:\d\d:\d\d\.\d{3}")


class NextflowLogs(FollowedLogs["_Followed"]):
    """The log seam. ``known`` gives a run of the store by its id, ``clock`` the time in UTC.

    ``resolving`` asks Nextflow for the configuration of a run, if what failed tasks asked for here is to be known.
    """

    def __init__(
        self,
        known: Callable[[str], Run | None],
        clock: Callable[[], datetime],
        ticks: Callable[[], float] = time.monotonic,
        *,
        resolving: Resolving | None = None,
    ) -> None:
        def of(said: Event) -> _Followed | None:
            announced = said.kind == ANNOUNCED and said.run is not None and isinstance(said.facts.get("log"), str)
            return _Followed(said, known, clock, ticks, resolving) if announced else None

        super().__init__(of)


class _Followed:
    """One log: looked for, read on, and over when its run is."""

    def __init__(
        self,
        said: Event,
        known: Callable[[str], Run | None],
        clock: Callable[[], datetime],
        ticks: Callable[[], float],
        resolving: Resolving | None,
    ) -> None:
        assert said.run is not None  # noqa: S101 - for the reader of types
        self._said, self._run = said, said.run
        kept = said.facts.get("env_file")
        env_file = kept if isinstance(kept, str) else None
        self._requests = Requests(resolving, said.run.argv, said.run.cwd, env_file) if resolving else None
        self._known = known
        self._clock, self._ticks = clock, ticks
        self._file: LogFile | None = None
        self._assembler = Assembler()
        self._recorder = Recorder(clock=ticks, look=self._look)
        self._drafts: list[Draft] = []
        self._grew = ticks()
        self._ready: float | None = None
        self._started = self._speaks = False
        self.over = False
        self.trouble = ""
        self.told: list[Event] = []

    @property
    def pid(self) -> int | None:
        """The process that writes the log."""
        return self._recorder.about.pid or self._run.pid

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def read_on(self, others: Sequence[_Followed]) -> None:
        """Take what was written since."""
        if self.over or self.trouble:
            return
        if self._file is None:
            self._file = self._found([one.pid for one in others if one.pid])
        if self._file is None:
            # what ended before it began a log has nothing to say here
            gone, waited = self._gone(), self._ticks() - self._grew
            self.over = bool(gone and waited > _UNNAMED_S) or (gone is None and waited > _UNSEEN_S)
            return
        self._read(self._file)
        self._speak()

    # --- finding it ------------------------------------------------------------------------------

    def _found(self, others: Sequence[int]) -> LogFile | None:
        """The log among those that Nextflow keeps: by the process that it names, else by when it was begun."""
        log = Path(str(self._said.facts["log"]))
        files = [LogFile.open(path) for path in (log, *(log.with_name(f"{log.name}.{n}") for n in range(1, _ROTATED)))]
        there = [(file, *_head(file, self._clock())) for file in files if file is not None]
        since = self._said.time - _EARLIER
        mine = [file for file, begun, pid in there if pid and pid == self._run.pid and (not begun or begun >= since)]
        if not mine and (self._ticks() - self._grew > _UNNAMED_S or self._gone()):
            # -bg and containers give it another process; where Nextflow found its settings wrong it names none
            near = [(begun, n) for n, (_, begun, pid) in enumerate(there) if begun and self._may(begun, pid, others)]
            mine = [there[min(near)[1]][0]] if near else []
        for file, _begun, _pid in there:
            if file not in mine[:1]:
                file.close()
        return mine[0] if mine else None

    def _may(self, begun: datetime, pid: int | None, others: Sequence[int]) -> bool:
        """True where a log that was begun then, by this process, may be the one that was announced."""
        return self._said.time - _EARLIER <= begun <= self._said.time + _LATER and pid not in others

    def _gone(self) -> bool | None:
        """True when the process is surely gone; None where that cannot be told from here."""
        about = self._recorder.about
        by = self._said.time + _LATER
        alive = process_alive(about.pid, about.host, by) if about.pid else None
        if alive is None and self._run.pid:
            # in a container it has another number and another host: who started it is here
            alive = process_alive(self._run.pid, str(self._said.facts.get("host") or ""), by)
        return None if alive is None else not alive

    # --- reading it ------------------------------------------------------------------------------

    def _read(self, file: LogFile) -> None:
        for offset, line in file.lines(LINE_BYTES):
            self._grew = self._ticks()
            for record in self._assembler.feed(offset, line):
                self._drafts += self._recorder.feed(record)
        quiet = self._ticks() - self._grew if file.at_end else 0.0
        if quiet > _QUIET_S:
            for record in self._assembler.flush():
                self._drafts += self._recorder.feed(record)
        self._drafts += self._recorder.due()
        # who started it may be gone long before it says who it is itself
        patience = _GONE_S if self._recorder.about.pid else _UNNAMED_S
        gone = self._gone() if quiet > patience else False
        if gone or (gone is None and quiet > _FORGOTTEN_S):
            self._drafts += self._recorder.gone()

    def _look(self, name: str) -> WorkDir:
        """The folder of a task, by its path or by its short hash."""
        base = self._recorder.about.work_dir
        path: Path | None = Path(name)
        if not name.startswith("/"):
            first, _, rest = name.partition("/")
            path = named(Path(base) / first, rest) if base.startswith("/") else None
        if path is None:
            return WorkDir("")
        run, script = (text_of(path / f".command.{kind}", _SCRIPT_BYTES) for kind in ("run", "sh"))
        return workdir(str(path), run, script)

    # --- telling it ------------------------------------------------------------------------------

    def _speak(self) -> None:
        about, over = self._recorder.about, self._recorder.over
        if about.preview or self._is_told():
            self._drafts, self.over = [], True
            return
        if self._ready is None and (about.ready or self._drafts):
            self._ready = self._ticks()
        expected = about.id and (about.plugin or self._said.facts.get("plugin") is True)
        if self._ready is None or (expected and not self._speaks and self._ticks() - self._ready < _PLUGIN_S):
            return
        self._speaks = True
        if not self._started:
            self._started = True
            self._tell(self._beginning())
        for draft in self._drafts:
            self._tell(draft)
        self._drafts, self.over = [], over and not self._recorder.holding

    def _is_told(self) -> bool:
        """True where the plugin tells of this run: it keeps the environment in a file of its own."""
        run = self._known(self._recorder.about.id) if self._recorder.about.id else None
        return run is not None and bool(run.host) and run.env_file != self._said.facts.get("env_file")

    def _beginning(self) -> Draft:
        said = {name: self._said.facts.get(name) for name in ("parent", "host", "env_file")}
        facts = {**said, **self._recorder.about.facts(self._run.cwd)}
        return Draft("run_started", None, facts, self._recorder.about.stamp, self._recorder.about.offset)

    def _tell(self, draft: Draft) -> None:
        about, now = self._recorder.about, self._clock()
        run: dict[str, Any] = {"id": about.id or self._run.id, "engine": "nextflow", "cwd": self._run.cwd}
        run |= {"pid": self.pid} | ({"argv": list(self._run.argv)} if draft.kind == "run_started" else {})
        at = moment(draft.stamp, now) or (self._said.time if draft.kind == "run_started" else now)
        event: dict[str, Any] = {"v": 1, "kind": draft.kind, "time": at.astimezone(UTC).isoformat()}
        event |= {"source": "nextflow", "run": run, "facts": {**draft.facts, **self._asked(draft)}}
        if draft.task is not None:
            logs = draft.task.get("log_paths") or [str(self._said.facts["log"])]
            event["task"] = {**draft.task, "log_paths": logs}
        try:
            line = json.dumps(event).replace("\\u0000", "")
            self.told.append(parse(f"nflog:{run['id']}:{draft.offset}:{draft.n}", line))
        except BadEvent:
            # a name that no event can hold: the rest of the run is told all the same
            return

    def _asked(self, draft: Draft) -> dict[str, Any]:
        """What a failed task asked for on this machine, of which nothing is in its folder."""
        facts = draft.facts
        here = draft.kind == "task_failed" and facts.get("executor") == "local" and not facts.get("asked")
        file, requests = self._file, self._requests
        if not here or draft.task is None or requests is None or file is None:
            return {}
        asked = requests.of(
            str(facts.get("process")),
            draft.task["attempt"],
            lambda: file.head(RULES_BYTES).decode(errors="replace"),
        )
        return {"asked": asked}


def _head(file: LogFile, now: datetime) -> tuple[datetime | None, int | None]:
    """When a log was begun, and the process that writes it, as far as its first lines tell."""
    text = file.head(_HEAD_BYTES).decode(errors="replace")
    stamp, process = _STAMP.match(text), _PROCESS.search(text)
    return (moment(stamp[0], now) if stamp else None), (int(process[1]) if process else None)

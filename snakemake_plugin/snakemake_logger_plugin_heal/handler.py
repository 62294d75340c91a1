"""The log handler that Snakemake starts: its edges to the process, and nothing that could hurt a run."""

from __future__ import annotations

import logging
import os
import socket
import sys
import threading
import time
import traceback
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from snakemake_interface_logger_plugins.base import LogHandlerBase

from snakemake_logger_plugin_heal import process
from snakemake_logger_plugin_heal.asking import terms
from snakemake_logger_plugin_heal.in_flight import InFlight
from snakemake_logger_plugin_heal.recorder import GRACE_S, Draft, Recorder
from snakemake_logger_plugin_heal.spool import Spool, spool_folder

# for failed.sh, which an onerror of the workflow may call: the process that tells by itself
_TELLS = "HEAL_TELLS"


class LogHandler(LogHandlerBase):
    """Writes what happens to a run and its jobs to heal's spool (docs/wire.md).

    Never raises, never prints but one line when the spool cannot be written, and says nothing of invocations that run
    no job (dry runs, ``--unlock``, ``--lint``, drawings, listings).
    """

    writes_to_stream = False
    writes_to_file = False
    has_filter = True
    has_formatter = True
    needs_rulegraph = False

    def __post_init__(self) -> None:
        """Take down what this process is; nothing is written yet."""
        self._silent = True
        self._started = False
        self._guard = threading.RLock()
        self._timer: threading.Timer | None = None
        self._in_flight: InFlight | None = None
        try:
            self._run = {"id": str(uuid.uuid4()), "engine": "snakemake", "cwd": os.getcwd(), "pid": os.getpid()}  # noqa: PTH109 - as text
            self._spool = Spool(spool_folder(os.environ))
            self._recorder = Recorder(clock=time.monotonic, cwd=os.getcwd)
            self._silent = bool(self.common_settings.dryrun) or not process.runs_jobs(sys.argv[1:])
            if not self._silent:
                os.environ[_TELLS] = str(os.getpid())
            self._heal_in_flight()
        except Exception as error:  # noqa: BLE001 - a guest does not hurt its host
            self._complain(error)

    def _heal_in_flight(self) -> None:
        agreed = terms(os.environ, os.fspath(self._spool.folder), str(self._run["cwd"]))
        if agreed is not None and not self._silent:
            self._in_flight = InFlight(agreed, self._ask)
            self._in_flight.arm()

    def emit(self, record: logging.LogRecord) -> None:
        """Tell heal what the record means for it."""
        if self._silent:
            return
        try:
            with self._guard:
                self._take(record)
        except Exception as error:  # noqa: BLE001 - an emit that raises would end the thread all loggers share
            self._complain(error)

    def close(self) -> None:
        """Tell how the run ended: called once all records are through, while Snakemake's exception still flies."""
        with suppress(Exception):
            if self._in_flight is not None:
                self._in_flight.disarm()
        with suppress(Exception):
            self._finish()
        super().close()

    def _take(self, record: logging.LogRecord) -> None:
        if str(getattr(getattr(record, "event", None), "value", "")) == "workflow_started":
            self._start(getattr(record, "snakemake_version", None))
        self._write(self._recorder.feed(record))
        if self._recorder.holding and self._timer is None:
            self._set_the_clock()

    def _ask(self, names: Mapping[str, str], until: str) -> list[str]:
        """Write the failures of these jobs as questions: their names. Raises where nothing is told any more."""
        with self._guard:
            if self._silent:
                raise RuntimeError("heal does not follow this run")
            drafts = self._recorder.ask(names, until)
            self._write(drafts)
        return [str(facts["asks"]) for _, _, facts in drafts if "asks" in facts]

    def _finish(self) -> None:
        if self._silent:
            return
        self._silent = True
        with self._guard:
            if self._timer is not None:
                self._timer.cancel()
            if isinstance(sys.exc_info()[1], KeyboardInterrupt):
                self._recorder.interrupt()
            drafts = self._recorder.end(_crash(), _log_files())
            # nothing started and nothing wrong: the workflow was never asked to run
            if self._started or any(kind == "task_failed" for kind, _, _ in drafts):
                self._write(drafts)

    def _write(self, drafts: Sequence[Draft]) -> None:
        for kind, task, facts in drafts:
            self._start(None)
            self._event(kind, facts, task)

    def _start(self, version: str | None) -> None:
        if self._started:
            return
        self._started = True
        facts = {
            "parent": os.environ.get("HEAL_RUN"),
            "host": socket.gethostname(),
            "version": version,
            "env_file": self._spool.environment(str(self._run["id"]), process.environment()),
        }
        self._event("run_started", facts, None, argv=process.argv())

    def _event(self, kind: str, facts: dict[str, Any], task: dict[str, Any] | None, **of_run: Any) -> None:
        event = {
            "v": 1,
            "kind": kind,
            "time": datetime.now(UTC).isoformat(),
            "source": "snakemake",
            "run": self._run | of_run,
            "facts": facts,
        }
        if task is not None:
            event["task"] = task
        self._spool.event(event)

    def _set_the_clock(self) -> None:
        self._timer = threading.Timer(GRACE_S + 0.1, self._on_time)
        self._timer.daemon = True
        self._timer.start()

    def _on_time(self) -> None:
        try:
            with self._guard:
                self._timer = None
                if not self._silent:
                    self._write(self._recorder.due())
                    if self._recorder.holding:
                        self._set_the_clock()
        except Exception as error:  # noqa: BLE001 - as in emit
            self._complain(error)

    def _complain(self, error: Exception) -> None:
        self._silent = True
        os.environ.pop(_TELLS, None)
        with suppress(Exception):
            sys.stderr.write(f"heal: cannot follow this run ({error!r}); the run goes on\n")


def _crash() -> str | None:
    error = sys.exc_info()[1]
    if error is None or (isinstance(error, SystemExit) and not error.code):
        return None
    # Snakemake reports errors itself: one that comes this far was raised while it reported the one that counts
    return "".join(traceback.format_exception(error.__context__ or error))


def _log_files() -> list[str]:
    handlers = logging.getLogger("snakemake.logging").handlers
    return [handler.baseFilename for handler in handlers if isinstance(handler, logging.FileHandler)]

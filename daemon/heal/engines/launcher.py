"""Starts commands for heal, each token at most once, and finds out later whether that happened."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from heal.engines.attach import attach
from heal.engines.processes import command_lines
from heal.errors import CannotApply, HealError, SchedulerUnreachable
from heal.journal import Applied
from heal.shipped import shipped


class Launches(Protocol):
    """Who starts commands."""

    def start(self, token: str, argv: Sequence[str], *, cwd: str, env: Mapping[str, str], parent: str) -> Applied:
        """Start ``argv`` as the launch ``token``, unless that was started before. Raises ``CannotApply``."""

    def find(self, token: str) -> Applied | None:
        """What is known of a launch; None when it surely never was.

        Raises ``SchedulerUnreachable`` where that cannot be told.
        """


def launch_argv(
    launch: str, home: Path, spool: Path, argv: Sequence[str], *, parent: str | None = None, must_claim: bool = False
) -> list[str]:
    """The command line that starts ``argv`` as the launch of that id (``hooks/launch.py`` says what that means)."""
    options = ["--id", launch, "--home", str(home), "--spool", str(spool)]
    options += ["--parent", parent] if parent else []
    options += ["--must-claim"] if must_claim else []
    return [sys.executable, "-I", str(shipped("hooks") / "launch.py"), *options, "--", *argv]


class Launcher:
    """Launches by ``hooks/launch.py``: they outlive heal, and tell the spool how they began and ended.

    ``foreground``: they have this process's terminal. Else they run in a session of their own, read nothing and write
    to ``<log_dir>/<token>.log``. ``attached``: the shims stand before the programs again, for an engine whose command
    line does not say by itself that it is to speak to heal.
    """

    def __init__(self, home: Path, spool: Path, *, foreground: bool, log_dir: Path, attached: bool = False) -> None:
        self._home = home
        self._spool = spool
        self._foreground = foreground
        self._log_dir = log_dir
        self._attached = attached

    def start(self, token: str, argv: Sequence[str], *, cwd: str, env: Mapping[str, str], parent: str) -> Applied:
        """Start it unless it was started before: then say what came of that."""
        before = self.find(token)
        if before is not None:
            return before
        job = env.get("SLURM_JOB_ID")
        if env.get("HEAL_SUBMITTED") and job != os.environ.get("SLURM_JOB_ID"):
            raise CannotApply(f"the run was driven from SLURM job {job}: submit that job again")
        words = launch_argv(token, self._home, self._spool, argv, parent=parent, must_claim=True)
        full = {
            **self._environment(env),
            "HEAL_HOME": str(self._home),
            "HEAL_SPOOL": str(self._spool),
            "HEAL_RUN": token,
        }
        try:
            child = self._popen(words, cwd, full, token)
        except OSError as error:
            raise CannotApply(f"cannot start {argv[0]} in {cwd}: {error}") from error
        # taken in as soon as it ends, so that it never stays behind as a zombie
        threading.Thread(target=child.wait, name=f"launch-{token}", daemon=True).start()
        return Applied(token, pid=child.pid, detail=self._where(token))

    def find(self, token: str) -> Applied | None:
        """Look for its claim, then for a launch that has not come to claim yet."""
        path = self._home / "launches" / f"{token}.json"
        try:
            claim = _claim(path)
        except FileNotFoundError:
            starting = _starting(token)
            return Applied(token, pid=starting, detail=self._where(token)) if starting else None
        except OSError as error:
            raise SchedulerUnreachable(f"cannot read {path}: {error}") from error
        return Applied(token, pid=claim.get("child") or claim.get("pid"), detail=self._where(token))

    def _environment(self, env: Mapping[str, str]) -> Mapping[str, str]:
        if not self._attached:
            return env
        told = env.get("HEAL_IN_FLIGHT")
        try:
            seconds = None if told is None else float(told or 0)
        except ValueError:
            seconds = 0.0
        try:
            return attach(self._home / "attach", env, spool=self._spool, in_flight_s=seconds)
        except (OSError, HealError) as error:
            # nobody would tell what became of it
            raise CannotApply(f"cannot write {self._home / 'attach'}: {error}") from error

    def _popen(self, words: Sequence[str], cwd: str, env: Mapping[str, str], token: str) -> subprocess.Popen[bytes]:
        if self._foreground:
            return subprocess.Popen(words, cwd=cwd, env=dict(env))
        self._log_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._log(token), os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as log:
            return subprocess.Popen(
                words,
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _log(self, token: str) -> Path:
        return self._log_dir / f"{token}.log"

    def _where(self, token: str) -> str:
        return "" if self._foreground else f"its output goes to {self._log(token)}"


def _claim(path: Path) -> Mapping[str, int | None]:
    """The pids of a claim. Raises OSError."""
    try:
        content = json.loads(path.read_bytes())
    except ValueError:
        # taken this very moment, or by a process that died while writing: taken all the same
        return {}
    pids = content if isinstance(content, dict) else {}
    return {name: value if isinstance(value, int) else None for name, value in pids.items()}


def _starting(token: str) -> int | None:
    for pid, words in command_lines():
        # what follows -- is the command's own
        options = words[: words.index("--")] if "--" in words else words
        if any(word.endswith("launch.py") for word in options) and token in options:
            return pid
    return None

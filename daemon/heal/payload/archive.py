"""What was sent to models, kept byte for byte beside the project: ``.heal/payloads/<incident>/<n>-<role>.json``, 0600.

A file holds the messages and a manifest of what they disclose: files with their lines, lines of logs, and of hidden
secrets the kinds. What the placeholders stand for is written nowhere: a Redactor keeps that in memory, and with it ends
what could be read from an archive. Files are made whole or not at all, and the oldest go.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from heal.dialogue import Message
from heal.errors import HealError
from heal.home import places
from heal.payload.build import Payload

FOLDER = "payloads"
_MOST, _MOST_OF_ALL = 60, 2000
_AGE = timedelta(days=60)
_NAME = re.compile(r"(?P<number>\d{1,6})-(?P<role>[\w-]{1,60})\.json")
_WORD = re.compile(r"[^\w-]")
_TRIES = 1000


@dataclass(frozen=True, slots=True)
class Sent:
    """One payload that was sent: when, by which role, its messages, and the manifest of what they disclose."""

    path: Path
    time: str
    role: str
    messages: tuple[Message, ...]
    manifest: dict[str, Any]


class Archive:
    """The payloads of one project."""

    def __init__(self, project: Path) -> None:
        self._project = project

    def keep(self, incident: str, role: str, payload: Payload, now: datetime) -> Path:
        """Write a payload down; to be called before it is sent. Raises HealError where that cannot be done."""
        word = _WORD.sub("_", role)[:60] or "role"
        text = json.dumps(_shape(incident, role, payload, now), ensure_ascii=True, indent=1) + "\n"
        try:
            folder = self._folder(incident, make=True)
            path = _written(folder, word, text.encode())
        except OSError as error:
            raise HealError(
                f"what is to be sent cannot be kept in {self._project}/.heal/{FOLDER}: {error}. Nothing was sent; "
                "make room there, or make it yours."
            ) from error
        self._tidy(now)
        return path

    def sent(self, incident: str) -> tuple[Sent, ...]:
        """What was sent about an incident, the first first; a file that cannot be read is left out."""
        try:
            files = sorted(self._folder(incident, make=False).iterdir(), key=lambda file: (_number(file), file.name))
        except OSError:
            return ()
        return tuple(one for file in files if (one := _read(file)))

    def _folder(self, incident: str, *, make: bool) -> Path:
        name = _WORD.sub("_", incident) or "none"
        if not make:
            return self._project / ".heal" / FOLDER / name
        folder = places.of_project(self._project) / FOLDER / name
        places.private_folder(folder)
        return folder

    def _tidy(self, now: datetime) -> None:
        """Take away what is old, and of one incident and of all what is too many."""
        top = self._project / ".heal" / FOLDER
        found = sorted((file for file in top.glob("*/*.json")), key=_age)
        oldest = (now - _AGE).timestamp()
        gone = [file for file in found if _age(file) < oldest]
        gone += found[: max(0, len(found) - _MOST_OF_ALL)]
        by_folder: dict[Path, list[Path]] = {}
        for file in found:
            by_folder.setdefault(file.parent, []).append(file)
        for files in by_folder.values():
            gone += sorted(files, key=_number)[: max(0, len(files) - _MOST)]
        for file in dict.fromkeys(gone):
            file.unlink(missing_ok=True)
        for folder in by_folder:
            try:
                folder.rmdir()
            except OSError:
                continue


def manifest(payload: Payload) -> dict[str, Any]:
    """What a payload discloses, and how much of each part it holds and leaves out."""
    return {
        "tokens": payload.tokens,
        "parts": [{"name": one.name, "tokens": one.tokens, "left_out": one.left_out} for one in payload.parts],
        "files": [{"path": one.path, "first": one.start, "last": one.last} for one in payload.shown],
        "logs": [{"source": source, "lines": [list(run) for run in runs]} for source, runs in payload.log_lines],
        "hidden": dict(payload.hidden),
    }


def _shape(incident: str, role: str, payload: Payload, now: datetime) -> dict[str, Any]:
    return {
        "v": 1,
        "time": now.astimezone(UTC).isoformat(),
        "incident": incident,
        "role": role,
        "messages": [{"role": each.role, "content": each.text} for each in payload.messages],
        "manifest": manifest(payload),
    }


def _written(folder: Path, role: str, data: bytes) -> Path:
    """The next free number; whole under its name at once, whoever else writes there. Raises OSError."""
    temporary = folder / f".{os.getpid()}-{os.urandom(4).hex()}"
    number = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        following = max((_number(file) for file in folder.iterdir()), default=0) + 1
        for taken in range(following, following + _TRIES):
            path = folder / f"{taken}-{role}.json"
            # a number belongs to one payload, whatever its role
            if any(_number(file) == taken for file in folder.iterdir()):
                continue
            try:
                os.link(temporary, path)
            except FileExistsError:
                continue
            return path
    finally:
        temporary.unlink(missing_ok=True)
    raise FileExistsError(f"{folder} holds too many")


def _number(file: Path) -> int:
    found = _NAME.fullmatch(file.name)
    return int(found["number"]) if found else 0


def _age(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


def _read(file: Path) -> Sent | None:
    if not _NAME.fullmatch(file.name):
        return None
    try:
        found = json.loads(file.read_bytes())
        messages = tuple(Message(each["role"], each["content"]) for each in found["messages"])
        return Sent(file, found["time"], found["role"], messages, found["manifest"])
    except (OSError, ValueError, KeyError, TypeError):
        return None

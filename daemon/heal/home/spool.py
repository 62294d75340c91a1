"""The folder where events arrive, one file each, renamed into place by whoever saw something."""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from heal import whole_file
from heal.home.places import private_folder

_serial = count()

# its age tells when it was last listened here (docs/in-flight.md)
LISTENING = ".listening"
# an event is a few kB; what is larger is not read into memory
MAX_BYTES = 4 * 1024 * 1024


class Spool:
    """One spool folder. Its files are named so that the order of names is the order of writing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(self) -> None:
        """Make the folder, and those above it that are missing, readable by their owner only. Raises OSError."""
        private_folder(self.folder)

    def attend(self, wait_s: float = 0.0) -> None:
        """Show that somebody listens here and answers: an engine asks only where this was done a moment ago.

        ``wait_s``: how long an engine may wait that was told nothing of its own when it was started.
        """
        said = f"{wait_s:g}\n" if wait_s > 0 else ""
        mark = self.folder / LISTENING
        with suppress(OSError):
            if not mark.exists() or mark.read_bytes() != said.encode():
                whole_file.put(mark, said)
            mark.touch(mode=0o600)

    def waiting(self) -> list[Path]:
        """The files to be taken, in order. Empty when the folder is not there."""
        try:
            names = sorted(entry.name for entry in os.scandir(self.folder) if entry.name.endswith(".json"))
        except FileNotFoundError:
            return []
        return [self.folder / name for name in names if not name.startswith(".")]

    def read(self) -> Iterator[tuple[Path, str | None]]:
        """Each waiting file with its text; None where it cannot be read as text of a sensible size."""
        for path in self.waiting():
            yield path, _text(path)

    def done(self, path: Path) -> None:
        """The event is stored: remove its file."""
        path.unlink(missing_ok=True)

    def bad(self, path: Path, why: str) -> None:
        """Keep a file that is no event beside the spool, with the reason."""
        folder = self.folder / "bad"
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder / path.name).with_suffix(".why").write_text(why + "\n", encoding="utf-8")
        path.replace(folder / path.name)

    def drop(self, kind: str, facts: Mapping[str, Any], *, source: str = "person") -> str:
        """Write an event of a person (an answer, a project) as any other writer would; its id."""
        self.create()
        now = datetime.now(UTC)
        event = {"v": 1, "kind": kind, "time": now.isoformat(), "source": source, "facts": dict(facts)}
        name = f"{time.time_ns():020d}-{os.getpid()}-{next(_serial)}"
        hidden = self.folder / f".{name}.tmp"
        hidden.write_text(json.dumps(event) + "\n", encoding="utf-8")
        hidden.rename(self.folder / f"{name}.json")
        return name


def _text(path: Path) -> str | None:
    try:
        seen = path.lstat()
        # a pipe would be waited for, a link leads anywhere, a device has no end
        if not stat.S_ISREG(seen.st_mode) or seen.st_size > MAX_BYTES:
            return None
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None

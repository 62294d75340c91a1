"""Small JSON files in a folder of the user's own, bounded in age and number; losing it loses time, nothing else."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from heal import whole_file
from heal.home import places

_AT = "at"


class JsonFolder:
    """What is put in can be had again until it is ``oldest`` old or ``most`` others are newer.

    Nothing here raises for what the disk does: what cannot be kept is not kept. Names are made of hexadecimal digits.
    """

    def __init__(self, path: Path, clock: Callable[[], datetime], *, most: int, oldest: timedelta) -> None:
        self._path = path
        self._clock = clock
        self._most = most
        self._oldest = oldest

    def get(self, name: str) -> Mapping[str, Any] | None:
        """What was put in under that name; None where there is nothing, or nothing fresh enough."""
        with suppress(OSError, ValueError, KeyError, TypeError, OverflowError):
            row = json.loads(self._file(name).read_bytes())
            age = self._clock() - datetime.fromisoformat(row[_AT])
            # what is later than now was written before the clock was set back
            if timedelta() <= age < self._oldest:
                return {key: value for key, value in row.items() if key != _AT}
        return None

    def put(self, name: str, row: Mapping[str, Any]) -> None:
        """Keep something under a name, in place of what was there."""
        with suppress(OSError):
            places.private_folder(self._path)
            if self._path.stat().st_uid != os.geteuid():
                return
            whole_file.put(self._file(name), json.dumps({**row, _AT: self._clock().isoformat()}))
            self._tidy()

    def _file(self, name: str) -> Path:
        return self._path / f"{name}.json"

    def _tidy(self) -> None:
        found = sorted(self._path.iterdir(), key=_age_of, reverse=True)
        for file in found[self._most :]:
            file.unlink(missing_ok=True)


def _age_of(file: Path) -> int:
    with suppress(OSError):
        return file.stat().st_mtime_ns
    return 0

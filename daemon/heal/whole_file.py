"""A file that whoever reads it finds whole: as it was, or as it is."""

from __future__ import annotations

import os
import re
import stat
import time
import uuid
from contextlib import suppress
from pathlib import Path

# who writes stands in the name: after a kill it is what tells that nobody does any more
_HIDDEN = re.compile(r"\.heal-(\d+)@(.+)\.[0-9a-f]{32}")
# a small file is written in a moment; of another host's processes only their age can be told
_BEGUN_S, _ELSEWHERE_S = 60.0, 7 * 86_400.0


def put(path: Path, content: str | bytes, *, mode: int = 0o600, masked: bool = True) -> None:
    """Write it in place of what is there; nothing half made is left. Raises OSError.

    ``masked``: the user's umask counts, as for a file that they make themselves. What a heal that was killed left in
    this folder goes.
    """
    data = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
    clear(path.parent)
    hidden = path.with_name(f".heal-{os.getpid()}@{_host()}.{uuid.uuid4().hex}")
    descriptor = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode if masked else 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            if not masked:
                os.fchmod(descriptor, mode)
        hidden.replace(path)
    except BaseException:
        hidden.unlink(missing_ok=True)
        raise


def clear(folder: Path) -> None:
    """Take away what ``put`` left here half made, where the process that wrote it is gone."""
    now = time.time()
    with suppress(OSError):
        for entry in os.scandir(folder):
            if found := _HIDDEN.fullmatch(entry.name):
                with suppress(OSError):
                    seen = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(seen.st_mode) and _is_left(int(found[1]), found[2], now - seen.st_mtime):
                        Path(entry.path).unlink()


def _is_left(pid: int, host: str, age_s: float) -> bool:
    if host != _host():
        return age_s > _ELSEWHERE_S
    return age_s > _BEGUN_S and not Path("/proc", str(pid)).exists()


def _host() -> str:
    return os.uname().nodename

"""A file that whoever reads it finds whole: as it was, or as it is."""

from __future__ import annotations

import os
import uuid
from pathlib import Path


def put(path: Path, text: str, *, mode: int = 0o600) -> None:
    """Write it in place of what is there; nothing half made is left. Raises OSError."""
    hidden = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    descriptor = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        hidden.replace(path)
    except BaseException:
        hidden.unlink(missing_ok=True)
        raise

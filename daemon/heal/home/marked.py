"""heal's lines in a file of somebody else's: a block between two marks, put in once and taken out without a trace."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable
from pathlib import Path

from heal import whole_file
from heal.errors import HookRefused

BEGIN, END = "# heal hooks: begin", "# heal hooks: end"
_BLOCK = re.compile(rf"^{BEGIN}\n(?:(?!{BEGIN}).*\n)*?{END}(?:\n|\Z)", re.MULTILINE)


def block(text: str) -> re.Match[str] | None:
    """Where heal's block is in it, if it is."""
    return _BLOCK.search(text)


def with_block(text: str, own: Iterable[str]) -> str:
    """The file with these lines in heal's block at its end; a block that is there is replaced where it is."""
    lines = "\n".join([BEGIN, *own, END])
    if found := block(text):
        return text[: found.start()] + lines + ("\n" if found[0].endswith("\n") else "") + text[found.end() :]
    # a file whose last line has no end gets a block whose last line has none either: so it can be told apart
    return f"{text}\n{lines}" if text and not text.endswith("\n") else f"{text}{lines}\n"


def without_block(text: str) -> str:
    """The file as it was before heal's block came into it."""
    found = block(text)
    if found is None:
        return text
    before = text[: found.start()]
    if not found[0].endswith("\n"):
        before = before.removesuffix("\n")
    return before + text[found.end() :]


def read(path: Path) -> str:
    """The text of such a file, every byte of it kept. Raises HookRefused."""
    try:
        # a pipe or a device may never end
        if not stat.S_ISREG(path.stat().st_mode):
            raise HookRefused(f"{path} cannot be read: it is no regular file")
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except OSError as error:
        raise HookRefused(f"{path} cannot be read: {error}") from error


def replace(path: Path, text: str) -> None:
    """Put another text in its place, owner and mode kept, and a link to it. Raises OSError, and leaves it then."""
    path = path.resolve()
    seen = path.stat()
    whole_file.put(path, text, mode=stat.S_IMODE(seen.st_mode), masked=False)
    if os.geteuid() == 0:
        os.chown(path, seen.st_uid, seen.st_gid)

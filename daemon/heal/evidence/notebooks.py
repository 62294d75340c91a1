"""An executed notebook as lines: what its cells printed and raised, each in the line of the file that holds it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import BinaryIO

from heal.evidence.linewise import MOST, stream

NOTEBOOK = ".ipynb"
# a text that stands alone in its line, as all that is printed or raised does
_TEXT = re.compile(rb'\s*("(?:[^"\\]|\\.)*"),?\s*')
_CODE, _END = re.compile(rb'\s*"source": \[\s*'), re.compile(rb"\s*\],?\s*")


def said_in(raw: BinaryIO) -> BinaryIO:
    """What a notebook says, in as many lines as it has; its code is left out, which may name any failure."""
    return stream(_spoken(raw))


def _spoken(raw: BinaryIO) -> Iterator[bytes]:
    is_code = False
    while line := raw.readline(MOST):
        end = b"\n" if line.endswith(b"\n") else b""
        if is_code or _CODE.fullmatch(line):
            is_code = not _END.fullmatch(line)
            yield end
        else:
            yield _plain(line) + end


def _plain(line: bytes) -> bytes:
    """What stands between the quotes; line ends in it are those of a progress bar, which number no line."""
    alone = _TEXT.fullmatch(line)
    if not alone:
        return line.rstrip(b"\n")
    try:
        text = str(json.loads(alone[1]))
    except ValueError:
        return line.rstrip(b"\n")
    return text.rstrip("\n").replace("\n", "\r").encode("utf-8", "replace")

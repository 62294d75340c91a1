"""The files of code that a Python text writes to, as far as its words say."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from heal.guard.code_files import runs_as_code
from heal.guard.python_names import Names, text_of

_WRITERS = frozenset({"write_text", "write_bytes"})
_COPIERS = frozenset({"copy", "copy2", "copyfile", "move", "rename", "replace", "symlink_to", "symlink", "link"})


def code_written(call: ast.Call, names: Names) -> str:
    """The file of code that a call writes to; empty for any other call."""
    texts = [text for place in _places(call) for text in _texts(place, names)]
    return next((text for text in texts if text == "__file__" or runs_as_code(text)), "")


def _places(call: ast.Call) -> list[ast.expr]:
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    last = call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
    if last == "open":
        # the place stands first in the brackets, or before the dot
        modes = [*call.args, *(one.value for one in call.keywords if one.arg == "mode")]
        writes = any(re.fullmatch(r"[rbtU]*[wax+][wax+bt]*", text_of(one)) for one in modes)
        return [*call.args[:1], *([owner] if owner else [])] if writes else []
    if last in _WRITERS and owner:
        return [owner]
    if last not in _COPIERS or (last == "replace" and len(call.args) > 1 and ast.unparse(call.func) != "os.replace"):
        return []
    return [*call.args[-1:], *(one.value for one in call.keywords if one.arg in {"dst", "target"})]


def _texts(place: ast.expr, names: Names) -> Iterator[str]:
    yield from names.texts_of(place)
    for one in ast.walk(place):
        if isinstance(one, ast.Name):
            yield from names.texts.get(one.id, ())
            yield one.id

"""What a person sees of a patch: the change with its words marked, a mail for git am, the text of a pull request."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, TextIO

from heal.cli.visible import visible

if TYPE_CHECKING:
    from rich.text import Text

    from heal.patch import Draft
    from heal.patches.pull_request import Facts
    from heal.patches.repository import Repository

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
# below this two lines have so little in common that marking words in them tells nothing
_ALIKE = 0.4
_STYLES = {"-": ("red", "bold reverse red"), "+": ("green", "bold reverse green")}


def print_diff(repository: Repository, draft: Draft, out: TextIO | None = None, width: int | None = None) -> None:
    """Print what a patch changes: coloured on a terminal; else the exact patch, byte for byte, that git apply takes."""
    file = out or sys.stdout
    text = repository.diff(draft)
    if not file.isatty():
        _exact(file, text)
        return
    from rich.console import Console

    console = Console(file=file, width=width, highlight=False, soft_wrap=False)
    for line in coloured(text):
        console.print(line, overflow="fold")


def print_export(repository: Repository, draft: Draft, out: TextIO | None = None) -> None:
    """Print the mail that ``git am --keep-cr`` takes, byte for byte."""
    _exact(out or sys.stdout, repository.export(draft))


def print_pull_request(draft: Draft, facts: Facts, out: TextIO | None = None) -> None:
    """Print the text of a pull request."""
    from heal.patches.pull_request import body

    _exact(out or sys.stdout, body(draft, facts))


def coloured(diff: str) -> Iterator[Text]:
    """A unified diff as lines for a terminal. The sign at the begin tells what a line is; colour says it again.

    Signs that would steer the terminal are shown, not sent.
    """
    from rich.text import Text
    from unidiff.errors import UnidiffParseError
    from unidiff.patch import PatchSet

    try:
        files = PatchSet(diff)
    except UnidiffParseError:
        files = PatchSet("")
    if not any(len(file) for file in files):  # a mode or a binary file: nothing in it has words
        yield from (Text(visible(line)) for line in diff.splitlines())
        return
    for file in files:
        yield Text(visible(f"{file.path}  +{file.added} -{file.removed}"), style="bold")
        yield from (
            Text(visible(each), style="dim") for each in str(file.patch_info or "").split("\n") if _telling(each)
        )
        for hunk in file:
            yield Text(f"@@ line {hunk.target_start} @@", style="dim")
            yield from _hunk([(line.line_type, line.value) for line in hunk])


def _telling(head: str) -> bool:
    return head.startswith(("old mode", "new mode", "new file", "deleted file"))


def _hunk(lines: Sequence[tuple[str, str]]) -> Iterator[Text]:
    """The lines of a hunk; those that took each other's place are compared word by word."""
    from rich.text import Text

    at = 0
    while at < len(lines):
        kind, text = lines[at]
        if kind not in _STYLES:
            yield Text(f"{kind} {visible(text)}" if kind != "\\" else visible(f"\\ {text.strip()}"))
            at += 1
            continue
        gone = _run(lines, at, "-")
        came = _run(lines, at + len(gone), "+")
        pairs = dict(zip(range(len(gone)), came, strict=False))
        yield from (_marked("-", line, pairs.get(n)) for n, line in enumerate(gone))
        yield from (_marked("+", line, gone[n] if n < len(gone) else None) for n, line in enumerate(came))
        at += len(gone) + len(came)


def _run(lines: Sequence[tuple[str, str]], at: int, kind: str) -> list[str]:
    end = at
    while end < len(lines) and lines[end][0] == kind:
        end += 1
    return [visible(text) for _kind, text in lines[at:end]]


def _marked(kind: str, line: str, other: str | None) -> Text:
    """One line; the words that the other does not have stand out."""
    from rich.text import Text

    plain, strong = _STYLES[kind]
    shown = Text(f"{kind} ", style=plain)
    mine, theirs = _WORDS.findall(line), _WORDS.findall(other or "")
    matcher = SequenceMatcher(None, mine, theirs, autojunk=False)
    if other is None or matcher.ratio() < _ALIKE:
        return shown.append(line)
    for what, begin, end, _begin, _end in matcher.get_opcodes():
        shown.append("".join(mine[begin:end]), style=plain if what == "equal" else strong)
    return shown


def _exact(out: TextIO, text: str) -> None:
    """Write bytes where there is a stream of bytes below: a file that is no UTF-8 comes out as it is."""
    raw = getattr(out, "buffer", None)
    if raw is None:
        out.write(text)
        return
    out.flush()
    raw.write(text.encode("utf-8", "surrogateescape"))
    raw.flush()

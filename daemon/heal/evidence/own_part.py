"""Nextflow's log, of which only what may be about one task is read: it holds what became of all of them.

What another task said before it failed would be taken for the cause of one that said nothing. The records are those
that ``heal.engines.nextflow_records`` reads; which task one is about it says in its first lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from heal.evidence.linewise import MOST, stream

_HEAD = re.compile(
    rb"\S{3,12}-\d\d \d\d:\d\d:\d\d\.\d{3} \[.*?\] (?:TRACE|DEBUG|INFO|WARN|ERROR) +[\w.$]+ - (.*)", re.DOTALL
)
_NAMED = re.compile(rb"Error executing process > '(.*)'\s*")
_SHORT = re.compile(rb"\[(\w\w/\w{6})\] ")
_FOLDER = re.compile(
    rb"Task [\w-]+ > TaskHandler\[.*; workDir: (.*)|Process `[^`]*` is unable to find \[\w+\]: `([^`]*)`", re.DOTALL
)
_OF_TASK = re.compile(rb"  task: name=.*; work-dir=(.*?)\s*", re.DOTALL)


def of_task(name: str, folder: str) -> Callable[[BinaryIO], BinaryIO]:
    """Reads what is not said of another task than the one of this name and folder, in as many lines as it has."""
    own, path = (text.encode("utf-8", "replace") for text in (name, folder))
    short = "/".join((Path(folder).parent.name, Path(folder).name[:6])).encode()

    def others(line: bytes) -> bool | None:
        """Whether the line begins what is said of another one; None where it goes on."""
        if (head := _HEAD.match(line)) is None:
            told = _OF_TASK.fullmatch(line)
            return told[1] != path if told else None
        if named := _NAMED.fullmatch(head[1]):
            return named[1] != own
        if tagged := _SHORT.match(head[1]):
            return tagged[1] != short
        placed = _FOLDER.match(head[1])
        return placed is not None and not (placed[1] or placed[2]).startswith(path)

    return lambda raw: stream(_without(others, raw))


def _without(others: Callable[[bytes], bool | None], raw: BinaryIO) -> Iterator[bytes]:
    is_other = False
    while line := raw.readline(MOST):
        begins = others(line)
        is_other = is_other if begins is None else begins
        yield b"\n" * line.endswith(b"\n") if is_other else line

"""What lies beside a task's logs: scripts, settings, data. They are shown, never searched: no word of them happened."""

from __future__ import annotations

from pathlib import Path

from heal.cases import Evidence, Passage
from heal.evidence.textfile import TextFile

# a script longer than this is a program, and its end tells no more about the task
BYTES = 16_000


def beside(path: Path, source: str) -> Evidence:
    """The beginning of the file, as evidence without hits."""
    text = TextFile(path)
    for block in text.blocks():
        kept = block.raw[:BYTES].decode("utf-8", "replace").removesuffix("\n")
        notes = ("clipped: only its beginning is shown",) if len(block.raw) > BYTES else ()
        return Evidence(source, (Passage(block.line, kept),), notes=("not a log: not searched", *notes))
    return Evidence(source, notes=("not a log: not searched", *text.notes))

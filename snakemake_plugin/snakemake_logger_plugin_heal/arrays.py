"""Elements of job arrays, of which the SLURM executor (seen in 2.8.0) says other things than happened.

It names a log that is nowhere (the real one lies a folder higher), and lets the job of each element wait for the files
of the first one: an element that made all its own files fails with a file missing that was never its to make.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

_WAITED_FOR = re.compile(r"^(?P<file>\S.*) \(missing locally")
_MISSING = "MissingOutputException in rule "
_FINISHED = "Finished jobid: "


def is_element(native_id: str | None) -> bool:
    """Tell whether SLURM's id is that of an array's element."""
    return native_id is not None and re.fullmatch(r"\d+_\d+", native_id) is not None


def logs_of(path: str) -> tuple[str, ...]:
    """Where an element's log may lie: where it really is written, then where the executor says."""
    folder, name = os.path.split(path)
    return os.path.join(os.path.dirname(folder), name), path  # noqa: PTH118, PTH120 - as text: it need not exist


def blamed_for(text: str, outputs: Sequence[str]) -> str | None:
    """The other element's file that this one failed for, by the end of its log; None where that is not so."""
    before, found, after = text.rpartition(_MISSING)
    if not found or _FINISHED not in before:
        return None
    missing = [line["file"] for line in map(_WAITED_FOR.match, after.splitlines()) if line]
    return missing[0] if missing and not set(missing) & set(outputs) else None


def sentence(native_id: str, other: str) -> str:
    """What heal says of it; the pattern engine/snakemake_array knows it."""
    return f"heal: array element {native_id} made its own files, and failed for {other}, which another element makes"

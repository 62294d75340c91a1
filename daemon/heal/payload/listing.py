"""The paths of a repository as a model is told of them: bounded, and many names of one shape as one line. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

_MOST_LISTED = 150
# so many names of one shape say no more than their number does
_MANY = 5
# what tells runs of one thing apart: a number, or a hash
_COUNTED = re.compile(r"(?<![0-9A-Za-z])(?=[a-f]*\d)[0-9a-f]{6,}(?![0-9A-Za-z])|\d+")


def listing(paths: Sequence[str]) -> tuple[str, ...]:
    """The paths nearest to the root first, then by name; the same for every failure of the project."""
    shapes: dict[str, list[str]] = {}
    for path in paths:
        shapes.setdefault(_COUNTED.sub("*", path), []).append(path)
    counts: dict[str, int] = {}
    for shape, names in shapes.items():
        many = len(names) >= _MANY
        counts |= {f"{shape} ({len(names):,} files)": len(names)} if many else dict.fromkeys(names, 1)
    near = sorted(counts, key=lambda told: (len(PurePosixPath(told).parts), told))
    left_out = sum(counts[told] for told in near[_MOST_LISTED:])
    more = (f"… {left_out:,} more paths left out",) if left_out else ()
    return (*sorted(near[:_MOST_LISTED]), *more)

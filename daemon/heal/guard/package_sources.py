"""Where a software environment gets its packages from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_LISTS = re.compile(r"(?i)(?:.*/)?(?:[^/]*requirements?[^/]*\.(?:txt|in)|constraints?[^/]*\.txt|[^/]*\.pin\.txt)")
_FROM = re.compile(
    r"(?i)(?:git|hg|svn|bzr)\+[\w+]*:|\b[a-z][a-z0-9+.]*://[^/\s]*|\bfile:|@|^\s*\.{0,2}/|\.(?:whl|tar\.\w+|zip)\b"
    r"|^\s*-(?:[eircf]\b|-(?:index-url|extra-index-url|find-links|trusted-host|editable|requirement|constraint|pre|no-index))"
)
_CHANNEL = re.compile(r"^([\w./:-]+?)(?:/[\w-]+)?::")
# the two that the field shares; which of them is used is still asked about
_SHARED = frozenset({"conda-forge", "bioconda", "nodefaults"})
_KEYS = re.compile(r"(?i)(?:^|[._-])(?:index[_-]?url|extra[_-]index[_-]urls?|find[_-]links|indexes|sources)\b")


def lists_packages(path: str) -> bool:
    """True for a plain list of packages by its name."""
    return _LISTS.fullmatch(path) is not None


def of_data(leaves: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, str]]:
    """The settings of an environment file that name a source, with the source."""
    for path, value in leaves:
        text = str(value)
        if re.search(r"(?:^|\.)channels(?:\[\])?(?:\.\w+)?$", path):
            if text not in _SHARED:
                yield path, text
        elif _KEYS.search(path):
            yield path, text
        elif "dependencies" in path and (source := _source(text)):
            yield path, source


def of_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a list of packages that name a source, with the source."""
    for number, line in enumerate(text.split("\n"), start=1):
        if source := _source(re.sub(r"(?:^|\s)#.*", "", line)):
            yield number, source


def _source(text: str) -> str:
    """For an address its host, so that another package from there is nothing new; else the whole entry."""
    channel = _CHANNEL.match(text)
    if channel:
        return "" if channel[1] in _SHARED else channel[1]
    found = _FROM.search(text)
    if not found:
        return ""
    return found[0] if text.startswith(found[0]) and "://" in found[0] and "+" not in found[0] else text

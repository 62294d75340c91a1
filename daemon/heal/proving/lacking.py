"""What a task had to do without in an enclosure, by its own words: the network, and folders that are not shown."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from pathlib import Path

NETWORK = "it needs the network, which a replay has not"
_NETWORK = re.compile(
    r"resolve (?:the )?host|resolve proxy|name resolution|name or service not known|no such host\b|getaddrinfo|gaierror"
    r"|no address associated|unknown ?host|resolving timed out|EAI_AGAIN|ENOTFOUND"
    r"|network is unreachable|no route to host|host is unreachable|ENETUNREACH|EHOSTUNREACH"
    r"|connection refused|ECONNREFUSED|connection failed|failed to connect|(?:could not|cannot|can't|couldn't) connect"
    r"|failed to establish a new connection|max retries exceeded|cannot open url|dial tcp"
    r"|timed out|connection timeout|connect timeout|ConnectTimeout|ETIMEDOUT",
    re.IGNORECASE,
)
_PATH = re.compile(r"(?<![\w.~/$-])(?:~|/)[^\s'\"`:;,()<>\[\]{}|*?]+")


def network(text: str) -> str:
    """Why a task may have failed that speaks of the network in vain; empty where it does not."""
    return NETWORK if _NETWORK.search(text) else ""


def unseen(text: str, places: Sequence[str], shown: Sequence[str], home: Path) -> tuple[str, ...]:
    """The paths of a text that lie below ``places``, and below nothing that is ``shown`` all the same."""
    named = (_full(found, home) for found in _PATH.findall(text))
    return tuple(dict.fromkeys(path for path in named if _below(path, places) and not _in(path, shown)))


def _full(path: str, home: Path) -> str:
    return posixpath.normpath(str(home) + path[1:] if path.startswith("~") else path).rstrip(".")


def _below(path: str, places: Sequence[str]) -> bool:
    return any(path.startswith(f"{place}/") for place in places)


def _in(path: str, places: Sequence[str]) -> bool:
    return _below(path, places) or path in places

"""Profiles of Snakemake: options of a command line, some of which are evaluated as code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_PLACE = re.compile(r"(?:.*/)?(?:profiles?|\.config/snakemake)/(?:.*/)?[^/]*\.ya?ml", re.IGNORECASE)
# options that no other configuration has at its top
_TELLING = frozenset(
    [
        "default-resources",
        "set-resources",
        "set-threads",
        "software-deployment-method",
        "use-conda",
        "use-singularity",
        "use-envmodules",
        "latency-wait",
        "printshellcmds",
        "rerun-incomplete",
        "rerun-triggers",
        "restart-times",
        "jobscript",
        "cluster-generic-submit-cmd",
        "default-storage-provider",
        "max-jobs-per-second",
    ]
)
# how much, how long and how many; what is printed. Any other option may run code or leave work out
_AMOUNTS = frozenset(
    [
        "cores",
        "jobs",
        "local-cores",
        "max-threads",
        "latency-wait",
        "max-jobs-per-second",
        "max-status-checks-per-second",
        "max-jobs-per-timespan",
        "seconds-between-status-checks",
        "set-threads",
        "set-resources",
        "default-resources",
        "resources",
        "set-scatter",
        "printshellcmds",
        "show-failed-logs",
        "use-conda",
        "conda-frontend",
        "use-envmodules",
        "use-singularity",
        "use-apptainer",
        "software-deployment-method",
        "verbose",
        "reason",
        "quiet",
        "jobname",
        "groups",
        "group-components",
    ]
)
_EVALUATED = frozenset({"set-resources", "default-resources", "set-threads", "resources", "set-scatter"})
_FREE = re.compile(r"(?:extra|args?|cmd|command|options|script|image|container)$")
_WORD = r"(?:\d+(?:\.\d+)?|attempt|threads|input\.size(?:_[mg]b)?|max|min|int|round|system_tmpdir)"
_SUM = re.compile(rf"[\s(]*{_WORD}(?:[\s()+*/,-]|{_WORD}(?!\w))*")
_NAME = re.compile(r"[A-Za-z0-9][\w.:-]{0,60}")


def is_profile(path: str, data: Any) -> bool:
    """True for a profile by its place, or by options that only a profile has."""
    return in_profiles(path) or (isinstance(data, Mapping) and not _TELLING.isdisjoint(map(str, data)))


def in_profiles(path: str) -> bool:
    """True for a path that lies where the engine looks for profiles."""
    return _PLACE.fullmatch(path) is not None


def beyond_amounts(leaves: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """The settings that are more than how much and how long."""
    for path, value in leaves:
        option = _plain(re.split(r"[.\[]", path, maxsplit=1)[0])
        wrong = option not in _AMOUNTS or (option in _EVALUATED and not _is_amount(path, str(value)))
        restarts = option == "rerun-incomplete" and value is True
        if wrong and not restarts:
            yield path, value


def _is_amount(path: str, value: str) -> bool:
    """``mem_mb=8000``, ``align:runtime=2h``, ``max(100, 2*input.size_mb)``; nothing that could call or look up more."""
    name, told, given = value.rpartition("=")
    name = name if told else path.rstrip("[]").rsplit(".", 1)[-1]
    given = given.strip().strip("\"'")
    named = re.fullmatch(r"[\w*.-]+(?::\w+)?", name.strip()) is not None
    return (
        named
        and not _FREE.search(name.strip())
        and "__" not in given
        and (_SUM.fullmatch(given) is not None or _NAME.fullmatch(given) is not None)
    )


def _plain(option: object) -> str:
    return str(option).replace("_", "-")

"""What a task asked for where its folder does not say: by the selectors that Nextflow said apply to its process.

A selector outranks what stands in the process itself. The process scope does not, so that what only it says is not
taken for the task's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from heal.engines import nextflow_overlay as overlay
from heal.engines.checking import environment
from heal.engines.nextflow_argv import CommandLine, read
from heal.engines.nextflow_config import Config, amount_of, rules
from heal.engines.nextflow_overlay import AMOUNTS, Given, Own, is_closure
from heal.errors import CannotApply

Resolving = Callable[[CommandLine, str, Mapping[str, str]], Config]

_NAMES = ("memory_mb", "time_min", "cpus")
# an amount, or one for each try; as it is or within nf-core's function
_CHECKED = re.compile(r"check_max\s*\((?P<body>.*),\s*['\"]\w+['\"]\s*\)", re.DOTALL)
_GROWS = re.compile(r"(?P<amount>[^*]*?)(?P<grows>\s*\*\s*task\.attempt)?")


class Requests:
    """Those of one launch: its configuration is asked for once, when the first of its tasks has failed."""

    def __init__(self, resolving: Resolving, argv: Sequence[str], cwd: str, env_file: str | None) -> None:
        self._resolving = resolving
        self._argv, self._cwd, self._env_file = argv, cwd, env_file
        self._known: tuple[Config, Mapping[str, Given]] | None = None
        self._owns: dict[str, Own] = {}

    def of(self, process: str, attempt: int, log: Callable[[], str]) -> dict[str, float]:
        """What a try of a process had, as far as it is sure. ``log`` gives the beginning of Nextflow's log."""
        if self._known is None:
            self._known = self._resolved()
        config, gifts = self._known
        if process not in self._owns:
            self._owns[process] = _by_selectors(config, process, log())
        own, given = self._owns[process], gifts.get(process, Given())
        asked = {name: _had(name, own, given, attempt) for name in _NAMES}
        return {name: amount for name, amount in asked.items() if amount is not None}

    def _resolved(self) -> tuple[Config, Mapping[str, Given]]:
        try:
            line = read(self._argv)
            gifts: dict[str, Given] = {}
            for path in line.overlays:
                text = (Path(self._cwd) / path).read_text(encoding="utf-8")
                gifts = overlay.merged(gifts, overlay.read_back(text))
        except (CannotApply, OSError, ValueError) as error:
            return Config(known=False, trouble=str(error)), {}
        return self._resolving(line, self._cwd, environment(self._env_file)), gifts


def amount_in(name: str, value: Any, attempt: int) -> float | None:
    """An amount as a configuration gives it, for this try; None where only Nextflow could tell."""
    if not is_closure(value):
        return amount_of(name, value)
    body = str(value)[1:-1].strip()
    body = checked["body"].strip() if (checked := _CHECKED.fullmatch(body)) else body
    found = _GROWS.fullmatch(body)
    one = amount_of(name, found["amount"].strip()) if found else None
    return one * attempt if one is not None and found and found["grows"] else one


def _by_selectors(config: Config, process: str, log: str) -> Own:
    """What selectors alone give a process, and the most that it may have."""
    scope = config.scope("process")
    found = [scope.get(rule) for rule in rules(log, process)]
    settings = {name: value for one in found if isinstance(one, Mapping) for name, value in one.items()}
    return Own(settings, config.own(process, log).ceilings)


def _had(name: str, own: Own, given: Given, attempt: int) -> float | None:
    """An amount of the selectors', or what a remedy gave as the overlay has it."""
    said = own.settings.get(AMOUNTS[name])
    theirs, ours = amount_in(name, said, attempt), given.amounts.get(name)
    if ours is not None:
        grows = "attempt" in str(said) if is_closure(said) else given.grows
        theirs = max(ours * attempt if grows else ours, theirs if is_closure(said) and theirs else 0.0)
    return min(theirs, own.ceilings[name].most) if theirs is not None and name in own.ceilings else theirs

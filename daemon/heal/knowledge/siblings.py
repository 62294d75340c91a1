"""The other tasks of a failed task's process: whether it failed alone, with all of them, or with those on one node."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from heal.cases import Finding, Sight

# of fewer nothing can be said
_LEAST = 3
_LEAST_ON_A_NODE = 2


@dataclass(frozen=True, slots=True)
class Sibling:
    """One attempt of a task of the process; ``ok`` is None while it runs, ``node`` empty where it is not known."""

    key: str
    ok: bool | None
    node: str = ""


def compared(process: str, own: Sibling, others: Sequence[Sibling]) -> tuple[Finding, ...]:
    """What the other attempts of the process tell of this failed one; nothing where fewer than three have ended."""
    attempts = [own, *(one for one in others if one != own)]
    ended = [one for one in attempts if one.ok is not None]
    # what came home in the end went well, however often it was tried
    well = {one.key for one in ended if one.ok}
    failed = {one.key for one in ended if not one.ok} - (well - {own.key})
    if len(well | failed) < _LEAST:
        return ()
    running = len({one.key for one in attempts} - well - failed)
    yet = f"; {running} have not ended" if running else ""
    found = []
    if failed == {own.key} and len(well - failed) >= _LEAST - 1:
        text = f"Only this one of {len(well | failed)} tasks of {process} failed; {len(well - failed)} went well{yet}."
        found.append(Finding(Sight.ALONE, own.key, text))
    elif len(failed) >= _LEAST and not well - failed:
        text = f"All {len(failed)} tasks of {process} that have ended failed{yet}."
        found.append(Finding(Sight.ALL_FAILED, process, text))
    return (*found, *_one_node(process, ended))


def _one_node(process: str, ended: Sequence[Sibling]) -> tuple[Finding, ...]:
    bad = Counter(one.node for one in ended if not one.ok)
    good = Counter(one.node for one in ended if one.ok and one.node)
    if len(bad) != 1 or not good:
        return ()
    node, failures = next(iter(bad.items()))
    if not node or failures < _LEAST_ON_A_NODE or good[node]:
        return ()
    nodes = f"{len(good)} other node{'s' if len(good) > 1 else ''}"
    text = f"All {failures} failures of {process} were on {node}; {good.total()} tasks went well on {nodes}."
    return (Finding(Sight.ONE_NODE, node, text),)

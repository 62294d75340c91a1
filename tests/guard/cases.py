"""Cases as data: what a patch changes, what tempted to it, and what the guard is to say."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from heal.guard.facts import Facts, UserChange
from heal.guard.inspecting import inspect
from heal.model_settings import Patches
from heal.patch import Edit, Objection, Patch

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    """One patch: the files before and after, what else is known, and what is expected.

    ``log`` is the end of what the task said, which a patch is made from.
    """

    name: str
    log: str
    before: dict[str, str | None]
    patch: Patch
    allowed: Patches
    facts: Facts
    expect: dict[str, Any]

    def objections(self) -> tuple[Objection, ...]:
        return inspect(self.before, self.patch, self.allowed, self.facts)


def files(folder: str) -> list[Path]:
    """The files of a folder's cases, by name: to collect the tests of many they need not be read."""
    return sorted((HERE / folder).glob("*.yaml"))


@cache
def cases(folder: str) -> tuple[Case, ...]:
    """All cases of a folder, by name."""
    return tuple(map(read, files(folder)))


def read(path: Path) -> Case:
    """The case of a file."""
    data = YAML(typ="safe", pure=True).load(path)
    files = data["files"]
    told = data.get("facts", {})
    changes = tuple(
        UserChange(one["path"], tuple(one["old"]), tuple(one["new"]), committed=one["committed"])
        for one in told.get("changes", [])
    )
    sets = {key: frozenset(value) for key, value in told.items() if key != "changes"}
    default = Patches()
    return Case(
        path.stem,
        data["log"],
        {one["path"]: one["before"] for one in files},
        Patch(tuple(Edit(one["path"], one["after"]) for one in files), "a change", "it heals"),
        Patches(allow=tuple(data.get("allow", default.allow)), deny=tuple(data.get("deny", ()))),
        Facts(changes=changes, **sets),
        data["expect"],
    )

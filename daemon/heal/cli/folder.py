"""Paths as a case, and the answer to it: what ``heal diagnose`` does, without its printing."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from heal.cases import Case, Evidence
from heal.evidence.scan import Scanner
from heal.knowledge.patterns import FixSpec, Library, load
from heal.knowledge.roles import Role, role
from heal.records import Diagnosis, FixKind, Label
from heal.shipped import shipped
from heal.steps.diagnose import diagnose

FACTS = "facts.json"
# what a folder of one failure never exceeds; beyond it somebody named their home by mistake
MOST_FILES = 2000
_SKIPPED = frozenset({".git", ".snakemake/conda", "node_modules", "__pycache__"})


_BY_LABEL = {
    Label.OUT_OF_MEMORY: FixSpec(FixKind.RESOURCES, resource="memory"),
    Label.TIME_LIMIT: FixSpec(FixKind.RESOURCES, resource="time"),
    Label.NODE_FAILURE: FixSpec(FixKind.RETRY, delay_s=60),
}


@dataclass(frozen=True, slots=True)
class Desk:
    """One library and one scanner, for any number of cases."""

    library: Library
    scanner: Scanner

    def answer(self, *paths: str) -> dict[str, Any]:
        """What is wrong with the one case that the paths are the evidence of; ``error`` where a path does not exist."""
        try:
            case = self.case(*paths)
        except FileNotFoundError as error:
            return {"path": " ".join(paths), "error": f"{error} does not exist"}
        return as_json(" ".join(paths), diagnose(case, self.library), self.library)

    def case(self, *paths: str) -> Case:
        """The case. Raises FileNotFoundError, naming the path, where one is neither file nor folder nor ``-``."""
        evidence: list[Evidence] = []
        facts: dict[str, Any] = {}
        for path in paths:
            evidence += self._evidence(path)
            facts |= _facts(Path(path, FACTS))
        code, state, engine = (facts.get(name) for name in ("exit_code", "slurm_state", "engine"))
        return Case(
            engine=engine if isinstance(engine, str) else "",
            evidence=tuple(evidence),
            exit_code=code if isinstance(code, int) else None,
            scheduler_state=state if isinstance(state, str) else None,
        )

    def _evidence(self, name: str) -> list[Evidence]:
        path = Path(name)
        if name == "-":
            return [self.scanner.text("-", sys.stdin.buffer.read().decode("utf-8", "replace"))]
        if path.is_dir():
            return [self._read(file, file.relative_to(path).as_posix()) for file in _files(path)]
        if not path.exists():
            raise FileNotFoundError(name)
        return [self.scanner.read(path, source=name)]

    def _read(self, path: Path, source: str) -> Evidence:
        # a script can be read whole and proves nothing: its place in the case is enough
        if role(source) is Role.OTHER:
            return Evidence(source, notes=("not a log: not searched",))
        return self.scanner.read(path, source=source)


def desk() -> Desk:
    """The patterns heal ships and the user's own, ready to look for."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "heal")
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    own = Path(os.environ.get("HEAL_HOME") or Path(state, "heal"), "patterns")
    library = load([shipped("patterns"), *([own] if own.is_dir() else [])], cache_dir=cache)
    return Desk(library, Scanner(library, cache))


def as_json(path: str, diagnosis: Diagnosis, library: Library) -> dict[str, Any]:
    """The documented, stable shape of an answer."""
    fix = fix_of(diagnosis, library)
    return {
        "path": path,
        "label": diagnosis.label.value if diagnosis.label else None,
        "confidence": diagnosis.confidence,
        "cause": diagnosis.cause,
        "root": asdict(diagnosis.root) if diagnosis.root else None,
        "pattern": diagnosis.pattern,
        "by": diagnosis.by,
        "fix": {name: value for name, value in asdict(fix).items() if value not in (None, "")} if fix else None,
        "explanation": diagnosis.explanation,
    }


def fix_of(diagnosis: Diagnosis, library: Library) -> FixSpec | None:
    """What heal would do about it: what the pattern says, else what goes with the label."""
    if diagnosis.label is None:
        return None
    pattern = library.get(diagnosis.pattern) if diagnosis.pattern else None
    if pattern and pattern.fix:
        return pattern.fitted(diagnosis.root.text) if diagnosis.root else pattern.fix
    return _BY_LABEL.get(diagnosis.label)


def _facts(path: Path) -> dict[str, Any]:
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _files(folder: Path) -> Iterator[Path]:
    """The files below, those nearest to the top first: what was handed over in person counts most."""
    found: list[Path] = []
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED)
        found += [Path(where, name) for name in names if name != FACTS]
        if len(found) >= MOST_FILES:
            break
    yield from sorted(found, key=lambda path: (len(path.parts), path.as_posix()))

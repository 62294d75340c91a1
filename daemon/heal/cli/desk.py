"""What was handed over as a case, and the answer to it: what ``heal diagnose`` does, without its printing."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from heal.cases import Case, Evidence
from heal.cli.handed import STDIN, Handed, handed, not_there
from heal.errors import HealError, NoSuchIncident, NothingThere
from heal.evidence.beside import beside
from heal.evidence.history import History
from heal.evidence.looking import Looker
from heal.evidence.notebooks import NOTEBOOK
from heal.evidence.scan import Scanner
from heal.knowledge.patterns import FixSpec, Library, load
from heal.knowledge.roles import Role, role
from heal.knowledge.surroundings import Surroundings
from heal.knowledge.usual_fixes import USUAL
from heal.records import Diagnosis, FixKind
from heal.shipped import shipped
from heal.steps.diagnose import diagnose
from heal.steps.look import declared_elsewhere, look

_INCIDENT = re.compile(r"[0-9a-f]{2,40}")


@dataclass(frozen=True, slots=True)
class Desk:
    """One library and one scanner, for any number of cases."""

    library: Library
    scanner: Scanner

    def answer(self, *words: str) -> dict[str, Any]:
        """What is wrong with the one case that the words name the evidence of; ``error`` where one names nothing."""
        try:
            return as_json(" ".join(words), *self.judged(*words), self.library)
        except HealError as error:
            return {"path": " ".join(words), "error": str(error)}

    def judged(self, *words: str) -> tuple[Case, Diagnosis]:
        """The case and its diagnosis.

        Raises NothingThere, naming the word that is no path, no job and no incident; NotOneJob of an array (handed).
        """
        try:
            case, around = self._case(*words)
        except NothingThere:
            if len(words) == 1 and _INCIDENT.fullmatch(words[0]) and (known := _of_incident(words[0])):
                return known
            raise
        first = diagnose(case, self.library)
        if first.label is None:
            return case, first
        if around is None:
            # a folder of texts from anywhere: what they say of each other
            texts = {one.source: one.text for one in case.evidence if role(one.source, one.text) is Role.OTHER}
            case = replace(case, findings=declared_elsewhere(case, first, texts))
        else:
            case = replace(case, findings=look(case, first, around, Looker(), History()))
        return case, diagnose(case, self.library)

    def case(self, *words: str) -> Case:
        """The case. Raises NothingThere, naming the word, where one is neither a path nor a job."""
        return self._case(*words)[0]

    def _case(self, *words: str) -> tuple[Case, Surroundings | None]:
        evidence: list[Evidence] = []
        facts: dict[str, Any] = {}
        job = around = None
        for word in words:
            if word == STDIN:
                evidence.append(self.scanner.stream(STDIN, sys.stdin.buffer))
                continue
            got = handed(word)
            evidence += self._read(got)
            facts |= got.facts
            job, around = got.job or job, got.around or around
        code, state, engine = (facts.get(name) for name in ("exit_code", "slurm_state", "engine"))
        case = Case(
            engine=engine if isinstance(engine, str) else "",
            evidence=tuple(evidence),
            job=job,
            exit_code=code if isinstance(code, int) else job.exit_code if job else None,
            scheduler_state=state if isinstance(state, str) else job.state_text if job else None,
        )
        return case, around

    def _read(self, got: Handed) -> Iterator[Evidence]:
        for path, source in got.files:
            maybe = path.suffix == NOTEBOOK or role(source) is not Role.OTHER
            found = self.scanner.read(path, source=source) if maybe else None
            # what a notebook is, is seen in it alone
            yield found if found and role(source, found.text) is not Role.OTHER else beside(path, source)


def desk() -> Desk:
    """The patterns that hold here: those heal ships, the site's and the user's own, ready to look for."""
    from heal.home.places import cache as cache_folder

    cache = cache_folder()
    library = load(pattern_folders(), cache_dir=cache)
    return Desk(library, Scanner(library, cache))


def pattern_folders() -> list[Path]:
    """Where the patterns that hold here lie; of two with one id the one of the later folder counts."""
    return [shipped("patterns"), *(folder for folder in _own() if folder.is_dir())]


def _own() -> list[Path]:
    # reading settings costs a third of this command's time: only where there are some
    if _configured():
        from heal.settings import load as settings

        here = settings(Path.cwd())
        return [*here.patterns.folders, here.home / "patterns"]
    from heal.home.places import home_folder

    return [home_folder(os.environ) / "patterns"]


def _configured() -> bool:
    here = Path.cwd()
    files = any((folder / "heal.toml").is_file() for folder in (here, *here.parents))
    return files or any(name.startswith("HEAL_") and "__" in name for name in os.environ)


def _of_incident(prefix: str) -> tuple[Case, Diagnosis] | None:
    """The newest diagnosis of an incident and what it was made from; None where heal has no store yet."""
    from heal.home import places
    from heal.journal import Diagnosed
    from heal.store import Store

    database = places.database(places.home_folder())
    if not database.exists():
        return None
    with Store.open(database, read_only=True) as store:
        try:
            one = store.incident(prefix)
        except NoSuchIncident as error:
            raise NothingThere(f"{not_there(prefix)}; and {error}") from error
        bodies = [entry.body for entry in reversed(store.journal(one.id))]
    newest = next((body for body in bodies if isinstance(body, Diagnosed)), None)
    return (Case(one.engine, newest.evidence, findings=newest.findings), newest.diagnosis) if newest else None


def as_json(path: str, case: Case, diagnosis: Diagnosis, library: Library) -> dict[str, Any]:
    """The documented, stable shape of an answer."""
    from heal.cli.shapes import looked_up

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
        "looked_up": looked_up(case.findings),
    }


def fix_of(diagnosis: Diagnosis, library: Library) -> FixSpec | None:
    """What heal would do about it: what the pattern says, else what goes with the label."""
    if diagnosis.label is None:
        return None
    if diagnosis.advice:
        return FixSpec(FixKind.ADVICE, text=diagnosis.advice)
    pattern = library.get(diagnosis.pattern) if diagnosis.pattern else None
    if pattern and pattern.fix:
        return pattern.fitted(diagnosis.root.text) if diagnosis.root else pattern.fix
    return USUAL.get(diagnosis.label)

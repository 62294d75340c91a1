"""From a failed attempt to its diagnosis: the logs are read, then what they speak of is looked up."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy.exc import SQLAlchemyError

from heal.cases import Case, Citation
from heal.errors import HealError
from heal.evidence.keeping import distilled, kept
from heal.evidence.templates import Ordinary
from heal.jobs import JobFacts, base_of
from heal.knowledge import snakefile_place
from heal.knowledge.graph import KnownTask
from heal.knowledge.siblings import Sibling
from heal.knowledge.surroundings import Surroundings, last_success
from heal.loop.habits import Habits
from heal.loop.parts import Parts
from heal.records import Attempt, Diagnosis, Label, Run
from heal.steps.diagnose import diagnose
from heal.steps.gather import gather
from heal.steps.look import look

# so many failures of one process make it worth asking where its other tasks ran
_MANY = 3
_MOST_ASKED = 60


class Inquiry:
    """Finds the cause of failures; a failure that heal's own reading breaks on is unknown, and stops nothing."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._habits = Habits(parts)

    def read(self, run: Run, attempt: Attempt, job: JobFacts | None) -> tuple[Case, Diagnosis]:
        """What the logs and the scheduler's facts say."""
        case = gather(attempt, job, self.logs(run, attempt, job), self._parts.reader, run.cwd)
        try:
            return case, diagnose(case, self._parts.library)
        except Exception as error:  # noqa: BLE001 - a log that heal's own reading breaks on is a failure all the same
            return case, Diagnosis(Label.UNKNOWN, f"heal failed to read this ({type(error).__name__}: {error})", 0.0)

    def logs(self, run: Run, attempt: Attempt, job: JobFacts | None) -> tuple[str, ...]:
        """The paths of the texts that may hold the cause."""
        engine = self._parts.engines.get(attempt.engine)
        own = engine.logs(run, attempt) if engine else attempt.log_paths
        return (*own, *(job.log_paths if job else ()))

    def looked(
        self,
        run: Run,
        attempt: Attempt,
        read: tuple[Case, Diagnosis],
        beside: Sequence[Attempt],
        jobs: Mapping[str, JobFacts],
    ) -> tuple[Case, Diagnosis]:
        """The same, once what it speaks of was looked up: files, programs, history, the tasks ``beside`` it.

        Of the evidence no more is left than is worth keeping.
        """
        case, first = read
        around = _surroundings(run, attempt, beside, jobs)
        if around.last_success is None:
            around = replace(around, last_success=self._parts.store.last_well(run, attempt))
        try:
            habits = self._habits.of(run, attempt, beside)
            if usual := _usual(case, habits):
                # what those lines name is none of this failure's, and is not looked up
                case = replace(case, usual=usual)
                first = diagnose(case, self._parts.library)
            found = look(case, first, around, self._parts.machine, self._parts.history)
            case = replace(case, findings=found)
            diagnosis = diagnose(case, self._parts.library)
            made = distilled(case.evidence, diagnosis, habits)
            return replace(case, evidence=kept(case.evidence, made)), self._placed(run, attempt, diagnosis, around)
        except (OSError, SQLAlchemyError, HealError):
            raise  # the store or the disk: nothing could be written now either
        except Exception as error:  # noqa: BLE001 - looking about is a help; without it the first diagnosis stands
            said = f"{read[1].explanation} Nothing could be looked up ({type(error).__name__}: {error})."
            return read[0], replace(read[1], explanation=said)

    def _placed(self, run: Run, attempt: Attempt, diagnosis: Diagnosis, around: Surroundings) -> Diagnosis:
        """With the line of the workflow that an error of Snakemake's own speaks of, where it is surely that one."""
        message = str(attempt.facts.get("message") or "")
        if attempt.engine != "snakemake" or attempt.key or diagnosis.label is None:
            return diagnosis
        sources = self._parts.machine.sources(replace(around, sources=snakefile_place.files(message)))
        texts = {path: sources[path] for path in sources if _is_workflow(path)}
        found = snakefile_place.place(message, texts)
        engine = self._parts.engines.get(attempt.engine)
        if found is None and engine and engine.takes_own(run):
            found = _target(message, texts, run.argv)
        if found is None:
            return diagnosis
        shown = replace(found, source=os.path.relpath(found.source, around.cwd) if around.cwd else found.source)
        return replace(diagnosis, citations=(*diagnosis.citations[:1], shown, *diagnosis.citations[1:]))


def _usual(case: Case, habits: Ordinary) -> frozenset[str]:
    """The lines that successful tasks say as well, as they are kept and as they are cited."""
    if not habits.templates:
        return frozenset()
    lines = {line for one in case.evidence for line in (*one.numbered().values(), *(hit.text for hit in one.hits))}
    return frozenset(line for line in lines if line in habits)


def _target(message: str, texts: Mapping[str, str], argv: Sequence[str]) -> Citation | None:
    # the workflow's own file comes first, then what it includes
    for path, text in list(texts.items())[:1]:
        if line := snakefile_place.target(message, text, argv):
            return Citation(path, line, text.splitlines()[line - 1].strip())
    return None


def _is_workflow(path: str) -> bool:
    return path.endswith(snakefile_place.ENDINGS)


def worth_asking(attempt: Attempt, beside: Sequence[Attempt]) -> list[Attempt]:
    """Of which attempts the scheduler should tell the node: of many failures of one process, those of its tasks."""
    arrays = {base_of(one.job) for one in beside if "_" in one.job}
    same = [
        one
        for one in beside
        if one.process == attempt.process and one.ok is not None and one.native_id and one.job not in arrays
    ]
    many = sum(not one.ok for one in same) >= _MANY
    return [attempt, *(one for one in same[:_MOST_ASKED] if one.id != attempt.id)] if many else [attempt]


def _surroundings(run: Run, attempt: Attempt, others: Sequence[Attempt], jobs: Mapping[str, JobFacts]) -> Surroundings:
    same = [one for one in others if one.process == attempt.process]
    return Surroundings(
        cwd=run.cwd,
        workdir=attempt.workdir or "",
        started=attempt.submitted,
        ended=attempt.ended,
        last_success=last_success(attempt.process, same),
        script=str(attempt.facts.get("shell") or ""),
        inputs=_paths(attempt, "input"),
        outputs=_paths(attempt, "output"),
        own=_sibling(attempt, jobs),
        siblings=tuple(_sibling(one, jobs) for one in same if one.id != attempt.id),
        task=attempt.name,
        tasks=tuple(_known(one) for one in others),
        contained=bool(attempt.facts.get("container")),
    )


def _sibling(attempt: Attempt, jobs: Mapping[str, JobFacts]) -> Sibling:
    job = jobs.get(attempt.job)
    return Sibling(attempt.key, attempt.ok, (job.nodes or "") if job else "")


def _known(attempt: Attempt) -> KnownTask:
    return KnownTask(
        attempt.name,
        outputs=_paths(attempt, "output"),
        inputs=_paths(attempt, "input"),
        ok=attempt.ok,
        job=attempt.native_id or "",
    )


def _paths(attempt: Attempt, which: str) -> tuple[str, ...]:
    said = attempt.facts.get(which)
    return tuple(path for path in said if isinstance(path, str)) if isinstance(said, list | tuple) else ()

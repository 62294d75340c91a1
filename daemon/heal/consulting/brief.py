"""From a matter to what the chain is given: the pipeline's files that bear on it, and all that may be told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from heal.cases import Case
from heal.chain.assignment import Assignment, Source
from heal.consulting.project import same_project
from heal.engines.checking import environment
from heal.evidence.history import History
from heal.journal import Body
from heal.knowledge.surroundings import Surroundings, last_success
from heal.patch import Draft
from heal.patches.repository import Repository
from heal.payload.context import Context, Material, changes_by, gather, read_text
from heal.payload.past import similar
from heal.payload.regions import Region
from heal.payload.tree import FolderTree
from heal.proving.replay import Failed
from heal.proving.siblings import done_of, siblings_of
from heal.records import Attempt, Incident
from heal.settings import Settings
from heal.steps.consult import Matter

# so many incidents are looked through for some that are alike
_MOST_PAST = 200
# the newest incidents, at most so many, of runs whose work folder is taken
Known = Callable[[Callable[[str], bool], int], Sequence[tuple[Incident, Sequence[Body]]]]


@dataclass(frozen=True, slots=True)
class Brief:
    """All that is known of one matter. ``repository`` holds the pipeline's files, ``env`` is the run's environment.

    ``beside`` are the tries of tasks of the same run, the newest first.
    """

    matter: Matter
    settings: Settings
    repository: Repository
    context: Context
    env: Mapping[str, str]
    beside: tuple[Attempt, ...] = ()

    @property
    def failed(self) -> Failed:
        """What a patch is tried on."""
        attempt = self.matter.attempts[-1]
        job = self.matter.jobs.get(attempt.job)
        root = self.matter.diagnosis.root
        return Failed(
            self.matter.incident.id,
            self.matter.run,
            attempt,
            self.env,
            job,
            siblings_of(attempt, self.beside),
            done_of(attempt.run_id, self.beside),
            # the engine's own failure has no task's key
            said=root.text if root and not attempt.key else "",
        )

    def assignment(self, tracked: Sequence[str]) -> Assignment:
        """What the chain is given. ``tracked`` are all paths of the repository."""
        return Assignment(
            incident=self.matter.incident.id,
            engine=self.matter.incident.engine,
            process=self.matter.incident.process,
            diagnosis=self.matter.diagnosis,
            sources=tuple(Source(one.path, one.text, one.start, one.end, one.told) for one in self.context.regions),
            evidence=self.matter.evidence,
            tracked=frozenset(tracked),
            allow=self.settings.patches.allow,
            context=self,
        )

    def region(self, source: Source) -> Region:
        """The region that a source is, or one like it where the chain cut it otherwise."""
        same = (one for one in self.context.regions if one.path == source.path)
        known = next((one for one in same if (one.start, one.end) == (source.start, source.end)), None)
        return known or Region(source.path, source.text, source.start, source.end)


def brief(matter: Matter, settings: Settings, repository: Repository, known: Known) -> tuple[Brief, Assignment]:
    """Gather it. Raises what the repository raises where it cannot be used."""
    root = repository.root
    tree = FolderTree(root)
    since = last_success(matter.attempts[-1].process, matter.beside) or matter.well_before
    material = Material(_case(matter), matter.diagnosis, matter.incident, matter.run, matter.attempts[::-1], since)
    # the context names files as the repository does
    around = Surroundings(cwd=str(root), last_success=since)
    ours = same_project(Path(matter.run.cwd), root)
    context = gather(
        material,
        tree,
        root=str(root),
        read=read_text,
        changes=changes_by(History(), around, matter.diagnosis),
        past=lambda: similar(matter.incident, matter.diagnosis, known(ours, _MOST_PAST)),
    )
    made = Brief(matter, settings, repository, context, environment(matter.run.env_file), matter.beside)
    return made, made.assignment(tree.paths())


def tried_before(before: Sequence[Draft]) -> str:
    """What was put into the files before and did not help, in words; empty where nothing was."""
    return "\n".join(f"{draft.subject} ({', '.join(draft.files)}): the task failed the same way" for draft in before)


def _case(matter: Matter) -> Case:
    attempt = matter.attempts[-1]
    job = matter.jobs.get(attempt.job)
    code = attempt.facts.get("exit")
    return Case(
        engine=matter.incident.engine,
        evidence=matter.evidence,
        job=job,
        exit_code=code if isinstance(code, int) else job.exit_code if job else None,
        scheduler_state=job.state_text if job else None,
        process=matter.incident.process,
        asked=attempt.asked,
        findings=matter.findings,
    )

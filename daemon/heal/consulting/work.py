"""What a consultant does in its threads: the chain over the real parts, and the repositories that patches are in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from heal.chain.answer import Answer
from heal.chain.chain import Chain
from heal.consulting.brief import Known, brief
from heal.consulting.parts import Guarding, parts
from heal.consulting.ready import allowed, ready
from heal.consulting.sending import Sending
from heal.dialogue import Asker
from heal.engines.checking import environment
from heal.errors import HealError
from heal.home import places
from heal.journal import Consulted
from heal.patch import Draft
from heal.patches.repository import Repository
from heal.patches.texts import text_of
from heal.payload.archive import Archive
from heal.proving.enclosure import enclosure
from heal.proving.tester import Proving, Trying
from heal.settings import Settings, load
from heal.steps.consult import Matter


@dataclass(frozen=True, slots=True)
class Bench:
    """What is at hand: who asks the models of settings, what tries drafts by the guard, what is known of incidents."""

    models: Callable[[Settings], Asker]
    tester: Callable[[Guarding], Proving]
    known: Known
    clock: Callable[[], datetime]


def answer(matter: Matter, settings: Settings, bench: Bench, stop: Callable[[], bool]) -> Answer:
    """What the chain comes to. Raises HealError where it could not begin."""
    folder = Path(matter.run.cwd)
    about = ready(matter, settings, repository_in(folder, settings), bench.known)
    asker = allowed(settings, matter.incident.id, bench.models, lambda: about)
    sending = Sending(matter.incident.id, asker, Archive(folder), bench.clock)
    made, asking = parts(about.brief, about.redactor(), sending, bench.tester)
    chain = Chain(
        about.plan,
        about.prompts,
        asking,
        made,
        samples=settings.chain.samples,
        rounds=settings.chain.rounds,
        judge=getattr(bench.models(settings), "judge", lambda _reply, _judged: None),
    )
    return chain.run(about.assignment, stop=stop)


def said_again(matter: Matter, settings: Settings, bench: Bench, replay: Trying) -> str:
    """What the failed task says when it is run again, unchanged, where nothing of the user's can be written to.

    Empty where it cannot be run again, says nothing, or goes well.
    """
    repository = repository_in(Path(matter.run.cwd), settings)
    # a history of heal's own begins with the first draft
    head, root = "" if repository.shadow else repository.checkout.head(), repository.root
    unchanged = Draft(root, repository.checkout.git_dir, "", head, head, "", root, (), "", "")
    about, _assignment = brief(matter, settings, repository, bench.known)
    trial = replay.tried(unchanged, about.failed)
    # the first line is heal's own: how it ended
    return trial.said.partition("\n")[2].strip() if trial.passed is False else ""


def enclosed(matter: Matter) -> bool:
    """True where what runs again can be kept from writing to anything of the user's, and from the network."""
    return enclosure(environment(matter.run.env_file)) is not None


def fits(draft: Draft) -> bool:
    """True while the files of a draft are still what it was made from."""
    repository = repository_of(draft)
    try:
        return all(repository.text(path) == _at(repository, draft.base, path) for path in draft.files)
    except HealError:
        return False


def _at(repository: Repository, commit: str, path: str) -> str | None:
    answer = repository.checkout.git.ask("cat-file", "--filters", f"{commit}:{path}")
    return text_of(answer.out, path) if answer.code == 0 else None


def repository_in(folder: Path, settings: Settings) -> Repository:
    """The repository that holds a run's folder, or heal's own history of it. Raises NoHistory."""
    return Repository.at(folder, places.of_project(folder), settings.patches)


def repository_of(draft: Draft) -> Repository:
    """The repository that a draft is in."""
    return Repository.at(draft.repository, draft.worktree.parent.parent, load(draft.repository).patches)


def told(answer: Answer) -> Consulted:
    """The chain's answer as it is kept in an incident's journal."""
    return Consulted(
        why="; ".join(answer.why) or "no reason was given",
        draft=answer.draft,
        trials=answer.trials,
        objections=answer.objections,
        cause=answer.triage.cause if answer.triage else "",
        models=answer.models,
        rounds=answer.rounds,
        tokens=answer.tokens,
        sure=answer.draft is not None and not answer.asks,
        later=answer.later,
        doubts=answer.doubts,
    )

"""What a consultant does in its threads: the chain over the real parts, and the repositories that patches are in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from heal.chain.answer import Answer
from heal.chain.chain import Chain
from heal.consulting.brief import Known, brief
from heal.consulting.parts import Guard, Guarding, parts
from heal.consulting.ready import allowed, ready
from heal.consulting.repositories import is_fetched, repository_for
from heal.consulting.sending import Sending
from heal.dialogue import Asker
from heal.engines.checking import environment
from heal.errors import HealError
from heal.journal import Consulted
from heal.patch import Draft
from heal.patches.finding import make_state
from heal.patches.pulled import given
from heal.patches.repository import Repository
from heal.payload.archive import Archive
from heal.proving.enclosure import enclosure
from heal.proving.parses import parses
from heal.proving.tester import Proving, Trying, guarded
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
    repository = _open_for(matter, settings)
    about = ready(matter, settings, repository, bench.known)
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
    return _offered(chain.run(about.assignment, stop=stop), repository, matter)


def _open_for(matter: Matter, settings: Settings) -> Repository:
    """The repository of its pipeline, with heal's folder in which something is about to be tried."""
    repository = repository_for(matter.run, settings)
    make_state(repository.checkout.state)
    return repository


def _offered(made: Answer, repository: Repository, matter: Matter) -> Answer:
    """The answer; a patch of a pipeline that an engine fetched as a mail: nothing is written into that folder."""
    if made.draft is None or not is_fetched(matter.run):
        return made
    mail = given(repository, made.draft)
    why = (
        f"there is a patch for it, {mail}: {made.draft.subject}; the engine's own copy of the pipeline is not changed: "
        "git am --keep-cr in a clone of yours, and run that, or push it and fetch the pipeline anew"
    )
    return replace(made, draft=None, why=(why, *made.why))


def trying(matter: Matter, settings: Settings) -> Settings:
    """What may be tried of a patch: a task of a fetched pipeline is not run again, beside files of the engine's."""
    if not is_fetched(matter.run):
        return settings
    return settings.model_copy(update={"patches": settings.patches.model_copy(update={"replay": False})})


def said_again(matter: Matter, settings: Settings, bench: Bench, replay: Trying) -> str:
    """What the failed task says when it is run again, unchanged, where nothing of the user's can be written to.

    Empty where it cannot be run again, says nothing, or goes well.
    """
    repository = _open_for(matter, settings)
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
        return all(repository.text(path) == repository.text_at(draft.base, path) for path in draft.files)
    except HealError:
        return False


def amended(answer: Consulted, made: Draft, by: str, matter: Matter, known: Known) -> Consulted:
    """An answer with what a person made of its patch: what the guard and the parsers say of that. Nothing of it is run.

    Raises HealError where the guard cannot be asked.
    """
    about, assignment = brief(matter, load(Path(matter.run.cwd)), repository_of(made), known)
    objections = Guard(about).held(assignment, made)
    trials = (guarded(objections), parses(made))
    # what was doubted was the patch as it was
    return replace(
        answer, why=f"edited by {by}", draft=made, trials=trials, objections=objections, doubts=(), sure=False
    )


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
        size=answer.sized,
    )

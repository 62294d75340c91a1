"""heal ask: a conversation with a model about an incident or the project, with what rules know where there is none."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from heal.cli.leaving import Shown

if TYPE_CHECKING:
    from heal.consulting.talk import Talk, Turn
    from heal.records import Incident
    from heal.store import Store

_WITHOUT = "with a model ([model] in heal.toml) heal answers in words, about this and what else you ask"
PLAIN = "Explain in plain words what failed, why, and what is to be done about it."


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("ask")(ask)


def ask(
    question: Annotated[str, typer.Argument(help="What you want to know.")],
    incident: Annotated[str | None, typer.Argument(help="An incident; without one it is about the project.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Without what was said before.")] = False,
    payload: Shown = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON (docs/cli.md).")] = False,
) -> None:
    """Ask about an incident or the project; the answer cites files and lines, and what was said is remembered."""
    from heal.home import places
    from heal.store import Store

    with Store.open(places.database(places.home_folder())) as store:
        one = store.incident(incident) if incident else None
        if payload:
            shown(store, one, question, fresh=fresh, as_json=as_json)
            return
        said = spoken(store, one, question, fresh=fresh, aloud=not as_json)
    if as_json:
        import json

        typer.echo(json.dumps(said, ensure_ascii=False))


def shown(store: Store, one: Incident | None, question: str, *, fresh: bool, as_json: bool) -> None:
    """Print what asking this would send. Nothing is sent, nothing remembered, and no model need be configured."""
    from heal.cli.leaving import printed, row
    from heal.consulting.talk import ROLE
    from heal.consulting.windows import ASSUMED, known

    root = _root(store, one)
    talk = _talk(store, one, root, question, to_show=True)
    window = known(talk.sending.asker, ROLE)
    made = talk.payload(question, _turns(root, one, fresh=fresh), window or ASSUMED)
    printed(one.id if one else None, [row(ROLE, made, None, window)], as_json=as_json)


def _turns(root: Path, one: Incident | None, *, fresh: bool) -> tuple[Turn, ...]:
    """What was said before about it, where that is to be told."""
    from heal.consulting.talk import Memory

    return () if fresh else Memory(root, _subject(one)).turns()


def _subject(one: Incident | None) -> str:
    return one.id if one else "project"


def spoken(
    store: Store, one: Incident | None, question: str, *, fresh: bool = False, remembered: bool = True, aloud: bool
) -> dict[str, object]:
    """Ask, print as it comes, remember; ``{"question", "answer", "model", "cites", "unfounded"}``."""
    from heal.consulting.talk import Memory, Turn, cited
    from heal.errors import NoHistory, NoModel
    from heal.wiring import now

    root = _root(store, one)
    heard: list[str] = []

    def tell(text: str) -> None:
        heard.append(text)
        if aloud:
            sys.stdout.write(text)
            sys.stdout.flush()

    try:
        talk = _talk(store, one, root, question)
        reply = talk.answer(question, _turns(root, one, fresh=fresh), tell)
    except (NoModel, NoHistory):
        lines = list(without_model(store, one))
        if aloud:
            typer.echo("\n".join(lines))
        return {"question": question, "answer": "\n".join(lines), "model": None, "cites": [], "unfounded": []}
    answer = "".join(heard)
    unfounded = talk.unfounded(answer)
    if aloud:
        typer.echo("" if answer.endswith("\n") else "\n", nl=False)
        for place in unfounded:
            typer.echo(f"heal: {place} is in nothing that the model was shown", err=True)
    if remembered:
        Memory(root, _subject(one)).keep(Turn(question, answer, reply.model, now().isoformat()))
    cites = list(dict.fromkeys(cited(answer)))
    return {"question": question, "answer": answer, "model": reply.model, "cites": cites, "unfounded": unfounded}


def _root(store: Store, one: Incident | None) -> Path:
    run = store.run(one.run_id) if one else None
    return Path(run.cwd) if run else Path.cwd()


def _talk(store: Store, one: Incident | None, root: Path, question: str, *, to_show: bool = False) -> Talk:
    """What a question is asked in; ``to_show``: and is not to be sent. Raises NotAllowedOut where it may not be."""
    from heal import wiring
    from heal.cli.matters import matter_of
    from heal.consulting.brief import brief
    from heal.consulting.hiding import redactor
    from heal.consulting.ready import allowed, ready, shown_for
    from heal.consulting.repositories import repository_for
    from heal.consulting.sending import Sending
    from heal.consulting.talk import Talk, project_context
    from heal.payload.archive import Archive
    from heal.settings import load

    settings, archive = load(root), Archive(root)
    models = wiring.consultant(store, None).models
    if one is None:
        sending = Sending(_subject(one), models(settings), archive, wiring.now)
        return Talk(sending, project_context(root, question, store.newest_in), redactor(settings))
    matter = matter_of(store, one.id)
    repository = repository_for(matter.run, settings)
    made, _assignment = brief(matter, settings, repository, store.newest_in)
    if to_show:
        asker, _yes = shown_for(settings, one.id, models)
    else:
        asker = allowed(settings, one.id, models, lambda: ready(matter, settings, repository, store.newest_in))
    return Talk(Sending(one.id, asker, archive, wiring.now), made.context, redactor(settings, made.env))


def without_model(store: Store, one: Incident | None) -> Iterator[str]:
    """What heal can say without a model."""
    from heal.cli import overview, shapes, words
    from heal.journal import state_of

    if one is None:
        yield overview.text()
    else:
        bodies = [entry.body for entry in store.journal(one.id)]
        yield f"incident {one.id} · {state_of(bodies).replace('_', ' ')}"
        if found := shapes.diagnosis_of(bodies):
            yield f"{found.cause} ({words.label(found)})"
            yield from (f"  > {words.citation(each)}" for each in dict.fromkeys((found.root, *found.citations)) if each)
            yield from ([found.explanation] if found.explanation else [])
        if fix := shapes.fix_of(bodies):
            yield f"→ {words.fix(fix)}"
    yield _WITHOUT

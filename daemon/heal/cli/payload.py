"""heal payload: what a coding model would be sent about an incident, before it is; and what was sent."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from heal.chain.parts import Request
    from heal.chain.plan import Plan
    from heal.dialogue import Message
    from heal.payload.archive import Sent
    from heal.settings import Settings
    from heal.steps.consult import Matter
    from heal.store import Store


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("payload")(payload)


def payload(  # noqa: PLR0917 - typer gives each option by its name
    incident: Annotated[str, typer.Argument(help="The incident's id, or the start of it.")],
    role: Annotated[str, typer.Option(help="A role of the healing chain; else the first that would be asked.")] = "",
    window: Annotated[
        int | None, typer.Option(help="Tokens of question and answer together; else as heal.toml says.", min=512)
    ] = None,
    sent: Annotated[bool, typer.Option("--sent", help="What was sent about it so far, as it was kept.")] = False,
    approve: Annotated[
        bool,
        typer.Option("--approve", help="Say yes: models on other hosts may be asked about it (privacy.remote = ask)."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON (docs/cli.md).")] = False,
) -> None:
    """Print, byte for byte, what would leave this machine for a coding model, before anything does.

    Nothing is sent and no model need be configured. What it holds and what is hidden in it is told on stderr.
    """
    from heal.cli.matters import matter_of
    from heal.home import places
    from heal.store import Store

    with Store.open(places.database(places.home_folder()), read_only=True) as store:
        matter = matter_of(store, incident)
        rows = list(_sent(matter, role)) if sent else list(_previewed(store, matter, role, window))
    if as_json:
        import json

        typer.echo(json.dumps({"incident": matter.incident.id, "payloads": rows}, ensure_ascii=False))
    for row in rows if not as_json else ():
        for line in _summary(row):
            typer.echo(line, err=True)
        for each in row["messages"]:
            typer.echo(f"[{each['role']}]\n{each['content']}", nl=not each["content"].endswith("\n"))
    if approve:
        from heal.cli.patching import approved

        typer.echo(approved(matter), err=True)


# --- before it is sent -------------------------------------------------------------------------


def _previewed(store: Store, matter: Matter, role: str, window: int | None) -> Iterator[dict[str, Any]]:
    """One row for each question of the role: the coder has several where its files need them."""
    from datetime import UTC, datetime

    from heal.chain.plan_file import load as load_plan
    from heal.consulting.brief import brief
    from heal.consulting.parts import Builder
    from heal.patches.repository import Repository
    from heal.payload.archive import manifest
    from heal.payload.environment import together
    from heal.payload.redact import Names, Redactor
    from heal.settings import load

    folder = Path(matter.run.cwd)
    settings = load(folder)
    repository = Repository.at(folder, folder / ".heal", settings.patches)
    made, about = brief(matter, settings, repository, store.newest)
    secrets = together(made.env, os.environ)
    redactor = Redactor(secrets, settings.privacy, Names.of(os.environ))
    builder = Builder(made, redactor, None, lambda: datetime.now(UTC))
    plan = load_plan(settings.chain.file)
    for request, schema in _requests(plan, settings, about, role, window):
        built = builder.payload(request)
        yield {
            "role": request.role,
            "messages": _turns(built.messages),
            "schema": schema,
            "manifest": manifest(built),
            "window": request.window,
        }


def _requests(
    plan: Plan, settings: Settings, about: Any, role: str, window: int | None
) -> Iterator[tuple[Request, dict[str, Any] | None]]:
    """What the chain asks for; notes of the roles before are not known yet, and are left out."""
    from heal.chain.answer import Size
    from heal.chain.parts import Request
    from heal.chain.prompts import Facts, Prompts
    from heal.chain.sizes import answer_tokens, parted, sized

    coding = plan.coder.route or plan.loop.start
    size = sized(about, plan.sizes, window or _window(settings, coding)).size
    name = role or _first(plan, about, size)
    asked = _role(plan, name)
    room = window or _window(settings, asked.route or name)
    rules = Prompts(settings.chain.file).render(name, asked, Facts(about.engine, about.allow, size))
    edits = asked.gives == "edits"
    groups = parted(about.sources, plan.sizes, room)[0] if edits and size is Size.BIG else [about.sources]
    for group in groups:
        answer = answer_tokens(group) if edits else asked.max_tokens
        request = Request(name, rules, tuple(group), frozenset(asked.shows), (), room, answer)
        yield request, dict(asked.answer) if asked.answer else None


def _first(plan: Plan, about: Any, size: Any) -> str:
    roles = (name for name, role in plan.before().items() if not role.skipped(about.diagnosis, size, None))
    return next(roles, plan.loop.start)


def _role(plan: Plan, name: str) -> Any:
    from heal.errors import BadChain

    found = plan.roles.get(name)
    if found is None or found.kind != "model":
        known = ", ".join(each for each, role in plan.roles.items() if role.kind == "model")
        raise BadChain(f"the healing chain asks no model in a role {name!r}; its roles are {known}.")
    return found


def _window(settings: Settings, route: str) -> int | None:
    """The smallest window of the models of a route, as far as heal.toml tells; no server is asked."""
    names = settings.routes.get(route) or settings.routes.get("default") or tuple(settings.model)
    told = [settings.model[name].context for name in names if name in settings.model]
    return min((each for each in told if each), default=None)


# --- what was sent -----------------------------------------------------------------------------


def _sent(matter: Matter, role: str) -> Iterator[dict[str, Any]]:
    from heal.errors import NothingThere
    from heal.payload.archive import Archive

    kept = [one for one in Archive(Path(matter.run.cwd)).sent(matter.incident.id) if role in ("", one.role)]
    if not kept:
        raise NothingThere(f"nothing about incident {matter.incident.id} was sent to a model, or it is kept no longer")
    yield from map(_kept, kept)


def _kept(one: Sent) -> dict[str, Any]:
    return {"role": one.role, "time": one.time, "messages": _turns(one.messages), "manifest": one.manifest}


def _turns(messages: Sequence[Message]) -> list[dict[str, str]]:
    return [{"role": each.role, "content": each.text} for each in messages]


# --- words -------------------------------------------------------------------------------------


def _summary(row: dict[str, Any]) -> Iterator[str]:
    told = row["manifest"]
    when = f", sent {row['time']}" if "time" in row else ", not sent"
    yield f"heal: {row['role']}{when}: about {told['tokens']:,} tokens"
    for part in told["parts"]:
        out = f", {part['left_out']:,} lines left out" if part["left_out"] else ""
        yield f"heal:   {part['name']}: {part['tokens']:,} tokens{out}"
    for file in told["files"]:
        yield f"heal:   {file['path']}:{file['first']}-{file['last']}" if file["last"] else f"heal:   {file['path']}"
    hidden = ", ".join(f"{count} {kind}" for kind, count in told["hidden"].items())
    yield f"heal:   hidden: {hidden or 'nothing'}"
    if "window" in row and row["window"] is None:
        yield "heal:   the model's window is not known here: 16,000 is assumed (--window, or context in heal.toml)"

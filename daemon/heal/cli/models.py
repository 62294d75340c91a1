"""heal models: do they answer, how long may a question be, what was spent, what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from heal.dialogue import Spent
    from heal.models.survey import Row
    from heal.settings import Settings

_NONE = """no coding model is configured: heal does without one, and what its rules do not know it leaves to you

To add one, in heal.toml (any OpenAI-compatible server: vLLM, llama.cpp, Ollama, LM Studio):

[model.local]
base_url = "http://127.0.0.1:8000/v1"
model = "the model's name, as the server knows it\""""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("models")(models)


def models(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON (docs/cli.md).")] = False,
) -> None:
    """The coding models: do they answer, their windows, what was spent, what came of their answers."""
    from heal.home import places
    from heal.models import Models
    from heal.models.survey import survey
    from heal.settings import load
    from heal.store import Store

    settings = load(Path.cwd())
    now = datetime.now(UTC)
    with Store.open(settings.database, read_only=True) as store:
        asking = Models(settings, store, places.cache() / "models", lambda: datetime.now(UTC))
        rows, day = survey(asking, store, now), store.spent(now - timedelta(hours=24), now)
    if as_json:
        import json

        typer.echo(json.dumps(shape(rows, day, settings), ensure_ascii=False))
        return
    for line in page(rows, day, settings):
        typer.echo(line)


def shape(rows: Sequence[Row], day: Spent, settings: Settings) -> dict[str, Any]:
    """What ``--json`` prints (docs/cli.md)."""
    from dataclasses import asdict

    budget = settings.model_budget
    return {
        "models": [asdict(row) | {"routes": _routes(row.name, settings)} for row in rows],
        "spent": asdict(day),
        "left": {
            "day_tokens": max(0, budget.day_tokens - day.tokens),
            "day_cost": max(0.0, budget.day_cost - day.cost),
            "incident_tokens": budget.incident_tokens,
        },
    }


def page(rows: Sequence[Row], day: Spent, settings: Settings) -> Iterator[str]:
    """What a person reads."""
    if not rows:
        yield _NONE
        return
    for row in rows:
        yield from _about(row, settings)
    budget = settings.model_budget
    yield (
        f"24 hours: {day.tokens:,} of {budget.day_tokens:,} tokens · {day.cost:.2f} of {budget.day_cost:.2f} · "
        f"one incident: {budget.incident_tokens:,} tokens at most"
    )


def _about(row: Row, settings: Settings) -> Iterator[str]:
    yield f"{row.name}  {row.model} at {row.base_url}"
    state = f"answers{_seen(row)}" if not row.trouble else row.trouble
    yield f"  {state if row.asked or not row.trouble else f'not asked: {row.trouble}'}"
    if row.trouble and row.window:
        yield f"  {_seen(row).removeprefix(' · ')}"
    if settings.routes:
        yield f"  asked for: {', '.join(_routes(row.name, settings)) or 'nothing, no route names it'}"
    cached = "" if row.cached is None else f" · {row.cached:.0%} of what it was asked was in its cache"
    yield f"  24 hours: {row.spent.tokens:,} tokens, {row.spent.cost:.2f}{cached}"
    for each in row.roles:
        yield (
            f"  {each.role}: {each.calls} calls, {each.whole} whole answers · "
            f"{each.accepted} accepted, {each.refused} refused, {each.no_fix} no fix"
        )
    yield ""


def _seen(row: Row) -> str:
    window = f"window {row.window:,} tokens ({row.window_from})" if row.window else "window unknown"
    form = {True: "JSON by schema", False: "JSON in words alone", None: "JSON by schema not tried yet"}[row.structured]
    return f" · {window} · {form}"


def _routes(name: str, settings: Settings) -> list[str]:
    return [role for role, names in settings.routes.items() if name in names]

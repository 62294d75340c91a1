"""heal optimize: what could cost less, with what was measured and the line to change."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from heal.errors import HealError, SchedulerUnreachable

if TYPE_CHECKING:
    from datetime import datetime

    from heal.advice.kept_tasks import Tasks
    from heal.advice.optimizing import Optimized
    from heal.advice.suggestions import Suggestion
    from heal.jobs import Limits
    from heal.knowledge.job_names import Whose
    from heal.records import Attempt
    from heal.schedulers.command import Commands
    from heal.settings import Settings

_NAMES = {"core_hours": "core-hours", "gb_hours": "GB-hours", "wait_hours": "hours of waiting"}
_WITH_A_MODEL = (
    'with a model ([model] in heal.toml): heal ask "what in STEP takes so long?" reads the scripts too, '
    "which numbers alone do not show"
)
_SHOWN = 5


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("optimize")(optimize)


def optimize(
    path: Annotated[Path, typer.Argument(help="Jobs whose work folder lies in here.")] = Path(),
    since: Annotated[str, typer.Option(help="How far back to look: 12h, 30d, 8w.")] = "30d",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON (docs/cli.md).")] = False,
) -> None:
    """What could cost less or begin sooner, by SLURM's accounting and what heal saw; each with its evidence."""
    from heal.cli.resources import _moment
    from heal.settings import load

    settings = load(Path.cwd())
    if not path.is_dir():
        raise HealError(f"{path} is no folder")
    try:
        found = _found(settings, path, _moment(since))
    except SchedulerUnreachable as error:
        raise SchedulerUnreachable(f"SLURM's accounting tells nothing of your jobs: {error}") from error
    if as_json:
        import json

        typer.echo(json.dumps(shape(found, since), ensure_ascii=False))
    else:
        for line in page(found, since, with_model=bool(settings.model)):
            typer.echo(line)


def _found(settings: Settings, path: Path, since: datetime) -> Optimized:
    from heal import wiring
    from heal.advice.kept_tasks import Sizes, suggestions
    from heal.advice.ledger_of_jobs import Ledger
    from heal.advice.optimizing import Evidence, optimized
    from heal.advice.past_jobs import past_jobs
    from heal.knowledge.sizing import table
    from heal.schedulers.slurm_told import user_of
    from heal.settings import load

    calls, user = wiring.commands(settings, ceiling=False), user_of(str(os.geteuid()))
    rules = load(path.absolute()).sizing
    owner, tasks = _kept(settings, path, since)
    ledger = Ledger(again=frozenset(tasks.again))
    rows = table(ledger.reading(past_jobs(calls, user, since, owner)), rules)
    more = tuple(suggestions(tasks, ledger.again_core_s, Sizes()))
    return optimized(Evidence(ledger, rows, rules, _limits(calls, user), more))


def _kept(settings: Settings, path: Path, since: datetime) -> tuple[Callable[[Any], Any], Tasks]:
    """Who a row of accounting belongs to, and what heal's store has of tasks in that folder."""
    from heal.advice.kept_tasks import taken
    from heal.cli.resources import _known, _owner
    from heal.store import Store

    inside = tuple(f"{folder.rstrip('/')}/" for folder in {str(path.absolute()), str(path.resolve())})
    with Store.open(settings.database, read_only=True) as store:
        known = _known(store.jobs(since))
        tasks = taken(store.jobs(since), _whose(inside))
    return _owner(path, known), tasks


def _whose(inside: tuple[str, ...]) -> Callable[[Attempt], Whose | None]:
    from heal.knowledge.job_names import Whose

    def whose(attempt: Attempt) -> Whose | None:
        folder = attempt.workdir or ""
        if not f"{folder}/".startswith(inside):
            return None
        # of a task of Nextflow's the folder is its own; the pipeline's lies above its work folder
        pipeline = str(Path(folder).parents[2]) if attempt.engine == "nextflow" else folder
        return Whose(attempt.engine, pipeline, attempt.process)

    return whose


def _limits(calls: Commands, user: str) -> Callable[[str], Limits | None]:
    """What a partition gives, asked once and only when it is wanted; None where SLURM does not tell."""
    from heal import wiring
    from heal.schedulers.slurm_limits import Rules
    from heal.schedulers.slurm_rules import Rulebook

    asked: list[Rules | None] = []

    def limits(partition: str) -> Limits | None:
        if not asked:
            try:
                asked.append(Rulebook(calls, wiring.now, user).rules())
            except SchedulerUnreachable:
                asked.append(None)
        rules = asked[0]
        return rules.limits(None, partition) if rules and partition in rules.partitions else None

    return limits


def page(found: Optimized, since: str, *, with_model: bool) -> Iterator[str]:
    """All of it for a person, line by line."""
    if not found.jobs:
        yield f"no job that ended since {since} is known here"
    for one in found.suggestions:
        yield f"{one.whose.process} ({one.whose.pipeline or 'elsewhere'}): {one.what}"
        yield f"  saves {_saves(one)} · {one.jobs:,} jobs · sure: {one.sure}"
        yield f"  {one.why}"
        yield from (f"  → {line}" for line in one.change)
        yield ""
    if found.jobs and not found.suggestions:
        yield f"nothing to suggest: {found.jobs:,} jobs since {since} give no evidence for a change"
    for whose, why in found.unknown[:_SHOWN]:
        yield f"{whose.process}: {why}"
    if len(found.unknown) > _SHOWN:
        yield f"and {len(found.unknown) - _SHOWN} more with too few jobs"
    if not with_model:
        yield _WITH_A_MODEL


def _saves(one: Suggestion) -> str:
    from heal.units import size

    amounts = [f"{one.saves[name]:,.1f} {unit}" for name, unit in _NAMES.items() if name in one.saves]
    amounts += [f"{size(one.saves['mb'])} on disk"] if "mb" in one.saves else []
    return ", ".join(amounts) if amounts else "an amount that is not known"


def shape(found: Optimized, since: str) -> dict[str, Any]:
    """The JSON of docs/cli.md."""
    return {
        "since": since,
        "jobs": found.jobs,
        "suggestions": [
            {
                "kind": one.kind,
                "pipeline": one.whose.pipeline,
                "engine": one.whose.engine,
                "process": one.whose.process,
                "what": one.what,
                "why": one.why,
                "jobs": one.jobs,
                "sure": one.sure,
                "saves": {name: round(amount, 3) for name, amount in one.saves.items()},
                "change": list(one.change),
            }
            for one in found.suggestions
        ],
        "unknown": [
            {"pipeline": whose.pipeline, "engine": whose.engine, "process": whose.process, "why": why}
            for whose, why in found.unknown
        ],
    }

"""heal resources: what jobs asked for against what they used, and requests that fit."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from heal.errors import HealError, SchedulerUnreachable

if TYPE_CHECKING:
    from heal.knowledge.sizing import Row, Usage
    from heal.settings import Settings

_UNITS = {"h": 1, "d": 24, "w": 24 * 7}
_LONGEST_HOURS = 24 * 366 * 10


class BadSince(HealError):
    """A time that is no number of hours, days or weeks. Write 12h, 30d or 8w."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("resources")(resources)


def resources(
    path: Annotated[Path, typer.Argument(help="Jobs whose work folder lies in here.")] = Path(),
    since: Annotated[str, typer.Option(help="How far back to look: 12h, 30d, 8w.")] = "30d",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON (docs/cli.md).")] = False,
    apply: Annotated[
        bool, typer.Option("--apply", help="Let heal run ask for what is proposed (Snakemake, Nextflow).")
    ] = False,
    as_text: Annotated[bool, typer.Option("--print", help="Print what is proposed as text for a file.")] = False,
) -> None:
    """What your jobs asked for against what they used, by SLURM's accounting, and requests that would fit."""
    from heal.cli import sizes
    from heal.knowledge.sizing import table
    from heal.settings import load

    settings = load(Path.cwd())
    try:
        rows = table(_usages(settings, path, _moment(since)), load(path.absolute()).sizing)
    except SchedulerUnreachable as error:
        raise SchedulerUnreachable(f"SLURM's accounting tells nothing of your jobs: {error}") from error
    if as_json:
        import json

        typer.echo(json.dumps(sizes.shape(rows, since), ensure_ascii=False))
    else:
        for line in sizes.patch(rows) if as_text else sizes.page(rows, since):
            typer.echo(line)
    if apply:
        for line in _applied(rows):
            typer.echo(line, err=as_json)
    elif not as_json and not as_text and (sizes.overlay(rows) or sizes.processes(rows)):
        typer.echo("heal resources --apply: heal run asks for what is proposed; --print: the same as text")


def _moment(since: str) -> datetime:
    found = re.fullmatch(r"(\d{1,6})([hdw])", since)
    hours = int(found[1]) * _UNITS[found[2]] if found else 0
    if not 0 < hours <= _LONGEST_HOURS:
        raise BadSince(f"--since {since} is no time to look back: write 12h, 30d or 8w")
    return datetime.now(UTC) - timedelta(hours=hours)


def _usages(settings: Settings, path: Path, since: datetime) -> Iterator[Usage]:
    from heal import wiring
    from heal.schedulers.slurm_history import history
    from heal.schedulers.slurm_told import user_of
    from heal.store import Store

    if not path.is_dir():
        raise HealError(f"{path} is no folder")
    calls = wiring.commands(settings, ceiling=False)
    with Store.open(settings.database, read_only=True) as store:
        known = _known(store.jobs(since))
    yield from history(calls, user_of(str(os.geteuid())), since, _owner(path, known))


def _known(attempts: Iterator[Any]) -> dict[str, tuple[str, str, float | None] | None]:
    """Of each job that heal heard of: its engine, its process and the size of its inputs; None for one of several."""
    from heal.evidence.inputs import Inputs

    inputs = Inputs()
    found: dict[str, tuple[str, str, float | None] | None] = {}
    for attempt in attempts:
        said = (attempt.engine, attempt.process, inputs.size_mb(attempt))
        before = found.setdefault(attempt.job, said)
        if before and before[:2] != said[:2]:
            # a group of Snakemake's: several rules in one job
            found[attempt.job] = None
    return found


def _owner(path: Path, known: dict[str, tuple[str, str, float | None] | None]) -> Callable[[Any], Any]:
    """Who a row of accounting belongs to; nobody here where its folder lies elsewhere."""
    from heal.knowledge.job_names import whose

    folders = {str(path.absolute()), str(path.resolve())}
    inside = tuple(f"{folder.rstrip('/')}/" for folder in folders)

    def owner(row: Any) -> Any:
        one = whose(row.get("JobName", ""), row.get("Comment", ""), row.get("WorkDir", ""))
        if not f"{one.pipeline}/".startswith(inside):
            return None
        told = known.get(row["JobID"])
        if told is None:
            return one, None
        engine, process, size_mb = told
        return (one._replace(engine=engine, process=process) if engine != "nextflow" else one), size_mb

    return owner


def _applied(rows: Sequence[Row]) -> Iterator[str]:
    from heal.cli import sizes
    from heal.engines import nextflow_resources, overlay

    done = 0
    for (folder, _engine), of in sizes.by_pipeline(rows).items():
        kinds = ((overlay, sizes.overlay(of)), (nextflow_resources, sizes.processes(of)))
        for kind, asked in kinds:
            if not asked:
                continue
            done += 1
            try:
                said = f"heal run asks for {' '.join(kind.entries(asked))} from now on"
                yield f"{kind.keep(Path(folder), asked)}: {said}"
            except OSError as error:
                yield f"nothing is kept for {folder}: {error}"
    if not done:
        yield "nothing to apply: no rule of a Snakemake pipeline, no process of a Nextflow one has a proposal (--print)"

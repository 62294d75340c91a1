"""heal init and heal doctor: make a project known, and tell what is there, what is missing and what to do about it."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from heal.errors import HealError, SchedulerUnreachable
from heal.home import places

if TYPE_CHECKING:
    from heal.settings import Settings

# a person waits for the answer, and a scheduler that takes longer is in trouble
_PATIENCE_S = 5.0


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("init")(init)
    app.command("doctor")(doctor)


def init(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before writing.")] = False,
) -> None:
    """Make this folder a project: heal.toml, .heal/, and the daemon heals its jobs. Twice is harmless."""
    from heal.cli.project_files import missing, write
    from heal.home.spool import Spool
    from heal.service import daemon
    from heal.settings import load

    here = Path.cwd()
    settings = load(here)
    wanted = " and ".join(missing(here))
    if wanted and not yes and not typer.confirm(f"write {wanted} in {here}?", default=True):
        raise typer.Exit(1)
    places.make(settings.home)
    for line in write(here):
        typer.echo(line)
    Spool(settings.spool).drop("project", {"path": str(here)})
    typer.echo(f"registered: a running daemon heals your jobs whose work folder lies in {here}")
    if daemon(settings.home) is None:
        typer.echo("no daemon runs: heal daemon start starts one, which then looks after this folder")
    typer.echo("")
    for name, state, advice in _found(settings):
        typer.echo(f"{name}: {state}" + (f" · {advice}" if advice else ""))
    typer.echo("")
    typer.echo(
        "attach, no edit needed:   heal run -- snakemake …    heal run -- nextflow run …    heal run -- bash submit.sh"
    )
    typer.echo("or, with the daemon:      heal hook install snakemake  (one line in a profile: logger: heal)")
    typer.echo("                          heal hook install nextflow   (says which line goes into nextflow.config)")


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print JSON (docs/cli.md).")] = False) -> None:
    """What is there, what is missing, and what to do about it. Exit code 0 when heal can work here, else 1."""
    from heal.settings import load

    settings = load(Path.cwd())
    rows = [*_found(settings), *_own(settings)]
    if as_json:
        import json

        typer.echo(json.dumps({"checks": [{"name": n, "state": s, "advice": a or None} for n, s, a in rows]}))
    else:
        width = max(len(name) for name, _state, _advice in rows)
        for name, state, advice in rows:
            typer.echo(f"{name:<{width}}  {state}" + (f"\n{'':<{width}}  → {advice}" if advice else ""))
    raise typer.Exit(1 if any(state.startswith("broken") for _name, state, _advice in rows) else 0)


# --- what is there -----------------------------------------------------------------------------

Row = tuple[str, str, str]


def _found(settings: Settings) -> Iterator[Row]:
    from heal.cli.programs import engines, program

    yield from engines()
    yield from _slurm(settings)
    yield program("git", "git")


def _slurm(settings: Settings) -> Iterator[Row]:
    from heal import wiring

    asking = wiring.commands(settings, patience_s=_PATIENCE_S, ceiling=False)
    scheduler = wiring.slurm(asking, wiring.sides(settings))
    if scheduler is None:
        yield ("SLURM", "not here", "without it the engine's own local jobs are healed")
        return
    for name, refusal in (
        ("controller", scheduler.without_controller()),
        ("accounting", scheduler.without_accounting()),
    ):
        advice = "until it answers heal takes what it would say as unknown" if refusal else ""
        yield (f"SLURM {name}", f"no answer: {refusal}" if refusal else "answers", advice)
    yield from _hidden(scheduler.hidden)
    yield from _pyslurm(settings)
    yield _calls(settings)


def _hidden(limits: Mapping[str, str]) -> Iterator[Row]:
    """Whose limits cannot be seen from here, and why; the controller was asked for all of them before."""
    if limits:
        state = f"of {' and '.join(limits)} not shown here: {'; '.join(dict.fromkeys(limits.values()))}"
        yield ("SLURM limits", state, "heal keeps to those of partitions; what others forbid, sbatch will refuse")


def _calls(settings: Settings) -> Row:
    """How often heal asked SLURM lately; this command's own questions are among them."""
    from statistics import median

    from heal.schedulers.courtesy import CallBook

    most = settings.slurm.calls_per_minute
    calls = CallBook(places.calls(settings.home), most).last_hour()
    took = [call.took_s for call in calls if call.took_s is not None]
    if not took:
        return ("SLURM calls", "none in the last hour", "")
    failed = sum(not call.ok for call in calls)
    said = f"{len(calls)} in the last hour, {median(took):.2f} s in the middle, {max(took):.2f} s the longest"
    return (
        "SLURM calls",
        said + (f", {failed} without success" if failed else ""),
        f"at most {most} a minute of heal's own (slurm.calls_per_minute)",
    )


def _pyslurm(settings: Settings) -> Iterator[Row]:
    """Asked for real: that it can be imported says nothing."""
    from heal import wiring
    from heal.schedulers.pyslurm_process import NoReply

    process = wiring.pyslurm(settings, wiring.commands(settings, patience_s=_PATIENCE_S, ceiling=False))
    if process is None:
        return
    note = places.pyslurm_trouble(settings.home)
    try:
        process.ask({"ask": "queue", "uid": os.geteuid()})
        state, advice = f"{process.version} answers", ""
    except (NoReply, SchedulerUnreachable) as error:
        state, advice = f"no answer: {error}", "SLURM's commands are used instead"
    if note.exists():
        state, advice = f"{state}; the heal that runs has given it up", note.read_text(encoding="utf-8")
    yield ("pyslurm", state, advice)


def _own(settings: Settings) -> Iterator[Row]:
    from heal.filesystem import filesystem_of, on_network_fs
    from heal.service import daemon

    home = settings.home
    network = on_network_fs(home)
    kind = filesystem_of(home) or "unknown"
    note = "shared file system: looked at every 2 s instead of watched" if network else ""
    if why := places.refusal(home):
        yield ("heal's folder", f"broken: {why}", "set HEAL_HOME to a folder of yours")
        return
    yield ("heal's folder", f"{home} on {kind}", note)
    waiting = len(list(settings.spool.glob("*.json"))) if settings.spool.is_dir() else 0
    bad = len(list((settings.spool / "bad").glob("*.json"))) if (settings.spool / "bad").is_dir() else 0
    said = f"{waiting} event(s) waiting" + (f", {bad} refused" if bad else "")
    yield ("spool", said, f"the reasons are in {settings.spool / 'bad'}" if bad else "")
    yield from _hooks()
    yield _database(settings)
    who = daemon(home)
    yield ("daemon", f"runs: pid {who.pid} on {who.host}" if who else "not running", "" if who else "heal daemon start")
    yield _patterns(settings)
    yield _models(settings)


def _models(settings: Settings) -> tuple[str, str, str]:
    """Which are configured; whether they answer is asked by `heal models`."""
    if not settings.model:
        return ("model", "none configured", "")
    missing = importlib.util.find_spec("openai") is None
    return ("model", ", ".join(settings.model), "pip install 'heal-hpc[models]'" if missing else "")


def _hooks() -> Iterator[Row]:
    from heal.cli.hook import found

    for name, state, where in found():
        if state not in ("not installed", "not there"):
            yield (
                f"hook: {name}",
                f"{state}: {where}",
                "heal hook install puts it right" if state == "changed" else "",
            )


def _database(settings: Settings) -> Row:
    from heal.store import Store

    if not settings.database.exists():
        return ("database", "not made yet", "")
    try:
        with Store.open(settings.database, read_only=True) as store:
            newest = store.newest(1)
    except HealError as error:
        return ("database", f"broken: {error}", "")
    return ("database", f"{settings.database}" + ("" if newest else ", no incident yet"), "")


def _patterns(settings: Settings) -> Row:
    from heal import wiring

    library = wiring.library(settings)
    broken = [f"{path}: {why}" for path, why in library.broken]
    return (
        "patterns",
        f"{len(library.patterns)} loaded" + (f", {len(broken)} skipped" if broken else ""),
        "; ".join(broken),
    )

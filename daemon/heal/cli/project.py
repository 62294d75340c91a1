"""heal init and heal doctor: make a project known, and tell what is there, what is missing and what to do about it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from heal.errors import HealError, SchedulerUnreachable
from heal.home import places

if TYPE_CHECKING:
    from heal.settings import Settings

# a person waits for the answer, and a scheduler that takes longer is in trouble
_PATIENCE_S = 5.0
_IGNORE = "# everything here is heal's own working material\n*\n"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("init")(init)
    app.command("doctor")(doctor)


def init(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before writing.")] = False,
) -> None:
    """Make this folder a project: heal.toml, .heal/, and the daemon heals its jobs. Twice is harmless."""
    from heal.home.spool import Spool
    from heal.settings import FILE_NAME, load

    here = Path.cwd()
    settings = load(here)
    if not yes and not typer.confirm(f"write {FILE_NAME} and .heal/ in {here}?", default=True):
        raise typer.Exit(1)
    places.make(settings.home)
    for line in _write(here):
        typer.echo(line)
    Spool(settings.spool).drop("project", {"path": str(here)})
    typer.echo(f"registered: a running daemon heals your jobs whose work folder lies in {here}")
    typer.echo("")
    for name, state, advice in _found(settings):
        typer.echo(f"{name}: {state}" + (f" · {advice}" if advice else ""))
    typer.echo("")
    typer.echo("attach, no edit needed:   heal run -- snakemake …     heal run -- bash submit.sh")
    typer.echo("or, with the daemon:      logger: heal                (one line in a Snakemake profile)")


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


# --- init --------------------------------------------------------------------------------------


def _write(here: Path) -> Iterator[str]:
    from heal.settings import FILE_NAME

    own = here / ".heal"
    own.mkdir(exist_ok=True)
    ignore = own / ".gitignore"
    if not ignore.exists():
        ignore.write_text(_IGNORE, encoding="utf-8")
        yield "wrote .heal/.gitignore"
    file = here / FILE_NAME
    if file.exists():
        yield f"kept {FILE_NAME} as it is"
    else:
        file.write_text(commented(), encoding="utf-8")
        yield f"wrote {FILE_NAME}: every setting, commented out, with its default"


def commented() -> str:
    """heal.toml with every setting, its meaning and its default, all commented out."""
    from heal.settings import sections

    lines = ["# Settings of heal for this project. Every line that is commented out shows the default.", ""]
    for name, doc, model in sections():
        lines += [f"# {doc}", f"[{name}]"]
        for key, field in model.model_fields.items():
            said = f"   # {field.description}" if field.description else ""
            default = field.get_default(call_default_factory=True)
            shown = _toml(default)
            lines.append(f"# {key} = {shown}{said}")
        lines.append("")
    return "\n".join(lines)


def _toml(value: Any) -> str:
    match value:
        case None:
            return "(no limit)"
        case str():
            return f'"{value}"'
        case tuple():
            return "[" + ", ".join(_toml(str(each)) for each in value) + "]"
        case _:
            return str(value)


# --- what is there -----------------------------------------------------------------------------

Row = tuple[str, str, str]


def _found(settings: Settings) -> Iterator[Row]:
    yield _snakemake()
    yield _program("nextflow", "Nextflow", "runs under heal run, its tasks are not healed yet")
    yield from _slurm(settings)
    yield _program("git", "git", "")


def _program(program: str, name: str, note: str) -> Row:
    import shutil

    path = shutil.which(program)
    return (name, path, note) if path else (name, "not on PATH", "")


def _snakemake() -> Row:
    import shutil

    from heal.schedulers.command import Commands

    path = shutil.which("snakemake")
    if path is None:
        return ("Snakemake", "not on PATH", "activate the environment it is in, then look again")
    answer = Commands(timeout_s=60).ask([path, "--version"])
    version = answer.stdout.strip()
    if not version[:1].isdigit():
        return ("Snakemake", f"{path} does not tell its version", "")
    old = int(version.split(".")[0]) < 9  # noqa: PLR2004 - logger plugins came with 9
    return (
        "Snakemake",
        f"{version} at {path}",
        "too old for logger plugins: it runs, but heal sees nothing of it" if old else "",
    )


def _slurm(settings: Settings) -> Iterator[Row]:
    from heal import wiring

    scheduler = wiring.slurm(settings, patience_s=_PATIENCE_S)
    if scheduler is None:
        yield ("SLURM", "not here", "without it the engine's own local jobs are healed")
        return
    for name, question in (
        ("controller", lambda: scheduler.limits(None)),
        ("accounting", lambda: scheduler.recent(wiring.now())),
    ):
        try:
            question()
            yield (f"SLURM {name}", "answers", "")
        except SchedulerUnreachable as error:
            yield (f"SLURM {name}", f"no answer: {error}", "until it answers heal takes what it would say as unknown")


def _own(settings: Settings) -> Iterator[Row]:
    from heal.filesystem import filesystem_of, on_network_fs
    from heal.service import daemon

    home = settings.home
    network = on_network_fs(home)
    kind = filesystem_of(home) or "unknown"
    note = "shared file system: looked at every 2 s instead of watched" if network else ""
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        yield (
            "heal's folder",
            f"broken: {there} is no folder that heal can write",
            "set HEAL_HOME to a folder of yours",
        )
        return
    yield ("heal's folder", f"{home} on {kind}", note)
    waiting = len(list(settings.spool.glob("*.json"))) if settings.spool.is_dir() else 0
    bad = len(list((settings.spool / "bad").glob("*.json"))) if (settings.spool / "bad").is_dir() else 0
    said = f"{waiting} event(s) waiting" + (f", {bad} refused" if bad else "")
    yield ("spool", said, f"the reasons are in {settings.spool / 'bad'}" if bad else "")
    yield _database(settings)
    who = daemon(home)
    yield ("daemon", f"runs: pid {who.pid} on {who.host}" if who else "not running", "" if who else "heal daemon start")
    yield _patterns(settings)
    yield ("model", "none configured", "")


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

"""heal init and heal doctor: make a project known, and tell what is there, what is missing and what to do about it."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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


# --- init --------------------------------------------------------------------------------------


def _write(here: Path) -> Iterator[str]:
    from heal import whole_file
    from heal.settings import FILE_NAME

    there = (here / ".heal" / ".gitignore").exists()
    places.of_project(here)
    if not there:
        yield "wrote .heal/.gitignore"
    file = here / FILE_NAME
    if file.is_symlink() and not file.exists():
        yield f"left {FILE_NAME} as it is: a link to {file.readlink()}, which is not there; make it, or remove the link"
    elif file.exists():
        yield f"kept {FILE_NAME} as it is"
    else:
        whole_file.put(file, commented(), mode=0o666)
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
    return "\n".join([*lines, *_CHECK, ""])


# no section of its own: there are as many as there are names
_CHECK = (
    "# What must hold for a result before heal believes a task that ended well, by rule, process or job name:",
    "#[check.NAME]",
    '#command="samtools quickcheck -v {outputs}"',
    '#outputs="exist", "not_empty", "gzip" or "bam"',
    '#files=["out/*.bed"]   # where the engine declares no outputs',
    "#seconds=60",
    "",
    "# A coding model to be asked where no rule helps, by a name of your own; and who is asked by whom:",
    "#[model.NAME]",
    '#base_url="http://127.0.0.1:8000/v1"',
    '#model="the name the server knows it by"',
    "#[routes]",
    '#default=["NAME"]',
)


def _toml(value: Any) -> str:
    match value:
        case None:
            return "(no limit)"
        case str() | Path():
            return f'"{value}"'
        case bool():
            return str(value).lower()
        case tuple():
            return "[" + ", ".join(_toml(str(each)) for each in value) + "]"
        case _:
            return str(value)


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

"""``heal diagnose``: the cause of a failure from its logs alone; no daemon, no database, no network."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

_NO_SUCH_PATH = 2
_SURE, _LIKELY = 0.9, 0.6


def register(app: typer.Typer) -> None:
    """Gives the app its ``diagnose`` command."""
    app.command("diagnose")(diagnose)


def diagnose(
    paths: Annotated[list[str], typer.Argument(help="A log, a folder, a job, an incident, or - for standard input.")],
    each: Annotated[
        bool, typer.Option("--each", help="Take every path as a case of its own; one JSON line each.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Name the root cause of a failed job, with the line that proves it.

    It finds out what it was given: a log (of Snakemake or Nextflow: the logs of the tasks that it names are read too),
    the work folder of a Nextflow task, any folder (a facts.json in it may hold exit_code, slurm_state and engine), the
    id of a SLURM job or of an incident. Several are the evidence of one case, unless --each is given. Exit code 2
    where one is none of these; with --each it gets a line with an "error" key, and the others are answered.
    """
    from heal.cli.desk import desk

    at = desk()
    if each:
        codes = [_tell(path, at.answer(path)) for path in paths]
        raise typer.Exit(max(codes, default=0))
    answer = at.answer(*paths)
    if as_json or "error" not in answer:
        typer.echo(json.dumps(answer, ensure_ascii=False) if as_json else _words(answer))
    else:
        typer.echo(f"heal: {answer['error']}", err=True)
    raise typer.Exit(_NO_SUCH_PATH if "error" in answer else 0)


def _tell(path: str, answer: dict[str, Any]) -> int:
    typer.echo(json.dumps(answer | {"path": path}, ensure_ascii=False))
    return _NO_SUCH_PATH if "error" in answer else 0


def _words(answer: dict[str, Any]) -> str:
    """The cause, the line that proves it under it, then what heal would do."""
    if answer["label"] is None:
        return str(answer["cause"])
    label = answer["label"].replace("_", " ")
    lines = [answer["cause"], f"  {label}, {_how_sure(answer['confidence'])} ({answer['confidence']:.2f})"]
    if root := answer["root"]:
        place = f"{root['source']}:{root['line']}" if root["line"] else root["source"]
        lines.append(f"  {root['text'].strip()}    {place}")
    if fix := answer["fix"]:
        lines.append(f"  → {_what_heal_would_do(fix)}")
    lines.append(f"  {answer['explanation']}")
    return "\n".join(lines)


def _how_sure(confidence: float) -> str:
    return "sure" if confidence >= _SURE else "likely" if confidence >= _LIKELY else "a guess"


def _what_heal_would_do(fix: dict[str, Any]) -> str:
    match fix["kind"]:
        case "resources":
            return f"more {fix['resource']}"
        case "retry":
            return "run it again" + (f" after {fix['delay_s']:.0f} s" if fix.get("delay_s") else "")
        case "exclude_node":
            return "run it again on another node"
        case "unlock":
            return "remove the lock once it is surely stale"
        case "prepare":
            return f"make the folder of {fix['folder']}"
        case _:
            return f"{fix['kind']}: {fix.get('text') or 'a person has to look at it'}"

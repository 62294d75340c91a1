"""``heal diagnose``: the cause of a failure from its logs alone; no daemon, no database, no network."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

_NO_SUCH_PATH = 2


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
    from heal.cli.desk import as_json as shape
    from heal.cli.desk import desk, fix_of
    from heal.cli.verdict import lines

    at = desk()
    if each:
        codes = [_tell(path, at.answer(path)) for path in paths]
        raise typer.Exit(max(codes, default=0))
    case, found = at.judged(*paths)
    if as_json:
        typer.echo(json.dumps(shape(" ".join(paths), case, found, at.library), ensure_ascii=False))
        return
    if case.job and (arrays := [path for path in paths if case.job.job.startswith(f"{path}_")]):
        typer.echo(f"Of the job array {arrays[0]} only {case.job.job} failed:")
    for line in lines(case, found, fix_of(found, at.library)):
        typer.echo(line)


def _tell(path: str, answer: dict[str, Any]) -> int:
    typer.echo(json.dumps(answer | {"path": path}, ensure_ascii=False))
    return _NO_SUCH_PATH if "error" in answer else 0
